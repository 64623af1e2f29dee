package webd

import (
	"context"
	"net/http"
	"strconv"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/reach"
	"navette/internal/session"
)

// Delegations is reach.Service, as far as heads use it.
type Delegations interface {
	Delegations(ctx context.Context, by reach.Actor, uai string) ([]reach.Delegation, error)
	Delegate(ctx context.Context, by reach.Actor, d reach.Delegation) (int64, error)
	Withdraw(ctx context.Context, by reach.Actor, id int64) error
	FindPerson(ctx context.Context, name string) (int64, error)
	FindDivision(ctx context.Context, uai, name string) (int64, error)
}

// routeDelegations routes what heads do so that replacements can write to families.
func (s *Server) routeDelegations(mux *http.ServeMux) {
	mux.Handle("GET /api/schools/{uai}/delegations", s.mine(s.showDelegations))
	mux.Handle("POST /api/schools/{uai}/delegations", s.owned(s.delegate))
	mux.Handle("DELETE /api/schools/{uai}/delegations/{id}", s.owned(s.withdraw))
}

// DelegationLine is a delegation that is not over. Days are ISO 8601.
type DelegationLine struct {
	ID       int64  `json:"id"`
	Receiver string `json:"receiver"` // « Ana DUPONT »
	Of       string `json:"of"`       // the teacher's name, or that of the class or group
	From     string `json:"from"`
	To       string `json:"to"`
	GivenBy  string `json:"given_by"`
}

func (s *Server) showDelegations(ctx context.Context, v *visit, who session.Session) (any, error) {
	list, err := s.cfg.People.Delegations.Delegations(ctx, reach.AsHead(who.Principal.Account, ""), v.r.PathValue("uai"))
	if err != nil {
		return nil, err
	}
	out := []DelegationLine{}
	for _, d := range list {
		out = append(out, DelegationLine{d.ID, d.ReceiverName, d.Of, d.From.String(), d.To.String(), d.GivenBy})
	}
	return out, nil
}

// DelegationRequest asks for a delegation: of a teacher's classes and groups, or of one.
type DelegationRequest struct {
	Receiver string `json:"receiver"` // login or address
	Teacher  string `json:"teacher"`  // the same, or ""
	Division string `json:"division"` // « 4E3 », « groupe 4ALL2 », or ""
	From     string `json:"from"`     // ISO 8601
	To       string `json:"to"`
	Reason   string `json:"reason"`
}

// DelegationAnswer is what was made.
type DelegationAnswer struct {
	ID int64 `json:"id"`
}

func (s *Server) delegate(ctx context.Context, v *visit, head identity.Owner) (any, error) {
	body, err := read[DelegationRequest](v)
	if err != nil {
		return nil, err
	}
	d := reach.Delegation{UAI: v.r.PathValue("uai")}
	if err := s.nameDelegation(ctx, &d, body); err != nil {
		return nil, err
	}
	id, err := s.cfg.People.Delegations.Delegate(ctx, reach.AsHead(head.Account, body.Reason), d)
	return DelegationAnswer{id}, err
}

// nameDelegation finds whom and what a request names.
func (s *Server) nameDelegation(ctx context.Context, d *reach.Delegation, body DelegationRequest) (err error) {
	find := s.cfg.People.Delegations
	if d.Receiver, err = find.FindPerson(ctx, body.Receiver); err != nil {
		return err
	}
	if body.Teacher != "" {
		if d.Teacher, err = find.FindPerson(ctx, body.Teacher); err != nil {
			return err
		}
	}
	if body.Division != "" {
		if d.Division, err = find.FindDivision(ctx, d.UAI, body.Division); err != nil {
			return err
		}
	}
	if d.From, err = directory.ParseDate(body.From); err == nil {
		d.To, err = directory.ParseDate(body.To)
	}
	if err != nil {
		return failure.Wrap(failure.Policy, err, "une délégation a un premier et un dernier jour / a delegation has a first and a last day")
	}
	return nil
}

func (s *Server) withdraw(ctx context.Context, v *visit, head identity.Owner) (any, error) {
	id, err := strconv.ParseInt(v.r.PathValue("id"), 10, 64)
	if err != nil {
		return nil, refuse(http.StatusNotFound, "not-found")
	}
	return nil, s.cfg.People.Delegations.Withdraw(ctx, reach.AsHead(head.Account, "page de l'établissement"), id)
}
