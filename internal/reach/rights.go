package reach

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"navette/internal/directory"
	"navette/internal/store"
)

// wholeFonctions lists the functions whose holders may write to everybody of their school: direction, secretariat, CPE,
// Psy-EN, nurse.
func wholeFonctions() []string {
	return slices.Concat(directory.HeadFonctions(), directory.DeputyFonctions(), []string{"ADF", "EDU", "ORI", "MDS"})
}

// keepers lists the functions whose holders maintain the addresses of guardians and pupils, and so are shown them:
// direction and secretariat.
func keepers() []string {
	return slices.Concat(directory.HeadFonctions(), directory.DeputyFonctions(), []string{"ADF"})
}

// Rights are what an account may do on a day.
type Rights struct {
	Account   int64
	Day       string   // ISO 8601
	Schools   []string // UAI, sorted: where it works, in any function
	Whole     []string // UAI, sorted: schools to whose every pupil and guardian it may write
	Keeps     []string // UAI, sorted: schools whose guardians' and pupils' addresses it maintains, and may see
	Divisions []int64  // sorted: classes and groups of the current year to whose pupils and guardians it may write
	Voices    []int64  // sorted: accounts whose addresses are its own: itself, and the boxes that it may write as

	services []service
}

// service is a service of the académie in which an account works.
type service struct{ uai, nature, fonction string }

// supervises tells that who works there answers for a school: rectorat and inspection for all of the académie, the DSDEN
// and inspectors for those of their department.
func (s service) supervises(uai string) bool {
	near := len(uai) >= 3 && len(s.uai) >= 3 && uai[:3] == s.uai[:3]
	switch s.nature {
	case directory.NatureRectorat, directory.NatureInspection:
		return true
	case directory.NatureDSDEN:
		return near
	}
	return near && (s.fonction == "IEN1D" || s.fonction == "INS")
}

// WorksIn tells that the account works in a school.
func (r Rights) WorksIn(uai string) bool { return contains(r.Schools, uai) }

// School tells that the account may write to every pupil and guardian of a school.
func (r Rights) School(uai string) bool { return contains(r.Whole, uai) }

// Sees tells that the account is shown the addresses of the guardians and pupils of a school.
func (r Rights) Sees(uai string) bool { return contains(r.Keeps, uai) }

// Division tells that the account may write to the pupils and guardians of a class or group by itself, of whatever school.
func (r Rights) Division(id int64) bool {
	_, found := slices.BinarySearch(r.Divisions, id)
	return found
}

// Supervises tells that the account works in a service that answers for a school.
func (r Rights) Supervises(uai string) bool {
	return slices.ContainsFunc(r.services, func(s service) bool { return s.supervises(uai) })
}

// Colleague tells that the account may write to the staff groups of a school: who works there, or answers for it.
func (r Rights) Colleague(uai string) bool { return r.WorksIn(uai) || r.Supervises(uai) }

func contains(sorted []string, s string) bool {
	_, found := slices.BinarySearch(sorted, s)
	return found
}

// Where a right comes from: the first column of the query below.
const (
	byFunction = iota + 1
	byMembership
	asBox
	byTeaching
	byDelegation
)

// runs is the clause that a function f runs on the day of parameter 2.
const runs = `f.ended_at = 0 AND f.starts <= $2 AND (f.ends = '' OR f.ends >= $2)`

// open is the clause that an account a may act: it is not suspended, and has not departed.
const open = `a.state IN ('appointed', 'active')`

// stays is the clause that HR does not say of the holder of account a that they do not work at the school d.uai on the
// day of parameter 2. It need not know of them: replacements are known at the school of their post.
const stays = `(NOT EXISTS (SELECT 1 FROM function f WHERE f.person_id = a.person_id AND f.uai = d.uai)
	OR EXISTS (SELECT 1 FROM function f WHERE f.person_id = a.person_id AND f.uai = d.uai AND ` + runs + `))`

// current is the clause that a division d is of the school year that runs, and AAF still names it.
const current = `d.year = (SELECT max(y.year) FROM school_year y WHERE y.state = 1) AND d.gone = 0`

