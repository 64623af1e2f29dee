package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/group"
	"navette/internal/identity"
	"navette/internal/reach"
)

// The acts on computed groups, on who stands in for whom, and on ENTs.
const (
	GroupList    = "list"    // those of the school UAI
	GroupShow    = "show"    // one
	GroupMembers = "members" // who is in it now
	GroupExport  = "export"  // those of UAI, in Format

	DelegateList     = "delegations" // of UAI
	DelegateGive     = "delegate"    // to Receiver what Teacher, or class Division, has at UAI
	DelegateWithdraw = "withdraw"    // the one with Number

	ENTList   = "ents"
	ENTAdd    = "add-ent"    // ENT
	ENTRemove = "remove-ent" // Name
)

// GroupAct is one of them.
type GroupAct struct {
	Act      string
	Group    string // address, or its local part
	UAI      string
	Format   group.Format
	Receiver string // login, address or name
	Teacher  string // the same, or ""
	Division string // « 4E3 », « groupe 4ALL2 », or ""
	From, To string // days, as JJ/MM/AAAA or ISO 8601
	Number   int64
	ENT      reach.ENT
	Name     string
}

// groupRequest is an act on its way to the server.
type groupRequest struct {
	By  identity.By
	Act GroupAct
}

// GroupServices are what the acts are done with.
type GroupServices struct {
	Groups  *group.Service
	Reach   *reach.Service
	Domains []string // of the installation: no ENT writes in their name
}

// Group does it.
func (l *Local) Group(ctx context.Context, by identity.By, act GroupAct) ([]string, error) {
	switch act.Act {
	case GroupList:
		return l.listGroups(ctx, act)
	case GroupShow, GroupMembers:
		return l.showGroup(ctx, act)
	case GroupExport:
		return l.exportGroups(ctx, by, act)
	case DelegateList:
		return l.delegations(ctx, by, act)
	case DelegateGive:
		return l.delegate(ctx, by, act)
	case DelegateWithdraw:
		return nil, l.Computed.Reach.Withdraw(ctx, reach.AsOperator(by), act.Number)
	case ENTList:
		return l.ents(ctx)
	case ENTAdd:
		return nil, l.Computed.Reach.AddENT(ctx, by, act.ENT, l.Computed.Domains...)
	case ENTRemove:
		return nil, l.Computed.Reach.RemoveENT(ctx, by, act.Name)
	}
	return nil, failure.New(failure.NotFound, "no such operation")
}

func (l *Local) listGroups(ctx context.Context, act GroupAct) (lines []string, err error) {
	uai, err := school(act.UAI)
	if err != nil {
		return nil, err
	}
	list, err := l.Computed.Groups.OfSchool(ctx, uai)
	for _, g := range list {
		lines = append(lines, strings.Join([]string{g.Address, countOf(g.Count), g.Name}, "\t"))
	}
	return lines, err
}

// school reads a UAI written by hand.
func school(text string) (string, error) {
	uai, err := directory.ParseUAI(strings.TrimSpace(text))
	if err != nil {
		return "", failure.Wrap(failure.Policy, err, err.Error())
	}
	return uai, nil
}

func countOf(c group.Count) string {
	if c.Without == 0 {
		return strconv.Itoa(c.Members)
	}
	return fmt.Sprintf("%d, dont %d sans adresse", c.Members, c.Without)
}

func (l *Local) showGroup(ctx context.Context, act GroupAct) (lines []string, err error) {
	id, err := l.findGroup(ctx, act.Group)
	if err != nil {
		return nil, err
	}
	if act.Act == GroupShow {
		g, c, err := l.Computed.Groups.Show(ctx, group.AsOperator(), id)
		return []string{g.Address + " : " + g.Name, "membres : " + countOf(c), "envoi : " + g.MayWrite()}, err
	}
	people, err := l.Computed.Groups.People(ctx, group.AsOperator(), id)
	for _, p := range people {
		lines = append(lines, strings.TrimRight(strings.Join([]string{p.Name, reachedBy(p), strings.Join(p.Pupils, ", ")}, "\t"), "\t"))
	}
	return lines, err
}

