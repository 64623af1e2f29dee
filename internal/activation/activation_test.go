package activation_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"navette/internal/activation"
	"navette/internal/directory"
	"navette/internal/factor"
	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/testkit/agents"
	"navette/internal/testkit/pg"
)

func TestMain(m *testing.M) { os.Exit(pg.Wrap(m).Run()) }

const (
	claire = int64(42)
	numen  = directory.NUMEN("24E9912345ABC")
)

func claim() activation.Claim {
	return activation.Claim{Login: "cmartin", NUMEN: numen.Reveal(), BirthDate: "17/03/1984"}
}

// appoint gives the test one agent who waits for her activation.
func appoint(a *agents.Agents) {
	a.Helper()
	a.Appoint(claire, "cmartin", "ENS2D", "ENS", "0750001A", numen)
}

func begin(a *agents.Agents, c activation.Claim) string {
	a.Helper()
	token, err := a.Activation.Begin(a.Context(), agents.Home(), c)
	if err != nil {
		a.Fatal(err)
	}
	return token
}

func must(a *agents.Agents, err error) {
	a.Helper()
	if err != nil {
		a.Fatal(err)
	}
}

func step(a *agents.Agents, token string) activation.Step {
	a.Helper()
	st, err := a.Activation.State(a.Context(), token)
	must(a, err)
	return st.Step
}

// upTo leads an activation to its last step.
func upTo(a *agents.Agents, token string) {
	a.Helper()
	must(a, a.Activation.Choose(a.Context(), token, agents.Password))
	must(a, a.Activation.Later(a.Context(), token))
	_, err := a.Activation.Codes(a.Context(), token)
	must(a, err)
}

// opens tells whether the password opens a channel.
func opens(a *agents.Agents, channel identity.Channel, mechanism identity.Mechanism) bool {
	a.Helper()
	_, err := a.Identity.Verify(a.Context(), identity.Credential{Mechanism: mechanism, Channel: channel, Peer: agents.Home().Peer,
		Login: "cmartin", Secret: agents.Password})
	if err != nil && !failure.Is(err, failure.Denied) {
		a.Fatal(err)
	}
	return err == nil
}

func TestAnAgentActivatesHerAccountStepByStep(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		appoint(a)
		ctx := a.Context()
		token := begin(a, claim())
		if got := step(a, token); got != activation.StepPassword {
			a.Errorf("step %d", got)
		}
		must(a, a.Activation.Choose(ctx, token, agents.Password))
		st, err := a.Activation.State(ctx, token)
		must(a, err)
		if st.Step != activation.StepFactor || st.Exempt || !st.Due.Equal(a.Now().Add(60*24*time.Hour)) {
			a.Errorf("%+v", st)
		}
		_, err = a.Factors.MakeGrid(ctx, st.Owner)
		must(a, err)
		if got := step(a, token); got != activation.StepCodes {
			a.Errorf("step %d", got)
		}
		codes, err := a.Activation.Codes(ctx, token)
		must(a, err)
		if len(codes) != 10 || step(a, token) != activation.StepFinish {
			a.Errorf("codes %v, step %d", codes, step(a, token))
		}
		tokens, err := a.Activation.Finish(ctx, token, agents.Home())
		must(a, err)
		s, err := a.Sessions.Check(ctx, tokens.Session)
		must(a, err)
		if s.Principal.Account != claire || !s.Principal.Can(identity.ReadMail|identity.SubmitMail|identity.ManageSelf) {
			a.Errorf("%+v", s)
		}
		if a.Count(`SELECT count(*) FROM numen`)+a.Count(`SELECT count(*) FROM ticket`) != 0 {
			a.Error("the NUMEN or the ticket outlives the activation")
		}
		_, err = a.Activation.Begin(ctx, agents.Home(), claim())
		a.Denied(err, "the NUMEN, once used")
		_, err = a.Activation.State(ctx, token)
		a.Denied(err, "the token, once used")
	})
}

func TestNothingOpensBeforeTheEnd(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		appoint(a)
		ctx := a.Context()
		closed := func(when string) {
			a.Helper()
			if opens(a, identity.IMAP, identity.Plain) || opens(a, identity.SMTP, identity.Plain) || opens(a, identity.HTTP, identity.Form) {
				a.Errorf("something opens %s", when)
			}
		}
		token := begin(a, claim())
		for _, do := range []struct {
			when string
			step func() error
		}{
			{"after the claim", func() error { return nil }},
			{"after the password", func() error { return a.Activation.Choose(ctx, token, agents.Password) }},
			{"after « Plus tard »", func() error { return a.Activation.Later(ctx, token) }},
			{"after the codes", func() error { _, err := a.Activation.Codes(ctx, token); return err }},
		} {
			if _, err := a.Activation.Finish(ctx, token, agents.Home()); !failure.Is(err, failure.Conflict) {
				a.Errorf("it can be finished before %q: %v", do.when, err)
			}
			must(a, do.step())
			closed(do.when)
		}
		_, err := a.Activation.Finish(ctx, token, agents.Home())
		must(a, err)
		if !opens(a, identity.IMAP, identity.Plain) || !opens(a, identity.HTTP, identity.Form) {
			a.Error("it does not open at the end")
		}
	})
}

