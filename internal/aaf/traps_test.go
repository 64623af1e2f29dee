package aaf_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"navette/internal/aaf"
	"navette/internal/directory"
)

// pupil reads a pupil with those attributes.
func pupil(t *testing.T, attributes ...string) *aaf.Record {
	t.Helper()
	return one(t, file(add("748220", attributes...)), aaf.Eleve)
}

// staff reads a member of staff with those attributes.
func staff(t *testing.T, attributes ...string) *aaf.Record {
	t.Helper()
	return one(t, file(add("2397000", attributes...)), aaf.PersEducNat)
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// DOMAIN §1.5: idResponsable $ codeLien $ financier $ légal $ contact $ paiement.
func TestLinksAreReadFieldByField(t *testing.T) {
	t.Parallel()
	r := pupil(t, "ENTElevePersRelEleve = 1$10$1$1$0$0 | 2$20$0$1$0$1 | 3$38$0$0$1$0 | 4$1$1$2$0$0 | 5$90$0$2$0$0 | 6$4$0$0$1")
	same(t, "links", r.Pupil.Links, []aaf.Link{
		{Guardian: "1", Code: 10, Rank: 1, Financial: true},
		{Guardian: "2", Code: 20, Rank: 1, Payment: true},
		{Guardian: "3", Code: 38, Contact: true},
		{Guardian: "4", Code: 1, Rank: 2, Financial: true},
		{Guardian: "5", Code: 90, Rank: 2},
		{Guardian: "6", Code: 4, Contact: true}, // without its last field
	})
	var legal []string
	for _, l := range r.Pupil.Links {
		if l.Legal() {
			legal = append(legal, l.Guardian)
		}
	}
	same(t, "legal guardians", legal, []string{"1", "2", "4"})
}

func TestSomebodyNamedTwiceIsWhatEitherLinkSays(t *testing.T) {
	t.Parallel()
	r := pupil(t, "ENTElevePersRelEleve = 1$38$0$0$1$0 | 1$10$0$1$0$1 | 2$20$0$1$0$0 | 2$38$1$0$1$1")
	same(t, "links", r.Pupil.Links, []aaf.Link{
		{Guardian: "1", Code: 10, Rank: 1, Contact: true, Payment: true},
		{Guardian: "2", Code: 20, Rank: 1, Financial: true, Contact: true, Payment: true},
	})
}

// The attribute of 1D holds two fields; its namesake of former 2D exports holds keys alone, and tells nothing new.
func TestParentalAuthorityCountsInTheFirstDegreeOnly(t *testing.T) {
	t.Parallel()
	same(t, "1D", pupil(t, "ENTEleveAutoriteParentale = 11$10 | 12$20").Pupil.Links,
		[]aaf.Link{{Guardian: "11", Code: 10, Rank: 1}, {Guardian: "12", Code: 20, Rank: 1}})
	same(t, "2D", pupil(t, "ENTEleveAutoriteParentale = 11 | 12", "ENTElevePersRelEleve = 11$10$1$1$0$0").Pupil.Links,
		[]aaf.Link{{Guardian: "11", Code: 10, Rank: 1, Financial: true}})
}

// DOMAIN §1.4: class names contain spaces; only « $ » separates.
func TestClassNamesKeepTheirSpaces(t *testing.T) {
	t.Parallel()
	p := pupil(t, "ENTEleveClasses = 4100$T S1 | 4100$2  CAP", "ENTEleveGroupes = 4100$1 ALL LV2").Pupil
	same(t, "classes", p.Classes, []aaf.Division{{Structure: "4100", Name: "T S1"}, {Structure: "4100", Name: "2 CAP"}})
	same(t, "groups", p.Groups, []aaf.Division{{Structure: "4100", Name: "1 ALL LV2"}})
}

// DOMAIN §1.4: « <value>50222$2 CAP</value> » twice.
func TestValuesThatAreThereTwiceCountOnce(t *testing.T) {
	t.Parallel()
	p := pupil(t, "ENTEleveClasses = 50222$2 CAP | 50222$2 CAP", "ENTEleveCodeEnseignements = 030201 | 030201 | 061300",
		"ENTEleveDateEntreeClasses = 50222$01/09/2026$2 CAP | 50222$01/09/2026$2 CAP").Pupil
	if len(p.Classes) != 1 || len(p.Entries) != 1 {
		t.Errorf("classes %v, entries %v", p.Classes, p.Entries)
	}
	same(t, "subjects", p.Subjects, []string{"030201", "061300"})
	s := staff(t, "ENTPersonFonctions = 1$ENS$ENSEIGNEMENT$L1600$SVT | 1$ENS$ENSEIGNEMENT$L1600$SVT",
		"ENTAuxEnsClassesMatieres = 1$4E3$062900 | 1$4E3$062900 | 1$4E3$063100").Staff
	if len(s.Posts) != 1 || len(s.Classes) != 2 {
		t.Errorf("posts %v, classes %v", s.Posts, s.Classes)
	}
}

// DOMAIN §1.4: dates are JJ/MM/AAAA. One that is none is left out, and said.
func TestDatesAreDaysOfTheCalendar(t *testing.T) {
	t.Parallel()
	p := pupil(t, "ENTPersonDateNaissance = 06/06/2012", "ENTEleveDateEntreeStructRattach = 01/09/2026", "ENTEleveDateSortieStructRattach = ").Pupil
	if p.Birth != day(6, 6, 2012) || p.Entered != day(1, 9, 2026) || !p.Left.IsZero() {
		t.Errorf("born %v, entered %v, left %v", p.Birth, p.Entered, p.Left)
	}
	for _, wrong := range []string{"30/02/2012", "06/06/12", "2012", "demain"} {
		r := pupil(t, "ENTPersonDateNaissance = "+wrong)
		if !r.Pupil.Birth.IsZero() || len(r.Doubts) != 1 || strings.Contains(r.Doubts[0], wrong) {
			t.Errorf("%s: born %v, doubts %q", wrong, r.Pupil.Birth, r.Doubts)
		}
	}
}

// DOMAIN §1.4: « - » is the function without object: it is none.
func TestTheFunctionWithoutObjectIsNone(t *testing.T) {
	t.Parallel()
	s := staff(t, "ENTPersonStructRattach = 4100",
		"ENTPersonFonctions = 4100$-$SANS OBJET$-$- | 4100$EDU$EDUCATION$-$- | 4100$DIR$DIRECTION$D0010$DIRECTION CHEF D'ETABLISSEMENT").Staff
	same(t, "posts", s.Posts, []aaf.Post{
		{Structure: "4100", Function: "EDU", Label: "EDUCATION"},
		{Structure: "4100", Function: "DIR", Label: "DIRECTION", Code: "D0010", CodeLabel: "DIRECTION CHEF D'ETABLISSEMENT"},
	})
}

// DOMAIN §1.5: ENTAuxEnsCategoDiscipline is code$libellé, ENTAuxEnsDisciplinesPoste libellé$code.
func TestTheTwoDisciplinesAreWrittenInOppositeOrders(t *testing.T) {
	t.Parallel()
	want := aaf.Labelled{Code: "16", Label: "BIOLOGIE - GEOLOGIE"}
	same(t, "code first", staff(t, "ENTAuxEnsCategoDiscipline = 16$BIOLOGIE - GEOLOGIE").Staff.Discipline, want)
	same(t, "code last", staff(t, "ENTAuxEnsDisciplinesPoste = BIOLOGIE - GEOLOGIE$16").Staff.Discipline, want)
}

// The superseded attributes name classes without subjects; those that the newer ones name too count once.
func TestClassesComeWithTheirSubjects(t *testing.T) {
	t.Parallel()
	s := staff(t, "ENTAuxEnsClasses = 4100$4E3 | 4100$3E1", "ENTAuxEnsClassesMatieres = 4100$4E3$062900",
		"ENTAuxEnsGroupes = 4100$4ALL2", "ENTAuxEnsGroupesMatieres = ", "ENTAuxEnsClassesPrincipal = 4100$4E3").Staff
	in := func(name string) aaf.Division { return aaf.Division{Structure: "4100", Name: name} }
	same(t, "classes", s.Classes, []aaf.Teaching{{Division: in("4E3"), Subject: "062900"}, {Division: in("3E1")}})
	same(t, "groups", s.Groups, []aaf.Teaching{{Division: in("4ALL2")}})
	same(t, "principal", s.Principal, []aaf.Division{in("4E3")})
}

// DOMAIN §1.5: ENTStructureNomCourant has separators, and often the académie at its end.
func TestNamesOfEstablishmentsAreCleaned(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"CLG$JEAN EXEMPLE$PARIS":         "CLG JEAN EXEMPLE PARIS",
		"LYCEE-GALILEE-ac-PARIS":         "LYCEE-GALILEE",
		"E.E.PU$RUE X$$PARIS-ac-PARIS":   "E.E.PU RUE X PARIS",
		"LP JEAN-ac-ORLEANS-TOURS":       "LP JEAN",
		"  COLLEGE   LES  ACACIAS ":      "COLLEGE LES ACACIAS",
		"CLG$L'ETANG-AC-AIX-MARSEILLE":   "CLG L'ETANG",
		"CLG$SAINT-ACHEUL":               "CLG SAINT-ACHEUL",
		"CITE SCOLAIRE JEAN-MACE$(CLG)$": "CITE SCOLAIRE JEAN-MACE (CLG)",
	} {
		r := one(t, file(add("4100", "ENTStructureUAI = 0759001b", "ENTStructureNomCourant = "+given)), aaf.EtabEducNat)
		if r.Structure.Name != want || r.Structure.UAI != "0759001B" {
			t.Errorf("%q is read as %q, %q", given, r.Structure.Name, r.Structure.UAI)
		}
	}
}

