package webd

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"navette/internal/failure"
)

// problem is what an API request gets instead of what it asked for (RFC 9457). Its type is always about:blank: what a
// page acts upon is its code.
type problem struct {
	Title  string            `json:"title"`
	Status int               `json:"status"`
	Detail string            `json:"detail,omitempty"` // in the language that was asked for, safe to show
	Code   string            `json:"code"`
	Fields map[string]string `json:"fields,omitempty"` // texts for single fields of the request, by name

	retryAfter time.Duration
}

func (p *problem) Error() string { return p.Code + ": " + p.Detail }

// refuse makes a problem of the door's own.
func refuse(status int, code string) *problem { return &problem{Status: status, Code: code} }

// problemOf translates what a service says. What nobody classified is a failure here, and tells nothing.
func problemOf(err error, language string) *problem {
	var p *problem
	if errors.As(err, &p) {
		return p
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return refuse(http.StatusServiceUnavailable, "temporary")
	}
	p = refuse(statusOf(failure.KindOf(err)))
	p.Detail = inLanguage(failure.TextOf(err, ""), language)
	return p
}

// statusOf is the one place where kinds of failures become HTTP.
func statusOf(k failure.Kind) (status int, code string) {
	switch k {
	case failure.Temporary, failure.CommitUnknown:
		return http.StatusServiceUnavailable, "temporary"
	case failure.Permanent:
		return http.StatusUnprocessableEntity, "invalid"
	case failure.Policy:
		return http.StatusUnprocessableEntity, "policy"
	case failure.Quota:
		return http.StatusInsufficientStorage, "quota"
	case failure.Conflict:
		return http.StatusConflict, "conflict"
	case failure.NotFound:
		return http.StatusNotFound, "not-found"
	case failure.Denied:
		return http.StatusForbidden, "denied"
	default:
		return http.StatusInternalServerError, "internal"
	}
}

// inLanguage picks the half of a text that services write in both languages, as "French / English".
func inLanguage(text, language string) string {
	french, english, both := strings.Cut(text, " / ")
	if both && language == "en" {
		return english
	}
	return french
}

// languageOf is the language that a request prefers: French unless it says English.
func languageOf(r *http.Request) string {
	if strings.HasPrefix(strings.ToLower(r.Header.Get("Accept-Language")), "en") {
		return "en"
	}
	return "fr"
}

// writeProblem answers with a problem.
func writeProblem(w http.ResponseWriter, p *problem) {
	p.Title = http.StatusText(p.Status)
	if p.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((p.retryAfter+time.Second-1)/time.Second)))
	}
	writeJSON(w, p.Status, "application/problem+json", p)
}

func writeJSON(w http.ResponseWriter, status int, contentType string, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	writeBody(w, status, contentType, text)
}

func writeBody(w http.ResponseWriter, status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body) //nolint:errcheck // who asked may hang up
}
