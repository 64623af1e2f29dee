package submission_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"navette/internal/failure"
	"navette/internal/guard"
	"navette/internal/submission"
	"navette/internal/testkit/school"
)

// nobodys is an address of the domain of Anne's, and of nobody whom a school knows.
const nobodys = "personne@example.net"

// learned is all that somebody learns from sending, or from asking what would become of it: what is answered, and what
// answering costs, which a clock could tell.
type learned struct {
	Submitted, Sent string // texts of refusals
	Checked         []guard.Decision
	Concerns        []guard.Concern
	Asking          cost // of the check
	Sending         cost // of all
}

// cost is what a clock would tell.
type cost struct{ Reads, Queries, Writes int64 }

// cost takes the least of a few times: now and then ids are fetched, or something in the background asks as well.
func (c *college) cost(fn func()) (least cost) {
	for i := range 5 {
		before := c.DB.Stats()
		fn()
		after := c.DB.Stats()
		reads, queries, writes := after.Reads-before.Reads, after.Queries-before.Queries, after.Writes-before.Writes
		if i == 0 {
			least = cost{reads, queries, writes}
		}
		least = cost{min(least.Reads, reads), min(least.Queries, queries), min(least.Writes, writes)}
	}
	return least
}

// learns has somebody write a letter through every door, X standing for an address.
func (c *college) learns(who *school.Agent, l submission.Letter, address string) (out learned) {
	c.t.Helper()
	l = naming(l, address)
	out.Asking = c.cost(func() {
		o, err := c.service.Check(c.t.Context(), principal(who), l)
		if err != nil {
			c.t.Fatal(err)
		}
		out.Concerns, out.Checked = o.Concerns, nil
		for _, d := range o.Recipients {
			d.Recipient = guard.Recipient{}
			out.Checked = append(out.Checked, d)
		}
	})
	out.Sending = c.cost(func() {
		_, err := c.service.Send(c.t.Context(), principal(who), l)
		out.Sent = failure.TextOf(err, "")
		fields := []string{"To: " + strings.Join(l.To, ", ")}
		if len(l.Cc) > 0 {
			fields = append(fields, "Cc: "+strings.Join(l.Cc, ", "))
		}
		err = c.submits(who, letter(who.Address, fields...)+l.Text, append(append(append([]string{}, l.To...), l.Cc...), l.Bcc...)...)
		out.Submitted = failure.TextOf(err, "")
	})
	return out
}

func naming(l submission.Letter, address string) submission.Letter {
	put := func(list []string) (out []string) {
		for _, r := range list {
			out = append(out, strings.ReplaceAll(r, "X", address))
		}
		return out
	}
	l.To, l.Cc, l.Bcc, l.Text = put(l.To), put(l.Cc), put(l.Bcc), strings.ReplaceAll(l.Text, "<X>", "<"+address+">")
	return l
}

// letters are all in which an address may stand.
func letters(c *college) []submission.Letter {
	return []submission.Letter{
		{To: []string{"X"}}, {To: []string{"X", lawyer}}, {To: []string{lawyer}, Cc: []string{"X"}}, {To: []string{c.head.Address}, Cc: []string{"X"}},
		{To: []string{"X"}, Cc: []string{c.head.Address, c.faraway.Address}}, {To: []string{c.teacher.Address}, Bcc: []string{"X", lawyer}},
		{To: []string{"X", "a@gmail.com", "b@free.fr", "c@orange.fr", "d@laposte.net", "e@yahoo.fr"}},
		{To: []string{lawyer}, Text: "> De : <X>\r\n"}, {To: []string{"X", lawyer}, Apart: true},
	}
}

// The class of a recipient cannot be guessed by who is not entitled to it: a teacher of another school gets the same
// answers for a guardian as for anybody, octet for octet, for the same number of reads, queries and writes.
func TestNobodyCanGuessWhoIsAGuardianElsewhere(t *testing.T) {
	t.Parallel()
	onColleges(t, func(c *college) {
		for _, l := range letters(c) {
			if diff := cmp.Diff(c.learns(c.faraway, l, nobodys), c.learns(c.faraway, l, anne)); diff != "" {
				t.Errorf("%+v (-of nobody +of a guardian)\n%s", l, diff)
			}
		}
	})
}

// A teacher of the school who is not entitled is answered the same as well, and a check costs the same. What is sent
// costs more where copies must go apart in silence.
func TestAColleagueCannotGuessWhoIsAGuardianOfAnotherClass(t *testing.T) {
	t.Parallel()
	onColleges(t, func(c *college) {
		for _, l := range letters(c) {
			nobody, guardian := c.learns(c.other, l, nobodys), c.learns(c.other, l, anne)
			nobody.Sending, guardian.Sending = cost{}, cost{}
			if diff := cmp.Diff(nobody, guardian); diff != "" {
				t.Errorf("%+v (-of nobody +of a guardian)\n%s", l, diff)
			}
		}
		if told := c.mails(c.other.Account, "inbox"); len(told) != 0 {
			t.Errorf("the colleague is told %q", told)
		}
	})
}

// The test is able to tell: who is entitled is answered otherwise.
func TestWhoIsEntitledIsAnsweredOtherwise(t *testing.T) {
	t.Parallel()
	onColleges(t, func(c *college) {
		l := submission.Letter{To: []string{"X", lawyer}}
		nobody, guardian := c.learns(c.teacher, l, nobodys), c.learns(c.teacher, l, anne)
		if nobody.Submitted != "" || guardian.Submitted == "" || guardian.Sent == "" || nobody.Asking.Queries == 0 {
			t.Errorf("of nobody %+v\nof a guardian %+v", nobody, guardian)
		}
	})
}
