package list

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"navette/internal/delivery"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/mailbox"
	"navette/internal/store"
)

// MayPost implements delivery.Lists.
func (s *Service) MayPost(ctx context.Context, list int64, from delivery.Sender) error {
	return s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		r, err := s.read(ctx, tx, list)
		if err != nil {
			return err
		}
		_, err = s.verdict(ctx, tx, r, from)
		return err
	})
}

// Spread implements delivery.Lists.
func (s *Service) Spread(ctx context.Context, p delivery.Post) (sp delivery.Spread, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		r, err := s.read(ctx, tx, p.List)
		if err != nil {
			return err
		}
		if p.Part == delivery.Owners {
			sp, err = s.toOwners(ctx, tx, r)
			return err
		}
		if err := s.acceptable(r, p); err != nil {
			return err
		}
		if p.Part != delivery.Approved {
			held, err := s.verdict(ctx, tx, r, p.From)
			if err != nil {
				return err
			}
			if held {
				sp = delivery.Spread{Plain: []delivery.Target{{Account: r.account, Mailbox: r.waiting}}}
				return nil
			}
		}
		sp, err = s.toMembers(ctx, tx, r)
		return err
	})
	return sp, err
}

// acceptable refuses a post for what it is, whoever wrote it.
func (s *Service) acceptable(r *row, p delivery.Post) error {
	switch {
	case slices.Contains(p.ListIDs, s.id(r)):
		return failure.New(failure.Permanent, "le message est déjà passé par cette liste / mail loop: the message came through this list already")
	case r.MaxSize > 0 && p.Size > r.MaxSize:
		return failure.New(failure.Policy, "message trop gros pour cette liste : %d octets au plus / too large for this list: %d octets at most", r.MaxSize, r.MaxSize)
	}
	return nil
}

// What may wait in a list for its owners: a stranger who writes and writes fills no disk.
const (
	waitingMax   = 500       // posts
	waitingBytes = 500 << 20 // octets of them
)

// verdict tells whether a sender's post waits for an owner; failure.Policy where it is refused, failure.Quota where too
// much waits already.
func (s *Service) verdict(ctx context.Context, tx *store.Tx, r *row, from delivery.Sender) (held bool, err error) {
	if held, err = s.standing(ctx, tx, r, from); err != nil || !held {
		return false, err
	}
	var posts, size int64
	err = tx.QueryRow(ctx, `SELECT messages, size FROM mailbox_state WHERE account_id = $1 AND mailbox_id = $2`, r.account, r.waiting).Scan(&posts, &size)
	if err != nil {
		return false, fmt.Errorf("posts that wait in list %d: %w", r.account, err)
	}
	if posts >= waitingMax || size >= waitingBytes {
		return false, failure.New(failure.Quota, "trop de messages attendent l'accord des propriétaires de cette liste / too many messages wait for the owners of this list")
	}
	return true, nil
}

// standing tells whether a sender's post needs an owner's approval; failure.Policy where it is refused.
func (s *Service) standing(ctx context.Context, tx *store.Tx, r *row, from delivery.Sender) (held bool, err error) {
	if from.ReversePath == "" {
		_, owners := s.addresses(r.local)
		return false, failure.New(failure.Policy, "une liste ne prend pas d'avis automatiques ; écrivez à %s / no reports to a list, write to its owners", owners)
	}
	account := from.Account
	if account != 0 {
		if owns, err := isOwner(ctx, tx, r.account, account); owns || err != nil {
			return false, err
		}
	}
	switch r.Posting {
	case ByAnyone:
		return false, nil
	case Moderated:
		return true, nil
	case ByAgents:
		if account != 0 {
			return false, nil
		}
		return false, refused("aux agents de l'académie", "staff of the académie")
	case ByMembers:
		return s.verdictOnMember(ctx, tx, r, account, from.ReversePath)
	}
	return false, refused("à ses propriétaires", "its owners")
}

func refused(french, english string) error {
	return failure.New(failure.Policy, "cette liste n'est ouverte qu'%s, identifiés sur le serveur d'envoi / this list takes mail from %s only, signed in for submission", french, english)
}

// verdictOnMember knows members who have signed in. A reverse-path that is a member's outside may be forged: an owner
// looks.
func (s *Service) verdictOnMember(ctx context.Context, tx *store.Tx, r *row, account int64, reversePath string) (held bool, err error) {
	among := account
	if account == 0 {
		among = nobody // a stranger may ask as often as they like: no account is looked up for them
	}
	accounts, outside, err := s.membersAmong(ctx, tx, r.account, among)
	switch {
	case err != nil:
		return false, err
	case account != 0 && slices.Contains(accounts, account):
		return false, nil
	}
	if l, err := directory.ParseLookup(reversePath); err == nil && account == 0 && slices.Contains(outside, outsideForm(l)) {
		return true, nil
	}
	return false, refused("à ses membres", "its members")
}

// toOwners is where mail for the owners goes: to the list's own account while there are none.
func (s *Service) toOwners(ctx context.Context, tx *store.Tx, r *row) (sp delivery.Spread, err error) {
	owners, err := openOwners(ctx, tx, r.account)
	if len(owners) == 0 {
		owners = []int64{r.account}
	}
	sp.Plain = targets(owners)
	return sp, err
}

func targets(accounts []int64) []delivery.Target {
	out := make([]delivery.Target, len(accounts))
	for i, account := range accounts {
		out[i] = delivery.Target{Account: account, Mailbox: mailbox.Inbox}
	}
	return out
}

func (s *Service) toMembers(ctx context.Context, tx *store.Tx, r *row) (sp delivery.Spread, err error) {
	accounts, outside, err := s.members(ctx, tx, r.account)
	if err != nil {
		return sp, err
	}
	if len(accounts)+len(outside) == 0 {
		return sp, failure.New(failure.Policy, "cette liste n'a aucun membre / this list has no members")
	}
	if r.Archive {
		accounts = append(accounts, r.account)
	}
	_, sp.ReversePath = s.addresses(r.local)
	sp.Fields, sp.Local, sp.Remote = s.fields(r), targets(accounts), outside
	return sp, nil
}

// id is the list's identifier (RFC 2919 §2): below a name that no host bears.
func (s *Service) id(r *row) string { return r.local + ".list." + s.cfg.Domain }

// fields are what a copy of the list bears before the message: RFC 2919 and RFC 2369.
func (s *Service) fields(r *row) []byte {
	members, owners := s.addresses(r.local)
	b := fmt.Appendf(nil, "List-Id: %s<%s>\r\n", phrase(r.Display), s.id(r))
	if r.Posting == ByOwners {
		b = append(b, "List-Post: NO\r\n"...) // RFC 2369 §3.4
	} else {
		b = fmt.Appendf(b, "List-Post: <mailto:%s>\r\n", members)
	}
	b = fmt.Appendf(b, "List-Owner: <mailto:%s>\r\n", owners)
	if r.Leaving {
		b = fmt.Appendf(b, "List-Unsubscribe: <mailto:%s?subject=D%%C3%%A9sinscription>\r\n", owners)
	}
	return append(b, "Precedence: list\r\n"...)
}

// phrase is the name of a list before its identifier, in encoded words of one line each; "" for none.
func phrase(display string) string {
	if strings.TrimSpace(display) == "" {
		return ""
	}
	return encoded(display) + "\r\n "
}
