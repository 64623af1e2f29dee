package smtpd

import (
	"context"
	"slices"

	"navette/internal/delivery"
	"navette/internal/directory"
	"navette/internal/guard"
	"navette/internal/mail"
	"navette/internal/submission"
)

// clear asks the guard, and makes the envelope of what it cleared. What stands in the header of mail from outside is
// its sender's business, whether it comes by SMTP or through a relay by LMTP: the guard is told of the fields of what a
// program of ours writes alone.
func (c *conn) clear(ctx context.Context, facts *mail.Facts) (guard.Cleared, delivery.Envelope, error) {
	n := len(c.tx.recipients)
	m := guard.Message{Door: c.door(), Recipients: make([]guard.Recipient, 0, n), Rules: c.srv.cfg.Rules}
	env := delivery.Envelope{ReversePath: c.tx.reversePath, Local: make([]delivery.Target, 0, n)}
	for _, r := range c.tx.recipients {
		m.Recipients = append(m.Recipients, guard.Recipient{Address: r.address, Standing: guard.Standing{Class: r.to.Class}})
		env.Local = append(env.Local, r.to.Target)
	}
	if c.srv.cfg.Role == LMTP && c.ours(facts.Envelope.From) {
		if err := c.show(ctx, &m, &facts.Envelope); err != nil {
			return guard.Cleared{}, env, err
		}
	}
	cleared, err := guard.Decide(m).Clear(false)
	return cleared, env, err
}

// ours tells that the authors of a message write under our domains.
func (c *conn) ours(list []mail.Address) bool {
	return slices.ContainsFunc(list, func(a mail.Address) bool { return c.isOurs(a) })
}

func (c *conn) isOurs(a mail.Address) bool {
	domain, err := directory.NormalDomain(a.Host)
	return err == nil && slices.Contains(c.srv.cfg.Domains, domain)
}

// show tells the guard who stands in To and Cc, and what all are. Whom a program has in Cci reads what it shows like those
// in Cc, because there are no copies apart here.
func (c *conn) show(ctx context.Context, m *guard.Message, e *mail.Envelope) error {
	fields := map[string]guard.Field{}
	var shown []string
	for _, field := range []struct {
		list  []mail.Address
		where guard.Field
	}{{e.To, guard.To}, {e.Cc, guard.Cc}} {
		for _, a := range field.list {
			key := directory.MatchKey(a.Addr())
			if _, known := fields[key]; a.Kind == mail.Mailbox && a.Host != "" && key != "" && !known {
				fields[key] = field.where
				shown = append(shown, a.Addr())
			}
		}
	}
	got := map[string]bool{}
	for i := range m.Recipients {
		r := &m.Recipients[i]
		key := directory.MatchKey(r.Address)
		got[key] = true
		if r.Field = fields[key]; r.Field == guard.Hidden {
			r.Field = guard.Cc
		}
	}
	for _, address := range shown {
		if key := directory.MatchKey(address); !got[key] {
			m.Shown = append(m.Shown, guard.Recipient{Address: address, Field: fields[key]})
		}
	}
	return c.know(ctx, m)
}

// know tells the guard what the recipients, and who is shown besides, are.
func (c *conn) know(ctx context.Context, m *guard.Message) error {
	outside := func(r guard.Recipient) bool {
		l, err := directory.ParseLookup(r.Address)
		return err != nil || !slices.Contains(c.srv.cfg.Domains, l.Domain)
	}
	if c.srv.cfg.Groups == nil || !slices.ContainsFunc(m.Shown, outside) {
		return nil // colleagues alone: most of what programs write, and nothing is asked
	}
	var addresses []string
	for _, r := range slices.Concat(m.Recipients, m.Shown) {
		addresses = append(addresses, r.Address)
	}
	standings, err := c.srv.cfg.Groups.Everywhere(ctx, addresses)
	if err != nil {
		return err
	}
	for i := range standings {
		if i < len(m.Recipients) {
			m.Recipients[i].Standing = standings[i]
		} else {
			m.Shown[i-len(m.Recipients)].Standing = standings[i]
		}
	}
	return nil
}

// inject hands a message for computed groups to who spreads it over their members.
func (c *conn) inject(ctx context.Context, id string, b body) (delivery.Receipt, error) {
	in := c.injection()
	in.Prefix = c.trace(id).prefix()
	in.Mark = c.mark
	return c.srv.cfg.Groups.Inject(ctx, in, b)
}

// mayWrite asks, for an address of a computed group, whether this client may write to it.
func (c *conn) mayWrite(ctx context.Context, address string, to delivery.Resolution) error {
	switch {
	case c.srv.cfg.Role == Submission:
		return c.srv.cfg.Submission.CheckRecipient(ctx, c.principal, address, to)
	case to.Target.Group == 0:
		return nil
	case c.srv.cfg.Groups == nil:
		return say(550, "5.7.1", "ce groupe n'est pas ouvert d'ici", "this group is not open from here")
	}
	return c.srv.cfg.Groups.MayInject(ctx, c.injection(), address)
}

// injection is what the door knows of a message for computed groups.
func (c *conn) injection() submission.Injection {
	in := submission.Injection{Door: c.door(), Peer: c.peer, ReversePath: c.tx.reversePath}
	for _, r := range c.tx.recipients {
		in.Recipients, in.To = append(in.Recipients, r.address), append(in.To, r.to)
	}
	return in
}

// door is how the guard knows a role that nobody signs in at.
func (c *conn) door() guard.Door {
	if c.srv.cfg.Role == LMTP {
		return guard.LMTP
	}
	return guard.Reception
}

// digestsMax bounds the recipients whose digests stand in the log: the number of all does too.
const digestsMax = 20

// digests are what the log has instead of addresses: whoever knows an address and the key finds the message.
func (c *conn) digests() []string {
	if c.srv.cfg.Digest == nil {
		return nil
	}
	out := make([]string, 0, min(len(c.tx.recipients), digestsMax))
	for _, r := range c.tx.recipients[:cap(out)] {
		out = append(out, c.srv.cfg.Digest(r.address))
	}
	return out
}
