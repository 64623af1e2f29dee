package identity

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"

	"golang.org/x/crypto/chacha20poly1305"
)

// What other packages keep of short codes and of secrets that are needed in the clear: digests and boxes under the
// pepper. Each use has a name, and belongs to one account: moved to another row or use, neither is worth anything.

// Digest is what is stored of a code that is too short for a plain hash.
func (s *Service) Digest(use string, account int64, code string) (string, error) {
	if s.opt.Pepper == nil {
		return "", errNoPepper()
	}
	m := hmac.New(sha256.New, s.opt.Pepper.codes)
	m.Write(boxFor(use, account))
	m.Write([]byte(code))
	return hex.EncodeToString(m.Sum(nil)), nil
}

// DigestIs tells whether stored is the digest of code.
func (s *Service) DigestIs(stored, use string, account int64, code string) (bool, error) {
	digest, err := s.Digest(use, account, code)
	return err == nil && subtle.ConstantTimeCompare([]byte(digest), []byte(stored)) == 1, err
}

// Seal encrypts a secret of an account.
func (s *Service) Seal(use string, account int64, secret []byte) ([]byte, error) {
	if s.opt.Pepper == nil {
		return nil, errNoPepper()
	}
	aead, err := chacha20poly1305.NewX(s.opt.Pepper.secrets)
	if err != nil {
		return nil, fmt.Errorf("seal a secret: %w", err)
	}
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(secret)+aead.Overhead())
	if _, err := io.ReadFull(s.opt.Random, nonce); err != nil {
		return nil, fmt.Errorf("draw a nonce: %w", err)
	}
	return aead.Seal(nonce, nonce, secret, boxFor(use, account)), nil
}

// Unseal opens what Seal made for the same use and account.
func (s *Service) Unseal(use string, account int64, sealed []byte) ([]byte, error) {
	if s.opt.Pepper == nil {
		return nil, errNoPepper()
	}
	aead, err := chacha20poly1305.NewX(s.opt.Pepper.secrets)
	if err != nil {
		return nil, fmt.Errorf("unseal a secret: %w", err)
	}
	if len(sealed) < aead.NonceSize() {
		return nil, fmt.Errorf("unseal the %s of account %d: too short", use, account)
	}
	secret, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], boxFor(use, account))
	if err != nil {
		return nil, fmt.Errorf("unseal the %s of account %d, which the pepper of another day may have sealed: %w", use, account, err)
	}
	return secret, nil
}

func boxFor(use string, account int64) []byte {
	return binary.BigEndian.AppendUint64(append([]byte(use), 0), uint64(account))
}
