package imapd_test

import (
	"strings"
	"testing"

	"navette/internal/box"
	"navette/internal/mailbox"
)

// Invariant 9: what was open when a role is taken away gives nothing more.
func TestTheNextCommandAfterAWithdrawalFails(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"FETCH 1 BODY[]", "NOOP", "UID SEARCH ALL", `STORE 1 +FLAGS (\Seen)`, "COPY 1 INBOX", "MOVE 1 INBOX", "CLOSE",
		"EXPUNGE", "LIST \"\" INBOX", "IDLE", "APPEND INBOX {1}", "CHECK"} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			d := newDoor(t, 3)
			id := d.openFor()
			d.Deliver(t, []byte(letter("one", "1")), id)
			c := d.enter(t, member)
			c.run(`SELECT "` + shared + `vie.scolaire"`)
			d.share(id, member, "")
			d.Deliver(t, []byte(letter("two", "2")), id)
			c.talk("C: a " + command + "\nS: * BYE Cette boite ne vous est plus ouverte (the selected mailbox is no longer shared with you)")
			c.ended()
		})
	}
	for _, command := range []string{"UNSELECT", "SELECT INBOX", "LOGOUT"} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			d := newDoor(t, 3)
			id := d.openFor()
			c := d.enter(t, member)
			c.run(`SELECT "` + shared + `vie.scolaire"`)
			d.share(id, member, "")
			c.run(command)
		})
	}
}

// A FETCH that takes long ends between two of its batches when the box is closed meanwhile.
func TestAWithdrawalEndsALongFETCH(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 3)
	id := d.openFor()
	d.Deliver(t, []byte(letter("one", strings.Repeat("x", 60<<10))), id)
	c := d.enter(t, member)
	c.run(`SELECT "` + shared + `vie.scolaire"`)
	for have := 1; have < 1200; have *= 2 {
		c.run(`COPY 1:* "` + shared + `vie.scolaire"`)
	}
	c.send("a FETCH 1:* BODY.PEEK[]\r\n")
	c.line() // the answer has begun, and is far more than buffers between here and there hold
	d.share(id, member, "")
	answered := 1
	for {
		line := c.line()
		if strings.HasPrefix(line, "* BYE ") {
			break
		}
		if strings.HasPrefix(line, "a ") {
			t.Fatalf("the whole answer came: %s", line)
		}
		if strings.Contains(line, " FETCH (BODY[]") {
			answered++
		}
	}
	if answered%mailbox.FetchBatch != 0 {
		t.Errorf("%d messages were answered", answered)
	}
}

// Who waits in IDLE is told of the withdrawal as it happens, and of nothing that happens after it.
func TestAWithdrawalEndsIDLE(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 3)
	id := d.openFor()
	c := d.enter(t, member)
	c.run(`SELECT "` + shared + `vie.scolaire"`)
	c.talk(`
		C: a IDLE
		S: + idling`)
	d.share(id, member, "")
	c.talk(`S: * BYE Cette boite ne vous est plus ouverte …`)
	c.ended()
}

// A member who becomes a reader while a mailbox is selected changes nothing more in it.
func TestALowerRoleHoldsFromTheNextCommandOn(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 3)
	id := d.openFor()
	d.Deliver(t, []byte(letter("one", "1")), id)
	c := d.enter(t, member)
	c.run(`SELECT "` + shared + `vie.scolaire"`)
	c.run(`STORE 1 +FLAGS.SILENT (\Deleted)`)
	d.share(id, member, box.Reader)
	c.talk(`
		C: a STORE 1 -FLAGS (\Deleted)
		S: a NO [NOPERM] …
		C: b FETCH 1 BODY[TEXT]
		S: * 1 FETCH (BODY[TEXT] {3}
		S: 1
		S: )
		S: b OK fetched
		C: c EXPUNGE
		S: c NO [NOPERM] …
		C: d CLOSE
		S: d OK closed
		C: e STATUS "` + shared + `vie.scolaire" (MESSAGES UNSEEN)
		S: * STATUS "` + shared + `vie.scolaire" (MESSAGES 1 UNSEEN 1)
		S: e OK done`)
}

// A person who is suspended, and a box that is, open nothing.
func TestASuspendedMemberIsSentAway(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 3)
	d.openFor()
	c := d.enter(t, member)
	c.run(`SELECT "` + shared + `vie.scolaire"`)
	if err := d.ident.Suspend(t.Context(), by(), d.accounts[member]); err != nil {
		t.Fatal(err)
	}
	c.talk(`S: * BYE [EXPIRED] …`)
	c.ended()
}
