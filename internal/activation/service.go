package activation

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"navette/internal/directory"
	"navette/internal/factor"
	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/session"
	"navette/internal/store"
	"navette/internal/ticket"
)

// Config is what a Service needs. Zero durations take the defaults that stand beside them.
type Config struct {
	DB       *store.DB
	Identity *identity.Service
	Tickets  *ticket.Service
	Factors  *factor.Service
	Sessions *session.Service
	Random   io.Reader

	Exempt    []string      // categories that may do without a second factor for ever
	Wait      time.Duration // « Plus tard » for the others: 60 days
	SheetLife time.Duration // 15 days
}

// life is how long an interrupted activation may be gone on with.
const life = time.Hour

const (
	purpose  = "activation"
	useSheet = "activation sheet"
	useNumen = "activation numen"
)

// Service leads activations. Its methods may be called from many goroutines.
type Service struct{ cfg Config }

// New gives the service.
func New(cfg Config) *Service {
	if cfg.Wait == 0 {
		cfg.Wait = 60 * 24 * time.Hour
	}
	if cfg.SheetLife == 0 {
		cfg.SheetLife = 15 * 24 * time.Hour
	}
	return &Service{cfg}
}

// progress is what a ticket keeps of an activation.
type progress struct {
	Hash  string `json:"hash"`  // of the chosen password; "" before
	Later bool   `json:"later"` // « Plus tard »
	Numen string `json:"numen"` // digest of the NUMEN that was shown: the password must not hold it
}

// errClaim is told of every claim that does not hold, for whatever reason.
func errClaim() error {
	return failure.New(failure.Denied, "Identifiant, NUMEN ou date de naissance non reconnus. / Identifier, NUMEN or birth date not recognised.")
}

// errStep is told to who jumps a step.
func errStep() error {
	return failure.New(failure.Conflict, "Une étape précédente n'est pas terminée. / An earlier step is not finished.")
}

// Begin checks a claim. It does the same work whether or not there is such an account: two queries, and one hash where
// a NUMEN is claimed. What an earlier activation of the account had chosen is void.
func (s *Service) Begin(ctx context.Context, c session.Client, claim Claim) (token string, err error) {
	login, ok := identity.NormalLogin(claim.Login)
	if !ok {
		login = ""
	}
	var account int64
	ok, err = s.cfg.Identity.Try(ctx, identity.Trial{Purpose: purpose, Subject: login, Peer: c.Peer}, func(ctx context.Context) (bool, error) {
		var err error
		account, ok, err = s.prove(ctx, login, claim)
		return ok, err
	})
	if err != nil {
		return "", err
	}
	if !ok {
		return "", errClaim()
	}
	return s.open(ctx, account, login, claim)
}

// prove tells whose claim this is, if it holds.
func (s *Service) prove(ctx context.Context, login string, claim Claim) (account int64, ok bool, err error) {
	var birth string
	err = s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		err := tx.QueryRow(ctx, `SELECT a.account_id, p.birth_date FROM account a JOIN person p ON p.person_id = a.person_id
			WHERE a.login = $1 AND a.state = 'appointed' AND a.kind = 'person'`, login).Scan(&account, &birth)
		if errors.Is(err, sql.ErrNoRows) {
			account, birth = 0, "-"
			return nil
		}
		return err
	})
	if err != nil {
		return 0, false, fmt.Errorf("look for an account to activate: %w", err)
	}
	if claim.Sheet != "" {
		ok, err = s.sheetIs(ctx, account, claim.Sheet)
		return account, ok && account != 0, err
	}
	ok, err = s.cfg.Identity.CheckNumen(ctx, account, directory.NUMEN(claim.NUMEN))
	claimed, perr := directory.ParseDate(strings.TrimSpace(claim.BirthDate))
	born := subtle.ConstantTimeCompare([]byte(claimed.String()), []byte(birth)) == 1 && perr == nil
	return account, ok && born && account != 0, err
}

// open begins the activation of an account whose claim held.
func (s *Service) open(ctx context.Context, account int64, login string, claim Claim) (string, error) {
	token, hash, err := s.cfg.Tickets.Draw()
	if err != nil {
		return "", err
	}
	var p progress
	if claim.Sheet == "" {
		if p.Numen, err = s.cfg.Identity.Digest(useNumen, account, upper(claim.NUMEN)); err != nil {
			return "", err
		}
	}
	a := identity.Alteration{By: identity.By{Actor: login}, Account: account, Action: "activation.begin"}
	return token, s.cfg.Identity.Alter(ctx, a, func(ctx context.Context, tx *store.Tx, r identity.Altered) error {
		if r.State != directory.StateAppointed {
			return errClaim()
		}
		if err := ticket.Drop(ctx, tx, account, purpose); err != nil {
			return err
		}
		if err := factor.Wipe(ctx, tx, account); err != nil {
			return err
		}
		return ticket.Put(ctx, tx, hash, ticket.Ticket{Account: account, Epoch: r.Epoch, Purpose: purpose}, life, p)
	})
}

func upper(text string) string { return strings.ToUpper(strings.Join(strings.Fields(text), "")) }

// State tells where an activation stands; failure.Denied where the token is void.
func (s *Service) State(ctx context.Context, token string) (State, error) {
	st, _, err := s.state(ctx, token)
	return st, err
}

