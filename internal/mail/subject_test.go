package mail

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestBaseSubject(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"Conseil de classe":   "Conseil de classe",
		"Re: Conseil":         "Conseil",
		"RE : Conseil":        "Conseil",
		"Fwd: fw: re:Conseil": "Conseil",
		"Re[2]: Conseil":      "Conseil",
		"[foo] Fwd: [bar] Re: fw: b (fWd)  (fwd)": "b",
		"Re: [FWD: c]":             "c",
		"[fwd: [fwd: c] ]":         "c",
		"[xyz]":                    "[xyz]",
		"[liste] Conseil":          "Conseil",
		"[a][b] c":                 "c",
		"b (a)":                    "b (a)",
		"  deux   espaces\t ici  ": "deux espaces ici",
		"Re:":                      "",
		"(fwd)":                    "",
		"Réponse: a":               "Réponse: a",
		"regarde":                  "regarde",
		"":                         "",
	} {
		if got := baseSubject(raw); got != want {
			t.Errorf("%q has the base %q, want %q", raw, got, want)
		}
	}
	hostile := strings.Repeat("[fwd: ", 2000) + strings.Repeat("]", 2000)
	if got := baseSubject(hostile); len(got) > len(hostile) {
		t.Error("longer than before")
	}
}

func TestParseDate(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"Tue, 12 Nov 2024 08:41:02 +0100":                  "2024-11-12T08:41:02+01:00",
		"12 Nov 2024 08:41 +0100":                          "2024-11-12T08:41:00+01:00",
		"Tue,12 Nov 2024 08:41:02 -0330":                   "2024-11-12T08:41:02-03:30",
		"Tue, 12 Nov 24 08:41:02 GMT":                      "2024-11-12T08:41:02Z",
		"Fri, 21 Nov 97 09:55:06 EST":                      "1997-11-21T09:55:06-05:00",
		"Thu, 13 Feb 1969 23:32 -0330 (Newfoundland Time)": "1969-02-13T23:32:00-03:30",
		"Fri, 21 Nov 1997 09(comment):   55  :  06 -0600":  "",
		"Tue Nov 12 08:41:02 2024":                         "2024-11-12T08:41:02Z",
		"Tue Nov 12 08:41:02 CET 2024":                     "2024-11-12T08:41:02+01:00",
		"2024-11-12T08:41:02+01:00":                        "2024-11-12T08:41:02+01:00",
		"2024-11-12 08:41:02 +0100":                        "2024-11-12T08:41:02+01:00",
		"12-Nov-2024 08:41:02 +0100":                       "2024-11-12T08:41:02+01:00",
		"Tue, 12 Nov 2024":                                 "2024-11-12T00:00:00Z",
		"12 Nov 2024 08:41:02 -0000":                       "2024-11-12T08:41:02Z",
		"":                                                 "",
		"demain":                                           "",
		"Tue, 32 Nov 2024 08:41:02 +0100":                  "",
		"12 Nov 99999 08:41:02":                            "",
		"12 Nov 2024 08:99:02":                             "",
	} {
		got, ok := ParseDate(raw)
		if text := got.Format(time.RFC3339); ok != (want != "") || ok && text != want {
			t.Errorf("%q is %v %s, want %q", raw, ok, text, want)
		}
	}
}

func TestReferences(t *testing.T) {
	t.Parallel()
	many := ""
	for i := range 100 {
		many += fmt.Sprintf("<%d@d>\r\n ", i)
	}
	bounded := make([]string, 0, maxReferences)
	for i := range 8 {
		bounded = append(bounded, fmt.Sprintf("%d@d", i))
	}
	for i := 69; i < 100; i++ {
		bounded = append(bounded, fmt.Sprintf("%d@d", i))
	}
	for _, c := range []struct {
		name, references, inReplyTo string
		want                        []string
	}{
		{"none", "", "", nil},
		{"both, each once", "<a@d> <b@d>", "<b@d> <c@d>", []string{"a@d", "b@d", "c@d"}},
		{"without spaces", "<a@d><b@d>,<c@d>", "", []string{"a@d", "b@d", "c@d"}},
		{"words between", `Your mail of "Monday" <a@d> (x)`, "", []string{"a@d"}},
		{"no brackets", "", "a@d", []string{"a@d"}},
		{"a sentence", "", "Your message of Monday from a@d", nil},
		{"folded inside", "<a@\r\n d>", "", []string{"a@d"}},
		{"never closed", "<a@d <b@d>", "", []string{"b@d"}},
		{"too long", "<" + strings.Repeat("a", 1000) + "@d> <b@d>", "", []string{"b@d"}},
		{"too many", many, "<last@d>", append(slices.Clone(bounded), "last@d")},
	} {
		f := ParseBytes([]byte("References: "+c.references+"\r\nIn-Reply-To: "+c.inReplyTo+"\r\n\r\n"), Limits{})
		if !slices.Equal(f.References, c.want) {
			t.Errorf("%s: %q, want %q", c.name, f.References, c.want)
		}
	}
}

func TestFold(t *testing.T) {
	t.Parallel()
	same := [][2]string{
		{"RÉUNION", "réunion"}, {"re\u0301union", "réunion"}, {"ΣΊΣΥΦΟΣ", "σίσυφος"}, {"ŒUVRE", "œuvre"}, {"ﬁn", "FIN"}, {"ſ", "S"}, {"Ａ", "a"},
		{"K", "\u212a"}, {"a\u00a0b", "a b"}, {"ŸÇ", "ÿç"},
	}
	for _, c := range same {
		if Fold(c[0]) != Fold(c[1]) {
			t.Errorf("%q folds to %q, %q to %q", c[0], Fold(c[0]), c[1], Fold(c[1]))
		}
	}
	if strings.Contains(Fold("café"), Fold("cafe")) || strings.Contains(Fold("cafe\u0301"), Fold("cafe")) {
		t.Error("an accent was dropped")
	}
	if s := "tout en bas de casse 123"; Fold(s) != s {
		t.Error("ASCII changed")
	}
}
