package aaf_test

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"navette/internal/aaf"
)

// DOMAIN §1.4: declarations are ISO-8859-15, UTF-8, or none, and not always true. The octets decide.
func TestEveryEncodingIsReadWhateverTheFileDeclares(t *testing.T) {
	t.Parallel()
	encode := func(table *charmap.Charmap, s string) string {
		out, err := table.NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	const name = "ŒUVRARD-L’HERMÉ Zoë" // ’ is in Windows-1252 alone
	const latin = "LE GUÉNEC Zoë"
	for _, c := range []struct {
		what, declared, octets, want string
		doubt                        string // part of it
	}{
		{"UTF-8", `encoding="UTF-8"`, name, name, ""},
		{"UTF-8 behind a byte order mark", "BOM", name, name, ""},
		{"UTF-8, lower case, single quotes", `encoding='utf-8'`, name, name, ""},
		{"ISO-8859-15", `encoding="ISO-8859-15"`, encode(charmap.ISO8859_15, "ŒUVRARD Zoë 3€"), "ŒUVRARD Zoë 3€", ""},
		{"ISO-8859-1", `encoding="ISO-8859-1"`, encode(charmap.ISO8859_1, latin), latin, ""},
		{"Windows-1252", `encoding="windows-1252"`, encode(charmap.Windows1252, name), name, ""},
		{"nothing declared, UTF-8", "", name, name, ""},
		{"nothing declared, ISO-8859-15", "", encode(charmap.ISO8859_15, "ŒUVRARD Zoë"), "ŒUVRARD Zoë", ""},
		{"ISO-8859-1 declared, Windows-1252 in truth", `encoding="ISO-8859-1"`, encode(charmap.Windows1252, name), name, ""},
		{"UTF-8 declared, ISO-8859-15 in truth", `encoding="UTF-8"`, encode(charmap.ISO8859_15, latin), latin, "se dit en UTF-8"},
		{"ISO-8859-15 declared, UTF-8 in truth", `encoding="ISO-8859-15"`, name, name, "ne dit pas être en UTF-8"},
		{"an accent of its own is composed", `encoding="UTF-8"`, "LE GUE\u0301NEC", "LE GUÉNEC", ""},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			octets := strings.Replace(file(add("7", "sn = "+c.octets)), ` encoding="UTF-8"`, " "+c.declared, 1)
			switch c.declared {
			case "BOM":
				octets = "\xef\xbb\xbf" + strings.Replace(octets, "BOM", "", 1)
			case "":
				_, octets, _ = strings.Cut(octets, "?>\n") // no declaration at all
			}
			r := one(t, octets, aaf.PersRelEleve)
			if got := r.Guardian.UsageName; got != c.want {
				t.Errorf("the name is %q, expected %q", got, c.want)
			}
			if got := strings.Join(r.Doubts, "; "); !strings.Contains(got, c.doubt) || c.doubt == "" && got != "" {
				t.Errorf("doubts: %q", got)
			}
		})
	}
}

// In a file that has shown good UTF-8, octets that are none are damage: letters are not guessed.
func TestDamageIsNotTakenForAnotherEncoding(t *testing.T) {
	t.Parallel()
	o := readFile(t, file(add("1", "sn = GUÉRIN"), add("2", "sn = GU\xc9RIN"), add("3", "sn = MARTIN")), aaf.PersRelEleve, aaf.Limits{})
	if len(o.records) != 2 || o.failed != nil {
		t.Fatalf("%d records, %v", len(o.records), o.failed)
	}
	if len(o.bad) != 1 || o.bad[0].Key != "2" || !strings.Contains(o.bad[0].Reason, "UTF-8") {
		t.Errorf("refused: %v", o.bad)
	}
}

// The declaration is told to be wrong once, not for each of 10,000 records.
func TestAWrongDeclarationIsToldOnce(t *testing.T) {
	t.Parallel()
	o := readFile(t, file(add("1", "sn = GU\xc9RIN"), add("2", "sn = LEF\xc8VRE")), aaf.PersRelEleve, aaf.Limits{})
	if len(o.records) != 2 || len(o.records[0].Doubts) != 1 || len(o.records[1].Doubts) != 0 || o.records[1].Guardian.UsageName != "LEFÈVRE" {
		t.Errorf("%d records: %+v", len(o.records), o.records)
	}
}

// DOMAIN §1.4: exports hold entities of HTML.
func TestEntitiesAreReplaced(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{
		{"LEF&egrave;VRE", "LEFèVRE"},
		{"N&#39;DIAYE", "N'DIAYE"},
		{"N&apos;DIAYE", "N'DIAYE"},
		{"GU&#xC9;RIN", "GUÉRIN"},
		{"DUPONT &amp; FILS", "DUPONT & FILS"},
		{"DUPONT & FILS", "DUPONT & FILS"},
		{"A &inconnue; B", "A &inconnue; B"},
		{"A &#xD800; B", "A &#xD800; B"}, // no character
		{"A &;B", "A &;B"},
		{"&lt;b&gt;", "<b>"},
		{"<![CDATA[A & <B>]]>", "A & <B>"},
		{"MAR<!-- a comment -->TIN", "MARTIN"},
		{"LE&nbsp;GALL", "LE GALL"}, // a space like another
	} {
		if got := one(t, file(add("7", "sn = "+c[0])), aaf.PersRelEleve).Guardian.UsageName; got != c[1] {
			t.Errorf("%s is read as %q", c[0], got)
		}
	}
}
