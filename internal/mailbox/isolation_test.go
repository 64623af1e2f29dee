package mailbox_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"navette/internal/failure"
	"navette/internal/mailbox"
	"navette/internal/store"
	"navette/internal/testkit/house"
	"navette/internal/testkit/stores"
)

// DESIGN invariant 3: ids are an account's own. What one account does with the ids of another finds nothing of it, and
// changes nothing in it.
func TestAnAccountNeverReachesAnother(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		h := house.New(t, db)
		ctx := t.Context()
		rich := fill(t, h, 5)
		own, err := h.Mailboxes.Create(ctx, rich, "Projet", "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Mailboxes.Copy(ctx, rich, mailbox.Inbox, allUIDs, "Projet"); err != nil {
			t.Fatal(err)
		}
		poor := h.Accounts(t, 1)[0]
		before := everythingOf(t, h, rich)
		for email := int64(1); email <= 5; email++ {
			if m, err := h.Mailboxes.Message(ctx, poor, email); !failure.Is(err, failure.NotFound) {
				t.Errorf("email %d of another account gave %+v, %v", email, m, err)
			}
		}
		for _, box := range []int64{mailbox.Inbox, own.ID} {
			if got, err := fetch(ctx, h, poor, box, allUIDs); len(got) != 0 || err != nil {
				t.Errorf("fetched %v, %v", got, err)
			}
			res, err := h.Mailboxes.Store(ctx, poor, box, allUIDs, mailbox.FlagChange{Flags: mailbox.Deleted, UnchangedSince: -1})
			if len(res.Items) != 0 || err != nil && !failure.Is(err, failure.NotFound) {
				t.Errorf("stored %+v, %v", res, err)
			}
			if got, err := h.Mailboxes.Expunge(ctx, poor, box, nil); len(got) != 0 || err != nil && !failure.Is(err, failure.NotFound) {
				t.Errorf("expunged %v, %v", got, err)
			}
			if got, err := h.Mailboxes.Move(ctx, poor, box, allUIDs, "Archives"); len(got.Source) != 0 || err != nil && !failure.Is(err, failure.NotFound) {
				t.Errorf("moved %+v, %v", got, err)
			}
		}
		if ch, err := h.Mailboxes.ChangesSince(ctx, poor, own.ID, 1); err != nil || len(ch.Added) != 0 {
			t.Errorf("changes %+v, %v", ch, err)
		}
		for name, do := range map[string]func() error{
			"delete": func() error { return h.Mailboxes.Delete(ctx, poor, "Projet") },
			"rename": func() error { return h.Mailboxes.Rename(ctx, poor, "Projet", "Vol") },
			"select": func() error { _, err := h.Mailboxes.Select(ctx, poor, "Projet"); return err },
			"lookup": func() error { _, err := h.Mailboxes.ByID(ctx, poor, own.ID); return err },
		} {
			if err := do(); !failure.Is(err, failure.NotFound) {
				t.Errorf("%s of another account's mailbox: %v", name, err)
			}
		}
		if d := cmp.Diff(before, everythingOf(t, h, rich)); d != "" {
			t.Errorf("the other account changed (-before +after) %s", d)
		}
	})
}

// everythingOf is all that clients see of an account.
func everythingOf(t *testing.T, h *house.House, account int64) map[string][]seen {
	t.Helper()
	boxes, _, err := h.Mailboxes.List(t.Context(), account)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]seen{}
	for _, b := range boxes {
		if out[b.Name], err = fetch(t.Context(), h, account, b.ID, allUIDs); err != nil {
			t.Fatal(err)
		}
	}
	return out
}
