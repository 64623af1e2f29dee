package roster

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"navette/internal/audit"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/history"
	"navette/internal/identity"
	"navette/internal/store"
)

// appoint makes one person by hand, with the names that an import would give. within runs in the transaction, before
// its entry in the journal, with the account that was made.
func (s *Service) appoint(ctx context.Context, by identity.By, joiner *subject, action string, within func(ctx context.Context, tx *store.Tx, s *subject) error) (Holder, error) {
	r := &run{Service: s, by: by, hints: map[string]int{}, file: &File{}}
	r.within = func(ctx context.Context, tx *store.Tx) error {
		if err := within(ctx, tx, joiner); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: by.Actor, Action: action, Subject: fmt.Sprintf("account:%d", joiner.account), Reason: by.Reason})
	}
	joiner.isNew, joiner.state, joiner.display = true, directory.StateAppointed, joiner.person.DisplayName()
	const attempts = 10
	for range attempts {
		p := &plan{hints: map[string]int{}, subjects: []*subject{joiner}}
		err := s.cfg.DB.Read(ctx, func(tx *store.Tx) (err error) {
			if p.version, err = tx.Meta(ctx, "directory"); err != nil {
				return err
			}
			return r.nameSubjects(ctx, tx, p)
		})
		if err == nil {
			err = r.write(ctx, p)
		}
		if failure.Is(err, failure.Conflict) {
			continue
		}
		if err != nil {
			return Holder{}, fmt.Errorf("appoint: %w", err)
		}
		return Holder{HRID: joiner.person.HRID, Account: joiner.account, Login: joiner.login, Address: joiner.primary + "@" + s.cfg.Domain}, nil
	}
	return Holder{}, failure.New(failure.Conflict, "une importation est en cours ; recommencer ensuite")
}

// Sponsorship is what a head says of somebody who has arrived before the HR file has.
type Sponsorship struct {
	Sponsor string           // login of the head who vouches
	Person  directory.Person // without ID and HRID
	UAI     string           // the school; its key is checked
	Until   directory.Date   // last day of the account; zero: 30 days
}

// provisionalDays is how long a provisional account lasts.
const provisionalDays = 30

// Sponsor opens a provisional account: marked unverified until the HR line of the same birth date, birth name, first
// forename and school comes and takes it over, with its mail and address. Without that line it departs after its last
// day.
func (s *Service) Sponsor(ctx context.Context, by identity.By, sp Sponsorship) (Holder, error) {
	if by.Actor == "" || sp.Sponsor == "" || sp.Person.BirthName == "" || sp.Person.Birth.IsZero() {
		return Holder{}, failure.New(failure.Policy, "un compte provisoire demande un parrain, un nom de naissance et une date de naissance")
	}
	uai, err := directory.ParseUAI(sp.UAI)
	if err != nil {
		return Holder{}, failure.Wrap(failure.Policy, err, err.Error())
	}
	if err := s.headOf(ctx, sp.Sponsor, uai); err != nil {
		return Holder{}, err
	}
	id, err := s.cfg.DB.NewIDs(ctx, "provisional", 1)
	if err != nil {
		return Holder{}, err
	}
	sp.Person.HRID = fmt.Sprintf("PROV-%d", id)
	match := provisionalMatch(sp.Person, uai)
	row, err := s.cfg.DB.NewIDs(ctx, history.IDs, 1)
	if err != nil {
		return Holder{}, err
	}
	return s.appoint(ctx, by, &subject{person: sp.Person}, "person.sponsor", func(ctx context.Context, tx *store.Tx, j *subject) error {
		until := sp.Until
		if until.IsZero() {
			until = directory.DateOf(tx.Now().UTC()).AddDays(provisionalDays)
		}
		if _, err := tx.Exec(ctx, `INSERT INTO provisional (person_id, sponsor, uai, until, match) VALUES ($1, $2, $3, $4, $5)`,
			j.person.ID, sp.Sponsor, uai, until.String(), match); err != nil {
			return fmt.Errorf("mark the account provisional: %w", err)
		}
		return history.Append(ctx, tx, row, []history.Row{{Account: j.account, Kind: history.Sponsored, Before: sp.Sponsor, After: until.French(), Actor: by.Actor}})
	})
}

