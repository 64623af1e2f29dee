package imapd_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"navette/internal/mailbox"
	"navette/internal/testkit/stores"
)

const (
	resyncDevices = 4
	resyncRounds  = 6
	resyncSteps   = 25 // of each device in a round
)

// resyncBoxes are those that the devices keep.
var resyncBoxes = []string{"INBOX", "Archives"}

// TestDevicesThatAreCutComeBackToTheTruth lets several mail programs, which keep what they know from one connection to
// the next (RFC 7162 §6, RFC 4549), change the same mailboxes while mail arrives. Their connections are cut after some
// number of octets, in the middle of a command or of its answer. Whenever all pause, each comes back and must know
// exactly what there is, having asked for no more than what changed since the mod-sequence that it remembers. Every
// other device resumes with QRESYNC (qresync_test.go).
func TestDevicesThatAreCutComeBackToTheTruth(t *testing.T) {
	t.Parallel()
	for _, seed := range []uint64{1, 2} {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			stores.EachURL(t, func(t *testing.T, url string) { devicesAreCut(t, url, seed) })
		})
	}
}

func devicesAreCut(t *testing.T, url string, seed uint64) {
	d := newDoorAt(t, url, 1)
	devices := make([]*device, resyncDevices)
	for i := range devices {
		devices[i] = &device{door: d, t: t, name: fmt.Sprintf("device %d", i), random: rand.New(rand.NewPCG(seed, uint64(i))),
			boxes: map[string]*memory{}, quick: i%2 == 1}
		t.Cleanup(devices[i].leave)
	}
	for round := range resyncRounds {
		var all sync.WaitGroup
		for _, v := range devices {
			all.Go(func() { v.live(resyncSteps) })
		}
		for range 5 {
			d.Deliver(t, []byte(letter("arrived", "x")), d.accounts...)
		}
		all.Wait()
		if t.Failed() {
			return
		}
		for _, v := range devices {
			v.compare()
		}
		if round == resyncRounds/2 { // another mailbox of the same name: nothing remembered of the old one holds
			owner := d.enter(t, 0)
			for _, command := range []string{"CREATE Dossier", "RENAME Archives Vieux", "RENAME Dossier Archives", "LOGOUT"} {
				owner.run(command)
			}
		}
	}
	cuts, carried := 0, 0
	for _, v := range devices {
		cuts, carried = cuts+v.cuts, carried+v.carried
	}
	if cuts < resyncDevices || carried < resyncDevices {
		t.Errorf("%d cuts, %d returns to what was remembered: the test proved nothing", cuts, carried)
	}
}

// memory is what a device keeps of a mailbox while it is away.
type memory struct {
	validity int
	modseq   int // all changes up to it are known
	flag     map[int]string
}

// device is a mail program.
type device struct {
	door   *door
	t      *testing.T
	name   string
	random *rand.Rand
	boxes  map[string]*memory

	quick bool // it knows QRESYNC

	line  *client // nil while away
	cut   *cutConn
	tag   int
	in    string  // the mailbox that is selected, "" for none
	now   picture // of it; its flags are those of the memory
	found []int   // by the last UID SEARCH ALL; nil where it left one out
	seen  int     // highest mod-sequence heard in the command that runs

	cuts, carried int
}

// errCut is how a cut shows to the device.
var errCut = errors.New("the connection was cut")

// cutConn breaks after some octets, whichever way they go.
type cutConn struct {
	net.Conn
	left int
}

func (c *cutConn) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, errors.Join(errCut, c.Close())
	}
	n, err := c.Conn.Read(p[:min(len(p), c.left)])
	c.left -= n
	return n, err
}

func (c *cutConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p[:min(len(p), c.left)])
	if c.left -= n; err == nil && n < len(p) {
		err = errors.Join(errCut, c.Close())
	}
	return n, err
}

// patience is how many octets a connection without a cut may carry.
const patience = 1 << 30

