package signin_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"navette/internal/factor"
	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/session"
	"navette/internal/signin"
	"navette/internal/testkit/agents"
	"navette/internal/testkit/authenticator"
	"navette/internal/testkit/pg"
)

func TestMain(m *testing.M) { os.Exit(pg.Wrap(m).Run()) }

const (
	claire = int64(42)
	other  = "une toute autre phrase"
)

func must(a *agents.Agents, err error) {
	a.Helper()
	if err != nil {
		a.Fatal(err)
	}
}

// phone is the application of time-based codes.
type phone struct {
	a      *agents.Agents
	secret string
}

// code is what it shows.
func (p phone) code() string {
	p.a.Helper()
	c, err := totp.GenerateCode(p.secret, p.a.Now())
	must(p.a, err)
	return c
}

// next is what it shows half a minute later.
func (p phone) next() string {
	p.a.Helper()
	p.a.Pass(30 * time.Second)
	return p.code()
}

func withPhone(a *agents.Agents, o identity.Owner) phone {
	a.Helper()
	made, err := a.Factors.BeginTOTP(a.Context(), o)
	must(a, err)
	p := phone{a, strings.ReplaceAll(made.Secret, " ", "")}
	_, err = a.Factors.FinishTOTP(a.Context(), o, made.Ticket, "téléphone", p.code())
	must(a, err)
	return p
}

func withKey(a *agents.Agents, o identity.Owner) *authenticator.Passkey {
	a.Helper()
	key := authenticator.New(agents.Origin, "messagerie.ac-paris.example")
	begun, err := a.Factors.BeginPasskey(a.Context(), o)
	must(a, err)
	_, err = a.Factors.FinishPasskey(a.Context(), o, begun.Ticket, "clé", key.Create(a, begun.Options))
	must(a, err)
	return key
}

func password(a *agents.Agents, c session.Client) signin.Outcome {
	a.Helper()
	out, err := a.Signin.Password(a.Context(), c, "cmartin", agents.Password)
	must(a, err)
	return out
}

// signedIn checks that an outcome is a session of claire's.
func signedIn(a *agents.Agents, how session.How) func(signin.Outcome, error) session.Session {
	return func(out signin.Outcome, err error) session.Session {
		a.Helper()
		must(a, err)
		s, err := a.Sessions.Check(a.Context(), out.Tokens.Session)
		must(a, err)
		if s.Principal.Account != claire || s.How != how {
			a.Errorf("%+v", s)
		}
		return s
	}
}

func TestAPasswordAloneSignsInOnlyWhereThereIsNoSecondFactor(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		o := a.Agent(claire, "cmartin")
		signedIn(a, session.ByPassword)(password(a, agents.Home()), nil)
		phone := withPhone(a, o)
		out := password(a, agents.Home())
		if out.Tokens.Session != "" || out.Tokens.Device != "" || len(out.Methods) != 1 || out.Methods[0] != factor.KindTOTP {
			a.Errorf("%+v", out)
		}
		_, err := a.Sessions.Check(a.Context(), out.Ticket)
		a.Denied(err, "the ticket as a session")
		code := phone.next()
		signedIn(a, session.BySecond)(a.Signin.Code(a.Context(), agents.Home(), out.Ticket, signin.Answer{TOTP: code}, false))
		_, err = a.Signin.Code(a.Context(), agents.Home(), out.Ticket, signin.Answer{TOTP: phone.next()}, false)
		a.Denied(err, "the ticket again")
		_, err = a.Signin.Code(a.Context(), agents.Home(), password(a, agents.Home()).Ticket, signin.Answer{TOTP: code}, false)
		a.Denied(err, "the code again")
	})
}

func TestAGridOrARecoveryCodeIsASecondFactorToo(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		o := a.Agent(claire, "cmartin")
		g, err := a.Factors.MakeGrid(a.Context(), o)
		must(a, err)
		codes, err := a.Factors.MakeRecoveryCodes(a.Context(), o)
		must(a, err)
		out := password(a, agents.Home())
		typed := ""
		for _, c := range out.GridAsks {
			typed += g.Rows[c[1]-'1'][c[0]-'A']
		}
		_, err = a.Signin.Code(a.Context(), agents.Home(), out.Ticket, signin.Answer{}, false)
		a.Denied(err, "no answer")
		signedIn(a, session.BySecond)(a.Signin.Code(a.Context(), agents.Home(), out.Ticket, signin.Answer{Grid: typed}, false))
		signedIn(a, session.BySecond)(a.Signin.Code(a.Context(), agents.Home(), password(a, agents.Home()).Ticket, signin.Answer{Recovery: codes[3]}, false))
		_, err = a.Signin.Code(a.Context(), agents.Home(), password(a, agents.Home()).Ticket, signin.Answer{Recovery: codes[3]}, false)
		a.Denied(err, "the recovery code again")
	})
}

