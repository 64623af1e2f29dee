package roster

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"navette/internal/audit"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/store"
)

// NumenSealer keeps the NUMEN of new accounts until their owners activate them. It runs within the
// transaction that makes the accounts (identity.Service).
type NumenSealer interface {
	SealNumens(ctx context.Context, tx *store.Tx, numens []identity.Numen) error

	// NewNumens gives those that differ from what accounts that are only appointed wait with; ReplaceNumens puts them
	// in its place, unless the account was activated meanwhile.
	NewNumens(ctx context.Context, tx *store.Tx, numens []identity.Numen) ([]identity.Numen, error)
	ReplaceNumens(ctx context.Context, tx *store.Tx, numens []identity.Numen) error
}

// Config is what a Service needs. All of it is required but Quota and Numens.
type Config struct {
	DB     *store.DB
	Log    *slog.Logger
	Domain string      // of the addresses issued, normalised
	Quota  int64       // of a new mailbox, in octets; 0 for none
	Numens NumenSealer // nil: nobody can activate an account by NUMEN
}

// Service writes the directory from HR files. Several may run, on several nodes: an import notices
// that another changed the directory meanwhile, and plans again.
type Service struct {
	cfg Config
}

// New gives the service.
func New(cfg Config) *Service { return &Service{cfg: cfg} }

// Options say how to import.
type Options struct {
	DryRun   bool                  // plan and report, change nothing
	Details  bool                  // have the report name each change
	Force    []string              // categories and UAIs of which a fall is right
	By       identity.By           // who forces; needed with Force
	Progress func(done, total int) // called with data lines, from the importing goroutine; may be nil
}

// actor is the feed's name in the journal.
const actor = "hr-import"

// batchLines is how many lines one transaction takes: few enough that interactive writes pass
// between, many enough that statements are few.
const batchLines = 1000

// Import makes the directory what the file says. The file is complete: a function that it does not
// name has ended, except those of people of whom a line was rejected. Importing the same
// file again changes nothing.
//
// A file that is not whole, or that the brakes stop, is refused (failure.Permanent, with a text to show) before
// anything changes. An error later leaves what was done until then; the next import of the file does the rest.
func (s *Service) Import(ctx context.Context, source io.ReadSeeker, opt Options) (Report, error) {
	file, err := Open(source)
	if err != nil {
		return Report{}, err
	}
	if opt.Progress == nil {
		opt.Progress = func(int, int) {}
	}
	r := &run{Service: s, opt: opt, file: file, people: roll{file.ids, make([]personState, len(file.ids))}, seen: newLineOf(file.Lines),
		protected: map[string]bool{}, hints: map[string]int{},
		report: Report{DryRun: opt.DryRun, Encoding: file.Encoding, Lines: file.Lines}}
	if err := r.start(ctx); err != nil {
		return r.report, fmt.Errorf("import HR file: %w", err)
	}
	if err := r.all(ctx); err != nil {
		return r.finish(), fmt.Errorf("import HR file: %w", err)
	}
	report := r.finish()
	if opt.DryRun {
		return report, nil
	}
	if err := r.record(ctx, report); err != nil {
		return report, fmt.Errorf("import HR file: %w", err)
	}
	s.cfg.Log.InfoContext(ctx, "HR file imported", "lines", report.Lines, "joiners", report.Joiners, "changes", report.Changes,
		"unchanged", report.Unchanged, "ended", report.Ended, "rejected", report.Rejected)
	return report, nil
}

// start asks the brakes, and gives the file its number.
func (r *run) start(ctx context.Context) (err error) {
	if r.report.Falls, err = r.falls(ctx, r.opt.Force); err != nil {
		return err
	}
	if r.opt.DryRun {
		return nil
	}
	if err := braked(r.report.Falls); err != nil {
		return err
	}
	if r.fileID, err = r.cfg.DB.NewIDs(ctx, "roster_file", 1); err != nil {
		return err
	}
	r.report.File = r.fileID
	return nil
}

