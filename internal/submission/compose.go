package submission

import (
	"bytes"
	"strings"

	"navette/internal/delivery"
	"navette/internal/guard"
	"navette/internal/mail"
)

// composed is a submission as it leaves.
type composed struct {
	header []byte // of the content, its empty line included
	env    delivery.Envelope
}

// compose makes the envelope of what the guard cleared, and the header that goes with it.
func (s *Service) compose(sub *submitting) (composed, error) {
	own, q, d := sub.own, sub.q, sub.decisions
	c := composed{header: sub.h.octets, env: delivery.Envelope{ReversePath: sub.ReversePath}}
	for i, one := range d.List() {
		to, address := q.to[i], one.Recipient.Address
		switch {
		case one.Verdict == guard.Separate:
			c.env.Apart = append(c.env.Apart, delivery.Apart{Address: address, Resolution: to})
		case to.Local:
			c.env.Local = append(c.env.Local, to.Target)
		default:
			c.env.Remote = append(c.env.Remote, address)
		}
	}
	if own.voice != nil {
		c.env.Keep = own.voice.Keep()
	} else {
		c.env.Keep = sub.keep
	}
	if k := c.env.Keep; k != nil {
		if sub.corrected {
			sub.kept = field("Bcc", hiddenOf(q))
		}
		k.Prefix = append(k.Prefix, sub.kept...)
	}
	outside := hide(secrets(own, q, d))
	if err := mendable(sub.h.octets, own, outside); err != nil {
		return composed{}, err
	}
	// What pages write is cut in any case, so that what the sender keeps is laid out alike whoever it went to.
	if !d.Rewrites() && len(c.env.Apart) == 0 && sub.keep == nil {
		return c, nil
	}
	cut, err := s.apart(sub.h.octets, own, outside, hide(unshown(own, q, d)))
	if err != nil {
		return composed{}, err
	}
	c.header, c.env.Shown, c.env.Alone = cut.content, cut.shown, alone(cut.content, own)
	if k := c.env.Keep; k != nil { // the sender reads whom it went to
		k.Prefix = append(k.Prefix[:len(k.Prefix):len(k.Prefix)], recipientFields(sub.h.octets)...)
	}
	return c, nil
}

// hiddenOf are the recipients whom no field shows.
func hiddenOf(q question) (out []string) {
	for _, r := range q.Recipients {
		if r.Field == guard.Hidden {
			out = append(out, r.Address)
		}
	}
	return out
}

// secrets are the addresses that no field of the shared content may name: those outside to which copies go, and the
// protected ones that the header shows besides.
func secrets(own ownAddresses, q question, d guard.Decisions) []string {
	out := unshown(own, q, d)
	for _, r := range q.Recipients {
		if r.Class == guard.External || r.Class == guard.Presumed || r.Class == guard.Protected {
			out = append(out, r.Address)
		}
	}
	for _, r := range q.Shown {
		if r.Class == guard.Protected {
			out = append(out, r.Address)
		}
	}
	return out
}

// unshown are the addresses that plain copies must not show either: those that the guard does not let them show, or of a
// message from outside, which stays as it came, those to which copies go apart.
func unshown(own ownAddresses, q question, d guard.Decisions) (out []string) {
	if !d.Rewrites() {
		for _, one := range d.List() {
			if one.Verdict == guard.Separate {
				out = append(out, one.Recipient.Address)
			}
		}
		return out
	}
	for _, list := range [][]guard.Recipient{q.Recipients, q.Shown} {
		for _, r := range list {
			if !r.Own && !own.has(r.Address) && !d.Shows(r.Address) {
				out = append(out, r.Address)
			}
		}
	}
	return out
}

// alone is the To of copies apart: the sender, as the shared content's From has it.
func alone(content []byte, own ownAddresses) []byte {
	v := survey{}
	for f := range mail.HeaderFields(content) {
		if strings.EqualFold(f.Name, "From") {
			v.fromValue, v.authors = f.Value, len(mail.ParseAddressList(string(f.Value)))
		}
	}
	return v.toSender(own)
}

// recipientFields are To and Cc as the sender wrote them.
func recipientFields(raw []byte) []byte {
	var out bytes.Buffer
	for f := range mail.HeaderFields(raw) {
		if strings.EqualFold(f.Name, "To") || strings.EqualFold(f.Name, "Cc") {
			out.Write(endLine(bytes.Clone(raw[f.Offset : f.Offset+f.Size])))
		}
	}
	return out.Bytes()
}
