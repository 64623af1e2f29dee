// Package notice writes the short messages that Navette sends by itself: about an account, to its mailbox and to its
// recovery address; to families, about what is held of them. What is about an account holds no link: messages about
// passwords with links are what swindlers send.
package notice

import (
	"bytes"
	"context"
	"encoding/base32"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"strings"
	"time"

	"navette/internal/content"
	"navette/internal/delivery"
	"navette/internal/failure"
	"navette/internal/guard"
	"navette/internal/mailbox"
)

// Config is what a Service needs.
type Config struct {
	Contents *content.Contents
	Delivery delivery.Accepter
	Domain   string // of the postmaster who writes
	Hostname string // of Message-ID
	Now      func() time.Time
	Random   io.Reader
}

// Service sends notices. Its methods may be called from many goroutines.
type Service struct{ cfg Config }

// New gives the service.
func New(cfg Config) *Service { return &Service{cfg} }

// Notice is what to say.
type Notice struct {
	Subject string
	Body    string // plain text, French first, lines ended by LF
}

// Tell puts a notice into an account's mailbox.
func (s *Service) Tell(ctx context.Context, account int64, n Notice) error {
	return s.TellWithin(ctx, account, n, nil)
}

// TellWithin is Tell together with what within writes: both are committed or neither (delivery.Envelope.Within).
func (s *Service) TellWithin(ctx context.Context, account int64, n Notice, within delivery.Within) error {
	env := delivery.Envelope{Local: []delivery.Target{{Account: account, Mailbox: mailbox.Inbox}}, Within: within}
	// The header names no address of the account: an old name would show in some of them.
	if err := s.send(ctx, env, guard.Recipient{Standing: guard.Standing{Class: guard.Agent}, Field: guard.To}, "undisclosed-recipients:;", n); err != nil {
		return fmt.Errorf("tell account %d: %w", account, err)
	}
	return nil
}

// Mail sends a notice to an address, which may be anywhere: to one mailbox, because what a notice says is for one person.
// A group, a list or the reverse-path of a copy is failure.Permanent. The error of a delivery that is refused holds no address.
func (s *Service) Mail(ctx context.Context, address string, n Notice) error {
	r, err := s.cfg.Delivery.Resolve(ctx, address)
	if err != nil {
		return failure.Wrap(failure.Permanent, err, "Cette adresse ne peut pas recevoir de message. / This address cannot receive messages.")
	}
	if r.Local && !r.Target.IsMailbox() {
		return failure.New(failure.Permanent, "Cette adresse est celle d'un groupe ou d'une liste. / This address is a group's or a list's.")
	}
	env := delivery.Envelope{Remote: []string{address}}
	if r.Local {
		env = delivery.Envelope{Local: []delivery.Target{r.Target}}
	}
	return s.send(ctx, env, guard.Recipient{Address: address, Standing: guard.Standing{Class: r.Class}, Field: guard.To}, "<"+address+">", n)
}

func (s *Service) send(ctx context.Context, env delivery.Envelope, to guard.Recipient, header string, n Notice) error {
	cleared, err := guard.Decide(guard.Message{Door: guard.System, Recipients: []guard.Recipient{to}}).Clear(false)
	if err != nil {
		return err
	}
	octets, err := s.compose(header, n)
	if err != nil {
		return err
	}
	body, err := s.cfg.Contents.Prepare(ctx, octets)
	if err != nil {
		return err
	}
	_, err = s.cfg.Delivery.Accept(ctx, cleared, env, body, []byte("Return-Path: <>\r\n"))
	return err
}

const dateFormat = "Mon, 02 Jan 2006 15:04:05 -0700"

func (s *Service) compose(to string, n Notice) (*bytes.Buffer, error) {
	var random [10]byte
	if _, err := io.ReadFull(s.cfg.Random, random[:]); err != nil {
		return nil, fmt.Errorf("draw the id of a notice: %w", err)
	}
	id := strings.ToLower(base32.HexEncoding.EncodeToString(random[:]))
	b := &bytes.Buffer{}
	fmt.Fprintf(b, "From: Messagerie <postmaster@%s>\r\nTo: %s\r\n", s.cfg.Domain, to)
	fmt.Fprintf(b, "Subject: %s\r\n", strings.ReplaceAll(mime.QEncoding.Encode("utf-8", n.Subject), "?= =?", "?=\r\n =?"))
	fmt.Fprintf(b, "Date: %s\r\nMessage-ID: <%s@%s>\r\n", s.cfg.Now().Format(dateFormat), id, s.cfg.Hostname)
	b.WriteString("Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
	q := quotedprintable.NewWriter(b)
	_, err := io.WriteString(q, strings.ReplaceAll(strings.TrimRight(n.Body, "\n")+"\n", "\n", "\r\n"))
	if err == nil {
		err = q.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("write a notice: %w", err)
	}
	return b, nil
}
