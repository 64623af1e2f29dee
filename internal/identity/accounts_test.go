package identity_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"navette/internal/audit"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/store"
	"navette/internal/testkit/stores"
)

func TestTheListHoldsEveryAccountOnceWithItsAddresses(t *testing.T) {
	t.Parallel()
	eachNode(t, func(t *testing.T, n *node) {
		const many = 1203 // two whole pages, and a part
		n.withClaire()
		n.write(func(ctx context.Context, tx *store.Tx) error {
			for i := range int64(many - 1) {
				login := fmt.Sprintf("agent%d", i*7919%(many-1)) // in no order
				_, err := tx.Exec(ctx, `INSERT INTO account (account_id, kind, login, state, display_name, auth_epoch, created_at, updated_at)
					VALUES ($1, 'functional', $2, 'appointed', '', 1, 0, 0)`, 1000+i, login)
				if err != nil {
					return err
				}
			}
			return nil
		})
		var logins []string
		for line, err := range n.Accounts(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			logins = append(logins, line.Login)
			if line.Login != "cmartin" {
				continue
			}
			want := []string{"claire.martin@ac-paris.example", "cmartin@ac-paris.example"}
			if line.Account != claire || line.State != directory.StateActive || line.Kind != "person" || !slices.Equal(line.Addresses, want) {
				t.Errorf("%+v", line)
			}
		}
		if len(logins) != many || !slices.IsSorted(logins) || len(slices.Compact(logins)) != many {
			t.Errorf("%d lines, sorted %v", len(logins), slices.IsSorted(logins))
		}
		for line, err := range n.Accounts(t.Context()) {
			if err != nil || line.Login != "agent0" {
				t.Errorf("%+v, %v", line, err)
			}
			break // a reader that has seen enough stops
		}
	})
}

func TestTheListEndsWithAnError(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t).withClaire()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	lines, errs := 0, 0
	for _, err := range n.Accounts(ctx) {
		lines++
		if err != nil {
			errs++
		}
	}
	if lines != 1 || errs != 1 {
		t.Errorf("%d lines, %d errors", lines, errs)
	}
}

func TestManyAccountsGetOneHash(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		s, ids := manyAccounts(t, db, 2000)
		poll(t, s) // on the real clock: without, it is blind after what a loaded machine takes for this
		secret, hash := generated(t)
		if err := s.ActivateAll(t.Context(), by(), ids[:1500], hash); err != nil {
			t.Fatal(err)
		}
		for _, i := range []int{0, 1, 1499} {
			p, err := s.Verify(t.Context(), imap(fmt.Sprintf("agent%d", i), secret))
			if err != nil || p.Account != ids[i] || !p.Can(identity.ReadMail) {
				t.Errorf("agent%d: %+v, %v", i, p, err)
			}
		}
		if _, err := s.Verify(t.Context(), imap("agent1500", secret)); !failure.Is(err, failure.Denied) {
			t.Errorf("an account that was not named: %v", err)
		}
		if s.Hashes() != 1 {
			t.Errorf("%d hashes: a shared generated secret must cost none, a refusal one", s.Hashes())
		}
		// One that is active already makes the whole fail, and nothing done.
		if err := s.ActivateAll(t.Context(), by(), ids[1499:], hash); !failure.Is(err, failure.Conflict) {
			t.Errorf("%v", err)
		}
		if _, err := s.Verify(t.Context(), imap("agent1999", secret)); !failure.Is(err, failure.Denied) {
			t.Errorf("a refused activation took place: %v", err)
		}
		if head, err := audit.Verify(t.Context(), db); err != nil || head.Seq != 1 {
			t.Errorf("journal: %+v, %v", head, err)
		}
	})
}

func BenchmarkActivate25000(b *testing.B) {
	hash := "sha256:00"
	for b.Loop() {
		b.StopTimer()
		s, ids := manyAccounts(b, stores.SQLite(b), 25_000)
		b.StartTimer()
		if err := s.ActivateAll(b.Context(), by(), ids, hash); err != nil {
			b.Fatal(err)
		}
	}
}

func TestAnAccountIsFoundByLoginAndByAnyAddress(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t).withClaire()
	for _, who := range []string{"cmartin", " CMartin ", "claire.martin@ac-paris.example", "Claire.Martin@AC-Paris.example"} {
		line, err := n.Find(t.Context(), who)
		if err != nil || line.Account != claire || line.Addresses[0] != "claire.martin@ac-paris.example" {
			t.Errorf("%q: %+v, %v", who, line, err)
		}
	}
	if _, err := n.Find(t.Context(), "personne"); !failure.Is(err, failure.NotFound) {
		t.Errorf("nobody: %v", err)
	}
}