// connect opens a connection that breaks after some octets.
func (v *device) connect(octets int) error {
	c := v.door.dial(v.t, v.door.plain)
	v.cut = &cutConn{Conn: c.conn, left: octets}
	c.conn, c.r = v.cut, bufio.NewReader(v.cut)
	v.line, v.in, v.now = c, "", picture{}
	if _, err := c.listen(); err != nil {
		return err
	}
	_, err := v.do("LOGIN " + v.door.login(0) + " " + password)
	if err == nil && v.quick {
		_, err = v.do("ENABLE QRESYNC")
	}
	return err
}

// leave drops the connection and keeps the memory.
func (v *device) leave() {
	if v.line != nil {
		v.line.conn.Close()
	}
	v.line, v.in = nil, ""
}

// refused is an answer other than OK.
type refused struct{ error }

var modSeqsOf = regexp.MustCompile(`MODSEQ \(?(\d+)`)

// do sends a command, takes in what comes, and returns all lines. Only the answer's end tells that every change up to
// the highest mod-sequence in it has been told.
func (v *device) do(command string) (lines []string, err error) {
	v.tag++
	tag := fmt.Sprintf("T%d ", v.tag)
	if _, err := v.line.conn.Write([]byte(tag + command + "\r\n")); err != nil {
		return nil, err
	}
	verb, _, _ := strings.Cut(command, " ")
	expunge := verb != "FETCH" && verb != "STORE" && verb != "SEARCH"
	for {
		line, err := v.line.listen()
		if err != nil {
			return lines, err
		}
		line = strings.TrimRight(line, "\r\n")
		lines = append(lines, line)
		if rest, last := strings.CutPrefix(line, tag); last {
			if !strings.HasPrefix(rest, "OK") {
				return lines, refused{fmt.Errorf("%s: %s", command, rest)}
			}
			v.hearHighest("* " + rest)
			return lines, nil
		}
		if m := modSeqsOf.FindStringSubmatch(line); m != nil && strings.Contains(line, " FETCH ") {
			n, _ := strconv.Atoi(m[1])
			v.seen = max(v.seen, n)
		}
		v.hearHighest(line)
		if uids, ok := strings.CutPrefix(line, "* SEARCH"); ok {
			v.hearSearch(uids)
		}
		if err := v.now.hear(line, expunge); err != nil {
			v.t.Errorf("%s %v", v.name, err)
			return lines, err
		}
	}
}

// work is do in a selected mailbox; afterwards the device asks for what it was told of but does not know.
func (v *device) work(command string) error {
	if _, err := v.do(command); err != nil {
		return err
	}
	if n := v.now.unlearnt(); n > 0 {
		if _, err := v.do(fmt.Sprintf("FETCH %d:* (UID FLAGS MODSEQ)", n)); err != nil {
			return err
		}
	}
	if v.now.unlearnt() == 0 {
		v.boxes[v.in].modseq = max(v.boxes[v.in].modseq, v.seen)
	}
	return nil
}

var (
	validityOf = regexp.MustCompile(`\[UIDVALIDITY (\d+)\]`)
	highestOf  = regexp.MustCompile(`\[HIGHESTMODSEQ (\d+)\]`)
	uidNextOf  = regexp.MustCompile(`\[UIDNEXT (\d+)\]`)
)

