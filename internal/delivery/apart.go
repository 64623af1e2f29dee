package delivery

import (
	"context"
	"slices"

	"navette/internal/content"
	"navette/internal/failure"
	"navette/internal/guard"
	"navette/internal/store"
)

// Apart is a recipient who gets a copy of their own, or a group each of whose members does.
type Apart struct {
	Address    string // as the sender wrote it
	Resolution        // of the address
	Quiet      bool   // the sender must not learn that the copy is apart: it comes back as any other, and is in no report
}

// Groups knows the groups that are computed from the directory; *group.Service does. Its methods may be called from
// many goroutines.
type Groups interface {
	// ByAddress gives the group that an address of ours is of, in the form of directory.Normalize.
	ByAddress(ctx context.Context, address string) (group int64, found bool, err error)
}

// Letter is a message of which some copies are apart.
type Letter struct {
	From   Sender
	Apart  []Apart
	Shown  []int64 // groups that stand for others to see: their staff gets the message as the named do, once each
	Named  []Target
	Remote []string // who gets it as it was written, and so gets no copy apart
	Body   *content.Prepared
}

// Mailing is what becomes of the recipients apart of one message.
type Mailing struct {
	Plain  []Target // staff of the groups that are shown
	Copies []Copy   // ascending by Seq; nobody stands in two
	Seqs   int64    // how many numbers its copies take; 0: there is no mailing

	// Paths gives the copies their reverse-paths, which bear the mailing's number. Delivery calls it once.
	Paths func(n Numbers)

	// Write notes the mailing and its copies in the transaction that accepts, where they are told their numbers. It
	// may run again.
	Write func(ctx context.Context, tx *store.Tx, n Numbers) error
}

// Copy is one copy apart.
type Copy struct {
	Seq         int64  // from 0
	To          Target // Account is 0 where it goes outside
	Address     string // outside
	ReversePath string // its own: what comes back there is about this copy; "" until Mailing.Paths
}

// Numbers are the ids of a mailing: a copy's message, delivery and outbound row are those given here and its Seq.
type Numbers struct {
	Mailing  int64 // delivery as which the message was accepted
	Message  int64
	Delivery int64
	Outbound int64
	Queued   bool // its copies are queued in the transaction that accepts, not in later ones
}

// Return is a copy that something came back for.
type Return struct{ Mailing, Seq int64 }

// Returned is a message that arrived at the reverse-path of a copy.
type Returned struct {
	Copy Return
	From Sender
	Body *content.Prepared
}

// Answer is what becomes of a message that came back.
type Answer struct {
	To   Target // where it is read; Account is 0 where nobody has to
	Note Within // what it says of the copy; nil: nothing. It may run again.
}

// Mailings makes copies apart, and knows what comes back for them; *mailing.Service does. Its methods may be called
// from many goroutines, and on several nodes.
type Mailings interface {
	// Plan gives the copies of a letter, the membership of its groups as it is now; failure.Policy, with a text for the
	// sender, where it may not be sent.
	Plan(ctx context.Context, l Letter) (Mailing, error)

	// Take gives up to limit copies of a mailing that are not queued, ascending, and marks them queued. The same
	// transaction must queue them.
	Take(ctx context.Context, tx *store.Tx, mailing int64, limit int) (Numbers, []Copy, error)

	// Return gives the copy that a reverse-path is of: tag is the part of its local part after the plus. It looks
	// nothing up.
	Return(tag string) (Return, bool)

	// Arrived reads what came back, and tells what to do about it.
	Arrived(ctx context.Context, r Returned) (Answer, error)
}

// OnGroups sets who knows the groups. It is set once, before anything is accepted.
func (s *Service) OnGroups(g Groups) { s.groups = g }

// OnMailings sets who makes copies apart. It is set once, before anything is accepted.
func (s *Service) OnMailings(m Mailings) { s.mailings = m }

