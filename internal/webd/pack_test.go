package webd_test

import (
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"navette/internal/testkit/agents"
	"navette/internal/webd"
)

// Invariant 7.
func TestWhatIsReadIsCompressedAndWhatIsShownOnceIsNot(t *testing.T) {
	t.Parallel()
	b := newBrowser(agents.OnSQLite(t))
	b.signIn()
	for range 12 { // a journal of some length
		b.want("an application password", b.call("POST", "account/app-passwords", webd.AppPasswordRequest{Label: strings.Repeat("Tablette ", 6)}), 200, "")
	}
	jar := "__Host-navette=" + b.cookies["__Host-navette"]
	ask := func(method, path, body, accept string) answer {
		return b.ask(t, method, "/api/"+path, body, b.page("Cookie", jar, "Accept-Encoding", accept)...)
	}
	plain, packed := ask("GET", "account/journal", "", "identity"), ask("GET", "account/journal", "", "br, gzip")
	if plain.Header.Get("Content-Encoding") != "" || packed.Header.Get("Content-Encoding") != "gzip" || packed.Header.Get("Vary") != "Accept-Encoding" {
		t.Errorf("%v, %v", plain.Header, packed.Header)
	}
	if r, err := gzip.NewReader(strings.NewReader(packed.body)); err != nil {
		t.Error(err)
	} else if text, err := io.ReadAll(r); err != nil || string(text) != plain.body || len(packed.body)*2 > len(plain.body) {
		t.Errorf("%d octets of %d unpack to %.60q, %v", len(packed.body), len(plain.body), text, err)
	}
	if short := ask("GET", "session", "", "gzip"); short.Header.Get("Content-Encoding") != "" || !strings.HasPrefix(short.body, "{") {
		t.Errorf("a short answer: %v", short.Header)
	}
	codes := ask("POST", "account/recovery-codes", "{}", "gzip")
	b.want("codes", codes, 200, "")
	made := ask("POST", "account/app-passwords", `{"label":"Tablette"}`, "gzip")
	b.want("a secret", made, 200, "")
	for _, a := range []answer{codes, made} {
		if a.Header.Get("Content-Encoding") != "" {
			t.Errorf("a secret was compressed: %v", a.Header)
		}
	}
}
