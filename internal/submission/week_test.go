package submission_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"navette/internal/failure"
	"navette/internal/submission"
	"navette/internal/testkit/school"
)

// row is one message of a school's week, as a mail program submits it.
type row struct {
	name   string
	from   func(c *college) *school.Agent // nil: the teacher of the class
	before string                         // what the sender has received, if anything
	fields []string                       // of the message; TEACHER, HEAD… stand for addresses
	to     []string                       // the envelope

	refused string              // the fields and counts that the text begins with; "" where it is sent
	sees    map[string][]string // whose addresses a copy outside shows besides its reader's
	alone   []string            // who gets a copy of their own, under a reverse-path of its own
	told    string              // a part of what the sender is told afterwards; "" for nothing
}

// The table of GUARD.md, at the door of mail programs.
var rows = []row{
	{name: "a parent alone", fields: []string{"To: " + anne}, to: []string{anne}},
	{name: "a parent, the head in Cc", fields: []string{"To: " + anne, "Cc: HEAD"}, to: []string{anne, "HEAD"}},
	{name: "a parent, the school's box in Cc", fields: []string{"To: " + anne, "Cc: BOX"}, to: []string{anne, "BOX"}},
	{name: "a parent, a colleague of another school in Cc", fields: []string{"To: " + anne, "Cc: FARAWAY"}, to: []string{anne, "FARAWAY"}, told: "À"},
	{name: "two parents", fields: []string{"To: " + anne + ", " + karim}, to: []string{anne, karim}, refused: "À (2)"},
	{name: "separated parents, one in Cc", fields: []string{"To: " + anne, "Cc: " + paul}, to: []string{anne, paul}, refused: "À (1), Cc (1)"},
	{name: "a parent and a lawyer", fields: []string{"To: " + anne, "Cc: " + lawyer}, to: []string{anne, lawyer}, refused: "À (1)"},
	{name: "however they are written", fields: []string{"To: =?utf-8?q?Anne?= <" + strings.ToUpper(anne) + ">, Karim <k.a.r.i.m.b+ecole@GoogleMail.com>"},
		to: []string{strings.ToUpper(anne), "k.a.r.i.m.b+ecole@GoogleMail.com"}, refused: "À (2)"},
	{name: "in a group of the header", fields: []string{"To: parents: " + anne + ",\r\n " + karim + ";"}, to: []string{anne, karim}, refused: "À (2)"},
	{name: "an IDNA domain in its readable form", fields: []string{"To: paul@exämple.fr, " + anne}, to: []string{paul, anne}, refused: "À (2)"},
	{name: "one gets no copy, and is shown", fields: []string{"To: " + anne + ", " + karim}, to: []string{anne}, refused: "À (2)"},
	{name: "an answer would go to another parent", fields: []string{"To: " + anne, "Reply-To: " + karim}, to: []string{anne}, refused: "À (1), autres champs (1)"},
	{name: "a name that is another parent's address", fields: []string{"To: \"" + karim + "\" <" + anne + ">"}, to: []string{anne}, refused: "À (1), autres mots de l’en-tête (1)"},
	{name: "a field of one's own making that names a parent, to another", fields: []string{"To: " + anne, "X-Famille: =?utf-8?q?" + strings.Replace(karim, "@", "=40", 1) + "?="}, to: []string{anne},
		refused: "À (1), autres mots de l’en-tête (1)"},
	{name: "a group of the header that bears an address", fields: []string{"To: \"" + karim + "\": " + anne + ";"}, to: []string{anne},
		refused: "À (1), autres mots de l’en-tête (1)"},
	{name: "an old address of a parent", from: secretary, fields: []string{"To: " + old + ", " + anne}, to: []string{old, anne}, refused: "À (2)"},
	{name: "the association's president, the elected parents in Cc, in their frame", from: secretary, fields: []string{"To: " + president, "Cc: " + elected},
		to: []string{president, elected}, sees: map[string][]string{president: {elected}, elected: {president}}},
	{name: "the same, with a parent who is not in it", from: secretary, fields: []string{"To: " + president, "Cc: " + elected + ", " + anne},
		to: []string{president, elected, anne}, refused: "Cc (2)"},
	{name: "the class in Cci", fields: []string{"To: TEACHER", "Bcc: " + anne + ", " + paul + ", " + karim}, to: []string{"TEACHER", anne, paul, karim},
		alone: []string{anne, paul, karim}},
	{name: "the class in Cci, the header naming nobody", fields: []string{"To: undisclosed-recipients:;"}, to: []string{anne, karim, rosa},
		alone: []string{anne, karim, rosa}},
	{name: "parents in Cci, a colleague in À", fields: []string{"To: Hélène <HEAD>"}, to: []string{"HEAD", anne, karim}, alone: []string{anne, karim}},
	{name: "two guardians on one mailbox", fields: []string{"To: " + rosa + ", " + strings.ToUpper(rosa)}, to: []string{rosa}},
	{name: "a parent who is a colleague, by the academic address", fields: []string{"To: " + anne + ", PARENT"}, to: []string{anne, "PARENT"}, told: "À"},
	{name: "the parents of the class", fields: []string{"To: PARENS"}, to: []string{"PARENS"}, alone: []string{anne, paul, karim, rosa}},
	{name: "the parents of the class in Cc, the head in À", fields: []string{"To: HEAD", "Cc: Parents <PARENS>"}, to: []string{"HEAD", "PARENS"},
		alone: []string{anne, paul, karim, rosa}},
	{name: "a parent by name, and the parents of the class", fields: []string{"To: " + karim + ", PARENS"}, to: []string{karim, "PARENS"}, alone: []string{anne, paul, rosa}},
	{name: "the parents of another's class", from: other, fields: []string{"To: PARENS"}, to: []string{"PARENS"}, refused: "ce groupe n’est ouvert qu’à ceux dont la fonction le permet"},
	{name: "the teachers of the class", fields: []string{"To: STAFF"}, to: []string{"STAFF"}},
	{name: "colleagues among themselves", fields: []string{"To: HEAD, FARAWAY", "Cc: OTHER"}, to: []string{"HEAD", "FARAWAY", "OTHER"}},
	{name: "strangers outside", fields: []string{"To: " + lawyer + ", maire@mairie.example"}, to: []string{lawyer, "maire@mairie.example"}, sees: map[string][]string{"maire@mairie.example": {lawyer}}},
	{name: "five addresses typed by hand", fields: []string{"To: a@gmail.com, b@free.fr, c@orange.fr, d@gmail.com, e@laposte.net"},
		to: []string{"a@gmail.com", "b@free.fr", "c@orange.fr", "d@gmail.com", "e@laposte.net"}, refused: "À (5)"},
	{name: "a teacher of another school, who knows nobody here", from: faraway, fields: []string{"To: " + anne + ", " + lawyer}, to: []string{anne, lawyer},
		sees: map[string][]string{anne: {lawyer}, lawyer: {anne}}},
	{name: "an answer to all, where a parent wrote with another parent in Cc", before: "From: " + anne + "\r\nTo: TEACHER\r\nCc: " + karim,
		fields: []string{"To: " + anne, "Cc: " + karim, "In-Reply-To: <q@parent>"}, to: []string{anne, karim}, alone: []string{anne, karim}, told: "sépar"},
	{name: "the same, with a newcomer", before: "From: " + anne + "\r\nTo: TEACHER\r\nCc: " + karim,
		fields: []string{"To: " + anne, "Cc: " + karim + ", " + rosa, "In-Reply-To: <q@parent>"}, to: []string{anne, karim, rosa}, refused: "À (1), Cc (2)"},
	{name: "an answer to a message that is not there", fields: []string{"To: " + anne, "Cc: " + karim, "In-Reply-To: <q@parent>"}, to: []string{anne, karim}, refused: "À (1), Cc (1)"},
	{name: "an answer that somebody else has", before: "From: " + lawyer + "\r\nTo: TEACHER\r\nCc: " + anne + ", " + karim,
		fields: []string{"To: " + anne, "Cc: " + karim, "In-Reply-To: <q@parent>"}, to: []string{anne, karim}, refused: "À (1), Cc (1)"},
}

