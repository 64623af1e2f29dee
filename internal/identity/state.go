package identity

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"navette/internal/audit"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/store"
)

// By says who changes something, and why: it goes into the journal.
type By struct {
	Actor  string // login of an account, or name of a program
	Reason string
}

// act is something that happens to an account in its life.
type act string

const (
	actActivate act = "account.activate" // the person has chosen a password
	actSuspend  act = "account.suspend"  // closed for security
	actResume   act = "account.resume"   // the suspension is lifted
	actDepart   act = "account.depart"   // HR no longer employs the person
	actReturn   act = "account.return"   // HR employs them again
)

// transitions are what each act makes of each state; what is not there is refused. A suspension outlasts departure and
// return: they change what it will resume (suspension.resumes), not that it holds.
func transitions() map[act]map[directory.AccountState]directory.AccountState {
	const (
		appointed = directory.StateAppointed
		active    = directory.StateActive
		suspended = directory.StateSuspended
		departed  = directory.StateDeparted
	)
	return map[act]map[directory.AccountState]directory.AccountState{
		actActivate: {appointed: active},
		actSuspend:  {appointed: suspended, active: suspended, departed: suspended},
		actResume:   {suspended: 0}, // 0: to what the suspension holds
		actDepart:   {appointed: departed, active: departed},
		actReturn:   {departed: 0}, // 0: active where there is a password, else appointed
	}
}

// accountRow is an account, locked by the transaction that read it.
type accountRow struct {
	id      int64
	kind    string
	login   string
	display string
	state   directory.AccountState
	epoch   int64
	resumes directory.AccountState // what a suspension resumes; 0 without one
}

// lockAccount reads an account and keeps others from changing it until the commit.
func lockAccount(ctx context.Context, tx *store.Tx, account int64) (*accountRow, error) {
	return loadAccount(ctx, tx, account, tx.Dialect().ForUpdate())
}

// loadAccount reads an account; lock is "" or the clause that locks it.
func loadAccount(ctx context.Context, tx *store.Tx, account int64, lock string) (*accountRow, error) {
	r := accountRow{id: account}
	var state string
	err := tx.QueryRow(ctx, `SELECT kind, login, display_name, state, auth_epoch FROM account WHERE account_id = $1`+lock, account).
		Scan(&r.kind, &r.login, &r.display, &state, &r.epoch)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, failure.New(failure.NotFound, "Ce compte n'existe pas. / There is no such account.")
	}
	if err == nil {
		r.state, err = directory.ParseAccountState(state)
	}
	if err == nil && r.state == directory.StateSuspended {
		err = tx.QueryRow(ctx, `SELECT resumes FROM suspension WHERE account_id = $1`, account).Scan(&state)
		if err == nil {
			r.resumes, err = directory.ParseAccountState(state)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read account %d: %w", account, err)
	}
	return &r, nil
}

// beneath is the account's state without regard to a suspension.
func (r *accountRow) beneath() directory.AccountState {
	if r.state == directory.StateSuspended {
		return r.resumes
	}
	return r.state
}

// move applies an act to a locked account: to the row in memory, which finish writes, and to its suspension.
func (r *accountRow) move(ctx context.Context, tx *store.Tx, a act) error {
	from := r.state
	if a == actDepart || a == actReturn {
		from = r.beneath()
	}
	to, ok := transitions()[a][from]
	if !ok {
		return failure.New(failure.Conflict, "Le compte est dans l'état « %s » : cette opération n'y est pas possible. / The account is %s: this cannot be done to it.", r.state, r.state)
	}
	var err error
	switch {
	case a == actSuspend:
		r.resumes = r.state
		_, err = tx.Exec(ctx, `INSERT INTO suspension (account_id, resumes) VALUES ($1, $2)`, r.id, r.resumes.String())
	case a == actResume:
		to = r.resumes
		_, err = tx.Exec(ctx, `DELETE FROM suspension WHERE account_id = $1`, r.id)
	case a == actReturn:
		to, err = returnsTo(ctx, tx, r.id)
	}
	if err == nil && r.state == directory.StateSuspended && a != actResume {
		r.resumes, to = to, r.state
		_, err = tx.Exec(ctx, `UPDATE suspension SET resumes = $2 WHERE account_id = $1`, r.id, r.resumes.String())
	}
	if err != nil {
		return fmt.Errorf("%s %d: %w", a, r.id, err)
	}
	r.state = to
	return nil
}

