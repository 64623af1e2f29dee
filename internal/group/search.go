package group

import (
	"cmp"
	"context"
	"encoding/base32"
	"fmt"
	"io"
	"slices"
	"strings"

	"navette/internal/directory"
	"navette/internal/guard"
	"navette/internal/reach"
	"navette/internal/store"
)

// Pupil is a pupil whom somebody may write to, with the group of who answers for them.
type Pupil struct {
	ID      int64
	Name    string   // « Léa DUPONT »
	Classes []string // « 4e3 »
	UAI     string
	Group   Group // « Responsables de Léa D. (4e3) »
	Count   Count
}

// French is the pupil's guardians as a line to choose: « Responsables de Léa D. (4e3) — 2 personnes ».
func (p Pupil) French() string {
	people := "personnes"
	if p.Count.Members < 2 {
		people = "personne"
	}
	return fmt.Sprintf("%s — %d %s", p.Group.Name, p.Count.Members, people)
}

// What a search takes and gives at most.
const (
	shortest = 2 // letters of a word
	most     = 20
)

// FindPupils gives the pupils that words begin (« lea dup », « dupont 4e3 »), accents and case folded, among those to whose
// guardians an account may write; twenty at most, by name. Each comes with a group to write to, which is issued now if
// the pupil has none yet.
func (s *Service) FindPupils(ctx context.Context, account int64, words string) ([]Pupil, error) {
	asked := folded(words)
	if len(asked) == 0 || !slices.ContainsFunc(asked, func(w string) bool { return len(w) >= shortest }) {
		return nil, nil
	}
	r, err := s.cfg.Reach.Rights(ctx, account)
	if err != nil {
		return nil, err
	}
	found, err := s.pupils(ctx, r, asked)
	if err != nil {
		return nil, fmt.Errorf("find pupils: %w", err)
	}
	if err := s.issueForPupils(ctx, found); err != nil {
		return nil, fmt.Errorf("issue groups of pupils: %w", err)
	}
	if err := s.describe(ctx, r, found); err != nil {
		return nil, fmt.Errorf("groups of pupils: %w", err)
	}
	return found, nil
}

// folded gives the words of a text without accents and case.
func folded(text string) []string {
	return strings.FieldsFunc(directory.Slug(text), func(r rune) bool { return r == '-' })
}

// begins tells that each word asked begins one of the words of a text.
func begins(asked []string, text string) bool {
	words := folded(text)
	for _, a := range asked {
		if !slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, a) }) {
			return false
		}
	}
	return true
}

// pupils gives the first of those who match. A school's pupils are a few thousand: words are folded here, where both
// engines agree.
func (s *Service) pupils(ctx context.Context, r reach.Rights, asked []string) (found []Pupil, err error) {
	err = s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		found = nil
		all, err := reachable(ctx, tx, r)
		for _, p := range all {
			if begins(asked, p.words) {
				found = append(found, p.Pupil)
			}
		}
		return err
	})
	slices.SortFunc(found, func(a, b Pupil) int { return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return found[:min(len(found), most)], err
}

// named is a pupil with the words by which they are found.
type named struct {
	Pupil
	words string
}

// reachableQuery gives the pupils of the year of a set of schools and of a set of divisions, a line for each class.
func reachableQuery(schools, divisions string) string {
	return `SELECT p.pupil_id, p.forename, p.usage_name, p.birth_name, n.uai, COALESCE(d.name, '') FROM (
			SELECT e.uai, e.pupil_id FROM enrolment e WHERE e.year = ` + currentYear + ` AND e.uai IN (` + schools + `)
			UNION SELECT e.uai, e.pupil_id FROM division z CROSS JOIN division_pupil y CROSS JOIN enrolment e
				WHERE z.division_id IN (` + divisions + `) AND y.division_id = z.division_id AND e.year = ` + currentYear + ` AND e.uai = z.uai AND e.pupil_id = y.pupil_id) AS n
		CROSS JOIN pupil p
		LEFT JOIN division_pupil x ON x.pupil_id = n.pupil_id
		LEFT JOIN division d ON d.division_id = x.division_id AND d.kind = 1 AND d.gone = 0 AND d.uai = n.uai AND d.year = ` + currentYear + `
		WHERE p.pupil_id = n.pupil_id AND p.absent_at = 0
		ORDER BY n.uai, p.pupil_id, d.name`
}

// reachable gives all pupils to whose guardians somebody may write, once for each of their schools where that is so.
func reachable(ctx context.Context, tx *store.Tx, r reach.Rights) (out []named, err error) {
	schools, schoolsArg := tx.Dialect().TextSet(1, r.Whole)
	divisions, divisionsArg := tx.Dialect().IntSet(2, r.Divisions)
	rows, err := tx.Query(ctx, reachableQuery(schools, divisions), schoolsArg, divisionsArg)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var p named
		var forename, usage, birth, class string
		if err := rows.Scan(&p.ID, &forename, &usage, &birth, &p.UAI, &class); err != nil {
			return nil, err
		}
		if n := len(out); n == 0 || out[n-1].ID != p.ID || out[n-1].UAI != p.UAI {
			p.Name, p.words = directory.DisplayName(forename, usage), strings.Join([]string{forename, usage, birth}, " ")
			out = append(out, p)
		}
		if last := &out[len(out)-1]; class != "" {
			last.Classes = append(last.Classes, ClassName(class))
			last.words += " " + ClassName(class) + " " + class
		}
	}
	return out, rows.Err()
}

