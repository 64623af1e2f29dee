// Package house puts the storage and mail services together on a test's database, as the composition root does.
package house

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"navette/internal/blob"
	"navette/internal/content"
	"navette/internal/delivery"
	"navette/internal/guard"
	"navette/internal/mail"
	"navette/internal/mailbox"
	"navette/internal/store"
)

// Domain is the one whose addresses are local.
const Domain = "ac-paris.example"

// House is the services on one database.
type House struct {
	DB        *store.DB
	Blobs     *blob.Folder
	Contents  *content.Contents
	Mailboxes *mailbox.Service
	Delivery  *delivery.Service

	ObjectsDir string
}

// New builds the services on db with objects in a folder of the test's own. The placer is not started.
func New(tb testing.TB, db *store.DB) *House {
	tb.Helper()
	dir := tb.TempDir()
	blobs, err := blob.OpenFolder(dir, rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	contents, err := content.New(db, blobs, mail.DefaultLimits())
	if err != nil {
		tb.Fatal(err)
	}
	return &House{ObjectsDir: dir, DB: db, Blobs: blobs, Contents: contents, Mailboxes: mailbox.New(db, contents),
		Delivery: delivery.New(db, contents, delivery.Config{Domains: []string{Domain}, Now: time.Now, Log: slog.New(slog.DiscardHandler)})}
}

// Accounts makes n active accounts with mailboxes and addresses agent<id>@Domain, and returns their ids, ascending.
func (h *House) Accounts(tb testing.TB, n int) []int64 {
	tb.Helper()
	ctx := tb.Context()
	first, err := h.DB.NewIDs(ctx, "account", int64(n))
	if err != nil {
		tb.Fatal(err)
	}
	ids := make([]int64, n)
	err = h.DB.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		for i := range ids {
			ids[i] = first + int64(i)
			login := fmt.Sprintf("agent%d", ids[i])
			if _, err := tx.Exec(ctx, `INSERT INTO account (account_id, person_id, kind, login, state, display_name, auth_epoch, created_at, updated_at)
				VALUES ($1, NULL, 'person', $2, 'active', $2, 1, 0, 0)`, ids[i], login); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `INSERT INTO address (address, account_id, kind, issued_at, reference) VALUES ($1, $2, 'primary', 0, '')`,
				Address(ids[i]), ids[i]); err != nil {
				return err
			}
		}
		return mailbox.Provision(ctx, tx, ids, 0)
	})
	if err != nil {
		tb.Fatal(err)
	}
	return ids
}

// Address is the address of an account made by Accounts.
func Address(account int64) string { return fmt.Sprintf("agent%d@%s", account, Domain) }

// Prepare makes a content of octets.
func (h *House) Prepare(tb testing.TB, octets []byte) *content.Prepared {
	tb.Helper()
	p, err := h.Contents.Prepare(tb.Context(), bytes.NewReader(octets))
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// Deliver accepts a message for accounts' inboxes from the Internet.
func (h *House) Deliver(tb testing.TB, octets []byte, accounts ...int64) delivery.Receipt {
	tb.Helper()
	targets := make([]delivery.Target, len(accounts))
	for i, a := range accounts {
		targets[i] = delivery.Target{Account: a, Mailbox: mailbox.Inbox}
	}
	r, err := h.Accept(tb, octets, targets...)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// Prefix stands before the octets of every message that Accept hands over.
const Prefix = "Return-Path: <parent@dehors.example>\r\n"

// Accept hands a message from the Internet over for mailboxes, and returns what delivery says.
func (h *House) Accept(tb testing.TB, octets []byte, targets ...delivery.Target) (delivery.Receipt, error) {
	tb.Helper()
	m := guard.Message{Door: guard.Reception}
	for _, t := range targets {
		m.Recipients = append(m.Recipients, guard.Recipient{Address: Address(t.Account), Standing: guard.Standing{Class: guard.Agent}})
	}
	cleared, err := guard.Decide(m).Clear(false)
	if err != nil {
		tb.Fatal(err)
	}
	env := delivery.Envelope{ReversePath: "parent@dehors.example", Local: targets}
	return h.Delivery.Accept(tb.Context(), cleared, env, h.Prepare(tb, octets), []byte(Prefix))
}

// Placed waits until a delivery is placed for all its recipients.
func (h *House) Placed(ctx context.Context, r delivery.Receipt) error {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		var waiting int
		err := h.DB.Read(ctx, func(tx *store.Tx) error {
			return tx.QueryRow(ctx, `SELECT count(*) FROM delivery WHERE delivery_id = $1 AND state = 0`, r.Delivery).Scan(&waiting)
		})
		if err != nil || waiting == 0 {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("delivery %d was not placed: %w", r.Delivery, ctx.Err())
		}
	}
}
