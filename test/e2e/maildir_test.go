package e2e

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2/imapclient"
)

// maildirFolder is the name that a Maildir gives to a folder: as on the wire, in modified UTF-7 (RFC 3501 §5.1.3).
var maildirFolder = map[string]string{sent: "Envoy&AOk-s", junk: "Ind&AOk-sirables"}

func inMaildir(folder string) string {
	if name := maildirFolder[folder]; name != "" {
		return name
	}
	return folder
}

// letters are the flags of a Maildir, in its order.
var letters = []struct{ letter, flag string }{
	{"D", `\Draft`}, {"F", `\Flagged`}, {"R", `\Answered`}, {"S", `\Seen`}, {"T", `\Deleted`},
}

// comparable is a message without what a Maildir cannot keep or what its program adds: the order, the UID, keywords,
// CR, and the line by which mbsync finds its own messages again.
func comparable(letters, text string) string {
	return letters + "\n" + tuid.ReplaceAllString(strings.ReplaceAll(text, "\r\n", "\n"), "")
}

var tuid = regexp.MustCompile(`(?m)^X-TUID: .{12}\n`)

// inFolder is what a folder of the server holds, comparably, sorted.
func inFolder(tb testing.TB, c *imapclient.Client, folder string) []string {
	tb.Helper()
	var found []string
	for _, m := range list(tb, c, folder) {
		flags := ""
		for _, l := range letters {
			if strings.Contains(m.flags, l.flag) {
				flags += l.letter
			}
		}
		found = append(found, comparable(flags, m.bytes))
	}
	slices.Sort(found)
	return found
}

// inMaildirFolder is what a folder of a Maildir holds, comparably, sorted.
func inMaildirFolder(tb testing.TB, dir string) []string {
	tb.Helper()
	var found []string
	for _, path := range maildirFiles(tb, dir) {
		text, err := os.ReadFile(path)
		if err != nil {
			tb.Fatal(err)
		}
		_, flags, _ := strings.Cut(filepath.Base(path), ":2,")
		found = append(found, comparable(flags, string(text)))
	}
	slices.Sort(found)
	return found
}

// maildirFiles are the messages of a folder.
func maildirFiles(tb testing.TB, dir string) []string {
	tb.Helper()
	var paths []string
	for _, sub := range []string{"new", "cur"} {
		files, err := os.ReadDir(filepath.Join(dir, sub))
		if errors.Is(err, fs.ErrNotExist) {
			tb.Fatalf("the Maildir has no folder %s", dir)
		}
		if err != nil {
			tb.Fatal(err)
		}
		for _, f := range files {
			paths = append(paths, filepath.Join(dir, sub, f.Name()))
		}
	}
	return paths
}

// fileWith is the message of a Maildir's folder with a mark in it.
func fileWith(tb testing.TB, dir, mark string) string {
	tb.Helper()
	for _, path := range maildirFiles(tb, dir) {
		text, err := os.ReadFile(path)
		if err != nil {
			tb.Fatal(err)
		}
		if strings.Contains(string(text), mark) {
			return path
		}
	}
	tb.Fatalf("no message with %s in %s", mark, dir)
	return ""
}

// tree is every file below dir with its size, to tell whether anything was changed.
func tree(tb testing.TB, dir string) []string {
	tb.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		found = append(found, path+"\n"+string(text))
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return found
}
