package imapd_test

import (
	"strings"
	"testing"

	"navette/internal/box"
)

// The three who meet in most of these tests, by their number.
const (
	owner = iota
	member
	reader
	stranger
)

// openFor makes the box "vie.scolaire" with an owner, a member and a reader.
func (d *door) openFor() int64 {
	d.t.Helper()
	id := d.open("vie.scolaire")
	d.share(id, owner, box.Owner)
	d.share(id, member, box.Member)
	d.share(id, reader, box.Reader)
	return id
}

func TestNAMESPACEAnnouncesSharedBoxes(t *testing.T) {
	t.Parallel()
	newDoor(t, 1).enter(t, 0).talk(`
		C: a NAMESPACE
		S: * NAMESPACE (("" "/")) NIL (("Bo&AO4-tes partag&AOk-es/" "/"))
		S: a OK done`)
}

func TestLISTShowsABoxToItsMembersAlone(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 4)
	id := d.openFor()
	for _, n := range []int{owner, member, reader} {
		d.enter(t, n).talkOf("vie.scolaire", id, `
			C: a LIST "" "%"
			S: * LIST (\HasNoChildren) "/" "INBOX"
			S: * LIST (\HasNoChildren \Archive) "/" "Archives"
			S: * LIST (\HasNoChildren \Drafts) "/" "Brouillons"
			S: * LIST (\HasNoChildren \Trash) "/" "Corbeille"
			S: * LIST (\HasNoChildren \Sent) "/" "Envoy&AOk-s"
			S: * LIST (\HasNoChildren \Junk) "/" "Ind&AOk-sirables"
			S: * LIST (\Noselect \HasChildren) "/" "Bo&AO4-tes partag&AOk-es"
			S: a OK listed
			C: b LIST "" "Bo&AO4-tes partag&AOk-es/%"
			S: * LIST (\HasChildren) "/" "@"
			S: b OK listed
			C: c LIST "Bo&AO4-tes partag&AOk-es/" "*"
			S: * LIST (\HasChildren) "/" "@"
			S: * LIST (\HasNoChildren \Archive) "/" "@/Archives"
			S: * LIST (\HasNoChildren \Drafts) "/" "@/Brouillons"
			S: * LIST (\HasNoChildren \Trash) "/" "@/Corbeille"
			S: * LIST (\HasNoChildren \Sent) "/" "@/Envoy&AOk-s"
			S: * LIST (\HasNoChildren \Junk) "/" "@/Ind&AOk-sirables"
			S: c OK listed
			C: d LIST (SPECIAL-USE) "" "@/E*" RETURN (STATUS (MESSAGES MAILBOXID))
			S: * LIST (\Sent) "/" "@/Envoy&AOk-s"
			S: * STATUS "@/Envoy&AOk-s" (MESSAGES 0 MAILBOXID (m#-3))
			S: d OK listed
			C: e STATUS "@" (MESSAGES UIDVALIDITY MAILBOXID)
			S: * STATUS "@" (MESSAGES 0 UIDVALIDITY … MAILBOXID (m#-1))
			S: e OK done`)
	}
	d.enter(t, stranger).talkOf("vie.scolaire", id, `
		C: a LIST "" "Bo&AO4-tes partag&AOk-es*"
		S: a OK listed
		C: b SELECT "@"
		S: b NO [NONEXISTENT] no such mailbox
		C: c SELECT "Bo&AO4-tes partag&AOk-es/rien"
		S: c NO [NONEXISTENT] no such mailbox
		C: d MYRIGHTS "@"
		S: d NO [NONEXISTENT] no such mailbox
		C: e CREATE "@/Vol"
		S: e NO [NOPERM] …
		C: f CREATE "Bo&AO4-tes partag&AOk-es/rien"
		S: f NO [NOPERM] …
		C: g CREATE "Bo&AO4-tes partag&AOk-es"
		S: g NO [NOPERM] …
		C: h APPEND "@" {1}
		S: h NO [NONEXISTENT] …
		C: i RENAME Archives "@/Archives2"
		S: i NO [NOPERM] …
		C: j GETQUOTA "@"
		S: j NO [NONEXISTENT] …`)
}

