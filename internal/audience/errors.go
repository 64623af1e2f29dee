package audience

import (
	"fmt"
	"slices"
	"strings"
)

// Error says where an expression is wrong, and what was probably meant. Its texts are safe to show.
type Error struct {
	Column   int    // of the first character that is wrong, from 1, in characters
	French   string // what is wrong
	English  string
	Proposal string // what was probably meant, or ""
}

// Error tells it in French, then in English.
func (e *Error) Error() string {
	french, english := "", ""
	if e.Proposal != "" {
		french = fmt.Sprintf(" ; vouliez-vous dire « %s » ?", e.Proposal)
		english = fmt.Sprintf("; did you mean %q?", e.Proposal)
	}
	return fmt.Sprintf("colonne %d : %s%s / column %d: %s%s", e.Column, e.French, french, e.Column, e.English, english)
}

// nearest gives the candidate that a text misspells: the one that fewest changed letters away, a third of the text at
// most, the first in alphabetical order among equals; "" for none.
func nearest(text string, candidates []string) string {
	text = fold(text)
	best, distance := "", max(1, len(text)/3)+1
	for _, c := range slices.Sorted(slices.Values(candidates)) {
		if d := edits(text, fold(c), distance); d < distance {
			best, distance = c, d
		}
	}
	return best
}

// edits counts the letters to change, add, take out or swap with the next between two texts; limit or more where they
// are that far apart (optimal string alignment).
func edits(a, b string, limit int) int {
	if max(len(a)-len(b), len(b)-len(a)) >= limit || len(a) > 100 {
		return limit
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// short keeps what an error quotes within reason.
func short(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
