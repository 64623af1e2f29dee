package mailbox_test

import (
	"fmt"
	"slices"
	"testing"

	"navette/internal/failure"
	"navette/internal/mailbox"
	"navette/internal/store"
	"navette/internal/testkit/house"
	"navette/internal/testkit/stores"
)

// fill appends n mails to INBOX of a new account, and returns it.
func fill(t *testing.T, h *house.House, n int) (account int64) {
	t.Helper()
	account = h.Accounts(t, 1)[0]
	mails := make([]mailbox.NewEmail, n)
	for i := range mails {
		m := message{id: fmt.Sprintf("%d@x.example", i), subject: "Conseil"}
		mails[i] = mailbox.NewEmail{Content: h.Prepare(t, m.octets())}
	}
	if _, err := h.Mailboxes.Append(t.Context(), account, "INBOX", mails); err != nil {
		t.Fatal(err)
	}
	return account
}

func byName(t *testing.T, h *house.House, account int64, name string) mailbox.Mailbox {
	t.Helper()
	m, err := h.Mailboxes.ByName(t.Context(), account, name)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// A STORE over several transactions, on emails that all stand twice in the mailbox: the second copies come in other
// transactions than the first, and are neither counted twice nor a conflict with what the same STORE did.
func TestOneStoreOfManyEmailsThatStandTwice(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		h := house.New(t, db)
		const n = 130
		account := fill(t, h, n)
		if _, err := h.Mailboxes.Copy(t.Context(), account, mailbox.Inbox, allUIDs, "INBOX"); err != nil {
			t.Fatal(err)
		}
		before := byName(t, h, account, "INBOX")
		got, err := h.Mailboxes.Store(t.Context(), account, mailbox.Inbox, allUIDs,
			mailbox.FlagChange{Mode: mailbox.AddFlags, Flags: mailbox.Seen, UnchangedSince: before.Modseq})
		if err != nil || len(got.Modified) != 0 || len(got.Items) != 2*n {
			t.Fatalf("%d items, %d modified, %v", len(got.Items), len(got.Modified), err)
		}
		after := byName(t, h, account, "INBOX")
		if after.Unseen != 0 || after.Messages != 2*n || after.Modseq != before.Modseq+n {
			t.Errorf("unseen %d of %d, %d changes; expected 0 of %d, %d changes", after.Unseen, after.Messages, after.Modseq-before.Modseq, 2*n, n)
		}
		again, err := h.Mailboxes.Store(t.Context(), account, mailbox.Inbox, allUIDs,
			mailbox.FlagChange{Mode: mailbox.RemoveFlags, Flags: mailbox.Seen, UnchangedSince: before.Modseq})
		if err != nil || len(again.Modified) != 2*n {
			t.Errorf("a second client's condition is from before the first: %d modified, %v; expected %d", len(again.Modified), err, 2*n)
		}
	})
}

func TestAStoreThatChangesNothingWritesNothing(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		h := house.New(t, db)
		account := fill(t, h, 3)
		before := byName(t, h, account, "INBOX")
		got, err := h.Mailboxes.Store(t.Context(), account, mailbox.Inbox, allUIDs,
			mailbox.FlagChange{Mode: mailbox.RemoveFlags, Flags: mailbox.Seen, UnchangedSince: -1})
		if err != nil || len(got.Items) != 3 {
			t.Fatalf("%d items, %v", len(got.Items), err)
		}
		if after := byName(t, h, account, "INBOX"); after != before {
			t.Errorf("the mailbox became %+v, was %+v", after, before)
		}
	})
}

func TestExpungeAndDeleteOfManyTakeSeveralTransactions(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		h := house.New(t, db)
		const n = 230
		account := fill(t, h, n)
		if _, err := h.Mailboxes.Store(t.Context(), account, mailbox.Inbox, allUIDs,
			mailbox.FlagChange{Mode: mailbox.AddFlags, Flags: mailbox.Deleted, UnchangedSince: -1}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Mailboxes.Copy(t.Context(), account, mailbox.Inbox, allUIDs, "Archives"); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Mailboxes.Create(t.Context(), account, "Vieux", ""); err != nil {
			t.Fatal(err)
		}
		archives := byName(t, h, account, "Archives")
		if _, err := h.Mailboxes.Move(t.Context(), account, archives.ID, allUIDs, "Vieux"); err != nil {
			t.Fatal(err)
		}
		removed, err := h.Mailboxes.Expunge(t.Context(), account, mailbox.Inbox, nil)
		if err != nil || len(removed) != n || !slices.IsSorted(removed) {
			t.Fatalf("expunged %d, %v", len(removed), err)
		}
		if q, err := h.Mailboxes.Quota(t.Context(), account); err != nil || q.UsedBytes == 0 {
			t.Errorf("used %d, %v: the copies still stand elsewhere", q.UsedBytes, err)
		}
		if err := h.Mailboxes.Delete(t.Context(), account, "Vieux"); err != nil {
			t.Fatal(err)
		}
		if q, err := h.Mailboxes.Quota(t.Context(), account); err != nil || q.UsedBytes != 0 {
			t.Errorf("used %d, %v: nothing stands anywhere", q.UsedBytes, err)
		}
		if _, err := h.Mailboxes.ByName(t.Context(), account, "Vieux"); !failure.Is(err, failure.NotFound) {
			t.Errorf("the mailbox is still there: %v", err)
		}
	})
}

