package smtpd

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
)

// bdat is BDAT (RFC 3030 §2): the first one of a message. Those that follow are read by the chunkReader.
func (c *conn) bdat(ctx context.Context, cmd command) *reply {
	size, last, r := parseChunk(cmd.arg)
	if r != nil {
		return r
	}
	b := &chunkReader{c: c, limits: c.bodyLimits(), left: size, last: last}
	c.beginData()
	defer c.endData()
	if r := c.ready(); r != nil {
		// The octets follow their command, whatever becomes of it.
		if !b.drain() {
			r.close = true
		}
		return r
	}
	r, err := c.receive(ctx, b)
	switch {
	case errors.Is(err, errAborted):
		c.tx = nil
		return nil // the command that gave it up is answered next
	case !b.drain():
		r.close = true
	}
	return c.answerData(r, b.last)
}

// parseChunk reads the argument of BDAT. Where it is malformed nobody knows how many octets follow, and the
// connection ends.
func parseChunk(arg string) (size int64, last bool, r *reply) {
	number, rest, _ := strings.Cut(arg, " ")
	rest = strings.TrimSpace(rest)
	last = strings.EqualFold(rest, "LAST")
	size, err := strconv.ParseInt(number, 10, 62)
	if err != nil || size < 0 || number[0] == '+' || rest != "" && !last {
		return 0, false, bye(501, "5.5.4", "syntaxe : BDAT taille [LAST]", "syntax: BDAT size [LAST]")
	}
	return size, last, nil
}

// chunkReader reads a message that comes in chunks. Between two of them it answers for the connection, so that the
// message is one io.Reader for those who take it.
type chunkReader struct {
	c      *conn
	limits bodyLimits

	left  int64 // octets of the chunk under way
	last  bool  // it is the last one
	size  int64 // octets read so far
	check newlineCheck

	err    error
	failed bool // the connection failed, or must end
}

func (b *chunkReader) Read(p []byte) (int, error) {
	for b.err == nil {
		switch {
		case b.size+b.left > b.limits.size:
			b.err = refuseTooLarge()
		case b.left > 0:
			n, err := b.c.br.Read(p[:min(int64(len(p)), b.left)])
			b.take(p[:n], err)
			if b.err == nil {
				return n, nil
			}
		case b.last:
			b.check.end()
			b.err = io.EOF
			if b.check.bare {
				b.err = refuseBareNewline()
			}
		default:
			b.c.write(say(250, "2.0.0", "morceau reçu", "chunk received"))
			b.nextChunk()
		}
	}
	return 0, b.err
}

func (b *chunkReader) take(p []byte, err error) {
	b.left -= int64(len(p))
	b.size += int64(len(p))
	b.check.scan(p)
	switch {
	case err != nil:
		b.err, b.failed = err, true
	case b.check.bare:
		b.err = refuseBareNewline()
	case b.check.longest > b.limits.line:
		b.err = refuseLongLine()
	}
}

// nextChunk reads commands up to the next BDAT, or to one that gives the message up.
func (b *chunkReader) nextChunk() {
	for {
		cmd, r := b.c.read()
		if r == nil {
			switch cmd.verb {
			case "BDAT":
				if b.left, b.last, r = parseChunk(cmd.arg); r == nil {
					return
				}
			case "RSET", "QUIT", "EHLO", "HELO", "LHLO":
				b.c.next, b.err = &cmd, errAborted
				return
			case "NOOP":
				r = say(250, "2.0.0", "bien", "ok")
				b.c.idle++
			default:
				r = say(503, "5.5.1", "un message est en cours", "a message is under way")
			}
		}
		if r = b.c.account(cmd.verb, r); b.c.idle > b.c.srv.cfg.Limits.IdleCommands {
			r = tooMany("de commandes", "commands")
		}
		if r.close {
			b.err, b.failed = r, true
			return
		}
		b.c.write(r)
	}
}

func (b *chunkReader) broken() bool { return b.failed }

// drain reads what is left of a refused chunk.
func (b *chunkReader) drain() bool {
	if b.failed || b.left > drainMax*b.limits.size {
		return false
	}
	_, err := io.CopyN(io.Discard, b.c.br, b.left)
	b.left = 0
	return err == nil
}
