package webd

import (
	"context"
	"net/http"
	"time"

	"navette/internal/activation"
	"navette/internal/failure"
)

func (s *Server) routeActivation(mux *http.ServeMux) {
	mux.Handle("POST /api/activation", s.open(s.beginActivation))
	mux.Handle("GET /api/activation", s.open(s.showActivation))
	mux.Handle("DELETE /api/activation", s.open(s.leaveActivation))
	mux.Handle("POST /api/activation/password", s.open(s.choosePassword))
	mux.Handle("POST /api/activation/later", s.open(s.protectLater))
	mux.Handle("POST /api/activation/recovery-codes", s.open(s.activationCodes))
	mux.Handle("POST /api/activation/finish", s.open(s.finishActivation))
	s.routeFactors(mux, "/api/activation/", s.activating, s.activating)
}

// ActivationRequest is what somebody types to activate an account: NUMEN and birth date, or the code of a sheet.
type ActivationRequest struct {
	Login     string `json:"login"`
	NUMEN     string `json:"numen"`
	BirthDate string `json:"birth_date"` // JJ/MM/AAAA or ISO 8601
	Sheet     string `json:"sheet"`
}

// ActivationState is where an activation stands.
type ActivationState struct {
	Step       activation.Step `json:"step"` // 2 to 5, as the pages number them
	Login      string          `json:"login"`
	Display    string          `json:"display"`
	Exempt     bool            `json:"exempt"` // « Plus tard » has no date
	Due        *time.Time      `json:"due"`    // the date of « Plus tard »
	Protection Protection      `json:"protection"`
}

func (s *Server) beginActivation(ctx context.Context, v *visit) (any, error) {
	body, err := read[ActivationRequest](v)
	if err != nil {
		return nil, err
	}
	token, err := s.cfg.People.Activations.Begin(ctx, v.client(false),
		activation.Claim{Login: body.Login, NUMEN: body.NUMEN, BirthDate: body.BirthDate, Sheet: body.Sheet})
	if err != nil {
		return nil, err
	}
	setCookie(v.w, activationCookie, token, time.Time{})
	return s.activationState(ctx, token)
}

func (s *Server) activationState(ctx context.Context, token string) (any, error) {
	state, err := s.cfg.People.Activations.State(ctx, token)
	if err != nil {
		return nil, err
	}
	return ActivationState{Step: state.Step, Login: state.Owner.Login, Display: state.Owner.Display, Exempt: state.Exempt, Due: optional(state.Due),
		Protection: protectionOf(state.Protection)}, nil
}

// activationProblem tells a page to begin again where an activation is over.
func activationProblem(v *visit, err error) error {
	if !failure.Is(err, failure.Denied) {
		return err
	}
	dropCookie(v.w, activationCookie)
	return refuse(http.StatusUnauthorized, "no-activation")
}

// step runs one step of the activation that the browser's cookie names, and answers with where it stands then.
func (s *Server) step(ctx context.Context, v *visit, do func(token string) error) (any, error) {
	token := cookie(v.r, activationCookie)
	if token == "" {
		return nil, refuse(http.StatusUnauthorized, "no-activation")
	}
	if err := do(token); err != nil {
		return nil, activationProblem(v, err)
	}
	state, err := s.activationState(ctx, token)
	if err != nil {
		return nil, activationProblem(v, err)
	}
	return state, nil
}

func (s *Server) showActivation(ctx context.Context, v *visit) (any, error) {
	return s.step(ctx, v, func(string) error { return nil })
}

// leaveActivation forgets an activation that is not to go on in this browser.
func (s *Server) leaveActivation(_ context.Context, v *visit) (any, error) {
	dropCookie(v.w, activationCookie)
	return nil, nil
}

// PasswordRequest chooses a password.
type PasswordRequest struct {
	Password string `json:"password"`
}

func (s *Server) choosePassword(ctx context.Context, v *visit) (any, error) {
	body, err := read[PasswordRequest](v)
	if err != nil {
		return nil, err
	}
	return s.step(ctx, v, func(token string) error { return s.cfg.People.Activations.Choose(ctx, token, body.Password) })
}

func (s *Server) protectLater(ctx context.Context, v *visit) (any, error) {
	return s.step(ctx, v, func(token string) error { return s.cfg.People.Activations.Later(ctx, token) })
}

// CodesAnswer is recovery codes, shown once.
type CodesAnswer struct {
	Codes []string `json:"codes"`
}

func (s *Server) activationCodes(ctx context.Context, v *visit) (any, error) {
	codes, err := s.cfg.People.Activations.Codes(ctx, cookie(v.r, activationCookie))
	if err != nil {
		return nil, activationProblem(v, err)
	}
	return CodesAnswer{codes}, nil
}

func (s *Server) finishActivation(ctx context.Context, v *visit) (any, error) {
	tokens, err := s.cfg.People.Activations.Finish(ctx, cookie(v.r, activationCookie), v.client(false))
	if err != nil {
		return nil, activationProblem(v, err)
	}
	dropCookie(v.w, activationCookie)
	s.giveTokens(v, tokens)
	return nil, nil
}

// optional is nil for the zero time, which JSON would write as the year 1.
func optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
