// Package sasl is the server's side of the SASL mechanisms (RFC 4422) by which mail programs sign in. It reads what a
// client says, has identity.Verify judge it, and knows nothing of the protocol that carries the messages: the IMAP and
// SMTP doors encode them, each in its way.
//
//	PLAIN               RFC 4616                any secret; the password crosses the wire, so TLS is the door's concern
//	LOGIN               has no RFC              submission only, for programs that know nothing else
//	SCRAM-SHA-256       RFC 5802, RFC 7677      generated secrets only (see package identity); the secret stays at home
//	SCRAM-SHA-256-PLUS  RFC 5929, RFC 9266      the same, and nobody sits in the middle of the TLS connection
//	OAUTHBEARER         RFC 7628                access tokens
//	XOAUTH2             Google's, before it     access tokens
//
// # Invariants
//
//  1. Only Verify makes principals; a mechanism that does not ask it lets nobody in.
//  2. What is said before the client has proved anything is the same whoever it says it is.
//  3. Nobody acts for another: an authorization identity is empty or the client's own.
//  4. What a client may say is bounded, here and by the door: each message is short, each exchange ends.
package sasl

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/netip"

	"navette/internal/identity"
)

// maxMessage is the longest message of a client, in octets.
const maxMessage = 8 << 10

// Verifier judges credentials; *identity.Service is one.
type Verifier interface {
	Verify(ctx context.Context, c identity.Credential) (identity.Principal, error)
	// ScramSalt is the same for everybody, and for as long as the process runs.
	ScramSalt() []byte
}

// Connection is what an exchange needs to know of the one that carries it.
type Connection struct {
	Channel identity.Channel // IMAP or SMTP
	Peer    netip.Addr
	TLS     *tls.ConnectionState // nil without TLS
	// Certificate is the one that our side showed, nil where that is not known for sure: see CertificateOf.
	Certificate *x509.Certificate
}

// Server begins exchanges. Its methods may be called from many goroutines.
type Server struct {
	verifier Verifier
	random   io.Reader
}

// New returns a server; random is crypto/rand.
func New(v Verifier, random io.Reader) *Server { return &Server{verifier: v, random: random} }

// Mechanisms lists what may be used on a connection. PLAIN comes first, because it takes every secret: some programs
// take the first that they know.
func (s *Server) Mechanisms(c Connection) []string {
	list := []string{"PLAIN"}
	if c.Channel == identity.SMTP {
		list = append(list, "LOGIN")
	}
	if c.canBind() {
		list = append(list, "SCRAM-SHA-256-PLUS")
	}
	return append(list, "SCRAM-SHA-256", "OAUTHBEARER", "XOAUTH2")
}

// ErrAnother is what an exchange ends with whose client would act for somebody else.
var ErrAnother = errors.New("the authorization identity is another's")

// MalformedError is a message that the mechanism does not allow; its text is safe to show.
type MalformedError struct{ Text string }

func (e *MalformedError) Error() string { return e.Text }

func malformed(format string, args ...any) error {
	return &MalformedError{fmt.Sprintf(format, args...)}
}

// mechanism is the state of one exchange.
type mechanism interface {
	// next takes a message of the client and returns the server's next, or who it is where there is none. It is not
	// called again after an error or a principal.
	next(ctx context.Context, message []byte) (challenge []byte, who identity.Principal, err error)
}

// Exchange is one authentication. It belongs to one goroutine.
type Exchange struct {
	mechanism mechanism
	prompts   bool // the server speaks first
}

// Begin begins an exchange; false where the mechanism, in capitals, is not offered on the connection.
func (s *Server) Begin(name string, c Connection) (*Exchange, bool) {
	credential := identity.Credential{Mechanism: identity.Mechanism(name), Channel: c.Channel, Peer: c.Peer}
	verify := func(ctx context.Context) (identity.Principal, error) { return s.verifier.Verify(ctx, credential) }
	base := attempt{credential: &credential, verify: verify}
	switch {
	case name == "PLAIN":
		return &Exchange{mechanism: &plain{base}}, true
	case name == "LOGIN" && c.Channel == identity.SMTP:
		return &Exchange{mechanism: &login{attempt: base}, prompts: true}, true
	case name == "SCRAM-SHA-256", name == "SCRAM-SHA-256-PLUS" && c.canBind():
		return &Exchange{mechanism: &scram{attempt: base, conn: c, salt: s.verifier.ScramSalt(), random: s.random}}, true
	case name == "OAUTHBEARER", name == "XOAUTH2":
		return &Exchange{mechanism: &bearer{attempt: base}}, true
	}
	return nil, false
}

// attempt is what every mechanism ends in.
type attempt struct {
	credential *identity.Credential
	verify     func(context.Context) (identity.Principal, error)
}

// Next takes a message of the client, nil where it has sent none yet, and returns the server's next: a challenge while
// the principal is zero. An error ends the exchange: ErrAnother, a MalformedError, or what Verify said.
func (x *Exchange) Next(ctx context.Context, message []byte) (challenge []byte, who identity.Principal, err error) {
	switch {
	case message == nil && !x.prompts: // the client speaks first
		return []byte{}, identity.Principal{}, nil
	case len(message) > maxMessage:
		return nil, identity.Principal{}, malformed("the message is too long")
	}
	return x.mechanism.next(ctx, message)
}

// Cancelled tells how an exchange ends that the client gave up: with the refusal that it has just been told, or nil.
func (x *Exchange) Cancelled() error {
	if b, ok := x.mechanism.(*bearer); ok {
		return b.refused
	}
	return nil
}
