package aafgen

import (
	"context"
	"errors"
	"fmt"
	"io"

	"navette/internal/aaf"
	"navette/internal/directory"
)

// Options say what to invent.
type Options struct {
	Seed      uint64
	Degree    aaf.Degree
	Pupils    int
	Guardians int // people in charge, legal guardians and others
	Schools   int // with Agents at most that many of theirs; 0: all of them
	Date      directory.Date
	Agents    []Agent // the staff, and with them the schools; nil: invented ones
	PerFile   int     // records in a file; 0: DefaultPerFile
	Latin     bool    // ISO-8859-15 instead of UTF-8
	Delta     bool    // instead of the complete export, the changes of its day after
}

// DefaultPerFile is how many records real files have, about.
const DefaultPerFile = 5000

// Counts are how many records were written.
type Counts map[aaf.Category]int

// Create opens the next file of an export. It is closed before the next one is opened.
type Create func(name string) (io.WriteCloser, error)

// Generate writes an export, file after file.
func Generate(ctx context.Context, o Options, create Create) (Counts, error) {
	g, err := newGenerator(o)
	if err != nil {
		return nil, err
	}
	w := &writer{ctx: ctx, g: g, create: create, counts: Counts{}}
	records := g.complete
	if o.Delta {
		records = g.delta
	}
	err = records(w.write)
	return w.counts, errors.Join(err, w.close())
}

// generator invents one export.
type generator struct {
	Options
	source
	names   stock
	uais    []string
	byUAI   map[string]int
	schools []school
	kinds   []kind // of the schools
	last    block  // the block that was asked for last

	teaching []int // by school: how many of the agents teach there
	teachers []int // by school: how many of them have classes already
}

func newGenerator(o Options) (*generator, error) {
	if o.Degree != aaf.First && o.Degree != aaf.Second {
		return nil, fmt.Errorf("degree %d: 1 or 2 is expected", o.Degree)
	}
	if o.Pupils < 1 || o.Guardians < 0 || o.Schools < 0 || o.Agents == nil && o.Schools == 0 {
		return nil, errors.New("at least one pupil and one school are needed")
	}
	if o.PerFile <= 0 {
		o.PerFile = DefaultPerFile
	}
	g := &generator{Options: o, source: source{o.Seed}, names: newStock(), byUAI: map[string]int{}}
	g.findSchools()
	if len(g.uais) == 0 {
		return nil, errors.New("nobody in the HR file works in a school")
	}
	g.plan()
	g.teaching, g.teachers = make([]int, len(g.uais)), make([]int, len(g.uais))
	for _, a := range o.Agents {
		for _, p := range a.Posts {
			if at, here := g.byUAI[p.UAI]; here && p.Function == "ENS" {
				g.teaching[at]++
			}
		}
	}
	return g, nil
}

// findSchools numbers the schools: those of the agents, or invented ones.
func (g *generator) findSchools() {
	if g.Agents == nil {
		for i := range g.Schools {
			g.uais = append(g.uais, inventedUAI(i+1))
		}
	}
	for _, a := range g.Agents {
		for _, p := range a.Posts {
			if _, known := g.byUAI[p.UAI]; !known && (g.Schools == 0 || len(g.uais) < g.Schools) {
				g.byUAI[p.UAI] = len(g.uais)
				g.uais = append(g.uais, p.UAI)
			}
		}
	}
}

// inventedUAI numbers schools through blocks that no real school uses, then through a department that does not exist.
func inventedUAI(i int) string {
	if block := i / 1000; block < 4 {
		return directory.MakeUAI((759-block)*1000 + i%1000)
	}
	return directory.MakeUAI(960_000 + i - 4000)
}

// year is the one of the September that the export is of.
func (g *generator) year() int {
	if g.Date.Month < 8 {
		return g.Date.Year - 1
	}
	return g.Date.Year
}

// start is the first day of the school year.
func (g *generator) start() directory.Date { return directory.Date{Year: g.year(), Month: 9, Day: 1} }

