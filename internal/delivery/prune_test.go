package delivery_test

import (
	"log/slog"
	"testing"
	"time"

	"navette/internal/delivery"
	"navette/internal/guard"
	"navette/internal/store"
	"navette/internal/testkit/clock"
	"navette/internal/testkit/house"
	"navette/internal/testkit/stores"
)

// What is worked off is forgotten after a while, but for what still waits; the emails that it made stay.
func TestOldDeliveriesAreForgottenAndTheirEmailsStay(t *testing.T) {
	t.Parallel()
	stores.EachURL(t, func(t *testing.T, url string) {
		now := clock.New(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))
		h := house.New(t, stores.OpenAt(t, url, now.Now))
		s := delivery.New(h.DB, h.Contents, delivery.Config{Domains: []string{house.Domain}, Now: now.Now, Log: slog.New(slog.DiscardHandler)})
		accounts := h.Accounts(t, 1201)
		outside := func(state int) {
			cleared, err := guard.Decide(guard.Message{Door: guard.Reception, Recipients: []guard.Recipient{{Address: "x@dehors.example"}}}).Clear(false)
			if err != nil {
				t.Fatal(err)
			}
			r, err := s.Accept(t.Context(), cleared, delivery.Envelope{Remote: []string{"x@dehors.example"}}, h.Prepare(t, subject("out")), nil)
			if err != nil {
				t.Fatal(err)
			}
			write(t, h, `UPDATE outbound SET state = $2 WHERE delivery_id = $1`, r.Delivery, state)
		}
		letter := h.Deliver(t, subject("letter"), accounts...) // larger than one transaction forgets
		s.Start(t.Context())
		if err := h.Placed(t.Context(), letter); err != nil {
			t.Fatal(err)
		}
		s.Stop()
		h.Deliver(t, subject("small"), accounts[0])
		outside(1)
		outside(0)                                 // waits to go outside
		h.Deliver(t, subject("open"), accounts...) // waits for the placer
		now.Add(24 * time.Hour)
		h.Deliver(t, subject("young"), accounts[0])
		outside(2)
		now.Add(24 * time.Hour)
		if n, err := s.Prune(t.Context(), 36*time.Hour); n != 3 || err != nil {
			t.Errorf("%d were forgotten, want 3: %v", n, err)
		}
		for query, want := range map[string]int{
			`SELECT count(*) FROM delivery`:                            4,
			`SELECT count(*) FROM outbound`:                            2,
			`SELECT count(*) FROM delivery_recipient`:                  1201 + 1,
			`SELECT count(*) FROM delivery_recipient WHERE placed = 0`: 1201,
			`SELECT count(*) FROM email`:                               1201 + 2,
		} {
			if n := count(t, h, query); n != want {
				t.Errorf("%s: %d, want %d", query, n, want)
			}
		}
		sound(t, h)
	})
}

func write(t *testing.T, h *house.House, query string, args ...any) {
	t.Helper()
	err := h.DB.Write(t.Context(), store.Interactive, func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), query, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
