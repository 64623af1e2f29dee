package submission

import (
	"time"

	"navette/internal/failure"
	"navette/internal/guard"
	"navette/internal/limits"
)

// How many groups of guardians or pupils may be written to: a group is one recipient to the sender's windows and up to
// 1,200 messages that leave. Each group that a message names counts, so that naming many at once is no way around; a
// message that names more than an hour allows goes where nothing was sent within the hour (limits.Windows.Take). The
// numbers leave room for who writes to each class of a school in turn.
const (
	GroupsAnHour = 30 // an account, in its own name and as its boxes
	GroupsADay   = 100

	RelayedAnHour = 20 // an ENT, for each school that it is registered for
	RelayedADay   = 60
)

const day = 24 * time.Hour

// bounds are what senders may send over time.
type bounds struct {
	recipients *limits.Windows[int64]  // of an account
	groups     *limits.Windows[int64]  // of guardians or pupils, written to by an account
	relayed    *limits.Windows[string] // the same, written to under the domain of an ENT
}

func newBounds(recipients []limits.Window, now limits.Clock) *bounds {
	return &bounds{
		recipients: limits.NewWindows[int64](recipients, limits.DefaultKeys, now),
		groups:     limits.NewWindows[int64]([]limits.Window{{Span: time.Hour, Max: GroupsAnHour}, {Span: day, Max: GroupsADay}}, limits.DefaultKeys, now),
		relayed:    limits.NewWindows[string]([]limits.Window{{Span: time.Hour, Max: RelayedAnHour}, {Span: day, Max: RelayedADay}}, limits.DefaultKeys, now),
	}
}

// take counts what an account is about to send: failure.Temporary where it is too much for now.
func (b *bounds) take(account int64, cleared guard.Cleared) error {
	if b == nil {
		return nil
	}
	if n := families(cleared); n > 0 {
		if ok, _ := b.groups.Take(account, n); !ok {
			return errTooManyGroups()
		}
	}
	if ok, _ := b.recipients.Take(account, int64(len(cleared.Recipients()))); !ok {
		return failure.New(failure.Temporary,
			"trop de destinataires en peu de temps, réessayez plus tard / too many recipients in a short time, try again later")
	}
	return nil
}

// takeRelayed counts what the ENT of some schools is about to send, under the domain by which it is known.
func (b *bounds) takeRelayed(domain string, schools int, cleared guard.Cleared) error {
	if n := families(cleared); b != nil && n > 0 {
		if ok, _ := b.relayed.TakeScaled(domain, n, float64(schools)); !ok {
			return errTooManyGroups()
		}
	}
	return nil
}

func errTooManyGroups() error {
	return failure.New(failure.Temporary, "trop de messages à des groupes de familles ou d'élèves en peu de temps, réessayez plus tard"+
		" / too many messages to groups of families or pupils in a short time, try again later")
}

// families counts the groups of guardians or pupils among the recipients.
func families(cleared guard.Cleared) (n int64) {
	for _, one := range cleared.Recipients() {
		if r := one.Recipient; r.Class == guard.Group && (r.Holds == guard.Guardians || r.Holds == guard.Pupils) {
			n++
		}
	}
	return n
}
