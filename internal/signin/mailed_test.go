package signin_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"navette/internal/factor"
	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/notice"
	"navette/internal/session"
	"navette/internal/signin"
	"navette/internal/testkit/agents"
)

// mailing runs the mailing of recovery codes.
func mailing(a *agents.Agents) {
	ctx, stop := context.WithCancel(a.Context())
	done := make(chan error, 1)
	go func() { done <- a.Signin.Run(ctx) }()
	a.Cleanup(func() {
		stop()
		if err := <-done; !errors.Is(err, context.Canceled) {
			a.Errorf("the mailing ended with %v", err)
		}
	})
}

func withAddress(a *agents.Agents, o identity.Owner) {
	a.Helper()
	ticket, err := a.Factors.BeginRecoveryAddress(a.Context(), o, "claire@dehors.example")
	must(a, err)
	must(a, a.Factors.FinishRecoveryAddress(a.Context(), o, ticket, agents.CodeIn(a.Outside("claire@dehors.example")[0])))
}

// mailed waits for the nth code to the recovery address, and until it holds.
func mailed(a *agents.Agents, n int) string {
	a.Helper()
	for a.Context().Err() == nil {
		holds := a.Count(`SELECT count(*) FROM ticket WHERE purpose = 'signin.mailed' AND length(data) > 20`) == 1
		if mails := a.Outside("claire@dehors.example"); holds && len(mails) > n {
			return agents.CodeIn(mails[n])
		}
	}
	a.Fatal("no code was mailed")
	return ""
}

func forgot(a *agents.Agents, c session.Client) string {
	a.Helper()
	token, err := a.Signin.Forgot(a.Context(), c, "cmartin")
	must(a, err)
	return token
}

// stranger is a browser at the nth network of the world.
func stranger(n int) session.Client { return agents.Client(fmt.Sprintf("203.0.113.%d", n+1)) }

func TestStrangersNeitherVoidTheMailedCodeNorMakeMore(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		withAddress(a, a.Agent(claire, "cmartin"))
		mailing(a)
		forgot(a, agents.Home())
		code := mailed(a, 1)
		for n := range 10 {
			forgot(a, stranger(n))
		}
		must(a, a.Signin.ForgotCode(a.Context(), agents.Home(), forgot(a, agents.Home()), code))
		a.Pass(10 * time.Minute)
		a.Denied(a.Signin.ForgotCode(a.Context(), agents.Home(), forgot(a, agents.Home()), code), "the code after its time")
		if mailed(a, 2) == code {
			a.Error("the next code is the one of before")
		}
		if n := len(a.Outside("claire@dehors.example")); n != 3 {
			a.Errorf("%d messages, of which one to confirm the address, for requests in twice ten minutes", n)
		}
	})
}

// A code of 50 bits needs no limit to wrong ones, which would let a stranger void it: they wait longer and longer instead,
// and its owner, elsewhere, a few seconds at most.
func TestGuessingDoesNotVoidTheMailedCode(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		withAddress(a, a.Agent(claire, "cmartin"))
		mailing(a)
		ticket := forgot(a, agents.Home())
		code := mailed(a, 1)
		if len(code) != len("xxxxx-xxxxx") {
			a.Errorf("a code that may be guessed: %q", code)
		}
		guess := func(c session.Client) {
			a.Denied(a.Signin.ForgotCode(a.Context(), c, forgot(a, c), "00000-00000"), "a wrong code")
		}
		for n := range 30 {
			guess(stranger(n))
		}
		a.Waited()
		guess(stranger(99))
		if worldwide := a.Waited(); worldwide == 0 || worldwide > 3*time.Second {
			a.Errorf("at a new network one waits %s after thirty wrong codes", worldwide)
		}
		for range 12 {
			guess(stranger(99))
		}
		if here := a.Waited(); here < 20*time.Second {
			a.Errorf("twelve more guesses at one network waited %s in all", here)
		}
		must(a, a.Signin.ForgotCode(a.Context(), agents.Home(), ticket, strings.ToUpper(code)))
	})
}

// refusing is a mailer whose messages are never accepted.
type refusing struct{ asked chan string }

func (r refusing) Tell(context.Context, int64, notice.Notice) error { return nil }

