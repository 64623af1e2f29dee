package disclosure_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/netip"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"navette/internal/directory"
	"navette/internal/disclosure"
	"navette/internal/failure"
	"navette/internal/frame"
	"navette/internal/identity"
	"navette/internal/notice"
	"navette/internal/store"
	"navette/internal/testkit/clock"
	"navette/internal/testkit/house"
	"navette/internal/testkit/pg"
	"navette/internal/testkit/school"
	"navette/internal/testkit/stores"
)

func TestMain(m *testing.M) { os.Exit(pg.Wrap(m).Run()) }

const origin = "https://messagerie.ac-paris.example"

// world is two collèges, the service, and the letters that it sent.
type world struct {
	*disclosure.Service
	t       *testing.T
	house   *house.House
	clock   *clock.Clock
	log     *bytes.Buffer
	letters letters
	school  *school.School
	other   *school.School
}

// letters are those that were sent, by address; its error refuses them.
type letters struct {
	to    []string
	texts []string
	err   error
}

func (l *letters) Mail(_ context.Context, address string, n notice.Notice) error {
	if l.err != nil {
		return l.err
	}
	l.to, l.texts = append(l.to, address), append(l.texts, n.Body)
	return nil
}

// copies tells that each mailbox got three.
type copies struct{}

func (copies) CopiesTo(context.Context, *store.Tx, string) (int, error) { return 3, nil }

func digest(key string) []byte { return []byte("digest of " + key) }

func worlds(t *testing.T, test func(w *world)) {
	t.Helper()
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		w := &world{t: t, house: house.New(t, db), clock: clock.New(time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)), log: &bytes.Buffer{}}
		w.Service = disclosure.New(disclosure.Config{DB: db, Letters: &w.letters, Copies: copies{}, Digest: digest, Origin: func() string { return origin },
			Now: w.clock.Now, Random: rand.Reader, Log: slog.New(slog.NewTextHandler(w.log, nil))})
		w.school, w.other = school.New(t, w.house, "0759001B"), school.New(t, w.house, "0759002C").Rename("École Jean Moulin", "151")
		test(w)
	})
}

func (w *world) done(what string, err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%s: %v", what, err)
	}
}

// asks is a question from a network of its own, and its answer.
func (w *world) asks(address string) {
	w.t.Helper()
	w.done("ask", w.Ask(w.t.Context(), netip.MustParseAddr("192.0.2.1"), address))
	_, err := w.Work(w.t.Context())
	w.done("work", err)
}

var link = regexp.MustCompile(origin + `/mes-donnees#(\S+)`)

// token is that of the last letter.
func (w *world) token() string {
	w.t.Helper()
	if len(w.letters.texts) == 0 {
		w.t.Fatal("no letter was sent")
	}
	return link.FindStringSubmatch(w.letters.texts[len(w.letters.texts)-1])[1]
}

