package imapd

import (
	"context"
	"errors"
	"fmt"
	"io"

	"navette/internal/failure"
	"navette/internal/imap"
	"navette/internal/mailbox"
)

// append is APPEND with one message or several (RFC 3501 §6.3.11, RFC 3502): all of them are kept, or none.
func (s *session) append(ctx context.Context, c *imap.Append) (reply, error) {
	to, err := s.findFor(ctx, c.Mailbox, "i")
	if err != nil {
		return reply{}, err
	}
	if _, err := s.srv.cfg.Mailboxes.ByName(ctx, to.account, to.name); err != nil {
		return reply{}, tryCreate(err)
	}
	quota, err := s.srv.cfg.Mailboxes.Quota(ctx, to.account)
	if err != nil {
		return reply{}, err
	}
	var emails []mailbox.NewEmail
	for total := int64(0); ; {
		m, err := c.NextMessage()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return reply{}, asWireError(err)
		}
		total += m.Size
		if answer, refused := s.refuseMessage(m, len(emails), quota.Fits(total)); refused {
			return answer, nil
		}
		email, err := s.receive(ctx, c, m)
		if err != nil {
			return reply{}, err
		}
		emails = append(emails, email)
	}
	// The octets took the client's time, in which a member may have been taken off a box (invariant 9).
	if _, err := s.findFor(ctx, c.Mailbox, "i"); err != nil {
		return reply{}, err
	}
	done, err := s.srv.cfg.Mailboxes.Append(ctx, to.account, to.name, emails)
	if err != nil {
		return reply{}, tryCreate(err)
	}
	return okCode(imap.CodeAppendUID(done.UIDValidity, setOf(done.UIDs)), "appended"), nil
}

// refuseMessage refuses a message before its octets are asked for.
func (s *session) refuseMessage(m imap.AppendMessage, before int, fits bool) (reply, bool) {
	switch {
	case m.Size == 0:
		return no("", "a message of no octets: nothing was appended"), true // RFC 3502 §6.3.11
	case m.Size > s.srv.limits.Message:
		return no(imap.CodeTooBig, fmt.Sprintf("a message has at most %d octets", s.srv.limits.Message)), true
	case m.Binary:
		return no(imap.CodeCannot, "binary messages are not offered"), true
	case before == s.srv.limits.MultiAppend:
		return no(imap.CodeLimit, fmt.Sprintf("at most %d messages at a time", before)), true
	case !fits:
		return answerOf(failure.New(failure.Quota, "La boîte est pleine (mailbox full)")), true
	}
	return reply{}, false
}

// receive streams one message into a content.
func (s *session) receive(ctx context.Context, c *imap.Append, m imap.AppendMessage) (mailbox.NewEmail, error) {
	flags, keywords, err := parseFlags(m.Flags)
	if err != nil {
		return mailbox.NewEmail{}, err
	}
	body, err := c.Body()
	if err != nil {
		return mailbox.NewEmail{}, asWireError(err)
	}
	prepared, err := s.srv.contents.Prepare(ctx, clientReader{body})
	if err != nil {
		return mailbox.NewEmail{}, fmt.Errorf("receive a message: %w", err)
	}
	return mailbox.NewEmail{Content: prepared, Flags: flags, Keywords: keywords, ReceivedAt: m.InternalDate}, nil
}

// clientReader marks the errors of a literal as the connection's.
type clientReader struct{ io.Reader }

func (r clientReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = asWireError(err)
	}
	return n, err
}
