package frame

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/store"
)

// token draws a link's, and gives what the database keeps of it.
func (s *Service) token() (text string, hash []byte, err error) {
	var random [16]byte
	if _, err := io.ReadFull(s.cfg.Random, random[:]); err != nil {
		return "", nil, fmt.Errorf("draw the token of a link: %w", err)
	}
	text = base64.RawURLEncoding.EncodeToString(random[:])
	return text, hashOf(text), nil
}

func hashOf(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// Propose asks somebody to be in a frame, and gives their number in it. Whoever was asked before and did not agree is
// asked again, with a new link. failure.Conflict where they are in it; failure.Policy where they were asked less than an
// hour ago, or refused or withdrew lately: who said no is left in peace for LinkDays; failure.Permanent for what is no
// address, or not that of one person.
func (s *Service) Propose(ctx context.Context, a Actor, id int64, p Proposal) (number int64, err error) {
	if err := s.oneself(ctx, p); err != nil {
		return 0, err
	}
	token, hash, err := s.token()
	if err != nil {
		return 0, err
	}
	var f Frame
	var m asking
	err = s.change(ctx, a, id, func(tx *store.Tx, frame Frame) error {
		f = frame
		if m, err = s.proposed(ctx, tx, f, p); err != nil {
			return err
		}
		if number, err = s.ask(ctx, tx, f, m, Asked, "", hash, s.cfg.Now().AddDate(0, 0, LinkDays)); err != nil {
			return err
		}
		return journal(ctx, tx, a.By, "frame.propose", id, number, "")
	})
	if err != nil {
		return 0, err
	}
	return number, s.mail(ctx, m.address, askLetter(f, m.name, s.pageOf(token), s.cfg.Now().AddDate(0, 0, LinkDays)))
}

// oneself refuses a typed address where nobody's own mail arrives, before anything is written.
func (s *Service) oneself(ctx context.Context, p Proposal) error {
	address := strings.TrimSpace(p.Address)
	if p.Guardian != 0 || directory.MatchKey(address) == "" {
		return nil // proposed tells what is wrong
	}
	_, err := s.resolve(ctx, address)
	return err
}

// asking is somebody who is asked, as the frame will have them.
type asking struct {
	guardian      int64
	name, address string
}

// proposed finds whom a proposal names.
func (s *Service) proposed(ctx context.Context, tx *store.Tx, f Frame, p Proposal) (asking, error) {
	m := asking{guardian: p.Guardian, name: strings.TrimSpace(p.Name), address: strings.TrimSpace(p.Address)}
	if p.Guardian != 0 {
		var forename, surname string
		err := tx.QueryRow(ctx, `SELECT g.forename, g.usage_name, g.mail FROM guardian g WHERE g.guardian_id = $1 AND g.absent_at = 0 AND EXISTS (
				SELECT 1 FROM guardianship a JOIN school_year y ON y.year = a.year AND y.state = 1
				JOIN enrolment e ON e.year = a.year AND e.pupil_id = a.pupil_id WHERE a.guardian_id = g.guardian_id AND e.uai = $2)`,
			p.Guardian, f.UAI).Scan(&forename, &surname, &m.address)
		if errors.Is(err, sql.ErrNoRows) {
			return m, failure.New(failure.NotFound, "Ce responsable n'a pas d'enfant dans l'établissement. / This guardian has no child in the school.")
		}
		if err != nil {
			return m, fmt.Errorf("read guardian %d: %w", p.Guardian, err)
		}
		m.name = directory.DisplayName(forename, surname)
	}
	switch {
	case m.name == "" || len(m.name) > 200 || strings.ContainsAny(m.name, "\r\n"):
		return m, failure.New(failure.Permanent, "Dites qui est cette personne. / Say who this is.")
	case m.address == "":
		return m, failure.New(failure.Permanent, "Cette personne n'a pas d'adresse connue : recueillez son accord sur papier, avec une adresse."+
			" / This person has no known address: ask for it on paper.")
	case directory.MatchKey(m.address) == "":
		return m, failure.New(failure.Permanent, "Cette adresse est incorrecte. / This is no address.")
	}
	return m, nil
}

// ask writes a member, or what becomes of one who was asked before.
func (s *Service) ask(ctx context.Context, tx *store.Tx, f Frame, m asking, state State, paper string, hash []byte, linkUntil time.Time) (number int64, err error) {
	key := directory.MatchKey(m.address)
	var before State
	var answered, until int64
	err = tx.QueryRow(ctx, `SELECT member_id, state, answered_at, link_until FROM frame_member WHERE frame_id = $1 AND mail_key = $2`, f.ID, key).
		Scan(&number, &before, &answered, &until)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		if err := tx.QueryRow(ctx, `SELECT COALESCE(max(member_id), 0) + 1 FROM frame_member WHERE frame_id = $1`, f.ID).Scan(&number); err != nil {
			return 0, err
		}
	case err != nil:
		return 0, fmt.Errorf("read a member of frame %d: %w", f.ID, err)
	case before.counts():
		return 0, failure.New(failure.Conflict, "Cette personne est déjà dans le cadre. / This person is in the frame already.")
	case state == Asked && (before == Refused || before == Withdrawn) && time.UnixMicro(answered).AddDate(0, 0, LinkDays).After(s.cfg.Now()):
		return 0, failure.New(failure.Policy, "Cette personne a dit non il y a moins de %d jours. / This person said no less than %d days ago.", LinkDays, LinkDays)
	case state == Asked && before == Asked && linkUntil.Before(time.UnixMicro(until).Add(askAgain)):
		return 0, failure.New(failure.Policy, "Cette personne a été sollicitée il y a moins d'une heure. / This person was asked less than an hour ago.")
	}
	answer := int64(0)
	if state != Asked {
		answer = tx.NowMicros()
	}
	_, err = tx.Exec(ctx, `INSERT INTO frame_member (frame_id, member_id, guardian_id, name, mail, mail_key, state, asked_at, answered_at, paper, link_hash, link_until)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		ON CONFLICT (frame_id, member_id) DO UPDATE SET guardian_id = excluded.guardian_id, name = excluded.name, mail = excluded.mail, state = excluded.state,
			asked_at = excluded.asked_at, answered_at = excluded.answered_at, paper = excluded.paper, link_hash = excluded.link_hash, link_until = excluded.link_until`,
		f.ID, number, m.guardian, m.name, m.address, key, int(state), tx.NowMicros(), answer, paper, hash, linkUntil.UnixMicro())
	if err != nil {
		return 0, fmt.Errorf("ask a member of frame %d: %w", f.ID, err)
	}
	return number, nil
}