func secretary(c *college) *school.Agent { return c.secretary }
func faraway(c *college) *school.Agent   { return c.faraway }
func other(c *college) *school.Agent     { return c.other }

// named puts the addresses of the college's people into a text.
func (c *college) named(text string) string {
	return strings.NewReplacer("TEACHER", c.teacher.Address, "HEAD", c.head.Address, "OTHER", c.other.Address, "PARENT", c.parent.Address,
		"FARAWAY", c.faraway.Address, "PARENS", c.parents, "STAFF", c.staff, "BOX", "ce.0759001b@ac-paris.example").Replace(text)
}

// Every row is a day of the same school.
func TestASchoolsWeekByMailProgram(t *testing.T) {
	t.Parallel()
	onColleges(t, func(c *college) {
		for _, r := range rows {
			c.clock.Add(24 * time.Hour)
			c.exec(`DELETE FROM outbound`)
			r.play(c)
		}
	})
}

// play submits the message and looks at all that came of it.
func (r row) play(c *college) {
	sender := c.teacher
	if r.from != nil {
		sender = r.from(c)
	}
	if r.before != "" {
		c.receives(c.named(r.before)+"\r\nSubject: Re: "+r.name+"\r\nMessage-ID: <q@parent>\r\n\r\nx\r\n", sender.Account)
	}
	var to []string
	for _, one := range r.to {
		to = append(to, c.named(one))
	}
	octets := strings.NewReplacer("Sortie", r.name, "<1@pc>", "<"+strings.ReplaceAll(r.name, " ", ".")+"@pc>").Replace(c.named(letter(sender.Address, r.fields...)))
	drafts, told := len(c.mails(sender.Account, submission.ToCorrectName)), len(c.notices(sender))
	err := c.submits(sender, octets, to...)
	newDrafts, newlyTold := c.mails(sender.Account, submission.ToCorrectName)[drafts:], c.notices(sender)[told:]
	if r.refused != "" {
		r.demandRefusal(c, err, octets, newDrafts)
		return
	}
	if err != nil || len(newDrafts) != 0 {
		c.t.Errorf("%s: refused: %v, and %d drafts", r.name, err, len(newDrafts))
	}
	r.demandCopies(c, sender, c.outside())
	r.demandNotice(c, newlyTold)
}

