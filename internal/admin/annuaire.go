package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"navette/internal/annuaire"
	"navette/internal/failure"
	"navette/internal/identity"
)

// The acts on the directory that people search.
const (
	AnnuaireSearch = "search" // for Query; the liste rouge too, which an operator may see
	AnnuaireHide   = "hide"   // Who goes onto the liste rouge
	AnnuaireShow   = "show"   // Who comes off it
)

// AnnuaireAct is one of them.
type AnnuaireAct struct {
	Act   string
	Who   string // login or address
	Query annuaire.Query
}

// annuaireRequest is an act on its way to the server.
type annuaireRequest struct {
	By  identity.By
	Act AnnuaireAct
}

// Annuaire does it.
func (l *Local) Annuaire(ctx context.Context, by identity.By, act AnnuaireAct) ([]string, error) {
	if act.Act == AnnuaireSearch {
		page, err := l.Directory.Search(ctx, annuaire.Asker{Operator: true}, act.Query)
		return entryLines(page), err
	}
	a, err := l.find(ctx, act.Who)
	if err != nil {
		return nil, err
	}
	switch act.Act {
	case AnnuaireHide:
		return []string{fmt.Sprintf("Le compte %s est sur la liste rouge.", a.Login)}, l.Directory.Hide(ctx, by, a.Account)
	case AnnuaireShow:
		return []string{fmt.Sprintf("Le compte %s n'est plus sur la liste rouge.", a.Login)}, l.Directory.Show(ctx, by, a.Account)
	}
	return nil, failure.New(failure.NotFound, "no such operation")
}

// entryLines gives a line for each entry: name, address, functions, guarantee.
func entryLines(page annuaire.Page) []string {
	var lines []string
	for _, e := range page.Entries {
		var does []string
		for _, f := range e.Functions {
			does = append(does, functionLine(f))
		}
		line := strings.Join([]string{e.Name, e.Address, strings.Join(does, " ; "), e.Guarantee.Sentence()}, "\t")
		if e.Hidden {
			line += "\tLISTE ROUGE : ne pas communiquer"
		}
		lines = append(lines, line)
	}
	if page.Next != "" {
		lines = append(lines, "… il y en a d'autres : préciser la recherche, ou --limit")
	}
	return lines
}

// functionLine is « Principal, Collège Jacques-Prévert (0759001B), à compter du 01/11/2026 ».
func functionLine(f annuaire.Function) string {
	var parts []string
	for _, part := range []string{f.Title, f.Establishment.Name} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	line := strings.Join(parts, ", ")
	if f.Establishment.UAI != "" {
		line += " (" + f.Establishment.UAI + ")"
	}
	if !f.From.IsZero() {
		line += ", à compter du " + f.From.French()
	}
	return line
}

func (s *Server) annuaire(w http.ResponseWriter, r *http.Request) {
	out := newStream(w)
	var req annuaireRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&req); err != nil {
		out.end(nil, failure.Wrap(failure.Permanent, err, "request not understood"))
		return
	}
	lines, err := s.ops.Annuaire(r.Context(), req.By, req.Act)
	if err == nil && len(lines) > 0 {
		err = out.send(event{Lines: lines})
	}
	out.end(nil, err)
}

// Annuaire does it there.
func (c *Client) Annuaire(ctx context.Context, by identity.By, act AnnuaireAct) ([]string, error) {
	return c.lines(ctx, "/annuaire", annuaireRequest{By: by, Act: act})
}
