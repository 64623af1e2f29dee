package webd

import (
	"context"
	"net/http"
	"time"

	"navette/internal/identity"
	"navette/internal/session"
)

// routeSchool routes what heads of establishments do for their agents.
func (s *Server) routeSchool(mux *http.ServeMux) {
	mux.Handle("GET /api/school/waiting", s.mine(s.showWaiting))
	mux.Handle("POST /api/school/sheets", s.owned(s.makeSheet))
}

// WaitingLine is an agent of the head's who has not activated their account.
type WaitingLine struct {
	Login      string     `json:"login"`
	Display    string     `json:"display"`
	UAI        string     `json:"uai"`
	School     string     `json:"school"`
	Starts     string     `json:"starts"`      // ISO 8601
	NumenUntil *time.Time `json:"numen_until"` // null: no NUMEN opens
	SheetUntil *time.Time `json:"sheet_until"` // null: no sheet opens
}

func (s *Server) showWaiting(ctx context.Context, _ *visit, who session.Session) (any, error) {
	waiting, err := s.cfg.People.Activations.WaitingFor(ctx, who.Principal.Account)
	if err != nil {
		return nil, err
	}
	out := []WaitingLine{}
	for _, w := range waiting {
		out = append(out, WaitingLine{w.Login, w.Display, w.UAI, w.School, w.Starts, optional(w.NumenUntil), optional(w.SheetUntil)})
	}
	return out, nil
}

// SheetRequest names whom a sheet is for.
type SheetRequest struct {
	Login string `json:"login"`
}

// SheetAnswer is a sheet that is shown once.
type SheetAnswer struct {
	Login   string    `json:"login"`
	Display string    `json:"display"`
	Code    string    `json:"code"`
	Expires time.Time `json:"expires"`
}

func (s *Server) makeSheet(ctx context.Context, v *visit, head identity.Owner) (any, error) {
	body, err := read[SheetRequest](v)
	if err != nil {
		return nil, err
	}
	sheet, err := s.cfg.People.Activations.MakeSheetAsHead(ctx, head, body.Login)
	return SheetAnswer{sheet.Login, sheet.Display, sheet.Code, sheet.Expires}, err
}
