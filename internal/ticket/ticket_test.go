package ticket_test

import (
	"context"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/store"
	"navette/internal/testkit/agents"
	"navette/internal/testkit/pg"
	"navette/internal/ticket"
)

func TestMain(m *testing.M) { os.Exit(pg.Wrap(m).Run()) }

const claire = int64(42)

// issue gives a ticket of claire's at her first epoch as an active agent.
func issue(a *agents.Agents) string {
	a.Helper()
	token, err := a.Tickets.Issue(a.Context(), ticket.Ticket{Account: claire, Epoch: 2, Purpose: "essai"}, time.Minute, "données")
	if err != nil {
		a.Fatal(err)
	}
	return token
}

func TestATicketHoldsForItsPurposeAndItsTime(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		a.Agent(claire, "cmartin")
		token := issue(a)
		got, err := a.Tickets.Get(a.Context(), token, "essai")
		var data string
		if err != nil || got.Account != claire || got.Read(&data) != nil || data != "données" {
			a.Errorf("%+v, %q, %v", got, data, err)
		}
		for _, c := range [][2]string{{token, "autre"}, {"", "essai"}, {"x", "essai"}, {token + "x", "essai"}} {
			_, err := a.Tickets.Get(a.Context(), c[0], c[1])
			a.Denied(err, c[0]+" for "+c[1])
		}
		a.Pass(time.Minute)
		_, err = a.Tickets.Get(a.Context(), token, "essai")
		a.Denied(err, "a minute later")
	})
}

func TestATicketOfAnEpochThatIsOverIsVoid(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		a.Agent(claire, "cmartin")
		token := issue(a)
		if err := a.Identity.Suspend(a.Context(), identity.By{Actor: "dsi"}, claire); err != nil {
			a.Fatal(err)
		}
		_, err := a.Tickets.Get(a.Context(), token, "essai")
		a.Denied(err, "after a suspension")
		_, err = a.Tickets.Attempt(a.Context(), token, "essai", 5)
		a.Denied(err, "an attempt after a suspension")
	})
}

func TestAttemptsAreCountedBeforeTheyAreMade(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		a.Agent(claire, "cmartin")
		token := issue(a)
		var made, refused atomic.Int64
		var running sync.WaitGroup
		for range 12 {
			running.Go(func() {
				switch _, err := a.Tickets.Attempt(a.Context(), token, "essai", 5); {
				case err == nil:
					made.Add(1)
				case failure.Is(err, failure.Denied):
					refused.Add(1)
				default:
					a.Error(err)
				}
			})
		}
		running.Wait()
		if made.Load() != 5 || refused.Load() != 7 {
			a.Errorf("%d attempts, %d refused", made.Load(), refused.Load())
		}
	})
}

func TestATicketIsUsedOnce(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		a.Agent(claire, "cmartin")
		token := issue(a)
		use := func(ctx context.Context) error {
			return a.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error { return ticket.Use(ctx, tx, token, "essai") })
		}
		var used atomic.Int64
		var running sync.WaitGroup
		for range 8 {
			running.Go(func() {
				if err := use(a.Context()); err == nil {
					used.Add(1)
				} else if !failure.Is(err, failure.Denied) {
					a.Error(err)
				}
			})
		}
		running.Wait()
		if used.Load() != 1 {
			a.Errorf("used %d times", used.Load())
		}
	})
}
