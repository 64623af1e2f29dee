package list_test

import (
	"fmt"
	"testing"

	"navette/internal/list"
	"navette/internal/testkit/house"
)

// Posts of many at once, to lists that overlap and to their members by name in every order: nobody loses one, nobody has
// two, and nobody waits for ever.
func TestManyPostAtOnceToListsThatOverlap(t *testing.T) {
	t.Parallel()
	onEngines(t, 8, func(f *fixture) {
		l := f.static("a", f.of(0, 2, 4, 6, 7)...)
		l.Archive = true
		f.create(l)
		f.create(f.static("b", f.of(7, 5, 3, 1, 0)...))
		m := f.static("c", f.of(1, 6, 4)...)
		m.Posting = list.Moderated
		held := f.create(m)
		const writers, rounds = 8, 5
		answers := make(chan error)
		for w := range writers {
			go func() {
				for range rounds {
					to := []string{at("b"), house.Address(f.agents[w]), at("a"), house.Address(f.agents[7-w]), at("c")}
					if w%2 == 0 {
						to = []string{at("c"), house.Address(f.agents[7-w]), at("a"), at("b")}
					}
					answers <- f.post(0, fmt.Sprintf("un%d@dehors.example", w), to...)
				}
			}()
		}
		for range writers * rounds {
			f.done("post", <-answers)
		}
		// Accounts are locked together, in ascending order: without it these posts lock each other out, and are run again.
		if n := f.DB.Stats().Retries; n != 0 {
			f.t.Errorf("%d transactions were run again", n)
		}
		for i, account := range f.agents {
			if n := len(f.copies(account, "INBOX")); n != writers*rounds {
				f.t.Errorf("agent %d has %d of %d", i, n, writers*rounds)
			}
		}
		if n := len(f.copies(held, "À modérer")); n != writers*rounds {
			f.t.Errorf("%d of %d wait", n, writers*rounds)
		}
	})
}