// enter selects a mailbox and brings the memory of it up to date.
func (v *device) enter(box string) error {
	if known := v.boxes[box]; v.quick && known != nil {
		if resumed, err := v.resume(box, known); resumed || err != nil {
			return err
		}
	}
	v.in, v.now, v.seen = "", picture{flag: map[int]string{}}, 0
	lines, err := v.do("SELECT " + box + " (CONDSTORE)")
	if err != nil {
		return err
	}
	said := func(what *regexp.Regexp) int {
		m := what.FindStringSubmatch(strings.Join(lines, "\n"))
		if m == nil {
			v.t.Errorf("%s: SELECT says no %v", v.name, what)
			return 0
		}
		n, _ := strconv.Atoi(m[1])
		return n
	}
	validity, highest, uidNext := said(validityOf), said(highestOf), said(uidNextOf)
	known := v.boxes[box]
	if known == nil || known.validity != validity {
		known = &memory{validity: validity, flag: map[int]string{}}
		v.boxes[box] = known
	} else {
		v.carried++
	}
	v.in, v.now.flag = box, known.flag
	if _, err := v.do(fmt.Sprintf("UID FETCH 1:* (FLAGS) (CHANGEDSINCE %d)", known.modseq)); err != nil {
		return err
	}
	if err := v.findGone(uidNext); err != nil {
		return err
	}
	known.modseq = max(known.modseq, highest)
	return nil
}

// findGone asks for all UIDs: what the device knows besides them is gone. All that stood there at SELECT, below
// uidNext, must be known by now.
func (v *device) findGone(uidNext int) error {
	for v.found = nil; v.found == nil; { // an answer without one that went in the meantime does not tell its place
		if _, err := v.do("UID SEARCH ALL"); err != nil {
			return err
		}
	}
	for _, uid := range v.found {
		if _, known := v.now.flag[uid]; !known && uid < uidNext && slices.Contains(v.now.uids, uid) {
			v.t.Errorf("%s was not told of UID %d, which is below %d", v.name, uid, uidNext)
		}
	}
	for uid := range v.now.flag {
		if !slices.Contains(v.now.uids, uid) {
			delete(v.now.flag, uid)
		}
	}
	return v.learnNew()
}

// hearSearch takes in the answer to UID SEARCH ALL, in which the n-th UID is that of the n-th message where it names
// them all.
func (v *device) hearSearch(uids string) {
	there := []int{}
	for field := range strings.FieldsSeq(uids) {
		uid, _ := strconv.Atoi(field)
		there = append(there, uid)
	}
	if len(there) == len(v.now.uids) {
		v.now.uids, v.found = there, slices.Clone(there)
	}
}

