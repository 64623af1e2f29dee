package webd

import (
	"context"

	"navette/internal/activation"
	"navette/internal/delivery"
	"navette/internal/factor"
	"navette/internal/history"
	"navette/internal/identity"
	"navette/internal/roster"
	"navette/internal/session"
	"navette/internal/signin"
	"navette/internal/submission"
)

// The services behind the API, as far as the door uses them. Their packages say what each does, and which errors it
// gives; all may be called from many goroutines.

// Sessions is session.Service.
type Sessions interface {
	Check(ctx context.Context, token string) (session.Session, error)
	End(ctx context.Context, token string) error
	List(ctx context.Context, account int64) ([]session.Line, error)
	Revoke(ctx context.Context, owner identity.Owner, id int64) error
	RevokeAll(ctx context.Context, owner identity.Owner, except int64) error
	Devices(ctx context.Context, account int64) ([]session.Device, error)
	Forget(ctx context.Context, owner identity.Owner, device int64) error
}

// SignIn is signin.Service.
type SignIn interface {
	Password(ctx context.Context, c session.Client, login, password string) (signin.Outcome, error)
	Code(ctx context.Context, c session.Client, ticket string, a signin.Answer, remember bool) (signin.Outcome, error)
	PasskeyOptions(ctx context.Context, c session.Client, ticket string) (signin.Challenge, error)
	Passkey(ctx context.Context, c session.Client, ticket string, response []byte, remember bool) (signin.Outcome, error)

	Forgot(ctx context.Context, c session.Client, login string) (ticket string, err error)
	ForgotCode(ctx context.Context, c session.Client, ticket, code string) error
	ForgotPasskeyOptions(ctx context.Context, c session.Client) (signin.Challenge, error)
	ForgotPasskey(ctx context.Context, c session.Client, ticket string, response []byte) (string, error)
	Reset(ctx context.Context, ticket, password string) error

	StepUpOptions(ctx context.Context, c session.Client, s session.Session) (signin.Challenge, error)
	StepUp(ctx context.Context, c session.Client, token string, a signin.Answer) (newToken string, err error)
	ChangePassword(ctx context.Context, owner identity.Owner, token, password string) (newToken string, err error)
}

// Activations is activation.Service.
type Activations interface {
	Begin(ctx context.Context, c session.Client, claim activation.Claim) (token string, err error)
	State(ctx context.Context, token string) (activation.State, error)
	Choose(ctx context.Context, token, password string) error
	Later(ctx context.Context, token string) error
	Codes(ctx context.Context, token string) ([]string, error)
	Finish(ctx context.Context, token string, c session.Client) (session.Tokens, error)

	Heads(ctx context.Context, account int64) (bool, error)
	WaitingFor(ctx context.Context, head int64) ([]activation.Waiting, error)
	MakeSheetAsHead(ctx context.Context, head identity.Owner, login string) (activation.Sheet, error)
}

// Factors is factor.Service.
type Factors interface {
	Of(ctx context.Context, account int64) (factor.Protection, error)
	GridAsks(ctx context.Context, account int64) ([]string, error)
	BeginPasskey(ctx context.Context, owner identity.Owner) (factor.Passkey, error)
	FinishPasskey(ctx context.Context, owner identity.Owner, ticket, label string, response []byte) (factor.Factor, error)
	BeginTOTP(ctx context.Context, owner identity.Owner) (factor.TOTP, error)
	FinishTOTP(ctx context.Context, owner identity.Owner, ticket, label, code string) (factor.Factor, error)
	MakeGrid(ctx context.Context, owner identity.Owner) (factor.Grid, error)
	MakeRecoveryCodes(ctx context.Context, owner identity.Owner) ([]string, error)
	Remove(ctx context.Context, owner identity.Owner, id int64) error
	BeginRecoveryAddress(ctx context.Context, owner identity.Owner, address string) (ticket string, err error)
	FinishRecoveryAddress(ctx context.Context, owner identity.Owner, ticket, code string) error
	RemoveRecoveryAddress(ctx context.Context, owner identity.Owner) error
	GenerateAppPassword(ctx context.Context, by identity.By, account int64, label string) (identity.AppPassword, error)
	RevokeAppPassword(ctx context.Context, by identity.By, account, id int64) error
}

// Secrets is what identity.Service tells of application passwords, and the journal of one's account.
type Secrets interface {
	Devices(ctx context.Context, account int64) ([]identity.Device, error)
	Journal(ctx context.Context, account int64, limit int) ([]identity.Event, error)
}

// Directory is roster.Service.
type Directory interface {
	Card(ctx context.Context, account int64) (roster.Card, error)
	History(ctx context.Context, who string) ([]history.Event, error)
}

// Letters is submission.Service, as pages write.
type Letters interface {
	Check(ctx context.Context, p identity.Principal, l submission.Letter) (submission.Outlook, error)
	Send(ctx context.Context, p identity.Principal, l submission.Letter) (submission.Outlook, error)

	ToCorrect(ctx context.Context, account int64) ([]submission.ToCorrect, error)
	SendCorrected(ctx context.Context, p identity.Principal, email int64, r submission.Remedy) (delivery.Receipt, error)
}

// People is all that the door needs of who signs in.
type People struct {
	Sessions    Sessions
	SignIn      SignIn
	Activations Activations
	Factors     Factors
	Secrets     Secrets
	Directory   Directory
	Forwards    Forwards
	Frames      Frames
	Keeper      FrameKeeper
	Incidents   Incidents
	Disclosures Disclosures
	Letters     Letters
	Groups      Groups
	Delegations Delegations
	Mailings    Mailings
}
