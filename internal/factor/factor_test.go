package factor_test

import (
	"encoding/base32"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"navette/internal/factor"
	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/testkit/agents"
	"navette/internal/testkit/authenticator"
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

func yes(a *agents.Agents, what string) func(bool, error) {
	return func(ok bool, err error) {
		a.Helper()
		if err != nil || !ok {
			a.Errorf("%s: %v, %v", what, ok, err)
		}
	}
}

func no(a *agents.Agents, what string) func(bool, error) {
	return func(ok bool, err error) {
		a.Helper()
		if err != nil || ok {
			a.Errorf("%s: %v, %v", what, ok, err)
		}
	}
}

// code is what an application with the secret shows at a time.
func code(a *agents.Agents, secret string, at time.Time) string {
	a.Helper()
	c, err := totp.GenerateCode(strings.ReplaceAll(secret, " ", ""), at)
	must(a, err)
	return c
}

// withTOTP gives an owner a time-based code, and returns its secret, a step later.
func withTOTP(a *agents.Agents, o identity.Owner) string {
	a.Helper()
	made, err := a.Factors.BeginTOTP(a.Context(), o)
	must(a, err)
	_, err = a.Factors.FinishTOTP(a.Context(), o, made.Ticket, "téléphone", code(a, made.Secret, a.Now()))
	must(a, err)
	a.Pass(30 * time.Second)
	return made.Secret
}

func TestATimeBasedCodeHoldsOnceAndAStepEitherWay(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		o := a.Agent(claire, "cmartin")
		secret, ctx := withTOTP(a, o), a.Context()
		now := code(a, secret, a.Now())
		no(a, "a wrong code")(a.Factors.ProveTOTP(ctx, claire, "000000"))
		no(a, "no code")(a.Factors.ProveTOTP(ctx, claire, ""))
		no(a, "a code of a minute ago")(a.Factors.ProveTOTP(ctx, claire, code(a, secret, a.Now().Add(-time.Minute))))
		no(a, "a code of the step of its making")(a.Factors.ProveTOTP(ctx, claire, code(a, secret, a.Now().Add(-30*time.Second))))
		no(a, "somebody else's account")(a.Factors.ProveTOTP(ctx, 7, now))
		yes(a, "the code")(a.Factors.ProveTOTP(ctx, claire, now[:3]+" "+now[3:]))
		no(a, "the code again")(a.Factors.ProveTOTP(ctx, claire, now))
		yes(a, "the next code, a little early")(a.Factors.ProveTOTP(ctx, claire, code(a, secret, a.Now().Add(30*time.Second))))
		a.Pass(30 * time.Second)
		no(a, "the early code again, at its time")(a.Factors.ProveTOTP(ctx, claire, code(a, secret, a.Now())))
		raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(secret, " ", ""))
		must(a, err)
		if a.Count(`SELECT count(*) FROM factor WHERE data = $1`, raw) != 0 {
			a.Error("the secret is stored in the clear")
		}
	})
}

func TestOfManyWhoShowACodeAtOnceOneIsLetIn(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		o := a.Agent(claire, "cmartin")
		secret := withTOTP(a, o)
		codes, err := a.Factors.MakeRecoveryCodes(a.Context(), o)
		must(a, err)
		for what, prove := range map[string]func() (bool, error){
			"TOTP":          func() (bool, error) { return a.Factors.ProveTOTP(a.Context(), claire, code(a, secret, a.Now())) },
			"recovery code": func() (bool, error) { return a.Factors.ProveRecovery(a.Context(), claire, codes[0]) },
		} {
			var in atomic.Int64
			var running sync.WaitGroup
			for range 8 {
				running.Go(func() {
					ok, err := prove()
					if err != nil {
						a.Error(err)
					}
					if ok {
						in.Add(1)
					}
				})
			}
			running.Wait()
			if in.Load() != 1 {
				a.Errorf("%s: %d were let in", what, in.Load())
			}
		}
	})
}

