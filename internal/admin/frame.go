package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/frame"
	"navette/internal/identity"
)

// The acts on consent frames.
const (
	FrameList    = "list"    // those of New.UAI
	FrameShow    = "show"    // ID and its members
	FrameMake    = "make"    // New
	FrameSearch  = "search"  // guardians of New.UAI by Words
	FramePropose = "propose" // Who is asked to be in ID
	FramePaper   = "paper"   // Who agreed on paper
	FrameRemove  = "remove"  // Member leaves ID
	FrameClose   = "close"   // ID ends now
)

// FrameAct is one of them.
type FrameAct struct {
	Act    string
	ID     int64
	Member int64
	New    frame.Frame
	Words  string
	Who    frame.Proposal
	On     directory.Date // of the paper
	Kept   string         // where the paper is
}

// frameRequest is an act on its way to the server.
type frameRequest struct {
	By  identity.By
	Act FrameAct
}

// Frame does it. Members are printed without their addresses: who maintains those sees them in the pages.
func (l *Local) Frame(ctx context.Context, by identity.By, act FrameAct) ([]string, error) {
	a := frame.AsOperator(by)
	switch act.Act {
	case FrameList:
		list, err := l.Frames.List(ctx, a, act.New.UAI)
		return frameLines(list...), err
	case FrameShow:
		return l.showFrame(ctx, a, act.ID)
	case FrameSearch:
		list, err := l.Frames.Search(ctx, a, act.New.UAI, act.Words)
		return candidateLines(list), err
	case FrameMake:
		id, err := l.Frames.Make(ctx, a, act.New)
		if err != nil {
			return nil, err
		}
		return l.showFrame(ctx, a, id)
	case FramePropose:
		n, err := l.Frames.Propose(ctx, a, act.ID, act.Who)
		return []string{fmt.Sprintf("membre %d : le lien est parti, il vaut %d jours.", n, frame.LinkDays)}, err
	case FramePaper:
		n, err := l.Frames.Paper(ctx, a, act.ID, act.Who, act.On, act.Kept)
		return []string{fmt.Sprintf("membre %d : l'accord est enregistré, la personne en est avertie.", n)}, err
	case FrameRemove:
		if err := l.Frames.Remove(ctx, a, act.ID, act.Member); err != nil {
			return nil, err
		}
		return l.showFrame(ctx, a, act.ID)
	case FrameClose:
		return []string{"Le cadre est clos."}, l.Frames.Close(ctx, a, act.ID)
	}
	return nil, failure.New(failure.NotFound, "no such operation")
}

func (l *Local) showFrame(ctx context.Context, a frame.Actor, id int64) ([]string, error) {
	f, members, err := l.Frames.Show(ctx, a, id)
	if err != nil {
		return nil, err
	}
	lines := append(frameLines(f), "objet : "+f.Purpose)
	for _, m := range members {
		line := fmt.Sprintf("membre %d\t%s\t%s", m.Number, m.Name, m.State.French())
		if m.Paper != "" {
			day, kept, _ := strings.Cut(m.Paper, " ")
			line += fmt.Sprintf(" le %s (%s)", day, kept)
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// frameLines gives a line for each: number, school, until, members, name.
func frameLines(list ...frame.Frame) (lines []string) {
	for _, f := range list {
		until := "jusqu'au " + f.Until.French()
		if f.Closed {
			until = "clos"
		}
		lines = append(lines, fmt.Sprintf("cadre %d\t%s\t%s\t%d ont accepté, %d sans réponse\t%s", f.ID, f.UAI, until, f.Agreed, f.Asked, f.Name))
	}
	return lines
}

func candidateLines(list []frame.Candidate) (lines []string) {
	for _, c := range list {
		line := fmt.Sprintf("responsable %d\t%s\t%s", c.Guardian, c.Name, c.Of)
		if !c.Mail {
			line += "\tsans adresse"
		}
		lines = append(lines, line)
	}
	return lines
}

func (s *Server) frame(w http.ResponseWriter, r *http.Request) {
	out := newStream(w)
	var req frameRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&req); err != nil {
		out.end(nil, failure.Wrap(failure.Permanent, err, "request not understood"))
		return
	}
	lines, err := s.ops.Frame(r.Context(), req.By, req.Act)
	if err == nil && len(lines) > 0 {
		err = out.send(event{Lines: lines})
	}
	out.end(nil, err)
}

// Frame does it there.
func (c *Client) Frame(ctx context.Context, by identity.By, act FrameAct) ([]string, error) {
	return c.lines(ctx, "/frame", frameRequest{By: by, Act: act})
}
