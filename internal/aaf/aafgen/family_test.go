package aafgen_test

import (
	"slices"
	"strings"
	"testing"

	"navette/internal/aaf"
	"navette/internal/aaf/aafgen"
	"navette/internal/directory"
)

// academie is the records of an export by their keys.
type academie struct {
	structures map[string]*aaf.Structure
	pupils     map[string]*aaf.Pupil
	guardians  map[string]*aaf.Guardian
	staff      []*aaf.Staff
}

func invent(t *testing.T, o aafgen.Options) academie {
	t.Helper()
	records, err := aafgen.Records(o)
	if err != nil {
		t.Fatal(err)
	}
	a := academie{map[string]*aaf.Structure{}, map[string]*aaf.Pupil{}, map[string]*aaf.Guardian{}, nil}
	for _, r := range records {
		switch r.Category {
		case aaf.EtabEducNat:
			a.structures[r.Key] = r.Structure
		case aaf.Eleve:
			a.pupils[r.Key] = r.Pupil
		case aaf.PersRelEleve:
			a.guardians[r.Key] = r.Guardian
		case aaf.PersEducNat:
			a.staff = append(a.staff, r.Staff)
		case aaf.MatiereEducNat, aaf.MefEducNat:
		}
	}
	return a
}

// Every pupil has somebody in charge, everybody in charge has a pupil, and whoever says whose they are says what the
// pupils say.
func TestPupilsAndGuardiansAgree(t *testing.T) {
	t.Parallel()
	for _, degree := range []aaf.Degree{aaf.First, aaf.Second} {
		o := options()
		o.Degree = degree
		a := invent(t, o)
		if len(a.pupils) != o.Pupils || len(a.guardians) != o.Guardians || len(a.structures) != o.Schools {
			t.Fatalf("%d pupils, %d guardians, %d schools", len(a.pupils), len(a.guardians), len(a.structures))
		}
		of := map[string][]string{} // guardian -> pupils
		for key, p := range a.pupils {
			if !slices.ContainsFunc(p.Links, aaf.Link.Legal) && !slices.ContainsFunc(p.Links, func(l aaf.Link) bool { return l.Code == 42 || l.Code == 5 }) {
				t.Errorf("pupil %s has no legal guardian: %v", key, p.Links)
			}
			for _, l := range p.Links {
				of[l.Guardian] = append(of[l.Guardian], key)
			}
		}
		for key, g := range a.guardians {
			pupils := of[key]
			if len(pupils) == 0 {
				t.Errorf("guardian %s has no pupil", key)
			}
			slices.Sort(pupils)
			slices.Sort(g.Pupils)
			if len(g.Pupils) > 0 && !slices.Equal(g.Pupils, pupils) {
				t.Errorf("guardian %s says %v, the pupils say %v", key, g.Pupils, pupils)
			}
			delete(of, key)
		}
		if len(of) > 0 {
			t.Errorf("%d people in charge are in no file", len(of))
		}
	}
}

// What makes real exports hard is there, in an académie of 1,500 pupils already.
func TestWhatMakesRealExportsHardIsThere(t *testing.T) {
	t.Parallel()
	a := invent(t, options())
	found := map[string]int{}
	count := func(what string, there bool) {
		if there {
			found[what]++
		}
	}
	schoolsOf, mailboxes := map[string]map[string]bool{}, map[string]int{}
	for _, p := range a.pupils {
		for _, l := range p.Links {
			count("an old code with légal 2", l.Code <= 7 && l.Rank == 2 && l.Legal())
			count("a contact who is no legal guardian", l.Contact && !l.Legal())
			count("somebody in charge under a new code with légal 2", l.Code > 7 && l.Rank == 2)
			if schoolsOf[l.Guardian] == nil {
				schoolsOf[l.Guardian] = map[string]bool{}
			}
			schoolsOf[l.Guardian][p.Structures[0]] = true
		}
		count("a class with a space", strings.Contains(p.Classes[0].Name, " "))
		count("an accent", strings.ContainsAny(p.Forename, "éèëïçœ"))
	}
	names := map[string]int{}
	for key, g := range a.guardians {
		mailboxes[g.Mail]++
		names[g.UsageName+" "+g.Forename]++
		count("no address", g.Mail == "")
		count("dots at Gmail", strings.HasSuffix(g.Mail, "@gmail.com"))
		count("capitals", g.Mail != "" && g.Mail == strings.ToUpper(g.Mail))
		count("a tag", strings.Contains(g.Mail, "+"))
		count("pupils in several schools", len(schoolsOf[key]) > 1)
		count("a name that is not the birth name", g.UsageName != g.BirthName)
		if g.Mail != "" && directory.MatchKey(g.Mail) == "" {
			t.Errorf("%q is no address", g.Mail)
		}
	}
	for mail, n := range mailboxes {
		count("a household with one mailbox", n > 1 && mail != "")
	}
	for _, n := range names {
		count("homonyms", n > 1)
	}
	for _, s := range a.staff {
		count("a professeur principal", len(s.Principal) > 0)
		count("a head", slices.ContainsFunc(s.Posts, func(p aaf.Post) bool { return p.Function == "DIR" && p.Code == "D0010" }))
		count("a secretary", slices.ContainsFunc(s.Posts, func(p aaf.Post) bool { return p.Function == "ADF" }))
		count("a CPE", slices.ContainsFunc(s.Posts, func(p aaf.Post) bool { return p.Function == "EDU" }))
		count("somebody « sans objet »", len(s.Posts) == 0)
	}
	for _, what := range []string{"an old code with légal 2", "a contact who is no legal guardian", "somebody in charge under a new code with légal 2",
		"a class with a space", "an accent", "no address", "dots at Gmail", "capitals", "a tag", "pupils in several schools", "a name that is not the birth name",
		"a household with one mailbox", "homonyms", "a professeur principal", "a head", "a secretary", "a CPE", "somebody « sans objet »"} {
		if found[what] == 0 {
			t.Errorf("there is not: %s", what)
		}
	}
}

