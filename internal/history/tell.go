package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/store"
)

// Event is one change as it is told.
type Event struct {
	At time.Time
	Row
}

// Of gives what happened to the account that an address, a login or an id_rh names, the oldest first. Who holds
// nothing, or never did, gives failure.NotFound.
func Of(ctx context.Context, db *store.DB, who string) (events []Event, err error) {
	err = db.Read(ctx, func(tx *store.Tx) error {
		account, err := find(ctx, tx, who)
		if err != nil {
			return err
		}
		events, err = ofAccount(ctx, tx, account)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read history: %w", err)
	}
	return events, nil
}

// find resolves a name. An id_rh that was merged into another leads there.
func find(ctx context.Context, tx *store.Tx, who string) (account int64, err error) {
	who = strings.TrimSpace(who)
	address := strings.ToLower(who)
	if normal, err := directory.Normalize(who); err == nil {
		address = normal
	}
	for _, q := range []struct{ query, arg string }{
		{`SELECT account_id FROM address WHERE address = $1`, address},
		{`SELECT account_id FROM account WHERE login = $1`, strings.ToLower(who)},
		{`SELECT a.account_id FROM person_alias s JOIN account a ON a.person_id = s.person_id WHERE s.id_rh = $1`, who},
		{`SELECT a.account_id FROM person p JOIN account a ON a.person_id = p.person_id WHERE p.id_rh = $1`, who},
	} {
		err := tx.QueryRow(ctx, q.query, q.arg).Scan(&account)
		if err == nil || !errors.Is(err, sql.ErrNoRows) {
			return account, err
		}
	}
	return 0, failure.New(failure.NotFound, "personne ne porte ce nom de compte, cette adresse ou cet id_rh : %q", who)
}

func ofAccount(ctx context.Context, tx *store.Tx, account int64) ([]Event, error) {
	rows, err := tx.Query(ctx, `SELECT at, kind, subject, before, after, reference, actor, source FROM history
		WHERE account_id = $1 ORDER BY at, history_id`, account)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var events []Event
	for rows.Next() {
		e := Event{Row: Row{Account: account}}
		var at int64
		if err := rows.Scan(&at, &e.Kind, &e.Subject, &e.Before, &e.After, &e.Reference, &e.Actor, &e.Source); err != nil {
			return nil, err
		}
		e.At = time.UnixMicro(at)
		events = append(events, e)
	}
	return events, rows.Err()
}

// About gives the events that say why an address is what it is: when it was given, left, taken back, moved.
func About(events []Event, address string) []Event {
	if normal, err := directory.Normalize(address); err == nil {
		address = normal
	}
	var about []Event
	for _, e := range events {
		given := slices.Contains(strings.Split(e.Subject, ", "), address)
		left := (e.Kind == AddressNew || e.Kind == AddressBack) && e.Before == address
		if given || left || e.Kind == Closed {
			about = append(about, e)
		}
	}
	return about
}

// Sentence tells the change as a person reads it, with its document: « nouvelle adresse principale … ; document : … ».
func (r Row) Sentence() string {
	s := r.what()
	if r.Reference != "" {
		s += " ; document : " + r.Reference
	}
	if r.Source != "" {
		s += " (" + r.Source + ")"
	} else if r.Actor != "" {
		s += " (par " + r.Actor + ")"
	}
	return s
}

// Sentence tells it with its day, in the zone of loc.
func (e Event) Sentence(loc *time.Location) string {
	return "le " + e.At.In(loc).Format("02/01/2006") + " : " + e.Row.Sentence()
}

func (r Row) what() string {
	switch r.Kind {
	case Appointed:
		return "nomination : " + r.After + " ; reçoit " + r.Subject
	case Identity:
		return "identité : « " + r.Before + " » devient « " + r.After + " »"
	case AddressNew:
		return "nouvelle adresse principale " + r.Subject + was(r.Before)
	case AddressBack:
		return "retour à l'adresse " + r.Subject + was(r.Before)
	case AddressMoved:
		return "l'adresse " + r.Subject + " vient de la fiche " + r.Before
	case AddressLeft:
		return "l'adresse " + r.Subject + " passe à la fiche " + r.After
	case FunctionStart:
		return "fonction : " + r.After
	case FunctionChange:
		return "fonction modifiée : « " + r.Before + " » devient « " + r.After + " »"
	case FunctionEnd:
		return "fin de fonction : " + r.Before
	case FunctionAgain:
		return "fonction reprise : " + r.After
	case Numen:
		return "NUMEN reçu avant l'activation"
	case Grace:
		return "plus de fonction ; le compte reste ouvert jusqu'au " + r.After
	case GraceEnd:
		return "nouvelle fonction avant le terme : le compte continue"
	case Departed:
		return "départ (" + r.Before + ") : envoi fermé, lecture jusqu'au " + r.After
	case Returned:
		return "retour : même compte, mêmes adresses"
	case Reminded:
		return "rappel envoyé, " + r.After + " jours avant la fermeture"
	case Closed:
		return "fermeture : plus aucun message n'est reçu, l'adresse n'est jamais redonnée"
	case Died:
		return "décès le " + r.After
	case Sponsored:
		return "compte provisoire demandé par " + r.Before + ", jusqu'au " + r.After
	case Confirmed:
		return "la fiche RH du compte provisoire est arrivée : " + r.After
	case Merged:
		return "même personne que la fiche " + r.Before + ", réunie à celle-ci"
	case MergedInto:
		return "même personne que la fiche " + r.After + ", réunie à elle"
	case Split:
		return "fiche séparée de la fiche " + r.Before + " ; prend " + r.After
	case SplitOff:
		return "la fiche " + r.After + " est séparée de celle-ci : c'est une autre personne"
	case ArrivedFrom:
		return "arrivée de l'académie « " + r.Before + " »"
	case ContactAnswered:
		return "la réponse automatique nomme " + r.After
	case Hidden:
		return "mise sur la liste rouge : l'annuaire ne montre plus cette fiche"
	case Shown:
		return "retirée de la liste rouge"
	case BoxMade:
		return "boîte fonctionnelle « " + r.After + " » ; reçoit " + r.Subject
	case ListMade:
		return "liste de diffusion « " + r.After + " » ; reçoit " + r.Subject
	case ListChanged:
		return "liste modifiée : « " + r.Before + " » devient « " + r.After + " »"
	case BoxMember, ListMember:
		return r.Subject + " : " + roles(r.Before, r.After)
	}
	return string(r.Kind)
}

// roles tells how a role in a box changed.
func roles(before, after string) string {
	switch {
	case before == "":
		return after
	case after == "":
		return "n'est plus " + before
	}
	return before + " devient " + after
}

func was(before string) string {
	if before == "" {
		return ""
	}
	return " ; " + before + " reçoit encore, sans être montrée"
}
