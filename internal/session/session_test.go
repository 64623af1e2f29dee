package session_test

import (
	"errors"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/session"
	"navette/internal/testkit/agents"
	"navette/internal/testkit/pg"
)

func TestMain(m *testing.M) { os.Exit(pg.Wrap(m).Run()) }

const claire = int64(42)

func must(a *agents.Agents, err error) {
	a.Helper()
	if err != nil {
		a.Fatal(err)
	}
}

// start signs claire in with her password.
func start(a *agents.Agents, c session.Client) session.Tokens {
	a.Helper()
	out, err := a.Signin.Password(a.Context(), c, "cmartin", agents.Password)
	must(a, err)
	return out.Tokens
}

func check(a *agents.Agents, token string) session.Session {
	a.Helper()
	s, err := a.Sessions.Check(a.Context(), token)
	must(a, err)
	return s
}

func ended(a *agents.Agents, token, why string) {
	a.Helper()
	s, err := a.Sessions.Check(a.Context(), token)
	if !failure.Is(err, failure.Denied) || s != (session.Session{}) {
		a.Errorf("%s: %+v, %v", why, s, err)
	}
}

func TestATokenThatNobodyWasGivenHoldsNothing(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		a.Agent(claire, "cmartin")
		token := start(a, agents.Home()).Session
		check(a, token)
		for _, guess := range []string{"", "x", token[:len(token)-1], token[:8] + "." + strings.Repeat("0", 26)} {
			ended(a, guess, guess)
		}
		if a.Count(`SELECT count(*) FROM session WHERE hash LIKE '%' || $1 || '%'`, token[9:]) != 0 {
			a.Error("the database holds the token")
		}
	})
}

func TestASignInIsNeverUnderATokenThatWasThereBefore(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		a.Agent(claire, "cmartin")
		planted := start(a, agents.Client("198.51.100.7")).Session // somebody's own, or one that they made up
		browser := agents.Home()
		browser.Session = planted
		mine := start(a, browser).Session
		if mine == planted {
			a.Error("the planted token lives on")
		}
		check(a, mine)
		ended(a, planted, "the planted token")
	})
}

func TestASessionEndsWhenItIsIdleAndAtTheLatestAfterTwelveHours(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		a.Agent(claire, "cmartin")
		idle, used, shared := start(a, agents.Home()).Session, start(a, agents.Home()).Session, agents.Home()
		shared.Shared = true
		common := start(a, shared)
		if common.Device != "" || common.Idle != 15*time.Minute {
			a.Errorf("a shared computer gets %+v", common)
		}
		a.Pass(15 * time.Minute)
		ended(a, common.Session, "a quarter of an hour on a shared computer")
		check(a, used)
		for range 6 {
			a.Pass(time.Hour + 45*time.Minute)
			check(a, used)
		}
		ended(a, idle, "ten hours without a request")
		a.Pass(time.Hour + 15*time.Minute)
		ended(a, used, "twelve hours")
		gone, err := a.Sessions.Prune(a.Context())
		must(a, err)
		if gone != 3 || a.Count(`SELECT count(*) FROM session`) != 0 {
			a.Errorf("%d rows were pruned", gone)
		}
	})
}

func TestAStolenTokenIsWorthNothingAfterTheSignOut(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		a.Agent(claire, "cmartin")
		token, other := start(a, agents.Home()).Session, start(a, agents.Home()).Session
		must(a, a.Sessions.End(a.Context(), token))
		ended(a, token, "signed out")
		must(a, a.Sessions.End(a.Context(), token))
		check(a, other)
	})
}

func TestWhateverEndsWhatWasGivenEndsSessions(t *testing.T) {
	t.Parallel()
	acts := map[string]func(a *agents.Agents) error{
		"a suspension": func(a *agents.Agents) error { return a.Identity.Suspend(a.Context(), by(), claire) },
		"another password": func(a *agents.Agents) error {
			return a.Identity.SetPassword(a.Context(), by(), claire, "une toute autre phrase")
		},
		"a reset of factors": func(a *agents.Agents) error { return a.Factors.Reset(a.Context(), by(), claire) },
	}
	for what, act := range acts {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			agents.Each(t, func(a *agents.Agents) {
				a.Agent(claire, "cmartin")
				a.Agent(7, "pdurand")
				token := start(a, agents.Home()).Session
				out, err := a.Signin.Password(a.Context(), agents.Home(), "pdurand", agents.Password)
				must(a, err)
				open := make(chan struct{})
				defer a.Identity.Watch(check(a, token).Principal, func() { close(open) }).Stop()
				must(a, act(a))
				ended(a, token, what)
				<-open // what the session held open has ended too
				check(a, out.Tokens.Session)
			})
		})
	}
}

