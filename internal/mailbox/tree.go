package mailbox

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"navette/internal/failure"
	"navette/internal/store"
)

// canonicalInbox makes INBOX, in any case and as first level of a path, the one word it is (RFC 9051 §5.1).
func canonicalInbox(name string) string {
	first, rest, more := strings.Cut(name, "/")
	if !strings.EqualFold(first, "INBOX") {
		return norm.NFC.String(name)
	}
	if !more {
		return "INBOX"
	}
	return "INBOX/" + norm.NFC.String(rest)
}

// CleanName returns the canonical form of a mailbox name, or failure.Permanent with a reason.
func CleanName(name string) (string, error) {
	name = canonicalInbox(name)
	switch {
	case !utf8.ValidString(name):
		return "", failure.New(failure.Permanent, "mailbox name is not UTF-8")
	case name == "" || len(name) > MaxMailboxName:
		return "", failure.New(failure.Permanent, "mailbox name is empty or too long")
	case strings.HasPrefix(name, "/") || strings.HasSuffix(name, "/") || strings.Contains(name, "//"):
		return "", failure.New(failure.Permanent, "mailbox name has an empty level")
	case strings.Count(name, "/") >= MaxMailboxDepth:
		return "", failure.New(failure.Permanent, "mailbox name has too many levels")
	case name == SharedRoot || strings.HasPrefix(name, SharedRoot+"/"):
		return "", failure.New(failure.Permanent, "« %s » est réservé aux boîtes fonctionnelles (this name is for shared boxes)", SharedRoot)
	}
	for _, r := range name {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == '*' || r == '%' || r == 0x2028 || r == 0x2029 {
			return "", failure.New(failure.Permanent, "mailbox name has a character that is not allowed")
		}
	}
	return name, nil
}

// parents returns the names above name, from the first level down.
func parents(name string) []string {
	var out []string
	for i, r := range name {
		if r == '/' {
			out = append(out, name[:i])
		}
	}
	return out
}

// Create makes a mailbox, subscribed, and its missing parents. role is "" or a role that no other mailbox has.
// failure.Conflict where the name or the role is taken.
func (s *Service) Create(ctx context.Context, account int64, name, role string) (m Mailbox, err error) {
	if name, err = CleanName(name); err != nil {
		return m, err
	}
	err = s.edit(ctx, account, store.Interactive, func(e *editor) error {
		if role != "" {
			if taken, err := e.exists(ctx, `role = $2`, role); err != nil || taken {
				return orConflict(err, "another mailbox has that use already")
			}
		}
		m, err = e.createPath(ctx, name, role)
		return err
	})
	if err != nil {
		return Mailbox{}, fmt.Errorf("create mailbox: %w", err)
	}
	return m, nil
}

func orConflict(err error, text string) error {
	if err != nil {
		return err
	}
	return failure.New(failure.Conflict, "%s", text)
}

func (e *editor) exists(ctx context.Context, where string, arg any) (bool, error) {
	var n int
	err := e.tx.QueryRow(ctx, `SELECT count(*) FROM mailbox WHERE account_id = $1 AND `+where, e.account(), arg).Scan(&n)
	return n > 0, err
}

// createPath makes a mailbox and its missing parents; failure.Conflict where it is there.
func (e *editor) createPath(ctx context.Context, name, role string) (Mailbox, error) {
	if err := e.makeParents(ctx, name); err != nil {
		return Mailbox{}, err
	}
	if taken, err := e.exists(ctx, `name = $2`, name); err != nil || taken {
		return Mailbox{}, orConflict(err, "a mailbox of that name exists already")
	}
	if err := e.create(ctx, name, role); err != nil {
		return Mailbox{}, err
	}
	return byName(ctx, e.tx, e.account(), name)
}

func (e *editor) makeParents(ctx context.Context, name string) error {
	for _, p := range parents(name) {
		there, err := e.exists(ctx, `name = $2`, p)
		if err != nil {
			return err
		}
		if there {
			continue
		}
		if err := e.create(ctx, p, ""); err != nil {
			return err
		}
	}
	return nil
}

func (e *editor) create(ctx context.Context, name, role string) error {
	id := e.st.NextMailboxID
	if id > maxMailboxID {
		return failure.New(failure.Permanent, "the account has used up its mailboxes")
	}
	e.st.NextMailboxID++
	modseq, err := e.log(ctx, MailboxCreated, id, 0, 0, 0, "")
	if err != nil {
		return err
	}
	if _, err := e.tx.Exec(ctx, `INSERT INTO mailbox (account_id, mailbox_id, name, role, subscribed, purge_floor)
		VALUES ($1, $2, $3, $4, 1, $5)`, e.account(), id, name, role, modseq); err != nil {
		return fmt.Errorf("insert mailbox: %w", err)
	}
	if _, err := e.tx.Exec(ctx, `INSERT INTO mailbox_state (account_id, mailbox_id, uidnext, modseq, messages, unseen, deleted, size)
		VALUES ($1, $2, 1, $3, 0, 0, 0, 0)`, e.account(), id, modseq); err != nil {
		return fmt.Errorf("insert mailbox counters: %w", err)
	}
	return nil
}

