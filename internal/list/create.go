package list

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"navette/internal/audience"
	"navette/internal/audit"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/history"
	"navette/internal/identity"
	"navette/internal/mailbox"
	"navette/internal/store"
)

// List is a list to make.
type List struct {
	Local string // of its address, and its login; any case
	Kind  Kind
	Settings
	Owners    []int64  // accounts of people; one at least
	Members   []Member // of a static one
	Reference string   // what it is made on
}

// Member is one member of a static list: an account, or an address outside.
type Member struct {
	Account int64
	Outside string
}

// localPart is what the address of a list may look like; its owners' is 6 octets longer.
var localPart = regexp.MustCompile(`^[a-z0-9]([a-z0-9._-]{0,56}[a-z0-9])?$`)

// check refuses what cannot be a list: failure.Policy.
func (l List) check() error {
	local := strings.ToLower(l.Local)
	switch {
	case !localPart.MatchString(local) || strings.Contains(local, ".."):
		return failure.New(failure.Policy, "%q n'est pas une partie locale d'adresse : lettres sans accent, chiffres, point, tiret", l.Local)
	case directory.Reserved(local), directory.IsListOwnerAddress(local + "@"):
		return failure.New(failure.Policy, "le nom %q est réservé", local)
	case len(l.Owners) == 0:
		return failure.New(failure.Policy, "une liste a au moins un propriétaire")
	case l.Kind != Static && l.Kind != Rule:
		return failure.New(failure.Policy, "genre de liste inconnu : %q", l.Kind)
	case l.Kind == Rule && len(l.Members) > 0:
		return failure.New(failure.Policy, "les membres d'une liste par règle sont ceux de sa règle")
	}
	return l.Settings.check(l.Kind)
}

func (s Settings) check(k Kind) error {
	switch {
	case (k == Rule) != (s.Expression != ""):
		return failure.New(failure.Policy, "une liste par règle a une expression, une liste de personnes n'en a pas")
	case !slices.Contains([]Posting{ByOwners, ByMembers, ByAgents, ByAnyone, Moderated}, s.Posting):
		return failure.New(failure.Policy, "règle d'envoi inconnue : %q", s.Posting)
	case k == Rule && s.Leaving:
		return failure.New(failure.Policy, "on ne quitte pas une liste par règle")
	case s.MaxSize < 0:
		return failure.New(failure.Policy, "une taille n'est pas négative")
	case strings.ContainsFunc(s.Display, func(r rune) bool { return r < ' ' }) || len(s.Display) > 200:
		return failure.New(failure.Policy, "nom trop long, ou sur plusieurs lignes")
	}
	return nil
}

// Create makes a list and gives its account; failure.Conflict where its address, or that of its owners, was ever given to
// anybody.
func (s *Service) Create(ctx context.Context, by identity.By, l List) (account int64, err error) {
	if err := l.check(); err != nil {
		return 0, fmt.Errorf("create list: %w", err)
	}
	l.Local = strings.ToLower(l.Local)
	if account, err = s.cfg.DB.NewIDs(ctx, "account", 1); err != nil {
		return 0, err
	}
	told, err := s.cfg.DB.NewIDs(ctx, history.IDs, 1)
	if err != nil {
		return 0, err
	}
	err = s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		// Addresses are issued: imports that planned before plan again.
		if _, err := tx.NextMeta(ctx, "directory"); err != nil {
			return err
		}
		if err := s.free(ctx, tx, l.Local); err != nil {
			return err
		}
		l := l
		if l.Expression, err = canonical(ctx, tx, l.Expression); err != nil {
			return err
		}
		if err := s.insert(ctx, tx, account, l); err != nil {
			return err
		}
		return s.noteCreation(ctx, tx, by, account, told, l)
	})
	if err != nil {
		return 0, fmt.Errorf("create list %s: %w", l.Local, err)
	}
	return account, nil
}

