package smtpd

import (
	"context"
	"errors"
	"io"

	"navette/internal/delivery"
	"navette/internal/forgery"
	"navette/internal/mail"
	"navette/internal/submission"
)

// data is DATA (RFC 5321 §4.1.1.4).
func (c *conn) data(ctx context.Context, cmd command) *reply {
	if cmd.arg != "" {
		return say(501, "5.5.4", "pas de paramètre ici", "no parameters here")
	}
	if r := c.ready(); r != nil {
		return r
	}
	c.write(say(354, "", "à vous, terminez par CRLF.CRLF", "go ahead, end with CRLF.CRLF"))
	c.beginData()
	defer c.endData()
	b := newDotReader(c.br, c.bodyLimits())
	r, _ := c.receive(ctx, b)
	if !b.drain() {
		r.close = true
	}
	return c.answerData(r, true)
}

// ready reports what is missing before data may come.
func (c *conn) ready() *reply {
	switch {
	case c.tx == nil:
		return outOfOrder("MAIL")
	case len(c.tx.recipients) == 0:
		return say(503, "5.5.1", "aucun destinataire accepté", "no valid recipients")
	}
	return c.stillAllowed()
}

func (c *conn) bodyLimits() bodyLimits {
	return bodyLimits{size: c.srv.cfg.Limits.MessageSize, line: c.srv.cfg.Limits.LineLength}
}

// answerData ends the transaction with a reply; in LMTP with one for each recipient, in their order, if all of the
// message was sent (RFC 2033 §4.2).
func (c *conn) answerData(r *reply, whole bool) *reply {
	if c.srv.cfg.Role == LMTP && whole && r.code != 0 {
		for range len(c.tx.recipients) - 1 {
			c.write(r)
		}
	}
	c.tx = nil
	if !r.refused() {
		c.idle, c.refusals = 0, 0
	}
	return r
}

// receive takes a message in: the reply, and the error that it came from.
func (c *conn) receive(ctx context.Context, b body) (*reply, error) {
	id, err := newID(c.srv.cfg.Random)
	if err != nil {
		return c.failed("DATA", err, atData), err
	}
	log := c.log.With("id", id)
	var receipt delivery.Receipt
	switch {
	case c.srv.cfg.Role == Submission:
		receipt, err = c.submit(ctx, id, b)
	case c.tx.toGroups():
		receipt, err = c.inject(ctx, id, b)
	default:
		receipt, err = c.accept(ctx, id, b)
	}
	switch {
	case errors.Is(err, errAborted):
		log.Info("message given up")
		return nil, err
	case err != nil && b.broken():
		log.Info("message cut off", "error", err)
		return lost(err), err
	case err != nil:
		return c.failed("DATA", err, atData), err
	}
	log.Info("message accepted", "delivery", receipt.Delivery, "recipients", len(c.tx.recipients), "to", c.digests(), "tls", c.tls != nil)
	return say(250, "2.0.0", "message pris en charge", "accepted "+id), nil
}

// accept streams a message from outside, or from a local program, into a content and hands it to delivery.
func (c *conn) accept(ctx context.Context, id string, b body) (delivery.Receipt, error) {
	draft := c.srv.cfg.Contents.NewDraft(ctx)
	defer draft.Abort()
	filter := forgery.NewFilter(draft, c.srv.cfg.Hostname)
	buf := c.srv.buffers.Get().(*[]byte)
	defer c.srv.buffers.Put(buf)
	if _, err := io.CopyBuffer(struct{ io.Writer }{filter}, struct{ io.Reader }{b}, *buf); err != nil {
		return delivery.Receipt{}, err
	}
	if err := filter.Close(); err != nil {
		return delivery.Receipt{}, err
	}
	if filter.Received() > c.srv.cfg.Limits.Hops {
		return delivery.Receipt{}, refuseLoop()
	}
	prepared, err := draft.Finish(ctx)
	if err != nil {
		return delivery.Receipt{}, err
	}
	cleared, env, err := c.clear(ctx, prepared.Facts)
	if err != nil {
		return delivery.Receipt{}, err
	}
	env.ListIDs = filter.ListIDs()
	prefix := append(c.trace(id).prefix(), c.mark(&prepared.Facts.Envelope)...)
	return c.srv.cfg.Delivery.Accept(ctx, cleared, env, prepared, prefix)
}

// mark is the field that tells readers what was seen of a sender; nil where there is none.
func (c *conn) mark(e *mail.Envelope) []byte {
	if c.srv.cfg.Origin == nil {
		return nil
	}
	return c.srv.cfg.Origin.Field(e, c.srv.cfg.Role == Reception)
}

func refuseLoop() *reply {
	return say(554, "5.4.6", "trop de relais traversés : le message tourne en rond", "too many hops, mail loop")
}

func (c *conn) trace(id string) trace {
	t := trace{
		reversePath: c.tx.reversePath, helo: c.helo, peer: c.peer, hostname: c.srv.cfg.Hostname, id: id, at: c.srv.cfg.Now(),
		protocol: protocolName(c.srv.cfg.Role, c.esmtp, c.tx.utf8, c.tls != nil, false),
	}
	if len(c.tx.recipients) == 1 && !c.tx.toGroups() { // members of a group learn no address but the sender's
		t.recipient = c.tx.recipients[0].address
	}
	return t
}

// submit hands what an agent sends to the submission service.
func (c *conn) submit(ctx context.Context, id string, b body) (delivery.Receipt, error) {
	m := submission.Message{
		Principal: c.principal, ReversePath: c.tx.reversePath, ID: id,
		Protocol: protocolName(Submission, c.esmtp, c.tx.utf8, c.tls != nil, true),
		// The principal may have been revoked while the data came: asked for after it, before anything is kept.
		StillAllowed: func() error {
			if r := c.stillAllowed(); r != nil {
				return r
			}
			return nil
		},
	}
	for _, r := range c.tx.recipients {
		m.Recipients = append(m.Recipients, r.address)
	}
	return c.srv.cfg.Submission.Submit(ctx, m, b)
}

// errAborted says that the client gave a message up between two chunks.
var errAborted = errors.New("message given up by the client")
