package aaf_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"navette/internal/aaf"
)

// Faults of a whole file are told apart, each with its place.
func TestAFileThatIsNoExportIsRefusedWhole(t *testing.T) {
	t.Parallel()
	good := file(add("1"))
	declaring := strings.Replace(good, `"ficAlimMENESR.dtd">`, `"ficAlimMENESR.dtd" [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>`, 1)
	for _, c := range []struct {
		what, octets string
		kind         error
	}{
		{"nothing", "", aaf.ErrTruncated},
		{"space alone", "  \n\n ", aaf.ErrTruncated},
		{"a table", "id;nom;prenom\n1;MARTIN;ANNE\n", aaf.ErrNotXML},
		{"octets", "\x7fELF\x02\x01\x01", aaf.ErrNotXML},
		{"a page", "<!DOCTYPE html><html><body>Erreur 502</body></html>", aaf.ErrRoot},
		{"other XML", `<?xml version="1.0"?><responses></responses>`, aaf.ErrRoot},
		{"a root whose name begins alike", "<ficAlimMENESR2></ficAlimMENESR2>", aaf.ErrRoot},
		{"entities of its own", declaring, aaf.ErrHostile},
		{"entities from elsewhere", strings.Replace(good, `SYSTEM "ficAlimMENESR.dtd">`, `[<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]>`, 1), aaf.ErrHostile},
		{"UTF-16", "\xff\xfe<\x00f\x00", aaf.ErrEncoding},
		{"UTF-16 without a mark", "<\x00f\x00i\x00", aaf.ErrEncoding},
		{"an encoding that nobody knows", strings.Replace(good, "UTF-8", "EBCDIC-FR", 1), aaf.ErrEncoding},
		{"a start tag without end", "<ficAlimMENESR " + strings.Repeat("a", 10_000), aaf.ErrNotXML},
		{"a document type without end", "<!DOCTYPE " + strings.Repeat("a", 10_000), aaf.ErrNotXML},
		{"octets after the end", good + "<addRequest>", aaf.ErrNotXML},
		{"two exports in one file", good + good, aaf.ErrNotXML},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			o := readFile(t, c.octets, aaf.PersRelEleve, aaf.Limits{})
			switch {
			case o.failed == nil:
				t.Fatalf("it is read: %d records", len(o.records))
			case !errors.Is(o.failed, c.kind):
				t.Errorf("it is %v, expected %v", o.failed.Kind, c.kind)
			case o.failed.File != "file.xml" || o.failed.Line < 1 || !strings.Contains(o.failed.Error(), " / "):
				t.Errorf("it says %q", o.failed)
			}
		})
	}
}

// The external DTD is named by every export, and never fetched: there is nothing in the package that could.
func TestTheDocumentTypeIsPassedOver(t *testing.T) {
	t.Parallel()
	for _, doctype := range []string{"", `<!DOCTYPE ficAlimMENESR SYSTEM "http://example.net/x>y.dtd">`, `<!DOCTYPE ficAlimMENESR PUBLIC "-//X//Y" 'z'>`} {
		octets := `<?xml version="1.0"?><!-- avant --><?pi?>` + doctype + "<ficAlimMENESR>" + add("1") + "<!-- <addRequest> --></ficAlimMENESR><!-- après --><?pi?>\n"
		if o := readFile(t, octets, aaf.PersRelEleve, aaf.Limits{}); o.failed != nil || len(o.records) != 1 || len(o.bad) > 0 {
			t.Errorf("%s: %+v", doctype, o)
		}
	}
	if o := readFile(t, "<ficAlimMENESR/>", aaf.PersRelEleve, aaf.Limits{}); o.failed != nil || len(o.records)+len(o.bad) > 0 {
		t.Errorf("an empty export: %+v", o)
	}
}

