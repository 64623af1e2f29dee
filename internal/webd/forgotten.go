package webd

import (
	"context"
	"net/http"
)

func (s *Server) routeForgotten(mux *http.ServeMux) {
	mux.Handle("POST /api/forgotten", s.open(s.forgot))
	mux.Handle("POST /api/forgotten/code", s.open(s.forgotCode))
	mux.Handle("POST /api/forgotten/passkey-options", s.open(s.forgotPasskeyOptions))
	mux.Handle("POST /api/forgotten/passkey", s.open(s.forgotPasskey))
	mux.Handle("POST /api/forgotten/reset", s.open(s.reset))
}

// ForgotRequest says who forgot a password.
type ForgotRequest struct {
	Login string `json:"login"`
}

// TicketAnswer stands for what was proved so far.
type TicketAnswer struct {
	Ticket string `json:"ticket"`
}

// forgot answers the same whoever asks: a code goes out where there is an address to send it to.
func (s *Server) forgot(ctx context.Context, v *visit) (any, error) {
	body, err := read[ForgotRequest](v)
	if err != nil {
		return nil, err
	}
	ticket, err := s.cfg.People.SignIn.Forgot(ctx, v.client(false), body.Login)
	return TicketAnswer{ticket}, err
}

// ForgotCodeRequest proves it by the code that was mailed, or by a recovery code.
type ForgotCodeRequest struct {
	Ticket string `json:"ticket"`
	Code   string `json:"code"`
}

func (s *Server) forgotCode(ctx context.Context, v *visit) (any, error) {
	body, err := read[ForgotCodeRequest](v)
	if err != nil {
		return nil, err
	}
	return nil, s.cfg.People.SignIn.ForgotCode(ctx, v.client(false), body.Ticket, body.Code)
}

func (s *Server) forgotPasskeyOptions(ctx context.Context, v *visit) (any, error) {
	c, err := s.cfg.People.SignIn.ForgotPasskeyOptions(ctx, v.client(false))
	return ChallengeAnswer{c.Ticket, c.Options}, err
}

func (s *Server) forgotPasskey(ctx context.Context, v *visit) (any, error) {
	body, err := read[PasskeyRequest](v)
	if err != nil {
		return nil, err
	}
	ticket, err := s.cfg.People.SignIn.ForgotPasskey(ctx, v.client(false), body.Ticket, body.Response)
	return TicketAnswer{ticket}, err
}

// ResetRequest chooses a new password after all that.
type ResetRequest struct {
	Ticket   string `json:"ticket"`
	Password string `json:"password"`
}

func (s *Server) reset(ctx context.Context, v *visit) (any, error) {
	body, err := read[ResetRequest](v)
	if err != nil {
		return nil, err
	}
	if err := s.cfg.People.SignIn.Reset(ctx, body.Ticket, body.Password); err != nil {
		return nil, err
	}
	dropCookie(v.w, sessionCookie) // every session has ended
	return nil, nil
}
