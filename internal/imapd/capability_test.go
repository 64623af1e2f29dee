package imapd_test

import (
	"strings"
	"testing"
)

// Each extension that CAPABILITY names has its conversation here or in a file of its own: one that fails when the
// extension is taken away.

func TestSelectDescribesTheMailbox(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c := d.enter(t, 0)
	c.append("INBOX (\\Seen)", letter("one", "1"))
	c.append("INBOX", letter("two", "2"))
	c.talk(`
		C: a SELECT inbox
		S: * 2 EXISTS
		S: * 0 RECENT
		S: * OK [UNSEEN 2] …
		S: * FLAGS (\Seen \Answered \Flagged \Deleted \Draft $Forwarded $MDNSent $Junk $NotJunk $Phishing)
		S: * OK [PERMANENTFLAGS (\Seen \Answered \Flagged \Deleted \Draft $Forwarded $MDNSent $Junk $NotJunk $Phishing \*)] …
		S: * OK [UIDVALIDITY …] …
		S: * OK [UIDNEXT 3] …
		S: * OK [HIGHESTMODSEQ …] …
		S: * OK [MAILBOXID (m1)] …
		S: a OK [READ-WRITE] selected
		C: b EXAMINE Corbeille
		S: * OK [CLOSED] …
		S: * 0 EXISTS
		S: * 0 RECENT
		S: * FLAGS …
		S: * OK [PERMANENTFLAGS ()] …
		S: * OK [UIDVALIDITY …] …
		S: * OK [UIDNEXT 1] …
		S: * OK [HIGHESTMODSEQ …] …
		S: * OK [MAILBOXID (m4)] …
		S: b OK [READ-ONLY] examined
		C: c SELECT Nulle-part
		S: * OK [CLOSED] …
		S: c NO [NONEXISTENT] …
		C: d FETCH 1 FLAGS
		S: d BAD select a mailbox first`)
}

func TestExaminedMailboxesAreNotChanged(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c := d.enter(t, 0)
	c.append("INBOX (\\Deleted)", letter("one", "1"))
	c.run("EXAMINE INBOX")
	c.talk(`
		C: a STORE 1 FLAGS (\Seen)
		S: a NO [READ-ONLY] …
		C: b EXPUNGE
		S: b NO [READ-ONLY] …
		C: c MOVE 1 Corbeille
		S: c NO [READ-ONLY] …
		C: d FETCH 1 (FLAGS RFC822.TEXT)
		S: * 1 FETCH (FLAGS (\Deleted) RFC822.TEXT {3}
		S: 1
		S: )
		S: d OK fetched
		C: e CLOSE
		S: e OK closed
		C: f STATUS INBOX (MESSAGES UNSEEN)
		S: * STATUS "INBOX" (MESSAGES 1 UNSEEN 1)
		S: f OK done`)
}

func TestUNSELECTKeepsWhatCLOSEExpunges(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c := d.enter(t, 0)
	c.append("INBOX (\\Deleted)", letter("one", "1"))
	c.run("SELECT INBOX")
	c.talk(`
		C: a UNSELECT
		S: a OK unselected
		C: b STATUS INBOX (MESSAGES)
		S: * STATUS "INBOX" (MESSAGES 1)
		S: b OK done`)
	c.run("SELECT INBOX")
	c.talk(`
		C: c CLOSE
		S: c OK closed
		C: d STATUS INBOX (MESSAGES)
		S: * STATUS "INBOX" (MESSAGES 0)
		S: d OK done`)
}

func TestUIDPLUS(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c := d.selected(t, 0)
	c.talk(`
		C: a APPEND INBOX {3+}
		C: abc
		S: * 1 EXISTS
		S: a OK [APPENDUID … 1] appended
		C: b APPEND Nulle-part {3}
		S: b NO [TRYCREATE] …
		C: c COPY 1 Corbeille
		S: c OK [COPYUID … 1 1] copied
		C: d COPY 1 Nulle-part
		S: d NO [TRYCREATE] …
		C: e UID COPY 7 Corbeille
		S: e OK nothing to copy
		C: f COPY 2 Corbeille
		S: f BAD the mailbox has no message of that number
		C: g APPEND INBOX (\Deleted) {3+}
		C: def
		S: * 2 EXISTS
		S: g OK [APPENDUID … 2] appended
		C: h STORE 1 +FLAGS.SILENT (\Deleted)
		S: h OK stored
		C: i UID EXPUNGE 2:9
		S: * 2 EXPUNGE
		S: i OK expunged
		C: j EXPUNGE
		S: * 1 EXPUNGE
		S: j OK expunged`)
}

