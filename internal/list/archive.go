package list

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"navette/internal/audience"
	"navette/internal/directory"
	"navette/internal/store"
)

// Archive is the archive of a list as one account may read it.
type Archive struct {
	List    int64 // account
	Login   string
	Display string
	Owner   bool // sees what waits for an owner too; members see what was posted alone
}

// ArchivesOf gives the archives that an account may read now, by login: of the lists that it owns, archived or not, and of
// the archived ones that it is a member of. It evaluates rules on the account's own functions: what it costs grows with
// the number of archived rules, not with the académie.
func (s *Service) ArchivesOf(ctx context.Context, account int64) (archives []Archive, err error) {
	today := s.today()
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		lists, err := s.listsOf(ctx, tx, account, today)
		if err != nil {
			return err
		}
		owned, err := ids(ctx, tx, `SELECT o.account_id FROM list_owner o JOIN account c ON c.account_id = o.owner_id WHERE o.owner_id = $1 AND `+openAccount, account)
		if err != nil {
			return err
		}
		archives, err = readArchives(ctx, tx, lists, owned)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("archives of account %d: %w", account, err)
	}
	return archives, nil
}

// ArchiveOf is ArchivesOf for one list; may is false where the account may not read it.
func (s *Service) ArchiveOf(ctx context.Context, account, list int64) (a Archive, may bool, err error) {
	all, err := s.ArchivesOf(ctx, account)
	if i := slices.IndexFunc(all, func(a Archive) bool { return a.List == list }); err == nil && i >= 0 {
		return all[i], true, nil
	}
	return Archive{}, false, err
}

func readArchives(ctx context.Context, tx *store.Tx, lists, owned []int64) (archives []Archive, err error) {
	set, arg := tx.Dialect().IntSet(1, lists)
	ownedSet, ownedArg := tx.Dialect().IntSet(2, owned)
	rows, err := tx.Query(ctx, `SELECT l.account_id, c.login, c.display_name FROM list l JOIN account c ON c.account_id = l.account_id
		WHERE (l.archive = 1 AND l.account_id IN (`+set+`)) OR l.account_id IN (`+ownedSet+`) ORDER BY c.login`, arg, ownedArg)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var a Archive
		if err := rows.Scan(&a.List, &a.Login, &a.Display); err != nil {
			return nil, err
		}
		a.Owner = slices.Contains(owned, a.List)
		archives = append(archives, a)
	}
	return archives, rows.Err()
}

// listsOf gives the lists that an account is a member of, ascending: directly, by a rule, or through lists within them.
func (s *Service) listsOf(ctx context.Context, tx *store.Tx, account int64, today string) ([]int64, error) {
	var state string
	if err := tx.QueryRow(ctx, `SELECT state FROM account WHERE account_id = $1`, account).Scan(&state); err != nil {
		return nil, err
	}
	if state == directory.StateDeparted.String() {
		return nil, nil
	}
	found, err := rulesOf(ctx, tx, account, today)
	if err != nil {
		return nil, err
	}
	known := map[int64]bool{}
	for _, list := range found {
		known[list] = true
	}
	for holders := append([]int64{account}, found...); len(holders) > 0; {
		set, arg := tx.Dialect().IntSet(1, holders)
		outer, err := ids(ctx, tx, `SELECT DISTINCT m.account_id FROM list_member m JOIN list l ON l.account_id = m.account_id WHERE m.member_id IN (`+set+`)`, arg)
		if err != nil {
			return nil, err
		}
		holders = slices.DeleteFunc(outer, func(list int64) bool { return known[list] })
		for _, list := range holders {
			known[list] = true
		}
		found = append(found, holders...)
	}
	slices.Sort(found)
	return found, nil
}

// rulesOf gives the lists by rule whose expression one of the account's current functions satisfies.
func rulesOf(ctx context.Context, tx *store.Tx, account int64, today string) (lists []int64, err error) {
	held, err := functionsOf(ctx, tx, account, today)
	if err != nil || len(held) == 0 {
		return nil, err
	}
	rows, err := tx.Query(ctx, `SELECT account_id, expression FROM list WHERE kind = 'rule' ORDER BY account_id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	words := audience.NewVocabulary(audience.Known{}).Lenient()
	for rows.Next() {
		var list int64
		var expression string
		if err := rows.Scan(&list, &expression); err != nil {
			return nil, err
		}
		e, err := audience.Parse(expression, words)
		if err != nil {
			return nil, fmt.Errorf("read the expression of list %d: %w", list, err)
		}
		if slices.ContainsFunc(held, func(f audience.Function) bool { return audience.Matches(e, f) }) {
			lists = append(lists, list)
		}
	}
	return lists, rows.Err()
}

func functionsOf(ctx context.Context, tx *store.Tx, account int64, today string) (held []audience.Function, err error) {
	rows, err := tx.Query(ctx, `SELECT f.category, f.corps, f.function, f.uai, f.discipline FROM `+holders+` WHERE c.account_id = $2 AND `+current, today, account)
	if err != nil {
		return nil, fmt.Errorf("functions of account %d: %w", account, err)
	}
	defer rows.Close()
	for rows.Next() {
		var f audience.Function
		if err := rows.Scan(&f.Category, &f.Corps, &f.Fonction, &f.UAI, &f.Discipline); err != nil {
			return nil, err
		}
		f.UAI = strings.ToUpper(f.UAI)
		held = append(held, f)
	}
	return held, rows.Err()
}
