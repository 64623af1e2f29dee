// Package check verifies that what is stored holds together. It reads only, in bounded memory, beside a running server:
// whatever it compares comes from one snapshot, and what a collection takes away meanwhile is no finding.
//
// What is compared: people with accounts, addresses, functions and secrets, boxes with their members, pupils with schools, classes and
// guardians, counters with what they count, placements with emails, emails with messages, messages with
// contents, contents with objects, flags, UIDs and modseqs with their bounds, the change log with its account,
// deliveries with the emails they made, facts with their contents, the journal's chain, and the marks of the
// collection. Leftovers that the collection removes in its time are counted, and are no findings.
package check

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"navette/internal/audit"
	"navette/internal/blob"
	"navette/internal/content"
	"navette/internal/mail"
	"navette/internal/mailbox"
	"navette/internal/store"
)

// Kind names what does not hold.
type Kind string

// The kinds, in plain words.
const (
	MailboxCounters    Kind = "mailbox counters"
	MailboxUID         Kind = "mailbox UIDNEXT"
	MailboxModseq      Kind = "mailbox modseq"
	MailboxHalf        Kind = "half a mailbox"
	AccountSpace       Kind = "space used"
	AccountBounds      Kind = "account counters"
	ChangeLog          Kind = "change log"
	PlacementEmail     Kind = "placement without its email"
	PlacementMailbox   Kind = "placement without its mailbox"
	PlacementFlags     Kind = "placement flags"
	EmailMessage       Kind = "email without its message"
	EmailKeywords      Kind = "email keywords"
	EmailThread        Kind = "email thread"
	HeldMessage        Kind = "held without its message"
	OutboundMessage    Kind = "outbound without its message"
	DeliveryMessage    Kind = "delivery without its message"
	DeliveryUnfinished Kind = "delivery closed too early"
	DeliveryLost       Kind = "delivery not placed"
	DeliveryTwice      Kind = "delivery placed twice"
	MessageContent     Kind = "message without its content"
	MessageSize        Kind = "message size"
	ContentFacts       Kind = "content facts"
	ContentPlace       Kind = "content place"
	ContentDamaged     Kind = "content damaged"
	ObjectMissing      Kind = "object missing"
	AccountHalf        Kind = "half an account"
	AccountPerson      Kind = "account without its person"
	AccountAddresses   Kind = "account with two primary addresses"
	AddressAccount     Kind = "address without its account"
	FunctionPerson     Kind = "function without its person"
	CredentialAccount  Kind = "secret without its account"
	ListAccount        Kind = "list without its account"
	ListOwner          Kind = "list without an owner"
	ListMember         Kind = "member of a list"
	ListRule           Kind = "rule of a list"
	Suspension         Kind = "suspension"
	BoxHalf            Kind = "half a box"
	BoxMember          Kind = "member of a box"
	BoxAnswer          Kind = "answer from a box"
	SchoolYear         Kind = "school year"
	Guardianship       Kind = "guardianship"
	Enrolment          Kind = "enrolment"
	Teaching           Kind = "teaching"
	Structure          Kind = "structure without its establishment"
	Journal            Kind = "journal"
	Marks              Kind = "collection marks"
)

// Finding is one thing that does not hold. Ids that do not apply are 0.
type Finding struct {
	Kind                                          Kind
	Account, Mailbox, UID, Email                  int64
	Message, Content, Delivery, Held, Outbound, N int64  // N: the journal's row
	Text                                          string // what was found and what was expected
}

// String is one line for people.
func (f Finding) String() string {
	var b strings.Builder
	b.WriteString(string(f.Kind))
	for _, id := range []struct {
		name  string
		value int64
	}{
		{"account", f.Account}, {"mailbox", f.Mailbox}, {"UID", f.UID}, {"email", f.Email}, {"message", f.Message},
		{"content", f.Content}, {"delivery", f.Delivery}, {"held", f.Held}, {"outbound", f.Outbound}, {"row", f.N},
	} {
		if id.value != 0 {
			fmt.Fprintf(&b, ", %s %d", id.name, id.value)
		}
	}
	return b.String() + ": " + f.Text
}

// Report is what Verify found.
type Report struct {
	Accounts, Deliveries, Messages, Contents int64 // looked at
	Findings                                 []Finding
	More                                     int   // findings beyond maxFindings
	OrphanObjects                            int64 // leftovers: objects without a row
	OrphanContents                           int64 // leftovers: contents without a message
}

// Clean tells that nothing was found.
func (r *Report) Clean() bool { return len(r.Findings) == 0 }

// maxFindings bounds the memory of a report on a store that is damaged all over.
const maxFindings = 1000

