package delivery

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/guard"
	"navette/internal/mailbox"
	"navette/internal/store"
)

// Resolution is what an envelope address leads to.
type Resolution struct {
	Local  bool
	Target Target      // where Local
	Class  guard.Class // for the guard
}

// Resolve tells where an address leads. An address of our domains that was never issued, or is closed, gives
// failure.Permanent (550 5.1.1); a mailbox beyond its quota and grace, failure.Quota (452 4.2.2); an address of
// another domain is not Local, and whether it may be written to is the door's rule.
func (s *Service) Resolve(ctx context.Context, address string) (Resolution, error) {
	l, err := directory.ParseLookup(address)
	if err != nil {
		return Resolution{}, failure.Wrap(failure.Permanent, err, "adresse incorrecte (malformed address)")
	}
	if !s.domains[l.Domain] {
		return Resolution{Class: guard.External}, nil
	}
	if l.Local == directory.ReturnLocal && s.mailings != nil {
		return s.returnPath(l.Tag)
	}
	e, ok := s.cache.get(l.Key())
	if !ok {
		if e, err = s.lookUp(ctx, l.Key()); err != nil {
			return Resolution{}, err
		}
		s.cache.put(l.Key(), e)
	}
	if e.full {
		return Resolution{}, failure.New(failure.Quota, "boîte pleine (mailbox full)")
	}
	if e.group != 0 {
		return Resolution{Local: true, Target: Target{Group: e.group}, Class: guard.Group}, nil
	}
	r := Resolution{Local: true, Target: inboxOf(e.account), Class: e.class}
	r.Target.Part = e.part
	if l.Tag != "" && e.part == 0 {
		if r.Target.Mailbox, err = s.tagged(ctx, e.account, l.Tag); err != nil {
			return Resolution{}, err
		}
	}
	return r, nil
}

// returnPath tells which copy apart the reverse-path with a tag is of. One that nobody was given leads nowhere.
func (s *Service) returnPath(tag string) (Resolution, error) {
	r, ok := s.mailings.Return(tag)
	if !ok {
		return Resolution{}, errUnknown()
	}
	return Resolution{Local: true, Target: Target{Return: r}, Class: guard.Functional}, nil
}

func errUnknown() error {
	return failure.New(failure.Permanent, "adresse inconnue (no such address here)")
}

// entry is what is known of one of our addresses.
type entry struct {
	account int64
	class   guard.Class
	part    Part // of a list
	group   int64
	full    bool
	until   time.Time
}

func (s *Service) lookUp(ctx context.Context, address string) (entry, error) {
	var e entry
	var kind, addressKind string
	var used, quota int64
	err := s.db.ReadOne(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT a.account_id, a.kind, c.kind, s.used_bytes, s.quota_bytes FROM address a
			JOIN account c ON c.account_id = a.account_id
			JOIN account_state s ON s.account_id = a.account_id
			WHERE a.address = $1`, address).Scan(&e.account, &addressKind, &kind, &used, &quota)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return s.groupEntry(ctx, address)
	}
	if err == nil && addressKind == directory.AddressClosed.String() {
		return entry{}, errUnknown()
	}
	if err != nil {
		return entry{}, fmt.Errorf("resolve address: %w", err)
	}
	e.class = guard.Agent
	switch kind {
	case directory.KindFunctional.String():
		e.class = guard.Functional
	case directory.KindList.String():
		e.class, e.part = guard.Group, Members
		if directory.IsListOwnerAddress(address) {
			e.part = Owners
		}
	}
	e.full = !(mailbox.Quota{UsedBytes: used, QuotaBytes: quota}).Fits(1)
	return e, nil
}

// groupEntry is what is known of an address that no account has.
func (s *Service) groupEntry(ctx context.Context, address string) (entry, error) {
	if s.groups == nil {
		return entry{}, errUnknown()
	}
	group, found, err := s.groups.ByAddress(ctx, address)
	if err != nil {
		return entry{}, fmt.Errorf("resolve address of a group: %w", err)
	}
	if !found {
		return entry{}, errUnknown()
	}
	return entry{group: group}, nil
}

// tagged returns the mailbox that a plus-address names: one of that name, in any case, that has no use of its own
// (a stranger must not write into Envoyés or past the inbox into Corbeille); else INBOX.
func (s *Service) tagged(ctx context.Context, account int64, tag string) (id int64, err error) {
	id = mailbox.Inbox
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query(ctx, `SELECT mailbox_id, name FROM mailbox WHERE account_id = $1 AND role = '' ORDER BY mailbox_id DESC`, account)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var box int64
			var name string
			if err := rows.Scan(&box, &name); err != nil {
				return err
			}
			if strings.EqualFold(name, tag) {
				id = box
			}
		}
		return rows.Err()
	})
	if err != nil {
		return 0, fmt.Errorf("resolve plus-address: %w", err)
	}
	return id, nil
}

// targetCache keeps resolutions for a moment, so that a letter to thirty thousand, or a loop, costs no query each.
// An address is never given to another account, so a stale entry can only be late about a closed or full mailbox.
type targetCache struct {
	mu      sync.Mutex
	now     func() time.Time
	entries map[string]entry
}

const (
	cacheFor = 10 * time.Second
	cacheMax = 50_000
)

func newTargetCache(now func() time.Time) *targetCache {
	return &targetCache{now: now, entries: map[string]entry{}}
}

func (c *targetCache) get(address string) (entry, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[address]
	if !ok || c.now().After(e.until) {
		return entry{}, false
	}
	return e, true
}

func (c *targetCache) put(address string, e entry) {
	e.until = c.now().Add(cacheFor)
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.entries) >= cacheMax {
		clear(c.entries)
	}
	c.entries[address] = e
}
