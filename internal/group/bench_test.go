package group_test

import (
	"fmt"
	"testing"

	"navette/internal/directory"
	"navette/internal/store"
	"navette/internal/testkit/pg"
	"navette/internal/testkit/school"
	"navette/internal/testkit/stores"
)

// An académie of the tests of speed: 1,100 schools of 27 classes and groups, 165 pupils each, two guardians a pupil.
const (
	benchSchools = 1100
	benchClasses = 27
	benchPupils  = 165
)

// benchUAI is the school number n.
func benchUAI(n int) string { return directory.MakeUAI(750000 + n) }

// BenchmarkQuestions measures what is asked while somebody writes, in a whole académie, by the secretary of one of its
// schools.
func BenchmarkQuestions(b *testing.B) {
	for engine, open := range map[string]func(testing.TB) *store.DB{"sqlite": stores.SQLite, "postgres": postgres} {
		w := newWorld(b, open(b))
		fill(b, w.house.DB, benchSchools, benchClasses)
		fillPupils(b, w.house.DB)
		w.derive()
		if engine == "postgres" {
			w.exec(`ANALYZE`) // as its own upkeep does within minutes of an import
		}
		sec := secretary(w)
		parents := w.id("parents." + lower(benchUAI(7)))
		var addresses []string
		for i := range 200 {
			addresses = append(addresses, fmt.Sprintf("g%d@example.net", i*1000+1))
		}
		for name, ask := range map[string]func() error{
			"members of Parents du collège": func() error { _, err := w.Members(b.Context(), parents); return err },
			"groups to write to":            func() error { _, err := w.For(b.Context(), sec, ""); return err },
			"pupils found":                  func() error { _, err := w.FindPupils(b.Context(), sec, "dup 11"); return err },
			"standings of one address":      func() error { _, err := w.reach.Standings(b.Context(), sec, addresses[:1]); return err },
			"standings of 200 addresses":    func() error { _, err := w.reach.Standings(b.Context(), sec, addresses); return err },
		} {
			b.Run(engine+"/"+name, func(b *testing.B) {
				for range b.N {
					if err := ask(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func postgres(tb testing.TB) *store.DB {
	tb.Helper()
	return stores.Open(tb, pg.Start(tb).NewDatabase(tb))
}

func lower(uai string) string { return uai[:7] + string(uai[7]|0x20) }

// secretary makes one in school number 7.
func secretary(w *world) int64 {
	w.t.Helper()
	id := w.house.Accounts(w.t, 1)[0]
	w.exec(`INSERT INTO person (person_id, id_rh, civility, birth_name, usage_name, forenames, birth_date, reference, created_at, updated_at)
		VALUES (1, 'RH1', '', 'ROUX', '', 'Claire', '', '', 0, 0)`)
	w.exec(`UPDATE account SET person_id = 1 WHERE account_id = $1`, id)
	w.exec(`INSERT INTO function (person_id, function_id, corps, category, function, uai, starts, ends, reference, ended_at)
		VALUES (1, 1, '', '', 'ADF', $1, $2, '', '', 0)`, benchUAI(7), school.Since)
	return id
}

// fillPupils puts pupils and guardians into the schools that fill made.
func fillPupils(tb testing.TB, db *store.DB) {
	tb.Helper()
	ctx := tb.Context()
	for s := range benchSchools {
		var pupils []store.Record
		var bonds [][]int64
		var guardians []store.Record
		for k := range benchPupils {
			p := int64(s*benchPupils + k + 1)
			pupils = append(pupils, store.Record{Ints: []int64{p, int64(s*benchClasses + k%benchClasses + 1)}, Texts: []string{fmt.Sprintf("DUPONT%d", p), "Léa"}})
			for g := range int64(2) {
				id := 2*p + g
				guardians = append(guardians, store.Record{Ints: []int64{id}, Texts: []string{fmt.Sprintf("g%d@example.net", id)}})
				bonds = append(bonds, []int64{p, id})
			}
		}
		err := db.Write(ctx, store.Bulk, func(tx *store.Tx) error {
			w := &writer{tx: tx, ctx: ctx}
			staged, arg := tx.Dialect().Records(1, []string{"id", "class"}, []string{"name", "forename"}, pupils)
			w.do(`INSERT INTO pupil (pupil_id, degree, jointure, birth_name, usage_name, forename, birth_date, mail, mail_key, absent_at, fingerprint)
				SELECT id, 2, CAST(id AS TEXT), name, name, forename, '', '', '', 0, 0 FROM (`+staged+`) AS s`, arg)
			w.do(`INSERT INTO enrolment (year, uai, pupil_id) SELECT 2026, $2, id FROM (`+staged+`) AS s`, arg, benchUAI(s))
			w.do(`INSERT INTO division_pupil (division_id, pupil_id) SELECT class, id FROM (`+staged+`) AS s`, arg)
			staged, arg = tx.Dialect().Records(1, []string{"id"}, []string{"mail"}, guardians)
			w.do(`INSERT INTO guardian (guardian_id, degree, jointure, civility, usage_name, forename, mail, mail_key, absent_at, fingerprint)
				SELECT id, 2, CAST(id AS TEXT), '', 'DUPONT', 'Anne', mail, mail, 0, 0 FROM (`+staged+`) AS s`, arg)
			staged, arg = tx.Dialect().Rows(1, []string{"pupil", "guardian"}, bonds)
			w.do(`INSERT INTO guardianship (year, pupil_id, guardian_id, link, legal, contact) SELECT 2026, pupil, guardian, 10, 1, 1 FROM (`+staged+`) AS s`, arg)
			return w.err
		})
		if err != nil {
			tb.Fatal(err)
		}
	}
}