func TestMOVE(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c := d.enter(t, 0)
	for _, s := range []string{"one", "two", "three"} {
		c.append("INBOX", letter(s, s))
	}
	c.run("SELECT INBOX")
	c.talk(`
		C: a MOVE 1,3 Archives
		S: * OK [COPYUID … 1,3 1:2] moved
		S: * 1 EXPUNGE
		S: * 2 EXPUNGE
		S: a OK moved
		C: b UID MOVE 2 Nulle-part
		S: b NO [TRYCREATE] …
		C: c UID MOVE 2 Archives
		S: * OK [COPYUID … 2 3] moved
		S: * 1 EXPUNGE
		S: c OK moved
		C: d STATUS Archives (MESSAGES UIDNEXT)
		S: * STATUS "Archives" (MESSAGES 3 UIDNEXT 4)
		S: d OK done`)
}

func TestMULTIAPPENDKeepsAllOrNothing(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c := d.selected(t, 0)
	c.talk(`
		C: a APPEND INBOX (\Seen) {3+}
		C: abc ($Forwarded) "01-Sep-2026 08:00:00 +0200" {4}
		S: + go on
		C: defg {2+}
		C: hi
		S: * 3 EXISTS
		S: a OK [APPENDUID … 1:3] appended
		C: b FETCH 1:3 (FLAGS RFC822.SIZE)
		S: * 1 FETCH (FLAGS (\Seen) RFC822.SIZE 3)
		S: * 2 FETCH (FLAGS ($Forwarded) RFC822.SIZE 4)
		S: * 3 FETCH (FLAGS () RFC822.SIZE 2)
		S: b OK fetched
		C: c FETCH 2 INTERNALDATE
		S: * 2 FETCH (INTERNALDATE "01-Sep-2026 06:00:00 +0000")
		S: c OK fetched
		C: d APPEND INBOX {3+}
		C: abc {0+}
		C: 
		S: d NO a message of no octets: nothing was appended
		C: e APPEND INBOX {3+}
		C: abc (\Nonsense) {3+}
		C: def
		S: e BAD there is no system flag \Nonsense
		C: f APPEND INBOX {3+}
		C: abc nonsense
		S: f BAD …
		C: g STATUS INBOX (MESSAGES)
		S: * STATUS "INBOX" (MESSAGES 3)
		S: g OK done`)
}

func TestAPPENDLIMIT(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c := d.enter(t, 0)
	c.talk(`
		C: a STATUS INBOX (APPENDLIMIT)
		S: * STATUS "INBOX" (APPENDLIMIT 52428800)
		S: a OK done
		C: b APPEND INBOX {52428801}
		S: b NO [TOOBIG] …
		C: c NOOP
		S: c OK done`)
}

func TestCREATERENAMEDELETE(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	d.enter(t, 0).talk(`
		C: a CREATE "Classes/4e3"
		S: a OK [MAILBOXID (m…)] created
		C: b CREATE "Classes/4e3"
		S: b NO [ALREADYEXISTS] …
		C: c CREATE "Classes/"
		S: c NO [ALREADYEXISTS] …
		C: d RENAME Classes "&AMk-l&AOg-ves"
		S: d OK renamed
		C: e LIST "" "&AMk-l&AOg-ves*"
		S: * LIST (\HasChildren) "/" "&AMk-l&AOg-ves"
		S: * LIST (\HasNoChildren) "/" "&AMk-l&AOg-ves/4e3"
		S: e OK listed
		C: f DELETE "&AMk-l&AOg-ves"
		S: f NO [CANNOT] …
		C: g DELETE "&AMk-l&AOg-ves/4e3"
		S: g OK deleted
		C: h DELETE "&AMk-l&AOg-ves"
		S: h OK deleted
		C: i DELETE "&AMk-l&AOg-ves"
		S: i NO [NONEXISTENT] …
		C: j DELETE INBOX
		S: j NO [CANNOT] …
		C: k CREATE "a//b"
		S: k NO [CANNOT] …
		C: l SELECT Nulle-part
		S: l NO [NONEXISTENT] …`)
}

