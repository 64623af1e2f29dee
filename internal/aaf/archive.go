package aaf

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
)

// Zip is the container of a zip archive of that size. name is what it is called: it may tell the degree.
func Zip(name string, r io.ReaderAt, size int64, limits Limits) (*Container, error) {
	b := newBuilder(name, limits)
	archive, err := zip.NewReader(r, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // add says which path
		return nil, refusal(b.container.name, "ce n'est pas une archive zip entière", "not a whole zip archive")
	}
	for _, f := range archive.File {
		if f.Flags&1 != 0 {
			return nil, refusal(b.container.name, fmt.Sprintf("fichier chiffré : %.80q", f.Name), "encrypted file")
		}
		promised := f.UncompressedSize64
		if promised > uint64(b.container.limits.Total) {
			return nil, refusal(b.container.name, fmt.Sprintf("trop d'octets : %.80q", f.Name), "too many octets")
		}
		if int64(promised) > grace && int64(promised)/b.container.limits.Ratio > int64(f.CompressedSize64) {
			return nil, tooDense(b.container.name, f.Name)
		}
		open := func() (io.ReadCloser, error) {
			in, err := f.Open()
			if err != nil {
				return nil, fmt.Errorf("open %.80q in %s: %w", f.Name, b.container.name, err)
			}
			return in, nil // archive/zip ends with an error what has more octets than it promised
		}
		if err := b.add(f.Name, f.Mode(), int64(promised), open); err != nil {
			return nil, err
		}
	}
	return b.container, nil
}

func tooDense(container, name string) error {
	return refusal(container, fmt.Sprintf("%.80q se décompresse au-delà de toute mesure", name), "the compression ratio is beyond reason")
}

// Scratch is where the octets of a tar archive lie while it is read: an archive has its files in any order, and they are
// needed in another. It grows to the size of the files of the export, and holds personal data: its owner keeps it from
// others, and removes it.
type Scratch interface {
	io.Writer
	io.ReaderAt
}

// Tar is the container of a tar archive, plain or compressed by gzip (.tgz), which it reads once, to its end. scratch is
// empty; it is needed as long as the container. name is what the archive is called: it may tell the degree.
func Tar(ctx context.Context, name string, r io.Reader, scratch Scratch, limits Limits) (*Container, error) {
	t := tarball{builder: newBuilder(name, limits), packed: &counter{in: r, ctx: ctx}, scratch: scratch}
	in, err := gunzip(t.packed)
	if err != nil {
		return nil, t.failed(err)
	}
	t.unpacked = &counter{in: in, ctx: ctx}
	if err := t.copy(); err != nil {
		return nil, err
	}
	return t.container, nil
}

// gunzip undoes gzip where the first octets are its own.
func gunzip(r io.Reader) (io.Reader, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	head, err := in.Peek(2)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(head, []byte{0x1f, 0x8b}) {
		return in, nil
	}
	return gzip.NewReader(in)
}

// counter counts what is read through it, and stops when the context ends.
type counter struct {
	in  io.Reader
	ctx context.Context //nolint:containedctx // a reader has no other place for it
	n   int64
}

func (c *counter) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.in.Read(p)
	c.n += int64(n)
	return n, err
}

// tarball copies the files of an archive to the scratch.
type tarball struct {
	*builder
	packed, unpacked *counter
	scratch          Scratch
	written          int64
}

// copy goes through the archive.
func (t *tarball) copy() error {
	archive := tar.NewReader(watched{t})
	for {
		h, err := archive.Next()
		switch {
		case errors.Is(err, io.EOF):
			return t.drain()
		case err != nil && !errors.Is(err, tar.ErrInsecurePath): // add says which path
			return t.failed(err)
		}
		if err := t.take(h, archive); err != nil {
			return err
		}
	}
}

// drain reads what follows the archive: a checksum that does not fit shows at the end.
func (t *tarball) drain() error {
	if _, err := io.Copy(io.Discard, watched{t}); err != nil {
		return t.failed(err)
	}
	return nil
}

// take copies one file.
func (t *tarball) take(h *tar.Header, in io.Reader) error {
	mode := h.FileInfo().Mode()
	switch h.Typeflag {
	case tar.TypeXGlobalHeader:
		return nil
	case tar.TypeLink: // a hard link, which the mode does not tell
		mode = fs.ModeSymlink
	}
	start, kept := t.written, len(t.container.entries)
	open := func() (io.ReadCloser, error) {
		return io.NopCloser(bufio.NewReaderSize(io.NewSectionReader(t.scratch, start, h.Size), 64<<10)), nil
	}
	if err := t.add(h.Name, mode, h.Size, open); err != nil {
		return err
	}
	if len(t.container.entries) == kept {
		return nil
	}
	n, err := io.Copy(t.scratch, in)
	t.written += n
	if err != nil {
		return t.failed(fmt.Errorf("copy %.80q: %w", path.Base(h.Name), err))
	}
	return nil
}

// failed says why the archive could not be read to its end.
func (t *tarball) failed(err error) error {
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, ErrContainer), t.packed.ctx.Err() != nil:
		return err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, tar.ErrHeader), errors.Is(err, gzip.ErrChecksum),
		errors.Is(err, gzip.ErrHeader), errors.As(err, &corrupt):
		return refusal(t.container.name, "archive tronquée ou abîmée", "the archive is truncated or damaged")
	}
	return fmt.Errorf("read archive %s: %w", t.container.name, err)
}

// watched reads the unpacked octets of a tarball, and stops when they are too many for the packed ones.
type watched struct{ t *tarball }

func (w watched) Read(p []byte) (int, error) {
	t := w.t
	if t.unpacked.n > grace && t.unpacked.n/t.container.limits.Ratio > t.packed.n {
		return 0, tooDense(t.container.name, t.container.name)
	}
	if t.unpacked.n > t.container.limits.Total {
		return 0, refusal(t.container.name, "trop d'octets", "too many octets")
	}
	return t.unpacked.Read(p)
}
