package roster_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/roster"
	"navette/internal/store"
	"navette/internal/testkit/pg"
	"navette/internal/testkit/stores"
)

func TestMain(m *testing.M) { os.Exit(pg.Wrap(m).Run()) }

const domain = "ac-paris.example"

// The people of these tests. A line ends before its function.
const (
	claire  = "1001;01E9501234ABC;Mme;PETIT;MARTIN;Claire Anne;06/05/1982;"
	jean    = "1002;01E0101234ABD;M.;MARTIN;;Jean;12/11/1971;"
	jeanne  = "1003;01E0201234ABE;Mme;MARTIN;;Jeanne;12/11/1975;"
	jeanBis = "1004;01E0301234ABF;M.;MARTIN;;Jean;01/02/1990;"

	teaches = "Professeur certifié;ENS2D;ENS;0759001B;01/09/2020;;ARR-1"
	directs = "Personnel de direction;DIEO;DIR;0759002C;01/09/2024;;ARR-2"
)

// fixture is a roster on a database, with the questions that tests ask.
type fixture struct {
	*roster.Service
	t  *testing.T
	db *store.DB
}

func newFixture(t *testing.T, db *store.DB) *fixture {
	t.Helper()
	f := &fixture{t: t, db: db, Service: roster.New(roster.Config{DB: db, Log: slog.New(slog.DiscardHandler), Domain: domain})}
	schools := []directory.Establishment{{UAI: "0759001B", Name: "Collège", Nature: directory.NatureCollege}, {UAI: "0759002C", Name: "École", Nature: directory.NatureEcoleElementaire}}
	if err := f.PutEstablishments(t.Context(), schools); err != nil {
		t.Fatal(err)
	}
	return f
}

func file(lines ...string) string {
	return roster.Header() + "\n" + strings.Join(append(lines, fmt.Sprintf("#FIN;%d", len(lines))), "\n") + "\n"
}

// imports imports a file of these lines.
func (f *fixture) imports(lines ...string) roster.Report {
	f.t.Helper()
	report, err := f.Import(f.t.Context(), strings.NewReader(file(lines...)), roster.Options{})
	if err != nil {
		f.t.Fatal(err)
	}
	return report
}