// headOf refuses a sponsor who does not direct the school.
func (s *Service) headOf(ctx context.Context, login, uai string) error {
	var directs int
	err := s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		heads, arg := tx.Dialect().TextSet(3, directory.HeadFonctions())
		return tx.QueryRow(ctx, `SELECT count(*) FROM function f JOIN account a ON a.person_id = f.person_id
			WHERE a.login = $1 AND a.state IN ('appointed', 'active') AND f.uai = $2 AND f.function IN (`+heads+`) AND f.ended_at = 0 AND (f.ends = '' OR f.ends >= $4)`,
			login, uai, arg, directory.DateOf(tx.Now().UTC()).String()).Scan(&directs)
	})
	if err != nil {
		return fmt.Errorf("look for the head of %s: %w", uai, err)
	}
	if directs == 0 {
		return failure.New(failure.Policy, "%s ne dirige pas l'établissement %s", login, uai)
	}
	return nil
}

// provisionalMatch is what a provisional account and its HR line have in common.
func provisionalMatch(p directory.Person, uai string) string {
	return strings.Join([]string{p.Birth.String(), directory.Slug(p.BirthName), directory.Slug(directory.FirstForename(p.Forenames)), uai}, "|")
}

// Splitting takes another person out of a record: two people whom HR had under one id_rh.
type Splitting struct {
	From      string           // id_rh of the record
	Person    directory.Person // the other one, with an id_rh that no record has
	Functions []int64          // numbers of the functions that are the other one's
	Reference string           // the document that says so
}

// Split makes the other person a record, an account and an address of their own. The addresses that the record has
// stay with it: mail sent to them was meant for the one who reads them. An id_rh that was merged into the record may be
// taken out again.
func (s *Service) Split(ctx context.Context, by identity.By, sp Splitting) (Holder, error) {
	if by.Actor == "" || sp.Reference == "" || sp.Person.HRID == "" || sp.Person.HRID == sp.From || sp.Person.BirthName == "" {
		return Holder{}, failure.New(failure.Policy, "pour séparer une fiche il faut un nouvel id_rh, un nom, un auteur et la référence d'un document")
	}
	from, err := s.splitFrom(ctx, sp)
	if err != nil {
		return Holder{}, err
	}
	row, err := s.cfg.DB.NewIDs(ctx, history.IDs, 2)
	if err != nil {
		return Holder{}, err
	}
	joiner := &subject{person: sp.Person, reference: sp.Reference}
	var names []string
	for _, h := range from.functions {
		if slices.Contains(sp.Functions, h.ID) {
			h := *h
			h.ID, h.isNew = int64(len(joiner.functions)+1), true
			names = append(names, functionText(h.Function))
			joiner.functions = append(joiner.functions, &h)
		}
	}
	if len(joiner.functions) != len(sp.Functions) {
		return Holder{}, failure.New(failure.NotFound, "la fiche %s n'a pas toutes ces fonctions", sp.From)
	}
	return s.appoint(ctx, by, joiner, "person.split", func(ctx context.Context, tx *store.Tx, j *subject) error {
		set, arg := tx.Dialect().IntSet(2, sp.Functions)
		if _, err := tx.Exec(ctx, `UPDATE function SET ended_at = $3 WHERE person_id = $1 AND function_id IN (`+set+`) AND ended_at = 0`,
			from.person.ID, arg, tx.NowMicros()); err != nil {
			return fmt.Errorf("end the functions that leave: %w", err)
		}
		if _, err := tx.Exec(ctx, `DELETE FROM person_alias WHERE id_rh = $1`, sp.Person.HRID); err != nil {
			return fmt.Errorf("take the id_rh out: %w", err)
		}
		return history.Append(ctx, tx, row, []history.Row{
			{Account: j.account, Kind: history.Split, Before: sp.From, After: strings.Join(names, " ; "), Reference: sp.Reference, Actor: by.Actor},
			{Account: from.account, Kind: history.SplitOff, After: sp.Person.HRID, Reference: sp.Reference, Actor: by.Actor}})
	})
}

// splitFrom reads the record, and makes sure that the other's id_rh is free.
func (s *Service) splitFrom(ctx context.Context, sp Splitting) (from *subject, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		var records int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM person WHERE id_rh = $1`, sp.Person.HRID).Scan(&records); err != nil {
			return err
		}
		if records > 0 {
			return failure.New(failure.Policy, "l'id_rh %q a déjà une fiche", sp.Person.HRID)
		}
		known, err := loadSubjects(ctx, tx, []Line{{Person: directory.Person{HRID: sp.From}}})
		if err != nil {
			return err
		}
		if from = known[sp.From]; from == nil {
			return failure.New(failure.NotFound, "aucune fiche n'a l'id_rh %q", sp.From)
		}
		return nil
	})
	return from, err
}
