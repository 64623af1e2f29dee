package frame_test

import (
	"crypto/rand"
	"io"
	"log/slog"
	"mime/quotedprintable"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"navette/internal/content"
	"navette/internal/directory"
	"navette/internal/frame"
	"navette/internal/guard"
	"navette/internal/identity"
	"navette/internal/mail"
	"navette/internal/reach"
	"navette/internal/store"
	"navette/internal/testkit/clock"
	"navette/internal/testkit/house"
	"navette/internal/testkit/pg"
	"navette/internal/testkit/school"
	"navette/internal/testkit/stores"
)

func TestMain(m *testing.M) { os.Exit(pg.Wrap(m).Run()) }

// Addresses of the families, and where the pages are.
const (
	karim  = "Karim.Benali@perso.example"
	sonia  = "sonia@perso.example"
	typed  = "president.fcpe@association.example"
	origin = "https://messagerie.ac-paris.example"
)

// world is two collèges with their heads; in the first are a teacher and two families.
type world struct {
	*frame.Service
	t                            *testing.T
	house                        *house.House
	clock                        *clock.Clock
	reach                        *reach.Service
	school                       *school.School
	head, deputy, teacher, other *school.Agent
	karim, sonia                 *school.Guardian
}

// worlds runs a test on both engines, on 24 November 2026.
func worlds(t *testing.T, test func(w *world)) {
	t.Helper()
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) { test(newWorld(t, db)) })
}

// noFormer knows no former addresses.
type noFormer struct{}

func (noFormer) FormerDigest(key string) []byte { return []byte(key) }

func newWorld(t *testing.T, db *store.DB) *world {
	t.Helper()
	w := &world{t: t, house: house.New(t, db), clock: clock.New(time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC))}
	w.school = school.New(t, w.house, "0759001B")
	class := w.school.Class("4E3")
	w.head, w.deputy, w.teacher = w.school.Head("Luc", "ARNAUD"), w.school.Deputy("Ève", "BLANC"), w.school.Teacher("Claire", "MARTIN", class)
	w.other = school.New(t, w.house, "0759002C").Head("Ida", "COSTE")
	w.karim = class.Pupil("Léa", "BENALI").Guardian("Karim", karim)
	w.sonia = class.Pupil("Tom", "DIALLO").Guardian("Sonia", sonia)
	w.reach = reach.New(reach.Config{DB: db, Former: noFormer{}, Now: w.clock.Now})
	w.Service = frame.New(frame.Config{DB: db, Contents: w.house.Contents, Delivery: w.house.Delivery, Domain: house.Domain, Hostname: "mx.example",
		Origin: func() string { return origin }, Now: w.clock.Now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler)})
	w.reach.OnFrames(w.Service)
	return w
}

func (w *world) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// on passes to the morning of a day.
func (w *world) on(day string) {
	w.t.Helper()
	w.clock.Set(date(w.t, day).UTC().Add(8 * time.Hour))
}

func date(t testing.TB, day string) directory.Date {
	t.Helper()
	d, err := directory.ParseDate(day)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func as(a *school.Agent) frame.Actor {
	return frame.AsHead(identity.Owner{Account: a.Account, Login: a.Login})
}

// elected is the frame of these tests, until the next election.
func (w *world) elected() frame.Frame {
	return frame.Frame{UAI: "0759001B", Name: "Parents élus au conseil d'administration", Purpose: "Préparer les conseils ensemble.", Until: date(w.t, "2027-10-15")}
}

// made is a frame that the head has made.
func (w *world) made() int64 {
	w.t.Helper()
	id, err := w.Make(w.t.Context(), as(w.head), w.elected())
	w.check(err)
	return id
}

// asked asks a guardian, and gives the token of the link that they got.
func (w *world) asked(id int64, g *school.Guardian) string {
	w.t.Helper()
	_, err := w.Propose(w.t.Context(), as(w.head), id, frame.Proposal{Guardian: g.ID})
	w.check(err)
	return w.link(g.Address)
}

// agreed asks a guardian who accepts.
func (w *world) agreed(id int64, g *school.Guardian) string {
	w.t.Helper()
	token := w.asked(id, g)
	_, err := w.Answer(w.t.Context(), token, frame.Accept)
	w.check(err)
	return token
}

// letter gives the newest that waits to leave for an address, decoded.
func (w *world) letter(to string) string {
	w.t.Helper()
	var text string
	err := w.house.DB.Read(w.t.Context(), func(tx *store.Tx) error {
		var message int64
		if err := tx.QueryRow(w.t.Context(), `SELECT message_id FROM outbound WHERE recipient = $1 ORDER BY outbound_id DESC LIMIT 1`, to).Scan(&message); err != nil {
			return err
		}
		loaded, err := w.house.Contents.Load(w.t.Context(), tx, []int64{message}, true, false)
		if err != nil {
			return err
		}
		m := loaded[message]
		text = w.octets(&m)
		return nil
	})
	w.check(err)
	_, body := mail.SplitHeader([]byte(text))
	plain, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(string(body))))
	w.check(err)
	return string(plain)
}

func (w *world) octets(m *content.Message) string {
	w.t.Helper()
	r, err := w.house.Contents.Open(w.t.Context(), m, 0)
	w.check(err)
	defer r.Close()
	b, err := io.ReadAll(r)
	w.check(err)
	return string(b)
}

// link gives the token in the newest letter to an address.
func (w *world) link(to string) string {
	w.t.Helper()
	found := regexp.MustCompile(regexp.QuoteMeta(origin) + `/consentement#([\w-]{22})\r?\n`).FindStringSubmatch(w.letter(to))
	if found == nil {
		w.t.Fatalf("no link in %q", w.letter(to))
	}
	return found[1]
}

// seen tells by how many frames an address may be seen, for a sender.
func (w *world) seen(sender *school.Agent, address string) int {
	w.t.Helper()
	list, err := w.reach.Standings(w.t.Context(), sender.Account, []string{address})
	w.check(err)
	return len(list[0].Frames)
}

// mayWrite tells whether an agent may name people in À together.
func (w *world) mayWrite(sender *school.Agent, addresses ...string) bool {
	w.t.Helper()
	list, err := w.reach.Standings(w.t.Context(), sender.Account, addresses)
	w.check(err)
	m := guard.Message{Door: guard.Submission, Sender: sender.Account, Schools: []string{"0759001B"}}
	for i, address := range addresses {
		m.Recipients = append(m.Recipients, guard.Recipient{Address: address, Field: guard.To, Standing: list[i]})
	}
	_, err = guard.Decide(m).Clear(false)
	return err == nil
}
