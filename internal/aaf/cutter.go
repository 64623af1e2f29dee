package aaf

import (
	"bytes"
	"fmt"
)

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
