package identity

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"net/netip"
	"time"

	"navette/internal/failure"
	"navette/internal/limits"
)

// throttle makes guessing slow without ever shutting an owner out.
//
//   - A network that fails a lot waits, whomever it tries (trusted networks are not counted).
//   - A login that fails a lot from one network waits there.
//   - A login that fails a lot from anywhere waits a little, except in networks in which its owner was seen: a storm
//     from all over the world slows its owner down by a few seconds at a new place, and not at all at work.
//   - A device of its owner (a browser that was signed in before) is counted by itself alone: whoever shares the network
//     with it cannot slow it down.
//
// Logins are counted as they were typed, not as the account that they name: otherwise a counter shared by a login and
// an address would tell that both exist.
type throttle struct {
	trusted limits.Networks
	key     []byte
	wait    func(context.Context, time.Duration) error

	networks *limits.Backoff[netip.Prefix]
	pairs    *limits.Backoff[pair]
	logins   *limits.Backoff[loginKey]
	known    *limits.Recent[pair]
	waiting  *limits.Concurrent[netip.Prefix]
}

// loginKey stands for a typed login: as many octets, however long it was.
type loginKey [16]byte

// pair is a login at a network, or at a known device, whose network then does not count.
type pair struct {
	login   loginKey
	network netip.Prefix
	device  loginKey
}

const (
	longestWait      = 15 * time.Second
	longestLoginWait = 3 * time.Second
	knownFor         = 30 * 24 * time.Hour
	// perNetwork is how many log-ins of one network may be at a hash or wait for one, so that nobody fills the queue.
	perNetwork = 32
)

func newThrottle(trusted limits.Networks, key []byte, now limits.Clock, wait func(context.Context, time.Duration) error) *throttle {
	shape := limits.BackoffOptions{First: 250 * time.Millisecond, Longest: longestWait, Halve: 15 * time.Minute, MaxKeys: limits.DefaultKeys}
	forNetworks, forPairs, forLogins := shape, shape, shape
	forNetworks.Free, forPairs.Free, forLogins.Free = 20, 5, 20
	forLogins.Longest = longestLoginWait
	return &throttle{trusted: trusted, key: key, wait: wait,
		networks: limits.NewBackoff[netip.Prefix](forNetworks, now),
		pairs:    limits.NewBackoff[pair](forPairs, now),
		logins:   limits.NewBackoff[loginKey](forLogins, now),
		known:    limits.NewRecent[pair](knownFor, limits.DefaultKeys, now),
		waiting:  limits.NewConcurrent[netip.Prefix](perNetwork)}
}

// attempt is one log-in on its way through the throttle.
type attempt struct {
	t       *throttle
	pair    pair
	counted bool // by network
	known   bool // from a device of the login's owner
}

// attempt begins one; device is "" unless it names a device of the login's owner.
func (t *throttle) attempt(login string, peer netip.Addr, device string) attempt {
	if device != "" {
		return attempt{t: t, pair: pair{login: t.keyOf("login", login), device: t.keyOf("device", device)}, known: true}
	}
	return attempt{t: t, pair: pair{login: t.keyOf("login", login), network: limits.NetworkOf(peer)}, counted: !t.trusted.Contain(peer)}
}

func (t *throttle) keyOf(kind, text string) (key loginKey) {
	m := hmac.New(sha256.New, t.key)
	m.Write([]byte(kind + "\x00"))
	m.Write([]byte(text))
	copy(key[:], m.Sum(nil))
	return key
}

// enter is waited for before anything is looked up.
func (a attempt) enter(ctx context.Context) error {
	if !a.counted {
		return nil
	}
	delay, ok := a.t.networks.Reserve(a.pair.network)
	if !ok {
		return errTooMany(delay)
	}
	return a.t.wait(ctx, delay)
}

// guess is waited for before a secret that was not proved lately is hashed. A secret that was needs no wait: its owner's
// programs go on working through a storm, and a guesser gains one guess in some 2^40 by it.
func (a attempt) guess(ctx context.Context) (leave func(), err error) {
	leave = func() {}
	if a.counted {
		var ok bool
		if leave, ok = a.t.waiting.Acquire(a.pair.network); !ok {
			return nil, errBusy()
		}
	}
	delay, ok := a.t.pairs.Reserve(a.pair)
	if !ok {
		leave()
		return nil, errTooMany(delay)
	}
	if !a.known && !a.t.known.Has(a.pair) {
		delay = max(delay, a.t.logins.Delay(a.pair.login))
	}
	if err := a.t.wait(ctx, delay); err != nil {
		leave()
		a.failed() // hanging up counts: it would be a way to guess without waiting
		return nil, err
	}
	return leave, nil
}

func (a attempt) failed() {
	a.t.pairs.Fail(a.pair)
	if !a.known {
		a.t.logins.Fail(a.pair.login)
	}
	if a.counted {
		a.t.networks.Fail(a.pair.network)
	}
}

func (a attempt) succeeded() {
	a.t.pairs.Succeed(a.pair)
	a.t.known.Add(a.pair)
}

func errTooMany(delay time.Duration) error {
	seconds := int(delay/time.Second) + 1
	return failure.New(failure.Temporary, "Trop d'essais : réessayez dans %d secondes. / Too many attempts: try again in %d seconds.", seconds, seconds)
}
