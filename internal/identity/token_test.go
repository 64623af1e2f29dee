package identity_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/store"
)

func (n *node) token() identity.Token {
	n.t.Helper()
	token, err := n.IssueToken(n.t.Context(), by(), claire, identity.TokenRequest{Client: "Thunderbird", Life: time.Hour})
	if err != nil {
		n.t.Fatal(err)
	}
	return token
}

// bearer is a token as OAUTHBEARER shows it.
func bearer(channel identity.Channel, token string) identity.Credential {
	return identity.Credential{Mechanism: identity.OAuthBearer, Channel: channel, Peer: home(), Secret: token}
}

func (n *node) mustRefuseToken(c identity.Credential, why string) {
	n.t.Helper()
	if p, err := n.Verify(n.t.Context(), c); !failure.Is(err, failure.Denied) || p != (identity.Principal{}) {
		n.t.Errorf("%s: %+v, %v", why, p, err)
	}
}

func TestATokenOpensMailAndNothingElse(t *testing.T) {
	t.Parallel()
	eachNode(t, func(t *testing.T, n *node) {
		n.withClaire()
		n.appoint(7, "pdurand", "paul", "durand")
		token := n.token()
		if p := n.mustVerify(bearer(identity.IMAP, token.Secret)); p.Account != claire || p.Scopes != identity.ReadMail || p.Credential != token.ID {
			t.Errorf("at IMAP: %+v", p)
		}
		if p := n.mustVerify(bearer(identity.SMTP, token.Secret)); p.Scopes != identity.SubmitMail {
			t.Errorf("at submission: %+v", p)
		}
		for _, login := range []string{"cmartin", "Claire.Martin@ac-paris.example", "cmartin@ac-paris.example"} {
			c := bearer(identity.IMAP, token.Secret)
			c.Mechanism, c.Login = identity.XOAuth2, login
			n.mustVerify(c)
		}
		for _, login := range []string{"pdurand", "paul.durand@ac-paris.example", "inconnu", "@"} {
			c := bearer(identity.IMAP, token.Secret)
			c.Login = login
			n.mustRefuseToken(c, "with the name "+login)
		}
		n.mustDeny(imap("cmartin", token.Secret))
		n.mustDeny(identity.Credential{Mechanism: identity.Form, Channel: identity.HTTP, Peer: home(), Login: "cmartin", Secret: token.Secret})
		if _, err := n.Verify(t.Context(), bearer(identity.HTTP, token.Secret)); !failure.Is(err, failure.Permanent) {
			t.Errorf("at the pages: %v", err)
		}
		n.mustRefuseToken(bearer(identity.IMAP, n.app("téléphone").Secret), "an application password as a token")
	})
}

func TestATokenEndsAtItsHourAndWithItsEpoch(t *testing.T) {
	t.Parallel()
	eachNode(t, func(t *testing.T, n *node) {
		n.withClaire()
		old := n.token()
		n.pass(time.Hour - time.Microsecond)
		n.mustVerify(bearer(identity.IMAP, old.Secret))
		n.pass(time.Microsecond)
		n.mustRefuseToken(bearer(identity.IMAP, old.Secret), "after an hour")

		for _, end := range []struct {
			name string
			by   func() error
		}{
			{"a new password", func() error { return n.SetPassword(t.Context(), by(), claire, "une toute autre phrase") }},
			{"a suspension that was lifted", func() error {
				if err := n.Suspend(t.Context(), by(), claire); err != nil {
					return err
				}
				return n.Resume(t.Context(), by(), claire)
			}},
			{"a suspension", func() error { return n.Suspend(t.Context(), by(), claire) }},
		} {
			token := n.token()
			n.mustVerify(bearer(identity.IMAP, token.Secret))
			if err := end.by(); err != nil {
				t.Fatal(err)
			}
			n.mustRefuseToken(bearer(identity.IMAP, token.Secret), end.name)
		}
		if _, err := n.IssueToken(t.Context(), by(), claire, identity.TokenRequest{Client: "x", Life: time.Hour}); !failure.Is(err, failure.Conflict) {
			t.Errorf("a token for a suspended account: %v", err)
		}
	})
}

