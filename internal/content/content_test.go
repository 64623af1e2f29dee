package content_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"navette/internal/blob"
	"navette/internal/content"
	"navette/internal/failure"
	"navette/internal/mail"
	"navette/internal/store"
	"navette/internal/testkit/baddisk"
	"navette/internal/testkit/house"
	"navette/internal/testkit/stores"
)

// spillAt is how many octets of a content stay in memory (content.go).
const spillAt = 128 << 10

// insert makes a message of a prepared content and returns it as rows tell it.
func insert(tb testing.TB, h *house.House, p *content.Prepared, prefix []byte) content.Message {
	tb.Helper()
	ctx := tb.Context()
	id, err := h.DB.NewIDs(ctx, "message", 1)
	if err != nil {
		tb.Fatal(err)
	}
	err = h.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		if err := p.Insert(ctx, tx); err != nil {
			return err
		}
		return content.InsertMessage(ctx, tx, id, p.ID, prefix, p.Size+int64(len(prefix)))
	})
	if err != nil {
		tb.Fatal(err)
	}
	var m content.Message
	err = h.DB.Read(ctx, func(tx *store.Tx) error {
		loaded, err := h.Contents.Load(ctx, tx, []int64{id}, true, true)
		m = loaded[id]
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

func read(ctx context.Context, h *house.House, m *content.Message, offset int64) ([]byte, error) {
	r, err := h.Contents.Open(ctx, m, offset)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(r)
	return b, errors.Join(err, r.Close())
}

// octetsOf draws octets of a size; compressible ones repeat themselves.
func octetsOf(rt *rapid.T, size int) []byte {
	random := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0))
	out := make([]byte, size)
	for i := range out {
		out[i] = byte(random.Uint32())
	}
	if period := rapid.SampledFrom([]int{0, 3, 1000, 100_000}).Draw(rt, "period"); period > 0 {
		for i := period; i < size; i++ {
			out[i] = out[i-period]
		}
	}
	return out
}

// DESIGN invariant 2: octets come back exactly, from any offset, whatever the size, the way they compress and the
// pieces in which they came.
func TestOctetsComeBackExactly(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		h := house.New(t, db)
		rapid.Check(t, func(rt *rapid.T) {
			around := rapid.SampledFrom([]int{0, content.InlineMax, spillAt, 2 * spillAt, 300_000}).Draw(rt, "around")
			octets := octetsOf(rt, max(0, around+rapid.IntRange(-3, 3).Draw(rt, "by")))
			prefix := bytes.Repeat([]byte("X-Trace: x\r\n"), rapid.IntRange(0, 3).Draw(rt, "prefix"))
			d := h.Contents.NewDraft(t.Context())
			for rest := octets; len(rest) > 0; {
				pieces := []int{1, 2, 999}
				if len(octets) > 10_000 { // there would be too many
					pieces = []int{7777, 65536, 1 << 20}
				}
				n := min(len(rest), rapid.SampledFrom(pieces).Draw(rt, "piece"))
				if _, err := d.Write(rest[:n]); err != nil {
					rt.Fatal(err)
				}
				rest = rest[n:]
			}
			p, err := d.Finish(t.Context())
			if err != nil {
				rt.Fatal(err)
			}
			d.Abort() // after Finish it does nothing
			m := insert(t, h, p, prefix)
			whole := append(bytes.Clone(prefix), octets...)
			if m.Size != int64(len(whole)) || p.Size != int64(len(octets)) || d.Size() != p.Size {
				rt.Fatalf("sizes %d, %d, %d for %d and %d octets", m.Size, p.Size, d.Size(), len(whole), len(octets))
			}
			offsets := []int{0, 1, len(prefix) - 1, len(prefix), len(prefix) + 1, len(whole) / 2, len(whole) - 1, len(whole), len(whole) + 9}
			for _, offset := range offsets {
				offset = max(0, offset)
				got, err := read(t.Context(), h, &m, int64(offset))
				if err != nil || !bytes.Equal(got, whole[min(offset, len(whole)):]) {
					rt.Fatalf("from %d of %d came %d octets, %v", offset, len(whole), len(got), err)
				}
			}
		})
	})
}

// large is a mail that is kept as an object.
func large() []byte {
	random := rand.New(rand.NewPCG(1, 2))
	out := []byte("Subject: Photos\r\n\r\n")
	for len(out) < 400_000 {
		out = append(out, byte(random.Uint32()))
	}
	return out
}

