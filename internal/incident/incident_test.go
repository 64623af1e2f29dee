package incident_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"navette/internal/delivery"
	"navette/internal/failure"
	"navette/internal/guard"
	"navette/internal/identity"
	"navette/internal/incident"
	"navette/internal/mailbox"
	"navette/internal/mailing"
	"navette/internal/reach"
	"navette/internal/store"
	"navette/internal/testkit/clock"
	"navette/internal/testkit/house"
	"navette/internal/testkit/pg"
	"navette/internal/testkit/school"
	"navette/internal/testkit/stores"
)

func TestMain(m *testing.M) { os.Exit(pg.Wrap(m).Run()) }

// world is a collège with a teacher, a colleague and two families.
type world struct {
	*incident.Service
	t                  *testing.T
	house              *house.House
	clock              *clock.Clock
	teacher, colleague *school.Agent
	apart              *school.Agent // somebody else there
}

// worlds runs a test on both engines. Deliveries happen now, so the clock stands a minute later.
func worlds(t *testing.T, test func(w *world)) {
	t.Helper()
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		w := &world{t: t, house: house.New(t, db), clock: clock.New(time.Now().Add(time.Minute))}
		s := school.New(t, w.house, "0759001B")
		class := s.Class("4E3")
		w.teacher, w.colleague = s.Teacher("Claire", "MARTIN", class), s.Secretary("Luc", "ARNAUD")
		w.apart = s.CPE("Ève", "BLANC")
		class.Pupil("Léa", "BENALI").Guardian("Karim", "karim@perso.example")
		class.Pupil("Tom", "DIALLO").Guardian("Sonia", "sonia@perso.example")
		w.Service = incident.New(incident.Config{DB: db, Contents: w.house.Contents, Standings: reach.New(reach.Config{DB: db, Former: noFormer{}, Now: w.clock.Now}),
			Now: w.clock.Now, Log: slog.New(slog.DiscardHandler)})
		test(w)
	})
}

// noFormer knows no former addresses.
type noFormer struct{}

func (noFormer) FormerDigest(key string) []byte { return []byte(key) }

func (w *world) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// sent is a message of the teacher's that showed two families, somebody else and a colleague to each other: what no door of
// ours lets through is put into the database as another system, or a fault, would.
func (w *world) sent() int64 {
	w.t.Helper()
	octets := "From: " + w.teacher.Address + "\r\nTo: Karim <Karim@perso.example>, sonia+ecole@perso.example, mairie@ville.example\r\nCc: " + w.colleague.Address +
		", karim@perso.example\r\nSubject: sortie\r\n\r\nx\r\n"
	remote := []string{"karim@perso.example", "sonia@perso.example", "mairie@ville.example"}
	m := guard.Message{Door: guard.Reception, Sender: w.teacher.Account, Recipients: []guard.Recipient{{Address: w.colleague.Address, Standing: guard.Standing{Class: guard.Agent}}}}
	for _, address := range remote {
		m.Recipients = append(m.Recipients, guard.Recipient{Address: address})
	}
	cleared, err := guard.Decide(m).Clear(true)
	w.check(err)
	env := delivery.Envelope{ReversePath: w.teacher.Address, Local: []delivery.Target{{Account: w.colleague.Account, Mailbox: mailbox.Inbox}}, Remote: remote}
	r, err := w.house.Delivery.Accept(w.t.Context(), cleared, env, w.house.Prepare(w.t, []byte(octets)), []byte("Return-Path: <>\r\n"))
	w.check(err)
	return r.Delivery
}

func by() identity.By { return identity.By{Actor: "cli:dpo", Reason: "signalement du 24 novembre"} }

func (w *world) only() incident.Incident {
	w.t.Helper()
	list, err := w.List(w.t.Context())
	w.check(err)
	if len(list) != 1 {
		w.t.Fatalf("the register has %d entries", len(list))
	}
	return list[0]
}

func TestWhatAMessageExposedIsCounted(t *testing.T) {
	worlds(t, func(w *world) {
		id := w.sent()
		_, err := w.Declare(t.Context(), by(), incident.Report{Delivery: id, Account: w.teacher.Account, What: "Les parents de la sortie étaient en À."})
		w.check(err)
		i := w.only()
		if want := (incident.Counts{Exposed: 2, Others: 1, Inside: 1, Outside: 3}); i.Counts != want {
			w.t.Errorf("counted %+v, want %+v", i.Counts, want)
		}
		if i.Reporter != w.teacher.Login || i.Delivery != id || !i.Aware.Equal(w.clock.Now().Truncate(time.Microsecond)) || i.Deadline().Sub(i.Aware) != 72*time.Hour {
			w.t.Errorf("the entry is %+v", i)
		}
		if got := stores.Column(w.t, w.house.DB, `SELECT CAST(reader_id AS TEXT) FROM incident_reader`); !slices.Equal(got, []string{fmt.Sprint(w.colleague.Account)}) {
			w.t.Errorf("read by %q", got)
		}
		if _, err := w.Declare(t.Context(), by(), incident.Report{Delivery: id, What: "encore"}); !failure.Is(err, failure.Conflict) {
			w.t.Errorf("told of twice: %v", err)
		}
	})
}