// demandCopies looks at what leaves for outside.
func (r row) demandCopies(c *college, sender *school.Agent, copies map[string]string) {
	if diff := cmp.Diff(r.sees, whoSees(copies), cmpopts.EquateEmpty()); diff != "" {
		c.t.Errorf("%s: who sees whom (-expected +is)\n%s", r.name, diff)
	}
	for address, copied := range copies {
		apart := slices.Contains(r.alone, address)
		if own := !strings.Contains(copied, "Return-Path: <"+sender.Address+">"); own != apart {
			c.t.Errorf("%s: %s: a reverse-path of its own: %v, expected %v", r.name, address, own, apart)
		}
		if got := fields(copied, "To", "Cc", "Bcc"); apart && !slices.Equal(got, []string{"To: " + sender.Address}) {
			c.t.Errorf("%s: %s, apart, reads %q", r.name, address, got)
		}
	}
	for _, address := range r.alone {
		if copies[address] == "" {
			c.t.Errorf("%s: %s gets no copy", r.name, address)
		}
	}
}

// notices gives the texts of what an agent was told.
func (c *college) notices(who *school.Agent) (out []string) {
	for _, m := range c.mails(who.Account, "inbox") {
		if strings.Contains(m, "postmaster@") {
			out = append(out, decoded(m))
		}
	}
	return out
}

func (r row) demandRefusal(c *college, err error, octets string, drafts []string) {
	text := failure.TextOf(err, "")
	if !failure.Is(err, failure.Policy) || !strings.HasPrefix(text, r.refused) || !strings.Contains(text, submission.ToCorrectName) ||
		!strings.Contains(text, "https://aide.example/gardien") {
		c.t.Errorf("%s: the refusal is %v", r.name, err)
	}
	demandNoAddress(c.t, r.name+": the error", fmt.Sprint(err))
	if len(c.outside()) != 0 {
		c.t.Errorf("%s: sent all the same: %v", r.name, c.outside())
	}
	if len(drafts) != 1 || !strings.HasSuffix(drafts[0], octets) || !strings.HasPrefix(drafts[0], "X-Navette-A-Corriger: ") {
		c.t.Errorf("%s: the draft is %q", r.name, drafts)
	}
}

func (r row) demandNotice(c *college, told []string) {
	switch {
	case r.told == "" && len(told) == 0:
	case r.told == "" || len(told) != 1 || !strings.Contains(told[0], r.told) || !strings.Contains(told[0], r.name):
		c.t.Errorf("%s: the sender is told %q, expected %q", r.name, told, r.told)
	default:
		demandNoAddress(c.t, r.name+": the notice", told[0])
	}
}

func demandNoAddress(t testing.TB, where, text string) {
	t.Helper()
	for _, address := range []string{anne, paul, karim, rosa, old, lawyer, president, elected} {
		if strings.Contains(strings.ToLower(text), address) {
			t.Errorf("%s names an address: %q", where, text)
		}
	}
}
