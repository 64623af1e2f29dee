package factor

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/limits"
	"navette/internal/notice"
	"navette/internal/store"
	"navette/internal/ticket"
)

// Mailer writes to people: to the mailbox of an account, and to a recovery address.
type Mailer interface {
	Tell(ctx context.Context, account int64, n notice.Notice) error
	Mail(ctx context.Context, address string, n notice.Notice) error
}

// Config is what a Service needs.
type Config struct {
	DB       *store.DB
	Identity *identity.Service
	Tickets  *ticket.Service
	Mailer   Mailer
	Log      *slog.Logger
	Random   io.Reader
	Origin   *url.URL // of the pages: passkeys are bound to its host
	Name     string   // of the académie, as authenticators show it
	Domains  []string // whose addresses are no recovery addresses: they lead into the mailbox that is closed
}

// Service keeps factors. Its methods may be called from many goroutines.
type Service struct {
	cfg   Config
	auth  *webauthn.WebAuthn
	mails *limits.Rate[int64] // codes that owners ask for who are signed in, by account
}

// New gives the service; an error where the origin cannot bear passkeys.
func New(cfg Config) (*Service, error) {
	auth, err := webauthn.New(&webauthn.Config{RPID: cfg.Origin.Hostname(), RPDisplayName: cfg.Name, RPOrigins: []string{cfg.Origin.Scheme + "://" + cfg.Origin.Host},
		AttestationPreference: protocol.PreferNoAttestation})
	if err != nil {
		return nil, fmt.Errorf("passkeys at %s: %w", cfg.Origin, err)
	}
	return &Service{cfg: cfg, auth: auth, mails: newMailRate(cfg.DB.Now)}, nil
}

// ticketLife is how long the making of a factor, or a challenge, may take.
const ticketLife = 10 * time.Minute

// mostTries is how often a code may be typed wrongly before it is void.
const mostTries = 5

// errCode is told of a code that does not hold, for whatever reason.
func errCode() error {
	return failure.New(failure.Denied, "Code non reconnu. / Code not recognised.")
}

