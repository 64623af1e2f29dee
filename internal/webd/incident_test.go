package webd_test

import (
	"log/slog"
	"strings"
	"testing"

	"navette/internal/delivery"
	"navette/internal/guard"
	"navette/internal/incident"
	"navette/internal/reach"
	"navette/internal/testkit/agents"
	"navette/internal/testkit/house"
	"navette/internal/webd"
)

// Whoever sent a message tells of it themselves; nobody learns here whose the addresses were.
func TestAnAgentTellsOfAddressesThatTheyExposed(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		a.Agent(7, "cmartin")
		register := incident.New(incident.Config{DB: a.DB, Contents: a.House.Contents, Standings: reach.New(reach.Config{DB: a.DB, Former: noFormer{}, Now: a.Now}),
			Now: a.Now, Log: slog.New(slog.DiscardHandler)})
		d := newDoor(a.T, func(c *webd.Config) {
			c.Now = a.Now
			c.People = &webd.People{Sessions: a.Sessions, SignIn: a.Signin, Activations: a.Activation, Factors: a.Factors, Secrets: a.Identity, Incidents: register}
		})
		b := &browser{d, a, map[string]string{}}
		ask := webd.IncidentRequest{Delivery: sentBy(a, 7), What: "Les adresses étaient en À."}
		b.want("without a session", b.call("POST", "incidents", ask), 401, "signed-out")
		b.signIn()
		b.want("a colleague's message", b.call("POST", "incidents", webd.IncidentRequest{Delivery: sentBy(a, 8), What: "x"}), 404, "not-found")
		b.want("with an address", b.call("POST", "incidents", webd.IncidentRequest{Delivery: ask.Delivery, What: "karim@perso.example"}), 422, "invalid")
		if got := b.call("POST", "incidents", ask); got.StatusCode != 200 || !strings.HasPrefix(got.body, `{"number":`) || strings.Count(got.body, ":") != 1 {
			a.Errorf("told: %d %s", got.StatusCode, got.body)
		}
		b.want("again", b.call("POST", "incidents", ask), 409, "conflict")
		if list, err := register.List(a.Context()); err != nil || len(list) != 1 || list[0].Reporter != "cmartin" || list[0].Outside != 1 {
			a.Errorf("the register has %+v, %v", list, err)
		}
	})
}

// sentBy is a delivery of a message that an account sent outside, a moment ago by the clock of the tests.
func sentBy(a *agents.Agents, account int64) int64 {
	a.Helper()
	cleared, err := guard.Decide(guard.Message{Door: guard.Reception, Sender: account, Recipients: []guard.Recipient{{Address: "mairie@ville.example"}}}).Clear(true)
	if err != nil {
		a.Fatal(err)
	}
	octets := "From: x@" + house.Domain + "\r\nTo: mairie@ville.example\r\n\r\nx\r\n"
	r, err := a.House.Delivery.Accept(a.Context(), cleared, delivery.Envelope{Remote: []string{"mairie@ville.example"}}, a.House.Prepare(a.T, []byte(octets)), []byte("Return-Path: <>\r\n"))
	if err != nil {
		a.Fatal(err)
	}
	return r.Delivery
}
