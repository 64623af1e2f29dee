package identity

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"navette/internal/audit"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/store"
)

// kindToken is what proves a bearer. It is no row of credential: tokens are many, and short-lived.
const kindToken = "token"

// ScopeMail is the scope of a token that opens mail: reading at IMAP, sending at submission.
const ScopeMail = "mail"

// Tokens live as long as is asked for, within these.
const (
	shortestToken = time.Minute
	longestToken  = 24 * time.Hour
)

// TokenRequest asks for an access token (RFC 6749 §1.4): opaque, to be shown as it is (RFC 6750).
type TokenRequest struct {
	Client string        // the program, as its owner is shown it
	Life   time.Duration // from a minute to a day
}

// Token is a new access token. Its secret is nowhere else.
type Token struct {
	ID      int64
	Secret  string
	Expires time.Time
}

// IssueToken gives an active account a token of scope mail, for one program. It holds until it expires, and no longer
// than what the account was given in the same epoch: a new password, a suspension or a revocation ends it.
func (s *Service) IssueToken(ctx context.Context, by By, account int64, req TokenRequest) (Token, error) {
	client, err := checkLabel(req.Client)
	if err != nil {
		return Token{}, err
	}
	if req.Life < shortestToken || req.Life > longestToken {
		return Token{}, failure.New(failure.Permanent, "a token lives from %s to %s", shortestToken, longestToken)
	}
	g, err := Generate(s.opt.Random)
	if err != nil {
		return Token{}, err
	}
	hash, err := HashGenerated(g.Secret)
	if err != nil {
		return Token{}, err
	}
	id, err := s.db.NewIDs(ctx, "access_token", 1)
	if err != nil {
		return Token{}, err
	}
	token := Token{ID: id, Secret: g.Secret}
	err = s.db.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		r, err := lockActive(ctx, tx, account)
		if err != nil {
			return err
		}
		token.Expires = tx.Now().Add(req.Life)
		if _, err := tx.Exec(ctx, `INSERT INTO access_token (account_id, token_id, selector, hash, scope, client, auth_epoch, created_at, expires_at, used_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)`,
			account, id, g.Selector, hash, ScopeMail, client, r.epoch, tx.NowMicros(), token.Expires.UnixMicro()); err != nil {
			return fmt.Errorf("store a token of account %d: %w", account, err)
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: by.Actor, Action: "account.token",
			Subject: subject(account), Reason: by.Reason, Detail: fmt.Sprintf(`{"token":%d}`, id)})
	})
	return token, err
}

// RevokeToken takes a token back; what mail programs have open ends, and comes back with the secrets that still hold.
// Sessions of the pages go on.
func (s *Service) RevokeToken(ctx context.Context, by By, account, id int64) error {
	return s.change(ctx, func(tx *store.Tx) (*accountRow, error) {
		r, err := lockAccount(ctx, tx, account)
		if err != nil {
			return nil, err
		}
		n, err := tx.Exec(ctx, `DELETE FROM access_token WHERE account_id = $1 AND token_id = $2`, account, id)
		if err != nil {
			return nil, fmt.Errorf("revoke token %d of account %d: %w", id, account, err)
		}
		if n == 0 {
			return nil, failure.New(failure.NotFound, "Ce jeton n'existe pas. / There is no such token.")
		}
		if err := keepSessions(ctx, tx, r, KeepAll); err != nil {
			return nil, err
		}
		err = r.finish(ctx, tx, by, "account.token.revoke", fmt.Sprintf(`{"token":%d}`, id))
		return r, err
	})
}

// bearer is a token as it was found, with the account that it is of.
type bearer struct {
	candidate
	id, epoch, expires, used int64
	hash, scope              string
	named                    bool // by the login that was shown with it, or none was
}

// verifyToken is Verify for a token. One of ours that is over is refused without being counted: its program is not
// guessing, it is late.
func (s *Service) verifyToken(ctx context.Context, c Credential, generation uint64) (Principal, error) {
	login, ok := "", true
	if c.Login != "" {
		login, ok = normalLogin(c.Login)
	}
	selector := selectorOf(c.Secret)
	a := s.throttle.attempt("\x00token", c.Peer, "")
	if err := a.enter(ctx); err != nil {
		return Principal{}, err
	}
	b, err := s.findToken(ctx, selector, login)
	switch {
	case err != nil:
		return Principal{}, errUnavailable(fmt.Errorf("look up a token: %w", err))
	case !ok || !matchesDigest(b.hash, c.Secret):
		return Principal{}, s.refuseToken(ctx, a, c)
	case !b.holds(s.db.Now()):
		s.log.Info("log-in refused: the token is over, or another's", "credential", c, "account", b.account)
		return Principal{}, errTokenDenied()
	}
	a.succeeded()
	s.uses.note(used{b.account, b.id, true}, b.used, s.db.Now())
	return grant(&b.candidate, proof{b.id, kindToken}, c, generation)
}

// refuseToken refuses one that was never issued, after the wait of a guess.
func (s *Service) refuseToken(ctx context.Context, a attempt, c Credential) error {
	leave, err := a.guess(ctx)
	if err != nil {
		return err
	}
	defer leave()
	a.failed()
	s.log.Info("log-in refused", "credential", c)
	return errTokenDenied()
}

func (b *bearer) holds(now time.Time) bool {
	open := b.state == directory.StateActive || b.state == directory.StateDeparted
	return open && b.named && b.scope == ScopeMail && b.candidate.epoch == b.epoch && now.UnixMicro() < b.expires
}

// findToken finds a token with its account; the zero bearer where there is none.
func (s *Service) findToken(ctx context.Context, selector, login string) (b bearer, err error) {
	err = s.db.ReadOne(ctx, func(tx *store.Tx) error {
		b = bearer{}
		var state string
		err := tx.QueryRow(ctx, `SELECT a.account_id, a.login, a.display_name, a.state, a.auth_epoch,
				t.token_id, t.auth_epoch, t.expires_at, t.used_at, t.hash, t.scope,
				$2 = '' OR a.login = $2 OR EXISTS (SELECT 1 FROM address d WHERE d.address = $2 AND d.account_id = a.account_id AND d.kind <> 'closed')
			FROM access_token t JOIN account a ON a.account_id = t.account_id WHERE t.selector = $1 AND a.kind = 'person'`, selector, login).
			Scan(&b.account, &b.login, &b.display, &state, &b.candidate.epoch, &b.id, &b.epoch, &b.expires, &b.used, &b.hash, &b.scope, &b.named)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err == nil {
			b.state, err = directory.ParseAccountState(state)
		}
		return err
	})
	return b, err
}

// errTokenDenied is the one answer to a token that does not hold, for whatever reason.
func errTokenDenied() error {
	return failure.New(failure.Denied, "Jeton refusé ou expiré : reconnectez ce logiciel. / The token is refused or over: sign this program in again.")
}

// pruneTokens deletes those that are over.
func pruneTokens(ctx context.Context, tx *store.Tx) error {
	if _, err := tx.Exec(ctx, `DELETE FROM access_token WHERE expires_at < $1`, tx.NowMicros()); err != nil {
		return fmt.Errorf("prune tokens: %w", err)
	}
	return nil
}
