package smtpd

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"

	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/sasl"
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
	exchange, offered := c.srv.sasl.Begin(strings.ToUpper(mechanism), c.saslConnection())
	if !offered {
		return say(504, "5.5.4", "mécanisme inconnu", "unrecognised authentication mechanism")
	}
	p, r := c.exchange(ctx, exchange, initial, hasInitial)
	if r != nil {
		return r
	}
	return c.enter(p)
}

// saslConnection is what package sasl needs to know of the connection.
func (c *conn) saslConnection() sasl.Connection {
	return sasl.Connection{Channel: identity.SMTP, Peer: c.peer, TLS: c.tls, Certificate: c.srv.certificate}
}

// exchange runs the challenges and responses of a mechanism, up to who it is.
func (c *conn) exchange(ctx context.Context, x *sasl.Exchange, initial string, hasInitial bool) (identity.Principal, *reply) {
	var response []byte
	if hasInitial {
		var ok bool
		if response, ok = decodeResponse(strings.TrimSpace(initial)); !ok {
			return identity.Principal{}, badBase64()
		}
	}
	for {
		challenge, p, err := x.Next(ctx, response)
		if err != nil {
			return p, c.notWho(err)
		}
		if p.Account != 0 {
			return p, nil
		}
		c.write(&reply{code: 334, lines: []string{base64.StdEncoding.EncodeToString(challenge)}})
		line, r := c.readLine()
		if r != nil {
			return p, r
		}
		if line == "*" {
			if err := x.Cancelled(); err != nil {
				return p, c.notWho(err)
			}
			return p, say(501, "5.7.0", "authentification abandonnée", "authentication cancelled")
		}
		var ok bool
		if response, ok = decodeResponse(line); !ok {
			return p, badBase64()
		}
	}
}

// notWho answers an authentication that proved nothing.
func (c *conn) notWho(err error) *reply {
	var malformed *sasl.MalformedError
	switch {
	case errors.As(err, &malformed):
		return say(501, "5.5.2", "réponse illisible", "malformed response: "+malformed.Text)
	case errors.Is(err, sasl.ErrAnother):
		return say(535, "5.7.8", "on n'agit qu'en son propre nom", "you may act only as yourself")
	}
	r := replyFor(err, atAuth)
	if c.authFailures++; failure.Is(err, failure.Denied) && c.authFailures >= c.srv.cfg.Limits.AuthFailures {
		r.close = true
	}
	return r
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

// enter lets in who may send.
func (c *conn) enter(p identity.Principal) *reply {
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
