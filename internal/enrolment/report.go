package enrolment

import (
	"cmp"
	"slices"

	"navette/internal/aaf"
)

// Report says what an import did, or with DryRun would do. It names no pupil and no guardian: join keys, establishments
// and counts. Its texts are French.
type Report struct {
	DryRun   bool
	Known    bool   // it is the one that was imported last: nothing was read, nothing is changed
	Name     string // what the names of its files begin with
	File     int64  // its number, where it was imported
	Degree   int
	Complete bool
	Year     Year // AsOf is the day of the export
	Octets   int64

	Structures, Pupils, Guardians, Staff, Classes, Groups Tally

	Legal    int // who answers for whom: legal guardians,
	Contacts int // and others
	NoMail   int // guardians without an address
	Former   int // addresses of a school that became former ones
	Rejected int // records

	Matched  int // staff of the export who are an agent of the HR file; after the import only
	Doubtful int // a human decides
	Unknown  int // nobody of the HR file

	Schools   []SchoolCount // what the export says of each, by UAI
	Untouched []string      // UAIs with pupils that a complete export does not name: as they were

	Falls      []Fall
	Rejections []Rejection
	Warnings   []Warning
	Doubts     []Doubt
}

// Tally counts the records of a kind.
type Tally struct {
	Named     int // understood
	New       int
	Changed   int
	Unchanged int
	Absent    int // were there, and the export names them no more
}

// SchoolCount is what an export says of an establishment.
type SchoolCount struct {
	UAI                                       string
	Pupils, Guardians, Classes, Groups, Staff int // guardians in law, each once
	Links, Addresses                          int // who answers in law for whom; guardians in law who have an address
}

// Rejection is a record that changes nothing, and why.
type Rejection struct {
	File, Category, Key, Reason string
	Line                        int
}

// Warning is something accepted that deserves a look; the same text about the same category is told once.
type Warning struct {
	File, Category, Key, Text string // of the first record
	Line, Count               int
}

// NothingChanged reports that the tables were already as the export says.
func (r Report) NothingChanged() bool {
	for _, t := range []Tally{r.Structures, r.Pupils, r.Guardians, r.Staff, r.Classes, r.Groups} {
		if t.New+t.Changed+t.Absent > 0 {
			return false
		}
	}
	return true
}

// Bounds of a report; its counts are always of all.
const (
	maxRejections = 20_000
	maxWarnings   = 1000
)

// warnings gathers warnings by text.
type warnings struct{ byText map[warningKey]*Warning }

type warningKey struct {
	category aaf.Category
	text     string
}

func (w *warnings) add(rec *aaf.Record, text string) {
	key := warningKey{rec.Category, text}
	if known := w.byText[key]; known != nil {
		known.Count++
		return
	}
	if w.byText == nil {
		w.byText = map[warningKey]*Warning{}
	}
	if len(w.byText) < maxWarnings {
		w.byText[key] = &Warning{File: rec.File, Line: rec.Line, Category: rec.Category.String(), Key: rec.Key, Text: text, Count: 1}
	}
}

// list gives them in the order of the files.
func (w *warnings) list() []Warning {
	out := make([]Warning, 0, len(w.byText))
	for _, one := range w.byText {
		out = append(out, *one)
	}
	slices.SortFunc(out, func(a, b Warning) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Text, b.Text))
	})
	return out
}
