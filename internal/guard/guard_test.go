package guard_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"navette/internal/failure"
	"navette/internal/guard"
)

// doors are all of them, by the names of their constants; TestEveryDoorIsListed holds that none is missing.
var doors = map[string]guard.Door{
	"Reception": guard.Reception, "LMTP": guard.LMTP, "Submission": guard.Submission, "Webmail": guard.Webmail, "System": guard.System,
}

// everybody is one recipient of each class in each field.
func everybody() []guard.Recipient {
	var out []guard.Recipient
	for _, class := range []guard.Class{guard.External, guard.Agent, guard.Functional, guard.Group, guard.Protected, guard.Presumed} {
		for _, field := range []guard.Field{guard.Hidden, guard.To, guard.Cc} {
			out = append(out, guard.Recipient{Address: fmt.Sprintf("r%d.%d@ac-paris.example", class, field), Standing: guard.Standing{Class: class}, Field: field})
		}
	}
	return out
}

// The first policy: whoever stands wherever is delivered to, through every door, in the order asked.
func TestTheFirstPolicyDeliversToEverybodyThroughEveryDoor(t *testing.T) {
	t.Parallel()
	for name, door := range doors {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			decisions := guard.Decide(guard.Message{Door: door, Sender: 7, Recipients: everybody()})
			var want []guard.Decision
			for _, r := range everybody() {
				want = append(want, guard.Decision{Recipient: r, Verdict: guard.Deliver})
			}
			if diff := cmp.Diff(want, decisions.List()); diff != "" {
				t.Errorf("(-expected +decided)\n%s", diff)
			}
			cleared, err := decisions.Clear(false)
			if err != nil {
				t.Fatal(err)
			}
			if cleared.Door() != door || cleared.Sender() != 7 {
				t.Errorf("cleared for door %d and sender %d", cleared.Door(), cleared.Sender())
			}
			if diff := cmp.Diff(want, cleared.Recipients()); diff != "" {
				t.Errorf("(-expected +cleared)\n%s", diff)
			}
		})
	}
}

func TestAMessageToNobodyIsClearedForNobody(t *testing.T) {
	t.Parallel()
	cleared, err := guard.Decide(guard.Message{Door: guard.Submission}).Clear(true)
	if err != nil || len(cleared.Recipients()) != 0 {
		t.Errorf("cleared for %v, %v", cleared.Recipients(), err)
	}
	if zero := (guard.Cleared{}); zero.Door() != 0 || zero.Sender() != 0 || len(zero.Recipients()) != 0 {
		t.Errorf("the zero value is cleared for door %d, sender %d, %v", zero.Door(), zero.Sender(), zero.Recipients())
	}
}

// A failure's text is what the agent reads: it must be the decision's.
func TestTheTextOfARefusalIsTheDecisions(t *testing.T) {
	t.Parallel()
	const text = "À : 100 % des 2 adresses (two addresses in To)" // % is no verb
	_, err := guard.DecidedForTest(guard.Submission, guard.Decision{Verdict: guard.Refuse, Text: text}).Clear(true)
	if !failure.Is(err, failure.Policy) || failure.TextOf(err, "") != text {
		t.Errorf("got %q, %v", failure.TextOf(err, ""), err)
	}
}
