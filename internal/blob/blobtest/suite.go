// Package blobtest is the conformance suite of blob.Store: every implementation passes it.
package blobtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"navette/internal/blob"
)

// Run tests an implementation. open returns an empty store, and again gives one on the same objects, as a process
// that starts anew would.
func Run(t *testing.T, open func(t *testing.T) (s blob.Store, again func() blob.Store)) {
	for name, test := range map[string]func(t *testing.T, s blob.Store, again func() blob.Store){
		"octets come back, in another process too": comeBack,
		"nothing is visible before its commit":     invisible,
		"an abort leaves nothing":                  aborted,
		"keys are never used twice":                keys,
		"deleting may be repeated":                 deleting,
		"unknown keys":                             unknown,
		"walk sees what is there":                  walk,
		"walk ends with its caller's error":        walkEnds,
		"what was being written is swept":          sweep,
		"many goroutines":                          concurrent,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, again := open(t)
			test(t, s, again)
		})
	}
}

func put(t *testing.T, s blob.Store, octets string) string {
	t.Helper()
	w, err := s.Create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	for part := range slices.Chunk([]byte(octets), 1000) {
		if n, err := w.Write(part); n != len(part) || err != nil {
			t.Fatalf("wrote %d of %d, %v", n, len(part), err)
		}
	}
	key, err := w.Commit()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func get(ctx context.Context, s blob.Store, key string) (string, error) {
	r, err := s.Open(ctx, key)
	if err != nil {
		return "", err
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	return string(b), err
}

func all(t *testing.T, s blob.Store) map[string]int64 {
	t.Helper()
	out := map[string]int64{}
	err := s.Walk(t.Context(), func(key string, size int64, written time.Time) error {
		if _, twice := out[key]; twice || written.IsZero() {
			t.Errorf("object %s, written %s, seen before: %t", key, written, twice)
		}
		out[key] = size
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func comeBack(t *testing.T, s blob.Store, again func() blob.Store) {
	for _, size := range []int{0, 1, 999, 1000, 1001, 300_000} {
		octets := strings.Repeat("\x00\xff\r\nx", size/5+1)[:size]
		key := put(t, s, octets)
		for _, store := range []blob.Store{s, again()} {
			if got, err := get(t.Context(), store, key); err != nil || got != octets {
				t.Errorf("%d octets came back as %d, %v", size, len(got), err)
			}
		}
	}
}

func invisible(t *testing.T, s blob.Store, again func() blob.Store) {
	w, err := s.Create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(bytes.Repeat([]byte("x"), 100_000)); err != nil {
		t.Fatal(err)
	}
	for _, store := range []blob.Store{s, again()} {
		if got := all(t, store); len(got) != 0 {
			t.Errorf("before the commit there is %v", got)
		}
	}
	key, err := w.Commit()
	if got := all(t, s); err != nil || got[key] != 100_000 || len(got) != 1 {
		t.Errorf("after the commit there is %v, %v", got, err)
	}
	w.Abort()
	if _, err := get(t.Context(), s, key); err != nil {
		t.Errorf("an abort after the commit took the object away: %v", err)
	}
	if _, err := w.Commit(); err == nil {
		t.Error("a second commit succeeded")
	}
}

func aborted(t *testing.T, s blob.Store, _ func() blob.Store) {
	w, err := s.Create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	w.Abort()
	w.Abort()
	if _, err := w.Commit(); err == nil {
		t.Error("what was aborted could be committed")
	}
	if got := all(t, s); len(got) != 0 {
		t.Errorf("there is %v", got)
	}
}

func keys(t *testing.T, s blob.Store, _ func() blob.Store) {
	seen := map[string]bool{}
	for range 50 {
		key := put(t, s, "the same octets")
		if seen[key] || key == "" {
			t.Fatalf("key %q twice", key)
		}
		seen[key] = true
		if err := s.Delete(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
}

func deleting(t *testing.T, s blob.Store, _ func() blob.Store) {
	key, other := put(t, s, "x"), put(t, s, "y")
	for range 2 {
		if err := s.Delete(t.Context(), key); err != nil {
			t.Errorf("delete: %v", err)
		}
	}
	if _, err := get(t.Context(), s, key); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a deleted object gave %v", err)
	}
	if got, err := get(t.Context(), s, other); got != "y" || err != nil {
		t.Errorf("the other became %q, %v", got, err)
	}
}

func unknown(t *testing.T, s blob.Store, _ func() blob.Store) {
	for _, key := range []string{"", "x", "../../etc/passwd", strings.Repeat("0", 32), strings.Repeat("0", 31) + "/", strings.Repeat("A", 32)} {
		if _, err := get(t.Context(), s, key); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("open %q: %v", key, err)
		}
		if err := s.Delete(t.Context(), key); err != nil {
			t.Errorf("delete %q: %v", key, err)
		}
	}
}

func walk(t *testing.T, s blob.Store, again func() blob.Store) {
	want := map[string]int64{}
	for i := range 40 {
		want[put(t, s, strings.Repeat("x", i))] = int64(i)
	}
	for _, store := range []blob.Store{s, again()} {
		if got := all(t, store); !maps.Equal(got, want) {
			t.Errorf("walk saw %v, expected %v", got, want)
		}
	}
}

func walkEnds(t *testing.T, s blob.Store, _ func() blob.Store) {
	put(t, s, "x")
	put(t, s, "y")
	enough := errors.New("enough")
	n := 0
	err := s.Walk(t.Context(), func(string, int64, time.Time) error { n++; return enough })
	if !errors.Is(err, enough) || n != 1 {
		t.Errorf("%d objects, %v", n, err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Walk(over, func(string, int64, time.Time) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("a walk for somebody who has gone: %v", err)
	}
}

func sweep(t *testing.T, s blob.Store, again func() blob.Store) {
	key := put(t, s, "finished")
	w, err := s.Create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	// Its writer lives: it began after that time.
	if err := again().SweepUnfinished(t.Context(), time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Commit(); err != nil {
		t.Errorf("the sweep took what is being written: %v", err)
	}
	dead, err := s.Create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := again().SweepUnfinished(t.Context(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := dead.Commit(); err == nil {
		t.Error("what was swept could be committed")
	}
	if got := all(t, s); len(got) != 2 || got[key] != 8 {
		t.Errorf("there is %v", got)
	}
}

func concurrent(t *testing.T, s blob.Store, _ func() blob.Store) {
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 10 {
				octets := fmt.Sprintf("%d of %d", i, g)
				w, err := s.Create(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := io.WriteString(w, octets); err != nil {
					t.Error(err)
				}
				key, err := w.Commit()
				if err != nil {
					t.Error(err)
				}
				if got, err := get(t.Context(), s, key); got != octets || err != nil {
					t.Errorf("%q came back as %q, %v", octets, got, err)
				}
				if i%2 == 0 {
					if err := s.Delete(t.Context(), key); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	if got := all(t, s); len(got) != 40 {
		t.Errorf("%d objects, expected 40", len(got))
	}
}