func TestSubscriptionsToABoxAreAMembersOwn(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 3)
	id := d.openFor()
	d.enter(t, reader).talkOf("vie.scolaire", id, `
		C: a UNSUBSCRIBE "@"
		S: a OK done
		C: b UNSUBSCRIBE "@/Corbeille"
		S: b OK done
		C: c UNSUBSCRIBE "@/Brouillons"
		S: c OK done
		C: d SUBSCRIBE "@/Corbeille"
		S: d OK done
		C: e LSUB "" "Bo*"
		S: * LSUB () "/" "@/Archives"
		S: * LSUB () "/" "@/Corbeille"
		S: * LSUB () "/" "@/Envoy&AOk-s"
		S: * LSUB () "/" "@/Ind&AOk-sirables"
		S: e OK listed
		C: f LSUB "" "Bo%"
		S: * LSUB (\Noselect) "/" "Bo&AO4-tes partag&AOk-es"
		S: f OK listed
		C: g LIST (SUBSCRIBED RECURSIVEMATCH) "" "Bo%/%"
		S: * LIST () "/" "@" ("CHILDINFO" ("SUBSCRIBED"))
		S: g OK listed
		C: h SUBSCRIBE "@/Nulle-part"
		S: h NO [NONEXISTENT] …
		C: i UNSUBSCRIBE "Bo&AO4-tes partag&AOk-es/rien"
		S: i OK done`)
	d.enter(t, member).talkOf("vie.scolaire", id, `
		C: a LIST (SUBSCRIBED) "" "Bo%/%"
		S: * LIST (\Subscribed) "/" "@"
		S: a OK listed`)
}

// What lies below a box's INBOX has one name, and a level above it.
func TestMailboxesBelowTheINBOXOfABox(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 2)
	id := d.openFor2()
	c := d.enter(t, member)
	c.talkOf("vie.scolaire", id, `
		C: a CREATE "@/inbox/Suivi"
		S: a OK [MAILBOXID (m#-7)] created
		C: b LIST "" "@/I*X*"
		S: * LIST (\HasNoChildren) "/" "@/INBOX/Suivi"
		S: * LIST (\Noselect \HasChildren) "/" "@/INBOX"
		S: b OK listed
		C: c CREATE "@/INBOX"
		S: c NO [ALREADYEXISTS] …`)
}

func (d *door) openFor2() int64 {
	id := d.open("vie.scolaire")
	d.share(id, owner, box.Owner)
	d.share(id, member, box.Member)
	return id
}

// RFC 4314 §4: what each role may do with each command.
func TestAReaderReadsAndNoMore(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 3)
	id := d.openFor()
	d.Deliver(t, []byte(letter("one", "1")), id)
	c := d.enter(t, reader)
	c.append("INBOX", letter("own", "o"))
	c.talkOf("vie.scolaire", id, `
		C: a SELECT "@"
		S: * 1 EXISTS
		S: * 0 RECENT
		S: * OK [UNSEEN 1] …
		S: * FLAGS …
		S: * OK [PERMANENTFLAGS ()] …
		S: * OK [UIDVALIDITY …] …
		S: * OK [UIDNEXT 2] …
		S: * OK [HIGHESTMODSEQ …] …
		S: * OK [MAILBOXID (m#-1)] …
		S: a OK [READ-ONLY] …
		C: b FETCH 1 (FLAGS EMAILID THREADID BODY[TEXT])
		S: * 1 FETCH (FLAGS () EMAILID (e#-1) THREADID (t#-1) BODY[TEXT] {3}
		S: 1
		S: )
		S: b OK fetched
		C: c STORE 1 +FLAGS (\Seen)
		S: c NO [NOPERM] Vous consultez cette boite en lecture seule (you may only read this shared box)
		C: d MOVE 1 INBOX
		S: d NO [NOPERM] …
		C: e EXPUNGE
		S: e NO [NOPERM] …
		C: f UID EXPUNGE 1
		S: f NO [NOPERM] …
		C: g COPY 1 INBOX
		S: g OK [COPYUID … 1 2] copied
		C: h COPY 1 "@/Archives"
		S: h NO [NOPERM] …
		C: i APPEND "@" {1}
		S: i NO [NOPERM] …
		C: j CREATE "@/Projet"
		S: j NO [NOPERM] …
		C: k DELETE "@/Archives"
		S: k NO [NOPERM] …
		C: l RENAME "@/Archives" "@/A"
		S: l NO [NOPERM] …
		C: m GETACL "@"
		S: m NO [NOPERM] …
		C: n SETACL "@" x a
		S: n NO [NOPERM] …
		C: o MYRIGHTS "@/Archives"
		S: * MYRIGHTS "@/Archives" "lr"
		S: o OK that is all
		C: p SEARCH EMAILID e#-1 THREADID t#-1
		S: * SEARCH 1
		S: p OK searched
		C: q SEARCH EMAILID e1
		S: * SEARCH
		S: q OK searched
		C: r CLOSE
		S: r OK closed
		C: s SELECT INBOX
		S: * 2 EXISTS
		S: * 0 RECENT
		S: * OK [UNSEEN 1] …
		S: * FLAGS …
		S: * OK [PERMANENTFLAGS (…)] …
		S: * OK [UIDVALIDITY …] …
		S: * OK [UIDNEXT 3] …
		S: * OK [HIGHESTMODSEQ …] …
		S: * OK [MAILBOXID (m1)] …
		S: s OK [READ-WRITE] selected
		C: t COPY 1 "@"
		S: t NO [NOPERM] …
		C: u MOVE 1 "@"
		S: u NO [NOPERM] …`)
}