func TestAPasskeySignsInAloneOrAfterThePassword(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		key, ctx := withKey(a, a.Agent(claire, "cmartin")), a.Context()
		ch, err := a.Signin.PasskeyOptions(ctx, agents.Home(), "")
		must(a, err)
		answer := key.Get(a, ch.Options)
		signedIn(a, session.ByPasskey)(a.Signin.Passkey(ctx, agents.Home(), ch.Ticket, answer, false))
		_, err = a.Signin.Passkey(ctx, agents.Home(), ch.Ticket, answer, false)
		a.Denied(err, "the same answer again")

		out := password(a, agents.Home())
		ch, err = a.Signin.PasskeyOptions(ctx, agents.Home(), out.Ticket)
		must(a, err)
		signedIn(a, session.ByPasskey)(a.Signin.Passkey(ctx, agents.Home(), ch.Ticket, key.Get(a, ch.Options), false))
		_, err = a.Signin.PasskeyOptions(ctx, agents.Home(), out.Ticket)
		a.Denied(err, "the ticket of the password, once used")

		thief := withKey(a, a.Agent(7, "pdurand"))
		ch, err = a.Signin.PasskeyOptions(ctx, agents.Home(), password(a, agents.Home()).Ticket)
		must(a, err)
		_, err = a.Signin.Passkey(ctx, agents.Home(), ch.Ticket, thief.Get(a, ch.Options), false)
		a.Denied(err, "another account's passkey as second factor")

		must(a, a.Identity.Suspend(ctx, identity.By{Actor: "dsi"}, claire))
		ch, err = a.Signin.PasskeyOptions(ctx, agents.Home(), "")
		must(a, err)
		_, err = a.Signin.Passkey(ctx, agents.Home(), ch.Ticket, key.Get(a, ch.Options), false)
		a.Denied(err, "the passkey of a suspended account")
	})
}

func TestARememberedDeviceSkipsTheSecondFactorUntilSomethingChanges(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		o := a.Agent(claire, "cmartin")
		phone, ctx := withPhone(a, o), a.Context()
		browser := agents.Home()
		enter := func() {
			a.Helper()
			out, err := a.Signin.Code(ctx, browser, password(a, browser).Ticket, signin.Answer{TOTP: phone.next()}, true)
			must(a, err)
			browser.Device = out.Tokens.Device
		}
		enter()
		out := password(a, browser)
		// It lets read, and takes nothing away: the password and a copy of the cookie are no second factor.
		_, err := signedIn(a, session.ByRemembered)(out, nil).Owner()
		a.Denied(err, "a sensitive act by password and remembered device")
		if asked := password(a, agents.Home()); asked.Ticket == "" {
			a.Error("another browser skips it too")
		}
		browser.Device = out.Tokens.Device
		a.Pass(30 * 24 * time.Hour)
		if asked := password(a, browser); asked.Ticket == "" {
			a.Error("it is skipped after thirty days")
		}
		enter()
		must(a, a.Identity.Suspend(ctx, identity.By{Actor: "dsi"}, claire))
		must(a, a.Identity.Resume(ctx, identity.By{Actor: "dsi"}, claire))
		if asked := password(a, browser); asked.Ticket == "" {
			a.Error("it is skipped after a suspension")
		}
	})
}

func TestFiveWrongCodesVoidTheTicketAndTellTheOwner(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		phone := withPhone(a, a.Agent(claire, "cmartin"))
		out := password(a, agents.Client("198.51.100.7"))
		for range 5 {
			if n := len(a.Letters(claire)); n != 1 { // of the second factor
				a.Errorf("%d letters before the fifth", n)
			}
			_, err := a.Signin.Code(a.Context(), agents.Client("198.51.100.7"), out.Ticket, signin.Answer{TOTP: "000000"}, false)
			a.Denied(err, "a wrong code")
		}
		_, err := a.Signin.Code(a.Context(), agents.Client("198.51.100.7"), out.Ticket, signin.Answer{TOTP: phone.next()}, false)
		a.Denied(err, "the right code at the sixth attempt")
		if letters := a.Letters(claire); len(letters) != 2 || !strings.Contains(letters[1], "plusieurs codes faux") {
			a.Errorf("%q", letters)
		}
	})
}

