package career_test

import (
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"navette/internal/autoreply"
	"navette/internal/box"
	"navette/internal/career"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/history"
	"navette/internal/identity"
	"navette/internal/mail"
	"navette/internal/mailbox"
	"navette/internal/roster"
	"navette/internal/store"
	"navette/internal/testkit/house"
	"navette/internal/testkit/pg"
	"navette/internal/testkit/stores"
)

func TestMain(m *testing.M) { os.Exit(pg.Wrap(m).Run()) }

// The people of these tests; a line ends before its function.
const (
	claire = "1001;;Mme;PETIT;MARTIN;Claire;06/05/1982;"
	jean   = "1002;;M.;LEROY;;Jean;12/11/1971;"
)

// life is an académie with a clock: HR files come in, days pass.
type life struct {
	*house.House
	t       *testing.T
	now     time.Time
	roster  *roster.Service
	career  *career.Service
	replies *autoreply.Service
}

// lives runs a test on both engines, on the morning of a day.
func lives(t *testing.T, day string, test func(l *life)) {
	t.Helper()
	stores.EachURL(t, func(t *testing.T, url string) {
		l := &life{t: t, now: dayOf(t, day)}
		clock := func() time.Time { return l.now }
		db := stores.OpenAt(t, url, clock)
		l.House = house.New(t, db)
		log := slog.New(slog.DiscardHandler)
		l.roster = roster.New(roster.Config{DB: db, Log: log, Domain: house.Domain})
		l.career = career.New(career.Config{DB: db, Contents: l.Contents, Delivery: l.Delivery, Rules: career.DefaultRules(), Domain: house.Domain,
			Hostname: "mx." + house.Domain, Contact: "drh@" + house.Domain, Now: clock, Random: rand.Reader, Log: log})
		l.replies = autoreply.New(autoreply.Config{DB: db, Contents: l.Contents, Delivery: l.Delivery, Domain: house.Domain, Hostname: "mx." + house.Domain,
			Now: clock, Random: rand.Reader, Log: log})
		boxes := box.New(box.Config{DB: db, Domain: house.Domain, Now: clock, Log: log})
		if _, err := boxes.Create(t.Context(), identity.By{Actor: "test"}, []box.Box{{Local: "ce.0759001B", Display: "Collège"}}); err != nil {
			t.Fatal(err)
		}
		test(l)
	})
}

func dayOf(t *testing.T, day string) time.Time {
	t.Helper()
	d, err := directory.ParseDate(day)
	if err != nil {
		t.Fatal(err)
	}
	return d.UTC().Add(5 * time.Hour)
}

// on passes to the morning of a day; every morning on the way the careers advance.
func (l *life) on(day string) {
	l.t.Helper()
	for to := dayOf(l.t, day); l.now.Before(to); {
		l.now = l.now.AddDate(0, 0, 1)
		if _, err := l.career.Advance(l.t.Context()); err != nil {
			l.t.Fatal(err)
		}
	}
}

// file imports the HR file of the day.
func (l *life) file(lines ...string) roster.Report {
	l.t.Helper()
	text := roster.Header() + "\n" + strings.Join(append(lines, fmt.Sprintf("#FIN;%d", len(lines))), "\n") + "\n"
	report, err := l.roster.Import(l.t.Context(), strings.NewReader(text), roster.Options{})
	if err != nil {
		l.t.Fatal(err)
	}
	if report.Rejected > 0 {
		l.t.Fatalf("rejected: %+v", report.Rejections)
	}
	return report
}

// teaches is a function in a school from a day to another, which may be "".
func teaches(uai, from, to string) string {
	return "Professeur contractuel;ENS2D;ENS;" + uai + ";" + from + ";" + to + ";CTR-" + from[6:]
}

func (l *life) scan(query string, args ...any) string {
	l.t.Helper()
	return strings.Join(stores.Column(l.t, l.DB, query, args...), " | ")
}

