package proof

import (
	"crypto/sha256"
	"hash"
)

// Body digests the body of a message that is written to it: everything after the empty line that ends the header. Each
// line end counts as CRLF, empty lines at the end do not count. It is for one goroutine.
type Body struct {
	sum     hash.Hash
	pending int  // line ends that count only if something follows
	cr      bool // the last octet was a CR: the next tells what it is
	out     []byte
}

// NewBody begins a digest.
func NewBody() *Body { return &Body{sum: sha256.New(), out: make([]byte, 0, 4096)} }

// Write takes the next octets. It never fails.
func (b *Body) Write(p []byte) (int, error) {
	for _, c := range p {
		switch {
		case c == '\n':
			b.cr = false
			b.pending++
		case b.cr: // a lone CR is an octet like others
			b.cr = false
			b.put('\r')
			fallthrough
		default:
			if c == '\r' {
				b.cr = true
			} else {
				b.put(c)
			}
		}
	}
	b.flush()
	return len(p), nil
}

// put adds an octet of a line, and the line ends before it.
func (b *Body) put(c byte) {
	for ; b.pending > 0; b.pending-- {
		b.out = append(b.out, '\r', '\n')
		if len(b.out) >= 4096-2 {
			b.flush()
		}
	}
	if b.out = append(b.out, c); len(b.out) >= 4096-2 {
		b.flush()
	}
}

func (b *Body) flush() {
	b.sum.Write(b.out)
	b.out = b.out[:0]
}

// Sum is the digest of what was written. Nothing may be written after it.
func (b *Body) Sum() (sum [sha256.Size]byte) {
	if b.cr {
		b.put('\r')
		b.flush()
	}
	b.sum.Sum(sum[:0])
	return sum
}
