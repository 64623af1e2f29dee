package webd

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/netip"
)

// visit is one request below /api/ that has passed the guard.
type visit struct {
	w        http.ResponseWriter
	r        *http.Request
	body     io.ReadCloser // of the request, without the bound of most acts
	peer     netip.Addr
	language string // fr or en
}

// act answers a visit: a value that becomes JSON, or nil for 204.
type act func(ctx context.Context, v *visit) (any, error)

func (s *Server) routeAPI(mux *http.ServeMux) {
	mux.Handle("GET /api/about", s.open(s.about))
	if s.cfg.People != nil {
		s.routeSignIn(mux)
		s.routeForgotten(mux)
		s.routeActivation(mux)
		s.routeAccount(mux)
		s.routeMessages(mux)
		s.routeDrafts(mux)
		s.routeGroups(mux)
		s.routeDelegations(mux)
		s.routeMailings(mux)
		s.routeSchool(mux)
		s.routeForward(mux)
		s.routeConsent(mux)
		s.routeFrames(mux)
		s.routeIncidents(mux)
		s.routeHeld(mux)
	}
	mux.Handle("/api/", s.open(s.noSuchAct))
}

// open serves an act that needs no session.
func (s *Server) open(do act) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p := s.guarded(r); p != nil {
			writeProblem(w, p)
			return
		}
		v := &visit{w: w, r: r, body: r.Body, peer: s.peer(r), language: languageOf(r)}
		r.Body = http.MaxBytesReader(w, r.Body, s.limits.Body)
		answer, err := do(r.Context(), v)
		s.answer(v, answer, err)
	})
}

func (s *Server) answer(v *visit, answer any, err error) {
	switch {
	case err != nil:
		p := problemOf(err, v.language)
		if p.Status >= http.StatusInternalServerError {
			s.cfg.Log.Error("a request failed", "route", v.r.Pattern, "error", err)
		}
		writeProblem(v.w, p)
	case answer == nil:
		v.w.WriteHeader(http.StatusNoContent)
	default:
		s.writeAnswer(v, answer)
	}
}

// noSuchAct answers what is not listed: 401 to whoever has no session, so that nothing is told about what there is.
func (s *Server) noSuchAct(_ context.Context, v *visit) (any, error) {
	if !s.hasSession(v.r) {
		return nil, refuse(http.StatusUnauthorized, "signed-out")
	}
	return nil, refuse(http.StatusNotFound, "not-found")
}

// read decodes the JSON body of a visit: one value, without fields that we do not know.
func read[T any](v *visit) (body T, err error) {
	d := json.NewDecoder(v.r.Body)
	d.DisallowUnknownFields()
	if err = d.Decode(&body); err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("more than one value")
		}
	}
	switch {
	case err == nil:
		return body, nil
	case tooLarge(err):
		return body, refuse(http.StatusRequestEntityTooLarge, "too-large")
	default:
		return body, refuse(http.StatusBadRequest, "malformed")
	}
}

// About is what the académie says of itself on public pages.
type About struct {
	Name      string `json:"name"`      // "Académie de Paris"
	Domain    string `json:"domain"`    // of its addresses
	Phone     string `json:"phone"`     // of the helpdesk
	Hours     string `json:"hours"`     // when it answers
	Helpdesk  string `json:"helpdesk"`  // its address
	Publisher string `json:"publisher"` // who answers for the pages
	Host      string `json:"host"`      // who hosts them
	DPO       string `json:"dpo"`       // how to reach the data protection officer
	Demo      bool   `json:"demo"`
}

func (s *Server) about(context.Context, *visit) (any, error) {
	a := s.cfg.About
	a.Demo = s.cfg.Local
	return a, nil
}
