package roster_test

import (
	"testing"

	"navette/internal/failure"
	"navette/internal/roster"
	"navette/internal/store"
	"navette/internal/testkit/stores"
)

func TestBoxesAreNobodysAndMadeOnce(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		f := newFixture(t, db)
		boxes := []roster.Box{{Local: "ce.0759001B", Display: "Collège", Reference: "création"}, {Local: "dsi", Aliases: []string{"postmaster", "abuse"}, Display: "DSI"}}
		for _, want := range []int{2, 0} {
			if n, err := f.AddBoxes(t.Context(), boxes); n != want || err != nil {
				t.Fatalf("AddBoxes = %d, %v, want %d", n, err, want)
			}
		}
		f.want("accounts", f.query(`SELECT login, kind, state, display_name, person_id FROM account ORDER BY login`),
			"ce.0759001b functional active Collège ", "dsi functional active DSI ")
		f.want("addresses", f.query(`SELECT d.address, d.kind, a.login FROM address d JOIN account a ON a.account_id = d.account_id ORDER BY d.address`),
			"abuse@ac-paris.example alias dsi", "ce.0759001b@ac-paris.example primary ce.0759001b", "dsi@ac-paris.example primary dsi", "postmaster@ac-paris.example alias dsi")
		f.want("mailboxes", f.query(`SELECT count(*) FROM mailbox WHERE mailbox_id = 1`), "2")
	})
}

func TestABoxTakesNobodysAddressAndAPersonNoBoxs(t *testing.T) {
	t.Parallel()
	f := newFixture(t, stores.SQLite(t))
	f.imports(jean + teaches)
	if _, err := f.AddBoxes(t.Context(), []roster.Box{{Local: "free"}, {Local: "jmartin"}}); !failure.Is(err, failure.Conflict) {
		t.Errorf("AddBoxes: %v", err)
	}
	f.want("nothing was made", f.query(`SELECT count(*) FROM account`), "1")
	if _, err := f.AddBoxes(t.Context(), []roster.Box{{Local: "jmartin1"}}); err != nil {
		t.Fatal(err)
	}
	f.imports(jean+teaches, jeanne+teaches)
	f.want("Jeanne", f.addresses("1003"), "alias jmartin2@ac-paris.example", "primary jeanne.martin@ac-paris.example")
}
