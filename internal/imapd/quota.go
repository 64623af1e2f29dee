package imapd

import (
	"context"

	"navette/internal/imap"
)

// Quotas (RFC 9208). Each account has one root, which holds all its mailboxes: the empty name for one's own, and a
// box's name for that box.

// getQuota is GETQUOTA.
func (s *session) getQuota(ctx context.Context, c imap.GetQuota) (reply, error) {
	at := place{account: s.who.Account}
	if c.Root != "" {
		var err error
		if at, err = s.findFor(ctx, c.Root, "r"); err != nil {
			return reply{}, err
		}
		if at.root != c.Root {
			return no(imap.CodeNonExistent, "there is no such quota root"), nil
		}
	}
	return s.tellQuota(ctx, at)
}

// getQuotaRoot is GETQUOTAROOT.
func (s *session) getQuotaRoot(ctx context.Context, c imap.GetQuotaRoot) (reply, error) {
	at, err := s.existing(ctx, c.Mailbox, "r")
	if err != nil {
		return reply{}, err
	}
	s.out.QuotaRoot(c.Mailbox, at.root)
	return s.tellQuota(ctx, at)
}

// tellQuota writes what an account uses, rounded up, and may use, rounded down.
func (s *session) tellQuota(ctx context.Context, at place) (reply, error) {
	q, err := s.srv.cfg.Mailboxes.Quota(ctx, at.account)
	if err != nil {
		return reply{}, err
	}
	const unit = 1024
	s.out.StorageQuota(at.root, uint64((q.UsedBytes+unit-1)/unit), uint64(q.QuotaBytes/unit))
	return ok("done"), nil
}