// What mail programs lose is no matter of the pages, which it never opened.
func TestRevokingAProgramsSecretKeepsThePages(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		a.Agent(claire, "cmartin")
		ctx := a.Context()
		app, err := a.Identity.GenerateAppPassword(ctx, by(), claire, "Tablette")
		must(a, err)
		first, err := a.Identity.IssueToken(ctx, by(), claire, identity.TokenRequest{Client: "essai", Life: time.Hour})
		must(a, err)
		token := start(a, agents.Home()).Session
		must(a, a.Identity.RevokeToken(ctx, by(), claire, first.ID))
		check(a, token)
		must(a, a.Identity.RevokeAppPassword(ctx, by(), claire, app.ID))
		check(a, token)
	})
}

func by() identity.By { return identity.By{Actor: "dsi", Reason: "essai"} }

func TestASuspendedAccountStartsNoSession(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		a.Agent(claire, "cmartin")
		p := check(a, start(a, agents.Home()).Session).Principal
		must(a, a.Identity.Suspend(a.Context(), by(), claire))
		for _, epoch := range []int64{p.AuthEpoch, p.AuthEpoch + 1} {
			_, err := a.Sessions.Start(a.Context(), agents.Home(), session.Proof{Account: claire, Epoch: epoch, How: session.ByPassword})
			a.Denied(err, "a session of a suspended account")
		}
		must(a, a.Identity.Resume(a.Context(), by(), claire))
		_, err := a.Sessions.Start(a.Context(), agents.Home(), session.Proof{Account: claire, Epoch: p.AuthEpoch, How: session.ByPassword})
		a.Denied(err, "a proof from before the suspension")
	})
}

func TestConnectionsAreListedAndClosed(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		a.Agent(claire, "cmartin")
		a.Agent(7, "pdurand")
		ctx := a.Context()
		first := start(a, agents.Home()).Session
		a.Pass(time.Minute)
		second := start(a, agents.Client("2001:db8:1:2::3")).Session
		a.Pass(time.Minute)
		third := start(a, agents.Client("198.51.100.7")).Session
		list, err := a.Sessions.List(ctx, claire)
		must(a, err)
		if len(list) != 3 || list[0].Network != "198.51.100.0/24" || list[1].Network != "2001:db8:1::/48" || list[2].Agent != "Firefox sous Windows" {
			a.Errorf("%+v", list)
		}
		owner, err := check(a, third).Owner()
		must(a, err)
		stranger := identity.Owner{Account: 7, Login: "pdurand"}
		if err := a.Sessions.Revoke(ctx, stranger, list[2].ID); !failure.Is(err, failure.NotFound) {
			a.Errorf("somebody else closes it: %v", err)
		}
		must(a, a.Sessions.Revoke(ctx, owner, list[2].ID))
		ended(a, first, "closed from the list")
		check(a, second)
		must(a, a.Sessions.RevokeAll(ctx, owner, check(a, third).ID))
		ended(a, second, "« se déconnecter partout »")
		check(a, third)
		must(a, a.Sessions.RevokeAll(ctx, owner, 0))
		ended(a, third, "all of them")
	})
}

func TestAProofIsFreshForTenMinutesAndRenewedUnderAnotherToken(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		a.Agent(claire, "cmartin")
		token := start(a, agents.Home()).Session
		if _, err := check(a, token).Owner(); err != nil {
			a.Errorf("just signed in: %v", err)
		}
		a.Pass(10 * time.Minute)
		if _, err := check(a, token).Owner(); !errors.Is(err, session.ErrStepUp) || !failure.Is(err, failure.Denied) {
			a.Errorf("ten minutes later: %v", err)
		}
		renewed, err := a.Sessions.Renew(a.Context(), token, session.ByPassword)
		must(a, err)
		ended(a, token, "the token from before the step-up")
		if o, err := check(a, renewed).Owner(); err != nil || o.Account != claire {
			a.Errorf("%+v, %v", o, err)
		}
	})
}

func TestASignInFromElsewhereIsToldOnce(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		a.Agent(claire, "cmartin")
		letters := func(want int, when string) {
			a.Helper()
			if got := a.Letters(claire); len(got) != want {
				a.Errorf("%s: %d letters, want %d", when, len(got), want)
			}
		}
		browser := agents.Home()
		browser.Device = start(a, browser).Device
		letters(1, "a new browser")
		if text := a.Letters(claire)[0]; !strings.Contains(text, "Firefox sous Windows, réseau 192.0.2.0/24, le 01/09/2026") || strings.Contains(text, "http") {
			a.Error(text)
		}
		browser.Device = start(a, browser).Device
		letters(1, "the same browser")
		near := agents.Client("192.0.99.1")
		near.Device = browser.Device
		near.Device = start(a, near).Device
		letters(1, "the same browser in a network beside")
		far := agents.Client("198.51.100.7")
		far.Device = near.Device
		start(a, far)
		letters(2, "the same browser in a network far away")
		start(a, agents.Client("198.51.100.7"))
		letters(3, "another browser there")
	})
}

