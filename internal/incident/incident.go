package incident

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"navette/internal/audit"
	"navette/internal/content"
	"navette/internal/failure"
	"navette/internal/guard"
	"navette/internal/identity"
	"navette/internal/store"
)

// Clock is how long the authority may be told after the académie became aware.
const Clock = 72 * time.Hour

// KeepYears is how long an entry is kept after it was decided: as long as a claim may be made.
const KeepYears = 5

// wordsMax bounds a text of the register, in characters.
const wordsMax = 1000

// Incident is one entry of the register.
type Incident struct {
	ID       int64
	Delivery int64  // 0: not by a message of ours
	Reporter string // login, or "" for an administrator
	What     string
	Happened time.Time
	Aware    time.Time
	Counts
	Decision
	DecidedBy string // "" until it is decided
	Decided   time.Time
}

// Deadline is when the authority must have been told, if it has to be.
func (i Incident) Deadline() time.Time { return i.Aware.Add(Clock) }

// Counts are how many were concerned.
type Counts struct {
	Exposed int // guardians and pupils whose addresses were seen
	Others  int // other people outside whose addresses were seen
	Inside  int // mailboxes of ours that received it
	Outside int // addresses outside that did
}

// Decision is what the académie does about it.
type Decision struct {
	Notified time.Time // the authority; zero: not
	Informed time.Time // the people concerned; zero: not
	Reason   string    // why, either way
	Measures string    // what was done
}

// Report is what somebody tells.
type Report struct {
	Delivery int64     // message; 0: something else, by an administrator
	Account  int64     // who tells, and sent the message; 0: an administrator
	What     string    // without addresses
	Aware    time.Time // zero: now
	Happened time.Time // of something else; of a message it is known
	Counts             // of something else
}

// Standings tells what addresses are for an account; *reach.Service does.
type Standings interface {
	Standings(ctx context.Context, sender int64, addresses []string) ([]guard.Standing, error)
}

// Config is what a Service needs.
type Config struct {
	DB        *store.DB
	Contents  *content.Contents
	Standings Standings
	Now       func() time.Time
	Log       *slog.Logger
}

// Service keeps the register. Its methods may be called from many goroutines; Watch from one.
type Service struct {
	cfg       Config
	undecided atomic.Int64 // when Watch last looked
}

// New gives the service.
func New(cfg Config) *Service { return &Service{cfg: cfg} }

// Declare writes an entry. failure.Permanent for words that are missing, too long or hold an address, and for hours that
// cannot be; failure.NotFound for a message that is not there or not the account's; failure.Conflict for one that is in
// the register.
func (s *Service) Declare(ctx context.Context, by identity.By, r Report) (id int64, err error) {
	if err := checkWords(r.What, true); err != nil {
		return 0, err
	}
	now := s.cfg.Now()
	m := measured{Counts: r.Counts, happened: r.Happened}
	if r.Delivery != 0 {
		if m, err = s.measure(ctx, r); err != nil {
			return 0, err
		}
	} else if r.Account != 0 {
		return 0, errNoMessage()
	}
	if r.Aware.IsZero() {
		r.Aware = now
	}
	if m.happened.IsZero() || m.happened.After(r.Aware) || r.Aware.After(now) || m.Exposed < 0 || m.Others < 0 || m.Inside < 0 || m.Outside < 0 {
		return 0, failure.New(failure.Permanent, "Ces heures ou ces nombres ne se peuvent pas : les faits précèdent la connaissance qu'on en a."+
			" / These hours or numbers cannot be: what happens comes before it is known.")
	}
	if id, err = s.cfg.DB.NewIDs(ctx, "incident", 1); err != nil {
		return 0, err
	}
	err = s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error { return s.write(ctx, tx, by, id, r, m) })
	return id, err
}

func errNoMessage() error {
	return failure.New(failure.NotFound, "Ce message n'est pas un des vôtres. / This message is none of yours.")
}

