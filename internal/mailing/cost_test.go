package mailing_test

import (
	"strconv"
	"strings"
	"testing"

	"navette/internal/delivery"
	"navette/internal/testkit/house"
	"navette/internal/testkit/stores"
)

// What 1,200 copies may cost, rows and indexes: a content is stored once, and statements are for hundreds.
const (
	octetsACopy = 800
	commitsMost = 12
)

func TestACopyCostsNoContentAndNoStatementOfItsOwn(t *testing.T) {
	t.Parallel()
	const guardians = 1200
	f := newFixture(t, stores.SQLiteURL(t), 1)
	f.parentsOf(guardians)
	f.Delivery.Start(t.Context())
	t.Cleanup(f.Delivery.Stop)
	cleared, env := f.envelope(nil, []string{"g1@" + house.Domain})
	body := f.Prepare(t, []byte(letter+strings.Repeat("Un texte de cinquante mille octets, que rien ne rend plus court.\r\n", 760)))
	size := func() int {
		n, err := strconv.Atoi(f.column(`SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()`)[0])
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	before, commits := size(), f.DB.Stats().Commits
	r, err := f.Delivery.Accept(t.Context(), cleared, env, body, []byte(trace))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Placed(t.Context(), delivery.Receipt{Delivery: r.Mailing}); err != nil {
		t.Fatal(err)
	}
	if n := f.DB.Stats().Commits - commits; n > commitsMost {
		t.Errorf("%d commits for %d copies", n, guardians)
	}
	each := (size() - before) / guardians
	t.Logf("%d octets a copy", each)
	if each > octetsACopy {
		t.Errorf("a copy costs %d octets, want %d at most", each, octetsACopy)
	}
	if n := f.column(`SELECT count(*) FROM content`); n[0] != "1" {
		t.Errorf("%s contents", n[0])
	}
}
