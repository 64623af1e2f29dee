package webd

import (
	"context"
	"net/http"
	"strconv"

	"navette/internal/group"
	"navette/internal/guard"
	"navette/internal/session"
)

// Groups is group.Service, as far as whoever writes uses it.
type Groups interface {
	For(ctx context.Context, account int64, words string) ([]group.Listed, error)
	FindPupils(ctx context.Context, account int64, words string) ([]group.Pupil, error)
	People(ctx context.Context, v group.Viewer, id int64) ([]group.Line, error)
}

// routeGroups routes what somebody may write to without knowing an address.
func (s *Server) routeGroups(mux *http.ServeMux) {
	mux.Handle("GET /api/groups", s.mine(s.showGroups))
	mux.Handle("GET /api/groups/{id}/people", s.mine(s.showPeople))
	mux.Handle("GET /api/pupils", s.mine(s.findPupils))
}

// GroupLine is a computed group that one may write to.
type GroupLine struct {
	ID      int64  `json:"id"`
	Name    string `json:"name"` // « Parents de la 4e3 »
	Address string `json:"address"`
	UAI     string `json:"uai"`
	Holds   string `json:"holds"`   // "staff", "guardians" or "pupils"
	Members int    `json:"members"` // people in it
	Without int    `json:"without"` // of whom no address is known
}

func groupLine(g group.Group, c group.Count) GroupLine {
	holds := map[guard.Holds]string{guard.Staff: "staff", guard.Guardians: "guardians", guard.Pupils: "pupils"}
	return GroupLine{ID: g.ID, Name: g.Name, Address: g.Address, UAI: g.UAI, Holds: holds[g.Kind.Holds()], Members: c.Members, Without: c.Without}
}

func (s *Server) showGroups(ctx context.Context, v *visit, who session.Session) (any, error) {
	list, err := s.cfg.People.Groups.For(ctx, who.Principal.Account, v.r.URL.Query().Get("q"))
	if err != nil {
		return nil, err
	}
	out := []GroupLine{}
	for _, g := range list {
		out = append(out, groupLine(g.Group, g.Count))
	}
	return out, nil
}

// PupilLine is a pupil found, with the group of who answers for them.
type PupilLine struct {
	Pupil   string    `json:"pupil"` // « Léa DUPONT »
	Classes []string  `json:"classes"`
	Label   string    `json:"label"` // « Responsables de Léa D. (4e3) — 2 personnes »
	Group   GroupLine `json:"group"`
}

func (s *Server) findPupils(ctx context.Context, v *visit, who session.Session) (any, error) {
	found, err := s.cfg.People.Groups.FindPupils(ctx, who.Principal.Account, v.r.URL.Query().Get("q"))
	if err != nil {
		return nil, err
	}
	out := []PupilLine{}
	for _, p := range found {
		out = append(out, PupilLine{p.Name, append([]string{}, p.Classes...), p.French(), groupLine(p.Group, p.Count)})
	}
	return out, nil
}

// GroupPerson is somebody in a group.
type GroupPerson struct {
	Name    string   `json:"name"`
	Address string   `json:"address"` // of staff; of others for who maintains addresses; else ""
	Reached bool     `json:"reached"` // an address is known
	Pupils  []string `json:"pupils"`  // of a guardian: for whom
}

func (s *Server) showPeople(ctx context.Context, v *visit, who session.Session) (any, error) {
	id, err := strconv.ParseInt(v.r.PathValue("id"), 10, 64)
	if err != nil {
		return nil, refuse(http.StatusNotFound, "not-found")
	}
	people, err := s.cfg.People.Groups.People(ctx, group.As(who.Principal.Account), id)
	if err != nil {
		return nil, err
	}
	out := []GroupPerson{}
	for _, p := range people {
		out = append(out, GroupPerson{p.Name, p.Address, p.Addressed, append([]string{}, p.Pupils...)})
	}
	return out, nil
}
