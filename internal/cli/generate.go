package cli

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"navette/internal/aaf"
	"navette/internal/aaf/aafgen"
	"navette/internal/directory"
	"navette/internal/roster"
	"navette/internal/safeio"
)

type generateCmd struct {
	AAF generateAAFCmd `cmd:"" name:"aaf" help:"Invent an AAF export: schools, pupils, guardians, staff."`
}

type generateAAFCmd struct {
	Out       string `arg:"" help:"An archive by its suffix (.zip, .tgz), or else a folder, which must be new or empty." type:"path"`
	Pupils    int    `help:"How many pupils." default:"1000"`
	Guardians int    `help:"How many people in charge of them; default: five for three pupils."`
	Schools   int    `help:"How many schools; default: one for 164 pupils, or all of the HR file."`
	Degree    int    `help:"1: écoles, 2: collèges and lycées." default:"2" enum:"1,2"`
	Seed      uint64 `help:"The same seed gives the same octets." default:"1"`
	Date      string `help:"Day of the export, as in its file names." default:"2026-09-01" placeholder:"DAY"`
	HR        string `name:"hr" help:"Take staff and schools from this HR file." placeholder:"FILE" type:"existingfile"`
	Latin     bool   `help:"Write ISO-8859-15 instead of UTF-8."`
	Delta     bool   `help:"Instead of the complete export, the changes of a day after it."`
}

// pupilsPerSchool is that of an académie.
const pupilsPerSchool = 164

func (cmd *generateAAFCmd) Run(ctx context.Context, con *console) error {
	o, err := cmd.options()
	if err != nil {
		return err
	}
	out, err := newExportWriter(cmd.Out)
	if err != nil {
		return err
	}
	defer out.abort()
	counts, err := aafgen.Generate(ctx, o, out.create)
	if err != nil {
		return err
	}
	if err := out.finish(); err != nil {
		return fmt.Errorf("finish %s: %w", cmd.Out, err)
	}
	_, err = fmt.Fprintf(con.out, "%s : %d établissements, %d élèves, %d responsables, %d personnels\n", cmd.Out,
		counts[aaf.EtabEducNat], counts[aaf.Eleve], counts[aaf.PersRelEleve], counts[aaf.PersEducNat])
	return err
}

// options checks the words of the command, and reads the HR file.
func (cmd *generateAAFCmd) options() (aafgen.Options, error) {
	day, err := directory.ParseDate(cmd.Date)
	if err != nil {
		return aafgen.Options{}, usage("--date: %v", err)
	}
	if cmd.Pupils < 1 || cmd.Pupils > 20_000_000 || cmd.Guardians < 0 || cmd.Guardians > 50_000_000 || cmd.Schools < 0 || cmd.Schools > 100_000 {
		return aafgen.Options{}, usage("--pupils, --guardians, --schools: from 1 to 20,000,000, 50,000,000 and 100,000")
	}
	o := aafgen.Options{Seed: cmd.Seed, Degree: aaf.Degree(cmd.Degree), Pupils: cmd.Pupils, Guardians: cmd.Guardians, Schools: cmd.Schools,
		Date: day, Latin: cmd.Latin, Delta: cmd.Delta}
	if o.Guardians == 0 {
		o.Guardians = o.Pupils * 5 / 3
	}
	if cmd.HR != "" {
		o.Agents, err = readAgents(cmd.HR, o.Degree)
		return o, err
	}
	if o.Schools == 0 {
		o.Schools = (o.Pupils + pupilsPerSchool - 1) / pupilsPerSchool
	}
	return o, nil
}

// readAgents gives the people of an HR file who work in schools of a degree, in the order of the file.
func readAgents(name string, degree aaf.Degree) ([]aafgen.Agent, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	file, err := roster.Open(f)
	if err != nil {
		return nil, err
	}
	in, err := schoolsOf(file, degree)
	if err != nil {
		return nil, err
	}
	agents := []aafgen.Agent{}
	byID := map[string]int{}
	for r, err := range file.Records() {
		if err != nil {
			return nil, err
		}
		p, fn := r.Line.Person, r.Line.Function
		if r.Rejection != nil || !in[fn.UAI] {
			continue
		}
		at, known := byID[p.HRID]
		if !known {
			at = len(agents)
			byID[p.HRID] = at
			agents = append(agents, aafgen.Agent{Civility: p.Civility, BirthName: p.BirthName, UsageName: p.UsageName, Forenames: p.Forenames, Birth: p.Birth})
		}
		agents[at].Posts = append(agents[at].Posts, aafgen.AgentPost{UAI: fn.UAI, Function: fn.Fonction})
	}
	return agents, nil
}