func TestATOTPIsStoredOnlyWhenItsApplicationShowsIt(t *testing.T) {
	t.Parallel()
	a := agents.OnSQLite(t)
	o, stranger := a.Agent(claire, "cmartin"), a.Agent(7, "pdurand")
	ctx := a.Context()
	made, err := a.Factors.BeginTOTP(ctx, o)
	must(a, err)
	if !strings.HasPrefix(made.URI, "otpauth://totp/Acad%C3%A9mie%20de%20Paris:cmartin?issuer=Acad%C3%A9mie%20de%20Paris&secret=") {
		a.Error(made.URI)
	}
	_, err = a.Factors.FinishTOTP(ctx, stranger, made.Ticket, "", code(a, made.Secret, a.Now()))
	a.Denied(err, "somebody else's ticket")
	for range 4 {
		_, err = a.Factors.FinishTOTP(ctx, o, made.Ticket, "", "000000")
		a.Denied(err, "a wrong code")
	}
	_, err = a.Factors.FinishTOTP(ctx, o, made.Ticket, "", code(a, made.Secret, a.Now()))
	a.Denied(err, "a sixth attempt")
	if has, err := a.Identity.HasSecondFactor(ctx, claire); has || err != nil {
		a.Errorf("%v, %v", has, err)
	}
}

func TestAGridAsksTheSameCellsUntilTheyAreTypedRightly(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		o := a.Agent(claire, "cmartin")
		ctx := a.Context()
		g, err := a.Factors.MakeGrid(ctx, o)
		must(a, err)
		asks := func() []string {
			a.Helper()
			cells, err := a.Factors.GridAsks(ctx, claire)
			must(a, err)
			return cells
		}
		typed := func(cells []string) (out string) {
			for _, c := range cells {
				out += " " + g.Rows[c[1]-'1'][c[0]-'A']
			}
			return out
		}
		seen := map[string]bool{}
		for range 10 {
			cells := asks()
			if len(cells) != 3 || !slices.Equal(cells, asks()) {
				a.Errorf("asked %v, then %v", cells, asks())
			}
			seen[strings.Join(cells, " ")] = true
			no(a, "other cells")(a.Factors.ProveGrid(ctx, claire, typed([]string{cells[1], cells[0], cells[2]})+"0"))
			if !slices.Equal(cells, asks()) {
				a.Error("a wrong answer has other cells asked")
			}
			right := typed(cells)
			yes(a, "the cells")(a.Factors.ProveGrid(ctx, claire, right))
			no(a, "the cells again")(a.Factors.ProveGrid(ctx, claire, right))
		}
		if len(seen) < 9 {
			a.Errorf("of ten times, %d differ", len(seen))
		}
		old := g
		g, err = a.Factors.MakeGrid(ctx, o)
		must(a, err)
		cells := asks()
		new := typed(cells)
		g = old
		no(a, "the grid before")(a.Factors.ProveGrid(ctx, claire, typed(cells)))
		yes(a, "the new grid")(a.Factors.ProveGrid(ctx, claire, new))
		no(a, "who has no grid")(a.Factors.ProveGrid(ctx, 7, new))
	})
}

func TestARecoveryCodeHoldsOnceAndNewOnesVoidTheOld(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		o := a.Agent(claire, "cmartin")
		a.Agent(7, "pdurand")
		ctx := a.Context()
		codes, err := a.Factors.MakeRecoveryCodes(ctx, o)
		must(a, err)
		if len(codes) != 10 || len(slices.Compact(slices.Sorted(slices.Values(codes)))) != 10 || len(codes[0]) != 11 {
			a.Errorf("%v", codes)
		}
		no(a, "somebody else's account")(a.Factors.ProveRecovery(ctx, 7, codes[0]))
		yes(a, "a code in capitals")(a.Factors.ProveRecovery(ctx, claire, " "+strings.ToUpper(codes[0])))
		no(a, "the code again")(a.Factors.ProveRecovery(ctx, claire, codes[0]))
		p, err := a.Factors.Of(ctx, claire)
		must(a, err)
		if p.RecoveryCodes != 9 {
			a.Errorf("%+v", p)
		}
		_, err = a.Factors.MakeRecoveryCodes(ctx, o)
		must(a, err)
		no(a, "a code of before")(a.Factors.ProveRecovery(ctx, claire, codes[1]))
		if a.Count(`SELECT count(*) FROM recovery_code WHERE code LIKE '%' || $1 || '%'`, codes[2][:5]) != 0 {
			a.Error("codes are stored in the clear")
		}
	})
}

// register gives an owner a passkey.
func register(a *agents.Agents, o identity.Owner) *authenticator.Passkey {
	a.Helper()
	key := authenticator.New(agents.Origin, "messagerie.ac-paris.example")
	begun, err := a.Factors.BeginPasskey(a.Context(), o)
	must(a, err)
	f, err := a.Factors.FinishPasskey(a.Context(), o, begun.Ticket, "clé bleue", key.Create(a, begun.Options))
	must(a, err)
	if f.Kind != factor.KindPasskey || f.Label != "clé bleue" {
		a.Errorf("%+v", f)
	}
	return key
}

