package enrolment_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"navette/internal/aaf"
	"navette/internal/directory"
	"navette/internal/enrolment"
	"navette/internal/identity"
	"navette/internal/roster"
	"navette/internal/store"
	"navette/internal/testkit/clock"
	"navette/internal/testkit/pg"
	"navette/internal/testkit/stores"
)

func TestMain(m *testing.M) { os.Exit(pg.Wrap(m).Run()) }

// dsi is who decides in these tests.
var dsi = identity.By{Actor: "dsi", Reason: "note du 1er septembre"}

// The days that former addresses and absent people are kept in these tests.
const (
	formerDays    = 1095
	retentionDays = 365
)

// fixture is an enrolment service on a database with an HR file, with the questions that tests ask.
type fixture struct {
	*enrolment.Service
	t     testing.TB
	db    *store.DB
	clock *clock.Clock
}

// each runs a test on each engine, on a clock that stands on a morning of September 2026.
func each(t *testing.T, test func(f *fixture)) {
	t.Helper()
	stores.EachURL(t, func(t *testing.T, url string) {
		c := clock.New(time.Date(2026, time.September, 2, 6, 0, 0, 0, time.UTC))
		test(newFixture(t, stores.OpenAt(t, url, c.Now), c))
	})
}

func newFixture(t testing.TB, db *store.DB, c *clock.Clock) *fixture {
	t.Helper()
	return &fixture{t: t, db: db, clock: c, Service: enrolment.New(enrolment.Config{DB: db, Log: slog.New(slog.DiscardHandler), Digest: digest,
		Zone: time.UTC, Scratch: t.TempDir(), Rules: enrolment.Rules{FormerDays: formerDays, RetentionDays: retentionDays}})}
}

// digest stands for that of the installation's pepper.
func digest(matchKey string) []byte {
	mac := hmac.New(sha256.New, []byte("pepper of the tests"))
	mac.Write([]byte(matchKey))
	return mac.Sum(nil)
}

// hires imports an HR file of these lines: « id_rh;civility;birth name;usage name;forenames;birth;uai ».
func (f *fixture) hires(lines ...string) {
	f.t.Helper()
	s := roster.New(roster.Config{DB: f.db, Log: slog.New(slog.DiscardHandler), Domain: "ac-paris.example"})
	var file strings.Builder
	fmt.Fprintln(&file, roster.Header())
	for _, line := range lines {
		x := strings.Split(line, ";")
		fmt.Fprintf(&file, "%s;;%s;%s;%s;%s;%s;Professeur certifié;ENS2D;ENS;%s;01/09/2020;;ARR-1\n", x[0], x[1], x[2], x[3], x[4], x[5], x[6])
	}
	fmt.Fprintf(&file, "#FIN;%d\n", len(lines))
	if report, err := s.Import(f.t.Context(), strings.NewReader(file.String()), roster.Options{}); err != nil || report.Rejected > 0 {
		f.t.Fatalf("the HR file: %+v, %v", report.Rejections, err)
	}
}

// exports opens what a container holds.
func (f *fixture) exports(c *aaf.Container, err error) []*aaf.Export {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
	list, err := aaf.Open(f.t.Context(), c)
	if err != nil {
		f.t.Fatal(err)
	}
	return list
}

// sample gives the complete export and the delta of the shared sample.
func (f *fixture) sample() (complete, delta *aaf.Export) {
	f.t.Helper()
	list := f.exports(aaf.Folder("sample", os.DirFS("../aaf/testdata/sample"), aaf.Limits{}))
	if len(list) != 2 || !list[0].Complete || list[1].Complete {
		f.t.Fatalf("the sample holds %d exports", len(list))
	}
	return list[0], list[1]
}

// takes imports an export that nothing is wrong with.
func (f *fixture) takes(x *aaf.Export) enrolment.Report {
	f.t.Helper()
	report, err := f.Import(f.t.Context(), x, enrolment.Options{})
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
			out = append(out, strings.Join(texts, "|"))
		}
		return rows.Err()
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return out
}

// exec changes the tables behind the service's back.
func (f *fixture) exec(query string, args ...any) {
	f.t.Helper()
	if err := f.db.Write(f.t.Context(), store.Bulk, func(tx *store.Tx) error {
		_, err := tx.Exec(f.t.Context(), query, args...)
		return err
	}); err != nil {
		f.t.Fatal(err)
	}
}