func TestAGuardianReadsWhatIsHeldAboutThem(t *testing.T) {
	worlds(t, func(w *world) {
		class := w.school.Class("4E3")
		lea := class.Pupil("Léa", "BENALI")
		w.school.Group("4ALL2").Add(lea)
		tom := w.other.Class("CM1").Pupil("Tom", "BENALI")
		karim := lea.Guardian("Karim", "Karim.Benali@perso.example")
		tom.AnsweredFor(karim, 2026, false)
		lea.Guardian("Sonia", "sonia@perso.example") // nobody else is named
		head := w.school.Head("Luc", "ARNAUD")
		w.other.Mark("karim.benali@perso.example")
		w.school.Former(digest("karim.benali@perso.example"), "2027-08-31")
		frames := frame.New(frame.Config{DB: w.house.DB, Contents: w.house.Contents, Delivery: w.house.Delivery, Domain: house.Domain, Hostname: "mx.example",
			Origin: func() string { return origin }, Now: w.clock.Now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler)})
		as := frame.AsHead(identity.Owner{Account: head.Account, Login: head.Login})
		id, err := frames.Make(w.t.Context(), as, frame.Frame{UAI: "0759001B", Name: "Parents élus", Purpose: "Préparer les conseils.", Until: day(w.t, "2027-10-15")})
		w.done("make a frame", err)
		_, err = frames.Propose(w.t.Context(), as, id, frame.Proposal{Name: "Karim Benali", Address: "karim.benali@perso.example"})
		w.done("propose", err)

		w.asks("KARIM.BENALI+ecole@perso.example")
		if got := w.letters.to; len(got) != 1 || got[0] != "Karim.Benali@perso.example" {
			w.t.Fatalf("letters went to %q", got)
		}
		got, err := w.Open(w.t.Context(), w.token())
		w.done("open", err)
		college := disclosure.School{UAI: "0759001B", Name: "Collège Jean Exemple"}
		want := disclosure.Holding{
			AsOf: got.AsOf,
			People: []disclosure.Person{{Name: "Karim BENALI", Address: "Karim.Benali@perso.example", Pupils: []disclosure.Pupil{
				{Forename: "Léa", School: college, Divisions: []string{"4E3", "4ALL2"}},
			}, Contact: true}}, // Tom's
			Marks:    []disclosure.School{{UAI: "0759002C", Name: "École Jean Moulin"}},
			Former:   []disclosure.Former{{School: college, Until: "2027-08-31"}},
			Frames:   []disclosure.Frame{{Name: "Parents élus", School: "Collège Jean Exemple", Until: "2027-10-15"}},
			Received: 3,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			w.t.Errorf("(-want +got)\n%s", diff)
		}
		if got.AsOf == "" {
			w.t.Error("nothing tells how new it is")
		}
	})
}

// Somebody who lost the custody of a child, and whom the school still has as a contact, is not told where the child is.
func TestALegalGuardianAloneReadsWhereAChildIs(t *testing.T) {
	worlds(t, func(w *world) {
		lea := w.school.Class("4E3").Pupil("Léa", "BENALI")
		lea.Contact("Ali", "ali@perso.example")
		lea.Guardian("Karim", "karim@perso.example").Leaves()
		gone := w.school.Class("3E1").Pupil("Tom", "DIALLO")
		gone.Contact("Awa", "awa@perso.example")
		gone.Leaves()
		for name, address := range map[string]string{"a contact": "ali@perso.example", "a guardian whom no export names any more": "karim@perso.example",
			"a contact of a pupil who left": "awa@perso.example"} {
			w.asks(address)
			got, err := w.Open(w.t.Context(), w.token())
			w.done("open", err)
			if len(got.People) != 1 || len(got.People[0].Pupils) != 0 || !got.People[0].Contact || got.People[0].Address != address {
				w.t.Errorf("%s reads %+v", name, got.People)
			}
		}
	})
}

func TestAPupilReadsWhatIsHeldAboutThem(t *testing.T) {
	worlds(t, func(w *world) {
		w.school.Class("4E3").Pupil("Léa", "DUPONT").Writes("lea@perso.example")
		w.asks("lea@perso.example")
		got, err := w.Open(w.t.Context(), w.token())
		w.done("open", err)
		if len(got.People) != 1 || !got.People[0].Pupil || len(got.People[0].Pupils) != 1 || got.People[0].Pupils[0].Divisions[0] != "4E3" {
			w.t.Errorf("got %+v", got)
		}
	})
}

func TestALinkOpensOnceForADay(t *testing.T) {
	worlds(t, func(w *world) {
		w.school.Class("4E3").Pupil("Léa", "DUPONT").Guardian("Anne", "anne@perso.example")
		w.asks("anne@perso.example")
		token := w.token()
		_, err := w.Open(w.t.Context(), token)
		w.done("the first time", err)
		w.refused("the second time", token)
		w.refused("another link", strings.Repeat("A", 22))
		w.clock.Add(2 * time.Hour)
		w.asks("anne@perso.example")
		w.clock.Add(disclosure.LinkLife + time.Minute)
		w.refused("a day later", w.token())
	})
}

func (w *world) refused(what, token string) {
	w.t.Helper()
	if _, err := w.Open(w.t.Context(), token); !failure.Is(err, failure.NotFound) {
		w.t.Errorf("%s: %v", what, err)
	}
}

