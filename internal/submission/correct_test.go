package submission_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/submission"
	"navette/internal/testkit/stores"
)

// refusedLetter is a letter of the teacher to two parents, with a colleague in Cc and one parent hidden.
func (c *college) refusedLetter() (octets string, to []string) {
	return letter("Claire <"+c.teacher.Address+">", "To: Anne <"+anne+">, "+karim, "Cc: "+c.head.Address, "Bcc: "+rosa), []string{anne, karim, c.head.Address, rosa}
}

func (c *college) toCorrect(account int64) []submission.ToCorrect {
	c.t.Helper()
	list, err := c.service.ToCorrect(c.t.Context(), account)
	if err != nil {
		c.t.Fatal(err)
	}
	return list
}

func TestWhatIsRefusedWaitsOnceAndLeavesCorrectedOnce(t *testing.T) {
	t.Parallel()
	onColleges(t, func(c *college) {
		octets, to := c.refusedLetter()
		for range 3 { // a mail program tries again
			if err := c.submits(c.teacher, octets, to...); !failure.Is(err, failure.Policy) {
				t.Fatalf("not refused: %v", err)
			}
			c.clock.Add(time.Minute)
		}
		drafts := c.mails(c.teacher.Account, submission.ToCorrectName)
		if len(drafts) != 1 || !strings.HasSuffix(drafts[0], octets) {
			t.Fatalf("waiting: %q", drafts)
		}
		for _, field := range []string{"X-Navette-A-Corriger", "X-Navette-Expediteur", "X-Navette-Destinataires"} {
			if len(fields(drafts[0], field)) != 1 {
				t.Errorf("the draft has no %s: %q", field, drafts[0])
			}
		}
		list := c.toCorrect(c.teacher.Account)
		if len(list) != 1 || list[0].Subject != "Sortie" || list[0].Recipients != 4 || !strings.HasPrefix(list[0].Reason, "À (2) : ") {
			t.Fatalf("to correct: %+v", list)
		}
		if len(c.toCorrect(c.head.Account)) != 0 {
			t.Error("others are told of it")
		}
		if _, err := c.service.SendCorrected(t.Context(), principal(c.head), list[0].Email, submission.Apart); !failure.Is(err, failure.NotFound) {
			t.Errorf("sent by somebody else: %v", err)
		}
		if _, err := c.service.SendCorrected(t.Context(), principal(c.teacher), list[0].Email, submission.Apart); err != nil {
			t.Fatal(err)
		}
		c.demandCorrected(c.outside())
		if _, err := c.service.SendCorrected(t.Context(), principal(c.teacher), list[0].Email, submission.Cci); !failure.Is(err, failure.NotFound) {
			t.Errorf("sent twice: %v", err)
		}
		if left := c.toCorrect(c.teacher.Account); len(left) != 0 {
			t.Errorf("still to correct: %+v", left)
		}
	})
}

// demandCorrected looks at what became of the refused letter: each parent reads the sender alone, the head the rest, and
// the sender's copy tells whom it went to.
func (c *college) demandCorrected(copies map[string]string) {
	c.t.Helper()
	if len(copies) != 3 || len(whoSees(copies)) != 0 {
		c.t.Errorf("outside: %q", copies)
	}
	for to, octets := range copies {
		if got := fields(octets, "To", "Cc", "Bcc"); !slices.Equal(got, []string{"To: Claire <" + c.teacher.Address + ">"}) {
			c.t.Errorf("%s reads %q", to, got)
		}
	}
	inbox := c.mails(c.head.Account, "inbox")
	if len(inbox) != 1 || !slices.Equal(fields(inbox[0], "To", "Cc", "Bcc"), []string{"Cc: " + c.head.Address}) {
		c.t.Errorf("the head reads %q", inbox)
	}
	demandNoAddress(c.t, "the head's copy", strings.Join(inbox, ""))
	sent := c.mails(c.teacher.Account, "sent")
	if len(sent) != 1 || !strings.HasSuffix(sent[0], "\r\n\r\nBonjour.\r\n") {
		c.t.Fatalf("sent: %q", sent)
	}
	named := strings.Join(fields(sent[0], "To", "Cc", "Bcc"), " ")
	for _, address := range []string{anne, karim, rosa, c.head.Address} {
		if strings.Count(named, address) != 1 {
			c.t.Errorf("the sender's copy names %q", named)
		}
	}
}

