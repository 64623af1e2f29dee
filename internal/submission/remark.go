package submission

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"navette/internal/notice"
	"navette/internal/store"
)

// toldAtOnce is how many remarks an account gets one by one in a day; more of them come together when the day is over.
const toldAtOnce = 3

// remarksKept is how long remarks stay: those of today are counted.
const remarksKept = 48 * time.Hour

// remark is what a sender is told of one message.
type remark struct {
	id              int64
	at              time.Time
	subject         string
	french, english []string
}

// remark notes what there is to say of a message, and says it, unless the account was told often today. What could not
// be said is said with the others when the day is over.
func (s *Service) remark(ctx context.Context, account int64, r remark) error {
	var err error
	if r.id, err = s.db.NewIDs(ctx, "remark", 1); err != nil {
		return err
	}
	r.at = s.cfg.Now()
	var before int
	err = s.db.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM remark WHERE account_id = $1 AND at >= $2`, account, startOfDay(r.at).UnixMicro()).Scan(&before); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO remark (account_id, remark_id, at, subject, french, english, told) VALUES ($1, $2, $3, $4, $5, $6, 0)`,
			account, r.id, r.at.UnixMicro(), r.subject, strings.Join(r.french, "\n"), strings.Join(r.english, "\n"))
		return err
	})
	if err != nil || before >= toldAtOnce {
		return err
	}
	return s.say(ctx, account, []remark{r})
}

func startOfDay(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}

// say puts remarks into one notice; that they were made is noted with it, so that each is made once.
func (s *Service) say(ctx context.Context, account int64, list []remark) error {
	ids := make([]int64, len(list))
	for i, r := range list {
		ids[i] = r.id
	}
	return s.cfg.Teller.TellWithin(ctx, account, letter(list), func(ctx context.Context, tx *store.Tx) error {
		set, arg := tx.Dialect().IntSet(2, ids)
		_, err := tx.Exec(ctx, `UPDATE remark SET told = 1 WHERE account_id = $1 AND remark_id IN (`+set+`)`, account, arg)
		return err
	})
}

// letter is the notice of remarks.
func letter(list []remark) notice.Notice {
	var fr, en strings.Builder
	for _, r := range list {
		fmt.Fprintf(&fr, "\n%s, « %s » :\n", r.at.Format("02/01/2006 15:04"), r.subject)
		fmt.Fprintf(&en, "\n%s, \"%s\":\n", r.at.Format("2006-01-02 15:04"), r.subject)
		for _, line := range r.french {
			fmt.Fprintf(&fr, "  - %s\n", line)
		}
		for _, line := range r.english {
			fmt.Fprintf(&en, "  - %s\n", line)
		}
	}
	return notice.Notice{Subject: "Des adresses protégées dans un message que vous avez envoyé",
		Body: "Bonjour,\n\nvotre message est parti. Voici ce qu'il faut savoir des adresses de responsables ou d'élèves qui s'y trouvent :\n" + fr.String() +
			"\n---\n\nHello,\n\nyour message was sent. This is what to know about the addresses of guardians or pupils in it:\n" + en.String()}
}

// foldedMax bounds how many messages one notice tells of; the oldest come first.
const foldedMax = 50

// Fold tells senders together what they were not told on days that are over, and forgets old remarks. It is for a job.
func (s *Service) Fold(ctx context.Context) error {
	now := s.cfg.Now()
	waiting, err := s.untold(ctx, startOfDay(now))
	if err != nil {
		return fmt.Errorf("remarks to fold: %w", err)
	}
	for account, list := range waiting {
		for some := range slices.Chunk(list, foldedMax) {
			if err := s.say(ctx, account, some); err != nil {
				s.cfg.Log.Error("a sender is not told of their messages", "account", account, "error", err)
				break
			}
		}
	}
	return s.db.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM remark WHERE told = 1 AND at < $1`, now.Add(-remarksKept).UnixMicro())
		return err
	})
}

// untold reads the remarks of before an instant that nobody was told, by account, the oldest first.
func (s *Service) untold(ctx context.Context, before time.Time) (by map[int64][]remark, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		by = map[int64][]remark{}
		rows, err := tx.Query(ctx, `SELECT account_id, remark_id, at, subject, french, english FROM remark
			WHERE told = 0 AND at < $1 ORDER BY account_id, remark_id`, before.UnixMicro())
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var account, at int64
			var r remark
			var fr, en string
			if err := rows.Scan(&account, &r.id, &at, &r.subject, &fr, &en); err != nil {
				return err
			}
			r.at, r.french, r.english = time.UnixMicro(at).In(before.Location()), strings.Split(fr, "\n"), strings.Split(en, "\n")
			by[account] = append(by[account], r)
		}
		return rows.Err()
	})
	return by, err
}
