package aaf

import (
	"bytes"
	"io"
)

// Reader gives the requests of one file, one at a time, in memory that does not grow with the file.
type Reader struct {
	file     string
	category Category
	frames   *framer
	decoder  *decoder // nil before the first request: the prolog says what is declared
	parser   *parser
	convert  *converter
	err      error // what ended it
}

// NewReader reads a file of a category from its first octet. name is what errors and records call the file.
func NewReader(in io.Reader, name string, c Category, limits Limits) *Reader {
	limits = limits.withDefaults()
	return &Reader{file: name, category: c, frames: newFramer(in, name, limits), parser: newParser(limits), convert: newConverter(c)}
}

// Next gives the next record. A *RecordError stands for one that could not be understood, and others follow it. A
// *FileError, an error of reading, and io.EOF at the end of a whole file are the last: they come again and again.
func (r *Reader) Next() (*Record, error) {
	if r.err != nil {
		return nil, r.err
	}
	f, err := r.frames.next()
	if err != nil {
		r.err = err
		return nil, err
	}
	if r.decoder == nil {
		r.decoder = newDecoder(r.frames.encoding)
	}
	if f.broken != "" {
		return nil, r.bad(f, f.broken)
	}
	text, doubt, ok := r.decoder.decode(f.octets)
	if !ok {
		return nil, r.bad(f, both("octets qui ne sont pas de l'UTF-8, dans un fichier qui en est", "octets that are not UTF-8, in a file that is"))
	}
	q, err := r.parser.parse(text, f.action)
	if err != nil {
		return nil, r.bad(f, err.Error())
	}
	rec := &Record{Action: f.action, Category: r.category, File: r.file, Line: f.line}
	if doubt != "" {
		rec.Doubts = append(rec.Doubts, doubt)
	}
	if reason := r.convert.record(rec, q); reason != "" {
		return nil, &RecordError{r.file, f.line, r.category, rec.Key, reason}
	}
	return rec, nil
}

// bad is the refusal of a request that was not parsed to its end.
func (r *Reader) bad(f frame, reason string) error {
	return &RecordError{r.file, f.line, r.category, findKey(f.octets), reason}
}

// findKey looks for the join key in the octets of a request that is broken.
func findKey(octets []byte) string {
	_, rest, _ := bytes.Cut(octets, []byte("<id>"))
	key, _, _ := bytes.Cut(rest, []byte("</id>"))
	if key = bytes.TrimSpace(key); !isKey(key) {
		return ""
	}
	return string(key)
}
