package identity

import (
	"context"
	"errors"
	"net/netip"
)

// Trial is an attempt to prove something that could be guessed, other than by Verify: a NUMEN, a code, an address.
type Trial struct {
	Purpose string     // what is tried; each has counters of its own
	Subject string     // for whom, as it was typed: never what it names, so that counters tell nothing
	Peer    netip.Addr // who tries
	// Device is a digest that names a browser in which the subject's owner was signed in: it has counters of its own, which
	// no stranger can raise, and passes those of logins and networks. "" for any other.
	Device string
}

// Try runs prove in its turn: the more trials have failed, of the subject, at the network or both together, the longer
// the wait; nobody is ever shut out. prove tells whether the proof held. failure.Temporary where too many wait already.
func (s *Service) Try(ctx context.Context, t Trial, prove func(context.Context) (bool, error)) (bool, error) {
	a := s.throttle.attempt("\x00"+t.Purpose+"\x00"+t.Subject, t.Peer, t.Device)
	if err := a.enter(ctx); err != nil {
		return false, err
	}
	leave, err := a.guess(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	ok, err := prove(ctx)
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), err == nil && !ok:
		a.failed() // hanging up counts: it would be a way to guess without waiting
	case err == nil:
		a.succeeded()
	}
	return ok, err
}