// Damage is told, never read as mail: in the row and in the object, cut and changed, read from the start or not.
func TestDamageIsTold(t *testing.T) {
	t.Parallel()
	objects := func(t *testing.T, h *house.House) string {
		t.Helper()
		var path string
		err := filepath.WalkDir(h.ObjectsDir, func(p string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				path = p
			}
			return err
		})
		if err != nil || path == "" {
			t.Fatalf("no object, %v", err)
		}
		return path
	}
	change := func(at func(size int) int) func(*testing.T, *house.House) {
		return func(t *testing.T, h *house.House) {
			b, err := os.ReadFile(objects(t, h))
			if err != nil {
				t.Fatal(err)
			}
			b[at(len(b))] ^= 1
			if err := os.WriteFile(objects(t, h), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	cutAt := func(size func(int64) int64) func(*testing.T, *house.House) {
		return func(t *testing.T, h *house.House) {
			info, err := os.Stat(objects(t, h))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Truncate(objects(t, h), size(info.Size())); err != nil {
				t.Fatal(err)
			}
		}
	}
	row := func(query string) func(*testing.T, *house.House) {
		return func(t *testing.T, h *house.House) {
			err := h.DB.Write(t.Context(), store.Interactive, func(tx *store.Tx) error {
				_, err := tx.Exec(t.Context(), query)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	small := []byte("Subject: Conseil\r\n\r\n" + strings.Repeat("Bonjour. ", 100))
	for _, c := range []struct {
		name   string
		octets []byte
		damage func(*testing.T, *house.House)
	}{
		{"an object changed at its start", large(), change(func(int) int { return 20 })},
		{"an object changed at its end", large(), change(func(n int) int { return n - 10 })},
		{"an object cut", large(), cutAt(func(n int64) int64 { return n - 1 })},
		{"an object emptied", large(), cutAt(func(int64) int64 { return 0 })},
		{"an object gone", large(), func(t *testing.T, h *house.House) {
			if err := os.Remove(objects(t, h)); err != nil {
				t.Fatal(err)
			}
		}},
		{"a row's octets", small, row(`UPDATE content SET data = '00'`)},
		{"a row's size", small, row(`UPDATE content SET size = size - 1`)},
		{"a row's checksum", small, row(`UPDATE content SET sha256 = '00'`)},
		{"the size of an object's row", large(), row(`UPDATE content SET size = size - 1`)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := house.New(t, stores.SQLite(t))
			m := insert(t, h, h.Prepare(t, c.octets), nil)
			c.damage(t, h)
			for _, offset := range []int64{0, 5, int64(len(c.octets) / 2)} {
				if got, err := read(t.Context(), h, &m, offset); err == nil {
					t.Errorf("from %d came %d octets and no error", offset, len(got))
				}
			}
		})
	}
}

func TestAContentThatIsNotThere(t *testing.T) {
	t.Parallel()
	h := house.New(t, stores.SQLite(t))
	if _, err := h.Contents.OpenContent(t.Context(), 404, 0); !failure.Is(err, failure.NotFound) {
		t.Errorf("%v", err)
	}
}

// Whatever call of the disk fails, a content is not prepared: no row refers to what may not be there.
func TestAFailingDiskPreparesNothing(t *testing.T) {
	t.Parallel()
	// Beyond spillAt octets are compressed into the object as they come; below, they are written at the end.
	for name, octets := range map[string][]byte{"spilled": large(), "written at the end": large()[:spillAt-1000]} {
		for _, op := range baddisk.Operations {
			if op == baddisk.Remove {
				continue // is not called on this way
			}
			t.Run(name+", "+string(op), func(t *testing.T) {
				t.Parallel()
				disk := baddisk.New()
				db := stores.SQLite(t)
				blobs, err := blob.OpenFolderOn(disk, t.TempDir(), randomKeys{})
				if err != nil {
					t.Fatal(err)
				}
				contents, err := content.New(db, blobs, mail.DefaultLimits())
				if err != nil {
					t.Fatal(err)
				}
				disk.Fail(op)
				if p, err := contents.Prepare(t.Context(), bytes.NewReader(octets)); !errors.Is(err, baddisk.ErrFailed) {
					t.Errorf("prepared %+v, %v", p, err)
				}
				disk.Heal()
				if _, err := contents.Prepare(t.Context(), bytes.NewReader(octets)); err != nil {
					t.Errorf("afterwards: %v", err)
				}
			})
		}
	}
}

type randomKeys struct{}

func (randomKeys) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(rand.Uint32())
	}
	return len(p), nil
}

// DESIGN invariant 9: a large message streams in and out. The bound is a small part of the message.
func TestALargeMessageStreams(t *testing.T) { // not parallel: it counts what the process allocates
	const size = 50 << 20
	h := house.New(t, stores.SQLite(t))
	block := bytes.Repeat([]byte("Bonjour à toutes et à tous, voici le compte rendu.\r\n"), 1<<10)
	var m content.Message
	in := allocated(func() {
		d := h.Contents.NewDraft(t.Context())
		for n := 0; n < size; n += len(block) {
			if _, err := d.Write(block); err != nil {
				t.Fatal(err)
			}
		}
		p, err := d.Finish(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		m = insert(t, h, p, nil)
	})
	out := allocated(func() {
		r, err := h.Contents.Open(t.Context(), &m, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if n, err := io.Copy(io.Discard, r); err != nil || n != m.Size {
			t.Fatalf("%d of %d octets, %v", n, m.Size, err)
		}
	})
	t.Logf("%d MB in: %d kB allocated; out: %d kB", size>>20, in>>10, out>>10)
	if in > 8<<20 || out > 2<<20 {
		t.Errorf("allocated %d kB in and %d kB out", in>>10, out>>10)
	}
}

// allocated is how many octets fn allocates in all, freed ones included.
func allocated(fn func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fn()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestTextAndFactsComeBack(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		h := house.New(t, db)
		p := h.Prepare(t, []byte("Subject: =?utf-8?Q?Rentr=C3=A9e?=\r\nMessage-ID: <a@b>\r\n\r\nChers collègues\r\n"))
		m := insert(t, h, p, []byte("X: y\r\n"))
		f, err := m.Facts()
		if err != nil || f.SubjectText != "Rentrée" || f.MessageID != "a@b" {
			t.Errorf("facts %+v, %v", f, err)
		}
		if text, err := h.Contents.Text(&m); err != nil || !strings.Contains(text.Body, "Chers collègues") || !strings.Contains(text.Header, "Subject: Rentrée\n") ||
			!text.BodyAll || !text.HeaderAll {
			t.Errorf("text %+v, %v", text, err)
		}
	})
}
