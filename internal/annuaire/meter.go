package annuaire

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"navette/internal/audit"
	"navette/internal/failure"
	"navette/internal/store"
)

// Limits are how many entries an account may be shown that are new to it, in an hour of the clock and in twenty-four. Colleagues
// are not counted, nor what was shown before; of a name that somebody types letter by letter only the last answer is.
type Limits struct{ Hour, Day int }

// DefaultLimits let a secretary look up two hundred people an hour, most of whom are not the first of their name, and
// a day of that. Who would copy the directory of an académie of 25,000 needs weeks, and stands in the journal each day.
func DefaultLimits() Limits { return Limits{Hour: 1000, Day: 3000} }

const (
	typingPause  = time.Minute // after which another word is another search, even if it goes on from the last
	typingCredit = 40          // entries of one name being typed that are taken back at most
	flushEvery   = 5 * time.Second
	flushAt      = 100              // entries that are written down at once
	reloadEvery  = 30 * time.Second // what other nodes showed is read again
	forgetAfter  = 2 * time.Hour
)

// meter counts what accounts are shown. The counts of all nodes meet in annuaire_use, where each adds its own every few
// seconds: who asks several nodes may be shown a few seconds' worth more.
type meter struct {
	cfg Config

	mu      sync.Mutex
	uses    map[int64]*use
	flushed time.Time
}

// use is what an account was shown.
type use struct {
	read    time.Time      // when hour and day were read
	hour    int            // shown in this hour, as of read and what was added here since
	day     int            // the same of twenty-four hours
	ofHour  int64          // which hour that is
	pending int            // part of it that is not written down yet
	seen    map[int64]bool // accounts that were shown, since seenFrom
	from    time.Time      // when seen began
	last    time.Time      // the last answer
	text    string         // what was typed for it
	charged []int64        // and what it cost: the accounts that were new, 0 for a vacancy
	credit  int            // what was taken back for the name that is being typed
	told    bool           // the journal knows of this hour
}

func newMeter(cfg Config) *meter { return &meter{cfg: cfg, uses: map[int64]*use{}} }

func hourOf(t time.Time) int64 { return t.Unix() / 3600 }

// admit refuses who was shown too much.
func (m *meter) admit(ctx context.Context, who Asker) error {
	if who.Operator {
		return nil
	}
	now := m.cfg.Now()
	m.mu.Lock()
	u := m.use(who.Account, now)
	fresh := !u.read.IsZero() && u.ofHour == hourOf(now) && now.Sub(u.read) < reloadEvery
	m.mu.Unlock()
	if !fresh {
		if err := errors.Join(m.write(ctx), m.read(ctx, who.Account, now)); err != nil {
			return err
		}
	}
	m.mu.Lock()
	over := u.hour >= m.cfg.Limits.Hour || u.day >= m.cfg.Limits.Day
	tell := over && !u.told
	u.told = u.told || over
	whole := u.day >= m.cfg.Limits.Day
	m.mu.Unlock()
	if !over {
		return nil
	}
	if tell {
		if err := m.tell(ctx, who.Account, now); err != nil {
			return err
		}
	}
	return refusal(now.In(m.cfg.Zone), whole)
}

func refusal(now time.Time, whole bool) error {
	if whole {
		return failure.New(failure.Policy, "Vous avez consulté aujourd'hui plus de fiches de l'annuaire que la règle ne permet : réessayez demain. Pour une liste, demandez-la à la DSI. / "+
			"Today you have looked at more entries of the directory than the rule allows: try again tomorrow. For a list, ask the DSI.")
	}
	next := now.Truncate(time.Hour).Add(time.Hour)
	return failure.New(failure.Policy, "Vous avez consulté en une heure plus de fiches de l'annuaire que la règle ne permet : réessayez à partir de %s. Pour une liste, demandez-la à la DSI. / "+
		"In one hour you have looked at more entries of the directory than the rule allows: try again from %s. For a list, ask the DSI.", next.Format("15 h 04"), next.Format("15:04"))
}