func TestMovingToCciHidesThoseWhoWouldBeSeenAndNobodyElse(t *testing.T) {
	t.Parallel()
	onColleges(t, func(c *college) {
		octets, to := c.refusedLetter()
		octets = strings.Replace(octets, "Subject:", "Reply-To: "+karim+"\r\nSubject:", 1)
		if err := c.submits(c.teacher, octets, to...); !failure.Is(err, failure.Policy) {
			t.Fatalf("not refused: %v", err)
		}
		if _, err := c.service.SendCorrected(t.Context(), principal(c.teacher), c.toCorrect(c.teacher.Account)[0].Email, submission.Cci); err != nil {
			t.Fatal(err)
		}
		c.demandCorrected(c.outside())
		c.exec(`DELETE FROM outbound`)

		to = []string{anne, lawyer}
		if err := c.submits(c.teacher, letter(c.teacher.Address, "To: "+lawyer, "Cc: "+anne), to...); !failure.Is(err, failure.Policy) {
			t.Fatalf("not refused: %v", err)
		}
		if _, err := c.service.SendCorrected(t.Context(), principal(c.teacher), c.toCorrect(c.teacher.Account)[0].Email, submission.Cci); err != nil {
			t.Fatal(err)
		}
		copies := c.outside()
		if got := fields(copies[lawyer], "To", "Cc"); !slices.Equal(got, []string{"To: " + lawyer}) || len(whoSees(copies)) != 0 || len(copies) != 2 {
			t.Errorf("the lawyer, who is no secret, reads %q, and it goes to %q", got, copies)
		}
	})
}

// Two clicks at once: the second finds, in its transaction, that the first has sent it.
func TestTwoClicksAtOnceSendOnce(t *testing.T) {
	t.Parallel()
	onColleges(t, func(c *college) {
		octets, to := c.refusedLetter()
		if err := c.submits(c.teacher, octets, to...); !failure.Is(err, failure.Policy) {
			t.Fatalf("not refused: %v", err)
		}
		email := c.toCorrect(c.teacher.Account)[0].Email
		send := func() error {
			_, err := c.service.SendCorrected(t.Context(), principal(c.teacher), email, submission.Apart)
			return err
		}
		first := c.service
		c.openOn(&interrupted{c.Delivery, func() {
			c.service = first
			if err := send(); err != nil {
				t.Errorf("the first: %v", err)
			}
		}})
		if err := send(); !failure.Is(err, failure.NotFound) {
			t.Errorf("the second: %v", err)
		}
		c.demandCorrected(c.outside())
	})
}

// Whatever field names a parent, no copy of another names them, and what names nobody is kept.
func TestACorrectedMessageNamesNobodyInAnyField(t *testing.T) {
	t.Parallel()
	onColleges(t, func(c *college) {
		octets, to := c.refusedLetter()
		octets = strings.Replace(octets, "Subject: Sortie", "Reply-To: "+karim+"\r\nReferences: <1."+anne+"@pc>\r\nX-Famille: =?utf-8?q?"+strings.Replace(anne, "@", "=40", 1)+
			"?=\r\nX-Classe: 4E3\r\nDisposition-Notification-To: "+c.teacher.Address+"\r\nSubject: Sortie de "+rosa, 1)
		if err := c.submits(c.teacher, octets, to...); !failure.Is(err, failure.Policy) {
			t.Fatalf("not refused: %v", err)
		}
		if _, err := c.service.SendCorrected(t.Context(), principal(c.teacher), c.toCorrect(c.teacher.Account)[0].Email, submission.Apart); err != nil {
			t.Fatal(err)
		}
		copies := c.outside()
		copies["the head"] = c.mails(c.head.Account, "inbox")[0]
		for to, copied := range copies {
			header, _, _ := strings.Cut(copied, "\r\n\r\n")
			demandNoAddress(t, "the copy of "+to, header)
			kept := fields(copied, "X-Classe", "Disposition-Notification-To", "Reply-To", "References", "X-Famille")
			if want := []string{"X-Classe: 4E3", "Disposition-Notification-To: " + c.teacher.Address}; !slices.Equal(kept, want) || !strings.Contains(header, "Sortie") {
				t.Errorf("the copy of %s: %q", to, header)
			}
		}
		if len(copies) != 4 {
			t.Errorf("%d copies", len(copies))
		}
	})
}

func TestAConfigurationMaySeparateInsteadOfRefusing(t *testing.T) {
	t.Parallel()
	onColleges(t, func(c *college) {
		c.rules.Separates = true
		c.open()
		octets, to := c.refusedLetter()
		if err := c.submits(c.teacher, octets, to...); err != nil {
			t.Fatal(err)
		}
		copies := c.outside()
		if len(copies) != 3 || len(whoSees(copies)) != 0 {
			t.Errorf("outside: %q", copies)
		}
		if told := c.notices(c.teacher); len(told) != 1 || !strings.Contains(told[0], "À (2)") {
			t.Errorf("the sender is told %q", told)
		}
		if drafts := c.mails(c.teacher.Account, submission.ToCorrectName); len(drafts) != 0 {
			t.Errorf("drafts: %q", drafts)
		}
	})
}

