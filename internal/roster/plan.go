package roster

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"navette/internal/directory"
	"navette/internal/identity"
	"navette/internal/store"
)

// subject is one person of a batch: as the directory has them, and what the lines change.
type subject struct {
	person    directory.Person
	reference string // HR document of the identity
	account   int64
	display   string
	state     directory.AccountState
	functions []*held

	planned   bool // stands in the plan's subjects
	isNew     bool
	line      int               // of the file, the first of this person in the batch
	numen     directory.NUMEN   // as the lines have it
	newNumen  bool              // it is not the one that the account waits with
	adopted   bool              // it was provisional, and this is its HR line
	before    *directory.Person // the identity that the lines replaced
	login     string            // of a joiner
	primary   string            // a primary address to issue or to take back; empty: none
	takenBack bool              // primary was this account's own before

	primaryBefore string // the whole primary address that this one replaces
}

// held is one function of a subject.
type held struct {
	directory.Function
	ended bool // the feed stopped naming it
	isNew bool
	dirty bool  // named again or changed
	line  int   // that named it in this batch; 0 for none
	was   *held // before it became dirty
}

// plan is what a batch changes, from one snapshot of the directory.
type plan struct {
	version  int64 // of the directory that was read
	subjects []*subject
	rejected []Rejection
	doubles  []Line         // lines that say again what another said
	hints    map[string]int // for run.hints

	newFunctions, movedFunctions, returned, newAddresses, newNumens int
}

// empty reports that the directory is already as the lines say.
func (p *plan) empty() bool {
	return !slices.ContainsFunc(p.subjects, (*subject).changed)
}

// changed reports that the lines say something else than the directory.
func (s *subject) changed() bool {
	return s.isNew || s.before != nil || s.newNumen || slices.ContainsFunc(s.functions, func(h *held) bool { return h.isNew || h.dirty })
}

// plan reads what the directory has of the people of some lines, and finds what they change.
func (r *run) plan(ctx context.Context, lines []Line) (*plan, error) {
	var p *plan
	err := r.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		p = &plan{hints: map[string]int{}}
		var err error
		if p.version, err = tx.Meta(ctx, "directory"); err != nil {
			return err
		}
		known, err := loadSubjects(ctx, tx, lines)
		if err != nil {
			return err
		}
		if err := r.adopt(ctx, tx, known, lines); err != nil {
			return err
		}
		for _, line := range lines {
			r.compare(p, known, line)
		}
		if err := r.compareNumens(ctx, tx, p); err != nil {
			return err
		}
		return r.nameSubjects(ctx, tx, p)
	})
	if err != nil {
		return nil, fmt.Errorf("plan lines %d to %d: %w", lines[0].Number, lines[len(lines)-1].Number, err)
	}
	return p, nil
}

// compare brings one line into the plan.
func (r *run) compare(p *plan, known map[string]*subject, line Line) {
	s := known[line.Person.HRID]
	switch {
	case s == nil && r.opt.DryRun && r.people.state(r.file.hashID(line.Person.HRID))&joined != 0:
		return // an earlier batch would have made this person
	case s == nil:
		s = &subject{isNew: true, person: line.Person, reference: line.Function.Reference, state: directory.StateAppointed}
		s.display = s.person.DisplayName()
		known[line.Person.HRID] = s
	}
	if !s.planned {
		s.planned, s.line, s.numen = true, line.Number, line.NUMEN
		if line.Person.HRID != s.person.HRID && !s.adopted {
			s.numen = ""
		}
		p.subjects = append(p.subjects, s)
	}
	// The lines of an id_rh that was merged into this record bring functions: the identity is that of the record's own.
	mine := line.Person.HRID == s.person.HRID || s.adopted && s.before == nil
	if mine && !s.person.SameIdentity(line.Person) { // the lines of a person agree: this happens once
		before := s.person
		s.before = &before
		line.Person.ID = before.ID
		s.person, s.display, s.reference = line.Person, line.Person.DisplayName(), line.Function.Reference
	}
	r.compareFunction(p, s, line)
}