// DOMAIN §1.5: ENTStructureClasses is nom$description$MEF11[$MEF11…], ENTStructureGroupes nom$description$classe[$classe…].
func TestClassesAndGroupsOfAnEstablishment(t *testing.T) {
	t.Parallel()
	s := one(t, file(add("4100", "ENTStructureUAI = 0759001B",
		"ENTStructureClasses = T S1$TERMINALE S 1$20210019110$20210019111 | 6E1 | 6E1$$10010012110",
		"ENTStructureGroupes = 4ALL2$ALLEMAND$4E3$4E4$ | $sans nom$4E3")), aaf.EtabEducNat).Structure
	same(t, "classes", s.Classes, []aaf.Class{{Name: "T S1", Label: "TERMINALE S 1", MEFs: []string{"20210019110", "20210019111"}}, {Name: "6E1"}})
	same(t, "groups", s.Groups, []aaf.Group{{Name: "4ALL2", Label: "ALLEMAND", Classes: []string{"4E3", "4E4"}}})
}

// A UAI with a wrong key is one of a real file that was made anonymous; an establishment without one is of no use.
func TestAnEstablishmentNeedsAUAI(t *testing.T) {
	t.Parallel()
	r := one(t, file(add("1", "ENTStructureUAI = 0759001Z")), aaf.EtabEducNat)
	if r.Structure.UAI != "0759001Z" || len(r.Doubts) != 1 {
		t.Errorf("UAI %q, doubts %q", r.Structure.UAI, r.Doubts)
	}
	same(t, "the other attribute", one(t, file(add("1", "ENTEtablissementUAI = 0759001B")), aaf.EtabEducNat).Structure.UAI, "0759001B")
	o := readFile(t, file(add("2", "ENTStructureNomCourant = CLG"), add("3", "ENTStructureUAI = n'importe")), aaf.EtabEducNat, aaf.Limits{})
	if len(o.bad) != 2 || o.bad[0].Key != "2" || !strings.Contains(o.bad[0].Reason, "UAI") || o.bad[1].Key != "3" {
		t.Errorf("refused: %v", o.bad)
	}
}