// Who got a copy apart read no address: neither they nor that copy count, though it has the content of the plain ones.
func TestCopiesApartExposeNothing(t *testing.T) {
	worlds(t, func(w *world) {
		w.house.Delivery.OnMailings(mailing.New(mailing.Config{DB: w.house.DB, Contents: w.house.Contents, Delivery: w.house.Delivery, Key: []byte("a key"),
			Right:  func(context.Context, int64, int64) error { return nil },
			Domain: house.Domain, Now: w.clock.Now, Log: slog.New(slog.DiscardHandler)}))
		const plain = "mairie@ville.example"
		m := guard.Message{Door: guard.Submission, Sender: w.teacher.Account}
		env := delivery.Envelope{ReversePath: w.teacher.Address, Local: []delivery.Target{{Account: w.colleague.Account, Mailbox: mailbox.Inbox}}, Remote: []string{plain},
			Shown: []byte("To: " + w.colleague.Address + ", " + plain + "\r\n"), Alone: []byte("To: " + w.teacher.Address + "\r\n")}
		for _, address := range []string{w.apart.Address, "karim@perso.example", "sonia@perso.example"} {
			r, err := w.house.Delivery.Resolve(w.t.Context(), address)
			w.check(err)
			env.Apart = append(env.Apart, delivery.Apart{Address: address, Resolution: r})
		}
		for _, address := range []string{w.colleague.Address, plain, w.apart.Address, "karim@perso.example", "sonia@perso.example"} {
			m.Recipients = append(m.Recipients, guard.Recipient{Address: address, Standing: guard.Standing{Class: guard.Agent}})
		}
		cleared, err := guard.Decide(m).Clear(true)
		w.check(err)
		r, err := w.house.Delivery.Accept(w.t.Context(), cleared, env, w.house.Prepare(w.t, []byte("From: "+w.teacher.Address+"\r\nSubject: sortie\r\n\r\nx\r\n")), []byte("Return-Path: <>\r\n"))
		w.check(err)
		if made := stores.Column(w.t, w.house.DB, `SELECT CAST(count(*) AS TEXT) FROM outbound`); made[0] != "3" {
			w.t.Fatalf("%s copies go outside", made[0])
		}
		_, err = w.Declare(t.Context(), by(), incident.Report{Delivery: r.Delivery, What: "La mairie était visible."})
		w.check(err)
		if got, want := w.only().Counts, (incident.Counts{Others: 1, Inside: 1, Outside: 1}); got != want {
			w.t.Errorf("counted %+v, want %+v", got, want)
		}
	})
}

func TestWhatIsNoReport(t *testing.T) {
	worlds(t, func(w *world) {
		id, now := w.sent(), w.clock.Now()
		for what, c := range map[string]struct {
			r    incident.Report
			want failure.Kind
		}{
			"somebody else's message":   {incident.Report{Delivery: id, Account: w.colleague.Account, What: "x"}, failure.NotFound},
			"no message":                {incident.Report{Delivery: 999_999, What: "x"}, failure.NotFound},
			"an agent without message":  {incident.Report{Account: w.teacher.Account, What: "x", Happened: now}, failure.NotFound},
			"no words":                  {incident.Report{Delivery: id, What: " "}, failure.Permanent},
			"an address":                {incident.Report{Delivery: id, What: "karim@perso.example a tout vu"}, failure.Permanent},
			"too many words":            {incident.Report{Delivery: id, What: strings.Repeat("é", 1001)}, failure.Permanent},
			"known tomorrow":            {incident.Report{Delivery: id, What: "x", Aware: now.Add(time.Hour)}, failure.Permanent},
			"known before it happened":  {incident.Report{Delivery: id, What: "x", Aware: now.Add(-time.Hour)}, failure.Permanent},
			"something else, no day":    {incident.Report{What: "x"}, failure.Permanent},
			"something else, not yet":   {incident.Report{What: "x", Happened: now.Add(time.Hour)}, failure.Permanent},
			"something else, fewer yet": {incident.Report{What: "x", Happened: now, Counts: incident.Counts{Exposed: -1}}, failure.Permanent},
		} {
			if _, err := w.Declare(t.Context(), by(), c.r); failure.KindOf(err) != c.want {
				w.t.Errorf("%s: %v", what, err)
			}
		}
		if list, err := w.List(t.Context()); err != nil || len(list) != 0 {
			w.t.Errorf("the register has %d entries, %v", len(list), err)
		}
	})
}

