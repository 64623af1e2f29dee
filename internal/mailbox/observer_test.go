package mailbox_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"navette/internal/mailbox"
	"navette/internal/store"
	"navette/internal/testkit/house"
)

// observer is a client that selected a mailbox once and since then asks for changes only, at instants of its choice.
type observer struct {
	box   int64
	state int64
	view  map[uint32]seen
	gone  bool
}

// apply brings the view up to date; what a change names must (or must not) have been there. fetch gives what is still
// there of UIDs.
func (o *observer) apply(ch mailbox.Changes, fetch func([]uint32) ([]seen, error)) error {
	for _, uid := range ch.Removed {
		if _, there := o.view[uid]; !there {
			return fmt.Errorf("UID %d removed, which was never there", uid)
		}
		delete(o.view, uid)
	}
	for _, it := range ch.Flagged {
		old, there := o.view[it.UID]
		if !there {
			return fmt.Errorf("flags of UID %d changed, which was never there", it.UID)
		}
		s := seenItem(it)
		s.Thread = old.Thread
		o.view[it.UID] = s
	}
	for _, uid := range ch.Added {
		if _, there := o.view[uid]; there {
			return fmt.Errorf("UID %d added twice", uid)
		}
		o.view[uid] = seen{UID: uid}
	}
	o.state = ch.Modseq
	if len(ch.Added) == 0 {
		return nil
	}
	fetched, err := fetch(ch.Added)
	for _, s := range fetched {
		o.view[s.UID] = s
	}
	return err
}

func (o *observer) seen() []seen {
	out := []seen{}
	for _, uid := range slices.Sorted(maps.Keys(o.view)) {
		out = append(out, o.view[uid])
	}
	return out
}

// observe lets a new client select a mailbox.
func (r *run) observe(rt *rapid.T) {
	b := r.box(rt, "observed")
	snap, err := r.h.Mailboxes.Select(r.ctx(), r.account, b.name)
	if err != nil {
		rt.Fatal(err)
	}
	if d := cmp.Diff(ranges(b.uids()), append([]mailbox.UIDRange{}, snap.UIDs...)); d != "" {
		rt.Fatalf("SELECT's UIDs (-expected +got) %s", d)
	}
	if first := firstUnseen(b); snap.FirstUnseen != first {
		rt.Fatalf("first unseen %d, expected %d", snap.FirstUnseen, first)
	}
	o := &observer{box: b.id, state: snap.AccountModseq, view: map[uint32]seen{}}
	for _, s := range r.everything(rt, b.id) {
		o.view[s.UID] = s
	}
	r.observers = append(r.observers, o)
}

func firstUnseen(b *modelBox) uint32 {
	for _, uid := range b.uids() {
		if b.placed[uid].email.flags&mailbox.Seen == 0 {
			return uid
		}
	}
	return 0
}

// look lets one of the clients ask for changes.
func (r *run) look(rt *rapid.T) {
	if len(r.observers) > 0 {
		r.observers[rapid.IntRange(0, len(r.observers)-1).Draw(rt, "observer")].look(rt, r)
	}
}

func (o *observer) look(rt *rapid.T, r *run) {
	if o.gone {
		return
	}
	ch, err := r.h.Mailboxes.ChangesSince(r.ctx(), r.account, o.box, o.state)
	if err != nil {
		rt.Fatal(err)
	}
	b := r.m.boxes[o.box]
	if ch.Reset {
		if b != nil || !ch.Gone {
			rt.Fatalf("a client that is not behind the purge floor was told to start again: %+v", ch)
		}
		o.gone = true
		return
	}
	if err := o.apply(ch, func(uids []uint32) ([]seen, error) { return fetch(r.ctx(), r.h, r.account, o.box, ranges(uids)) }); err != nil {
		rt.Fatal(err)
	}
	if b == nil {
		rt.Fatalf("mailbox %d is gone, and its observer was not told", o.box)
	}
	if d := cmp.Diff(b.seen(), o.seen()); d != "" {
		rt.Fatalf("an observer of %s (-truth +observed) %s", b.name, d)
	}
}

