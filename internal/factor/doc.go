// Package factor keeps what proves an agent besides the password: passkeys (WebAuthn), time-based codes (RFC 6238), a
// printed grid of codes, recovery codes, and the recovery address.
//
// What changes a factor needs an identity.Owner: from session.Session.Owner (a step-up may be needed first), or from
// activation.State. Responses and options of WebAuthn pass through as JSON, as navigator.credentials gives and takes
// them (binary fields in base64url).
//
//	Of(ctx, account) (Protection, error)                                     all of it, without secrets
//	BeginPasskey(ctx, Owner) (Passkey, error)                                options for navigator.credentials.create
//	FinishPasskey(ctx, Owner, ticket, label, response) (Factor, error)
//	BeginTOTP(ctx, Owner) (TOTP, error)                                      the secret as text and otpauth: URI (its QR code is drawn by the page)
//	FinishTOTP(ctx, Owner, ticket, label, code) (Factor, error)
//	MakeGrid(ctx, Owner) (Grid, error)                                       shown once, to be printed; an earlier one is void
//	MakeRecoveryCodes(ctx, Owner) ([]string, error)                          ten, shown once; earlier ones are void
//	Remove(ctx, Owner, id) error                                             takes a factor off
//	BeginRecoveryAddress(ctx, Owner, address) (ticket, error)                mails a code of eight digits
//	FinishRecoveryAddress(ctx, Owner, ticket, code) error
//	RemoveRecoveryAddress(ctx, Owner) error
//	Reset(ctx, by, account) error                                            the help desk: all factors and codes gone, sessions end, the owner is told
//
// # Tables
//
//	factor         one row a passkey, a TOTP secret or a grid; secrets sealed under the pepper
//	recovery_code  one row a code that was not used yet, as HMAC under the pepper
//	protection     one row an account: whether it has a second factor, until when it may do without, its recovery address (sealed)
package factor

import (
	"encoding/json"
	"time"
)

// Kind is a kind of second factor.
type Kind string

// The kinds.
const (
	KindPasskey Kind = "passkey"
	KindTOTP    Kind = "totp"
	KindGrid    Kind = "grid"
)

// Factor is one that an account has.
type Factor struct {
	ID      int64
	Kind    Kind
	Label   string // as its owner calls it
	Created time.Time
	Used    time.Time // zero: never
}

// Protection is what guards an account besides its password.
type Protection struct {
	Factors         []Factor
	RecoveryCodes   int       // not used yet
	RecoveryAddress string    // masked: « c•••@exemple.fr »; "" without one
	Due             time.Time // a second factor is needed from then on; zero: never
}

// Passkey begins the making of a passkey.
type Passkey struct {
	Ticket  string
	Options json.RawMessage // {"publicKey": …}
}

// TOTP begins the making of a time-based code: six digits, 30 seconds, SHA-1, which all applications know.
type TOTP struct {
	Ticket string
	Secret string // base 32, in groups of four
	URI    string // otpauth://totp/…
}

// Grid is a printed grid of codes: Rows[r][c] stands in column 'A'+c of line r+1.
type Grid struct {
	ID   int64
	Rows [][]string
}
