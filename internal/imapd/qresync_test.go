package imapd_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"navette/internal/box"
)

func TestQRESYNC(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c, other := d.enter(t, 0), d.enter(t, 0)
	for range 6 {
		c.append("INBOX", "x")
	}
	other.run("SELECT INBOX")
	said := strings.Join(c.run("SELECT INBOX (CONDSTORE)"), "\n")
	validity := validityOf.FindStringSubmatch(said)[1]
	at := modSeq(t, said)
	c.talk(`
		C: a SELECT INBOX (QRESYNC (` + validity + ` 1))
		S: a BAD enable QRESYNC first
		C: b UID FETCH 1:* FLAGS (CHANGEDSINCE 1 VANISHED)
		S: b BAD …
		C: c ENABLE QRESYNC
		S: * ENABLED QRESYNC
		S: c OK enabled
		C: d UID FETCH 1:* FLAGS (VANISHED)
		S: d BAD …`)
	other.run(`UID STORE 2,5:6 +FLAGS (\Deleted)`)
	other.run("EXPUNGE")
	other.run(`UID STORE 3 +FLAGS (\Flagged)`)
	other.append("INBOX", "new")
	// From UID 2 to UID 6 there are three changes of flags and three removals; then UID 3 has at+7, UID 7 at+8.
	c.talk(fmt.Sprintf(`
		C: a FETCH 1 FLAGS
		S: * 1 FETCH (UID 1 FLAGS () MODSEQ (…))
		S: * 7 EXISTS
		S: * 3 FETCH (UID 3 FLAGS (\Flagged) MODSEQ (%[2]d))
		S: * OK [HIGHESTMODSEQ %[1]d] removals are still to be told
		S: a OK fetched
		C: b NOOP
		S: * VANISHED 2,5:6
		S: b OK done
		C: c UID FETCH 1:* FLAGS (CHANGEDSINCE %[1]d VANISHED)
		S: * VANISHED (EARLIER) 2,5:6
		S: * 2 FETCH (UID 3 FLAGS (\Flagged) MODSEQ (%[2]d))
		S: * 4 FETCH (UID 7 FLAGS () MODSEQ (%[3]d))
		S: c OK fetched
		C: d UID FETCH 1:4 FLAGS (CHANGEDSINCE %[1]d VANISHED)
		S: * VANISHED (EARLIER) 2
		S: * 2 FETCH (UID 3 FLAGS (\Flagged) MODSEQ (%[2]d))
		S: d OK fetched
		C: e SELECT INBOX (QRESYNC (%[4]s %[1]d 1:5 (1 1)))
		S: * OK [CLOSED] …
		S: * 4 EXISTS
		S: * 0 RECENT
		S: * OK [UNSEEN 1] …
		S: * FLAGS …
		S: * OK [PERMANENTFLAGS …] …
		S: * OK [UIDVALIDITY …] …
		S: * OK [UIDNEXT 8] …
		S: * OK [HIGHESTMODSEQ %[3]d] …
		S: * OK [MAILBOXID (m1)] …
		S: * VANISHED (EARLIER) 2,5
		S: * 2 FETCH (UID 3 FLAGS (\Flagged) MODSEQ (%[2]d))
		S: e OK [READ-WRITE] selected
		C: f STORE 1 +FLAGS.SILENT (\Deleted)
		S: * 1 FETCH (UID 1 MODSEQ (%[5]d))
		S: f OK stored
		C: g EXPUNGE
		S: * VANISHED 1
		S: g OK [HIGHESTMODSEQ %[6]d] expunged
		C: h UID MOVE 3 Archives
		S: * OK [COPYUID … 3 1] moved
		S: * VANISHED 3
		S: h OK [HIGHESTMODSEQ %[7]d] moved
		C: i UID COPY 7 Archives
		S: i OK [COPYUID … 7 2] copied
		C: j EXPUNGE
		S: j OK [HIGHESTMODSEQ %[7]d] expunged`, at, at+7, at+8, validity, at+9, at+10, at+12))
	// A UIDVALIDITY that is not the mailbox's makes it as if nothing was remembered.
	if said := strings.Join(c.run("SELECT INBOX (QRESYNC (7 1))"), "\n"); strings.Contains(said, "VANISHED") || strings.Contains(said, "FETCH") {
		t.Errorf("SELECT with another UIDVALIDITY says %s", said)
	}
	// Where the log does not reach back, all that ever was and is not there has vanished.
	d.exec(`UPDATE mailbox SET purge_floor = (SELECT modseq FROM account_state WHERE account_id = $1) WHERE account_id = $1`, d.accounts[0])
	if said := strings.Join(c.run(fmt.Sprintf("SELECT INBOX (QRESYNC (%s %d))", validity, at)), "\n"); !strings.Contains(said, "\n* VANISHED (EARLIER) 1:3,5:6\n") ||
		!strings.Contains(said, "* 2 FETCH (UID 7 FLAGS () MODSEQ") {
		t.Errorf("SELECT beyond the log says %s", said)
	}
}

