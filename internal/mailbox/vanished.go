package mailbox

import (
	"context"
	"fmt"

	"navette/internal/store"
)

// Vanished returns the UIDs that were removed from a mailbox after the account's modseq since, ascending, and for
// clients that resume (RFC 7162 §3.2.5) whether or not they stood there then: a client may have heard of messages that
// came and went later than what it remembers. Where the log does not reach back, these are all UIDs ever given that
// are not there. failure.NotFound where the mailbox is gone.
func (s *Service) Vanished(ctx context.Context, account, mailbox, since int64) (gone []UIDRange, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		gone = nil
		m, err := byID(ctx, tx, account, mailbox)
		if err != nil || m.Modseq <= since {
			return err
		}
		if since >= m.PurgeFloor {
			removed, err := scanIDs(tx.Query(ctx, `SELECT uid FROM change WHERE account_id = $1 AND modseq > $2 AND mailbox_id = $3 AND kind = $4
				ORDER BY uid LIMIT $5`, account, since, mailbox, Removed, maxChanges+1))
			if err != nil {
				return err
			}
			if len(removed) <= maxChanges {
				gone = runsOf(removed)
				return nil
			}
		}
		there, err := uidRuns(ctx, tx, account, &m)
		gone = gapsIn(there, m.UIDNext)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("what vanished from a mailbox: %w", err)
	}
	return gone, nil
}

// runsOf joins ascending UIDs into runs.
func runsOf(uids []int64) (runs []UIDRange) {
	for _, uid := range uids {
		u := uint32(uid)
		if n := len(runs); n > 0 && runs[n-1].Last+1 == u {
			runs[n-1].Last = u
			continue
		}
		runs = append(runs, UIDRange{u, u})
	}
	return runs
}

// gapsIn returns the UIDs below next that are not in runs.
func gapsIn(runs []UIDRange, next uint32) (gaps []UIDRange) {
	from := uint32(1)
	for _, r := range append(runs[:len(runs):len(runs)], UIDRange{next, next}) {
		if r.First > from {
			gaps = append(gaps, UIDRange{from, r.First - 1})
		}
		from = r.Last + 1
	}
	return gaps
}
