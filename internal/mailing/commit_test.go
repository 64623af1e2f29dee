package mailing_test

import (
	"testing"

	"navette/internal/failure"
	"navette/internal/testkit/cut"
	"navette/internal/testkit/house"
	"navette/internal/testkit/pg"
)

// The answer to the COMMIT of a message of which every copy is apart is lost: what was committed is found by the mailing's
// number and acknowledged once; what was not is not (package delivery, invariant 1).
func TestALostCommitOfAMailingIsFoundByItsNumber(t *testing.T) {
	t.Parallel()
	proxy, url := cut.Start(t, pg.Start(t).NewDatabase(t))
	f := newFixture(t, url, 1)
	f.parentsOf(3)
	f.send(nil, []string{"g1@" + house.Domain}) // ids are taken
	for i, c := range []struct {
		moment cut.Moment
		kind   failure.Kind
		copies string
	}{{cut.After, 0, "6"}, {cut.Before, failure.CommitUnknown, "6"}} {
		cleared, env := f.envelope(nil, []string{"g1@" + house.Domain})
		body := f.Prepare(t, []byte(letter)) // only the COMMIT of the acceptance is to be cut
		proxy.Cut(c.moment, 1)
		r, err := f.Delivery.Accept(t.Context(), cleared, env, body, []byte(trace))
		if failure.KindOf(err) != c.kind || (err == nil) != (c.kind == 0) || (err == nil) != (r.Mailing != 0) {
			t.Errorf("cut %d: told %+v, %v", i, r, err)
		}
		if got := f.column(`SELECT count(*) FROM outbound`); got[0] != c.copies {
			t.Errorf("cut %d: %s copies are queued, want %s", i, got[0], c.copies)
		}
	}
	f.sound()
}