// record notes the file and what it did, in the journal too, where what was forced has an entry of its own.
func (r *run) record(ctx context.Context, report Report) error {
	counts := report
	counts.Rejections, counts.Warnings, counts.Details = nil, nil, nil // names stay out of the record
	detail, err := json.Marshal(counts)
	if err != nil {
		return fmt.Errorf("encode report: %w", err)
	}
	subject := fmt.Sprintf("file:%d", r.fileID)
	return r.cfg.DB.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO roster_file (file_id, sha256, lines, imported_at, report) VALUES ($1, $2, $3, $4, $5)`,
			r.fileID, r.file.Sum[:], r.file.Lines, tx.NowMicros(), string(detail))
		if err != nil {
			return fmt.Errorf("record file: %w", err)
		}
		if err := r.storeCounts(ctx, tx); err != nil {
			return err
		}
		if len(report.Falls) > 0 {
			forced, err := json.Marshal(report.Falls)
			if err != nil {
				return fmt.Errorf("encode what was forced: %w", err)
			}
			if err := audit.Append(ctx, tx, audit.Entry{Actor: r.opt.By.Actor, Action: "roster.force", Subject: subject,
				Reason: r.opt.By.Reason, Detail: string(forced)}); err != nil {
				return err
			}
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: actor, Action: "roster.import", Subject: subject,
			Reason: "HR file", Detail: string(detail)})
	})
}

// personState is what a run knows of a person it met: bits.
type personState uint8

const (
	named personState = 1 << iota
	joined
	changed
)

// functionKey is a function as the database names it.
type functionKey struct {
	person, function int64
}

// packed is the key in one word: a career has fewer than 65,536 functions, and ids of people are small.
func (k functionKey) packed() uint64 { return uint64(k.person)<<16 | uint64(k.function)&0xffff }

// run is one import. Its memory grows with the number of people and functions of the file, by some
// tens of octets each, and not with the directory.
type run struct {
	*Service
	opt       Options
	file      *File
	report    Report
	warned    warnings
	fileID    int64                                  // 0 in a dry run
	by        identity.By                            // who appoints by hand; zero: the feed
	within    func(context.Context, *store.Tx) error // further statements of a write, the journal's last; may be nil
	aliases   map[string]string                      // id_rh that was merged -> that of the record
	expecting bool                                   // there are provisional accounts that wait for their HR line
	schools   map[string]bool                        // UAIs that the directory knows
	people    roll                                   // everybody of the file
	seen      *lineOf                                // which line named a function
	protected map[string]bool                        // people of whom a line was rejected: none of their functions ends
	hints     map[string]int                         // bare name -> first homonym number that may be free
}

// all reads the file batch by batch, then ends what it did not name.
func (r *run) all(ctx context.Context) error {
	var err error
	if r.schools, err = r.knownSchools(ctx); err != nil {
		return err
	}
	if err := r.loadAliases(ctx); err != nil {
		return err
	}
	batch := make([]Line, 0, batchLines)
	done := 0
	flush := func() error {
		if err := r.batch(ctx, batch); err != nil {
			return err
		}
		batch = batch[:0]
		r.opt.Progress(done, r.file.Lines)
		return nil
	}
	for record, err := range r.file.Records() {
		if err != nil {
			return err
		}
		done++
		if record.Rejection != nil {
			r.reject(*record.Rejection)
			continue
		}
		r.warn(record.Line)
		if batch = append(batch, record.Line); len(batch) == batchLines {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	return r.endAbsent(ctx)
}

// batch plans and writes some lines, again when the directory changed between the two.
func (r *run) batch(ctx context.Context, lines []Line) error {
	if len(lines) == 0 {
		return nil
	}
	const attempts = 10
	for range attempts {
		p, err := r.plan(ctx, lines)
		if err != nil {
			return err
		}
		if !p.empty() && !r.opt.DryRun {
			switch err := r.write(ctx, p); {
			case failure.Is(err, failure.Conflict):
				continue
			case err != nil:
				return err
			}
		}
		r.settle(p)
		return nil
	}
	return failure.New(failure.Conflict, "une autre importation est en cours ; relancer celle-ci ensuite")
}

// errConflict says that the directory changed after a plan was made.
var errConflict = failure.New(failure.Conflict, "the directory changed meanwhile")

func (r *run) reject(rejection Rejection) {
	r.report.Rejected++
	rejection.HRID = strings.Clone(rejection.HRID) // else it keeps its whole line
	if len(r.report.Rejections) < maxRejections {
		r.report.Rejections = append(r.report.Rejections, rejection)
	}
	if rejection.HRID != "" {
		r.protected[rejection.HRID] = true
		if record, merged := r.aliases[rejection.HRID]; merged {
			r.protected[record] = true
		}
	}
}

func (r *run) warn(line Line) {
	for _, text := range line.Surprises {
		r.warned.add(line.Number, line.Person.HRID, text)
	}
	if uai := line.Function.UAI; uai != "" && !r.schools[uai] {
		if _, err := directory.ParseUAI(uai); err == nil { // else it was told already
			r.warned.add(line.Number, line.Person.HRID, fmt.Sprintf("UAI inconnue de l'annuaire : %s", uai))
		}
	}
}

// finish counts people, each once.
func (r *run) finish() Report {
	for _, state := range r.people.states {
		switch {
		case state&joined != 0:
			r.report.Joiners++
		case state&changed != 0:
			r.report.Changes++
		case state&named != 0:
			r.report.Unchanged++
		}
	}
	r.report.Warnings = r.warned.list()
	return r.report
}
