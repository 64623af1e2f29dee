package enrolment

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"navette/internal/aaf"
	"navette/internal/audit"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/store"
)

// Config is what a Service needs. All of it is required.
type Config struct {
	DB      *store.DB
	Log     *slog.Logger
	Digest  func(matchKey string) []byte // identity.Pepper.FormerDigest
	Zone    *time.Location               // in which days begin
	Scratch string                       // folder for files without a name
	Rules   Rules
}

// Rules are how long what is over is kept.
type Rules struct {
	FormerDays    int // an address stays protected so long after it was a guardian's or a pupil's
	RetentionDays int // people whom the exports no longer name are kept so long
}

// Service keeps pupils, guardians, classes and who teaches them. Its methods may be called from many goroutines; one
// import runs at a time, and an import on another node has the later of both start again (failure.Conflict).
type Service struct {
	cfg  Config
	busy chan struct{} // holds one token while an import or a switch runs
}

// New gives the service.
func New(cfg Config) *Service { return &Service{cfg: cfg, busy: make(chan struct{}, 1)} }

// take waits for its turn; give ends it.
func (s *Service) take(ctx context.Context) (give func(), err error) {
	select {
	case s.busy <- struct{}{}:
		return func() { <-s.busy }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// today is the day that it is in the académie.
func (s *Service) today() directory.Date { return directory.DateOf(s.cfg.DB.Now().In(s.cfg.Zone)) }

// Options say how to import.
type Options struct {
	DryRun   bool                  // survey and report, change nothing
	Year     int                   // school year that the export tells of; 0: the one of its day (YearOf)
	Force    []string              // UAIs of which a disappearance is right; "all": of every one, and of the whole
	By       identity.By           // who forces; needed with Force
	Progress func(done, total int) // called with kilo-octets read, then with records written; may be nil
}

// forceAll forces every disappearance, and an export that is older than the newest.
const forceAll = "all"

func (o Options) forces(name string) bool {
	return slices.ContainsFunc(o.Force, func(f string) bool {
		f = strings.TrimSpace(f)
		return strings.EqualFold(f, forceAll) || strings.EqualFold(f, name)
	})
}

// actor is the feed's name in the journal.
const actor = "aaf-import"

// errConflict says that another import, switch or decision came between.
var errConflict = failure.New(failure.Conflict, "les données scolaires ont changé pendant l'importation ; la relancer / school data changed meanwhile: run the import again")

// Import makes the tables what an export says. Importing the same export again changes nothing; one that was interrupted
// is finished by importing it again.
//
// An export that is not whole, tells of a locked year, or is stopped by the brakes is refused (failure.Permanent or
// failure.Policy, with a text to show) before anything changes; the report says why. A later error leaves what was
// done until then.
func (s *Service) Import(ctx context.Context, export *aaf.Export, opt Options) (Report, error) {
	give, err := s.take(ctx)
	if err != nil {
		return Report{}, err
	}
	defer give()
	if opt.Progress == nil {
		opt.Progress = func(int, int) {}
	}
	r, err := s.newRun(ctx, export, opt)
	if err != nil {
		return Report{}, fmt.Errorf("import AAF export: %w", err)
	}
	defer r.spool.close()
	err = r.all(ctx)
	r.report.Warnings = r.warned.list()
	if err != nil {
		return r.report, fmt.Errorf("import AAF export: %w", err)
	}
	return r.report, nil
}

// run is one import.
type run struct {
	*Service
	opt     Options
	export  *aaf.Export
	degree  int
	sum     []byte
	year    Year  // that it goes into
	isNew   bool  // the year is not there yet
	first   bool  // no year is current
	version int64 // of the tables, as the run last knew them
	fileID  int64 // 0 in a dry run
	former  int   // addresses that the transaction under way makes former ones

	structures map[string]*structure
	scope      map[string]bool // UAIs that the export names
	subjects   map[string]string
	divisions  *divisions
	guardians  *roll
	pupils     *roll
	staff      *roll

	spool    *spool
	changed  changes
	counts   map[string]*tally
	answers  []int64  // school number and place of a legal guardian, packed: one for each pupil
	schools  []string // by number
	schoolNo map[string]int32

	report Report
	warned warnings
}

// changes are what differs from what is known.
type changes struct {
	structures map[string]*structure // by join key, as the export has them
	subjects   map[string]string
	guardians  []entry
	pupils     []entry
	pupilAt    []int32 // school number of each, so that a school is written at once
	staff      []entry
}

func (s *Service) newRun(ctx context.Context, export *aaf.Export, opt Options) (*run, error) {
	if len(opt.Force) > 0 && (opt.By.Actor == "" || opt.By.Reason == "") {
		return nil, failure.New(failure.Policy, "forcer demande qui et pourquoi / forcing needs who and why")
	}
	r := &run{Service: s, opt: opt, export: export, degree: int(export.Degree), scope: map[string]bool{}, counts: map[string]*tally{},
		schoolNo: map[string]int32{}}
	r.changed.structures, r.changed.subjects = map[string]*structure{}, map[string]string{}
	day := export.Date
	if day.IsZero() {
		day = s.today()
	}
	r.year = Year{Year: YearOf(day), AsOf: day}
	if opt.Year != 0 {
		r.year.Year = opt.Year
	}
	r.report = Report{DryRun: opt.DryRun, Name: export.Name, Degree: r.degree, Complete: export.Complete, Year: r.year, Octets: sizeOf(export)}
	var err error
	r.spool, err = newSpool(s.cfg.Scratch)
	return r, err
}

func sizeOf(x *aaf.Export) (n int64) {
	for _, f := range x.Files {
		n += f.Size
	}
	return n
}

// all is the import, step by step.
func (r *run) all(ctx context.Context) error {
	if len(r.export.Gaps) > 0 {
		return refused("il est incomplet : %s", r.export.Gaps[0])
	}
	sum, err := r.export.Sum(ctx)
	if err != nil {
		return err
	}
	r.sum = sum[:]
	if err := r.cfg.DB.Read(ctx, func(tx *store.Tx) error { return r.load(ctx, tx) }); err != nil || r.report.Known {
		return err
	}
	if err := r.survey(ctx); err != nil {
		return err
	}
	lost, err := r.findLost(ctx)
	if err != nil {
		return err
	}
	if err := r.brake(ctx, lost); err != nil || r.opt.DryRun {
		return err
	}
	if err := r.apply(ctx, lost); err != nil {
		return err
	}
	if r.first {
		r.report.Year.State = Current
	}
	r.cfg.Log.InfoContext(ctx, "AAF export imported", "file", r.fileID, "year", r.year.Year, "degree", r.degree, "complete", r.export.Complete,
		"pupils", r.report.Pupils.Named, "guardians", r.report.Guardians.Named, "staff", r.report.Staff.Named, "rejected", len(r.report.Rejections),
		"doubtful", r.report.Doubtful)
	return nil
}

func refused(format string, args ...any) error {
	return failure.New(failure.Permanent, "export refusé, rien n'a été changé : "+format, args...)
}

// load reads what is known, in one snapshot: the year, and everybody by join key.
func (r *run) load(ctx context.Context, tx *store.Tx) (err error) {
	if r.version, err = tx.Meta(ctx, "enrolment"); err != nil {
		return err
	}
	if err := r.admit(ctx, tx); err != nil || r.report.Known {
		return err
	}
	if r.structures, err = loadStructures(ctx, tx, r.degree); err != nil {
		return err
	}
	if r.subjects, err = loadSubjects(ctx, tx, r.degree); err != nil {
		return err
	}
	if r.divisions, err = loadDivisions(ctx, tx, r.year.Year); err != nil {
		return err
	}
	for table, to := range map[string]**roll{"guardian": &r.guardians, "pupil": &r.pupils, "staff": &r.staff} {
		if *to, err = loadRoll(ctx, tx, table, r.degree); err != nil {
			return err
		}
	}
	return nil
}

// admit decides whether the export may go into its year.
func (r *run) admit(ctx context.Context, tx *store.Tx) error {
	r.report.Known, r.isNew, r.first = false, false, false
	current, err := currentYear(ctx, tx)
	r.first = failure.Is(err, failure.NotFound)
	if err != nil && !r.first {
		return err
	}
	here, err := yearNamed(ctx, tx, r.year.Year)
	r.isNew = failure.Is(err, failure.NotFound)
	if err != nil && !r.isNew {
		return err
	}
	r.year.State = here.State // Preparing where it is new
	r.report.Year = r.year
	switch {
	case here.State == Locked:
		return failure.New(failure.Policy, "export refusé, rien n'a été changé : l'année %v est verrouillée", here)
	case r.isNew && !r.first && r.year.Year < current.Year:
		return failure.New(failure.Policy, "export refusé, rien n'a été changé : il date du %s, l'année en cours est %v", r.year.AsOf.French(), current)
	case r.isNew && !r.first && r.year.Year > current.Year+1:
		return failure.New(failure.Policy, "export refusé, rien n'a été changé : il date du %s, bien après l'année en cours %v", r.year.AsOf.French(), current)
	}
	return r.compareWithLast(ctx, tx)
}

// compareWithLast finds that an export is the one that was imported last, which has nothing to change, and refuses one that
// is older than the newest of its degree. An earlier one that another has undone is imported again; so is every forced one.
func (r *run) compareWithLast(ctx context.Context, tx *store.Tx) error {
	rows, err := tx.Query(ctx, `SELECT file_id, sha256, as_of FROM aaf_file WHERE year = $1 AND degree = $2 ORDER BY imported_at, file_id`,
		r.year.Year, r.degree)
	if err != nil {
		return err
	}
	defer rows.Close()
	newest := ""
	var id int64 // of the last, with its sum
	var sum []byte
	for rows.Next() {
		var day string
		if err := rows.Scan(&id, &sum, &day); err != nil {
			return err
		}
		newest = max(newest, day)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	if slices.Equal(sum, r.sum) && len(r.opt.Force) == 0 {
		r.report.Known, r.report.File = true, id
		return nil
	}
	if r.year.AsOf.String() < newest && !r.opt.forces("") {
		last, err := directory.ParseDate(newest)
		if err != nil {
			return err
		}
		return failure.New(failure.Policy, "export refusé, rien n'a été changé : il date du %s, un export du %s est déjà importé ; si c'est voulu : --force all",
			r.year.AsOf.French(), last.French())
	}
	return nil
}

// record notes the export and what it did, in the journal too, where what was forced has an entry of its own. It is the
// last transaction of an import; the first year of all becomes the current one in it.
func (r *run) record(ctx context.Context) error {
	counts := r.report
	counts.Rejections, counts.Warnings, counts.Doubts = nil, nil, nil
	detail, err := json.Marshal(counts)
	if err != nil {
		return fmt.Errorf("encode report: %w", err)
	}
	subject := fmt.Sprintf("file:%d", r.fileID)
	return r.write(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO aaf_file (file_id, year, degree, complete, sha256, as_of, imported_at, report)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, r.fileID, r.year.Year, r.degree, number(r.export.Complete), r.sum, r.year.AsOf.String(),
			tx.NowMicros(), string(detail)); err != nil {
			return fmt.Errorf("record file: %w", err)
		}
		state := r.year.State
		if r.first {
			state = Current
		}
		if _, err := tx.Exec(ctx, `UPDATE school_year SET state = $2, as_of = CASE WHEN as_of < $3 THEN $3 ELSE as_of END WHERE year = $1`,
			r.year.Year, int(state), r.year.AsOf.String()); err != nil {
			return fmt.Errorf("date the school year: %w", err)
		}
		if len(r.report.Falls) > 0 {
			forced, err := json.Marshal(r.report.Falls)
			if err != nil {
				return fmt.Errorf("encode what was forced: %w", err)
			}
			if err := audit.Append(ctx, tx, audit.Entry{Actor: r.opt.By.Actor, Action: "aaf.force", Subject: subject,
				Reason: r.opt.By.Reason, Detail: string(forced)}); err != nil {
				return err
			}
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: actor, Action: "aaf.import", Subject: subject, Reason: "AAF export", Detail: string(detail)})
	})
}

// number is how the tables keep a truth.
func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
