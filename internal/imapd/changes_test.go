package imapd_test

import (
	"strings"
	"testing"

	"navette/internal/store"
)

// exec changes the store behind the services' back.
func (d *door) exec(query string, args ...any) {
	d.t.Helper()
	err := d.DB.Write(d.t.Context(), store.Bulk, func(tx *store.Tx) error {
		_, err := tx.Exec(d.t.Context(), query, args...)
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
}

// Where the change log no longer reaches back to what a session knows, the mailbox itself is compared (invariant 5).
func TestASessionOlderThanTheLogIsBroughtUpToDate(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c, other := d.enter(t, 0), d.enter(t, 0)
	for range 4 {
		c.append("INBOX", "x")
	}
	c.run("SELECT INBOX")
	other.run("SELECT INBOX")
	other.run(`STORE 2,4 +FLAGS.SILENT (\Deleted)`)
	other.run("EXPUNGE")
	other.run(`STORE 2 +FLAGS (\Seen dossier)`)
	other.append("INBOX", "y")
	d.exec(`UPDATE mailbox SET purge_floor = (SELECT modseq FROM account_state WHERE account_id = $1) WHERE account_id = $1`, d.accounts[0])
	c.talk(`
		C: a FETCH 4 UID
		S: * 5 EXISTS
		S: * 1 FETCH (UID 1 FLAGS ())
		S: * FLAGS (\Seen \Answered \Flagged \Deleted \Draft $Forwarded $MDNSent $Junk $NotJunk $Phishing dossier)
		S: * 3 FETCH (UID 3 FLAGS (\Seen dossier))
		S: a OK [EXPUNGEISSUED] some of the messages are gone
		C: b FETCH 3 UID
		S: * 3 FETCH (UID 3)
		S: b OK fetched
		C: c NOOP
		S: * 2 EXPUNGE
		S: * 3 EXPUNGE
		S: c OK done
		C: d FETCH 3 UID
		S: * 3 FETCH (UID 5)
		S: d OK fetched
		C: e NOOP
		S: e OK done`)
}

// Invariant 4: messages that are gone keep their numbers until EXPUNGE may be said, and new ones come after them.
func TestNumbersHoldUntilExpungeIsAllowed(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c, other := d.enter(t, 0), d.enter(t, 0)
	for range 3 {
		c.append("INBOX", "x")
	}
	c.run("SELECT INBOX")
	other.run("SELECT INBOX")
	other.run("MOVE 1 Archives")
	other.append("INBOX", "y")
	c.talk(`
		C: a FETCH 2 UID
		S: * 2 FETCH (UID 2)
		S: * 4 EXISTS
		S: a OK fetched
		C: b STORE 1:4 +FLAGS.SILENT (\Seen)
		S: b OK [EXPUNGEISSUED] some of the messages are gone
		C: c SEARCH SEEN
		S: * SEARCH 2 3 4
		S: c OK searched
		C: d UID SEARCH SEEN
		S: * SEARCH 2 3 4
		S: * 1 EXPUNGE
		S: d OK searched
		C: e SEARCH ALL
		S: * SEARCH 1 2 3
		S: e OK searched`)
}

// Keywords are named in a FLAGS response before they are used, once.
func TestKeywordsAreAnnounced(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c := d.enter(t, 0)
	c.append("INBOX (Dossier)", "x")
	c.append("INBOX", "y")
	c.run("SELECT INBOX")
	c.talk(`
		C: a FETCH 1 FLAGS
		S: * FLAGS (\Seen \Answered \Flagged \Deleted \Draft $Forwarded $MDNSent $Junk $NotJunk $Phishing dossier)
		S: * 1 FETCH (FLAGS (dossier))
		S: a OK fetched
		C: b STORE 1:2 +FLAGS ($junk Dossier)
		S: * 1 FETCH (FLAGS ($Junk dossier))
		S: * 2 FETCH (FLAGS ($Junk dossier))
		S: b OK stored
		C: c STORE 1 FLAGS (autre)
		S: * FLAGS (… dossier autre)
		S: * 1 FETCH (FLAGS (autre))
		S: c OK stored
		C: d STORE 1 +FLAGS (\Nonsense)
		S: d BAD there is no system flag \Nonsense
		C: e STORE 1 +FLAGS (\Recent)
		S: * 1 FETCH (FLAGS (autre))
		S: e OK stored`)
}

func TestAFullMailboxRefusesBeforeItIsSentTheOctets(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	d.exec(`UPDATE account_state SET quota_bytes = 1000 WHERE account_id = $1`, d.accounts[0])
	c := d.enter(t, 0)
	c.append("INBOX", strings.Repeat("x", 900))
	c.talk(`
		C: a APPEND INBOX {500}
		S: a NO [OVERQUOTA] La boite est pleine (mailbox full)
		C: b APPEND INBOX {100}
		S: + go on
		C: ` + strings.Repeat("y", 100) + `
		S: b OK [APPENDUID … 2] appended`)
}

// A MOVE or COPY of what is gone says so; the rest of the command's set is unharmed.
func TestCommandsOnWhatIsGone(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c, other := d.enter(t, 0), d.enter(t, 0)
	for range 3 {
		c.append("INBOX", "x")
	}
	c.run("SELECT INBOX")
	other.run("SELECT INBOX")
	other.run("MOVE 2 Archives")
	c.talk(`
		C: a COPY 2 Corbeille
		S: * 2 EXPUNGE
		S: a OK [EXPUNGEISSUED] the messages are gone`)
	other.run("MOVE 1 Archives")
	c.talk(`
		C: b MOVE 1:2 Corbeille
		S: * OK [COPYUID … 3 1] moved
		S: * 1 EXPUNGE
		S: * 1 EXPUNGE
		S: b OK moved`)
}

// text reads one value behind the services' back.
func (d *door) text(query string, args ...any) (value string) {
	d.t.Helper()
	err := d.DB.Read(d.t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(d.t.Context(), query, args...).Scan(&value)
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return value
}
