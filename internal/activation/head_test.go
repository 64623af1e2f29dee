package activation_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"navette/internal/activation"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/testkit/agents"
)

// school makes a head, a teacher and three who wait: one with a NUMEN, one without, one of another school.
func school(a *agents.Agents) (head identity.Owner) {
	a.Appoint(1, "head", "DIEO", directory.FonctionHead, "0750001A", "")
	a.Appoint(2, "teacher", "ENS2D", "ENS", "0750001A", "")
	a.Appoint(3, "own", "AED", "AED", "0750001A", "")
	a.Appoint(4, "elsewhere", "AED", "AED", "0750002B", "")
	a.Appoint(5, "novice", "ENS2D", "ENS", "0750001A", "01E9501234ABC")
	for _, id := range []int64{1, 2} {
		must(a, a.Identity.Activate(a.Context(), identity.By{Actor: "test"}, id, agents.Password))
	}
	return identity.Owner{Account: 1, Login: "head"}
}

func TestAHeadMakesSheetsForTheirOwnAgentsOnly(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		head := school(a)
		make := func(by int64, login string) error {
			_, err := a.Activation.MakeSheetAsHead(a.Context(), identity.Owner{Account: by, Login: head.Login}, login)
			return err
		}
		must(a, make(1, "own"))
		for what, err := range map[string]error{"of another school": make(1, "elsewhere"), "of nobody": make(1, "nobody"), "by a teacher": make(2, "own")} {
			if !failure.Is(err, failure.NotFound) {
				a.Errorf("a sheet %s: %v", what, err)
			}
		}
		if err := make(1, "teacher"); !failure.Is(err, failure.Conflict) {
			a.Errorf("a sheet for an active agent: %v", err)
		}
		if got := a.Count(`SELECT count(*) FROM journal WHERE action = 'activation.sheet' AND actor = 'head' AND reason <> ''`); got != 1 {
			a.Errorf("%d sheets in the journal", got)
		}
		must(a, a.Identity.Suspend(a.Context(), identity.By{Actor: "test"}, 1))
		if err := make(1, "own"); !failure.Is(err, failure.NotFound) {
			a.Errorf("by a suspended head: %v", err)
		}
	})
}

func TestAHeadSeesWhoWaitsAndByWhatTheyMayComeIn(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		head := school(a)
		list := func() []activation.Waiting {
			waiting, err := a.Activation.WaitingFor(a.Context(), head.Account)
			must(a, err)
			return waiting
		}
		own := activation.Waiting{Login: "own", Display: "Claire Own", UAI: "0750001A", Starts: "2026-09-01"}
		novice := activation.Waiting{Login: "novice", Display: "Claire Novice", UAI: "0750001A", Starts: "2026-09-01",
			NumenUntil: a.Now().Add(identity.NumenLife)}
		if diff := cmp.Diff([]activation.Waiting{novice, own}, list()); diff != "" {
			a.Errorf("at the start (-want +got):\n%s", diff)
		}

		sheet, err := a.Activation.MakeSheetAsHead(a.Context(), head, "own")
		must(a, err)
		a.Pass(14 * 24 * time.Hour)
		own.SheetUntil = sheet.Expires
		if diff := cmp.Diff([]activation.Waiting{novice, own}, list()); diff != "" {
			a.Errorf("with a sheet (-want +got):\n%s", diff)
		}
		a.Pass(identity.NumenLife)
		novice.NumenUntil, own.SheetUntil = time.Time{}, time.Time{}
		if diff := cmp.Diff([]activation.Waiting{novice, own}, list()); diff != "" {
			a.Errorf("when neither opens any more (-want +got):\n%s", diff)
		}

		must(a, a.Identity.Activate(a.Context(), identity.By{Actor: "test"}, 5, agents.Password))
		if diff := cmp.Diff([]activation.Waiting{own}, list()); diff != "" {
			a.Errorf("after an activation (-want +got):\n%s", diff)
		}
	})
}

func TestOnlyAHeadSeesWhoWaits(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		school(a)
		for account, want := range map[int64]bool{1: true, 2: false, 3: false} {
			heads, err := a.Activation.Heads(a.Context(), account)
			must(a, err)
			_, err = a.Activation.WaitingFor(a.Context(), account)
			if heads != want || want != (err == nil) || err != nil && !failure.Is(err, failure.Denied) {
				a.Errorf("account %d heads: %v, sees: %v", account, heads, err)
			}
		}
	})
}