// learnNew asks for the flags of UIDs that are there and not known.
func (v *device) learnNew() error {
	var unknown []string
	for _, uid := range v.now.uids {
		if _, known := v.now.flag[uid]; !known && uid > 0 {
			unknown = append(unknown, strconv.Itoa(uid))
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	_, err := v.do("UID FETCH " + strings.Join(unknown, ",") + " (FLAGS)")
	return err
}

// live does some things, and comes back whenever its connection was cut.
func (v *device) live(steps int) {
	for range steps {
		err := v.step()
		var no refused
		switch {
		case err == nil:
		case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &no):
			v.t.Errorf("%s: %v", v.name, err)
			return
		default:
			v.cuts++
			v.leave()
		}
	}
}

func (v *device) step() error {
	if v.line == nil {
		return v.connect(200 + v.random.IntN(5000))
	}
	if v.in == "" || v.random.IntN(8) == 0 {
		return v.enter(resyncBoxes[v.random.IntN(len(resyncBoxes))])
	}
	v.seen = 0
	if len(v.now.uids) == 0 || v.now.unlearnt() > 0 {
		return v.work("NOOP")
	}
	uid := v.now.uids[v.random.IntN(len(v.now.uids))]
	pick := func(from ...string) string { return from[v.random.IntN(len(from))] }
	switch v.random.IntN(10) {
	case 0:
		return v.work("NOOP")
	case 1:
		return v.work("APPEND " + v.in + " {1+}\r\nx")
	case 2:
		return v.work(fmt.Sprintf("UID COPY %d %s", uid, pick(resyncBoxes...)))
	case 3:
		return v.work(fmt.Sprintf("UID MOVE %d %s", uid, pick(resyncBoxes...)))
	case 4:
		if err := v.work(fmt.Sprintf(`UID STORE %d +FLAGS (\Deleted)`, uid)); err != nil {
			return err
		}
		return v.work(fmt.Sprintf("UID EXPUNGE %d", uid))
	default:
		n := 1 + v.random.IntN(len(v.now.uids))
		return v.work(fmt.Sprintf("STORE %d:* %s (%s)", n, pick("FLAGS", "+FLAGS", "-FLAGS"), pick(`\Seen`, `\Flagged`, `$Forwarded`, "dossier")))
	}
}

// compare brings the device up to date, over a connection that holds, and compares all it knows with the service's truth.
func (v *device) compare() {
	v.t.Helper()
	if v.random.IntN(2) == 0 {
		v.leave()
	}
	if v.line == nil {
		if err := v.connect(patience); err != nil {
			v.t.Fatalf("%s: %v", v.name, err)
		}
	}
	v.cut.left = patience
	if v.in != "" { // what it hears without selecting again is the truth too
		if err := v.work("NOOP"); err != nil {
			v.t.Fatalf("%s: %v", v.name, err)
		}
		v.compareBox(v.in, v.door.nameOf(v.boxes[v.in].validity))
	}
	for _, box := range resyncBoxes {
		if err := v.enter(box); err != nil {
			v.t.Fatalf("%s: %v", v.name, err)
		}
		v.compareBox(box, box)
	}
	v.cut.left = 200 + v.random.IntN(5000)
}

// compareBox compares what the device knows under a name with the mailbox that is called so now: who has had it selected
// since before a RENAME sees what it was.
func (v *device) compareBox(box, now string) {
	v.t.Helper()
	truth, err := v.door.truth(v.t.Context(), now)
	if err != nil {
		v.t.Fatal(err)
	}
	got := v.boxes[box]
	if d := cmp.Diff(truth.flag, got.flag); d != "" || got.validity != truth.validity || got.modseq > truth.modseq {
		v.t.Fatalf("%s knows %s up to %d of %d, UIDVALIDITY %d for %d (-truth +known)\n%s", v.name, box, got.modseq, truth.modseq,
			got.validity, truth.validity, d)
	}
}

// truth is what the service says of a mailbox of the first account.
func (d *door) truth(ctx context.Context, box string) (memory, error) {
	m, err := d.Mailboxes.ByName(ctx, d.accounts[0], box)
	if err != nil {
		return memory{}, err
	}
	out := memory{validity: int(m.UIDValidity), modseq: int(m.Modseq), flag: map[int]string{}}
	every := []mailbox.UIDRange{{First: 1, Last: 1<<32 - 1}}
	err = d.Mailboxes.Fetch(ctx, d.accounts[0], m.ID, every, 0, func(items []mailbox.Item) error {
		for _, it := range items {
			out.flag[int(it.UID)] = flagText(it)
		}
		return nil
	})
	return out, err
}

// nameOf is what the first account's mailbox with a UIDVALIDITY is called.
func (d *door) nameOf(validity int) string {
	d.t.Helper()
	boxes, _, err := d.Mailboxes.List(d.t.Context(), d.accounts[0])
	if err != nil {
		d.t.Fatal(err)
	}
	for _, b := range boxes {
		if int(b.UIDValidity) == validity {
			return b.Name
		}
	}
	d.t.Fatalf("no mailbox has UIDVALIDITY %d", validity)
	return ""
}

// flagText names the flags that the devices use, in the order in which the server names them.
func flagText(it mailbox.Item) string {
	var names []string
	for _, f := range []struct {
		bit  mailbox.Flags
		name string
	}{{mailbox.Seen, `\Seen`}, {mailbox.Flagged, `\Flagged`}, {mailbox.Deleted, `\Deleted`}, {mailbox.Forwarded, "$Forwarded"}} {
		if it.Flags&f.bit != 0 {
			names = append(names, f.name)
		}
	}
	return strings.Join(append(names, it.Keywords...), " ")
}