// tokenBytes is how much chance an address of a pupil's guardians holds: nobody guesses one.
const tokenBytes = 10

// token is that in an address.
func token(random io.Reader) (string, error) {
	var b [tokenBytes]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", fmt.Errorf("draw an address: %w", err)
	}
	return strings.ToLower(base32.HexEncoding.EncodeToString(b[:])), nil
}

// issueForPupils issues the groups that pupils lack.
func (s *Service) issueForPupils(ctx context.Context, found []Pupil) error {
	lacking, err := s.withoutGroup(ctx, found)
	if err != nil || len(lacking) == 0 {
		return err
	}
	first, err := s.cfg.DB.NewIDs(ctx, IDs, int64(len(lacking)))
	if err != nil {
		return err
	}
	records := make([]store.Record, len(lacking))
	for i, p := range lacking {
		word, err := token(s.cfg.Random)
		if err != nil {
			return err
		}
		records[i] = store.Record{Ints: []int64{first + int64(i), int64(Responsables), int64(OfPupil), p.ID},
			Texts: []string{p.UAI, "", directory.GroupLocal(Responsables.word(), word, p.UAI, 0)}}
	}
	return s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		if _, err := tx.NextMeta(ctx, "directory"); err != nil { // addresses are issued
			return err
		}
		return insert(ctx, tx, records)
	})
}

// withoutGroup gives the pupils whose guardians have no group at their school.
func (s *Service) withoutGroup(ctx context.Context, found []Pupil) (out []Pupil, err error) {
	err = s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		groups, err := groupsOf(ctx, tx, found)
		out = slices.DeleteFunc(slices.Clone(found), func(p Pupil) bool { return groups[pupilAt{p.ID, p.UAI}] != 0 })
		return err
	})
	return out, err
}

// pupilAt is a pupil of a school.
type pupilAt struct {
	pupil int64
	uai   string
}

func groupsOf(ctx context.Context, tx *store.Tx, found []Pupil) (map[pupilAt]int64, error) {
	var pupils []int64
	for _, p := range found {
		pupils = append(pupils, p.ID)
	}
	set, arg := tx.Dialect().IntSet(1, pupils)
	rows, err := tx.Query(ctx, `SELECT pupil_id, uai, group_id FROM school_group WHERE pupil_id <> 0 AND pupil_id IN (`+set+`)`, arg)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[pupilAt]int64{}
	for rows.Next() {
		var at pupilAt
		var id int64
		if err := rows.Scan(&at.pupil, &at.uai, &id); err != nil {
			return nil, err
		}
		out[at] = id
	}
	return out, rows.Err()
}

// describe tells of each pupil's group.
func (s *Service) describe(ctx context.Context, r reach.Rights, found []Pupil) error {
	return s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		ids, err := groupsOf(ctx, tx, found)
		if err != nil {
			return err
		}
		groups, err := s.byID(ctx, tx, r, ids)
		if err != nil {
			return err
		}
		var all []int64
		for id := range groups {
			all = append(all, id)
		}
		counts, err := s.counts(ctx, tx, guard.Guardians, all)
		if err != nil {
			return err
		}
		for i := range found {
			id := ids[pupilAt{found[i].ID, found[i].UAI}]
			found[i].Group, found[i].Count = groups[id], counts[id]
		}
		return nil
	})
}

func (s *Service) byID(ctx context.Context, tx *store.Tx, r reach.Rights, ids map[pupilAt]int64) (map[int64]Group, error) {
	var list []int64
	for _, id := range ids {
		list = append(list, id)
	}
	set, arg := tx.Dialect().IntSet(1, list)
	divisions, divisionsArg := tx.Dialect().IntSet(2, r.Divisions)
	groups, err := s.read(tx.Query(ctx, columns(divisions)+`WHERE q.group_id IN (`+set+`)`, arg, divisionsArg))
	out := map[int64]Group{}
	for _, g := range groups {
		out[g.ID] = g
	}
	return out, err
}
