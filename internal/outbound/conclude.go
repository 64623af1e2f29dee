package outbound

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"navette/internal/audit"
	"navette/internal/content"
	"navette/internal/delivery"
	"navette/internal/failure"
	"navette/internal/guard"
	"navette/internal/mail"
	"navette/internal/origin"
	"navette/internal/store"
)

// message is a message of the queue.
type message struct {
	content.Message // as it goes over the wire
	eightBit        bool
}

func (s *Service) load(ctx context.Context, id int64) (*message, error) {
	var m message
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		found, err := s.contents.Load(ctx, tx, []int64{id}, true, false)
		if err != nil {
			return err
		}
		var ok bool
		if m.Message, ok = found[id]; !ok {
			return fmt.Errorf("message %d of the queue is missing", id)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	facts, err := m.Facts()
	if err != nil {
		return nil, err
	}
	m.eightBit = facts.Is8bit
	kept := int64(len(m.Prefix))
	m.Prefix = wirePrefix(m.Prefix)
	m.Size += int64(len(m.Prefix)) - kept
	return &m, nil
}

// wirePrefix is a prefix without what is for our own readers: Return-Path belongs to final delivery (RFC 5321 §4.4), and
// the mark of origin tells agents what Navette saw of a sender, which members of lists and groups outside do not learn.
func wirePrefix(prefix []byte) []byte {
	var ours []mail.HeaderField
	for f := range mail.HeaderFields(prefix) {
		if strings.EqualFold(f.Name, origin.Field) || f.Offset == 0 && strings.EqualFold(f.Name, "Return-Path") {
			ours = append(ours, f)
		}
	}
	out := slices.Clone(prefix)
	for _, f := range slices.Backward(ours) {
		out = slices.Delete(out, f.Offset, f.Offset+f.Size)
	}
	return out
}

// conclude settles the rows of a parcel: first those that need no report, then those whose sender is told.
func (s *Service) conclude(ctx context.Context, m *message, items []item, outcomes []Outcome) error {
	var quiet, failed, late []verdictOn
	now := s.cfg.Now()
	for i, it := range items {
		v := verdictOn{item: it, outcome: outcomes[i], nextAt: now, told: it.told}
		if v.outcome.Verdict == Deferred && !now.Before(it.expiresAt) {
			v.outcome.Verdict, v.outcome.Enhanced = Failed, "4.4.7" // RFC 3463: delivery time expired
		}
		switch v.outcome.Verdict {
		case Failed:
			failed = append(failed, v)
			continue
		case Deferred:
			v.nextAt = now.Add(s.retryAfter(it.attempts + 1))
			if v.nextAt.After(it.expiresAt) {
				v.nextAt = it.expiresAt
			}
			s.cfg.Log.Info("deferred", "delivery", it.delivery, "outbound", it.id, "status", v.outcome.status(), "error", v.outcome.Cause)
			if !it.told && now.Sub(it.acceptedAt) >= s.cfg.NoticeAfter {
				v.told = true
				late = append(late, v)
				continue
			}
		}
		quiet = append(quiet, v)
	}
	if len(quiet) > 0 {
		if err := s.db.Write(ctx, store.Bulk, func(tx *store.Tx) error { return settle(ctx, tx, quiet) }); err != nil {
			return err
		}
	}
	return errors.Join(s.tell(ctx, m, actionFailed, failed), s.tell(ctx, m, actionDelayed, late))
}

// tell settles rows together with the report on them (invariant 2).
func (s *Service) tell(ctx context.Context, m *message, action string, verdicts []verdictOn) error {
	if len(verdicts) == 0 {
		return nil
	}
	to, err := s.reportTo(ctx, verdicts[0].item.reversePath)
	switch {
	case err == nil && to != nil && to.Return != (delivery.Return{}):
		// A copy apart: its row tells the mailing, and one report tells the sender of all copies (package mailing).
		return s.db.Write(ctx, store.Bulk, func(tx *store.Tx) error { return settle(ctx, tx, verdicts) })
	case err == nil && to != nil:
		return s.report(ctx, m, action, verdicts, *to)
	case err != nil && s.cfg.Now().Before(verdicts[0].item.expiresAt.Add(reportPatience)):
		// The sender cannot be told now: the database fails, or the mailbox is full. The rows wait, whatever
		// their verdict, and are tried once more then.
		s.cfg.Log.Warn("a report waits", "delivery", verdicts[0].item.delivery, "error", err)
		return s.postpone(ctx, verdicts)
	}
	return s.noteInJournal(ctx, action, verdicts)
}

// reportTo gives the account of a reverse-path; nil where there is nobody to tell.
func (s *Service) reportTo(ctx context.Context, reversePath string) (*delivery.Target, error) {
	if reversePath == "" {
		return nil, nil
	}
	to, err := s.delivery.Resolve(ctx, reversePath)
	switch {
	case failure.Is(err, failure.Permanent), err == nil && (!to.Local || to.Target.Part == delivery.Members || to.Target.Group != 0): // no list takes reports
		return nil, nil
	case err != nil:
		return nil, err
	}
	return &to.Target, nil
}

// report sends a DSN to the sender.
func (s *Service) report(ctx context.Context, m *message, action string, verdicts []verdictOn, to delivery.Target) error {
	first := verdicts[0].item
	octets, err := s.composeReport(ctx, m, action, verdicts)
	if err != nil {
		return err
	}
	prepared, err := s.contents.Prepare(ctx, bytes.NewReader(octets))
	if err != nil {
		return fmt.Errorf("keep a report: %w", err)
	}
	cleared, err := guard.Decide(guard.Message{Door: guard.System,
		Recipients: []guard.Recipient{{Address: first.reversePath, Standing: guard.Standing{Class: guard.Agent}, Field: guard.To}}}).Clear(false)
	if err != nil {
		return fmt.Errorf("clear a report: %w", err)
	}
	receipt, err := s.delivery.Accept(ctx, cleared, delivery.Envelope{Local: []delivery.Target{to},
		Within: func(ctx context.Context, tx *store.Tx) error { return settle(ctx, tx, verdicts) }},
		prepared, []byte("Return-Path: <>\r\n"))
	if err != nil {
		return fmt.Errorf("deliver a report: %w", err)
	}
	s.cfg.Log.Info("reported to the sender", "delivery", first.delivery, "action", action, "recipients", len(verdicts), "report", receipt.Delivery)
	return nil
}

// postpone lets rows wait on as they are.
func (s *Service) postpone(ctx context.Context, verdicts []verdictOn) error {
	next := s.cfg.Now().Add(s.cfg.LastRetry)
	for i := range verdicts {
		verdicts[i].outcome.Verdict, verdicts[i].nextAt, verdicts[i].told = Deferred, next, verdicts[i].item.told
	}
	return s.db.Write(ctx, store.Bulk, func(tx *store.Tx) error { return settle(ctx, tx, verdicts) })
}

// noteInJournal settles rows whose sender cannot be told, and says so where an administrator reads it.
func (s *Service) noteInJournal(ctx context.Context, action string, verdicts []verdictOn) error {
	first := verdicts[0]
	s.cfg.Log.Warn("undeliverable, and nobody to tell", "delivery", first.item.delivery, "action", action, "recipients", len(verdicts),
		"status", first.outcome.status())
	err := s.db.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		if err := settle(ctx, tx, verdicts); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: "outbound", Action: "outbound." + action,
			Subject: fmt.Sprintf("delivery:%d", first.item.delivery), Reason: first.outcome.status(),
			Detail: fmt.Sprintf(`{"recipients":%d}`, len(verdicts))})
	})
	if err != nil {
		return fmt.Errorf("note an undeliverable message: %w", err)
	}
	return nil
}
