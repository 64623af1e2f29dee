package imapd_test

import (
	"strings"
	"testing"
	"time"

	"navette/internal/imapd"
)

func TestIDLE(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 2)
	c, other := d.selected(t, 0), d.selected(t, 0)
	stranger := d.selected(t, 1)
	stranger.talk(`
		C: a IDLE
		S: + idling`)
	c.talk(`
		C: a IDLE
		S: + idling`)
	d.Deliver(t, []byte(letter("one", "1")), d.accounts[0])
	c.talk(`S: * 1 EXISTS`)
	other.talk(`
		C: b NOOP
		S: * 1 EXISTS
		S: b OK done
		C: c STORE 1 +FLAGS ($Forwarded \Deleted)
		S: * 1 FETCH (FLAGS (\Deleted $Forwarded))
		S: c OK stored`)
	c.talk(`S: * 1 FETCH (UID 1 FLAGS (\Deleted $Forwarded))`)
	other.talk(`
		C: d EXPUNGE
		S: * 1 EXPUNGE
		S: d OK expunged`)
	c.talk(`
		S: * 1 EXPUNGE
		C: DONE
		S: a OK done
		C: b NOOP
		S: b OK done
		C: c IDLE
		S: + idling
		C: NOOP
		S: c BAD IDLE ends with DONE
		C: d FETCH 1 FLAGS
		S: d BAD the mailbox has no message of that number`)
	stranger.talk(`
		C: DONE
		S: a OK done`)
}

// What happened before IDLE, and what was pipelined with it, is told.
func TestIDLETellsWhatHappenedBefore(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c := d.selected(t, 0)
	d.Deliver(t, []byte(letter("one", "1")), d.accounts[0])
	c.talk(`
		C: a IDLE
		S: + idling
		S: * 1 EXISTS`)
	c.send("DONE\r\nb NOOP\r\nc IDLE\r\nDONE\r\n")
	c.talk(`
		S: a OK done
		S: b OK done
		S: + idling
		S: c OK done`)
}

// IDLE goes on where no mailbox is selected, and when a connection has been made small.
func TestIDLELastsThroughSilence(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1, func(l *imapd.Limits) { l.SettleTime = time.Millisecond })
	c := d.enter(t, 0)
	c.talk(`
		C: a IDLE
		S: + idling
		C: DONE
		S: a OK done`)
	c.run("SELECT INBOX")
	c.talk(`
		C: b IDLE
		S: + idling`)
	for range 20 {
		d.Deliver(t, []byte(letter("one", "1")), d.accounts[0])
		c.talk(`S: * … EXISTS`)
	}
}

// Invariant 6: suspension and a new password end what is open, idle or not.
func TestRevocationEndsConnections(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 2)
	idle, busy, bystander := d.selected(t, 0), d.selected(t, 0), d.selected(t, 1)
	idle.talk(`
		C: a IDLE
		S: + idling`)
	if err := d.ident.Suspend(t.Context(), by(), d.accounts[0]); err != nil {
		t.Fatal(err)
	}
	for _, c := range []*client{idle, busy} {
		c.talk(`S: * BYE [EXPIRED] …`)
		c.ended()
	}
	bystander.run("NOOP")
	d.dial(t, d.plain).talk(`
		S: * OK …
		C: a LOGIN ` + d.login(0) + ` ` + password + `
		S: a NO [AUTHENTICATIONFAILED] …`)
	if err := d.ident.SetPassword(t.Context(), by(), d.accounts[1], "Une-autre-phrase-de-passe-1"); err != nil {
		t.Fatal(err)
	}
	bystander.talk(`S: * BYE [EXPIRED] …`)
	bystander.ended()
}

// Invariants 1, 2 and 6: clients that do not read, more of them than the store has readers, hold nobody up, and a
// revocation cuts them in the middle of a word.
func TestClientsThatDoNotReadHoldNobody(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c := d.selected(t, 0)
	c.append("INBOX", letter("large", strings.Repeat("0123456789abcdef", 1<<20)))
	for range 6 {
		deaf := d.selected(t, 0)
		deaf.talk(`
			C: a FETCH 1 BODY.PEEK[]
			S: * 1 FETCH (BODY[] {…}`)
	}
	for range 10 {
		c.append("INBOX", letter("small", "x"))
		c.run(`STORE 1 +FLAGS (\Flagged)`)
		c.run(`FETCH 1:* (FLAGS ENVELOPE)`)
		c.run(`STORE 1 -FLAGS (\Flagged)`)
	}
	if err := d.ident.Suspend(t.Context(), by(), d.accounts[0]); err != nil {
		t.Fatal(err)
	}
	c.talk(`S: * BYE [EXPIRED] …`)
	if err := d.srv.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := d.srv.Connections(); n != 0 {
		t.Errorf("%d connections are left", n)
	}
}

func TestShutdownSaysBye(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	idle, waiting, early := d.selected(t, 0), d.selected(t, 0), d.dial(t, d.plain)
	early.line()
	idle.talk(`
		C: a IDLE
		S: + idling`)
	if err := d.srv.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []*client{idle, waiting, early} {
		c.talk(`S: * BYE [UNAVAILABLE] …`)
		c.ended()
	}
}

// A bus that may have lost hints wakes everybody; what happened meanwhile is told then.
func TestIDLELooksAfterHintsWereLost(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c := d.selected(t, 0)
	d.Deliver(t, []byte(letter("one", "1")), d.accounts[0])
	c.talk(`
		C: a IDLE
		S: + idling
		S: * 1 EXISTS`)
	d.deaf.Store(true)
	d.Deliver(t, []byte(letter("two", "2")), d.accounts[0])
	d.deaf.Store(false)
	d.bus.WakeAll()
	c.talk(`S: * 2 EXISTS`)
}

// A FETCH that only looks tells news that was hinted, and NOOP tells news that was not.
func TestNewsComeWithHintsOrWhenAskedFor(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c := d.selected(t, 0)
	d.Deliver(t, []byte(letter("one", "1")), d.accounts[0])
	c.talk(`
		C: a SEARCH ALL
		S: * SEARCH
		S: * 1 EXISTS
		S: a OK searched`)
	d.deaf.Store(true)
	d.Deliver(t, []byte(letter("two", "2")), d.accounts[0])
	c.talk(`
		C: b FETCH 1 FLAGS
		S: * 1 FETCH (FLAGS ())
		S: b OK fetched
		C: c NOOP
		S: * 2 EXISTS
		S: c OK done`)
}
