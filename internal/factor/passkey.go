package factor

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"navette/internal/audit"
	"navette/internal/identity"
	"navette/internal/notice"
	"navette/internal/store"
	"navette/internal/ticket"
)

const purposePasskey = "factor.passkey"

// maxResponse is the longest response of an authenticator that is read, in octets.
const maxResponse = 64 << 10

// holder is an account as WebAuthn sees it.
type holder struct {
	account        int64
	epoch          int64
	handle         []byte
	login, display string
	keys           []webauthn.Credential
	ids            []int64 // factor_id of each
	stored         [][]byte
}

func (h *holder) WebAuthnID() []byte                         { return h.handle }
func (h *holder) WebAuthnName() string                       { return h.login }
func (h *holder) WebAuthnDisplayName() string                { return h.display }
func (h *holder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

// holder reads an account with its passkeys, by its id, or by the user handle that a passkey gave. sql.ErrNoRows where
// there is none.
func (s *Service) holder(ctx context.Context, account int64, handle []byte) (*holder, error) {
	var h *holder
	err := s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		h = &holder{}
		var text string
		err := tx.QueryRow(ctx, `SELECT a.account_id, a.auth_epoch, a.login, a.display_name, p.handle FROM protection p JOIN account a ON a.account_id = p.account_id
			WHERE p.account_id = $1 OR p.handle = $2`, account, base64.RawURLEncoding.EncodeToString(handle)).Scan(&h.account, &h.epoch, &h.login, &h.display, &text)
		if err != nil {
			return err
		}
		if h.handle, err = base64.RawURLEncoding.DecodeString(text); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT factor_id, data FROM factor WHERE account_id = $1 AND kind = 'passkey' ORDER BY factor_id`, h.account)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id int64
			var data []byte
			var key webauthn.Credential
			if err := rows.Scan(&id, &data); err != nil {
				return err
			}
			if err := json.Unmarshal(data, &key); err != nil {
				return fmt.Errorf("passkey %d: %w", id, err)
			}
			h.keys, h.ids, h.stored = append(h.keys, key), append(h.ids, id), append(h.stored, data)
		}
		return rows.Err()
	})
	return h, err
}

// BeginPasskey gives the options for navigator.credentials.create (WebAuthn §7.1). Authenticators that hold a passkey of the
// account already are excluded.
func (s *Service) BeginPasskey(ctx context.Context, o identity.Owner) (Passkey, error) {
	if err := s.ensure(ctx, o.Account); err != nil {
		return Passkey{}, err
	}
	h, err := s.holder(ctx, o.Account, nil)
	if err != nil {
		return Passkey{}, fmt.Errorf("begin a passkey of account %d: %w", o.Account, err)
	}
	options, session, err := s.auth.BeginRegistration(h,
		webauthn.WithResidentKeyRequirement(protocol.ResidentKeyRequirementPreferred),
		webauthn.WithExclusions(webauthn.Credentials(h.keys).CredentialDescriptors()))
	if err != nil {
		return Passkey{}, fmt.Errorf("begin a passkey of account %d: %w", o.Account, err)
	}
	text, err := json.Marshal(options)
	if err != nil {
		return Passkey{}, fmt.Errorf("begin a passkey of account %d: %w", o.Account, err)
	}
	token, err := s.issue(ctx, o.Account, purposePasskey, session)
	return Passkey{Ticket: token, Options: text}, err
}

// FinishPasskey stores the passkey that an authenticator made for the challenge; failure.Denied where the response is not
// for it.
func (s *Service) FinishPasskey(ctx context.Context, o identity.Owner, token, label string, response []byte) (Factor, error) {
	var session webauthn.SessionData
	if err := s.attempt(ctx, o, token, purposePasskey, &session); err != nil {
		return Factor{}, err
	}
	if len(response) > maxResponse {
		return Factor{}, errCode()
	}
	h, err := s.holder(ctx, o.Account, nil)
	if err != nil {
		return Factor{}, fmt.Errorf("make a passkey of account %d: %w", o.Account, err)
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(response)
	if err != nil {
		return Factor{}, s.refused(o.Account, err)
	}
	key, err := s.auth.CreateCredential(h, session, parsed)
	if err != nil {
		return Factor{}, s.refused(o.Account, err)
	}
	key.Attestation = webauthn.CredentialAttestation{} // which authenticator somebody has is none of our business
	data, err := json.Marshal(key)
	if err != nil {
		return Factor{}, fmt.Errorf("store a passkey of account %d: %w", o.Account, err)
	}
	handle := base64.RawURLEncoding.EncodeToString(key.ID)
	return s.add(ctx, o, newFactor{kind: KindPasskey, label: label, handle: &handle, data: data},
		func(ctx context.Context, tx *store.Tx) error { return ticket.Use(ctx, tx, token, purposePasskey) })
}

// refused logs why WebAuthn refused a response, and gives the one answer to all of them.
func (s *Service) refused(account int64, err error) error {
	s.cfg.Log.Info("a passkey was refused", "account", account, "error", err)
	return errCode()
}

// Assertion is a challenge to a passkey: options for the browser, and what Passkey needs to judge the response.
type Assertion struct {
	Options json.RawMessage
	Session json.RawMessage
}

// BeginAssertion challenges the passkeys of an account, or, for account 0, whatever passkey the browser has for us: then
// what unlocks it is required, since it stands for both factors (WebAuthn §7.2).
func (s *Service) BeginAssertion(ctx context.Context, account int64) (Assertion, error) {
	var options *protocol.CredentialAssertion
	var session *webauthn.SessionData
	var err error
	if account == 0 {
		options, session, err = s.auth.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	} else {
		var h *holder
		if h, err = s.holder(ctx, account, nil); errors.Is(err, sql.ErrNoRows) || err == nil && len(h.keys) == 0 {
			return Assertion{}, errCode()
		}
		if err == nil {
			options, session, err = s.auth.BeginLogin(h, webauthn.WithUserVerification(protocol.VerificationPreferred))
		}
	}
	var a Assertion
	if err == nil {
		a.Options, err = json.Marshal(options)
	}
	if err == nil {
		a.Session, err = json.Marshal(session)
	}
	if err != nil {
		return Assertion{}, fmt.Errorf("challenge a passkey: %w", err)
	}
	return a, nil
}

// Holder is whose passkey answered a challenge.
type Holder struct{ Account, Epoch int64 }

// ProvePasskey tells whose passkey answered, for account 0 any account's; false where the answer does not hold, or
// another account's passkey gave it. A counter that went back means that there are two of the authenticator: the answer is
// refused, the owner told.
func (s *Service) ProvePasskey(ctx context.Context, account int64, session json.RawMessage, response []byte) (Holder, bool, error) {
	var data webauthn.SessionData
	if err := json.Unmarshal(session, &data); err != nil {
		return Holder{}, false, fmt.Errorf("read a challenge: %w", err)
	}
	if len(response) > maxResponse {
		return Holder{}, false, nil
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return Holder{}, false, nil
	}
	handle := parsed.Response.UserHandle
	if account != 0 {
		handle = nil
	}
	h, err := s.holder(ctx, account, handle)
	if errors.Is(err, sql.ErrNoRows) {
		return Holder{}, false, nil
	}
	if err != nil {
		return Holder{}, false, fmt.Errorf("read passkeys: %w", err)
	}
	key, err := s.validate(h, account, data, parsed)
	if err != nil {
		s.cfg.Log.Info("a passkey was refused", "account", h.account, "error", err)
		return Holder{}, false, nil
	}
	if key.Authenticator.CloneWarning {
		return Holder{}, false, s.cloned(ctx, h.account)
	}
	ok, err := s.keep(ctx, h, key)
	return Holder{h.account, h.epoch}, ok, err
}

func (s *Service) validate(h *holder, account int64, data webauthn.SessionData, parsed *protocol.ParsedCredentialAssertionData) (*webauthn.Credential, error) {
	if account != 0 {
		return s.auth.ValidateLogin(h, data, parsed)
	}
	return s.auth.ValidateDiscoverableLogin(func([]byte, []byte) (webauthn.User, error) { return h, nil }, data, parsed)
}

// keep stores the counter of a passkey that was used; false where somebody used it at the same time.
func (s *Service) keep(ctx context.Context, h *holder, key *webauthn.Credential) (done bool, err error) {
	data, err := json.Marshal(key)
	if err != nil {
		return false, fmt.Errorf("store the counter of a passkey: %w", err)
	}
	for i := range h.keys {
		if !bytes.Equal(h.keys[i].ID, key.ID) {
			continue
		}
		err = s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
			n, err := tx.Exec(ctx, `UPDATE factor SET data = $4, used_at = $5 WHERE account_id = $1 AND factor_id = $2 AND data = $3`,
				h.account, h.ids[i], h.stored[i], data, tx.NowMicros())
			done = n == 1
			return err
		})
	}
	if err != nil {
		return false, fmt.Errorf("store the counter of a passkey: %w", err)
	}
	return done, nil
}

// cloned notes that an authenticator seems to exist twice.
func (s *Service) cloned(ctx context.Context, account int64) error {
	err := s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		return audit.Append(ctx, tx, audit.Entry{Actor: "identity", Action: "factor.cloned", Subject: fmt.Sprintf("account:%d", account)})
	})
	if err != nil {
		return fmt.Errorf("note a cloned authenticator of account %d: %w", account, err)
	}
	s.tell(ctx, account, notice.Notice{Subject: "Une clé d'accès a été refusée",
		Body: "Bonjour,\n\nUne clé d'accès de votre compte semble avoir été copiée : elle a été refusée. Retirez-la dans la page « Sécurité » et appelez l'assistance.\n\n" +
			"-- \nA passkey of your account seems to have been copied and was refused. Remove it on the page “Security” and call the help desk.\n"})
	return nil
}
