package webd

import (
	"errors"
	"mime"
	"net/http"
	"strings"

	"navette/internal/limits"
)

// csrfHeader is what every request of a page of ours bears. A page of another site cannot send it without asking first
// (CORS), and is told no.
const csrfHeader = "X-Navette-CSRF"

// guarded refuses requests below /api/ that did not come from a page of ours.
func (s *Server) guarded(r *http.Request) *problem {
	if p := s.paced(r); p != nil {
		return p
	}
	origin := r.Header.Get("Origin")
	site := r.Header.Get("Sec-Fetch-Site")
	switch {
	case origin != "" && strings.HasPrefix(strings.ToLower(r.Header.Get("Authorization")), "basic "):
		return refuse(http.StatusForbidden, "basic-from-page") // a browser sends remembered passwords by itself
	case origin != "" && origin != s.ownOrigin(r), site != "" && site != "same-origin":
		return refuse(http.StatusForbidden, "other-origin")
	case r.Header.Get(csrfHeader) == "":
		return refuse(http.StatusForbidden, "no-csrf-header")
	case changes(r) && origin == "":
		return refuse(http.StatusForbidden, "no-origin")
	case changes(r) && !isJSON(r):
		return refuse(http.StatusUnsupportedMediaType, "not-json")
	}
	return nil
}

// paced counts requests by network, those of trusted ones excepted.
func (s *Server) paced(r *http.Request) *problem {
	peer := s.peer(r)
	if s.cfg.Trusted.Contain(peer) {
		return nil
	}
	ok, retry := s.rate.Take(limits.NetworkOf(peer), 1)
	if ok {
		return nil
	}
	p := refuse(http.StatusTooManyRequests, "too-many")
	p.retryAfter = retry
	return p
}

func changes(r *http.Request) bool { return r.Method != http.MethodGet && r.Method != http.MethodHead }

func isJSON(r *http.Request) bool {
	t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && t == "application/json"
}

// tooLarge tells whether reading a body failed because of its size.
func tooLarge(err error) bool {
	var e *http.MaxBytesError
	return errors.As(err, &e)
}
