package webd_test

import (
	"crypto/rand"
	"log/slog"
	"strings"
	"testing"
	"time"

	"navette/internal/directory"
	"navette/internal/forward"
	"navette/internal/identity"
	"navette/internal/notice"
	"navette/internal/reach"
	"navette/internal/testkit/agents"
	"navette/internal/testkit/house"
	"navette/internal/webd"
)

// noFormer knows no former addresses.
type noFormer struct{}

func (noFormer) FormerDigest(key string) []byte { return []byte(key) }

// forwards is the service on the agents' database.
func forwards(a *agents.Agents) *forward.Service {
	return forward.New(forward.Config{DB: a.DB, Contents: a.House.Contents, Delivery: a.House.Delivery,
		Standings: reach.New(reach.Config{DB: a.DB, Former: noFormer{}, Now: a.Now}),
		Teller: notice.New(notice.Config{Contents: a.House.Contents, Delivery: a.House.Delivery, Domain: house.Domain, Hostname: "mx.example",
			Now: a.Now, Random: rand.Reader}),
		Domain: house.Domain, Hostname: "mx.example", Now: a.Now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler)})
}

func TestAnAgentForwardsTheirMailInsideAndIsToldWhyNotOutside(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		a.Agent(7, "cmartin")
		service := forwards(a)
		d := newDoor(a.T, func(c *webd.Config) {
			c.Now = a.Now
			c.People = &webd.People{Sessions: a.Sessions, SignIn: a.Signin, Activations: a.Activation, Factors: a.Factors, Secrets: a.Identity, Forwards: service}
		})
		b := &browser{d, a, map[string]string{}}
		colleague := house.Address(a.House.Accounts(a.T, 1)[0])
		b.want("without a session", b.call("GET", "forward", nil), 401, "signed-out")
		b.want("a change without a session", b.call("PUT", "forward", webd.ForwardRequest{}), 401, "signed-out")
		b.signIn()
		shows := func(what, want string) {
			a.Helper()
			if got := b.call("GET", "forward", nil); got.StatusCode != 200 || strings.TrimSpace(got.body) != want {
				a.Errorf("%s: %d %s, want %s", what, got.StatusCode, got.body, want)
			}
		}
		nowhere := `{"target":"","outside":false,"until":"","forwarded":0,"withheld":0}`
		shows("at first", nowhere)
		b.want("outside", b.call("PUT", "forward", webd.ForwardRequest{Target: "moi@perso.example"}), 422, "policy")
		if got := b.call("PUT", "forward", webd.ForwardRequest{Target: "moi@perso.example"}); !strings.Contains(got.body, "hors de l'académie") || strings.Contains(got.body, "perso.example") {
			a.Errorf("outside: %s", got.body)
		}
		shows("after a refusal", nowhere)
		b.want("inside", b.call("PUT", "forward", webd.ForwardRequest{Target: colleague}), 204, "")
		shows("inside", `{"target":"`+colleague+`","outside":false,"until":"","forwarded":0,"withheld":0}`)
		b.Pass(20 * time.Minute)
		b.want("with an old proof", b.call("PUT", "forward", webd.ForwardRequest{}), 403, "step-up")
		b.want("the password", b.call("POST", "session/step-up", webd.StepUpRequest{Password: agents.Password}), 204, "")
		b.want("nowhere", b.call("PUT", "forward", webd.ForwardRequest{}), 204, "")
		shows("after its end", nowhere)

		until, err := directory.ParseDate(a.Now().AddDate(0, 6, 0).Format(time.DateOnly))
		if err == nil {
			err = service.Set(a.Context(), identity.By{Actor: "cli:durand", Reason: "détachement"}, 7, "moi@perso.example", until)
		}
		if err != nil {
			a.Fatal(err)
		}
		shows("an exception", `{"target":"moi@perso.example","outside":true,"until":"`+until.String()+`","forwarded":0,"withheld":0}`)
	})
}
