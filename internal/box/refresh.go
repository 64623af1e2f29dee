package box

import (
	"context"
	"fmt"
	"slices"
	"time"

	"navette/internal/directory"
	"navette/internal/history"
	"navette/internal/identity"
	"navette/internal/store"
)

// Refreshed counts what a round did.
type Refreshed struct {
	Made    int // boxes of establishments that had none
	Renamed int // boxes of establishments that changed their name
	Altered int // roles that began, changed or ended
	Orphans int // boxes that have no owner now
}

// Refresh makes the boxes of establishments that have none, and brings roles to what functions say today. It may run
// on several nodes, and as often as anybody likes: what is as it should be is left alone.
func (s *Service) Refresh(ctx context.Context) (r Refreshed, err error) {
	if r.Made, err = s.makeSchools(ctx); err != nil {
		return r, fmt.Errorf("boxes of establishments: %w", err)
	}
	if r.Renamed, err = s.rename(ctx); err != nil {
		return r, fmt.Errorf("names of boxes: %w", err)
	}
	if r.Altered, err = s.deriveAll(ctx); err != nil {
		return r, fmt.Errorf("roles by function: %w", err)
	}
	if r.Orphans, err = s.markAllOrphans(ctx); err != nil {
		return r, fmt.Errorf("boxes without an owner: %w", err)
	}
	if r.Made+r.Renamed+r.Altered > 0 {
		s.cfg.Log.InfoContext(ctx, "boxes refreshed", "made", r.Made, "renamed", r.Renamed, "altered", r.Altered, "orphans", r.Orphans)
	}
	return r, nil
}

// byItself is how acts that follow from the directory are signed.
func byItself() identity.By { return identity.By{Actor: actor, Reason: "fonctions de direction"} }

// state is what the directory says of the boxes of some accounts, and what their members are.
type state struct {
	holdings map[int64][]holding    // by box
	rows     map[int64][]alteration // what stands in box_member, as what would be taken away
	byHand   map[int64]bool         // somebody with an open account owns it by hand
	closed   map[int64]bool         // members who have left
	became   map[int64]int64        // of them, those whose record was merged into another one: the account of that
}

// deriveAll compares every box with what functions say, and settles those that differ, some at a time.
func (s *Service) deriveAll(ctx context.Context) (altered int, err error) {
	var differ []int64
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		now, err := s.load(ctx, tx, nil)
		if err != nil {
			return err
		}
		differ = nil
		for _, box := range now.boxes() {
			if gone, come := s.compare(now, box); len(gone)+len(come) > 0 {
				differ = append(differ, box)
			}
		}
		return nil
	})
	for some := range slices.Chunk(differ, atOnce) {
		if err != nil {
			break
		}
		var n int
		n, err = s.settleSome(ctx, some)
		altered += n
	}
	return altered, err
}

// settleSome brings some boxes to what functions say, in one transaction.
func (s *Service) settleSome(ctx context.Context, boxes []int64) (n int, err error) {
	most := len(boxes)*changesOfBox + changesAtOnce
	first, err := s.cfg.DB.NewIDs(ctx, history.IDs, int64(most))
	if err != nil {
		return 0, err
	}
	err = s.cfg.DB.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		n = 0
		if _, err := tx.LockAccounts(ctx, boxes...); err != nil {
			return err
		}
		done, err := s.settle(ctx, tx, boxes, most)
		if err != nil || len(done) == 0 {
			return err
		}
		n = len(done)
		return s.note(ctx, tx, first, byItself(), "box.roles", done)
	})
	return n, err
}

// How many roles one transaction changes at most: so many for each of its boxes, and some more. What is beyond waits for
// the next round.
const (
	changesOfBox  = 8
	changesAtOnce = 256
)

// settle writes what functions say of boxes that are locked, at most so many changes, and gives them.
func (s *Service) settle(ctx context.Context, tx *store.Tx, boxes []int64, most int) (done []alteration, err error) {
	now, err := s.load(ctx, tx, boxes)
	if err != nil {
		return nil, err
	}
	for _, box := range now.boxes() {
		gone, come := s.compare(now, box)
		if len(done)+len(gone)+len(come) > most {
			break
		}
		for _, a := range gone {
			if err := deleteRole(ctx, tx, a); err != nil {
				return nil, fmt.Errorf("box %d: %w", box, err)
			}
		}
		for _, a := range come {
			if err := insertRole(ctx, tx, a); err != nil {
				return nil, fmt.Errorf("box %d: %w", box, err)
			}
		}
		done = append(done, told(gone, come)...)
	}
	return done, nil
}

// told joins an end and a beginning that are one change (another last day) into one alteration.
func told(gone, come []alteration) (done []alteration) {
	for _, c := range come {
		at := slices.IndexFunc(gone, func(g alteration) bool { return g.member == c.member && g.source == c.source && g.was == c.is })
		if at >= 0 {
			c.was = gone[at].was
			gone = slices.Delete(slices.Clone(gone), at, at+1)
		}
		done = append(done, c)
	}
	return append(gone, done...)
}

