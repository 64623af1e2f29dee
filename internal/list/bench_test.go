package list_test

import (
	"crypto/rand"
	"log/slog"
	"strings"
	"testing"
	"time"

	"navette/internal/guard"
	"navette/internal/list"
	"navette/internal/store"
	"navette/internal/testkit/house"
	"navette/internal/testkit/stores"
)

// A letter of 50 kB to a list by rule of 25,000 members, from Accept until the last of them has it (DESIGN §7: 1 s, 100
// flushes): how long it takes, how many commits, and how much of it is asking who they are.
func BenchmarkALetterToAListOfTwentyFiveThousand(b *testing.B) {
	const members = 25_000
	db := stores.SQLite(b)
	h := house.New(b, db)
	accounts := h.Accounts(b, members)
	s := list.New(list.Config{DB: db, Contents: h.Contents, Mailboxes: h.Mailboxes, Delivery: h.Delivery, Domain: house.Domain, Now: time.Now, Random: rand.Reader,
		Log: slog.New(slog.DiscardHandler)})
	h.Delivery.OnLists(s)
	h.Delivery.Start(b.Context())
	b.Cleanup(h.Delivery.Stop)
	err := db.Write(b.Context(), store.Bulk, func(tx *store.Tx) error {
		for _, statement := range []string{
			`INSERT INTO person (person_id, id_rh, civility, birth_name, usage_name, forenames, birth_date, reference, created_at, updated_at)
				SELECT account_id, login, '', 'X', '', 'Y', '1980-01-01', '', 0, 0 FROM account`,
			`UPDATE account SET person_id = account_id`,
			`INSERT INTO function (person_id, function_id, corps, category, function, uai, starts, ends, reference, ended_at)
				SELECT account_id, 1, 'Professeur certifié', 'ENS2D', 'ENS', '075' || (account_id % 400 + 1000) || 'X', '2020-09-01', '', '', 0 FROM account`,
		} {
			if _, err := tx.Exec(b.Context(), statement); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := s.Create(b.Context(), by, list.List{Local: "profs", Kind: list.Rule, Owners: accounts[:1],
		Settings: list.Settings{Display: "Profs", Expression: "catégorie = enseignant et département = 75", Posting: list.ByAgents}}); err != nil {
		b.Fatal(err)
	}
	to, err := h.Delivery.Resolve(b.Context(), "profs@"+house.Domain)
	if err != nil {
		b.Fatal(err)
	}
	octets := []byte(letter + strings.Repeat("Un texte de cinquante mille octets, que rien ne rend plus court.\r\n", 760))
	before := db.Stats().Commits
	b.ResetTimer()
	for b.Loop() {
		cleared, err := guard.Decide(guard.Message{Door: guard.Submission, Sender: accounts[0], Recipients: []guard.Recipient{{Address: "profs@" + house.Domain, Standing: guard.Standing{Class: to.Class}}}}).Clear(false)
		if err != nil {
			b.Fatal(err)
		}
		receipt, err := h.Delivery.Accept(b.Context(), cleared, envelope(accounts[0], to.Target), h.Prepare(b, octets), []byte("Return-Path: <x@y.example>\r\n"))
		if err != nil {
			b.Fatal(err)
		}
		if err := h.Placed(b.Context(), receipt); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	b.ReportMetric(float64(db.Stats().Commits-before)/float64(b.N), "commits/op")
	asked := time.Now()
	if n, _, err := s.Count(b.Context(), to.Target.Account); n != members || err != nil {
		b.Fatalf("%d members, %v", n, err)
	}
	b.ReportMetric(float64(time.Since(asked).Milliseconds()), "ms-to-ask")
}
