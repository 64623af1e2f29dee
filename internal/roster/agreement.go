package roster

import (
	"cmp"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
)

// sighting is one line's identity: two of one person that differ are a disagreement.
type sighting struct {
	id  uint64 // of the id_rh
	sum uint64 // of all the fields of the identity
}

// compareIdentities finds the people of whom two lines say different things, and counts the lines of each category and
// establishment on the way. People and identities are compared by 64-bit hashes under a random key: among 1,200,000
// people, two share one with a probability of 1 in 25 million, and then their lines would be refused.
func (f *File) compareIdentities() error {
	f.hash = maphash.MakeSeed()
	f.counts = map[countKey]int{}
	seen := make([]sighting, 0, f.Lines)
	err := f.understood(func(line Line) {
		f.count(line.Function)
		seen = append(seen, sighting{f.hashID(line.Person.HRID), identityHash(f.hash, line)})
	})
	if err != nil {
		return err
	}
	slices.SortFunc(seen, func(a, b sighting) int { return cmp.Compare(a.id, b.id) })
	disagree := map[uint64]bool{}
	f.ids = make([]uint64, 0, len(seen))
	for i, s := range seen {
		if i > 0 && s.id == seen[i-1].id {
			if s.sum != seen[i-1].sum {
				disagree[s.id] = true
			}
			continue
		}
		f.ids = append(f.ids, s.id)
	}
	if len(disagree) == 0 {
		return nil
	}
	return f.nameConflicts(disagree)
}

// nameConflicts reads the file once more and says of each person whose lines disagree which columns of which lines do.
func (f *File) nameConflicts(disagree map[uint64]bool) error {
	type identity struct {
		line   int
		fields [len(identityColumns)]uint64 // hashes: one of them is a NUMEN
	}
	first := map[string]identity{}
	conflicts := map[string]string{}
	err := f.understood(func(line Line) {
		idRH := line.Person.HRID
		if !disagree[f.hashID(idRH)] || conflicts[idRH] != "" {
			return
		}
		now := identity{line: line.Number}
		for i, field := range identityFields(line) {
			now.fields[i] = maphash.String(f.hash, field)
		}
		before, known := first[idRH]
		if !known {
			first[strings.Clone(idRH)] = now
			return
		}
		var differ []string
		for i, column := range identityColumns {
			if before.fields[i] != now.fields[i] {
				differ = append(differ, columns[column])
			}
		}
		if len(differ) > 0 {
			conflicts[strings.Clone(idRH)] = fmt.Sprintf("lignes %d et %d : identités différentes pour le même id_rh (%s)",
				before.line, now.line, strings.Join(differ, ", "))
		}
	})
	f.conflicts = conflicts
	return err
}

// understood visits the lines that are not wrong by themselves.
func (f *File) understood(visit func(Line)) error {
	for record, err := range f.records(func(Line) []string { return nil }) {
		if err != nil {
			return err
		}
		if record.Rejection == nil {
			visit(record.Line)
		}
	}
	return nil
}

// identityColumns are the columns that must agree among the lines of a person.
var identityColumns = [...]int{colNUMEN, colCivilite, colNomNaissance, colNomUsage, colPrenoms, colNaissance}

// identityFields gives them, in that order.
func identityFields(l Line) [len(identityColumns)]string {
	p := l.Person
	return [...]string{l.NUMEN.Reveal(), p.Civility, p.BirthName, p.UsageName, p.Forenames, p.Birth.String()}
}

// identityHash is one hash of them all. No field holds the sign that parts them: the reader refuses controls.
func identityHash(seed maphash.Seed, l Line) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	for _, field := range identityFields(l) {
		h.WriteString(field) //nolint:errcheck // never fails
		h.WriteByte(0)       //nolint:errcheck // never fails
	}
	return h.Sum64()
}

// hashID stands for an id_rh in the maps of one file.
func (f *File) hashID(idRH string) uint64 { return maphash.String(f.hash, idRH) }
