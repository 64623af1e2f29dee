package notice_test

import (
	"context"
	"crypto/rand"
	"net/mail"
	"os"
	"strings"
	"testing"

	"navette/internal/failure"
	"navette/internal/notice"
	"navette/internal/testkit/agents"
	"navette/internal/testkit/house"
	"navette/internal/testkit/pg"
)

func TestMain(m *testing.M) { os.Exit(pg.Wrap(m).Run()) }

const claire = int64(42)

func service(a *agents.Agents) *notice.Service {
	return notice.New(notice.Config{Contents: a.House.Contents, Delivery: a.House.Delivery, Domain: house.Domain, Hostname: "mx." + house.Domain,
		Now: a.Now, Random: rand.Reader})
}

func words() notice.Notice {
	return notice.Notice{Subject: strings.Repeat("Réinitialisé à l'instant ", 6), Body: "Bonjour,\n\nÇa va = bien.\n.\n"}
}

func TestANoticeIsAMessageThatProgramsRead(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		a.Agent(claire, "cmartin")
		if err := service(a).Tell(a.Context(), claire, words()); err != nil {
			a.Fatal(err)
		}
		letters := a.Letters(claire)
		if len(letters) != 1 || !strings.HasSuffix(letters[0], "\n\nBonjour,\r\n\r\nÇa va = bien.\r\n.\r\n") {
			a.Fatalf("%q", letters)
		}
		m, err := mail.ReadMessage(strings.NewReader(letters[0]))
		if err != nil {
			a.Fatal(err)
		}
		for field, want := range map[string]string{"Return-Path": "<>", "Auto-Submitted": "auto-generated", "To": "undisclosed-recipients:;"} {
			if got := m.Header.Get(field); got != want {
				a.Errorf("%s: %q, want %q", field, got, want)
			}
		}
		for _, line := range strings.Split(letters[0], "\r\n") {
			if len(line) > 998 {
				a.Errorf("a line of %d octets", len(line))
			}
		}
	})
}

// groups knows those of parents.
type groups struct{}

func (groups) ByAddress(_ context.Context, address string) (int64, bool, error) {
	return 7, strings.HasPrefix(address, "parents."), nil
}

func TestANoticeGoesWhereItsAddressIs(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		a.Agent(claire, "cmartin")
		for _, address := range []string{"cmartin@ac-paris.example", "claire@dehors.example"} {
			if err := service(a).Mail(a.Context(), address, words()); err != nil {
				a.Errorf("%s: %v", address, err)
			}
		}
		if in, out := len(a.Letters(claire)), len(a.Outside("claire@dehors.example")); in != 1 || out != 1 {
			a.Errorf("%d inside, %d outside", in, out)
		}
		a.House.Delivery.OnGroups(groups{})
		if err := service(a).Mail(a.Context(), "parents.0759001b@ac-paris.example", words()); !failure.Is(err, failure.Permanent) ||
			strings.Contains(err.Error(), "@") || a.Count(`SELECT count(*) FROM delivery`) != 2 {
			a.Errorf("a computed group: %v", err)
		}
		if err := service(a).Mail(a.Context(), "nobody@ac-paris.example", words()); !failure.Is(err, failure.Permanent) ||
			strings.Contains(failure.TextOf(err, "nobody"), "nobody") {
			a.Errorf("an address that is nobody's: %v", err)
		}
	})
}
