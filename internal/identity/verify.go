package identity

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/text/unicode/norm"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/store"
)

// Credential kinds, as stored.
const (
	kindPassword    = "password"    // chosen; or generated, and given to many, in a demonstration
	kindApplication = "application" // generated, for one device
)

// maxLogin is the longest login that is looked up, in octets: an address (RFC 5321 §4.5.3.1).
const maxLogin = 320

// proof says which stored credential a secret proved.
type proof struct {
	credential int64
	kind       string
}

// candidate is an account that a login names, with the credentials that the secret may prove.
type candidate struct {
	account int64
	login   string
	display string
	state   directory.AccountState
	epoch   int64
	second  bool  // it has a second factor, or should have one by now: the password alone opens the pages only
	due     int64 // when it should have one, in microseconds; 0: never
	stored  []storedCredential
}

type storedCredential struct {
	proof
	hash  string
	scram ScramKeys // zero where there are none
	used  int64     // see uses
}

// errDenied is the one answer to a credential that does not hold, for whatever reason.
func errDenied() error {
	return failure.New(failure.Denied, "Identifiant ou mot de passe incorrect. / Wrong identifier or password.")
}

// Verify tells who presents c, and what they may do at its channel.
//
// Only an account in state active is let in, and one that has departed for reading. A refusal is failure.Denied and tells
// nothing more, with exceptions for those who have the right secret or need to know when to come back: failure.Policy
// where an account that has departed would send, or one with a second factor, or whose time to do without is over,
// shows its chosen password at a mail program's door, and failure.Temporary where there were too many attempts or the service cannot tell at the moment.
func (s *Service) Verify(ctx context.Context, c Credential) (Principal, error) {
	if !offered(c) {
		return Principal{}, failure.New(failure.Permanent, "%s is not offered at %s", c.Mechanism, c.Channel)
	}
	generation := s.registry.current() // before the account is read: what is voided from here on voids the result
	if s.blind() {
		return Principal{}, errUnavailable(errNotSeen)
	}
	if c.Mechanism == OAuthBearer || c.Mechanism == XOAuth2 {
		return s.verifyToken(ctx, c, generation)
	}
	login, ok := normalLogin(c.Login)
	if !ok || c.Proof == nil && (c.Secret == "" || len(c.Secret) > maxPassword) {
		return Principal{}, errDenied()
	}
	a := s.throttle.attempt(login, c.Peer, c.Device)
	if err := a.enter(ctx); err != nil {
		return Principal{}, err
	}
	found, err := s.lookUp(ctx, login, c)
	if err != nil {
		return Principal{}, errUnavailable(fmt.Errorf("look up a login: %w", err))
	}
	p, err := s.prove(ctx, a, found, c)
	if err != nil {
		return Principal{}, err
	}
	return grant(found, p, c, generation)
}

// lookUp finds the account that a normal login names, with the credentials that c may prove: its password and the
// application password of a selector, or all that have SCRAM keys. The result is never nil: a login that names nobody
// gives a candidate without credentials.
func (s *Service) lookUp(ctx context.Context, login string, c Credential) (*candidate, error) {
	from, joined, args := fromLogin, joinSecret, []any{login, selectorOf(c.Secret)}
	if strings.Contains(login, "@") {
		from = fromAddress
	}
	if c.Proof != nil {
		joined, args = joinScram, args[:1]
	}
	query := selectCandidate + from + joined
	var found *candidate
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		found = &candidate{}
		rows, err := tx.Query(ctx, query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if err := found.scan(rows.Scan, tx.NowMicros()); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	return found, err
}

const (
	selectCandidate = `SELECT a.account_id, a.login, a.display_name, a.state, a.auth_epoch, COALESCE(p.second, 0), COALESCE(p.due_at, 0),
		c.credential_id, c.kind, c.hash, c.scram, c.used_at FROM `
	fromLogin   = `(SELECT * FROM account WHERE login = $1 AND kind = 'person') a`
	fromAddress = `(SELECT account.* FROM address JOIN account ON account.account_id = address.account_id
		WHERE address.address = $1 AND address.kind <> 'closed' AND account.kind = 'person') a`
	joinProtection = ` LEFT JOIN protection p ON p.account_id = a.account_id LEFT JOIN credential c ON c.account_id = a.account_id `
	joinSecret     = joinProtection + `AND (c.kind = 'password' OR c.selector = $2)`
	joinScram      = joinProtection + `AND c.scram IS NOT NULL`
)

func (f *candidate) scan(scan func(...any) error, now int64) error {
	var state string
	var second int64
	var credential, used *int64
	var kind, hash *string
	var scram []byte
	if err := scan(&f.account, &f.login, &f.display, &state, &f.epoch, &second, &f.due, &credential, &kind, &hash, &scram, &used); err != nil {
		return err
	}
	f.second = second == 1 || f.due != 0 && now >= f.due
	var err error
	if f.state, err = directory.ParseAccountState(state); err != nil {
		return err
	}
	// A closed account has no credentials, whatever rows there are: it is refused as one that does not exist.
	open := f.state == directory.StateActive || f.state == directory.StateDeparted
	if open && credential != nil && kind != nil && hash != nil && used != nil {
		keys, _ := parseScramKeys(scram)
		f.stored = append(f.stored, storedCredential{proof{*credential, *kind}, *hash, keys, *used})
	}
	return nil
}

// prove finds the credential that the secret proves: a generated one by its digest, one proved lately by its memory,
// any other by exactly one Argon2id, computed even where there is nothing to compare with.
func (s *Service) prove(ctx context.Context, a attempt, found *candidate, c Credential) (proof, error) {
	if c.Proof != nil {
		return s.proveByKeys(ctx, a, found, c)
	}
	// A right secret of 128 bits was not guessed, so it waits for nobody: devices go on working through a storm.
	if p, ok := found.generated(c.Secret); ok {
		return s.accept(a, found, c, p)
	}
	key := s.cache.keyOf(found.account, c.Secret)
	if p, ok := s.cache.get(key, found.epoch); ok {
		return s.accept(a, found, c, p)
	}
	leave, err := a.guess(ctx)
	if err != nil {
		return proof{}, err
	}
	defer leave()
	p, ok, err := s.compare(ctx, found, key, c.Secret)
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		a.failed()
		return proof{}, err
	case err != nil:
		return proof{}, err
	case !ok:
		a.failed()
		s.log.Info("log-in refused", "credential", c, "account", found.account)
		return proof{}, errDenied()
	}
	s.cache.put(key, found.account, found.epoch, p)
	s.renew(ctx, found, p, c.Secret)
	return s.accept(a, found, c, p)
}

