package smtpd

import (
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"time"

	"navette/internal/content"
	"navette/internal/delivery"
	"navette/internal/guard"
	"navette/internal/identity"
	"navette/internal/limits"
	"navette/internal/mail"
	"navette/internal/sasl"
	"navette/internal/submission"
)

// Role is what a door is for.
type Role int

// The roles.
const (
	Reception  Role = iota + 1 // from the Internet, to our domains only
	LMTP                       // from local programs, to our domains only, one reply a recipient
	Submission                 // from agents who authenticate, to anywhere
)

// Verifier proves credentials and keeps principals honest; *identity.Service is one.
type Verifier interface {
	sasl.Verifier
	StillValid(p identity.Principal) bool
}

// Submitter takes what agents send; *submission.Service is one.
type Submitter interface {
	// CheckReversePath tells, at MAIL, whether the account may send under this reverse-path.
	CheckReversePath(ctx context.Context, p identity.Principal, reversePath string) error
	// CheckRecipient refuses, at RCPT, whom it is certain already that the account may not write to.
	CheckRecipient(ctx context.Context, p identity.Principal, address string, to delivery.Resolution) error
	Submit(ctx context.Context, m submission.Message, r io.Reader) (delivery.Receipt, error)
}

// Injector takes what comes for computed groups from where nobody signs in; *submission.Service is one.
type Injector interface {
	MayInject(ctx context.Context, in submission.Injection, address string) error
	Inject(ctx context.Context, in submission.Injection, r io.Reader) (delivery.Receipt, error)

	// Everywhere gives the standings of addresses for what a program of ours shows, in their order.
	Everywhere(ctx context.Context, addresses []string) ([]guard.Standing, error)
}

// Marker tells readers what was seen of the sender of a message that comes in; *origin.Service is one.
type Marker interface {
	// Field is a field with its line end for the prefix, or nil. internet tells that the message came from there.
	Field(e *mail.Envelope, internet bool) []byte
}

// Config is one door. Contents and Delivery are required; Identity and Submission for Submission only.
type Config struct {
	Role        Role
	Hostname    string      // our name in greetings, in Received, and as authserv-id
	Domain      string      // where <postmaster> without a domain goes (RFC 5321 §4.1.1.3)
	TLS         *tls.Config // STARTTLS is offered where set
	ImplicitTLS bool        // TLS begins with the connection (RFC 8314, port 465)

	// PlainAuth offers AUTH without TLS: the demo's, on loopback only.
	PlainAuth bool

	Trusted limits.Networks // the limits by network skip them
	Limits  Limits
	Now     func() time.Time
	Random  io.Reader // crypto/rand.Reader
	Log     *slog.Logger

	Contents   *content.Contents
	Delivery   delivery.Accepter
	Identity   Verifier
	Submission Submitter

	// Groups takes what Reception and LMTP receive for computed groups; nil: such addresses are refused there.
	Groups Injector

	// Domains are those whose addresses are ours: LMTP has the guard look at the header of what a program writes under
	// one. None: at none.
	Domains []string
	Rules   guard.Rules // of the guard

	// Digest gives what stands in the log for the address of a recipient, keyed; nil: nothing does.
	Digest func(address string) string
	Origin Marker // nil: nothing is marked
}

// Limits are what a client may use up. A zero field takes its value from DefaultLimits.
type Limits struct {
	MessageSize int64 // octets of a message (RFC 1870)
	LineLength  int   // octets of a line of data, without its end
	Hops        int   // Received fields; RFC 5321 §6.3 wants 100 at least
	Recipients  int   // of one transaction

	Connections           int // of the door
	ConnectionsPerNetwork int // limits.NetworkOf

	Errors       int // refused commands before 421; refused recipients are not counted here
	Refusals     int // refused recipients since the last accepted message before 421; LMTP has no such limit
	IdleCommands int // commands that lead nowhere (NOOP, RSET, EHLO…) since the last accepted message
	AuthFailures int // of one connection

	CommandTimeout time.Duration // waiting for a command (RFC 5321 §4.5.3.2.7)
	DataTimeout    time.Duration // waiting for the next octets of data
	MessageTimeout time.Duration // from DATA or the first BDAT to the last octet
	WriteTimeout   time.Duration // a client that does not read
}

// DefaultLimits returns the limits of a role.
func DefaultLimits(r Role) Limits {
	l := Limits{
		MessageSize: 50 << 20, LineLength: 1 << 20, Hops: 100, Recipients: 1000,
		Connections: 1000, ConnectionsPerNetwork: 50,
		Errors: 20, Refusals: 100, IdleCommands: 100, AuthFailures: 3,
		CommandTimeout: 5 * time.Minute, DataTimeout: 5 * time.Minute, MessageTimeout: 30 * time.Minute, WriteTimeout: 5 * time.Minute,
	}
	if r == LMTP {
		l.Recipients = 30_000
	}
	return l
}

func (l Limits) withDefaults(r Role) Limits {
	d := DefaultLimits(r)
	l.MessageSize = orDefault(l.MessageSize, d.MessageSize)
	l.LineLength = orDefault(l.LineLength, d.LineLength)
	l.Hops = orDefault(l.Hops, d.Hops)
	l.Recipients = orDefault(l.Recipients, d.Recipients)
	l.Connections = orDefault(l.Connections, d.Connections)
	l.ConnectionsPerNetwork = orDefault(l.ConnectionsPerNetwork, d.ConnectionsPerNetwork)
	l.Errors = orDefault(l.Errors, d.Errors)
	l.Refusals = orDefault(l.Refusals, d.Refusals)
	l.IdleCommands = orDefault(l.IdleCommands, d.IdleCommands)
	l.AuthFailures = orDefault(l.AuthFailures, d.AuthFailures)
	l.CommandTimeout = orDefault(l.CommandTimeout, d.CommandTimeout)
	l.DataTimeout = orDefault(l.DataTimeout, d.DataTimeout)
	l.MessageTimeout = orDefault(l.MessageTimeout, d.MessageTimeout)
	l.WriteTimeout = orDefault(l.WriteTimeout, d.WriteTimeout)
	return l
}

func orDefault[T int | int64 | time.Duration](v, usual T) T {
	if v <= 0 {
		return usual
	}
	return v
}