func TestTheQuotaHasAGraceOfTenPerCent(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		h := house.New(t, db)
		account := h.Accounts(t, 1)[0]
		octets := message{id: "a@x.example", subject: "Conseil"}.octets()
		size := int64(len(octets))
		setQuota(t, db, account, 10*size)
		for i := range 11 { // 10 fill it, one more is the grace
			if _, err := h.Mailboxes.Append(t.Context(), account, "INBOX", []mailbox.NewEmail{{Content: h.Prepare(t, octets)}}); err != nil {
				t.Fatalf("message %d: %v", i+1, err)
			}
		}
		_, err := h.Mailboxes.Append(t.Context(), account, "INBOX", []mailbox.NewEmail{{Content: h.Prepare(t, []byte("\r\n"))}})
		if !failure.Is(err, failure.Quota) {
			t.Errorf("beyond the grace: %v", err)
		}
		// All or none: of two that do not fit together none is there.
		setQuota(t, db, account, 11*size)
		before := byName(t, h, account, "INBOX")
		_, err = h.Mailboxes.Append(t.Context(), account, "INBOX", []mailbox.NewEmail{{Content: h.Prepare(t, octets)}, {Content: h.Prepare(t, octets)}})
		if after := byName(t, h, account, "INBOX"); !failure.Is(err, failure.Quota) || after != before {
			t.Errorf("%v, and the mailbox became %+v", err, after)
		}
		if _, err := h.Mailboxes.Copy(t.Context(), account, mailbox.Inbox, allUIDs, "Archives"); err != nil {
			t.Errorf("copies take no space: %v", err)
		}
	})
}

func setQuota(t *testing.T, db *store.DB, account, quota int64) {
	t.Helper()
	err := db.Write(t.Context(), store.Interactive, func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE account_state SET quota_bytes = $2 WHERE account_id = $1`, account, quota)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestNamesOfMailboxes(t *testing.T) {
	t.Parallel()
	long := make([]byte, mailbox.MaxMailboxName+1)
	for i := range long {
		long[i] = 'a'
	}
	deep := "a"
	for range mailbox.MaxMailboxDepth {
		deep += "/a"
	}
	for _, c := range []struct{ in, want string }{
		{"inbox", "INBOX"}, {"iNBOX/Suivi", "INBOX/Suivi"}, {"Inboxes", "Inboxes"}, {"Été", "Été"}, {"E\u0301te\u0301", "Été"},
		{"a b/c'd", "a b/c'd"}, {"", ""}, {"/a", ""}, {"a/", ""}, {"a//b", ""}, {"a*", ""}, {"a%", ""}, {"a\x00", ""}, {"a\r\n", ""},
		{"a\x85", ""}, {"a\u0085", ""}, {"a\u2028", ""}, {string(long), ""}, {deep, ""},
		{"Boîtes partagées", ""}, {"Boi\u0302tes partage\u0301es/ce.0750001a", ""}, {"Boîtes partagées d'hier", "Boîtes partagées d'hier"},
	} {
		got, err := mailbox.CleanName(c.in)
		if got != c.want || (err == nil) != (c.want != "") || err != nil && !failure.Is(err, failure.Permanent) {
			t.Errorf("CleanName(%q) is %q, %v; expected %q", c.in, got, err, c.want)
		}
	}
}

// What a client cannot reach below a mailbox by renaming it must be refused there too.
func TestRenamingKeepsTheLimitsOfNames(t *testing.T) {
	t.Parallel()
	h := house.New(t, stores.SQLite(t))
	account := h.Accounts(t, 1)[0]
	deep := "a"
	for range mailbox.MaxMailboxDepth - 2 {
		deep += "/a"
	}
	if _, err := h.Mailboxes.Create(t.Context(), account, deep, ""); err != nil {
		t.Fatal(err)
	}
	if err := h.Mailboxes.Rename(t.Context(), account, "a", "b/c/d"); !failure.Is(err, failure.Permanent) {
		t.Errorf("renamed too deep: %v", err)
	}
	if _, err := h.Mailboxes.ByName(t.Context(), account, deep); err != nil {
		t.Errorf("a refused rename left something behind: %v", err)
	}
	if _, err := h.Mailboxes.ByName(t.Context(), account, "b"); !failure.Is(err, failure.NotFound) {
		t.Errorf("a refused rename left a parent behind: %v", err)
	}
}

func TestKeywordsAreBounded(t *testing.T) {
	t.Parallel()
	h := house.New(t, stores.SQLite(t))
	account := fill(t, h, 1)
	for i := range mailbox.MaxKeywords + 1 {
		_, err := h.Mailboxes.Store(t.Context(), account, mailbox.Inbox, allUIDs,
			mailbox.FlagChange{Mode: mailbox.AddFlags, Keywords: []string{fmt.Sprintf("k%d", i)}, UnchangedSince: -1})
		if want := i == mailbox.MaxKeywords; failure.Is(err, failure.Permanent) != want || !want && err != nil {
			t.Fatalf("keyword %d: %v", i+1, err)
		}
	}
}
