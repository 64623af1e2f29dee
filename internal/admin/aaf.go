package admin

import (
	"archive/tar"
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strconv"

	"navette/internal/directory"
	"navette/internal/enrolment"
	"navette/internal/failure"
	"navette/internal/identity"
)

// AAFOptions say how to import AAF exports.
type AAFOptions struct {
	DryRun bool
	Year   int         // that they tell of; 0: the one of their day
	Force  []string    // UAIs of which a disappearance is right, or "all"
	By     identity.By // who forces
}

// SchoolAct is one act about what the AAF exports tell.
type SchoolAct struct {
	Do         string   // status, doubtful, match, switch, protect, unprotect
	Key        string   // match: join key of the staff
	Degree     int      // match: of the key
	Login      string   // match: who they are; "": nobody of the HR file
	Year       int      // switch: the year that becomes the current one,
	ApprovedBy string   // by whose decision
	Force      []string // switch: UAIs that may have far fewer pupils in that year, or "all"
	UAI        string   // protect, unprotect
	Address    string   // protect, unprotect: of a guardian or a pupil; it goes into no log
}

// ImportAAF imports, and the boxes of establishments that came with the exports are made.
func (l *Local) ImportAAF(ctx context.Context, source enrolment.Source, opt AAFOptions, progress func(done, total int)) (enrolment.Reports, error) {
	reports, err := l.Enrolment.ImportAll(ctx, source, enrolment.Options{DryRun: opt.DryRun, Year: opt.Year, Force: opt.Force, By: opt.By, Progress: progress})
	if err != nil || opt.DryRun {
		return reports, err
	}
	_, err = l.Boxes.Refresh(ctx)
	return reports, err
}

// School does it.
func (l *Local) School(ctx context.Context, by identity.By, act SchoolAct) ([]string, error) {
	switch act.Do {
	case "status":
		return l.schoolYears(ctx)
	case "doubtful":
		doubts, err := l.Enrolment.Doubts(ctx)
		var lines []string
		for _, d := range doubts {
			lines = append(lines, d.String())
		}
		return lines, err
	case "match":
		return nil, l.Enrolment.Decide(ctx, by, act.Degree, act.Key, act.Login)
	case "switch":
		done, err := l.Enrolment.Switch(ctx, by, act.ApprovedBy, act.Year, act.Force)
		if err != nil {
			return nil, err
		}
		return []string{fmt.Sprintf("Année %v en cours ; partis avec la précédente : %d élèves, %d responsables, %d personnels ; %d adresses restent protégées",
			enrolment.Year{Year: done.To}, done.Pupils, done.Guardians, done.Staff, done.Former)}, nil
	case "protect", "unprotect":
		uai, err := directory.ParseUAI(act.UAI)
		if err != nil {
			return nil, failure.Wrap(failure.Policy, err, err.Error())
		}
		if act.Do == "protect" {
			return nil, l.Enrolment.Mark(ctx, by, act.Address, uai)
		}
		return nil, l.Enrolment.Unmark(ctx, by, act.Address, uai)
	}
	return nil, failure.New(failure.NotFound, "no such operation")
}

// schoolYears gives a line for each school year.
func (l *Local) schoolYears(ctx context.Context) ([]string, error) {
	years, err := l.Enrolment.Years(ctx)
	var lines []string
	for _, y := range years {
		lines = append(lines, fmt.Sprintf("%v\t%v\t%s\t%d établissements, %d classes et groupes, %d élèves, %d responsables légaux",
			y.Year, y.State, y.Standing(), y.Schools, y.Classes, y.Pupils, y.Guardians))
	}
	return lines, err
}

// schoolRequest is an act on its way to the server.
type schoolRequest struct {
	By  identity.By
	Act SchoolAct
}

func (s *Server) school(w http.ResponseWriter, r *http.Request) {
	out := newStream(w)
	var req schoolRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&req); err != nil {
		out.end(nil, failure.Wrap(failure.Permanent, err, "request not understood"))
		return
	}
	lines, err := s.ops.School(r.Context(), req.By, req.Act)
	if err == nil && len(lines) > 0 {
		err = out.send(event{Lines: lines})
	}
	out.end(nil, err)
}

func (s *Server) importAAF(w http.ResponseWriter, r *http.Request) {
	out := newStream(w)
	q := r.URL.Query()
	year, _ := strconv.Atoi(q.Get("year")) // of our own client
	opt := AAFOptions{DryRun: q.Get("dry_run") == "1", Year: year, Force: q["force"], By: identity.By{Actor: q.Get("actor"), Reason: q.Get("reason")}}
	// HTTP/1.1 lets nobody read once an answer has begun: the archive comes first, into a file without a name.
	file, err := s.keep(r.Body)
	if err != nil {
		out.end(nil, err)
		return
	}
	defer file.Close()
	source := enrolment.Source{Name: q.Get("name"), Archive: file}
	// The import ends as it should even when the command is interrupted: it is one act, and goes on in batches.
	reports, err := s.ops.ImportAAF(context.WithoutCancel(r.Context()), source, opt, func(done, total int) {
		out.send(event{Done: done, Total: total}) //nolint:errcheck // a command that hung up needs no answer
	})
	out.last(event{Exports: reports}, err)
}

// ImportAAF sends an archive as it is, and a folder as a tar archive.
func (c *Client) ImportAAF(ctx context.Context, source enrolment.Source, opt AAFOptions, progress func(done, total int)) (enrolment.Reports, error) {
	q := url.Values{"name": {source.Name}, "force": opt.Force, "actor": {opt.By.Actor}, "reason": {opt.By.Reason}, "year": {strconv.Itoa(opt.Year)}}
	if opt.DryRun {
		q.Set("dry_run", "1")
	}
	body := source.Archive
	if source.Folder != nil {
		packed, in := io.Pipe()
		defer packed.Close()
		go func() { in.CloseWithError(pack(in, source.Folder)) }()
		body = packed
	}
	last, err := c.call(ctx, http.MethodPost, "/import/aaf?"+q.Encode(), io.NopCloser(body), func(e event) error {
		progress(e.Done, e.Total)
		return nil
	})
	return last.Exports, err
}

// pack writes a folder as a tar archive. What is no file goes in as what it is: whoever reads it refuses it.
func pack(w io.Writer, folder fs.FS) error {
	buffered := bufio.NewWriterSize(w, 256<<10)
	out := tar.NewWriter(buffered)
	err := fs.WalkDir(folder, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		header, err := tar.FileInfoHeader(info, "?")
		if err != nil {
			return err
		}
		header.Name = path
		if err := out.WriteHeader(header); err != nil || !info.Mode().IsRegular() {
			return err
		}
		in, err := folder.Open(path)
		if err != nil {
			return err
		}
		defer in.Close()
		_, err = io.Copy(out, in)
		return err
	})
	if err != nil {
		return fmt.Errorf("send a folder: %w", err)
	}
	if err := out.Close(); err != nil {
		return fmt.Errorf("send a folder: %w", err)
	}
	return buffered.Flush()
}

// School does it there.
func (c *Client) School(ctx context.Context, by identity.By, act SchoolAct) ([]string, error) {
	return c.lines(ctx, "/school", schoolRequest{By: by, Act: act})
}
