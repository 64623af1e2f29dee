package mailing_test

import (
	"testing"
	"time"

	"navette/internal/delivery"
	"navette/internal/testkit/house"
	"navette/internal/testkit/stores"
)

// "Parents du collège", 1,200 guardians: how long until the message is accepted, and until its 1,200 copies are in the
// queue; and what a copy costs the database, with its indexes.
func BenchmarkTwelveHundredCopies(b *testing.B) {
	const guardians = 1200
	f := newFixture(b, stores.SQLiteURL(b), 1)
	f.parentsOf(guardians)
	f.Delivery.Start(b.Context())
	b.Cleanup(f.Delivery.Stop)
	var accepted time.Duration
	commits := f.DB.Stats().Commits
	for b.Loop() {
		cleared, env := f.envelope(nil, []string{"g1@" + house.Domain})
		body := f.Prepare(b, []byte(letter))
		from := time.Now()
		r, err := f.Delivery.Accept(b.Context(), cleared, env, body, []byte(trace))
		if err != nil {
			b.Fatal(err)
		}
		accepted += time.Since(from)
		if err := f.Placed(b.Context(), delivery.Receipt{Delivery: r.Mailing}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(accepted.Milliseconds())/float64(b.N), "ms-to-accept")
	b.ReportMetric(float64(f.DB.Stats().Commits-commits)/float64(b.N), "commits/op")
	if n := len(f.column(`SELECT outbound_id FROM outbound`)); n != b.N*guardians {
		b.Fatalf("%d copies are queued, want %d", n, b.N*guardians)
	}
}
