package webd

import (
	"context"
	"net/http"

	"navette/internal/forward"
	"navette/internal/identity"
	"navette/internal/session"
)

// Forwards is forward.Service, as far as holders of accounts use it.
type Forwards interface {
	Of(ctx context.Context, account int64) (f forward.Forward, found bool, err error)
	SetOwn(ctx context.Context, owner identity.Owner, target string) error
	ClearOwn(ctx context.Context, owner identity.Owner) error
}

// routeForward routes the automatic forwarding of one's own mail.
func (s *Server) routeForward(mux *http.ServeMux) {
	mux.Handle("GET /api/forward", s.mine(s.showForward))
	mux.Handle("PUT /api/forward", s.owned(s.setForward))
}

// ForwardInfo is where one's mail is copied to.
type ForwardInfo struct {
	Target    string `json:"target"`  // address; "" for nowhere
	Outside   bool   `json:"outside"` // of the académie, as an exception or for the time of the notice
	Until     string `json:"until"`   // the last day, ISO 8601; "" for none
	Forwarded int64  `json:"forwarded"`
	Withheld  int64  `json:"withheld"` // messages of families, which do not leave
}

func (s *Server) showForward(ctx context.Context, _ *visit, who session.Session) (any, error) {
	f, found, err := s.cfg.People.Forwards.Of(ctx, who.Principal.Account)
	if err != nil || !found {
		return ForwardInfo{}, err
	}
	out := ForwardInfo{Target: f.Target, Outside: f.Outside, Forwarded: f.Forwarded, Withheld: f.Withheld}
	if !f.Until.IsZero() {
		out.Until = f.Until.String()
	}
	return out, nil
}

// ForwardRequest asks for a forward, "" for none.
type ForwardRequest struct {
	Target string `json:"target"`
}

func (s *Server) setForward(ctx context.Context, v *visit, owner identity.Owner) (any, error) {
	body, err := read[ForwardRequest](v)
	if err != nil {
		return nil, err
	}
	if body.Target == "" {
		return nil, s.cfg.People.Forwards.ClearOwn(ctx, owner)
	}
	return nil, s.cfg.People.Forwards.SetOwn(ctx, owner, body.Target)
}
