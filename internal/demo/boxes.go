package demo

import (
	"context"

	"navette/internal/box"
)

// serviceBoxes are those of the services that the demo's mail comes from.
func serviceBoxes() []box.Box {
	const why = "création de l'académie fictive"
	return []box.Box{
		{Local: "dsi", Aliases: []string{"postmaster", "abuse", "hostmaster", "webmaster"}, Display: "Direction des systèmes d'information", Reference: why},
		{Local: "assistance", Display: "Assistance", Reference: why},
		{Local: "informalire", Display: "inform@lire", Reference: why},
		{Local: "lettre", Display: "Lettre de l'encadrement", Reference: why},
		{Local: "iprof", Display: "iProf", Reference: why},
		{Local: "mouvement", Display: "Mouvement", Reference: why},
		{Local: "formation", Display: "Formation continue", Reference: why},
	}
}

// boxes makes those of the establishments, which their heads own, and gives them members: the secretaries, and one
// teacher of each school who only reads. The boxes of services are owned by those who work there.
func (b *builder) boxes(ctx context.Context) error {
	if _, err := b.Boxes.Refresh(ctx); err != nil {
		return err
	}
	found := map[string]int64{}
	of := func(login string) (id int64, err error) {
		if id = found[login]; id == 0 {
			id, err = b.Boxes.Find(ctx, login)
			found[login] = id
		}
		return id, err
	}
	var list []box.Appointment
	reads := map[string]bool{} // UAI of schools that have their reader
	for _, a := range b.academie.Agents {
		for _, post := range a.boxes(reads) {
			id, err := of(post.login)
			if err != nil {
				return err
			}
			list = append(list, box.Appointment{Box: id, Member: b.of(a).Account, Role: post.role})
		}
	}
	return b.Boxes.Appoint(ctx, by(), list)
}

// inBox is a role in a box.
type inBox struct {
	login string
	role  box.Role
}

// boxes gives the roles that an agent has by hand.
func (a Agent) boxes(reads map[string]bool) []inBox {
	school := "ce." + a.UAI()
	switch {
	case a.Role == RoleSecretary:
		return []inBox{{school, box.Member}}
	case a.Role == RoleLetters:
		return []inBox{{"informalire", box.Owner}, {"lettre", box.Owner}}
	case a.Role == RoleHelpdesk:
		return []inBox{{"assistance", box.Owner}}
	case a.Role == RoleAdmin:
		return []inBox{{"dsi", box.Owner}, {"iprof", box.Owner}, {"mouvement", box.Owner}, {"formation", box.Owner}}
	case a.Role == RoleAgent && a.Functions[0].Fonction == "ENS" && !reads[school]:
		reads[school] = true
		return []inBox{{school, box.Reader}}
	}
	return nil
}
