package identity

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
)

// A generated secret is selector.secret: 40 bits to look it up by, and 128 that nobody can guess. So one SHA-256 keeps
// it safe, and checking it costs microseconds. Both are written in lower-case letters and digits that are not mistaken
// for each other on paper or on a telephone.
const (
	selectorBytes = 5
	secretBytes   = 16

	selectorLen = 8  // letters of selectorBytes in base 32
	secretLen   = 26 // letters of secretBytes in base 32

	digestPrefix = "sha256:"
)

// alphabet is base 32 without i, l, o and u.
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

func base32Letters() *base32.Encoding {
	return base32.NewEncoding(alphabet).WithPadding(base32.NoPadding)
}

// Generated is a new secret, shown once.
type Generated struct {
	Selector string
	Secret   string // the whole, selector.secret, as its owner types it
}

// Generate draws a secret of 128 bits.
func Generate(random io.Reader) (Generated, error) {
	b := make([]byte, selectorBytes+secretBytes)
	if _, err := io.ReadFull(random, b); err != nil {
		return Generated{}, fmt.Errorf("draw a secret: %w", err)
	}
	e := base32Letters()
	selector := e.EncodeToString(b[:selectorBytes])
	return Generated{Selector: selector, Secret: selector + "." + e.EncodeToString(b[selectorBytes:])}, nil
}

// HashGenerated returns what is stored of a generated secret, however it was typed. It fails on any other, for which
// one SHA-256 would be no protection.
func HashGenerated(typed string) (string, error) {
	secret, ok := normalGenerated(typed)
	if !ok {
		return "", fmt.Errorf("hash a secret: it is not of the generated form")
	}
	digest := sha256.Sum256([]byte(secret))
	return digestPrefix + hex.EncodeToString(digest[:]), nil
}

// normalGenerated gives a generated secret as it was shown, from what somebody has typed: capitals, spaces and hyphens
// do not matter, nor o for 0, i or l for 1. (A client of SCRAM hashes what is typed, so there they do.)
func normalGenerated(typed string) (string, bool) {
	if len(typed) < selectorLen+1+secretLen || len(typed) > 2*(selectorLen+1+secretLen) {
		return "", false
	}
	secret := strings.Map(func(r rune) rune {
		switch r {
		case ' ', '-':
			return -1
		case 'o', 'O':
			return '0'
		case 'i', 'I', 'l', 'L':
			return '1'
		}
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, typed)
	selector, rest, ok := strings.Cut(secret, ".")
	ok = ok && len(selector) == selectorLen && len(rest) == secretLen && strings.Trim(selector+rest, alphabet) == ""
	return secret, ok
}

// selectorOf returns the selector of a secret that has the generated form, else "".
func selectorOf(typed string) string {
	secret, ok := normalGenerated(typed)
	if !ok {
		return ""
	}
	return secret[:selectorLen]
}

// matchesDigest tells whether stored is what HashGenerated makes of secret.
func matchesDigest(stored, secret string) bool {
	hash, err := HashGenerated(secret)
	return err == nil && subtle.ConstantTimeCompare([]byte(stored), []byte(hash)) == 1
}