// compare gives the rows of a box that should not be, and those that should.
func (s *Service) compare(now *state, box int64) (gone, come []alteration) {
	wanted := map[alteration]bool{}
	for _, g := range next(derive(s.today(), now.holdings[box], now.byHand[box], s.cfg.Rules)) {
		wanted[alteration{box: box, member: g.member, source: g.source, is: g.role, since: g.since, until: g.until}] = true
	}
	for _, row := range now.rows[box] {
		stands := row
		stands.was, stands.is = "", row.was
		switch {
		case wanted[stands]:
			delete(wanted, stands)
		case row.source != ByHand:
			gone = append(gone, row)
		case now.closed[row.member]:
			gone = append(gone, row)
			if heir := now.became[row.member]; heir != 0 && !now.byHandIn(box, heir) {
				wanted[alteration{box: box, member: heir, source: ByHand, is: row.was, since: s.today()}] = true
			}
		}
	}
	for a := range wanted {
		come = append(come, a)
	}
	slices.SortFunc(come, func(a, b alteration) int { return int(a.member - b.member) })
	return gone, come
}

// byHandIn tells that somebody has a role by hand in a box already.
func (now *state) byHandIn(box, member int64) bool {
	return slices.ContainsFunc(now.rows[box], func(a alteration) bool { return a.member == member && a.source == ByHand })
}

// boxes gives the boxes of which anything is known, in ascending order.
func (now *state) boxes() []int64 {
	var ids []int64
	for box := range now.holdings {
		ids = append(ids, box)
	}
	for box := range now.rows {
		ids = append(ids, box)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// hasLeft is the clause that the holder of an account a has left, also beneath a suspension.
const hasLeft = `(a.state = 'departed' OR EXISTS (SELECT 1 FROM suspension x WHERE x.account_id = a.account_id AND x.resumes = 'departed'))`

// load reads what concerns some boxes, or all for nil.
func (s *Service) load(ctx context.Context, tx *store.Tx, boxes []int64) (*state, error) {
	now := &state{holdings: map[int64][]holding{}, rows: map[int64][]alteration{}, byHand: map[int64]bool{},
		closed: map[int64]bool{}, became: map[int64]int64{}}
	if err := s.loadHoldings(ctx, tx, now, boxes); err != nil {
		return nil, fmt.Errorf("read functions of direction: %w", err)
	}
	if err := s.loadRows(ctx, tx, now, boxes); err != nil {
		return nil, fmt.Errorf("read members: %w", err)
	}
	return now, nil
}

func (s *Service) loadHoldings(ctx context.Context, tx *store.Tx, now *state, boxes []int64) error {
	heads := directory.HeadFonctions()
	fonctions, arg := tx.Dialect().TextSet(1, append(heads, directory.DeputyFonctions()...))
	query := `SELECT k.account_id, a.account_id, CASE WHEN ` + hasLeft + ` THEN 0 ELSE 1 END, f.function, f.starts, f.ends, f.ended_at
		FROM function f JOIN box k ON k.uai = f.uai JOIN account a ON a.person_id = f.person_id
		WHERE f.uai <> '' AND f.function IN (` + fonctions + `)`
	args := []any{arg}
	if boxes != nil {
		set, arg := tx.Dialect().IntSet(2, boxes)
		query, args = query+` AND k.account_id IN (`+set+`)`, append(args, arg)
	}
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var box, endedAt int64
		var h holding
		var fonction, starts, ends string
		if err := rows.Scan(&box, &h.account, &h.open, &fonction, &starts, &ends, &endedAt); err != nil {
			return err
		}
		if h.first, h.last, err = days(starts, ends); err != nil {
			return err
		}
		if endedAt != 0 { // the feed stopped naming it: it ran to the day before, if not less
			if dropped := s.dayOf(endedAt).AddDays(-1); h.last.IsZero() || dropped.Compare(h.last) < 0 {
				h.last = dropped
			}
		}
		h.head = slices.Contains(heads, fonction)
		now.holdings[box] = append(now.holdings[box], h)
	}
	return rows.Err()
}

func (s *Service) loadRows(ctx context.Context, tx *store.Tx, now *state, boxes []int64) error {
	query, args := `SELECT m.account_id, m.member_id, m.source, m.role, m.since, m.until, CASE WHEN `+hasLeft+` THEN 1 ELSE 0 END,
			COALESCE((SELECT h.account_id FROM person p JOIN person_alias s ON s.id_rh = p.id_rh JOIN account h ON h.person_id = s.person_id
				WHERE p.person_id = a.person_id), 0)
		FROM box_member m JOIN account a ON a.account_id = m.member_id`, []any{}
	if boxes != nil {
		set, arg := tx.Dialect().IntSet(1, boxes)
		query, args = query+` WHERE m.account_id IN (`+set+`)`, []any{arg}
	}
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var a alteration
		var since, until string
		var closed bool
		var heir int64
		if err := rows.Scan(&a.box, &a.member, &a.source, &a.was, &since, &until, &closed, &heir); err != nil {
			return err
		}
		if a.since, a.until, err = days(since, until); err != nil {
			return err
		}
		now.rows[a.box] = append(now.rows[a.box], a)
		if closed {
			now.closed[a.member], now.became[a.member] = true, heir
		} else if a.source == ByHand && a.was == Owner {
			now.byHand[a.box] = true
		}
	}
	return rows.Err()
}

func (s *Service) dayOf(micros int64) directory.Date {
	return directory.DateOf(time.UnixMicro(micros).In(s.cfg.Zone))
}