func TestAMailboxDeletedUnderASession(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	mine, other := d.enter(t, 0), d.enter(t, 0)
	mine.run("CREATE Provisoire")
	mine.run("SELECT Provisoire")
	other.run("SELECT Provisoire")
	mine.talk(`
		C: a DELETE Provisoire
		S: a OK deleted
		C: b FETCH 1 FLAGS
		S: b BAD select a mailbox first`)
	other.talk(`
		C: a NOOP
		S: * BYE The selected mailbox was deleted`)
	other.ended()
}

func TestSPECIALUSE(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	d.enter(t, 0).talk(`
		C: a LIST (SPECIAL-USE) "" "*"
		S: * LIST (\Archive) "/" "Archives"
		S: * LIST (\Drafts) "/" "Brouillons"
		S: * LIST (\Trash) "/" "Corbeille"
		S: * LIST (\Sent) "/" "Envoy&AOk-s"
		S: * LIST (\Junk) "/" "Ind&AOk-sirables"
		S: a OK listed
		C: b LIST "" "Brouillons" RETURN (SPECIAL-USE)
		S: * LIST (\Drafts) "/" "Brouillons"
		S: b OK listed
		C: c CREATE Autre (USE (\Drafts))
		S: c NO [ALREADYEXISTS] …
		C: d CREATE Autre (USE (\All))
		S: d NO [USEATTR] …`)
}

func TestCREATESPECIALUSE(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c := d.enter(t, 0)
	// A mailbox with a use of its own cannot be deleted, so a use is free where the account was made without it.
	d.exec(`UPDATE mailbox SET role = '' WHERE account_id = $1 AND role = 'archive'`, d.accounts[0])
	c.talk(`
		C: a CREATE Classement (USE (\archive))
		S: a OK [MAILBOXID (m…)] created
		C: b LIST (SPECIAL-USE) "" Classement
		S: * LIST (\Archive) "/" "Classement"
		S: b OK listed`)
}

func TestLISTEXTENDED(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c := d.enter(t, 0)
	for _, m := range []string{"A", "A/B", "A/B/C", "D"} {
		c.run("CREATE " + m)
	}
	for _, m := range []string{"A", "A/B", "D", "Archives", "Brouillons", "Corbeille", "Envoy&AOk-s", "Ind&AOk-sirables"} {
		c.run("UNSUBSCRIBE " + m)
	}
	c.talk(`
		C: a LIST (SUBSCRIBED) "" "*"
		S: * LIST (\Subscribed) "/" "INBOX"
		S: * LIST (\Subscribed) "/" "A/B/C"
		S: a OK listed
		C: b LIST (SUBSCRIBED RECURSIVEMATCH) "" "%"
		S: * LIST (\Subscribed) "/" "INBOX"
		S: * LIST () "/" "A" ("CHILDINFO" ("SUBSCRIBED"))
		S: b OK listed
		C: c LIST "" (inbox D "A/%") RETURN (SUBSCRIBED CHILDREN)
		S: * LIST (\Subscribed \HasNoChildren) "/" "INBOX"
		S: * LIST (\HasChildren) "/" "A/B"
		S: * LIST (\HasNoChildren) "/" "D"
		S: c OK listed
		C: d LSUB "" "*"
		S: * LSUB () "/" "INBOX"
		S: * LSUB () "/" "A/B/C"
		S: d OK listed
		C: e LSUB "" "%"
		S: * LSUB () "/" "INBOX"
		S: * LSUB (\Noselect) "/" "A"
		S: e OK listed
		C: f SUBSCRIBE D
		S: f OK done
		C: g LSUB A/ "B/%"
		S: * LSUB () "/" "A/B/C"
		S: g OK listed
		C: h SUBSCRIBE Nulle-part
		S: h NO [NONEXISTENT] …
		C: i UNSUBSCRIBE Nulle-part
		S: i OK done
		C: j LIST "" ""
		S: * LIST (\Noselect) "/" ""
		S: j OK listed
		C: k LIST "" "` + strings.Repeat("%*", 2100) + `"
		S: k NO [LIMIT] …`)
}

