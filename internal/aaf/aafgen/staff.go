package aafgen

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"navette/internal/aaf"
	"navette/internal/directory"
)

// pupilsPerTeacher gives a school its number of teachers.
const pupilsPerTeacher = 13

// job is a function that schools have, with its post.
type job struct {
	function, label, code, codeLabel string
	count                            int
}

// jobs are those of a school beside its teachers.
func jobs(d aaf.Degree) []job {
	if d == aaf.First {
		return []job{{"DIR", "DIRECTION", "D0010", "DIRECTEUR D'ECOLE", 1}, {"AES", "ACCOMPAGNEMENT", "-", "", 1}}
	}
	return []job{
		{"DIR", "DIRECTION", "D0010", "DIRECTION CHEF D'ETABLISSEMENT", 1}, {"DIR", "DIRECTION", "D0011", "DIRECTION ADJOINT", 1},
		{"ADF", "PERSONNELS ADMINISTRATIFS", "A0010", "SECRETARIAT", 2}, {"EDU", "EDUCATION", "E0030", "CONSEILLER PRINCIPAL D'EDUCATION", 1},
		{"DOC", "DOCUMENTATION", "L0080", "DOCUMENTATION", 1}, {"MDS", "PERSONNELS MEDICO-SOCIAUX", "-", "", 1},
		{"AED", "ASSISTANT D'EDUCATION", "-", "", 4}, {"-", "SANS OBJET", "-", "", 1},
	}
}

// member is somebody of a school's staff: the part that is the same whoever they are.
type member struct {
	job     job
	teacher int // the number of the teacher in the school; -1: none
}

// members gives the staff of a school: jobs, then teachers.
func (g *generator) members(s *school) []member {
	var all []member
	for _, j := range jobs(g.Degree) {
		for range j.count {
			all = append(all, member{j, -1})
		}
	}
	for t := range max(1, s.pupils/pupilsPerTeacher) {
		all = append(all, member{job{"ENS", "ENSEIGNEMENT", "", "", 1}, t})
	}
	return all
}

// staffOf gives the staff of a school, invented, to yield; next numbers them through the académie.
func (g *generator) staffOf(i int, next *int, yield func(*aaf.Record) error) error {
	s := &g.schools[i]
	all := g.members(s)
	teachers := len(all) - (slices.IndexFunc(all, func(m member) bool { return m.teacher == 0 }))
	for _, m := range all {
		n := *next
		*next++
		st := &aaf.Staff{Identity: g.invented(n), Structure: s.key, BeforePupils: "N"}
		g.appoint(st, i, m, teachers)
		if err := yield(&aaf.Record{Action: aaf.Add, Category: aaf.PersEducNat, Key: fmt.Sprint(firstStaffKey + n), Staff: st}); err != nil {
			return err
		}
	}
	return nil
}

// invented gives somebody an identity and an academic address.
func (g *generator) invented(n int) aaf.Identity {
	d := g.of("staff", n)
	id := aaf.Identity{Civility: "M.", BirthName: pickFront(&d, g.names.surnames), Forename: strings.ToUpper(pickFront(&d, g.names.men))}
	if d.chance(65) {
		id.Civility, id.Forename = "Mme", strings.ToUpper(pickFront(&d, g.names.women))
	}
	if id.UsageName = id.BirthName; id.Civility == "Mme" && d.chance(30) {
		id.UsageName = pickFront(&d, g.names.surnames)
	}
	id.Birth = directory.DateOf(time.Date(1962+d.below(40), time.January, 1+d.below(365), 0, 0, 0, 0, time.UTC))
	id.Mail = fold(id.Forename) + "." + fold(id.UsageName) + fmt.Sprint(n) + "@ac-paris.example"
	return id
}