// Invariant 6 of the design: what a token opened is closed too.
func TestARevokedTokenEndsWhatItOpened(t *testing.T) {
	t.Parallel()
	eachNode(t, func(t *testing.T, n *node) {
		n.withClaire()
		token := n.token()
		for _, end := range []func() error{
			func() error { return n.Suspend(t.Context(), by(), claire) },
			func() error { return n.RevokeToken(t.Context(), by(), claire, token.ID) },
		} {
			w := &watched{p: n.mustVerify(bearer(identity.IMAP, token.Secret)), ended: make(chan struct{}, 10)}
			w.watch = n.Watch(w.p, func() { w.ended <- struct{}{} })
			if err := end(); err != nil {
				t.Fatal(err)
			}
			w.mustHaveEnded(t, n, "after the end of its token")
			if err := n.Resume(t.Context(), by(), claire); err == nil {
				token = n.token()
			}
		}
		n.mustRefuseToken(bearer(identity.IMAP, token.Secret), "revoked")
		if err := n.RevokeToken(t.Context(), by(), claire, token.ID); !failure.Is(err, failure.NotFound) {
			t.Errorf("revoked twice: %v", err)
		}
	})
}

func TestAnAgentWhoLeftReadsWithATokenButDoesNotSend(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t).withClaire()
	n.write(func(ctx context.Context, tx *store.Tx) error { return identity.Depart(ctx, tx, by(), claire) })
	n.exec(`UPDATE account SET state = 'active'`)
	token := n.token()
	n.exec(`UPDATE account SET state = 'departed'`)
	n.mustVerify(bearer(identity.IMAP, token.Secret))
	if _, err := n.Verify(t.Context(), bearer(identity.SMTP, token.Secret)); !failure.Is(err, failure.Policy) {
		t.Errorf("at submission: %v", err)
	}
}

func TestTokensThatAreOverAreShownToNobodyAndPruned(t *testing.T) {
	t.Parallel()
	eachNode(t, func(t *testing.T, n *node) {
		n.withClaire()
		token := n.token()
		n.mustVerify(bearer(identity.IMAP, token.Secret))
		if err := n.FlushUses(t.Context()); err != nil {
			t.Fatal(err)
		}
		want := identity.Device{ID: token.ID, Token: true, Label: "Thunderbird", Created: n.clock.Now(), Used: n.clock.Now(), Expires: n.clock.Now().Add(time.Hour)}
		if got := n.devices(); len(got) != 1 || got[0] != want {
			t.Errorf("got %+v\nwant %+v", got, want)
		}
		n.pass(time.Hour + time.Minute)
		if got := n.devices(); len(got) != 0 {
			t.Errorf("over, it is shown: %+v", got)
		}
		if _, err := n.Prune(t.Context()); err != nil {
			t.Fatal(err)
		}
		if left := n.count(`SELECT count(*) FROM access_token`); left != 0 {
			t.Errorf("%d left", left)
		}
	})
}

// A program whose token is over comes back with it until its owner sees to it: that is not guessing, and must not slow
// the school behind the same address.
func TestALateProgramIsNoGuesserButAnInventedTokenIs(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t).withClaire()
	token := n.token()
	n.pass(2 * time.Hour)
	for range 50 {
		n.mustRefuseToken(bearer(identity.IMAP, token.Secret), "over")
	}
	if waits := n.waited(); len(waits) != 0 {
		t.Errorf("a late program had to wait: %v", waits)
	}
	for range 50 {
		other, _ := generated(t)
		n.Verify(t.Context(), bearer(identity.IMAP, other)) //nolint:errcheck // it fails
	}
	if waits := n.waited(); len(waits) == 0 {
		t.Error("fifty invented tokens did not have to wait")
	}
}

func TestNoTokenIsStoredOrLogged(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t).withClaire()
	token := n.token()
	_, secret, _ := strings.Cut(token.Secret, ".")
	if found := n.count(`SELECT count(*) FROM access_token WHERE hash LIKE '%' || $1 || '%' OR selector LIKE '%' || $1 || '%'`, secret); found != 0 {
		t.Error("the token is stored")
	}
	n.pass(2 * time.Hour)
	n.mustRefuseToken(bearer(identity.IMAP, token.Secret), "over")
	if shown := n.log.String(); strings.Contains(shown, secret) || !strings.Contains(shown, "the token is over") {
		t.Errorf("the log: %s", shown)
	}
}

func TestTokensLiveFromAMinuteToADay(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t).withClaire()
	for _, life := range []time.Duration{0, time.Minute - 1, 24*time.Hour + 1} {
		if _, err := n.IssueToken(t.Context(), by(), claire, identity.TokenRequest{Client: "x", Life: life}); !failure.Is(err, failure.Permanent) {
			t.Errorf("%s: %v", life, err)
		}
	}
}