// Every breach is kept, notified or not, and why.
func TestADecisionHasAReasonEitherWay(t *testing.T) {
	worlds(t, func(w *world) {
		now := w.clock.Now()
		id, err := w.Declare(t.Context(), by(), incident.Report{What: "Liste imprimée oubliée dans le car.", Happened: now.Add(-24 * time.Hour), Counts: incident.Counts{Exposed: 28}})
		w.check(err)
		for what, d := range map[string]incident.Decision{
			"no reason": {}, "an address in the measures": {Reason: "x", Measures: "écrit à karim@perso.example"}, "told tomorrow": {Reason: "x", Notified: now.Add(time.Hour)},
		} {
			if err := w.Decide(t.Context(), by(), id, d); !failure.Is(err, failure.Permanent) {
				w.t.Errorf("%s: %v", what, err)
			}
		}
		if err := w.Decide(t.Context(), by(), 999_999, incident.Decision{Reason: "x"}); !failure.Is(err, failure.NotFound) {
			w.t.Errorf("of no incident: %v", err)
		}
		w.check(w.Decide(t.Context(), by(), id, incident.Decision{Reason: "Pas de risque : liste retrouvée.", Measures: "Liste détruite."}))
		w.check(w.Decide(t.Context(), by(), id, incident.Decision{Reason: "Une page manque.", Notified: now, Informed: now}))
		i := w.only()
		if i.Reason != "Une page manque." || i.Notified.IsZero() || i.Informed.IsZero() || i.DecidedBy != "cli:dpo" {
			w.t.Errorf("the entry is %+v", i)
		}
		got := stores.Column(w.t, w.house.DB, `SELECT action || ' ' || reason || ' ' || detail FROM journal ORDER BY seq`)
		want := []string{
			`incident.declare signalement du 24 novembre {"delivery":0,"exposed":28,"others":0,"inside":0,"outside":0}`,
			`incident.decide Pas de risque : liste retrouvée. {"notified":false,"informed":false}`,
			`incident.decide Une page manque. {"notified":true,"informed":true}`,
		}
		if !slices.Equal(got, want) {
			w.t.Errorf("the journal has\n%s", strings.Join(got, "\n"))
		}
	})
}

func TestTheClockIsToldOfBeforeItRunsOut(t *testing.T) {
	worlds(t, func(w *world) {
		start := w.clock.Now()
		id, err := w.Declare(t.Context(), by(), incident.Report{What: "x", Happened: start})
		w.check(err)
		_, err = w.Declare(t.Context(), by(), incident.Report{What: "y", Happened: start})
		w.check(err)
		w.check(w.Decide(t.Context(), by(), id, incident.Decision{Reason: "sans risque"}))
		for _, c := range []struct {
			after time.Duration
			want  int64
		}{{59 * time.Hour, 0}, {60 * time.Hour, 1}, {61 * time.Hour, 0}, {100 * time.Hour, 0}} {
			w.clock.Set(start.Add(c.after))
			if told, err := w.Watch(t.Context()); err != nil || told != c.want {
				w.t.Errorf("after %v: told of %d, %v", c.after, told, err)
			}
		}
		if n := w.UndecidedCount(); n != 1 {
			w.t.Errorf("%d undecided", n)
		}
	})
}

func TestTheRegisterIsExportedAndForgottenAfterFiveYears(t *testing.T) {
	worlds(t, func(w *world) {
		id, err := w.Declare(t.Context(), by(), incident.Report{Delivery: w.sent(), What: "=cmd() ; les parents"})
		w.check(err)
		w.check(w.Decide(t.Context(), by(), id, incident.Decision{Reason: "Deux familles prévenues."}))
		var out strings.Builder
		w.check(w.Export(t.Context(), &out, time.UTC))
		r := csv.NewReader(strings.NewReader(out.String()))
		r.Comma = ';'
		rows, err := r.ReadAll()
		w.check(err)
		if len(rows) != 2 || rows[1][5] != "'=cmd() ; les parents" || rows[1][6] != "2" || rows[1][12] != "Deux familles prévenues." || len(rows[0]) != len(rows[1]) {
			w.t.Errorf("exported %q", rows)
		}
		if strings.Contains(out.String(), "@") {
			w.t.Errorf("an address is exported: %q", out.String())
		}
		decided := w.clock.Now()
		for _, c := range []struct {
			at   time.Time
			want int64
		}{{decided.AddDate(5, 0, -1), 0}, {decided.AddDate(5, 0, 1), 1}} {
			w.clock.Set(c.at)
			if n, err := w.Prune(t.Context()); err != nil || n != c.want {
				w.t.Errorf("forgot %d, want %d, %v", n, c.want, err)
			}
		}
		if left := stores.Column(w.t, w.house.DB, `SELECT CAST(reader_id AS TEXT) FROM incident_reader`); len(left) != 0 {
			w.t.Errorf("its readers are left: %q", left)
		}
	})
}

var _ incident.Standings = (*reach.Service)(nil)
