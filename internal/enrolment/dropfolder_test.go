package enrolment_test

import (
	"archive/zip"
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"navette/internal/dropfolder"
	"navette/internal/enrolment"
)

// zipped is a feed as a zip archive.
func zipped(t *testing.T, x *feed) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	if err := w.AddFS(x.files()); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestArchivesAreTakenFromTheDropFolder(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		folder := &dropfolder.Folder{Path: t.TempDir(), Extensions: []string{".zip"}, Now: f.clock.Now, Log: slog.New(slog.DiscardHandler), Incomplete: enrolment.ErrSource,
			Import: func(ctx context.Context, name string, file *os.File) (dropfolder.Report, error) {
				return f.ImportAll(ctx, enrolment.Source{Name: name, Archive: file}, enrolment.Options{})
			}}
		drop := func(name string, octets []byte) {
			if err := os.WriteFile(filepath.Join(folder.Path, name), octets, 0o644); err != nil {
				t.Fatal(err)
			}
			for range 2 { // taken at the second look that finds it the same
				if err := folder.Scan(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		in := func(name string) (files []string) {
			entries, err := os.ReadDir(filepath.Join(folder.Path, name))
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				_, file, _ := strings.Cut(strings.TrimPrefix(e.Name(), f.clock.Now().Format("20060102")), "-")
				files = append(files, file[strings.Index(file, "-")+1:])
			}
			slices.Sort(files)
			return files
		}
		archive := zipped(t, f.collège("20260901"))
		drop("half.zip", archive[:len(archive)/2])
		f.want("half an archive waits", in("refused"))
		f.clock.Add(dropfolder.DefaultPatience)
		drop("half.zip", archive[:len(archive)/2])
		drop("ENT2DVA.20260901.zip", archive)
		f.want("done", in("done"), "ENT2DVA.20260901.zip", "ENT2DVA.20260901.zip.html")
		f.want("pupils", f.attendance(2026), clgUAI+"|3E1|Tom", clgUAI+"|4E3|Ali", clgUAI+"|4E3|Léa")
		f.clock.Add(dropfolder.DefaultPatience)
		if err := folder.Scan(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.want("refused in the end", in("refused"), "half.zip", "half.zip.html")
	})
}
