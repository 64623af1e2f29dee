package identity_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/store"
	"navette/internal/testkit/stores"
)

func (n *node) app(label string) identity.AppPassword {
	n.t.Helper()
	app, err := n.GenerateAppPassword(n.t.Context(), by(), claire, label)
	if err != nil {
		n.t.Fatal(err)
	}
	return app
}

func (n *node) devices() []identity.Device {
	n.t.Helper()
	devices, err := n.Devices(n.t.Context(), claire)
	if err != nil {
		n.t.Fatal(err)
	}
	return devices
}

func TestTheOwnerSeesDevicesAndTheirLastUse(t *testing.T) {
	t.Parallel()
	eachNode(t, func(t *testing.T, n *node) {
		n.withClaire()
		made := n.clock.Now()
		phone, tablet := n.app(" téléphone "), n.app("tablette")
		n.pass(50 * time.Minute)
		used := n.clock.Now()
		n.mustVerify(imap("cmartin", phone.Secret))
		if err := n.FlushUses(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := n.devices()
		want := []identity.Device{{ID: phone.ID, Label: "téléphone", Created: made, Used: used}, {ID: tablet.ID, Label: "tablette", Created: made}}
		if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
			t.Errorf("got %+v\nwant %+v", got, want)
		}
	})
}

func TestLastUsesAreWrittenOnceAnHour(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t).withClaire()
	app := n.app("téléphone")
	lastUse := func() time.Time {
		t.Helper()
		n.mustVerify(imap("cmartin", app.Secret))
		if err := n.FlushUses(t.Context()); err != nil {
			t.Fatal(err)
		}
		return n.devices()[0].Used
	}
	first := lastUse()
	n.pass(59 * time.Minute)
	if again := lastUse(); !again.Equal(first) {
		t.Errorf("written after 59 minutes: %s", again.Sub(first))
	}
	n.pass(time.Minute)
	if later := lastUse(); later.Sub(first) != time.Hour {
		t.Errorf("after an hour it is %s", later.Sub(first))
	}
}

func TestRunWritesLastUsesWhenItEnds(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t).withClaire()
	app := n.app("téléphone")
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- n.Run(ctx) }()
	n.mustVerify(imap("cmartin", app.Secret))
	stop()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Run ended with %v", err)
	}
	if used := n.devices()[0].Used; used.IsZero() {
		t.Error("the last use was forgotten")
	}
}

func TestADeviceHasANameAndAnAccountFewDevices(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t).withClaire()
	for _, label := range []string{"", "  ", strings.Repeat("é", 61), "a\nb", "\xff"} {
		if _, err := n.GenerateAppPassword(t.Context(), by(), claire, label); !failure.Is(err, failure.Policy) {
			t.Errorf("%q: %v", label, err)
		}
	}
	for i := range 20 {
		n.app(fmt.Sprintf("%s %d", strings.Repeat("é", 57), i))
	}
	if _, err := n.GenerateAppPassword(t.Context(), by(), claire, "un de trop"); !failure.Is(err, failure.Policy) || !strings.Contains(err.Error(), "révoquez") {
		t.Errorf("the twenty-first: %v", err)
	}
	if err := n.RevokeAppPassword(t.Context(), by(), claire, n.devices()[0].ID); err != nil {
		t.Fatal(err)
	}
	n.app("à la place d'un autre")
}

func TestAnApplicationPasswordNeverOpensThePages(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t).withClaire()
	n.mustDeny(identity.Credential{Mechanism: identity.Form, Channel: identity.HTTP, Peer: home(), Login: "cmartin", Secret: n.app("téléphone").Secret})
}

func TestAnApplicationPasswordCostsNoHashAndNoWait(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t).withClaire()
	app := n.app("téléphone")
	for range 100 { // a storm, from Claire's own network
		n.Verify(t.Context(), imap("cmartin", "pas le bon mot de passe")) //nolint:errcheck // it fails
	}
	n.waited()
	cost := n.hashesOf(func() { n.mustVerify(smtp("cmartin", app.Secret)) })
	if waits := n.waited(); cost != 0 || len(waits) > 1 {
		t.Errorf("%d hashes, waits %v (the network's own is one)", cost, waits)
	}
}

func smtp(login, secret string) identity.Credential {
	return identity.Credential{Mechanism: identity.Plain, Channel: identity.SMTP, Peer: home(), Login: login, Secret: secret}
}

