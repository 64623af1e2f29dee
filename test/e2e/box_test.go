package e2e

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"navette/internal/testkit/peer"
)

// Functional boxes, opened by several people at once with programs that we did not write.

// sharedRoot is the level below which a member finds the boxes.
const sharedRoot = "Boîtes partagées"

// box is a functional box of a demo.
type box struct {
	d     *demo
	login string
}

// newBox makes a box that this test alone uses.
func newBox(t *testing.T, d *demo, mark string) box {
	t.Helper()
	b := box{d, "service." + strings.ToLower(mark)}
	navette(t, 0, "box", "create", b.login, "--display", "Service essai", "--reason", "essai", "--dir", d.dir)
	return b
}

// admit lets somebody open the box.
func (b box) admit(t *testing.T, a account, role string) {
	t.Helper()
	navette(t, 0, "box", "add", b.login, a.login, "--role", role, "--reason", "essai", "--dir", b.d.dir)
}

// dismiss takes that away.
func (b box) dismiss(t *testing.T, a account) {
	t.Helper()
	navette(t, 0, "box", "remove", b.login, a.login, "--reason", "essai", "--dir", b.d.dir)
}

func (b box) address() string { return b.login + "@ac-paris.example" }

// folder is the name of one of its mailboxes; "" for what it receives.
func (b box) folder(name string) string {
	return strings.TrimSuffix(sharedRoot+"/"+b.login+"/"+name, "/")
}

// inMbsync is the folder of a Maildir that holds it.
func (b box) inMbsync(m mbsync, name string) string {
	return filepath.Join(m.near, "Bo&AO4-tes partag&AOk-es", b.login, name)
}

// arrive has mail come into the box and returns its marks.
func (b box) arrive(t *testing.T, c *imapclient.Client, mark func() string, n int) []string {
	t.Helper()
	marks := make([]string, n)
	for i := range marks {
		marks[i] = mark()
		deliver(t, b.d, letter(marks[i]), b.address())
		awaitMessage(t, c, b.folder(""), marks[i])
	}
	return marks
}

// synchroniseAtOnce runs the programs of several members beside each other.
func synchroniseAtOnce(t *testing.T, members ...mbsync) {
	t.Helper()
	running := make([]*process, len(members))
	for i, m := range members {
		cmd := exec.Command(m.path, "-c", m.config, "--all")
		cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
		p, err := startProcess(cmd)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = p.kill() })
		running[i] = p
	}
	for _, p := range running {
		await(t, "the end of mbsync", func() bool { return isClosed(p.ended) })
		if p.err != nil {
			t.Errorf("mbsync: %v\n%s", p.err, tail(p.stderr.String()))
		}
	}
}

// relabel gives the file of a message in a Maildir other flags.
func relabel(t *testing.T, dir, mark, letters string) error {
	t.Helper()
	path := fileWith(t, dir, mark)
	name, _, _ := strings.Cut(filepath.Base(path), ":2,")
	return os.Rename(path, filepath.Join(dir, "cur", name+":2,"+letters))
}

// Two members keep a box on their own machines. Each reads, answers, deletes and files there, and mail comes, while both
// synchronise at the same time: nothing is lost or there twice, and both end with what the box has.
func TestTwoMembersSynchroniseABoxAtOnce(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, d *demo) {
		mark := marks(t)
		b, marie, paul := newBox(t, d, mark()), d.takeSpare(t), d.takeSpare(t)
		b.admit(t, marie, "owner")
		b.admit(t, paul, "member")
		c := signIn(t, d, paul)
		m := b.arrive(t, c, mark, 6)
		read, flagged, answered, deleted, deletedThere, kept := m[0], m[1], m[2], m[3], m[4], m[5]
		hers, his := newMbsync(t, d, marie, "imaps", "IMAPS"), newMbsync(t, d, paul, "imap", "STARTTLS")
		synchroniseAtOnce(t, hers, his)

		filed, sentBack, fresh := mark(), mark(), mark()
		write := func(dir, mark string) error {
			return os.WriteFile(filepath.Join(dir, "cur", "1."+mark+".client.example:2,S"), []byte(strings.ReplaceAll(letter(mark), "\r\n", "\n")), 0o600)
		}
		atHers, atHis := b.inMbsync(hers, ""), b.inMbsync(his, "")
		if err := errors.Join(
			relabel(t, atHers, read, "S"), relabel(t, atHers, answered, "RS"), os.Remove(fileWith(t, atHers, deleted)),
			write(b.inMbsync(hers, archive), filed),
			relabel(t, atHis, flagged, "F"), os.Remove(fileWith(t, atHis, deletedThere)), write(b.inMbsync(his, "Envoy&AOk-s"), sentBack),
		); err != nil {
			t.Fatal(err)
		}
		deliver(t, d, letter(fresh), b.address())
		awaitMessage(t, c, b.folder(""), fresh)
		for range 2 {
			synchroniseAtOnce(t, hers, his)
		}

		for mark, want := range map[string]string{read: `\Seen`, flagged: `\Flagged`, answered: `\Answered \Seen`, kept: "", fresh: ""} {
			if got := awaitMessage(t, c, b.folder(""), mark).flags; got != want {
				t.Errorf("the flags of %s are %q, want %q", mark, got, want)
			}
		}
		for _, x := range []struct {
			mark, folder string
			times        int
		}{{deleted, "", 0}, {deletedThere, "", 0}, {kept, "", 1}, {fresh, "", 1}, {filed, archive, 1}, {sentBack, sent, 1}} {
			if n := count(t, c, b.folder(x.folder), x.mark); n != x.times {
				t.Errorf("%s is %d times in %s, want %d", x.mark, n, b.folder(x.folder), x.times)
			}
		}
		b.wantSame(t, c, hers, "")
		b.wantSame(t, c, his, "")
		b.wantSame(t, c, hers, sent)
		b.wantSame(t, c, his, archive)
		// Nothing is left to do, for either.
		before := tree(t, hers.near)
		synchroniseAtOnce(t, hers, his)
		if after := tree(t, hers.near); fmt.Sprint(before) != fmt.Sprint(after) {
			t.Error("another run changed the Maildir")
		}
	})
}

