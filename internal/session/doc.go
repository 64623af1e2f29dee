// Package session keeps who is signed in at the pages: sessions, the devices that are remembered, and what is told of
// sign-ins from elsewhere.
//
//	Start(ctx, Client, Proof) (Tokens, error)               a new session; always a new token (no fixation)
//	Check(ctx, token) (Session, error)                      one query; failure.Denied when it does not hold any more
//	Renew(ctx, token, How) (newToken, error)                after a step-up: proved now, under another token
//	Known(ctx, Client, login) (Known, error)                whether the browser is one of the owner of a login
//	End(ctx, token) error                                   sign-out; a token that holds nothing is no error
//	List(ctx, account) ([]Line, error)                      « Mes connexions »
//	Revoke(ctx, Owner, id) error                            one of them; failure.NotFound
//	RevokeAll(ctx, Owner, except) error                     all but one (0: all), and every remembered device
//	Devices(ctx, account) ([]Device, error)                 remembered devices
//	Forget(ctx, Owner, device) error                        one of them: it will be asked for the second factor again
//	Session.Owner() (identity.Owner, error)                 failure.Denied with ErrStepUp in its chain: prove yourself again
//
// A token is 128 random bits behind a selector; the database holds its SHA-256. The cookie's life is the browser's
// business; what holds is here: Idle and Absolute, and the account's epoch, so that a suspension or another password
// ends a session at its next request, and what it holds open within a second (identity.Watch of Session.Principal).
//
// # Tables
//
//	session   one row a session that may still hold
//	device    browsers that an account was used from: known ones are not told of again, remembered ones skip the second factor
//	place     where an account was used from: networks (IPv4 /16, IPv6 /32), and countries where there is a map of them
package session

import (
	"net/netip"
	"time"

	"navette/internal/identity"
)

// Client is the browser that asks.
type Client struct {
	Peer   netip.Addr
	Agent  string // its User-Agent, as it came; cut to 300 octets
	Device string // the device cookie's value, "" without one
	Shared bool   // « ordinateur partagé »: nothing is remembered there, and no device token is given
	// Session is the session cookie's value that came with a sign-in, "" without one: that session ends when another
	// begins in the same browser.
	Session string
}

// Tokens are the cookies' values of a session that was just started.
type Tokens struct {
	Session string
	Device  string        // "" for a shared computer
	Idle    time.Duration // the session ends after so long without a request
	Until   time.Time     // and then at the latest
}

// How is the way in which somebody proved who they are.
type How string

// The ways.
const (
	ByPassword   How = "password"
	ByPasskey    How = "passkey" // which is two factors: the device, and what unlocks it
	BySecond     How = "second"  // password and second factor
	ByRemembered How = "remembered"
	ByActivation How = "activation"
)

// Proof is what a session starts with.
type Proof struct {
	Account  int64
	Epoch    int64 // account.auth_epoch when it was proved
	How      How
	Remember bool // this device skips the second factor for RememberFor
}

// Session is a session that holds.
type Session struct {
	ID        int64
	Principal identity.Principal // scopes are ManageSelf alone while MustEnrol
	Created   time.Time
	Proved    time.Time // when its owner last proved who they are
	How       How
	MustEnrol bool // the time for « Plus tard » is over: a second factor comes first

	fresh bool // proved lately enough for what is sensitive
}

// Line is a session in « Mes connexions ».
type Line struct {
	ID      int64
	Created time.Time
	Seen    time.Time
	How     How
	Agent   string // « Firefox sous Windows »
	Network string // 192.0.2.0/24, or an IPv6 /48: enough to know one's own again
}

// Device is a browser that an account was used from.
type Device struct {
	ID         int64
	Agent      string
	First      time.Time
	Seen       time.Time
	Remembered time.Time // skips the second factor until then; zero where not
}
