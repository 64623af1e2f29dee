package smtpd

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"navette/internal/delivery"
)

// transaction is what MAIL began (RFC 5321 §3.3).
type transaction struct {
	reversePath string // as written, "" for the null path
	utf8        bool   // SMTPUTF8 was asked for
	recipients  []recipient
}

type recipient struct {
	address string // as written
	to      delivery.Resolution
}

// mail is MAIL.
func (c *conn) mail(ctx context.Context, cmd command) *reply {
	switch {
	case c.helo == "":
		return outOfOrder(c.greetingVerb())
	case c.tx != nil:
		return say(503, "5.5.1", "un envoi est déjà commencé", "a transaction is already under way")
	}
	if r := c.stillAllowed(); r != nil {
		return r
	}
	path, params, r := pathArgument(cmd.arg, "FROM:", "5.1.7")
	if r != nil {
		return r
	}
	tx := &transaction{reversePath: path}
	for _, p := range params {
		if r := c.mailParameter(tx, p); r != nil {
			return r
		}
	}
	if !tx.utf8 && !isASCII(path) {
		return needsUTF8()
	}
	if c.srv.cfg.Role == Submission {
		if err := c.srv.cfg.Submission.CheckReversePath(ctx, c.principal, path); err != nil {
			return c.failed("MAIL", err, atMail)
		}
	}
	c.tx = tx
	return say(250, "2.1.0", "expéditeur noté", "sender ok")
}

func (c *conn) greetingVerb() string {
	if c.srv.cfg.Role == LMTP {
		return "LHLO"
	}
	return "EHLO"
}

// pathArgument reads the argument of MAIL or RCPT. badPath is the enhanced code for a path that is none.
func pathArgument(arg, keyword, badPath string) (path string, params []parameter, r *reply) {
	if len(arg) < len(keyword) || !strings.EqualFold(arg[:len(keyword)], keyword) {
		return "", nil, say(501, "5.5.4", "syntaxe : "+keyword+"<adresse>", "syntax: "+keyword+"<address>")
	}
	path, rest, ok := parsePath(arg[len(keyword):])
	if !ok {
		return "", nil, say(501, badPath, "adresse mal formée", "malformed address")
	}
	if params, ok = parseParameters(rest); !ok {
		return "", nil, say(501, "5.5.4", "paramètres mal formés", "malformed parameters")
	}
	return path, params, nil
}

func needsUTF8() *reply {
	return say(553, "5.6.7", "cette adresse demande SMTPUTF8", "this address needs SMTPUTF8")
}

func unknownParameter(p parameter) *reply {
	return say(555, "5.5.4", "paramètre inconnu : "+p.key, "unknown parameter: "+p.key)
}

func (c *conn) mailParameter(tx *transaction, p parameter) *reply {
	if !c.esmtp {
		return unknownParameter(p)
	}
	switch p.key {
	case "SIZE": // RFC 1870
		if p.value == "" || strings.Trim(p.value, "0123456789") != "" || len(p.value) > 20 {
			return say(501, "5.5.4", "SIZE attend un nombre", "SIZE takes a number")
		}
		if n, err := strconv.ParseInt(p.value, 10, 64); err != nil || n > c.srv.cfg.Limits.MessageSize {
			return refuseTooLarge()
		}
	case "BODY": // RFC 6152
		if v := strings.ToUpper(p.value); v != "7BIT" && v != "8BITMIME" {
			return say(501, "5.5.4", "BODY inconnu", "unknown BODY")
		}
	case "SMTPUTF8": // RFC 6531
		if p.value != "" {
			return say(501, "5.5.4", "SMTPUTF8 est sans valeur", "SMTPUTF8 takes no value")
		}
		tx.utf8 = true
	case "AUTH": // RFC 4954 §5: taken where AUTH is offered, and not believed
		if !c.authOffered() {
			return unknownParameter(p)
		}
	default:
		return unknownParameter(p)
	}
	return nil
}

// rcpt is RCPT.
func (c *conn) rcpt(ctx context.Context, cmd command) *reply {
	if c.tx == nil {
		return outOfOrder("MAIL")
	}
	if r := c.stillAllowed(); r != nil {
		return r
	}
	if len(c.tx.recipients) >= c.srv.cfg.Limits.Recipients {
		return say(452, "4.5.3", "trop de destinataires pour un envoi", "too many recipients for one transaction")
	}
	arg := cmd.arg
	if strings.EqualFold(strings.ReplaceAll(arg, " ", ""), "TO:<postmaster>") {
		arg = "TO:<postmaster@" + c.srv.cfg.Domain + ">"
	}
	path, params, r := pathArgument(arg, "TO:", "5.1.3")
	switch {
	case r != nil:
		return r
	case path == "":
		return say(501, "5.1.3", "adresse mal formée", "malformed address")
	case len(params) > 0:
		return unknownParameter(params[0])
	case !c.tx.utf8 && !isASCII(path):
		return needsUTF8()
	}
	to, err := c.srv.cfg.Delivery.Resolve(ctx, path)
	if err != nil {
		return c.failed("RCPT", err, atRcpt)
	}
	if !to.Local && c.srv.cfg.Role != Submission {
		return say(550, "5.7.1", "ce domaine n'est pas d'ici, et il faut s'authentifier pour écrire ailleurs",
			"relaying denied")
	}
	if err := c.srv.cfg.Delivery.MayPost(ctx, to.Target, c.sender()); err != nil {
		return c.failed("RCPT", err, atRcpt)
	}
	if err := c.mayWrite(ctx, path, to); err != nil {
		return c.failed("RCPT", err, atRcpt)
	}
	c.tx.recipients = append(c.tx.recipients, recipient{path, to})
	return say(250, "2.1.5", "destinataire noté", "recipient ok")
}

// toGroups tells that the message under way goes to a computed group.
func (t *transaction) toGroups() bool {
	return slices.ContainsFunc(t.recipients, func(r recipient) bool { return r.to.Target.Group != 0 })
}

// sender is who writes, as far as is known: only an agent has signed in.
func (c *conn) sender() delivery.Sender {
	return delivery.Sender{Account: c.principal.Account, ReversePath: c.tx.reversePath}
}

// failed makes a reply of what a service answered, and logs what an operator can do something about.
func (c *conn) failed(verb string, err error, at stage) *reply {
	r := replyFor(err, at)
	if r.code < 500 {
		c.log.Warn("temporary failure", "command", verb, "code", r.code, "error", err)
	} else {
		c.log.Debug("refused", "command", verb, "code", r.code, "enhanced", r.enhanced)
	}
	return r
}
