package mailbox_test

import (
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"navette/internal/failure"
	"navette/internal/mailbox"
	"navette/internal/store"
	"navette/internal/testkit/house"
	"navette/internal/testkit/stores"
)

// TestMailGoesBetweenAccountsAsTheModelSays copies and moves between two accounts, among other changes, and holds both
// against their models: what moves is never lost, never there twice, and is counted once in each account.
func TestMailGoesBetweenAccountsAsTheModelSays(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		h := house.New(t, db)
		rapid.Check(t, func(rt *rapid.T) {
			ids := h.Accounts(t, 2)
			if rapid.Bool().Draw(rt, "the target has the lower id") {
				slices.Reverse(ids)
			}
			a, b := &run{t: t, h: h, account: ids[0], m: newModel()}, &run{t: t, h: h, account: ids[1], m: newModel()}
			a.remember()
			b.remember()
			some := func(rt *rapid.T) *run { return rapid.SampledFrom([]*run{a, b}).Draw(rt, "account") }
			rt.Repeat(map[string]func(*rapid.T){
				"append":  func(rt *rapid.T) { some(rt).append(rt) },
				"store":   func(rt *rapid.T) { some(rt).store(rt) },
				"copy":    func(rt *rapid.T) { some(rt).copy(rt) },
				"expunge": func(rt *rapid.T) { some(rt).expunge(rt) },
				"there":   func(rt *rapid.T) { transferAcross(rt, a, b, rapid.Bool().Draw(rt, "move")) },
				"back":    func(rt *rapid.T) { transferAcross(rt, b, a, rapid.Bool().Draw(rt, "move")) },
				"":        func(rt *rapid.T) { a.compare(rt); b.compare(rt) },
			})
			a.walkBack(rt)
			b.walkBack(rt)
		})
	})
}

// transferAcross copies or moves some placements of one account into a mailbox of the other.
func transferAcross(rt *rapid.T, from, to *run, move bool) {
	source, target := from.box(rt, "from"), to.box(rt, "to")
	uids := from.uids(rt, source)
	do := from.h.Mailboxes.CopyAcross
	if move {
		do = from.h.Mailboxes.MoveAcross
	}
	got, err := do(from.ctx(), from.account, source.id, ranges(uids), to.account, target.name)
	refused(rt, err, 0)
	uids = slices.DeleteFunc(uids, func(uid uint32) bool { return source.placed[uid] == nil })
	var there []uint32
	adopted := map[*modelEmail]*modelEmail{}
	for _, uid := range uids {
		p := source.placed[uid]
		if e := adopted[p.email]; e != nil {
			there = append(there, to.m.place(target, e, p.deleted))
		} else {
			n := to.m.add(target, p.email.message, p.email.size, p.flags(), strings.Fields(p.email.keywords))
			there, adopted[p.email] = append(there, n), target.placed[n].email
		}
		if move {
			from.m.remove(source, uid)
		}
	}
	if !slices.Equal(got.Source, uids) || !slices.Equal(got.Target, there) {
		rt.Fatalf("COPYUID %v %v, expected %v %v", got.Source, got.Target, uids, there)
	}
}

