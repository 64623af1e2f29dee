package forward_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"navette/internal/failure"
	"navette/internal/forward"
	"navette/internal/testkit/house"
	"navette/internal/testkit/stores"
)

// What the former system forwarded goes on for sixty days, told at the start, thirty days and seven days before the end,
// and at the end.
func TestTheInventoryOfTheFormerSystemEndsAfterSixtyDays(t *testing.T) {
	worlds(t, func(w *world) {
		file := "login,address\n" + w.teacher.Login + "," + private + "\n"
		report, err := w.Import(t.Context(), by(), strings.NewReader(file), false)
		w.check(err)
		if report.Outside != 1 || len(report.Rejected) != 0 {
			w.t.Fatalf("%+v", report)
		}
		f, _, err := w.Of(t.Context(), w.teacher.Account)
		w.check(err)
		if f.Until.String() != "2027-01-23" || f.Basis != forward.Inventory {
			w.t.Errorf("taken over as %+v", f)
		}
		w.gets(w.teacher.Account, "From: "+shop+"\r\nSubject: x\r\n")
		if len(w.queue()) != 1 {
			w.t.Errorf("it does not go on: %q", w.queue())
		}
		told := 1 // at the start
		for _, day := range []string{"2026-11-24", "2026-12-23", "2026-12-24", "2027-01-15", "2027-01-16", "2027-01-23", "2027-01-24", "2027-01-25"} {
			w.on(day)
			_, err := w.Advance(t.Context())
			w.check(err)
			switch day {
			case "2026-12-24", "2027-01-16", "2027-01-24":
				told++
			}
			if n := w.notices(w.teacher.Account); n != told {
				w.t.Errorf("by %s: told %d times, want %d", day, n, told)
			}
		}
		w.gets(w.teacher.Account, "From: "+shop+"\r\nSubject: y\r\n")
		if len(w.queue()) != 1 {
			w.t.Errorf("it goes on after its end: %q", w.queue())
		}
	})
}

func TestAnInventoryIsTakenOverLineByLine(t *testing.T) {
	worlds(t, func(w *world) {
		file := strings.Join([]string{
			"\ufeffidentifiant;adresse",
			w.teacher.Login + ";" + private,
			strings.ToUpper(w.colleague.Address) + "; " + w.teacher.Address,
			w.teacher.Login + ";autre@perso.example",
			"inconnu;x@perso.example",
			"ce.0759001b;ecole@perso.example",
			w.third.Login + ";personne@" + house.Domain,
			w.third.Login + ";pas une adresse",
		}, "\r\n") + "\r\n"
		for _, dry := range []bool{true, false} {
			report, err := w.Import(t.Context(), by(), strings.NewReader(file), dry)
			w.check(err)
			wantKnown, wantOutside := 1, 1
			if dry { // the line that comes second is not known yet
				wantKnown, wantOutside = 0, 2
			}
			if report.Inside != 1 || report.Outside != wantOutside || report.Known != wantKnown || len(report.Rejected) != 4 {
				w.t.Errorf("dry %v: %+v", dry, report)
			}
			var why []string
			for _, r := range report.Rejected {
				why = append(why, fmt.Sprintf("%d %s", r.Line, r.Login))
				if strings.Contains(r.Why, "perso.example") {
					w.t.Errorf("an address in %q", r.Why)
				}
			}
			if got, want := strings.Join(why, ", "), "5 inconnu, 6 ce.0759001b, 7 "+w.third.Login+", 8 "+w.third.Login; got != want {
				w.t.Errorf("rejected %q, want %q", got, want)
			}
			list, err := w.List(t.Context())
			w.check(err)
			if dry != (len(list) == 0) || dry != (w.notices(w.teacher.Account) == 0) {
				w.t.Errorf("dry %v: %+v", dry, list)
			}
		}
		again, err := w.Import(t.Context(), by(), strings.NewReader(file), false)
		w.check(err)
		if again.Inside+again.Outside != 0 || again.Known != 3 || w.notices(w.teacher.Account) != 1 {
			w.t.Errorf("a second run: %+v", again)
		}
		if got := stores.Column(w.t, w.house.DB, `SELECT action || ' ' || detail FROM journal`); len(got) != 1 || got[0] != `forward.import {"inside":1,"outside":1,"known":1,"rejected":4}` {
			w.t.Errorf("the journal has %q", got)
		}
	})
}

func TestAFileThatIsNoInventoryIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, stores.SQLite(t))
	for _, file := range []string{"login\n", "a,\"b\nc\n", "a,b@c.example\nd\n"} {
		if _, err := w.Import(t.Context(), by(), strings.NewReader(file), true); !failure.Is(err, failure.Permanent) {
			t.Errorf("%q: %v", file, err)
		}
	}
	if report, err := w.Import(t.Context(), by(), strings.NewReader(""), true); err != nil || report.Outside != 0 {
		t.Errorf("an empty file: %+v, %v", report, err)
	}
}

// FuzzImport: no file makes it fail otherwise than with a reason, and no address is in what it says.
func FuzzImport(f *testing.F) {
	f.Add([]byte("login,address\na,b@c.example\n"))
	f.Add([]byte("\ufeffa;\"b@c.example\"\r\n"))
	f.Add([]byte("a,b\x00@c.example"))
	db := stores.SQLite(f)
	service := forward.New(forward.Config{DB: db, Delivery: house.New(f, db).Delivery, Now: time.Now})
	f.Fuzz(func(t *testing.T, file []byte) {
		report, err := service.Import(t.Context(), by(), bytes.NewReader(file), true)
		if err != nil && !failure.Is(err, failure.Permanent) {
			t.Fatalf("%q: %v", file, err)
		}
		for _, r := range report.Rejected {
			if strings.Contains(r.Why, "@") {
				t.Fatalf("%q: %q", file, r.Why)
			}
		}
	})
}
