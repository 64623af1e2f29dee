package school

import (
	"navette/internal/directory"
)

// Division is a class or a teaching group.
type Division struct {
	ID     int64
	Name   string
	School *School

	year int
}

// Class makes a class of the current year; its name as AAF writes it: « 4E3 ».
func (s *School) Class(name string) *Division {
	s.tb.Helper()
	return s.Division(Year, 1, name)
}

// Group makes a teaching group of the current year: « 4ALL2 ».
func (s *School) Group(name string) *Division {
	s.tb.Helper()
	return s.Division(Year, 2, name)
}

// Division makes a class (kind 1) or a group (kind 2) of a year.
func (s *School) Division(year, kind int, name string) *Division {
	s.tb.Helper()
	d := &Division{ID: s.id("division"), Name: name, School: s, year: year}
	s.exec(`INSERT INTO division (division_id, year, uai, kind, name, label, gone) VALUES ($1, $2, $3, $4, $5, '', 0)`, d.ID, year, s.UAI, kind, name)
	return d
}

// Goes takes the division out of what AAF names.
func (d *Division) Goes() {
	d.School.tb.Helper()
	d.School.exec(`UPDATE division SET gone = 1 WHERE division_id = $1`, d.ID)
}

// Pupil is somebody who attends a school.
type Pupil struct {
	ID             int64
	Forename, Name string
	School         *School
}

// Pupil makes a pupil of the school in no class, in the current year.
func (s *School) Pupil(forename, name string) *Pupil {
	s.tb.Helper()
	return s.pupil(forename, name, Year)
}

func (s *School) pupil(forename, name string, year int) *Pupil {
	s.tb.Helper()
	p := &Pupil{ID: s.id("pupil"), Forename: forename, Name: name, School: s}
	s.exec(`INSERT INTO pupil (pupil_id, degree, jointure, birth_name, usage_name, forename, birth_date, mail, mail_key, absent_at, fingerprint)
		VALUES ($1, $2, $3, $4, $4, $5, '2012-06-06', '', '', 0, 0)`, p.ID, degree, join(p.ID), name, forename)
	p.Attends(s, year)
	return p
}

// Pupil makes a pupil of the division, and of its school in the same year.
func (d *Division) Pupil(forename, name string) *Pupil {
	d.School.tb.Helper()
	p := d.School.pupil(forename, name, d.year)
	d.Add(p)
	return p
}

// Add puts pupils into the division.
func (d *Division) Add(pupils ...*Pupil) {
	d.School.tb.Helper()
	for _, p := range pupils {
		d.School.exec(`INSERT INTO division_pupil (division_id, pupil_id) VALUES ($1, $2)`, d.ID, p.ID)
	}
}

// Attends enrols the pupil in a school for a year.
func (p *Pupil) Attends(s *School, year int) {
	s.tb.Helper()
	s.exec(`INSERT INTO enrolment (year, uai, pupil_id) VALUES ($1, $2, $3)`, year, s.UAI, p.ID)
}

// Writes gives the pupil an address.
func (p *Pupil) Writes(address string) *Pupil {
	p.School.tb.Helper()
	p.School.exec(`UPDATE pupil SET mail = $2, mail_key = $3 WHERE pupil_id = $1`, p.ID, address, directory.MatchKey(address))
	return p
}

// Leaves makes the exports name the pupil no more.
func (p *Pupil) Leaves() {
	p.School.tb.Helper()
	p.School.exec(`UPDATE pupil SET absent_at = 1 WHERE pupil_id = $1`, p.ID)
	p.School.exec(`DELETE FROM enrolment WHERE pupil_id = $1 AND year = $2`, p.ID, Year)
}

// Guardian is somebody who answers for pupils.
type Guardian struct {
	ID      int64
	Address string // "" for none

	school *School
}

// Guardian makes a legal guardian of the pupil, with the pupil's name; address may be "", or one that others have too
// (a household's one mailbox, the academic address of an agent).
func (p *Pupil) Guardian(forename, address string) *Guardian {
	p.School.tb.Helper()
	g := p.person(forename, address)
	p.AnsweredFor(g, Year, true)
	return g
}

// Contact makes somebody who is to be called, or pays, and is no legal guardian.
func (p *Pupil) Contact(forename, address string) *Guardian {
	p.School.tb.Helper()
	g := p.person(forename, address)
	p.AnsweredFor(g, Year, false)
	return g
}

func (p *Pupil) person(forename, address string) *Guardian {
	p.School.tb.Helper()
	g := &Guardian{ID: p.School.id("guardian"), Address: address, school: p.School}
	p.School.exec(`INSERT INTO guardian (guardian_id, degree, jointure, civility, usage_name, forename, mail, mail_key, absent_at, fingerprint)
		VALUES ($1, $2, $3, 'Mme', $4, $5, $6, $7, 0, 0)`, g.ID, degree, join(g.ID), p.Name, forename, address, directory.MatchKey(address))
	return g
}

// AnsweredFor makes somebody who exists answer for the pupil in a year, as a legal guardian or as a contact.
func (p *Pupil) AnsweredFor(g *Guardian, year int, legal bool) {
	p.School.tb.Helper()
	link, flag := 39, 0 // another member of the family
	if legal {
		link, flag = 10, 1
	}
	p.School.exec(`INSERT INTO guardianship (year, pupil_id, guardian_id, link, legal, contact) VALUES ($1, $2, $3, $4, $5, 1)`, year, p.ID, g.ID, link, flag)
}

// Moves gives the guardian another address.
func (g *Guardian) Moves(address string) {
	g.school.tb.Helper()
	g.Address = address
	g.school.exec(`UPDATE guardian SET mail = $2, mail_key = $3 WHERE guardian_id = $1`, g.ID, address, directory.MatchKey(address))
}

// Leaves makes the exports name the guardian no more.
func (g *Guardian) Leaves() {
	g.school.tb.Helper()
	g.school.exec(`UPDATE guardian SET absent_at = 1 WHERE guardian_id = $1`, g.ID)
}
