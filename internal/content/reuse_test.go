package content_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"navette/internal/content"
	"navette/internal/mail"
	"navette/internal/testkit/house"
	"navette/internal/testkit/stores"
)

// What receives one content receives the next (kit.go). What was prepared before keeps its octets, facts and text, in
// whatever order contents are prepared, given up and inserted.
func TestContentsKeepNothingOfEachOther(t *testing.T) {
	t.Parallel()
	h := house.New(t, stores.SQLite(t))
	random := rand.New(rand.NewPCG(3, 4))
	type made struct {
		octets []byte
		p      *content.Prepared
	}
	var waiting []made
	for i := range 120 {
		octets := fmt.Appendf(nil, "Subject: Sortie %d\r\nMessage-ID: <%d@x.example>\r\n\r\nClasse %d\r\n", i, i, i)
		for size := random.IntN(3) * 70_000; len(octets) < size; {
			octets = append(octets, byte(random.Uint32()))
		}
		switch random.IntN(5) {
		case 0: // given up half way
			d := h.Contents.NewDraft(t.Context())
			if _, err := d.Write(octets[:len(octets)/2]); err != nil {
				t.Fatal(err)
			}
			d.Abort()
		default:
			waiting = append(waiting, made{octets, h.Prepare(t, octets)})
		}
		if random.IntN(2) == 0 || len(waiting) == 0 {
			continue
		}
		k := random.IntN(len(waiting))
		m := waiting[k]
		waiting = append(waiting[:k], waiting[k+1:]...)
		stored := insert(t, h, m.p, nil)
		if got, err := read(t.Context(), h, &stored, 0); err != nil || !bytes.Equal(got, m.octets) {
			t.Fatalf("%d octets came back as %d, %v", len(m.octets), len(got), err)
		}
		scan := mail.NewScanner(mail.DefaultLimits())
		scan.Write(m.octets) //nolint:errcheck // a scanner takes anything
		fresh := scan.Finish()
		want, err := fresh.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(stored.RawFacts, want) {
			t.Fatal("facts are not those of the octets")
		}
		if now, err := m.p.Facts.MarshalBinary(); err != nil || !bytes.Equal(now, want) {
			t.Fatalf("the facts in memory changed after they were made, %v", err)
		}
		if text, err := h.Contents.Text(&stored); err != nil || text.Body != fresh.Text {
			t.Fatalf("text %q, %v; expected %q", text.Body, err, fresh.Text)
		}
	}
}
