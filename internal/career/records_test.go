package career_test

import (
	"slices"
	"strings"
	"testing"

	"navette/internal/career"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/roster"
	"navette/internal/testkit/house"
)

// directs is the function of a head.
const directs = "Personnel de direction;DIEO;DIR;0759001B;01/09/2025;;ARR-9"

func human() identity.By { return identity.By{Actor: "cli:durand", Reason: "ticket 12"} }

// addresses gives « kind address » of an account.
func (l *life) addresses(account int64) string {
	l.t.Helper()
	return l.scan(`SELECT kind || ' ' || address FROM address WHERE account_id = $1 ORDER BY kind, address`, account)
}

func TestTwoRecordsThatAreOnePersonAreProposedAndMergedByAHuman(t *testing.T) {
	t.Parallel()
	lives(t, "01/09/2025", func(l *life) {
		first := claire + teaches("0759001B", "01/09/2025", "")
		second := strings.Replace(claire, "1001", "9001", 1) + teaches("0759002C", "01/09/2025", "")
		l.file(first, second, jean+teaches("0759001B", "01/09/2025", ""))
		kept, gone := l.account("1001"), l.account("9001")
		twins, err := l.career.FindTwins(l.t.Context())
		if err != nil || !slices.Equal(twins, []career.Twins{{A: "1001", B: "9001"}}) {
			l.t.Fatalf("proposed %v, %v", twins, err)
		}
		l.is("nothing is guessed", "9001", "appointed - 2 open")
		if err := l.career.Merge(l.t.Context(), human(), "1001", "9001", ""); !failure.Is(err, failure.Policy) {
			l.t.Errorf("without a document: %v", err)
		}
		if err := l.career.Merge(l.t.Context(), human(), "1001", "nobody", "NOTE-3"); !failure.Is(err, failure.NotFound) {
			l.t.Errorf("with nobody: %v", err)
		}
		if err := l.career.Merge(l.t.Context(), human(), "1001", "9001", "NOTE-3"); err != nil {
			l.t.Fatal(err)
		}
		want := "alias claire.martin1@ac-paris.example | alias cmartin1@ac-paris.example | alias cmartin@ac-paris.example | primary claire.martin@ac-paris.example"
		if got := l.addresses(kept); got != want {
			l.t.Errorf("addresses %s", got)
		}
		if got := l.addresses(gone); got != "" {
			l.t.Errorf("the other still has %s", got)
		}
		l.is("the other is read for a time", "9001", "departed departed 0 open")

		// The feed goes on with both id_rh, its identity differing: the record's own lines say who she is.
		again := strings.Replace(second, "MARTIN", "MARTEN", 1)
		if report := l.file(first, again, jean+teaches("0759001B", "01/09/2025", "")); !report.NothingChanged() {
			l.t.Errorf("the same file again: %+v", report)
		}
		if report := l.file(first, jean+teaches("0759001B", "01/09/2025", "")); report.Ended != 1 {
			l.t.Errorf("the second function ended: %+v", report)
		}
		l.is("she works still", "1001", "appointed - 4 open")
		if twins, err := l.career.FindTwins(l.t.Context()); err != nil || len(twins) != 0 {
			l.t.Errorf("proposed again: %v, %v", twins, err)
		}
		if told := l.told("9001"); !slices.Contains(told, "01/09/2025 merged") {
			l.t.Errorf("history by the merged id_rh: %q", told)
		}
		if got := l.scan(`SELECT actor || ' ' || action FROM journal WHERE action = 'person.merge'`); got != "cli:durand person.merge" {
			l.t.Errorf("journal %q", got)
		}
	})
}

func TestOneRecordThatIsTwoPeopleIsSplit(t *testing.T) {
	t.Parallel()
	lives(t, "01/09/2025", func(l *life) {
		mixed := []string{claire + teaches("0759001B", "01/09/2020", ""), claire + teaches("0759002C", "01/09/2025", "")}
		l.file(mixed...)
		account := l.account("1001")
		before := l.addresses(account)
		other := directory.Person{HRID: "1009", Civility: "Mme", BirthName: "MARTIN", Forenames: "Claire", Birth: directory.Date{Year: 1990, Month: 1, Day: 2}}
		for what, sp := range map[string]roster.Splitting{
			"no document":       {From: "1001", Person: other, Functions: []int64{2}},
			"a function of air": {From: "1001", Person: other, Functions: []int64{7}, Reference: "NOTE-4"},
			"the same id_rh":    {From: "1001", Person: directory.Person{HRID: "1001", BirthName: "X"}, Reference: "NOTE-4"},
			"of nobody":         {From: "nobody", Person: other, Reference: "NOTE-4"},
		} {
			if _, err := l.roster.Split(l.t.Context(), human(), sp); err == nil {
				l.t.Errorf("%s: split", what)
			}
		}
		h, err := l.roster.Split(l.t.Context(), human(), roster.Splitting{From: "1001", Person: other, Functions: []int64{2}, Reference: "NOTE-4"})
		if err != nil {
			l.t.Fatal(err)
		}
		if h.Address != "claire.martin1@"+house.Domain || h.Login != "cmartin1" || h.HRID != "1009" {
			l.t.Errorf("made %+v", h)
		}
		if got := l.addresses(account); got != before {
			l.t.Errorf("the first one's addresses became %s", got)
		}
		// HR mends its file: nothing is left to change.
		report := l.file(mixed[0], "1009;;Mme;MARTIN;;Claire;02/01/1990;"+teaches("0759002C", "01/09/2025", ""))
		if !report.NothingChanged() {
			l.t.Errorf("the mended file: %+v", report)
		}
		if told := strings.Join(append(l.told("1001"), l.told("1009")...), " "); !strings.Contains(told, "split.off") || !strings.HasPrefix(told, "01/09/2025 appointed") || !strings.Contains(told, "01/09/2025 split ") {
			l.t.Errorf("history %s", told)
		}
	})
}

