package e2e

import (
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

func TestImapclientIsToldOfANewMessageWhileIdle(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, d *demo) {
		a, m := d.take(t), marks(t)()
		exists := make(chan uint32, 16)
		c, err := signInTo(d.address("imap"), a, &imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{
			Mailbox: func(data *imapclient.UnilateralDataMailbox) {
				if data.NumMessages != nil {
					exists <- *data.NumMessages
				}
			}}})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		selected, err := c.Select(inbox, nil).Wait()
		if err != nil {
			t.Fatal(err)
		}
		idle, err := c.Idle()
		if err != nil {
			t.Fatal(err)
		}
		deliver(t, d, letter(m), a.address)
		select {
		case n := <-exists:
			if want := selected.NumMessages + 1; n != want {
				t.Errorf("EXISTS %d, want %d", n, want)
			}
		case <-time.After(patience):
			t.Error("no EXISTS for a message that was delivered")
		}
		if err := idle.Close(); err != nil {
			t.Fatal(err)
		}
		if err := idle.Wait(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestImapclientFollowsModseqs(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, d *demo) {
		a, m := d.take(t), marks(t)()
		c := signIn(t, d, a)
		one, two := put(t, c, archive, letter(m+".1")), put(t, c, archive, letter(m+".2"))
		selected, err := c.Select(archive, &imap.SelectOptions{CondStore: true}).Wait()
		if err != nil {
			t.Fatal(err)
		}
		before := selected.HighestModSeq
		if before == 0 {
			t.Fatal("SELECT (CONDSTORE) gave no HIGHESTMODSEQ")
		}
		seen := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagSeen}}
		if err := c.Store(imap.UIDSetNum(two), seen, nil).Close(); err != nil {
			t.Fatal(err)
		}
		changed, err := c.Fetch(imap.UIDSet{{Start: 1, Stop: 0}}, &imap.FetchOptions{UID: true, Flags: true, ModSeq: true, ChangedSince: before}).Collect()
		if err != nil {
			t.Fatal(err)
		}
		if len(changed) != 1 || changed[0].UID != two || changed[0].ModSeq <= before {
			t.Fatalf("CHANGEDSINCE %d gave %+v, want UID %d alone, above it", before, changed, two)
		}
		// A client that has not seen this change may not overwrite it (RFC 7162 §3.1.3); the other message it may.
		flagged := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagFlagged}}
		if err := c.Store(imap.UIDSetNum(one, two), flagged, &imap.StoreOptions{UnchangedSince: before}).Close(); err != nil {
			t.Fatal(err)
		}
		want := map[imap.UID]string{one: `\Flagged`, two: `\Seen`}
		for _, got := range list(t, c, archive) {
			if flags, ours := want[got.uid]; ours && got.flags != flags {
				t.Errorf("UID %d has the flags %q, want %q", got.uid, got.flags, flags)
			}
		}
	})
}

func TestImapclientMovesAndLearnsUIDs(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, d *demo) {
		a, m := d.take(t), marks(t)()
		c := signIn(t, d, a)
		const folder = "Élèves & familles"
		if err := c.Create(folder, nil).Wait(); err != nil {
			t.Fatal(err)
		}
		uid := put(t, c, inbox, letter(m), imap.FlagSeen)
		if uid == 0 {
			t.Fatal("APPEND gave no APPENDUID")
		}
		if _, err := c.Select(inbox, nil).Wait(); err != nil {
			t.Fatal(err)
		}
		copied, err := c.Copy(imap.UIDSetNum(uid), folder).Wait()
		if err != nil {
			t.Fatal(err)
		}
		moved, err := c.Move(imap.UIDSetNum(uid), folder).Wait()
		if err != nil {
			t.Fatal(err)
		}
		got := list(t, c, folder)
		if len(got) != 2 {
			t.Fatalf("%d messages in the folder, want the copied and the moved", len(got))
		}
		for i, set := range []imap.NumSet{copied.DestUIDs, moved.DestUIDs} {
			if want := imap.UIDSetNum(got[i].uid).String(); set == nil || set.String() != want {
				t.Errorf("COPYUID of message %d is %v, want %s", i+1, set, want)
			}
			if got[i].bytes != letter(m) || got[i].flags != `\Seen` {
				t.Errorf("message %d has the flags %q and the octets %q", i+1, got[i].flags, got[i].bytes)
			}
		}
		if n := count(t, c, inbox, m); n != 0 {
			t.Errorf("%d messages stayed in INBOX after MOVE", n)
		}
		if _, err := c.Select(folder, nil).Wait(); err != nil {
			t.Fatal(err)
		}
		deleted := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}
		if err := c.Store(imap.UIDSetNum(got[0].uid, got[1].uid), deleted, nil).Close(); err != nil {
			t.Fatal(err)
		}
		// UID EXPUNGE takes what it names, and no other deleted message (RFC 4315 §2.1).
		if err := c.UIDExpunge(imap.UIDSetNum(got[0].uid)).Close(); err != nil {
			t.Fatal(err)
		}
		if left := list(t, c, folder); len(left) != 1 || left[0].uid != got[1].uid {
			t.Errorf("UID EXPUNGE of %d left %v", got[0].uid, left)
		}
	})
}