func (s *Service) state(ctx context.Context, token string) (st State, p progress, err error) {
	t, err := s.cfg.Tickets.Get(ctx, token, purpose)
	if err != nil {
		return State{}, p, err
	}
	if err := t.Read(&p); err != nil {
		return State{}, p, err
	}
	if st.Owner, st.Exempt, err = s.owner(ctx, t.Account); err != nil {
		return State{}, p, err
	}
	if st.Protection, err = s.cfg.Factors.Of(ctx, t.Account); err != nil {
		return State{}, p, err
	}
	if !st.Exempt {
		st.Due = s.cfg.DB.Now().Add(s.cfg.Wait)
	}
	switch {
	case p.Hash == "":
		st.Step = StepPassword
	case len(st.Protection.Factors) == 0 && !p.Later:
		st.Step = StepFactor
	case st.Protection.RecoveryCodes == 0:
		st.Step = StepCodes
	default:
		st.Step = StepFinish
	}
	return st, p, nil
}

// owner reads who activates their account, and whether all that they do is of exempt categories.
func (s *Service) owner(ctx context.Context, account int64) (o identity.Owner, exempt bool, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		o, exempt = identity.Owner{Account: account}, false
		err := tx.QueryRow(ctx, `SELECT login, display_name FROM account WHERE account_id = $1 AND state = 'appointed'`, account).Scan(&o.Login, &o.Display)
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT DISTINCT f.category FROM function f JOIN account a ON a.person_id = f.person_id
			WHERE a.account_id = $1 AND f.ended_at = 0`, account)
		if err != nil {
			return err
		}
		defer rows.Close()
		for n := 0; rows.Next(); n++ {
			var category string
			if err := rows.Scan(&category); err != nil {
				return err
			}
			exempt = (n == 0 || exempt) && s.exempts(category)
		}
		return rows.Err()
	})
	if errors.Is(err, sql.ErrNoRows) {
		return o, false, errClaim()
	}
	if err != nil {
		return o, false, fmt.Errorf("read an account that is being activated: %w", err)
	}
	return o, exempt, nil
}

func (s *Service) exempts(category string) bool {
	for _, e := range s.cfg.Exempt {
		if directory.Slug(e) == directory.Slug(category) {
			return true
		}
	}
	return false
}

// Choose keeps the hash of a password; nothing opens by it before Finish.
func (s *Service) Choose(ctx context.Context, token, secret string) error {
	st, p, err := s.state(ctx, token)
	if err != nil {
		return err
	}
	holds, err := s.holdsNumen(st.Owner.Account, p.Numen, secret)
	if err != nil {
		return err
	}
	if holds {
		return failure.New(failure.Policy, "Le mot de passe ne doit pas contenir votre NUMEN. / The password must not hold your NUMEN.")
	}
	if p.Hash, err = s.cfg.Identity.HashChosen(ctx, st.Owner.Account, secret); err != nil {
		return err
	}
	return s.keep(ctx, token, p)
}

// numenLength is how long a NUMEN is, in characters.
const numenLength = 13

// holdsNumen looks for the NUMEN that was shown at the first step in a password, knowing but its digest.
func (s *Service) holdsNumen(account int64, digest, secret string) (bool, error) {
	text := upper(secret)
	for i := 0; digest != "" && i+numenLength <= len(text); i++ {
		if is, err := s.cfg.Identity.DigestIs(digest, useNumen, account, text[i:i+numenLength]); is || err != nil {
			return is, err
		}
	}
	return false, nil
}

func (s *Service) keep(ctx context.Context, token string, p progress) error {
	return s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error { return ticket.Keep(ctx, tx, token, purpose, p) })
}

// Later puts the second factor off.
func (s *Service) Later(ctx context.Context, token string) error {
	st, p, err := s.state(ctx, token)
	if err != nil {
		return err
	}
	if st.Step < StepFactor {
		return errStep()
	}
	p.Later = true
	return s.keep(ctx, token, p)
}

// Codes makes recovery codes and shows them, once; asked again, it makes others.
func (s *Service) Codes(ctx context.Context, token string) ([]string, error) {
	st, _, err := s.state(ctx, token)
	if err != nil {
		return nil, err
	}
	if st.Step < StepCodes {
		return nil, errStep()
	}
	return s.cfg.Factors.MakeRecoveryCodes(ctx, st.Owner)
}

// Finish opens the account, erases its NUMEN and its sheet for good, and signs the browser in.
func (s *Service) Finish(ctx context.Context, token string, c session.Client) (session.Tokens, error) {
	st, p, err := s.state(ctx, token)
	if err != nil {
		return session.Tokens{}, err
	}
	if st.Step != StepFinish {
		return session.Tokens{}, errStep()
	}
	due := st.Due // also of who has a factor today: they might take it off
	if err := s.cfg.Factors.SetDue(ctx, st.Owner.Account, due); err != nil {
		return session.Tokens{}, err
	}
	var epoch int64
	err = s.cfg.Identity.ActivateChosen(ctx, st.Owner.By(""), st.Owner.Account, p.Hash, func(ctx context.Context, tx *store.Tx, r identity.Altered) error {
		epoch = r.Epoch
		if err := ticket.Use(ctx, tx, token, purpose); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM sheet WHERE account_id = $1`, st.Owner.Account)
		return err
	})
	if err != nil {
		return session.Tokens{}, err
	}
	return s.cfg.Sessions.Start(ctx, c, session.Proof{Account: st.Owner.Account, Epoch: epoch, How: session.ByActivation})
}