// What a member of the school's box writes as the box is corrected by who wrote it, and leaves as the box.
func TestWhatIsWrittenAsABoxIsCorrectedByItsAuthor(t *testing.T) {
	t.Parallel()
	onColleges(t, func(c *college) {
		const asBox = "ce.0759001b@ac-paris.example"
		octets := letter("Collège <"+asBox+">", "To: "+anne+", "+karim, "Cc: "+c.secretary.Address)
		if err := c.submits(c.head, octets, anne, karim, c.secretary.Address); !failure.Is(err, failure.Policy) {
			t.Fatalf("not refused: %v", err)
		}
		if n := len(c.toCorrect(c.school.Box)); n != 0 {
			t.Errorf("%d wait in the box", n)
		}
		if _, err := c.service.SendCorrected(t.Context(), principal(c.head), c.toCorrect(c.head.Account)[0].Email, submission.Apart); err != nil {
			t.Fatal(err)
		}
		copies := c.outside()
		for to, copied := range copies {
			if got := fields(copied, "From", "To", "Cc"); !slices.Equal(got, []string{"To: Collège <" + asBox + ">", "From: Collège <" + asBox + ">"}) {
				t.Errorf("%s reads %q", to, got)
			}
			if strings.Contains(copied, c.head.Address) || strings.Contains(copied, "Auteur") {
				t.Errorf("%s learns who wrote: %q", to, copied)
			}
		}
		if len(copies) != 2 || len(whoSees(copies)) != 0 {
			t.Errorf("outside: %q", copies)
		}
		sent := c.mails(c.school.Box, "sent")
		if len(sent) != 1 || !strings.Contains(sent[0], "X-Navette-Auteur") || !strings.Contains(sent[0], "To: "+anne+", "+karim) {
			t.Errorf("the box keeps %q", sent)
		}
	})
}

func TestWhatCannotBeKeptIsRefusedAllTheSame(t *testing.T) {
	t.Parallel()
	onColleges(t, func(c *college) {
		c.exec(`UPDATE account_state SET quota_bytes = 10 WHERE account_id = $1`, c.teacher.Account)
		octets, to := c.refusedLetter()
		err := c.submits(c.teacher, octets, to...)
		if !failure.Is(err, failure.Policy) || strings.Contains(failure.TextOf(err, ""), submission.ToCorrectName) {
			t.Errorf("with a full mailbox: %v", err)
		}
		c.exec(`UPDATE account_state SET quota_bytes = 0 WHERE account_id = $1`, c.teacher.Account)
		revoked := failure.New(failure.Denied, "revoked")
		_, err = c.service.Submit(t.Context(), submission.Message{Principal: principal(c.teacher), ReversePath: c.teacher.Address, Recipients: to,
			StillAllowed: func() error { return revoked }}, strings.NewReader(octets))
		if !failure.Is(err, failure.Denied) {
			t.Errorf("revoked meanwhile: %v", err)
		}
		if drafts := c.mails(c.teacher.Account, submission.ToCorrectName); len(drafts) != 0 {
			t.Errorf("drafts: %q", drafts)
		}
	})
}

// What somebody else's program puts into the mailbox, fields and all, waits for nothing: the prefix alone is believed.
func TestOnlyWhatWasRefusedHereCanBeSentFromThere(t *testing.T) {
	t.Parallel()
	onColleges(t, func(c *college) {
		octets, to := c.refusedLetter()
		if err := c.submits(c.teacher, octets, to...); !failure.Is(err, failure.Policy) {
			t.Fatalf("not refused: %v", err)
		}
		c.append(c.teacher.Account, submission.ToCorrectName, "X-Navette-Destinataires: <"+lawyer+">\r\n"+octets)
		if list := c.toCorrect(c.teacher.Account); len(list) != 1 {
			t.Errorf("to correct: %+v", list)
		}
		nobody := identity.Principal{Account: c.teacher.Account}
		if _, err := c.service.SendCorrected(t.Context(), nobody, c.toCorrect(c.teacher.Account)[0].Email, submission.Apart); !failure.Is(err, failure.Denied) {
			t.Errorf("without the scope: %v", err)
		}
	})
}