// Rename renames a mailbox and what lies below it. Renaming INBOX moves its messages into a new mailbox and leaves it
// empty (RFC 9051 §6.3.6).
func (s *Service) Rename(ctx context.Context, account int64, from, to string) error {
	to, err := CleanName(to)
	if err != nil {
		return err
	}
	if from = canonicalInbox(from); from == "INBOX" {
		return s.renameInbox(ctx, account, to)
	}
	if to == from || strings.HasPrefix(to, from+"/") {
		return failure.New(failure.Permanent, "a mailbox cannot be moved into itself")
	}
	err = s.edit(ctx, account, store.Interactive, func(e *editor) error {
		if _, err := byName(ctx, e.tx, account, from); err != nil {
			return err
		}
		if taken, err := e.exists(ctx, `name = $2`, to); err != nil || taken {
			return orConflict(err, "a mailbox of that name exists already")
		}
		if err := e.makeParents(ctx, to); err != nil {
			return err
		}
		boxes, err := e.below(ctx, from)
		if err != nil {
			return err
		}
		for _, m := range boxes {
			if _, err := e.log(ctx, MailboxRenamed, m.ID, 0, 0, 0, m.Name); err != nil {
				return err
			}
			name := to + strings.TrimPrefix(m.Name, from)
			if _, err := CleanName(name); err != nil {
				return err
			}
			if _, err := e.tx.Exec(ctx, `UPDATE mailbox SET name = $3 WHERE account_id = $1 AND mailbox_id = $2`, account, m.ID, name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("rename mailbox: %w", err)
	}
	return nil
}

func (s *Service) renameInbox(ctx context.Context, account int64, to string) error {
	err := s.edit(ctx, account, store.Interactive, func(e *editor) error {
		target, err := e.createPath(ctx, to, "")
		if err != nil {
			return err
		}
		_, err = e.transfer(ctx, Inbox, nil, target, true)
		return err
	})
	if err != nil {
		return fmt.Errorf("rename INBOX: %w", err)
	}
	return nil
}

// below returns a mailbox and all under it, the shallower before the deeper.
func (e *editor) below(ctx context.Context, name string) ([]Mailbox, error) {
	// '0' follows '/' in the byte order of names.
	rows, err := e.tx.Query(ctx, `SELECT mailbox_id, name FROM mailbox WHERE account_id = $1
		AND (name = $2 OR name > $3 AND name < $4) ORDER BY name`, e.account(), name, name+"/", name+"0")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Mailbox
	for rows.Next() {
		var m Mailbox
		if err := rows.Scan(&m.ID, &m.Name); err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, rows.Err()
}

// Delete removes a mailbox and its placements. INBOX, mailboxes with a role and mailboxes with others below them are
// refused (failure.Permanent).
func (s *Service) Delete(ctx context.Context, account int64, name string) error {
	name = canonicalInbox(name)
	for {
		more := false
		err := s.edit(ctx, account, store.Interactive, func(e *editor) error {
			m, err := byName(ctx, e.tx, account, name)
			if err != nil {
				return err
			}
			if m.ID == Inbox || m.Role != "" {
				return failure.New(failure.Permanent, "this mailbox has a use of its own and cannot be deleted")
			}
			boxes, err := e.below(ctx, name)
			if err != nil {
				return err
			}
			if len(boxes) > 1 {
				return failure.New(failure.Permanent, "delete the mailboxes below it first")
			}
			found, err := e.placements(ctx, m.ID, nil, 0, editChunk)
			if err != nil {
				return err
			}
			for _, p := range found {
				if err := e.remove(ctx, m.ID, p); err != nil {
					return err
				}
			}
			if more = len(found) == editChunk; more {
				return nil
			}
			return e.drop(ctx, m)
		})
		if err != nil {
			return fmt.Errorf("delete mailbox: %w", err)
		}
		if !more {
			return nil
		}
	}
}

func (e *editor) drop(ctx context.Context, m Mailbox) error {
	if _, err := e.log(ctx, MailboxDeleted, m.ID, 0, 0, 0, m.Name); err != nil {
		return err
	}
	delete(e.boxes, m.ID)
	for _, q := range []string{
		`DELETE FROM mailbox_state WHERE account_id = $1 AND mailbox_id = $2`,
		`DELETE FROM mailbox WHERE account_id = $1 AND mailbox_id = $2`,
	} {
		if _, err := e.tx.Exec(ctx, q, e.account(), m.ID); err != nil {
			return fmt.Errorf("drop mailbox: %w", err)
		}
	}
	return nil
}

// Subscribe sets whether LSUB and programs show a mailbox.
func (s *Service) Subscribe(ctx context.Context, account int64, name string, subscribed bool) error {
	value := 0
	if subscribed {
		value = 1
	}
	return s.edit(ctx, account, store.Interactive, func(e *editor) error {
		m, err := byName(ctx, e.tx, account, name)
		if err != nil || m.Subscribed == subscribed {
			return err
		}
		if _, err := e.log(ctx, MailboxChanged, m.ID, 0, 0, Flags(1-value), ""); err != nil {
			return err
		}
		_, err = e.tx.Exec(ctx, `UPDATE mailbox SET subscribed = $3 WHERE account_id = $1 AND mailbox_id = $2`, account, m.ID, value)
		return err
	})
}
