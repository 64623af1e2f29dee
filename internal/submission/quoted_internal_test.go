package submission

import (
	"slices"
	"strings"
	"testing"
)

func TestQuotedHeadersAreFoundAsMailProgramsWriteThem(t *testing.T) {
	t.Parallel()
	const head = "From: " + me + "\r\n\r\n"
	for _, c := range []struct{ name, body, want string }{
		{"Thunderbird", "Le 03/11/2026 à 10:12, Anne <" + mother + "> a écrit :\r\n> Bonjour\r\n", mother},
		{"Outlook", "De : Anne <" + mother + ">\r\nEnvoyé : lundi 2 novembre 2026\r\nÀ : moi\r\nCc : " + gmail + "\r\nObjet : x\r\n\r\nBonjour\r\n", mother + " " + gmail},
		{"Gmail", "On Mon, Nov 2, 2026 at 10:12 AM Anne <" + mother + "> wrote:\r\n\r\n> x\r\n", mother},
		{"a line of attribution that is broken", "Le lun. 2 nov. 2026 à 10:12, Anne Rodriguez <\r\n" + mother + "> a écrit :\r\n", mother},
		{"Zimbra", "----- Mail original -----\r\nDe: \"Anne\" <" + mother + ">\r\nÀ: moi\r\nCc: a@b.example,\r\n  " + gmail + "\r\nEnvoyé: x\r\n", "a@b.example " + mother + " " + gmail},
		{"what is written between", "Écrivez à " + mother + " s'il vous plaît.\r\n", ""},
		{"a time is no field", "Rendez-vous à 10:12 chez " + mother + "\r\n", ""},
		{"nothing", "Bonjour.\r\n", ""},
	} {
		got := quotedIn([]byte(head), []byte(c.body))
		want := strings.Fields(c.want)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", c.name, got, want)
		}
	}
}

// FuzzQuoted: whatever a body is, what is found is bounded, sorted, each once, and stands in it.
func FuzzQuoted(f *testing.F) {
	f.Add([]byte("Content-Type: text/html\r\n\r\n"), []byte("<b>De :</b> &lt;a@b.fr&gt;"))
	f.Add([]byte("Content-Type: multipart/mixed; boundary=b\r\n\r\n"), []byte("--b\r\n\r\n> Cc: a@b.fr,\r\n> c@d.fr\r\n--b--"))
	f.Fuzz(func(t *testing.T, header, body []byte) {
		got := quotedIn(header, body)
		if len(got) > quotedMax || !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
			t.Fatalf("of %q came %q", body, got)
		}
		for _, a := range got {
			if !strings.Contains(a, "@") {
				t.Fatalf("of %q came %q", body, a)
			}
		}
	})
}
