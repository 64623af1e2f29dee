package sasl

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"strings"

	"navette/internal/failure"
	"navette/internal/identity"
)

// nonceBytes is how much of a server's nonce is drawn.
const nonceBytes = 18

// scram is SCRAM-SHA-256 (RFC 5802 §3):
//
//	client-first   n,,n=user,r=nonce              server-first   r=nonce+ours,s=salt,i=4096
//	client-final   c=header,r=nonce+ours,p=proof  server-final   v=signature
//	(nothing)                                     the outcome
//
// Nothing is looked up before the client's last message: it is verified as a password is, by what stands in the database
// then.
type scram struct {
	attempt
	conn   Connection
	salt   []byte
	random io.Reader

	gs2       gs2
	nonce     string // the client's and ours
	said      string // client-first-message-bare "," server-first-message
	auth      string // AuthMessage
	proof     []byte
	signature []byte             // ServerSignature, once the proof was found to hold
	who       identity.Principal // told when the client has seen the signature
}

var _ identity.Proof = (*scram)(nil)

func (m *scram) next(ctx context.Context, message []byte) (challenge []byte, who identity.Principal, err error) {
	switch {
	case m.nonce == "":
		challenge, err = m.first(string(message))
	case m.who.Account == 0:
		challenge, err = m.final(ctx, string(message))
	case len(message) > 0:
		err = malformed("nothing is left to say")
	default:
		who = m.who
	}
	return challenge, who, err
}

// first takes the client's first message.
func (m *scram) first(message string) ([]byte, error) {
	header, err := readGS2(message)
	if err != nil {
		return nil, err
	}
	fields := strings.Split(header.rest, ",")
	if len(fields) < 2 {
		return nil, malformed("a name and a nonce are expected")
	}
	escaped, named := strings.CutPrefix(fields[0], "n=") // "m=" asks for an extension: there is none
	nonce, drawn := strings.CutPrefix(fields[1], "r=")
	if !named || !drawn || !isNonce(nonce) {
		return nil, malformed("a name and a nonce are expected")
	}
	name, err := saslname(escaped)
	if err != nil {
		return nil, err
	}
	if err := m.mayBind(header); err != nil {
		return nil, err
	}
	if !ownName(header.authorization, name) {
		return nil, ErrAnother
	}
	ours := make([]byte, nonceBytes)
	if _, err := io.ReadFull(m.random, ours); err != nil {
		return nil, fmt.Errorf("draw a nonce: %w", err)
	}
	m.gs2, m.credential.Login = header, name
	m.nonce = nonce + base64.StdEncoding.EncodeToString(ours)
	reply := fmt.Sprintf("r=%s,s=%s,i=%d", m.nonce, base64.StdEncoding.EncodeToString(m.salt), identity.ScramIterations)
	m.said = header.rest + "," + reply
	return []byte(reply), nil
}

// mayBind checks what the client says of channel binding (RFC 5802 §6). One that can bind and believes that we cannot
// was told a shorter list of mechanisms than ours: somebody sits in between.
func (m *scram) mayBind(header gs2) error {
	plus := m.credential.Mechanism == identity.ScramPlus
	switch {
	case header.bound != plus:
		return malformed("a channel is bound by SCRAM-SHA-256-PLUS, and by it alone")
	case plus && m.conn.binding(header.flag) == nil:
		return malformed("this channel binding is not offered here")
	case header.flag == "y" && !plus && m.conn.canBind():
		return failure.New(failure.Denied, "La liste des mécanismes a été modifiée en chemin : connexion refusée. / The list of mechanisms was changed on its way: refused.")
	}
	return nil
}

// final takes the client's last message.
func (m *scram) final(ctx context.Context, message string) ([]byte, error) {
	unproved, proof, ok := cutLast(message, ",p=")
	fields := strings.Split(unproved, ",")
	if !ok || len(fields) < 2 {
		return nil, malformed("a binding, a nonce and a proof are expected")
	}
	var err error
	if m.proof, err = base64.StdEncoding.DecodeString(proof); err != nil || len(m.proof) != sha256.Size {
		return nil, malformed("the proof is not one of SHA-256")
	}
	if fields[1] != "r="+m.nonce {
		return nil, malformed("the nonce is another")
	}
	bound := append([]byte(m.gs2.header), m.bindingData()...)
	if fields[0] != "c="+base64.StdEncoding.EncodeToString(bound) {
		return nil, failure.New(failure.Denied, "La connexion chiffrée n'est pas la même des deux côtés : connexion refusée. / The encrypted connection is not the same at both ends: refused.")
	}
	m.auth = m.said + "," + unproved
	m.credential.Proof = m
	if m.who, err = m.verify(ctx); err != nil {
		return nil, err
	}
	return []byte("v=" + base64.StdEncoding.EncodeToString(m.signature)), nil
}

func (m *scram) bindingData() []byte {
	if !m.gs2.bound {
		return nil
	}
	return m.conn.binding(m.gs2.flag)
}

// Holds tells whether the client's proof is of these keys, and keeps the answer to it where it is.
func (m *scram) Holds(keys identity.ScramKeys) bool {
	clientKey := mac(keys.Stored[:], m.auth)
	subtle.XORBytes(clientKey, clientKey, m.proof)
	stored := sha256.Sum256(clientKey)
	if subtle.ConstantTimeCompare(stored[:], keys.Stored[:]) != 1 {
		return false
	}
	m.signature = mac(keys.Server[:], m.auth)
	return true
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// isNonce tells whether a text is printable ASCII without a comma (RFC 5802 §7).
func isNonce(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' || r == ',' })
}

// cutLast is strings.Cut at the last separator.
func cutLast(text, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(text, sep); i >= 0 {
		return text[:i], text[i+len(sep):], true
	}
	return text, "", false
}
