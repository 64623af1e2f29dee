package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"navette/internal/box"
	"navette/internal/failure"
	"navette/internal/identity"
)

// The acts on functional boxes.
const (
	BoxList    = "list"    // every box
	BoxShow    = "show"    // one, and its members
	BoxMembers = "members" // its members alone
	BoxCreate  = "create"  // New
	BoxAdd     = "add"     // Who becomes Role in Box
	BoxRemove  = "remove"  // Who leaves Box
	BoxOrphans = "orphans" // the boxes that nobody owns
)

// BoxAct is one of them.
type BoxAct struct {
	Act  string
	Box  string // login, address or UAI
	Who  string // login, address or name of a person
	Role box.Role
	New  box.Box
}

// boxRequest is an act on its way to the server.
type boxRequest struct {
	By  identity.By
	Act BoxAct
}

// Box does it.
func (l *Local) Box(ctx context.Context, by identity.By, act BoxAct) ([]string, error) {
	switch act.Act {
	case BoxList:
		list, err := l.Boxes.List(ctx)
		return boxLines(list), err
	case BoxOrphans:
		return l.orphanLines(ctx)
	case BoxCreate:
		return l.createBox(ctx, by, act)
	}
	id, err := l.Boxes.Find(ctx, act.Box)
	if err != nil {
		return nil, err
	}
	switch act.Act {
	case BoxShow:
		return l.showBox(ctx, id)
	case BoxMembers:
		return l.memberLines(ctx, id)
	case BoxAdd, BoxRemove:
		return l.changeMember(ctx, by, id, act)
	}
	return nil, failure.New(failure.NotFound, "no such operation")
}

func (l *Local) createBox(ctx context.Context, by identity.By, act BoxAct) ([]string, error) {
	var owner int64
	if act.Who != "" { // first: no box is made for an owner who is not there
		var err error
		if owner, err = l.Boxes.FindMember(ctx, act.Who); err != nil {
			return nil, err
		}
	}
	made, err := l.Boxes.Create(ctx, by, []box.Box{act.New})
	if err != nil {
		return nil, err
	}
	if made == 0 {
		return nil, failure.New(failure.Conflict, "la boîte %s existe déjà", strings.ToLower(act.New.Local))
	}
	id, err := l.Boxes.Find(ctx, act.New.Local)
	if err != nil {
		return nil, err
	}
	if owner != 0 {
		if err := l.Boxes.SetMember(ctx, box.AsOperator(by), id, owner, box.Owner); err != nil {
			return nil, err
		}
	}
	if _, err := l.Boxes.Refresh(ctx); err != nil {
		return nil, err
	}
	return l.showBox(ctx, id)
}

func (l *Local) changeMember(ctx context.Context, by identity.By, id int64, act BoxAct) ([]string, error) {
	member, err := l.Boxes.FindMember(ctx, act.Who)
	if err != nil {
		return nil, err
	}
	if act.Act == BoxAdd {
		err = l.Boxes.SetMember(ctx, box.AsOperator(by), id, member, act.Role)
	} else {
		err = l.Boxes.RemoveMember(ctx, box.AsOperator(by), id, member)
	}
	if err != nil {
		return nil, err
	}
	return l.memberLines(ctx, id)
}

func boxLines(list []box.Summary) (lines []string) {
	for _, b := range list {
		lines = append(lines, fmt.Sprintf("%s\t%s\t%d\t%s", b.Login, ownersText(b), b.Members, b.Display))
	}
	return lines
}

func ownersText(b box.Summary) string {
	if len(b.Owners) == 0 {
		return "SANS PROPRIÉTAIRE"
	}
	return strings.Join(b.Owners, ",")
}

func (l *Local) showBox(ctx context.Context, id int64) ([]string, error) {
	d, err := l.Boxes.Show(ctx, id)
	if err != nil {
		return nil, err
	}
	lines := []string{d.Login + " : " + d.Display, "adresses : " + strings.Join(d.Addresses, ", ")}
	if d.UAI != "" {
		lines = append(lines, "établissement : "+d.UAI+" "+d.School)
	}
	if !d.OrphanSince.IsZero() {
		lines = append(lines, "SANS PROPRIÉTAIRE depuis le "+d.OrphanSince.French())
	}
	members, err := l.memberLines(ctx, id)
	return append(lines, members...), err
}

func (l *Local) memberLines(ctx context.Context, id int64) (lines []string, err error) {
	list, err := l.Boxes.Members(ctx, id)
	for _, m := range list {
		line := fmt.Sprintf("%s\t%s\t%s, depuis le %s", m.Login, m.Name, m.French(), m.Since.French())
		if m.Elsewhere {
			line += ", sans fonction dans l'établissement"
		}
		lines = append(lines, line)
	}
	if err == nil && len(lines) == 0 {
		lines = []string{"Personne n'ouvre cette boîte."}
	}
	return lines, err
}

func (l *Local) orphanLines(ctx context.Context) (lines []string, err error) {
	list, err := l.Boxes.Orphans(ctx)
	for _, o := range list {
		lines = append(lines, fmt.Sprintf("%s\tdepuis le %s\t%d\t%s", o.Login, o.Since.French(), o.Members, o.Display))
	}
	return lines, err
}

func (s *Server) box(w http.ResponseWriter, r *http.Request) {
	out := newStream(w)
	var req boxRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&req); err != nil {
		out.end(nil, failure.Wrap(failure.Permanent, err, "request not understood"))
		return
	}
	lines, err := s.ops.Box(r.Context(), req.By, req.Act)
	if err == nil && len(lines) > 0 {
		err = out.send(event{Lines: lines})
	}
	out.end(nil, err)
}
