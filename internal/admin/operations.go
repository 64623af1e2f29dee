// Package admin is what commands do to a running server, and the Unix socket by which they reach it: one process
// writes, and its events reach everybody. With no server running, a command calls the same Operations itself.
//
// The socket has mode 0600: who may open it may do everything here, as root on a mail server always could. Every act
// is in the journal with the operator's name.
package admin

import (
	"context"
	"io"

	"navette/internal/annuaire"
	"navette/internal/box"
	"navette/internal/career"
	"navette/internal/directory"
	"navette/internal/enrolment"
	"navette/internal/failure"
	"navette/internal/forward"
	"navette/internal/frame"
	"navette/internal/history"
	"navette/internal/identity"
	"navette/internal/incident"
	"navette/internal/list"
	"navette/internal/proof"
	"navette/internal/roster"
)

// Operations are the acts of an operator. Local does them; Client has a running server do them.
type Operations interface {
	// ImportHR imports a complete HR file; progress is called with data lines done and their total.
	ImportHR(ctx context.Context, file io.ReadSeeker, opt ImportOptions, progress func(done, total int)) (roster.Report, error)

	// ImportAAF imports the exports of a source, and gives a report of each that was looked at; progress is called with
	// what is done and its total.
	ImportAAF(ctx context.Context, source enrolment.Source, opt AAFOptions, progress func(done, total int)) (enrolment.Reports, error)

	// School tells of what the AAF exports told and decides about it, and gives lines to print.
	School(ctx context.Context, by identity.By, act SchoolAct) ([]string, error)

	// Accounts calls each with every account, by login, until it fails.
	Accounts(ctx context.Context, each func(identity.AccountLine) error) error

	// History gives what happened to the account that an address, a login or an id_rh names, the oldest first.
	History(ctx context.Context, who string) ([]history.Event, error)

	// Person does what a human decides about records of people, and gives lines to print.
	Person(ctx context.Context, by identity.By, act PersonAct) ([]string, error)

	// Box tells of functional boxes and changes them, and gives lines to print.
	Box(ctx context.Context, by identity.By, act BoxAct) ([]string, error)

	// List tells of distribution lists and audiences and changes them, and gives lines to print.
	List(ctx context.Context, by identity.By, act ListAct) ([]string, error)

	// Group tells of computed groups, delegations and ENTs and changes the latter two, and gives lines to print.
	Group(ctx context.Context, by identity.By, act GroupAct) ([]string, error)

	// Annuaire searches the directory and keeps its liste rouge, and gives lines to print.
	Annuaire(ctx context.Context, by identity.By, act AnnuaireAct) ([]string, error)

	// Establishments lists the directory's; SetEstablishment describes one by hand, and its box follows.
	Establishments(ctx context.Context) ([]string, error)
	SetEstablishment(ctx context.Context, by identity.By, e directory.Establishment) error

	// Device tells what mail programs of an account sign in with and changes it, and gives lines to print.
	Device(ctx context.Context, by identity.By, act DeviceAct) ([]string, error)

	// Protect does what the help desk may with what proves an agent, and gives lines to print.
	Protect(ctx context.Context, by identity.By, act ProtectAct) ([]string, error)

	// Forward tells of automatic forwarding and changes it, and gives lines to print.
	Forward(ctx context.Context, by identity.By, act ForwardAct) ([]string, error)

	// Frame tells of consent frames and changes them, and gives lines to print.
	Frame(ctx context.Context, by identity.By, act FrameAct) ([]string, error)

	// Incident keeps the register of breaches, and gives lines to print.
	Incident(ctx context.Context, by identity.By, act IncidentAct) ([]string, error)

	// Proof tells of the keys that sign what agents send and makes new ones, and gives lines to print.
	Proof(ctx context.Context, by identity.By, act ProofAct) ([]string, error)

	// SetPassword gives an account a password, and activates one that is only appointed. who is a login or an address.
	SetPassword(ctx context.Context, by identity.By, who, secret string) error

	// Suspend closes an account for security; Resume opens it again.
	Suspend(ctx context.Context, by identity.By, who string) error
	Resume(ctx context.Context, by identity.By, who string) error
}

// ImportOptions say how to import an HR file.
type ImportOptions struct {
	DryRun  bool
	Details bool        // have the report name each change
	Force   []string    // categories and UAIs of which a fall is right
	By      identity.By // who forces
}

// Local does operations in this process.
type Local struct {
	Identity  *identity.Service
	Roster    *roster.Service
	Enrolment *enrolment.Service
	Career    *career.Service
	Boxes     *box.Service
	Lists     *list.Service
	Computed  GroupServices
	Directory *annuaire.Service
	Forwards  *forward.Service
	Frames    *frame.Service
	Incidents *incident.Service
	Signer    *proof.Service
	Sheets    SheetMaker
	Desk      FactorDesk
}

var _ Operations = (*Local)(nil)

// ImportHR imports, then has what was newly appointed and revoked act here at once, and the boxes of establishments
// follow their heads.
func (l *Local) ImportHR(ctx context.Context, file io.ReadSeeker, opt ImportOptions, progress func(done, total int)) (roster.Report, error) {
	report, err := l.Roster.Import(ctx, file, roster.Options{DryRun: opt.DryRun, Details: opt.Details,
		Force: opt.Force, By: opt.By, Progress: progress})
	if err != nil || opt.DryRun {
		return report, err
	}
	if err := l.Identity.Poll(ctx); err != nil {
		return report, err
	}
	_, err = l.Boxes.Refresh(ctx)
	return report, err
}

// Accounts lists.
func (l *Local) Accounts(ctx context.Context, each func(identity.AccountLine) error) error {
	for line, err := range l.Identity.Accounts(ctx) {
		if err != nil {
			return err
		}
		if err := each(line); err != nil {
			return err
		}
	}
	return nil
}

// History reads the history.
func (l *Local) History(ctx context.Context, who string) ([]history.Event, error) {
	return l.Roster.History(ctx, who)
}

// SetPassword sets or activates.
func (l *Local) SetPassword(ctx context.Context, by identity.By, who, secret string) error {
	a, err := l.find(ctx, who)
	if err != nil {
		return err
	}
	if a.State == directory.StateAppointed {
		return l.Identity.Activate(ctx, by, a.Account, secret)
	}
	return l.Identity.SetPassword(ctx, by, a.Account, secret)
}

// Suspend closes an account.
func (l *Local) Suspend(ctx context.Context, by identity.By, who string) error {
	a, err := l.find(ctx, who)
	if err != nil {
		return err
	}
	return l.Identity.Suspend(ctx, by, a.Account)
}

// Resume opens it again.
func (l *Local) Resume(ctx context.Context, by identity.By, who string) error {
	a, err := l.find(ctx, who)
	if err != nil {
		return err
	}
	return l.Identity.Resume(ctx, by, a.Account)
}

func (l *Local) find(ctx context.Context, who string) (identity.AccountLine, error) {
	a, err := l.Identity.Find(ctx, who)
	if failure.Is(err, failure.NotFound) {
		return a, failure.New(failure.NotFound, "no account has the login or address %q", who)
	}
	return a, err
}
