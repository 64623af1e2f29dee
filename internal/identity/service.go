package identity

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"navette/internal/limits"
	"navette/internal/store"
)

// Options are what a Service needs. Zero values take the defaults that stand beside them.
type Options struct {
	DB     *store.DB    // required; its clock is the service's
	Log    *slog.Logger // required
	Pepper *Pepper      // without it nothing can be done with a NUMEN

	Trusted limits.Networks // whose log-ins are not counted by network

	Argon2   Argon2 // DefaultArgon2
	Parallel int    // hashes at a time: one a core
	Queue    int    // log-ins that may wait for a hash: 256

	CacheSize int           // proved secrets remembered: 32,768
	CacheLife time.Duration // for how long: 5 minutes, which is also the most
	PollEvery time.Duration // between looks at the revocations: 500 ms

	Random io.Reader                                  // crypto/rand
	Wait   func(context.Context, time.Duration) error // sleeps, or returns the context's error: a timer
}

const longestCacheLife = 5 * time.Minute

// Service is the identity of a node. Its methods may be called from many goroutines.
type Service struct {
	opt      Options
	db       *store.DB
	log      *slog.Logger
	hasher   *hasher
	decoy    string // what is checked where there is no hash
	cache    *cache
	throttle *throttle
	registry *registry
	uses     uses
	salt     []byte // of SCRAM

	polling sync.Mutex
	last    int64                     // the revocation that was seen last; guarded by polling
	seen    atomic.Pointer[time.Time] // when the revocations were last read
}

// New returns a service that knows all revocations up to now. The caller starts Run, without which the service is
// blind after a few seconds and verifies nobody.
func New(ctx context.Context, opt Options) (*Service, error) {
	if opt.Argon2 == (Argon2{}) {
		opt.Argon2 = DefaultArgon2()
	}
	if opt.Queue == 0 {
		opt.Queue = 256
	}
	if opt.CacheSize == 0 {
		opt.CacheSize = 1 << 15
	}
	if opt.CacheLife <= 0 || opt.CacheLife > longestCacheLife {
		opt.CacheLife = longestCacheLife
	}
	if opt.PollEvery <= 0 {
		opt.PollEvery = 500 * time.Millisecond
	}
	if opt.Random == nil {
		opt.Random = rand.Reader
	}
	if opt.Wait == nil {
		opt.Wait = wait
	}
	key := make([]byte, 32)
	if _, err := io.ReadFull(opt.Random, key); err != nil {
		return nil, fmt.Errorf("draw the process key: %w", err)
	}
	s := &Service{opt: opt, db: opt.DB, log: opt.Log, registry: newRegistry(opt.DB.Now),
		hasher:   newHasher(opt.Argon2, opt.Parallel, opt.Queue, opt.Random),
		cache:    newCache(key, opt.CacheLife, opt.CacheSize, opt.DB.Now),
		throttle: newThrottle(opt.Trusted, key, opt.DB.Now, opt.Wait)}
	s.decoy = s.hasher.decoy()
	if err := s.start(ctx); err != nil {
		return nil, fmt.Errorf("start identity: %w", err)
	}
	if err := s.loadSalt(ctx); err != nil {
		return nil, fmt.Errorf("start identity: %w", err)
	}
	return s, nil
}

// Hashes tells how many Argon2id hashes were computed: for metrics, and for tests of what costs none.
func (s *Service) Hashes() int64 { return s.hasher.hashes.Load() }

// wait sleeps for d.
func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
