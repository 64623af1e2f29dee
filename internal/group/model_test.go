package group_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"navette/internal/directory"
	"navette/internal/group"
	"navette/internal/guard"
	"navette/internal/store"
	"navette/internal/testkit/school"
	"navette/internal/testkit/stores"
)

// A school as a model: who is in which group is computed below without a query, as the doc of the package says it.
type (
	modelSchool struct {
		uai       string
		divisions []modelDivision
		pupils    []modelPupil
		guardians []modelGuardian
		staff     []modelStaff
	}
	modelDivision struct {
		id   int64
		kind int
		name string
		gone bool
	}
	modelPupil struct {
		id       int64
		absent   bool
		years    []int // of enrolment
		in       []int // divisions
		answered []modelBond
	}
	modelBond struct {
		guardian, year int
		legal          bool
	}
	modelGuardian struct {
		id     int64
		absent bool
		mail   string
	}
	modelStaff struct {
		account, id      int64
		departed, absent bool
		matched          bool
		functions        []modelFunction
		posts            []string
		teaches          []modelTeaching
	}
	modelFunction struct{ name, starts, ends string }
	modelTeaching struct {
		division  int
		principal bool
	}
)

// draw invents a school; ids are taken from next on.
func draw(t *rapid.T, number int, next int64) modelSchool {
	id := func() int64 { next++; return next }
	s := modelSchool{uai: directory.MakeUAI(number), divisions: []modelDivision{{id(), 1, "4E3", false}, {id(), 1, "3E1", rapid.Bool().Draw(t, "gone")}, {id(), 2, "4ALL2", false}}}
	for range rapid.IntRange(0, 4).Draw(t, "guardians") {
		s.guardians = append(s.guardians, modelGuardian{id(), rapid.IntRange(0, 4).Draw(t, "absent") == 0, rapid.SampledFrom([]string{"", "a@example.net", "b@example.net"}).Draw(t, "mail")})
	}
	some := func(n int, label string) []int {
		return rapid.SliceOfDistinct(rapid.IntRange(0, n-1), rapid.ID[int]).Draw(t, label)
	}
	for range rapid.IntRange(0, 6).Draw(t, "pupils") {
		p := modelPupil{id: id(), absent: rapid.IntRange(0, 4).Draw(t, "absent") == 0, in: some(3, "in")}
		for _, y := range some(2, "years") {
			p.years = append(p.years, school.Year-y)
		}
		if len(s.guardians) > 0 {
			for _, g := range some(len(s.guardians), "answered") {
				p.answered = append(p.answered, modelBond{g, school.Year - rapid.IntRange(0, 1).Draw(t, "year"), rapid.Bool().Draw(t, "legal")})
			}
		}
		s.pupils = append(s.pupils, p)
	}
	for range rapid.IntRange(0, 5).Draw(t, "staff") {
		s.staff = append(s.staff, drawStaff(t, id, some))
	}
	return s
}

func drawStaff(t *rapid.T, id func() int64, some func(int, string) []int) modelStaff {
	a := modelStaff{account: id(), id: id(), departed: rapid.IntRange(0, 4).Draw(t, "departed") == 0, absent: rapid.IntRange(0, 4).Draw(t, "absent") == 0, matched: rapid.IntRange(0, 3).Draw(t, "matched") > 0}
	for range rapid.IntRange(0, 2).Draw(t, "functions") {
		days := rapid.SampledFrom([][2]string{{"2020-09-01", ""}, {"2020-09-01", "2026-11-24"}, {"2020-09-01", "2026-11-23"}, {"2026-11-25", ""}}).Draw(t, "days")
		a.functions = append(a.functions, modelFunction{rapid.SampledFrom([]string{"ENS", "DIR", "AED", "DOC"}).Draw(t, "function"), days[0], days[1]})
	}
	for _, n := range some(4, "posts") {
		a.posts = append(a.posts, []string{"ENS", "DIR", "-", "EDU"}[n])
	}
	for _, d := range some(3, "teaches") {
		a.teaches = append(a.teaches, modelTeaching{d, rapid.Bool().Draw(t, "principal")})
	}
	return a
}

