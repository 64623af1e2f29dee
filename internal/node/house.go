// Package node is the composition root: it builds the rooms of a server from its configuration, opens its doors, and
// ends them in order. It is the only package that knows every room.
package node

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"navette/internal/activation"
	"navette/internal/admin"
	"navette/internal/annuaire"
	"navette/internal/blob"
	"navette/internal/box"
	"navette/internal/bus"
	"navette/internal/career"
	"navette/internal/config"
	"navette/internal/content"
	"navette/internal/country"
	"navette/internal/delivery"
	"navette/internal/demo"
	"navette/internal/disclosure"
	"navette/internal/enrolment"
	"navette/internal/factor"
	"navette/internal/forward"
	"navette/internal/frame"
	"navette/internal/group"
	"navette/internal/identity"
	"navette/internal/incident"
	"navette/internal/limits"
	"navette/internal/list"
	"navette/internal/mail"
	"navette/internal/mailbox"
	"navette/internal/mailing"
	"navette/internal/notice"
	"navette/internal/origin"
	"navette/internal/proof"
	"navette/internal/reach"
	"navette/internal/roster"
	"navette/internal/store"
)

// House is storage and services, without doors: what a command needs, and what the doors stand on.
type House struct {
	Config      *config.Config
	Log         *slog.Logger
	DB          *store.DB
	Bus         *bus.Local
	Blobs       *blob.Folder
	Contents    *content.Contents
	Mailboxes   *mailbox.Service
	Delivery    *delivery.Service
	Identity    *identity.Service
	Countries   *country.Map // nil: there is no map
	Roster      *roster.Service
	Enrolment   *enrolment.Service
	Career      *career.Service
	Boxes       *box.Service
	Directory   *annuaire.Service
	Origin      *origin.Service
	Proof       *proof.Service
	Forwards    *forward.Service
	Frames      *frame.Service
	Incidents   *incident.Service
	Disclosures *disclosure.Service
	Lists       *list.Service
	Reach       *reach.Service
	Groups      *group.Service
	Notices     *notice.Service
	Mailings    *mailing.Service
	Sheets      *activation.Service
	Desk        factor.Desk

	digest func(address string) string // what stands for an address in the log, under the pepper

	lock   *lock
	origin atomic.Pointer[string] // of the pages, once it is known
}

// readers is how many connections read: enough that the poll of revocations never waits behind long reads.
const readers = 8

// Open takes the data folder's lock and builds storage and services; failure.Conflict where another process has it,
// failure.Permanent where the database would lose acknowledged mail. Only a demo's mail may be lost in a power cut.
func Open(ctx context.Context, c *config.Config, log *slog.Logger) (*House, error) {
	return open(ctx, c, log, !demo.IsDemo(c.DataDir))
}

