package admin_test

import (
	"context"
	"reflect"
	"testing"

	"navette/internal/admin"
	"navette/internal/annuaire"
	"navette/internal/identity"
)

// annuaireRecorder keeps the act that came through the socket.
type annuaireRecorder struct {
	admin.Operations
	by  identity.By
	act admin.AnnuaireAct
}

func (r *annuaireRecorder) Annuaire(_ context.Context, by identity.By, act admin.AnnuaireAct) ([]string, error) {
	r.by, r.act = by, act
	return []string{"Guy ROUX\tguy.roux@ac-paris.example"}, nil
}

func TestASearchOfTheDirectoryGoesThroughTheSocket(t *testing.T) {
	t.Parallel()
	r := &annuaireRecorder{}
	by := identity.By{Actor: "cli:durand", Reason: "ticket n° 12"}
	act := admin.AnnuaireAct{Act: admin.AnnuaireSearch, Who: "groux", Query: annuaire.Query{Text: "d’Aubigné & roux", UAI: "0759001B", Limit: 3, Kinds: []annuaire.Kind{annuaire.Person}}}
	lines, err := socket(t, r).Annuaire(t.Context(), by, act)
	if err != nil || len(lines) != 1 || r.by != by || !reflect.DeepEqual(r.act, act) {
		t.Errorf("the server got %+v by %+v and answered %q, %v", r.act, r.by, lines, err)
	}
}
