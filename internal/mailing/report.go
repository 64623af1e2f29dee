package mailing

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"navette/internal/notice"
	"navette/internal/store"
)

// namedMost is how many people a report names of each kind: whoever has more looks at the page.
const namedMost = 300

// errReported says that another node reported meanwhile.
var errReported = errors.New("reported already")

// report tells the owner what became of a mailing; its new state is in the transaction that accepts the report, so each
// is sent once.
func (s *Service) report(ctx context.Context, m open, c Counts, next int) error {
	var list []Person
	err := s.cfg.DB.Read(ctx, func(tx *store.Tx) (err error) {
		list, err = people(ctx, tx, m.id, []int64{failed, noAddress}, 2*namedMost)
		return err
	})
	if err != nil {
		return err
	}
	n := notice.Notice{Subject: "Compte rendu d'envoi : " + m.subject, Body: s.words(m, c, list)}
	if next == closed {
		n.Subject = "Compte rendu d'envoi, suite : " + m.subject
	}
	err = s.cfg.Teller.TellWithin(ctx, m.owner, n, func(ctx context.Context, tx *store.Tx) error {
		changed, err := tx.Exec(ctx, `UPDATE mailing SET state = $3, told = $4 WHERE mailing_id = $1 AND state = $2`, m.id, m.state, next, c.Failed)
		if err == nil && changed == 0 {
			err = errReported
		}
		return err
	})
	if errors.Is(err, errReported) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	s.cfg.Log.InfoContext(ctx, "reported a mailing", "mailing", m.id, "copies", c.Total, "reached", c.Reached, "failed", c.Failed)
	return nil
}

// words are the text of a report.
func (s *Service) words(m open, c Counts, list []Person) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Bonjour,\n\nVotre message « %s » du %s est parti en copies séparées :\npersonne n'a vu l'adresse d'un autre destinataire.\n\n",
		m.subject, m.acceptedAt.In(s.cfg.Zone).Format("02/01/2006 à 15:04"))
	for _, line := range []struct {
		n    int64
		text string
	}{
		{c.Reached, "Remises"}, {c.Waiting, "Encore en route"}, {c.Failed, "Non remises"}, {c.Missing, "Sans adresse connue"}, {c.Recalled, "Rappelées"},
	} {
		if line.n > 0 {
			fmt.Fprintf(&b, "  %s : %d\n", line.text, line.n)
		}
	}
	if c.Answered > 0 {
		fmt.Fprintf(&b, "  Réponses automatiques, gardées ici : %d\n", c.Answered)
	}
	namePeople(&b, "Non remises", "failed", list)
	namePeople(&b, "Sans adresse connue", "missing", list)
	fmt.Fprintf(&b, "\n-- \nYour message went out as separate copies: %d delivered, %d under way, %d failed, %d without an address,\n%d automatic replies.\n",
		c.Reached, c.Waiting, c.Failed, c.Missing, c.Answered)
	return b.String()
}

func namePeople(b *strings.Builder, title, state string, list []Person) {
	n := 0
	for _, p := range list {
		if p.State != state {
			continue
		}
		if n == 0 {
			fmt.Fprintf(b, "\n%s :\n", title)
		}
		if n++; n > namedMost {
			b.WriteString("  …\n")
			return
		}
		fmt.Fprintf(b, "  %s", p.Name)
		if why := reason(p.Status); state == "failed" {
			fmt.Fprintf(b, " — %s", why)
		}
		b.WriteString("\n")
	}
}

// reason says a status code in words (RFC 3463 §3).
func reason(status string) string {
	switch {
	case strings.HasPrefix(status, "5.1."):
		return "adresse inconnue de son serveur"
	case strings.HasSuffix(status, ".2.2"):
		return "boîte pleine"
	case strings.HasSuffix(status, ".4.7"):
		return "son serveur n'a pas répondu à temps"
	case strings.HasPrefix(status, "5.7."):
		return "message refusé par son serveur"
	}
	return "refusé par son serveur"
}
