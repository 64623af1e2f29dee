package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"navette/internal/aaf"
	"navette/internal/aaf/aafgen"
	"navette/internal/directory"
	"navette/internal/enrolment"
)

// What Build leaves about pupils and guardians.
const (
	FileGuardians = "guardians.csv" // address,uai,class,pupil: legal guardians who have an address
	folderAAF     = "aaf"           // the exports that they were made from, a folder a degree
)

// Every school has pupils: in a small académie full classes, in a large one enough to write to.
const (
	fullSchool  = 60
	smallSchool = 20
	mostPupils  = 3000 // with full schools
)

// exportDay is that of the exports.
func exportDay() directory.Date {
	return directory.Date{Year: firstYear, Month: time.September, Day: 7}
}

// pupils writes AAF exports of the schools, one a degree, whose staff is that of the HR file, and imports them.
func (b *builder) pupils(ctx context.Context) error {
	guardians := [][]string{{"address", "uai", "class", "pupil"}}
	for _, degree := range []aaf.Degree{aaf.First, aaf.Second} {
		o := b.academie.exportOptions(degree)
		if o.Pupils == 0 {
			continue
		}
		dir := filepath.Join(b.opt.Dir, folderAAF, fmt.Sprintf("ENT%dDVA", degree))
		if err := writeExport(ctx, dir, o); err != nil {
			return err
		}
		rows, err := b.importExport(ctx, dir, degree)
		if err != nil {
			return err
		}
		guardians = append(guardians, rows...)
	}
	return b.writeCSV(FileGuardians, guardians)
}

// exportOptions are what the export of a degree is made of; without pupils where the académie has no school of it.
func (a *Academie) exportOptions(degree aaf.Degree) aafgen.Options {
	o := aafgen.Options{Seed: a.Seed, Degree: degree, Date: exportDay()}
	in, all := map[string]bool{}, 0
	for _, s := range a.Schools[rectorat+1:] {
		all++
		first := s.Nature == directory.NatureEcoleElementaire || s.Nature == directory.NatureEcoleMaternelle
		if first == (degree == aaf.First) {
			in[s.UAI] = true
		}
	}
	for _, agent := range a.Agents {
		p := agent.Person
		one := aafgen.Agent{Civility: p.Civility, BirthName: p.BirthName, UsageName: p.UsageName, Forenames: p.Forenames, Birth: p.Birth}
		for _, f := range agent.Functions {
			if in[f.UAI] {
				one.Posts = append(one.Posts, aafgen.AgentPost{UAI: f.UAI, Function: f.Fonction})
			}
		}
		if len(one.Posts) > 0 {
			o.Agents = append(o.Agents, one)
		}
	}
	perSchool := max(smallSchool, min(fullSchool, mostPupils/max(all, 1)))
	staffed := map[string]bool{}
	for _, agent := range o.Agents {
		for _, p := range agent.Posts {
			staffed[p.UAI] = true
		}
	}
	o.Pupils = len(staffed) * perSchool
	o.Guardians = o.Pupils * 5 / 3
	return o
}

// writeExport writes the files of an export, readable by their owner only.
func writeExport(ctx context.Context, dir string, o aafgen.Options) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the folder of an export: %w", err)
	}
	_, err := aafgen.Generate(ctx, o, func(name string) (io.WriteCloser, error) {
		return &exportFile{path: filepath.Join(dir, name)}, nil
	})
	if err != nil {
		return fmt.Errorf("write an export: %w", err)
	}
	return nil
}

// exportFile is a file that is written when it is closed.
type exportFile struct {
	bytes.Buffer
	path string
}

// Close writes it.
func (f *exportFile) Close() error { return os.WriteFile(f.path, f.Bytes(), 0o600) }

// importExport imports the export in a folder, and gives the lines of guardians.csv that come of it.
func (b *builder) importExport(ctx context.Context, dir string, degree aaf.Degree) (rows [][]string, err error) {
	opened, err := b.Enrolment.Open(ctx, enrolment.Source{Name: filepath.Base(dir), Folder: os.DirFS(dir)})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, opened.Close()) }()
	for _, x := range opened.Exports {
		r, err := b.Enrolment.Import(ctx, x, enrolment.Options{
			Progress: func(done, total int) { b.opt.Progress(fmt.Sprintf("élèves du degré %d", degree), done, total) }})
		if err != nil {
			return nil, err
		}
		if r.Rejected > 0 || r.Unknown > 0 {
			return nil, fmt.Errorf("the export of degree %d: %d records rejected, %d of its staff are not in the HR file", degree, r.Rejected, r.Unknown)
		}
		of, err := guardianRows(ctx, x)
		if err != nil {
			return nil, err
		}
		rows = append(rows, of...)
	}
	return rows, nil
}

// guardianRows gives the legal guardians of an export who have an address, a row for each pupil that they answer for,
// school by school.
func guardianRows(ctx context.Context, x *aaf.Export) ([][]string, error) {
	uais, mails := map[string]string{}, map[string]string{} // by join key
	var rows [][]string                                     // with the join key of the guardian in the place of the address
	for r, err := range x.Records(ctx) {
		if err != nil {
			return nil, fmt.Errorf("read an export: %w", err)
		}
		switch r.Category {
		case aaf.EtabEducNat:
			uais[r.Key] = r.Structure.UAI
		case aaf.PersRelEleve:
			mails[r.Key] = r.Guardian.Mail
		case aaf.Eleve:
			for _, l := range r.Pupil.Links {
				if l.Legal() && len(r.Pupil.Classes) > 0 {
					class := r.Pupil.Classes[0]
					rows = append(rows, []string{l.Guardian, uais[class.Structure], class.Name, r.Pupil.Forename + " " + r.Pupil.UsageName})
				}
			}
		default:
		}
	}
	rows = slices.DeleteFunc(rows, func(row []string) bool { return mails[row[0]] == "" })
	for _, row := range rows {
		row[0] = mails[row[0]]
	}
	slices.SortStableFunc(rows, func(a, b []string) int { return slices.Compare(a[1:3], b[1:3]) })
	return rows, nil
}
