package delivery_test

import (
	"bytes"
	"io"
	"log/slog"
	"testing"
	"time"

	"navette/internal/delivery"
	"navette/internal/failure"
	"navette/internal/guard"
	"navette/internal/mailbox"
	"navette/internal/store"
	"navette/internal/testkit/clock"
	"navette/internal/testkit/house"
	"navette/internal/testkit/stores"
)

func readerOf(b []byte) io.Reader { return bytes.NewReader(b) }

func exec(t *testing.T, h *house.House, query string, args ...any) {
	t.Helper()
	err := h.DB.Write(t.Context(), store.Interactive, func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), query, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhereAddressesLead(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		h := house.New(t, db)
		a := h.Accounts(t, 2)
		projet, err := h.Mailboxes.Create(t.Context(), a[0], "Projet", "")
		if err != nil {
			t.Fatal(err)
		}
		exec(t, h, `INSERT INTO address (address, account_id, kind, issued_at, reference) VALUES
			('ancien.nom@ac-paris.example', $1, 'former', 0, ''), ('ferme@ac-paris.example', $1, 'closed', 0, '')`, a[0])
		exec(t, h, `UPDATE account SET kind = 'functional' WHERE account_id = $1`, a[1])
		own := house.Address(a[0])
		local := func(tag string) string { return own[:len(own)-len("@"+house.Domain)] + tag + "@" + house.Domain }
		inbox := delivery.Resolution{Local: true, Target: delivery.Target{Account: a[0], Mailbox: mailbox.Inbox}, Class: guard.Agent}
		inProjet := inbox
		inProjet.Target.Mailbox = projet.ID
		functional := delivery.Resolution{Local: true, Target: delivery.Target{Account: a[1], Mailbox: mailbox.Inbox}, Class: guard.Functional}
		for _, c := range []struct {
			address string
			want    delivery.Resolution
			kind    failure.Kind
		}{
			{own, inbox, 0},
			{"AGENT" + own[5:], inbox, 0},
			{"ancien.nom@ac-paris.example", inbox, 0},
			{house.Address(a[1]), functional, 0},
			{local("+projet"), inProjet, 0},
			{local("+PROJET"), inProjet, 0},
			{local("+nulle-part"), inbox, 0},
			{local("+Corbeille"), inbox, 0}, // has a use of its own
			{local("+envoy\u00e9s"), inbox, 0},
			{local("+inbox"), inbox, 0},
			{"ferme@ac-paris.example", delivery.Resolution{}, failure.Permanent},
			{"personne@ac-paris.example", delivery.Resolution{}, failure.Permanent},
			{"personne+projet@ac-paris.example", delivery.Resolution{}, failure.Permanent},
			{"pas une adresse", delivery.Resolution{}, failure.Permanent},
			{"x@dehors.example", delivery.Resolution{Class: guard.External}, 0},
			{"x@sous.ac-paris.example", delivery.Resolution{Class: guard.External}, 0},
		} {
			got, err := h.Delivery.Resolve(t.Context(), c.address)
			if got != c.want || failure.KindOf(err) != c.kind || (err == nil) != (c.kind == 0) {
				t.Errorf("%s leads to %+v, %v; expected %+v", c.address, got, err, c.want)
			}
		}
	})
}

// Plus-addresses never let a stranger write past the inbox into a mailbox that has a use.
func TestAMailboxWithARoleIsReachedByNoTag(t *testing.T) {
	t.Parallel()
	h := house.New(t, stores.SQLite(t))
	a := h.Accounts(t, 1)[0]
	own := house.Address(a)
	for _, f := range mailbox.Folders {
		r, err := h.Delivery.Resolve(t.Context(), own[:len(own)-len("@"+house.Domain)]+"+"+f.Name+"@"+house.Domain)
		if err != nil || r.Target.Mailbox != mailbox.Inbox {
			t.Errorf("+%s leads to %+v, %v", f.Name, r, err)
		}
	}
}

// A full mailbox takes the grace of ten per cent, then is refused at RCPT, and takes mail again once there is room; a
// moment of the cache later at most.
func TestAFullMailboxIsRefusedAtRCPT(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		h := house.New(t, db)
		now := clock.New(time.Now())
		d := delivery.New(db, h.Contents, delivery.Config{Domains: []string{house.Domain}, Now: now.Now, Log: slog.New(slog.DiscardHandler)})
		a := h.Accounts(t, 1)[0]
		for _, c := range []struct {
			used, quota int64
			full        bool
		}{{1000, 0, false}, {999, 1000, false}, {1099, 1000, false}, {1100, 1000, true}, {5000, 1000, true}, {0, 1000, false}} {
			exec(t, h, `UPDATE account_state SET used_bytes = $2, quota_bytes = $3 WHERE account_id = $1`, a, c.used, c.quota)
			now.Add(time.Minute)
			_, err := d.Resolve(t.Context(), house.Address(a))
			if failure.Is(err, failure.Quota) != c.full || !c.full && err != nil {
				t.Errorf("%d of %d octets used: %v", c.used, c.quota, err)
			}
		}
	})
}
