package frame

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/store"
)

// Question is what the page of a link shows. It holds nothing about anybody else but how many they are.
type Question struct {
	School  string
	Frame   string
	Purpose string
	Name    string // of who is asked
	Address string // which they would show, or show
	Until   string // ISO 8601, the last day
	Others  int    // who are in it
	State   State
	Over    bool // the frame is
}

// Answer is what somebody says to it.
type Answer string

// The answers.
const (
	Accept   Answer = "accept"
	Refuse   Answer = "refuse"
	Withdraw Answer = "withdraw"
)

// errNoLink says the same of a link that was never made and of one that is over.
func errNoLink() error {
	return failure.New(failure.NotFound, "Ce lien n'est plus valable. Si vous vouliez répondre, demandez à l'établissement de vous en envoyer un autre."+
		" / This link is not valid any more. If you meant to answer, ask the school to send you another.")
}

// asked is the member of a link.
type asked struct {
	number int64
	Question
	frame Frame
}

// ofLink reads it: failure.NotFound where the link does not open.
func (s *Service) ofLink(ctx context.Context, tx *store.Tx, token string) (q asked, err error) {
	var frame int64
	var state int
	var linkUntil int64
	err = tx.QueryRow(ctx, `SELECT frame_id, member_id, name, mail, state, link_until FROM frame_member WHERE link_hash = $1`, hashOf(token)).
		Scan(&frame, &q.number, &q.Name, &q.Address, &state, &linkUntil)
	if errors.Is(err, sql.ErrNoRows) || err == nil && linkUntil <= s.cfg.Now().UnixMicro() {
		return q, errNoLink()
	}
	if err != nil {
		return q, fmt.Errorf("look for a link: %w", err)
	}
	f, err := readFrame(ctx, tx, frame)
	if err != nil {
		return q, err
	}
	q.frame, q.State, q.Over = f, State(state), s.over(f)
	q.School, q.Frame, q.Purpose, q.Until, q.Others = f.School, f.Name, f.Purpose, f.Until.String(), f.Agreed
	if q.State.counts() {
		q.Others--
	}
	return q, nil
}

// Read gives what a link asks. It changes nothing. failure.NotFound where the link does not open.
func (s *Service) Read(ctx context.Context, token string) (Question, error) {
	var q asked
	err := s.cfg.DB.Read(ctx, func(tx *store.Tx) (err error) {
		q, err = s.ofLink(ctx, tx, token)
		return err
	})
	return q.Question, err
}

// Answer takes an answer: Accept and Refuse of who has not answered, Withdraw of who agreed; the same answer again is no
// error. It acts when it returns. failure.Conflict where it is no answer to what was asked, failure.NotFound as Read.
func (s *Service) Answer(ctx context.Context, token string, answer Answer) (State, error) {
	var now State
	err := s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		// The row is locked: what the head does to it meanwhile comes before or after.
		if _, err := tx.Exec(ctx, `UPDATE frame_member SET link_until = link_until WHERE link_hash = $1`, hashOf(token)); err != nil {
			return fmt.Errorf("lock a link: %w", err)
		}
		q, err := s.ofLink(ctx, tx, token)
		if err != nil {
			return err
		}
		next, err := q.State.after(answer)
		if err != nil {
			return err
		}
		if now = next; next == q.State {
			return nil
		}
		if q.Over && answer == Accept {
			return errNoLink()
		}
		until := s.cfg.Now().AddDate(0, 0, LinkDays)
		if next.counts() {
			until = s.end(q.frame)
		}
		if _, err := tx.Exec(ctx, `UPDATE frame_member SET state = $3, answered_at = $4, link_until = $5 WHERE frame_id = $1 AND member_id = $2`,
			q.frame.ID, q.number, int(next), tx.NowMicros(), until.UnixMicro()); err != nil {
			return fmt.Errorf("take an answer for frame %d: %w", q.frame.ID, err)
		}
		return journal(ctx, tx, identity.By{Actor: "lien"}, "frame."+string(answer), q.frame.ID, q.number, "")
	})
	return now, err
}

// after is the state that an answer leads to.
func (s State) after(answer Answer) (State, error) {
	switch {
	case answer == Accept && (s == Asked || s.counts()):
		return max(s, Agreed), nil
	case answer == Refuse && (s == Asked || s == Refused):
		return Refused, nil
	case answer == Withdraw && (s.counts() || s == Withdrawn):
		return Withdrawn, nil
	}
	return s, failure.New(failure.Conflict, "Vous avez déjà répondu. / You have answered already.")
}
