package roster

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"pgregory.net/rapid"

	"navette/internal/directory"
	"navette/internal/failure"
)

const (
	claire = "1001;01E9501234ABC;Mme;PETIT;MARTIN;Claire Anne;06/05/1982;Professeur certifié;ENS2D;ENS;0759001B;01/09/2020;;ARR-1"
	jean   = "1002;01E0101234ABD;M.;DE LA TOUR;;Jean;1971-11-12;Personnel de direction;DIEO;DIR;0759001B;2019-09-01;31/08/2027;ARR-2"
)

// whole builds a file from data lines, with its header and trailer.
func whole(lines ...string) string {
	return header + "\n" + strings.Join(append(lines, fmt.Sprintf("#FIN;%d", len(lines))), "\n") + "\n"
}

// read opens a file and gives what it understood and what it rejected.
func read(t *testing.T, text string) (*File, []Line, []Rejection) {
	t.Helper()
	file, err := Open(strings.NewReader(text))
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	var lines []Line
	var rejections []Rejection
	for record, err := range file.Records() {
		if err != nil {
			t.Fatalf("Records: %v", err)
		}
		if record.Rejection != nil {
			rejections = append(rejections, *record.Rejection)
			continue
		}
		lines = append(lines, record.Line)
	}
	return file, lines, rejections
}

func TestALineGivesAPersonAndAFunction(t *testing.T) {
	t.Parallel()
	file, lines, rejections := read(t, whole(claire, jean))
	if file.Lines != 2 || file.Encoding != UTF8 || len(rejections) != 0 || len(lines) != 2 {
		t.Fatalf("%d lines in %s, %d understood, rejected %v", file.Lines, file.Encoding, len(lines), rejections)
	}
	got := lines[0]
	wantPerson := directory.Person{HRID: "1001", Civility: "Mme", BirthName: "PETIT", UsageName: "MARTIN", Forenames: "Claire Anne",
		Birth: directory.Date{Year: 1982, Month: 5, Day: 6}}
	wantFunction := directory.Function{Corps: "Professeur certifié", Category: "ENS2D", Fonction: "ENS", UAI: "0759001B",
		Start: directory.Date{Year: 2020, Month: 9, Day: 1}, Reference: "ARR-1"}
	if got.Person != wantPerson || got.Function != wantFunction || got.NUMEN.Reveal() != "01E9501234ABC" || got.Number != 2 {
		t.Errorf("got %+v", got)
	}
	if len(got.Surprises) != 0 {
		t.Errorf("surprises: %q", got.Surprises)
	}
	if end := (directory.Date{Year: 2027, Month: 8, Day: 31}); lines[1].Function.End != end {
		t.Errorf("end = %v", lines[1].Function.End)
	}
}

func TestAFileThatIsNotWholeIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ what, text, says string }{
		{"empty", "", "vide"},
		{"no header", claire + "\n#FIN;1\n", "en-tête"},
		{"no trailer", header + "\n" + claire + "\n", "tronqué"},
		{"cut within a line", whole(claire, jean)[:len(header)+40], "tronqué"},
		{"cut within the trailer", strings.TrimSuffix(whole(claire), ";1\n"), "attendu"},
		{"too few lines", header + "\n" + claire + "\n#FIN;2\n", "annonce 2 lignes, le fichier en a 1"},
		{"too many lines", header + "\n" + claire + "\n" + jean + "\n#FIN;1\n", "annonce 1 lignes, le fichier en a 2"},
		{"lines after the trailer", whole(claire) + jean + "\n", "la ligne 4 vient après #FIN"},
		{"a second trailer", whole(claire) + "#FIN;1\n", "vient après"},
		{"a negative number", header + "\n#FIN;-1\n", "attendu"},
		{"UTF-16", "\xff\xfei\x00d\x00", "UTF-16"},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			_, err := Open(strings.NewReader(c.text))
			if !failure.Is(err, failure.Permanent) {
				t.Fatalf("Open: %v, want a permanent failure", err)
			}
			if text := failure.TextOf(err, ""); !strings.Contains(text, c.says) || !strings.Contains(text, "rien n'a été changé") {
				t.Errorf("text %q does not say %q", text, c.says)
			}
		})
	}
}

func TestEveryCutOfAFileIsRefused(t *testing.T) {
	t.Parallel()
	text := strings.TrimRight(whole(claire, jean), "\n")
	for cut := range len(text) {
		if _, err := Open(strings.NewReader(text[:cut])); !failure.Is(err, failure.Permanent) {
			t.Fatalf("cut after %d of %d octets: %v", cut, len(text), err)
		}
	}
}