func TestGuessingTheSecondFactorSlowsTheGuesserAndNotTheOwner(t *testing.T) {
	t.Parallel()
	a := agents.OnSQLite(t)
	phone := withPhone(a, a.Agent(claire, "cmartin"))
	browser := agents.Home()
	out, err := a.Signin.Code(a.Context(), browser, password(a, browser).Ticket, signin.Answer{TOTP: phone.next()}, false)
	must(a, err)
	browser.Device = out.Tokens.Device
	a.Waited()
	neighbour := agents.Home() // behind the same address, as in a staff room
	for range 6 {
		ticket := password(a, neighbour).Ticket
		for range 5 {
			if _, err := a.Signin.Code(a.Context(), neighbour, ticket, signin.Answer{TOTP: "000000"}, false); !failure.Is(err, failure.Denied) && !failure.Is(err, failure.Temporary) {
				a.Fatal(err)
			}
		}
	}
	if waited := a.Waited(); waited < time.Minute {
		a.Errorf("thirty guesses waited %v", waited)
	}
	out, err = a.Signin.Password(a.Context(), browser, "cmartin", agents.Password)
	must(a, err)
	signedIn(a, session.BySecond)(a.Signin.Code(a.Context(), browser, out.Ticket, signin.Answer{TOTP: phone.next()}, false))
	if waited := a.Waited(); waited != 0 {
		a.Errorf("the owner, at their own browser, waited %v", waited)
	}
}

func TestAWrongSignInTellsNothingInWordsNorInWork(t *testing.T) {
	t.Parallel()
	a := agents.OnSQLite(t)
	a.Agent(claire, "cmartin")
	withPhone(a, a.Agent(7, "pdurand"))
	a.Appoint(8, "fresh", "ENS2D", "ENS", "0750001A", "")
	must(a, a.Identity.Suspend(a.Context(), identity.By{Actor: "dsi"}, a.Agent(9, "suspended").Account))
	for _, login := range []string{"cmartin", "pdurand", "fresh", "suspended", "nobody", "cmartin@ac-paris.example", "nobody@ac-paris.example"} {
		hashes, stats := a.Identity.Hashes(), a.DB.Stats()
		_, err := a.Signin.Password(a.Context(), agents.Home(), login, "ce n'est pas le bon")
		if !failure.Is(err, failure.Denied) || err.Error() != "Identifiant ou mot de passe incorrect. / Wrong identifier or password." {
			a.Errorf("%s: %v", login, err)
		}
		stats.Reads, stats.Queries = stats.Reads+1, stats.Queries+1
		if cost := a.Identity.Hashes() - hashes; cost != 1 || a.DB.Stats() != stats {
			a.Errorf("%s: %d hashes, %+v then %+v", login, cost, stats, a.DB.Stats())
		}
	}
}

func TestAForgottenPasswordIsReplacedByTheMailedCode(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		o := a.Agent(claire, "cmartin")
		withAddress(a, o)
		mailing(a)
		ctx, was := a.Context(), password(a, agents.Home()).Tokens.Session
		ticket, err := a.Signin.Forgot(ctx, agents.Home(), "cmartin@ac-paris.example")
		must(a, err)
		a.Denied(a.Signin.Reset(ctx, ticket, other), "a ticket that nothing proved")
		code := mailed(a, 1)
		a.Denied(a.Signin.ForgotCode(ctx, agents.Home(), ticket, "00000000"), "a wrong code")
		must(a, a.Signin.ForgotCode(ctx, agents.Home(), ticket, code))
		if err := a.Signin.Reset(ctx, ticket, "motdepasse2026"); !failure.Is(err, failure.Policy) {
			a.Errorf("a common password: %v", err)
		}
		must(a, a.Signin.Reset(ctx, ticket, other))
		a.Denied(a.Signin.Reset(ctx, ticket, "encore une autre phrase"), "the ticket again")
		_, err = a.Sessions.Check(ctx, was)
		a.Denied(err, "a session of before")
		_, err = a.Signin.Password(ctx, agents.Home(), "cmartin", agents.Password)
		a.Denied(err, "the old password")
		signedIn(a, session.ByPassword)(a.Signin.Password(ctx, agents.Home(), "cmartin", other))
		if letters := strings.Join(a.Letters(claire), ""); !strings.Contains(letters, "vient d'être changé") {
			a.Errorf("%q", letters)
		}
	})
}

