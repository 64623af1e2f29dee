package webd

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/frame"
	"navette/internal/identity"
	"navette/internal/session"
)

// FrameKeeper is frame.Service, as heads of schools use it.
type FrameKeeper interface {
	List(ctx context.Context, a frame.Actor, uai string) ([]frame.Frame, error)
	Show(ctx context.Context, a frame.Actor, id int64) (frame.Frame, []frame.Member, error)
	Search(ctx context.Context, a frame.Actor, uai, text string) ([]frame.Candidate, error)
	Make(ctx context.Context, a frame.Actor, f frame.Frame) (int64, error)
	Propose(ctx context.Context, a frame.Actor, id int64, p frame.Proposal) (int64, error)
	Paper(ctx context.Context, a frame.Actor, id int64, p frame.Proposal, on directory.Date, kept string) (int64, error)
	Remove(ctx context.Context, a frame.Actor, id, number int64) error
	Close(ctx context.Context, a frame.Actor, id int64) error
}

// routeFrames routes what a head does with the consent frames of their school. To anybody else there are none.
func (s *Server) routeFrames(mux *http.ServeMux) {
	mux.Handle("GET /api/frames", s.mine(s.listFrames))
	mux.Handle("GET /api/frames/candidates", s.mine(s.findCandidates))
	mux.Handle("GET /api/frames/{id}", s.mine(s.showFrame))
	mux.Handle("POST /api/frames", s.owned(s.makeFrame))
	mux.Handle("POST /api/frames/{id}/members", s.owned(s.askMember))
	mux.Handle("DELETE /api/frames/{id}/members/{number}", s.owned(s.removeMember))
	mux.Handle("DELETE /api/frames/{id}", s.owned(s.closeFrame))
}

// FrameLine is one consent frame.
type FrameLine struct {
	ID      int64  `json:"id"`
	UAI     string `json:"uai"`
	Name    string `json:"name"`
	Purpose string `json:"purpose"`
	Until   string `json:"until"` // ISO 8601, the last day
	Closed  bool   `json:"closed"`
	Agreed  int    `json:"agreed"`
	Asked   int    `json:"asked"` // who have not answered
}

func frameLineOf(f frame.Frame) FrameLine {
	return FrameLine{f.ID, f.UAI, f.Name, f.Purpose, f.Until.String(), f.Closed, f.Agreed, f.Asked}
}

// reader is who reads: the head, by the account that is signed in.
func reader(who session.Session) frame.Actor {
	return frame.Actor{Account: who.Principal.Account}
}

func (s *Server) listFrames(ctx context.Context, v *visit, who session.Session) (any, error) {
	list, err := s.cfg.People.Keeper.List(ctx, reader(who), v.r.URL.Query().Get("uai"))
	out := []FrameLine{}
	for _, f := range list {
		out = append(out, frameLineOf(f))
	}
	return out, err
}

// FrameAnswer is a frame with its members.
type FrameAnswer struct {
	Frame   FrameLine    `json:"frame"`
	Members []MemberLine `json:"members"`
}

// MemberLine is who was asked.
type MemberLine struct {
	Number   int64      `json:"number"`
	Name     string     `json:"name"`
	Address  string     `json:"address"` // the head maintains it
	State    string     `json:"state"`   // asked, agreed, paper, refused, withdrawn, removed
	Answered *time.Time `json:"answered"`
	Paper    string     `json:"paper"` // of a consent on paper: ISO 8601 day, a space, where it is kept
}

func (s *Server) showFrame(ctx context.Context, v *visit, who session.Session) (any, error) {
	id, err := idOf(v)
	if err != nil {
		return nil, err
	}
	f, members, err := s.cfg.People.Keeper.Show(ctx, reader(who), id)
	out := FrameAnswer{Frame: frameLineOf(f), Members: []MemberLine{}}
	for _, m := range members {
		out.Members = append(out.Members, MemberLine{m.Number, m.Name, m.Address, memberState(m.State), optional(m.Answered), m.Paper})
	}
	return out, err
}