// query gives the rows of a query, their columns joined.
func (f *fixture) query(query string, args ...any) []string {
	f.t.Helper()
	var out []string
	err := f.db.Read(f.t.Context(), func(tx *store.Tx) error {
		out = nil
		rows, err := tx.Query(f.t.Context(), query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		columns, err := rows.Columns()
		if err != nil {
			return err
		}
		for rows.Next() {
			values, pointers := make([]sql.NullString, len(columns)), make([]any, len(columns))
			for i := range values {
				pointers[i] = &values[i]
			}
			if err := rows.Scan(pointers...); err != nil {
				return err
			}
			texts := make([]string, len(values))
			for i, v := range values {
				texts[i] = v.String
			}
			out = append(out, strings.Join(texts, " "))
		}
		return rows.Err()
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return out
}

// addresses gives what an HR identifier holds: « kind address », sorted.
func (f *fixture) addresses(idRH string) []string {
	f.t.Helper()
	return f.query(`SELECT d.kind, d.address FROM address d JOIN account a ON a.account_id = d.account_id
		JOIN person p ON p.person_id = a.person_id WHERE p.id_rh = $1 ORDER BY d.kind, d.address`, idRH)
}

// functions gives « function uai ends open|ended ».
func (f *fixture) functions(idRH string) []string {
	f.t.Helper()
	return f.query(`SELECT f.function, f.uai, f.ends, CASE f.ended_at WHEN 0 THEN 'open' ELSE 'ended' END FROM function f
		JOIN person p ON p.person_id = f.person_id WHERE p.id_rh = $1 ORDER BY f.function_id`, idRH)
}

// everything is the whole directory, but for ids and times.
func (f *fixture) everything() []string {
	f.t.Helper()
	return slices.Concat(
		f.query(`SELECT 'person', p.id_rh, p.civility, p.birth_name, p.usage_name, p.forenames, p.birth_date, p.reference, a.kind, a.login, a.state, a.display_name
			FROM person p LEFT JOIN account a ON a.person_id = p.person_id ORDER BY p.id_rh`),
		f.query(`SELECT 'address', d.address, d.kind, d.reference, a.login FROM address d LEFT JOIN account a ON a.account_id = d.account_id ORDER BY d.address`),
		f.query(`SELECT 'function', p.id_rh, f.function_id, f.corps, f.category, f.function, f.uai, f.starts, f.ends, f.reference, CASE f.ended_at WHEN 0 THEN 'open' ELSE 'ended' END
			FROM function f JOIN person p ON p.person_id = f.person_id ORDER BY p.id_rh, f.function_id`),
		f.query(`SELECT 'mailbox', a.login, m.name FROM mailbox m JOIN account a ON a.account_id = m.account_id ORDER BY a.login, m.name`),
	)
}

func (f *fixture) want(what string, got []string, want ...string) {
	f.t.Helper()
	if !slices.Equal(got, want) {
		f.t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func TestAJoinerGetsAnAccountAnAddressAndMailboxes(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		f := newFixture(t, db)
		report := f.imports(claire + teaches)
		if report.Joiners != 1 || report.Changes+report.Unchanged+report.Ended+report.Rejected != 0 || len(report.Warnings) != 0 {
			t.Errorf("report %+v", report)
		}
		f.want("addresses", f.addresses("1001"), "alias cmartin@ac-paris.example", "primary claire.martin@ac-paris.example")
		f.want("account", f.query(`SELECT login, state, kind, display_name FROM account`), "cmartin appointed person Claire MARTIN")
		f.want("functions", f.functions("1001"), "ENS 0759001B  open")
		f.want("inbox", f.query(`SELECT name FROM mailbox WHERE mailbox_id = 1`), "INBOX")
		f.want("states", f.query(`SELECT count(*) FROM account_state`), "1")
		f.want("files", f.query(`SELECT lines FROM roster_file`), "1")
		f.want("journal", f.query(`SELECT actor, action FROM journal`), "hr-import roster.import")
	})
}

func TestHomonymsGetDigitsAndLoginsCountOnTheirOwn(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		f := newFixture(t, db)
		f.imports(jean+teaches, jeanne+teaches)
		f.imports(jean+teaches, jeanne+teaches, jeanBis+teaches)
		f.want("Jean", f.addresses("1002"), "alias jmartin@ac-paris.example", "primary jean.martin@ac-paris.example")
		f.want("Jeanne", f.addresses("1003"), "alias jmartin1@ac-paris.example", "primary jeanne.martin@ac-paris.example")
		f.want("the second Jean", f.addresses("1004"), "alias jmartin2@ac-paris.example", "primary jean.martin1@ac-paris.example")
	})
}

func TestManyHomonymsInOneFileAreNumberedInItsOrder(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		f := newFixture(t, db)
		const many = 2100 // more than two batches
		lines := make([]string, many)
		for i := range lines {
			lines[i] = fmt.Sprintf("%05d;;M.;MARTIN;;Jean;12/11/1971;%s", i, teaches)
		}
		if report := f.imports(lines...); report.Joiners != many {
			t.Fatalf("report %+v", report)
		}
		for i := range many {
			digit := fmt.Sprint(i)
			if i == 0 {
				digit = ""
			}
			if got := f.addresses(fmt.Sprintf("%05d", i)); i%307 == 0 && !slices.Equal(got, []string{"alias jmartin" + digit + "@" + domain, "primary jean.martin" + digit + "@" + domain}) {
				t.Errorf("number %d: %q", i, got)
			}
		}
	})
}

func TestNamesThatGiveNoAddress(t *testing.T) {
	t.Parallel()
	f := newFixture(t, stores.SQLite(t))
	f.imports(
		"A-77;;M.;王;;Minh;12/11/1971;"+teaches,
		"A-78;;M.;SUKARNO;;;12/11/1971;"+teaches,
		"A-79;;M.;王;;李;12/11/1971;"+teaches,
		"A-80;;M.;MARTIN;;Cé;12/11/1971;"+teaches,
		"A-81;;Mme;BUSE;;Anne;12/11/1971;"+teaches,
	)
	f.want("no surname", f.addresses("A-77"), "alias ma-77@ac-paris.example", "primary minh.a-77@ac-paris.example")
	f.want("no forename", f.addresses("A-78"), "alias asukarno@ac-paris.example", "primary a-78.sukarno@ac-paris.example")
	f.want("no name", f.addresses("A-79"), "alias aa-79@ac-paris.example", "primary a-79.a-79@ac-paris.example")
	f.want("like an establishment's box", f.addresses("A-80"), "alias cmartin@ac-paris.example", "primary a-80.martin@ac-paris.example")
	f.want("a reserved login", f.addresses("A-81"), "alias abuse1@ac-paris.example", "primary anne.buse@ac-paris.example")
}