// appoint gives somebody their post in a school, and teachers their classes.
func (g *generator) appoint(st *aaf.Staff, at int, m member, teachers int) {
	s := &g.schools[at]
	p := aaf.Post{Structure: s.key, Function: m.job.function, Label: m.job.label, Code: m.job.code, CodeLabel: m.job.codeLabel}
	if p.Code == "-" {
		p.Code, p.CodeLabel = "", ""
	}
	if m.teacher < 0 {
		if m.job.code == "D0010" {
			st.Directs = append(st.Directs, s.key)
		}
		if p.Function != "-" {
			st.Posts = append(st.Posts, p)
		}
		return
	}
	st.BeforePupils = "O"
	if g.Degree == aaf.First {
		class := s.in(s.divisions[m.teacher%len(s.divisions)])
		st.Classes = append(st.Classes, aaf.Teaching{Division: class})
		st.Posts = append(st.Posts, p)
		return
	}
	all := subjects()
	of := all[m.teacher%len(all)]
	p.Code, p.CodeLabel = of.post, of.label
	st.Posts = append(st.Posts, p)
	st.Discipline = aaf.Labelled{Code: of.post[1:3], Label: of.label}
	st.Taught = append(st.Taught, aaf.Taught{Structure: s.key, Label: of.label})
	g.teach(st, s, m.teacher, teachers, of)
}

// teach gives a teacher every n-th class, n being how many colleagues teach the subject, one group, and the class that
// bears their number as professeur principal.
func (g *generator) teach(st *aaf.Staff, s *school, teacher, teachers int, of subject) {
	count := len(subjects())
	colleagues := (teachers - teacher%count + count - 1) / count
	for c := teacher / count; c < len(s.divisions); c += max(1, colleagues) {
		st.Classes = append(st.Classes, aaf.Teaching{Division: s.in(s.divisions[c]), Subject: of.code})
	}
	group := s.groups[teacher%len(s.groups)]
	st.Groups = append(st.Groups, aaf.Teaching{Division: s.in(group), Subject: of.code})
	if teacher < len(s.divisions) {
		st.Principal = append(st.Principal, s.in(s.divisions[teacher]))
	}
}

// known gives the record of the n-th agent of the HR file. AAF writes names as it likes: a part of them without accents,
// a part under the birth name alone, which a reader must match all the same.
func (g *generator) known(n int, of Agent) *aaf.Record {
	d := g.of("agent", n)
	forename, _, _ := strings.Cut(of.Forenames, ",")
	st := &aaf.Staff{Identity: aaf.Identity{
		Civility: of.Civility, BirthName: of.BirthName, UsageName: of.UsageName, Forename: strings.ToUpper(strings.TrimSpace(forename)), Birth: of.Birth,
	}, BeforePupils: "N"}
	if st.UsageName == "" || d.chance(3) {
		st.UsageName = st.BirthName
	}
	if d.chance(20) {
		st.BirthName, st.UsageName, st.Forename = plain(st.BirthName), plain(st.UsageName), plain(st.Forename)
	}
	for _, post := range of.Posts {
		at, here := g.byUAI[post.UAI]
		if !here {
			continue
		}
		if st.Structure == "" {
			st.Structure = g.schools[at].key
		}
		m := member{job{post.Function, post.Function, "", "", 1}, -1}
		for _, j := range jobs(g.Degree) {
			if j.function == post.Function {
				m.job = j
				break
			}
		}
		if post.Function == "ADJ" {
			m.job = job{"DIR", "DIRECTION", "D0011", "DIRECTION ADJOINT", 1}
		}
		if post.Function == "ENS" {
			m = member{job{"ENS", "ENSEIGNEMENT", "", "", 1}, g.teachers[at]}
			g.teachers[at]++
		}
		g.appoint(st, at, m, g.teaching[at])
	}
	return &aaf.Record{Action: aaf.Add, Category: aaf.PersEducNat, Key: fmt.Sprint(firstStaffKey + n), Staff: st}
}

// plain takes the accents off a name in capitals.
func plain(s string) string {
	return strings.NewReplacer("É", "E", "È", "E", "Ê", "E", "Ë", "E", "À", "A", "Â", "A", "Î", "I", "Ï", "I", "Ô", "O", "Ö", "O",
		"Û", "U", "Ü", "U", "Ç", "C", "Œ", "OE").Replace(s)
}
