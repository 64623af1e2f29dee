package check_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"navette/internal/audit"
	"navette/internal/check"
	"navette/internal/mail"
	"navette/internal/mailbox"
	"navette/internal/store"
	"navette/internal/testkit/house"
	"navette/internal/testkit/pg"
	"navette/internal/testkit/stores"
)

func TestMain(m *testing.M) { os.Exit(pg.Wrap(m).Run()) }

// one is an account with one letter in INBOX and Archives; the damage of a case is done to it.
type one struct{ account, message, content, delivery int64 }

var everyUID = []mailbox.UIDRange{{First: 1, Last: 1<<32 - 1}}

// build makes an account of that kind. A large letter is an object of its own.
func build(t *testing.T, h *house.House, large bool) (o one) {
	t.Helper()
	letter := []byte("Subject: Conseil\r\nMessage-ID: <a@x.example>\r\n\r\nBonjour.\r\n")
	if large {
		var random bytes.Buffer
		for random.Len() < 200<<10 {
			fmt.Fprintf(&random, "%x\r\n", rand.Uint64())
		}
		letter = append(letter, random.Bytes()...)
	}
	o.account = h.Accounts(t, 1)[0]
	o.delivery = h.Deliver(t, letter, o.account).Delivery
	if _, err := h.Mailboxes.Copy(t.Context(), o.account, mailbox.Inbox, everyUID, "Archives"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Mailboxes.Store(t.Context(), o.account, mailbox.Inbox, everyUID,
		mailbox.FlagChange{Mode: mailbox.AddFlags, Flags: mailbox.Deleted | mailbox.Flagged, Keywords: []string{"classe"}, UnchangedSince: -1}); err != nil {
		t.Fatal(err)
	}
	err := h.DB.Read(t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT m.message_id, m.content_id FROM email e JOIN message m ON m.message_id = e.message_id
			WHERE e.account_id = $1`, o.account).Scan(&o.message, &o.content)
	})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func (o one) object(t *testing.T, h *house.House) (key string) {
	t.Helper()
	err := h.DB.Read(t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT object FROM content WHERE content_id = $1`, o.content).Scan(&key)
	})
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// damage executes a statement that nobody should.
func damage(t *testing.T, h *house.House, query string, args ...any) {
	t.Helper()
	err := h.DB.Write(t.Context(), store.Interactive, func(tx *store.Tx) error {
		n, err := tx.Exec(t.Context(), query, args...)
		if err == nil && n == 0 {
			err = sql.ErrNoRows
		}
		return err
	})
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func verify(t *testing.T, h *house.House, deep bool) check.Report {
	t.Helper()
	c := &check.Checker{DB: h.DB, Blobs: h.Blobs, Contents: h.Contents, Limits: mail.DefaultLimits()}
	var last, total int64
	r, err := c.Verify(t.Context(), check.Options{Deep: deep, Progress: func(done, of int64) {
		if done < last || done > of {
			t.Errorf("progress %d of %d after %d", done, of, last)
		}
		last, total = done, of
	}})
	if err != nil {
		t.Fatal(err)
	}
	if last != total {
		t.Errorf("progress ended at %d of %d", last, total)
	}
	return r
}

func TestASoundStoreIsClean(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		h := house.New(t, db)
		if r := verify(t, h, true); !r.Clean() || r.Accounts != 0 {
			t.Errorf("an empty store: %+v", r)
		}
		build(t, h, false)
		o := build(t, h, true)
		for _, box := range []string{"INBOX", "Archives"} { // removed everywhere, and kept
			m, err := h.Mailboxes.ByName(t.Context(), o.account, box)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := h.Mailboxes.Store(t.Context(), o.account, m.ID, everyUID,
				mailbox.FlagChange{Mode: mailbox.AddFlags, Flags: mailbox.Deleted, UnchangedSince: -1}); err != nil {
				t.Fatal(err)
			}
			if _, err := h.Mailboxes.Expunge(t.Context(), o.account, m.ID, nil); err != nil {
				t.Fatal(err)
			}
		}
		h.Prepare(t, []byte("never accepted\r\n"))
		many := h.Accounts(t, 250)
		h.Delivery.Start(t.Context())
		defer h.Delivery.Stop()
		if err := h.Placed(t.Context(), h.Deliver(t, []byte("Subject: Rentree\r\n\r\n"), many...)); err != nil {
			t.Fatal(err)
		}
		for _, deep := range []bool{false, true} {
			r := verify(t, h, deep)
			if !r.Clean() || r.Accounts != 252 || r.Contents != 3 || r.Messages != 3 || r.Deliveries != 3 || r.OrphanObjects != 0 {
				t.Errorf("deep %t: %+v", deep, r)
			}
		}
	})
}

