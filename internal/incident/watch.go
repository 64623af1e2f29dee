package incident

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"time"

	"navette/internal/store"
)

// alarmBefore is how long before the end of the clock an incident that nobody decided on is told of.
const alarmBefore = 12 * time.Hour

// Watch tells in the log, once each, of incidents whose clock runs out and that nobody decided on, and returns how many.
// Call it each hour, or more often.
func (s *Service) Watch(ctx context.Context) (told int64, err error) {
	before := s.cfg.Now().Add(alarmBefore - Clock).UnixMicro()
	var undecided, due int64
	err = s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*), COALESCE(sum(CASE WHEN alarmed = 0 AND aware_at <= $1 THEN 1 ELSE 0 END), 0) FROM incident WHERE decided_at = 0`, before).
			Scan(&undecided, &due)
	})
	if err == nil {
		s.undecided.Store(undecided)
	}
	if err != nil || due == 0 {
		return 0, err
	}
	err = s.cfg.DB.Write(ctx, store.Bulk, func(tx *store.Tx) (err error) {
		told, err = tx.Exec(ctx, `UPDATE incident SET alarmed = 1 WHERE decided_at = 0 AND alarmed = 0 AND aware_at <= $1`, before)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("watch the clocks of incidents: %w", err)
	}
	if told > 0 {
		s.cfg.Log.ErrorContext(ctx, "breaches must be decided on: their 72 hours run out", "incidents", told)
	}
	return told, nil
}

// UndecidedCount is how many incidents nobody had decided on when Watch last looked, for the metrics.
func (s *Service) UndecidedCount() int64 { return s.undecided.Load() }

// Prune forgets entries that were decided on KeepYears ago, and returns how many.
func (s *Service) Prune(ctx context.Context) (n int64, err error) {
	before := s.cfg.Now().AddDate(-KeepYears, 0, 0).UnixMicro()
	err = s.cfg.DB.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		const old = `decided_at > 0 AND decided_at < $1`
		if _, err := tx.Exec(ctx, `DELETE FROM incident_reader WHERE incident_id IN (SELECT incident_id FROM incident WHERE `+old+`)`, before); err != nil {
			return err
		}
		n, err = tx.Exec(ctx, `DELETE FROM incident WHERE `+old, before)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("forget old incidents: %w", err)
	}
	return n, nil
}

// Export writes the register as a CSV that the authority and the data protection officer can read: no address, no name but
// the logins of who told and who decided. Times are those of zone.
func (s *Service) Export(ctx context.Context, w io.Writer, zone *time.Location) error {
	list, err := s.List(ctx)
	if err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.Comma = ';'
	rows := [][]string{{"numero", "faits", "connaissance", "echeance_72h", "signale_par", "description", "adresses_de_familles", "autres_adresses", "recu_dans_l_academie",
		"recu_a_l_exterieur", "notifie_cnil", "personnes_informees", "motif", "mesures", "decide_par", "decide_le"}}
	for _, i := range list {
		rows = append(rows, []string{strconv.FormatInt(i.ID, 10), shown(i.Happened, zone), shown(i.Aware, zone), shown(i.Deadline(), zone), cell(i.Reporter), cell(i.What),
			strconv.Itoa(i.Exposed), strconv.Itoa(i.Others), strconv.Itoa(i.Inside), strconv.Itoa(i.Outside), shown(i.Notified, zone), shown(i.Informed, zone),
			cell(i.Reason), cell(i.Measures), cell(i.DecidedBy), shown(i.Decided, zone)})
	}
	return out.WriteAll(rows)
}

func shown(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format("2006-01-02 15:04")
}

// cell keeps a spreadsheet from taking somebody's words for a formula.
func cell(text string) string {
	if text != "" && (text[0] == '=' || text[0] == '+' || text[0] == '-' || text[0] == '@' || text[0] == '\t' || text[0] == '\r') {
		return "'" + text
	}
	return text
}
