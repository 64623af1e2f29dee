package webd

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"navette/internal/factor"
	"navette/internal/failure"
	"navette/internal/session"
	"navette/internal/signin"
)

func (s *Server) routeSignIn(mux *http.ServeMux) {
	mux.Handle("GET /api/session", s.mine(s.showSession))
	mux.Handle("POST /api/session", s.open(s.signIn))
	mux.Handle("POST /api/session/code", s.open(s.signInByCode))
	mux.Handle("POST /api/session/passkey-options", s.open(s.passkeyOptions))
	mux.Handle("POST /api/session/passkey", s.open(s.signInByPasskey))
	mux.Handle("DELETE /api/session", s.open(s.signOut))
	mux.Handle("POST /api/session/step-up-options", s.mine(s.stepUpOptions))
	mux.Handle("POST /api/session/step-up", s.mine(s.stepUp))
}

// SessionInfo is who is signed in.
type SessionInfo struct {
	Login     string    `json:"login"`
	Display   string    `json:"display"`
	Created   time.Time `json:"created"`
	MustEnrol bool      `json:"must_enrol"` // a second factor is due before anything else
}

func (s *Server) showSession(_ context.Context, _ *visit, who session.Session) (any, error) {
	p := who.Principal
	return SessionInfo{Login: p.Login, Display: p.Display, Created: who.Created, MustEnrol: who.MustEnrol}, nil
}

// SignInRequest is the first step of a sign-in.
type SignInRequest struct {
	Login    string `json:"login"`
	Password string `json:"password"`
	Shared   bool   `json:"shared"` // « ordinateur partagé »
}

// SignInAnswer is what a step of a sign-in gave: signed in, or what is asked for next.
type SignInAnswer struct {
	SignedIn bool          `json:"signed_in"`
	Ticket   string        `json:"ticket"`    // for the next step
	Methods  []factor.Kind `json:"methods"`   // passkey, totp, grid; a recovery code always works
	GridAsks []string      `json:"grid_asks"` // cells of the grid, as "B3"
}

func (s *Server) signIn(ctx context.Context, v *visit) (any, error) {
	body, err := read[SignInRequest](v)
	if err != nil {
		return nil, err
	}
	outcome, err := s.cfg.People.SignIn.Password(ctx, v.client(body.Shared), body.Login, body.Password)
	return s.outcome(v, outcome, err)
}

// CodeRequest is the second step of a sign-in, with exactly one of the three codes.
type CodeRequest struct {
	Ticket   string `json:"ticket"`
	TOTP     string `json:"totp"`
	Grid     string `json:"grid"`
	Recovery string `json:"recovery"`
	Remember bool   `json:"remember"` // this browser is not asked again for a time
	Shared   bool   `json:"shared"`
}

func (s *Server) signInByCode(ctx context.Context, v *visit) (any, error) {
	body, err := read[CodeRequest](v)
	if err != nil {
		return nil, err
	}
	answer := signin.Answer{TOTP: body.TOTP, Grid: body.Grid, Recovery: body.Recovery}
	outcome, err := s.cfg.People.SignIn.Code(ctx, v.client(body.Shared), body.Ticket, answer, body.Remember && !body.Shared)
	return s.outcome(v, outcome, err)
}

// TicketRequest names what was proved so far; "" for nothing.
type TicketRequest struct {
	Ticket string `json:"ticket"`
}

// ChallengeAnswer begins a use of a passkey.
type ChallengeAnswer struct {
	Ticket  string          `json:"ticket"`
	Options json.RawMessage `json:"options"` // {"publicKey": …} of WebAuthn, as JSON
}

func (s *Server) passkeyOptions(ctx context.Context, v *visit) (any, error) {
	body, err := read[TicketRequest](v)
	if err != nil {
		return nil, err
	}
	c, err := s.cfg.People.SignIn.PasskeyOptions(ctx, v.client(false), body.Ticket)
	return ChallengeAnswer{c.Ticket, c.Options}, err
}

// PasskeyRequest answers a challenge.
type PasskeyRequest struct {
	Ticket   string          `json:"ticket"`
	Response json.RawMessage `json:"response"` // of WebAuthn, as JSON
	Remember bool            `json:"remember"`
	Shared   bool            `json:"shared"`
}

