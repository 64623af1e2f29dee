package frame

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"navette/internal/audit"
	"navette/internal/content"
	"navette/internal/delivery"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/store"
)

// LinkDays is how long somebody may answer.
const LinkDays = 30

// askAgain is how long somebody who has not answered is left in peace.
const askAgain = time.Hour

// MaxDays is how far away the end of a frame may be: elections are each year.
const MaxDays = 400

// keepDays is how long the addresses of a frame that is over are kept, as evidence of what was agreed.
const keepDays = 365

// State is what a member has answered.
type State int

// The states.
const (
	Asked     State = iota
	Agreed          // by the link
	OnPaper         // agreed on paper, recorded by the head
	Refused         //
	Withdrawn       // after they had agreed
	Removed         // by the head
)

// counts tells that a member is in the frame.
func (s State) counts() bool { return s == Agreed || s == OnPaper }

// French is the state as it is shown.
func (s State) French() string {
	return [...]string{"sans réponse", "a accepté", "a accepté sur papier", "a refusé", "s'est retiré", "retiré par l'établissement"}[s]
}

// Frame is one consent frame.
type Frame struct {
	ID      int64
	UAI     string
	School  string // its name
	Name    string
	Purpose string
	Until   directory.Date
	Closed  bool
	Agreed  int // members
	Asked   int // who have not answered
}

// Member is somebody who was asked.
type Member struct {
	Number   int64
	Name     string
	Address  string // for who maintains addresses: the head
	State    State
	Answered time.Time // zero: not yet
	Paper    string    // ISO 8601 day, a space, where it is kept
}

// Proposal is somebody to ask: a guardian of the school, or a name and an address.
type Proposal struct {
	Guardian      int64
	Name, Address string
}

// Actor is who keeps frames: the head of a school, or an operator of the command line.
type Actor struct {
	By       identity.By
	Account  int64 // of the head
	Operator bool  // may keep every frame
}

// AsHead is the head, by the account that they signed in to.
func AsHead(owner identity.Owner) Actor {
	return Actor{By: owner.By("depuis les pages"), Account: owner.Account}
}

// AsOperator is an operator.
func AsOperator(by identity.By) Actor { return Actor{By: by, Operator: true} }

// Config is what a Service needs.
type Config struct {
	DB       *store.DB
	Contents *content.Contents
	Delivery delivery.Accepter
	Domain   string         // of the postmaster who asks
	Hostname string         // of Message-ID
	Origin   func() string  // where the pages are: https://NAME
	Zone     *time.Location // of the days; nil: UTC
	Now      func() time.Time
	Random   io.Reader
	Log      *slog.Logger
}

// Service keeps frames. Its methods may be called from many goroutines.
type Service struct{ cfg Config }

// New gives the service.
func New(cfg Config) *Service {
	if cfg.Zone == nil {
		cfg.Zone = time.UTC
	}
	return &Service{cfg}
}

func (s *Service) today() directory.Date { return directory.DateOf(s.cfg.Now().In(s.cfg.Zone)) }

// errNoFrame says the same of a frame that is not there and of one that is another school's.
func errNoFrame() error {
	return failure.New(failure.NotFound, "Ce cadre n'existe pas. / There is no such frame.")
}

// mayKeep refuses whoever does not direct the school today: failure.NotFound, as for a frame that is not there.
func (s *Service) mayKeep(ctx context.Context, tx *store.Tx, a Actor, uai string) error {
	if a.Operator {
		return nil
	}
	rows, err := tx.Query(ctx, `SELECT f.function FROM function f JOIN account a ON a.person_id = f.person_id
		WHERE a.account_id = $1 AND a.state = 'active' AND f.uai = $2 AND f.ended_at = 0 AND f.starts <= $3 AND (f.ends = '' OR f.ends >= $3)`,
		a.Account, uai, s.today().String())
	if err != nil {
		return fmt.Errorf("read who directs %s: %w", uai, err)
	}
	defer rows.Close()
	for rows.Next() {
		var function string
		if err := rows.Scan(&function); err != nil {
			return err
		}
		for _, head := range directory.HeadFonctions() {
			if function == head {
				return rows.Err()
			}
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return errNoFrame()
}

// Make makes a frame, and returns its id. failure.Permanent where a text is missing or too long, or the end is not within
// MaxDays; failure.NotFound for who does not direct the school.
func (s *Service) Make(ctx context.Context, a Actor, f Frame) (id int64, err error) {
	f.Name, f.Purpose = strings.TrimSpace(f.Name), strings.TrimSpace(f.Purpose)
	if f.Name == "" || f.Purpose == "" || utf8.RuneCountInString(f.Name) > 120 || utf8.RuneCountInString(f.Purpose) > 600 || strings.ContainsAny(f.Name, "\r\n") {
		return 0, failure.New(failure.Permanent, "Donnez un nom (120 signes) et dites à quoi sert le cadre (600 signes)."+
			" / Give a name (120 characters) and say what the frame is for (600 characters).")
	}
	if days := f.Until.DaysAfter(s.today()); f.Until.IsZero() || days < 1 || days > MaxDays {
		return 0, failure.New(failure.Permanent, "La date de fin est celle des prochaines élections, dans un an environ au plus."+
			" / The last day is that of the next election, about a year away at most.")
	}
	if id, err = s.cfg.DB.NewIDs(ctx, "frame", 1); err != nil {
		return 0, err
	}
	err = s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		if err := s.mayKeep(ctx, tx, a, f.UAI); err != nil {
			return err
		}
		var known int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM establishment WHERE uai = $1`, f.UAI).Scan(&known); err != nil {
			return err
		}
		if known == 0 {
			return failure.New(failure.NotFound, "Cet établissement est inconnu. / This school is not known.")
		}
		if _, err := tx.Exec(ctx, `INSERT INTO frame (frame_id, uai, name, purpose, until, made_at, closed_at) VALUES ($1, $2, $3, $4, $5, $6, 0)`,
			id, f.UAI, f.Name, f.Purpose, f.Until.String(), tx.NowMicros()); err != nil {
			return fmt.Errorf("make a frame: %w", err)
		}
		return journal(ctx, tx, a.By, "frame.make", id, 0, fmt.Sprintf(`{"uai":%q,"until":%q}`, f.UAI, f.Until))
	})
	return id, err
}

// Close ends a frame before its day. What is closed stays closed.
func (s *Service) Close(ctx context.Context, a Actor, id int64) error {
	return s.change(ctx, a, id, func(tx *store.Tx, _ Frame) error {
		if _, err := tx.Exec(ctx, `UPDATE frame SET closed_at = $2 WHERE frame_id = $1`, id, tx.NowMicros()); err != nil {
			return fmt.Errorf("close frame %d: %w", id, err)
		}
		return journal(ctx, tx, a.By, "frame.close", id, 0, "")
	})
}

// change runs a change of a frame that is not over, by who may keep it. Changes of one frame come one after the other:
// its members are numbered.
func (s *Service) change(ctx context.Context, a Actor, id int64, do func(tx *store.Tx, f Frame) error) error {
	return s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE frame SET made_at = made_at WHERE frame_id = $1`, id); err != nil {
			return fmt.Errorf("lock frame %d: %w", id, err)
		}
		f, err := readFrame(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := s.mayKeep(ctx, tx, a, f.UAI); err != nil {
			return err
		}
		if s.over(f) {
			return failure.New(failure.Policy, "Ce cadre est terminé. / This frame is over.")
		}
		return do(tx, f)
	})
}

