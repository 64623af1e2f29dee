package webd_test

import (
	"strings"
	"testing"

	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/submission"
	"navette/internal/testkit/agents"
	"navette/internal/webd"
)

// What a mail program was refused is seen and sent in the pages, corrected, by whose it is, and once.
func TestWhatAMailProgramWasRefusedLeavesInOneClick(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		d := newDesk(a, nil)
		refuse := func() {
			a.Helper()
			octets := "From: " + d.teacher.Address + "\r\nTo: " + anne + ", " + paul + "\r\nSubject: Sortie\r\n\r\nBonjour.\r\n"
			_, err := d.letters.Submit(a.Context(), submission.Message{Principal: identity.Principal{Account: d.teacher.Account, Scopes: identity.SubmitMail},
				ReversePath: d.teacher.Address, Recipients: []string{anne, paul}, Protocol: "ESMTPSA"}, strings.NewReader(octets))
			if !failure.Is(err, failure.Policy) {
				a.Fatalf("not refused: %v", err)
			}
		}
		list := func() []webd.DraftLine {
			a.Helper()
			answer := d.call("GET", "drafts/to-correct", nil)
			d.want("list", answer, 200, "")
			if strings.Contains(answer.body, anne) || strings.Contains(answer.body, paul) {
				a.Errorf("the list names an address: %s", answer.body)
			}
			return decode[[]webd.DraftLine](a.T, answer.body)
		}
		if lines := list(); len(lines) != 0 {
			a.Errorf("before: %+v", lines)
		}
		for _, remedy := range []string{"apart", "cci"} {
			refuse()
			lines := list()
			if len(lines) != 1 || lines[0].Subject != "Sortie" || lines[0].Recipients != 2 || !strings.HasPrefix(lines[0].Reason, "À (2) : ") {
				a.Fatalf("waiting: %+v", lines)
			}
			send := "drafts/to-correct/" + lines[0].ID + "/send"
			d.want("no such remedy", d.call("POST", send, webd.CorrectRequest{Remedy: "all"}), 400, "malformed")
			d.want("no such draft", d.call("POST", "drafts/to-correct/x/send", webd.CorrectRequest{Remedy: remedy}), 404, "not-found")
			d.want("send", d.call("POST", send, webd.CorrectRequest{Remedy: remedy}), 204, "")
			d.want("send again", d.call("POST", send, webd.CorrectRequest{Remedy: remedy}), 404, "not-found")
			if lines := list(); len(lines) != 0 {
				a.Errorf("still waiting: %+v", lines)
			}
		}
		if got := d.queued(); len(got) != 4 {
			a.Errorf("queued for %v", got)
		}
	})
}