func TestAWrongClaimTellsNothingInWordsNorInWork(t *testing.T) {
	t.Parallel()
	a := agents.OnSQLite(t)
	appoint(a)
	a.Agent(7, "pdurand")
	a.Appoint(8, "late", "ENS2D", "ENS", "0750001A", "")
	wrong := map[string]activation.Claim{
		"no such login":    {Login: "nobody", NUMEN: numen.Reveal(), BirthDate: "17/03/1984"},
		"no login":         {NUMEN: numen.Reveal(), BirthDate: "17/03/1984"},
		"active already":   {Login: "pdurand", NUMEN: numen.Reveal(), BirthDate: "17/03/1984"},
		"without a NUMEN":  {Login: "late", NUMEN: numen.Reveal(), BirthDate: "17/03/1984"},
		"another NUMEN":    {Login: "cmartin", NUMEN: "24E9912345ABD", BirthDate: "17/03/1984"},
		"another birthday": {Login: "cmartin", NUMEN: numen.Reveal(), BirthDate: "18/03/1984"},
		"no birthday":      {Login: "cmartin", NUMEN: numen.Reveal()},
	}
	for what, c := range wrong {
		before, work := a.Identity.Hashes(), a.DB.Stats()
		_, err := a.Activation.Begin(a.Context(), agents.Home(), c)
		if !failure.Is(err, failure.Denied) || err.Error() != "Identifiant, NUMEN ou date de naissance non reconnus. / Identifier, NUMEN or birth date not recognised." {
			a.Errorf("%s: %v", what, err)
		}
		if cost := a.Identity.Hashes() - before; cost != 1 {
			a.Errorf("%s: %d hashes", what, cost)
		}
		work.Reads, work.Queries = work.Reads+2, work.Queries+2
		if after := a.DB.Stats(); after != work {
			a.Errorf("%s: the database did %+v, not %+v", what, after, work)
		}
	}
}

func TestANumenOpensForThirtyDays(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		appoint(a)
		a.Pass(30*24*time.Hour - time.Minute)
		begin(a, claim())
		a.Pass(time.Minute)
		_, err := a.Activation.Begin(a.Context(), agents.Home(), claim())
		a.Denied(err, "a NUMEN of thirty days")
		sheet, err := a.Activation.MakeSheet(a.Context(), identity.By{Actor: "dsi", Reason: "NUMEN expiré"}, claire)
		must(a, err)
		begin(a, activation.Claim{Login: "cmartin", Sheet: sheet.Code})
	})
}

func TestASheetOpensOnceUntilItsTimeIsOver(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		a.Appoint(claire, "cmartin", "AED", "AED", "0750001A", "")
		a.Appoint(7, "pdurand", "AED", "AED", "0750001A", "")
		ctx, by := a.Context(), identity.By{Actor: "dsi", Reason: "sans NUMEN"}
		first, err := a.Activation.MakeSheet(ctx, by, claire)
		must(a, err)
		second, err := a.Activation.MakeSheet(ctx, by, claire)
		must(a, err)
		claimed := func(login, code string) error {
			_, err := a.Activation.Begin(ctx, agents.Home(), activation.Claim{Login: login, Sheet: code})
			return err
		}
		a.Denied(claimed("cmartin", first.Code), "a sheet that another replaced")
		a.Denied(claimed("pdurand", second.Code), "somebody else's sheet")
		a.Denied(claimed("cmartin", second.Code[:18]), "half a sheet")
		must(a, claimed("cmartin", strings.ToLower(strings.ReplaceAll(second.Code, "-", " "))))
		token := begin(a, activation.Claim{Login: "cmartin", Sheet: second.Code})
		upTo(a, token)
		_, err = a.Activation.Finish(ctx, token, agents.Home())
		must(a, err)
		a.Denied(claimed("cmartin", second.Code), "a used sheet")
		if _, err := a.Activation.MakeSheet(ctx, by, claire); !failure.Is(err, failure.Conflict) {
			a.Errorf("a sheet for an active account: %v", err)
		}
		late, err := a.Activation.MakeSheet(ctx, by, 7)
		must(a, err)
		a.Pass(15 * 24 * time.Hour)
		a.Denied(claimed("pdurand", late.Code), "a sheet whose time is over")
		if got := a.Count(`SELECT count(*) FROM journal WHERE action = 'activation.sheet' AND actor = 'dsi' AND reason = 'sans NUMEN'`); got != 3 {
			a.Errorf("%d sheets in the journal", got)
		}
	})
}