// want compares what was found, in its order.
func (f *fixture) want(what string, got []string, want ...string) {
	f.t.Helper()
	if !slices.Equal(got, want) {
		f.t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

// attendance gives « uai|division|forename » of a year, of pupils that are named.
func (f *fixture) attendance(year int) []string {
	f.t.Helper()
	return f.query(`SELECT e.uai, COALESCE(d.name, ''), p.forename FROM enrolment e JOIN pupil p ON p.pupil_id = e.pupil_id
		LEFT JOIN (SELECT x.pupil_id, d.uai, d.year, d.name FROM division_pupil x JOIN division d ON d.division_id = x.division_id) AS d
			ON d.pupil_id = e.pupil_id AND d.uai = e.uai AND d.year = e.year
		WHERE e.year = $1 AND p.absent_at = 0 ORDER BY e.uai, d.name, p.forename`, year)
}

// answering gives « forename of the pupil|forename of the guardian|legal » of a year.
func (f *fixture) answering(year int) []string {
	f.t.Helper()
	return f.query(`SELECT p.forename, g.forename, CASE x.legal WHEN 1 THEN 'légal' ELSE 'contact' END FROM guardianship x
		JOIN pupil p ON p.pupil_id = x.pupil_id JOIN guardian g ON g.guardian_id = x.guardian_id
		WHERE x.year = $1 AND p.absent_at = 0 AND g.absent_at = 0 ORDER BY p.forename, g.forename`, year)
}

// teachers gives « class|forename|subjects|principal » of a year.
func (f *fixture) teachers(year int) []string {
	f.t.Helper()
	return f.query(`SELECT d.name, s.forename, t.subjects, CASE t.principal WHEN 1 THEN 'principal' ELSE '' END FROM teaching t
		JOIN division d ON d.division_id = t.division_id JOIN staff s ON s.staff_id = t.staff_id
		WHERE d.year = $1 AND s.absent_at = 0 ORDER BY d.name, s.forename`, year)
}

// staffing gives « forename|login of who they are|match ».
func (f *fixture) staffing() []string {
	f.t.Helper()
	return f.query(`SELECT s.forename, COALESCE(a.login, '-'), CASE s.matched WHEN 1 THEN 'règle' WHEN 2 THEN 'décidé' WHEN 3 THEN 'douteux' ELSE 'personne' END
		FROM staff s LEFT JOIN account a ON a.account_id = s.account_id ORDER BY s.jointure`)
}

// isFormer tells whether an address is a former one of a school.
func (f *fixture) isFormer(address, uai string) bool {
	f.t.Helper()
	return len(f.query(`SELECT until FROM protected_former WHERE hash = $1 AND uai = $2`, digest(directory.MatchKey(address)), uai)) == 1
}

// everything is all tables of the exports, without times.
func (f *fixture) everything() []string {
	f.t.Helper()
	var all []string
	for _, query := range []string{
		`SELECT 'year', year, state FROM school_year ORDER BY year`,
		`SELECT 'structure', degree, jointure, uai, name, nature, city, fingerprint FROM structure ORDER BY degree, jointure`,
		`SELECT 'subject', degree, code, label FROM subject ORDER BY degree, code`,
		`SELECT 'division', division_id, year, uai, kind, name, label, gone FROM division ORDER BY division_id`,
		`SELECT 'pupil', pupil_id, jointure, birth_name, usage_name, forename, birth_date, mail, mail_key, CASE absent_at WHEN 0 THEN 0 ELSE 1 END, fingerprint FROM pupil ORDER BY pupil_id`,
		`SELECT 'guardian', guardian_id, jointure, civility, usage_name, forename, mail, mail_key, CASE absent_at WHEN 0 THEN 0 ELSE 1 END, fingerprint FROM guardian ORDER BY guardian_id`,
		`SELECT 'guardianship', year, pupil_id, guardian_id, link, legal, contact FROM guardianship ORDER BY year, pupil_id, guardian_id`,
		`SELECT 'enrolment', year, uai, pupil_id FROM enrolment ORDER BY year, uai, pupil_id`,
		`SELECT 'in', division_id, pupil_id FROM division_pupil ORDER BY division_id, pupil_id`,
		`SELECT 'staff', staff_id, jointure, birth_name, usage_name, forename, birth_date, mail, account_id, matched, CASE absent_at WHEN 0 THEN 0 ELSE 1 END, fingerprint FROM staff ORDER BY staff_id`,
		`SELECT 'teaching', division_id, staff_id, principal, subjects FROM teaching ORDER BY division_id, staff_id`,
		`SELECT 'post', year, uai, staff_id, function, post, post_label FROM staff_post ORDER BY year, uai, staff_id, function, post`,
		`SELECT 'former', count(*) FROM protected_former`,
		`SELECT 'establishment', uai, name, nature, department, city FROM establishment ORDER BY uai`,
	} {
		all = append(all, f.query(query)...)
	}
	return all
}

// feed writes exports: records of two schools by category, as AAF writes them.
type feed struct {
	t        testing.TB
	issuer   string
	day      string // 20260901
	complete bool
	records  map[aaf.Category][]string
}

func (f *fixture) feed(day string) *feed {
	return &feed{t: f.t, issuer: "ENT2DVA", day: day, complete: true, records: map[aaf.Category][]string{}}
}

func (f *fixture) delta(day string) *feed {
	x := f.feed(day)
	x.complete = false
	return x
}

// attr writes one attribute.
func attr(name string, values ...string) string {
	out := `<attr name="` + name + `">`
	for _, v := range values {
		out += "<value>" + v + "</value>"
	}
	if len(values) == 0 {
		out += "<value/>"
	}
	return out + "</attr>\n"
}

// put adds a record of an element: addRequest, modifyRequest, deleteRequest.
func (x *feed) put(c aaf.Category, element, key string, attrs ...string) *feed {
	operational := "categoriePersonne"
	if c == aaf.EtabEducNat {
		operational = "categorieStructure"
	}
	body := ""
	switch element {
	case "addRequest":
		body = "<attributes>\n" + strings.Join(attrs, "") + "</attributes>\n"
	case "modifyRequest":
		changes := strings.NewReplacer("<attr name=", "<modification operation=\"replace\" name=", "</attr>", "</modification>")
		body = "<modifications>\n" + changes.Replace(strings.Join(attrs, "")) + "</modifications>\n"
	}
	x.records[c] = append(x.records[c], fmt.Sprintf("<%s>\n<operationalAttributes>%s</operationalAttributes>\n<identifier><id>%s</id></identifier>\n%s</%s>\n",
		element, attr(operational, c.String()), key, body, element))
	return x
}

// school adds an establishment with its classes.
func (x *feed) school(key, uai, name string, classes ...string) *feed {
	for i := range classes {
		classes[i] += "$"
	}
	return x.put(aaf.EtabEducNat, "addRequest", key, attr("ENTStructureJointure", key), attr("ENTStructureUAI", uai), attr("ENTStructureNomCourant", name),
		attr("ENTStructureTypeStruct", "COLLEGE"), attr("ENTStructureCodeTypeStruct", "340"), attr("l", "PARIS 19"), attr("ENTStructureClasses", classes...))
}

// pupil adds a pupil of a class; links are « guardian$code$0$légal$contact$0 ».
func (x *feed) pupil(key, forename, school, class string, links ...string) *feed {
	return x.put(aaf.Eleve, "addRequest", key, attr("ENTPersonJointure", key), attr("sn", "DUPONT"), attr("ENTPersonNomPatro", "DUPONT"), attr("givenName", forename),
		attr("ENTPersonDateNaissance", "06/06/2012"), attr("ENTPersonStructRattach", school), attr("ENTEleveClasses", school+"$"+class),
		attr("ENTElevePersRelEleve", links...))
}

// guardian adds somebody who answers for pupils.
func (x *feed) guardian(key, forename, mail string) *feed {
	return x.put(aaf.PersRelEleve, "addRequest", key, attr("ENTPersonJointure", key), attr("sn", "DUPONT"), attr("givenName", forename), attr("personalTitle", "Mme"),
		attr("mail", mail))
}

// teacher adds somebody of the staff who teaches classes « school$class$subject ».
func (x *feed) teacher(key, forename, name, birth, mail, school string, classes ...string) *feed {
	return x.put(aaf.PersEducNat, "addRequest", key, attr("ENTPersonJointure", key), attr("sn", name), attr("ENTPersonNomPatro", name), attr("givenName", forename),
		attr("ENTPersonDateNaissance", birth), attr("mail", mail), attr("ENTPersonStructRattach", school), attr("ENTAuxEnsClassesMatieres", classes...),
		attr("ENTPersonFonctions", school+"$ENS$ENSEIGNEMENT$L1600$SVT"))
}

// files are the parts; a complete export has each category, empty where nothing was put in.
func (x *feed) files() fstest.MapFS {
	files, kind := fstest.MapFS{}, "Delta"
	if x.complete {
		kind = "Complet"
	}
	for _, c := range []aaf.Category{aaf.EtabEducNat, aaf.Eleve, aaf.PersRelEleve, aaf.PersEducNat} {
		if x.complete || len(x.records[c]) > 0 {
			name := fmt.Sprintf("%s_%s_%s_%v_0000.xml", x.issuer, kind, x.day, c)
			files[name] = &fstest.MapFile{Mode: 0o644, Data: []byte(`<?xml version="1.0" encoding="UTF-8"?>` + "\n<ficAlimMENESR>\n" +
				strings.Join(x.records[c], "") + "</ficAlimMENESR>\n")}
		}
	}
	return files
}

// export opens it.
func (x *feed) export() *aaf.Export {
	x.t.Helper()
	c, err := aaf.Folder("feed", x.files(), aaf.Limits{})
	if err != nil {
		x.t.Fatal(err)
	}
	list, err := aaf.Open(x.t.Context(), c)
	if err != nil || len(list) != 1 {
		x.t.Fatalf("%d exports, %v", len(list), err)
	}
	return list[0]
}
