package school

import (
	"navette/internal/directory"
	"navette/internal/testkit/house"
)

// Agent is somebody who works for the académie: an account, its person in the HR file, and what AAF knows of them.
type Agent struct {
	Account int64
	Person  int64
	Staff   int64 // id in AAF's staff; 0 until they teach or AAF knows them
	Login   string
	Address string

	forename, name string
	school         *School
}

// The functions by which people may write to guardians of their whole school (codes of the HR file).

// Head makes the head, who owns the school's box.
func (s *School) Head(forename, name string) *Agent {
	s.tb.Helper()
	a := s.Agent(forename, name, directory.FonctionHead)
	a.Opens(s, "owner")
	return a
}

// Deputy makes a deputy head, who is a member of the school's box.
func (s *School) Deputy(forename, name string) *Agent {
	s.tb.Helper()
	a := s.Agent(forename, name, "ADJ")
	a.Opens(s, "member")
	return a
}

// Secretary makes somebody of the administration.
func (s *School) Secretary(forename, name string) *Agent {
	s.tb.Helper()
	return s.Agent(forename, name, "ADF")
}

// CPE makes a conseiller principal d'éducation.
func (s *School) CPE(forename, name string) *Agent {
	s.tb.Helper()
	return s.Agent(forename, name, "EDU")
}

// Psychologist makes a Psy-EN.
func (s *School) Psychologist(forename, name string) *Agent {
	s.tb.Helper()
	return s.Agent(forename, name, "ORI")
}

// Nurse makes a nurse.
func (s *School) Nurse(forename, name string) *Agent {
	s.tb.Helper()
	return s.Agent(forename, name, "MDS")
}

// Teacher makes a teacher of the divisions.
func (s *School) Teacher(forename, name string, divisions ...*Division) *Agent {
	s.tb.Helper()
	return s.Agent(forename, name, "ENS").Teaches(divisions...)
}

// Agent makes an agent with one function at the school, running since Since.
func (s *School) Agent(forename, name, function string) *Agent {
	s.tb.Helper()
	a := &Agent{Person: s.id("person"), forename: forename, name: name, school: s}
	a.Login = s.free(func(n int) (string, error) { return directory.Login(forename, name, n) }, `SELECT 1 FROM account WHERE login = $1`)
	local := s.free(func(n int) (string, error) { return directory.LocalPart(forename, name, n) },
		`SELECT 1 FROM address WHERE address = $1 || '@`+house.Domain+`'`)
	a.Address = local + "@" + house.Domain
	s.exec(`INSERT INTO person (person_id, id_rh, civility, birth_name, usage_name, forenames, birth_date, reference, created_at, updated_at)
		VALUES ($1, $2, 'Mme', $3, '', $4, '1980-03-17', 'ARR-1', 0, 0)`, a.Person, "RH"+join(a.Person), name, forename)
	a.Account = s.account(a.Person, directory.KindPerson, a.Login, directory.DisplayName(forename, name), a.Address)
	return a.Serves(s, function, Since, "")
}

// Serves gives the agent a function at a school from a day to another, which may be "".
func (a *Agent) Serves(s *School, function, from, to string) *Agent {
	s.tb.Helper()
	s.exec(`INSERT INTO function (person_id, function_id, corps, category, function, uai, starts, ends, reference, ended_at)
		VALUES ($1, $2, '', '', $3, $4, $5, $6, 'ARR-1', 0)`, a.Person, s.id("function"), function, s.UAI, from, to)
	return a
}

// Ends makes a day the last one of all functions of the agent at a school.
func (a *Agent) Ends(s *School, day string) *Agent {
	s.tb.Helper()
	s.exec(`UPDATE function SET ends = $3 WHERE person_id = $1 AND uai = $2`, a.Person, s.UAI, day)
	return a
}

// Dropped makes the HR file name none of the agent's functions at a school any more.
func (a *Agent) Dropped(s *School) *Agent {
	s.tb.Helper()
	s.exec(`UPDATE function SET ended_at = 1 WHERE person_id = $1 AND uai = $2`, a.Person, s.UAI)
	return a
}

// Becomes puts the account into a state: suspended, departed…
func (a *Agent) Becomes(state directory.AccountState) *Agent {
	a.school.tb.Helper()
	a.school.exec(`UPDATE account SET state = $2 WHERE account_id = $1`, a.Account, state.String())
	return a
}

// Alias gives the agent another receiving address.
func (a *Agent) Alias(address string) *Agent {
	a.school.tb.Helper()
	a.school.exec(`INSERT INTO address (address, account_id, kind, issued_at, reference) VALUES ($1, $2, 'alias', 0, '')`, address, a.Account)
	return a
}

// Opens makes the agent owner, member or reader of a school's box, by hand, from Since on.
func (a *Agent) Opens(s *School, role string) *Agent {
	s.tb.Helper()
	s.exec(`INSERT INTO box_member (account_id, member_id, source, role, since, until) VALUES ($1, $2, 'hand', $3, $4, '')`, s.Box, a.Account, role, Since)
	return a
}

// Known makes AAF know the agent as one of the staff of their first school; matched with their account.
func (a *Agent) Known() *Agent {
	a.school.tb.Helper()
	if a.Staff != 0 {
		return a
	}
	a.Staff = a.school.id("staff")
	a.school.exec(`INSERT INTO staff (staff_id, degree, jointure, birth_name, usage_name, forename, birth_date, mail, account_id, matched, absent_at, fingerprint)
		VALUES ($1, $2, $3, $4, $4, $5, '1980-03-17', $6, $7, 1, 0, 0)`, a.Staff, degree, join(a.Staff), a.name, a.forename, a.Address, a.Account)
	return a
}

// Posted makes AAF name a function of the agent at a school, in the current year.
func (a *Agent) Posted(s *School, function string) *Agent {
	s.tb.Helper()
	a.Known()
	s.exec(`INSERT INTO staff_post (year, uai, staff_id, function, post, post_label) VALUES ($1, $2, $3, $4, '', '')`, Year, s.UAI, a.Staff, function)
	return a
}

// Teaches makes the agent a teacher of divisions, of any school.
func (a *Agent) Teaches(divisions ...*Division) *Agent {
	a.school.tb.Helper()
	a.teaches(0, divisions)
	return a
}

// Principal makes the agent a teacher and professeur principal of divisions.
func (a *Agent) Principal(divisions ...*Division) *Agent {
	a.school.tb.Helper()
	a.teaches(1, divisions)
	return a
}

func (a *Agent) teaches(principal int, divisions []*Division) {
	a.school.tb.Helper()
	a.Known()
	for _, d := range divisions {
		a.school.exec(`INSERT INTO teaching (division_id, staff_id, principal, subjects) VALUES ($1, $2, $3, 'Anglais')
			ON CONFLICT (division_id, staff_id) DO UPDATE SET principal = excluded.principal`, d.ID, a.Staff, principal)
	}
}

// Unmatched makes AAF's record of the agent nobody's: the match is in doubt.
func (a *Agent) Unmatched() *Agent {
	a.school.tb.Helper()
	a.Known()
	a.school.exec(`UPDATE staff SET account_id = 0, matched = 3 WHERE staff_id = $1`, a.Staff)
	return a
}

// Forgotten makes AAF name the agent no more.
func (a *Agent) Forgotten() *Agent {
	a.school.tb.Helper()
	a.school.exec(`UPDATE staff SET absent_at = 1 WHERE staff_id = $1`, a.Staff)
	return a
}