// Invariant 1: whoever asks learns nothing, and nobody is sent a letter that is not for them.
func TestNobodyLearnsWhoseAddressIsHeld(t *testing.T) {
	worlds(t, func(w *world) {
		w.school.Class("4E3").Pupil("Léa", "DUPONT").Guardian("Anne", "anne@perso.example")
		peer := netip.MustParseAddr("192.0.2.7")
		cost := func(address string) (queries int64) {
			before := w.house.DB.Stats().Queries
			w.done("ask", w.Ask(w.t.Context(), peer, address))
			return w.house.DB.Stats().Queries - before
		}
		if held, not := cost("anne@perso.example"), cost("nobody@perso.example"); held != not {
			w.t.Errorf("to ask takes %d queries where the address is held, %d where not", held, not)
		}
		letters, err := w.Work(w.t.Context())
		w.done("work", err)
		if letters != 1 || len(w.letters.to) != 1 || w.letters.to[0] != "anne@perso.example" {
			w.t.Errorf("%d letters, to %q", letters, w.letters.to)
		}
		if strings.Contains(w.log.String(), "perso.example") {
			w.t.Errorf("the log tells: %s", w.log)
		}
	})
}

func TestAnAddressGetsOneLetterAnHour(t *testing.T) {
	worlds(t, func(w *world) {
		w.school.Class("4E3").Pupil("Léa", "DUPONT").Guardian("Anne", "anne@perso.example")
		for range 3 {
			w.asks("anne@perso.example")
		}
		if n := len(w.letters.to); n != 1 {
			w.t.Errorf("%d letters within the hour", n)
		}
		w.clock.Add(61 * time.Minute)
		w.asks("anne@perso.example")
		if n := len(w.letters.to); n != 2 {
			w.t.Errorf("%d letters an hour later", n)
		}
	})
}

func TestStrangersAskSeldom(t *testing.T) {
	worlds(t, func(w *world) {
		peer := netip.MustParseAddr("192.0.2.9")
		var err error
		for n := 0; err == nil && n < 100; n++ {
			err = w.Ask(w.t.Context(), peer, "un@perso.example")
		}
		if !failure.Is(err, failure.Temporary) {
			w.t.Errorf("after many questions: %v", err)
		}
		if err := w.Ask(w.t.Context(), netip.MustParseAddr("198.51.100.1"), "un@perso.example"); err != nil {
			w.t.Errorf("another network: %v", err)
		}
		if err := w.Ask(w.t.Context(), netip.MustParseAddr("198.51.100.1"), "Mme Dupont"); !failure.Is(err, failure.Permanent) {
			w.t.Errorf("what is no address: %v", err)
		}
	})
}

// A letter that cannot be sent now waits for the next round with its question, and one that never can ends it.
func TestALetterThatFailsIsSentLater(t *testing.T) {
	worlds(t, func(w *world) {
		w.school.Class("4E3").Pupil("Léa", "DUPONT").Guardian("Anne", "anne@perso.example")
		w.done("ask", w.Ask(w.t.Context(), netip.MustParseAddr("192.0.2.1"), "anne@perso.example"))
		w.letters.err = failure.New(failure.Temporary, "no disk")
		if _, err := w.Work(w.t.Context()); !errors.Is(err, w.letters.err) {
			w.t.Errorf("work: %v", err)
		}
		w.letters.err = nil
		_, err := w.Work(w.t.Context())
		w.done("work again", err)
		_, err = w.Open(w.t.Context(), w.token())
		w.done("open", err)
	})
}

func TestQuestionsThatAreOverAreForgotten(t *testing.T) {
	worlds(t, func(w *world) {
		w.asks("nobody@perso.example")
		w.clock.Add(49 * time.Hour)
		if n, err := w.Prune(w.t.Context()); n != 1 || err != nil {
			w.t.Errorf("%d were forgotten, %v", n, err)
		}
	})
}

func day(t *testing.T, text string) directory.Date {
	t.Helper()
	d, err := directory.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
