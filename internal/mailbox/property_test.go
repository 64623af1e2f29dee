package mailbox_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"navette/internal/delivery"
	"navette/internal/failure"
	"navette/internal/mailbox"
	"navette/internal/store"
	"navette/internal/testkit/house"
	"navette/internal/testkit/stores"
)

// TestMailboxesAreWhatTheModelSays runs random operations and compares everything that clients can see with the model
// after each (package invariants 1 to 4), while observers follow one mailbox each (invariant 5, DESIGN invariant 11).
// At the end the change log is walked back from the last state to the first.
func TestMailboxesAreWhatTheModelSays(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		h := house.New(t, db)
		rapid.Check(t, func(rt *rapid.T) {
			ids := h.Accounts(t, 2)
			r := &run{t: t, h: h, account: ids[0], other: ids[1], m: newModel()}
			r.remember()
			rt.Repeat(map[string]func(*rapid.T){
				"append": r.append, "deliver": r.deliver, "copy": r.copy, "move": r.move, "store": r.store, "store again": r.store,
				"expunge": r.expunge, "create": r.create, "rename": r.rename, "rename inbox": r.renameInbox, "delete": r.delete,
				"subscribe": r.subscribe, "observe": r.observe, "look": r.look,
				"": r.compare,
			})
			for _, o := range r.observers {
				o.look(rt, r)
			}
			r.walkBack(rt)
		})
	})
}

// run is one account under test.
type run struct {
	t              *testing.T
	h              *house.House
	account, other int64
	m              *model
	mails          int
	observers      []*observer
	history        []snapshot
}

func (r *run) ctx() context.Context { return r.t.Context() }