func TestAWrongMergeIsUndoneBySplit(t *testing.T) {
	t.Parallel()
	lives(t, "01/09/2025", func(l *life) {
		l.file(claire+teaches("0759001B", "01/09/2025", ""), jean+teaches("0759002C", "01/09/2025", ""))
		if err := l.career.Merge(l.t.Context(), human(), "1001", "1002", "NOTE-5"); err != nil {
			l.t.Fatal(err)
		}
		// The record 1002 exists still, merged: its id_rh cannot be given to a second one.
		_, err := l.roster.Split(l.t.Context(), human(), roster.Splitting{From: "1001", Functions: []int64{2}, Reference: "NOTE-6",
			Person: directory.Person{HRID: "1002", BirthName: "LEROY", Forenames: "Jean"}})
		if !failure.Is(err, failure.Policy) {
			l.t.Errorf("Split: %v", err)
		}
		if _, err := l.roster.Split(l.t.Context(), human(), roster.Splitting{From: "1001", Functions: []int64{2}, Reference: "NOTE-6",
			Person: directory.Person{HRID: "1002-B", BirthName: "LEROY", Forenames: "Jean", Birth: directory.Date{Year: 1971, Month: 11, Day: 12}}}); err != nil {
			l.t.Fatal(err)
		}
		if got := l.addresses(l.account("1002-B")); got != "alias jleroy1@ac-paris.example | primary jean.leroy1@ac-paris.example" {
			l.t.Errorf("addresses %s", got)
		}
	})
}

func TestAHeadVouchesForSomebodyUntilTheHRLineComes(t *testing.T) {
	t.Parallel()
	lives(t, "01/09/2026", func(l *life) {
		l.file(jean + directs)
		person := directory.Person{Civility: "Mme", BirthName: "Petit", UsageName: "Martin", Forenames: "claire", Birth: directory.Date{Year: 1982, Month: 5, Day: 6}}
		if _, err := l.roster.Sponsor(l.t.Context(), human(), roster.Sponsorship{Sponsor: "jleroy", Person: person, UAI: "0759001A"}); !failure.Is(err, failure.Policy) {
			l.t.Errorf("a wrong key typed by hand: %v", err)
		}
		if _, err := l.roster.Sponsor(l.t.Context(), human(), roster.Sponsorship{Sponsor: "jleroy", Person: person, UAI: "0759002C"}); !failure.Is(err, failure.Policy) {
			l.t.Errorf("for another's school: %v", err)
		}
		h, err := l.roster.Sponsor(l.t.Context(), human(), roster.Sponsorship{Sponsor: "jleroy", Person: person, UAI: "0759001B"})
		if err != nil {
			l.t.Fatal(err)
		}
		if h.Address != "claire.martin@"+house.Domain || !strings.HasPrefix(h.HRID, "PROV-") {
			l.t.Errorf("made %+v", h)
		}
		if got := l.scan(`SELECT sponsor || ' ' || until FROM provisional`); got != "jleroy 2026-10-01" {
			l.t.Errorf("the mark: %q", got)
		}
		l.on("15/09/2026")
		l.is("provisional", h.HRID, "appointed - 2 open")

		// Somebody of another birth date is somebody else.
		other := strings.NewReplacer("1001", "3001", "1982", "1983").Replace(claire) + teaches("0759001B", "01/09/2026", "")
		if report := l.file(jean+directs, other); report.Joiners != 1 {
			l.t.Errorf("another: %+v", report)
		}
		report := l.file(jean+directs, other, claire+teaches("0759001B", "01/09/2026", ""))
		if report.Joiners != 0 || report.Changes != 1 {
			l.t.Errorf("the HR line: %+v", report)
		}
		if l.account("1001") != h.Account {
			l.t.Error("another account")
		}
		if got := l.scan(`SELECT count(*) || '' FROM provisional`); got != "0" {
			l.t.Error("still marked unverified")
		}
		if got := l.addresses(h.Account); got != "alias cmartin@ac-paris.example | primary claire.martin@ac-paris.example" {
			l.t.Errorf("addresses %s", got)
		}
		want := []string{"01/09/2026 sponsored", "01/09/2026 appointed", "15/09/2026 identity", "15/09/2026 function.start", "15/09/2026 sponsored.known"}
		if told := l.told("1001"); !slices.Equal(told, want) {
			l.t.Errorf("history %q, want %q", told, want)
		}
		l.on("15/10/2026")
		l.is("after the provisional time", "1001", "appointed - 2 open")
	})
}

func TestAProvisionalAccountEndsWithoutItsHRLineAndOpensAgainWithIt(t *testing.T) {
	t.Parallel()
	lives(t, "01/09/2026", func(l *life) {
		l.file(jean + directs)
		person := directory.Person{Civility: "Mme", BirthName: "PETIT", UsageName: "MARTIN", Forenames: "Claire", Birth: directory.Date{Year: 1982, Month: 5, Day: 6}}
		h, err := l.roster.Sponsor(l.t.Context(), human(), roster.Sponsorship{Sponsor: "jleroy", Person: person, UAI: "0759001B"})
		if err != nil {
			l.t.Fatal(err)
		}
		l.on("01/10/2026")
		l.is("the last day", h.HRID, "appointed - 2 open")
		l.on("02/10/2026")
		l.is("the day after", h.HRID, "departed departed 2 open")
		l.file(jean+directs, claire+teaches("0759001B", "01/09/2026", ""))
		l.is("the line came late", "1001", "appointed - 2 open")
		if l.account("1001") != h.Account {
			l.t.Error("another account")
		}
	})
}
