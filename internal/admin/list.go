package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/list"
)

// The acts on distribution lists.
const (
	ListAll         = "list"         // every list
	ListShow        = "show"         // one, and its rules
	ListMembers     = "members"      // whom it reaches now
	ListCount       = "count"        // how many
	ListExplain     = "explain"      // whom it is for; without List, whom Expression is for
	ListOrphans     = "orphans"      // the lists that nobody owns
	ListCreate      = "create"       // New, owned by Owners, with Members
	ListSet         = "set"          // Change
	ListAdd         = "add"          // Members come in
	ListRemove      = "remove"       // Members go out
	ListAddOwner    = "add-owner"    // Owners own it too
	ListRemoveOwner = "remove-owner" // Owners no longer do
	ListWaiting     = "waiting"      // the posts that wait for an owner
	ListArchive     = "archive"      // the posts that it keeps
	ListApprove     = "approve"      // post Number goes to the members
	ListReject      = "reject"       // post Number does not
)

// ListAct is one of them.
type ListAct struct {
	Act             string
	List            string // name or address
	Expression      string
	New             list.List
	Owners, Members []string // logins or addresses; names of people for owners
	Change          ListChange
	Number          uint32
}

// ListChange is the settings that become another; nil stays.
type ListChange struct {
	Display, Expression      *string
	Posting                  *list.Posting
	Hidden, Archive, Leaving *bool
	MaxSize                  *int64
}

func (c ListChange) apply(s *list.Settings) {
	set(&s.Display, c.Display)
	set(&s.Expression, c.Expression)
	set(&s.Posting, c.Posting)
	set(&s.Hidden, c.Hidden)
	set(&s.Archive, c.Archive)
	set(&s.Leaving, c.Leaving)
	set(&s.MaxSize, c.MaxSize)
}

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// listRequest is an act on its way to the server.
type listRequest struct {
	By  identity.By
	Act ListAct
}

// List does it.
func (l *Local) List(ctx context.Context, by identity.By, act ListAct) ([]string, error) {
	switch {
	case act.Act == ListAll:
		all, err := l.Lists.Lists(ctx)
		return listLines(all), err
	case act.Act == ListOrphans:
		all, err := l.Lists.Orphans(ctx)
		return listLines(all), err
	case act.Act == ListCreate:
		return l.createList(ctx, by, act)
	case act.Act == ListExplain && act.List == "":
		return l.explain(ctx, act.Expression)
	}
	id, err := l.Lists.Find(ctx, act.List)
	if err != nil {
		return nil, err
	}
	switch act.Act {
	case ListShow:
		return l.showList(ctx, id)
	case ListMembers:
		return l.listMembers(ctx, by, id)
	case ListCount:
		return l.countList(ctx, id)
	case ListExplain:
		return l.explainList(ctx, id)
	case ListWaiting:
		posts, err := l.Lists.Waiting(ctx, list.AsOperator(by), id)
		return postLines(posts), err
	case ListArchive:
		posts, err := l.Lists.Archived(ctx, list.AsOperator(by), id)
		return postLines(posts), err
	}
	if err := l.changeList(ctx, list.AsOperator(by), id, act); err != nil {
		return nil, err
	}
	return l.showList(ctx, id)
}

// changeList does what changes a list.
func (l *Local) changeList(ctx context.Context, by list.Actor, id int64, act ListAct) error {
	switch act.Act {
	case ListSet:
		return l.Lists.Change(ctx, by, id, act.Change.apply)
	case ListAdd, ListRemove:
		members, err := l.members(ctx, act.Members)
		if err != nil {
			return err
		}
		if act.Act == ListAdd {
			_, err = l.Lists.AddMembers(ctx, by, id, members)
		} else {
			_, err = l.Lists.RemoveMembers(ctx, by, id, members)
		}
		return err
	case ListAddOwner, ListRemoveOwner:
		owners, err := l.owners(ctx, act.Owners)
		if err != nil {
			return err
		}
		do := l.Lists.AddOwner
		if act.Act == ListRemoveOwner {
			do = l.Lists.RemoveOwner
		}
		for _, owner := range owners {
			if err := do(ctx, by, id, owner); err != nil {
				return err
			}
		}
		return nil
	case ListApprove:
		return l.Lists.Approve(ctx, by, id, act.Number)
	case ListReject:
		return l.Lists.Reject(ctx, by, id, act.Number)
	}
	return failure.New(failure.NotFound, "no such operation")
}