// checkCleared holds an envelope against what the guard has cleared: as many recipients, a group counting as one, and
// nobody together with others whom the guard sends apart.
func checkCleared(cleared guard.Cleared, env *Envelope) error {
	list := cleared.Recipients()
	if n := len(env.Local) + len(env.Remote) + len(env.Apart); n == 0 || len(list) != n {
		return failure.New(failure.Permanent, "%d recipients were cleared for %d", len(list), n)
	}
	apart := map[string]bool{}
	for _, a := range env.Apart {
		apart[a.Address] = true
		if a.Target.Return != (Return{}) {
			return failure.New(failure.Permanent, "a reverse-path has no copies apart")
		}
	}
	for _, d := range list {
		if d.Verdict == guard.Separate && !apart[d.Recipient.Address] {
			return failure.New(failure.Permanent, "a recipient who was cleared apart stands with others")
		}
	}
	if len(env.Apart) > 0 && len(env.Alone) == 0 {
		return failure.New(failure.Permanent, "copies apart have no To")
	}
	return nil
}

func errNoMailings() error {
	return failure.New(failure.Temporary, "les envois séparés ne sont pas ouverts, réessayez plus tard / separate copies are closed, try again later")
}

// plan asks for the copies apart, and for the staff of groups that are shown.
func (s *Service) plan(ctx context.Context, cleared guard.Cleared, env *Envelope, body *content.Prepared) (Mailing, error) {
	l := Letter{From: Sender{Account: cleared.Sender(), ReversePath: env.ReversePath}, Apart: quieted(cleared, env.Apart), Remote: env.Remote, Body: body}
	for _, t := range env.Local {
		switch {
		case t.Group != 0:
			l.Shown = append(l.Shown, t.Group)
		case t.IsMailbox():
			l.Named = append(l.Named, t)
		}
	}
	l.Apart = slices.DeleteFunc(l.Apart, func(a Apart) bool { return a.Target.Part != 0 }) // a list's copies name no member anyhow
	if len(l.Apart)+len(l.Shown) == 0 {
		return Mailing{}, nil
	}
	if s.mailings == nil {
		return Mailing{}, errNoMailings()
	}
	return s.mailings.Plan(ctx, l)
}

// quieted says of recipients apart which of them the sender must not know to be so, as the guard has decided.
func quieted(cleared guard.Cleared, list []Apart) []Apart {
	quiet := map[string]bool{}
	for _, d := range cleared.Recipients() {
		quiet[d.Recipient.Address] = d.Quiet
	}
	out := slices.Clone(list)
	for i := range out {
		out[i].Quiet = out[i].Quiet || quiet[out[i].Address]
	}
	return out
}

// returns takes what came back for copies out of an envelope: notes say what it tells of them, and who has to read it
// becomes a recipient.
func (s *Service) returns(ctx context.Context, cleared guard.Cleared, env *Envelope, body *content.Prepared) (notes []Within, err error) {
	var rest []Target
	for _, t := range env.Local {
		if t.Return == (Return{}) {
			rest = append(rest, t)
			continue
		}
		if s.mailings == nil {
			return nil, errNoMailings()
		}
		a, err := s.mailings.Arrived(ctx, Returned{Copy: t.Return, From: Sender{Account: cleared.Sender(), ReversePath: env.ReversePath}, Body: body})
		if err != nil {
			return nil, err
		}
		if a.Note != nil {
			notes = append(notes, a.Note)
		}
		if a.To.Account != 0 {
			rest = append(rest, a.To)
		}
	}
	env.Local = rest
	return notes, nil
}

// within puts notes before what an envelope has to be committed with.
func within(notes []Within, last Within) Within {
	if len(notes) == 0 {
		return last
	}
	return func(ctx context.Context, tx *store.Tx) error {
		for _, note := range notes {
			if err := note(ctx, tx); err != nil {
				return err
			}
		}
		if last == nil {
			return nil
		}
		return last(ctx, tx)
	}
}

// noteOnly commits what came back and nobody has to read.
func (s *Service) noteOnly(ctx context.Context, env *Envelope) error {
	return s.db.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		if len(env.Locks) > 0 {
			if _, err := tx.LockAccounts(ctx, env.Locks...); err != nil {
				return err
			}
		}
		if env.Within == nil {
			return nil
		}
		return env.Within(ctx, tx)
	})
}
