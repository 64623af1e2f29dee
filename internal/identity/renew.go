package identity

import (
	"context"

	"navette/internal/store"
)

// renew hashes a password that was just proved anew where its hash has another cost than the present one, so that in time
// all logins cost the same work. Who proved it is let in whatever becomes of that; a password that was changed meanwhile
// stays changed.
func (s *Service) renew(ctx context.Context, found *candidate, p proof, secret string) {
	old := found.hashOf(p)
	cost, _, _, err := parsePHC(old)
	if err != nil || cost == s.hasher.cost {
		return
	}
	normal, _ := normalPassword(secret)
	hash, err := s.hasher.hash(ctx, normal)
	if err == nil {
		err = s.db.Write(ctx, store.Interactive, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE credential SET hash = $4 WHERE account_id = $1 AND credential_id = $2 AND hash = $3`,
				found.account, p.credential, old, hash)
			return err
		})
	}
	if err != nil {
		s.log.Warn("a password keeps the cost of its hash for now", "account", found.account, "error", err)
	}
}

func (f *candidate) hashOf(p proof) string {
	for _, stored := range f.stored {
		if stored.proof == p {
			return stored.hash
		}
	}
	return ""
}