// In a shared box a member resumes as in their own mailboxes.
func TestQRESYNCInASharedBox(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 2)
	id := d.open("vie.scolaire")
	d.share(id, 0, box.Member)
	d.share(id, 1, box.Member)
	d.Deliver(t, []byte(letter("one", "1")), id)
	d.Deliver(t, []byte(letter("two", "2")), id)
	c, other := d.enter(t, 0), d.enter(t, 1)
	name := `"` + shared + `vie.scolaire"`
	c.run("ENABLE QRESYNC")
	said := strings.Join(c.run("SELECT "+name), "\n")
	validity, at := validityOf.FindStringSubmatch(said)[1], modSeq(t, said)
	c.run("UNSELECT")
	other.run("SELECT " + name)
	other.run(`STORE 1 +FLAGS (\Answered)`)
	other.run("MOVE 2 INBOX")
	said = strings.Join(c.run(fmt.Sprintf("SELECT %s (QRESYNC (%s %d))", name, validity, at)), "\n")
	if want := fmt.Sprintf("\n* VANISHED (EARLIER) 2\n* 1 FETCH (UID 1 FLAGS (\\Answered) MODSEQ (%d))\n", at+1); !strings.Contains(said, want) {
		t.Errorf("SELECT says\n%s\nwithout %s", said, want)
	}
}

var earlierLine = regexp.MustCompile(`^\* VANISHED \(EARLIER\) ([0-9:,]+)$`)

// resume selects a mailbox that the device remembers and believes what it is told to have changed. It tells whether the
// memory was still good for that.
func (v *device) resume(name string, known *memory) (bool, error) {
	v.in, v.now, v.seen = "", picture{flag: map[int]string{}}, 0
	lines, err := v.do(fmt.Sprintf("SELECT %s (QRESYNC (%d %d))", name, known.validity, known.modseq))
	if err != nil {
		return false, err
	}
	said := strings.Join(lines, "\n")
	if !strings.Contains(said, fmt.Sprintf("[UIDVALIDITY %d]", known.validity)) {
		return false, nil
	}
	v.carried++
	for _, line := range lines {
		if x := earlierLine.FindStringSubmatch(line); x != nil {
			for _, uid := range numbersOf(x[1]) {
				delete(known.flag, uid)
			}
		}
	}
	if !v.place(known.flag) {
		v.t.Errorf("%s resumes %s, of which it knows %v, with %v", v.name, name, slices.Sorted(maps.Keys(known.flag)), v.now.uids)
		return false, nil
	}
	maps.Copy(known.flag, v.now.flag)
	highest, _ := strconv.Atoi(highestOf.FindStringSubmatch(said)[1])
	v.in, v.now.flag = name, known.flag
	known.modseq = max(known.modseq, highest)
	return true, nil
}

// place puts what is remembered, and was not told of anew, in its order among what was. Whatever is left at the end was
// there for a moment only: the device will hear that it is gone. It tells whether all has a place.
func (v *device) place(flag map[int]string) bool {
	for _, uid := range slices.Sorted(maps.Keys(flag)) {
		if slices.Contains(v.now.uids, uid) {
			continue
		}
		free := slices.Index(v.now.uids, 0)
		if free < 0 {
			return false
		}
		v.now.uids[free] = uid
	}
	told := slices.DeleteFunc(slices.Clone(v.now.uids), func(uid int) bool { return uid == 0 })
	return slices.IsSorted(told)
}

// hearHighest takes in what the server says that the device may remember of the selected mailbox.
func (v *device) hearHighest(line string) {
	if x := highestOf.FindStringSubmatch(line); v.quick && x != nil && strings.HasPrefix(line, "* OK [HIGHESTMODSEQ ") {
		v.seen, _ = strconv.Atoi(x[1])
	}
}
