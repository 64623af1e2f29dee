package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"navette/internal/box"
	"navette/internal/delivery"
	"navette/internal/enrolment"
	"navette/internal/failure"
	"navette/internal/identity"
	lists "navette/internal/list"
	"navette/internal/mailbox"
	"navette/internal/roster"
	"navette/internal/safeio"
)

// The files that Build leaves in the demo's folder, readable by its owner only.
const (
	FileHR       = "hr.csv"       // the HR file that the académie was made from
	FileFresh    = "fresh.csv"    // login,numen,birth_date: appointed, not yet activated
	FileAccounts = "accounts.csv" // login,address,password,category,uai,role: activated
	fileMarker   = "demo.json"    // says what the folder is, and whether it is finished
)

// Services are what a demo is built with: the same as everybody's.
type Services struct {
	Roster    *roster.Service
	Enrolment *enrolment.Service
	Boxes     *box.Service
	Lists     *lists.Service
	Identity  *identity.Service
	Mailboxes *mailbox.Service
	Delivery  *delivery.Service
}

// Options say which académie.
type Options struct {
	Dir      string // exists already, closed to others
	Agents   int
	Seed     uint64
	Random   io.Reader // of the password that all accounts share
	Progress func(step string, done, total int)
}

// marker is the content of demo.json.
type marker struct {
	Agents   int    `json:"agents"`
	Seed     uint64 `json:"seed"`
	Finished bool   `json:"finished"`
}

// IsDemo reports that a folder belongs to a demo, finished or not.
func IsDemo(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, fileMarker))
	return err == nil
}

// Build fills the services with the académie of a seed, or finds that the folder holds it
// already and does nothing. failure.Conflict where the folder holds another one, or one whose making
// was interrupted: it must be removed first.
func Build(ctx context.Context, s Services, opt Options) error {
	if opt.Progress == nil {
		opt.Progress = func(string, int, int) {}
	}
	found, err := readMarker(opt.Dir)
	switch {
	case err != nil:
		return fmt.Errorf("build demo: %w", err)
	case found != nil && !found.Finished:
		return failure.New(failure.Conflict, "the demo in %s was never finished: remove the folder", opt.Dir)
	case found != nil && (found.Agents != opt.Agents || found.Seed != opt.Seed):
		return failure.New(failure.Conflict, "%s holds the demo of %d agents and seed %d: use those, or another folder", opt.Dir, found.Agents, found.Seed)
	case found != nil:
		return nil
	}
	b := &builder{Services: s, opt: opt, academie: Generate(opt.Seed, opt.Agents)}
	if err := b.build(ctx); err != nil {
		return fmt.Errorf("build demo: %w", err)
	}
	return nil
}

// readMarker gives nil where the folder holds no demo.
func readMarker(dir string) (*marker, error) {
	data, err := os.ReadFile(filepath.Join(dir, fileMarker))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	m := &marker{}
	if err := json.Unmarshal(data, m); err != nil {
		return nil, fmt.Errorf("read %s: %w", fileMarker, err)
	}
	return m, nil
}

func (b *builder) writeMarker(finished bool) error {
	data, err := json.Marshal(marker{Agents: b.opt.Agents, Seed: b.opt.Seed, Finished: finished})
	if err != nil {
		return err
	}
	return b.writeFile(fileMarker, data)
}

func (b *builder) writeFile(name string, data []byte) error {
	return safeio.WriteFile(filepath.Join(b.opt.Dir, name), data)
}

// builder makes one demo.
type builder struct {
	Services
	opt      Options
	academie *Academie
	accounts map[string]roster.Holder // by id_rh
	password string
}

// by is who acts, in the journal.
func by() identity.By { return identity.By{Actor: "demo", Reason: "fictional académie"} }

func (b *builder) build(ctx context.Context) error {
	if err := b.writeMarker(false); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{b.schools, b.people, b.activate, b.pupils, b.boxes, b.lists, b.mail, b.files} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return b.writeMarker(true)
}

// schools puts the establishments into the directory, and makes the boxes of services; those of the establishments
// come with the HR file.
func (b *builder) schools(ctx context.Context) error {
	if err := b.Roster.PutEstablishments(ctx, b.academie.Schools); err != nil {
		return err
	}
	_, err := b.Boxes.Create(ctx, by(), serviceBoxes())
	return err
}

// people writes the HR file and imports it, as an académie's own feed is.
func (b *builder) people(ctx context.Context) error {
	var file bytes.Buffer
	if err := b.academie.WriteHR(&file); err != nil {
		return err
	}
	if err := b.writeFile(FileHR, file.Bytes()); err != nil {
		return err
	}
	report, err := b.Roster.Import(ctx, bytes.NewReader(file.Bytes()), roster.Options{
		Progress: func(done, total int) { b.opt.Progress("annuaire", done, total) }})
	if err != nil {
		return err
	}
	if want := len(b.academie.Agents) + len(b.academie.Fresh); report.Joiners != want || report.Rejected > 0 {
		return fmt.Errorf("the HR file gave %d people of %d, %d lines rejected: is the folder's database empty?", report.Joiners, want, report.Rejected)
	}
	return b.readAccounts(ctx)
}

// readAccounts learns which login and address the directory gave to whom.
func (b *builder) readAccounts(ctx context.Context) error {
	b.accounts = make(map[string]roster.Holder, len(b.academie.Agents)+len(b.academie.Fresh))
	for holder, err := range b.Roster.Holders(ctx) {
		if err != nil {
			return err
		}
		b.accounts[holder.HRID] = holder
	}
	return nil
}

// of gives what an agent was given.
func (b *builder) of(a Agent) roster.Holder { return b.accounts[a.Person.HRID] }

// activate opens the accounts of the agents, all with one generated password: its hash costs
// nothing, and the verifier sees nothing particular in it. The freshly appointed keep their NUMEN.
func (b *builder) activate(ctx context.Context) error {
	secret, err := identity.Generate(b.opt.Random)
	if err != nil {
		return err
	}
	accounts := make([]int64, len(b.academie.Agents))
	for i, agent := range b.academie.Agents {
		accounts[i] = b.of(agent).Account
	}
	b.password = secret.Secret
	return b.Identity.ActivateAllWith(ctx, by(), accounts, secret.Secret)
}
