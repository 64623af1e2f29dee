package submission

import (
	"context"
	"encoding/base32"
	"fmt"
	"io"
	"strings"
	"time"

	"navette/internal/content"
	"navette/internal/delivery"
	"navette/internal/failure"
	"navette/internal/guard"
	"navette/internal/identity"
	"navette/internal/mail"
	"navette/internal/mailbox"
	"navette/internal/store"
)

// Remedy is what one click does about a message that was refused.
type Remedy int

// The remedies.
const (
	Cci   Remedy = iota + 1 // « Mettre en Cci »
	Apart                   // « Envoyer séparément »
)

// ToCorrect is a message that was refused and waits for its sender.
type ToCorrect struct {
	Email      int64
	At         time.Time // of the refusal
	Subject    string    // in UTF-8
	Reason     string    // « français / English », without any address
	Recipients int       // of the envelope
}

// ToCorrect lists what waits in an account, the newest first, at most waitingMax.
func (s *Service) ToCorrect(ctx context.Context, account int64) (list []ToCorrect, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		list = nil
		waiting, err := s.waiting(ctx, tx, account)
		if err != nil {
			return err
		}
		for _, w := range waiting {
			facts, err := w.message.Facts()
			if err != nil {
				return fmt.Errorf("facts of email %d: %w", w.Email, err)
			}
			notes := readNotes(w.message.Prefix)
			list = append(list, ToCorrect{Email: w.Email, At: w.ReceivedAt, Subject: facts.SubjectText, Reason: notes.reason, Recipients: len(notes.recipients)})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("what account %d has to correct: %w", account, err)
	}
	return list, nil
}

// waitingEmail is a message that waits, with its facts.
type waitingEmail struct {
	mailbox.Filed
	message content.Message
}

// waitingMax bounds how many messages are looked at, the newest first.
const waitingMax = 200

func (s *Service) waiting(ctx context.Context, tx *store.Tx, account int64) (list []waitingEmail, err error) {
	filed, err := mailbox.FiledIn(ctx, tx, account, ToCorrectName, waitingMax)
	if err != nil || len(filed) == 0 {
		return nil, err
	}
	ids := make([]int64, len(filed))
	for i, f := range filed {
		ids[i] = f.Message
	}
	loaded, err := s.contents.Load(ctx, tx, ids, true, false)
	if err != nil {
		return nil, err
	}
	for _, f := range filed {
		if m, ok := loaded[f.Message]; ok && len(readNotes(m.Prefix).recipients) > 0 { // others were put there by hand
			list = append(list, waitingEmail{f, m})
		}
	}
	return list, nil
}

// SendCorrected sends what waits to the recipients that it had, in the way that corrects it, and takes it out of the
// mailbox in the same transaction, so that it leaves once however often it is asked for. A copy goes into the sent mail.
// failure.NotFound where it does not wait; else as Submit, which keeps nothing a second time.
func (s *Service) SendCorrected(ctx context.Context, p identity.Principal, email int64, r Remedy) (delivery.Receipt, error) {
	var found waitingEmail
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		found = waitingEmail{}
		list, err := s.waiting(ctx, tx, p.Account)
		for _, w := range list {
			if w.Email == email {
				found = w
			}
		}
		return err
	})
	if err != nil {
		return delivery.Receipt{}, fmt.Errorf("message to correct: %w", err)
	}
	if found.Email == 0 {
		return delivery.Receipt{}, errNotWaiting()
	}
	id, err := s.newID()
	if err != nil {
		return delivery.Receipt{}, err
	}
	notes := readNotes(found.message.Prefix)
	octets, err := s.contents.OpenContent(ctx, found.message.ContentID, 0)
	if err != nil {
		return delivery.Receipt{}, err
	}
	defer octets.Close()
	return s.Submit(ctx, Message{Principal: p, ReversePath: notes.reversePath, Recipients: notes.recipients, ID: id, Protocol: "HTTP",
		apart: r == Apart, cci: r == Cci, corrected: true, keep: &delivery.Keep{Account: p.Account, Role: "sent", Flags: mailbox.Seen},
		locks: []int64{p.Account}, within: func(ctx context.Context, tx *store.Tx) error {
			taken, err := mailbox.Take(ctx, tx, p.Account, found.Mailbox, found.UID)
			if err == nil && !taken {
				return errNotWaiting()
			}
			return err
		}}, octets)
}

func errNotWaiting() error {
	return failure.New(failure.NotFound, "ce message n'attend plus d'être corrigé / this message does not wait to be corrected any more")
}

// newID names a message that no door has named.
func (s *Service) newID() (string, error) {
	var random [10]byte
	if _, err := io.ReadFull(s.cfg.Random, random[:]); err != nil {
		return "", fmt.Errorf("name a message: %w", err)
	}
	return strings.ToLower(base32.StdEncoding.EncodeToString(random[:])), nil
}

// moveToCci takes those whom the guard refuses to show out of the header, and asks it again.
func (s *Service) moveToCci(sub *submitting) (err error) {
	var refused []string
	for _, d := range sub.decisions.List() {
		if d.Verdict == guard.Refuse {
			refused = append(refused, d.Recipient.Address)
		}
	}
	for _, r := range sub.q.Shown {
		if r.Class == guard.Protected {
			refused = append(refused, r.Address)
		}
	}
	sub.raw = withoutRecipients(sub.raw, hide(refused))
	if sub.h, err = s.mend(sub.raw, sub.own); err != nil {
		return err
	}
	q := &sub.q
	for i := range q.Recipients {
		q.Recipients[i].Field = sub.h.fieldOf(q.Recipients[i].Address)
	}
	var shown []guard.Recipient
	for _, r := range q.Shown {
		if r.Field = sub.h.fieldOf(r.Address); r.Field != guard.Hidden {
			shown = append(shown, r)
		}
	}
	q.Shown = shown
	sub.decisions = guard.Decide(q.Message)
	return nil
}

// withoutRecipients is a header whose fields for addresses show none of some.
func withoutRecipients(raw []byte, hide hidden) []byte {
	out := make([]byte, 0, len(raw))
	end := 0
	for f := range mail.HeaderFields(raw) {
		end = f.Offset + f.Size
		octets := raw[f.Offset:end]
		switch name := strings.ToLower(f.Name); {
		case name == "to", name == "cc", isForAddresses(name):
			out = append(out, withoutHidden(f, octets, hide)...)
		default:
			out = append(out, octets...)
		}
	}
	return append(out, raw[end:]...)
}