func TestAForgottenPasswordIsReplacedByARecoveryCodeOrAPasskey(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		o := a.Agent(claire, "cmartin")
		key, ctx := withKey(a, o), a.Context()
		codes, err := a.Factors.MakeRecoveryCodes(ctx, o)
		must(a, err)
		ticket, err := a.Signin.Forgot(ctx, agents.Home(), "cmartin")
		must(a, err)
		must(a, a.Signin.ForgotCode(ctx, agents.Home(), ticket, codes[0]))
		must(a, a.Signin.Reset(ctx, ticket, other))
		out, err := a.Signin.Password(ctx, agents.Home(), "cmartin", other)
		must(a, err)
		if out.Ticket == "" {
			a.Error("a new password opens without the second factor")
		}
		ticket, err = a.Signin.Forgot(ctx, agents.Home(), "cmartin")
		must(a, err)
		a.Denied(a.Signin.ForgotCode(ctx, agents.Home(), ticket, codes[0]), "the recovery code again")

		ch, err := a.Signin.ForgotPasskeyOptions(ctx, agents.Home())
		must(a, err)
		ticket, err = a.Signin.ForgotPasskey(ctx, agents.Home(), ch.Ticket, key.Get(a, ch.Options))
		must(a, err)
		must(a, a.Signin.Reset(ctx, ticket, "encore une autre phrase"))
		if _, err := a.Signin.Password(ctx, agents.Home(), "cmartin", "encore une autre phrase"); err != nil {
			a.Error(err)
		}
	})
}

func TestAskingForANewPasswordTellsNothing(t *testing.T) {
	t.Parallel()
	a := agents.OnSQLite(t)
	withAddress(a, a.Agent(claire, "cmartin"))
	a.Agent(7, "pdurand")
	a.Appoint(8, "fresh", "ENS2D", "ENS", "0750001A", "")
	for _, login := range []string{"warm", "cmartin", "pdurand", "fresh", "nobody", "", "nobody@dehors.example"} {
		before := a.DB.Stats()
		ticket, err := a.Signin.Forgot(a.Context(), agents.Home(), login)
		if err != nil || len(ticket) != 35 {
			a.Errorf("%q: %q, %v", login, ticket, err)
		}
		if after := a.DB.Stats(); after.Writes-before.Writes != 1 || after.Reads-before.Reads != 1 {
			a.Errorf("%q: %+v, then %+v", login, before, after)
		}
		err = a.Signin.ForgotCode(a.Context(), agents.Home(), ticket, "00000000")
		if !failure.Is(err, failure.Denied) || err.Error() != "Code ou clé d'accès non reconnus. / Code or passkey not recognised." {
			a.Errorf("%q: %v", login, err)
		}
	}
}

func TestATicketOfBeforeASuspensionResetsNothing(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		o := a.Agent(claire, "cmartin")
		ctx := a.Context()
		codes, err := a.Factors.MakeRecoveryCodes(ctx, o)
		must(a, err)
		ticket, err := a.Signin.Forgot(ctx, agents.Home(), "cmartin")
		must(a, err)
		must(a, a.Signin.ForgotCode(ctx, agents.Home(), ticket, codes[0]))
		must(a, a.Identity.Suspend(ctx, identity.By{Actor: "dsi"}, claire))
		a.Denied(a.Signin.Reset(ctx, ticket, other), "while suspended")
		must(a, a.Identity.Resume(ctx, identity.By{Actor: "dsi"}, claire))
		a.Denied(a.Signin.Reset(ctx, ticket, other), "after the suspension")
	})
}

