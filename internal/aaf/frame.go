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

// request cuts out the request that begins at r.
func (f *framer) request(action Action) (frame, error) {
	c := cutter{framer: f, frame: frame{action: action, line: f.line}, end: "</" + action.String(), p: 1}
	if err := c.startTag(); err != nil || c.done {
		return c.result(), err
	}
	for !c.done {
		if err := c.step(); err != nil {
			return frame{}, err
		}
	}
	return c.result(), nil
}

// cutter looks for the end of a request.
type cutter struct {
	*framer
	frame frame
	end   string // its end tag
	p     int    // where to look on, from r
	done  bool
	head  []byte // what was kept of a request that is too large
}

// startTag passes over the start tag; a request that is nothing else ends with it.
func (c *cutter) startTag() error {
	i, err := c.find(">")
	if err != nil {
		return err
	}
	c.p = i + 1
	c.done = c.framer.buf[c.r+i-1] == '/'
	return nil
}

// step looks at the next tag.
func (c *cutter) step() error {
	q, err := c.find("<")
	if err != nil {
		return err
	}
	if q+minLookahead > len(c.framer.buf) {
		c.letGo(q)
		q = 0
	}
	c.p = q
	rest := c.peek(q + minLookahead)[q:]
	if len(rest) < 2 {
		return c.unfinished()
	}
	switch rest[1] {
	case '!':
		switch {
		case bytes.HasPrefix(rest, []byte("<!--")):
			return c.pass("-->", 4)
		case bytes.HasPrefix(rest, []byte(cdataStart)):
			return c.pass(cdataEnd, len(cdataStart))
		}
	case '?':
		return c.pass("?>", 2)
	case '/':
		if tagged(rest, c.end) {
			c.done = true
			return c.pass(">", 2)
		}
	}
	if rest[1] == '/' && tagged(rest, rootEnd) || requestStart(rest) != 0 {
		c.done = true
		if c.frame.broken == "" {
			c.frame.broken = both("la demande n'est pas fermée", "the request is not closed")
		}
		return nil
	}
	c.p++
	return nil
}

// pass goes on behind the next mark, which comes after skip octets at the earliest.
func (c *cutter) pass(mark string, skip int) error {
	c.p += skip
	i, err := c.find(mark)
	c.p = i + len(mark)
	return err
}

// find gives the place of the next mark at or after p, from r. A request that outgrows the buffer goes on without its
// octets: they are let go as they are read.
func (c *cutter) find(mark string) (int, error) {
	for from := c.p; ; {
		window := c.framer.buf[c.r:c.w]
		from = min(from, len(window))
		if i := index(window[from:], mark); i >= 0 {
			return from + i, nil
		}
		from = max(from, len(window)-len(mark)+1)
		if len(window) == len(c.framer.buf) {
			let := len(window) - minLookahead
			c.letGo(let)
			c.p, from = max(0, c.p-let), max(0, from-let)
		}
		if !c.fill() {
			return 0, c.unfinished()
		}
	}
}

// index is bytes.Index, quicker for one octet.
func index(b []byte, mark string) int {
	if len(mark) == 1 {
		return bytes.IndexByte(b, mark[0])
	}
	return bytes.Index(b, []byte(mark))
}

// letGo gives up the first octets of a request that is too large.
func (c *cutter) letGo(n int) {
	if c.frame.broken == "" {
		c.frame.broken = both("demande trop grande", "the request is too large")
		c.head = bytes.Clone(c.framer.buf[c.r:min(c.r+headOfRecord, c.w)])
	}
	c.consume(n)
}

// headOfRecord is how much of a request that is too large is kept, to find its join key.
const headOfRecord = 4 << 10

func (c *cutter) unfinished() error {
	return c.cut(fmt.Sprintf("tronqué dans la demande qui commence ligne %d", c.frame.line),
		fmt.Sprintf("truncated within the request that begins on line %d", c.frame.line))
}

// result takes the request out of the buffer.
func (c *cutter) result() frame {
	c.frame.octets = c.framer.buf[c.r : c.r+c.p]
	if c.head != nil {
		c.frame.octets = c.head
	}
	c.consume(c.p)
	return c.frame
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