// schoolsOf gives the establishments of an HR file where teachers of a degree are more than those of the other.
func schoolsOf(file *roster.File, degree aaf.Degree) (map[string]bool, error) {
	first, second := map[string]int{}, map[string]int{}
	for r, err := range file.Records() {
		if err != nil {
			return nil, err
		}
		switch fn := r.Line.Function; {
		case r.Rejection != nil || fn.UAI == "":
		case strings.HasPrefix(fn.Category, "ENS1D"):
			first[fn.UAI]++
		case strings.HasPrefix(fn.Category, "ENS2D"):
			second[fn.UAI]++
		}
	}
	mine, other := second, first
	if degree == aaf.First {
		mine, other = first, second
	}
	in := map[string]bool{}
	for uai, n := range mine {
		in[uai] = n > other[uai]
	}
	return in, nil
}

// exportWriter is where the files of an export go.
type exportWriter struct {
	create aafgen.Create
	finish func() error
	abort  func() // after finish it does nothing
}

// newExportWriter makes an archive or a folder, by the name.
func newExportWriter(name string) (*exportWriter, error) {
	lower := strings.ToLower(name)
	switch {
	case strings.HasSuffix(lower, ".zip"), strings.HasSuffix(lower, ".tgz"), strings.HasSuffix(lower, ".tar.gz"):
		file, err := safeio.Create(filepath.Dir(name))
		if err != nil {
			return nil, err
		}
		commit := func(err error) error {
			if err != nil {
				return err
			}
			return file.Commit(filepath.Base(name))
		}
		if strings.HasSuffix(lower, ".zip") {
			return zipWriter(file, commit), nil
		}
		return tgzWriter(file, commit), nil
	}
	return folderWriter(name)
}

func zipWriter(file *safeio.File, commit func(error) error) *exportWriter {
	archive := zip.NewWriter(file)
	return &exportWriter{
		create: func(name string) (io.WriteCloser, error) {
			w, err := archive.Create(name)
			return unclosed{w}, err
		},
		finish: func() error { return commit(archive.Close()) },
		abort:  file.Abort,
	}
}

// unclosed is a file of an archive, which the next one ends.
type unclosed struct{ io.Writer }

func (unclosed) Close() error { return nil }

func tgzWriter(file *safeio.File, commit func(error) error) *exportWriter {
	packed := gzip.NewWriter(file)
	archive := tar.NewWriter(packed)
	return &exportWriter{
		create: func(name string) (io.WriteCloser, error) { return &tarFile{archive: archive, name: name}, nil },
		finish: func() error { return commit(errors.Join(archive.Close(), packed.Close())) },
		abort:  file.Abort,
	}
}

// tarFile is a file of a tar archive, whose header tells its size: it is held until it is whole.
type tarFile struct {
	bytes.Buffer
	archive *tar.Writer
	name    string
}

func (f *tarFile) Close() error {
	if err := f.archive.WriteHeader(&tar.Header{Name: f.name, Mode: 0o600, Size: int64(f.Len())}); err != nil {
		return err
	}
	_, err := f.WriteTo(f.archive)
	return err
}

func folderWriter(name string) (*exportWriter, error) {
	if entries, err := os.ReadDir(name); err == nil && len(entries) > 0 {
		return nil, usage("%s is not empty", name)
	}
	if err := os.MkdirAll(name, 0o700); err != nil {
		return nil, err
	}
	return &exportWriter{
		create: func(file string) (io.WriteCloser, error) {
			w, err := safeio.Create(name)
			return &folderFile{w, file}, err
		},
		finish: func() error { return nil },
		abort:  func() {},
	}, nil
}

// folderFile gets its name when it is whole.
type folderFile struct {
	*safeio.File
	name string
}

func (f *folderFile) Close() error { return f.Commit(f.name) }
