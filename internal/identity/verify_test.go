package identity_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/store"
	"navette/internal/testkit/pg"
	"navette/internal/testkit/stores"
)

func TestAnyNameOfTheAccountLogsIn(t *testing.T) {
	t.Parallel()
	eachNode(t, func(t *testing.T, n *node) {
		n.withClaire()
		for _, login := range []string{"cmartin", "CMartin", " cmartin ", "claire.martin@ac-paris.example", "Claire.Martin@AC-Paris.example",
			"cmartin@ac-paris.example", "claire.martin+ecole@ac-paris.example"} {
			p := n.mustVerify(imap(login, password))
			if p.Account != claire || p.Login != "cmartin" || p.Display != "claire martin" || p.Credential == 0 {
				t.Errorf("%s: %+v", login, p)
			}
		}
		for _, login := range []string{"claire", "claire.martin", "martin@ac-paris.example", "cmartin@autre.example", "cmartin@", "@", ""} {
			n.mustDeny(imap(login, password))
		}
	})
}

func TestEachDoorOpensOnlyWhatItIsFor(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t).withClaire()
	app, err := n.GenerateAppPassword(t.Context(), by(), claire, "téléphone")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		channel     identity.Channel
		mechanism   identity.Mechanism
		chosen, app identity.Scope
	}{
		{identity.IMAP, identity.Plain, identity.ReadMail, identity.ReadMail},
		{identity.IMAP, identity.Login, identity.ReadMail, identity.ReadMail},
		{identity.SMTP, identity.Plain, identity.SubmitMail, identity.SubmitMail},
		{identity.SMTP, identity.Login, identity.SubmitMail, identity.SubmitMail},
		{identity.HTTP, identity.Basic, identity.ReadMail | identity.SubmitMail, identity.ReadMail | identity.SubmitMail},
		{identity.HTTP, identity.Form, identity.ReadMail | identity.SubmitMail | identity.ManageSelf, 0},
	}
	for _, tt := range tests {
		c := identity.Credential{Mechanism: tt.mechanism, Channel: tt.channel, Peer: home(), Login: "cmartin", Secret: password}
		if p := n.mustVerify(c); p.Scopes != tt.chosen {
			t.Errorf("%v with a chosen password: %v", c, p.Scopes)
		}
		c.Secret = app.Secret
		if tt.app == 0 {
			n.mustDeny(c)
		} else if p := n.mustVerify(c); p.Scopes != tt.app || p.Credential != app.ID {
			t.Errorf("%v with an application password: %v of %d", c, p.Scopes, p.Credential)
		}
	}
	for _, c := range []identity.Credential{
		{Mechanism: identity.Form, Channel: identity.IMAP}, {Mechanism: identity.Basic, Channel: identity.SMTP},
		{Mechanism: identity.Plain, Channel: identity.HTTP}, {Mechanism: identity.Plain, Channel: identity.LMTP},
		{Mechanism: identity.Plain, Channel: identity.Admin}, {Mechanism: "NTLM", Channel: identity.IMAP}, {},
	} {
		c.Peer, c.Login, c.Secret = home(), "cmartin", password
		if p, err := n.Verify(t.Context(), c); !failure.Is(err, failure.Permanent) || p.Account != 0 {
			t.Errorf("%v: %+v, %v", c, p, err)
		}
	}
}

// Invariant 4: a refusal costs one hash and says one thing, whoever was asked for.
func TestARefusalTellsNothing(t *testing.T) {
	t.Parallel()
	eachNode(t, func(t *testing.T, n *node) {
		n.withClaire()
		n.appoint(1, "jappele", "jean", "appele")
		n.appoint(2, "sferme", "sophie", "ferme")
		n.appoint(3, "dpartage", "denis", "partage")
		if err := n.Activate(t.Context(), by(), 2, password); err != nil {
			t.Fatal(err)
		}
		if err := n.Suspend(t.Context(), by(), 2); err != nil {
			t.Fatal(err)
		}
		shared, hash := generated(t)
		other, _ := generated(t)
		if err := n.ActivateAll(t.Context(), by(), []int64{3}, hash); err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]identity.Credential{
			"a wrong password":                      imap("cmartin", "pas le bon mot de passe"),
			"a wrong password, by address":          imap("claire.martin@ac-paris.example", "pas le bon mot de passe"),
			"nobody":                                imap("inconnu", password),
			"nobody, by address":                    imap("inconnu@ac-paris.example", password),
			"somebody elsewhere":                    imap("inconnu@ailleurs.example", password),
			"appointed, not activated":              imap("jappele", password),
			"suspended, right password":             imap("sferme", password),
			"a generated secret of nobody":          imap("cmartin", other),
			"a shared secret of somebody else":      imap("cmartin", shared),
			"a wrong password for a shared secret":  imap("dpartage", "pas le bon mot de passe"),
			"what cannot be typed":                  imap("cmartin", "mot de passe \x07 sonore"),
			"no UTF-8":                              imap("cmartin", "mot de passe \xe9t\xe9"),
			"the hash itself":                       imap("dpartage", hash),
			"an application password's look-alike ": imap("cmartin", strings.Repeat("0", 8)+"."+strings.Repeat("0", 26)),
		} {
			before := n.Hashes()
			n.mustDeny(c)
			if cost := n.Hashes() - before; cost != 1 {
				t.Errorf("%s cost %d hashes", name, cost)
			}
			n.pass(0)
		}
		n.mustVerify(imap("dpartage", shared))
	})
}

