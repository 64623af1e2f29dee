package identity_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"navette/internal/audit"
	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/store"
)

// acts are what can happen to an account, by name.
func (n *node) acts() map[string]func() error {
	ctx := n.t.Context()
	inTx := func(fn func(context.Context, *store.Tx, identity.By, int64) error) func() error {
		return func() error {
			return n.db.Write(ctx, store.Interactive, func(tx *store.Tx) error { return fn(ctx, tx, by(), claire) })
		}
	}
	return map[string]func() error{
		"activate": func() error { return n.Activate(ctx, by(), claire, password) },
		"suspend":  func() error { return n.Suspend(ctx, by(), claire) },
		"resume":   func() error { return n.Resume(ctx, by(), claire) },
		"depart":   inTx(identity.Depart),
		"return":   inTx(identity.Return),
	}
}

func (n *node) state() (state string) {
	n.t.Helper()
	err := n.db.Read(n.t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(n.t.Context(), `SELECT state FROM account WHERE account_id = $1`, claire).Scan(&state)
	})
	if err != nil {
		n.t.Fatal(err)
	}
	return state
}

// The life of an account: from each state that is reached by a path, each act either leads on or is refused and
// changes nothing.
func TestTheStatesOfAnAccount(t *testing.T) {
	t.Parallel()
	type path []string
	tests := []struct {
		path  path
		state string
		leads map[string]string // act -> state; what is not there is refused
	}{
		{path{}, "appointed", map[string]string{"activate": "active", "suspend": "suspended", "depart": "departed"}},
		{path{"activate"}, "active", map[string]string{"suspend": "suspended", "depart": "departed"}},
		{path{"depart"}, "departed", map[string]string{"suspend": "suspended", "return": "appointed"}},
		{path{"activate", "depart"}, "departed", map[string]string{"suspend": "suspended", "return": "active"}},
		{path{"suspend"}, "suspended", map[string]string{"resume": "appointed", "depart": "suspended"}},
		{path{"activate", "suspend"}, "suspended", map[string]string{"resume": "active", "depart": "suspended"}},
		{path{"activate", "depart", "suspend"}, "suspended", map[string]string{"resume": "departed", "return": "suspended"}},
		// What happens meanwhile does not lift a suspension, and is not lost when it is lifted.
		{path{"activate", "suspend", "depart"}, "suspended", map[string]string{"resume": "departed", "return": "suspended"}},
		{path{"activate", "suspend", "depart", "return"}, "suspended", map[string]string{"resume": "active", "depart": "suspended"}},
		{path{"suspend", "depart", "return"}, "suspended", map[string]string{"resume": "appointed", "depart": "suspended"}},
		{path{"activate", "suspend", "resume"}, "active", map[string]string{"suspend": "suspended", "depart": "departed"}},
	}
	for _, tt := range tests {
		for _, name := range []string{"activate", "suspend", "resume", "depart", "return"} {
			t.Run(tt.state+" "+name, func(t *testing.T) {
				t.Parallel()
				n := sqliteNode(t)
				n.appoint(claire, "cmartin", "claire", "martin")
				acts := n.acts()
				for _, step := range tt.path {
					if err := acts[step](); err != nil {
						t.Fatalf("%v: %s: %v", tt.path, step, err)
					}
				}
				if got := n.state(); got != tt.state {
					t.Fatalf("%v leads to %s", tt.path, got)
				}
				revocations := n.count(`SELECT count(*) FROM revocation`)
				entries := n.count(`SELECT count(*) FROM journal`)
				err := acts[name]()
				want, allowed := tt.leads[name]
				switch {
				case allowed && err != nil:
					t.Fatalf("%v, then %s: %v", tt.path, name, err)
				case !allowed && !failure.Is(err, failure.Conflict):
					t.Fatalf("%v, then %s: not refused: %v", tt.path, name, err)
				case !allowed:
					want = tt.state
				}
				if got := n.state(); got != want {
					t.Errorf("%v, then %s leads to %s, want %s", tt.path, name, got, want)
				}
				change := int64(0)
				if allowed {
					change = 1
				}
				if got := n.count(`SELECT count(*) FROM revocation`) - revocations; got != change {
					t.Errorf("%d revocations", got)
				}
				if got := n.count(`SELECT count(*) FROM journal`) - entries; got != change {
					t.Errorf("%d journal entries", got)
				}
				if rows, suspended := n.count(`SELECT count(*) FROM suspension`), want == "suspended"; (rows == 1) != suspended {
					t.Errorf("%d rows of suspension in state %s", rows, want)
				}
			})
		}
	}
}

func TestEveryActIsInTheJournal(t *testing.T) {
	t.Parallel()
	eachNode(t, func(t *testing.T, n *node) {
		n.withClaire()
		ctx := t.Context()
		app, err := n.GenerateAppPassword(ctx, by(), claire, "téléphone")
		if err != nil {
			t.Fatal(err)
		}
		token := n.token()
		acts := n.acts()
		for _, act := range []func() error{
			func() error { return n.SetPassword(ctx, by(), claire, "une toute autre phrase") },
			func() error { return n.RevokeAppPassword(ctx, by(), claire, app.ID) },
			func() error { return n.RevokeToken(ctx, by(), claire, token.ID) },
			acts["suspend"], acts["resume"], acts["depart"], acts["return"],
		} {
			if err := act(); err != nil {
				t.Fatal(err)
			}
		}
		for _, action := range []string{"account.activate", "account.application-password", "account.password",
			"account.application-password.revoke", "account.token", "account.token.revoke", "account.suspend", "account.resume", "account.depart", "account.return"} {
			if got := n.count(`SELECT count(*) FROM journal WHERE action = $1 AND actor = 'dsi' AND reason = 'essai' AND subject = 'account:42'`, action); got != 1 {
				t.Errorf("%s is there %d times", action, got)
			}
		}
		if _, err := audit.Verify(ctx, n.db); err != nil {
			t.Error(err)
		}
	})
}

func TestAnActWithoutAnActorDoesNotHappen(t *testing.T) {
	t.Parallel()
	eachNode(t, func(t *testing.T, n *node) {
		n.withClaire()
		if err := n.Suspend(t.Context(), identity.By{}, claire); !errors.Is(err, audit.ErrIncomplete) {
			t.Errorf("%v", err)
		}
		if got := n.state(); got != "active" {
			t.Errorf("the account is %s", got)
		}
		n.mustVerify(imap("cmartin", password))
	})
}

// Two people press the same button: one suspends, the other learns that it is done.
func TestTwoSuspensionsAtTheSameTimeAreOne(t *testing.T) {
	t.Parallel()
	eachNode(t, func(t *testing.T, n *node) {
		n.withClaire()
		var done, refused atomic.Int64
		var people sync.WaitGroup
		for range 8 {
			people.Go(func() {
				switch err := n.Suspend(t.Context(), by(), claire); {
				case err == nil:
					done.Add(1)
				case failure.Is(err, failure.Conflict):
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		people.Wait()
		if done.Load() != 1 || refused.Load() != 7 {
			t.Errorf("%d done, %d refused", done.Load(), refused.Load())
		}
		if err := n.Resume(t.Context(), by(), claire); err != nil {
			t.Fatal(err)
		}
		if got := n.state(); got != "active" {
			t.Errorf("resumed to %s", got)
		}
	})
}

func TestNobodysAccountIsNotFound(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t)
	for name, act := range n.acts() {
		if err := act(); !failure.Is(err, failure.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