// A member works with the mail of the box as with their own; what they do is what everybody sees.
func TestMembersShareOneState(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 3)
	id := d.openFor()
	d.Deliver(t, []byte(letter("one", "1")), id)
	d.Deliver(t, []byte(letter("two", "2")), id)
	marie, paul := d.enter(t, member), d.enter(t, owner)
	marie.run(`SELECT "` + shared + `vie.scolaire"`)
	paul.run(`SELECT "` + shared + `vie.scolaire"`)
	paul.talk(`
		C: a IDLE
		S: + idling`)
	marie.talk(`
		C: a FETCH 1 BODY[TEXT]
		S: * 1 FETCH (FLAGS (\Seen) BODY[TEXT] {3}
		S: 1
		S: )
		S: a OK fetched`)
	paul.talk(`S: * 1 FETCH (UID 1 FLAGS (\Seen))`)
	marie.talkOf("vie.scolaire", id, `
		C: b STORE 1 +FLAGS (\Answered)
		S: * 1 FETCH (FLAGS (\Seen \Answered))
		S: b OK stored
		C: c MOVE 2 "@/Archives"
		S: * OK [COPYUID … 2 1] moved
		S: * 2 EXPUNGE
		S: c OK moved`)
	paul.talk(`
		S: * 1 FETCH (UID 1 FLAGS (\Seen \Answered))
		S: * 2 EXPUNGE
		C: DONE
		S: a OK done`)
	marie.talkOf("vie.scolaire", id, `
		C: d CREATE "@/Projet"
		S: d OK [MAILBOXID (m#-7)] created
		C: e RENAME "@/Projet" "@/Voyage"
		S: e OK renamed
		C: f APPEND "@/Voyage" (\Seen) {3+}
		C: abc
		S: f OK [APPENDUID … 1] appended
		C: g RENAME "@/Voyage" Voyage
		S: g NO [CANNOT] …
		C: h RENAME "@" "@/Vieux"
		S: h NO [CANNOT] …
		C: i RENAME Archives "@/Vieux"
		S: i NO [CANNOT] …
		C: j DELETE "@"
		S: j NO [CANNOT] …
		C: k DELETE "@/Voyage"
		S: k OK deleted
		C: l GETACL "@"
		S: l NO [NOPERM] Seul un proprietaire de la boite peut cela (only an owner may)
		C: m MYRIGHTS "@"
		S: * MYRIGHTS "@" "lrswikxtecd"
		S: m OK that is all`)
}

// Whoever is taken off a box while their octets come leaves none of them there.
func TestAMemberWhoGoesDuringAnAPPENDLeavesNothing(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 3)
	id := d.openFor()
	c := d.enter(t, member)
	c.talkOf("vie.scolaire", id, `
		C: a APPEND "@" {3}
		S: + …`)
	d.share(id, member, "")
	c.talkOf("vie.scolaire", id, `
		C: abc
		S: a NO …`)
	d.enter(t, owner).talkOf("vie.scolaire", id, `
		C: a STATUS "@" (MESSAGES)
		S: * STATUS "@" (MESSAGES 0)
		S: a OK …`)
}