// rightsQuery gives the rights of account $1 on day $2: where from, UAI, a word, an id, the nature of the establishment.
// CROSS JOIN has SQLite begin with the account; to PostgreSQL it is any join.
const rightsQuery = `SELECT 1, f.uai, f.function, 0, COALESCE(e.nature, '') FROM account a CROSS JOIN function f
		LEFT JOIN establishment e ON e.uai = f.uai
	WHERE a.account_id = $1 AND f.person_id = a.person_id AND f.uai <> '' AND ` + open + ` AND ` + runs + `
UNION ALL SELECT 2, k.uai, m.role, m.account_id, '' FROM account a CROSS JOIN box_member m CROSS JOIN box k
	WHERE a.account_id = $1 AND m.member_id = a.account_id AND k.account_id = m.account_id
		AND m.since <= $2 AND (m.until = '' OR m.until >= $2) AND ` + open + `
UNION ALL SELECT 3, k.uai, '', 0, '' FROM account a CROSS JOIN box k
	WHERE a.account_id = $1 AND k.account_id = a.account_id AND k.uai <> '' AND ` + open + `
UNION ALL SELECT 4, d.uai, '', d.division_id, '' FROM account a CROSS JOIN staff s CROSS JOIN teaching t CROSS JOIN division d
	WHERE a.account_id = $1 AND s.account_id = a.account_id AND s.account_id <> 0 AND s.absent_at = 0
		AND t.staff_id = s.staff_id AND d.division_id = t.division_id AND ` + current + ` AND ` + open + ` AND ` + stays + `
UNION ALL SELECT 5, g.uai, '', d.division_id, '' FROM account a CROSS JOIN delegation g CROSS JOIN division d
	WHERE a.account_id = $1 AND g.receiver_id = a.account_id AND d.division_id = g.division_id AND ` + current + ` AND ` + open + ` AND ` + stands + `
UNION ALL SELECT 5, g.uai, '', d.division_id, '' FROM account a CROSS JOIN delegation g CROSS JOIN staff s CROSS JOIN teaching t CROSS JOIN division d
	WHERE a.account_id = $1 AND g.receiver_id = a.account_id AND g.teacher_id <> 0 AND s.account_id = g.teacher_id AND s.account_id <> 0
		AND t.staff_id = s.staff_id AND d.division_id = t.division_id AND d.uai = g.uai AND ` + current + ` AND ` + open + ` AND ` + stands

// stands is the clause that a delegation g holds on the day of parameter 2.
const stands = `g.withdrawn_at = 0 AND g.starts <= $2 AND g.ends >= $2`

// Rights gives what an account may do today. Account 0, and one that is suspended or has departed, may do nothing. A box
// is an account too: who writes as one has its rights, and not their own.
func (s *Service) Rights(ctx context.Context, account int64) (r Rights, err error) {
	err = s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		r, err = s.RightsIn(ctx, tx, account)
		return err
	})
	return r, err
}

// Schools gives the UAIs where an account works today, sorted.
func (s *Service) Schools(ctx context.Context, account int64) ([]string, error) {
	r, err := s.Rights(ctx, account)
	return r.Schools, err
}

// RightsIn is Rights in a transaction: one query.
func (s *Service) RightsIn(ctx context.Context, tx *store.Tx, account int64) (Rights, error) {
	r := Rights{Account: account, Day: s.Today()}
	if account != 0 {
		r.Voices = append(r.Voices, account)
	}
	rows, err := tx.Query(ctx, rightsQuery, account, r.Day)
	if err != nil {
		return Rights{}, fmt.Errorf("rights of account %d: %w", account, err)
	}
	if err := r.read(rows); err != nil {
		return Rights{}, fmt.Errorf("rights of account %d: %w", account, err)
	}
	for _, list := range []*[]string{&r.Schools, &r.Whole, &r.Keeps} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	for _, list := range []*[]int64{&r.Divisions, &r.Voices} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return r, nil
}

func (r *Rights) read(rows *sql.Rows) error {
	defer rows.Close()
	for rows.Next() {
		var source int
		var id int64
		var uai, word, nature string
		if err := rows.Scan(&source, &uai, &word, &id, &nature); err != nil {
			return err
		}
		if uai != "" {
			r.Schools = append(r.Schools, uai)
		}
		r.add(source, uai, word, nature, id)
	}
	return rows.Err()
}

func (r *Rights) add(source int, uai, word, nature string, id int64) {
	switch source {
	case byFunction:
		if slices.Contains(wholeFonctions(), word) {
			r.Whole = append(r.Whole, uai)
		}
		if slices.Contains(keepers(), word) {
			r.Keeps = append(r.Keeps, uai)
		}
		r.services = append(r.services, service{uai, nature, word})
	case byMembership:
		if word != "reader" {
			r.Voices = append(r.Voices, id)
		}
	case asBox:
		r.Whole = append(r.Whole, uai)
	case byTeaching, byDelegation:
		r.Divisions = append(r.Divisions, id)
	}
}
