// Package signin is the way in at the pages: password and second factor, passkey, forgotten password, step-up.
//
//	Password(ctx, Client, login, password) (Outcome, error)      failure.Denied: one text, whatever was wrong
//	Code(ctx, Client, ticket, Answer, remember) (Outcome, error) the second factor: TOTP, grid, or a recovery code
//	PasskeyOptions(ctx, Client, ticket) (Challenge, error)       as second factor with Outcome.Ticket, or alone with ""
//	Passkey(ctx, Client, ticket, response, remember) (Outcome, error)   with Challenge.Ticket
//
//	Forgot(ctx, Client, login) (ticket, error)                   always a ticket; a code is mailed where there is a recovery address, one in ten minutes
//	ForgotCode(ctx, Client, ticket, code) error                  the mailed code, or a recovery code
//	ForgotPasskeyOptions(ctx, Client) (Challenge, error)         a passkey alone, without saying who
//	ForgotPasskey(ctx, Client, ticket, response) (ticket, error) the ticket for Reset
//	Reset(ctx, ticket, password) error                           a new password; every session and device is forgotten, then sign in
//
//	StepUpOptions(ctx, Client, session.Session) (Challenge, error)
//	StepUp(ctx, Client, token, Answer) (newToken, error)         replace the session's cookie
//	ChangePassword(ctx, Owner, token, password) (newToken, error) other sessions end, this one goes on under a new token
//
// A ticket stands for what was proved so far: it is kept by the page (in memory, not in a cookie), holds for ten
// minutes and five attempts, and is used once.
package signin

import (
	"encoding/json"

	"navette/internal/factor"
	"navette/internal/session"
)

// Outcome is what a step of a sign-in gave: a session, or a ticket for the second factor.
type Outcome struct {
	Tokens session.Tokens // Session is "" while a second factor is missing

	Ticket   string
	Methods  []factor.Kind // what the account has
	GridAsks []string      // the cells to type, as "B3"; the same until they were typed rightly
}

// Answer proves something: exactly one field is set.
type Answer struct {
	Password string          // step-up of who has no second factor
	TOTP     string          // six digits
	Grid     string          // the asked cells, in order
	Recovery string          // a recovery code
	Passkey  json.RawMessage // with Ticket, for a step-up
	Ticket   string
}

// Challenge begins a use of a passkey.
type Challenge struct {
	Ticket  string
	Options json.RawMessage // {"publicKey": …}, for navigator.credentials.get
}