// Options say how far to look.
type Options struct {
	Progress  func(done, total int64) // called now and then; nil for nobody
	Deep      bool                    // read every octet: checksums, and facts against a fresh parse
	Retention time.Duration           // how long removed mail stays at least; 0 means mailbox.Retention
}

// Checker looks at one store.
type Checker struct {
	DB       *store.DB
	Blobs    blob.Store
	Contents *content.Contents
	Limits   mail.Limits // those that facts were made with
}

// run is one Verify under way.
type run struct {
	Checker
	Options
	report      Report
	done, total int64
}

// Verify looks at everything. Its error says that it could not look, not what it found.
func (c *Checker) Verify(ctx context.Context, opt Options) (Report, error) {
	if opt.Progress == nil {
		opt.Progress = func(int64, int64) {}
	}
	if opt.Retention == 0 {
		opt.Retention = mailbox.Retention
	}
	r := &run{Checker: *c, Options: opt}
	for _, step := range []struct {
		what string
		do   func(context.Context) error
	}{
		{"count", r.count},
		{"directory", r.directory},
		{"accounts", r.accounts},
		{"deliveries", r.deliveries},
		{"messages", r.messages},
		{"contents", r.contents},
		{"references", r.references},
		{"objects", r.objects},
		{"journal", r.journal},
	} {
		if err := step.do(ctx); err != nil {
			return r.report, fmt.Errorf("check %s: %w", step.what, err)
		}
	}
	return r.report, nil
}

func (r *run) found(f Finding, format string, args ...any) {
	if len(r.report.Findings) >= maxFindings {
		r.report.More++
		return
	}
	f.Text = fmt.Sprintf(format, args...)
	r.report.Findings = append(r.report.Findings, f)
}

func (r *run) advance(n int) {
	r.done += int64(n)
	r.Progress(min(r.done, r.total), r.total)
}

// count estimates the work: rows come and go while it is done.
func (r *run) count(ctx context.Context) error {
	return r.DB.Read(ctx, func(tx *store.Tx) error {
		r.total = 0
		for _, table := range []string{"account_state", "delivery", "message", "content"} {
			var n int64
			if err := tx.QueryRow(ctx, `SELECT count(*) FROM `+table).Scan(&n); err != nil {
				return err
			}
			r.total += n
		}
		return nil
	})
}

func (r *run) journal(ctx context.Context) error {
	_, err := audit.Verify(ctx, r.DB)
	var broken *audit.Broken
	if errors.As(err, &broken) {
		r.found(Finding{Kind: Journal, N: broken.Seq}, "%s", broken.Why)
		return nil
	}
	return err
}

// snapshot is DB.Read for closures that report: of one that is read again nothing is counted twice.
func (r *run) snapshot(ctx context.Context, fn func(tx *store.Tx) error) error {
	before := r.report
	return r.DB.Read(ctx, func(tx *store.Tx) error {
		r.report = before
		return fn(tx)
	})
}

// pages calls fn for ranges of an id column that hold at most size rows each, after < id <= last, and counts the rows.
// All of a page is read in the snapshot tx.
func (r *run) pages(ctx context.Context, table, column string, size int, counter *int64, fn func(tx *store.Tx, after, last int64) error) error {
	for after := int64(0); ; {
		var last, n int64
		err := r.snapshot(ctx, func(tx *store.Tx) error {
			err := tx.QueryRow(ctx, `SELECT count(*), COALESCE(max(id), 0) FROM (SELECT `+column+` AS id FROM `+table+`
				WHERE `+column+` > $1 ORDER BY `+column+` LIMIT $2) AS page`, after, size).Scan(&n, &last)
			if err != nil || n == 0 {
				return err
			}
			return fn(tx, after, last)
		})
		if err != nil {
			return err
		}
		if n == 0 {
			return nil
		}
		after = last
		*counter += n
		r.advance(int(n))
	}
}

// rule is a query that returns a row of whole numbers for each thing that does not hold, in a page of ids $1 < id <= $2.
type rule struct {
	kind  Kind
	query string
	ids   func(f *Finding, row []int64) // which columns are ids
	text  string                        // of the row's columns, by number
}

func (r *run) apply(ctx context.Context, tx *store.Tx, rules []rule, args ...any) error {
	for _, one := range rules {
		rows, err := tx.Query(ctx, one.query, args...)
		if err != nil {
			return fmt.Errorf("%s: %w", one.kind, err)
		}
		err = eachRow(rows, func(row []int64) {
			f := Finding{Kind: one.kind}
			one.ids(&f, row)
			values := make([]any, len(row))
			for i, v := range row {
				values[i] = v
			}
			r.found(f, one.text, values...)
		})
		if err != nil {
			return fmt.Errorf("%s: %w", one.kind, err)
		}
	}
	return nil
}
