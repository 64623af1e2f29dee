package demo

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"navette/internal/directory"
	"navette/internal/roster"
)

func TestTheSameSeedGivesTheSameAcademieToTheByte(t *testing.T) {
	t.Parallel()
	var one, two, other bytes.Buffer
	for out, seed := range map[*bytes.Buffer]uint64{&one: 7, &two: 7, &other: 8} {
		if err := Generate(seed, 300).WriteHR(out); err != nil {
			t.Fatal(err)
		}
	}
	if one.String() != two.String() {
		t.Error("the same seed gave two files")
	}
	if one.String() == other.String() {
		t.Error("two seeds gave the same file")
	}
}

func TestALargerAcademieKeepsThePeopleOfTheSmaller(t *testing.T) {
	t.Parallel()
	small, large := Generate(1, 120), Generate(1, 2000)
	for i, agent := range small.Agents {
		if got := large.Agents[i]; !reflect.DeepEqual(got, agent) {
			t.Fatalf("agent %d: %+v, in the larger académie %+v", i, agent, got)
		}
	}
	for i, school := range small.Schools {
		if large.Schools[i] != school {
			t.Fatalf("school %d: %+v, in the larger académie %+v", i, school, large.Schools[i])
		}
	}
}

func TestStreamsKnowNothingOfEachOther(t *testing.T) {
	t.Parallel()
	s := streams{1}
	seen := map[uint64]string{}
	for _, kind := range []string{"name", "birth", "fresh name", "a new kind"} {
		for i := range 1000 {
			n := s.at(kind, i).Uint64()
			if before, known := seen[n]; known {
				t.Fatalf("%s %d draws as %s", kind, i, before)
			}
			seen[n] = kind
		}
	}
}