func TestWhatIsSensitiveNeedsAFreshProof(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		o := a.Agent(claire, "cmartin")
		ctx, token := a.Context(), password(a, agents.Home()).Tokens.Session
		a.Pass(11 * time.Minute)
		_, err := a.Signin.StepUp(ctx, agents.Home(), token, signin.Answer{Password: "ce n'est pas le bon"})
		a.Denied(err, "a wrong password")
		fresh, err := a.Signin.StepUp(ctx, agents.Home(), token, signin.Answer{Password: agents.Password})
		must(a, err)
		s, err := a.Sessions.Check(ctx, fresh)
		must(a, err)
		_, err = s.Owner()
		must(a, err)

		phone, key := withPhone(a, o), withKey(a, o)
		_, err = a.Signin.StepUp(ctx, agents.Home(), fresh, signin.Answer{Password: agents.Password})
		a.Denied(err, "the password of who has a second factor")
		fresh, err = a.Signin.StepUp(ctx, agents.Home(), fresh, signin.Answer{TOTP: phone.next()})
		must(a, err)
		s, err = a.Sessions.Check(ctx, fresh)
		must(a, err)
		ch, err := a.Signin.StepUpOptions(ctx, agents.Home(), s)
		must(a, err)
		_, err = a.Signin.Passkey(ctx, agents.Home(), ch.Ticket, key.Get(a, ch.Options), false)
		a.Denied(err, "a challenge of a step-up used to sign in")
		fresh, err = a.Signin.StepUp(ctx, agents.Home(), fresh, signin.Answer{Passkey: key.Get(a, ch.Options), Ticket: ch.Ticket})
		must(a, err)
		_, err = a.Sessions.Check(ctx, fresh)
		must(a, err)
	})
}

func TestAChangeOfPasswordKeepsItsSessionAlone(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		o := a.Agent(claire, "cmartin")
		ctx := a.Context()
		token, elsewhere := password(a, agents.Home()).Tokens.Session, password(a, agents.Home()).Tokens.Session
		theirs, err := a.Signin.Password(ctx, agents.Home(), a.Agent(7, "pdurand").Login, agents.Password)
		must(a, err)
		_, err = a.Signin.ChangePassword(ctx, o, theirs.Tokens.Session, other)
		a.Denied(err, "under somebody else's session")
		fresh, err := a.Signin.ChangePassword(ctx, o, token, other)
		must(a, err)
		if _, err := a.Sessions.Check(ctx, fresh); err != nil {
			a.Errorf("the session in which it was changed: %v", err)
		}
		for what, old := range map[string]string{"its token of before": token, "another session": elsewhere} {
			_, err := a.Sessions.Check(ctx, old)
			a.Denied(err, what)
		}
		signedIn(a, session.ByPassword)(a.Signin.Password(ctx, agents.Home(), "cmartin", other))
	})
}

func TestANetworkBeginsSoMuchAndNoMore(t *testing.T) {
	t.Parallel()
	a := agents.OnSQLite(t)
	refused := 0
	for range 200 {
		if _, err := a.Signin.PasskeyOptions(a.Context(), agents.Client("198.51.100.7"), ""); failure.Is(err, failure.Temporary) {
			refused++
		}
	}
	if refused != 80 {
		a.Errorf("%d of 200 were refused", refused)
	}
	_, err := a.Signin.Forgot(a.Context(), agents.Home(), "nobody")
	must(a, err)
	a.Pass(10 * time.Minute)
	if gone, err := a.Tickets.Prune(a.Context()); err != nil || gone != 121 {
		a.Errorf("%d tickets were pruned, %v", gone, err)
	}
}

func TestAPasskeyGivesASuspendedAccountNoPassword(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		key, ctx := withKey(a, a.Agent(claire, "cmartin")), a.Context()
		dsi := identity.By{Actor: "dsi"}
		must(a, a.Identity.Suspend(ctx, dsi, claire))
		ch, err := a.Signin.ForgotPasskeyOptions(ctx, agents.Home())
		must(a, err)
		ticket, err := a.Signin.ForgotPasskey(ctx, agents.Home(), ch.Ticket, key.Get(a, ch.Options))
		if err == nil {
			err = a.Signin.Reset(ctx, ticket, other)
		}
		a.Denied(err, "a new password while suspended")
		must(a, a.Identity.Resume(ctx, dsi, claire))
		_, err = a.Signin.Password(ctx, agents.Home(), "cmartin", other)
		a.Denied(err, "that password after the suspension")
	})
}
