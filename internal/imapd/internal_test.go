package imapd

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"navette/internal/box"
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
	// What begins a name is what matches it with something behind.
	rapid.Check(t, func(t *rapid.T) {
		pattern := rapid.StringOfN(rapid.RuneFrom([]rune("ab/*%")), 1, 8, -1).Draw(t, "pattern")
		head := rapid.StringOfN(rapid.RuneFrom([]rune("ab/")), 0, 5, -1).Draw(t, "head")
		for k := range len(pattern) + 1 {
			tail := strings.NewReplacer("*", "", "%", "").Replace(pattern[k:])
			if _, begins := match(pattern, head); !begins && matchPattern(pattern, head+tail) {
				t.Fatalf("%q matches %q and is said not to match anything that begins with %q", pattern, head+tail, head)
			}
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

// RFC 4314: every role has its rights, and no other set is one.
func TestRightsAreRoles(t *testing.T) {
	t.Parallel()
	for _, role := range []box.Role{"", box.Reader, box.Member, box.Owner} {
		if got, is := rightsOf(role).role(); got != role || !is {
			t.Errorf("the rights of %q are those of %q", role, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		letters := rapid.StringOfN(rapid.RuneFrom([]rune(string(ownerRights))), 0, 12, -1)
		had, err := parseRights(letters.Draw(t, "had"))
		if err != nil {
			t.Fatal(err)
		}
		by, _ := parseRights(letters.Draw(t, "by"))
		added, taken := had.changed(imap.StoreAdd, by), had.changed(imap.StoreRemove, by)
		for _, c := range string(ownerRights) {
			one := rights(c)
			if added.include(one) != (had.include(one) || by.include(one)) || taken.include(one) != (had.include(one) && !by.include(one)) {
				t.Fatalf("%q and %q make %q and %q", had, by, added, taken)
			}
		}
		if role, is := added.role(); is && len(rightsOf(role)) != len(added) {
			t.Fatalf("%q is taken for the role %q", added, role)
		}
	})
	for text, want := range map[string]rights{"cd": "kxte", "dlr": "telr", "kc": "kx", "": ""} {
		if got, err := parseRights(text); got != want || err != nil {
			t.Errorf("%q is read as %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"p", "lrz", "0"} {
		if got, err := parseRights(text); err == nil {
			t.Errorf("%q is read as %q", text, got)
		}
	}
}

func TestNamesOfBoxesAreTakenApart(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][3]string{
		"Boîtes partagées":                       {"", "INBOX", "shared"},
		"Boîtes partagées/":                      {"", "INBOX", "shared"},
		"Boîtes partagées/ce.0750001a":           {"ce.0750001a", "INBOX", "shared"},
		"Boîtes partagées/ce.0750001a/A/B":       {"ce.0750001a", "A/B", "shared"},
		"Boi\u0302tes partage\u0301es/dsi/INBOX": {"dsi", "INBOX", "shared"},
		"Boîtes partagées2/dsi":                  {},
		"INBOX/Boîtes partagées/dsi":             {},
		"":                                       {},
	} {
		login, rest, is := splitShared(name)
		got := [3]string{login, rest}
		if is {
			got[2] = "shared"
		}
		if got != want {
			t.Errorf("%q is taken apart as %q, want %q", name, got, want)
		}
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
