package archtest

import (
	"errors"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Every outgoing connection of the program is egress's, but for those that mayDial gives a reason for.
func TestOnlyEgressReachesOut(t *testing.T) {
	t.Parallel()
	sources := programSources(t, "../..", "internal", "cmd")
	if len(sources) < 100 {
		t.Fatalf("%d files of the program were found: the test looks at the wrong place", len(sources))
	}
	for _, breach := range checkDialing(sources) {
		t.Error(breach)
	}
}

// programSources parses the Go files in some folders below root, without tests.
func programSources(t *testing.T, root string, folders ...string) (out []source) {
	t.Helper()
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if errors.Is(err, fs.ErrNotExist) { // an editor at work
				return nil
			}
			if err != nil {
				return err
			}
			name, err := filepath.Rel(root, path)
			out = append(out, source{filepath.ToSlash(name), file})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// TestTheScanCatchesWhoDialsByThemselves keeps the test above honest.
func TestTheScanCatchesWhoDialsByThemselves(t *testing.T) {
	t.Parallel()
	const through = ": connections go out through internal/egress"
	for _, c := range []struct {
		name, path, text string
		want             []string
	}{
		{"a plain dial", "internal/outbound/x.go", `import "net"; var _, _ = net.Dial("tcp", "x:25")`,
			[]string{"internal/outbound/x.go uses net.Dial" + through}},
		{"a dialer of one's own", "internal/outbound/deep/x.go", `import "net"; var d net.Dialer`,
			[]string{"internal/outbound/deep/x.go uses net.Dialer" + through}},
		{"under another name", "internal/mailbox/x.go", `import wire "net"; var d = new(wire.Dialer)`,
			[]string{"internal/mailbox/x.go uses net.Dialer" + through}},
		{"under no name", "internal/mailbox/x.go", `import . "net"; var d Dialer`,
			[]string{"internal/mailbox/x.go uses net.*" + through}},
		{"a package named otherwise than its path", "internal/outbound/x.go", `import "github.com/emersion/go-smtp"; var f = smtp.DialTLS`,
			[]string{"internal/outbound/x.go uses github.com/emersion/go-smtp.DialTLS" + through}},
		{"a package that is forbidden whole", "internal/outbound/x.go", `import "net/smtp"; var f = smtp.SendMail`,
			[]string{"internal/outbound/x.go uses net/smtp.SendMail" + through}},
		{"HTTP", "internal/roster/x.go", `import "net/http"; func f() { http.Get("http://x"); http.DefaultClient.Get("http://x") }`,
			[]string{"internal/roster/x.go uses net/http.DefaultClient" + through, "internal/roster/x.go uses net/http.Get" + through}},
		{"TLS", "internal/cli/x.go", `import "crypto/tls"; var _, _ = tls.Dial("tcp", "x:465", nil)`,
			[]string{"internal/cli/x.go uses crypto/tls.Dial" + through}},
		{"the DNS", "internal/smtpd/x.go", `import "net"; var _, _ = net.LookupMX("x.example")`,
			[]string{"internal/smtpd/x.go uses net.LookupMX" + through}},
		{"one of another room's permissions", "internal/node/x.go", `import "net"; var d net.Dialer`,
			[]string{"internal/node/x.go uses net.Dialer" + through}},
		{"a command", "cmd/navette/main.go", `import "net"; var _, _ = net.Dial("tcp", "x:25")`,
			[]string{"cmd/navette/main.go uses net.Dial" + through}},

		{"egress", "internal/egress/x.go", `import "net"; var d net.Dialer`, nil},
		{"test helpers", "internal/testkit/cut/x.go", `import "net"; var _, _ = net.Dial("tcp", "x:25")`, nil},
		{"a permission", "internal/admin/x.go", `import "net"; var d net.Dialer`, nil},
		{"who listens", "internal/imapd/x.go", `import "net"; var l net.ListenConfig; var _, _ = net.Listen("tcp", ":143")`, nil},
		{"a server's HTTP", "internal/opsd/x.go", `import "net/http"; var s http.Server`, nil},
		{"a connection that somebody opened", "internal/outbound/x.go", `import "github.com/emersion/go-smtp"; var f = smtp.NewClient`, nil},
		{"a field of that name", "internal/outbound/x.go", `var net struct{ Dial int }; var x = net.Dial`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			file, err := parser.ParseFile(token.NewFileSet(), c.path, "package p; "+c.text, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, breach := range checkDialing([]source{{c.path, file}}) {
				if !strings.Contains(breach, "no longer uses") {
					got = append(got, breach)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A permission that nobody needs any more is an open door.
func TestTheScanNamesPermissionsThatNobodyUses(t *testing.T) {
	t.Parallel()
	if got := checkDialing(nil); len(got) != len(mayDial) {
		t.Errorf("%d permissions, of which an empty house does not use %q", len(mayDial), got)
	}
}