// reachedBy is an address that may be shown, or whether there is one.
func reachedBy(p group.Line) string {
	switch {
	case p.Address != "":
		return p.Address
	case p.Addressed:
		return "adresse connue"
	}
	return "sans adresse"
}

func (l *Local) findGroup(ctx context.Context, name string) (int64, error) {
	address := name
	if !strings.Contains(name, "@") {
		address += "@" + l.Computed.Domains[0]
	}
	normal, err := directory.Normalize(address)
	if err != nil {
		return 0, failure.Wrap(failure.NotFound, err, "aucun groupe n'a cette adresse")
	}
	id, found, err := l.Computed.Groups.ByAddress(ctx, normal)
	if err == nil && !found {
		err = failure.New(failure.NotFound, "aucun groupe n'a l'adresse %s", normal)
	}
	return id, err
}

func (l *Local) exportGroups(ctx context.Context, by identity.By, act GroupAct) ([]string, error) {
	uai, err := school(act.UAI)
	if err != nil {
		return nil, err
	}
	var out strings.Builder
	if err := l.Computed.Groups.Export(ctx, group.AsOperator(), by, uai, act.Format, &out); err != nil {
		return nil, err
	}
	return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n"), nil
}

func (l *Local) delegations(ctx context.Context, by identity.By, act GroupAct) (lines []string, err error) {
	uai, err := school(act.UAI)
	if err != nil {
		return nil, err
	}
	list, err := l.Computed.Reach.Delegations(ctx, reach.AsOperator(by), uai)
	for _, d := range list {
		lines = append(lines, fmt.Sprintf("%d\t%s\tdu %s au %s\tpour %s\tpar %s", d.ID, d.ReceiverName, d.From.French(), d.To.French(), d.Of, d.GivenBy))
	}
	return lines, err
}

func (l *Local) delegate(ctx context.Context, by identity.By, act GroupAct) (lines []string, err error) {
	var d reach.Delegation
	if d.UAI, err = school(act.UAI); err != nil {
		return nil, err
	}
	if d.Receiver, err = l.Boxes.FindMember(ctx, act.Receiver); err != nil {
		return nil, err
	}
	if act.Teacher != "" {
		if d.Teacher, err = l.Boxes.FindMember(ctx, act.Teacher); err != nil {
			return nil, err
		}
	}
	if act.Division != "" {
		if d.Division, err = l.Computed.Reach.FindDivision(ctx, d.UAI, act.Division); err != nil {
			return nil, err
		}
	}
	for to, text := range map[*directory.Date]string{&d.From: act.From, &d.To: act.To} {
		if *to, err = directory.ParseDate(text); err != nil {
			return nil, failure.Wrap(failure.Policy, err, err.Error())
		}
	}
	id, err := l.Computed.Reach.Delegate(ctx, reach.AsOperator(by), d)
	if err != nil {
		return nil, err
	}
	return []string{fmt.Sprintf("délégation %d", id)}, nil
}

func (l *Local) ents(ctx context.Context) (lines []string, err error) {
	list, err := l.Computed.Reach.ENTs(ctx)
	for _, e := range list {
		var networks []string
		for _, n := range e.Networks {
			networks = append(networks, n.String())
		}
		lines = append(lines, strings.Join([]string{e.Name, e.Sender, strings.Join(networks, ","), strings.Join(e.Schools, ",")}, "\t"))
	}
	return lines, err
}

// Group does it there.
func (c *Client) Group(ctx context.Context, by identity.By, act GroupAct) ([]string, error) {
	return c.lines(ctx, "/group", groupRequest{By: by, Act: act})
}

func (s *Server) group(w http.ResponseWriter, r *http.Request) {
	out := newStream(w)
	var req groupRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&req); err != nil {
		out.end(nil, failure.Wrap(failure.Permanent, err, "request not understood"))
		return
	}
	lines, err := s.ops.Group(r.Context(), req.By, req.Act)
	if err == nil && len(lines) > 0 {
		err = out.send(event{Lines: lines})
	}
	out.end(nil, err)
}