// Gmail lets nobody have more than thirty letters before the @, dots aside: nobody's address can be hit.
func TestAddressesAreNobodys(t *testing.T) {
	t.Parallel()
	for _, g := range invent(t, options()).guardians {
		local, domain, _ := strings.Cut(g.Mail, "@")
		gmail := domain == "gmail.com" && len(strings.ReplaceAll(local, ".", "")) > 30
		if g.Mail != "" && !gmail && !strings.HasSuffix(strings.ToLower(domain), ".example") {
			t.Errorf("%q may be somebody's", g.Mail)
		}
	}
}

// Each class of a collège or lycée has its teachers, and one professeur principal at most.
func TestClassesHaveTeachers(t *testing.T) {
	t.Parallel()
	a := invent(t, options())
	teachers, principals := map[aaf.Division]int{}, map[aaf.Division]int{}
	for _, s := range a.staff {
		for _, c := range s.Classes {
			teachers[c.Division]++
		}
		for _, c := range s.Principal {
			principals[c]++
		}
	}
	for key, s := range a.structures {
		for _, c := range s.Classes {
			class := aaf.Division{Structure: key, Name: c.Name}
			if teachers[class] == 0 || principals[class] > 1 {
				t.Errorf("class %v has %d teachers, %d professeurs principaux", class, teachers[class], principals[class])
			}
		}
	}
}

// With the agents of an HR file the staff are they, in their schools, under one record each.
func TestStaffMayBeThoseOfAnHRFile(t *testing.T) {
	t.Parallel()
	born := directory.Date{Year: 1980, Month: 5, Day: 6}
	o := options()
	o.Schools = 0
	o.Agents = []aafgen.Agent{
		{Civility: "Mme", BirthName: "CLAVIER", UsageName: "LE GUÉN", Forenames: "Anne, Marie", Birth: born,
			Posts: []aafgen.AgentPost{{UAI: "0759001B", Function: "ENS"}, {UAI: "0759002C", Function: "ENS"}}},
		{Civility: "M.", BirthName: "MARTIN", Forenames: "Jean", Birth: born, Posts: []aafgen.AgentPost{{UAI: "0759002C", Function: "DIR"}}},
	}
	a := invent(t, o)
	if len(a.structures) != 2 || len(a.staff) != 2 {
		t.Fatalf("%d schools, staff of %d", len(a.structures), len(a.staff))
	}
	anne, jean := a.staff[0], a.staff[1]
	if anne.Forename != "ANNE" || anne.Birth != born || len(anne.Posts) != 2 || len(anne.Classes) == 0 || !anne.Teaches() {
		t.Errorf("the teacher: %+v", anne)
	}
	if jean.UsageName != "MARTIN" || len(jean.Directs) != 1 || jean.Posts[0].Code != "D0010" {
		t.Errorf("the head: %+v", jean)
	}
}

// The delta speaks of people of the complete export, and of few of them.
func TestADeltaIsOfTheSameAcademie(t *testing.T) {
	t.Parallel()
	o := options()
	a := invent(t, o)
	o.Delta = true
	records, err := aafgen.Records(o)
	if err != nil {
		t.Fatal(err)
	}
	changed := 0
	for _, r := range records {
		switch r.Category {
		case aaf.PersRelEleve:
			g := a.guardians[r.Key]
			if g == nil {
				t.Errorf("guardian %s is unknown", r.Key)
			}
			changed++
		case aaf.Eleve:
			if p := a.pupils[r.Key]; p == nil || p.Classes[0] == r.Pupil.Classes[0] {
				t.Errorf("pupil %s is unknown, or in the same class", r.Key)
			}
		default:
		}
	}
	if changed == 0 || changed > o.Guardians/20 {
		t.Errorf("%d guardians changed", changed)
	}
}