func (s *Service) over(f Frame) bool { return f.Closed || f.Until.Compare(s.today()) < 0 }

// journal writes an entry; the actor of an answer is the link.
func journal(ctx context.Context, tx *store.Tx, by identity.By, action string, frame, member int64, detail string) error {
	subject := fmt.Sprintf("frame:%d", frame)
	if member != 0 {
		subject += fmt.Sprintf("/%d", member)
	}
	return audit.Append(ctx, tx, audit.Entry{Actor: by.Actor, Action: action, Subject: subject, Reason: by.Reason, Detail: detail})
}

const frameColumns = `SELECT f.frame_id, f.uai, COALESCE(e.name, ''), f.name, f.purpose, f.until, f.closed_at,
	(SELECT count(*) FROM frame_member m WHERE m.frame_id = f.frame_id AND m.state IN (1, 2)),
	(SELECT count(*) FROM frame_member m WHERE m.frame_id = f.frame_id AND m.state = 0)
	FROM frame f LEFT JOIN establishment e ON e.uai = f.uai`

func readFrame(ctx context.Context, tx *store.Tx, id int64) (Frame, error) {
	f, err := scanFrame(tx.QueryRow(ctx, frameColumns+` WHERE f.frame_id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return f, errNoFrame()
	}
	if err != nil {
		return f, fmt.Errorf("read frame %d: %w", id, err)
	}
	return f, nil
}

func scanFrame(row interface{ Scan(to ...any) error }) (f Frame, err error) {
	var until string
	var closed int64
	if err := row.Scan(&f.ID, &f.UAI, &f.School, &f.Name, &f.Purpose, &until, &closed, &f.Agreed, &f.Asked); err != nil {
		return f, err
	}
	f.Closed = closed != 0
	f.Until, err = directory.ParseDate(until)
	return f, err
}

// List gives the frames of a school, the latest end first.
func (s *Service) List(ctx context.Context, a Actor, uai string) (list []Frame, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		list = nil
		if err := s.mayKeep(ctx, tx, a, uai); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, frameColumns+` WHERE f.uai = $1 ORDER BY f.until DESC, f.frame_id`, uai)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			f, err := scanFrame(rows)
			if err != nil {
				return err
			}
			list = append(list, f)
		}
		return rows.Err()
	})
	return list, err
}

// Show gives a frame and its members, in the order in which they were asked.
func (s *Service) Show(ctx context.Context, a Actor, id int64) (f Frame, members []Member, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		members = nil
		if f, err = readFrame(ctx, tx, id); err != nil {
			return err
		}
		if err := s.mayKeep(ctx, tx, a, f.UAI); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT member_id, name, mail, state, answered_at, paper FROM frame_member WHERE frame_id = $1 ORDER BY member_id`, id)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var m Member
			var answered int64
			if err := rows.Scan(&m.Number, &m.Name, &m.Address, &m.State, &answered, &m.Paper); err != nil {
				return err
			}
			if answered != 0 {
				m.Answered = time.UnixMicro(answered)
			}
			members = append(members, m)
		}
		return rows.Err()
	})
	return f, members, err
}

// pageOf is the address of the page with a token.
func (s *Service) pageOf(token string) string {
	return s.cfg.Origin() + "/consentement#" + url.QueryEscape(token)
}
