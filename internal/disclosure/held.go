package disclosure

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/store"
)

// Holding is what is held under an address.
type Holding struct {
	AsOf     string   // ISO 8601 day of the newest AAF export of the current year, or ""
	People   []Person // guardians and pupils who have the address now
	Marks    []School // schools that marked it by hand as a family's
	Former   []Former // schools whose guardian's or pupil's it was
	Frames   []Frame  // consent frames
	Received int      // separate copies of messages of the last months
}

// School is an establishment.
type School struct{ UAI, Name string }

// Person is somebody who has the address.
type Person struct {
	Pupil   bool // else a guardian
	Name    string
	Address string  // as it is held
	Pupils  []Pupil // of a guardian, whose legal one they are; of a pupil, themselves
	Contact bool    // of a guardian: for a pupil, too, whose legal one they are not, and of whom they are told nothing
}

// Pupil is a pupil in a school of the current year.
type Pupil struct {
	Forename  string
	School    School
	Divisions []string // class, then groups
}

// Former is an address that changed: it stays protected until a day.
type Former struct {
	School School
	Until  string // ISO 8601
}

// Frame is a consent frame that the address was proposed for.
type Frame struct {
	Name, School string
	Until        string // ISO 8601, the last day
	Agreed       bool   // and in it now; else asked, refused, or withdrawn
}

// errNoLink says the same of a link that was never made, was opened, or is over.
func errNoLink() error {
	return failure.New(failure.NotFound, "Ce lien n'est plus valable : il ne s'ouvre qu'une fois, pendant 24 heures. Demandez-en un autre."+
		" / This link is not valid any more: it opens once, for 24 hours. Ask for another.")
}

// Open gives what is held under the address that a link was sent to, once. failure.NotFound where the link does not open.
func (s *Service) Open(ctx context.Context, token string) (h Holding, err error) {
	today := directory.DateOf(s.cfg.Now().In(s.cfg.Zone)).String()
	err = s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		h = Holding{}
		var key string
		var asked int64
		err := tx.QueryRow(ctx, `SELECT mail_key, asked_at FROM disclosure WHERE link_hash = $1`, hashOf(token)).Scan(&key, &asked)
		if errors.Is(err, sql.ErrNoRows) {
			return errNoLink()
		}
		if err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `DELETE FROM disclosure WHERE link_hash = $1`, hashOf(token))
		if err != nil {
			return err
		}
		if n == 0 || asked < s.cfg.Now().Add(-LinkLife).UnixMicro() {
			return errNoLink()
		}
		return s.read(ctx, tx, key, today, &h)
	})
	if err != nil {
		return Holding{}, fmt.Errorf("open a link to what is held: %w", err)
	}
	return h, nil
}

// addressOf gives the address of a question as it is held; "" where it is not, or had a letter lately.
func (s *Service) addressOf(ctx context.Context, q question) (address string, err error) {
	today := directory.DateOf(s.cfg.Now().In(s.cfg.Zone)).String()
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		address = ""
		var lately int
		err := tx.QueryRow(ctx, `SELECT count(*) FROM disclosure WHERE mail_key = $1 AND state = 1 AND asked_at > $2`, q.key, s.cfg.Now().Add(-again).UnixMicro()).Scan(&lately)
		if err != nil || lately > 0 {
			return err
		}
		var h Holding
		if err := s.read(ctx, tx, q.key, today, &h); err != nil {
			return err
		}
		switch {
		case len(h.People) > 0:
			address = h.People[0].Address
		case len(h.Marks)+len(h.Former)+len(h.Frames) > 0:
			address = q.key
		}
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("look for what is held: %w", err)
	}
	return address, nil
}

// read gathers what is held under a key.
func (s *Service) read(ctx context.Context, tx *store.Tx, key, today string, h *Holding) (err error) {
	err = tx.QueryRow(ctx, `SELECT as_of FROM school_year WHERE state = 1`).Scan(&h.AsOf)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("read the school year: %w", err)
	}
	if h.People, err = people(ctx, tx, key); err != nil {
		return err
	}
	if h.Marks, err = marks(ctx, tx, key); err != nil {
		return err
	}
	if h.Former, err = former(ctx, tx, s.cfg.Digest(key), today); err != nil {
		return err
	}
	if h.Frames, err = frames(ctx, tx, key, today); err != nil {
		return err
	}
	h.Received, err = s.cfg.Copies.CopiesTo(ctx, tx, key)
	return err
}