// damages are all that can be found, one each, done to an account of its own. want lacks the ids of that account.
var damages = []struct {
	name  string
	large bool
	deep  bool // found by reading every octet only
	do    func(t *testing.T, h *house.House, o one)
	want  func(o one) []check.Finding
}{
	{name: "mailbox counters", do: func(t *testing.T, h *house.House, o one) {
		damage(t, h, `UPDATE mailbox_state SET unseen = unseen + 1 WHERE account_id = $1 AND mailbox_id = 1`, o.account)
	}, want: func(o one) []check.Finding {
		return []check.Finding{{Kind: check.MailboxCounters, Account: o.account, Mailbox: 1}}
	}},
	{name: "uidnext", do: func(t *testing.T, h *house.House, o one) {
		damage(t, h, `UPDATE mailbox_state SET uidnext = 1 WHERE account_id = $1 AND mailbox_id = 1`, o.account)
	}, want: func(o one) []check.Finding {
		return []check.Finding{{Kind: check.MailboxUID, Account: o.account, Mailbox: 1}}
	}},
	{name: "mailbox modseq behind", do: func(t *testing.T, h *house.House, o one) {
		damage(t, h, `UPDATE mailbox_state SET modseq = 2 WHERE account_id = $1 AND mailbox_id = 1`, o.account)
	}, want: func(o one) []check.Finding {
		return []check.Finding{{Kind: check.MailboxModseq, Account: o.account, Mailbox: 1}}
	}},
	{name: "half a mailbox", do: func(t *testing.T, h *house.House, o one) {
		damage(t, h, `DELETE FROM mailbox_state WHERE account_id = $1 AND mailbox_id = 3`, o.account)
	}, want: func(o one) []check.Finding {
		return []check.Finding{{Kind: check.MailboxHalf, Account: o.account, Mailbox: 3}}
	}},
	{name: "space", do: func(t *testing.T, h *house.House, o one) {
		damage(t, h, `UPDATE account_state SET used_bytes = used_bytes - 1 WHERE account_id = $1`, o.account)
	}, want: func(o one) []check.Finding { return []check.Finding{{Kind: check.AccountSpace, Account: o.account}} }},
	{name: "account counters", do: func(t *testing.T, h *house.House, o one) {
		damage(t, h, `UPDATE account_state SET next_mailbox_id = 6 WHERE account_id = $1`, o.account)
	}, want: func(o one) []check.Finding { return []check.Finding{{Kind: check.AccountBounds, Account: o.account}} }},
	{name: "a gap in the log", do: func(t *testing.T, h *house.House, o one) {
		damage(t, h, `DELETE FROM change WHERE account_id = $1 AND modseq = 3`, o.account)
	}, want: func(o one) []check.Finding { return []check.Finding{{Kind: check.ChangeLog, Account: o.account}} }},
	{name: "a log that lost its beginning", do: func(t *testing.T, h *house.House, o one) {
		damage(t, h, `DELETE FROM change WHERE account_id = $1 AND modseq <= 3`, o.account)
	}, want: func(o one) []check.Finding { return []check.Finding{{Kind: check.ChangeLog, Account: o.account}} }},
	{name: "a log that is lost", do: func(t *testing.T, h *house.House, o one) {
		damage(t, h, `DELETE FROM change WHERE account_id = $1`, o.account)
	}, want: func(o one) []check.Finding { return []check.Finding{{Kind: check.ChangeLog, Account: o.account}} }},
	{name: "a log behind its account", do: func(t *testing.T, h *house.House, o one) {
		damage(t, h, `UPDATE account_state SET modseq = modseq + 1 WHERE account_id = $1`, o.account)
	}, want: func(o one) []check.Finding { return []check.Finding{{Kind: check.ChangeLog, Account: o.account}} }},
	{name: "placement flags", do: func(t *testing.T, h *house.House, o one) {
		damage(t, h, `UPDATE placement SET flags = flags | 2 WHERE account_id = $1 AND mailbox_id = 6`, o.account)
	}, want: func(o one) []check.Finding {
		return []check.Finding{{Kind: check.PlacementFlags, Account: o.account, Mailbox: 6, UID: 1, Email: 1}}
	}},
	{name: "a lost email", do: func(t *testing.T, h *house.House, o one) {
		damage(t, h, `DELETE FROM email WHERE account_id = $1`, o.account)
	}, want: func(o one) []check.Finding {
		return []check.Finding{
			{Kind: check.MailboxCounters, Account: o.account, Mailbox: 1}, {Kind: check.MailboxCounters, Account: o.account, Mailbox: 6},
			{Kind: check.AccountSpace, Account: o.account},
			{Kind: check.PlacementEmail, Account: o.account, Mailbox: 1, UID: 1, Email: 1}, {Kind: check.PlacementEmail, Account: o.account, Mailbox: 6, UID: 1, Email: 1},
			{Kind: check.DeliveryLost, Account: o.account, Delivery: o.delivery, Message: o.message},
		}
	}},
	{name: "a mailbox lost with its counters", do: func(t *testing.T, h *house.House, o one) {
		damage(t, h, `DELETE FROM mailbox_state WHERE account_id = $1 AND mailbox_id = 6`, o.account)
		damage(t, h, `DELETE FROM mailbox WHERE account_id = $1 AND mailbox_id = 6`, o.account)
	}, want: func(o one) []check.Finding {
		return []check.Finding{{Kind: check.PlacementMailbox, Account: o.account, Mailbox: 6, UID: 1, Email: 1}}
	}},
	{name: "keywords", do: func(t *testing.T, h *house.House, o one) {
		damage(t, h, `UPDATE email SET keywords = '' WHERE account_id = $1`, o.account)
	}, want: func(o one) []check.Finding {
		return []check.Finding{{Kind: check.EmailKeywords, Account: o.account, Email: 1}}
	}},
	{name: "thread", do: func(t *testing.T, h *house.House, o one) {
		damage(t, h, `UPDATE email SET thread_id = 2 WHERE account_id = $1`, o.account)
	}, want: func(o one) []check.Finding {
		return []check.Finding{{Kind: check.EmailThread, Account: o.account, Email: 1}}
	}},
	{name: "placed twice", do: func(t *testing.T, h *house.House, o one) {
		damage(t, h, `INSERT INTO email SELECT account_id, 2, message_id, thread_id, received_at, flags, keywords FROM email WHERE account_id = $1`, o.account)
		damage(t, h, `UPDATE account_state SET next_email_id = 3 WHERE account_id = $1`, o.account)
	}, want: func(o one) []check.Finding {
		return []check.Finding{{Kind: check.DeliveryTwice, Account: o.account, Delivery: o.delivery, Message: o.message}}
	}},
	{name: "closed too early", do: func(t *testing.T, h *house.House, o one) {
		damage(t, h, `INSERT INTO delivery_recipient (delivery_id, account_id, mailbox_id, placed) VALUES ($1, $2, 5, 0)`, o.delivery, o.account)
	}, want: func(o one) []check.Finding {
		return []check.Finding{{Kind: check.DeliveryUnfinished, Delivery: o.delivery}}
	}},
	{name: "open without message", do: func(t *testing.T, h *house.House, o one) {
		damage(t, h, `UPDATE delivery SET state = 2, message_id = 999999 WHERE delivery_id = $1`, o.delivery)
		damage(t, h, `DELETE FROM delivery_recipient WHERE delivery_id = $1`, o.delivery)
	}, want: func(o one) []check.Finding {
		return []check.Finding{{Kind: check.DeliveryMessage, Delivery: o.delivery, Message: 999999}}
	}},
	{name: "a lost message", do: func(t *testing.T, h *house.House, o one) {
		damage(t, h, `DELETE FROM message WHERE message_id = $1`, o.message)
	}, want: func(o one) []check.Finding {
		return []check.Finding{
			{Kind: check.MailboxCounters, Account: o.account, Mailbox: 1}, {Kind: check.MailboxCounters, Account: o.account, Mailbox: 6},
			{Kind: check.AccountSpace, Account: o.account},
			{Kind: check.EmailMessage, Account: o.account, Email: 1, Message: o.message},
		}
	}},
	{name: "message size", do: func(t *testing.T, h *house.House, o one) {
		damage(t, h, `UPDATE message SET prefix = $2 WHERE message_id = $1`, o.message, []byte("X: y\r\n"))
	}, want: func(o one) []check.Finding {
		return []check.Finding{{Kind: check.MessageSize, Message: o.message, Content: o.content}}
	}},
	{name: "a lost content", do: func(t *testing.T, h *house.House, o one) {
		damage(t, h, `DELETE FROM content WHERE content_id = $1`, o.content)
	}, want: func(o one) []check.Finding {
		return []check.Finding{{Kind: check.MessageContent, Message: o.message, Content: o.content}}
	}},
	{name: "facts lost", do: func(t *testing.T, h *house.House, o one) {
		damage(t, h, `DELETE FROM facts WHERE content_id = $1`, o.content)
	}, want: func(o one) []check.Finding { return []check.Finding{{Kind: check.ContentFacts, Content: o.content}} }},
	{name: "facts unreadable", do: func(t *testing.T, h *house.House, o one) {
		damage(t, h, `UPDATE facts SET facts = $2 WHERE content_id = $1`, o.content, []byte{250, 1, 2})
	}, want: func(o one) []check.Finding { return []check.Finding{{Kind: check.ContentFacts, Content: o.content}} }},
	{name: "facts of another content", deep: true, do: func(t *testing.T, h *house.House, o one) {
		other := h.Prepare(t, []byte("Subject: Sortie\r\n\r\n"))
		raw, err := other.Facts.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		damage(t, h, `UPDATE facts SET facts = $2 WHERE content_id = $1`, o.content, raw)
	}, want: func(o one) []check.Finding { return []check.Finding{{Kind: check.ContentFacts, Content: o.content}} }},
	{name: "octets nowhere", do: func(t *testing.T, h *house.House, o one) {
		damage(t, h, `UPDATE content SET data = NULL WHERE content_id = $1`, o.content)
	}, want: func(o one) []check.Finding { return []check.Finding{{Kind: check.ContentPlace, Content: o.content}} }},
	{name: "checksum", deep: true, do: func(t *testing.T, h *house.House, o one) {
		damage(t, h, `UPDATE content SET sha256 = $2 WHERE content_id = $1`, o.content, make([]byte, 32))
	}, want: func(o one) []check.Finding { return []check.Finding{{Kind: check.ContentDamaged, Content: o.content}} }},
	{name: "an object lost", large: true, do: func(t *testing.T, h *house.House, o one) {
		if err := h.Blobs.Delete(t.Context(), o.object(t, h)); err != nil {
			t.Fatal(err)
		}
	}, want: func(o one) []check.Finding { return []check.Finding{{Kind: check.ObjectMissing, Content: o.content}} }},
	{name: "held without message", do: func(t *testing.T, h *house.House, o one) {
		err := h.DB.Write(t.Context(), store.Interactive, func(tx *store.Tx) error {
			return mailbox.Hold(t.Context(), tx, 77, mailbox.Held{Account: o.account, Mailbox: 1, Message: 888888, ReleaseAt: time.Now(), ReceivedAt: time.Now()})
		})
		if err != nil {
			t.Fatal(err)
		}
	}, want: func(o one) []check.Finding {
		return []check.Finding{{Kind: check.HeldMessage, Account: o.account, Held: 77, Message: 888888}}
	}},
	{name: "outbound without message", do: func(t *testing.T, h *house.House, _ one) {
		damage(t, h, `INSERT INTO outbound (outbound_id, delivery_id, message_id, reverse_path, recipient, state, attempts, next_at, expires_at, status, lease_until)
			VALUES (66, 1, 777777, '', 'x@dehors.example', 0, 0, 0, 0, '', 0)`)
	}, want: func(one) []check.Finding {
		return []check.Finding{{Kind: check.OutboundMessage, Outbound: 66, Message: 777777}}
	}},
	{name: "a message marked that is needed", do: func(t *testing.T, h *house.House, o one) {
		damage(t, h, `INSERT INTO gc_mark (kind, id, marked_at, object) VALUES (1, $1, 0, '')`, o.message)
	}, want: func(o one) []check.Finding { return []check.Finding{{Kind: check.Marks, Message: o.message}} }},
	{name: "a content marked that is needed", do: func(t *testing.T, h *house.House, o one) {
		damage(t, h, `INSERT INTO gc_mark (kind, id, marked_at, object) VALUES (2, $1, 0, '')`, o.content)
	}, want: func(o one) []check.Finding { return []check.Finding{{Kind: check.Marks, Content: o.content}} }},
	{name: "the journal", do: func(t *testing.T, h *house.House, _ one) {
		err := h.DB.Write(t.Context(), store.Interactive, func(tx *store.Tx) error {
			return audit.Append(t.Context(), tx, audit.Entry{Actor: "test", Action: "account.suspend", Subject: "account:1"})
		})
		if err != nil {
			t.Fatal(err)
		}
		damage(t, h, `UPDATE journal SET reason = 'another' WHERE seq = 1`)
	}, want: func(one) []check.Finding { return []check.Finding{{Kind: check.Journal, N: 1}} }},
}