// members gives who should be in a group: guardians and pupils by id, staff by account.
func (s modelSchool) members(k group.Kind, scope group.Scope, division string) (out []int64) {
	in := func(d int) bool {
		v := s.divisions[d]
		return !v.gone && (scope == group.OfSchool || v.kind == int(scope) && v.name == division)
	}
	switch k.Holds() {
	case guard.Guardians, guard.Pupils:
		for _, p := range s.pupils {
			if p.absent || !slices.Contains(p.years, school.Year) || scope != group.OfSchool && !slices.ContainsFunc(p.in, in) {
				continue
			}
			if k.Holds() == guard.Pupils {
				out = append(out, p.id)
				continue
			}
			for _, b := range p.answered {
				if b.legal && b.year == school.Year && !s.guardians[b.guardian].absent {
					out = append(out, s.guardians[b.guardian].id)
				}
			}
		}
	default:
		for _, a := range s.staff {
			if a.isIn(k, scope, in) {
				out = append(out, a.account)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (a modelStaff) isIn(k group.Kind, scope group.Scope, in func(int) bool) bool {
	if a.departed {
		return false
	}
	fits := func(f string) bool {
		return k == group.Personnels || k == group.Enseignants && (f == "ENS" || f == "DOC") || k == group.Direction && f == "DIR"
	}
	runs := func(f modelFunction) bool {
		return f.starts <= "2026-11-24" && (f.ends == "" || f.ends >= "2026-11-24")
	}
	if scope == group.OfSchool && slices.ContainsFunc(a.functions, func(f modelFunction) bool { return runs(f) && fits(f.name) }) {
		return true
	}
	if a.absent || !a.matched || len(a.functions) > 0 && !slices.ContainsFunc(a.functions, runs) {
		return false
	}
	if scope == group.OfSchool && slices.ContainsFunc(a.posts, func(f string) bool { return f != "-" && fits(f) }) {
		return true
	}
	return slices.ContainsFunc(a.teaches, func(t modelTeaching) bool {
		return in(t.division) && (k == group.Enseignants || k == group.Personnels || k == group.Principaux && t.principal)
	})
}

// write puts the model's school into the database, in one transaction.
func (s modelSchool) write(tb testing.TB, db *store.DB) {
	tb.Helper()
	err := db.Write(tb.Context(), store.Bulk, func(tx *store.Tx) error {
		w := &writer{tx: tx, ctx: tb.Context()}
		w.do(`INSERT INTO school_year (year, state, as_of, approved_by, approved_at) VALUES (2025, 2, '', '', 0), (2026, 1, '', '', 0) ON CONFLICT (year) DO NOTHING`)
		w.do(`INSERT INTO establishment (uai, name, nature, department, city, created_at) VALUES ($1, 'Collège', '340', '', '', 0)`, s.uai)
		for _, d := range s.divisions {
			w.do(`INSERT INTO division (division_id, year, uai, kind, name, label, gone) VALUES ($1, 2026, $2, $3, $4, '', $5)`, d.id, s.uai, d.kind, d.name, bit(d.gone))
		}
		for _, g := range s.guardians {
			w.do(`INSERT INTO guardian (guardian_id, degree, jointure, civility, usage_name, forename, mail, mail_key, absent_at, fingerprint)
				VALUES ($1, 2, $2, '', 'G', 'G', $3, $3, $4, 0)`, g.id, fmt.Sprint(g.id), g.mail, bit(g.absent))
		}
		for _, p := range s.pupils {
			w.pupil(s, p)
		}
		for _, a := range s.staff {
			w.staff(s, a)
		}
		return w.err
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// writer runs statements until one fails.
type writer struct {
	tx  *store.Tx
	ctx context.Context
	err error
}

func (w *writer) do(query string, args ...any) {
	if w.err == nil {
		_, w.err = w.tx.Exec(w.ctx, query, args...)
	}
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (w *writer) pupil(s modelSchool, p modelPupil) {
	w.do(`INSERT INTO pupil (pupil_id, degree, jointure, birth_name, usage_name, forename, birth_date, mail, mail_key, absent_at, fingerprint)
		VALUES ($1, 2, $2, 'P', 'P', 'P', '', '', '', $3, 0)`, p.id, fmt.Sprint(p.id), bit(p.absent))
	for _, y := range p.years {
		w.do(`INSERT INTO enrolment (year, uai, pupil_id) VALUES ($1, $2, $3)`, y, s.uai, p.id)
	}
	for _, d := range p.in {
		w.do(`INSERT INTO division_pupil (division_id, pupil_id) VALUES ($1, $2)`, s.divisions[d].id, p.id)
	}
	for _, b := range p.answered {
		w.do(`INSERT INTO guardianship (year, pupil_id, guardian_id, link, legal, contact) VALUES ($1, $2, $3, 10, $4, 1)`, b.year, p.id, s.guardians[b.guardian].id, bit(b.legal))
	}
}

func (w *writer) staff(s modelSchool, a modelStaff) {
	state, matched := "active", a.account
	if a.departed {
		state = "departed"
	}
	if !a.matched {
		matched = 0
	}
	w.do(`INSERT INTO person (person_id, id_rh, civility, birth_name, usage_name, forenames, birth_date, reference, created_at, updated_at)
		VALUES ($1, $2, '', 'A', '', 'A', '', '', 0, 0)`, a.account, fmt.Sprint(a.account))
	w.do(`INSERT INTO account (account_id, person_id, kind, login, state, display_name, auth_epoch, created_at, updated_at)
		VALUES ($1, $1, 'person', $2, $3, '', 1, 0, 0)`, a.account, fmt.Sprint(a.account), state)
	for i, f := range a.functions {
		w.do(`INSERT INTO function (person_id, function_id, corps, category, function, uai, starts, ends, reference, ended_at)
			VALUES ($1, $2, '', '', $3, $4, $5, $6, '', 0)`, a.account, i, f.name, s.uai, f.starts, f.ends)
	}
	w.do(`INSERT INTO staff (staff_id, degree, jointure, birth_name, usage_name, forename, birth_date, mail, account_id, matched, absent_at, fingerprint)
		VALUES ($1, 2, $2, '', '', '', '', '', $3, 1, $4, 0)`, a.id, fmt.Sprint(a.id), matched, bit(a.absent))
	for _, f := range a.posts {
		w.do(`INSERT INTO staff_post (year, uai, staff_id, function, post, post_label) VALUES (2026, $1, $2, $3, '', '')`, s.uai, a.id, f)
	}
	for _, t := range a.teaches {
		w.do(`INSERT INTO teaching (division_id, staff_id, principal, subjects) VALUES ($1, $2, $3, '')`, s.divisions[t.division].id, a.id, bit(t.principal))
	}
}

func TestGroupsHoldWhomTheModelSays(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		number := 0
		rapid.Check(t, func(r *rapid.T) {
			number++
			s := draw(r, 7_500_000+number, int64(number)*1000)
			s.write(t, db)
			w.derive()
			list, err := w.OfSchool(t.Context(), s.uai)
			if err != nil {
				t.Fatal(err)
			}
			for _, g := range list {
				division := ""
				if g.Scope != group.OfSchool {
					division = strings.ToUpper(strings.Split(g.Address, ".")[1])
				}
				want := s.members(g.Kind, g.Scope, division)
				if got := w.memberIDs(g.ID); !slices.Equal(got, want) || g.Count.Members != len(want) {
					r.Fatalf("%s holds %d, counted %d, want %d: %+v", g.Address, got, g.Count.Members, want, s)
				}
			}
		})
	})
}

// memberIDs gives who is in a group, ascending: persons, or accounts of staff.
func (w *world) memberIDs(id int64) (out []int64) {
	w.t.Helper()
	members, err := w.Members(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, m := range members {
		out = append(out, m.Person+m.Account)
	}
	slices.Sort(out)
	return out
}