// Of tells what guards an account.
func (s *Service) Of(ctx context.Context, account int64) (p Protection, err error) {
	var sealed []byte
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		p = Protection{}
		if p.Factors, err = list(ctx, tx, account); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM recovery_code WHERE account_id = $1`, account).Scan(&p.RecoveryCodes); err != nil {
			return err
		}
		var due int64
		err := tx.QueryRow(ctx, `SELECT due_at, address FROM protection WHERE account_id = $1`, account).Scan(&due, &sealed)
		if errors.Is(err, sql.ErrNoRows) {
			sealed = nil
			return nil
		}
		if due != 0 {
			p.Due = time.UnixMicro(due)
		}
		return err
	})
	if err == nil && sealed != nil {
		var address []byte
		if address, err = s.cfg.Identity.Unseal(useAddress, account, sealed); err == nil {
			p.RecoveryAddress = masked(string(address))
		}
	}
	if err != nil {
		return Protection{}, fmt.Errorf("read what guards account %d: %w", account, err)
	}
	return p, nil
}

func list(ctx context.Context, tx *store.Tx, account int64) ([]Factor, error) {
	rows, err := tx.Query(ctx, `SELECT factor_id, kind, label, created_at, used_at FROM factor WHERE account_id = $1 ORDER BY factor_id`, account)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []Factor
	for rows.Next() {
		var f Factor
		var created, used int64
		if err := rows.Scan(&f.ID, &f.Kind, &f.Label, &created, &used); err != nil {
			return nil, err
		}
		f.Created = time.UnixMicro(created)
		if used != 0 {
			f.Used = time.UnixMicro(used)
		}
		found = append(found, f)
	}
	return found, rows.Err()
}

// Methods gives the kinds of factors that an account has, each once; none for account 0.
func (s *Service) Methods(ctx context.Context, account int64) (kinds []Kind, err error) {
	err = s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		kinds = nil
		rows, err := tx.Query(ctx, `SELECT DISTINCT kind FROM factor WHERE account_id = $1 ORDER BY kind`, account)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var k Kind
			if err := rows.Scan(&k); err != nil {
				return err
			}
			kinds = append(kinds, k)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("read the factors of account %d: %w", account, err)
	}
	return kinds, nil
}

// newFactor is a factor on its way into the table.
type newFactor struct {
	kind   Kind
	label  string
	handle *string
	data   []byte
	step   int64
}

// maxLabel is the longest label, in characters.
const maxLabel = 60

// add stores a factor and begins another epoch, so that what the password alone had opened ends; sessions go on. also is
// part of the transaction.
func (s *Service) add(ctx context.Context, o identity.Owner, f newFactor, also func(context.Context, *store.Tx) error) (Factor, error) {
	id, err := s.cfg.DB.NewIDs(ctx, "factor", 1)
	if err != nil {
		return Factor{}, err
	}
	if err := s.ensure(ctx, o.Account); err != nil {
		return Factor{}, err
	}
	if r := []rune(f.label); len(r) > maxLabel {
		f.label = string(r[:maxLabel])
	}
	out := Factor{ID: id, Kind: f.kind, Label: f.label}
	a := identity.Alteration{By: o.By(""), Account: o.Account, Action: "factor.add", Detail: fmt.Sprintf(`{"factor":%d,"kind":%q}`, id, f.kind),
		Ends: true, Keep: identity.KeepAll}
	err = s.alter(ctx, a, added(f.kind), func(ctx context.Context, tx *store.Tx) error {
		if err := also(ctx, tx); err != nil {
			return err
		}
		out.Created = tx.Now()
		_, err := tx.Exec(ctx, `INSERT INTO factor (account_id, factor_id, kind, label, handle, data, step, created_at, used_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)`, o.Account, id, string(f.kind), f.label, f.handle, f.data, f.step, tx.NowMicros())
		if err != nil {
			return fmt.Errorf("store a factor of account %d: %w", o.Account, err)
		}
		return recount(ctx, tx, o.Account)
	})
	return out, err
}

// Remove takes a factor off; failure.NotFound where there is none of that id.
func (s *Service) Remove(ctx context.Context, o identity.Owner, id int64) error {
	a := identity.Alteration{By: o.By(""), Account: o.Account, Action: "factor.remove", Detail: fmt.Sprintf(`{"factor":%d}`, id),
		Ends: true, Keep: identity.KeepAll}
	told := changed("Un second facteur de votre compte vient d'être retiré.", "A second factor was removed from your account.")
	return s.alter(ctx, a, told, func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.Exec(ctx, `DELETE FROM factor WHERE account_id = $1 AND factor_id = $2`, o.Account, id)
		if err != nil {
			return fmt.Errorf("remove factor %d of account %d: %w", id, o.Account, err)
		}
		if n == 0 {
			return failure.New(failure.NotFound, "Ce moyen d'authentification n'existe plus. / This factor is gone.")
		}
		return recount(ctx, tx, o.Account)
	})
}

// recount notes whether the account has a second factor.
func recount(ctx context.Context, tx *store.Tx, account int64) error {
	_, err := tx.Exec(ctx, `UPDATE protection SET second = CASE WHEN EXISTS (SELECT 1 FROM factor f WHERE f.account_id = $1) THEN 1 ELSE 0 END
		WHERE account_id = $1`, account)
	if err != nil {
		return fmt.Errorf("count the factors of account %d: %w", account, err)
	}
	return nil
}

// ensure makes the account's row of protection, with a user handle that tells nothing of its owner (WebAuthn §14.6.1).
func (s *Service) ensure(ctx context.Context, account int64) error {
	handle := make([]byte, 32)
	if _, err := io.ReadFull(s.cfg.Random, handle); err != nil {
		return fmt.Errorf("draw a user handle: %w", err)
	}
	err := s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO protection (account_id, second, due_at, handle, address, codes_at) VALUES ($1, 0, 0, $2, NULL, 0)
			ON CONFLICT (account_id) DO NOTHING`, account, base64.RawURLEncoding.EncodeToString(handle))
		return err
	})
	if err != nil {
		return fmt.Errorf("protect account %d: %w", account, err)
	}
	return nil
}

// SetDue says from when on an account needs a second factor; the zero time: never.
func (s *Service) SetDue(ctx context.Context, account int64, due time.Time) error {
	if err := s.ensure(ctx, account); err != nil {
		return err
	}
	at := int64(0)
	if !due.IsZero() {
		at = due.UnixMicro()
	}
	return s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE protection SET due_at = $2 WHERE account_id = $1`, account, at)
		return err
	})
}

// Wipe takes everything off, in the caller's transaction, which holds the account's lock.
func Wipe(ctx context.Context, tx *store.Tx, account int64) error {
	for _, query := range []string{`DELETE FROM factor WHERE account_id = $1`, `DELETE FROM recovery_code WHERE account_id = $1`,
		`UPDATE protection SET second = 0, address = NULL, codes_at = 0 WHERE account_id = $1`} {
		if _, err := tx.Exec(ctx, query, account); err != nil {
			return fmt.Errorf("take the factors of account %d off: %w", account, err)
		}
	}
	return nil
}

// Reset is Desk.Reset.
func (s *Service) Reset(ctx context.Context, by identity.By, account int64) error {
	return s.desk().Reset(ctx, by, account)
}

func (s *Service) desk() Desk {
	return Desk{Identity: s.cfg.Identity, Mailer: s.cfg.Mailer, Log: s.cfg.Log}
}

func (s *Service) tell(ctx context.Context, account int64, n notice.Notice) {
	s.desk().tell(ctx, account, n)
}