// DOMAIN §1.5, « 1D variant »: other names, five fields in classes and groups; the same types.
func TestTheFirstDegreeGivesTheSameTypes(t *testing.T) {
	t.Parallel()
	id := aaf.Identity{Civility: "Mme", BirthName: "DUPONT", UsageName: "MARTIN", Forename: "Anne", Mail: "anne@example.net"}
	names := []string{"ENTPersonNom = MARTIN", "ENTPersonNomPatro = DUPONT", "ENTPersonPrenom = Anne", "ENTPersonCivilite = Mlle", "ENTPersonMail = anne@example.net"}
	read := func(c aaf.Category, more ...string) *aaf.Record {
		r := one(t, file(strings.Replace(add("7", append(names, more...)...), `<attr name="sn"><value>MARTIN</value></attr>`, "", 1)), c)
		if len(r.Doubts) > 0 {
			t.Errorf("%s: %q", c, r.Doubts)
		}
		return r
	}
	class := aaf.Division{Structure: "300", Name: "CE1 A", ID: "3001"}
	same(t, "pupil", read(aaf.Eleve, "ENTPersonClasses = 300$E$ORD$3001$CE1 A", "ENTEleveNiveau = CE1", "ENTEleveCycle = CYCLE II",
		"ENTEleveRestaurantScolaire = O").Pupil, &aaf.Pupil{Identity: id, Classes: []aaf.Division{class}, Level: "CE1", Stream: "CYCLE II"})
	same(t, "guardian", read(aaf.PersRelEleve, "ENTPersRelEleveTelMobile = 0699000002", "ENTPersRelEleveEleve = 7 | 8").Guardian,
		&aaf.Guardian{Identity: id, Pupils: []string{"7", "8"}})
	same(t, "staff", read(aaf.PersEducNat, "ENTPersonClasses = 300$E$ORD$3001$CE1 A", "ENTEnsFonctionDir = 300", "ENTEnsSpecialites = X").Staff,
		&aaf.Staff{Identity: id, Directs: []string{"300"}, Classes: []aaf.Teaching{{Division: class}}})
	s := one(t, file(add("300", "ENTStructureUAI = 0759002C", "ENTStructureVille = PARIS 19", "ENTStructureEmail = ecole@example.net",
		"ENTEcoleCirconscription = 12")), aaf.EtabEducNat).Structure
	same(t, "structure", s, &aaf.Structure{UAI: "0759002C", City: "PARIS 19", Mail: "ecole@example.net"})
}

