package config

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

func TestTheDefaultIsValidAndDocumentsEveryKey(t *testing.T) {
	t.Parallel()
	if _, err := Parse(""); err != nil {
		t.Fatal(err)
	}
	var c Config
	meta, err := toml.Decode(Default, &c)
	if err != nil {
		t.Fatal(err)
	}
	var walk func(typ reflect.Type, path []string)
	walk = func(typ reflect.Type, path []string) {
		for i := range typ.NumField() {
			f := typ.Field(i)
			key := slices.Concat(path, []string{f.Tag.Get("toml")})
			if !meta.IsDefined(key...) {
				t.Errorf("%s is not in default.toml", strings.Join(key, "."))
			}
			if f.Type.Kind() == reflect.Struct {
				walk(f.Type, key)
			}
		}
	}
	walk(reflect.TypeFor[Config](), nil)
}

func TestWhatIsWrongIsNamed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`quotta = 3`:                              `unknown key "quotta"`,
		"[smtp]\nlisten = 1":                      `unknown key "smtp.listen"`,
		`domains = []`:                            "domains: at least one",
		`domains = ["a b"]`:                       `"a b" is not a domain`,
		`quota = -1`:                              "quota: too small",
		"[outbound]\nrelay = \"relais\"":          "outbound.relay: must be HOST:PORT",
		"[outbound]\nrelay_tls = \"x\"":           "outbound.relay_tls",
		"[smtp]\nlmtp = \"lmtp.sock\"":            "smtp.lmtp: must be the absolute path",
		`database = "postgres://u:secret@h/n"`:    "must not hold a password",
		"[tls]\nkey = \"k.pem\"":                  "certificate and key go together",
		"[http]\norigin = \"http://x\"":           "http.origin: must be https://NAME",
		"[http]\norigin = \"https://x/y\"":        "http.origin: must be https://NAME",
		"[http]\nmax_connections = 0":             "http.max_connections: too small",
		"[guard]\nsmtp = \"bounce\"":              "guard.smtp: must be refuse or separate",
		"[guard]\npersonal_providers = [\"a b\"]": "guard.personal_providers",
		"[career]\nread_only = 30":                "career.reminders: must be fewer days",
		"[career]\ngrace = -1":                    "career.grace: too small",
		"[roster]\ndrop_folder = \"hr\"":          "roster.drop_folder: must be an absolute path",
	} {
		_, err := Parse(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n\tgives %v, want %q", text, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("the error shows the password: %v", err)
		}
	}
}

func TestAFileNeedHoldOnlyWhatDiffers(t *testing.T) {
	t.Parallel()
	c, err := Parse("domains = [\"AC-Paris.EXAMPLE\"]\n[imap]\nimap = \"\"\n")
	if err != nil {
		t.Fatal(err)
	}
	if c.Domains[0] != "ac-paris.example" || c.IMAP.IMAP != "" || c.IMAP.IMAPS != ":993" {
		t.Errorf("got %+v", c)
	}
}
