package webd_test

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"navette/internal/directory"
	"navette/internal/frame"
	"navette/internal/identity"
	"navette/internal/testkit/agents"
	"navette/internal/testkit/house"
	"navette/internal/testkit/school"
	"navette/internal/webd"
)

// A head makes a frame, finds whom to ask, sees who answered; to a teacher there is no frame, whatever they ask.
func TestAHeadKeepsTheFramesOfTheirSchool(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		service := frame.New(frame.Config{DB: a.DB, Contents: a.House.Contents, Delivery: a.House.Delivery, Domain: house.Domain, Hostname: "mx.example",
			Origin: func() string { return agents.Origin }, Now: a.Now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler)})
		s := school.New(a.T, a.House, "0759001B")
		karim := s.Class("4E3").Pupil("Léa", "BENALI").Guardian("Karim", "karim@perso.example")
		d := newDoor(a.T, func(c *webd.Config) {
			c.Now = a.Now
			c.People = &webd.People{Sessions: a.Sessions, SignIn: a.Signin, Activations: a.Activation, Factors: a.Factors, Secrets: a.Identity, Keeper: service}
		})
		until := directory.DateOf(a.Now()).AddDays(300).String()
		made := webd.NewFrameRequest{UAI: "0759001B", Name: "Parents élus", Purpose: "Préparer les conseils.", Until: until}
		signedIn := func(agent *school.Agent) *browser {
			a.Helper()
			if err := a.Identity.SetPassword(a.Context(), identity.By{Actor: "test", Reason: "test"}, agent.Account, agents.Password); err != nil {
				a.Fatal(err)
			}
			b := &browser{d, a, map[string]string{}}
			b.want("sign-in", b.call("POST", "session", webd.SignInRequest{Login: agent.Login, Password: agents.Password}), 200, "")
			return b
		}

		head := signedIn(s.Head("Luc", "ARNAUD"))
		answer := head.call("POST", "frames", made)
		head.want("a frame", answer, 200, "")
		var id int64
		if _, err := fmt.Sscanf(answer.body, `{"number":%d}`, &id); err != nil {
			a.Fatalf("made as %s", answer.body)
		}
		at := fmt.Sprintf("frames/%d", id)
		if got := head.call("GET", "frames/candidates?uai=0759001B&q=lea", nil); !strings.Contains(got.body, fmt.Sprintf(`{"guardian":%d,"name":"Karim BENALI","of":"Léa BENALI (4E3)","mail":true}`, karim.ID)) || strings.Contains(got.body, "karim@") {
			a.Errorf("candidates: %d %s", got.StatusCode, got.body)
		}
		head.want("who is asked", head.call("POST", at+"/members", webd.MemberRequest{Guardian: karim.ID}), 200, "")
		head.want("who has signed", head.call("POST", at+"/members", webd.MemberRequest{Name: "Sonia Diallo", Address: "sonia@perso.example",
			PaperOn: directory.DateOf(a.Now()).String(), Kept: "classeur"}), 200, "")
		head.want("no day", head.call("POST", at+"/members", webd.MemberRequest{Guardian: karim.ID, PaperOn: "hier", Kept: "x"}), 422, "invalid")
		if got := head.call("GET", at, nil); !strings.Contains(got.body, `"agreed":1,"asked":1}`) || !strings.Contains(got.body, `"name":"Sonia Diallo","address":"sonia@perso.example","state":"paper"`) {
			a.Errorf("the frame is %d %s", got.StatusCode, got.body)
		}

		teacher := signedIn(s.Teacher("Claire", "MARTIN"))
		for act, body := range map[string]any{
			"GET frames?uai=0759001B": nil, "GET " + at: nil, "GET frames/candidates?uai=0759001B&q=lea": nil, "GET frames/nonsense": nil, "POST frames": made,
			"POST " + at + "/members": webd.MemberRequest{Guardian: karim.ID}, "DELETE " + at + "/members/1": nil, "DELETE " + at: nil,
		} {
			method, path, _ := strings.Cut(act, " ")
			teacher.want(act+" by a teacher", teacher.call(method, path, body), 404, "not-found")
		}

		head.want("who leaves", head.call("DELETE", at+"/members/2", nil), 204, "")
		head.Pass(20 * time.Minute)
		head.want("the end with an old proof", head.call("DELETE", at, nil), 403, "step-up")
		head.want("the password", head.call("POST", "session/step-up", webd.StepUpRequest{Password: agents.Password}), 204, "")
		head.want("the end", head.call("DELETE", at, nil), 204, "")
		if got := head.call("GET", "frames?uai=0759001B", nil); !strings.Contains(got.body, `"closed":true,"agreed":0,"asked":1}]`) {
			a.Errorf("the list is %d %s", got.StatusCode, got.body)
		}
		for _, act := range []string{"GET frames", "GET " + at, "GET frames/candidates", "POST frames", "POST " + at + "/members", "DELETE " + at + "/members/1", "DELETE " + at} {
			method, path, _ := strings.Cut(act, " ")
			nobody := &browser{d, a, map[string]string{}}
			nobody.want(act+" without a session", nobody.call(method, path, nil), 401, "signed-out")
		}
	})
}