func TestTheHRFileIsReadWithoutASurprise(t *testing.T) {
	t.Parallel()
	a := Generate(3, 3000)
	var out bytes.Buffer
	if err := a.WriteHR(&out); err != nil {
		t.Fatal(err)
	}
	file, err := roster.Open(bytes.NewReader(out.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	people := map[string]directory.Person{}
	for record, err := range file.Records() {
		if err != nil {
			t.Fatal(err)
		}
		if record.Rejection != nil {
			t.Fatalf("rejected: %+v", record.Rejection)
		}
		if len(record.Line.Surprises) > 0 {
			t.Errorf("line %d: %q", record.Line.Number, record.Line.Surprises)
		}
		people[record.Line.Person.HRID] = record.Line.Person
	}
	if want := len(a.Agents) + len(a.Fresh); len(people) != want || file.Lines <= want {
		t.Errorf("%d people on %d lines, want %d people, some with two functions", len(people), file.Lines, want)
	}
	for _, agent := range a.Agents {
		if people[agent.Person.HRID] != agent.Person {
			t.Errorf("wrote %+v, read %+v", agent.Person, people[agent.Person.HRID])
		}
	}
}

func TestTheFirstAgentsHoldEveryRole(t *testing.T) {
	t.Parallel()
	roles := map[Role]bool{}
	for _, agent := range Generate(1, 10).Agents {
		roles[agent.Role] = true
	}
	for _, role := range []Role{RoleAgent, RoleHead, RoleSecretary, RoleLetters, RoleHelpdesk, RoleAdmin} {
		if !roles[role] {
			t.Errorf("nobody of the first ten is %s", role)
		}
	}
	if a := Generate(1, 1); len(a.Agents) != 1 || len(a.Fresh) == 0 {
		t.Errorf("an académie of one: %d agents, %d fresh", len(a.Agents), len(a.Fresh))
	}
	if a := Generate(1, 0); len(a.Agents) != 0 || len(a.Fresh) == 0 {
		t.Errorf("an académie of none: %d agents, %d fresh", len(a.Agents), len(a.Fresh))
	}
}

func TestSchoolsAreFictionalAndWellKeyed(t *testing.T) {
	t.Parallel()
	a := Generate(1, 25_000)
	seen := map[string]bool{}
	for _, school := range a.Schools {
		if _, err := directory.ParseUAI(school.UAI); err != nil || !strings.HasPrefix(school.UAI, "0759") || seen[school.UAI] {
			t.Errorf("%+v: %v", school, err)
		}
		seen[school.UAI] = true
	}
	seen = map[string]bool{}
	for i := range 12_000 {
		uai := schoolUAI(i)
		if _, err := directory.ParseUAI(uai); err != nil || seen[uai] {
			t.Fatalf("school %d: %s, %v", i, uai, err)
		}
		seen[uai] = true
	}
	heads := map[string]int{}
	for _, agent := range a.Agents {
		for _, f := range agent.Functions {
			if !seen[f.UAI] {
				t.Fatalf("%+v works in no school", agent)
			}
			if f.Fonction == directory.FonctionHead {
				heads[f.UAI]++
			}
		}
	}
	for uai, n := range heads {
		if n != 1 {
			t.Errorf("%s has %d heads", uai, n)
		}
	}
}

func TestCategoriesStandInTheProportionsOfTheStatistics(t *testing.T) {
	t.Parallel()
	const agents = 25_000
	count := map[string]int{}
	for _, agent := range Generate(1, agents).Agents {
		count[agent.Category()]++
	}
	// Per cent of 52,564 agents of an académie (DOMAIN §2.6), and how far a block of schools may be off.
	for category, want := range map[string]float64{"ENS1D": 27.2, "ENS1DPR": 3.3, "ENS2D": 33.7, "ENS2DPR": 7.2, "DIEO": 3.2, "AED": 4.9, "ATSS": 6.4, "AESH": 14.1} {
		if got := 100 * float64(count[category]) / agents; got < want*0.75-0.5 || got > want*1.25+0.5 {
			t.Errorf("%s: %.1f %%, want about %.1f %%", category, got, want)
		}
	}
}

func TestPeopleAreAsInAStaffRoom(t *testing.T) {
	t.Parallel()
	a := Generate(1, 25_000)
	numens, addresses := map[directory.NUMEN]bool{}, map[string]int{}
	var usage, compound, accents, particles, homonyms int
	for _, agent := range append(append([]Agent{}, a.Agents...), a.Fresh...) {
		p := agent.Person
		if !agent.NUMEN.WellFormed() || numens[agent.NUMEN] {
			t.Fatalf("NUMEN %s of agent %s", agent.NUMEN.Reveal(), p.HRID)
		}
		numens[agent.NUMEN] = true
		local, err := directory.LocalPart(p.Forenames, p.Surname(), 0)
		if err != nil {
			t.Fatalf("%+v: %v", p, err)
		}
		if addresses[local]++; addresses[local] > 1 {
			homonyms++
		}
		if p.UsageName != "" {
			usage++
		}
		if strings.Contains(directory.FirstForename(p.Forenames), "-") {
			compound++
		}
		if strings.ContainsAny(p.Forenames+p.BirthName, "éèêëïôöüçÉÈÊËÏÔÖÜÇœŒ") {
			accents++
		}
		if strings.Contains(p.BirthName, " ") || strings.Contains(p.BirthName, "'") {
			particles++
		}
		if age := firstYear - p.Birth.Year; age < 18 || age > 64 {
			t.Errorf("%s is %d years old", p.HRID, age)
		}
	}
	for what, c := range map[string]struct{ got, least int }{
		"a usage name": {usage, 4000}, "a compound forename": {compound, 800}, "accents": {accents, 5000},
		"a particle or an apostrophe": {particles, 800}, "a homonym": {homonyms, 1000},
	} {
		if c.got < c.least {
			t.Errorf("%d people have %s, want at least %d", c.got, what, c.least)
		}
	}
}

func BenchmarkGenerate25000(b *testing.B) {
	for b.Loop() {
		Generate(1, 25_000)
	}
}