func TestCHILDREN(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c := d.enter(t, 0)
	c.run("CREATE A/B")
	c.run("CREATE A-B")
	c.talk(`
		C: a LIST "" "A%"
		S: * LIST (\HasChildren) "/" "A"
		S: * LIST (\HasNoChildren) "/" "A-B"
		S: * LIST (\HasNoChildren \Archive) "/" "Archives"
		S: a OK listed
		C: b LIST "" "A%" RETURN ()
		S: * LIST () "/" "A"
		S: * LIST () "/" "A-B"
		S: * LIST () "/" "Archives"
		S: b OK listed`)
}

func TestLISTSTATUSAndSTATUSSIZE(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c := d.enter(t, 0)
	c.talk(`
		C: a APPEND INBOX {5+}
		C: hello
		S: a OK …
		C: b LIST "" "INBOX" RETURN (STATUS (MESSAGES UIDNEXT UNSEEN SIZE RECENT DELETED))
		S: * LIST () "/" "INBOX"
		S: * STATUS "INBOX" (MESSAGES 1 UIDNEXT 2 UNSEEN 1 SIZE 5 RECENT 0 DELETED 0)
		S: b OK listed
		C: c STATUS "Ind&AOk-sirables" (SIZE UIDVALIDITY HIGHESTMODSEQ MAILBOXID)
		S: * STATUS "Ind&AOk-sirables" (SIZE 0 UIDVALIDITY … HIGHESTMODSEQ 1 MAILBOXID (m5))
		S: c OK done
		C: d STATUS Nulle-part (MESSAGES)
		S: d NO [NONEXISTENT] …`)
}

func TestOBJECTID(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c := d.enter(t, 0)
	c.append("INBOX", letter("one", "1"))
	c.append("INBOX", "From: b@x.example\r\nSubject: Re: one\r\nIn-Reply-To: <one@ac-paris.example>\r\n\r\nanswer\r\n")
	c.run("SELECT INBOX")
	c.run("COPY 1 Archives")
	c.talk(`
		C: a FETCH 1:2 (EMAILID THREADID)
		S: * 1 FETCH (EMAILID (e1) THREADID (t1))
		S: * 2 FETCH (EMAILID (e2) THREADID (t1))
		S: a OK fetched
		C: b SEARCH EMAILID e2
		S: * SEARCH 2
		S: b OK searched
		C: c SEARCH THREADID t1
		S: * SEARCH 1 2
		S: c OK searched
		C: d SEARCH THREADID t2
		S: * SEARCH
		S: d OK searched`)
	c.run("SELECT Archives")
	c.talk(`
		C: e FETCH 1 (EMAILID UID)
		S: * 1 FETCH (UID 1 EMAILID (e1))
		S: e OK fetched`)
}

// Invariant 3: commands are answered in their order, errors included.
func TestLITERALPLUSAndPipelining(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c := d.selected(t, 0)
	var in, out strings.Builder
	for range 50 {
		in.WriteString("a APPEND {5+}\r\nINBOX {3+}\r\nabc\r\nb FETCH * UID\r\nc FROB\r\nd NOOP\r\n")
	}
	c.send(in.String())
	for n := 1; n <= 50; n++ {
		for _, want := range []string{"* … EXISTS", "a OK …", "* … FETCH (UID …)", "b OK …", "c BAD …", "d OK …"} {
			out.WriteString("S: " + want + "\n")
		}
	}
	c.talk(out.String())
}

// A client may begin its next command before it has the answer to the last, and wait for it in the middle.
func TestAnAnswerDoesNotWaitForTheNextCommand(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c := d.enter(t, 0)
	c.send("a NOOP\r\nb NO")
	c.talk(`S: a OK done`)
	c.send("OP\r\n")
	c.talk(`S: b OK done`)
}