// A request that is broken is reported by its key, and the others are read.
func TestABrokenRequestCostsItselfAlone(t *testing.T) {
	t.Parallel()
	within := func(old, replacement string) string {
		return strings.Replace(add("66", "mail = secret@example.net"), old, replacement, 1)
	}
	for _, c := range []struct{ what, request, reason string }{
		{"an element that is not closed", within("</value>", ""), "inattendu"},
		{"an attribute that is not closed", within("</attr>", ""), "inattendu"},
		{"an end tag too many", within("</attributes>", "</attr></attributes>"), "inattendu"},
		{"a request that is not closed", within("</addRequest>", ""), "n'est pas fermée"},
		{"an element that nobody knows", within("<attributes>", "<attributs>"), "inattendu : attributs"},
		{"an element in a value", within("secret@example.net", "<b>secret@example.net</b>"), "inattendu : b"},
		{"deep nesting", within("secret@example.net", strings.Repeat("<value>", 50_000)), "inattendu"},
		{"a modification in an addRequest", within(`<attr name="mail">`, `<modification name="mail">`), "inattendu"},
		{"no identifier", within("<identifier><id>66</id></identifier>", ""), "identifiant manque"},
		{"an empty identifier", within("<id>66</id>", "<id/>"), "clé de jointure"},
		{"two identifiers", within("<id>66</id>", "<id>66</id><id>67</id>"), "deux identifiants"},
		{"an identifier that is an address", within("<id>66</id>", "<id>secret@example.net</id>"), "clé de jointure"},
		{"an attribute without a name", within(` name="mail"`, ""), "sans nom"},
		{"an attribute with others", within(` name="mail"`, ` name="mail" href="http://example.net"`), "mal formé"},
		{"a name that is not quoted", within(`name="mail"`, `name=mail`), "mal formé"},
		{"a tag within a tag", within(`name="mail"`, `name="ma<il"`), "mal formé"},
		{"an end tag with attributes", within("</attr>", `</attr name="x">`), "mal formé"},
		{"an operation that is not replace", strings.ReplaceAll(modify("66", "mail = a@example.net"), "replace", "add"), "replace"},
		{"NUL", within("secret", "se\x00cret"), "caractère interdit"},
		{"a control character", within("secret", "se\x1bcret"), "caractère interdit"},
		{"NUL as an entity", within("secret", "se&#0;cret"), "caractère interdit"},
		{"text where elements belong", within("<attributes>", "<attributes>secret@example.net"), "mal formé"},
		{"CDATA without end", within("secret", "<![CDATA[secret"), ""},
		{"an empty request", "<addRequest/>", "identifiant manque"},
		{"a request of another kind", "<searchRequest><id>66</id></searchRequest>", "entre deux demandes"},
		{"text between requests", "secret@example.net", "entre deux demandes"},
		{"an end tag between requests", "</attributes>", "entre deux demandes"},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			o := readFile(t, file(add("1"), c.request, add("2")), aaf.PersRelEleve, aaf.Limits{})
			if c.reason == "" { // it takes the rest of the file with it
				if o.failed == nil || !errors.Is(o.failed, aaf.ErrTruncated) || len(o.records) != 1 {
					t.Errorf("%+v", o)
				}
				return
			}
			if o.failed != nil || len(o.records) != 2 || o.records[0].Key != "1" || o.records[1].Key != "2" {
				t.Fatalf("%d records, file %v", len(o.records), o.failed)
			}
			if len(o.bad) != 1 || !strings.Contains(o.bad[0].Reason, c.reason) || o.bad[0].Line != 5 {
				t.Fatalf("refused: %v", o.bad)
			}
			if key := o.bad[0].Key; key != "66" && key != "" {
				t.Errorf("the key is %q", key)
			}
			if strings.Contains(o.bad[0].Error(), "@") {
				t.Errorf("an address is told: %v", o.bad[0])
			}
		})
	}
}

// The end of the root ends a request that is not closed, too: the file is whole.
func TestTheLastRequestMayBeTheBrokenOne(t *testing.T) {
	t.Parallel()
	o := readFile(t, file(add("1"), strings.Replace(add("66"), "</addRequest>", "", 1)), aaf.PersRelEleve, aaf.Limits{})
	if o.failed != nil || len(o.records) != 1 || len(o.bad) != 1 || o.bad[0].Key != "66" {
		t.Errorf("%d records, bad %v, file %v", len(o.records), o.bad, o.failed)
	}
}

// « Reordered »: the parts of a request in another order than the DTD's say the same.
func TestPartsInAnotherOrderSayTheSame(t *testing.T) {
	t.Parallel()
	octets := file(`<addRequest> <attributes>
		<attr  name = 'sn' ><value>MARTIN</value></attr >
		<!-- </addRequest> --><attr name="mail"><value/><value></value><value>a@example.net</value></attr></attributes>
		<identifier ><id > 1 </id></identifier>` + operational + `</addRequest >`)
	o := readFile(t, strings.Replace(octets, "<id >", "<id>", 1), aaf.PersRelEleve, aaf.Limits{})
	if o.failed != nil || len(o.bad) > 0 || len(o.records) != 1 || o.records[0].Key != "1" || o.records[0].Guardian.Mail != "a@example.net" {
		t.Errorf("%+v", o)
	}
}

// A file that ends anywhere before its end says so, whatever was read before.
func TestAFileCutAnywhereIsTruncated(t *testing.T) {
	t.Parallel()
	whole, err := os.ReadFile("testdata/sample/ENT_0759001B_Complet_20260901_PersRelEleve_0000.xml")
	if err != nil {
		t.Fatal(err)
	}
	end := strings.LastIndex(string(whole), "</ficAlimMENESR>") + len("</ficAlimMENESR>")
	for n := range end {
		o := readFile(t, string(whole[:n]), aaf.PersRelEleve, aaf.Limits{Record: 4096})
		if o.failed == nil || !errors.Is(o.failed, aaf.ErrTruncated) || o.failed.Offset != int64(n) || len(o.bad) > 0 {
			t.Fatalf("cut at %d of %d: %v, at %+v", n, end, o.bad, o.failed)
		}
	}
	if o := readFile(t, string(whole[:end]), aaf.PersRelEleve, aaf.Limits{}); o.failed != nil || len(o.records) != 2 {
		t.Errorf("the whole of it: %+v", o)
	}
}