func TestHarmlessFormsAreRead(t *testing.T) {
	t.Parallel()
	quoted := `"` + strings.ReplaceAll(claire, ";", `";"`) + `"`
	for what, text := range map[string]string{
		"CRLF":                      strings.ReplaceAll(whole(claire, jean), "\n", "\r\n"),
		"no last end of line":       strings.TrimSuffix(whole(claire, jean), "\n"),
		"byte order mark":           "\ufeff" + whole(claire, jean),
		"blank lines":               strings.Replace(whole(claire, jean), jean, "\n  \n"+jean, 1) + "\n\n",
		"quoted":                    strings.Replace(whole(claire, jean), claire, quoted, 1),
		"quoted header":             `"` + strings.ReplaceAll(header, ";", `";"`) + `"` + strings.TrimPrefix(whole(claire, jean), header),
		"a spreadsheet's trailer":   strings.TrimSuffix(whole(claire, jean), "\n") + ";;;;;;;;;;;;\n",
		"spaces around the fields":  strings.Replace(whole(claire, jean), "PETIT;MARTIN;", " PETIT ; MARTIN\u00a0;", 1),
		"decomposed accents (NFD)":  strings.Replace(whole(claire, jean), "certifié", "certifie\u0301", 1),
		"usage name of one's birth": strings.Replace(whole(claire, jean), "DE LA TOUR;;", "DE LA TOUR;DE LA TOUR;", 1),
		"small letters":             strings.Replace(whole(claire, jean), "01E9501234ABC;Mme", "01e9501234abc;MME", 1),
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			_, lines, rejections := read(t, text)
			if len(lines) != 2 || len(rejections) != 0 {
				t.Fatalf("%d understood, rejected %v", len(lines), rejections)
			}
			_, want, _ := read(t, whole(claire, jean))
			for i := range lines {
				if lines[i].Person != want[i].Person || lines[i].Function != want[i].Function || lines[i].NUMEN != want[i].NUMEN {
					t.Errorf("got %+v\nwant %+v", lines[i], want[i])
				}
			}
		})
	}
}

func TestEncodingsAreTold(t *testing.T) {
	t.Parallel()
	text := strings.Replace(whole(claire, jean), "DE LA TOUR", "ŒUVRARD-BÉNÉ", 1)
	latin9, err := charmap.ISO8859_15.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	windows, err := charmap.Windows1252.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	for encoding, octets := range map[Encoding]string{UTF8: text, ISO8859_15: latin9, Windows1252: windows} {
		file, lines, rejections := read(t, octets)
		if file.Encoding != encoding || len(rejections) != 0 {
			t.Errorf("%s was taken for %s, rejected %v", encoding, file.Encoding, rejections)
		}
		if got := lines[1].Person.BirthName; got != "ŒUVRARD-BÉNÉ" {
			t.Errorf("%s: %q", encoding, got)
		}
	}
}

func TestOneSpoiltLineDoesNotTurnAUTF8FileIntoAnother(t *testing.T) {
	t.Parallel()
	spoilt := "1003;01E9501234ABE;M.;BEN\xc9;;Paul;06/05/1982;AESH;AESH;AES;0759001B;01/09/2020;;"
	file, lines, rejections := read(t, whole(claire, strings.Replace(claire, "1001", "1004", 1), spoilt))
	if file.Encoding != UTF8 || len(lines) != 2 || len(rejections) != 1 {
		t.Fatalf("%s, %d understood, rejected %v", file.Encoding, len(lines), rejections)
	}
	if r := rejections[0]; r.Line != 4 || r.HRID != "1003" || !strings.Contains(r.Reason, "UTF-8") {
		t.Errorf("rejection %+v", r)
	}
}

