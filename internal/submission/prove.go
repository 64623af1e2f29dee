package submission

import (
	"context"
	"crypto/sha256"

	"navette/internal/proof"
)

// Prover signs what an account sends, a person's or a box's (proof.Service). Its errors refuse the message.
type Prover interface {
	// Prove gives a field with its line end for the prefix, or nil. header is that of the content, sum the digest of
	// its body.
	Prove(ctx context.Context, account int64, header []byte, sum [sha256.Size]byte) ([]byte, error)
}

var _ Prover = (*proof.Service)(nil)

// proved is the prefix with the proof of who writes: the account, or the box as which it writes. All of the body has
// been read.
func (s *Service) proved(ctx context.Context, sub *submitting, header []byte) ([]byte, error) {
	prefix := s.prefix(sub)
	if s.cfg.Prover == nil {
		return prefix, nil
	}
	account := sub.Principal.Account
	if sub.own.voice != nil {
		account = sub.own.voice.Box
	}
	field, err := s.cfg.Prover.Prove(ctx, account, header, sub.digest.Sum())
	return append(prefix, field...), err
}