// With a map of countries another network of a country that is known is nothing new, and another country is.
func TestASignInFromAnotherCountryIsToldOnce(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		a.Agent(claire, "cmartin")
		browser := agents.Home()
		from := func(address, country string, want int, when string) {
			a.Helper()
			a.InCountry(country)
			browser.Peer = netip.MustParseAddr(address)
			browser.Device = start(a, browser).Device
			if got := a.Letters(claire); len(got) != want {
				a.Errorf("%s: %d letters, want %d", when, len(got), want)
			}
		}
		from("192.0.2.10", "", 1, "a new browser, before there is a map")
		from("192.0.2.10", "FR", 1, "the same, when there is one")
		from("198.51.100.7", "FR", 1, "another network of the country")
		from("203.0.113.5", "DE", 2, "another country")
		if text := a.Letters(claire)[1]; !strings.Contains(text, "réseau 203.0.113.0/24 (pays : DE)") {
			a.Error(text)
		}
		from("203.0.113.5", "DE", 2, "there again")
		from("2001:db8:1::7", "", 3, "an address that the map does not know")
		from("198.51.100.7", "", 3, "a network that is known, without the map")
	})
}

func TestADeviceCookieIsOfOneAccountAndUsedOnce(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		a.Agent(claire, "cmartin")
		a.Agent(7, "pdurand")
		ctx, browser := a.Context(), agents.Home()
		old := start(a, browser).Device
		browser.Device = old
		for login, want := range map[string]bool{"cmartin": true, " CMartin ": true, "cmartin@ac-paris.example": true, "pdurand": false, "nobody": false, "": false} {
			k, err := a.Sessions.Known(ctx, browser, login)
			must(a, err)
			if (k.Device != "") != want || k.Remembered {
				a.Errorf("%q: %+v", login, k)
			}
		}
		browser.Device = start(a, browser).Device
		stolen := agents.Home()
		stolen.Device = old
		if k, err := a.Sessions.Known(ctx, stolen, "cmartin"); err != nil || k.Device != "" {
			a.Errorf("an old copy of the cookie: %+v, %v", k, err)
		}
		devices, err := a.Sessions.Devices(ctx, claire)
		must(a, err)
		if len(devices) != 1 {
			a.Fatalf("%+v", devices)
		}
		must(a, a.Sessions.Forget(ctx, identity.Owner{Account: claire, Login: "cmartin"}, devices[0].ID))
		if k, err := a.Sessions.Known(ctx, browser, "cmartin"); err != nil || k.Device != "" {
			a.Errorf("a forgotten device: %+v, %v", k, err)
		}
	})
}

func TestSessionsOfAnAccountAreBounded(t *testing.T) {
	t.Parallel()
	a := agents.OnSQLite(t)
	a.Agent(claire, "cmartin")
	var first string
	for i := range 25 {
		token := start(a, agents.Home()).Session
		if i == 0 {
			first = token
		}
		a.Pass(time.Second)
	}
	if s, d := a.Count(`SELECT count(*) FROM session`), a.Count(`SELECT count(*) FROM device`); s != 20 || d != 20 {
		a.Errorf("%d sessions, %d devices", s, d)
	}
	ended(a, first, "the oldest of 25")
}

func TestTheJournalOfOnesAccountTellsUsesAndActs(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		a.Agent(claire, "cmartin")
		a.Agent(7, "pdurand")
		a.Pass(time.Minute)
		start(a, agents.Home())
		a.Pass(time.Minute)
		must(a, a.Identity.Suspend(a.Context(), by(), claire))
		events, err := a.Identity.Journal(a.Context(), claire, 10)
		must(a, err)
		if len(events) != 3 || events[0].What != "account.suspend" || events[0].Actor != "dsi" || events[1].What != "signin" ||
			events[1].Detail != "password" || events[1].Network != "192.0.2.0/24" || events[2].What != "account.activate" {
			a.Errorf("%+v", events)
		}
		a.Pass(366 * 24 * time.Hour)
		if gone, err := a.Identity.PruneDiary(a.Context()); err != nil || gone != 1 {
			a.Errorf("%d uses were forgotten, %v", gone, err)
		}
	})
}
