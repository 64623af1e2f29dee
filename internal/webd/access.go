package webd

import (
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"sync/atomic"
)

// counts are numbers that only grow.
type counts struct {
	requests, refused, failed, connectionsRefused atomic.Int64
}

// Requests is how many requests were answered.
func (s *Server) Requests() int64 { return s.counts.requests.Load() }

// Refused is how many of them were refused (4xx).
func (s *Server) Refused() int64 { return s.counts.refused.Load() }

// Failures is how many of them failed here (5xx).
func (s *Server) Failures() int64 { return s.counts.failed.Load() }

// ConnectionsRefused is how many connections were closed because there were too many.
func (s *Server) ConnectionsRefused() int64 { return s.counts.connectionsRefused.Load() }

// recorded logs and counts each answer, and answers 500 where a handler panics.
func (s *Server) recorded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := s.cfg.Now()
		seen := &seenWriter{ResponseWriter: w}
		defer func() {
			if p := recover(); p != nil && !aborted(p) {
				s.cfg.Log.Error("a request made the server panic", "route", r.Pattern, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
				if seen.status == 0 {
					http.Error(seen, "internal error", http.StatusInternalServerError)
				}
			}
			s.count(seen.status)
			// The route's pattern stands for the path, and nothing for the peer: neither says who it was.
			s.cfg.Log.Info("request", "method", knownMethod(r.Method), "route", r.Pattern, "status", seen.status, "octets", seen.octets,
				"proto", r.Proto, "took", s.cfg.Now().Sub(start))
		}()
		next.ServeHTTP(seen, r)
	})
}

// aborted tells whether a handler gave its answer up on purpose.
func aborted(panicked any) bool {
	err, ok := panicked.(error)
	return ok && errors.Is(err, http.ErrAbortHandler)
}

func (s *Server) count(status int) {
	s.counts.requests.Add(1)
	switch {
	case status >= 500:
		s.counts.failed.Add(1)
	case status >= 400:
		s.counts.refused.Add(1)
	}
}

// knownMethod keeps a client from writing a text of its own into the log.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}

// seenWriter remembers what was answered.
type seenWriter struct {
	http.ResponseWriter
	status int
	octets int64
}

func (w *seenWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *seenWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.octets += int64(n)
	return n, err
}

// Unwrap gives http.ResponseController the writer beneath.
func (w *seenWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
