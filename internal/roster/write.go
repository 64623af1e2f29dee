package roster

import (
	"context"
	"fmt"
	"slices"

	"navette/internal/career"
	"navette/internal/directory"
	"navette/internal/history"
	"navette/internal/identity"
	"navette/internal/mailbox"
	"navette/internal/store"
)

// write makes a plan true in one transaction. It fails with errConflict when somebody changed the
// directory after the plan was made.
func (r *run) write(ctx context.Context, p *plan) error {
	if err := r.takeIDs(ctx, p); err != nil {
		return err
	}
	numens, late := r.numensOf(p)
	var changes []history.Row
	for _, s := range p.subjects {
		changes = append(changes, s.changes(r.cfg.Domain, r.source)...)
	}
	if r.by.Actor != "" {
		for i := range changes {
			changes[i].Actor = r.by.Actor
		}
	}
	firstChange, err := r.cfg.DB.NewIDs(ctx, history.IDs, int64(len(changes)+len(p.subjects))) // some may return
	if err != nil {
		return err
	}
	return r.cfg.DB.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		// The counter's row stays locked to commit: plans are written one after the other.
		version, err := tx.NextMeta(ctx, "directory")
		if err != nil {
			return err
		}
		if version != p.version+1 {
			return errConflict
		}
		w := writer{tx: tx, domain: r.cfg.Domain, plan: p}
		if err := career.OpenAddresses(ctx, tx, p.departed()); err != nil { // what is closed is no address to be replaced
			return err
		}
		for _, step := range []func(context.Context) error{
			w.insertPeople, w.insertAccounts, w.retireAddresses, w.insertAddresses, w.restoreAddresses,
			w.insertFunctions, w.updatePeople, w.updateAccounts, w.updateFunctions,
		} {
			if err := step(ctx); err != nil {
				return err
			}
		}
		if accounts := p.newAccounts(); len(accounts) > 0 {
			if err := mailbox.Provision(ctx, tx, accounts, r.cfg.Quota); err != nil {
				return err
			}
		}
		if len(numens) > 0 {
			if err := r.cfg.Numens.SealNumens(ctx, tx, numens); err != nil {
				return err
			}
		}
		if len(late) > 0 {
			if err := r.cfg.Numens.ReplaceNumens(ctx, tx, late); err != nil {
				return err
			}
		}
		if err := history.Append(ctx, tx, firstChange, changes); err != nil {
			return err
		}
		if err := w.confirm(ctx); err != nil {
			return err
		}
		if r.within != nil {
			return r.within(ctx, tx)
		}
		return w.reopenAccounts(ctx, firstChange+int64(len(changes)), r.source) // last: it locks the journal
	})
}

// takeIDs gives joiners their ids, before the transaction.
func (r *run) takeIDs(ctx context.Context, p *plan) error {
	var joiners []*subject
	for _, s := range p.subjects {
		if s.isNew {
			joiners = append(joiners, s)
		}
	}
	if len(joiners) == 0 {
		return nil
	}
	person, err := r.cfg.DB.NewIDs(ctx, "person", int64(len(joiners)))
	if err != nil {
		return err
	}
	account, err := r.cfg.DB.NewIDs(ctx, "account", int64(len(joiners)))
	if err != nil {
		return err
	}
	for i, s := range joiners {
		s.person.ID, s.account = person+int64(i), account+int64(i)
	}
	return nil
}

func (p *plan) newAccounts() []int64 {
	var accounts []int64
	for _, s := range p.subjects {
		if s.isNew {
			accounts = append(accounts, s.account)
		}
	}
	return accounts
}

// numensOf gives the first secrets of the joiners, and those that come late for people who wait.
func (r *run) numensOf(p *plan) (first, late []identity.Numen) {
	if r.cfg.Numens == nil {
		return nil, nil
	}
	for _, s := range p.subjects {
		n := identity.Numen{Account: s.account, NUMEN: s.numen}
		switch {
		case s.isNew && s.numen != "":
			first = append(first, n)
		case s.newNumen:
			late = append(late, n)
		}
	}
	return first, late
}

// writer writes the parts of a plan, each in one statement.
type writer struct {
	tx     *store.Tx
	domain string
	plan   *plan
}

