package identity

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync/atomic"

	"golang.org/x/crypto/argon2"

	"navette/internal/failure"
)

// Argon2 are the costs of the hash of a chosen password (RFC 9106 §3.1).
type Argon2 struct {
	MemoryKiB uint32
	Passes    uint32
	Threads   uint8
}

// DefaultArgon2 is 19 MiB and two passes: some 25 ms of one core.
func DefaultArgon2() Argon2 { return Argon2{MemoryKiB: 19 * 1024, Passes: 2, Threads: 1} }

const (
	saltBytes = 16
	hashBytes = 32
)

// What a stored hash may ask for at most, so that a damaged row cannot take the machine's memory.
const (
	maxMemoryKiB = 1 << 20
	maxPasses    = 64
	maxThreads   = 16
)

// hasher computes Argon2id, a few at a time: each takes a core and its memory.
type hasher struct {
	cost   Argon2
	random io.Reader
	slots  chan struct{} // a token for each that runs
	queue  chan struct{} // a token for each that runs or waits
	hashes atomic.Int64  // computed since the start: what tests compare instead of time
}

// newHasher allows parallel hashes at a time (0: one a core) and as many as queue to wait for their turn.
func newHasher(cost Argon2, parallel, queue int, random io.Reader) *hasher {
	if parallel <= 0 {
		parallel = runtime.GOMAXPROCS(0)
	}
	return &hasher{cost: cost, random: random,
		slots: make(chan struct{}, parallel), queue: make(chan struct{}, parallel+queue)}
}

// errBusy is told when more log-ins wait than will be served in reasonable time.
func errBusy() error {
	return failure.New(failure.Temporary,
		"Le service est très sollicité : réessayez dans un instant. / The service is very busy: try again in a moment.")
}

// turn waits for a slot and runs fn in it. Where the queue is full it fails at once.
func (h *hasher) turn(ctx context.Context, fn func() error) error {
	select {
	case h.queue <- struct{}{}:
		defer func() { <-h.queue }()
	default:
		return errBusy()
	}
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	return fn()
}

// hash returns the PHC string of secret, with a fresh salt.
func (h *hasher) hash(ctx context.Context, secret []byte) (phc string, err error) {
	salt := make([]byte, saltBytes)
	if _, err := io.ReadFull(h.random, salt); err != nil {
		return "", fmt.Errorf("draw a salt: %w", err)
	}
	err = h.turn(ctx, func() error {
		phc = formatPHC(h.cost, salt, h.key(h.cost, secret, salt, hashBytes))
		return nil
	})
	return phc, err
}

// matches tells whether secret is what phc was made from. It computes one hash whatever the answer, and must run
// within a turn.
func (h *hasher) matches(phc string, secret []byte) (bool, error) {
	cost, salt, want, err := parsePHC(phc)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(want, h.key(cost, secret, salt, len(want))) == 1, nil
}

func (h *hasher) key(c Argon2, secret, salt []byte, n int) []byte {
	h.hashes.Add(1)
	return argon2.IDKey(secret, salt, c.Passes, c.MemoryKiB, c.Threads, uint32(n))
}

// decoy is a hash that no secret is known to match, at the present cost: what is checked where there is none.
func (h *hasher) decoy() string {
	return formatPHC(h.cost, make([]byte, saltBytes), make([]byte, hashBytes))
}

// formatPHC writes the PHC string form: $argon2id$v=19$m=…,t=…,p=…$salt$hash.
func formatPHC(c Argon2, salt, hash []byte) string {
	e := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.MemoryKiB, c.Passes, c.Threads,
		e.EncodeToString(salt), e.EncodeToString(hash))
}

var errPHC = errors.New("a stored hash is not Argon2id in PHC form, or beyond what is allowed")

// phcPrefix begins each hash of a chosen password.
const phcPrefix = "$argon2id$"

// isPHC tells a stored Argon2id hash from the stored digest of a generated secret.
func isPHC(stored string) bool { return strings.HasPrefix(stored, phcPrefix) }

func parsePHC(phc string) (c Argon2, salt, hash []byte, err error) {
	var version int
	var tail string
	_, err = fmt.Sscanf(phc, "$argon2id$v=%d$m=%d,t=%d,p=%d$%s", &version, &c.MemoryKiB, &c.Passes, &c.Threads, &tail)
	saltText, hashText, ok := strings.Cut(tail, "$")
	if err != nil || !ok || c.MemoryKiB < 8*uint32(c.Threads) || c.MemoryKiB > maxMemoryKiB ||
		c.Passes < 1 || c.Passes > maxPasses || c.Threads < 1 || c.Threads > maxThreads {
		return c, nil, nil, errPHC
	}
	salt, err = base64.RawStdEncoding.DecodeString(saltText)
	if err != nil || len(salt) < 8 {
		return c, nil, nil, errPHC
	}
	hash, err = base64.RawStdEncoding.DecodeString(hashText)
	if err != nil || len(hash) < 16 || len(hash) > 64 {
		return c, nil, nil, errPHC
	}
	if formatPHC(c, salt, hash) != phc { // signs, spaces, leading zeros, another version
		return c, nil, nil, errPHC
	}
	return c, salt, hash, nil
}
