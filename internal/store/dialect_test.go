package store_test

import (
	"math"
	"slices"
	"testing"

	"navette/internal/store"
	"navette/internal/testkit/stores"
)

func TestSetsAndStagedRows(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		err := db.Read(t.Context(), func(tx *store.Tx) error {
			for _, want := range [][]int64{nil, {7}, {math.MinInt64, -1, 0, 3, math.MaxInt64}} {
				set, arg := tx.Dialect().IntSet(1, want)
				if got := column[int64](t, tx, `SELECT value FROM (`+set+`) AS s ORDER BY value`, arg); !slices.Equal(got, want) {
					t.Errorf("integers %v came back as %v", want, got)
				}
			}
			for _, want := range [][]string{nil, {`a"b`, `c\d`, `e{f},g`, "h'i", "Été", "😀"}} {
				set, arg := tx.Dialect().TextSet(1, want)
				if got := column[string](t, tx, `SELECT value FROM (`+set+`) AS s`, arg); !slices.Equal(got, want) {
					t.Errorf("texts %q came back as %q", want, got)
				}
			}
			for _, want := range [][][]int64{nil, {{1, math.MinInt64}, {2, math.MaxInt64}}} {
				rows, arg := tx.Dialect().Rows(2, []string{"a", "b"}, want)
				a := column[int64](t, tx, `SELECT a FROM (`+rows+`) AS s WHERE a > $1 ORDER BY a`, 0, arg)
				b := column[int64](t, tx, `SELECT b FROM (`+rows+`) AS s WHERE a > $1 ORDER BY a`, 0, arg)
				if len(a) != len(want) || len(b) != len(want) {
					t.Fatalf("rows %v came back as %v, %v", want, a, b)
				}
				for i, r := range want {
					if a[i] != r[0] || b[i] != r[1] {
						t.Errorf("rows %v came back as %v, %v", want, a, b)
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// Records stage texts beside integers, and octets of any kind are joined around a text.
func TestRecordsAndOctets(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		err := db.Read(t.Context(), func(tx *store.Tx) error {
			for _, want := range [][]store.Record{nil, {{Ints: []int64{1}, Texts: []string{`a"b<c>`}}, {Ints: []int64{math.MaxInt64}, Texts: []string{"Été 😀"}}}} {
				records, arg := tx.Dialect().Records(1, []string{"n"}, []string{"word"}, want)
				n := column[int64](t, tx, `SELECT n FROM (`+records+`) AS s ORDER BY n`, arg)
				words := column[string](t, tx, `SELECT word FROM (`+records+`) AS s ORDER BY n`, arg)
				if len(n) != len(want) || len(words) != len(want) {
					t.Fatalf("%v came back as %v, %q", want, n, words)
				}
				for i, r := range want {
					if n[i] != r.Ints[0] || words[i] != r.Texts[0] {
						t.Errorf("%v came back as %v, %q", want, n, words)
					}
				}
			}
			records, arg := tx.Dialect().Records(3, []string{"n"}, []string{"word"}, []store.Record{{Ints: []int64{1}, Texts: []string{"é"}}})
			got := column[[]byte](t, tx, `SELECT `+tx.Dialect().Octets("$1", "word", "$2")+` FROM (`+records+`) AS s`, []byte("a\xe9"), []byte("\xff\r\n"), arg)
			if len(got) != 1 || string(got[0]) != "a\xe9\u00e9\xff\r\n" {
				t.Errorf("octets came back as %q", got)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func column[T any](t *testing.T, tx *store.Tx, query string, args ...any) (out []T) {
	t.Helper()
	rows, err := tx.Query(t.Context(), query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var v T
		if err := rows.Scan(&v); err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// Both engines order and compare text by its octets, so a range of names means the same on both.
func TestTextIsComparedByItsOctets(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		err := db.Write(ctx, store.Interactive, func(tx *store.Tx) error {
			for _, name := range []string{"b", "é", "B", "a/c", "a0", "a-"} {
				if _, err := tx.Exec(ctx, `INSERT INTO store_meta (name, value) VALUES ($1, 99)`, name); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		err = db.Read(ctx, func(tx *store.Tx) error {
			got := column[string](t, tx, `SELECT name FROM store_meta WHERE value = 99 ORDER BY name`)
			if want := []string{"B", "a-", "a/c", "a0", "b", "é"}; !slices.Equal(got, want) {
				t.Errorf("order %q, expected %q", got, want)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
