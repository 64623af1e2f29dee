package identity

import (
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
)

// Mechanism is how a secret was presented.
type Mechanism string

// The mechanisms.
const (
	Plain Mechanism = "PLAIN" // SASL PLAIN (RFC 4616), and IMAP's LOGIN command
	Login Mechanism = "LOGIN" // SASL LOGIN
	Basic Mechanism = "BASIC" // HTTP Basic (RFC 7617), by programs
	Form  Mechanism = "FORM"  // the sign-in page, by a person

	Scram       Mechanism = "SCRAM-SHA-256"      // RFC 5802, RFC 7677
	ScramPlus   Mechanism = "SCRAM-SHA-256-PLUS" // the same, bound to the TLS connection
	OAuthBearer Mechanism = "OAUTHBEARER"        // RFC 7628
	XOAuth2     Mechanism = "XOAUTH2"            // what came before it, and many programs still speak
)

// Channel is the door at which it was presented.
type Channel string

// The channels. Nobody logs in at LMTP, nor with a password at the administration.
const (
	IMAP  Channel = "imap"
	SMTP  Channel = "smtp" // submission
	LMTP  Channel = "lmtp"
	HTTP  Channel = "http"
	Admin Channel = "admin"
)

// Credential is what somebody presents to prove who they are.
type Credential struct {
	Mechanism Mechanism
	Channel   Channel
	Peer      netip.Addr // the client's address, behind trusted proxies the one that they name
	Login     string     // the identifier, or any of the account's addresses; case does not matter; "" may stand with a token
	Secret    string     // as it came, UTF-8: a password, or a token
	Proof     Proof      // in the place of Secret, for SCRAM
	// Device names a browser of the login's owner, as package session found it; "" for any other. See Trial.Device.
	Device string
}

// String shows the credential without its secret, nor its login: people type passwords into the wrong field.
func (c Credential) String() string {
	return fmt.Sprintf("%s at %s from %s", c.Mechanism, c.Channel, c.Peer)
}

// GoString hides the secret from %#v.
func (c Credential) GoString() string { return c.String() }

// LogValue hides the secret from slog.
func (c Credential) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Scope is what a principal may do, as a set of bits.
type Scope uint8

// The scopes.
const (
	ReadMail   Scope = 1 << iota // read the mailbox and change it
	SubmitMail                   // send
	ManageSelf                   // the pages about one's own account: password, devices, sessions
)

// String names the scopes of the set, for logs.
func (s Scope) String() string {
	var names []string
	for _, n := range []struct {
		scope Scope
		name  string
	}{{ReadMail, "read"}, {SubmitMail, "submit"}, {ManageSelf, "self"}} {
		if s&n.scope != 0 {
			names = append(names, n.name)
		}
	}
	return strings.Join(names, "+")
}

// Principal is somebody who has proved who they are. It is a value of this process: never stored, never sent. The zero
// Principal may nothing.
type Principal struct {
	Account    int64
	Login      string // the account's identifier, whichever address was typed
	Display    string // the account's name, as beside its address in From
	Scopes     Scope
	Credential int64 // credential_id of what proved it; token_id of a token
	AuthEpoch  int64 // account.auth_epoch when it was proved

	until      int64  // in microseconds: when a password alone opens no mail program any more (« Plus tard »); 0: no such time
	generation uint64 // of the service: see Service.Poll on what a gap in the revocations does
}

// Can reports that the principal has all of scopes.
func (p Principal) Can(scopes Scope) bool { return p.Account != 0 && p.Scopes&scopes == scopes }
