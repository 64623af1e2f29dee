package roster_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"navette/internal/demo"
	"navette/internal/directory"
	"navette/internal/roster"
	"navette/internal/store"
	"navette/internal/testkit/pg"
)

// cpu is the processor time that this process has used: on a machine that others load too it says what an import
// costs, where the clock says how long it waited. (A PostgreSQL server's own is not in it.)
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkImport1200000 imports the file of a nation, and says how much memory the process came to hold at most.
// Targets (issue 3): 5 min and 500 MB.
func BenchmarkImport1200000(b *testing.B) {
	path := filepath.Join(b.TempDir(), "hr.csv")
	out, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriter(out)
	fmt.Fprintln(w, roster.Header())
	names := []string{"MARTIN", "BERNARD", "DUBOIS", "THOMAS", "ROBERT", "RICHARD", "PETIT", "DURAND", "LEROY", "MOREAU"}
	const lines = 1_200_000
	for i := range lines {
		fmt.Fprintf(w, "%07d;01E01%05dABC;Mme;%s-%d;;Claire;06/05/1982;Professeur certifié;ENS2D;ENS;%s;01/09/2020;;ARR-%d\n",
			i, i%100_000, names[i%len(names)], i%5003, directory.MakeUAI(750000+i%60_000), i)
	}
	fmt.Fprintf(w, "#FIN;%d\n", lines)
	if err := errors.Join(w.Flush(), out.Close()); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		db, err := store.Open(context.Background(), "sqlite:"+filepath.Join(b.TempDir(), "navette.db"), store.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			b.Fatal(err)
		}
		service := roster.New(roster.Config{DB: db, Log: slog.New(slog.DiscardHandler), Domain: demo.Domain})
		file, err := os.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		used := cpu(b)
		report, err := service.Import(context.Background(), file, roster.Options{})
		if err != nil || report.Joiners != lines {
			b.Fatalf("%+v, %v", report, err)
		}
		b.ReportMetric((cpu(b) - used).Seconds(), "cpu-s")
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(u.Maxrss)/1024, "MB-at-most")
		if err := errors.Join(file.Close(), db.Close()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkImport25000 imports the HR file of 25,000 agents into an empty directory, then the same
// file again. Targets (DESIGN §7): 5 s and 1 s.
func BenchmarkImport25000(b *testing.B) {
	var file bytes.Buffer
	if err := demo.Generate(1, 25_000).WriteHR(&file); err != nil {
		b.Fatal(err)
	}
	for _, engine := range []string{"sqlite", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				url := "sqlite:" + filepath.Join(b.TempDir(), "navette.db")
				if engine == "postgres" {
					url = pg.Start(b).NewDatabase(b)
				}
				db, err := store.Open(context.Background(), url, store.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
				if err != nil {
					b.Fatal(err)
				}
				service := roster.New(roster.Config{DB: db, Log: slog.New(slog.DiscardHandler), Domain: demo.Domain})
				var took, used [2]time.Duration
				b.StartTimer()
				for i := range took {
					start, before := time.Now(), cpu(b)
					report, err := service.Import(context.Background(), bytes.NewReader(file.Bytes()), roster.Options{})
					if err != nil {
						b.Fatal(err)
					}
					took[i], used[i] = time.Since(start), cpu(b)-before
					if i == 0 && report.Joiners < 25_000 || i == 1 && !report.NothingChanged() {
						b.Fatalf("import %d: %+v", i, report)
					}
				}
				b.StopTimer()
				b.ReportMetric(used[0].Seconds(), "cpu-s/first")
				b.ReportMetric(used[1].Seconds(), "cpu-s/again")
				b.ReportMetric(took[0].Seconds(), "s/first")
				b.ReportMetric(took[1].Seconds(), "s/again")
				if err := db.Close(); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
		})
	}
	fmt.Fprintln(b.Output(), "bytes of HR file:", file.Len())
}
