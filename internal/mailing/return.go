package mailing

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"strings"

	"navette/internal/delivery"
	"navette/internal/directory"
)

// tagEncoding survives whoever folds the case of an address.
var tagEncoding = base32.HexEncoding.WithPadding(base32.NoPadding)

// macBytes is how much of the HMAC a reverse-path bears: 80 bits, which nobody tries out at RCPT.
const macBytes = 10

// reversePath is the reverse-path of a copy: retour+TAG@, where TAG is base32 of the two numbers and of their HMAC. Of
// 35 octets, it fits every host's local part of 64 (RFC 5321 §4.5.3.1.1).
func (s *Service) reversePath(c delivery.Return) string {
	return directory.ReturnLocal + "+" + s.tag(c) + "@" + s.cfg.Domain
}

func (s *Service) tag(c delivery.Return) string {
	numbers := binary.AppendUvarint(binary.AppendUvarint(nil, uint64(c.Mailing)), uint64(c.Seq))
	return strings.ToLower(tagEncoding.EncodeToString(append(numbers, s.mac("return", numbers)[:macBytes]...)))
}

// Return implements delivery.Mailings.
func (s *Service) Return(tag string) (delivery.Return, bool) {
	raw, err := tagEncoding.DecodeString(strings.ToUpper(tag))
	if err != nil || len(raw) <= macBytes {
		return delivery.Return{}, false
	}
	numbers, mac := raw[:len(raw)-macBytes], raw[len(raw)-macBytes:]
	if !hmac.Equal(mac, s.mac("return", numbers)[:macBytes]) {
		return delivery.Return{}, false
	}
	mailing, n := binary.Uvarint(numbers)
	if n <= 0 {
		return delivery.Return{}, false
	}
	seq, m := binary.Uvarint(numbers[n:])
	if m <= 0 || n+m != len(numbers) || mailing == 0 {
		return delivery.Return{}, false
	}
	return delivery.Return{Mailing: int64(mailing), Seq: int64(seq)}, true
}

// mac is HMAC-SHA-256 under the installation's key, for one use.
func (s *Service) mac(use string, octets []byte) []byte {
	m := hmac.New(sha256.New, s.cfg.Key)
	m.Write([]byte("navette mailing " + use + "\x00"))
	m.Write(octets)
	return m.Sum(nil)
}

// mark is the keyed hash by which a mailbox outside is known again; 0 is none.
func (s *Service) mark(matchKey string) int64 {
	if matchKey == "" {
		return 0
	}
	return int64(binary.BigEndian.Uint64(s.mac("mailbox", []byte(matchKey))) >> 1)
}
