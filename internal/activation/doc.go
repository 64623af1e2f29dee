// Package activation leads an agent from the appointment to an account that is theirs (UX, flow a).
//
//	Begin(ctx, session.Client, Claim) (token, error)      step 1; failure.Denied with one neutral text whatever was wrong
//	State(ctx, token) (State, error)                      where one stands: after a reload, or from an interruption; failure.Denied when the token is void
//	Choose(ctx, token, password) error                    step 2; failure.Policy says what is wrong with it
//	Later(ctx, token) error                               step 3: « Plus tard »; else factor.Begin…/Finish… with State.Owner
//	Codes(ctx, token) ([]string, error)                   step 4: ten recovery codes, shown once; asked again, others; then factor.…RecoveryAddress with State.Owner
//	Finish(ctx, token, session.Client) (session.Tokens, error)   step 5: the account is active, the NUMEN erased, the browser signed in; needs Choose, a factor or Later, and Codes
//
//	MakeSheet(ctx, by, account) (Sheet, error)            the help desk: a one-time code, shown once, to be handed over in person
//	Heads(ctx, account) (bool, error)                     whether they head an establishment today
//	WaitingFor(ctx, head) ([]Waiting, error)              who waits for their activation there; failure.Denied for who heads none
//	MakeSheetAsHead(ctx, head Owner, login) (Sheet, error) a head of an establishment in which the agent has a function
//
// Until Finish nothing opens. An activation that was interrupted goes on with its token for an hour; after that, or in
// another browser, it begins again with the same claim, and what was chosen before is void: nobody finishes what
// somebody else began.
//
// # Tables
//
//	sheet   one row an account that was given a sheet: the code as HMAC under the pepper, who made it, until when it opens
package activation

import (
	"time"

	"navette/internal/factor"
	"navette/internal/identity"
)

// Claim is what somebody types to activate their account: NUMEN and BirthDate, or Sheet.
type Claim struct {
	Login     string
	NUMEN     string
	BirthDate string // JJ/MM/AAAA or ISO 8601
	Sheet     string // the code of a sheet, in any case, with or without its dashes
}

// Step is what comes next.
type Step int

// The steps, as the pages number them.
const (
	StepPassword Step = 2
	StepFactor   Step = 3
	StepCodes    Step = 4
	StepFinish   Step = 5
)

// State is where an activation stands.
type State struct {
	Step       Step
	Owner      identity.Owner // for factor's functions, until Finish
	Exempt     bool           // « Plus tard » has no date
	Due        time.Time      // the date of « Plus tard », unless Exempt
	Protection factor.Protection
}

// Sheet is a one-time code.
type Sheet struct {
	Login, Display string
	Code           string // XXXX-XXXX-XXXX-XXXX
	Expires        time.Time
}
