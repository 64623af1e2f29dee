package aaf_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"navette/internal/aaf"
	"navette/internal/aaf/aafgen"
)

// written is a file that lands in a folder in memory when it is closed.
type written struct {
	bytes.Buffer
	name   string
	folder fstest.MapFS
}

func (w *written) Close() error {
	w.folder[w.name] = &fstest.MapFile{Data: w.Bytes()}
	return nil
}

// generated is an invented export in memory.
func generated(t testing.TB, o aafgen.Options) fstest.MapFS {
	t.Helper()
	folder := fstest.MapFS{}
	_, err := aafgen.Generate(context.Background(), o, func(name string) (io.WriteCloser, error) {
		return &written{name: name, folder: folder}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// longFile is a file of the requests of another one, again and again, for at least that many octets.
func longFile(file []byte, octets int) io.Reader {
	start := bytes.Index(file, []byte("<addRequest>"))
	end := bytes.LastIndex(file, []byte("</ficAlimMENESR>"))
	parts := []io.Reader{bytes.NewReader(file[:start])}
	for n := 0; n < octets; n += end - start {
		parts = append(parts, bytes.NewReader(file[start:end]))
	}
	return io.MultiReader(append(parts, bytes.NewReader(file[end:]))...)
}

// liveHeap is how many megabytes are in use when nothing is left to collect.
func liveHeap() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / 1e6
}

// cpu is how long this process has computed: on a machine that others use, the clock tells little.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkAnAcademie reads the whole export of an académie from a zip: 180,000 pupils, 300,000 people in charge of them,
// 1,100 schools, about a gigabyte.
func BenchmarkAnAcademie(b *testing.B) {
	var packed bytes.Buffer
	w := zip.NewWriter(&packed)
	o := aafgen.Options{Seed: 1, Degree: aaf.Second, Pupils: 180_000, Guardians: 300_000, Schools: 1100, Date: day(1, 9, 2026)}
	if _, err := aafgen.Generate(context.Background(), o, func(name string) (io.WriteCloser, error) {
		f, err := w.Create(name)
		return kept{f}, err
	}); err != nil {
		b.Fatal(err)
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	c, err := openZip(packed.Bytes(), aaf.Limits{})
	if err != nil {
		b.Fatal(err)
	}
	exports, err := aaf.Open(context.Background(), c)
	if err != nil {
		b.Fatal(err)
	}
	var octets int64
	for _, f := range exports[0].Files {
		octets += f.Size
	}
	b.SetBytes(octets)
	before, start, n := liveHeap(), cpu(b), 0
	var grown float64
	for b.Loop() {
		for _, err := range exports[0].Records(context.Background()) {
			if err != nil {
				b.Fatal(err)
			}
			if n++; n%50_000 == 0 {
				grown = max(grown, liveHeap()-before)
			}
		}
	}
	b.ReportMetric((cpu(b)-start).Seconds()/float64(b.N), "cpu-s/op")
	b.ReportMetric(grown, "live-MB")
	b.ReportMetric(float64(n)/float64(b.N), "records/op")
}

// kept is a file of an archive, which the next one ends.
type kept struct{ io.Writer }

func (kept) Close() error { return nil }

// BenchmarkAGigabyte reads files of 1 GB each, and tells by how much the heap that lives has grown at its highest of
// ten looks.
func BenchmarkAGigabyte(b *testing.B) {
	const octets = 1 << 30
	folder := generated(b, aafgen.Options{Seed: 1, Degree: aaf.Second, Pupils: 3000, Guardians: 5000, Schools: 18, Date: day(1, 9, 2026)})
	for _, category := range []aaf.Category{aaf.Eleve, aaf.PersRelEleve} {
		b.Run(category.String(), func(b *testing.B) {
			var file []byte
			for name, f := range folder {
				if strings.Contains(name, "_"+category.String()+"_") {
					file = f.Data
				}
			}
			b.SetBytes(octets)
			b.ReportAllocs()
			before, start := liveHeap(), cpu(b)
			var grown float64
			records := 0
			for b.Loop() {
				r := aaf.NewReader(longFile(file, octets), "long.xml", category, aaf.Limits{})
				for {
					_, err := r.Next()
					if errors.Is(err, io.EOF) {
						break
					}
					if err != nil {
						b.Fatal(err)
					}
					if records++; records%40_000 == 0 {
						grown = max(grown, liveHeap()-before)
					}
				}
			}
			b.ReportMetric((cpu(b)-start).Seconds()/float64(b.N), "cpu-s/op")
			b.ReportMetric(grown, "live-MB")
			b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

// BenchmarkTheLibrary reads the tokens of the same pupils with encoding/xml and does nothing with them: what the reader
// would take at the least if it were built on it.
func BenchmarkTheLibrary(b *testing.B) {
	const octets = 100 << 20
	folder := generated(b, aafgen.Options{Seed: 1, Degree: aaf.Second, Pupils: 3000, Guardians: 5000, Schools: 18, Date: day(1, 9, 2026)})
	file := folder["ENT2DVA_Complet_20260901_Eleve_0000.xml"].Data
	b.SetBytes(octets)
	start := cpu(b)
	for b.Loop() {
		d := xml.NewDecoder(longFile(file, octets))
		for {
			_, err := d.RawToken()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric((cpu(b)-start).Seconds()/float64(b.N)*(1<<30)/octets, "cpu-s/GB")
}