// fetch returns what clients see of the placements in ranges.
func fetch(ctx context.Context, h *house.House, account, box int64, in []mailbox.UIDRange) ([]seen, error) {
	out := []seen{}
	err := h.Mailboxes.Fetch(ctx, account, box, in, mailbox.NeedEmail, func(items []mailbox.Item) error {
		for _, it := range items {
			out = append(out, seenItem(it))
		}
		return nil
	})
	return out, err
}

// snapshot is the account at a modseq, as far as the change log must tell it.
type snapshot struct {
	modseq int64
	state  history
}

// history is what walking the log back rebuilds.
type history struct {
	Names  map[int64]string
	Placed map[[2]int64]placedThen // mailbox, UID
}

type placedThen struct {
	Email    int64
	Flags    mailbox.Flags
	Keywords string
}

// remember keeps the model's present state, once a modseq.
func (r *run) remember() {
	if n := len(r.history); n > 0 && r.history[n-1].modseq == r.m.modseq {
		return
	}
	h := history{map[int64]string{}, map[[2]int64]placedThen{}}
	for id, b := range r.m.boxes {
		h.Names[id] = b.name
		for uid, p := range b.placed {
			h.Placed[[2]int64{id, int64(uid)}] = placedThen{p.email.id, p.flags(), p.email.keywords}
		}
	}
	r.history = append(r.history, snapshot{r.m.modseq, h})
}

type change struct {
	modseq          int64
	kind            mailbox.ChangeKind
	box, uid, email int64
	flags           mailbox.Flags
	before          string
}

// walkBack undoes the change log from its end and compares with every state that was remembered: the log alone tells
// the account as it was at each instant.
func (r *run) walkBack(rt *rapid.T) {
	log := r.readLog(rt)
	last := r.history[len(r.history)-1]
	now := history{maps.Clone(last.state.Names), maps.Clone(last.state.Placed)}
	next := len(r.history) - 2
	for i := len(log) - 1; i >= 0; i-- {
		if want := int64(i) + 2; log[i].modseq != want { // a provisioned account is at 1
			rt.Fatalf("change %d has modseq %d, expected %d", i, log[i].modseq, want)
		}
		undo(rt, &now, log[i])
		if next >= 0 && r.history[next].modseq == log[i].modseq-1 {
			if d := cmp.Diff(r.history[next].state, now); d != "" {
				rt.Fatalf("the log back to modseq %d (-truth +rebuilt) %s", log[i].modseq-1, d)
			}
			next--
		}
	}
	if next >= 0 {
		rt.Fatalf("the log ends %d states too early", next+1)
	}
}

func undo(rt *rapid.T, h *history, c change) {
	at := [2]int64{c.box, c.uid}
	c.flags &^= mailbox.HasKeywords
	switch c.kind {
	case mailbox.Placed:
		delete(h.Placed, at)
	case mailbox.Removed:
		h.Placed[at] = placedThen{c.email, c.flags, c.before}
	case mailbox.EmailFlags:
		for at, p := range h.Placed {
			if p.Email == c.email {
				h.Placed[at] = placedThen{p.Email, c.flags | p.Flags&mailbox.Deleted, c.before}
			}
		}
	case mailbox.PlacementFlags:
		p := h.Placed[at]
		p.Flags = p.Flags&^mailbox.Deleted | c.flags&mailbox.Deleted
		h.Placed[at] = p
	case mailbox.MailboxCreated:
		delete(h.Names, c.box)
	case mailbox.MailboxRenamed, mailbox.MailboxDeleted:
		h.Names[c.box] = c.before
	case mailbox.MailboxChanged:
	default:
		rt.Fatalf("unknown change %s", strings.TrimSpace(cmp.Diff(change{}, c)))
	}
}

func (r *run) readLog(rt *rapid.T) (log []change) {
	err := r.h.DB.Read(r.ctx(), func(tx *store.Tx) error {
		log = nil
		rows, err := tx.Query(r.ctx(), `SELECT modseq, kind, mailbox_id, uid, email_id, flags, before FROM change
			WHERE account_id = $1 ORDER BY modseq`, r.account)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var c change
			if err := rows.Scan(&c.modseq, &c.kind, &c.box, &c.uid, &c.email, &c.flags, &c.before); err != nil {
				return err
			}
			log = append(log, c)
		}
		return rows.Err()
	})
	if err != nil {
		rt.Fatal(err)
	}
	return log
}