// Each damage gives the findings that it must, and no other. They add up in one store.
func TestEachDamageIsFound(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		h := house.New(t, db)
		known := map[check.Finding]bool{}
		fresh := func(r check.Report) (out []check.Finding) {
			for _, f := range r.Findings {
				if f.Text == "" {
					t.Errorf("%s: nothing says what is wrong", f)
				}
				f.Text = ""
				if !known[f] {
					out = append(out, f)
				}
				known[f] = true
			}
			return out
		}
		for _, d := range damages {
			o := build(t, h, d.large)
			if before := fresh(verify(t, h, true)); len(before) != 0 {
				t.Fatalf("before %s: %v", d.name, before)
			}
			d.do(t, h, o)
			if d.deep {
				if shallow := fresh(verify(t, h, false)); len(shallow) != 0 {
					t.Errorf("%s: found without reading: %v", d.name, shallow)
				}
			}
			if diff := cmp.Diff(d.want(o), fresh(verify(t, h, d.deep || d.large)), cmpopts.SortSlices(func(a, b check.Finding) bool { return a.String() < b.String() })); diff != "" {
				t.Errorf("%s (-expected +found) %s", d.name, diff)
			}
		}
	})
}

func TestLeftoversAreCountedAndNoFindings(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		h := house.New(t, db)
		o := build(t, h, true)
		w, err := h.Blobs.Create(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Commit(); err != nil {
			t.Fatal(err)
		}
		damage(t, h, `UPDATE message SET content_id = $2 WHERE content_id = $1`, o.content, build(t, h, true).content)
		r := verify(t, h, true)
		if r.OrphanObjects != 1 || r.OrphanContents != 1 {
			t.Errorf("%+v", r)
		}
		for _, f := range r.Findings {
			if f.Kind != check.MessageSize && f.Kind != check.MailboxCounters && f.Kind != check.AccountSpace {
				t.Errorf("%s", f)
			}
		}
	})
}
