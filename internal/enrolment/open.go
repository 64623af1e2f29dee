package enrolment

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"navette/internal/aaf"
	"navette/internal/failure"
)

// Source is what exports are read from: a folder, or an archive (.zip, .tar, .tgz), which its first octets tell.
type Source struct {
	Name    string // what it is called: it may tell the degree
	Folder  fs.FS  // nil: an archive
	Archive io.Reader
}

// Opened is what a source holds, until Close.
type Opened struct {
	Exports []*aaf.Export // in the order in which they are to be imported
	kept    *os.File      // octets of an archive, without a name; nil for a folder
}

// Close forgets the octets of an archive.
func (o *Opened) Close() error {
	if o.kept == nil {
		return nil
	}
	return o.kept.Close()
}

// ErrSource is wrapped by the refusal of a source that is no whole folder or archive of exports: it may be on its way
// still.
var ErrSource = aaf.ErrContainer

// Open finds the exports of a source. What an archive holds lies in a file without a name in the service's folder until
// Close. A source that is not whole, or hostile, is refused with failure.Permanent and a text to show.
func (s *Service) Open(ctx context.Context, source Source) (*Opened, error) {
	o := &Opened{}
	c, err := s.contain(ctx, source, o)
	if err == nil {
		o.Exports, err = aaf.Open(ctx, c)
	}
	if err != nil {
		err = errors.Join(err, o.Close())
	}
	if errors.Is(err, ErrSource) {
		why := strings.TrimPrefix(err.Error(), ErrSource.Error()+" : ")
		return nil, failure.Wrap(failure.Permanent, ErrSource, "refusé, rien n'a été changé : "+why)
	}
	if err != nil {
		return nil, fmt.Errorf("open AAF exports: %w", err)
	}
	return o, nil
}

// contain opens the container.
func (s *Service) contain(ctx context.Context, source Source, o *Opened) (*aaf.Container, error) {
	if source.Folder != nil {
		return aaf.Folder(source.Name, source.Folder, aaf.Limits{})
	}
	spool, err := newSpool(s.cfg.Scratch)
	if err != nil {
		return nil, err
	}
	o.kept = spool.file
	in := bufio.NewReaderSize(source.Archive, 64<<10)
	if head, err := in.Peek(2); err != nil || string(head) != "PK" {
		return aaf.Tar(ctx, source.Name, in, o.kept, aaf.Limits{})
	}
	size, err := io.Copy(o.kept, in)
	if err != nil {
		return nil, fmt.Errorf("keep an archive: %w", err)
	}
	return aaf.Zip(source.Name, o.kept, size, aaf.Limits{})
}

// ImportAll imports the exports of a source, one after the other; the first that fails is the last one. The reports are of
// those that were looked at, the one that failed included.
func (s *Service) ImportAll(ctx context.Context, source Source, opt Options) (reports Reports, err error) {
	opened, err := s.Open(ctx, source)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, opened.Close()) }()
	for _, x := range opened.Exports {
		report, err := s.Import(ctx, x, opt)
		reports = append(reports, report)
		if err != nil {
			return reports, err
		}
	}
	return reports, nil
}
