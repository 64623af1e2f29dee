package admin_test

import (
	"context"
	"reflect"
	"testing"

	"navette/internal/admin"
	"navette/internal/failure"
	"navette/internal/identity"
)

// desk notes what it is asked.
type desk struct {
	admin.Operations
	by  identity.By
	act admin.ProtectAct
}

func (d *desk) Protect(_ context.Context, by identity.By, act admin.ProtectAct) ([]string, error) {
	d.by, d.act = by, act
	if act.Act == admin.ProtectResetFactors {
		return nil, failure.New(failure.NotFound, "personne")
	}
	return []string{"ABCD-EFGH-JKMN-PQRS", "à remettre"}, nil
}

func TestAnActOfTheHelpDeskGoesThroughTheSocket(t *testing.T) {
	t.Parallel()
	d := &desk{}
	client, by := socket(t, d), identity.By{Actor: "cli:durand", Reason: "sans NUMEN"}
	act := admin.ProtectAct{Act: admin.ProtectSheet, Who: "cmartin"}
	lines, err := client.Protect(t.Context(), by, act)
	if err != nil || !reflect.DeepEqual(lines, []string{"ABCD-EFGH-JKMN-PQRS", "à remettre"}) || d.by != by || d.act != act {
		t.Errorf("the server got %+v by %+v and answered %q, %v", d.act, d.by, lines, err)
	}
	act.Act = admin.ProtectResetFactors
	if _, err := client.Protect(t.Context(), by, act); !failure.Is(err, failure.NotFound) || err.Error() != "personne" || d.act != act {
		t.Errorf("%+v, %v", d.act, err)
	}
}
