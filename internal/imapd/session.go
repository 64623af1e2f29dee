package imapd

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"navette/internal/identity"
	"navette/internal/imap"
)

// beforeLogin bounds the commands of somebody who has not said who they are.
var beforeLogin = imap.Limits{Command: 8 << 10, Drain: 64 << 10}

// session is one client. It belongs to one goroutine at a time.
type session struct {
	srv  *Server
	wire *wire
	dec  *imap.Decoder
	out  *imap.Writer
	log  *slog.Logger
	mode TLSMode

	secure       bool      // TLS is on
	heard        time.Time // when the client last spoke
	failedLogins int
	badCommands  int // in a row
	early        int // commands before log-in

	who          identity.Principal // zero before log-in
	watch        *identity.Watch
	leaveAccount func()
	leaveNetwork func()

	box       *selection // nil where none is selected
	condStore bool       // the client knows mod-sequences (RFC 7162 §3.1)
	qresync   bool       // and hears VANISHED (RFC 7162 §3.2)
	idle      *idling    // the IDLE in progress
	told      told       // what the command in progress said of flags

	goodbye bool // LOGOUT was answered
}

// idling is an IDLE in progress.
type idling struct {
	tag  string
	stop chan struct{} // ends the goroutine that wakes the session
}

func newSession(srv *Server, w *wire, mode TLSMode) *session {
	w.logInBy = srv.cfg.Now().Add(srv.limits.LoginTime)
	return &session{srv: srv, wire: w, dec: w.dec, out: w.out, mode: mode, log: srv.cfg.Log.With("peer", w.peer.String())}
}

// begin greets the client and serves it.
func (s *session) begin() {
	if s.mode == ImplicitTLS {
		if err := s.startTLS(); err != nil {
			s.log.Debug("imap handshake", "error", err)
			s.close()
			return
		}
	}
	s.wire.borrow()
	s.out.Status(imap.Untagged, imap.OK, s.capabilityCode(), "Navette")
	s.run()
}

// startTLS makes everything from here on go through TLS.
func (s *session) startTLS() error {
	conn := tls.Server(s.wire.raw, s.srv.cfg.TLS)
	s.wire.readBy(s.wire.logInBy)
	s.wire.writeBy(s.wire.logInBy)
	if err := conn.HandshakeContext(s.wire.ctx); err != nil {
		return fmt.Errorf("TLS handshake: %w", err)
	}
	s.wire.conn, s.secure = conn, true
	return nil
}

// outcome is what becomes of a session after a step.
type outcome int

const (
	goOn   outcome = iota
	settle         // go on, in a fresh goroutine
	over
)

// run serves until the connection is over. A panic ends the connection, not the program.
func (s *session) run() {
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("imap session panicked", "panic", p, "stack", string(debug.Stack()))
			s.close()
		}
	}()
	for {
		switch s.step() {
		case settle:
			go s.run()
			return
		case over:
			s.close()
			return
		}
	}
}

// step waits for the next thing to happen and deals with it.
func (s *session) step() outcome {
	quiet := s.srv.limits.SettleTime
	switch s.wire.await(s.deadline(), quiet, s.idle != nil) {
	case eventInput:
		s.heard = s.srv.cfg.Now()
		if s.idle != nil {
			return s.endIdle()
		}
		return s.serveCommand()
	case eventWoken:
		return s.tellIdler()
	case eventQuiet:
		return s.rest()
	case eventExpired:
		s.bye("", "Deconnexion apres un long silence (autologout: no command for too long)")
	case eventEnded:
		s.byeEnded()
	}
	return over
}

// deadline is when a silent client is sent away.
func (s *session) deadline() time.Time {
	if !s.loggedIn() {
		return s.wire.logInBy
	}
	return s.heard.Add(s.srv.limits.IdleTime)
}

func (s *session) loggedIn() bool { return s.who.Account != 0 }

// bye says the server's last word.
func (s *session) bye(code imap.Code, text string) {
	s.out.Status(imap.Untagged, imap.BYE, code, text)
	s.flush()
}

// flush sends the last words of a connection; it may be too late for them.
func (s *session) flush() {
	if err := s.out.Flush(); err != nil {
		s.log.Debug("imap last words", "error", err)
	}
}

// byeEnded says BYE for the reason for which end was called.
func (s *session) byeEnded() {
	switch ending(s.wire.ended.Load()) {
	case endRevoked:
		s.bye(imap.CodeExpired, "Vous avez ete deconnecte: compte suspendu ou mot de passe change (access revoked)")
	default:
		s.bye(imap.CodeUnavailable, "Le serveur s'arrete, revenez dans un instant (server shutting down)")
	}
}

