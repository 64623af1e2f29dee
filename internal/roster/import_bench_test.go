package roster_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"navette/internal/demo"
	"navette/internal/roster"
	"navette/internal/store"
	"navette/internal/testkit/pg"
)

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
				var took [2]time.Duration
				b.StartTimer()
				for i := range took {
					start := time.Now()
					report, err := service.Import(context.Background(), bytes.NewReader(file.Bytes()), roster.Options{})
					if err != nil {
						b.Fatal(err)
					}
					took[i] = time.Since(start)
					if i == 0 && report.Joiners < 25_000 || i == 1 && !report.NothingChanged() {
						b.Fatalf("import %d: %+v", i, report)
					}
				}
				b.StopTimer()
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
