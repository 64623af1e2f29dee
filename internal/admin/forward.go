package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/forward"
	"navette/internal/identity"
)

// The acts on automatic forwarding.
const (
	ForwardList   = "list"   // every forward
	ForwardSet    = "set"    // Who's mail goes to Target, outside until Until
	ForwardClear  = "clear"  // Who's mail goes nowhere
	ForwardImport = "import" // File is the inventory of the former system; Dry writes nothing
)

// ForwardAct is one of them.
type ForwardAct struct {
	Act    string
	Who    string // login or address
	Target string
	Until  directory.Date
	File   string
	Dry    bool
}

// forwardRequest is an act on its way to the server.
type forwardRequest struct {
	By  identity.By
	Act ForwardAct
}

// Forward does it.
func (l *Local) Forward(ctx context.Context, by identity.By, act ForwardAct) ([]string, error) {
	switch act.Act {
	case ForwardList:
		list, err := l.Forwards.List(ctx)
		return forwardLines(list), err
	case ForwardImport:
		report, err := l.Forwards.Import(ctx, by, strings.NewReader(act.File), act.Dry)
		return inventoryLines(report, act.Dry), err
	}
	a, err := l.find(ctx, act.Who)
	if err != nil {
		return nil, err
	}
	switch act.Act {
	case ForwardSet:
		return []string{fmt.Sprintf("Le courrier de %s est transféré.", a.Login)}, l.Forwards.Set(ctx, by, a.Account, act.Target, act.Until)
	case ForwardClear:
		return []string{fmt.Sprintf("Le courrier de %s n'est plus transféré.", a.Login)}, l.Forwards.Clear(ctx, by, a.Account)
	}
	return nil, failure.New(failure.NotFound, "no such operation")
}

// forwardLines gives a line for each: login, target, basis, last day, how many were copied and how many stayed.
func forwardLines(list []forward.Line) (lines []string) {
	for _, f := range list {
		where, until := "académie", "sans fin"
		if f.Outside {
			where = "EXTÉRIEUR"
		}
		if !f.Until.IsZero() {
			until = "jusqu'au " + f.Until.French()
		}
		lines = append(lines, fmt.Sprintf("%s\t%s\t%s\t%s\t%s\t%d transférés, %d retenus", f.Login, where, f.Shown(), basisFrench(f.Basis), until, f.Forwarded, f.Withheld))
	}
	return lines
}

func basisFrench(b forward.Basis) string {
	switch b {
	case forward.Own:
		return "choix de l'agent"
	case forward.Exception:
		return "exception"
	}
	return "ancienne messagerie"
}

func inventoryLines(r forward.Report, dry bool) []string {
	verb := "Repris"
	if dry {
		verb = "À reprendre"
	}
	lines := []string{fmt.Sprintf("%s : %d dans l'académie, %d à l'extérieur pour %d jours ; %d déjà connus ; %d refusés.",
		verb, r.Inside, r.Outside, forward.NoticeDays, r.Known, len(r.Rejected))}
	for _, one := range r.Rejected {
		lines = append(lines, fmt.Sprintf("ligne %d\t%s\t%s", one.Line, one.Login, one.Why))
	}
	return lines
}

// maxInventory bounds an inventory on its way to the server, in octets.
const maxInventory = 64 << 20

func (s *Server) forward(w http.ResponseWriter, r *http.Request) {
	out := newStream(w)
	var req forwardRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxInventory)).Decode(&req); err != nil {
		out.end(nil, failure.Wrap(failure.Permanent, err, "request not understood"))
		return
	}
	lines, err := s.ops.Forward(r.Context(), req.By, req.Act)
	if err == nil && len(lines) > 0 {
		err = out.send(event{Lines: lines})
	}
	out.end(nil, err)
}

// Forward does it there.
func (c *Client) Forward(ctx context.Context, by identity.By, act ForwardAct) ([]string, error) {
	return c.lines(ctx, "/forward", forwardRequest{By: by, Act: act})
}
