package enrolment_test

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"navette/internal/aaf"
	"navette/internal/aaf/aafgen"
	"navette/internal/directory"
	"navette/internal/enrolment"
	"navette/internal/store"
	"navette/internal/testkit/pg"
	"navette/internal/testkit/stores"
)

// academie is an export of the size of a large académie.
var academie = aafgen.Options{Seed: 1, Degree: aaf.Second, Pupils: 180_000, Guardians: 300_000, Schools: 1100,
	Date: directory.Date{Year: 2026, Month: time.September, Day: 7}}

// BenchmarkImportAcademie imports 180,000 pupils, 300,000 guardians and 1,100 schools, then the same again under the date
// of the next day, which changes nothing. Beside the time it tells the most memory that Go had from the system.
func BenchmarkImportAcademie(b *testing.B) {
	dir := os.Getenv("NAVETTE_BENCH_AAF") // where the exports are kept from one run to the next; "": nowhere
	if dir == "" {
		dir = b.TempDir()
	}
	first, again := generated(b, filepath.Join(dir, "first"), academie), filepath.Join(dir, "again")
	renamed(b, first, again, "20260907", "20260908")
	for name, open := range map[string]func(b *testing.B) *store.DB{
		"sqlite":   func(b *testing.B) *store.DB { return stores.SQLite(b) },
		"postgres": func(b *testing.B) *store.DB { return stores.Open(b, pg.Start(b).NewDatabase(b)) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				f := newFixture(b, open(b), nil)
				x, y := f.folder(first), f.folder(again)
				runtime.GC()
				most := watchMemory(b)
				b.StartTimer()
				start, used := time.Now(), processor(b)
				report, err := f.Import(b.Context(), x, enrolment.Options{})
				if err != nil || report.Pupils.New != academie.Pupils {
					b.Fatalf("%d pupils, %v", report.Pupils.New, err)
				}
				b.ReportMetric(time.Since(start).Seconds(), "s/first")
				b.ReportMetric((processor(b) - used).Seconds(), "cpu-s/first")
				start, used = time.Now(), processor(b)
				report, err = f.Import(b.Context(), y, enrolment.Options{})
				if err != nil || !report.NothingChanged() || report.Known {
					b.Fatalf("the same again: %+v, %v", report.Pupils, err)
				}
				b.ReportMetric(time.Since(start).Seconds(), "s/again")
				b.ReportMetric((processor(b) - used).Seconds(), "cpu-s/again")
				b.ReportMetric(float64(most())/(1<<20), "MB")
			}
		})
	}
}

// processor is the processor time that this process has used: on a machine that others load too it says what an import
// costs, where the clock says how long it waited. (A PostgreSQL server's own is not in it.)
func processor(tb testing.TB) time.Duration {
	tb.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// generated writes an export into a folder, unless it is there.
func generated(tb testing.TB, dir string, o aafgen.Options) string {
	tb.Helper()
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		tb.Fatal(err)
	}
	if _, err := aafgen.Generate(tb.Context(), o, func(name string) (io.WriteCloser, error) { return os.Create(filepath.Join(dir, name)) }); err != nil {
		tb.Fatal(err)
	}
	return dir
}

// renamed links the files of an export under names of another day.
func renamed(tb testing.TB, from, to, day, otherDay string) {
	tb.Helper()
	entries, err := os.ReadDir(from)
	if err != nil {
		tb.Fatal(err)
	}
	if err := os.MkdirAll(to, 0o700); err != nil {
		tb.Fatal(err)
	}
	for _, e := range entries {
		name := filepath.Join(to, strings.ReplaceAll(e.Name(), day, otherDay))
		if err := os.Link(filepath.Join(from, e.Name()), name); err != nil && !os.IsExist(err) {
			tb.Fatal(err)
		}
	}
}

// folder opens the one export of a folder.
func (f *fixture) folder(dir string) *aaf.Export {
	f.t.Helper()
	list := f.exports(aaf.Folder(filepath.Base(dir), os.DirFS(dir), aaf.Limits{}))
	if len(list) != 1 {
		f.t.Fatalf("%d exports in %s", len(list), dir)
	}
	return list[0]
}

// watchMemory samples the memory that Go has from the system, and gives the most when it is called.
func watchMemory(tb testing.TB) (most func() int64) {
	tb.Helper()
	var peak atomic.Int64
	done := make(chan struct{})
	go func() {
		sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				metrics.Read(sample)
				peak.Store(max(peak.Load(), int64(sample[0].Value.Uint64()-sample[1].Value.Uint64())))
			case <-done:
				return
			}
		}
	}()
	return func() int64 { close(done); return peak.Load() }
}
