package imapd

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"time"

	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/imap"
	"navette/internal/sasl"
)

// maxResponse is the longest answer to a SASL challenge, in octets of base64.
const maxResponse = 4 << 10

// login is LOGIN (RFC 3501 §6.2.3).
func (s *session) login(ctx context.Context, c imap.Login) (reply, error) {
	if !s.mayLogIn() {
		return privacyRequired(), nil
	}
	return s.logIn(ctx, c.Username, c.Password)
}

func privacyRequired() reply {
	return no(imap.CodePrivacyRequired, "Connexion non chiffree: activez TLS (encryption is required)")
}

// authenticate is AUTHENTICATE (RFC 3501 §6.2.2) with the mechanisms of package sasl, and an initial response (RFC 4959).
func (s *session) authenticate(ctx context.Context, c imap.Authenticate) (reply, error) {
	if !s.mayLogIn() {
		return privacyRequired(), nil
	}
	exchange, offered := s.srv.sasl.Begin(c.Mechanism, s.saslConnection())
	if !offered {
		return no(imap.CodeCannot, "the mechanisms offered are "+strings.Join(s.srv.sasl.Mechanisms(s.saslConnection()), ", ")), nil
	}
	message := c.Initial
	for {
		challenge, who, err := exchange.Next(ctx, message)
		if err != nil {
			return s.notWho(ctx, err)
		}
		if who.Account != 0 {
			return s.enter(ctx, who)
		}
		s.out.Continue(base64.StdEncoding.EncodeToString(challenge))
		line, err := s.dec.Line(maxResponse)
		if err != nil {
			return reply{}, asWireError(err)
		}
		if line == "*" {
			if err := exchange.Cancelled(); err != nil {
				return s.notWho(ctx, err)
			}
			return bad("authentication cancelled"), nil
		}
		if message, err = base64.StdEncoding.DecodeString(line); err != nil {
			return bad("the response is not base64"), nil
		}
	}
}

// saslConnection is what package sasl needs to know of the connection.
func (s *session) saslConnection() sasl.Connection {
	c := sasl.Connection{Channel: identity.IMAP, Peer: s.wire.peer}
	if t, ok := s.wire.conn.(*tls.Conn); ok {
		state := t.ConnectionState()
		c.TLS, c.Certificate = &state, s.srv.certificate
	}
	return c
}

// logIn verifies a password and makes the session its owner's.
func (s *session) logIn(ctx context.Context, login, secret string) (reply, error) {
	who, err := s.srv.cfg.Identity.Verify(ctx, identity.Credential{
		Mechanism: identity.Plain, Channel: identity.IMAP, Peer: s.wire.peer, Login: login, Secret: secret,
	})
	if err != nil {
		return s.notWho(ctx, err)
	}
	return s.enter(ctx, who)
}

// notWho answers an authentication that proved nothing. What an owner is to do otherwise from now on goes into an alert,
// which programs show (RFC 3501 §7.1).
func (s *session) notWho(ctx context.Context, err error) (reply, error) {
	var malformed *sasl.MalformedError
	switch {
	case errors.As(err, &malformed):
		return bad(malformed.Text), nil
	case errors.Is(err, sasl.ErrAnother):
		return no(imap.CodeAuthorizationErr, "nobody acts for another here"), nil
	case failure.Is(err, failure.Policy):
		return s.loginFailed(ctx, no(imap.CodeAlert, answerOf(err).text))
	case failure.Is(err, failure.Denied):
		return s.loginFailed(ctx, answerOf(err))
	case isThrottled(err):
		return s.loginFailed(ctx, no(imap.CodeUnavailable, plain(failure.TextOf(err, ""))))
	}
	return reply{}, err
}

// isThrottled tells a client that is to come later from a failure of ours, which has a cause, and goes into the log.
func isThrottled(err error) bool {
	var f *failure.Error
	return errors.As(err, &f) && f.Kind == failure.Temporary && f.Cause == nil
}

// enter makes the session its owner's.
func (s *session) enter(ctx context.Context, who identity.Principal) (reply, error) {
	if !who.Can(identity.ReadMail) {
		return s.loginFailed(ctx, no(imap.CodeAuthorizationErr, "Ce compte n'a pas acces a la messagerie (no access to mail)"))
	}
	leave, ok := s.srv.perAccount.Acquire(who.Account)
	if !ok {
		return no(imap.CodeLimit, "Trop de connexions pour ce compte (too many connections)"), nil
	}
	s.who, s.leaveAccount = who, leave
	s.wire.logInBy = time.Time{}
	s.leaveNetwork()
	s.log = s.log.With("account", who.Account)
	s.dec.SetLimits(imap.DefaultLimits())
	s.watch = s.srv.cfg.Identity.Watch(who, func() { s.wire.end(endRevoked) })
	return okCode(s.capabilityCode(), "logged in"), nil
}

// loginFailed answers a failed log-in after a while, and the last one that a connection has with BYE.
func (s *session) loginFailed(ctx context.Context, answer reply) (reply, error) {
	wait := time.NewTimer(s.srv.limits.FailureDelay)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-ctx.Done():
	}
	if s.failedLogins++; s.failedLogins >= s.srv.limits.FailedLogins {
		s.out.Status(imap.Untagged, imap.BYE, "", "too many failed log-ins")
	}
	return answer, nil
}

// upgrade begins TLS after STARTTLS was answered. What the client sent before the handshake is thrown away: it may be
// somebody else's (RFC 3501 §6.2.1).
func (s *session) upgrade() outcome {
	if s.out.Flush() != nil {
		return over
	}
	if s.dec.Buffered() > 0 {
		s.bye(imap.CodeClientBug, "commands after STARTTLS came before TLS did")
		return over
	}
	if err := s.startTLS(); err != nil {
		s.log.Debug("imap handshake", "error", err)
		return over
	}
	return goOn
}

// enable is ENABLE (RFC 5161).
func (s *session) enable(c imap.Enable) reply {
	var enabled []string
	for _, name := range c.Capabilities {
		switch {
		case name == "CONDSTORE", name == "QRESYNC":
			s.condStore, s.qresync = true, s.qresync || name == "QRESYNC"
			if !slices.Contains(enabled, name) {
				enabled = append(enabled, name)
			}
		}
	}
	s.out.Enabled(enabled)
	return ok("enabled")
}
