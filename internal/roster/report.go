package roster

import (
	"cmp"
	"slices"
)

// Report says what an import did, or with DryRun would do. Its texts are French and hold no
// secret; the order of its lists is that of the file, so the same file gives the same report.
type Report struct {
	DryRun   bool
	Encoding Encoding
	Lines    int   // data lines of the file
	File     int64 // its number, where it was imported

	// People named by the lines that were understood: each counts once in one of these.
	Joiners   int // a new person, account and address
	Changes   int // known people of whom something changed: identity, a function new, changed or back
	Unchanged int // known people of whom all was as we had it

	// What the changes are made of.
	NewAddresses   int // name changes that issued a new primary address
	NewFunctions   int // functions of known people, joiners' not counted
	FunctionsMoved int // functions of which corps, category, end or reference changed
	Returned       int // functions that had ended and are named again
	Ended          int // functions that the file no longer names
	NewNumens      int // late or corrected NUMENs of accounts that nobody activated yet

	// Falls are the categories and establishments of which the file has far fewer lines than the last ones had. One
	// that is not forced stops the file; a dry run only tells.
	Falls []Fall

	Rejected   int // lines
	Rejections []Rejection
	Warnings   []Warning

	Details []Detail // with Options.Details: what changes, in the order of the file
	Untold  int      // changes beyond those that a report holds
}

// Warning is something accepted that deserves a look; the same text is told once.
type Warning struct {
	Line  int    // the first it was seen on
	HRID  string // of that line
	Text  string
	Count int // lines it was seen on
}

// NothingChanged reports that the directory was already as the file says.
func (r Report) NothingChanged() bool {
	return r.Joiners == 0 && r.Changes == 0 && r.Ended == 0
}

// maxRejections bounds the rejections that are told one by one.
const maxRejections = 100_000

// maxWarnings bounds the texts kept; a file where everything is unusual says so in fewer.
const maxWarnings = 10_000

// warnings gathers warnings by text.
type warnings struct {
	byText map[string]*Warning
}

func (w *warnings) add(line int, idRH, text string) {
	if known := w.byText[text]; known != nil {
		known.Count++
		return
	}
	if w.byText == nil {
		w.byText = map[string]*Warning{}
	}
	if len(w.byText) < maxWarnings {
		w.byText[text] = &Warning{Line: line, HRID: idRH, Text: text, Count: 1}
	}
}

// list gives them in the order of the file.
func (w *warnings) list() []Warning {
	out := make([]Warning, 0, len(w.byText))
	for _, warning := range w.byText {
		out = append(out, *warning)
	}
	slices.SortFunc(out, func(a, b Warning) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Text, b.Text))
	})
	return out
}
