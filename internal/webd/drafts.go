package webd

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"navette/internal/session"
	"navette/internal/submission"
)

func (s *Server) routeDrafts(mux *http.ServeMux) {
	mux.Handle("GET /api/drafts/to-correct", s.mine(s.toCorrect))
	mux.Handle("POST /api/drafts/to-correct/{id}/send", s.mine(s.sendCorrected))
}

// DraftLine is a message of a mail program that was refused, and waits to be sent corrected.
type DraftLine struct {
	ID         string    `json:"id"`
	At         time.Time `json:"at"`
	Subject    string    `json:"subject"`
	Reason     string    `json:"reason"` // in the language of the page, without any address
	Recipients int       `json:"recipients"`
}

// CorrectRequest says in which way a refused message is sent.
type CorrectRequest struct {
	Remedy string `json:"remedy"` // "cci", "apart"
}

func (s *Server) toCorrect(ctx context.Context, v *visit, who session.Session) (any, error) {
	waiting, err := s.cfg.People.Letters.ToCorrect(ctx, who.Principal.Account)
	if err != nil {
		return nil, err
	}
	lines := make([]DraftLine, 0, len(waiting))
	for _, w := range waiting {
		lines = append(lines, DraftLine{strconv.FormatInt(w.Email, 10), w.At, w.Subject, inLanguage(w.Reason, v.language), w.Recipients})
	}
	return lines, nil
}

func (s *Server) sendCorrected(ctx context.Context, v *visit, who session.Session) (any, error) {
	body, err := read[CorrectRequest](v)
	if err != nil {
		return nil, err
	}
	remedy, known := map[string]submission.Remedy{"cci": submission.Cci, "apart": submission.Apart}[body.Remedy]
	if !known {
		return nil, refuse(http.StatusBadRequest, "malformed")
	}
	id, err := strconv.ParseInt(v.r.PathValue("id"), 10, 64)
	if err != nil {
		return nil, refuse(http.StatusNotFound, "not-found")
	}
	_, err = s.cfg.People.Letters.SendCorrected(ctx, who.Principal, id, remedy)
	return nil, err
}