// MOVE and COPY between one's own mailboxes and a box's, and between two boxes.
func TestMailGoesBetweenBoxesAndOnesOwnMailboxes(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 2)
	id, second := d.openFor2(), d.open("cantine")
	d.share(second, member, box.Member)
	c := d.enter(t, member)
	c.append(`INBOX (\Flagged dossier)`, letter("mine", "m"))
	c.run("SELECT INBOX")
	c.talkOf("vie.scolaire", id, `
		C: a MOVE 1 "@/Archives"
		S: * OK [COPYUID … 1 1] moved
		S: * 1 EXPUNGE
		S: a OK moved
		C: b EXAMINE "@/Archives"
		S: * OK [CLOSED] …
		S: * 1 EXISTS
		S: * 0 RECENT
		S: * OK [UNSEEN 1] …
		S: * FLAGS …
		S: * OK [PERMANENTFLAGS ()] …
		S: * OK [UIDVALIDITY …] …
		S: * OK [UIDNEXT 2] …
		S: * OK [HIGHESTMODSEQ …] …
		S: * OK [MAILBOXID (m#-6)] …
		S: b OK [READ-ONLY] examined
		C: c MOVE 1 INBOX
		S: c NO [READ-ONLY] …
		C: d FETCH 1 (FLAGS EMAILID)
		S: * FLAGS …
		S: * 1 FETCH (FLAGS (\Flagged dossier) EMAILID (e#-1))
		S: d OK fetched`)
	c.run(`SELECT "` + shared + `vie.scolaire/Archives"`)
	c.talkOf("cantine", second, `
		C: e COPY 1 "@"
		S: e OK [COPYUID … 1 1] copied
		C: f COPY 1 "@/Nulle-part"
		S: f NO [TRYCREATE] …
		C: g MOVE 1 "Bo&AO4-tes partag&AOk-es/rien"
		S: g NO [NONEXISTENT] …
		C: h MOVE 1 INBOX
		S: * OK [COPYUID … 1 2] moved
		S: * 1 EXPUNGE
		S: h OK moved
		C: i STATUS "@" (MESSAGES UNSEEN)
		S: * STATUS "@" (MESSAGES 1 UNSEEN 1)
		S: i OK done`)
}

func TestACLGivesRolesToPeople(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 4)
	id := d.openFor()
	name := func(s string) string {
		return strings.NewReplacer("OWNER", d.login(owner), "MEMBER", d.login(member), "READER", d.login(reader), "STRANGER", d.login(stranger)).Replace(s)
	}
	c := d.enter(t, owner)
	c.talkOf("vie.scolaire", id, name(`
		C: a GETACL "@"
		S: * ACL "@" "OWNER" "lrswikxteacd" "MEMBER" "lrswikxtecd" "READER" "lr"
		S: a OK that is all
		C: b GETACL "@/Archives"
		S: * ACL "@/Archives" "OWNER" "lrswikxteacd" "MEMBER" "lrswikxtecd" "READER" "lr"
		S: b OK that is all
		C: c LISTRIGHTS "@" STRANGER
		S: * LISTRIGHTS "@" "STRANGER" "" "lr" "swikxtecd" "a"
		S: c OK that is all
		C: d SETACL "@" STRANGER rl
		S: d OK done
		C: e SETACL "@" READER +swcd
		S: e NO [CANNOT] Droits possibles : lecteur (lr), …
		C: f SETACL "@" READER +swicd
		S: f OK done
		C: g SETACL "@" MEMBER +a
		S: g OK done
		C: h SETACL "@" READER -swicd
		S: h OK done
		C: i SETACL "@" STRANGER p
		S: i BAD there is no right p here
		C: j SETACL "@" STRANGER ""
		S: j OK done
		C: k SETACL "@" personne lr
		S: k NO [CANNOT] Personne n'a cet identifiant …
		C: l SETACL "@" anyone lr
		S: l NO [CANNOT] …
		C: m SETACL "@/Archives" STRANGER lr
		S: m NO [CANNOT] Les droits valent pour toute la boite …
		C: n SETACL "@/Nulle-part" STRANGER lr
		S: n NO [NONEXISTENT] …
		C: o GETACL "@"
		S: * ACL "@" "OWNER" "lrswikxteacd" "MEMBER" "lrswikxteacd" "READER" "lr"
		S: o OK that is all
		C: p DELETEACL "@" READER
		S: p OK done
		C: q DELETEACL "@" READER
		S: q OK done
		C: r DELETEACL "@" MEMBER
		S: r OK done
		C: s DELETEACL "@" OWNER
		S: s NO [NOPERM] …`))
	d.enter(t, reader).talkOf("vie.scolaire", id, `
		C: a SELECT "@"
		S: a NO [NONEXISTENT] …`)
}

