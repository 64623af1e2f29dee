package guard_test

import (
	"testing"

	"navette/internal/failure"
	"navette/internal/guard"
)

// doors are all of them, by the names of their constants; TestEveryDoorIsListed holds that none is missing.
var doors = map[string]guard.Door{
	"Reception": guard.Reception, "LMTP": guard.LMTP, "Submission": guard.Submission, "Webmail": guard.Webmail, "System": guard.System,
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
