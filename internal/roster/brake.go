package roster

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/store"
)

// The brakes. A file that has far fewer lines of a category or an establishment than the last ones had is more often
// a broken export than a truth, so it changes nothing until somebody says that it is right. What is compared is the
// lines understood, with the most that the category or establishment had in the last file and in those of
// brakeWindow: a fall in small steps is a fall. A fall that was forced is the new measure.
//
// The absolute minimum keeps small schools from stopping the feed: a school of six may lose all six.
const (
	brakeWindow = 30 * 24 * time.Hour

	categoryShare, categoryLines = 0.20, 20 // a category: more than a fifth, and at least 20 lines
	schoolShare, schoolLines     = 0.50, 10 // an establishment: more than half, and at least 10 lines
)

// The kinds of count, as they are stored.
const (
	ofCategory = "category"
	ofSchool   = "uai"
)

// countKey is a category or an establishment.
type countKey struct{ kind, name string }

// Fall is a category or an establishment of which the file has far fewer lines than the last ones had.
type Fall struct {
	Name        string // the category, or the UAI
	School      bool
	Before, Now int  // lines
	Forced      bool // somebody said that it is right
}

// String says it in French: « AESH : 1200 lignes, puis 300 (-75 %) ».
func (f Fall) String() string {
	name := f.Name
	if name == "" {
		name = "(catégorie vide)"
	}
	return fmt.Sprintf("%s : %d lignes, puis %d (-%d %%)", name, f.Before, f.Now, (f.Before-f.Now)*100/f.Before)
}

// count takes a line into the counts of its category and its establishment.
func (f *File) count(fn directory.Function) {
	for _, key := range []countKey{{ofCategory, fn.Category}, {ofSchool, fn.UAI}} {
		if key.kind == ofSchool && key.name == "" {
			continue
		}
		if _, known := f.counts[key]; !known {
			key.name = strings.Clone(key.name) // else it keeps its whole line
		}
		f.counts[key]++
	}
}

// falls compares the file with the last ones, the largest falls first, categories before establishments. A name in
// force, whatever its case, is forced.
func (r *run) falls(ctx context.Context, force []string) ([]Fall, error) {
	measure, err := r.measure(ctx)
	if err != nil {
		return nil, fmt.Errorf("compare with the last files: %w", err)
	}
	var falls []Fall
	for key, before := range measure {
		share, least := categoryShare, categoryLines
		if key.kind == ofSchool {
			share, least = schoolShare, schoolLines
		}
		now := r.file.counts[key]
		if lost := before - now; lost < least || float64(lost) <= share*float64(before) {
			continue
		}
		falls = append(falls, Fall{Name: key.name, School: key.kind == ofSchool, Before: before, Now: now,
			Forced: slices.ContainsFunc(force, func(name string) bool { return strings.EqualFold(strings.TrimSpace(name), key.name) })})
	}
	slices.SortFunc(falls, func(a, b Fall) int {
		if a.School != b.School {
			if a.School {
				return 1
			}
			return -1
		}
		return cmp.Or(cmp.Compare(b.Before-b.Now, a.Before-a.Now), cmp.Compare(a.Name, b.Name))
	})
	return falls, nil
}

// measure gives the lines that each category and establishment had, by the last files.
func (r *run) measure(ctx context.Context) (map[countKey]int, error) {
	most := map[countKey]int{}
	err := r.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		clear(most)
		settled := map[countKey]bool{} // forced: older files no longer count
		rows, err := tx.Query(ctx, `SELECT c.kind, c.name, c.lines, c.forced FROM roster_count c JOIN roster_file f ON f.file_id = c.file_id
			WHERE f.imported_at >= $1 OR f.file_id = (SELECT file_id FROM roster_file ORDER BY imported_at DESC, file_id DESC LIMIT 1)
			ORDER BY f.imported_at DESC, f.file_id DESC`, tx.Now().Add(-brakeWindow).UnixMicro())
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var key countKey
			var lines, forced int
			if err := rows.Scan(&key.kind, &key.name, &lines, &forced); err != nil {
				return err
			}
			if settled[key] {
				continue
			}
			most[key] = max(most[key], lines)
			settled[key] = forced != 0
		}
		return rows.Err()
	})
	return most, err
}

// maxNamed is how many falls one line of an error names; the report of a dry run has them all.
const maxNamed = 20

// braked is the refusal of a file for its falls that nobody forced, or nil.
func braked(falls []Fall) error {
	var told, names []string
	for _, f := range falls {
		if !f.Forced {
			told, names = append(told, f.String()), append(names, f.Name)
		}
	}
	if len(told) == 0 {
		return nil
	}
	more := ""
	if n := len(told) - maxNamed; n > 0 {
		more = fmt.Sprintf(", et %d autres que l'essai (--dry-run --report) énumère", n)
		told, names = told[:maxNamed], names[:maxNamed]
	}
	return failure.New(failure.Permanent, "fichier arrêté, rien n'a été changé : baisse anormale, %s%s ; si elle est voulue : --force %s",
		strings.Join(told, ", "), more, strings.Join(names, ","))
}

// storeCounts keeps the counts of an imported file, and forgets those that no brake asks for any more.
func (r *run) storeCounts(ctx context.Context, tx *store.Tx) error {
	counts := make(map[countKey]int, len(r.file.counts))
	for key, lines := range r.file.counts {
		counts[key] = lines
	}
	forced := map[countKey]int64{}
	for _, f := range r.report.Falls {
		key := countKey{ofCategory, f.Name}
		if f.School {
			key.kind = ofSchool
		}
		counts[key] += 0 // also when none is left
		forced[key] = 1
	}
	rows := make([][]any, 0, len(counts))
	for key, lines := range counts {
		rows = append(rows, []any{key.kind, key.name, lines, forced[key]})
	}
	w := writer{tx: tx}
	columns := []column{textColumn("kind"), textColumn("name"), intColumn("lines"), intColumn("forced")}
	if err := w.insert(ctx, "roster_count", columns, rows, "file_id", r.fileID); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM roster_count WHERE file_id IN (SELECT file_id FROM roster_file WHERE imported_at < $1)`,
		tx.Now().Add(-2*brakeWindow).UnixMicro())
	if err != nil {
		return fmt.Errorf("forget old counts: %w", err)
	}
	return nil
}