// wantSame holds that a member's Maildir has what the box has.
func (b box) wantSame(t *testing.T, c *imapclient.Client, m mbsync, name string) {
	t.Helper()
	there, here := inFolder(t, c, b.folder(name)), inMaildirFolder(t, b.inMbsync(m, inMaildir(name)))
	if fmt.Sprint(there) != fmt.Sprint(here) {
		t.Errorf("%s is not the same on both sides: %d messages there, %d here", b.folder(name), len(there), len(here))
	}
}

// A reader gets the mail of the box and changes nothing of it, whatever their program tries.
func TestAReaderSynchronisesAndChangesNothing(t *testing.T) {
	t.Parallel()
	d := shared.get(t, "sqlite")
	mark := marks(t)
	b, owner, reader := newBox(t, d, mark()), d.takeSpare(t), d.takeSpare(t)
	b.admit(t, owner, "owner")
	b.admit(t, reader, "reader")
	c := signIn(t, d, owner)
	m := b.arrive(t, c, mark, 3)
	his := newMbsync(t, d, reader, "imaps", "IMAPS")
	synchroniseAtOnce(t, his)
	b.wantSame(t, c, his, "")
	near := b.inMbsync(his, "")
	before := fmt.Sprint(list(t, c, b.folder("")), list(t, c, b.folder(archive)))
	if err := errors.Join(relabel(t, near, m[0], "S"), os.Remove(fileWith(t, near, m[1])),
		os.WriteFile(filepath.Join(b.inMbsync(his, archive), "cur", "1.essai.client.example:2,S"), []byte("Subject: x\n\nx\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	try(t, command{path: his.path, args: []string{"-c", his.config, "--all"}}) // it may well complain
	if after := fmt.Sprint(list(t, c, b.folder("")), list(t, c, b.folder(archive))); after != before {
		t.Errorf("a reader changed the box:\n%s\nwas\n%s", after, before)
	}
	// Dismissed, they find the box no more, and what is their own is as it was.
	b.dismiss(t, reader)
	other := signIn(t, d, reader)
	if _, err := other.Select(b.folder(""), nil).Wait(); err == nil || !strings.Contains(err.Error(), "NONEXISTENT") {
		t.Errorf("who was dismissed opens the box: %v", err)
	}
	if boxes, err := other.List("", b.folder("")+"*", nil).Collect(); err != nil || len(boxes) != 0 {
		t.Errorf("who was dismissed is shown %v (%v)", boxes, err)
	}
}

func TestImaplibSharesABox(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, d *demo) {
		mark := marks(t)
		b, owner, member, reader := newBox(t, d, mark()), d.takeSpare(t), d.takeSpare(t), d.takeSpare(t)
		b.admit(t, owner, "owner")
		b.arrive(t, signIn(t, d, owner), mark, 1)
		python(t, "imaplib_box.py", pythonTask{Port: d.ports["imaps"], CA: d.ca(), Login: owner.login, Password: owner.password,
			Folder: "Bo&AO4-tes partag&AOk-es/" + b.login, To: []string{member.login, member.password, reader.login, reader.password}})
	})
}

// One member works in Thunderbird while another works with another program: each finds what the other did, and the
// box's folders do not take the place of one's own.
func TestThunderbirdSharesABox(t *testing.T) {
	t.Parallel()
	path, err := exec.LookPath("thunderbird")
	if err != nil {
		t.Skip("peer missing: thunderbird: run test/install --with thunderbird as root on Debian")
	}
	t.Logf("peer: thunderbird %s", peer.Version(t.Context(), path))
	d := shared.get(t, "sqlite")
	mark := marks(t)
	b, marie, paul := newBox(t, d, mark()), d.takeSpare(t), d.takeSpare(t)
	b.admit(t, marie, "member")
	b.admit(t, paul, "member")
	c := signIn(t, d, paul)
	m := b.arrive(t, c, mark, 3)
	readHere, movedHere, answeredThere := m[0], m[1], m[2]
	own := mark()
	deliver(t, d, letter(own), marie.address)
	awaitMessage(t, signIn(t, d, marie), inbox, own)

	tb := startThunderbird(t, path)
	var got struct{ Folders map[string]string }
	tb.script(t, "thunderbird_box.js", &got, authority(t, d), marie.login, marie.password, marie.address, d.port("imaps"), b.login, readHere, movedHere, own)
	for use, want := range ownUses {
		if got.Folders[use] != want {
			t.Errorf("%s is the folder %q, want %q, one's own", use, got.Folders[use], want)
		}
	}
	await(t, "the mark of what was read", func() bool { return awaitMessage(t, c, b.folder(""), readHere).flags == `\Seen` })
	for _, x := range []struct{ mark, folder string }{{movedHere, archive}, {own, ""}} {
		await(t, "a message", func() bool { return live(t, c, b.folder(x.folder), x.mark) == 1 })
	}
	await(t, "the message that was moved to be gone", func() bool { return live(t, c, b.folder(""), movedHere) == 0 })
	change(t, c, b.folder(""), answeredThere, imap.FlagAnswered)
	tb.script(t, "thunderbird_box_wait.js", &struct{}{}, b.login, answeredThere)
}