// The same octets in pieces of one, or with an end that comes with the last of them, are the same file.
func TestItDoesNotMatterHowOctetsArrive(t *testing.T) {
	t.Parallel()
	whole, err := os.ReadFile("testdata/sample/ENT_0759001B_Complet_20260901_PersEducNat_0000.xml")
	if err != nil {
		t.Fatal(err)
	}
	want := readFile(t, string(whole), aaf.PersEducNat, aaf.Limits{})
	for name, in := range map[string]io.Reader{
		"one by one":   iotest.OneByteReader(strings.NewReader(string(whole))),
		"in halves":    iotest.HalfReader(strings.NewReader(string(whole))),
		"with the end": iotest.DataErrReader(strings.NewReader(string(whole))),
	} {
		same(t, name, drain(t, aaf.NewReader(in, "file.xml", aaf.PersEducNat, aaf.Limits{})).records, want.records)
	}
}

// What goes wrong below is not taken for a fault of the file.
func TestAReadThatFailsIsNoFaultOfTheFile(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk")
	in := io.MultiReader(strings.NewReader(file(add("1"))[:200]), iotest.ErrReader(broken))
	r := aaf.NewReader(in, "file.xml", aaf.PersRelEleve, aaf.Limits{})
	var file *aaf.FileError
	for range 2 { // it stays
		if _, err := r.Next(); !errors.Is(err, broken) || errors.As(err, &file) {
			t.Errorf("it says %v", err)
		}
	}
	r = aaf.NewReader(stuck{}, "file.xml", aaf.PersRelEleve, aaf.Limits{})
	if _, err := r.Next(); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("a reader that gives nothing for ever: %v", err)
	}
}

type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

// Everything that a file can make large has a limit, at which the record is refused and the next one read.
func TestLimitsHold(t *testing.T) {
	t.Parallel()
	lim := aaf.Limits{Record: 20_000, Attributes: 40, Values: 30, Text: 500}
	values := make([]string, 31)
	attributes := make([]string, 41)
	for i := range values {
		values[i] = fmt.Sprint(i)
	}
	for i := range attributes {
		attributes[i] = fmt.Sprintf("attr%d = x", i)
	}
	for what, request := range map[string]string{
		"record":                   add("66", "sn = MARTIN", "z = "+strings.Repeat("a", 200_000)),
		"record of many tags":      add("66", "x = "+strings.Repeat(" | ", 30_000)),
		"record with a long mark":  strings.Replace(add("66"), "<attributes>", "<attributes><!--"+strings.Repeat("-", 150_000)+"-->", 1),
		"record with a long CDATA": strings.Replace(add("66"), "MARTIN", "<![CDATA["+strings.Repeat("]", 150_000)+"]]>", 1),
		"attributes":               add("66", attributes...),
		"values":                   add("66", "ENTAuxPersRelEleveEleve = "+strings.Join(values, " | ")),
		"text":                     add("66", "sn = "+strings.Repeat("A", 501)),
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			o := readFile(t, file(add("1"), request, add("2")), aaf.PersRelEleve, lim)
			if o.failed != nil || len(o.records) != 2 || len(o.bad) != 1 || o.bad[0].Key != "66" || o.bad[0].Line != 5 {
				t.Errorf("%d records, bad %v, file %v", len(o.records), o.bad, o.failed)
			}
		})
	}
	o := readFile(t, file(add("1"), strings.Repeat(add("2"), 1000)), aaf.PersRelEleve, aaf.Limits{File: 100_000})
	if !errors.Is(o.failed, aaf.ErrTooLarge) || len(o.records) < 100 {
		t.Errorf("a file that is too large: %d records, %v", len(o.records), o.failed)
	}
}

// A request of 200 MB costs its octets, and no memory. The test runs alone, since it counts what is allocated.
func TestAnEndlessRequestIsReadInTheSameMemory(t *testing.T) { //nolint:paralleltest // see above
	const octets = 200 << 20
	start, end, _ := strings.Cut(file(add("66", "mail = @")), "@")
	in := io.MultiReader(strings.NewReader(start), io.LimitReader(letters{}, octets), strings.NewReader(end))
	r := aaf.NewReader(in, "file.xml", aaf.PersRelEleve, aaf.Limits{})
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	allocated := m.TotalAlloc
	_, err := r.Next()
	var bad *aaf.RecordError
	if !errors.As(err, &bad) || bad.Key != "66" {
		t.Errorf("it says %v", err)
	}
	if _, err := r.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("then %v", err)
	}
	runtime.ReadMemStats(&m)
	if used := m.TotalAlloc - allocated; used > 4<<20 {
		t.Errorf("it allocated %d octets", used)
	}
}

// letters is text without end.
type letters struct{}

func (letters) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}
