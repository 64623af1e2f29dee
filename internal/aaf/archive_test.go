package aaf_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"hash/crc32"
	"io"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"navette/internal/aaf"
)

// scratch is where a tar archive lies while it is read, in memory.
type scratch struct{ bytes.Buffer }

func (s *scratch) ReadAt(p []byte, at int64) (int, error) {
	return bytes.NewReader(s.Bytes()).ReadAt(p, at)
}

// member is a file of an archive.
type member struct {
	name, octets string
	kind         byte // of tar; 0: a file
}

func zipped(t testing.TB, members ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, m := range members {
		h := &zip.FileHeader{Name: m.name, Method: zip.Deflate}
		if m.kind == tar.TypeSymlink {
			h.SetMode(fs.ModeSymlink | 0o777)
		}
		f, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(f, m.octets) //nolint:errcheck // Close tells
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func tarred(t testing.TB, members ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, m := range members {
		h := &tar.Header{Name: m.name, Mode: 0o600, Size: int64(len(m.octets)), Typeflag: m.kind}
		if m.kind != 0 && m.kind != tar.TypeReg {
			h.Size, h.Linkname = 0, m.octets
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 {
			io.WriteString(w, m.octets) //nolint:errcheck // Close tells
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gzipped(octets []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(octets) //nolint:errcheck // a buffer takes all
	w.Close()       //nolint:errcheck // see above
	return b.Bytes()
}

func openZip(octets []byte, lim aaf.Limits) (*aaf.Container, error) {
	return aaf.Zip("ENT2DVA.zip", bytes.NewReader(octets), int64(len(octets)), lim)
}

func openTar(octets []byte, lim aaf.Limits) (*aaf.Container, error) {
	return aaf.Tar(context.Background(), "ENT2DVA.tgz", bytes.NewReader(octets), &scratch{}, lim)
}

// containers are the two forms of an archive, from the same members.
func containers() map[string]func(t testing.TB, lim aaf.Limits, members ...member) (*aaf.Container, error) {
	return map[string]func(t testing.TB, lim aaf.Limits, members ...member) (*aaf.Container, error){
		"zip": func(t testing.TB, lim aaf.Limits, members ...member) (*aaf.Container, error) {
			return openZip(zipped(t, members...), lim)
		},
		"tar": func(t testing.TB, lim aaf.Limits, members ...member) (*aaf.Container, error) {
			return openTar(tarred(t, members...), lim)
		},
		"tgz": func(t testing.TB, lim aaf.Limits, members ...member) (*aaf.Container, error) {
			return openTar(gzipped(tarred(t, members...)), lim)
		},
	}
}

// A folder, a zip and a tgz of the same files are the same export, whatever the order in the archive.
func TestAnArchiveSaysWhatItsFolderSays(t *testing.T) {
	t.Parallel()
	var members []member
	err := fs.WalkDir(sample(), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		octets, err := fs.ReadFile(sample(), p)
		members = append([]member{{name: "./aaf/" + p, octets: string(octets)}}, members...) // the other way round
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want := open(t, "x", sample())
	for kind, make := range containers() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			c, err := make(t, aaf.Limits{}, members...)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "ignored", c.Ignored, []string{"aaf/ficAlimMENESR.dtd"})
			exports, err := aaf.Open(context.Background(), c)
			if err != nil || len(exports) != len(want) {
				t.Fatal(len(exports), err)
			}
			for i, x := range exports {
				same(t, "records", read(t, x), read(t, want[i]))
			}
		})
	}
}

// What an archive must not hold refuses it whole, before anything of it is used.
func TestArchivesThatReachOutOfThemselvesAreRefused(t *testing.T) {
	t.Parallel()
	good := member{name: "ENT_X_Complet_20260901_Eleve_0000.xml", octets: file(add("1"))}
	for _, c := range []struct {
		what   string
		more   []member
		reason string
	}{
		{"a path upwards", []member{{name: "../ENT_X_Complet_20260901_Eleve_0001.xml"}}, "chemin refusé"},
		{"a path upwards in the middle", []member{{name: "a/../../b.xml"}}, "chemin refusé"},
		{"an absolute path", []member{{name: "/etc/passwd"}}, "chemin refusé"},
		{"a path of Windows", []member{{name: `a\b.xml`}}, "chemin refusé"},
		{"a drive", []member{{name: `C:/b.xml`}}, "chemin refusé"},
		{"a symbolic link", []member{{name: "lien.xml", octets: "/etc/passwd", kind: tar.TypeSymlink}}, "lien symbolique"},
		{"the same name", []member{good}, "nom en double"},
		{"the same name to some systems", []member{{name: strings.ToUpper(good.name), octets: good.octets}}, "nom en double"},
		{"the same chunk in other words", []member{{name: "ENT_X_Complet_20260901_Eleve_000.xml", octets: good.octets}}, "deux fichiers de même numéro"},
	} {
		for kind, make := range containers() {
			container, err := make(t, aaf.Limits{}, append([]member{good}, c.more...)...)
			if err == nil {
				_, err = aaf.Open(context.Background(), container)
			}
			if !errors.Is(err, aaf.ErrContainer) || !strings.Contains(err.Error(), c.reason) || !strings.Contains(err.Error(), " / ") {
				t.Errorf("%s in a %s: %v", c.what, kind, err)
			}
		}
	}
	for _, kind := range []byte{tar.TypeLink, tar.TypeFifo, tar.TypeChar} {
		if _, err := openTar(tarred(t, good, member{name: "x.xml", octets: good.name, kind: kind}), aaf.Limits{}); !errors.Is(err, aaf.ErrContainer) {
			t.Errorf("kind %c: %v", kind, err)
		}
	}
}

func TestWhatIsNoArchiveIsRefused(t *testing.T) {
	t.Parallel()
	good := member{name: "ENT_X_Complet_20260901_Eleve_0000.xml", octets: strings.Repeat(file(add("1")), 100)}
	tgz := gzipped(tarred(t, good))
	damaged := bytes.Clone(tgz)
	damaged[len(damaged)-6] ^= 1 // of the checksum
	for what, octets := range map[string][]byte{"nothing": {}, "text": []byte("Bonjour"), "half of one": tgz[:len(tgz)/2], "one that was changed": damaged,
		"gzip of text": gzipped([]byte("Bonjour, ceci n'est pas une archive."))} {
		if _, err := openTar(octets, aaf.Limits{}); !errors.Is(err, aaf.ErrContainer) {
			t.Errorf("tar, %s: %v", what, err)
		}
	}
	z := zipped(t, good)
	for what, octets := range map[string][]byte{"nothing": {}, "text": []byte("Bonjour"), "half of one": z[:len(z)/2]} {
		if _, err := openZip(octets, aaf.Limits{}); !errors.Is(err, aaf.ErrContainer) {
			t.Errorf("zip, %s: %v", what, err)
		}
	}
	for kind, make := range containers() {
		c, err := make(t, aaf.Limits{}, member{name: "lisez-moi.txt", octets: "Bonjour"})
		if err == nil {
			_, err = aaf.Open(context.Background(), c)
		}
		if !errors.Is(err, aaf.ErrContainer) || !strings.Contains(err.Error(), "aucun fichier") {
			t.Errorf("a %s without an export: %v", kind, err)
		}
		if c, err = make(t, aaf.Limits{}, member{name: "ENT2DVA.tgz", octets: string(tgz)}); err == nil {
			_, err = aaf.Open(context.Background(), c)
		}
		if !errors.Is(err, aaf.ErrContainer) || !strings.Contains(err.Error(), "mais une archive") {
			t.Errorf("a %s of an archive: %v", kind, err)
		}
	}
}

// Octets of a file in a zip that are damaged are a fault of that file.
func TestADamagedFileInAnArchiveIsToldAsOne(t *testing.T) {
	t.Parallel()
	name := "ENT_X_Complet_20260901_PersRelEleve_0000.xml"
	octets := file(add("1"), add("2"))
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Store, CRC32: crc32.ChecksumIEEE([]byte("autre chose")),
		CompressedSize64: uint64(len(octets)), UncompressedSize64: uint64(len(octets))})
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(f, octets) //nolint:errcheck // Close tells
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	c, err := openZip(b.Bytes(), aaf.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	exports, err := aaf.Open(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	var last error
	for _, last = range exports[0].Records(context.Background()) {
	}
	var failed *aaf.FileError
	if !errors.As(last, &failed) || failed.File != name || !strings.Contains(failed.Reason, "abîmée") {
		t.Errorf("it says %v", last)
	}
}

// Archives that become a thousand times what they are, or larger than is let, are refused before they fill anything.
func TestBombsAreRefused(t *testing.T) {
	t.Parallel()
	bomb := member{name: "ENT_X_Complet_20260901_Eleve_0000.xml", octets: strings.Repeat(" ", 30<<20)}
	some := make([]member, 20)
	for i := range some {
		some[i] = member{name: "f" + strings.Repeat("x", i), octets: "x"}
	}
	for kind, make := range containers() {
		if kind != "tar" { // which is not compressed
			if _, err := make(t, aaf.Limits{}, bomb); !errors.Is(err, aaf.ErrContainer) || !strings.Contains(err.Error(), "décompresse") {
				t.Errorf("ratio of a %s: %v", kind, err)
			}
		}
		if _, err := make(t, aaf.Limits{Ratio: 10_000, File: 20 << 20}, bomb); !errors.Is(err, aaf.ErrContainer) || !strings.Contains(err.Error(), "trop d'octets") {
			t.Errorf("a large file in a %s: %v", kind, err)
		}
		if _, err := make(t, aaf.Limits{Ratio: 10_000, Total: 20 << 20}, bomb); !errors.Is(err, aaf.ErrContainer) || !strings.Contains(err.Error(), "trop d'octets") {
			t.Errorf("a large %s: %v", kind, err)
		}
		if _, err := make(t, aaf.Limits{Entries: 19}, some...); !errors.Is(err, aaf.ErrContainer) || !strings.Contains(err.Error(), "plus de 19 fichiers") {
			t.Errorf("entries of a %s: %v", kind, err)
		}
	}
}

// The limit is of all files together, those that are no part of an export included where they have to be read.
func TestManyFilesAreTooLargeTogether(t *testing.T) {
	t.Parallel()
	half := strings.Repeat(" ", 600_000)
	lim := aaf.Limits{Total: 1_000_000}
	two := []member{{name: "ENT_X_Complet_20260901_Eleve_0000.xml", octets: half}, {name: "ENT_X_Complet_20260901_Eleve_0001.xml", octets: half}}
	for kind, make := range containers() {
		if _, err := make(t, lim, two...); !errors.Is(err, aaf.ErrContainer) || !strings.Contains(err.Error(), "trop d'octets") {
			t.Errorf("a %s: %v", kind, err)
		}
	}
	photos := []member{{name: "a.jpg", octets: half}, {name: "b.jpg", octets: half}, {name: "c.jpg", octets: half}}
	if _, err := openTar(tarred(t, photos...), lim); !errors.Is(err, aaf.ErrContainer) {
		t.Errorf("a tar of photos: %v", err)
	}
}

func TestAnEncryptedFileIsRefused(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	if _, err := w.CreateRaw(&zip.FileHeader{Name: "ENT_X_Complet_20260901_Eleve_0000.xml", Flags: 1}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := openZip(b.Bytes(), aaf.Limits{}); !errors.Is(err, aaf.ErrContainer) || !strings.Contains(err.Error(), "chiffré") {
		t.Errorf("it says %v", err)
	}
}

// Files that are none of the export are not even copied.
func TestOnlyWhatIsAnExportIsCopied(t *testing.T) {
	t.Parallel()
	s := &scratch{}
	octets := tarred(t, member{name: "photos.jpg", octets: strings.Repeat("x", 100_000)}, member{name: "__MACOSX/ENT_X_Complet_20260901_Eleve_0000.xml", octets: "x"},
		member{name: "sous/._ENT_X_Complet_20260901_Eleve_0000.xml", octets: "x"},
		member{name: "ENT_X_Complet_20260901_Eleve_0000.xml", octets: file()})
	c, err := aaf.Tar(context.Background(), "x", bytes.NewReader(octets), s, aaf.Limits{})
	if err != nil || s.Len() != len(file()) || len(c.Ignored) != 3 {
		t.Errorf("%d octets are copied, ignored %q, %v", s.Len(), c.Ignored, err)
	}
}

func TestCopyingAnArchiveStopsWithItsContextAndItsDisk(t *testing.T) {
	t.Parallel()
	octets := tarred(t, member{name: "ENT_X_Complet_20260901_Eleve_0000.xml", octets: file()})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := aaf.Tar(ctx, "x", bytes.NewReader(octets), &scratch{}, aaf.Limits{}); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of the context: %v", err)
	}
	if _, err := aaf.Tar(context.Background(), "x", bytes.NewReader(octets), full{}, aaf.Limits{}); !errors.Is(err, errFull) || errors.Is(err, aaf.ErrContainer) {
		t.Errorf("on a full disk: %v", err)
	}
}

var errFull = errors.New("no space left on device")

// full is a scratch on a full disk.
type full struct{}

func (full) Write([]byte) (int, error)         { return 0, errFull }
func (full) ReadAt([]byte, int64) (int, error) { return 0, io.EOF }

// A folder may hold links too, and is looked at as an archive is.
func TestALinkInAFolderIsRefused(t *testing.T) {
	t.Parallel()
	f := fstest.MapFS{"ENT_X_Complet_20260901_Eleve_0000.xml": {Data: []byte("/etc/passwd"), Mode: fs.ModeSymlink}}
	if _, err := aaf.Folder("x", f, aaf.Limits{}); !errors.Is(err, aaf.ErrContainer) {
		t.Errorf("it says %v", err)
	}
}
