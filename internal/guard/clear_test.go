package guard_test

import (
	"testing"

	"navette/internal/failure"
	"navette/internal/guard"
)

// A message is delivered to all that its sender named, or to none: one refusal, or in webmail one confirmation that is
// missing, refuses it whole. Doors without a dialogue deliver what is to be confirmed, and tell afterwards.
func TestOneRefusalRefusesTheWholeMessage(t *testing.T) {
	t.Parallel()
	deliver := guard.Decision{Recipient: guard.Recipient{Address: "a@x.example"}, Verdict: guard.Deliver}
	separate := guard.Decision{Recipient: guard.Recipient{Address: "b@x.example"}, Verdict: guard.Separate}
	confirm := guard.Decision{Recipient: guard.Recipient{Address: "c@x.example"}, Verdict: guard.Confirm, Text: "to confirm"}
	refuse := guard.Decision{Recipient: guard.Recipient{Address: "d@x.example"}, Verdict: guard.Refuse, Text: "refused"}
	second := guard.Decision{Recipient: guard.Recipient{Address: "e@x.example"}, Verdict: guard.Refuse, Text: "refused too"}
	for _, c := range []struct {
		name                      string
		list                      []guard.Decision
		webmail, asked, elsewhere string // the text of the refusal in webmail, there once confirmed, at the other doors; "" where cleared
	}{
		{"all are delivered", []guard.Decision{deliver, deliver}, "", "", ""},
		{"a separate copy", []guard.Decision{deliver, separate}, "", "", ""},
		{"one to confirm", []guard.Decision{deliver, confirm}, "to confirm", "", ""},
		{"one refused, last", []guard.Decision{deliver, separate, refuse}, "refused", "refused", "refused"},
		{"one refused, first", []guard.Decision{refuse, deliver}, "refused", "refused", "refused"},
		{"two refused: the first is told", []guard.Decision{refuse, second}, "refused", "refused", "refused"},
		{"one to confirm and one refused", []guard.Decision{confirm, refuse}, "to confirm", "refused", "refused"},
	} {
		for name, door := range doors {
			t.Run(c.name+" at "+name, func(t *testing.T) {
				t.Parallel()
				unasked, asked := c.elsewhere, c.elsewhere
				if door == guard.Webmail {
					unasked, asked = c.webmail, c.asked
				}
				demandClear(t, guard.DecidedForTest(door, c.list...), false, unasked, len(c.list))
				demandClear(t, guard.DecidedForTest(door, c.list...), true, asked, len(c.list))
			})
		}
	}
}

// demandClear demands a refusal with a text, which clears nobody, or where text is "" that all n are cleared.
func demandClear(t *testing.T, d guard.Decisions, confirmed bool, text string, n int) {
	t.Helper()
	cleared, err := d.Clear(confirmed)
	if text == "" {
		if err != nil || len(cleared.Recipients()) != n || cleared.Sender() != 7 {
			t.Errorf("confirmed %v: cleared %d of %d, %v", confirmed, len(cleared.Recipients()), n, err)
		}
		return
	}
	if !failure.Is(err, failure.Policy) || failure.TextOf(err, "") != text {
		t.Errorf("confirmed %v: %v, expected %q", confirmed, err, text)
	}
	if len(cleared.Recipients()) != 0 || cleared.Door() != 0 {
		t.Errorf("confirmed %v: refused, and yet cleared for %v", confirmed, cleared.Recipients())
	}
}
