package aafgen

import (
	"fmt"
	"strings"

	"navette/internal/aaf"
	"navette/internal/directory"
)

// Agent is somebody of an HR file who works in a school: exports made of them name people whom the directory knows.
type Agent struct {
	Civility, BirthName, UsageName, Forenames string
	Birth                                     directory.Date
	Posts                                     []AgentPost
}

// AgentPost is one of the posts of an Agent.
type AgentPost struct{ UAI, Function string }

// school is one establishment of the plan.
type school struct {
	key, uai, name, nature string
	first, pupils          int // its pupils are those from first on
	divisions              []division
	groups                 []division
	old                    bool // its office still uses the old codes of links
}

// division is a class or a group of a school.
type division struct {
	name, label, id string
	level           int   // into levels
	classes         []int // of a group
}

// level is a year of school.
type level struct {
	short, label, mef string
	age               int    // of its pupils when the year begins
	naming            string // of its classes, with their number
}

// kind is a kind of school.
type kind struct {
	nature, label, prefix string
	levels                []level
}

func kinds(d aaf.Degree) []kind {
	if d == aaf.First {
		return []kind{
			{directory.NatureEcoleElementaire, "ECOLE ELEMENTAIRE", "E.E.PU", []level{
				{"CP", "COURS PREPARATOIRE", "00110000110", 6, "CP %s"}, {"CE1", "COURS ELEMENTAIRE 1", "00210000110", 7, "CE1 %s"},
				{"CE2", "COURS ELEMENTAIRE 2", "00310000110", 8, "CE2 %s"}, {"CM1", "COURS MOYEN 1", "00410000110", 9, "CM1 %s"},
				{"CM2", "COURS MOYEN 2", "00510000110", 10, "CM2 %s"}}},
			{directory.NatureEcoleMaternelle, "ECOLE MATERNELLE", "E.M.PU", []level{
				{"PS", "PETITE SECTION", "00010000110", 3, "PS-MS %s"}, {"GS", "GRANDE SECTION", "00020000110", 5, "GS %s"}}},
		}
	}
	return []kind{
		{directory.NatureCollege, "COLLEGE", "CLG", []level{
			{"6", "6EME", "10010012110", 11, "6E%d"}, {"5", "5EME", "10110001110", 12, "5E%d"},
			{"4", "4EME", "10210001110", 13, "4E%d"}, {"3", "3EME", "10310019110", 14, "3E%d"}}},
		{directory.NatureLyceeGT, "LYCEE GENERAL ET TECHNOLOGIQUE", "LGT", []level{
			{"2", "2NDE GENERALE ET TECHNO", "20010018110", 15, "2NDE %d"}, {"1", "1ERE GENERALE", "20110019110", 16, "1 G%d"},
			{"T", "TERMINALE GENERALE", "20210019110", 17, "T G%d"}}},
		{directory.NatureLyceePro, "LYCEE PROFESSIONNEL", "LP", []level{
			{"2", "1CAP2", "24133004110", 15, "%d CAP"}, {"1", "1ERE PRO", "24730001110", 16, "1 PRO %d"}, {"T", "TLE PRO", "24730002110", 17, "T PRO %d"}}},
	}
}

// kindOf gives most schools of the second degree the collège's kind.
func kindOf(all []kind, d *draw) kind {
	switch x := d.below(100); {
	case x < 64:
		return all[0]
	case x < 86:
		return all[1]
	}
	return all[len(all)-1]
}

// teachingGroups are the groups of each level, by their suffix.
func teachingGroups() [][2]string {
	return [][2]string{{"ALL2", "ALLEMAND LV2"}, {"ESP2", "ESPAGNOL LV2"}, {"LAT", "LATIN"}, {"AP", "AIDE PERSONNALISEE"}}
}

// classSize is how many pupils share a class.
const classSize = 27

// plan lays out the schools: their names, how many pupils each has, their classes.
func (g *generator) plan() {
	all := kinds(g.Degree)
	weights := make([]int, len(g.uais))
	total := 0
	for i := range weights {
		d := g.of("size", i)
		weights[i] = 40 + d.below(120)
		total += weights[i]
	}
	first, through := 0, 0
	for i, uai := range g.uais {
		through += weights[i]
		last := int(int64(g.Pupils) * int64(through) / int64(total))
		d := g.of("school", i)
		k := kindOf(all, &d)
		s := school{
			key: fmt.Sprint(4100 + i), uai: uai, nature: k.nature, first: first, pupils: last - first, old: d.chance(15),
			name: k.prefix + "$" + strings.ToUpper(pick(&d, g.names.patrons)) + "$" + pick(&d, g.names.towns),
		}
		s.addClasses(k, g.Degree)
		g.schools = append(g.schools, s)
		g.kinds = append(g.kinds, k)
		first = last
	}
}

