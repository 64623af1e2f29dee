package mailing_test

import (
	"context"
	"crypto/rand"
	"strings"
	"sync"
	"testing"
	"time"

	"navette/internal/outbound"
	"navette/internal/testkit/house"
)

// hop is a next hop that refuses some addresses, and puts off others.
type hop struct {
	refuses, defers string
	mu              sync.Mutex
	parcels         [][]string
}

func (h *hop) Send(_ context.Context, p outbound.Parcel) []outbound.Outcome {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.parcels = append(h.parcels, p.Recipients)
	out := make([]outbound.Outcome, len(p.Recipients))
	for i, to := range p.Recipients {
		switch {
		case strings.HasPrefix(to, h.refuses):
			out[i] = outbound.Outcome{Verdict: outbound.Failed, Code: 550, Enhanced: "5.1.1", Text: "no " + to}
		case strings.HasPrefix(to, h.defers):
			out[i] = outbound.Outcome{Verdict: outbound.Deferred, Code: 450, Enhanced: "4.2.0", Text: "later, " + to}
		default:
			out[i] = outbound.Outcome{Verdict: outbound.Sent, Code: 250, Enhanced: "2.0.0"}
		}
	}
	return out
}

// What our own queue cannot send, or has not sent for a while, is told by the report of the mailing, never by a report of
// non-delivery, which would name the address (package invariant 4); and no two copies share a transaction.
func TestTheQueueTellsTheMailingAndNotTheSender(t *testing.T) {
	t.Parallel()
	onEngines(t, 1, func(f *fixture) {
		f.pupils(12)
		f.parentsOf(12)
		f.send(nil, []string{"g1@" + house.Domain})
		h := &hop{refuses: "parent7@", defers: "parent3@"}
		queue := outbound.New(f.DB, f.Contents, f.Delivery, h, outbound.Config{Hostname: "mx." + house.Domain, Domain: house.Domain, Now: f.clock.Now,
			Random: rand.Reader, Log: discard()})
		work := func() {
			for n := 1; n > 0; {
				var err error
				if n, err = queue.WorkOnce(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		for range 8 { // for longer than the sender of any other message is told that it waits
			work()
			f.clock.Add(2 * time.Hour)
		}
		if list := f.inbox(f.agents[0]); len(list) != 0 {
			t.Errorf("the sender was told by the queue: %q", list)
		}
		for _, p := range h.parcels {
			if len(p) != 1 {
				t.Errorf("a transaction has the recipients of %d copies", len(p))
			}
		}
		f.clock.Add(6 * 24 * time.Hour)
		work()
		f.upkeep(0)
		list := f.inbox(f.agents[0])
		if len(list) != 1 {
			t.Fatalf("the sender has %d messages", len(list))
		}
		said := text(t, list[0])
		for _, want := range []string{"Remises : 10", "Responsable de Élève4 N. (4E3) — son serveur n'a pas répondu", "Responsable de Élève8 N. (4E3) — adresse inconnue"} {
			if !strings.Contains(said, want) {
				t.Errorf("the report does not say %q:\n%s", want, said)
			}
		}
		if strings.Contains(said, "orange.example") {
			t.Errorf("the report names an address:\n%s", said)
		}
	})
}
