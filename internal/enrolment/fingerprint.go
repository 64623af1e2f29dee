package enrolment

import (
	"crypto/sha256"
	"encoding/binary"
)

// fingerprint gathers what is kept of a record, and gives 64 bits that are the same for the same record: one changed
// record in 2^64 would go unnoticed. Its zero value is ready.
type fingerprint struct{ octets []byte }

func (f *fingerprint) text(all ...string) {
	for _, s := range all {
		f.number(int64(len(s)))
		f.octets = append(f.octets, s...)
	}
}

func (f *fingerprint) number(all ...int64) {
	for _, n := range all {
		f.octets = binary.BigEndian.AppendUint64(f.octets, uint64(n)) //nolint:gosec // any 64 bits
	}
}

func (f *fingerprint) flag(all ...bool) {
	for _, b := range all {
		n := int64(0)
		if b {
			n = 1
		}
		f.number(n)
	}
}

// sum is never 0, which stands for a record to be written again.
func (f *fingerprint) sum() int64 {
	sum := sha256.Sum256(f.octets)
	n := int64(binary.BigEndian.Uint64(sum[:])) //nolint:gosec // any 64 bits
	if n == 0 {
		return 1
	}
	return n
}