// is checks where somebody stands: « state of the account, state of the career, primary address, kind of it ».
func (l *life) is(when, idRH, want string) {
	l.t.Helper()
	got := l.scan(`SELECT a.state || ' ' || COALESCE((SELECT c.state FROM career c WHERE c.account_id = a.account_id), '-') || ' ' ||
		(SELECT count(*) FROM address d WHERE d.account_id = a.account_id AND d.kind IN ('primary', 'alias', 'former')) || ' open'
		FROM account a JOIN person p ON p.person_id = a.person_id WHERE p.id_rh = $1`, idRH)
	if got != want {
		l.t.Errorf("%s: %s is %q, want %q", when, idRH, got, want)
	}
}

func (l *life) account(idRH string) (account int64) {
	l.t.Helper()
	err := l.DB.Read(l.t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(l.t.Context(), `SELECT a.account_id FROM account a JOIN person p ON p.person_id = a.person_id WHERE p.id_rh = $1`, idRH).Scan(&account)
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return account
}

// told gives the kinds of somebody's history, in order, each with its day.
func (l *life) told(who string) []string {
	l.t.Helper()
	events, err := history.Of(l.t.Context(), l.DB, who)
	if err != nil {
		l.t.Fatal(err)
	}
	var out []string
	for _, e := range events {
		out = append(out, e.At.UTC().Format("02/01/2006")+" "+string(e.Kind))
	}
	return out
}

// subjects gives the subjects in somebody's inbox.
func (l *life) subjects(idRH string) (out []string) {
	l.t.Helper()
	err := l.Mailboxes.Fetch(l.t.Context(), l.account(idRH), mailbox.Inbox, []mailbox.UIDRange{{First: 1, Last: 1000}}, mailbox.NeedFacts, func(items []mailbox.Item) error {
		for _, it := range items {
			r, err := l.Contents.Open(l.t.Context(), &it.Message, 0)
			if err != nil {
				return err
			}
			octets, err := io.ReadAll(r)
			if err != nil {
				return err
			}
			for f := range mail.HeaderFields(octets) {
				if f.Name == "Subject" {
					out = append(out, f.Text())
				}
			}
		}
		return nil
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return out
}

func TestAContractOfThe31AugustThatIsRenewedLateChangesNothing(t *testing.T) {
	t.Parallel()
	lives(t, "01/09/2025", func(l *life) {
		l.file(claire + teaches("0759001B", "01/09/2025", "31/08/2026"))
		l.on("31/08/2026")
		l.is("on the last day", "1001", "appointed - 2 open")
		l.on("01/09/2026")
		l.is("the day after", "1001", "appointed grace 2 open")
		l.on("29/11/2026") // 90 days after the last day
		l.is("on the last day of grace", "1001", "appointed grace 2 open")
		l.file(claire + teaches("0759001B", "16/09/2026", "31/08/2027"))
		l.on("30/11/2026")
		l.is("the papers came", "1001", "appointed - 2 open")
		want := []string{"01/09/2025 appointed", "01/09/2026 life.grace", "29/11/2026 function.start", "29/11/2026 function.end", "30/11/2026 life.grace-end"}
		if got := l.told("1001"); !slices.Equal(got, want) {
			l.t.Errorf("history %q, want %q", got, want)
		}
	})
}

func TestADepartureFromTheLastDayToTheClosing(t *testing.T) {
	t.Parallel()
	lives(t, "01/09/2024", func(l *life) {
		claire := claire + teaches("0759001B", "01/09/2024", "15/01/2026")
		l.file(claire, jean+teaches("0759001B", "01/09/2024", ""))
		l.on("14/02/2026") // 30 days of grace
		l.is("in grace", "1001", "appointed grace 2 open")
		l.on("15/02/2026")
		l.is("departed", "1001", "departed departed 2 open")
		l.is("nobody else", "1002", "appointed - 2 open")

		// Who writes is told whom to write to, once.
		l.Deliver(l.t, []byte("From: <parent@dehors.example>\r\nTo: claire.martin@"+house.Domain+"\r\n\r\n?\r\n"), l.account("1001"))
		if n, err := l.replies.Run(l.t.Context()); n != 1 || err != nil {
			l.t.Errorf("%d replies, %v", n, err)
		}
		if body := l.scan(`SELECT body FROM autoreply WHERE account_id = $1`, l.account("1001")); !strings.Contains(body, "ce.0759001b@"+house.Domain) {
			l.t.Errorf("the reply names nobody: %s", body)
		}

		l.on("17/03/2026")
		l.on("15/04/2026") // 60 days of reading are over tomorrow
		l.is("the last day of reading", "1001", "departed departed 2 open")
		want := []string{"", "Votre boîte ferme dans 30 jours", "Votre boîte ferme dans 10 jours"}
		if got := l.subjects("1001"); !slices.Equal(got, want[1:]) {
			l.t.Errorf("inbox %q, want %q", got, want[1:])
		}
		l.on("16/04/2026")
		l.is("closed", "1001", "departed closed 0 open")
		if _, err := l.Delivery.Resolve(l.t.Context(), "claire.martin@"+house.Domain); !failure.Is(err, failure.Permanent) {
			l.t.Errorf("a closed address: %v", err)
		}
		kinds := []string{"01/09/2024 appointed", "16/01/2026 life.grace", "15/02/2026 life.departed", "17/03/2026 life.reminded", "06/04/2026 life.reminded", "16/04/2026 life.closed"}
		if got := l.told("1001"); !slices.Equal(got, kinds) {
			l.t.Errorf("history %q, want %q", got, kinds)
		}

		// The address is nobody else's, ever; nor is the login.
		other := strings.Replace(claire, "1001", "2001", 1)
		l.file(claire, strings.Replace(other, "15/01/2026", "", 1), jean+teaches("0759001B", "01/09/2024", ""))
		if got := l.scan(`SELECT d.address FROM address d JOIN account a ON a.account_id = d.account_id JOIN person p ON p.person_id = a.person_id
			WHERE p.id_rh = '2001' ORDER BY d.address`); got != "claire.martin1@"+house.Domain+" | cmartin1@"+house.Domain {
			l.t.Errorf("another Claire Martin got %s", got)
		}
	})
}

func TestWhoReturnsAfterYearsFindsAccountAndAddressAgain(t *testing.T) {
	t.Parallel()
	for _, away := range []struct{ what, back string }{{"in grace", "20/09/2026"}, {"departed", "10/12/2026"}, {"closed", "01/09/2031"}} {
		t.Run(away.what, func(t *testing.T) {
			t.Parallel()
			lives(t, "01/09/2025", func(l *life) {
				l.file(claire + teaches("0759001B", "01/09/2025", "31/08/2026"))
				l.file(strings.Replace(claire, "MARTIN", "DURAND", 1) + teaches("0759001B", "01/09/2025", "31/08/2026"))
				account := l.account("1001")
				l.on(away.back)
				l.file(strings.Replace(claire, "MARTIN", "DURAND", 1) + teaches("0759002C", away.back, ""))
				if _, err := l.career.Advance(l.t.Context()); err != nil {
					l.t.Fatal(err)
				}
				l.is("back", "1001", "appointed - 3 open")
				if l.account("1001") != account {
					l.t.Error("another account")
				}
				if got := l.scan(`SELECT kind || ' ' || address FROM address WHERE account_id = $1 ORDER BY kind`, account); got !=
					"alias cmartin@ac-paris.example | former claire.martin@ac-paris.example | primary claire.durand@ac-paris.example" {
					l.t.Errorf("addresses %s", got)
				}
				if got := l.scan(`SELECT body FROM autoreply`); got != "" {
					l.t.Errorf("still answers %q", got)
				}
				l.now = l.now.Add(time.Minute) // what delivery remembers of a closed address
				if r, err := l.Delivery.Resolve(l.t.Context(), "claire.martin@"+house.Domain); err != nil || r.Target.Account != account {
					l.t.Errorf("the former address leads to %+v, %v", r, err)
				}
			})
		})
	}
}

func TestADeathClosesTheMailboxToEverybodyAndSaysNothing(t *testing.T) {
	t.Parallel()
	lives(t, "01/09/2025", func(l *life) {
		l.file(claire+teaches("0759001B", "01/09/2025", ""), jean+teaches("0759001B", "01/09/2025", ""))
		l.on("10/11/2025")
		by := identity.By{Actor: "cli:durand", Reason: "acte reçu"}
		if err := l.career.Died(l.t.Context(), by, l.account("1001"), directory.Date{Year: 2025, Month: 11, Day: 8}, ""); !failure.Is(err, failure.Policy) {
			l.t.Errorf("without a document: %v", err)
		}
		if err := l.career.Died(l.t.Context(), by, l.account("1001"), directory.Date{Year: 2025, Month: 11, Day: 8}, "ACTE-12"); err != nil {
			l.t.Fatal(err)
		}
		l.is("at once", "1001", "suspended departed 2 open")
		if body := l.scan(`SELECT body FROM autoreply`); body == "" || strings.Contains(body, "décès") || strings.Contains(body, "died") {
			l.t.Errorf("the reply says %q", body)
		}
		l.on("09/01/2026")
		l.is("after the time of reading", "1001", "suspended closed 0 open")
		if got := l.subjects("1001"); len(got) != 0 {
			l.t.Errorf("the dead are reminded: %q", got)
		}
		if told := strings.Join(l.told("1001"), " "); !strings.Contains(told, "10/11/2025 life.died") {
			l.t.Errorf("history %s", told)
		}
	})
}

func TestAStandstillOfTheServerSkipsNothingAndSendsNoHeapOfReminders(t *testing.T) {
	t.Parallel()
	lives(t, "01/09/2024", func(l *life) {
		l.file(claire + teaches("0759001B", "01/09/2024", "15/01/2026"))
		l.on("16/02/2026")
		l.now = dayOf(l.t, "12/04/2026") // eight weeks without a server: four days are left
		for range 2 {
			if _, err := l.career.Advance(l.t.Context()); err != nil {
				l.t.Fatal(err)
			}
		}
		if got := l.subjects("1001"); !slices.Equal(got, []string{"Votre boîte ferme dans 4 jours"}) {
			l.t.Errorf("inbox %q", got)
		}
		l.now = dayOf(l.t, "01/09/2026")
		if a, err := l.career.Advance(l.t.Context()); err != nil || a.Closed != 1 {
			l.t.Errorf("%+v, %v", a, err)
		}
		l.is("closed", "1001", "departed closed 0 open")
	})
}

func TestAClosedAccountStaysClosedWhenOnlyTheNameChanges(t *testing.T) {
	t.Parallel()
	lives(t, "01/09/2025", func(l *life) {
		contract := teaches("0759001B", "01/09/2025", "31/08/2026")
		l.file(claire + contract)
		l.onQuickly("01/06/2027")
		l.is("closed", "1001", "departed closed 0 open")
		married := strings.Replace(claire, "MARTIN", "DURAND", 1)
		l.file(married + contract) // HR mends the name of somebody who has left
		l.is("still closed", "1001", "departed closed 0 open")
		if got := l.scan(`SELECT kind || ' ' || address FROM address_closed ORDER BY address`); got !=
			"primary claire.durand@ac-paris.example | former claire.martin@ac-paris.example | alias cmartin@ac-paris.example" {
			l.t.Errorf("what the addresses were: %s", got)
		}
		if report := l.file(married + contract); !report.NothingChanged() {
			l.t.Errorf("the same file again: %+v", report)
		}
		l.file(married + teaches("0759002C", "01/09/2027", ""))
		l.is("back", "1001", "appointed - 3 open")
		if got := l.scan(`SELECT address FROM address WHERE kind = 'primary' AND account_id = $1`, l.account("1001")); got != "claire.durand@ac-paris.example" {
			l.t.Errorf("primary address %s", got)
		}
	})
}
