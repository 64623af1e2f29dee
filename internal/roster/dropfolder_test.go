package roster_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"navette/internal/dropfolder"
	"navette/internal/roster"
	"navette/internal/testkit/stores"
)

// dropped is a drop folder with a clock.
type dropped struct {
	*fixture
	folder dropfolder.Folder
	now    time.Time
	broken error // of the next import
}

func newDropped(t *testing.T) *dropped {
	t.Helper()
	d := &dropped{fixture: newFixture(t, stores.SQLite(t)), now: time.Date(2026, 9, 1, 6, 30, 0, 0, time.UTC)}
	d.folder = dropfolder.Folder{Path: t.TempDir(), Extensions: []string{".csv", ".txt"}, Now: func() time.Time { return d.now },
		Log: slog.New(slog.DiscardHandler), Incomplete: roster.ErrIncomplete,
		Import: func(ctx context.Context, _ string, file *os.File) (dropfolder.Report, error) {
			if d.broken != nil {
				return roster.Report{}, d.broken
			}
			return d.Import(ctx, file, roster.Options{Details: true})
		}}
	return d
}

func (d *dropped) put(name, text string) {
	d.t.Helper()
	if err := os.WriteFile(filepath.Join(d.folder.Path, name), []byte(text), 0o644); err != nil {
		d.t.Fatal(err)
	}
}

// looks scans n times, a quarter of a minute apart.
func (d *dropped) looks(n int) {
	d.t.Helper()
	for range n {
		if err := d.folder.Scan(d.t.Context()); err != nil {
			d.t.Fatal(err)
		}
		d.now = d.now.Add(15 * time.Second)
	}
}

// holds checks what lies in a folder, and that others cannot read it.
func (d *dropped) holds(folder string, want ...string) {
	d.t.Helper()
	entries, err := os.ReadDir(filepath.Join(d.folder.Path, folder))
	if err != nil {
		d.t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		if folder == "" && e.IsDir() {
			continue
		}
		info, err := e.Info()
		if err != nil {
			d.t.Fatal(err)
		}
		if folder != "" && info.Mode().Perm() != 0o600 {
			d.t.Errorf("%s has mode %v", e.Name(), info.Mode())
		}
		got = append(got, e.Name())
	}
	d.want(folder+"/", got, want...)
}

func TestADroppedFileIsTakenWhenItIsCompleteAndStable(t *testing.T) {
	t.Parallel()
	d := newDropped(t)
	d.put("rh.csv", file(claire+teaches))
	d.looks(1)
	d.holds("", "rh.csv") // seen once
	d.put("rh.csv", file(claire+teaches, jean+teaches))
	d.looks(1)
	d.holds("", "rh.csv") // it grew
	d.looks(1)
	d.holds("")
	d.holds("done", "20260901-063030-rh.csv", "20260901-063030-rh.csv.html")
	d.holds("refused")
	d.want("people", d.query(`SELECT count(*) FROM person`), "2")
	page, err := os.ReadFile(filepath.Join(d.folder.Path, "done", "20260901-063030-rh.csv.html"))
	if err != nil || !strings.Contains(string(page), "Claire MARTIN") {
		t.Errorf("report: %v, %.80q", err, page)
	}
}

func TestAnIncompleteFileIsWaitedForThenRefused(t *testing.T) {
	t.Parallel()
	d := newDropped(t)
	text := file(claire+teaches, jean+teaches)
	d.put("rh.csv", text[:len(text)-5])
	d.looks(20)
	d.holds("", "rh.csv")
	d.now = d.now.Add(dropfolder.DefaultPatience)
	d.looks(1)
	d.holds("")
	d.holds("refused", "20260901-070500-rh.csv", "20260901-070500-rh.csv.html")
	d.want("people", d.query(`SELECT count(*) FROM person`), "0")
}

func TestWhatIsWrongIsRefusedAtOnceWithItsReason(t *testing.T) {
	t.Parallel()
	d := newDropped(t)
	d.imports(staff(0, 40, "AESH", "")...)
	d.put("a.csv", "nom;prenom\nx;y\n#FIN;1\n")
	d.put("b.txt", file(staff(0, 2, "AESH", "")...)) // the brakes stop it
	d.looks(2)
	d.holds("")
	d.holds("refused", "20260901-063015-a.csv", "20260901-063015-a.csv.html", "20260901-063015-b.txt", "20260901-063015-b.txt.html")
	for name, says := range map[string]string{"a.csv": "aucune des colonnes", "b.txt": "--force AESH"} {
		page, err := os.ReadFile(filepath.Join(d.folder.Path, "refused", "20260901-063015-"+name+".html"))
		if err != nil || !strings.Contains(string(page), says) {
			t.Errorf("%s: %v, no %q in its report", name, err, says)
		}
	}
}

func TestAFailureThatIsNotTheFilesLeavesItForTheNextLook(t *testing.T) {
	t.Parallel()
	d := newDropped(t)
	d.put("rh.csv", file(claire+teaches))
	d.broken = errors.New("the database is gone")
	d.looks(3)
	d.holds("", "rh.csv")
	d.broken = nil
	d.looks(1)
	d.holds("")
	d.want("people", d.query(`SELECT count(*) FROM person`), "1")
}

func TestOtherFilesAndLinksAreLeftAlone(t *testing.T) {
	t.Parallel()
	d := newDropped(t)
	secret := filepath.Join(t.TempDir(), "secret.csv")
	if err := os.WriteFile(secret, []byte(file(claire+teaches)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, filepath.Join(d.folder.Path, "link.csv")); err != nil {
		t.Fatal(err)
	}
	d.put("rh.csv.part", file(claire+teaches))
	d.put(".rh.csv", file(claire+teaches))
	d.looks(3)
	d.holds("", ".rh.csv", "link.csv", "rh.csv.part")
	d.want("people", d.query(`SELECT count(*) FROM person`), "0")
}