// members finds all before anything is done.
func (l *Local) members(ctx context.Context, names []string) (out []list.Member, err error) {
	for _, name := range names {
		m, err := l.Lists.FindMember(ctx, name)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

func (l *Local) owners(ctx context.Context, names []string) (out []int64, err error) {
	for _, name := range names {
		owner, err := l.Boxes.FindMember(ctx, name)
		if err != nil {
			return nil, err
		}
		out = append(out, owner)
	}
	return out, nil
}

func (l *Local) createList(ctx context.Context, by identity.By, act ListAct) ([]string, error) {
	var err error
	if act.New.Owners, err = l.owners(ctx, act.Owners); err != nil {
		return nil, err
	}
	if act.New.Members, err = l.members(ctx, act.Members); err != nil {
		return nil, err
	}
	id, err := l.Lists.Create(ctx, by, act.New)
	if err != nil {
		return nil, err
	}
	return l.showList(ctx, id)
}

func listLines(all []list.Summary) (lines []string) {
	for _, s := range all {
		lines = append(lines, strings.Join([]string{s.Address, string(s.Kind), string(s.Posting), listOwners(s), s.Display}, "\t"))
	}
	return lines
}

func listOwners(s list.Summary) string {
	if len(s.Owners) == 0 {
		return "SANS PROPRIÉTAIRE"
	}
	return strings.Join(s.Owners, ",")
}

func (l *Local) showList(ctx context.Context, id int64) ([]string, error) {
	s, err := l.Lists.Show(ctx, id)
	if err != nil {
		return nil, err
	}
	lines := []string{s.Address + " : " + s.Display, "propriétaires : " + listOwners(s), "envoi : " + s.Posting.French()}
	if s.Kind == list.Rule {
		lines = append(lines, "règle : "+s.Expression)
	}
	for _, flag := range []struct {
		on   bool
		text string
	}{{s.Hidden, "membres cachés"}, {s.Archive, "archivée"}, {s.Leaving, "on peut la quitter"}} {
		if flag.on {
			lines = append(lines, flag.text)
		}
	}
	if s.MaxSize > 0 {
		lines = append(lines, fmt.Sprintf("messages de %d octets au plus", s.MaxSize))
	}
	count, err := l.countList(ctx, id)
	return append(lines, count...), err
}

func (l *Local) countList(ctx context.Context, id int64) ([]string, error) {
	accounts, outside, err := l.Lists.Count(ctx, id)
	if err != nil {
		return nil, err
	}
	return []string{fmt.Sprintf("%d membres, dont %d à l'extérieur", accounts+outside, outside)}, nil
}

func (l *Local) listMembers(ctx context.Context, by identity.By, id int64) (lines []string, err error) {
	members, err := l.Lists.Members(ctx, list.AsOperator(by), id)
	for _, m := range members {
		lines = append(lines, m.Address+"\t"+m.Display)
	}
	return lines, err
}

func postLines(posts []list.Post) (lines []string) {
	for _, p := range posts {
		lines = append(lines, fmt.Sprintf("%d\t%s\t%s\t%d octets\t%s", p.Number, p.At.In(time.Local).Format("02/01/2006 15:04"), p.From, p.Size,
			strings.Join(strings.Fields(p.Subject), " ")))
	}
	return lines
}

func (l *Local) explainList(ctx context.Context, id int64) ([]string, error) {
	s, err := l.Lists.Show(ctx, id)
	if err != nil {
		return nil, err
	}
	if s.Kind == list.Rule {
		return l.explain(ctx, s.Expression)
	}
	count, err := l.countList(ctx, id)
	return append([]string{"Les membres ont été désignés un par un."}, count...), err
}

func (l *Local) explain(ctx context.Context, expression string) ([]string, error) {
	x, err := l.Lists.Explain(ctx, expression)
	if err != nil {
		return nil, err
	}
	lines := []string{x.Expression, x.French, x.English, fmt.Sprintf("%d personnes", x.People)}
	for _, part := range []struct {
		title  string
		counts []list.Count
	}{{"par catégorie :", x.Categories}, {"par établissement :", x.Schools}} {
		if len(part.counts) > 0 {
			lines = append(lines, part.title)
		}
		for _, c := range part.counts {
			lines = append(lines, strings.TrimRight(fmt.Sprintf("  %d\t%s\t%s", c.People, c.Name, c.Label), "\t"))
		}
	}
	return lines, nil
}

func (s *Server) list(w http.ResponseWriter, r *http.Request) {
	out := newStream(w)
	var req listRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4<<20)).Decode(&req); err != nil { // members of a list may be many
		out.end(nil, failure.Wrap(failure.Permanent, err, "request not understood"))
		return
	}
	lines, err := s.ops.List(r.Context(), req.By, req.Act)
	if err == nil && len(lines) > 0 {
		err = out.send(event{Lines: lines})
	}
	out.end(nil, err)
}
