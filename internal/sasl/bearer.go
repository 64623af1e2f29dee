package sasl

import (
	"context"
	"encoding/json"
	"strings"

	"navette/internal/failure"
	"navette/internal/identity"
)

// separator stands between the fields of both mechanisms: control-A.
const separator = "\x01"

// bearer is OAUTHBEARER (RFC 7628) and XOAUTH2: one message with a token. A refusal is a challenge in JSON, which the
// client answers with a word of no meaning before it is told that it failed (RFC 7628 §3.2.3).
type bearer struct {
	attempt
	refused error // what the challenge was about
}

func (m *bearer) next(ctx context.Context, message []byte) ([]byte, identity.Principal, error) {
	if m.refused != nil {
		return nil, identity.Principal{}, m.refused
	}
	read := readOAuthBearer
	if m.credential.Mechanism == identity.XOAuth2 {
		read = readXOAuth2
	}
	user, token, err := read(string(message))
	if err != nil {
		return nil, identity.Principal{}, err
	}
	m.credential.Login, m.credential.Secret = user, token
	who, err := m.verify(ctx)
	if !failure.Is(err, failure.Denied) {
		return nil, who, err
	}
	m.refused = err
	return m.challenge(), identity.Principal{}, nil
}

// challenge says why a token was refused (RFC 7628 §3.2.2), in XOAUTH2 with the status of HTTP. Every token that does
// not hold is « invalid_token »: what was wrong with it is nobody's business.
func (m *bearer) challenge() []byte {
	status := "invalid_token"
	if m.credential.Mechanism == identity.XOAuth2 {
		status = "401"
	}
	text, err := json.Marshal(struct {
		Status  string `json:"status"`
		Schemes string `json:"schemes"`
		Scope   string `json:"scope"`
	}{status, "bearer", identity.ScopeMail})
	if err != nil {
		panic(err) // of three strings
	}
	return text
}

// readOAuthBearer reads a client's message of RFC 7628 §3.1: a GS2 header, then fields, the token among them. host and
// port are of use to a server that stands behind another; we know our own.
func readOAuthBearer(message string) (user, token string, err error) {
	header, rest, ok := strings.Cut(message, separator)
	gs2, err := readGS2(header)
	switch {
	case err != nil:
		return "", "", err
	case !ok || gs2.rest != "":
		return "", "", malformed("fields are missing after the header")
	case gs2.flag != "n" && gs2.flag != "y":
		return "", "", malformed("OAUTHBEARER binds to no channel")
	}
	token, err = tokenOf(rest)
	return gs2.authorization, token, err
}

// readXOAuth2 reads "user=" user ^A "auth=Bearer " token ^A ^A.
func readXOAuth2(message string) (user, token string, err error) {
	first, rest, ok := strings.Cut(message, separator)
	user, named := strings.CutPrefix(first, "user=")
	if !ok || !named || user == "" {
		return "", "", malformed("XOAUTH2 begins with a user")
	}
	token, err = tokenOf(rest)
	return user, token, err
}

// tokenOf reads fields up to the empty one, and returns the token of auth, "" where the client sent none to be told what
// it needs.
func tokenOf(fields string) (token string, err error) {
	list, ok := strings.CutSuffix(fields, separator+separator)
	if !ok {
		return "", malformed("the fields do not end")
	}
	found := false
	for field := range strings.SplitSeq(list, separator) {
		key, value, ok := strings.Cut(field, "=")
		if !ok || key == "" {
			return "", malformed("a field has no name")
		}
		if key != "auth" {
			continue
		}
		scheme, rest, _ := strings.Cut(value, " ")
		if found || value != "" && !strings.EqualFold(scheme, "Bearer") {
			return "", malformed("auth is one bearer token")
		}
		token, found = strings.TrimLeft(rest, " "), true
	}
	if !found {
		return "", malformed("auth is missing")
	}
	return token, nil
}
