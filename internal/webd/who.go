package webd

import (
	"context"
	"errors"
	"net/http"

	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/session"
)

// hasSession tells whether a request bears a session that holds.
func (s *Server) hasSession(r *http.Request) bool {
	token := cookie(r, sessionCookie)
	if token == "" || s.cfg.People == nil {
		return false
	}
	_, err := s.cfg.People.Sessions.Check(r.Context(), token)
	return err == nil
}

// client is the browser of a visit, as services know it.
func (v *visit) client(shared bool) session.Client {
	return session.Client{Peer: v.peer, Agent: v.r.UserAgent(), Device: cookie(v.r, deviceCookie), Session: cookie(v.r, sessionCookie), Shared: shared}
}

// errSignedOut is what everything answers that needs a session and has none.
func errSignedOut() error { return refuse(http.StatusUnauthorized, "signed-out") }

// mine serves an act of somebody who is signed in.
func (s *Server) mine(do func(ctx context.Context, v *visit, who session.Session) (any, error)) http.Handler {
	return s.open(func(ctx context.Context, v *visit) (any, error) {
		token := cookie(v.r, sessionCookie)
		if token == "" {
			return nil, errSignedOut()
		}
		who, err := s.cfg.People.Sessions.Check(ctx, token)
		if failure.Is(err, failure.Denied) {
			dropCookie(v.w, sessionCookie)
			return nil, errSignedOut()
		}
		if err != nil {
			return nil, err
		}
		return do(ctx, v, who)
	})
}

// owned serves a change of one's own account: its owner must have proved lately who they are, and have the second factor
// that is due.
func (s *Server) owned(do ownerAct) http.Handler {
	return s.mine(func(ctx context.Context, v *visit, who session.Session) (any, error) {
		owner, err := ownerOf(who)
		if err != nil {
			return nil, err
		}
		return do(ctx, v, owner)
	})
}

// enrolling is owned for what makes the second factor that is due.
func (s *Server) enrolling(do ownerAct) http.Handler {
	return s.mine(func(ctx context.Context, v *visit, who session.Session) (any, error) {
		owner, err := provedOf(who)
		if err != nil {
			return nil, err
		}
		return do(ctx, v, owner)
	})
}

// ownerOf gives the owner of a session for any change: provedOf, and nothing before the second factor that is due.
func ownerOf(who session.Session) (identity.Owner, error) {
	if who.MustEnrol {
		return identity.Owner{}, failure.New(failure.Denied, "Ajoutez d'abord un second facteur : le délai est passé. / Add a second factor first: the time to do without is over.")
	}
	return provedOf(who)
}

// provedOf asks for a step-up where the proof is too old.
func provedOf(who session.Session) (identity.Owner, error) {
	owner, err := who.Owner()
	if errors.Is(err, session.ErrStepUp) {
		return owner, refuse(http.StatusForbidden, "step-up")
	}
	return owner, err
}

// activating serves a change of an account that is being activated.
func (s *Server) activating(do ownerAct) http.Handler {
	return s.open(func(ctx context.Context, v *visit) (any, error) {
		state, err := s.cfg.People.Activations.State(ctx, cookie(v.r, activationCookie))
		if err != nil {
			return nil, activationProblem(v, err)
		}
		return do(ctx, v, state.Owner)
	})
}