// complete gives all records, in the order in which exports are loaded.
func (g *generator) complete(yield func(*aaf.Record) error) error {
	for i := range g.schools {
		if err := yield(g.structure(i)); err != nil {
			return err
		}
	}
	if err := g.nomenclatures(yield); err != nil {
		return err
	}
	for i := range g.Pupils {
		if err := yield(g.pupil(i)); err != nil {
			return err
		}
	}
	for i := range g.blocks() {
		b := g.block(i)
		for n := range b.adults {
			if err := yield(g.guardian(b, n)); err != nil {
				return err
			}
		}
	}
	return g.staff(yield)
}

// nomenclatures gives subjects and kinds of training. The first degree has none.
func (g *generator) nomenclatures(yield func(*aaf.Record) error) error {
	if g.Degree == aaf.First {
		return nil
	}
	for _, s := range subjects() {
		if err := yield(&aaf.Record{Action: aaf.Add, Category: aaf.MatiereEducNat, Key: s.code, Subject: &aaf.Subject{Label: s.label}}); err != nil {
			return err
		}
	}
	for _, k := range kinds(g.Degree) {
		for _, l := range k.levels {
			mef := &aaf.Mef{Label: l.label, Parent: l.mef, STAT11: "2" + l.mef[1:], Level: l.label}
			if err := yield(&aaf.Record{Action: aaf.Add, Category: aaf.MefEducNat, Key: l.mef, Mef: mef}); err != nil {
				return err
			}
		}
	}
	return nil
}

// staff gives the agents, or invented people.
func (g *generator) staff(yield func(*aaf.Record) error) error {
	if g.Agents == nil {
		next := 0
		for i := range g.schools {
			if err := g.staffOf(i, &next, yield); err != nil {
				return err
			}
		}
		return nil
	}
	for n, a := range g.Agents {
		if r := g.known(n, a); r.Staff.Structure != "" {
			if err := yield(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// writer puts records into files.
type writer struct {
	ctx    context.Context //nolint:containedctx // it serves one call of Generate
	g      *generator
	create Create
	counts Counts

	category aaf.Category // of the open file
	file     io.WriteCloser
	encoder  *Encoder
	written  int // in the open file
	sequence int // of the next file
}

// write writes a record, into a new file where the last one is full or of another category.
func (w *writer) write(r *aaf.Record) error {
	if r.Category != w.category || w.written == w.g.PerFile {
		if err := w.next(r.Category); err != nil {
			return err
		}
	}
	w.encoder.Write(r)
	w.written++
	w.counts[r.Category]++
	return nil
}

// next opens the next file.
func (w *writer) next(c aaf.Category) error {
	if err := errors.Join(w.close(), w.ctx.Err()); err != nil {
		return err
	}
	if c != w.category {
		w.category, w.sequence = c, 0
	}
	name := w.g.fileName(c, w.sequence)
	file, err := w.create(name)
	if err != nil {
		return fmt.Errorf("create %s: %w", name, err)
	}
	w.file, w.encoder = file, NewEncoder(file, w.g.Degree, w.g.Latin)
	w.sequence++
	w.written = 0
	return nil
}

// close ends the open file.
func (w *writer) close() error {
	if w.file == nil {
		return nil
	}
	err := errors.Join(w.encoder.Close(), w.file.Close())
	w.file = nil
	return err
}

// fileName names a file as exports do.
func (g *generator) fileName(c aaf.Category, sequence int) string {
	kind := "Complet"
	if g.Delta {
		kind = "Delta"
	}
	return fmt.Sprintf("ENT%dDVA_%s_%04d%02d%02d_%s_%04d.xml", g.Degree, kind, g.Date.Year, g.Date.Month, g.Date.Day, c, sequence)
}

// Records gives the records of an export without writing them: for tests, which compare them with what was read.
func Records(o Options) ([]*aaf.Record, error) {
	g, err := newGenerator(o)
	if err != nil {
		return nil, err
	}
	all := g.complete
	if o.Delta {
		all = g.delta
	}
	var records []*aaf.Record
	err = all(func(r *aaf.Record) error {
		records = append(records, r)
		return nil
	})
	return records, err
}
