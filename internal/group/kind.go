package group

import (
	"navette/internal/directory"
	"navette/internal/guard"
)

// Kind is whom of a school, a class or a pupil a group holds.
type Kind int

// The kinds, as they are stored.
const (
	Parents      Kind = iota + 1 // legal guardians of the pupils
	Eleves                       // pupils
	Enseignants                  // who teaches there
	Personnels                   // everybody who works there
	Principaux                   // professeurs principaux
	Direction                    // who directs the school, and seconds
	Responsables                 // legal guardians of one pupil
)

// Scope is what a group is of.
type Scope int

// The scopes, as they are stored; a class and a teaching group bear the numbers of division.kind.
const (
	OfSchool Scope = iota
	OfClass
	OfGroup
	OfPupil
)

// Holds tells the guard whom groups of the kind hold.
func (k Kind) Holds() guard.Holds {
	switch k {
	case Parents, Responsables:
		return guard.Guardians
	case Eleves:
		return guard.Pupils
	}
	return guard.Staff
}

// word begins the addresses of groups of the kind.
func (k Kind) word() string {
	return [...]string{"", "parents", "eleves", "enseignants", "personnels", "professeurs-principaux", "direction", "responsables"}[k]
}

// French begins the names of groups of the kind.
func (k Kind) French() string {
	return [...]string{"", "Parents", "Élèves", "Enseignants", "Personnels", "Professeurs principaux", "Personnels de direction", "Responsables"}[k]
}

// kindsOf lists the kinds of groups that there are of a scope. A school without pupils is a service.
func kindsOf(s Scope, pupils bool) []Kind {
	switch {
	case s == OfSchool && pupils:
		return []Kind{Parents, Eleves, Enseignants, Personnels, Principaux, Direction}
	case s == OfSchool:
		return []Kind{Personnels, Direction}
	case s == OfClass:
		return []Kind{Parents, Eleves, Enseignants, Principaux}
	case s == OfGroup:
		return []Kind{Parents, Eleves, Enseignants}
	}
	return []Kind{Responsables}
}

// directs lists the functions of who directs a school, and seconds.
func directs() []string { return append(directory.HeadFonctions(), directory.DeputyFonctions()...) }

// teaches lists the functions of who teaches; documentalists are teachers (DOMAIN §1.5, « Teacher test »).
func teaches() []string { return []string{"ENS", "DOC"} }

// MayWrite says in French who may write to a group.
func (g Group) MayWrite() string {
	switch {
	case g.Kind.Holds() == guard.Staff:
		return "personnels de l'établissement, services qui en répondent, ENT enregistrés"
	case g.Scope == OfSchool:
		return "direction, secrétariat, vie scolaire, Psy-EN, santé, boîte de l'établissement, ENT enregistrés"
	}
	return "les mêmes que pour l'établissement, enseignants de ces élèves et leurs remplaçants"
}
