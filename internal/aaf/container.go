package aaf

import (
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
)

// Container is a folder or an archive whose form has been checked: nothing in it lies outside it, twice, or behind a link.
type Container struct {
	name    string
	limits  Limits
	entries []entry

	// Ignored are the files that are no part of an export (the DTD, a manifest), by their paths.
	Ignored []string
}

// entry is a file of a container.
type entry struct {
	path string
	size int64 // uncompressed, as the container says; the reader counts for itself
	open func() (io.ReadCloser, error)
}

// Folder is a container of the files below the root of fsys. name is what the folder is called: it may tell the degree.
func Folder(name string, fsys fs.FS, limits Limits) (*Container, error) {
	b := newBuilder(name, limits)
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if p == "." {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		return b.add(p, info.Mode(), info.Size(), func() (io.ReadCloser, error) { return fsys.Open(p) })
	})
	if err != nil {
		return nil, fmt.Errorf("read folder %s: %w", name, err)
	}
	return b.container, nil
}

// builder checks the entries of a container as they are found.
type builder struct {
	container *Container
	names     names
	seen      map[string]bool // paths in lower case: systems that fold case would write one over the other
	count     int
	total     int64
}

func newBuilder(name string, limits Limits) *builder {
	return &builder{container: &Container{name: path.Base(name), limits: limits.withDefaults()}, names: newNames(), seen: map[string]bool{}}
}

// add checks one entry and keeps it when it is a part of an export.
func (b *builder) add(p string, mode fs.FileMode, size int64, open func() (io.ReadCloser, error)) error {
	c := b.container
	if b.count++; b.count > c.limits.Entries {
		return refusal(c.name, fmt.Sprintf("plus de %d fichiers", c.limits.Entries), fmt.Sprintf("more than %d entries", c.limits.Entries))
	}
	clean := strings.TrimSuffix(p, "/")
	if clean = strings.TrimPrefix(clean, "./"); clean == "." || clean == "" {
		return nil
	}
	switch {
	case !fs.ValidPath(clean) || strings.ContainsAny(clean, "\\:\x00"):
		return refusal(c.name, fmt.Sprintf("chemin refusé : %.80q", p), "path refused: absolute, or outside the container")
	case mode&fs.ModeSymlink != 0:
		return refusal(c.name, fmt.Sprintf("lien symbolique refusé : %.80q", p), "symbolic links are refused")
	case mode.IsDir():
		return nil
	case !mode.IsRegular():
		return refusal(c.name, fmt.Sprintf("ce n'est pas un fichier : %.80q", p), "not a regular file")
	case b.seen[strings.ToLower(clean)]:
		return refusal(c.name, fmt.Sprintf("nom en double : %.80q", p), "the name is there twice")
	}
	b.seen[strings.ToLower(clean)] = true
	if _, ok := b.names.parse(path.Base(clean)); !ok || strings.HasPrefix(clean, "__MACOSX/") {
		c.Ignored = append(c.Ignored, clean)
		return nil
	}
	if b.total += size; size > c.limits.File || b.total > c.limits.Total {
		return refusal(c.name, fmt.Sprintf("trop d'octets, à partir de %.80q", p), "too many octets")
	}
	c.entries = append(c.entries, entry{path: clean, size: size, open: open})
	return nil
}