// addClasses makes as many classes as the pupils need, and the groups of each level.
func (s *school) addClasses(k kind, degree aaf.Degree) {
	count := max(len(k.levels), (s.pupils+classSize-1)/classSize)
	of := make([][]int, len(k.levels))
	for c := range count {
		l := c % len(k.levels)
		number := c / len(k.levels)
		name := fmt.Sprintf(k.levels[l].naming, 1+number)
		if degree == aaf.First {
			name = fmt.Sprintf(k.levels[l].naming, letters(number))
		}
		d := division{name: name, label: k.levels[l].label + " " + fmt.Sprint(1+number), level: l}
		if degree == aaf.First {
			d.id = fmt.Sprintf("%s%03d", s.key, c)
		}
		s.divisions = append(s.divisions, d)
		of[l] = append(of[l], c)
	}
	for l, classes := range of {
		for _, suffix := range teachingGroups() {
			d := division{name: k.levels[l].short + suffix[0], label: suffix[1] + " " + k.levels[l].label, level: l, classes: classes}
			if degree == aaf.First {
				d.id = fmt.Sprintf("%s9%02d", s.key, len(s.groups))
			}
			s.groups = append(s.groups, d)
		}
	}
}

// letters numbers A, B… Z, AA, AB….
func letters(n int) string {
	if n < 26 {
		return string(rune('A' + n))
	}
	return letters(n/26-1) + letters(n%26)
}

// structure is the record of a school.
func (g *generator) structure(i int) *aaf.Record {
	s, k := &g.schools[i], g.kinds[i]
	st := &aaf.Structure{
		UAI: s.uai, Name: strings.ReplaceAll(s.name, "$", " "), Type: k.label, Nature: k.nature, SIREN: fmt.Sprintf("1975%06d00017", i),
		City: s.name[strings.LastIndexByte(s.name, '$')+1:], Mail: "ce." + s.uai + "@ac-paris.example", Academy: "01",
	}
	if g.Degree == aaf.First { // 1D tells the classes with the pupils alone
		return &aaf.Record{Action: aaf.Add, Category: aaf.EtabEducNat, Key: s.key, Structure: st}
	}
	st.Contract, st.Bassin = "PU", fmt.Sprintf("%05d", 7501+i%12)
	for _, d := range s.divisions {
		st.Classes = append(st.Classes, aaf.Class{Name: d.name, Label: d.label, MEFs: []string{k.levels[d.level].mef}})
	}
	for _, d := range s.groups {
		group := aaf.Group{Name: d.name, Label: d.label}
		for _, c := range d.classes {
			group.Classes = append(group.Classes, s.divisions[c].name)
		}
		st.Groups = append(st.Groups, group)
	}
	return &aaf.Record{Action: aaf.Add, Category: aaf.EtabEducNat, Key: s.key, Structure: st}
}

// in refers to a division of a school.
func (s *school) in(d division) aaf.Division {
	return aaf.Division{Structure: s.key, Name: d.name, ID: d.id}
}

// subject is a matière.
type subject struct{ code, label, post string }

func subjects() []subject {
	return []subject{
		{"020700", "FRANCAIS", "L0202"}, {"061300", "MATHEMATIQUES", "L1300"}, {"030201", "ANGLAIS LV1", "L0422"}, {"043700", "HISTOIRE-GEOGRAPHIE", "L1000"},
		{"062900", "SCIENCES DE LA VIE ET DE LA TERRE", "L1600"}, {"063100", "PHYSIQUE-CHIMIE", "L1500"}, {"100100", "EDUCATION PHYSIQUE ET SPORTIVE", "L1900"},
		{"090100", "ARTS PLASTIQUES", "L1800"}, {"080500", "EDUCATION MUSICALE", "L1700"}, {"070800", "TECHNOLOGIE", "L1400"},
		{"030102", "ALLEMAND LV2", "L0421"}, {"030602", "ESPAGNOL LV2", "L0426"}, {"020100", "LATIN", "L0201"}, {"013600", "PHILOSOPHIE", "L0100"},
	}
}
