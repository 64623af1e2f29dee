package webd_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"navette/internal/directory"
	"navette/internal/identity"
	"navette/internal/testkit/agents"
	"navette/internal/webd"
)

// A head prints a sheet for somebody of their school, who comes in by it; nobody else makes one.
func TestAHeadsSheetLeadsToAnAccount(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		b := newBrowser(a) // cmartin, a teacher of 0750001A
		b.Appoint(9, "aed", "AED", "AED", "0750001A", "")
		b.signIn()
		b.want("the list of a teacher", b.call("GET", "school/waiting", nil), 403, "denied")
		b.want("a sheet by a teacher", b.call("POST", "school/sheets", webd.SheetRequest{Login: "aed"}), 404, "not-found")

		b.Appoint(1, "head", "DIEO", directory.FonctionHead, "0750001A", "")
		if err := b.Identity.Activate(b.Context(), identity.By{Actor: "test"}, 1, agents.Password); err != nil {
			b.Fatal(err)
		}
		b.want("the head", b.call("POST", "session", webd.SignInRequest{Login: "head", Password: agents.Password}), 200, "")
		if list := b.call("GET", "school/waiting", nil); !strings.Contains(list.body, `"login":"aed"`) || !strings.Contains(list.body, `"sheet_until":null`) {
			b.Errorf("the list of a head: %d %s", list.StatusCode, list.body)
		}
		if card := b.call("GET", "account", nil); !strings.Contains(card.body, `"heads":true`) {
			b.Errorf("the card of a head: %s", card.body)
		}
		b.Pass(20 * time.Minute)
		b.want("a sheet with an old proof", b.call("POST", "school/sheets", webd.SheetRequest{Login: "aed"}), 403, "step-up")
		b.want("the password", b.call("POST", "session/step-up", webd.StepUpRequest{Password: agents.Password}), 204, "")
		made := b.call("POST", "school/sheets", webd.SheetRequest{Login: "aed"})
		b.want("a sheet", made, 200, "")
		var sheet webd.SheetAnswer
		if err := json.Unmarshal([]byte(made.body), &sheet); err != nil {
			b.Fatal(err)
		}
		if list := b.call("GET", "school/waiting", nil); strings.Contains(list.body, sheet.Code) || strings.Contains(list.body, `"sheet_until":null`) {
			b.Errorf("the list after it: %s", list.body)
		}

		b.cookies = map[string]string{}
		b.want("the claim", b.call("POST", "activation", webd.ActivationRequest{Login: "aed", Sheet: sheet.Code}), 200, "")
	})
}
