package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// imapConn is a small IMAP client: it sends a command and reads whole
// responses, literals included, without interpreting more than it must.
type imapConn struct {
	c       net.Conn
	r       *bufio.Reader
	w       *bufio.Writer
	timeout time.Duration
	tag     int
	caps    string
	bytesIn int64
}

// response is one untagged response with its literals.
type response struct {
	line string
	lits [][]byte
}

func dialIMAP(c *config) (*imapConn, error) {
	nc, err := dial(c, c.imap)
	if err != nil {
		return nil, err
	}
	tc := &tls.Config{InsecureSkipVerify: true}
	if c.imapTLS == "implicit" {
		nc = tls.Client(nc, tc)
	}
	ic := &imapConn{timeout: c.timeout}
	ic.use(nc)
	if _, err = ic.read(); err == nil && c.imapTLS == "starttls" {
		if _, err = ic.cmd("STARTTLS"); err == nil {
			ic.use(tls.Client(nc, tc))
		}
	}
	if err != nil {
		nc.Close()
		return nil, err
	}
	return ic, nil
}

func (ic *imapConn) use(nc net.Conn) {
	ic.c, ic.r, ic.w = nc, bufio.NewReaderSize(nc, 16<<10), bufio.NewWriterSize(nc, 16<<10)
}

// login opens a connection for user number i and logs in.
func login(c *config, i int) (*imapConn, error) {
	ic, err := dialIMAP(c)
	if err != nil {
		return nil, err
	}
	if _, err := ic.cmd("LOGIN \"%s\" \"%s\"", c.user(i), c.pass(i)); err != nil {
		ic.c.Close()
		return nil, fmt.Errorf("login %s: %w", c.user(i), err)
	}
	return ic, nil
}

func (ic *imapConn) loadCaps() error {
	rs, err := ic.cmd("CAPABILITY")
	for _, r := range rs {
		if strings.HasPrefix(r.line, "* CAPABILITY") {
			ic.caps = strings.ToUpper(r.line) + " "
		}
	}
	return err
}

func (ic *imapConn) has(cap string) bool { return strings.Contains(ic.caps, " "+cap+" ") }

func (ic *imapConn) read() (response, error) {
	var rs response
	if err := ic.c.SetReadDeadline(time.Now().Add(ic.timeout)); err != nil {
		return rs, err
	}
	var line []byte
	for {
		part, err := ic.r.ReadSlice('\n')
		for errors.Is(err, bufio.ErrBufferFull) {
			line = append(line, part...)
			part, err = ic.r.ReadSlice('\n')
		}
		if err != nil {
			return rs, err
		}
		ic.bytesIn += int64(len(part))
		line = append(line, bytes.TrimRight(part, "\r\n")...)
		n := literalSize(line)
		if n < 0 {
			rs.line = string(line)
			return rs, nil
		}
		lit := make([]byte, n)
		if _, err := io.ReadFull(ic.r, lit); err != nil {
			return rs, err
		}
		ic.bytesIn += int64(n)
		rs.lits = append(rs.lits, lit)
	}
}

func literalSize(line []byte) int {
	if len(line) == 0 || line[len(line)-1] != '}' {
		return -1
	}
	i := bytes.LastIndexByte(line, '{')
	if i < 0 {
		return -1
	}
	n, err := strconv.Atoi(string(line[i+1 : len(line)-1]))
	if err != nil {
		return -1
	}
	return n
}

// finish reads responses up to the tagged one.
func (ic *imapConn) finish(tag string) ([]response, error) {
	var out []response
	for {
		r, err := ic.read()
		if err != nil {
			return out, err
		}
		if status, ok := strings.CutPrefix(r.line, tag+" "); ok {
			if !strings.HasPrefix(status, "OK") {
				return out, fmt.Errorf("imap: %s", status)
			}
			return out, nil
		}
		out = append(out, r)
	}
}

func (ic *imapConn) cmd(format string, args ...any) ([]response, error) {
	ic.tag++
	tag := "A" + strconv.Itoa(ic.tag)
	fmt.Fprintf(ic.w, tag+" "+format+"\r\n", args...)
	if err := ic.w.Flush(); err != nil {
		return nil, err
	}
	return ic.finish(tag)
}

// appendMessages appends msgs to INBOX in one command (MULTIAPPEND when more
// than one), with non-synchronising literals when plus is set.
func (ic *imapConn) appendMessages(msgs [][]byte, plus bool) error {
	ic.tag++
	tag := "A" + strconv.Itoa(ic.tag)
	mark := ""
	if plus {
		mark = "+"
	}
	fmt.Fprintf(ic.w, "%s APPEND INBOX", tag)
	for _, m := range msgs {
		fmt.Fprintf(ic.w, " {%d%s}\r\n", len(m), mark)
		if !plus {
			if err := ic.w.Flush(); err != nil {
				return err
			}
			r, err := ic.read()
			if err != nil {
				return err
			}
			if !strings.HasPrefix(r.line, "+") {
				return fmt.Errorf("imap: %s", r.line)
			}
		}
		ic.w.Write(m)
	}
	ic.w.WriteString("\r\n")
	if err := ic.w.Flush(); err != nil {
		return err
	}
	_, err := ic.finish(tag)
	return err
}

// statusMessages returns STATUS INBOX (MESSAGES).
func (ic *imapConn) statusMessages() (int, error) {
	rs, err := ic.cmd("STATUS INBOX (MESSAGES)")
	if err != nil {
		return 0, err
	}
	for _, r := range rs {
		if i := strings.Index(strings.ToUpper(r.line), "(MESSAGES "); i >= 0 {
			s := r.line[i+len("(MESSAGES "):]
			return strconv.Atoi(s[:strings.IndexAny(s, " )")])
		}
	}
	return 0, fmt.Errorf("no STATUS in answer")
}

// selectInbox opens INBOX (EXAMINE when readonly) and returns EXISTS.
func (ic *imapConn) selectInbox(readonly bool) (int, error) {
	verb := "SELECT"
	if readonly {
		verb = "EXAMINE"
	}
	rs, err := ic.cmd("%s INBOX", verb)
	n := 0
	for _, r := range rs {
		if f := strings.Fields(r.line); len(f) == 3 && f[2] == "EXISTS" {
			n, _ = strconv.Atoi(f[1])
		}
	}
	return n, err
}

// loadIDs returns the X-Load-Id of every message of a run in the open mailbox.
func (ic *imapConn) loadIDs(runID string) ([]string, error) {
	rs, err := ic.cmd("FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS (X-LOAD-ID)])")
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, r := range rs {
		for _, l := range r.lits {
			_, v, ok := strings.Cut(string(l), ":")
			if v = strings.TrimSpace(v); ok && strings.HasPrefix(v, runID+".") {
				ids = append(ids, v)
			}
		}
	}
	return ids, nil
}

// logout says goodbye; that the server hung up first is no matter.
func (ic *imapConn) logout() {
	_, _ = ic.cmd("LOGOUT")
	ic.c.Close()
}
