package content_test

import (
	"log/slog"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"navette/internal/content"
	"navette/internal/store"
	"navette/internal/testkit/clock"
	"navette/internal/testkit/house"
	"navette/internal/testkit/stores"
)

// attic is a store with messages that nothing refers to.
type attic struct {
	t         *testing.T
	h         *house.House
	clock     *clock.Clock
	collector *content.Collector
}

func newAttic(t *testing.T, url string) *attic {
	t.Helper()
	now := clock.New(time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC))
	h := house.New(t, stores.OpenAt(t, url, now.Now))
	return &attic{t: t, h: h, clock: now, collector: &content.Collector{DB: h.DB, Blobs: h.Blobs, Log: slog.New(slog.DiscardHandler)}}
}

// abandon stores a message to which nothing refers.
func (a *attic) abandon() (message int64) {
	a.t.Helper()
	p := a.h.Prepare(a.t, large())
	message, err := a.h.DB.NewIDs(a.t.Context(), "message", 1)
	if err != nil {
		a.t.Fatal(err)
	}
	a.write(func(tx *store.Tx) error {
		if err := p.Insert(a.t.Context(), tx); err != nil {
			return err
		}
		return content.InsertMessage(a.t.Context(), tx, message, p.ID, nil, p.Size)
	})
	return message
}

func (a *attic) write(fn func(*store.Tx) error) {
	a.t.Helper()
	if err := a.h.DB.Write(a.t.Context(), store.Interactive, fn); err != nil {
		a.t.Fatal(err)
	}
}

// wantRun lets time pass, collects, and demands what that did.
func (a *attic) wantRun(when string, after time.Duration, want content.Collected) {
	a.t.Helper()
	a.clock.Add(after)
	got, err := a.collector.RunOnce(a.t.Context())
	if err != nil {
		a.t.Fatalf("%s: %v", when, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		a.t.Errorf("%s (-expected +done)\n%s", when, diff)
	}
}

const oneDay = 24 * time.Hour

// What is garbage is left alone for a day before it is marked, and for a day from the mark to the removal; its content
// waits a day of its own. A microsecond less is not enough.
func TestGarbageWaitsADayAtEachStep(t *testing.T) {
	t.Parallel()
	stores.EachURL(t, func(t *testing.T, url string) {
		a := newAttic(t, url)
		a.abandon()
		a.wantRun("a message of this moment", 0, content.Collected{})
		a.wantRun("a message of a day", oneDay, content.Collected{})
		a.wantRun("a message of more than a day", time.Microsecond, content.Collected{Marked: 1})
		a.wantRun("marked for less than a day", oneDay-time.Microsecond, content.Collected{})
		a.wantRun("marked for a day: the row goes, and its content is marked", time.Microsecond, content.Collected{Marked: 1, Messages: 1})
		a.wantRun("a content marked for less than a day", oneDay-time.Microsecond, content.Collected{})
		a.wantRun("a content marked for a day: row and object go", time.Microsecond, content.Collected{Contents: 1, Objects: 1})
		a.wantRun("nothing is left", oneDay, content.Collected{})
	})
}

// An object whose row never came, because the process died or is about to write it, has a day too.
func TestAnObjectWithoutARowWaitsADay(t *testing.T) {
	t.Parallel()
	stores.EachURL(t, func(t *testing.T, url string) {
		a := newAttic(t, url)
		a.h.Prepare(t, large())
		late := a.h.Prepare(t, large())
		a.wantRun("both are marked", 0, content.Collected{Marked: 2})
		a.wantRun("marked for less than a day", oneDay-time.Microsecond, content.Collected{})
		a.write(func(tx *store.Tx) error { return late.Insert(t.Context(), tx) })
		a.wantRun("one got its row in the last moment", time.Microsecond, content.Collected{Objects: 1})
	})
}

// references are what needs a message, each as the row that says so; $1 is the message.
var references = map[string]string{
	"an email":               `INSERT INTO email (account_id, email_id, message_id, thread_id, received_at, flags, keywords) VALUES (1, 1, $1, 1, 0, 0, '')`,
	"mail that is held":      `INSERT INTO held (account_id, held_id, release_at, mailbox_id, message_id, received_at) VALUES (1, 1, 0, 1, $1, 0)`,
	"a delivery under way":   `INSERT INTO delivery (delivery_id, message_id, origin, sender, reverse_path, accepted_at, recipients, state) VALUES (1, $1, '', 0, '', 0, 0, 0)`,
	"a delivery that pauses": `INSERT INTO delivery (delivery_id, message_id, origin, sender, reverse_path, accepted_at, recipients, state) VALUES (1, $1, '', 0, '', 0, 0, 2)`,
	"the queue to outside": `INSERT INTO outbound (outbound_id, delivery_id, message_id, reverse_path, recipient, state, attempts, next_at, expires_at, status, lease_until)
		VALUES (1, 1, $1, '', '', 0, 0, 0, 0, '', 0)`,
}

// A mark condemns nobody: what is needed again when its day is over stays (no service can bring that about; SQL can),
// and loses its mark, so that it has its whole day again when it is abandoned once more.
func TestWhatIsNeededAgainAfterItsMarkStays(t *testing.T) {
	t.Parallel()
	stores.EachURL(t, func(t *testing.T, url string) {
		a := newAttic(t, url)
		message := a.abandon()
		for name, reference := range references {
			a.wantRun("marked", oneDay+time.Microsecond, content.Collected{Marked: 1})
			a.write(func(tx *store.Tx) error { _, err := tx.Exec(t.Context(), reference, message); return err })
			a.wantRun(name, oneDay, content.Collected{})
			for _, table := range []string{"email", "held", "delivery", "outbound"} {
				a.write(func(tx *store.Tx) error { _, err := tx.Exec(t.Context(), `DELETE FROM `+table); return err })
			}
		}
		a.wantRun("abandoned for good", 0, content.Collected{Marked: 1})
		a.wantRun("marked for less than a day", oneDay-time.Microsecond, content.Collected{})
		a.wantRun("marked for a day", time.Microsecond, content.Collected{Marked: 1, Messages: 1})
	})
}

// The second look is part of the removal: a reference that is committed after the collector has read what is due, and
// before it removes it, is seen. SQLite's one writer is kept busy meanwhile.
func TestTheSecondLookIsUnderTheLock(t *testing.T) {
	t.Parallel()
	a := newAttic(t, stores.SQLiteURL(t))
	message := a.abandon()
	a.wantRun("marked", oneDay+time.Microsecond, content.Collected{Marked: 1})
	a.clock.Add(oneDay)
	var done content.Collected
	collected := make(chan error, 1)
	a.write(func(tx *store.Tx) error {
		go func() {
			var err error
			done, err = a.collector.RunOnce(t.Context())
			collected <- err
		}()
		for a.h.DB.Stats().Waiting == 0 { // it has read what is due, and waits to remove it
			runtime.Gosched()
		}
		_, err := tx.Exec(t.Context(), references["an email"], message)
		return err
	})
	if err := <-collected; err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(content.Collected{}, done); diff != "" {
		t.Errorf("(-expected +done)\n%s", diff)
	}
}
