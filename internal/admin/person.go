package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/roster"
)

// The acts on records of people.
const (
	PersonMerge   = "merge"   // A and B are one person: B becomes part of A
	PersonSplit   = "split"   // A is two people: Person goes out of it with Functions
	PersonSponsor = "sponsor" // A, a login, vouches for Person at UAI
	PersonDied    = "died"    // A, a login or an address, died on Day
	PersonTwins   = "twins"   // which records may be one person?
)

// PersonAct is one of them.
type PersonAct struct {
	Act       string
	A, B      string
	Person    directory.Person
	UAI       string
	Day       directory.Date
	Functions []int64
	Reference string
}

// personRequest is an act on its way to the server.
type personRequest struct {
	By  identity.By
	Act PersonAct
}

// Person does it; who directs an establishment may change with it, and so who owns its box.
func (l *Local) Person(ctx context.Context, by identity.By, act PersonAct) ([]string, error) {
	lines, err := l.person(ctx, by, act)
	if err != nil || act.Act == PersonTwins {
		return lines, err
	}
	_, err = l.Boxes.Refresh(ctx)
	return lines, err
}

func (l *Local) person(ctx context.Context, by identity.By, act PersonAct) ([]string, error) {
	switch act.Act {
	case PersonMerge:
		if err := l.Career.Merge(ctx, by, act.A, act.B, act.Reference); err != nil {
			return nil, err
		}
		return []string{fmt.Sprintf("La fiche %s fait partie de la fiche %s.", act.B, act.A)}, l.Identity.Poll(ctx)
	case PersonSplit:
		h, err := l.Roster.Split(ctx, by, roster.Splitting{From: act.A, Person: act.Person, Functions: act.Functions, Reference: act.Reference})
		return made(h, err)
	case PersonSponsor:
		h, err := l.Roster.Sponsor(ctx, by, roster.Sponsorship{Sponsor: act.A, Person: act.Person, UAI: act.UAI, Until: act.Day})
		return made(h, err)
	case PersonDied:
		a, err := l.find(ctx, act.A)
		if err != nil {
			return nil, err
		}
		if err := l.Career.Died(ctx, by, a.Account, act.Day, act.Reference); err != nil {
			return nil, err
		}
		return []string{fmt.Sprintf("Décès enregistré : le compte %s est fermé à tous.", a.Login)}, l.Identity.Poll(ctx)
	case PersonTwins:
		twins, err := l.Career.FindTwins(ctx)
		var lines []string
		for _, t := range twins {
			lines = append(lines, fmt.Sprintf("%s et %s : même date de naissance, même nom, même prénom", t.A, t.B))
		}
		return lines, err
	}
	return nil, failure.New(failure.NotFound, "no such operation")
}

func made(h roster.Holder, err error) ([]string, error) {
	if err != nil {
		return nil, err
	}
	return []string{fmt.Sprintf("Compte %s, adresse %s, id_rh %s.", h.Login, h.Address, h.HRID)}, nil
}

func (s *Server) person(w http.ResponseWriter, r *http.Request) {
	out := newStream(w)
	var req personRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&req); err != nil {
		out.end(nil, failure.Wrap(failure.Permanent, err, "request not understood"))
		return
	}
	lines, err := s.ops.Person(r.Context(), req.By, req.Act)
	if err == nil && len(lines) > 0 {
		err = out.send(event{Lines: lines})
	}
	out.end(nil, err)
}
