package box

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"navette/internal/directory"
	"navette/internal/store"
)

// Orphan is a box that nobody owns: « boîte sans propriétaire ». Its mail still comes in, and members read it, but
// nobody may say who they are.
type Orphan struct {
	Box     int64
	Login   string
	Display string
	Since   directory.Date
	Members int // who still read it
}

// owned is the clause that the box k has an owner on the day of parameter n. Whoever is suspended owns for now nothing.
func owned(n string) string {
	return `EXISTS (SELECT 1 FROM box_member m JOIN account a ON a.account_id = m.member_id WHERE m.account_id = k.account_id AND m.role = 'owner'
		AND m.since <= ` + n + ` AND (m.until = '' OR m.until >= ` + n + `) AND a.state IN ('appointed', 'active'))`
}

// Orphans gives the boxes without an owner, those for the longest time first. A box that lost its owner since the last
// Refresh stands there too.
func (s *Service) Orphans(ctx context.Context) (list []Orphan, err error) {
	today := s.today().String()
	err = s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		list = nil
		rows, err := tx.Query(ctx, `SELECT k.account_id, b.login, b.display_name, CASE k.orphan_since WHEN '' THEN $1 ELSE k.orphan_since END AS since,
				(SELECT count(DISTINCT m.member_id) FROM `+members+` WHERE m.account_id = k.account_id AND `+running("$1")+`)
			FROM box k JOIN account b ON b.account_id = k.account_id WHERE NOT `+owned("$1")+` ORDER BY since, b.login`, today)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var o Orphan
			var since string
			if err := rows.Scan(&o.Box, &o.Login, &o.Display, &since, &o.Members); err != nil {
				return err
			}
			if o.Since, err = directory.ParseDate(since); err != nil {
				return err
			}
			list = append(list, o)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("list boxes without an owner: %w", err)
	}
	s.orphans.Store(int64(len(list)))
	return list, nil
}

// OrphanCount is how many boxes had no owner when this process last looked (Orphans, Refresh): a metric.
func (s *Service) OrphanCount() int64 { return s.orphans.Load() }

// markAllOrphans notes since when boxes have no owner, and tells the log of those that lost theirs.
func (s *Service) markAllOrphans(ctx context.Context) (orphans int, err error) {
	list, err := s.Orphans(ctx)
	if err != nil {
		return 0, err
	}
	today := s.today().String()
	var changed, lost int64
	err = s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*), COALESCE(sum(CASE k.orphan_since WHEN '' THEN 1 ELSE 0 END), 0) FROM box k
			WHERE (k.orphan_since = '') <> `+owned("$1"), today).Scan(&changed, &lost)
	})
	if err == nil && changed > 0 {
		err = s.cfg.DB.Write(ctx, store.Bulk, func(tx *store.Tx) error { return markOrphans(ctx, tx, today, allBoxes) })
	}
	if err != nil {
		return 0, err
	}
	if lost > 0 {
		s.logOrphans(ctx, slices.DeleteFunc(slices.Clone(list), func(o Orphan) bool { return o.Since.String() != today }))
	}
	return len(list), nil
}

// namedInLog is how many boxes one line of the log names; `navette box orphans` names all.
const namedInLog = 5

func (s *Service) logOrphans(ctx context.Context, lost []Orphan) {
	var names []string
	for _, o := range lost[:min(len(lost), namedInLog)] {
		names = append(names, o.Login)
	}
	s.cfg.Log.WarnContext(ctx, "boxes without an owner / boîtes sans propriétaire", "boxes", strings.Join(names, " "), "others", len(lost)-len(names))
}

// allBoxes stands for every box where one is asked for: no account has it.
const allBoxes = 0

// markOrphans brings the mark of a box, or of allBoxes, to whether it has an owner.
func markOrphans(ctx context.Context, tx *store.Tx, today string, box int64) error {
	_, err := tx.Exec(ctx, `UPDATE box AS k SET orphan_since = CASE k.orphan_since WHEN '' THEN $1 ELSE '' END, told = 0
		WHERE (k.account_id = $2 OR $2 = 0) AND (k.orphan_since = '') <> `+owned("$1"), today, box)
	if err != nil {
		return fmt.Errorf("mark boxes without an owner: %w", err)
	}
	return nil
}