func TestWrongLinesAreToldAndTheOthersGoOn(t *testing.T) {
	t.Parallel()
	change := func(old, new string) string { return strings.Replace(claire, old, new, 1) }
	for _, c := range []struct{ line, idRH, reason string }{
		{change("1001", ""), "", "id_rh absent"},
		{change("1001", strings.Repeat("9", 41)), "", "id_rh illisible"},
		{change("1001", "--"), "--", "id_rh sans lettre"},
		{change("PETIT", ""), "1001", "nom_naissance absent"},
		{change("06/05/1982", ""), "1001", "naissance : date absente"},
		{change("06/05/1982", "31/02/1982"), "1001", "naissance : ce jour n'existe pas"},
		{change("06/05/1982", "6 mai 1982"), "1001", "naissance : date attendue"},
		{change("06/05/1982", "06/05/2021"), "1001", "naissance après le début"},
		{change("01/09/2020", ""), "1001", "debut : date absente"},
		{change("01/09/2020;;", "01/09/2020;31/08/2020;"), "1001", "fin (31/08/2020) avant debut (01/09/2020)"},
		{change(";ARR-1", ""), "1001", "14 champs attendus, 13 trouvés"},
		{claire + ";", "1001", "14 champs attendus, 15 trouvés"},
		{change("MARTIN", `"MARTIN`), "1001", "guillemets"},
		{change("MARTIN", `"MARTIN"E`), "1001", "guillemets"},
		{change("MARTIN", "MAR\x00TIN"), "1001", "nom_usage : caractère interdit"},
		{change("MARTIN", strings.Repeat("N", 201)), "1001", "nom_usage : plus de 200"},
		{change("MARTIN", strings.Repeat("N", maxLine)), "1001", "ligne de plus de"},
		{change("MARTIN", strings.Repeat("N", 5*maxLine)), "1001", "ligne de plus de"},
		{"n'importe quoi", "n'importe quoi", "1 trouvés"},
	} {
		_, lines, rejections := read(t, whole(jean, c.line, strings.Replace(jean, "1002", "1009", 1)))
		if len(lines) != 2 || len(rejections) != 1 {
			t.Errorf("%.60q: %d understood, rejected %v", c.line, len(lines), rejections)
			continue
		}
		if r := rejections[0]; r.Line != 3 || r.HRID != c.idRH || !strings.Contains(r.Reason, c.reason) {
			t.Errorf("%.60q: rejection %+v, want id_rh %q and %q", c.line, r, c.idRH, c.reason)
		}
		if lines[1].Number != 4 {
			t.Errorf("%.60q: the next line has number %d", c.line, lines[1].Number)
		}
	}
}

func TestAllFaultsOfALineAreToldAtOnce(t *testing.T) {
	t.Parallel()
	_, _, rejections := read(t, whole("1001;;;;;;x;;;;;;y;"))
	reason := rejections[0].Reason
	for _, want := range []string{"naissance", "nom_naissance", "debut", "fin"} {
		if !strings.Contains(reason, want) {
			t.Errorf("%q does not name %s", reason, want)
		}
	}
}

func TestUnknownValuesAreSurprisesNotFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ old, new, says string }{
		{"Professeur certifié", "Astronaute", `corps inconnu : "Astronaute"`},
		{"ENS2D", "ZZZ", `catégorie inconnue : "ZZZ"`},
		{";ENS;", ";QQQ;", `fonction inconnue : "QQQ"`},
		{"0759001B", "0759001C", `clé "B" attendue`},
		{"0759001B", "ici", "7 chiffres et une lettre"},
		{"0759001B", "", "UAI absente"},
		{"01E9501234ABC", "", "NUMEN absent"},
		{"01E9501234ABC", "77E9501234ABC", "NUMEN de forme inhabituelle"},
		{"Mme", "Dr", `civilité inconnue : "Dr"`},
		{"Claire Anne", "李", "prénom sans lettre latine"},
		{"Claire Anne", "", "prénom sans lettre latine"},
		{"PETIT;MARTIN", "王;", "nom sans lettre latine"},
	} {
		_, lines, rejections := read(t, whole(strings.Replace(claire, c.old, c.new, 1)))
		if len(rejections) != 0 || len(lines) != 1 {
			t.Errorf("%s -> %s: rejected %v", c.old, c.new, rejections)
			continue
		}
		if s := lines[0].Surprises; len(s) != 1 || !strings.Contains(s[0], c.says) {
			t.Errorf("%s -> %s: surprises %q, want %q", c.old, c.new, s, c.says)
		}
	}
}

func TestNoReportTextHoldsANUMEN(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		strings.Replace(claire, "01E9501234ABC", "SECRET1234", 1),
		strings.Replace(claire, "01E9501234ABC", "SECRET\x011234", 1),
		strings.Replace(claire, "01E9501234ABC", `"SECRET1234`, 1),
		strings.Replace(claire, "01E9501234ABC", strings.Repeat("SECRET", 100), 1),
	} {
		_, lines, rejections := read(t, whole(line))
		if text := fmt.Sprintf("%v %+v %#v %v", lines, lines, lines, rejections); strings.Contains(text, "SECRET") {
			t.Errorf("the NUMEN is shown: %s", text)
		}
	}
	for _, lines := range [][]string{
		{claire, strings.Replace(claire, "01E9501234ABC", "01E9501234SEC", 1)}, // disagreement
		{strings.TrimPrefix(claire, "1001;")},                                  // shifted columns
		{strings.Replace(claire, "1001", "01e9501234abc", 1)},
	} {
		_, _, rejections := read(t, whole(lines...))
		if text := fmt.Sprint(rejections); len(rejections) != len(lines) || strings.Contains(strings.ToUpper(text), "01E95") {
			t.Errorf("rejected %s", text)
		}
	}
}

