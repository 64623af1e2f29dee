package webd_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"navette/internal/directory"
	"navette/internal/frame"
	"navette/internal/identity"
	"navette/internal/testkit/agents"
	"navette/internal/testkit/house"
	"navette/internal/testkit/school"
	"navette/internal/webd"
)

// A guardian has no account and no session: the link is all they have, and it opens its own question alone.
func TestAGuardianAnswersByTheLinkAlone(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		service := frame.New(frame.Config{DB: a.DB, Contents: a.House.Contents, Delivery: a.House.Delivery, Domain: house.Domain, Hostname: "mx.example",
			Origin: func() string { return agents.Origin }, Now: a.Now, Random: bytes.NewReader(make([]byte, 1000)), Log: slog.New(slog.DiscardHandler)})
		school.New(a.T, a.House, "0759001B")
		until := directory.DateOf(a.Now()).AddDays(300)
		by := frame.AsOperator(identity.By{Actor: "cli:durand", Reason: "essai"})
		id, err := service.Make(a.Context(), by, frame.Frame{UAI: "0759001B", Name: "Parents élus", Purpose: "Préparer les conseils.", Until: until})
		if err == nil {
			_, err = service.Propose(a.Context(), by, id, frame.Proposal{Name: "Karim Benali", Address: "karim@perso.example"})
		}
		if err != nil {
			a.Fatal(err)
		}
		token := strings.Repeat("A", 22) // of the random octets above
		d := newDoor(a.T, func(c *webd.Config) { c.Now, c.People = a.Now, &webd.People{Frames: service} })
		b := &browser{d, a, map[string]string{}}

		ask := webd.ConsentRequest{Token: token}
		b.want("another link", b.call("POST", "consent/read", webd.ConsentRequest{Token: strings.Repeat("B", 22)}), 404, "not-found")
		b.want("another link's answer", b.call("POST", "consent/answer", webd.ConsentAnswer{Token: strings.Repeat("B", 22), Answer: frame.Accept}), 404, "not-found")
		asked := `{"school":"Collège Jean Exemple","frame":"Parents élus","purpose":"Préparer les conseils.","name":"Karim Benali",` +
			`"address":"karim@perso.example","until":"` + until.String() + `","others":0,"state":"asked","over":false}`
		for range 2 {
			if got := b.call("POST", "consent/read", ask); got.StatusCode != 200 || strings.TrimSpace(got.body) != asked {
				a.Errorf("the question is %d %s", got.StatusCode, got.body)
			}
		}
		for _, c := range []struct {
			answer frame.Answer
			status int
			state  string
		}{
			{"peut-être", 409, ""}, {frame.Withdraw, 409, ""}, {frame.Accept, 200, "agreed"}, {frame.Accept, 200, "agreed"}, {frame.Refuse, 409, ""},
			{frame.Withdraw, 200, "withdrawn"}, {frame.Accept, 409, ""},
		} {
			got := b.call("POST", "consent/answer", webd.ConsentAnswer{Token: token, Answer: c.answer})
			if got.StatusCode != c.status || c.state != "" && strings.TrimSpace(got.body) != `{"state":"`+c.state+`"}` {
				a.Errorf("%q is answered %d %s", c.answer, got.StatusCode, got.body)
			}
		}
		if log := d.log.String(); strings.Contains(log, token) || strings.Contains(log, "karim") {
			a.Errorf("the log tells of the link: %s", log)
		}
		if len(b.cookies) != 0 {
			a.Errorf("a guardian is given cookies: %v", b.cookies)
		}
	})
}
