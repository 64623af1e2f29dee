package enrolment

import (
	"cmp"
	"slices"
	"strings"

	"navette/internal/aaf"
	"navette/internal/directory"
)

// The records of an export, resolved: join keys are places in the rolls of the run, and only what is kept is there.

// civil is what people have in common.
type civil struct {
	BirthName, UsageName, Forename string
	Birth                          string // ISO 8601 day, or ""
	Mail                           string // "" also for what is no address
}

func civilOf(i aaf.Identity) civil {
	return civil{BirthName: i.BirthName, UsageName: i.UsageName, Forename: i.Forename, Birth: i.Birth.String(), Mail: i.Mail}
}

// amend takes over the fields that a modification speaks of.
func (i *civil) amend(from aaf.Identity, set aaf.Fields) {
	for field, to := range map[aaf.Fields]struct {
		into *string
		text string
	}{
		aaf.FieldBirthName: {&i.BirthName, from.BirthName}, aaf.FieldUsageName: {&i.UsageName, from.UsageName},
		aaf.FieldForename: {&i.Forename, from.Forename}, aaf.FieldBirth: {&i.Birth, from.Birth.String()}, aaf.FieldMail: {&i.Mail, from.Mail},
	} {
		if set.Has(field) {
			*to.into = to.text
		}
	}
	if i.UsageName == "" {
		i.UsageName = i.BirthName
	}
}

// guardian is somebody who answers for pupils.
type guardian struct {
	At       int32 // place in the roll
	Key      string
	Civility string
	civil
}

func (g *guardian) fingerprint() int64 {
	var f fingerprint
	f.text("guardian 1", g.Civility, g.UsageName, g.Forename, g.Mail)
	return f.sum()
}

// pupil is somebody who attends schools in the run's year.
type pupil struct {
	At  int32
	Key string
	civil
	Schools   []string // UAI, sorted
	Divisions []int32  // places among the divisions
	Links     []link
	Print     int64
}

// link is one person who answers for a pupil.
type link struct {
	Guardian       int32 // place in the roll
	Code           int
	Legal, Contact bool
}

// tidyPupil sorts by what does not change from one run to the next, and says everything once: a guardian named twice is
// what either line says.
func (r *run) tidyPupil(p *pupil) {
	slices.Sort(p.Schools)
	p.Schools = slices.Compact(p.Schools)
	slices.SortFunc(p.Divisions, r.divisions.compare)
	p.Divisions = slices.Compact(p.Divisions)
	slices.SortFunc(p.Links, func(a, b link) int {
		return cmp.Compare(r.guardians.list[a.Guardian].key, r.guardians.list[b.Guardian].key)
	})
	kept := p.Links[:0]
	for _, l := range p.Links {
		if n := len(kept); n > 0 && kept[n-1].Guardian == l.Guardian {
			kept[n-1].Legal, kept[n-1].Contact = kept[n-1].Legal || l.Legal, kept[n-1].Contact || l.Contact
			continue
		}
		kept = append(kept, l)
	}
	p.Links = kept
}

// staff is somebody who works in schools.
type staff struct {
	At  int32
	Key string
	civil
	Posts   []post
	Teaches []teaching
	Print   int64
}

// post is what somebody does in a school.
type post struct{ UAI, Function, Code, Label string }

// teaching is a class or group that somebody teaches, or is professeur principal of.
type teaching struct {
	Division  int32
	Principal bool
	Subjects  []string // labels, sorted
}

// teach gives the entry of a division, made when it is not there.
func (s *staff) teach(division int32) *teaching {
	for i := range s.Teaches {
		if s.Teaches[i].Division == division {
			return &s.Teaches[i]
		}
	}
	s.Teaches = append(s.Teaches, teaching{Division: division})
	return &s.Teaches[len(s.Teaches)-1]
}

// tidyStaff sorts by what does not change from one run to the next, and says everything once.
func (r *run) tidyStaff(s *staff) {
	slices.SortFunc(s.Posts, func(a, b post) int {
		return cmp.Or(cmp.Compare(a.UAI, b.UAI), cmp.Compare(a.Function, b.Function), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Label, b.Label))
	})
	s.Posts = slices.CompactFunc(s.Posts, func(a, b post) bool { return a.UAI == b.UAI && a.Function == b.Function && a.Code == b.Code })
	slices.SortFunc(s.Teaches, func(a, b teaching) int { return r.divisions.compare(a.Division, b.Division) })
	for i := range s.Teaches {
		slices.Sort(s.Teaches[i].Subjects)
		s.Teaches[i].Subjects = slices.Compact(s.Teaches[i].Subjects)
	}
}

// subjectsBetween stands between subjects where they are stored.
const subjectsBetween = " · "

func (t teaching) subjects() string { return strings.Join(t.Subjects, subjectsBetween) }

// sumPupil fingerprints a pupil; the relations are those of a year.
func (r *run) sumPupil(p *pupil) int64 {
	var f fingerprint
	f.text("pupil 1", p.BirthName, p.UsageName, p.Forename, p.Birth, p.Mail)
	f.number(int64(r.year.Year), int64(len(p.Schools)), int64(len(p.Divisions)))
	f.text(p.Schools...)
	for _, d := range p.Divisions {
		r.sumDivision(&f, d)
	}
	for _, l := range p.Links {
		f.text(r.guardians.list[l.Guardian].key)
		f.number(int64(l.Code))
		f.flag(l.Legal, l.Contact)
	}
	return f.sum()
}

func (r *run) sumDivision(f *fingerprint, at int32) {
	d := &r.divisions.list[at]
	f.text(d.uai, d.name)
	f.number(int64(d.kind))
}

// sumStaff fingerprints somebody of the staff.
func (r *run) sumStaff(s *staff) int64 {
	var f fingerprint
	f.text("staff 1", s.BirthName, s.UsageName, s.Forename, s.Birth, s.Mail)
	f.number(int64(r.year.Year), int64(len(s.Posts)))
	for _, p := range s.Posts {
		f.text(p.UAI, p.Function, p.Code, p.Label)
	}
	for _, t := range s.Teaches {
		r.sumDivision(&f, t.Division)
		f.flag(t.Principal)
		f.text(t.subjects())
	}
	return f.sum()
}

// storedMail gives an address as staff rows have it: that of an account, normalised; "" for what is none.
func storedMail(mail string) string {
	if normal, err := directory.Normalize(mail); err == nil {
		return normal
	}
	return ""
}