// Who manages a box is told by the history and the journal, with the person's own name.
func TestACLIsWrittenDownInTheNameOfTheOwner(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 4)
	d.openFor()
	d.enter(t, owner).run(`SETACL "` + shared + `vie.scolaire" ` + d.login(stranger) + ` lr`)
	if got := d.text(`SELECT actor || ' ' || reason FROM journal ORDER BY seq DESC LIMIT 1`); got != d.login(owner)+" IMAP" {
		t.Errorf("the journal says %q", got)
	}
}

func TestOnesOwnMailboxesAreNotShared(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 2)
	me, other := d.login(0), d.login(1)
	d.enter(t, 0).talk(strings.NewReplacer("ME", me, "OTHER", other).Replace(`
		C: a MYRIGHTS INBOX
		S: * MYRIGHTS "INBOX" "lrswikxteacd"
		S: a OK that is all
		C: b GETACL Archives
		S: * ACL "Archives" "ME" "lrswikxteacd"
		S: b OK that is all
		C: c LISTRIGHTS INBOX ME
		S: * LISTRIGHTS "INBOX" "ME" "lrswikxteacd"
		S: c OK that is all
		C: d LISTRIGHTS INBOX OTHER
		S: * LISTRIGHTS "INBOX" "OTHER" ""
		S: d OK that is all
		C: e SETACL INBOX OTHER lr
		S: e NO [CANNOT] Votre boite est personnelle, …
		C: f DELETEACL INBOX ME
		S: f NO [CANNOT] …
		C: g MYRIGHTS Nulle-part
		S: g NO [NONEXISTENT] …
		C: h GETACL Nulle-part
		S: h NO [NONEXISTENT] …`))
	if n := d.asked.Load(); n != 0 {
		t.Errorf("one's own mailboxes asked %d times for shared boxes", n)
	}
}

func TestQUOTA(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 3)
	id := d.openFor()
	d.exec(`UPDATE account_state SET quota_bytes = 10485760 WHERE account_id = $1`, id)
	d.Deliver(t, []byte(letter("one", strings.Repeat("x", 2000))), id)
	d.enter(t, reader).talkOf("vie.scolaire", id, `
		C: a GETQUOTAROOT INBOX
		S: * QUOTAROOT "INBOX" ""
		S: * QUOTA "" ()
		S: a OK done
		C: b GETQUOTAROOT "@/Archives"
		S: * QUOTAROOT "@/Archives" "@"
		S: * QUOTA "@" (STORAGE 3 10240)
		S: b OK done
		C: c GETQUOTA "@"
		S: * QUOTA "@" (STORAGE 3 10240)
		S: c OK done
		C: d GETQUOTA ""
		S: * QUOTA "" ()
		S: d OK done
		C: e GETQUOTA "@/Archives"
		S: e NO [NONEXISTENT] …
		C: f GETQUOTA INBOX
		S: f NO [NONEXISTENT] …
		C: g GETQUOTAROOT Nulle-part
		S: g NO [NONEXISTENT] …`)
	full := d.enter(t, member)
	full.append("INBOX", letter("big", strings.Repeat("x", 3000)))
	d.exec(`UPDATE account_state SET quota_bytes = 3000 WHERE account_id = $1`, id)
	full.run("SELECT INBOX")
	full.talkOf("vie.scolaire", id, `
		C: a MOVE 1 "@"
		S: a NO [OVERQUOTA] …
		C: b APPEND "@" {3000}
		S: b NO [OVERQUOTA] …
		C: c FETCH 1 UID
		S: * 1 FETCH (UID 1)
		S: c OK fetched`)
}