func TestTheLinesOfOnePersonMustAgree(t *testing.T) {
	t.Parallel()
	second := strings.Replace(claire, "0759001B;01/09/2020", "0759002C;01/09/2024", 1)
	_, lines, rejections := read(t, whole(claire, jean, second))
	if len(lines) != 3 || len(rejections) != 0 {
		t.Fatalf("two functions of one person: %d understood, rejected %v", len(lines), rejections)
	}
	for column, wrong := range map[string]string{
		"numen":         strings.Replace(second, "01E9501234ABC", "01E9501234ABX", 1),
		"civilite":      strings.Replace(second, "Mme", "M.", 1),
		"nom_naissance": strings.Replace(second, "PETIT", "PETITE", 1),
		"nom_usage":     strings.Replace(second, "MARTIN", "", 1),
		"prenoms":       strings.Replace(second, "Claire Anne", "Claire", 1),
		"naissance":     strings.Replace(second, "06/05/1982", "05/06/1982", 1),
	} {
		_, lines, rejections := read(t, whole(claire, jean, wrong, second))
		if len(lines) != 1 || lines[0].Person.HRID != "1002" {
			t.Errorf("%s: understood %v", column, lines)
		}
		numbers := make([]int, 0, 3)
		for _, r := range rejections {
			numbers = append(numbers, r.Line)
			if r.HRID != "1001" || !strings.Contains(r.Reason, "lignes 2 et 4") || !strings.Contains(r.Reason, "("+column+")") {
				t.Errorf("%s: rejection %+v", column, r)
			}
		}
		if !slices.Equal(numbers, []int{2, 4, 5}) {
			t.Errorf("%s: rejected lines %v", column, numbers)
		}
	}
}

func TestALineWithAnotherFaultDoesNotContradict(t *testing.T) {
	t.Parallel()
	broken := strings.Replace(strings.Replace(claire, "Mme", "M.", 1), "01/09/2020", "bientôt", 1)
	_, lines, rejections := read(t, whole(claire, broken))
	if len(lines) != 1 || len(rejections) != 1 || rejections[0].Line != 3 {
		t.Errorf("%d understood, rejected %v", len(lines), rejections)
	}
}

func TestQuotedFieldsReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOfN(rapid.StringMatching(`[a-z;" ]{0,8}`), 1, 6).Draw(t, "fields")
		quoted := make([]string, len(want))
		for i, field := range want {
			quoted[i] = field
			if rapid.Bool().Draw(t, "quoted") || strings.ContainsAny(field, `;"`) {
				quoted[i] = `"` + strings.ReplaceAll(field, `"`, `""`) + `"`
			}
		}
		got, err := splitFields(strings.Join(quoted, ";"), ';')
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("splitFields(%q) = %q, %v, want %q", quoted, got, err, want)
		}
	})
}

// failingSource fails at a later pass, as a network share does.
type failingSource struct {
	*strings.Reader
	passes int
}

var errShare = errors.New("share is gone")

func (s *failingSource) Seek(offset int64, whence int) (int64, error) {
	if s.passes--; s.passes < 0 {
		return 0, errShare
	}
	return s.Reader.Seek(offset, whence)
}

func TestAReadingErrorIsNoRefusalAndNoEnd(t *testing.T) {
	t.Parallel()
	if _, err := Open(&failingSource{strings.NewReader(whole(claire)), 1}); !errors.Is(err, errShare) || failure.Is(err, failure.Permanent) {
		t.Errorf("Open: %v", err)
	}
	file, err := Open(&failingSource{strings.NewReader(whole(claire)), 2})
	if err != nil {
		t.Fatal(err)
	}
	var last error
	for _, err := range file.Records() {
		last = err
	}
	if !errors.Is(last, errShare) {
		t.Errorf("Records ended with %v", last)
	}
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte(whole(claire, jean)))
	f.Add([]byte("\ufeff" + whole(`"a;b";""""`, "\xff\xfe")))
	f.Fuzz(func(t *testing.T, octets []byte) {
		file, err := Open(strings.NewReader(string(octets)))
		if err != nil {
			if errors.Is(err, io.ErrUnexpectedEOF) {
				t.Fatal(err)
			}
			return
		}
		count := 0
		for record, err := range file.Records() {
			if err != nil {
				t.Fatal(err)
			}
			count++
			if record.Rejection != nil && record.Rejection.Reason == "" {
				t.Error("a rejection without a reason")
			}
		}
		if count != file.Lines {
			t.Errorf("%d records of %d lines", count, file.Lines)
		}
	})
}