func TestTheSameFileAgainChangesNothing(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		f := newFixture(t, db)
		lines := []string{claire + teaches, claire + directs, jean + directs, jeanBis + teaches, "oops", jeanne + teaches + ";"}
		first := f.imports(lines...)
		before := f.everything()
		epochs := f.query(`SELECT auth_epoch, updated_at FROM account ORDER BY account_id`)
		second := f.imports(lines...)
		if first.NothingChanged() || !second.NothingChanged() || second.Unchanged != 3 || second.Rejected != 2 {
			t.Errorf("first %+v\nsecond %+v", first, second)
		}
		f.want("the directory", f.everything(), before...)
		f.want("accounts", f.query(`SELECT auth_epoch, updated_at FROM account ORDER BY account_id`), epochs...)
	})
}

func TestANewNameGivesANewAddressAndTheOldOneStillReceives(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		f := newFixture(t, db)
		f.imports(claire+teaches, jean+teaches)
		married := strings.Replace(claire, "MARTIN", "DURAND", 1)
		report := f.imports(married+strings.Replace(teaches, "ARR-1", "MAR-7", 1), jean+teaches)
		if report.Changes != 1 || report.NewAddresses != 1 || report.Unchanged != 1 {
			t.Errorf("report %+v", report)
		}
		f.want("addresses", f.addresses("1001"), "alias cmartin@ac-paris.example", "former claire.martin@ac-paris.example", "primary claire.durand@ac-paris.example")
		f.want("account", f.query(`SELECT login, display_name FROM account WHERE login = 'cmartin'`), "cmartin Claire DURAND")
		f.want("why", f.query(`SELECT reference FROM address WHERE address = 'claire.durand@ac-paris.example'`), "MAR-7")

		// Another Claire Martin never gets the address that the first one left.
		other := strings.Replace(claire, "1001", "2001", 1)
		f.imports(married+teaches, jean+teaches, other+teaches)
		f.want("the other's addresses", f.addresses("2001"), "alias cmartin1@ac-paris.example", "primary claire.martin1@ac-paris.example")

		// Divorced, she takes her own address back.
		f.imports(claire+teaches, jean+teaches, other+teaches)
		f.want("addresses", f.addresses("1001"), "alias cmartin@ac-paris.example", "former claire.durand@ac-paris.example", "primary claire.martin@ac-paris.example")
	})
}

func TestACorrectionThatLeavesTheAddressAsItIs(t *testing.T) {
	t.Parallel()
	f := newFixture(t, stores.SQLite(t))
	f.imports(claire + teaches)
	corrected := strings.NewReplacer("MARTIN", "MARTÏN", "Claire Anne", "Claire Élise", "06/05/1982", "06/05/1983").Replace(claire)
	report := f.imports(corrected + teaches)
	if report.Changes != 1 || report.NewAddresses != 0 {
		t.Errorf("report %+v", report)
	}
	f.want("addresses", f.addresses("1001"), "alias cmartin@ac-paris.example", "primary claire.martin@ac-paris.example")
	f.want("person", f.query(`SELECT usage_name, forenames, birth_date, display_name FROM person JOIN account ON account.person_id = person.person_id`),
		"MARTÏN Claire Élise 1983-05-06 Claire MARTÏN")
}

func TestFunctionsAreGainedChangedEndedAndHeldAgain(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		f := newFixture(t, db)
		f.imports(claire + teaches)

		report := f.imports(claire+teaches, claire+directs)
		if report.Changes != 1 || report.NewFunctions != 1 || report.Ended != 0 {
			t.Errorf("a second function: %+v", report)
		}
		f.want("functions", f.functions("1001"), "ENS 0759001B  open", "DIR 0759002C  open")

		report = f.imports(claire + strings.Replace(directs, ";;ARR-2", ";31/08/2028;ARR-9", 1))
		if report.Changes != 1 || report.FunctionsMoved != 1 || report.Ended != 1 {
			t.Errorf("one ended, one dated: %+v", report)
		}
		f.want("functions", f.functions("1001"), "ENS 0759001B  ended", "DIR 0759002C 2028-08-31 open")

		report = f.imports(jean + teaches)
		if report.Ended != 1 || report.Joiners != 1 {
			t.Errorf("absent: %+v", report)
		}
		f.want("account", f.query(`SELECT state FROM account WHERE login = 'cmartin'`), "appointed")

		report = f.imports(jean+teaches, claire+teaches)
		if report.Returned != 1 || report.Changes != 1 || report.Joiners != 0 {
			t.Errorf("back: %+v", report)
		}
		f.want("functions", f.functions("1001"), "ENS 0759001B  open", "DIR 0759002C 2028-08-31 ended")
	})
}

func TestARejectedLineEndsNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t, stores.SQLite(t))
	f.imports(claire+teaches, jean+teaches)
	for what, line := range map[string]string{
		"a wrong date":     claire + strings.Replace(teaches, "01/09/2020", "hier", 1),
		"a missing field":  "1001;oops",
		"an open quote":    `1001;"` + claire,
		"spoilt octets":    "1001;\xff" + claire,
		"a contradiction":  claire + teaches + "\n" + strings.Replace(claire, "Mme", "M.", 1) + directs,
		"a very long line": "1001;" + strings.Repeat("é", 40_000),
	} {
		report := f.imports(append(strings.Split(line, "\n"), jean+teaches)...)
		if report.Rejected == 0 || report.Ended != 0 || !report.NothingChanged() {
			t.Errorf("%s: %+v", what, report)
		}
		f.want("functions", f.functions("1001"), "ENS 0759001B  open")
	}
}

func TestARefusedFileChangesNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t, stores.SQLite(t))
	f.imports(claire + teaches)
	before := f.everything()
	whole := file(jean+teaches, jeanne+teaches)
	for _, text := range []string{whole[:len(whole)/2], strings.Replace(whole, "#FIN;2", "#FIN;3", 1), ""} {
		_, err := f.Import(t.Context(), strings.NewReader(text), roster.Options{})
		if !failure.Is(err, failure.Permanent) {
			t.Errorf("%.20q: %v", text, err)
		}
	}
	f.want("the directory", f.everything(), before...)
	f.want("files", f.query(`SELECT count(*) FROM roster_file`), "1")
}

func TestADryRunTellsTheSameAndChangesNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t, stores.SQLite(t))
	f.imports(claire+teaches, jean+teaches)
	before := f.everything()
	lines := []string{claire + directs, strings.Replace(claire, "1001", "3001", 1) + teaches, "oops"}
	for i := range 1500 { // two batches
		lines = append(lines, fmt.Sprintf("9%04d;;M.;MARTIN;;Jean;12/11/1971;%s", i, teaches))
	}
	lines = append(lines, strings.Replace(claire, "1001", "3001", 1)+directs)
	dry, err := f.Import(t.Context(), strings.NewReader(file(lines...)), roster.Options{DryRun: true})
	if err != nil || !dry.DryRun {
		t.Fatalf("%+v, %v", dry, err)
	}
	f.want("the directory", f.everything(), before...)
	real := f.imports(lines...)
	dry.DryRun = false
	if fmt.Sprint(dry) == "" || dry.Joiners != real.Joiners || dry.Changes != real.Changes || dry.Ended != real.Ended || dry.Rejected != real.Rejected || dry.Unchanged != real.Unchanged {
		t.Errorf("dry run %+v\nreal run %+v", dry, real)
	}
}

func TestLinesThatRepeatOrContradictOneAnother(t *testing.T) {
	t.Parallel()
	f := newFixture(t, stores.SQLite(t))
	lines := []string{claire + teaches, claire + teaches, claire + strings.Replace(teaches, "ARR-1", "ARR-5", 1)}
	for i := range 1100 {
		lines = append(lines, fmt.Sprintf("9%04d;;M.;MARTIN;;Jean;12/11/1971;%s", i, teaches))
	}
	lines = append(lines, claire+teaches, claire+strings.Replace(teaches, "ARR-1", "ARR-6", 1))
	report := f.imports(lines...)
	if report.Joiners != 1101 || report.Rejected != 2 {
		t.Errorf("report %+v", report)
	}
	for i, line := range []int{4, 1106} {
		if r := report.Rejections[i]; r.Line != line || r.HRID != "1001" || !strings.Contains(r.Reason, "contredit la ligne 2 ") {
			t.Errorf("rejection %+v", r)
		}
	}
	doubles := 0
	for _, w := range report.Warnings {
		if w.Text == "ligne en double" {
			doubles = w.Count
		}
	}
	if doubles != 2 {
		t.Errorf("warnings %+v", report.Warnings)
	}
	f.want("functions", f.functions("1001"), "ENS 0759001B  open")
}

func TestWarningsAreToldOnceWithTheirCount(t *testing.T) {
	t.Parallel()
	f := newFixture(t, stores.SQLite(t))
	elsewhere := strings.Replace(teaches, "0759001B", "0751234J", 1)
	report := f.imports(claire+elsewhere, jean+elsewhere, jeanne+strings.Replace(teaches, "0759001B", "0751234A", 1))
	if len(report.Warnings) != 2 {
		t.Fatalf("warnings %+v", report.Warnings)
	}
	if w := report.Warnings[0]; w.Line != 2 || w.HRID != "1001" || w.Count != 2 || !strings.Contains(w.Text, "UAI inconnue de l'annuaire : 0751234J") {
		t.Errorf("warning %+v", w)
	}
	if w := report.Warnings[1]; w.Line != 4 || w.Count != 1 || !strings.Contains(w.Text, `clé "J" attendue`) {
		t.Errorf("warning %+v", w)
	}
	f.want("functions", f.functions("1001"), "ENS 0751234J  open")
}