func memberState(s frame.State) string {
	switch s {
	case frame.OnPaper:
		return "paper"
	case frame.Removed:
		return "removed"
	}
	return string(consentStateOf(s))
}

// CandidateLine is a guardian who might be asked.
type CandidateLine struct {
	Guardian int64  `json:"guardian"`
	Name     string `json:"name"`
	Of       string `json:"of"`   // « Léa BENALI (4E3) »
	Mail     bool   `json:"mail"` // there is an address to ask at
}

func (s *Server) findCandidates(ctx context.Context, v *visit, who session.Session) (any, error) {
	query := v.r.URL.Query()
	list, err := s.cfg.People.Keeper.Search(ctx, reader(who), query.Get("uai"), query.Get("q"))
	out := []CandidateLine{}
	for _, c := range list {
		out = append(out, CandidateLine(c))
	}
	return out, err
}

// NewFrameRequest makes a frame.
type NewFrameRequest struct {
	UAI     string `json:"uai"`
	Name    string `json:"name"`
	Purpose string `json:"purpose"`
	Until   string `json:"until"` // ISO 8601
}

// NumberAnswer is the number of what was made.
type NumberAnswer struct {
	Number int64 `json:"number"`
}

func (s *Server) makeFrame(ctx context.Context, v *visit, head identity.Owner) (any, error) {
	body, err := read[NewFrameRequest](v)
	if err != nil {
		return nil, err
	}
	until, err := dayOf(body.Until)
	if err != nil {
		return nil, err
	}
	id, err := s.cfg.People.Keeper.Make(ctx, frame.AsHead(head), frame.Frame{UAI: body.UAI, Name: body.Name, Purpose: body.Purpose, Until: until})
	return NumberAnswer{id}, err
}

// MemberRequest asks somebody, or records that they agreed on paper.
type MemberRequest struct {
	Guardian int64  `json:"guardian"` // 0: by name and address
	Name     string `json:"name"`
	Address  string `json:"address"`
	PaperOn  string `json:"paper_on"` // ISO 8601; "": they are asked by mail
	Kept     string `json:"kept"`     // where the paper is
}

func (s *Server) askMember(ctx context.Context, v *visit, head identity.Owner) (any, error) {
	id, err := idOf(v)
	if err != nil {
		return nil, err
	}
	body, err := read[MemberRequest](v)
	if err != nil {
		return nil, err
	}
	who := frame.Proposal{Guardian: body.Guardian, Name: body.Name, Address: body.Address}
	if body.PaperOn == "" {
		n, err := s.cfg.People.Keeper.Propose(ctx, frame.AsHead(head), id, who)
		return NumberAnswer{n}, err
	}
	on, err := dayOf(body.PaperOn)
	if err != nil {
		return nil, err
	}
	n, err := s.cfg.People.Keeper.Paper(ctx, frame.AsHead(head), id, who, on, body.Kept)
	return NumberAnswer{n}, err
}

func (s *Server) removeMember(ctx context.Context, v *visit, head identity.Owner) (any, error) {
	id, err := idOf(v)
	if err != nil {
		return nil, err
	}
	number, err := pathNumber(v, "number")
	if err != nil {
		return nil, err
	}
	return nil, s.cfg.People.Keeper.Remove(ctx, frame.AsHead(head), id, number)
}

func (s *Server) closeFrame(ctx context.Context, v *visit, head identity.Owner) (any, error) {
	id, err := idOf(v)
	if err != nil {
		return nil, err
	}
	return nil, s.cfg.People.Keeper.Close(ctx, frame.AsHead(head), id)
}

// pathNumber reads a number in the path of a visit.
func pathNumber(v *visit, name string) (int64, error) {
	n, err := strconv.ParseInt(v.r.PathValue(name), 10, 64)
	if err != nil {
		return 0, refuse(http.StatusNotFound, "not-found")
	}
	return n, nil
}

// dayOf reads a day of a request.
func dayOf(text string) (directory.Date, error) {
	day, err := directory.ParseDate(text)
	if err != nil {
		return day, failure.New(failure.Permanent, "Cette date est incorrecte. / This is no day.")
	}
	return day, nil
}
