package imapd_test

import (
	"strings"
	"testing"
	"time"

	"navette/internal/imapd"
)

// mails are what the SEARCH tests look through, 1 to 6.
var mails = []struct{ flags, date, message string }{
	{`(\Seen)`, "01-Sep-2026 08:00:00 +0000", letter("Rentree", "Bonjour a tous les professeurs")},
	{`()`, "15-Sep-2026 23:59:59 +0000", "From: =?utf-8?Q?Ren=C3=A9e_L=27=C3=89cole?= <renee@ac-paris.example>\r\nSubject: =?iso-8859-1?Q?R=E9union?=\r\n" +
		"Date: Mon, 14 Sep 2026 23:30:00 +0200\r\nX-Spam: NO\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
		"L'=C3=A9l=C3=A8ve a oubli=C3=A9 son cahier =E2=80=A6 merci\r\n"},
	{`(\Flagged $Forwarded)`, "16-Sep-2026 00:00:00 +0000", letter("Conseil", "cantine") + strings.Repeat("x", 5000)},
	{`(\Answered \Deleted dossier)`, "01-Oct-2026 12:00:00 +0000", "From: chef@ac-paris.example\r\nCc: adjoint@ac-paris.example\r\nBcc: secret@ac-paris.example\r\n" +
		"Content-Type: text/html; charset=utf-8\r\n\r\n<p>Le <b>conseil</b> de classe</p>\r\n"},
	{`(\Draft)`, "02-Oct-2026 12:00:00 +0000", "Subject: base64\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nTGUgZ3ltbmFzZSBlc3QgZmVybcOp\r\n"},
	{`()`, "", "Subject: today\r\n\r\nfresh\r\n"},
}

func searchDoor(t *testing.T) *client {
	d := newDoor(t, 1, func(l *imapd.Limits) { l.SearchScan = 1 << 20 })
	c := d.enter(t, 0)
	for _, m := range mails {
		args := "INBOX " + m.flags
		if m.date != "" {
			args += ` "` + m.date + `"`
		}
		c.append(args, m.message)
	}
	c.run("SELECT INBOX")
	return c
}

func TestSearchKeys(t *testing.T) {
	t.Parallel()
	c := searchDoor(t)
	for keys, want := range map[string]string{
		"ALL": "1 2 3 4 5 6", "SEEN": "1", "UNSEEN": "2 3 4 5 6", "FLAGGED": "3", "UNFLAGGED": "1 2 4 5 6", "ANSWERED": "4",
		"UNANSWERED": "1 2 3 5 6", "DELETED": "4", "UNDELETED": "1 2 3 5 6", "DRAFT": "5", "UNDRAFT": "1 2 3 4 6",
		"RECENT": "", "NEW": "", "OLD": "1 2 3 4 5 6", "KEYWORD $forwarded": "3", "KEYWORD DOSSIER": "4", "UNKEYWORD dossier": "1 2 3 5 6",
		"2:4": "2 3 4", "*": "6", "UID 3,5:*": "3 5 6", "NOT 2:4": "1 5 6", "9:12": "",
		"SEEN FLAGGED": "", "OR SEEN FLAGGED": "1 3", "NOT (OR SEEN FLAGGED)": "2 4 5 6", "OR 1 (2:3 FLAGGED)": "1 3",
		"BEFORE 16-Sep-2026": "1 2", "ON 16-Sep-2026": "3", "SINCE 16-Sep-2026": "3 4 5 6", "ON 15-sep-2026": "2",
		"SENTON 14-Sep-2026": "2", "SENTBEFORE 2-Sep-2026": "1 3", "SENTSINCE 2-Sep-2026": "2",
		"LARGER 5000": "3", "SMALLER 40": "6", "SMALLER 40 LARGER 5000": "",
		"FROM marie": "1 3", "FROM \"ren\u00e9e l'\u00e9cole\"": "2", "FROM RENEE@AC": "2", "FROM renee": "2", "TO dehors": "1 3",
		"CC adjoint": "4", "BCC secret": "4", "SUBJECT conseil": "3", "SUBJECT \"R\u00c9UNION\"": "2", "SUBJECT =?iso": "",
		"HEADER X-Spam \"\"": "2", "HEADER x-spam no": "2", "HEADER x-spam yes": "", "HEADER Cc \"\"": "4", "HEADER Message-ID <Rentree@": "1",
		"BODY conseil": "4", "TEXT conseil": "3 4", "BODY \"<b>\"": "", "BODY PROFESSEURS": "1", "BODY \"l'\u00e9l\u00e8ve\"": "2",
		"BODY \"cahier ... merci\"": "2", "BODY \"gymnase est ferm\u00c9\"": "5", "BODY eleve": "", "TEXT x-spam": "2", "TEXT \"X-Spam: NO\"": "2",
		"TEXT \"\"": "1 2 3 4 5 6", "BODY bonjour UNSEEN": "", "OR BODY bonjour BODY cantine": "1 3", "NOT TEXT conseil": "1 2 5 6",
		"YOUNGER 3600": "6", "1:3 TEXT conseil": "3", "CHARSET UTF-8 BODY {3+}\r\n\u00e9l": "2", "CHARSET us-ascii BODY cantine": "3",
	} {
		got := c.run("SEARCH " + keys)
		if want = strings.TrimSpace("* SEARCH " + want); got[0] != want {
			t.Errorf("%s: got %q, want %q", keys, got[0], want)
		}
	}
	c.talk("C: a SEARCH CHARSET KOI8-R TEXT x\nS: a NO [BADCHARSET (US-ASCII UTF-8)] …")
	c.send("b SEARCH TEXT {1+}\r\n\xe9\r\n")
	c.talk("S: b BAD the text to search for is not UTF-8")
}

