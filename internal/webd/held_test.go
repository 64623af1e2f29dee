package webd_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"navette/internal/disclosure"
	"navette/internal/notice"
	"navette/internal/store"
	"navette/internal/testkit/agents"
	"navette/internal/testkit/school"
	"navette/internal/webd"
)

// post is the letters that were sent.
type post struct{ last string }

func (p *post) Mail(_ context.Context, _ string, n notice.Notice) error {
	p.last = n.Body
	return nil
}

// CopiesTo has counted none.
func (*post) CopiesTo(context.Context, *store.Tx, string) (int, error) { return 0, nil }

// Whoever reads the mailbox reads what is held, once; whoever does not learns not even whether there is something.
func TestAGuardianReadsWhatIsHeldByTheLinkAlone(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		school.New(a.T, a.House, "0759001B").Class("4E3").Pupil("Léa", "BENALI").Guardian("Karim", "karim@perso.example")
		letters := &post{}
		service := disclosure.New(disclosure.Config{DB: a.DB, Letters: letters, Copies: letters, Digest: func(key string) []byte { return []byte(key) },
			Origin: func() string { return agents.Origin }, Now: a.Now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler)})
		d := newDoor(a.T, func(c *webd.Config) { c.Now, c.People = a.Now, &webd.People{Disclosures: service} })
		b := &browser{d, a, map[string]string{}}
		for _, address := range []string{"nobody@perso.example", "karim@perso.example"} {
			if got := b.call("POST", "held/ask", webd.HeldRequest{Address: address}); got.StatusCode != 204 || got.body != "" {
				a.Errorf("a question about %s is answered %d %s", address, got.StatusCode, got.body)
			}
		}
		b.want("what is no address", b.call("POST", "held/ask", webd.HeldRequest{Address: "Mme Benali"}), 422, "invalid")
		if n, err := service.Work(a.Context()); n != 1 || err != nil {
			a.Fatalf("%d letters, %v", n, err)
		}
		token := regexp.MustCompile(`/mes-donnees#(\S+)`).FindStringSubmatch(letters.last)[1]
		want := `"people":[{"pupil":false,"name":"Karim BENALI","address":"karim@perso.example","pupils":[{"forename":"Léa","school":"Collège Jean Exemple","divisions":["4E3"]}],"contact":false}],"marks":[],"former":[],"frames":[],"received":0}`
		if got := b.call("POST", "held/open", webd.HeldLink{Token: token}); got.StatusCode != 200 || !strings.HasSuffix(strings.TrimSpace(got.body), want) {
			a.Errorf("the link opens %d %s", got.StatusCode, got.body)
		}
		b.want("the link again", b.call("POST", "held/open", webd.HeldLink{Token: token}), 404, "not-found")
		if log := d.log.String(); strings.Contains(log, token) || strings.Contains(log, "karim") {
			a.Errorf("the log tells: %s", log)
		}
	})
}
