package mailbox

import (
	"context"
	"fmt"
	"time"

	"navette/internal/content"
	"navette/internal/failure"
	"navette/internal/store"
)

// Append adds messages to a mailbox, all or none (RFC 3502), each as a new email. It is refused with failure.Quota
// when they do not fit, failure.NotFound when the mailbox is not there.
func (s *Service) Append(ctx context.Context, account int64, mailbox string, emails []NewEmail) (Appended, error) {
	type prepared struct {
		NewEmail
		message int64
		size    int64
	}
	list := make([]prepared, len(emails))
	first, err := s.db.NewIDs(ctx, "message", int64(len(emails)))
	if err != nil {
		return Appended{}, err
	}
	for i, n := range emails {
		if n.Flags, n.Keywords, err = normalKeywords(n.Flags, n.Keywords); err != nil {
			return Appended{}, err
		}
		list[i] = prepared{n, first + int64(i), n.Content.Size + int64(len(n.Prefix))}
	}
	var out Appended
	err = s.edit(ctx, account, store.Interactive, func(e *editor) error {
		m, err := byName(ctx, e.tx, account, mailbox)
		if err != nil {
			return err
		}
		out = Appended{UIDValidity: m.UIDValidity}
		for _, n := range list {
			if !(Quota{e.st.UsedBytes, e.st.QuotaBytes}).Fits(n.size) {
				return failure.New(failure.Quota, "La boîte est pleine (mailbox full)")
			}
			if err := n.Content.Insert(ctx, e.tx); err != nil {
				return err
			}
			if err := content.InsertMessage(ctx, e.tx, n.message, n.Content.ID, n.Prefix, n.size); err != nil {
				return err
			}
			uid, email, err := e.addEmail(ctx, m.ID, n.message, n.size, n.ReceivedAt, n.Flags, n.Keywords, ThreadHashes(n.Content.Facts))
			if err != nil {
				return err
			}
			out.UIDs, out.Emails = append(out.UIDs, uint32(uid)), append(out.Emails, email)
		}
		return nil
	})
	if err != nil {
		return Appended{}, fmt.Errorf("append: %w", err)
	}
	return out, nil
}

// addEmail makes an email of a message and places it.
func (e *editor) addEmail(ctx context.Context, mailbox, message, size int64, received time.Time, flags Flags, keywords []string, refs []int64) (uid, email int64, err error) {
	email = e.st.NextEmailID
	e.st.NextEmailID++
	e.st.UsedBytes += size
	thread, err := joinThread(ctx, e.tx, e.account(), email, refs)
	if err != nil {
		return 0, 0, err
	}
	if received.IsZero() {
		received = e.tx.Now()
	}
	_, err = e.tx.Exec(ctx, `INSERT INTO email (account_id, email_id, message_id, thread_id, received_at, flags, keywords)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		e.account(), email, message, thread, received.UnixMicro(), flags&^Deleted, joinKeywords(keywords))
	if err != nil {
		return 0, 0, fmt.Errorf("insert email: %w", err)
	}
	uid, err = e.place(ctx, mailbox, email, size, flags)
	return uid, email, err
}
