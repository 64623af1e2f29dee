package group

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"navette/internal/audit"
	"navette/internal/directory"
	"navette/internal/store"
)

// IDs is the kind of the ids of groups (store.DB.NewIDs).
const IDs = "group"

// atOnce is how many groups one transaction issues.
const atOnce = 5000

// issue is a group to issue.
type issue struct {
	kind     Kind
	scope    Scope
	uai      string
	division string
	pupil    int64
}

// slug is what the address says of the class or group: its name, or failing that what it is.
func (i issue) slug() string {
	switch {
	case i.scope == OfSchool:
		return ""
	case directory.Slug(i.division) != "":
		return directory.Slug(i.division)
	case i.scope == OfClass:
		return "classe"
	}
	return "groupe"
}

// Derive issues the groups of schools, classes and teaching groups of the year that runs that have none yet, and gives how
// many. It may run on several nodes, and as often as anybody likes: what is there stays. Run it after each import.
func (s *Service) Derive(ctx context.Context) (issued int, err error) {
	lacking, err := s.lacking(ctx)
	if err != nil {
		return 0, fmt.Errorf("look for classes without groups: %w", err)
	}
	for some := range slices.Chunk(lacking, atOnce) {
		n, err := s.issue(ctx, some)
		if err != nil {
			return issued, fmt.Errorf("issue groups: %w", err)
		}
		issued += n
	}
	if issued > 0 {
		s.cfg.Log.InfoContext(ctx, "groups issued", "groups", issued)
	}
	return issued, nil
}

// lacking gives the groups that should be and are not, by UAI.
func (s *Service) lacking(ctx context.Context) (out []issue, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query(ctx, `SELECT uai, scope, name, pupils FROM (
				SELECT d.uai AS uai, d.kind AS scope, d.name AS name, 1 AS pupils FROM division d WHERE d.year = `+currentYear+` AND d.gone = 0
				UNION ALL SELECT e.uai, 0, '', CASE WHEN EXISTS (SELECT 1 FROM enrolment n WHERE n.year = `+currentYear+` AND n.uai = e.uai)
					OR EXISTS (SELECT 1 FROM division c WHERE c.year = `+currentYear+` AND c.uai = e.uai) THEN 1 ELSE 0 END FROM establishment e) AS w
			WHERE (SELECT count(*) FROM school_group q WHERE q.uai = w.uai AND q.scope = w.scope AND q.division = w.name AND q.pupil_id = 0)
				< CASE w.scope WHEN 0 THEN 2 + 4 * w.pupils WHEN 1 THEN 4 ELSE 3 END
			ORDER BY uai, scope, name`)
		if err != nil {
			return err
		}
		defer rows.Close()
		out = nil
		for rows.Next() {
			var i issue
			var pupils bool
			if err := rows.Scan(&i.uai, &i.scope, &i.division, &pupils); err != nil {
				return err
			}
			for _, i.kind = range kindsOf(i.scope, pupils) {
				out = append(out, i)
			}
		}
		return rows.Err()
	})
	return out, err
}

// issue issues those of the groups that are not there, and journals how many.
func (s *Service) issue(ctx context.Context, some []issue) (n int, err error) {
	first, err := s.cfg.DB.NewIDs(ctx, IDs, int64(len(some)))
	if err != nil {
		return 0, err
	}
	err = s.cfg.DB.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		n = 0
		// Addresses are issued: imports that planned before plan again.
		if _, err := tx.NextMeta(ctx, "directory"); err != nil {
			return err
		}
		records, err := s.name(ctx, tx, first, some)
		if err != nil || len(records) == 0 {
			return err
		}
		n = len(records)
		if err := insert(ctx, tx, records); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: actor, Action: "group.issue", Subject: fmt.Sprintf("group:%d", first),
			Reason: "classes et établissements", Detail: fmt.Sprintf(`{"groups":%d}`, n)})
	})
	return n, err
}

// actor is this package's name in the journal.
const actor = "group"

// name gives rows for those of the groups that are not there yet, with addresses that nobody was ever given.
func (s *Service) name(ctx context.Context, tx *store.Tx, first int64, some []issue) ([]store.Record, error) {
	there, taken, err := given(ctx, tx, some)
	if err != nil {
		return nil, err
	}
	some = slices.DeleteFunc(slices.Clone(some), func(i issue) bool { return there[i] })
	for {
		records := numbered(first, some, taken)
		found, err := s.addTaken(ctx, tx, taken, records)
		if err != nil || !found {
			return records, err
		}
	}
}

// numbered gives groups the ids from first on, and the first local parts that are not taken.
func numbered(first int64, some []issue, taken map[string]bool) []store.Record {
	given := map[string]bool{}
	records := make([]store.Record, len(some))
	for k, i := range some {
		n := 0
		local := directory.GroupLocal(i.kind.word(), i.slug(), i.uai, n)
		for taken[local] || given[local] {
			n++
			local = directory.GroupLocal(i.kind.word(), i.slug(), i.uai, n)
		}
		given[local] = true
		records[k] = store.Record{Ints: []int64{first + int64(k), int64(i.kind), int64(i.scope), i.pupil}, Texts: []string{i.uai, i.division, local}}
	}
	return records
}

// given gives the groups that the schools of some have, and their local parts.
func given(ctx context.Context, tx *store.Tx, some []issue) (there map[issue]bool, taken map[string]bool, err error) {
	var uais []string
	for _, i := range some {
		uais = append(uais, i.uai)
	}
	slices.Sort(uais)
	set, arg := tx.Dialect().TextSet(1, slices.Compact(uais))
	rows, err := tx.Query(ctx, `SELECT q.kind, q.scope, q.uai, q.division, q.pupil_id, q.local FROM school_group q WHERE q.uai IN (`+set+`)`, arg)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	there, taken = map[issue]bool{}, map[string]bool{}
	for rows.Next() {
		var i issue
		var local string
		if err := rows.Scan(&i.kind, &i.scope, &i.uai, &i.division, &i.pupil, &local); err != nil {
			return nil, nil, err
		}
		there[i], taken[local] = true, true
	}
	return there, taken, rows.Err()
}

// addTaken adds to taken those of the local parts of records that the directory gave before such were kept for groups,
// and tells whether there are any.
func (s *Service) addTaken(ctx context.Context, tx *store.Tx, taken map[string]bool, records []store.Record) (found bool, err error) {
	addresses := make([]string, len(records))
	for i, r := range records {
		addresses[i] = r.Texts[2] + "@" + s.cfg.Domain
	}
	set, arg := tx.Dialect().TextSet(1, addresses)
	rows, err := tx.Query(ctx, `SELECT address FROM address WHERE address IN (`+set+`)`, arg)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	for rows.Next() {
		var address string
		if err := rows.Scan(&address); err != nil {
			return false, err
		}
		local, _, _ := strings.Cut(address, "@")
		taken[local], found = true, true
	}
	return found, rows.Err()
}

// insert writes groups; those that somebody else has just issued stay as they are.
func insert(ctx context.Context, tx *store.Tx, records []store.Record) error {
	staged, arg := tx.Dialect().Records(1, []string{"id", "kind", "scope", "pupil"}, []string{"uai", "division", "local"}, records)
	_, err := tx.Exec(ctx, `INSERT INTO school_group (group_id, kind, scope, uai, division, pupil_id, local, issued_at)
		SELECT id, kind, scope, uai, division, pupil, local, CAST($2 AS BIGINT) FROM (`+staged+`) AS s WHERE 1 = 1
		ON CONFLICT (uai, scope, division, pupil_id, kind) DO NOTHING`, arg, tx.NowMicros())
	return err
}