// accept refuses a right secret at a door that its kind does not open, or no longer opens.
func (s *Service) accept(a attempt, found *candidate, c Credential, p proof) (proof, error) {
	switch {
	case scopesOf(c, p.kind) == 0:
		a.failed()
		s.log.Info("log-in refused: wrong kind of secret", "credential", c, "kind", p.kind)
		return proof{}, errDenied()
	case found.second && p.kind == kindPassword && c.Mechanism != Form:
		// Not counted: a mail program that was set up before goes on trying, and it is no guess.
		s.log.Info("log-in refused: the account has a second factor, or is to have one", "credential", c, "account", found.account)
		return proof{}, errNeedsAppPassword()
	}
	a.succeeded()
	if p.kind == kindApplication {
		s.uses.note(used{account: found.account, id: p.credential}, found.usedAt(p), s.db.Now())
	}
	return p, nil
}

// errNeedsAppPassword tells the owner of an account with a second factor what to give a mail program.
func errNeedsAppPassword() error {
	return failure.New(failure.Policy, "Votre compte est protégé par un second facteur : dans la page « Sécurité » du portail, créez un mot de passe d'application pour ce logiciel. / Your account has a second factor: make an application password for this program on the portal's security page.")
}

// generated tells which stored credential a generated secret proves.
func (f *candidate) generated(secret string) (proof, bool) {
	for _, stored := range f.stored {
		if !isPHC(stored.hash) && matchesDigest(stored.hash, secret) {
			return stored.proof, true
		}
	}
	return proof{}, false
}

func (f *candidate) usedAt(p proof) int64 {
	for _, stored := range f.stored {
		if stored.proof == p {
			return stored.used
		}
	}
	return 0
}

// compare tells whether the secret is the chosen password.
func (s *Service) compare(ctx context.Context, found *candidate, key cacheKey, secret string) (p proof, ok bool, err error) {
	chosen, phc := proof{}, s.decoy
	for _, stored := range found.stored {
		if isPHC(stored.hash) {
			chosen, phc = stored.proof, stored.hash
		}
	}
	normal, typeable := normalPassword(secret)
	err = s.hasher.turn(ctx, func() (err error) {
		// A client that opens several connections at once proves its secret once: the others find it here.
		if p, ok = s.cache.get(key, found.epoch); ok {
			return nil
		}
		p = chosen
		ok, err = s.hasher.matches(phc, normal)
		ok = ok && typeable
		return err
	})
	return p, ok, err
}

// NormalLogin gives the form in which logins and addresses are stored; false where text cannot be one.
func NormalLogin(text string) (string, bool) { return normalLogin(text) }

// normalLogin gives the form in which logins and addresses are stored, of maxLogin octets at most.
func normalLogin(login string) (string, bool) {
	login = strings.TrimSpace(login)
	if login == "" || len(login) > maxLogin {
		return "", false
	}
	if !strings.Contains(login, "@") {
		login = norm.NFC.String(strings.ToLower(login)) // which may make it longer
		return login, len(login) <= maxLogin
	}
	address, err := directory.ParseLookup(login)
	return address.Key(), err == nil && len(address.Key()) <= maxLogin
}
