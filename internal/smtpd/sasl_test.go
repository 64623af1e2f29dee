package smtpd_test

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"navette/internal/identity"
	"navette/internal/smtpd"
	"navette/internal/store"
)

func operator() identity.By { return identity.By{Actor: "test", Reason: "test"} }

func TestAUTHByScram(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2)
	w.withPassword(t, 0)
	app := must(w.identity.GenerateAppPassword(t.Context(), operator(), w.ids[0], "portable"))
	addr, _ := w.door(t, smtpd.Submission, demo)
	for _, initial := range []bool{true, false} {
		c, _ := session(t, addr)
		bare := "n=" + w.addr(0) + ",r=fyko+d2lbbFgONRv9qkxdawL"
		var said string
		if initial {
			said = c.ask(334, "AUTH SCRAM-SHA-256 "+b64("n,,"+bare))
		} else {
			c.ask(334, "AUTH SCRAM-SHA-256")
			said = c.ask(334, b64("n,,"+bare))
		}
		final, signature := answerScram(t, bare, said, app.Secret)
		if last := c.ask(334, final); !strings.Contains(last, signature) {
			t.Errorf("the server signs with %q, want %q", last, signature)
		}
		c.ask(235, "")
		c.ask(250, "MAIL FROM:<"+w.addr(0)+">")
	}
	wrong, _ := session(t, addr)
	bare := "n=" + w.addr(0) + ",r=abcdefgh"
	final, _ := answerScram(t, bare, wrong.ask(334, "AUTH SCRAM-SHA-256 "+b64("n,,"+bare)), password)
	wrong.ask(535, final)
	wrong.ask(504, "AUTH SCRAM-SHA-256-PLUS")
	wrong.ask(501, "AUTH SCRAM-SHA-256 "+b64("n"))
}

// answerScram makes a client's last message, and what the server must sign it with, in base64 both.
func answerScram(t *testing.T, bare, reply, secret string) (final, signature string) {
	t.Helper()
	line := strings.TrimSpace(reply)
	said := must(base64.StdEncoding.DecodeString(line[strings.LastIndex(line, " ")+1:]))
	fields := strings.Split(string(said), ",")
	salt := must(base64.StdEncoding.DecodeString(strings.TrimPrefix(fields[1], "s=")))
	salted := must(pbkdf2.Key(sha256.New, secret, salt, 4096, 32))
	mac := func(key []byte, text string) []byte {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(text))
		return h.Sum(nil)
	}
	unproved := "c=biws," + fields[0]
	auth := bare + "," + string(said) + "," + unproved
	key := mac(salted, "Client Key")
	stored := sha256.Sum256(key)
	proof := make([]byte, 32)
	subtle.XORBytes(proof, key, mac(stored[:], auth))
	return b64(unproved + ",p=" + base64.StdEncoding.EncodeToString(proof)),
		b64("v=" + base64.StdEncoding.EncodeToString(mac(mac(salted, "Server Key"), auth)))
}

func TestAUTHByToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	w.withPassword(t, 0)
	token := must(w.identity.IssueToken(t.Context(), operator(), w.ids[0], identity.TokenRequest{Client: "Thunderbird", Life: time.Hour}))
	addr, _ := w.door(t, smtpd.Submission, demo)
	for mechanism, message := range map[string]string{
		"OAUTHBEARER": "n,a=" + w.addr(0) + ",\x01auth=Bearer %s\x01\x01",
		"XOAUTH2":     "user=" + w.addr(0) + "\x01auth=Bearer %s\x01\x01",
	} {
		c, _ := session(t, addr)
		challenge := c.ask(334, "AUTH "+mechanism+" "+b64(fmt.Sprintf(message, "faux")))
		if !strings.Contains(challenge, b64(`{"status":`)[:10]) {
			t.Errorf("%s is refused with %q", mechanism, challenge)
		}
		c.ask(535, "AQ==")
		c.ask(235, "AUTH "+mechanism+" "+b64(fmt.Sprintf(message, token.Secret)))
		c.ask(250, "MAIL FROM:<"+w.addr(0)+">")
		if err := w.identity.Suspend(t.Context(), operator(), w.ids[0]); err != nil {
			t.Fatal(err)
		}
		c.ask(421, "RCPT TO:<"+w.addr(0)+">") // invariant 6
		if err := w.identity.Resume(t.Context(), operator(), w.ids[0]); err != nil {
			t.Fatal(err)
		}
		token = must(w.identity.IssueToken(t.Context(), operator(), w.ids[0], identity.TokenRequest{Client: "Thunderbird", Life: time.Hour}))
	}
}

func TestWithASecondFactorSubmissionNeedsAnApplicationPassword(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	w.withPassword(t, 0)
	app := must(w.identity.GenerateAppPassword(t.Context(), operator(), w.ids[0], "portable"))
	err := w.DB.Write(t.Context(), store.Interactive, func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO protection (account_id, second, due_at, handle, codes_at) VALUES ($1, 1, 0, 'h', 0)`, w.ids[0])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	addr, _ := w.door(t, smtpd.Submission, demo)
	c, _ := session(t, addr)
	if text := c.ask(535, "AUTH PLAIN "+plain("", w.addr(0), password)); !strings.Contains(text, "mot de passe d'application") || !strings.Contains(text, "application password") {
		t.Errorf("it does not say what to do: %s", text)
	}
	c.ask(235, "AUTH PLAIN "+plain("", w.addr(0), app.Secret))
}