func TestWithASecondFactorAMailProgramNeedsASecretOfItsOwn(t *testing.T) {
	t.Parallel()
	eachNode(t, func(t *testing.T, n *node) {
		n.withClaire()
		app := n.app("téléphone")
		token := n.token()
		n.exec(`INSERT INTO protection (account_id, second, due_at, handle, codes_at) VALUES ($1, 1, 0, 'h', 0)`, claire)
		basic := identity.Credential{Mechanism: identity.Basic, Channel: identity.HTTP, Peer: home(), Login: "cmartin", Secret: password}
		for _, c := range []identity.Credential{imap("cmartin", password), smtp("cmartin", password), basic, imap("claire.martin@ac-paris.example", password)} {
			p, err := n.Verify(t.Context(), c)
			if !failure.Is(err, failure.Policy) || p.Account != 0 {
				t.Errorf("%v: %+v, %v", c, p, err)
			} else if text := err.Error(); !strings.Contains(text, "mot de passe d'application") || !strings.Contains(text, "application password") {
				t.Errorf("%v does not say what to do: %s", c, text)
			}
		}
		n.mustDeny(imap("cmartin", "pas le bon mot de passe")) // a stranger learns nothing of the factor
		n.mustVerify(imap("cmartin", app.Secret))
		n.mustVerify(smtp("cmartin", app.Secret))
		n.mustVerify(bearer(identity.IMAP, token.Secret))
		form := identity.Credential{Mechanism: identity.Form, Channel: identity.HTTP, Peer: home(), Login: "cmartin", Secret: password}
		n.mustVerify(form) // the pages ask for the factor themselves
	})
}

func TestAProgramThatGoesOnWithThePasswordIsNoGuesser(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t).withClaire()
	n.exec(`INSERT INTO protection (account_id, second, due_at, handle, codes_at) VALUES ($1, 1, 0, 'h', 0)`, claire)
	for range 50 {
		if _, err := n.Verify(t.Context(), imap("cmartin", password)); !failure.Is(err, failure.Policy) {
			t.Fatal(err)
		}
	}
	if waits := n.waited(); len(waits) != 0 {
		t.Errorf("it had to wait: %v", waits)
	}
}

func BenchmarkApplicationPassword(b *testing.B) {
	s, secrets := manyDevices(b, stores.SQLite(b), 1000)
	before := s.Hashes()
	for i := 0; b.Loop(); i++ {
		if _, err := s.Verify(b.Context(), imap(fmt.Sprintf("agent%d", i%len(secrets)), secrets[i%len(secrets)])); err != nil {
			b.Fatal(err)
		}
	}
	if n := s.Hashes() - before; n != 0 {
		b.Errorf("%d hashes", n)
	}
}

// manyDevices makes n active accounts with an application password each.
func manyDevices(tb testing.TB, db *store.DB, n int) (*identity.Service, []string) {
	tb.Helper()
	s, ids := manyAccounts(tb, db, n)
	_, hash := generated(tb)
	if err := s.ActivateAll(tb.Context(), by(), ids, hash); err != nil {
		tb.Fatal(err)
	}
	poll(tb, s)
	secrets := make([]string, n)
	for i, id := range ids {
		app, err := s.GenerateAppPassword(tb.Context(), by(), id, "téléphone")
		if err != nil {
			tb.Fatal(err)
		}
		secrets[i] = app.Secret
	}
	return s, secrets
}

// BenchmarkGuessingStorm guesses in the names of a million, from a million networks: the counters of the throttle fill,
// and from then on the heap stays. Each operation is a guess; the heap is told after 150,000 and at the end.
func BenchmarkGuessingStorm(b *testing.B) {
	s, secrets := manyDevices(b, stores.SQLite(b), 1)
	heap := func() float64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc) / 1e6
	}
	before, filled, i := heap(), 0.0, 0
	for ; b.Loop(); i++ {
		c := imap(fmt.Sprintf("inconnu%d", i), "pas le bon mot de passe")
		c.Peer = netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		s.Verify(b.Context(), c) //nolint:errcheck // it is denied
		if i == 150_000 {
			b.StopTimer()
			filled = heap()
			b.StartTimer()
		}
	}
	b.ReportMetric(before, "MB-before")
	b.ReportMetric(filled, "MB-filled")
	b.ReportMetric(heap(), "MB-after")
	if _, err := s.Verify(b.Context(), imap("agent0", secrets[0])); err != nil {
		b.Error(err)
	}
}

func TestWhenPlusTardIsOverThePasswordOpensNoMailProgram(t *testing.T) {
	t.Parallel()
	eachNode(t, func(t *testing.T, n *node) {
		n.withClaire()
		app := n.app("téléphone")
		due := n.db.Now().Add(time.Hour)
		n.exec(`INSERT INTO protection (account_id, second, due_at, handle, codes_at) VALUES ($1, 0, $2, 'h', 0)`, claire, due.UnixMicro())
		n.mustVerify(imap("cmartin", password))
		n.pass(time.Hour)
		for _, c := range []identity.Credential{imap("cmartin", password), smtp("cmartin", password)} {
			if _, err := n.Verify(t.Context(), c); !failure.Is(err, failure.Policy) || !strings.Contains(failure.TextOf(err, ""), "mot de passe d'application") {
				t.Errorf("%v: %v", c, err)
			}
		}
		n.mustDeny(imap("cmartin", "pas le bon mot de passe"))
		n.mustVerify(imap("cmartin", app.Secret))
		n.mustVerify(identity.Credential{Mechanism: identity.Form, Channel: identity.HTTP, Peer: home(), Login: "cmartin", Secret: password})
		n.exec(`UPDATE protection SET due_at = 0 WHERE account_id = $1`, claire) // of a category that is exempt
		n.mustVerify(imap("cmartin", password))
	})
}