// Paper records that somebody agreed on paper on a day, and where the paper is kept; they are told, with a link to
// withdraw. It fails as Propose does, but for who said no lately: a signature is a later answer.
func (s *Service) Paper(ctx context.Context, a Actor, id int64, p Proposal, on directory.Date, kept string) (number int64, err error) {
	kept = strings.TrimSpace(kept)
	if kept == "" || len(kept) > 200 || on.IsZero() || on.Compare(s.today()) > 0 {
		return 0, failure.New(failure.Permanent, "Dites de quel jour est l'accord, et où il est conservé. / Say of which day the consent is, and where it is kept.")
	}
	if err := s.oneself(ctx, p); err != nil {
		return 0, err
	}
	token, hash, err := s.token()
	if err != nil {
		return 0, err
	}
	var f Frame
	var m asking
	err = s.change(ctx, a, id, func(tx *store.Tx, frame Frame) error {
		f = frame
		if m, err = s.proposed(ctx, tx, f, p); err != nil {
			return err
		}
		if number, err = s.ask(ctx, tx, f, m, OnPaper, on.String()+" "+kept, hash, s.end(f)); err != nil {
			return err
		}
		return journal(ctx, tx, a.By, "frame.paper", id, number, fmt.Sprintf(`{"on":%q}`, on))
	})
	if err != nil {
		return 0, err
	}
	return number, s.mail(ctx, m.address, paperLetter(f, m.name, on, s.pageOf(token)))
}

// end is when the links of those who agreed end: with the frame.
func (s *Service) end(f Frame) time.Time {
	d := f.Until.AddDays(1)
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, s.cfg.Zone)
}

// Remove takes somebody out of a frame, as the head.
func (s *Service) Remove(ctx context.Context, a Actor, id, number int64) error {
	return s.change(ctx, a, id, func(tx *store.Tx, _ Frame) error {
		n, err := tx.Exec(ctx, `UPDATE frame_member SET state = $3, answered_at = $4, link_hash = NULL WHERE frame_id = $1 AND member_id = $2`,
			id, number, int(Removed), tx.NowMicros())
		if err == nil && n == 0 {
			err = failure.New(failure.NotFound, "Cette personne n'est pas dans le cadre. / This person is not in the frame.")
		}
		if err != nil {
			return fmt.Errorf("remove member %d of frame %d: %w", number, id, err)
		}
		return journal(ctx, tx, a.By, "frame.remove", id, number, "")
	})
}
