package imapd_test

import (
	"fmt"
	"regexp"
	"strconv"
	"testing"
)

var modSeqOf = regexp.MustCompile(`(?:MODSEQ \(?|HIGHESTMODSEQ )(\d+)`)

// modSeq is the mod-sequence in a line.
func modSeq(t *testing.T, line string) int {
	t.Helper()
	m := modSeqOf.FindStringSubmatch(line)
	if m == nil {
		t.Fatalf("no mod-sequence in %q", line)
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestCONDSTORE(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c := d.enter(t, 0)
	for range 3 {
		c.append("INBOX", "x")
	}
	c.run("SELECT INBOX (CONDSTORE)")
	at := modSeq(t, c.run("STATUS INBOX (HIGHESTMODSEQ)")[0])
	if first := modSeq(t, c.run("FETCH 3 MODSEQ")[0]); first != at {
		t.Errorf("the last change has %d, the mailbox %d", first, at)
	}
	c.talk(fmt.Sprintf(`
		C: a STORE 2 +FLAGS (\Flagged)
		S: * 2 FETCH (UID 2 FLAGS (\Flagged) MODSEQ (%[2]d))
		S: a OK stored
		C: b FETCH 1:3 FLAGS (CHANGEDSINCE %[1]d)
		S: * 2 FETCH (FLAGS (\Flagged) MODSEQ (%[2]d))
		S: b OK fetched
		C: c SEARCH MODSEQ %[2]d
		S: * SEARCH 2 (MODSEQ %[2]d)
		S: c OK searched
		C: d SEARCH RETURN (MIN) MODSEQ 1
		S: * ESEARCH (TAG "d") MIN 1 MODSEQ …
		S: d OK searched
		C: e STORE 1:3 (UNCHANGEDSINCE %[1]d) +FLAGS.SILENT (\Seen)
		S: * 1 FETCH (UID 1 MODSEQ (%[3]d))
		S: * 3 FETCH (UID 3 MODSEQ (%[4]d))
		S: e OK [MODIFIED 2] 1 changed meanwhile
		C: f UID STORE 2 (UNCHANGEDSINCE 0) FLAGS ()
		S: f OK [MODIFIED 2] 1 changed meanwhile
		C: g STORE 1 +FLAGS (\Seen)
		S: * 1 FETCH (UID 1 FLAGS (\Seen) MODSEQ (%[3]d))
		S: g OK stored`, at, at+1, at+2, at+3))
}

func TestCONDSTOREIsLearntFromItsCommands(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	for _, enabling := range []string{
		"ENABLE CONDSTORE", "STATUS INBOX (HIGHESTMODSEQ)", "FETCH 1 MODSEQ", "FETCH 1 FLAGS (CHANGEDSINCE 1)", "SEARCH MODSEQ 1",
		"STORE 1 (UNCHANGEDSINCE 9999) -FLAGS (\\Draft)",
	} {
		c := d.enter(t, 0)
		c.append("INBOX", "x")
		c.run("SELECT INBOX")
		if got := c.run(`STORE 1 FLAGS (\Seen)`)[0]; got != `* 1 FETCH (FLAGS (\Seen))` {
			t.Errorf("before %s: %s", enabling, got)
		}
		c.run(enabling)
		if got := c.run(`STORE 1 FLAGS ()`)[0]; !like(got, `* 1 FETCH (UID 1 FLAGS () MODSEQ (…))`) {
			t.Errorf("after %s: %s", enabling, got)
		}
		c.run("LOGOUT")
	}
}

// .SILENT hides what the client did, not what somebody else did to the same message before it.
func TestSilenceHidesOnlyOnesOwnChange(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c, other := d.enter(t, 0), d.enter(t, 0)
	c.append("INBOX", "x")
	c.append("INBOX", "y")
	c.run("SELECT INBOX")
	other.run("SELECT INBOX")
	other.run(`STORE 1 +FLAGS (\Flagged)`)
	c.talk(`
		C: a STORE 1 +FLAGS.SILENT (\Seen)
		S: * 1 FETCH (UID 1 FLAGS (\Seen \Flagged))
		S: a OK stored
		C: b STORE 1 +FLAGS.SILENT (\Draft \Deleted)
		S: b OK stored
		C: c STORE 1:2 +FLAGS.SILENT (\Draft)
		S: c OK stored
		C: d NOOP
		S: d OK done`)
	other.talk(`
		C: a NOOP
		S: * 1 FETCH (UID 1 FLAGS (\Seen \Flagged \Deleted \Draft))
		S: * 2 FETCH (UID 2 FLAGS (\Draft))
		S: a OK done`)
}