func TestSendersAreToldOfFewMessagesOneByOneAndOfTheOthersTogether(t *testing.T) {
	t.Parallel()
	onColleges(t, func(c *college) {
		send := func(subject string) {
			c.t.Helper()
			octets := strings.Replace(letter(c.teacher.Address, "To: "+anne, "Cc: "+c.faraway.Address), "Sortie", subject, 1)
			if err := c.submits(c.teacher, octets, anne, c.faraway.Address); err != nil {
				t.Fatal(err)
			}
			c.exec(`DELETE FROM outbound`)
			c.clock.Add(time.Minute)
		}
		for _, subject := range []string{"un", "deux", "trois", "quatre", "cinq pour " + anne} {
			send(subject)
		}
		fold := func() []string {
			c.t.Helper()
			if err := c.service.Fold(t.Context()); err != nil {
				t.Fatal(err)
			}
			return c.notices(c.teacher)
		}
		if told := fold(); len(told) != 3 || !strings.Contains(told[2], "« trois »") {
			t.Errorf("on the day: %q", told)
		}
		c.clock.Add(24 * time.Hour)
		told := fold()
		if len(told) != 4 || !strings.Contains(told[3], "« quatre »") || !strings.Contains(told[3], "« cinq pour [adresse masquée] »") || strings.Contains(told[3], "trois") {
			t.Errorf("on the day after: %q", told)
		}
		demandNoAddress(t, "the notices", strings.Join(told, ""))
		if again := fold(); len(again) != 4 {
			t.Errorf("told twice: %d", len(again))
		}
		send("six")
		if told := c.notices(c.teacher); len(told) != 5 || !strings.Contains(told[4], "« six »") {
			t.Errorf("the next day begins anew: %q", told)
		}
		c.clock.Add(72 * time.Hour)
		fold()
		if n := c.count(`SELECT count(*) FROM remark`); n != 0 {
			t.Errorf("%d remarks stay", n)
		}
	})
}

func TestQuotedHeadersAreToldAfterwardsAndAttachedMessagesAreEvidence(t *testing.T) {
	t.Parallel()
	const mixed = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n"
	quoted := "> De : Karim <" + karim + ">\r\n> À : x\r\n> Bonjour\r\n"
	for _, r := range []struct {
		name, fields, body string
		to                 []string
		told               bool
	}{
		{"a quoted De, to a parent", "", quoted, []string{anne}, true},
		{"a quoted Cc over two lines, outside", "", "Cc : a@ac-paris.example,\r\n  " + karim + "\r\n", []string{lawyer}, true},
		{"a line of attribution", "", "Le 3 nov. 2026 à 10:12, Karim <" + karim + ">\r\na écrit :\r\n> x\r\n", []string{anne}, true},
		{"in quoted-printable", "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n",
			"> =C3=80=C2=A0: <" + strings.Replace(karim, "@", "=40", 1) + ">\r\n", []string{anne}, true},
		{"in HTML", "Content-Type: text/html; charset=utf-8\r\n", "<div><b>De&nbsp;:</b> Karim &lt;<a href=\"mailto:" + karim + "\">" + karim + "</a>&gt;<br>Bonjour</div>",
			[]string{anne}, true},
		{"their own address, back to a parent", "", "> De : " + anne + "\r\n", []string{anne}, false},
		{"to colleagues it is evidence", "", quoted, []string{"HEAD"}, false},
		{"of nobody protected", "", "> De : " + lawyer + "\r\n", []string{anne}, false},
		{"what the sender typed", "", "Écrivez à " + karim + " pour moi.\r\n", []string{anne}, false},
		{"an attached message", mixed, "--b\r\n\r\nVoici.\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: " + karim + "\r\n\r\n> De : " + karim + "\r\n--b--\r\n", []string{anne}, false},
		{"a signed part", "MIME-Version: 1.0\r\nContent-Type: multipart/signed; boundary=b\r\n", "--b\r\n\r\n" + quoted + "--b\r\n\r\nx\r\n--b--\r\n", []string{anne}, false},
	} {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			c := newCollege(t, stores.SQLiteURL(t))
			var to []string
			for _, one := range r.to {
				to = append(to, c.named(one))
			}
			octets := strings.Replace(letter(c.teacher.Address, "To: "+to[0]), "Subject:", r.fields+"Subject:", 1)
			octets = strings.Replace(octets, "Bonjour.\r\n", r.body, 1)
			if err := c.submits(c.teacher, octets, to...); err != nil {
				t.Fatal(err)
			}
			told := c.notices(c.teacher)
			if (len(told) == 1) != r.told {
				t.Errorf("the sender is told %q", told)
			}
			demandNoAddress(t, "the notice", strings.Join(told, ""))
			for _, copied := range c.outside() {
				if !strings.HasSuffix(copied, "\r\n\r\n"+r.body) {
					t.Errorf("the body was changed: %q", copied)
				}
			}
		})
	}
}
