package annuaire

import (
	"maps"
	"slices"

	"navette/internal/directory"
)

// view is the directory at an instant: what every search works on. It is immutable.
type view struct {
	version int64 // store_meta 'directory' up to which it knows everything
	epoch   int64
	day     directory.Date // on which functions are those of today
	schools map[string]*school

	base     *segment
	replaced bitSet // of base: what recent has anew, or what is gone
	recent   *segment
	vacant   *segment
	reserved *segment
}

// rebuildAt is how many recent entries make it worth indexing everything anew; and a twentieth of base, if that is more:
// so that the work of an import stays in proportion.
const rebuildAt = 2000

// newView indexes everything.
func newView(records []*record, vacant map[string][]*record) *view {
	listed, reserved := part(records)
	return &view{base: newSegment(listed), replaced: newBits(len(listed)), recent: newSegment(nil), vacant: newSegment(flat(vacant)),
		reserved: newSegment(reserved)}
}

// part gives those that everybody sees, and the liste rouge.
func part(records []*record) (listed, reserved []*record) {
	for _, r := range records {
		if r.hidden {
			reserved = append(reserved, r)
		} else {
			listed = append(listed, r)
		}
	}
	return listed, reserved
}

func flat(vacant map[string][]*record) (list []*record) {
	for _, of := range vacant {
		list = append(list, of...)
	}
	return list
}

// with gives the view in which some accounts have the records that were read of them, or none, and some establishments
// have those vacant posts.
func (v *view) with(accounts []int64, records []*record, uais []string, vacant map[string][]*record) *view {
	changed := make(map[int64]bool, len(accounts))
	for _, a := range accounts {
		changed[a] = true
	}
	gone := func(r *record) bool { return changed[r.account] }
	next := *v
	next.replaced = slices.Clone(v.replaced)
	for _, a := range accounts {
		if i, found := v.base.byAccount(a); found {
			next.replaced.set(i)
		}
	}
	listed, reserved := part(records)
	if add := slices.DeleteFunc(slices.Clone(v.recent.records), gone); len(add)+len(listed) > 0 || len(v.recent.records) > 0 {
		next.recent = newSegment(append(add, listed...))
	}
	if keep := slices.DeleteFunc(slices.Clone(v.reserved.records), gone); len(keep)+len(reserved) > 0 || len(v.reserved.records) > 0 {
		next.reserved = newSegment(append(keep, reserved...))
	}
	if len(uais) > 0 {
		next.vacant = newSegment(append(slices.DeleteFunc(slices.Clone(v.vacant.records), func(r *record) bool {
			return slices.Contains(uais, r.posts[0].school.UAI)
		}), flat(vacant)...))
	}
	if n := len(next.recent.records); n > max(rebuildAt, len(next.base.records)/20) {
		next.rebuild()
	}
	return &next
}

// rebuild puts what is recent into base.
func (v *view) rebuild() {
	all := make([]*record, 0, len(v.base.records)+len(v.recent.records))
	for i, r := range v.base.records {
		if !v.replaced.has(uint32(i)) {
			all = append(all, r)
		}
	}
	v.base, v.recent = newSegment(append(all, v.recent.records...)), newSegment(nil)
	v.replaced = newBits(len(v.base.records))
}

// record gives that of an account, hidden or not, nil where the directory has none.
func (v *view) record(account int64) *record {
	if i, found := v.recent.byAccount(account); found {
		return v.recent.records[i]
	}
	if i, found := v.reserved.byAccount(account); found {
		return v.reserved.records[i]
	}
	if i, found := v.base.byAccount(account); found && !v.replaced.has(i) {
		return v.base.records[i]
	}
	return nil
}

// schoolsChanged reports that an establishment that records may show is not what it was.
func (v *view) schoolsChanged(now map[string]*school) bool {
	return !maps.EqualFunc(v.schools, now, func(a, b *school) bool { return *a == *b })
}

// search gives the first hits of all indexes together.
func (v *view) search(a *asked, sees func(*record) bool) []hit {
	hits := v.base.search(a, v.replaced.has)
	hits = append(hits, v.recent.search(a, nil)...)
	hits = append(hits, v.vacant.search(a, nil)...)
	if sees != nil {
		hits = append(hits, v.reserved.search(a, func(i uint32) bool { return !sees(v.reserved.records[i]) })...)
	}
	slices.SortFunc(hits, hit.compare)
	return hits[:min(len(hits), a.limit)]
}
