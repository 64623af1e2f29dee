package roster

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"navette/internal/failure"
)

// columnsIn gives a file of these lines with its columns in another order and another separator.
func columnsIn(order []int, separator string, lines ...string) string {
	var b strings.Builder
	for i, line := range strings.Split(strings.TrimSuffix(whole(lines...), "\n"), "\n") {
		fields := strings.Split(line, ";")
		if len(fields) != required {
			b.WriteString(strings.ReplaceAll(line, ";", separator) + "\n")
			continue
		}
		moved := make([]string, len(order))
		for k, column := range order {
			moved[k] = fields[column]
			if i > 0 && strings.Contains(moved[k], separator) {
				moved[k] = `"` + moved[k] + `"`
			}
		}
		b.WriteString(strings.Join(moved, separator) + "\n")
	}
	return b.String()
}

func TestColumnsAreReadInAnyOrderSeparatorAndEncoding(t *testing.T) {
	t.Parallel()
	lines := []string{strings.Replace(claire, "PETIT", "ŒUVRARD", 1), strings.Replace(jean, "DE LA TOUR", "BÉNÉ, dit", 1)}
	_, want, _ := read(t, whole(lines...))
	orders := map[string][]int{
		"canonical": {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13},
		"backwards": {13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0},
		"shuffled":  {5, 0, 12, 3, 13, 1, 11, 2, 10, 4, 9, 6, 8, 7},
	}
	encodings := map[Encoding]func(string) string{
		UTF8:        func(s string) string { return s },
		"BOM":       func(s string) string { return bomUTF8 + s },
		ISO8859_15:  func(s string) string { s, _ = charmap.ISO8859_15.NewEncoder().String(s); return s },
		Windows1252: func(s string) string { s, _ = charmap.Windows1252.NewEncoder().String(s); return s },
	}
	for name, order := range orders {
		for _, separator := range []string{";", ","} {
			for encoding, encode := range encodings {
				_, got, rejections := read(t, encode(columnsIn(order, separator, lines...)))
				if len(rejections) != 0 || len(got) != len(want) {
					t.Errorf("%s %q %s: %d understood, rejected %v", name, separator, encoding, len(got), rejections)
					continue
				}
				for i := range got {
					if got[i].Person != want[i].Person || got[i].Function != want[i].Function || got[i].NUMEN != want[i].NUMEN {
						t.Errorf("%s %q %s: line %d is %+v", name, separator, encoding, i, got[i])
					}
				}
			}
		}
	}
}

func TestAHeaderThatIsNotOursSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ header, says string }{
		{strings.Replace(header, "numen;", "", 1), "il manque numen"},
		{strings.Replace(header, "numen;", "id_rh;", 1), "id_rh y est deux fois"},
		{header + ";salaire", "1 colonnes de trop"},
		{"nom;prenom;mail", "aucune des colonnes"},
		{claire, "aucune des colonnes"},
		{strings.ReplaceAll(header, ";", "\t"), "aucune des colonnes"},
	} {
		_, err := Open(strings.NewReader(c.header + "\n" + claire + "\n#FIN;1\n"))
		text := failure.TextOf(err, "")
		if !failure.Is(err, failure.Permanent) || !strings.Contains(text, c.says) {
			t.Errorf("%s\n\tgives %q, want %q", c.header, text, c.says)
		}
		if strings.Contains(strings.TrimPrefix(text, header), "01E9501234ABC") {
			t.Errorf("the refusal shows a NUMEN: %s", text)
		}
	}
}

func TestAWrongLineInAnotherOrderStillNamesItsPerson(t *testing.T) {
	t.Parallel()
	order := []int{2, 0, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13} // civilite, id_rh, …
	text := strings.Replace(columnsIn(order, ",", claire, strings.Replace(jean, "Jean", "Zoé", 1)), "Mme,1001,", "Mme,1001,\xff", 1)
	for what, broken := range map[string]string{
		"spoilt octets":   text,
		"a missing field": strings.Replace(columnsIn(order, ",", claire, jean), ",ARR-1", "", 1),
		"an open quote":   strings.Replace(columnsIn(order, ",", claire, jean), "PETIT", `"PETIT`, 1),
	} {
		_, _, rejections := read(t, broken)
		if len(rejections) != 1 || rejections[0].HRID != "1001" {
			t.Errorf("%s: rejected %+v", what, rejections)
		}
	}
}