func TestWhatIsTooLongIsRefusedBeforeAnyWork(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t).withClaire()
	before := n.Hashes()
	n.mustDeny(imap(strings.Repeat("a", 100_000), password))
	n.mustDeny(imap("cmartin", strings.Repeat("a", 100_000)))
	n.mustDeny(imap("cmartin", ""))
	if n.Hashes() != before {
		t.Error("it was hashed")
	}
}

func TestAFunctionalMailboxAndAClosedAddressDoNotLogIn(t *testing.T) {
	t.Parallel()
	eachNode(t, func(t *testing.T, n *node) {
		n.withClaire()
		n.exec(`UPDATE address SET kind = 'closed' WHERE address = 'claire.martin@ac-paris.example'`)
		n.mustDeny(imap("claire.martin@ac-paris.example", password))
		n.exec(`UPDATE account SET kind = 'functional' WHERE account_id = $1`, claire)
		n.mustDeny(imap("cmartin", password))
		n.mustDeny(imap("cmartin@ac-paris.example", password))
	})
}

func TestAnAgentWhoLeftReadsButDoesNotSend(t *testing.T) {
	t.Parallel()
	eachNode(t, func(t *testing.T, n *node) {
		n.withClaire()
		n.write(func(ctx context.Context, tx *store.Tx) error { return identity.Depart(ctx, tx, by(), claire) })
		if p := n.mustVerify(imap("cmartin", password)); p.Scopes != identity.ReadMail {
			t.Errorf("at IMAP: %v", p.Scopes)
		}
		smtp := identity.Credential{Mechanism: identity.Plain, Channel: identity.SMTP, Peer: home(), Login: "cmartin", Secret: password}
		if p, err := n.Verify(t.Context(), smtp); !failure.Is(err, failure.Policy) || p.Account != 0 {
			t.Errorf("at submission: %+v, %v", p, err)
		}
		smtp.Secret = "pas le bon mot de passe"
		n.mustDeny(smtp) // only who has the password learns of the departure
		basic := identity.Credential{Mechanism: identity.Basic, Channel: identity.HTTP, Peer: home(), Login: "cmartin", Secret: password}
		if p := n.mustVerify(basic); p.Can(identity.SubmitMail) || !p.Can(identity.ReadMail) {
			t.Errorf("at JMAP: %v", p.Scopes)
		}
	})
}

func TestAPasswordIsTheSameHoweverItsAccentsAreTyped(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t)
	n.appoint(claire, "cmartin", "claire", "martin")
	if err := n.Activate(t.Context(), by(), claire, "l'\u00e9t\u00e9 en Corr\u00e8ze"); err != nil {
		t.Fatal(err)
	}
	n.mustVerify(imap("cmartin", "l'e\u0301te\u0301 en Corre\u0300ze"))
	n.mustDeny(imap("cmartin", "l'ete en Correze"))
}

func TestNoSecretIsLoggedOrShown(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t).withClaire()
	c := imap("le mot de passe au mauvais endroit", "tr\u00e8s secret vraiment")
	n.mustDeny(c)
	n.mustVerify(imap("cmartin", password))
	shown := n.log.String() + fmt.Sprintf("%v %+v %#v %s", c, c, c, c)
	if !strings.Contains(shown, "log-in refused") {
		t.Fatal("a refusal leaves no trace")
	}
	for _, secret := range []string{c.Secret, c.Login, password} {
		if strings.Contains(shown, secret) {
			t.Errorf("%q is shown: %s", secret, shown)
		}
	}
}

func TestWhenTheDatabaseDoesNotAnswerNobodyIsDenied(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t).withClaire()
	n.mustVerify(imap("cmartin", password)) // warm: a cache alone must not let in
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := n.Verify(ctx, imap("cmartin", password)); !errors.Is(err, context.Canceled) && !failure.Is(err, failure.Temporary) {
		t.Errorf("cancelled: %v", err)
	}
	if err := n.db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Verify(t.Context(), imap("cmartin", password)); !failure.Is(err, failure.Temporary) {
		t.Errorf("closed database: %v", err)
	}
}

func BenchmarkWarmVerify(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { warmVerify(b, stores.SQLite(b)) })
	b.Run("postgres", func(b *testing.B) { warmVerify(b, stores.Open(b, pg.Start(b).NewDatabase(b))) })
}

func warmVerify(b *testing.B, db *store.DB) {
	s, ids := manyAccounts(b, db, 1000)
	hash, err := s.HashPassword(b.Context(), password)
	if err != nil {
		b.Fatal(err)
	}
	if err := s.ActivateAll(b.Context(), by(), ids, hash); err != nil {
		b.Fatal(err)
	}
	poll(b, s)
	for i := range ids {
		if _, err := s.Verify(b.Context(), imap(fmt.Sprintf("agent%d", i), password)); err != nil {
			b.Fatal(err)
		}
	}
	before := s.Hashes()
	for i := 0; b.Loop(); i++ {
		if _, err := s.Verify(b.Context(), imap(fmt.Sprintf("agent%d", i%1000), password)); err != nil {
			b.Fatal(err)
		}
	}
	if n := s.Hashes() - before; n != 0 {
		b.Errorf("%d hashes", n)
	}
}

func BenchmarkArgon2AtItsDefaultCost(b *testing.B) {
	db := stores.SQLite(b)
	s, err := identity.New(b.Context(), identity.Options{DB: db, Log: discard()})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := s.HashPassword(b.Context(), password); err != nil {
			b.Fatal(err)
		}
	}
}
