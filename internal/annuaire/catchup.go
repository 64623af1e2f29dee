package annuaire

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/store"
)

// CatchUpEvery is how often Run looks for changes.
const CatchUpEvery = 500 * time.Millisecond

// staleAfter is how long a view is searched without having been compared with the database.
const staleAfter = 10 * time.Second

// accountsAtOnce is how many changed accounts one query reads.
const accountsAtOnce = 5000

// Run keeps the index up to date, and writes down what was shown, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	failing := false
	for {
		start := time.Now()
		err := errors.Join(s.CatchUp(ctx), s.meter.flush(ctx))
		if (err != nil) != failing && ctx.Err() == nil {
			if failing = err != nil; failing {
				s.cfg.Log.ErrorContext(ctx, "the directory cannot be caught up", "error", err)
			} else {
				s.cfg.Log.InfoContext(ctx, "the directory is caught up again")
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(max(CatchUpEvery, 3*time.Since(start))):
		}
	}
}

// CatchUp makes the index what the database is. Call it after a change of one's own to see it at once here.
func (s *Service) CatchUp(ctx context.Context) error {
	s.catching.Lock()
	defer s.catching.Unlock()
	started := s.cfg.Now()
	var next *view
	err := s.cfg.DB.Read(ctx, func(tx *store.Tx) (err error) {
		next, err = s.read(ctx, tx, s.current.Load())
		return err
	})
	if err != nil {
		return fmt.Errorf("catch up the directory: %w", err)
	}
	s.current.Store(next)
	s.seen.Store(started.UnixMicro())
	return nil
}

// read gives the view of a snapshot, made from the one before where that is less work.
func (s *Service) read(ctx context.Context, tx *store.Tx, before *view) (*view, error) {
	version, err := tx.Meta(ctx, "directory")
	if err != nil {
		return nil, err
	}
	epoch, err := tx.Meta(ctx, "epoch")
	if err != nil {
		return nil, err
	}
	today := s.today()
	l := &loader{tx: tx, today: today, zone: s.cfg.Zone, words: map[string]string{}}
	// Of another epoch or an earlier version is a database that was restored.
	ours := before != nil && before.epoch == epoch && before.version <= version && before.day == today
	if ours && before.version == version {
		return before, nil
	}
	if err := l.readSchools(ctx); err != nil {
		return nil, err
	}
	known := maps.Clone(l.schools)
	var next *view
	if ours && !before.schoolsChanged(known) {
		next, err = l.update(ctx, before)
	} else {
		next, err = l.all(ctx)
	}
	if err != nil {
		return nil, err
	}
	next.version, next.epoch, next.day, next.schools = version, epoch, today, known
	return next, nil
}

// all reads everything.
func (l *loader) all(ctx context.Context) (*view, error) {
	records, err := l.records(ctx, nil)
	if err != nil {
		return nil, err
	}
	vacant, err := l.vacancies(ctx, nil)
	if err != nil {
		return nil, err
	}
	return newView(records, vacant), nil
}

// update reads what changed after a view.
func (l *loader) update(ctx context.Context, before *view) (*view, error) {
	accounts, err := l.changed(ctx, before.version)
	if err != nil {
		return nil, err
	}
	if len(accounts) > max(rebuildAt, len(before.base.records)/4) {
		return l.all(ctx)
	}
	var records []*record
	for some := range slices.Chunk(accounts, accountsAtOnce) {
		read, err := l.records(ctx, some)
		if err != nil {
			return nil, err
		}
		records = append(records, read...)
	}
	uais, err := l.touched(ctx, accounts, records)
	if err != nil {
		return nil, err
	}
	vacant, err := l.vacancies(ctx, uais)
	if err != nil {
		return nil, err
	}
	return before.with(accounts, records, uais, vacant), nil
}

// sinceQuery reads what the history has after a version. It names the order of its index, which SQLite would leave for
// the table's: a scan of the history of everybody.
const sinceQuery = `SELECT account_id FROM history WHERE version > $1 ORDER BY version, account_id`

// changed gives the accounts of which the history has something after a version, ascending.
func (l *loader) changed(ctx context.Context, version int64) (accounts []int64, err error) {
	rows, err := l.tx.Query(ctx, sinceQuery, version)
	if err != nil {
		return nil, fmt.Errorf("read changes: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var account int64
		if err := rows.Scan(&account); err != nil {
			return nil, fmt.Errorf("read changes: %w", err)
		}
		accounts = append(accounts, account)
	}
	slices.Sort(accounts)
	return slices.Compact(accounts), rows.Err()
}

// touched gives the establishments whose posts or box may have changed with accounts: where they ever worked, for
// functions are never deleted, and whose box they are.
func (l *loader) touched(ctx context.Context, accounts []int64, records []*record) ([]string, error) {
	uais := map[string]bool{}
	for _, r := range records {
		for _, p := range r.posts {
			uais[p.school.UAI] = true
		}
	}
	set, arg := l.tx.Dialect().IntSet(1, accounts)
	rows, err := l.tx.Query(ctx, `SELECT DISTINCT f.uai FROM function f JOIN account a ON a.person_id = f.person_id WHERE a.account_id IN (`+set+`)`, arg)
	if err != nil {
		return nil, fmt.Errorf("read establishments of changes: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var uai string
		if err := rows.Scan(&uai); err != nil {
			return nil, fmt.Errorf("read establishments of changes: %w", err)
		}
		uais[uai] = true
	}
	return slices.Sorted(maps.Keys(uais)), rows.Err()
}

// now gives the view to search: one that was compared with the database lately.
func (s *Service) now(ctx context.Context) (*view, error) {
	if v := s.current.Load(); v != nil && s.cfg.Now().Sub(time.UnixMicro(s.seen.Load())) < staleAfter {
		return v, nil
	}
	if err := s.CatchUp(ctx); err != nil {
		return nil, failure.Wrap(failure.Temporary, err, "L'annuaire est momentanément indisponible. / The directory is unavailable at the moment.")
	}
	return s.current.Load(), nil
}

// today is the day in the académie's zone.
func (s *Service) today() directory.Date { return directory.DateOf(s.cfg.Now().In(s.cfg.Zone)) }
