package sasl

import (
	"context"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"testing"

	"navette/internal/identity"
)

// The exchange of RFC 7677 §3, word for word.
func TestTheExampleOfRFC7677(t *testing.T) {
	t.Parallel()
	const first = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
	salt, err := base64.StdEncoding.DecodeString("W22ZaJ0SNY7soEsUEjb6gQ==")
	if err != nil {
		t.Fatal(err)
	}
	salted, err := pbkdf2.Key(sha256.New, "pencil", salt, 4096, 32)
	if err != nil {
		t.Fatal(err)
	}
	keyOf := func(use string) [32]byte {
		m := hmac.New(sha256.New, salted)
		m.Write([]byte(use))
		return [32]byte(m.Sum(nil))
	}
	client := keyOf("Client Key")
	keys := identity.ScramKeys{Stored: sha256.Sum256(client[:]), Server: keyOf("Server Key")}
	m := &scram{gs2: gs2{header: "n,,"}, nonce: "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0", said: "n=user,r=rOprNGfwEbeRWgbNEkqO," + first}
	m.credential = &identity.Credential{}
	m.verify = func(context.Context) (identity.Principal, error) {
		if !m.credential.Proof.Holds(keys) {
			return identity.Principal{}, errors.New("the proof does not hold")
		}
		return identity.Principal{Account: 1}, nil
	}
	last, _, err := m.next(t.Context(), []byte("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="))
	if err != nil || string(last) != "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=" {
		t.Errorf("%s, %v", last, err)
	}
}

// RFC 4013 §3, and a case of each table.
func TestSASLprep(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"I\u00ADX": "IX", "user": "user", "USER": "USER", "\u00AA": "a", "\u2168": "IX",
		"a\u00A0b": "a b", "a\u200Bb": "a b", "a\u200Db": "ab", "e\u0301": "\u00E9", "\u05D0\u05D1": "\u05D0\u05D1",
	} {
		if got, err := saslprep(in); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"\u0007", "\u0627\u0031", "\u0627a\u0627", "\x7f", "\u0080", "\uE000", "\uFDD0", "\U0001FFFE", "\u200E", "\u2FF0", "\uFFFD", "\U000E0041", "\u2028", "\xff"} {
		if got, err := saslprep(in); err == nil {
			t.Errorf("%q is allowed, as %q", in, got)
		}
	}
}

func FuzzSASLprep(f *testing.F) {
	f.Add("I\u00ADX")
	f.Add("\u0627\u0031")
	f.Fuzz(func(t *testing.T, text string) {
		once, err := saslprep(text)
		if err != nil {
			return
		}
		if twice, err := saslprep(once); err != nil || twice != once {
			t.Errorf("%q becomes %q, then %q, %v", text, once, twice, err)
		}
	})
}