// open is Open; durable tells whether what is acknowledged must survive a power cut.
func open(ctx context.Context, c *config.Config, log *slog.Logger, durable bool) (*House, error) {
	if err := prepareFolder(c); err != nil {
		return nil, err
	}
	l, err := takeLock(c.DataDir)
	if err != nil {
		return nil, err
	}
	h := &House{Config: c, Log: log, lock: l, Bus: bus.NewLocal()}
	if err := h.build(ctx, store.Options{RequireDurable: durable}); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

// OpenToRead builds what `check` needs, beside a running server: it writes nothing and takes no lock.
func OpenToRead(ctx context.Context, c *config.Config, log *slog.Logger) (*House, error) {
	h := &House{Config: c, Log: log, Bus: bus.NewLocal()}
	if err := h.build(ctx, store.Options{ReadOnly: true}); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

func (h *House) build(ctx context.Context, opt store.Options) (err error) {
	opt.Now, opt.Log, opt.Readers, opt.OnHints = time.Now, h.Log, readers, h.publish
	h.DB, err = store.Open(ctx, h.Config.Database, opt)
	if err != nil {
		return err
	}
	if h.Blobs, err = blob.OpenFolder(objectsDir(h.Config), rand.Reader); err != nil {
		return err
	}
	if !opt.ReadOnly {
		if err := bindObjects(ctx, h.DB, h.Blobs, objectsDir(h.Config)); err != nil {
			return err
		}
	}
	if h.Contents, err = content.New(h.DB, h.Blobs, mail.DefaultLimits()); err != nil {
		return err
	}
	h.Mailboxes = mailbox.New(h.DB, h.Contents)
	h.Delivery = delivery.New(h.DB, h.Contents, delivery.Config{Domains: h.Config.Domains, Now: time.Now, Log: h.Log,
		Lifetime: h.Config.Outbound.ExpireAfter})
	if opt.ReadOnly {
		return nil
	}
	return h.buildPeople(ctx)
}

// publish hands hints of committed changes to whoever watches the accounts.
func (h *House) publish(hints []store.Hint) {
	for _, hint := range hints {
		h.Bus.Publish(hint.Account, hint.Modseq)
	}
}

func (h *House) buildPeople(ctx context.Context) (err error) {
	pepper, err := openPepper(h.Config.Identity.PepperFile)
	if err != nil {
		return err
	}
	h.digest = digester(pepper)
	if path := h.Config.Identity.CountriesFile; path != "" {
		if h.Countries, err = country.Open(path); err != nil {
			return err
		}
	}
	cost, err := identity.TuneArgon2(ctx, h.DB, time.Now)
	if err != nil {
		return err
	}
	h.Identity, err = identity.New(ctx, identity.Options{DB: h.DB, Log: h.Log, Pepper: pepper, Trusted: h.trusted(), Argon2: cost})
	if err != nil {
		return err
	}
	h.Proof, err = proof.New(proof.Config{DB: h.DB, File: h.Config.Identity.Proof(), Zone: time.Local, Now: time.Now, Random: rand.Reader})
	if err != nil {
		return err
	}
	h.Notices = notice.New(notice.Config{Contents: h.Contents, Delivery: h.Delivery, Domain: h.Config.Domains[0], Hostname: h.Config.Hostname,
		Now: time.Now, Random: rand.Reader})
	h.Sheets = activation.New(activation.Config{DB: h.DB, Identity: h.Identity, Random: rand.Reader}) // makes sheets; activations need the pages
	h.Desk = factor.Desk{Identity: h.Identity, Mailer: h.Notices, Log: h.Log}
	h.Roster = roster.New(roster.Config{DB: h.DB, Log: h.Log, Domain: h.Config.Domains[0], Quota: h.Config.Quota, Numens: h.Identity})
	h.buildEnrolment(pepper)
	h.buildCareer()
	h.Directory = annuaire.New(annuaire.Config{DB: h.DB, Zone: time.Local, Now: time.Now, Log: h.Log})
	h.Origin = origin.New(origin.Config{Directory: h.Directory, Domains: h.Config.Domains, Name: h.Config.Academie.Name, Log: h.Log})
	h.Boxes = box.New(box.Config{DB: h.DB, Contents: h.Contents, Delivery: h.Delivery, Domain: h.Config.Domains[0], Hostname: h.Config.Hostname,
		Quota: h.Config.Quota, Zone: time.Local, Now: time.Now, Random: rand.Reader, Log: h.Log})
	h.Lists = list.New(list.Config{DB: h.DB, Contents: h.Contents, Mailboxes: h.Mailboxes, Delivery: h.Delivery, Domain: h.Config.Domains[0],
		Hostname: h.Config.Hostname, Zone: time.Local, Now: time.Now, Random: rand.Reader, Log: h.Log})
	h.Delivery.OnLists(h.Lists)
	h.Reach = reach.New(reach.Config{DB: h.DB, Former: pepper, Zone: time.Local, Now: time.Now})
	h.Groups = group.New(group.Config{DB: h.DB, Reach: h.Reach, Domain: h.Config.Domains[0], Random: rand.Reader, Log: h.Log})
	h.Reach.OnGroups(h.Groups)
	h.Delivery.OnGroups(h.Groups)
	h.buildMailings(pepper)
	h.buildPolicies(pepper)
	return nil
}

// openPepper reads the pepper, and makes it at the first start.
func openPepper(path string) (*identity.Pepper, error) {
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		if err := identity.CreatePepper(path, rand.Reader); err != nil {
			return nil, err
		}
	}
	return identity.LoadPepper(path)
}

func (h *House) trusted() limits.Networks { return limits.Networks(h.Config.TrustedNetworks) }

// Operations are what commands do, in this process.
func (h *House) Operations() admin.Operations {
	return &admin.Local{Identity: h.Identity, Roster: h.Roster, Enrolment: h.Enrolment, Career: h.Career, Boxes: h.Boxes, Lists: h.Lists, Directory: h.Directory,
		Computed: admin.GroupServices{Groups: h.Groups, Reach: h.Reach, Domains: h.Config.Domains},
		Forwards: h.Forwards, Frames: h.Frames, Incidents: h.Incidents, Signer: h.Proof, Sheets: h.Sheets, Desk: h.Desk}
}

// Close ends the database and gives the lock back.
func (h *House) Close() error {
	var err error
	if h.DB != nil {
		err = h.DB.Close()
	}
	err = errors.Join(err, h.Countries.Close())
	if h.lock != nil {
		h.lock.release()
	}
	return err
}