// box draws a mailbox.
func (r *run) box(rt *rapid.T, label string) *modelBox {
	ids := []int64{}
	for id := range r.m.boxes {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return r.m.boxes[rapid.SampledFrom(ids).Draw(rt, label)]
}

// uids draws some UIDs of a mailbox, and one that is not there.
func (r *run) uids(rt *rapid.T, b *modelBox) []uint32 {
	return slices.DeleteFunc(append(b.uids(), b.uidnext+5), func(uint32) bool { return rapid.Bool().Draw(rt, "leave out") })
}

func ranges(uids []uint32) []mailbox.UIDRange {
	out := []mailbox.UIDRange{}
	for _, u := range uids {
		if n := len(out); n > 0 && out[n-1].Last+1 == u {
			out[n-1].Last = u
			continue
		}
		out = append(out, mailbox.UIDRange{First: u, Last: u})
	}
	return out
}

// mail draws a new message, that may answer an earlier one.
func (r *run) mail(rt *rapid.T) message {
	r.mails++
	m := message{id: fmt.Sprintf("m%d@x.example", r.mails), subject: rapid.SampledFrom([]string{"Conseil", "Sortie"}).Draw(rt, "subject"),
		padding: rapid.IntRange(0, 40).Draw(rt, "padding")}
	if n := rapid.IntRange(0, r.mails).Draw(rt, "answers"); n > 0 && n < r.mails {
		m.answers = fmt.Sprintf("m%d@x.example", n)
	}
	return m
}

var drawnFlags = []mailbox.Flags{mailbox.Seen, mailbox.Flagged, mailbox.Deleted, mailbox.Draft, mailbox.Junk}

func drawFlags(rt *rapid.T) (flags mailbox.Flags, keywords []string) {
	for _, f := range drawnFlags {
		if rapid.Bool().Draw(rt, "flag") {
			flags |= f
		}
	}
	for _, k := range []string{"classe-3b", "urgent"} {
		if rapid.Bool().Draw(rt, "keyword") {
			keywords = append(keywords, k)
		}
	}
	return flags, keywords
}

// refused checks that an operation which must fail fails with a kind, and succeeds otherwise.
func refused(rt *rapid.T, err error, kind failure.Kind) bool {
	if kind == 0 && err != nil || kind != 0 && !failure.Is(err, kind) {
		rt.Fatalf("error %v, expected kind %q", err, kind)
	}
	return err != nil
}

func (r *run) append(rt *rapid.T) {
	b := r.box(rt, "into")
	var mails []mailbox.NewEmail
	var list []message
	for range rapid.IntRange(1, 3).Draw(rt, "how many") {
		m := r.mail(rt)
		flags, keywords := drawFlags(rt)
		list = append(list, m)
		upper := make([]string, len(keywords))
		for i, k := range keywords {
			upper[i] = strings.ToUpper(k)
		}
		mails = append(mails, mailbox.NewEmail{Content: r.h.Prepare(r.t, m.octets()), Flags: flags, Keywords: upper})
	}
	got, err := r.h.Mailboxes.Append(r.ctx(), r.account, b.name, mails)
	refused(rt, err, 0)
	for i, m := range list {
		keywords := strings.Fields(strings.ToLower(strings.Join(mails[i].Keywords, " ")))
		if uid := r.m.add(b, m, int64(len(m.octets())), mails[i].Flags, keywords); got.UIDs[i] != uid {
			rt.Fatalf("appended as %d, expected %d", got.UIDs[i], uid)
		}
	}
}

// deliver brings a letter to up to three of the account's mailboxes, one of which may be gone, and to another account.
func (r *run) deliver(rt *rapid.T) {
	gone := r.m.nextBox + 100
	ids := map[int64]bool{}
	for range rapid.IntRange(1, 3).Draw(rt, "how many") {
		if rapid.IntRange(0, 4).Draw(rt, "gone") == 0 {
			ids[gone] = true
			continue
		}
		ids[r.box(rt, "into").id] = true
	}
	targets := []delivery.Target{{Account: r.other, Mailbox: mailbox.Inbox}}
	inboxes := map[int64]bool{}
	for id := range ids {
		targets = append(targets, delivery.Target{Account: r.account, Mailbox: id})
		if id == gone {
			id = mailbox.Inbox
		}
		inboxes[id] = true
	}
	m := r.mail(rt)
	if _, err := r.h.Accept(r.t, m.octets(), targets...); err != nil {
		rt.Fatal(err)
	}
	size := int64(len(m.octets()) + len(house.Prefix))
	order := []int64{}
	for id := range inboxes {
		order = append(order, id)
	}
	slices.Sort(order)
	// A mailbox that is gone has the greatest id: its turn at INBOX comes last, unless INBOX was named itself.
	if ids[gone] && !ids[mailbox.Inbox] {
		order = append(slices.DeleteFunc(order, func(id int64) bool { return id == mailbox.Inbox }), mailbox.Inbox)
	}
	for _, id := range order {
		r.m.add(r.m.boxes[id], m, size, 0, nil)
	}
}

func (r *run) copy(rt *rapid.T) { r.transfer(rt, false) }
func (r *run) move(rt *rapid.T) { r.transfer(rt, true) }

func (r *run) transfer(rt *rapid.T, move bool) {
	from, to := r.box(rt, "from"), r.box(rt, "to")
	uids := r.uids(rt, from)
	do := r.h.Mailboxes.Copy
	if move {
		do = r.h.Mailboxes.Move
	}
	got, err := do(r.ctx(), r.account, from.id, ranges(uids), to.name)
	refused(rt, err, 0)
	r.transferred(rt, got, from, to, uids, move)
}

func (r *run) transferred(rt *rapid.T, got mailbox.Copied, from, to *modelBox, uids []uint32, move bool) {
	source := slices.DeleteFunc(slices.Clone(uids), func(uid uint32) bool { return from.placed[uid] == nil })
	var target []uint32
	for _, uid := range source {
		p := from.placed[uid]
		target = append(target, r.m.place(to, p.email, p.deleted))
		if move {
			r.m.remove(from, uid)
		}
	}
	if !slices.Equal(got.Source, source) || !slices.Equal(got.Target, target) {
		rt.Fatalf("COPYUID %v %v, expected %v %v", got.Source, got.Target, source, target)
	}
}

func (r *run) store(rt *rapid.T) {
	b := r.box(rt, "in")
	uids := r.uids(rt, b)
	c := mailbox.FlagChange{Mode: mailbox.StoreMode(rapid.IntRange(0, 2).Draw(rt, "mode")), UnchangedSince: -1}
	c.Flags, c.Keywords = drawFlags(rt)
	if rapid.IntRange(0, 2).Draw(rt, "conditional") == 0 {
		c.UnchangedSince = rapid.Int64Range(0, r.m.modseq).Draw(rt, "unchanged since")
	}
	got, err := r.h.Mailboxes.Store(r.ctx(), r.account, b.id, ranges(uids), c)
	refused(rt, err, 0)
	items, modified := r.m.store(b, uids, c)
	var gotItems []seen
	for _, it := range got.Items {
		one := seenItem(it)
		one.Thread = r.m.emails[it.Email].thread // STORE does not load it
		gotItems = append(gotItems, one)
	}
	if d := cmp.Diff(items, gotItems); d != "" || !slices.Equal(modified, got.Modified) {
		rt.Fatalf("STORE answers (-expected +got) %s modified %v, expected %v", d, got.Modified, modified)
	}
}

func (r *run) expunge(rt *rapid.T) {
	b := r.box(rt, "in")
	var only []mailbox.UIDRange
	uids := b.uids()
	if rapid.Bool().Draw(rt, "only some") {
		uids = r.uids(rt, b)
		only = ranges(uids)
	}
	got, err := r.h.Mailboxes.Expunge(r.ctx(), r.account, b.id, only)
	refused(rt, err, 0)
	var want []uint32
	for _, uid := range uids {
		if p := b.placed[uid]; p != nil && p.deleted {
			want = append(want, uid)
			r.m.remove(b, uid)
		}
	}
	if !slices.Equal(got, want) {
		rt.Fatalf("expunged %v, expected %v", got, want)
	}
}

func drawName(rt *rapid.T) string {
	return rapid.SampledFrom([]string{"Classes", "Classes/3B", "Classes/3B/Parents", "Conseils", "Conseils/2026", "INBOX/Suivi", "Été"}).Draw(rt, "name")
}

func (r *run) create(rt *rapid.T) {
	name := drawName(rt)
	_, err := r.h.Mailboxes.Create(r.ctx(), r.account, name, "")
	kind := failure.Kind(0)
	if r.m.named(name) != nil {
		kind = failure.Conflict
	}
	if !refused(rt, err, kind) {
		r.m.create(name)
	}
}

func (r *run) rename(rt *rapid.T) {
	from, to := r.box(rt, "from"), drawName(rt)
	if from.id == mailbox.Inbox {
		return
	}
	err := r.h.Mailboxes.Rename(r.ctx(), r.account, from.name, to)
	kind := failure.Kind(0)
	switch {
	case to == from.name || strings.HasPrefix(to, from.name+"/"):
		kind = failure.Permanent
	case r.m.named(to) != nil:
		kind = failure.Conflict
	}
	if !refused(rt, err, kind) {
		r.m.rename(from.name, to)
	}
}

func (r *run) renameInbox(rt *rapid.T) {
	to := drawName(rt)
	taken := r.m.named(to) != nil
	err := r.h.Mailboxes.Rename(r.ctx(), r.account, "inbox", to)
	kind := failure.Kind(0)
	if taken {
		kind = failure.Conflict
	}
	if refused(rt, err, kind) {
		return
	}
	r.m.create(to)
	inbox, target := r.m.boxes[mailbox.Inbox], r.m.named(to)
	for _, uid := range inbox.uids() {
		p := inbox.placed[uid]
		r.m.place(target, p.email, p.deleted)
		r.m.remove(inbox, uid)
	}
}

func (r *run) delete(rt *rapid.T) {
	b := r.box(rt, "which")
	err := r.h.Mailboxes.Delete(r.ctx(), r.account, b.name)
	kind := failure.Kind(0)
	if b.role != "" || len(r.m.below(b.name)) > 1 {
		kind = failure.Permanent
	}
	if !refused(rt, err, kind) {
		r.m.drop(b)
	}
}

func (r *run) subscribe(rt *rapid.T) {
	b := r.box(rt, "which")
	to := rapid.Bool().Draw(rt, "subscribed")
	refused(rt, r.h.Mailboxes.Subscribe(r.ctx(), r.account, b.name, to), 0)
	if to != b.subscribed {
		b.subscribed = to
		r.m.next()
	}
}

// compare holds everything that can be seen against the model.
func (r *run) compare(rt *rapid.T) {
	boxes, modseq, err := r.h.Mailboxes.List(r.ctx(), r.account)
	if err != nil {
		rt.Fatal(err)
	}
	if modseq != r.m.modseq {
		rt.Fatalf("modseq %d, expected %d", modseq, r.m.modseq)
	}
	got := map[int64]mailbox.Mailbox{}
	for _, b := range boxes {
		if b.UIDValidity == 0 {
			rt.Fatalf("mailbox %d has no UIDVALIDITY", b.ID)
		}
		b.UIDValidity, b.PurgeFloor = 0, 0
		got[b.ID] = b
	}
	want := map[int64]mailbox.Mailbox{}
	for id, b := range r.m.boxes {
		want[id] = b.counters()
	}
	if d := cmp.Diff(want, got); d != "" {
		rt.Fatalf("mailboxes (-expected +got) %s", d)
	}
	for _, b := range r.m.boxes {
		if d := cmp.Diff(b.seen(), r.everything(rt, b.id)); d != "" {
			rt.Fatalf("mailbox %s (-expected +got) %s", b.name, d)
		}
	}
	q, err := r.h.Mailboxes.Quota(r.ctx(), r.account)
	if err != nil || q.UsedBytes != r.m.usedBytes() {
		rt.Fatalf("used %d (%v), expected %d", q.UsedBytes, err, r.m.usedBytes())
	}
	r.remember()
}

var allUIDs = []mailbox.UIDRange{{First: 1, Last: 1<<32 - 1}}

func (r *run) everything(rt *rapid.T, box int64) []seen {
	out, err := fetch(r.ctx(), r.h, r.account, box, allUIDs)
	if err != nil {
		rt.Fatal(err)
	}
	return out
}
