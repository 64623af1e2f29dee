package e2e

import (
	"archive/tar"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
)

// testdata/demo-schema-0011.tar.zst is a demo of three agents as the program made it whose last migration was 0011. Its
// seen.tsv is what that program then showed over IMAP: login, mailbox, UIDVALIDITY, UID, flags, SHA-256 of BODY[].
func TestADatabaseOfAnEarlierSchemaKeepsItsMailAndItsPeople(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "demo")
	unpack(t, "testdata/demo-schema-0011.tar.zst", dir)
	d := ownDemo(t, options{dir: dir, agents: 3})

	var shown []string
	for _, a := range d.accounts {
		c := signIn(t, d, a)
		for _, folder := range folders {
			selected, err := c.Select(folder, nil).Wait()
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range list(t, c, folder) {
				shown = append(shown, fmt.Sprintf("%s\t%s\t%d\t%d\t%s\t%x", a.login, folder, selected.UIDValidity, m.uid, m.flags, sha256.Sum256([]byte(m.bytes))))
			}
		}
	}
	slices.Sort(shown)
	want := strings.Split(strings.TrimSpace(readFile(t, d.path("seen.tsv"))), "\n")
	slices.Sort(want)
	if diff := cmp.Diff(want, shown); diff != "" {
		t.Errorf("the mail is not what it was (-want +got):\n%s", tail(diff))
	}

	if out := navette(t, 0, "import", "hr", d.path("hr.csv"), "--dir", dir).stdout; !strings.Contains(out, "arrivées 0, modifications 0,") {
		t.Errorf("its own HR file again:\n%s", out)
	}
	for _, a := range d.accounts { // boxes that were made before anybody could own one
		if a.role != "head" {
			continue
		}
		if out := navette(t, 0, "box", "members", a.uai, "--dir", dir).stdout; !strings.HasPrefix(out, a.login+"\t") {
			t.Errorf("%s directs %s, whose box says\n%s", a.login, a.uai, out)
		}
	}
	if out := navette(t, 0, "check", "--deep", "--dir", dir).stdout; !strings.HasSuffix(out, "\nclean\n") {
		t.Errorf("navette check:\n%s", tail(out))
	}
}

// unpack writes the files of an archive into a folder that it makes.
func unpack(t *testing.T, archive, dir string) {
	t.Helper()
	f, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	plain, err := zstd.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	for files := tar.NewReader(plain); ; {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, filepath.Clean("/"+h.Name))
		if h.Typeflag == tar.TypeDir {
			err = os.MkdirAll(path, 0o700)
		} else {
			err = writeFrom(path, files, h.FileInfo().Mode().Perm())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func writeFrom(path string, r io.Reader, mode os.FileMode) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Close())
}
