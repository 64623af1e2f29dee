package imap

import (
	"testing"
	"unicode/utf8"
)

func TestUTF7NamesOfTheRFCAndOfSchools(t *testing.T) {
	t.Parallel()
	for name, wire := range map[string]string{
		"INBOX":                   "INBOX",
		"Éléments envoyés":        "&AMk-l&AOk-ments envoy&AOk-s",
		"A & B":                   "A &- B",
		"~peter/mail/台北/日本語":      "~peter/mail/&U,BTFw-/&ZeVnLIqe-",
		"Brouillons — à corriger": "Brouillons &IBQ- &AOA- corriger",
		"😀":                       "&2D3eAA-",
	} {
		if got := EncodeUTF7(name); got != wire {
			t.Errorf("%q: wrote %q, want %q", name, got, wire)
		}
		if got, err := DecodeUTF7(wire); got != name || err != nil {
			t.Errorf("%q: read %q (%v), want %q", wire, got, err, name)
		}
	}
}

func TestUTF7RefusesASecondSpellingOfAName(t *testing.T) {
	t.Parallel()
	for name, wire := range map[string]string{
		"no end":               "&AOk",
		"bad base64":           "&A*k-",
		"half a unit":          "&AA-",
		"a printable in shift": "&AGE-",
		"two shifts in a row":  "&AOk-&AOk-",
		"stray bits":           "&AOl-",
		"a lone surrogate":     "&2D0-",
		"eight bits":           "caf\xc3\xa9",
		"a control":            "a\tb",
		"a hidden control":     "&AAE-",
	} {
		if got, err := DecodeUTF7(wire); err == nil {
			t.Errorf("%s: %q was read as %q", name, wire, got)
		}
	}
}

func FuzzUTF7(f *testing.F) {
	for _, s := range []string{"", "INBOX", "&AOk-", "A &- B", "Élèves", "&2D3eAA-", "&&-", "a&AOk-&AOk-b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if name, err := DecodeUTF7(s); err == nil && EncodeUTF7(name) != s {
			t.Errorf("%q was read as %q, which is written %q", s, name, EncodeUTF7(name))
		}
		for _, r := range s {
			if r == utf8.RuneError || r < ' ' || r == 0x7f {
				return
			}
		}
		if back, err := DecodeUTF7(EncodeUTF7(s)); err != nil || back != s {
			t.Errorf("%q came back as %q (%v)", s, back, err)
		}
	})
}
