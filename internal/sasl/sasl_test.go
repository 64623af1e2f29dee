package sasl_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/sasl"
	"navette/internal/testkit/stores"
)

func TestPasswordsSignInByPlainAndLogin(t *testing.T) {
	t.Parallel()
	w := newWorld(t, stores.SQLite(t))
	app := w.app(0)
	for _, secret := range []string{password, app.Secret} {
		for _, as := range []string{"", w.login(0), strings.ToUpper(w.login(0))} {
			_, who, err := w.say("PLAIN", open(identity.IMAP), nil, []byte(as+"\x00"+w.login(0)+"\x00"+secret))
			if err != nil || who.Account != w.ids[0] || who.Scopes != identity.ReadMail {
				t.Errorf("PLAIN as %q: %+v, %v", as, who, err)
			}
		}
		prompts, who, err := w.say("LOGIN", open(identity.SMTP), nil, []byte(w.login(0)), []byte(secret))
		if err != nil || who.Account != w.ids[0] || !slices.Equal(prompts, []string{"Username:", "Password:"}) {
			t.Errorf("LOGIN: %q, %+v, %v", prompts, who, err)
		}
		if _, who, err := w.say("LOGIN", open(identity.SMTP), []byte(w.login(0)), []byte(secret)); err != nil || who.Account != w.ids[0] {
			t.Errorf("LOGIN with the name at once: %+v, %v", who, err)
		}
	}
	for _, mechanism := range []string{"PLAIN", "LOGIN"} {
		messages := [][]byte{[]byte("\x00" + w.login(0) + "\x00wrong")}
		if mechanism == "LOGIN" {
			messages = [][]byte{[]byte(w.login(0)), []byte("wrong")}
		}
		if _, who, err := w.say(mechanism, open(identity.SMTP), messages...); !failure.Is(err, failure.Denied) || who.Account != 0 {
			t.Errorf("%s with a wrong password: %+v, %v", mechanism, who, err)
		}
	}
}

func TestNobodyActsForAnotherByPlain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, stores.SQLite(t))
	if _, who, err := w.say("PLAIN", open(identity.IMAP), []byte(w.login(1)+"\x00"+w.login(0)+"\x00"+password)); !errors.Is(err, sasl.ErrAnother) || who.Account != 0 {
		t.Errorf("%+v, %v", who, err)
	}
	for _, message := range []string{"", "a", "\x00a", "\x00a\x00b\x00c", strings.Repeat("a", 10_000)} {
		var malformed *sasl.MalformedError
		if _, _, err := w.say("PLAIN", open(identity.IMAP), []byte(message)); !errors.As(err, &malformed) {
			t.Errorf("%.20q: %v", message, err)
		}
	}
}

func TestWhatIsListedCanBeBegunAndNothingElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, stores.SQLite(t))
	for _, channel := range []identity.Channel{identity.IMAP, identity.SMTP} {
		listed := w.Mechanisms(open(channel))
		for _, name := range []string{"PLAIN", "LOGIN", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "OAUTHBEARER", "XOAUTH2", "SCRAM-SHA-1", "CRAM-MD5", "EXTERNAL", "ANONYMOUS", "FORM", "BASIC", ""} {
			if _, ok := w.Begin(name, open(channel)); ok != slices.Contains(listed, name) {
				t.Errorf("%s at %s: listed in %q, begun: %v", name, channel, listed, ok)
			}
		}
	}
}

// Whatever a client says, an exchange answers, and lets nobody in who has proved nothing.
func FuzzExchange(f *testing.F) {
	f.Add(0, []byte("n,,n=agent1,r=abc"), []byte("c=biws,r=abc,p=AAAA"))
	f.Add(1, []byte("n,a=x,\x01auth=Bearer y\x01\x01"), []byte{1})
	f.Add(2, []byte("user=x\x01auth=Bearer y\x01\x01"), []byte{1})
	f.Add(3, []byte("a\x00b\x00c"), []byte{})
	f.Add(4, []byte("a"), []byte("b"))
	s := nobody(f)
	f.Fuzz(func(t *testing.T, which int, first, second []byte) {
		names := s.Mechanisms(open(identity.SMTP))
		x, ok := s.Begin(names[max(which, -which-1)%len(names)], open(identity.SMTP))
		if !ok {
			t.Fatal("what is listed is not offered")
		}
		for _, message := range [][]byte{first, second, {}} {
			_, who, err := x.Next(t.Context(), message)
			if who.Account != 0 {
				t.Fatalf("somebody was let in: %+v", who)
			}
			if err != nil {
				return
			}
		}
	})
}
