package identity

import (
	"context"
	"errors"
	"fmt"
	"time"

	"navette/internal/failure"
	"navette/internal/store"
)

// A service that has not read the revocations for blindAfter polls (2.5 s) no longer vouches for anybody: Verify and
// StillValid refuse. After tellAfter polls (30 s, about a failover of the database) it voids all that it gave, and
// watched connections end. In between, an open connection cannot do harm: whatever it asks needs the same database.
const (
	blindAfter = 5
	tellAfter  = 60
	// pollPage is how many revocations one poll reads at a time.
	pollPage = 1000
)

// start takes the number of the last revocation before the first principal is given.
func (s *Service) start(ctx context.Context) error {
	s.polling.Lock()
	defer s.polling.Unlock()
	return s.db.Read(ctx, func(tx *store.Tx) (err error) {
		if s.last, err = tx.Meta(ctx, "revocation"); err == nil {
			s.mark()
		}
		return err
	})
}

func (s *Service) mark() {
	now := s.db.Now()
	s.seen.Store(&now)
}

// Run polls until ctx ends, and returns its error.
func (s *Service) Run(ctx context.Context) error {
	tick := time.NewTicker(s.opt.PollEvery)
	defer tick.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return s.end(ctx)
		case <-tick.C:
		}
		err := s.poll(ctx)
		if (err != nil) != failing && ctx.Err() == nil {
			if failing = err != nil; failing {
				s.log.Error("revocations cannot be read", "error", err)
			} else {
				s.log.Info("revocations are read again")
			}
		}
		if err == nil && s.uses.due(s.db.Now()) {
			s.flush(ctx)
		}
	}
}

// end writes what is still noted, and gives the error of ctx.
func (s *Service) end(ctx context.Context) error {
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), blindAfter*s.opt.PollEvery)
	defer cancel()
	s.flush(last)
	return ctx.Err()
}

func (s *Service) flush(ctx context.Context) {
	if err := s.FlushUses(ctx); err != nil {
		s.log.Warn("last uses are not written", "error", err)
	}
}

// poll is one Poll that a database which does not answer cannot hold for ever.
func (s *Service) poll(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, blindAfter*s.opt.PollEvery)
	defer cancel()
	return s.Poll(ctx)
}

// Poll reads the revocations since the last, and acts on them. A call after a change of one's own (an import in a
// transaction of package roster) makes this node act at once.
//
// It fails closed. When the database cannot be read, or revocations are missing (they were pruned while this node was
// away), or their counter went back (a restore), everything given before is void; see the constants of this file for
// how long the first is borne.
func (s *Service) Poll(ctx context.Context) error {
	s.polling.Lock()
	defer s.polling.Unlock()
	s.registry.expire()
	for {
		found, err := s.readRevocations(ctx)
		if err != nil {
			if s.unseenFor() >= tellAfter*s.opt.PollEvery {
				s.voidAll()
			}
			return fmt.Errorf("read revocations: %w", err)
		}
		if found.lost {
			s.log.Warn("revocations were lost: all log-ins are void", "after", s.last, "counter", found.counter)
			s.voidAll()
		}
		for _, r := range found.rows {
			s.void(r.account, r.epoch)
		}
		s.last = found.upTo
		s.mark()
		if s.last >= found.counter {
			return nil
		}
	}
}

// revocations are what one look found.
type revocations struct {
	counter int64 // of all revocations
	upTo    int64 // the last that is dealt with by acting on rows
	rows    []revoked
	lost    bool // some are gone without having been read
}

type revoked struct{ account, epoch int64 }

func (s *Service) readRevocations(ctx context.Context) (found revocations, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		found = revocations{upTo: s.last}
		found.counter, err = tx.Meta(ctx, "revocation")
		switch {
		case err != nil || found.counter == s.last:
			return err
		case found.counter < s.last:
			found.lost, found.upTo = true, found.counter
			return nil
		}
		return found.read(ctx, tx, s.last)
	})
	return found, err
}

// read fills in the rows after last: numbers are without gaps, so a gap is a loss.
func (f *revocations) read(ctx context.Context, tx *store.Tx, last int64) error {
	rows, err := tx.Query(ctx, `SELECT r.seq, r.account_id, a.auth_epoch
		FROM revocation r JOIN account a ON a.account_id = r.account_id WHERE r.seq > $1 ORDER BY r.seq LIMIT $2`, last, pollPage)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var seq int64
		var r revoked
		if err := rows.Scan(&seq, &r.account, &r.epoch); err != nil {
			return err
		}
		f.lost = f.lost || seq != f.upTo+1
		f.rows, f.upTo = append(f.rows, r), seq
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if len(f.rows) == 0 {
		f.lost, f.upTo = true, f.counter
	}
	return nil
}

// void ends what an account was given before epoch, on this node.
func (s *Service) void(account, epoch int64) {
	s.cache.drop(account, epoch)
	s.registry.revoke(account, epoch)
}

// voidAll ends everything that this node gave.
func (s *Service) voidAll() {
	s.cache.clear()
	s.registry.revokeAll()
}

func (s *Service) unseenFor() time.Duration { return s.db.Now().Sub(*s.seen.Load()) }

func (s *Service) blind() bool { return s.unseenFor() >= blindAfter*s.opt.PollEvery }

var errNotSeen = errors.New("revocations were not read lately")

// errUnavailable is told when nobody can be verified for a reason of ours.
func errUnavailable(cause error) error {
	return failure.Wrap(failure.Temporary, cause,
		"L'authentification est momentanément indisponible. / Authentication is unavailable at the moment.")
}

// StillValid tells whether p is still worth what it was: nothing was revoked since, as far as a service that is not
// blind knows.
func (s *Service) StillValid(p Principal) bool { return !s.blind() && s.registry.valid(p) }

// Watch has ended called once, from some goroutine, as soon as p is worth nothing any more; at once if it already is.
// ended must not block: it closes a connection, or a channel. The caller stops the watch when its connection ends.
func (s *Service) Watch(p Principal, ended func()) *Watch { return s.registry.watch(p, ended) }

// revocationLife is how long a row is kept for nodes that were away: longer than any could be blind and still hold a
// connection.
const revocationLife = time.Hour

// Prune deletes the revocations that no node needs any more, and returns how many; and the tokens that are over.
func (s *Service) Prune(ctx context.Context) (n int64, err error) {
	err = s.db.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		n, err = tx.Exec(ctx, `DELETE FROM revocation WHERE at < $1`, tx.Now().Add(-revocationLife).UnixMicro())
		if err != nil {
			return err
		}
		return pruneTokens(ctx, tx)
	})
	if err != nil {
		return 0, fmt.Errorf("prune revocations: %w", err)
	}
	return n, nil
}
