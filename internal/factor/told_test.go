package factor_test

import (
	"strings"
	"testing"

	"navette/internal/testkit/agents"
)

func TestTheOwnerIsToldOfEachChangeOfWhatOpensTheAccount(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		o := a.Agent(claire, "cmartin")
		ctx, told := a.Context(), 0
		tells := func(words string) {
			a.Helper()
			letters := a.Letters(claire)
			if told++; len(letters) != told || !strings.Contains(letters[told-1], words) {
				a.Errorf("%d letters, want %d, the last with %q: %q", len(letters), told, words, letters)
			}
		}
		register(a, o)
		tells("Une clé d'accès vient d'être ajoutée")
		withTOTP(a, o)
		tells("Une application de codes vient d'être ajoutée")
		g, err := a.Factors.MakeGrid(ctx, o)
		must(a, err)
		tells("Une grille de codes vient d'être faite")
		must(a, a.Factors.Remove(ctx, o, g.ID))
		tells("Un second facteur de votre compte vient d'être retiré")
		_, err = a.Factors.MakeRecoveryCodes(ctx, o)
		must(a, err)
		tells("De nouveaux codes de secours")
		ticket, err := a.Factors.BeginRecoveryAddress(ctx, o, "claire@dehors.example")
		must(a, err)
		must(a, a.Factors.FinishRecoveryAddress(ctx, o, ticket, agents.CodeIn(a.Outside("claire@dehors.example")[0])))
		tells("Une adresse de secours vient d'être enregistrée")
		must(a, a.Factors.RemoveRecoveryAddress(ctx, o))
		tells("L'adresse de secours de votre compte vient d'être retirée")
		app, err := a.Factors.GenerateAppPassword(ctx, o.By(""), claire, "Tablette")
		must(a, err)
		tells("« Tablette »")
		must(a, a.Factors.RevokeAppPassword(ctx, o.By(""), claire, app.ID))
		tells("Un mot de passe d'application de votre compte vient d'être révoqué")
	})
}

func TestWhoIsBeingActivatedIsToldNothingOfIt(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		o := a.Agent(claire, "cmartin")
		o.Account = 7
		a.Appoint(7, "pdurand", "ENS2D", "ENS", "0750001A", "")
		withTOTP(a, o)
		if n := len(a.Letters(7)); n != 0 {
			a.Errorf("%d letters", n)
		}
	})
}