func (s *Service) write(ctx context.Context, tx *store.Tx, by identity.By, id int64, r Report, m measured) error {
	n, err := tx.Exec(ctx, `INSERT INTO incident (incident_id, delivery_id, reporter, what, happened_at, aware_at, recorded_at, exposed, others, inside, outside,
			notified_at, informed_at, reason, measures, decided_by, decided_at, alarmed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 0, '', '', '', 0, 0) ON CONFLICT DO NOTHING`,
		id, r.Delivery, r.Account, strings.TrimSpace(r.What), m.happened.UnixMicro(), r.Aware.UnixMicro(), s.cfg.Now().UnixMicro(),
		m.Exposed, m.Others, m.Inside, m.Outside)
	if err == nil && n == 0 {
		err = failure.New(failure.Conflict, "Ce message est déjà dans le registre. / This message is in the register already.")
	}
	if err != nil {
		return fmt.Errorf("write an incident: %w", err)
	}
	for _, reader := range m.readers {
		if _, err := tx.Exec(ctx, `INSERT INTO incident_reader (incident_id, reader_id) VALUES ($1, $2)`, id, reader); err != nil {
			return fmt.Errorf("write the readers of an incident: %w", err)
		}
	}
	return audit.Append(ctx, tx, audit.Entry{Actor: by.Actor, Action: "incident.declare", Subject: fmt.Sprintf("incident:%d", id), Reason: by.Reason,
		Detail: fmt.Sprintf(`{"delivery":%d,"exposed":%d,"others":%d,"inside":%d,"outside":%d}`, r.Delivery, m.Exposed, m.Others, m.Inside, m.Outside)})
}

// checkWords refuses a text with an address: the register is printed and exported.
func checkWords(text string, needed bool) error {
	text = strings.TrimSpace(text)
	switch {
	case needed && text == "":
		return failure.New(failure.Permanent, "Dites en quelques mots ce qui s'est passé, ou pourquoi. / Say in a few words what happened, or why.")
	case utf8.RuneCountInString(text) > wordsMax:
		return failure.New(failure.Permanent, "Ce texte dépasse %d signes. / This text is longer than %d characters.", wordsMax, wordsMax)
	case strings.Contains(text, "@"):
		return failure.New(failure.Permanent, "N'écrivez aucune adresse ici : le registre est communiqué. / Write no address here: the register is passed on.")
	}
	return nil
}

// Decide notes what is done about an incident; a later decision takes the place of an earlier one, and the journal has
// both. The reason is needed, notified or not.
func (s *Service) Decide(ctx context.Context, by identity.By, id int64, d Decision) error {
	if err := errors.Join(checkWords(d.Reason, true), checkWords(d.Measures, false)); err != nil {
		return err
	}
	if now := s.cfg.Now(); d.Notified.After(now) || d.Informed.After(now) {
		return failure.New(failure.Permanent, "Cette date n'est pas encore passée. / This day has not come yet.")
	}
	return s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, `UPDATE incident SET notified_at = $2, informed_at = $3, reason = $4, measures = $5, decided_by = $6, decided_at = $7 WHERE incident_id = $1`,
			id, micros(d.Notified), micros(d.Informed), strings.TrimSpace(d.Reason), strings.TrimSpace(d.Measures), by.Actor, s.cfg.Now().UnixMicro())
		if err == nil && n == 0 {
			err = failure.New(failure.NotFound, "Cet incident n'est pas au registre. / This incident is not in the register.")
		}
		if err != nil {
			return fmt.Errorf("decide on incident %d: %w", id, err)
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: by.Actor, Action: "incident.decide", Subject: fmt.Sprintf("incident:%d", id), Reason: d.Reason,
			Detail: fmt.Sprintf(`{"notified":%t,"informed":%t}`, !d.Notified.IsZero(), !d.Informed.IsZero())})
	})
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func timeOf(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros)
}

const columns = `SELECT i.incident_id, i.delivery_id, COALESCE(a.login, ''), i.what, i.happened_at, i.aware_at, i.exposed, i.others, i.inside, i.outside,
	i.notified_at, i.informed_at, i.reason, i.measures, i.decided_by, i.decided_at FROM incident i LEFT JOIN account a ON a.account_id = i.reporter`

// List gives the register, the oldest first.
func (s *Service) List(ctx context.Context) (list []Incident, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		list = nil
		rows, err := tx.Query(ctx, columns+` ORDER BY i.incident_id`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			i, err := scan(rows)
			if err != nil {
				return err
			}
			list = append(list, i)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("read the register: %w", err)
	}
	return list, nil
}

func scan(rows *sql.Rows) (i Incident, err error) {
	var happened, aware, notified, informed, decided int64
	err = rows.Scan(&i.ID, &i.Delivery, &i.Reporter, &i.What, &happened, &aware, &i.Exposed, &i.Others, &i.Inside, &i.Outside,
		&notified, &informed, &i.Reason, &i.Measures, &i.DecidedBy, &decided)
	i.Happened, i.Aware, i.Notified, i.Informed, i.Decided = timeOf(happened), timeOf(aware), timeOf(notified), timeOf(informed), timeOf(decided)
	return i, err
}
