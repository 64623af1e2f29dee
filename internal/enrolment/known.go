package enrolment

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"navette/internal/store"
)

// known is what a run knows of one person of an export: the row that the directory has of them, and what the export did.
type known struct {
	key         string // join key
	id          int64  // 0: not there yet; apply gives one
	fingerprint int64  // of the record as last written, 0: to be written again
	state       knownState
}

// knownState is bits.
type knownState uint8

const (
	absent  knownState = 1 << iota // the exports had stopped naming them
	named                          // this export has a record of them, also one that was rejected
	deleted                        // this delta takes them away
	fresh                          // got their id from this import
	mute                           // guardian to whom this export gives no address
	muted                          // one of them whose record is another than before
)

// roll finds people by their join key. Of 500,000 people it is some 50 MB.
type roll struct {
	at   map[string]int32 // join key -> place in list
	byID map[int64]int32  // made when it is first asked
	list []known
}

// find gives the place of a join key; false where nobody has it.
func (r *roll) find(key string) (int32, bool) {
	at, there := r.at[key]
	return at, there
}

// put gives the place of a join key, a new one where nobody had it.
func (r *roll) put(key string) int32 {
	at, there := r.at[key]
	if !there {
		at = int32(len(r.list))  //nolint:gosec // people of one académie
		key = strings.Clone(key) // else it keeps what it was cut from
		r.at[key] = at
		r.list = append(r.list, known{key: key})
	}
	return at
}

// place finds whom the directory has by id.
func (r *roll) place(id int64) (int32, bool) {
	if r.byID == nil {
		r.byID = make(map[int64]int32, len(r.list))
		for i, k := range r.list {
			r.byID[k.id] = int32(i) //nolint:gosec // see put
		}
	}
	at, there := r.byID[id]
	return at, there
}

// ids gives the ids of whom the directory has and a filter takes.
func (r *roll) ids(wanted func(known) bool) []int64 {
	var ids []int64
	for _, k := range r.list {
		if k.id != 0 && wanted(k) {
			ids = append(ids, k.id)
		}
	}
	return ids
}

// number gives ids to whom has none, from first on.
func (r *roll) number(first int64) {
	n := int64(0)
	for i := range r.list {
		if r.list[i].id == 0 && r.list[i].state&named != 0 {
			r.list[i].id = first + n
			r.list[i].state |= fresh
			n++
		}
	}
}

// forgetKeys gives back the memory of join keys: once an export has been surveyed, people are found by their place.
func (r *roll) forgetKeys() {
	r.at, r.byID = nil, nil
	for i := range r.list {
		r.list[i].key = ""
	}
}

// unnumbered counts whom the directory does not have yet.
func (r *roll) unnumbered() (n int64) {
	for _, k := range r.list {
		if k.id == 0 && k.state&named != 0 {
			n++
		}
	}
	return n
}

// loadRoll reads the people of one table and degree.
func loadRoll(ctx context.Context, tx *store.Tx, table string, degree int) (*roll, error) {
	r := &roll{at: map[string]int32{}}
	rows, err := tx.Query(ctx, `SELECT jointure, `+table+`_id, fingerprint, absent_at FROM `+table+` WHERE degree = $1`, degree)
	if err != nil {
		return nil, fmt.Errorf("read table %s: %w", table, err)
	}
	defer rows.Close()
	for rows.Next() {
		var k known
		var absentAt int64
		if err := rows.Scan(&k.key, &k.id, &k.fingerprint, &absentAt); err != nil {
			return nil, fmt.Errorf("read table %s: %w", table, err)
		}
		if absentAt != 0 {
			k.state = absent
		}
		r.at[k.key] = int32(len(r.list)) //nolint:gosec // see put
		r.list = append(r.list, k)
	}
	return r, rows.Err()
}

// structure is an establishment as the exports know it.
type structure struct {
	uai                string
	name, nature, city string // as last given to the directory
	fingerprint        int64
	named              bool
}

// loadStructures reads the establishments of a degree, by join key.
func loadStructures(ctx context.Context, tx *store.Tx, degree int) (map[string]*structure, error) {
	rows, err := tx.Query(ctx, `SELECT jointure, uai, name, nature, city, fingerprint FROM structure WHERE degree = $1`, degree)
	if err != nil {
		return nil, fmt.Errorf("read structures: %w", err)
	}
	defer rows.Close()
	list := map[string]*structure{}
	for rows.Next() {
		var key string
		s := &structure{}
		if err := rows.Scan(&key, &s.uai, &s.name, &s.nature, &s.city, &s.fingerprint); err != nil {
			return nil, fmt.Errorf("read structures: %w", err)
		}
		list[key] = s
	}
	return list, rows.Err()
}

// The kinds of division, as they are stored.
const (
	class = 1
	group = 2
)

// divisionKey names a class or a group of the run's year.
type divisionKey struct {
	uai  string
	kind int
	name string
}

// division is one as it is known, and as the export has it.
type division struct {
	divisionKey
	id       int64 // 0: not there yet
	label    string
	gone     bool // the last complete export did not name it
	named    bool // this one does
	relabels bool // the export has another label
}

// divisions finds the divisions of a year.
type divisions struct {
	at   map[divisionKey]int32
	list []division
}

// compare orders places as their names do.
func (d *divisions) compare(a, b int32) int {
	x, y := &d.list[a], &d.list[b]
	return cmp.Or(cmp.Compare(x.uai, y.uai), cmp.Compare(x.kind, y.kind), cmp.Compare(x.name, y.name))
}

// withID finds one that the directory has.
func (d *divisions) withID(id int64) (int32, bool) {
	for i := range d.list {
		if d.list[i].id == id {
			return int32(i), true //nolint:gosec // see name
		}
	}
	return 0, false
}

// name notes that the export names a division, and gives its place.
func (d *divisions) name(key divisionKey) int32 {
	at, there := d.at[key]
	if !there {
		key.name = strings.Clone(key.name)
		at = int32(len(d.list)) //nolint:gosec // classes of one académie
		d.at[key] = at
		d.list = append(d.list, division{divisionKey: key})
	}
	d.list[at].named = true
	return at
}

// loadDivisions reads those of a year.
func loadDivisions(ctx context.Context, tx *store.Tx, year int) (*divisions, error) {
	rows, err := tx.Query(ctx, `SELECT division_id, uai, kind, name, label, gone FROM division WHERE year = $1`, year)
	if err != nil {
		return nil, fmt.Errorf("read divisions: %w", err)
	}
	defer rows.Close()
	d := &divisions{at: map[divisionKey]int32{}}
	for rows.Next() {
		var one division
		var gone int
		if err := rows.Scan(&one.id, &one.uai, &one.kind, &one.name, &one.label, &gone); err != nil {
			return nil, fmt.Errorf("read divisions: %w", err)
		}
		one.gone = gone != 0
		d.at[one.divisionKey] = int32(len(d.list)) //nolint:gosec // see name
		d.list = append(d.list, one)
	}
	return d, rows.Err()
}

// loadSubjects reads the labels of subjects.
func loadSubjects(ctx context.Context, tx *store.Tx, degree int) (map[string]string, error) {
	rows, err := tx.Query(ctx, `SELECT code, label FROM subject WHERE degree = $1`, degree)
	if err != nil {
		return nil, fmt.Errorf("read subjects: %w", err)
	}
	defer rows.Close()
	labels := map[string]string{}
	for rows.Next() {
		var code, label string
		if err := rows.Scan(&code, &label); err != nil {
			return nil, fmt.Errorf("read subjects: %w", err)
		}
		labels[code] = label
	}
	return labels, rows.Err()
}