func TestAnInterruptedImportIsFinishedByTheNext(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		f := newFixture(t, db)
		lines := []string{claire + teaches}
		for i := range 2500 {
			lines = append(lines, fmt.Sprintf("9%04d;;M.;MARTIN;;Jean;12/11/1971;%s", i, teaches))
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		_, err := f.Import(ctx, strings.NewReader(file(lines...)), roster.Options{Progress: func(done, total int) {
			if total != len(lines) {
				t.Errorf("progress of %d lines, want %d", total, len(lines))
			}
			if done >= 1000 {
				cancel()
			}
		}})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("Import: %v", err)
		}
		f.want("people so far", f.query(`SELECT count(*) FROM person`), "1000")
		if report := f.imports(lines...); report.Joiners != 1501 || report.Unchanged != 1000 {
			t.Errorf("report %+v", report)
		}
		got := f.everything()
		whole := newFixture(t, stores.SQLite(t))
		whole.imports(lines...)
		f.want("the directory", got, whole.everything()...)
	})
}

func TestTwoImportsAtOnceIssueNoAddressTwice(t *testing.T) {
	t.Parallel()
	stores.EachURL(t, func(t *testing.T, url string) {
		db := stores.Open(t, url)
		f := newFixture(t, db)
		others := []*fixture{f, f}
		if db.Dialect() == store.PostgreSQL { // two nodes
			others[1] = &fixture{t: t, db: stores.Open(t, url)}
			others[1].Service = roster.New(roster.Config{DB: others[1].db, Log: slog.New(slog.DiscardHandler), Domain: domain})
		}
		var texts [2]string
		for k := range texts {
			lines := make([]string, 1500)
			for i := range lines {
				lines[i] = fmt.Sprintf("%d%04d;;M.;MARTIN;;Jean;12/11/1971;%s", k+1, i, teaches)
			}
			texts[k] = file(lines...)
		}
		errs := make(chan error, 2)
		for k := range texts {
			go func() {
				_, err := others[k].Import(t.Context(), strings.NewReader(texts[k]), roster.Options{})
				errs <- err
			}()
		}
		for range texts {
			if err := <-errs; err != nil && !failure.Is(err, failure.Conflict) {
				t.Error(err)
			}
		}
		f.want("people without an own address", f.query(`SELECT count(*) FROM person p JOIN account a ON a.person_id = p.person_id
			WHERE (SELECT count(*) FROM address d WHERE d.account_id = a.account_id AND d.kind = 'primary') <> 1`), "0")
		f.want("people", f.query(`SELECT count(*) FROM person`), "3000")
	})
}

func TestImportReadsThroughABuffer(t *testing.T) {
	t.Parallel()
	f := newFixture(t, stores.SQLite(t))
	report, err := f.Import(t.Context(), bytes.NewReader([]byte("\ufeff"+file(claire+teaches))), roster.Options{})
	if err != nil || report.Joiners != 1 || report.Encoding != roster.UTF8 {
		t.Errorf("%+v, %v", report, err)
	}
}

func TestHoldersAreListedInPages(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		f := newFixture(t, db)
		lines := []string{claire + teaches}
		for i := range 1999 { // with Claire's, two full pages
			lines = append(lines, fmt.Sprintf("9%04d;;M.;MARTIN;;Jean;12/11/1971;%s", i, teaches))
		}
		f.imports(lines...)
		f.imports(append([]string{strings.Replace(claire, "MARTIN", "DURAND", 1) + teaches}, lines[1:]...)...)
		seen := map[string]roster.Holder{}
		last := ""
		for h, err := range f.Holders(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if h.HRID <= last {
				t.Errorf("%s after %s", h.HRID, last)
			}
			last = h.HRID
			seen[h.HRID] = h
		}
		if len(seen) != len(lines) {
			t.Errorf("%d holders of %d", len(seen), len(lines))
		}
		want := roster.Holder{HRID: "1001", Account: f.account("1001"), Login: "cmartin", Address: "claire.durand@ac-paris.example"}
		if seen["1001"] != want {
			t.Errorf("%+v, want %+v", seen["1001"], want)
		}
	})
}
