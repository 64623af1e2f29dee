package list

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"navette/internal/content"
	"navette/internal/delivery"
	"navette/internal/failure"
	"navette/internal/guard"
	"navette/internal/identity"
	"navette/internal/mailbox"
	"navette/internal/store"
)

// Post is one that stands in the list's own account.
type Post struct {
	Number  uint32 // in its mailbox; never used twice
	At      time.Time
	From    string // address in From, which the submission service vouches for only where the writer is an agent
	Subject string // decoded
	Size    int64
}

// Waiting gives the posts that wait for an owner, the oldest first.
func (s *Service) Waiting(ctx context.Context, a Actor, list int64) ([]Post, error) {
	r, err := s.asOwner(ctx, a, list)
	if err != nil {
		return nil, err
	}
	return s.posts(ctx, list, r.waiting)
}

// Archived gives the posts that the list keeps, the oldest first, and mail for its owners from when it had none.
func (s *Service) Archived(ctx context.Context, a Actor, list int64) ([]Post, error) {
	if _, err := s.asOwner(ctx, a, list); err != nil {
		return nil, err
	}
	return s.posts(ctx, list, mailbox.Inbox)
}

func (s *Service) posts(ctx context.Context, list, box int64) (posts []Post, err error) {
	err = s.cfg.Mailboxes.Fetch(ctx, list, box, everything, mailbox.NeedFacts, func(items []mailbox.Item) error {
		for i := range items {
			f, err := items[i].Message.Facts()
			if err != nil {
				return err
			}
			p := Post{Number: items[i].UID, At: items[i].ReceivedAt, Size: items[i].Message.Size, Subject: f.SubjectText}
			if from := f.Envelope.From; len(from) > 0 {
				p.From = from[0].Addr()
			}
			posts = append(posts, p)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("posts of list %d: %w", list, err)
	}
	return posts, nil
}

// everything is all UIDs of a mailbox.
var everything = []mailbox.UIDRange{{First: 1, Last: 1<<32 - 1}}

// asOwner reads a list for somebody who may change it.
func (s *Service) asOwner(ctx context.Context, a Actor, list int64) (r *row, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		if r, err = s.read(ctx, tx, list); err != nil {
			return err
		}
		return mayChange(ctx, tx, a, list)
	})
	return r, err
}

// post reads one that waits; failure.NotFound where it does not, or no longer.
func (s *Service) post(ctx context.Context, r *row, number uint32) (m *content.Message, err error) {
	err = s.cfg.Mailboxes.Fetch(ctx, r.account, r.waiting, []mailbox.UIDRange{{First: number, Last: number}}, mailbox.NeedFacts, func(items []mailbox.Item) error {
		for i := range items {
			m = &items[i].Message
		}
		return nil
	})
	if err == nil && m == nil {
		err = errNotWaiting(number)
	}
	return m, err
}

func errNotWaiting(number uint32) error {
	return failure.New(failure.NotFound, "aucun message n° %d n'attend / no post %d waits", number, number)
}

// Approve sends a post that waits to the members of now. Of two who approve at once, one does: failure.NotFound for the
// other.
func (s *Service) Approve(ctx context.Context, a Actor, list int64, number uint32) error {
	r, err := s.asOwner(ctx, a, list)
	if err != nil {
		return err
	}
	m, err := s.post(ctx, r, number)
	if err != nil {
		return err
	}
	body, err := m.Again()
	if err != nil {
		return fmt.Errorf("read post %d of list %d: %w", number, list, err)
	}
	members, _ := s.addresses(r.local)
	cleared, err := guard.Decide(guard.Message{Door: guard.System, Recipients: []guard.Recipient{{Address: members, Standing: guard.Standing{Class: guard.Group}, Field: guard.To}}}).Clear(true)
	if err != nil {
		return err
	}
	env := delivery.Envelope{Local: []delivery.Target{{Account: list, Mailbox: mailbox.Inbox, Part: delivery.Approved}}, Locks: []int64{list},
		Within: s.taking(r, number, a.By, "list.approve")}
	if _, err := s.cfg.Delivery.Accept(ctx, cleared, env, body, m.Prefix); err != nil {
		return fmt.Errorf("send post %d of list %d: %w", number, list, err)
	}
	return nil
}

// taking ends the wait of a post, with the entry in the journal. The entry is not the last thing in its transaction:
// what comes after writes accounts that are locked already.
func (s *Service) taking(r *row, number uint32, by identity.By, action string) func(context.Context, *store.Tx) error {
	return func(ctx context.Context, tx *store.Tx) error {
		there, err := mailbox.Take(ctx, tx, r.account, r.waiting, number)
		if err == nil && !there {
			err = errNotWaiting(number)
		}
		if err != nil {
			return err
		}
		return s.journal(ctx, tx, by, r.account, action, map[string]uint32{"post": number})
	}
}

// Reject ends the wait of a post without sending it. Its author is told, with the reason, where they are one of ours;
// to others no list writes: their address may be forged.
func (s *Service) Reject(ctx context.Context, a Actor, list int64, number uint32) error {
	r, err := s.asOwner(ctx, a, list)
	if err != nil {
		return err
	}
	m, err := s.post(ctx, r, number)
	if err != nil {
		return err
	}
	taking := s.taking(r, number, a.By, "list.reject")
	author := reversePath(m.Prefix)
	to, err := s.cfg.Delivery.Resolve(ctx, author)
	if err != nil || !to.Local || !to.Target.IsMailbox() {
		return s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
			if _, err := tx.LockAccounts(ctx, list); err != nil {
				return err
			}
			return taking(ctx, tx)
		})
	}
	f, err := m.Facts()
	if err != nil {
		return err
	}
	members, _ := s.addresses(r.local)
	subject := short(f.SubjectText)
	text, err := s.notice(r, author, "Message non diffusé : "+subject, fmt.Sprintf(rejectedText, subject, members, a.By.Reason))
	if err != nil {
		return err
	}
	env := delivery.Envelope{Local: []delivery.Target{to.Target}, Locks: []int64{list}, Within: taking}
	return s.tell(ctx, env, []guard.Recipient{{Address: author, Standing: guard.Standing{Class: to.Class}, Field: guard.To}}, text)
}

const rejectedText = `Bonjour,

Votre message « %s » n'a pas été diffusé à la liste %s : un de ses
propriétaires l'a refusé. Motif indiqué : %s.

Répondez à ce message pour leur écrire.

-- 
Your message was not sent to the list: one of its owners has rejected it. Answer
this message to write to them.
`

// tell sends a notice.
func (s *Service) tell(ctx context.Context, env delivery.Envelope, to []guard.Recipient, text string) error {
	cleared, err := guard.Decide(guard.Message{Door: guard.System, Recipients: to}).Clear(true)
	if err != nil {
		return err
	}
	body, err := s.cfg.Contents.Prepare(ctx, strings.NewReader(text))
	if err != nil {
		return err
	}
	_, err = s.cfg.Delivery.Accept(ctx, cleared, env, body, []byte("Return-Path: <>\r\n"))
	return err
}

// reversePath gives the one that a message came with.
func reversePath(prefix []byte) string {
	line, _, _ := bytes.Cut(prefix, []byte("\r\n"))
	value, _ := bytes.CutPrefix(line, []byte("Return-Path:"))
	return strings.Trim(strings.TrimSpace(string(value)), "<>")
}
