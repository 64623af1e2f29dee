package aaf_test

import (
	"testing"

	"navette/internal/aaf"
)

// DOMAIN §1.4: on an update, empty values mean nothing, but for some attributes, where they mean « cleared ».
func TestWhichEmptyValuesClearAField(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		category aaf.Category
		name     string
		set      aaf.Fields
	}{
		{aaf.PersEducNat, "ENTAuxEnsClassesPrincipal", aaf.FieldPrincipal},
		{aaf.Eleve, "ENTEleveMEF", aaf.FieldMEFs},
		{aaf.Eleve, "ENTEleveCodeEnseignements", aaf.FieldSubjects},
		{aaf.PersEducNat, "mail", 0},
		{aaf.PersEducNat, "sn", 0},
		{aaf.PersEducNat, "ENTPersonFonctions", 0},
		{aaf.PersEducNat, "ENTAuxEnsClassesMatieres", 0},
		{aaf.PersRelEleve, "mail", 0},
		{aaf.PersRelEleve, "mobile", 0}, // cleared in AAF, and nothing to us
		{aaf.Eleve, "ENTEleveClasses", 0},
		{aaf.Eleve, "ENTElevePersRelEleve", 0},
		{aaf.Eleve, "ENTPersonDateNaissance", 0},
		{aaf.EtabEducNat, "ENTStructureClasses", 0},
	} {
		r := one(t, file(modify("7", c.name+" = ")), c.category)
		if r.Set != c.set {
			t.Errorf("an empty %s of %s sets %b, expected %b", c.name, c.category, r.Set, c.set)
		}
	}
}

func TestAModificationSetsWhatItNames(t *testing.T) {
	t.Parallel()
	r := one(t, file(modify("7", "mail = neuf@example.net", "ENTPersonAdresse = 1 RUE", "sn = DURAND")), aaf.PersRelEleve)
	if r.Action != aaf.Modify || r.Set != aaf.FieldMail|aaf.FieldUsageName || r.Key != "7" {
		t.Errorf("%v of %q sets %b", r.Action, r.Key, r.Set)
	}
	same(t, "guardian", r.Guardian, &aaf.Guardian{Identity: aaf.Identity{Mail: "neuf@example.net", UsageName: "DURAND"}})
	r = one(t, file(modify("7", "ENTElevePersRelEleve = 1$10$0$1$0$0", "ENTEleveClasses = 4100$3E1")), aaf.Eleve)
	if r.Set != aaf.FieldLinks|aaf.FieldClasses {
		t.Errorf("it sets %b", r.Set)
	}
}

// What is stored is better than what was understood half: a link that cannot be read would take a guardian away.
func TestAModificationThatIsUnderstoodHalfChangesNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		category aaf.Category
		value    string
	}{
		{aaf.Eleve, "ENTElevePersRelEleve = 1$10$0$1$0$0 | illisible"},
		{aaf.Eleve, "ENTEleveClasses = 4100$3E1 | 3E2"},
		{aaf.Eleve, "ENTPersonDateNaissance = 31/02/2012"},
		{aaf.PersRelEleve, "mail = personne"},
		{aaf.EtabEducNat, "ENTStructureUAI = personne"},
	} {
		r := one(t, file(modify("7", c.value)), c.category)
		if r.Set != 0 || len(r.Doubts) != 1 {
			t.Errorf("%s sets %b, doubts %q", c.value, r.Set, r.Doubts)
		}
	}
}

// The former attribute of 2D must not take the links away that the other one told.
func TestTheFormerParentalAuthoritySetsNoLinks(t *testing.T) {
	t.Parallel()
	r := one(t, file(modify("7", "ENTEleveAutoriteParentale = 11 | 12")), aaf.Eleve)
	if r.Set != 0 || len(r.Pupil.Links) != 0 {
		t.Errorf("it sets %b: %v", r.Set, r.Pupil.Links)
	}
}

func TestAnAddSpeaksOfEverything(t *testing.T) {
	t.Parallel()
	r := one(t, file(add("7", "mail = ")), aaf.PersRelEleve)
	if !r.Set.Has(aaf.FieldMail|aaf.FieldPupils|aaf.FieldBirth) || r.Set.Has(aaf.FieldLinks) || r.Guardian.Mail != "" {
		t.Errorf("it sets %b", r.Set)
	}
}

// DOMAIN §1.4: no sample of a deleteRequest was found; the DTD says what it is.
func TestADeleteHasAKeyAlone(t *testing.T) {
	t.Parallel()
	r := one(t, file("<deleteRequest>"+operational+"<identifier><id>7</id></identifier></deleteRequest>"), aaf.PersRelEleve)
	r.Line, r.File = 0, ""
	same(t, "record", r, &aaf.Record{Action: aaf.Delete, Category: aaf.PersRelEleve, Key: "7"})
}