// use answers a challenge to account (0: any) with a passkey.
func use(a *agents.Agents, account int64, key *authenticator.Passkey) (factor.Holder, bool, error) {
	a.Helper()
	as, err := a.Factors.BeginAssertion(a.Context(), account)
	must(a, err)
	return a.Factors.ProvePasskey(a.Context(), account, as.Session, key.Get(a, as.Options))
}

func TestAPasskeyProvesItsOwnerAloneAndAsSecondFactor(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		o, other := a.Agent(claire, "cmartin"), a.Agent(7, "pdurand")
		mine, theirs := register(a, o), register(a, other)
		for _, account := range []int64{0, claire} {
			h, ok, err := use(a, account, mine)
			if err != nil || !ok || h.Account != claire || h.Epoch == 0 {
				a.Errorf("challenged as %d: %+v, %v, %v", account, h, ok, err)
			}
		}
		if h, ok, err := use(a, claire, theirs); err != nil || ok || h != (factor.Holder{}) {
			a.Errorf("another account's passkey: %+v, %v, %v", h, ok, err)
		}
		mine.UV = false
		if _, ok, err := use(a, 0, mine); err != nil || ok {
			a.Errorf("a passkey that nobody unlocked, alone: %v, %v", ok, err)
		}
		mine.UV, mine.Origin = true, "https://messagerie.ac-paris.example.evil.example"
		if _, ok, err := use(a, claire, mine); err != nil || ok {
			a.Errorf("a page of swindlers: %v, %v", ok, err)
		}
	})
}

func TestAnAnswerIsForItsOwnChallenge(t *testing.T) {
	t.Parallel()
	a := agents.OnSQLite(t)
	key := register(a, a.Agent(claire, "cmartin"))
	first, err := a.Factors.BeginAssertion(a.Context(), claire)
	must(a, err)
	second, err := a.Factors.BeginAssertion(a.Context(), claire)
	must(a, err)
	if _, ok, err := a.Factors.ProvePasskey(a.Context(), claire, second.Session, key.Get(a, first.Options)); err != nil || ok {
		a.Errorf("%v, %v", ok, err)
	}
	for _, nonsense := range []string{"", "{}", "null", `{"id":"x"}`, strings.Repeat("[", 70_000)} {
		if _, ok, err := a.Factors.ProvePasskey(a.Context(), claire, second.Session, []byte(nonsense)); err != nil || ok {
			a.Errorf("%.20q: %v, %v", nonsense, ok, err)
		}
	}
}

func TestAClonedAuthenticatorIsRefusedAndItsOwnerTold(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		key := register(a, a.Agent(claire, "cmartin"))
		clone := key.Clone()
		if _, ok, err := use(a, claire, key); err != nil || !ok {
			a.Fatal(ok, err)
		}
		if _, ok, err := use(a, claire, clone); err != nil || ok {
			a.Errorf("the clone: %v, %v", ok, err)
		}
		if letters := a.Letters(claire); len(letters) != 2 || !strings.Contains(letters[1], "semble avoir été copiée") {
			a.Errorf("%q", letters)
		}
		if a.Count(`SELECT count(*) FROM journal WHERE action = 'factor.cloned' AND subject = 'account:42'`) != 1 {
			a.Error("the journal does not tell")
		}
	})
}

func TestASyncedPasskeyThatDoesNotCountIsTakenAgainAndAgain(t *testing.T) {
	t.Parallel()
	a := agents.OnSQLite(t)
	key := register(a, a.Agent(claire, "cmartin"))
	key.Counts = false
	for range 3 {
		if _, ok, err := use(a, claire, key); err != nil || !ok {
			a.Errorf("%v, %v", ok, err)
		}
	}
}