func TestAnInterruptedActivationGoesOnOrBeginsAgain(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		appoint(a)
		ctx := a.Context()
		token := begin(a, claim())
		must(a, a.Activation.Choose(ctx, token, agents.Password))
		a.Pass(59 * time.Minute)
		st, err := a.Activation.State(ctx, token)
		must(a, err)
		if st.Step != activation.StepFactor {
			a.Errorf("step %d", st.Step)
		}
		_, err = a.Factors.MakeGrid(ctx, st.Owner)
		must(a, err)

		again := begin(a, claim())
		a.Denied(a.Activation.Later(ctx, token), "the earlier token")
		if got := step(a, again); got != activation.StepPassword || a.Count(`SELECT count(*) FROM factor`) != 0 {
			a.Errorf("step %d; something that was chosen before counts", got)
		}
		a.Pass(time.Hour)
		a.Denied(a.Activation.Choose(ctx, again, agents.Password), "a token after an hour")
		last := begin(a, claim())
		upTo(a, last)
		_, err = a.Activation.Finish(ctx, last, agents.Home())
		must(a, err)
	})
}

func TestASuspensionEndsAnActivation(t *testing.T) {
	t.Parallel()
	a := agents.OnSQLite(t)
	appoint(a)
	token := begin(a, claim())
	upTo(a, token)
	must(a, a.Identity.Suspend(a.Context(), identity.By{Actor: "dsi"}, claire))
	_, err := a.Activation.Finish(a.Context(), token, agents.Home())
	a.Denied(err, "finishing while suspended")
	_, err = a.Activation.Begin(a.Context(), agents.Home(), claim())
	a.Denied(err, "beginning while suspended")
}

func TestWhoMayDoWithoutASecondFactor(t *testing.T) {
	t.Parallel()
	for category, exempt := range map[string]bool{"COLL": true, "ENS2D": false} {
		t.Run(category, func(t *testing.T) {
			t.Parallel()
			a := agents.OnSQLite(t)
			a.Appoint(claire, "cmartin", category, "CUI", "0750001A", numen)
			token := begin(a, claim())
			upTo(a, token)
			st, err := a.Activation.State(a.Context(), token)
			must(a, err)
			if st.Exempt != exempt || st.Due.IsZero() != exempt {
				a.Errorf("%+v", st)
			}
			_, err = a.Activation.Finish(a.Context(), token, agents.Home())
			must(a, err)
			a.Pass(60 * 24 * time.Hour)
			out, err := a.Signin.Password(a.Context(), agents.Home(), "cmartin", agents.Password)
			must(a, err)
			s, err := a.Sessions.Check(a.Context(), out.Tokens.Session)
			must(a, err)
			if s.MustEnrol == exempt || s.Principal.Can(identity.ReadMail) != exempt || !s.Principal.Can(identity.ManageSelf) {
				a.Errorf("when « Plus tard » is over: %+v", s)
			}
		})
	}
}

func TestThePasswordHoldsNoNumen(t *testing.T) {
	t.Parallel()
	a := agents.OnSQLite(t)
	appoint(a)
	token := begin(a, claim())
	for _, secret := range []string{"24e9912345abc et puis du vent", "cheval 24E99 12345 ABC dauphin"} {
		if err := a.Activation.Choose(a.Context(), token, secret); !failure.Is(err, failure.Policy) {
			a.Errorf("%q: %v", secret, err)
		}
	}
	must(a, a.Activation.Choose(a.Context(), token, "cheval 24E99 12345 ABD dauphin"))
}

func TestGuessingAClaimIsSlowedDown(t *testing.T) {
	t.Parallel()
	a := agents.OnSQLite(t)
	appoint(a)
	c := claim()
	c.NUMEN = "24E9912345ABD"
	for range 20 {
		_, err := a.Activation.Begin(a.Context(), agents.Client("198.51.100.7"), c)
		a.Denied(err, "a wrong NUMEN")
	}
	if waited := a.Waited(); waited < time.Minute {
		a.Errorf("twenty guesses waited %v", waited)
	}
	// Its owner, elsewhere, waits no more than a few seconds, and is let in.
	begin(a, claim())
	if waited := a.Waited(); waited > 3*time.Second {
		a.Errorf("the owner waited %v", waited)
	}
}

func TestCodesAreReadFromPaper(t *testing.T) {
	t.Parallel()
	if got := factor.Typed(" ABOI-L0l1 "); got != "ab011011" {
		t.Errorf("%q", got)
	}
}
