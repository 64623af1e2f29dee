package webd_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"navette/internal/directory"
	"navette/internal/identity"
	"navette/internal/reach"
	"navette/internal/testkit/agents"
	"navette/internal/testkit/school"
	"navette/internal/webd"
)

func TestAHeadDelegatesTheClassesOfAnAbsentTeacher(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		s, other := school.New(a, a.House, "0759001B"), school.New(a, a.House, "0750654D")
		class := s.Class("4E3")
		class.Pupil("Léa", "DUPONT").Guardian("Anne", anne)
		absent, replacement := s.Teacher("Eva", "SIMON", class), other.Teacher("Ana", "TZR")
		head := s.Head("Claire", "MARTIN").Becomes(directory.StateAppointed)
		if err := a.Identity.Activate(a.Context(), identity.By{Actor: "test"}, head.Account, agents.Password); err != nil {
			a.Fatal(err)
		}
		r := reach.New(reach.Config{DB: a.DB, Former: noFormer{}, Now: a.Now})
		d := newDoor(a.T, func(c *webd.Config) {
			c.Now = a.Now
			c.People = &webd.People{Sessions: a.Sessions, SignIn: a.Signin, Activations: a.Activation, Factors: a.Factors, Secrets: a.Identity, Delegations: r}
		})
		b := &browser{d, a, map[string]string{}}
		const path = "schools/0759001B/delegations"
		ask := webd.DelegationRequest{Receiver: replacement.Address, Teacher: absent.Login, From: "2026-09-01", To: "2026-09-30", Reason: "congé"}
		b.want("without a session", b.call("GET", path, nil), 401, "signed-out")
		b.want("a change without a session", b.call("POST", path, ask), 401, "signed-out")
		b.signIn()
		b.want("another school", b.call("GET", "schools/0750654D/delegations", nil), 403, "denied")
		b.want("another school's class", b.call("POST", "schools/0750654D/delegations", ask), 403, "denied")
		unknown := ask
		unknown.Receiver = "personne"
		b.want("nobody", b.call("POST", path, unknown), 404, "not-found")
		dateless := ask
		dateless.To = ""
		b.want("without a last day", b.call("POST", path, dateless), 422, "policy")
		var made webd.DelegationAnswer
		if got := b.call("POST", path, ask); got.StatusCode != 200 || json.Unmarshal([]byte(got.body), &made) != nil {
			a.Fatalf("delegate: %d %s", got.StatusCode, got.body)
		}
		if out, err := r.Standings(a.Context(), replacement.Account, []string{anne}); err != nil || !out[0].Entitled {
			a.Errorf("the replacement may write: %+v, %v", out, err)
		}
		got := b.call("GET", path, nil)
		if want := `"receiver":"Ana TZR","of":"Eva SIMON","from":"2026-09-01","to":"2026-09-30","given_by":"cmartin"`; !strings.Contains(got.body, want) {
			a.Errorf("%s, want %s", got.body, want)
		}
		if got := b.call("DELETE", fmt.Sprintf("%s/%d", path, made.ID), nil); got.StatusCode != 204 {
			a.Errorf("withdraw: %d %s", got.StatusCode, got.body)
		}
		if out, err := r.Standings(a.Context(), replacement.Account, []string{anne}); err != nil || out[0].Entitled {
			a.Errorf("after it was withdrawn: %+v, %v", out, err)
		}
	})
}
