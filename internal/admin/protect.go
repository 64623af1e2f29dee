package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"navette/internal/activation"
	"navette/internal/failure"
	"navette/internal/identity"
)

// The acts of the help desk on what proves an agent.
const (
	ProtectSheet        = "sheet"         // a one-time code to activate an account with, handed over in person
	ProtectResetFactors = "reset-factors" // every second factor and recovery code off
)

// ProtectAct is one of them.
type ProtectAct struct {
	Act string
	Who string // login or address
}

// protectRequest is an act on its way to the server.
type protectRequest struct {
	By  identity.By
	Act ProtectAct
}

// FactorDesk takes factors off, and makes and revokes application passwords; the owner is told.
type FactorDesk interface {
	Reset(ctx context.Context, by identity.By, account int64) error
	GenerateAppPassword(ctx context.Context, by identity.By, account int64, label string) (identity.AppPassword, error)
	RevokeAppPassword(ctx context.Context, by identity.By, account, id int64) error
}

// SheetMaker makes sheets.
type SheetMaker interface {
	MakeSheet(ctx context.Context, by identity.By, account int64) (activation.Sheet, error)
}

// Protect does it. The code of a sheet is the first line, alone, and nowhere else.
func (l *Local) Protect(ctx context.Context, by identity.By, act ProtectAct) ([]string, error) {
	a, err := l.find(ctx, act.Who)
	if err != nil {
		return nil, err
	}
	switch act.Act {
	case ProtectSheet:
		sheet, err := l.Sheets.MakeSheet(ctx, by, a.Account)
		if err != nil {
			return nil, err
		}
		return []string{sheet.Code, fmt.Sprintf("Code d'activation de %s (identifiant %s), à remettre en main propre, valable une fois jusqu'au %s. Il n'est montré qu'ici.",
			sheet.Display, sheet.Login, shown(sheet.Expires))}, nil
	case ProtectResetFactors:
		return []string{fmt.Sprintf("Les seconds facteurs et codes de secours de %s sont retirés, ses connexions fermées.", a.Login)},
			l.Desk.Reset(ctx, by, a.Account)
	}
	return nil, failure.New(failure.NotFound, "no such operation")
}

// Protect does it there.
func (c *Client) Protect(ctx context.Context, by identity.By, act ProtectAct) ([]string, error) {
	return c.lines(ctx, "/protect", protectRequest{By: by, Act: act})
}

func (s *Server) protect(w http.ResponseWriter, r *http.Request) {
	out := newStream(w)
	var req protectRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&req); err != nil {
		out.end(nil, failure.Wrap(failure.Permanent, err, "request not understood"))
		return
	}
	lines, err := s.ops.Protect(r.Context(), req.By, req.Act)
	if err == nil && len(lines) > 0 {
		err = out.send(event{Lines: lines})
	}
	out.end(nil, err)
}