func TestAChangeOfFactorsBeginsAnEpochAndKeepsSessions(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		o := a.Agent(claire, "cmartin")
		ctx := a.Context()
		out, err := a.Signin.Password(ctx, agents.Home(), "cmartin", agents.Password)
		must(a, err)
		mail := identity.Credential{Mechanism: identity.Plain, Channel: identity.IMAP, Peer: agents.Home().Peer, Login: "cmartin", Secret: agents.Password}
		p, err := a.Identity.Verify(ctx, mail)
		must(a, err)
		g, err := a.Factors.MakeGrid(ctx, o)
		must(a, err)
		if a.Identity.StillValid(p) {
			a.Error("what the password alone had opened stays open")
		}
		if _, err := a.Sessions.Check(ctx, out.Tokens.Session); err != nil {
			a.Errorf("the session in which it was made: %v", err)
		}
		if _, err := a.Identity.Verify(ctx, mail); err == nil {
			a.Error("the password alone opens a mail program")
		}
		if has, err := a.Identity.HasSecondFactor(ctx, claire); !has || err != nil {
			a.Errorf("%v, %v", has, err)
		}
		must(a, a.Factors.Remove(ctx, o, g.ID))
		if err := a.Factors.Remove(ctx, o, g.ID); !failure.Is(err, failure.NotFound) {
			a.Errorf("removed twice: %v", err)
		}
		if has, err := a.Identity.HasSecondFactor(ctx, claire); has || err != nil {
			a.Errorf("%v, %v", has, err)
		}
		if _, err := a.Identity.Verify(ctx, mail); err != nil {
			a.Errorf("after the last factor is gone: %v", err)
		}
	})
}

func TestARecoveryAddressIsConfirmedByACode(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		o, stranger := a.Agent(claire, "cmartin"), a.Agent(7, "pdurand")
		ctx := a.Context()
		for _, address := range []string{"", "claire", "cmartin@ac-paris.example", "Cmartin@AC-Paris.example"} {
			if _, err := a.Factors.BeginRecoveryAddress(ctx, o, address); !failure.Is(err, failure.Policy) {
				a.Errorf("%q: %v", address, err)
			}
		}
		ticket, err := a.Factors.BeginRecoveryAddress(ctx, o, "claire@dehors.example")
		must(a, err)
		mails := a.Outside("claire@dehors.example")
		if len(mails) != 1 {
			a.Fatalf("%q", mails)
		}
		code := agents.CodeIn(mails[0])
		a.Denied(a.Factors.FinishRecoveryAddress(ctx, o, ticket, "00000000"), "a wrong code")
		a.Denied(a.Factors.FinishRecoveryAddress(ctx, stranger, ticket, code), "somebody else's ticket")
		must(a, a.Factors.FinishRecoveryAddress(ctx, o, ticket, code))
		a.Denied(a.Factors.FinishRecoveryAddress(ctx, o, ticket, code), "the code again")
		p, err := a.Factors.Of(ctx, claire)
		must(a, err)
		if p.RecoveryAddress != "c•••@dehors.example" {
			a.Errorf("%+v", p)
		}
		if a.Count(`SELECT count(*) FROM protection WHERE CAST(address AS TEXT) LIKE '%dehors%'`) != 0 {
			a.Error("the address is stored in the clear")
		}
		for range 4 {
			_, err = a.Factors.BeginRecoveryAddress(ctx, o, "claire@dehors.example")
			must(a, err)
		}
		if _, err := a.Factors.BeginRecoveryAddress(ctx, o, "claire@dehors.example"); !failure.Is(err, failure.Temporary) {
			a.Errorf("a sixth code: %v", err)
		}
		must(a, a.Factors.RemoveRecoveryAddress(ctx, o))
		if p, err := a.Factors.Of(ctx, claire); err != nil || p.RecoveryAddress != "" {
			a.Errorf("%+v, %v", p, err)
		}
	})
}

func TestTheHelpDeskTakesFactorsOffAndTheOwnerIsTold(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		o := a.Agent(claire, "cmartin")
		register(a, o)
		withTOTP(a, o)
		ctx := a.Context()
		codes, err := a.Factors.MakeRecoveryCodes(ctx, o)
		must(a, err)
		must(a, a.Factors.Reset(ctx, identity.By{Actor: "dsi", Reason: "téléphone perdu"}, claire))
		p, err := a.Factors.Of(ctx, claire)
		must(a, err)
		if len(p.Factors) != 0 || p.RecoveryCodes != 0 {
			a.Errorf("%+v", p)
		}
		no(a, "a recovery code")(a.Factors.ProveRecovery(ctx, claire, codes[0]))
		if letters := a.Letters(claire); len(letters) != 4 || !strings.Contains(letters[3], "L'assistance a retiré") {
			a.Errorf("%q", letters)
		}
		if a.Count(`SELECT count(*) FROM journal WHERE action = 'factor.reset' AND actor = 'dsi' AND reason = 'téléphone perdu'`) != 1 {
			a.Error("the journal does not tell")
		}
	})
}
