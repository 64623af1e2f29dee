package webd

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/mailing"
	"navette/internal/session"
)

// Mailings is mailing.Service.
type Mailings interface {
	Mailings(ctx context.Context, account int64) ([]mailing.Summary, error)
	Report(ctx context.Context, account, mailing int64) (mailing.Report, error)
	Sent(ctx context.Context, account int64) ([]mailing.Sent, error)
	Preview(ctx context.Context, account, group int64) (mailing.Preview, error)
	Recall(ctx context.Context, by identity.By, account, delivery int64) (mailing.Recalled, error)
}

// routeMailings routes what becomes of a message after it was sent, and who a group would reach before.
func (s *Server) routeMailings(mux *http.ServeMux) {
	mux.Handle("GET /api/mailings", s.mine(s.listMailings))
	mux.Handle("GET /api/mailings/{id}", s.mine(s.showMailing))
	mux.Handle("GET /api/groups/{id}/preview", s.mine(s.previewGroup))
	mux.Handle("GET /api/deliveries", s.mine(s.listSent))
	mux.Handle("POST /api/deliveries/{id}/recall", s.mine(s.recall))
}

// MailingLine is a message that went out in separate copies.
type MailingLine struct {
	ID       string    `json:"id"`
	Subject  string    `json:"subject"` // "" once it is forgotten
	At       time.Time `json:"at"`
	Open     bool      `json:"open"` // it is watched on
	Total    int64     `json:"total"`
	Waiting  int64     `json:"waiting"`
	Reached  int64     `json:"reached"`
	Failed   int64     `json:"failed"`
	Missing  int64     `json:"missing"`  // people of whom no address is known
	Answered int64     `json:"answered"` // automatic answers
	Recalled int64     `json:"recalled"`
}

// MailingPerson is somebody of a mailing or a group, named by pupil.
type MailingPerson struct {
	Name    string `json:"name"`
	State   string `json:"state"`   // "reached", "waiting", "failed", "missing", "recalled"
	Status  string `json:"status"`  // code of a failure, as 5.1.1; or ""
	Bounced bool   `json:"bounced"` // before sending: the last message came back
}

// MailingReport is a mailing with who was not reached.
type MailingReport struct {
	Mailing MailingLine     `json:"mailing"`
	People  []MailingPerson `json:"people"`
}

// GroupPreview is who a message to a group would reach.
type GroupPreview struct {
	People  []MailingPerson `json:"people"`
	Copies  int             `json:"copies"`
	Missing int             `json:"missing"`
	Bounced int             `json:"bounced"`
	Print   string          `json:"print"` // the same, one person a line
}

// SentLine is a message that was sent lately, by whichever program, and can be taken back.
type SentLine struct {
	ID      string    `json:"id"`
	Subject string    `json:"subject"`
	At      time.Time `json:"at"`
	Here    int64     `json:"here"`    // mailboxes of the académie that got it
	Outside int64     `json:"outside"` // copies for other domains
}

// RecallAnswer is what became of the copies of a message that was taken back.
type RecallAnswer struct {
	Taken     int `json:"taken"`
	Kept      int `json:"kept"` // read, marked, moved or removed already
	Cancelled int `json:"cancelled"`
	Outside   int `json:"outside"` // cannot come back
}

func lineOf(m mailing.Summary) MailingLine {
	return MailingLine{ID: strconv.FormatInt(m.ID, 10), Subject: m.Subject, At: m.At, Open: m.Open, Total: m.Total, Waiting: m.Waiting, Reached: m.Reached,
		Failed: m.Failed, Missing: m.Missing, Answered: m.Answered, Recalled: m.Recalled}
}

func peopleOf(list []mailing.Person) []MailingPerson {
	out := make([]MailingPerson, len(list))
	for i, p := range list {
		out[i] = MailingPerson(p)
	}
	return out
}

// numbered is the number in a visit's path.
func numbered(v *visit) (int64, error) {
	id, err := strconv.ParseInt(v.r.PathValue("id"), 10, 64)
	if err != nil {
		return 0, refuse(http.StatusNotFound, "not-found")
	}
	return id, nil
}

func (s *Server) listMailings(ctx context.Context, _ *visit, who session.Session) (any, error) {
	list, err := s.cfg.People.Mailings.Mailings(ctx, who.Principal.Account)
	if err != nil {
		return nil, err
	}
	out := make([]MailingLine, len(list))
	for i, m := range list {
		out[i] = lineOf(m)
	}
	return out, nil
}

func (s *Server) showMailing(ctx context.Context, v *visit, who session.Session) (any, error) {
	id, err := numbered(v)
	if err != nil {
		return nil, err
	}
	r, err := s.cfg.People.Mailings.Report(ctx, who.Principal.Account, id)
	return MailingReport{lineOf(r.Summary), peopleOf(r.People)}, err
}

func (s *Server) previewGroup(ctx context.Context, v *visit, who session.Session) (any, error) {
	id, err := numbered(v)
	if err != nil {
		return nil, err
	}
	p, err := s.cfg.People.Mailings.Preview(ctx, who.Principal.Account, id)
	return GroupPreview{peopleOf(p.People), p.Copies, p.Missing, p.Bounced, p.Print()}, err
}

func (s *Server) listSent(ctx context.Context, _ *visit, who session.Session) (any, error) {
	list, err := s.cfg.People.Mailings.Sent(ctx, who.Principal.Account)
	if err != nil {
		return nil, err
	}
	out := make([]SentLine, len(list))
	for i, m := range list {
		out[i] = SentLine{strconv.FormatInt(m.Delivery, 10), m.Subject, m.At, m.Here, m.Outside}
	}
	return out, nil
}

func (s *Server) recall(ctx context.Context, v *visit, who session.Session) (any, error) {
	id, err := numbered(v)
	if err != nil {
		return nil, err
	}
	if !who.Principal.Can(identity.SubmitMail) {
		return nil, failure.New(failure.Denied, "ce compte ne peut pas envoyer / this account may not send")
	}
	r, err := s.cfg.People.Mailings.Recall(ctx, identity.By{Actor: who.Principal.Login, Reason: "Rappeler"}, who.Principal.Account, id)
	return RecallAnswer(r), err
}