// returnsTo is what an account becomes whose person is employed again: what it had come to be before.
func returnsTo(ctx context.Context, tx *store.Tx, account int64) (directory.AccountState, error) {
	var passwords int64
	err := tx.QueryRow(ctx, `SELECT count(*) FROM credential WHERE account_id = $1 AND kind = 'password'`, account).Scan(&passwords)
	if passwords > 0 {
		return directory.StateActive, err
	}
	return directory.StateAppointed, err
}

// finish writes a changed account back, voids what it was given, and notes the act: the end of every change, in the
// order of invariant 6.
func (r *accountRow) finish(ctx context.Context, tx *store.Tx, by By, action, detail string) error {
	r.epoch++
	_, err := tx.Exec(ctx, `UPDATE account SET state = $2, auth_epoch = $3, updated_at = $4 WHERE account_id = $1`,
		r.id, r.state.String(), r.epoch, tx.NowMicros())
	if err != nil {
		return fmt.Errorf("change account %d: %w", r.id, err)
	}
	seq, err := tx.NextMeta(ctx, "revocation")
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO revocation (seq, account_id, at) VALUES ($1, $2, $3)`, seq, r.id, tx.NowMicros())
	if err != nil {
		return fmt.Errorf("revoke what account %d was given: %w", r.id, err)
	}
	return audit.Append(ctx, tx, audit.Entry{Actor: by.Actor, Action: action, Subject: subject(r.id),
		Reason: by.Reason, Detail: detail})
}

// subject names an account in the journal.
func subject(account int64) string { return fmt.Sprintf("account:%d", account) }

// applyAct is an act in the caller's transaction.
func applyAct(ctx context.Context, tx *store.Tx, by By, account int64, a act) (*accountRow, error) {
	r, err := lockAccount(ctx, tx, account)
	if err != nil {
		return nil, err
	}
	if err := r.move(ctx, tx, a); err != nil {
		return nil, err
	}
	err = r.finish(ctx, tx, by, string(a), "")
	return r, err
}

// Depart records, in the caller's transaction, that HR no longer employs the account's person: sending is closed, the
// mailbox stays readable. It is the last that the transaction does with accounts; call Service.Poll after the commit
// to have it act at once here. failure.Conflict where the account has departed already.
func Depart(ctx context.Context, tx *store.Tx, by By, account int64) error {
	_, err := applyAct(ctx, tx, by, account, actDepart)
	return err
}

// Return records, in the caller's transaction, that HR employs the person again: the account becomes what it was,
// active with its password, or appointed when it never had one. failure.Conflict where it has not departed.
func Return(ctx context.Context, tx *store.Tx, by By, account int64) error {
	_, err := applyAct(ctx, tx, by, account, actReturn)
	return err
}

// SuspendIn is Suspend in the caller's transaction, in which it comes after whatever else is done with accounts; call
// Service.Poll after the commit to have it act at once here.
func SuspendIn(ctx context.Context, tx *store.Tx, by By, account int64) error {
	_, err := applyAct(ctx, tx, by, account, actSuspend)
	return err
}

// Suspend closes an account for security: nobody logs in, and what was given ends within a second everywhere.
func (s *Service) Suspend(ctx context.Context, by By, account int64) error {
	return s.act(ctx, by, account, actSuspend)
}

// Resume lifts a suspension: the account is again what it was before, or departed if its person left meanwhile.
func (s *Service) Resume(ctx context.Context, by By, account int64) error {
	return s.act(ctx, by, account, actResume)
}

func (s *Service) act(ctx context.Context, by By, account int64, a act) error {
	return s.change(ctx, func(tx *store.Tx) (*accountRow, error) { return applyAct(ctx, tx, by, account, a) })
}

// change runs a change in a transaction, and acts on it here as soon as it is committed. Where the outcome is unknown,
// the next poll knows.
func (s *Service) change(ctx context.Context, fn func(*store.Tx) (*accountRow, error)) error {
	var changed *accountRow
	err := s.db.Write(ctx, store.Interactive, func(tx *store.Tx) (err error) {
		changed, err = fn(tx)
		return err
	})
	if err != nil {
		return err
	}
	s.void(changed.id, changed.epoch)
	return nil
}
