package submission_test

import (
	"fmt"
	"strings"
	"testing"

	"navette/internal/testkit/stores"
)

// What a submission asks of the database before it is accepted does not grow with its recipients, and among colleagues
// nothing of the guard's questions is asked.
func TestASubmissionAsksAsFewQuestionsForManyAsForOne(t *testing.T) {
	t.Parallel()
	c := newCollege(t, stores.SQLiteURL(t))
	c.receives("From: "+anne+"\r\nTo: "+c.teacher.Address+"\r\nSubject: Sortie\r\nMessage-ID: <q@parent>\r\n\r\nx\r\n", c.teacher.Account)
	many := make([]string, 200)
	for i := range many {
		many[i] = fmt.Sprintf("quelqu.un%d@dehors.example", i)
	}
	ask := func(octets string, to ...string) int64 {
		t.Helper()
		before := c.DB.Stats().Queries
		if err := c.submits(c.teacher, octets, to...); err != nil {
			t.Fatal(err)
		}
		return c.DB.Stats().Queries - before
	}
	colleague := letter(c.teacher.Address, "To: "+c.head.Address)
	ask(colleague, c.head.Address) // the head's address is resolved, and known for a moment
	among := ask(colleague, c.head.Address)
	one, all := ask(letter(c.teacher.Address, "To: "+many[0]), many[0]), ask(letter(c.teacher.Address, "To: "+many[0]), many...)
	answer := ask(letter(c.teacher.Address, "To: "+anne, "In-Reply-To: <q@parent>"), anne)
	t.Logf("among colleagues %d queries, to one outside %d, to 200 %d, an answer %d", among, one, all, answer)
	if among > 2 {
		t.Errorf("among colleagues %d queries: their addresses are asked for twice, and nothing else", among)
	}
	if one != all {
		t.Errorf("to one %d queries, to 200 %d", one, all)
	}
	if one > among+10 {
		t.Errorf("to one outside %d queries, among colleagues %d", one, among)
	}
	if answer > one+3 {
		t.Errorf("an answer takes %d queries, another message %d", answer, one)
	}
}

// BenchmarkSubmit is a message among colleagues, the usual one.
func BenchmarkSubmit(b *testing.B) {
	w := newWorld(b)
	octets := "From: " + w.sender + "\r\nTo: " + w.colleague + "\r\nSubject: =?utf-8?q?R=C3=A9union?=\r\nReferences: <0@pc> <1@pc>\r\nIn-Reply-To: <1@pc>\r\n" + complete +
		"User-Agent: Mozilla Thunderbird\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + strings.Repeat("Bonjour à tous, voici l'ordre du jour.\r\n", 100)
	for b.Loop() {
		if err := w.submit(octets, w.colleague); err != nil {
			b.Fatal(err)
		}
	}
}
