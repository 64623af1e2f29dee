package roster_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/roster"
	"navette/internal/store"
	"navette/internal/testkit/stores"
)

// staff gives lines of people of one category in one school.
func staff(from, n int, category, uai string) []string {
	lines := make([]string, n)
	for i := range lines {
		lines[i] = fmt.Sprintf("%06d;;M.;MARTIN;;Jean;12/11/1971;AESH;%s;AES;%s;01/09/2020;;ARR-1", from+i, category, uai)
	}
	return lines
}

func join(parts ...[]string) (lines []string) {
	for _, p := range parts {
		lines = append(lines, p...)
	}
	return lines
}

func TestAFileThatFallsTooFarIsStoppedBeforeAnythingChanges(t *testing.T) {
	t.Parallel()
	const a, b = "0759001B", "0759002C"
	for _, c := range []struct {
		what          string
		before, after []string
		stops         string // what the refusal asks to force, or ""
	}{
		{"a category falls by a quarter", staff(0, 100, "AESH", ""), staff(0, 75, "AESH", ""), "--force AESH"},
		{"a category falls by a fifth exactly", staff(0, 100, "AESH", ""), staff(0, 80, "AESH", ""), ""},
		{"a small category loses nineteen", staff(0, 19, "INS", ""), staff(50, 1, "AESH", ""), ""},
		{"a category of twenty vanishes", staff(0, 20, "INS", ""), staff(50, 30, "AESH", ""), "--force INS"},
		{"a school falls by more than half", join(staff(0, 21, "AESH", a), staff(100, 200, "AESH", b)), join(staff(0, 10, "AESH", a), staff(100, 200, "AESH", b)), "--force " + a},
		{"a school falls by half exactly", join(staff(0, 20, "AESH", a), staff(100, 200, "AESH", b)), join(staff(0, 10, "AESH", a), staff(100, 200, "AESH", b)), ""},
		{"a small school loses all", join(staff(0, 9, "AESH", a), staff(100, 200, "AESH", b)), staff(100, 200, "AESH", b), ""},
		{"both, the category first", staff(0, 40, "AESH", a), staff(0, 2, "AESH", a), "--force AESH," + a},
		{"growth", staff(0, 40, "AESH", a), staff(0, 400, "AESH", a), ""},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, stores.SQLite(t))
			f.imports(c.before...)
			before := f.everything()
			_, err := f.Import(t.Context(), strings.NewReader(file(c.after...)), roster.Options{})
			switch {
			case c.stops == "" && err != nil:
				t.Fatal(err)
			case c.stops == "":
				return
			case !failure.Is(err, failure.Permanent) || !strings.HasSuffix(failure.TextOf(err, ""), c.stops):
				t.Errorf("Import: %v, want a refusal that ends in %q", err, c.stops)
			}
			f.want("the directory", f.everything(), before...)
			f.want("files", f.query(`SELECT count(*) FROM roster_file`), "1")
			dry, err := f.Import(t.Context(), strings.NewReader(file(c.after...)), roster.Options{DryRun: true})
			if err != nil || len(dry.Falls) == 0 || dry.Falls[0].Forced {
				t.Errorf("the dry run: %+v, %v", dry.Falls, err)
			}
		})
	}
}

func TestForceNamesWhatItForcesAndTheJournalKeepsIt(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		f := newFixture(t, db)
		f.imports(staff(0, 60, "AESH", "0759001B")...)
		few := staff(0, 5, "AESH", "0759001B")
		force := func(names ...string) error {
			_, err := f.Import(t.Context(), strings.NewReader(file(few...)),
				roster.Options{Force: names, By: identity.By{Actor: "cli:durand", Reason: "ticket 12"}})
			return err
		}
		if err := force("AESH"); !failure.Is(err, failure.Permanent) || !strings.HasSuffix(err.Error(), "--force 0759001B") {
			t.Fatalf("one of two forced: %v", err)
		}
		if err := force("aesh", "0759001b"); err != nil {
			t.Fatal(err)
		}
		f.want("open functions", f.query(`SELECT count(*) FROM function WHERE ended_at = 0`), "5")
		got := f.query(`SELECT actor, reason, detail FROM journal WHERE action = 'roster.force'`)
		if len(got) != 1 || !strings.HasPrefix(got[0], "cli:durand ticket 12 ") || !strings.Contains(got[0], `"Name":"0759001B","School":true,"Before":60,"Now":5,"Forced":true`) {
			t.Errorf("journal: %q", got)
		}
		// What was forced is the new measure: the next file of the same size passes.
		f.imports(few...)
	})
}

func TestAFallInSmallStepsIsAFall(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 10, 1, 4, 0, 0, 0, time.UTC)
	f := newFixture(t, stores.OpenAt(t, stores.SQLiteURL(t), func() time.Time { return now }))
	imports := func(n int) error {
		now = now.AddDate(0, 0, 1)
		_, err := f.Import(t.Context(), strings.NewReader(file(staff(0, n, "AESH", "")...)), roster.Options{})
		return err
	}
	for _, n := range []int{200, 180, 165} {
		if err := imports(n); err != nil {
			t.Fatal(err)
		}
	}
	if err := imports(150); !failure.Is(err, failure.Permanent) || !strings.Contains(err.Error(), "200 lignes, puis 150") {
		t.Errorf("the last step: %v", err)
	}
	now = now.AddDate(0, 2, 0) // two months later the last file alone is the measure
	if err := imports(140); err != nil {
		t.Error(err)
	}
	f.want("counts kept", f.query(`SELECT count(*) FROM roster_count`), "1")
}