// read takes what all nodes have written down, and adds what this one has not.
func (m *meter) read(ctx context.Context, account int64, now time.Time) error {
	hour := hourOf(now)
	var ofHour, ofDay int
	var told bool
	err := m.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT COALESCE(sum(CASE WHEN hour = $2 THEN shown ELSE 0 END), 0), COALESCE(sum(shown), 0),
			COALESCE(max(CASE WHEN hour = $2 THEN told ELSE 0 END), 0) FROM annuaire_use WHERE account_id = $1 AND hour > $2 - 24`, account, hour).
			Scan(&ofHour, &ofDay, &told)
	})
	if err != nil {
		return failure.Wrap(failure.Temporary, fmt.Errorf("read the use of the directory: %w", err),
			"L'annuaire est momentanément indisponible. / The directory is unavailable at the moment.")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	u := m.use(account, now)
	u.read, u.ofHour, u.told = now, hour, told
	u.hour, u.day = ofHour+u.pending, ofDay+u.pending
	if now.Sub(u.from) > 24*time.Hour {
		clear(u.seen)
		u.from = now
	}
	return nil
}

// shown counts an answer to what was typed ("" where nobody types): the entries of strangers that are new to the account.
func (m *meter) shown(ctx context.Context, who Asker, typed string, strangers []*record) error {
	if who.Operator {
		return nil
	}
	now := m.cfg.Now()
	m.mu.Lock()
	u := m.use(who.Account, now)
	back := u.takeBack(typed, now)
	var fresh []int64
	for _, r := range strangers {
		if r.account == 0 || !u.seen[r.account] { // vacancies have no number: each counts
			fresh = append(fresh, r.account)
		}
		if r.account != 0 {
			u.seen[r.account] = true
		}
	}
	cost := len(fresh) - back
	u.last, u.text, u.charged = now, typed, fresh
	u.hour, u.day, u.pending = u.hour+cost, u.day+cost, u.pending+cost
	due := u.pending >= flushAt
	m.mu.Unlock()
	if !due {
		return nil
	}
	return m.write(ctx)
}

// use gives what an account was shown, which may have been forgotten since it was last looked at. m.mu is held.
func (m *meter) use(account int64, now time.Time) *use {
	u := m.uses[account]
	if u == nil {
		u = &use{seen: map[int64]bool{}, from: now}
		m.uses[account] = u
	}
	return u
}

// typed is the text of a query as it is typed, behind its filters, "" for one that pages: that is not typing.
func (q Query) typed() string {
	text := strings.Join(words(q.Text), " ")
	if text == "" || q.After != "" || q.Limit > DefaultLimit {
		return ""
	}
	return fmt.Sprintf("%q %q %q %v %s", q.UAI, q.Function, q.Department, q.Kinds, text)
}

// takeBack gives what the answer before cost, where this query goes on typing it, or takes letters of it away. What is
// taken back was not shown, for the count: where the new answer shows it again it costs again, so that to ask twice is
// no cheaper than to ask once.
func (u *use) takeBack(text string, now time.Time) int {
	if u.text == "" || text == "" || now.Sub(u.last) > typingPause || !strings.HasPrefix(text, u.text) && !strings.HasPrefix(u.text, text) {
		u.credit = 0
		return 0
	}
	back := u.charged[:min(len(u.charged), typingCredit-u.credit)]
	u.credit += len(back)
	for _, account := range back {
		delete(u.seen, account)
	}
	return len(back)
}

// flush writes down what is pending, at times, and forgets who has not asked for long.
func (m *meter) flush(ctx context.Context) error {
	now := m.cfg.Now()
	m.mu.Lock()
	due := now.Sub(m.flushed) >= flushEvery
	if due {
		m.flushed = now
		for account, u := range m.uses {
			if u.pending == 0 && now.Sub(u.last) > forgetAfter && now.Sub(u.read) > forgetAfter {
				delete(m.uses, account)
			}
		}
	}
	m.mu.Unlock()
	if !due {
		return nil
	}
	return m.write(ctx)
}

// write adds what is pending to the table. What is not written for an error stays pending; an unknown outcome counts as
// written: it is a count, and the account's gain.
func (m *meter) write(ctx context.Context) error {
	now := m.cfg.Now()
	pending := map[int64]int{}
	var rows [][]int64
	m.mu.Lock()
	for account, u := range m.uses {
		if u.pending != 0 {
			rows = append(rows, []int64{account, u.ofHour, int64(u.pending)})
			pending[account], u.pending = u.pending, 0
		}
	}
	m.mu.Unlock()
	if len(rows) == 0 {
		return nil
	}
	err := m.cfg.DB.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		staged, arg := tx.Dialect().Rows(1, []string{"account_id", "hour", "shown"}, rows)
		if _, err := tx.Exec(ctx, `INSERT INTO annuaire_use (account_id, hour, shown, told) SELECT account_id, hour, shown, 0 FROM (`+staged+`) AS s WHERE true
			ON CONFLICT (account_id, hour) DO UPDATE SET shown = annuaire_use.shown + excluded.shown`, arg); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM annuaire_use WHERE hour < $1`, hourOf(now)-48)
		return err
	})
	if err == nil {
		return nil
	}
	if !failure.Is(err, failure.CommitUnknown) {
		m.mu.Lock()
		for account, n := range pending {
			if u := m.uses[account]; u != nil {
				u.pending += n
			}
		}
		m.mu.Unlock()
	}
	return fmt.Errorf("write down the use of the directory: %w", err)
}

// errTold ends a transaction that has nothing to tell.
var errTold = errors.New("told already")

// tell has the journal say, once an hour and account whatever the nodes, that somebody asks for too much.
func (m *meter) tell(ctx context.Context, account int64, now time.Time) error {
	err := m.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, `INSERT INTO annuaire_use (account_id, hour, shown, told) VALUES ($1, $2, 0, 1)
			ON CONFLICT (account_id, hour) DO UPDATE SET told = 1 WHERE annuaire_use.told = 0`, account, hourOf(now))
		if err != nil {
			return err
		}
		if n == 0 {
			return errTold
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: "annuaire", Action: "annuaire.excess", Subject: fmt.Sprintf("account:%d", account),
			Reason: "plus de fiches consultées que la règle ne permet"})
	})
	if err == nil || errors.Is(err, errTold) {
		return nil
	}
	return fmt.Errorf("tell of the use of the directory: %w", err)
}
