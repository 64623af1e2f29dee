package sasl_test

import (
	"encoding/json"
	"errors"
	"testing"

	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/sasl"
	"navette/internal/testkit/house"
	"navette/internal/testkit/stores"
)

func TestTokensSignInByBothMechanisms(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		token := w.token(0)
		for _, c := range []struct{ mechanism, message string }{
			{"OAUTHBEARER", "n,,\x01auth=Bearer " + token.Secret + "\x01\x01"},
			{"OAUTHBEARER", "n,a=" + house.Address(w.ids[0]) + ",\x01host=imap.ac-paris.example\x01port=993\x01auth=bearer " + token.Secret + "\x01\x01"},
			{"OAUTHBEARER", "y,a=" + w.login(0) + ",\x01auth=Bearer " + token.Secret + "\x01\x01"},
			{"XOAUTH2", "user=" + house.Address(w.ids[0]) + "\x01auth=Bearer " + token.Secret + "\x01\x01"},
			{"XOAUTH2", "user=" + w.login(0) + "\x01auth=Bearer " + token.Secret + "\x01\x01"},
		} {
			for channel, scope := range map[identity.Channel]identity.Scope{identity.IMAP: identity.ReadMail, identity.SMTP: identity.SubmitMail} {
				challenges, who, err := w.say(c.mechanism, open(channel), nil, []byte(c.message))
				if err != nil || who.Account != w.ids[0] || who.Credential != token.ID || who.Scopes != scope || len(challenges) != 1 || challenges[0] != "" {
					t.Errorf("%s %q: %+v, %v", c.mechanism, c.message, who, err)
				}
			}
		}
	})
}

// RFC 7628 §3.2.2 and §3.2.3: the reason in JSON, a word of the client, the refusal.
func TestARefusedTokenIsAnsweredInJSON(t *testing.T) {
	t.Parallel()
	w := newWorld(t, stores.SQLite(t))
	token := w.token(0)
	if err := w.identity.Suspend(t.Context(), by(), w.ids[0]); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ mechanism, message, status string }{
		{"OAUTHBEARER", "n,,\x01auth=Bearer " + token.Secret + "\x01\x01", "invalid_token"},
		{"OAUTHBEARER", "n,a=" + w.login(1) + ",\x01auth=Bearer x\x01\x01", "invalid_token"},
		{"OAUTHBEARER", "n,,\x01auth=\x01\x01", "invalid_token"}, // asks what is needed
		{"XOAUTH2", "user=" + w.login(0) + "\x01auth=Bearer " + token.Secret + "\x01\x01", "401"},
	} {
		for _, answer := range [][]byte{{1}, {}} {
			challenges, who, err := w.say(c.mechanism, open(identity.IMAP), []byte(c.message), answer)
			var reason struct{ Status, Schemes, Scope string }
			if len(challenges) != 1 || !failure.Is(err, failure.Denied) || who.Account != 0 {
				t.Fatalf("%q: challenges %q, %+v, %v", c.message, challenges, who, err)
			}
			if err := json.Unmarshal([]byte(challenges[0]), &reason); err != nil || reason.Status != c.status || reason.Schemes != "bearer" || reason.Scope != "mail" {
				t.Errorf("%q: %s", c.message, challenges[0])
			}
		}
	}
}

func TestWhoGivesUpAfterARefusalWasRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, stores.SQLite(t))
	x, _ := w.Begin("OAUTHBEARER", open(identity.IMAP))
	if err := x.Cancelled(); err != nil {
		t.Errorf("before a word: %v", err)
	}
	if _, _, err := x.Next(t.Context(), []byte("n,,\x01auth=Bearer x\x01\x01")); err != nil {
		t.Fatal(err)
	}
	if err := x.Cancelled(); !failure.Is(err, failure.Denied) {
		t.Errorf("after the refusal: %v", err)
	}
}

func TestBearersSayWhatTheyDoNotUnderstand(t *testing.T) {
	t.Parallel()
	w := newWorld(t, stores.SQLite(t))
	for mechanism, messages := range map[string][]string{
		"OAUTHBEARER": {"", "n,,", "n,,\x01\x01", "n,,\x01auth=Bearer x", "n,,\x01auth=Bearer x\x01", "n,,\x01=x\x01\x01", "n,,\x01auth\x01\x01",
			"n,,x\x01auth=Bearer x\x01\x01", "p=tls-exporter,,\x01auth=Bearer x\x01\x01", "n,,\x01auth=Basic x\x01\x01",
			"n,,\x01auth=Bearer x\x01auth=Bearer y\x01\x01", "n,,\x01host=a\x01\x01", "user=a\x01auth=Bearer x\x01\x01"},
		"XOAUTH2": {"", "user=a", "user=\x01auth=Bearer x\x01\x01", "user=a\x01auth=Bearer x\x01", "n,,\x01auth=Bearer x\x01\x01"},
	} {
		for _, message := range messages {
			var malformed *sasl.MalformedError
			if _, who, err := w.say(mechanism, open(identity.IMAP), []byte(message)); !errors.As(err, &malformed) || who.Account != 0 {
				t.Errorf("%s %q: %+v, %v", mechanism, message, who, err)
			}
		}
	}
}