func (r refusing) Mail(_ context.Context, address string, _ notice.Notice) error {
	r.asked <- address
	return iotest.ErrTimeout
}

// zeros is a source of randomness whose codes everybody knows.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// rebuilt puts another mailer and known codes under the services.
func rebuilt(a *agents.Agents, mailer factor.Mailer, random io.Reader) *factor.Service {
	a.Helper()
	log := slog.New(slog.DiscardHandler)
	origin, err := url.Parse(agents.Origin)
	must(a, err)
	factors, err := factor.New(factor.Config{DB: a.DB, Identity: a.Identity, Tickets: a.Tickets, Mailer: mailer, Log: log, Random: random, Origin: origin})
	must(a, err)
	a.Signin = signin.New(signin.Config{DB: a.DB, Identity: a.Identity, Tickets: a.Tickets, Factors: factors, Sessions: a.Sessions, Log: log, Random: rand.Reader})
	return factors
}

func TestACodeThatWasNeverMailedNeverHolds(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		withAddress(a, a.Agent(claire, "cmartin"))
		a.Agent(7, "pdurand")
		mailer := refusing{make(chan string)}
		known, err := rebuilt(a, mailer, zeros{}).RecoveryCode()
		must(a, err)
		mailing(a)
		without, err := a.Signin.Forgot(a.Context(), agents.Home(), "pdurand")
		must(a, err)
		refused := forgot(a, agents.Home())
		a.Denied(a.Signin.ForgotCode(a.Context(), agents.Home(), refused, known), "before it is mailed")
		if address := <-mailer.asked; address != "claire@dehors.example" {
			a.Errorf("%s was written to", address)
		}
		a.Denied(a.Signin.ForgotCode(a.Context(), agents.Home(), refused, known), "the code of a message that was not accepted")
		a.Denied(a.Signin.ForgotCode(a.Context(), agents.Home(), without, known), "the code of an account without a recovery address")
	})
}

func TestStrangersKeepNobodyFromRegisteringAnAddress(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		o := a.Agent(claire, "cmartin")
		withAddress(a, o)
		for range 6 {
			if sent, err := a.Factors.MailRecovery(a.Context(), claire, "12345678"); err != nil || !sent {
				a.Fatal(sent, err)
			}
		}
		for n := range 5 {
			_, err := a.Factors.BeginRecoveryAddress(a.Context(), o, "martin@dehors.example")
			if refused := failure.Is(err, failure.Temporary); err != nil && !refused || refused != (n == 4) {
				a.Errorf("code %d of this hour after that of the first address: %v", n+1, err)
			}
		}
		mailing(a)
		forgot(a, agents.Home())
		if mailed(a, 7) == "" {
			a.Error("an owner who registers addresses is mailed no code for a password")
		}
	})
}

func TestATicketKeepsNoMoreOfALoginThanALoginMayBe(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		for _, login := range []string{strings.Repeat("a", 60_000), strings.Repeat("Ⱥ", 160), "a@" + strings.Repeat("b", 60_000)} {
			_, err := a.Signin.Forgot(a.Context(), agents.Home(), login)
			must(a, err)
		}
		if n := a.Count(`SELECT max(length(data)) FROM ticket`); n > 400 {
			a.Errorf("a ticket keeps %d octets", n)
		}
	})
}

func TestAfterAResetTheOwnerReadsWhatStillOpensTheAccount(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		o, ctx := a.Agent(claire, "cmartin"), a.Context()
		withAddress(a, o)
		withKey(a, o)
		codes, err := a.Factors.MakeRecoveryCodes(ctx, o)
		must(a, err)
		_, err = a.Identity.GenerateAppPassword(ctx, o.By(""), claire, "Tablette")
		must(a, err)
		ticket := forgot(a, agents.Home())
		must(a, a.Signin.ForgotCode(ctx, agents.Home(), ticket, codes[0]))
		must(a, a.Signin.Reset(ctx, ticket, other))
		letters := a.Letters(claire)
		for _, words := range []string{"mot de passe d'application « Tablette »", "clé d'accès « clé »", "adresse de secours c•••@dehors.example",
			"codes de secours non utilisés : 9", "la page « Sécurité »"} {
			if last := letters[len(letters)-1]; !strings.Contains(last, words) {
				a.Errorf("no %q in %q", words, last)
			}
		}
	})
}