// compareFunction brings the function of a line into its subject.
func (r *run) compareFunction(p *plan, s *subject, line Line) {
	at := slices.IndexFunc(s.functions, func(h *held) bool { return h.Post() == line.Function.Post() })
	if at < 0 {
		f := line.Function
		f.ID = int64(len(s.functions) + 1) // ids are the person's own, never reused: functions are not deleted
		s.functions = append(s.functions, &held{Function: f, isNew: true, line: line.Number})
		if !s.isNew {
			p.newFunctions++
		}
		return
	}
	h := s.functions[at]
	if !r.file.parser.layout.has(colDiscipline) { // a file that tells no discipline takes none away
		line.Function.Discipline = h.Discipline
	}
	same := sameTerms(h.Function, line.Function)
	if before := r.namedBefore(s, h); before != 0 {
		if same {
			p.doubles = append(p.doubles, line)
			return
		}
		p.rejected = append(p.rejected, Rejection{Line: line.Number, HRID: line.Person.HRID,
			Reason: fmt.Sprintf("contredit la ligne %d : même fonction, même UAI et même début", before)})
		return
	}
	h.line = line.Number
	if h.ended {
		p.returned++
	} else if !same {
		p.movedFunctions++
	}
	if h.ended || !same {
		line.Function.ID = h.ID
		was := *h
		h.Function, h.ended, h.dirty, h.was = line.Function, false, true, &was
	}
}

// sameTerms tells that two functions of the same post are held on the same terms.
func sameTerms(a, b directory.Function) bool {
	return a.Corps == b.Corps && a.Category == b.Category && a.Discipline == b.Discipline && a.End == b.End && a.Reference == b.Reference
}

// namedBefore gives the earlier line of the file that named a function, or 0.
func (r *run) namedBefore(s *subject, h *held) int {
	if h.line != 0 {
		return h.line
	}
	return int(r.seen.get(functionKey{s.person.ID, h.ID}))
}

// settle takes a plan into the run's account, once it is written.
func (r *run) settle(p *plan) {
	for _, s := range p.subjects {
		id := r.file.hashID(s.person.HRID)
		state := named
		if s.isNew {
			state |= joined
		} else if s.changed() {
			state |= changed
		}
		r.people.mark(id, state)
		for _, h := range s.functions {
			if h.line != 0 {
				r.seen.set(functionKey{s.person.ID, h.ID}, int32(h.line))
			}
		}
	}
	maps.Copy(r.hints, p.hints)
	for _, rejection := range p.rejected {
		r.reject(rejection)
	}
	for _, line := range p.doubles {
		r.warned.add(line.Number, line.Person.HRID, "ligne en double")
	}
	r.report.NewFunctions += p.newFunctions
	r.report.FunctionsMoved += p.movedFunctions
	r.report.Returned += p.returned
	r.report.NewAddresses += p.newAddresses
	r.report.NewNumens += p.newNumens
	r.tell(p)
}

// compareNumens finds the known people for whom the lines bring a late or a corrected NUMEN.
func (r *run) compareNumens(ctx context.Context, tx *store.Tx, p *plan) error {
	if r.cfg.Numens == nil {
		return nil
	}
	byAccount := map[int64]*subject{}
	var numens []identity.Numen
	for _, s := range p.subjects {
		if !s.isNew && s.numen != "" && s.state == directory.StateAppointed {
			byAccount[s.account] = s
			numens = append(numens, identity.Numen{Account: s.account, NUMEN: s.numen})
		}
	}
	other, err := r.cfg.Numens.NewNumens(ctx, tx, numens)
	if err != nil {
		return err
	}
	for _, n := range other {
		byAccount[n.Account].newNumen = true
	}
	p.newNumens = len(other)
	return nil
}