// close gives back everything that the session holds.
func (s *session) close() {
	s.stopIdling()
	s.leave()
	if s.watch != nil {
		s.watch.Stop()
	}
	if s.leaveAccount != nil {
		s.leaveAccount()
	}
	if s.leaveNetwork != nil {
		s.leaveNetwork()
	}
	s.wire.close()
	s.srv.removeWire(s.wire)
}

// serveCommand reads one command and answers it.
func (s *session) serveCommand() outcome {
	req, err := s.dec.Next()
	if err != nil {
		return s.refuse(err)
	}
	s.badCommands = 0
	if !s.loggedIn() {
		if s.early++; s.early > s.srv.limits.EarlyCommands {
			s.bye("", "too many commands before a log-in")
			return over
		}
	}
	s.anew()
	ctx := s.wire.ctx
	answer, err := s.handle(ctx, req)
	if err != nil {
		if answer, err = s.answerFor(req, err); err != nil {
			return s.failed(err)
		}
	}
	if err := s.tellChanges(ctx, req.Command); err != nil {
		if s.isFinal(err) {
			return s.failed(err)
		}
		// The next command will tell it.
		s.log.Error("imap changes not told", "error", err)
	}
	if answer.condition == imap.OK && answer.code == "" {
		answer.code = s.highest(req.Command)
	}
	if answer.text != "" {
		s.out.Status(req.Tag, answer.condition, answer.code, answer.text)
	}
	if err := s.dec.Abandon(); err != nil {
		return s.refuse(err)
	}
	return s.after(req)
}

// after does what must come when the answer is on its way.
func (s *session) after(req imap.Request) outcome {
	if s.goodbye || s.srv.limits.FailedLogins <= s.failedLogins {
		s.flush()
		return over
	}
	if _, upgrade := req.Command.(imap.StartTLS); upgrade && s.canStartTLS() {
		return s.upgrade()
	}
	if s.idle != nil {
		return settle
	}
	return goOn
}

// refuse answers what is no command.
func (s *session) refuse(err error) outcome {
	var bad *imap.BadCommand
	var lost *imap.LostSync
	switch {
	case errors.As(err, &bad):
		if s.badCommands++; s.badCommands >= s.srv.limits.BadCommands {
			s.bye("", "too many bad commands")
			return over
		}
		s.out.Status(bad.Tag, imap.BAD, bad.Code, bad.Text)
		return goOn
	case errors.As(err, &lost):
		s.bye(imap.CodeTooBig, lost.Text)
		return over
	}
	return s.failed(wireError{err})
}

// errUnreadable marks an error after which the client cannot understand another word: a literal that ended early.
var errUnreadable = errors.New("the response cannot be completed")

// failed ends the connection after an error that no answer mends. In the middle of a response there is no last word.
func (s *session) failed(err error) outcome {
	var gone *goneError
	switch {
	case isBroken(err):
		s.log.Debug("imap connection broken", "error", err)
	case s.wire.ended.Load() != int32(endNone):
		if !errors.Is(err, errUnreadable) {
			s.byeEnded()
		}
	case errors.Is(err, errUnreadable):
		s.log.Error("imap response cut", "error", err)
	case errors.As(err, &gone):
		s.bye("", gone.why)
	default:
		s.log.Error("imap session ended", "error", err)
		s.bye(imap.CodeUnavailable, "Erreur passagere, reconnectez-vous (temporary failure)")
	}
	return over
}

// isFinal tells whether no answer mends err.
func (s *session) isFinal(err error) bool {
	var gone *goneError
	return errors.Is(err, errUnreadable) || errors.As(err, &gone) || s.wire.ended.Load() != int32(endNone) || isBroken(err)
}

// answerFor turns the error of a command into its answer, or returns an error that ends the connection.
func (s *session) answerFor(req imap.Request, err error) (reply, error) {
	var bad *imap.BadCommand
	var lost *imap.LostSync
	switch {
	case s.isFinal(err):
		return reply{}, err
	case errors.As(err, &bad):
		return reply{condition: imap.BAD, code: bad.Code, text: bad.Text}, nil
	case errors.Is(err, errTryCreate):
		return no(imap.CodeTryCreate, "there is no such mailbox yet"), nil
	case errors.As(err, &lost):
		s.bye(imap.CodeTooBig, lost.Text)
		return reply{}, err
	}
	answer := answerOf(err)
	if answer.code == imap.CodeUnavailable {
		s.log.Error("imap command failed", "command", req.Command.Name(), "account", s.who.Account, "error", err)
	}
	return answer, nil
}

// rest makes a silent connection small.
func (s *session) rest() outcome {
	if s.box != nil {
		s.box.uids.Clip()
	}
	return settle
}