func TestWITHIN(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c := d.enter(t, 0)
	for _, age := range []time.Duration{2 * time.Hour, 0} {
		c.append(`INBOX "`+time.Now().Add(-age).UTC().Format("02-Jan-2006 15:04:05 -0700")+`"`, "x")
	}
	c.run("SELECT INBOX")
	c.talk(`
		C: a SEARCH OLDER 3600
		S: * SEARCH 1
		S: a OK searched
		C: b SEARCH YOUNGER 3600
		S: * SEARCH 2
		S: b OK searched
		C: c SEARCH YOUNGER 10800
		S: * SEARCH 1 2
		S: c OK searched`)
}

func TestESEARCH(t *testing.T) {
	t.Parallel()
	c := searchDoor(t)
	c.run(`STORE 1 +FLAGS.SILENT (\Deleted)`)
	c.run("EXPUNGE")
	c.run(`NOOP`)
	c.talk(`
		C: a SEARCH RETURN (MIN MAX COUNT ALL) ALL
		S: * ESEARCH (TAG "a") MIN 1 MAX 4 ALL 1:4 COUNT 4
		S: a OK searched
		C: b UID SEARCH RETURN () NOT FLAGGED
		S: * ESEARCH (TAG "b") UID ALL 2,5:6
		S: b OK searched
		C: c UID SEARCH RETURN (MIN) UNSEEN
		S: * ESEARCH (TAG "c") UID MIN 2
		S: c OK searched
		C: d SEARCH RETURN (COUNT MAX) BODY nowhere
		S: * ESEARCH (TAG "d") COUNT 0
		S: d OK searched`)
}

// A text that was too long to be kept whole is still searched to its end.
func TestSearchReadsOnWhereTheKeptTextEnds(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c := d.enter(t, 0)
	c.append("INBOX", letter("long", strings.Repeat("ligne de texte ordinaire\r\n", 60_000)+"aiguille"))
	c.run("SELECT INBOX")
	c.talk(`
		C: a SEARCH BODY aiguille
		S: * SEARCH 1
		S: a OK searched
		C: b SEARCH BODY epingle
		S: * SEARCH
		S: b OK searched`)
}