func TestWhatIsCopiedToAnotherAccountIsTheSameMessage(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		h := house.New(t, db)
		ctx := t.Context()
		account := h.Accounts(t, 1)[0]
		arrived := time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)
		octets := message{id: "a@x.example", subject: "Conseil", padding: 100}.octets()
		if _, err := h.Mailboxes.Append(ctx, account, "INBOX", []mailbox.NewEmail{{Content: h.Prepare(t, octets), ReceivedAt: arrived}}); err != nil {
			t.Fatal(err)
		}
		other := fill(t, h, 3)
		before := countOf(t, db, "message")
		if _, err := h.Mailboxes.MoveAcross(ctx, account, mailbox.Inbox, allUIDs, other, "Archives"); err != nil {
			t.Fatal(err)
		}
		if after := countOf(t, db, "message"); after != before {
			t.Errorf("%d messages are stored, and %d before", after, before)
		}
		box := byName(t, h, other, "Archives")
		err := h.Mailboxes.Fetch(ctx, other, box.ID, allUIDs, mailbox.NeedFacts, func(items []mailbox.Item) error {
			r, err := h.Contents.Open(ctx, &items[0].Message, 0)
			if err != nil {
				return err
			}
			got, err := io.ReadAll(r)
			if d := cmp.Diff(string(octets), string(got)); d != "" || !items[0].ReceivedAt.Equal(arrived) {
				t.Errorf("received %s, octets (-appended +moved) %s", items[0].ReceivedAt, d)
			}
			return errors.Join(err, r.Close())
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func countOf(t *testing.T, db *store.DB, table string) (n int) {
	t.Helper()
	err := db.Read(t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT count(*) FROM `+table).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTheQuotaOfTheAccountThatGetsACopyCounts(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		h := house.New(t, db)
		account, other := fill(t, h, 5), h.Accounts(t, 1)[0]
		size := byName(t, h, account, "INBOX").Size
		setQuota(t, db, other, size*3/4)
		before := everythingOf(t, h, account)
		_, err := h.Mailboxes.MoveAcross(t.Context(), account, mailbox.Inbox, allUIDs, other, "INBOX")
		if !failure.Is(err, failure.Quota) {
			t.Errorf("moved into a full mailbox: %v", err)
		}
		if d := cmp.Diff(before, everythingOf(t, h, account)); d != "" || byName(t, h, other, "INBOX").Messages != 0 {
			t.Errorf("a MOVE that failed changed something %s", d)
		}
		setQuota(t, db, other, size)
		if _, err := h.Mailboxes.MoveAcross(t.Context(), account, mailbox.Inbox, allUIDs, other, "INBOX"); err != nil {
			t.Error(err)
		}
		if q, err := h.Mailboxes.Quota(t.Context(), other); err != nil || q.UsedBytes != size {
			t.Errorf("the other account uses %d (%v), the messages have %d octets", q.UsedBytes, err, size)
		}
		if q, err := h.Mailboxes.Quota(t.Context(), account); err != nil || q.UsedBytes != 0 {
			t.Errorf("what was moved away still takes %d octets (%v)", q.UsedBytes, err)
		}
		for _, target := range []struct {
			account int64
			box     string
		}{{other, "Nulle-part"}, {other + 1000, "INBOX"}} {
			if _, err := h.Mailboxes.CopyAcross(t.Context(), account, mailbox.Inbox, allUIDs, target.account, target.box); !failure.Is(err, failure.NotFound) {
				t.Errorf("copied to %+v: %v", target, err)
			}
		}
	})
}

// Two that move the same mail to and fro, in opposite directions, never wait for each other for ever, and lose nothing.
func TestMovesInOppositeDirectionsLoseNothing(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		h := house.New(t, db)
		const mails = 4
		a, b := fill(t, h, mails), fill(t, h, mails)
		var both sync.WaitGroup
		for _, way := range [][2]int64{{a, b}, {b, a}} {
			both.Go(func() {
				for range 15 {
					if _, err := h.Mailboxes.MoveAcross(t.Context(), way[0], mailbox.Inbox, allUIDs, way[1], "INBOX"); err != nil {
						t.Error(err)
					}
				}
			})
		}
		both.Wait()
		if n := byName(t, h, a, "INBOX").Messages + byName(t, h, b, "INBOX").Messages; n != 2*mails {
			t.Errorf("%d messages are left of %d", n, 2*mails)
		}
	})
}

func TestSubscriptionsToABoxAreEachMembersOwn(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		h := house.New(t, db)
		ids := h.Accounts(t, 3)
		box, marie, paul := ids[0], ids[1], ids[2]
		subscribe := func(member int64, name string, to bool) {
			t.Helper()
			if err := h.Mailboxes.SubscribeShared(t.Context(), member, box, name, to); err != nil {
				t.Fatal(err)
			}
		}
		hidden := func(member int64) map[mailbox.Place]bool {
			t.Helper()
			got, err := h.Mailboxes.Unsubscribed(t.Context(), member)
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		if got := hidden(marie); len(got) != 0 {
			t.Errorf("who has said nothing is not subscribed to %v", got)
		}
		subscribe(marie, "Archives", false)
		subscribe(marie, "Archives", false)
		subscribe(paul, "inbox", false)
		subscribe(paul, "Archives", true)
		archives := byName(t, h, box, "Archives").ID
		if d := cmp.Diff(map[mailbox.Place]bool{{Account: box, Mailbox: archives}: true}, hidden(marie)); d != "" {
			t.Error(d)
		}
		subscribe(marie, "Archives", true)
		if d := cmp.Diff([]map[mailbox.Place]bool{{}, {{Account: box, Mailbox: mailbox.Inbox}: true}},
			[]map[mailbox.Place]bool{hidden(marie), hidden(paul)}); d != "" {
			t.Error(d)
		}
		if err := h.Mailboxes.SubscribeShared(t.Context(), marie, box, "Nulle-part", true); !failure.Is(err, failure.NotFound) {
			t.Errorf("subscribed to what is not there: %v", err)
		}
		if m := byName(t, h, box, "Archives"); !m.Subscribed {
			t.Error("a member's subscription is the box's")
		}
	})
}
