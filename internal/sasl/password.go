package sasl

import (
	"bytes"
	"context"
	"strings"

	"navette/internal/identity"
)

// plain is PLAIN (RFC 4616): one message.
type plain struct{ attempt }

func (m *plain) next(ctx context.Context, message []byte) ([]byte, identity.Principal, error) {
	fields := bytes.Split(message, []byte{0})
	if len(fields) != 3 {
		return nil, identity.Principal{}, malformed("PLAIN has three fields")
	}
	m.credential.Login, m.credential.Secret = string(fields[1]), string(fields[2])
	if !ownName(string(fields[0]), m.credential.Login) {
		return nil, identity.Principal{}, ErrAnother
	}
	who, err := m.verify(ctx)
	return nil, who, err
}

// ownName tells whether an authorization identity adds nothing to the login (invariant 3).
func ownName(authorization, login string) bool {
	return authorization == "" || strings.EqualFold(authorization, login)
}

// login is LOGIN: two prompts, two answers, of which the first may come unasked.
type login struct {
	attempt
	named bool
}

func (m *login) next(ctx context.Context, message []byte) ([]byte, identity.Principal, error) {
	switch {
	case message == nil:
		return []byte("Username:"), identity.Principal{}, nil
	case !m.named:
		m.credential.Login, m.named = string(message), true
		return []byte("Password:"), identity.Principal{}, nil
	}
	m.credential.Secret = string(message)
	who, err := m.verify(ctx)
	return nil, who, err
}