func (s *Server) signInByPasskey(ctx context.Context, v *visit) (any, error) {
	body, err := read[PasskeyRequest](v)
	if err != nil {
		return nil, err
	}
	outcome, err := s.cfg.People.SignIn.Passkey(ctx, v.client(body.Shared), body.Ticket, body.Response, body.Remember && !body.Shared)
	return s.outcome(v, outcome, err)
}

// outcome gives the browser its session, or the page what is asked for next.
func (s *Server) outcome(v *visit, o signin.Outcome, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	if o.Tokens.Session == "" {
		return SignInAnswer{Ticket: o.Ticket, Methods: append([]factor.Kind{}, o.Methods...), GridAsks: append([]string{}, o.GridAsks...)}, nil
	}
	s.giveTokens(v, o.Tokens)
	return SignInAnswer{SignedIn: true, Methods: []factor.Kind{}, GridAsks: []string{}}, nil
}

// giveTokens puts a session into cookies. Its own ends with the browser at the latest: schools share computers.
func (s *Server) giveTokens(v *visit, t session.Tokens) {
	setCookie(v.w, sessionCookie, t.Session, time.Time{})
	if t.Device != "" {
		setCookie(v.w, deviceCookie, t.Device, s.cfg.Now().Add(deviceLife))
	}
}

// signOut ends the session on the server: a cookie that was stolen before is worth nothing after.
func (s *Server) signOut(ctx context.Context, v *visit) (any, error) {
	if token := cookie(v.r, sessionCookie); token != "" {
		if err := s.cfg.People.Sessions.End(ctx, token); err != nil && !failure.Is(err, failure.Denied) {
			return nil, err
		}
	}
	dropCookie(v.w, sessionCookie)
	dropCookie(v.w, activationCookie)
	return nil, nil
}

// StepUpOptions is how somebody who is signed in may prove once more who they are: by password alone where there is no
// method.
type StepUpOptions struct {
	Methods  []factor.Kind    `json:"methods"`   // each once
	Passkey  *ChallengeAnswer `json:"passkey"`   // null without a passkey
	GridAsks []string         `json:"grid_asks"` // cells of the grid, as "B3"
}

func (s *Server) stepUpOptions(ctx context.Context, v *visit, who session.Session) (any, error) {
	account := who.Principal.Account
	protection, err := s.cfg.People.Factors.Of(ctx, account)
	if err != nil {
		return nil, err
	}
	answer := StepUpOptions{Methods: []factor.Kind{}, GridAsks: []string{}}
	for _, f := range protection.Factors {
		if slices.Contains(answer.Methods, f.Kind) {
			continue
		}
		answer.Methods = append(answer.Methods, f.Kind)
		switch f.Kind {
		case factor.KindPasskey:
			var c signin.Challenge
			c, err = s.cfg.People.SignIn.StepUpOptions(ctx, v.client(false), who)
			answer.Passkey = &ChallengeAnswer{c.Ticket, c.Options}
		case factor.KindGrid:
			answer.GridAsks, err = s.cfg.People.Factors.GridAsks(ctx, account)
		}
		if err != nil {
			return nil, err
		}
	}
	return answer, nil
}

// StepUpRequest proves who one is; exactly one field is set, and Ticket with Passkey.
type StepUpRequest struct {
	Password string          `json:"password"`
	TOTP     string          `json:"totp"`
	Grid     string          `json:"grid"`
	Recovery string          `json:"recovery"`
	Passkey  json.RawMessage `json:"passkey"`
	Ticket   string          `json:"ticket"`
}

func (s *Server) stepUp(ctx context.Context, v *visit, _ session.Session) (any, error) {
	body, err := read[StepUpRequest](v)
	if err != nil {
		return nil, err
	}
	answer := signin.Answer{Password: body.Password, TOTP: body.TOTP, Grid: body.Grid, Recovery: body.Recovery, Ticket: body.Ticket}
	if string(body.Passkey) != "null" {
		answer.Passkey = body.Passkey
	}
	token, err := s.cfg.People.SignIn.StepUp(ctx, v.client(false), cookie(v.r, sessionCookie), answer)
	if err != nil {
		return nil, err
	}
	setCookie(v.w, sessionCookie, token, time.Time{})
	return nil, nil
}
