// Package house puts the storage and mail services together on a test's database, as the composition root does.
package house

import (
	"bytes"
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
}

// New builds the services on db with objects in a folder of the test's own. The placer is not started.
func New(tb testing.TB, db *store.DB) *House {
	tb.Helper()
	blobs, err := blob.OpenFolder(tb.TempDir(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	contents, err := content.New(db, blobs, mail.DefaultLimits())
	if err != nil {
		tb.Fatal(err)
	}
	return &House{DB: db, Blobs: blobs, Contents: contents, Mailboxes: mailbox.New(db, contents),
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
	env := delivery.Envelope{ReversePath: "parent@dehors.example"}
	m := guard.Message{Door: guard.Reception}
	for _, a := range accounts {
		env.Local = append(env.Local, delivery.Target{Account: a, Mailbox: mailbox.Inbox})
		m.Recipients = append(m.Recipients, guard.Recipient{Address: Address(a), Class: guard.Agent})
	}
	cleared, err := guard.Decide(m).Clear(false)
	if err != nil {
		tb.Fatal(err)
	}
	r, err := h.Delivery.Accept(tb.Context(), cleared, env, h.Prepare(tb, octets), []byte("Return-Path: <parent@dehors.example>\r\n"))
	if err != nil {
		tb.Fatal(err)
	}
	return r
}
