package aaf

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
)

// The element names of an export (the DTD, DOMAIN §1.2).
const (
	rootElement = "ficAlimMENESR"
	rootStart   = "<" + rootElement
	rootEnd     = "</" + rootElement
)

// frame is the octets of one request, from its start tag to its end tag, not parsed yet.
type frame struct {
	octets []byte // until the next call
	action Action // 0: octets between requests that are no request
	line   int
	broken string // why it is no request, or ""
}

// framer cuts a file into requests. It holds one at a time, in a buffer of a fixed size, and finds the next one after one
// that is broken: requests do not nest, so a request begins wherever one's start tag stands outside comments.
type framer struct {
	in   io.Reader
	file string
	max  int64 // octets of the file

	buf  []byte
	r, w int   // buf[r:w] has not been given out
	off  int64 // of buf[r]
	line int   // of buf[r], from 1
	err  error // of in: io.EOF, or what stopped it

	encoding string // as the file declares it, in lower case; "" where it does not
	state    framerState
}

type framerState uint8

const (
	inProlog framerState = iota
	inRoot
	atEnd
)

// minLookahead is the longest tag that tells what follows: </ficAlimMENESR, <![CDATA[, </modifyRequest.
const minLookahead = 16

func newFramer(in io.Reader, file string, lim Limits) *framer {
	return &framer{in: in, file: file, max: lim.File, buf: make([]byte, lim.Record+64<<10), line: 1}
}

// next gives the next request, io.EOF after the last one of a whole file, or a *FileError.
func (f *framer) next() (frame, error) {
	for {
		switch f.state {
		case inProlog:
			if err := f.prolog(); err != nil {
				return frame{}, err
			}
		case atEnd:
			return frame{}, f.epilog()
		case inRoot:
			fr, found, err := f.inRoot()
			if err != nil || found {
				return fr, err
			}
		}
	}
}

// inRoot reads one thing below the root: found says that it is worth telling.
func (f *framer) inRoot() (fr frame, found bool, err error) {
	f.skipSpace()
	rest := f.peek(minLookahead)
	switch {
	case len(rest) == 0:
		return frame{}, false, f.cut("le fichier s'arrête avant sa fin", "the file ends before its end")
	case bytes.HasPrefix(rest, []byte("<!--")):
		return frame{}, false, f.skipTo("-->")
	case bytes.HasPrefix(rest, []byte("<?")):
		return frame{}, false, f.skipTo("?>")
	case tagged(rest, rootEnd):
		f.state = atEnd
		return frame{}, false, f.skipTo(">")
	}
	if action := requestStart(rest); action != 0 {
		fr, err = f.request(action)
		return fr, err == nil, err
	}
	fr, err = f.stray()
	return fr, err == nil, err
}

// The start tags of requests.
const (
	addStart    = "<addRequest"
	modifyStart = "<modifyRequest"
	deleteStart = "<deleteRequest"
)

// requestStart says which request begins here, or 0.
func requestStart(b []byte) Action {
	if len(b) < 3 || b[0] != '<' {
		return 0
	}
	switch {
	case b[1] == 'a' && b[2] == 'd' && tagged(b, addStart):
		return Add
	case b[1] == 'm' && tagged(b, modifyStart):
		return Modify
	case b[1] == 'd' && tagged(b, deleteStart):
		return Delete
	}
	return 0
}

// tagged reports that b begins with a tag of exactly that name.
func tagged(b []byte, tag string) bool {
	if len(b) < len(tag) || string(b[:len(tag)]) != tag {
		return false
	}
	return len(b) == len(tag) || isSpace(b[len(tag)]) || b[len(tag)] == '>' || b[len(tag)] == '/'
}

// stray takes what stands between requests and is none, up to the next tag that is known here.
func (f *framer) stray() (frame, error) {
	fr := frame{line: f.line, broken: both("ce qui est entre deux demandes n'en est pas une", "what stands between two requests is none")}
	for first := true; ; first = false {
		rest := f.peek(minLookahead)
		switch {
		case len(rest) == 0:
			return frame{}, f.cut("le fichier s'arrête avant sa fin", "the file ends before its end")
		case !first && (requestStart(rest) != 0 || tagged(rest, rootEnd)):
			return fr, nil
		}
		f.consume(1)
		for {
			window := f.buf[f.r:f.w]
			i := bytes.IndexByte(window, '<')
			if i >= 0 {
				f.consume(i)
				break
			}
			f.consume(len(window))
			if !f.fill() {
				break
			}
		}
	}
}

// peek gives at least n octets from r where the file has as many.
func (f *framer) peek(n int) []byte {
	for f.w-f.r < n && f.fill() {
	}
	return f.buf[f.r:f.w]
}

// fill reads more octets behind w. false: there are none, or no room.
func (f *framer) fill() bool {
	if f.err != nil {
		return false
	}
	if f.r > 0 && f.w == len(f.buf) {
		f.w = copy(f.buf, f.buf[f.r:f.w])
		f.r = 0
	}
	if f.w == len(f.buf) {
		return false
	}
	for range 100 { // a reader may give nothing, not for ever
		n, err := f.in.Read(f.buf[f.w:])
		f.w += n
		if f.err = err; err == nil && f.off+int64(f.w-f.r) > f.max {
			f.err = ErrTooLarge
		}
		if n > 0 || err != nil {
			return n > 0
		}
	}
	f.err = io.ErrNoProgress
	return false
}

// consume goes on by n octets.
func (f *framer) consume(n int) {
	f.line += bytes.Count(f.buf[f.r:f.r+n], []byte{'\n'})
	f.r += n
	f.off += int64(n)
}

func (f *framer) skipSpace() {
	for {
		window := f.buf[f.r:f.w]
		n := 0
		for n < len(window) && isSpace(window[n]) {
			n++
		}
		f.consume(n)
		if n < len(window) || !f.fill() {
			return
		}
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// skipTo goes on behind the next mark, however far it is.
func (f *framer) skipTo(mark string) error {
	for {
		window := f.buf[f.r:f.w]
		if i := bytes.Index(window, []byte(mark)); i >= 0 {
			f.consume(i + len(mark))
			return nil
		}
		f.consume(max(0, len(window)-len(mark)+1))
		if !f.fill() {
			return f.cut("le fichier s'arrête avant sa fin", "the file ends before its end")
		}
	}
}

// cut is the failure of a file whose octets end too early, by what stopped them.
func (f *framer) cut(french, english string) error {
	at := f.off + int64(f.w-f.r)
	line := f.line + bytes.Count(f.buf[f.r:f.w], []byte{'\n'})
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(f.err, io.EOF):
		return &FileError{f.file, at, line, both(french, english), ErrTruncated}
	case errors.Is(f.err, io.ErrUnexpectedEOF), errors.Is(f.err, zip.ErrChecksum), errors.Is(f.err, zip.ErrFormat), errors.As(f.err, &corrupt):
		return &FileError{f.file, at, line, both("l'archive est abîmée ici", "the archive is damaged here"), ErrTruncated}
	case errors.Is(f.err, ErrTooLarge):
		return &FileError{f.file, at, line, both("le fichier est trop grand", "the file is too large"), ErrTooLarge}
	}
	return fmt.Errorf("read %s: %w", f.file, f.err)
}

// refuse is the failure of a file at the present place.
func (f *framer) refuse(kind error, french, english string) error {
	return &FileError{f.file, f.off, f.line, both(french, english), kind}
}
