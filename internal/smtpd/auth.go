package smtpd

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"

	"github.com/emersion/go-sasl"

	"navette/internal/failure"
	"navette/internal/identity"
)

// authOffered reports whether AUTH may be used now: for submission, over TLS or where the configuration allows it.
func (c *conn) authOffered() bool {
	return c.srv.cfg.Role == Submission && (c.tls != nil || c.srv.cfg.PlainAuth)
}

// auth is RFC 4954.
func (c *conn) auth(ctx context.Context, cmd command) *reply {
	mechanism, initial, hasInitial := strings.Cut(cmd.arg, " ")
	switch {
	case c.srv.cfg.Role != Submission:
		return say(502, "5.5.1", "on ne s'authentifie pas à cette porte", "no authentication at this door")
	case c.helo == "" || !c.esmtp:
		return outOfOrder("EHLO")
	case !c.authOffered():
		return say(538, "5.7.11", "chiffrez d'abord la connexion (STARTTLS)", "encryption required, use STARTTLS")
	case c.principal.Account != 0:
		return say(503, "5.5.1", "déjà authentifié", "already authenticated")
	case c.tx != nil:
		return say(503, "5.5.1", "pas pendant un envoi", "not during a transaction")
	}
	credential := identity.Credential{Channel: identity.SMTP, Peer: c.peer}
	var server sasl.Server
	switch strings.ToUpper(mechanism) {
	case "PLAIN":
		credential.Mechanism = identity.Plain
		server = sasl.NewPlainServer(func(as, login, secret string) error {
			if as != "" && !strings.EqualFold(as, login) {
				return errActingForAnother
			}
			credential.Login, credential.Secret = login, secret
			return nil
		})
	case "LOGIN":
		credential.Mechanism = identity.Login
		server = &loginServer{got: func(login, secret string) { credential.Login, credential.Secret = login, secret }}
	default:
		return say(504, "5.5.4", "mécanisme inconnu", "unrecognised authentication mechanism")
	}
	if r := c.exchange(server, initial, hasInitial); r != nil {
		return r
	}
	return c.verify(ctx, credential)
}

var errActingForAnother = errors.New("the authorization identity is another")

// exchange runs the challenges and responses of a mechanism.
func (c *conn) exchange(server sasl.Server, initial string, hasInitial bool) *reply {
	var response []byte
	if hasInitial {
		var ok bool
		if response, ok = decodeResponse(strings.TrimSpace(initial)); !ok {
			return badBase64()
		}
	}
	for {
		challenge, done, err := server.Next(response)
		if errors.Is(err, errActingForAnother) {
			return say(535, "5.7.8", "on n'agit qu'en son propre nom", "you may act only as yourself")
		}
		if err != nil {
			return say(501, "5.5.2", "réponse illisible", "malformed response")
		}
		if done {
			return nil
		}
		c.write(&reply{code: 334, lines: []string{base64.StdEncoding.EncodeToString(challenge)}})
		line, r := c.readLine()
		if r != nil {
			return r
		}
		if line == "*" {
			return say(501, "5.7.0", "authentification abandonnée", "authentication cancelled")
		}
		var ok bool
		if response, ok = decodeResponse(line); !ok {
			return badBase64()
		}
	}
}

func badBase64() *reply {
	return say(501, "5.5.2", "base64 incorrect", "malformed base64")
}

// decodeResponse reads a response; "=" is an empty one (RFC 4954 §4).
func decodeResponse(s string) ([]byte, bool) {
	if s == "=" {
		return []byte{}, true
	}
	b, err := base64.StdEncoding.DecodeString(s)
	if b == nil {
		b = []byte{}
	}
	return b, err == nil
}

// verify asks who it is, and whether they may send.
func (c *conn) verify(ctx context.Context, credential identity.Credential) *reply {
	p, err := c.srv.cfg.Identity.Verify(ctx, credential)
	if err != nil {
		r := replyFor(err, atAuth)
		if c.authFailures++; failure.Is(err, failure.Denied) && c.authFailures >= c.srv.cfg.Limits.AuthFailures {
			r.close = true
		}
		return r
	}
	if !p.Can(identity.SubmitMail) {
		return say(535, "5.7.8", "ce compte ou ce mot de passe d'application ne peut pas envoyer",
			"this account or application password may not send")
	}
	c.principal = p
	c.log = c.log.With("account", p.Account)
	return say(235, "2.7.0", "bienvenue", "authentication succeeded")
}

// stillAllowed is asked at each step of a transaction (invariant 6).
func (c *conn) stillAllowed() *reply {
	if c.srv.cfg.Role != Submission {
		return nil
	}
	if c.principal.Account == 0 {
		return say(530, "5.7.0", "authentifiez-vous d'abord", "authentication required")
	}
	if !c.srv.cfg.Identity.StillValid(c.principal) {
		return bye(421, "4.7.0", "session révoquée, reconnectez-vous", "session revoked, sign in again")
	}
	return nil
}

// loginServer is the server's side of LOGIN, which has no RFC: two prompts, two answers.
type loginServer struct {
	got   func(login, secret string)
	login *string
}

// Next takes a response, nil for none yet.
func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	switch {
	case response == nil && l.login == nil:
		return []byte("Username:"), false, nil
	case l.login == nil:
		login := string(response)
		l.login = &login
		return []byte("Password:"), false, nil
	}
	l.got(*l.login, string(response))
	return nil, true, nil
}
