package admin

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"navette/internal/enrolment"
	"navette/internal/failure"
	"navette/internal/history"
	"navette/internal/identity"
	"navette/internal/roster"
)

// A reply is lines of JSON, one event a line; the last is a result or an error.
type event struct {
	Done    int                   `json:"done,omitempty"`
	Total   int                   `json:"total,omitempty"`
	Account *identity.AccountLine `json:"account,omitempty"`
	Report  *roster.Report        `json:"report,omitempty"`
	Exports enrolment.Reports     `json:"exports,omitempty"`
	History []history.Event       `json:"history,omitempty"`
	Lines   []string              `json:"lines,omitempty"`
	Error   *problem              `json:"error,omitempty"`
	End     bool                  `json:"end,omitempty"`
}

// problem is an error on its way to the command that caused it: an operator may see all of it.
type problem struct {
	Kind failure.Kind `json:"kind"`
	Text string       `json:"text"`
}

// Server answers commands on the socket.
type Server struct {
	ops     Operations
	scratch string // folder for files on their way in
	log     *slog.Logger
	http    http.Server
}

// NewServer returns a server of ops; scratch is a folder of ours for what must be read twice.
func NewServer(ops Operations, scratch string, log *slog.Logger) *Server {
	s := &Server{ops: ops, scratch: scratch, log: log}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /import/hr", s.importHR)
	mux.HandleFunc("POST /import/aaf", s.importAAF)
	mux.HandleFunc("POST /school", s.school)
	mux.HandleFunc("GET /accounts", s.accounts)
	mux.HandleFunc("GET /history", s.history)
	mux.HandleFunc("POST /person", s.person)
	mux.HandleFunc("POST /box", s.box)
	mux.HandleFunc("POST /list", s.list)
	mux.HandleFunc("POST /group", s.group)
	mux.HandleFunc("POST /annuaire", s.annuaire)
	mux.HandleFunc("POST /proof", s.proof)
	mux.HandleFunc("POST /forward", s.forward)
	mux.HandleFunc("POST /frame", s.frame)
	mux.HandleFunc("POST /incident", s.incident)
	mux.HandleFunc("GET /establishments", s.establishments)
	mux.HandleFunc("POST /establishment", s.setEstablishment)
	mux.HandleFunc("POST /device", s.device)
	mux.HandleFunc("POST /protect", s.protect)
	mux.HandleFunc("POST /account/{act}", s.act)
	s.http = http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
	return s
}

// Listen makes the socket, with mode 0600 from its first instant, in the place of one that a dead server left.
func Listen(path string) (net.Listener, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	// The folder is ours alone until the socket is: it is made under another name there, then named.
	dir, err := os.MkdirTemp(filepath.Dir(path), ".sock-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	hidden := filepath.Join(dir, "s")
	ln, err := net.ListenUnix("unix", &net.UnixAddr{Name: hidden, Net: "unix"})
	if err != nil {
		return nil, err
	}
	ln.SetUnlinkOnClose(false)
	if err := errors.Join(os.Chmod(hidden, 0o600), os.Rename(hidden, path)); err != nil {
		return nil, errors.Join(err, ln.Close())
	}
	return ln, nil
}

// Serve answers until Shutdown.
func (s *Server) Serve(ln net.Listener) error {
	if err := s.http.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Shutdown waits for running commands until ctx ends.
func (s *Server) Shutdown(ctx context.Context) error { return s.http.Shutdown(ctx) }

// stream writes events as they come.
type stream struct {
	enc   *json.Encoder
	flush http.Flusher
}

func newStream(w http.ResponseWriter) *stream {
	w.Header().Set("Content-Type", "application/x-ndjson")
	f, _ := w.(http.Flusher)
	return &stream{json.NewEncoder(w), f}
}

func (s *stream) send(e event) error {
	err := s.enc.Encode(e)
	if s.flush != nil {
		s.flush.Flush()
	}
	return err
}

// end sends the last event.
func (s *stream) end(report *roster.Report, err error) { s.last(event{Report: report}, err) }

// last makes an event the last one, and sends it.
func (s *stream) last(last event, err error) {
	last.End = true
	if err != nil {
		last.Error = &problem{failure.KindOf(err), err.Error()}
	}
	s.send(last) //nolint:errcheck // a command that hung up needs no answer
}

func (s *Server) importHR(w http.ResponseWriter, r *http.Request) {
	out := newStream(w)
	file, err := s.keep(r.Body)
	if err != nil {
		out.end(nil, err)
		return
	}
	defer file.Close()
	opt := importOptions(r.URL.Query())
	// The import ends as it should even when the command is interrupted: it is one act, and goes on in batches.
	report, err := s.ops.ImportHR(context.WithoutCancel(r.Context()), file, opt, func(done, total int) {
		out.send(event{Done: done, Total: total}) //nolint:errcheck // see above
	})
	out.end(&report, err)
}

// query is the options on their way to a server; importOptions reads them there.
func (o ImportOptions) query() string {
	q := url.Values{"force": o.Force, "actor": {o.By.Actor}, "reason": {o.By.Reason}}
	if o.DryRun {
		q.Set("dry_run", "1")
	}
	if o.Details {
		q.Set("details", "1")
	}
	return q.Encode()
}

func importOptions(q url.Values) ImportOptions {
	return ImportOptions{DryRun: q.Get("dry_run") == "1", Details: q.Get("details") == "1", Force: q["force"],
		By: identity.By{Actor: q.Get("actor"), Reason: q.Get("reason")}}
}

// keep copies a file into the scratch folder, where it has no name: it holds secrets, and must not survive a crash.
func (s *Server) keep(r io.Reader) (*os.File, error) {
	f, err := os.CreateTemp(s.scratch, ".import-")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if _, err := io.Copy(f, r); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func (s *Server) accounts(w http.ResponseWriter, r *http.Request) {
	out := newStream(w)
	enc := out.enc
	err := s.ops.Accounts(r.Context(), func(a identity.AccountLine) error { return enc.Encode(event{Account: &a}) })
	out.end(nil, err)
}

func (s *Server) history(w http.ResponseWriter, r *http.Request) {
	out := newStream(w)
	events, err := s.ops.History(r.Context(), r.URL.Query().Get("who"))
	if err == nil {
		err = out.send(event{History: events})
	}
	out.end(nil, err)
}

// act is a change of one account.
type act struct {
	Actor  string `json:"actor"`
	Reason string `json:"reason"`
	Who    string `json:"who"`
	Secret string `json:"secret,omitempty"`
}

func (s *Server) act(w http.ResponseWriter, r *http.Request) {
	out := newStream(w)
	var a act
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&a); err != nil {
		out.end(nil, failure.Wrap(failure.Permanent, err, "request not understood"))
		return
	}
	by := identity.By{Actor: a.Actor, Reason: a.Reason}
	var err error
	switch r.PathValue("act") {
	case "password":
		err = s.ops.SetPassword(r.Context(), by, a.Who, a.Secret)
	case "suspend":
		err = s.ops.Suspend(r.Context(), by, a.Who)
	case "resume":
		err = s.ops.Resume(r.Context(), by, a.Who)
	default:
		err = failure.New(failure.NotFound, "no such operation")
	}
	out.end(nil, err)
}
