package imapd

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"navette/internal/failure"
	"navette/internal/imap"
)

func TestFailuresBecomeCodes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want reply
	}{
		{failure.New(failure.Permanent, "Boîte « usée »"), no(imap.CodeCannot, "Boite ? usee ?")},
		{failure.New(failure.Policy, "p"), no(imap.CodeNoPerm, "p")},
		{failure.New(failure.Quota, "q"), no(imap.CodeOverQuota, "q")},
		{failure.New(failure.Conflict, "c"), no(imap.CodeAlreadyExists, "c")},
		{failure.New(failure.NotFound, "n"), no(imap.CodeNonExistent, "n")},
		{failure.New(failure.Denied, "d"), no(imap.CodeAuthFailed, "d")},
		{fmt.Errorf("append: %w", failure.Wrap(failure.Quota, errors.New("cause"), "q")), no(imap.CodeOverQuota, "q")},
	} {
		if got := answerOf(c.err); got != c.want {
			t.Errorf("%v: %+v, not %+v", c.err, got, c.want)
		}
	}
	for _, err := range []error{errors.New("disk on fire"), failure.New(failure.Temporary, "t"), failure.New(failure.CommitUnknown, "u")} {
		if got := answerOf(err); got.condition != imap.NO || got.code != imap.CodeUnavailable || strings.Contains(got.text, "fire") {
			t.Errorf("%v: %+v", err, got)
		}
	}
}

// A pattern matches what the regular expression of the same meaning matches.
func TestPatternsMatch(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		pattern := rapid.StringOfN(rapid.RuneFrom([]rune("ab/*%.")), 0, 8, -1).Draw(t, "pattern")
		name := rapid.StringOfN(rapid.RuneFrom([]rune("ab/.")), 0, 10, -1).Draw(t, "name")
		exp := strings.NewReplacer(`\*`, ".*", "%", "[^/]*").Replace(regexp.QuoteMeta(pattern))
		if got, want := matchPattern(pattern, name), regexp.MustCompile("^"+exp+"$").MatchString(name); got != want {
			t.Fatalf("%q matches %q: %v", pattern, name, got)
		}
	})
	for pattern, name := range map[string]string{"inbox": "INBOX", "Inbox/%": "INBOX/a", "inb*": "inbox2"} {
		if !matchPattern(pattern, name) {
			t.Errorf("%q does not match %q", pattern, name)
		}
	}
	if matchPattern("inbox2", "INBOX2") {
		t.Error("a name other than INBOX lost its case")
	}
}

func TestPartsMakeUpTheSet(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var set imap.NumSet
		for range rapid.IntRange(0, 5).Draw(t, "ranges") {
			set = append(set, imap.Range{First: rapid.Uint32Range(1, 60).Draw(t, "first"), Last: rapid.Uint32Range(1, 60).Draw(t, "last")})
		}
		set = set.Bounded(60)
		size := rapid.IntRange(1, 10).Draw(t, "size")
		var joined imap.NumSet
		n := 0
		for part := range parts(set, size) {
			if n++; part.Len() > size || part.Len() < size && joined.Len()+part.Len() < set.Len() {
				t.Fatalf("part %d of %v has %d numbers", n, set, part.Len())
			}
			joined = append(joined, part...)
		}
		if diff := cmp.Diff(set, joined.Bounded(60)); diff != "" {
			t.Fatal(diff)
		}
	})
}
