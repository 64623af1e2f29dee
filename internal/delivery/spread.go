package delivery

import (
	"context"
	"fmt"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/guard"
	"navette/internal/mailbox"
)

// Part says whom of a distribution list a target means.
type Part uint8

// The parts. Resolve gives the first two; Approved is for whoever lets a held post through.
const (
	Members  Part = iota + 1 // as its posting rule lets the sender
	Owners                   // for questions and reports of non-delivery; anybody may write to them
	Approved                 // its members, whoever wrote
)

// Sender is who writes.
type Sender struct {
	Account     int64 // who has signed in; 0 for nobody: the reverse-path alone proves nothing
	ReversePath string
}

// Post is a message to a list.
type Post struct {
	List    int64 // account
	Part    Part
	From    Sender
	Size    int64    // octets of the content
	ListIDs []string // that the message came with
}

// Spread is where a post goes.
type Spread struct {
	Plain []Target // who gets the message as it came: the owners, or the list where it waits for one of them

	// The copies of the members.
	ReversePath string // where reports of their non-delivery go
	Fields      []byte // header fields, each ended by CRLF
	Local       []Target
	Remote      []string
}

// Lists knows the distribution lists; *list.Service does. Its methods may be called from many goroutines.
type Lists interface {
	// MayPost gives failure.Policy where a sender may not write to a list's members.
	MayPost(ctx context.Context, list int64, from Sender) error

	// Spread gives where a post goes, its membership as it is now; failure.Policy where it goes nowhere.
	Spread(ctx context.Context, p Post) (Spread, error)
}

// MayPost implements Accepter.
func (s *Service) MayPost(ctx context.Context, to Target, from Sender) error {
	if to.Part != Members {
		return nil
	}
	if s.lists == nil {
		return errNoLists()
	}
	return s.lists.MayPost(ctx, to.Account, from)
}

func errNoLists() error {
	return failure.New(failure.Temporary, "les listes ne sont pas ouvertes, réessayez plus tard / lists are closed, try again later")
}

// copies are the deliveries that a message makes of what is not apart: one to whom the sender named, and one for each
// list. Nobody is in a list's who has a copy apart.
func (s *Service) copies(ctx context.Context, cleared guard.Cleared, env Envelope, apart Mailing, size int64, prefix []byte) ([]outCopy, error) {
	shown := env.Shown
	if len(shown) == 0 {
		shown = env.Alone // everybody who was shown is apart: the others read no message without a To
	}
	plain := outCopy{reversePath: env.ReversePath, prefix: append(prefix[:len(prefix):len(prefix)], shown...), remote: env.Remote, local: apart.Plain}
	var lists []Target
	for _, a := range env.Apart {
		if a.Target.Part != 0 {
			lists = append(lists, a.Target)
		}
	}
	for _, t := range env.Local {
		switch {
		case t.IsMailbox():
			plain.local = append(plain.local, t)
		case t.Part != 0:
			lists = append(lists, t)
		}
	}
	var spreads []Spread
	if len(lists) > 0 {
		var err error
		from := Sender{Account: cleared.Sender(), ReversePath: env.ReversePath}
		if spreads, err = s.spread(ctx, lists, Post{From: from, Size: size, ListIDs: env.ListIDs}); err != nil {
			return nil, err
		}
	}
	for _, sp := range spreads {
		plain.local = append(plain.local, sp.Plain...)
	}
	plain.local = distinct(plain.local)
	copies := joined(plain, apart.Copies, spreads)
	if len(copies) == 0 && len(lists) > 0 && apart.Seqs == 0 {
		return nil, failure.New(failure.Policy, "ces listes n'ont aucun membre / these lists have no members")
	}
	return copies, nil
}

// spread asks where a post to lists goes, each list once.
func (s *Service) spread(ctx context.Context, lists []Target, post Post) ([]Spread, error) {
	if s.lists == nil {
		return nil, errNoLists()
	}
	asked := map[Target]bool{}
	var out []Spread
	for _, t := range lists {
		post.List, post.Part = t.Account, t.Part
		if asked[t] {
			continue
		}
		asked[t] = true
		sp, err := s.lists.Spread(ctx, post)
		if err != nil {
			return nil, fmt.Errorf("post to list %d: %w", t.Account, err)
		}
		out = append(out, sp)
	}
	return out, nil
}

// joined makes copies of spreads, in which nobody stands who has one already.
func joined(plain outCopy, apart []Copy, spreads []Spread) []outCopy {
	had, hadOutside := map[int64]bool{}, map[string]bool{}
	for _, t := range plain.local {
		had[t.Account] = true
	}
	for _, address := range plain.remote {
		hadOutside[normal(address)] = true
	}
	for _, c := range apart {
		had[c.To.Account], hadOutside[normal(c.Address)] = true, true
	}
	var copies []outCopy
	if len(plain.local)+len(plain.remote) > 0 {
		copies = append(copies, plain)
	}
	for _, sp := range spreads {
		c := outCopy{reversePath: sp.ReversePath, prefix: listPrefix(plain.prefix, sp)}
		for _, t := range sp.Local {
			if !had[t.Account] {
				had[t.Account] = true
				c.local = append(c.local, t)
			}
		}
		for _, address := range sp.Remote {
			if key := normal(address); !hadOutside[key] {
				hadOutside[key] = true
				c.remote = append(c.remote, address)
			}
		}
		if len(c.local)+len(c.remote) > 0 {
			c.local = distinct(c.local)
			copies = append(copies, c)
		}
	}
	return copies
}

// normal is the form in which addresses are compared; what is none is compared as it stands.
func normal(address string) string {
	if n, err := directory.Normalize(address); err == nil {
		return n
	}
	return address
}

// listPrefix is the prefix of a list's copies: the trace of the post with the list's reverse-path, then its fields.
func listPrefix(prefix []byte, sp Spread) []byte {
	out := fmt.Appendf(nil, "%s%s>\r\n", returnPath, sp.ReversePath)
	return append(append(out, withoutReturnPath(prefix)...), sp.Fields...)
}

// inboxOf is the usual target in an account.
func inboxOf(account int64) Target { return Target{Account: account, Mailbox: mailbox.Inbox} }