// A pupil of the second degree who has one name has it as both.
func TestPeopleHaveAName(t *testing.T) {
	t.Parallel()
	id := one(t, file(add("1", "sn = ", "ENTPersonNomPatro = DUPONT")), aaf.PersRelEleve).Guardian.Identity
	same(t, "names", id, aaf.Identity{BirthName: "DUPONT", UsageName: "DUPONT"})
	o := readFile(t, file(add("2", "sn = ")), aaf.PersRelEleve, aaf.Limits{})
	if len(o.bad) != 1 || o.bad[0].Key != "2" {
		t.Errorf("somebody without a name: %v", o.bad)
	}
}

// What stands in a record as an address is one at least by its form: nothing else could be recognised, nor written to.
func TestAddressesAreAddresses(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"Anne.Rodriguez+ecole@Gmail.com": "Anne.Rodriguez+ecole@Gmail.com",
		" p.rodriguez@example.org ":      "p.rodriguez@example.org",
		"hélène@château.example":         "hélène@château.example",
		"neant":                          "",
		"a@b@c.example":                  "",
		"a@example.net;b@example.net":    "",
		"@example.net":                   "",
		"a b@example.net":                "",
		"a@-example-.net":                "",
		"a@example..net":                 "",
	} {
		r := one(t, file(add("7", "mail = "+given)), aaf.PersRelEleve)
		if r.Guardian.Mail != want {
			t.Errorf("%q is read as %q", given, r.Guardian.Mail)
		}
		if want != "" && directory.MatchKey(want) == "" {
			t.Errorf("%q has no key to match", want)
		}
		if want == "" && (len(r.Doubts) != 1 || strings.Contains(r.Doubts[0], given)) {
			t.Errorf("%q: doubts %q", given, r.Doubts)
		}
	}
}

// The category is the one of the file's name; both spellings of records are known (DOMAIN §1.2).
func TestTheNameOfTheFileDecidesOnTheCategory(t *testing.T) {
	t.Parallel()
	for said, doubts := range map[string]int{"MatEducNat": 0, "Matiere": 0, "MatiereEducNat": 0, "MefEducNat": 1, "QuelqueChose": 0} {
		request := strings.Replace(add("1", "ENTLibelleMatiere = SVT"), "<value></value>", "<value>"+said+"</value>", 1)
		r := one(t, file(request), aaf.MatiereEducNat)
		if r.Subject == nil || r.Subject.Label != "SVT" || len(r.Doubts) != doubts {
			t.Errorf("%s: %+v, doubts %q", said, r.Subject, r.Doubts)
		}
	}
}

// What Navette has no use for is read over; so are attributes that nobody knows.
func TestOtherAttributesAreReadOver(t *testing.T) {
	t.Parallel()
	r := pupil(t, "ENTPersonAdresse = 12 RUE DU TEST$BAT B$$", "homePhone = +33 1 99 00 00 01", "ENTEleveBoursier = O", "ENTInventeDemain = x$y")
	same(t, "pupil", r.Pupil, &aaf.Pupil{Identity: aaf.Identity{BirthName: "MARTIN", UsageName: "MARTIN"}})
	if len(r.Doubts) > 0 {
		t.Errorf("doubts: %q", r.Doubts)
	}
}
