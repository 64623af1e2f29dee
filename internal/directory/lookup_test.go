package directory

import (
	"errors"
	"testing"

	"pgregory.net/rapid"
)

func TestLookupFoldsWhatNamesTheSameMailbox(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ address, key, tag string }{
		{"claire.martin@ac-paris.example", "claire.martin@ac-paris.example", ""},
		{"Claire.MARTIN@AC-Paris.Example.", "claire.martin@ac-paris.example", ""},
		{"claire.martin+Projet@ac-paris.example", "claire.martin@ac-paris.example", "Projet"},
		{"claire.martin+a+b@ac-paris.example", "claire.martin@ac-paris.example", "a+b"},
		{"claire.martin+@ac-paris.example", "claire.martin@ac-paris.example", ""},
		{"+tag@ac-paris.example", "+tag@ac-paris.example", ""},
		{`"claire.martin"@ac-paris.example`, "claire.martin@ac-paris.example", ""},
		{`"cl\aire.martin"@ac-paris.example`, "claire.martin@ac-paris.example", ""},
		{`"a@b"@école.example`, "a@b@xn--cole-9oa.example", ""},
		{"jean@ÉCOLE.example", "jean@xn--cole-9oa.example", ""},
		{"Ren\u00e9@example.org", "ren\u00e9@example.org", ""},
		{"Rene\u0301@example.org", "ren\u00e9@example.org", ""},
		{"x@[192.0.2.1]", "x@[192.0.2.1]", ""},
		{"ce.0759001B@ac-paris.example", "ce.0759001b@ac-paris.example", ""},
	} {
		got, err := ParseLookup(c.address)
		if err != nil || got.Key() != c.key || got.Tag != c.tag {
			t.Errorf("ParseLookup(%q) = %q tag %q, %v; want %q tag %q", c.address, got.Key(), got.Tag, err, c.key, c.tag)
		}
	}
	for _, address := range []string{"", "claire", "@ac-paris.example", "claire@", "a b@c.example", "<a@b.example>", `"a@b.example`,
		`"a"b"@c.example`, "a@b c.example", "a@\xffb.example", "a@b..example", `""@c.example`, "a\r\n@b.example", "\"a\r\n\"@b.example"} {
		if got, err := ParseLookup(address); !errors.Is(err, ErrAddress) {
			t.Errorf("ParseLookup(%q) = %v, %v; want ErrAddress", address, got, err)
		}
	}
}

func TestLookupIsStable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		local := rapid.StringMatching(`[A-Za-z0-9._-]{1,20}(\+[a-z]{0,5})?`).Draw(t, "local")
		domain := rapid.StringMatching(`[A-Za-z0-9]{1,10}\.example`).Draw(t, "domain")
		once, err := ParseLookup(local + "@" + domain)
		if err != nil {
			t.Fatalf("ParseLookup(%s@%s): %v", local, domain, err)
		}
		twice, err := ParseLookup(once.Key())
		if err != nil || twice.Key() != once.Key() || twice.Tag != "" {
			t.Fatalf("ParseLookup(%q) = %q tag %q, %v", once.Key(), twice.Key(), twice.Tag, err)
		}
	})
}

func FuzzParseLookup(f *testing.F) {
	f.Add(`"a\"b"@xn--cole-9oa.example`)
	f.Add("claire+tag@ÉCOLE.example")
	f.Fuzz(func(t *testing.T, address string) {
		got, err := ParseLookup(address)
		if err == nil && (got.Local == "" || got.Domain == "") {
			t.Errorf("ParseLookup(%q) = %+v", address, got)
		}
	})
}

func TestNormalizeGivesTheStoredForm(t *testing.T) {
	t.Parallel()
	if got, err := Normalize("Claire.Martin+x@AC-Paris.example"); err != nil || got != "claire.martin@ac-paris.example" {
		t.Errorf("Normalize = %q, %v", got, err)
	}
	if _, err := Normalize("claire"); !errors.Is(err, ErrAddress) {
		t.Errorf("Normalize(claire): %v", err)
	}
}