// canonical checks the expression of a rule and gives the form that is stored; "" stays.
func canonical(ctx context.Context, tx *store.Tx, expression string) (string, error) {
	if expression == "" {
		return "", nil
	}
	e, err := parse(ctx, tx, expression)
	if err != nil {
		return "", err
	}
	return audience.Format(e), nil
}

// addresses gives that of the members and that of the owners.
func (s *Service) addresses(local string) (members, owners string) {
	return local + "@" + s.cfg.Domain, directory.ListOwnerLocal(local) + "@" + s.cfg.Domain
}

// free demands that nobody was ever given the names of a list.
func (s *Service) free(ctx context.Context, tx *store.Tx, local string) error {
	members, owners := s.addresses(local)
	var taken int
	err := tx.QueryRow(ctx, `SELECT (SELECT count(*) FROM address WHERE address IN ($1, $2)) + (SELECT count(*) FROM account WHERE login = $3)`,
		members, owners, local).Scan(&taken)
	if err == nil && taken > 0 {
		err = failure.New(failure.Conflict, "l'adresse %s, ou celle de ses propriétaires, a déjà été attribuée", members)
	}
	return err
}

func (s *Service) insert(ctx context.Context, tx *store.Tx, account int64, l List) error {
	now := tx.NowMicros()
	if _, err := tx.Exec(ctx, `INSERT INTO account (account_id, kind, login, state, display_name, auth_epoch, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, 1, $6, $6)`, account, directory.KindList.String(), l.Local, directory.StateActive.String(), l.Display, now); err != nil {
		return fmt.Errorf("insert account: %w", err)
	}
	members, owners := s.addresses(l.Local)
	for address, kind := range map[string]directory.AddressKind{members: directory.AddressPrimary, owners: directory.AddressAlias} {
		if _, err := tx.Exec(ctx, `INSERT INTO address (address, account_id, kind, issued_at, reference) VALUES ($1, $2, $3, $4, $5)`,
			address, account, kind.String(), now, l.Reference); err != nil {
			return fmt.Errorf("insert address: %w", err)
		}
	}
	if err := mailbox.Provision(ctx, tx, []int64{account}, 0); err != nil {
		return err
	}
	waiting, err := mailbox.Make(ctx, tx, account, waitingName)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO list (account_id, kind, expression, posting, hidden, archive, leaving, max_size, waiting_id, told_uid, told_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0)`,
		account, l.Kind, l.Expression, l.Posting, number(l.Hidden), number(l.Archive), number(l.Leaving), l.MaxSize, waiting); err != nil {
		return fmt.Errorf("insert list: %w", err)
	}
	for _, owner := range l.Owners {
		if _, err := addOwner(ctx, tx, account, owner); err != nil {
			return err
		}
	}
	for _, m := range l.Members {
		if _, err := s.addMember(ctx, tx, account, m); err != nil {
			return err
		}
	}
	return nil
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (s *Service) noteCreation(ctx context.Context, tx *store.Tx, by identity.By, account, told int64, l List) error {
	members, owners := s.addresses(l.Local)
	err := history.Append(ctx, tx, told, []history.Row{{Account: account, Kind: history.ListMade, Subject: members + ", " + owners,
		After: l.Display + " (" + l.Settings.french() + ")", Reference: l.Reference, Actor: by.Actor}})
	if err != nil {
		return err
	}
	return s.journal(ctx, tx, by, account, "list.create", l)
}

// journal writes an act, last in its transaction.
func (s *Service) journal(ctx context.Context, tx *store.Tx, by identity.By, list int64, action string, detail any) error {
	text, err := json.Marshal(detail)
	if err != nil {
		return fmt.Errorf("encode the detail of an act: %w", err)
	}
	return audit.Append(ctx, tx, audit.Entry{Actor: by.Actor, Action: action, Subject: fmt.Sprintf("account:%d", list), Reason: by.Reason, Detail: string(text)})
}
