package identity

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"golang.org/x/crypto/argon2"

	"navette/internal/store"
)

// hashTime is how long a password's hash may take at most, of one core: with it, two cores still let 1,000 people in a
// minute, and mail flows beside.
const hashTime = 40 * time.Millisecond

// memories are the sizes that are tried, KiB. The first is the floor, whatever the machine (OWASP's minimum for two
// passes); the last bounds what the hashes that run at a time hold.
func memories() []uint32 { return []uint32{19 << 10, 32 << 10, 47 << 10, 64 << 10} }

// TuneArgon2 gives the costs of chosen passwords for a database: the most memory, of two passes, that this machine hashes with
// in hashTime. They are measured once and kept with the database, so that all nodes, after each restart, do the same work for a
// login that exists as for one that does not. Where passwords were hashed before anything was measured, theirs is the cost:
// another would tell whose login exists. now is the real clock.
func TuneArgon2(ctx context.Context, db *store.DB, now func() time.Time) (Argon2, error) {
	stored, err := storedMemory(ctx, db)
	if err != nil || stored > 0 {
		return costOf(stored), err
	}
	kib, err := hashedMemory(ctx, db)
	if err != nil {
		return Argon2{}, err
	}
	if kib == 0 {
		kib = affordable(now)
	}
	err = db.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO store_meta (name, value) VALUES ('argon2', $1) ON CONFLICT (name) DO NOTHING`, int64(kib))
		return err
	})
	if err != nil {
		return Argon2{}, fmt.Errorf("keep the cost of passwords: %w", err)
	}
	stored, err = storedMemory(ctx, db) // another node may have been first
	return costOf(stored), err
}

// hashedMemory gives the size of the oldest hash of a chosen password, KiB; 0 where there is none.
func hashedMemory(ctx context.Context, db *store.DB) (uint32, error) {
	var phc string
	err := db.ReadOne(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT hash FROM credential WHERE kind = 'password' AND hash LIKE $1 ORDER BY created_at, credential_id LIMIT 1`, phcPrefix+"%").Scan(&phc)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("look for hashed passwords: %w", err)
	}
	c, _, _, err := parsePHC(phc)
	return c.MemoryKiB, err
}

// affordable gives the most memory that this machine hashes with in hashTime.
func affordable(now func() time.Time) uint32 {
	return measure(memories(), func(kib uint32) time.Duration {
		best := time.Duration(0)
		for range 3 {
			start := now()
			argon2.IDKey([]byte("a phrase of usual length"), make([]byte, saltBytes), costOf(0).Passes, kib, 1, hashBytes)
			if took := now().Sub(start); best == 0 || took < best {
				best = took
			}
		}
		return best
	})
}

func storedMemory(ctx context.Context, db *store.DB) (kib int64, err error) {
	err = db.ReadOne(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT COALESCE(MAX(value), 0) FROM store_meta WHERE name = 'argon2'`).Scan(&kib)
	})
	if err != nil {
		return 0, fmt.Errorf("read the cost of passwords: %w", err)
	}
	return kib, nil
}

// measure gives the last of sizes that takes no longer than hashTime; the first, whatever it takes.
func measure(sizes []uint32, take func(kib uint32) time.Duration) uint32 {
	chosen := sizes[0]
	for _, kib := range sizes[1:] {
		if take(kib) > hashTime {
			break
		}
		chosen = kib
	}
	return chosen
}

// costOf gives the costs for a stored size; never less than the floor, never more than a stored hash may ask for.
func costOf(kib int64) Argon2 {
	c := DefaultArgon2()
	c.MemoryKiB = uint32(min(max(kib, int64(c.MemoryKiB)), maxMemoryKiB))
	return c
}