// exec runs a statement over staged rows, unless there are none. query has a %s where the
// sub-query of the rows goes; the rows are parameter 1.
func (w *writer) exec(ctx context.Context, what string, columns []column, rows [][]any, query string, args ...any) error {
	if len(rows) == 0 {
		return nil
	}
	staged, arg, err := stage(w.tx.Dialect(), 1, columns, rows)
	if err == nil {
		_, err = w.tx.Exec(ctx, fmt.Sprintf(query, staged), append([]any{arg}, args...)...)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// insert adds staged rows to a table, with further columns that are the same in all of them.
func (w *writer) insert(ctx context.Context, table string, columns []column, rows [][]any, constant string, value any) error {
	return w.exec(ctx, "insert into "+table, columns, rows,
		"INSERT INTO "+table+" ("+names(columns)+", "+constant+") SELECT "+names(columns)+", $2 FROM (%s) AS s", value)
}

var personColumns = []column{intColumn("person_id"), textColumn("id_rh"), textColumn("civility"), textColumn("birth_name"), textColumn("usage_name"),
	textColumn("forenames"), textColumn("birth_date"), textColumn("reference"), intColumn("created_at")}

func (w *writer) personRow(s *subject) []any {
	p := s.person
	return []any{p.ID, p.HRID, p.Civility, p.BirthName, p.UsageName, p.Forenames, p.Birth.String(), s.reference, w.tx.NowMicros()}
}

func (w *writer) insertPeople(ctx context.Context) error {
	var rows [][]any
	for _, s := range w.plan.subjects {
		if s.isNew {
			rows = append(rows, w.personRow(s))
		}
	}
	return w.insert(ctx, "person", personColumns, rows, "updated_at", w.tx.NowMicros())
}

func (w *writer) updatePeople(ctx context.Context) error {
	var rows [][]any
	for _, s := range w.plan.subjects {
		if s.before != nil {
			rows = append(rows, w.personRow(s))
		}
	}
	return w.exec(ctx, "update people", personColumns, rows, `UPDATE person SET civility = s.civility, birth_name = s.birth_name, usage_name = s.usage_name,
		id_rh = s.id_rh, forenames = s.forenames, birth_date = s.birth_date, reference = s.reference, updated_at = $2 FROM (%s) AS s WHERE person.person_id = s.person_id`, w.tx.NowMicros())
}

func (w *writer) insertAccounts(ctx context.Context) error {
	var rows [][]any
	for _, s := range w.plan.subjects {
		if s.isNew {
			rows = append(rows, []any{s.account, s.person.ID, directory.KindPerson.String(), s.login, s.state.String(), s.display, int64(1), w.tx.NowMicros()})
		}
	}
	columns := []column{intColumn("account_id"), intColumn("person_id"), textColumn("kind"), textColumn("login"), textColumn("state"),
		textColumn("display_name"), intColumn("auth_epoch"), intColumn("created_at")}
	return w.insert(ctx, "account", columns, rows, "updated_at", w.tx.NowMicros())
}

func (w *writer) updateAccounts(ctx context.Context) error {
	var rows [][]any
	for _, s := range w.plan.subjects {
		if s.before != nil {
			rows = append(rows, []any{s.account, s.display})
		}
	}
	return w.exec(ctx, "update accounts", []column{intColumn("account_id"), textColumn("display_name")}, rows,
		`UPDATE account SET display_name = s.display_name, updated_at = $2 FROM (%s) AS s WHERE account.account_id = s.account_id`, w.tx.NowMicros())
}

// retireAddresses makes the primary addresses of renamed people former ones: they still receive.
func (w *writer) retireAddresses(ctx context.Context) error {
	var rows [][]any
	for _, s := range w.plan.subjects {
		if !s.isNew && s.primary != "" {
			rows = append(rows, []any{s.account})
		}
	}
	return w.exec(ctx, "retire addresses", []column{intColumn("account_id")}, rows,
		`UPDATE address SET kind = $2 WHERE kind = $3 AND account_id IN (%s)`, directory.AddressFormer.String(), directory.AddressPrimary.String())
}

var addressColumns = []column{textColumn("address"), intColumn("account_id"), textColumn("kind"), textColumn("reference")}

// insertAddresses issues primary addresses, and to joiners login@domain besides.
func (w *writer) insertAddresses(ctx context.Context) error {
	var rows [][]any
	for _, s := range w.plan.subjects {
		if s.primary != "" && !s.takenBack {
			rows = append(rows, []any{s.primary + "@" + w.domain, s.account, directory.AddressPrimary.String(), s.reference})
		}
		if s.isNew {
			rows = append(rows, []any{s.login + "@" + w.domain, s.account, directory.AddressAlias.String(), s.reference})
		}
	}
	return w.insert(ctx, "address", addressColumns, rows, "issued_at", w.tx.NowMicros())
}

// restoreAddresses makes former addresses of people who return to a name primary again.
func (w *writer) restoreAddresses(ctx context.Context) error {
	var rows [][]any
	for _, s := range w.plan.subjects {
		if s.takenBack {
			rows = append(rows, []any{s.primary + "@" + w.domain})
		}
	}
	return w.exec(ctx, "restore addresses", []column{textColumn("address")}, rows,
		`UPDATE address SET kind = $2 WHERE address IN (%s)`, directory.AddressPrimary.String())
}

var functionColumns = []column{intColumn("person_id"), intColumn("function_id"), textColumn("corps"), textColumn("category"), textColumn("function"),
	textColumn("uai"), textColumn("starts"), textColumn("ends"), textColumn("reference"), textColumn("discipline")}

// functionRows gives the functions of all subjects that are wanted.
func (w *writer) functionRows(wanted func(*held) bool) [][]any {
	var rows [][]any
	for _, s := range w.plan.subjects {
		for _, h := range s.functions {
			if wanted(h) {
				rows = append(rows, []any{s.person.ID, h.ID, h.Corps, h.Category, h.Fonction, h.UAI, h.Start.String(), h.End.String(), h.Reference,
					h.Discipline})
			}
		}
	}
	return rows
}

func (w *writer) insertFunctions(ctx context.Context) error {
	return w.insert(ctx, "function", functionColumns, w.functionRows(func(h *held) bool { return h.isNew }), "ended_at", 0)
}

func (w *writer) updateFunctions(ctx context.Context) error {
	return w.exec(ctx, "update functions", functionColumns, w.functionRows(func(h *held) bool { return h.dirty && !h.isNew }),
		`UPDATE function SET corps = s.corps, category = s.category, discipline = s.discipline, ends = s.ends, reference = s.reference, ended_at = 0
		FROM (%s) AS s WHERE function.person_id = s.person_id AND function.function_id = s.function_id`)
}

// departed gives the accounts of the plan whose holders have left, and that the lines change.
func (p *plan) departed() []int64 {
	var accounts []int64
	for _, s := range p.subjects {
		if s.state == directory.StateDeparted && s.changed() {
			accounts = append(accounts, s.account)
		}
	}
	return accounts
}

// reopenAccounts lets people back in whom HR employs again: a function that is not over yet was named or changed. The
// addresses of the others who have left are closed again, also those that were issued just now.
func (w *writer) reopenAccounts(ctx context.Context, firstID int64, source func(line int) string) error {
	today := directory.DateOf(w.tx.Now().UTC())
	employed := func(h *held) bool { return (h.isNew || h.dirty) && (h.End.IsZero() || h.End.Compare(today) >= 0) }
	var still []int64
	returns := func(s *subject) bool { return slices.ContainsFunc(s.functions, employed) }
	for _, s := range w.plan.subjects {
		if s.state == directory.StateDeparted && s.changed() && !returns(s) {
			still = append(still, s.account)
		}
	}
	if err := career.CloseAgain(ctx, w.tx, still); err != nil {
		return err
	}
	for i, s := range w.plan.subjects {
		if s.state != directory.StateDeparted || !returns(s) {
			continue
		}
		by := identity.By{Actor: actor, Reason: "HR file"}
		if err := career.Reopen(ctx, w.tx, by, s.account, firstID+int64(i), source(s.line)); err != nil {
			return fmt.Errorf("reopen account %d: %w", s.account, err)
		}
	}
	return nil
}
