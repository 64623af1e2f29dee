package main

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
)

// smtpConn is a small SMTP/LMTP client that pipelines when the server offers it.
type smtpConn struct {
	c        net.Conn
	r        *bufio.Reader
	w        *bufio.Writer
	timeout  time.Duration
	lmtp     bool
	ext      map[string]string
	pipeline bool
}

// smtpError is a reply the server gave that was not the one wanted.
type smtpError struct {
	code int
	text string
}

func (e *smtpError) Error() string { return fmt.Sprintf("%d %s", e.code, e.text) }

func dialSMTP(c *config) (*smtpConn, error) {
	nc, err := dial(c, c.smtp)
	if err != nil {
		return nil, err
	}
	s := &smtpConn{timeout: c.timeout, lmtp: c.lmtp}
	tc := &tls.Config{InsecureSkipVerify: true}
	if c.smtpTLS == "implicit" {
		nc = tls.Client(nc, tc)
	}
	s.use(nc)
	if _, err = s.expect(220); err == nil {
		err = s.hello()
	}
	if err == nil && c.smtpTLS == "starttls" {
		if _, err = s.cmd(220, "STARTTLS"); err == nil {
			s.use(tls.Client(nc, tc))
			err = s.hello()
		}
	}
	if err != nil {
		nc.Close()
		return nil, err
	}
	return s, nil
}

func (s *smtpConn) use(nc net.Conn) {
	s.c, s.r, s.w = nc, bufio.NewReaderSize(nc, 32<<10), bufio.NewWriterSize(nc, 32<<10)
}

func (s *smtpConn) hello() error {
	verb := "EHLO"
	if s.lmtp {
		verb = "LHLO"
	}
	text, err := s.cmd(250, "%s load.example", verb)
	if err != nil {
		return err
	}
	s.ext = map[string]string{}
	for _, line := range strings.Split(text, "\n")[1:] {
		k, v, _ := strings.Cut(line, " ")
		s.ext[strings.ToUpper(k)] = v
	}
	_, s.pipeline = s.ext["PIPELINING"]
	return nil
}

func (s *smtpConn) auth(user, password string) error {
	tok := base64.StdEncoding.EncodeToString([]byte("\x00" + user + "\x00" + password))
	_, err := s.cmd(235, "AUTH PLAIN %s", tok)
	return err
}

func (s *smtpConn) reply() (int, string, error) {
	if err := s.c.SetReadDeadline(time.Now().Add(s.timeout)); err != nil {
		return 0, "", err
	}
	var text []string
	for {
		line, err := s.r.ReadString('\n')
		if err != nil {
			return 0, "", err
		}
		line = strings.TrimRight(line, "\r\n")
		if len(line) < 3 {
			return 0, "", fmt.Errorf("bad reply %q", line)
		}
		code, err := strconv.Atoi(line[:3])
		if err != nil {
			return 0, "", fmt.Errorf("bad reply %q", line)
		}
		if len(line) > 3 {
			text = append(text, line[4:])
		}
		if len(line) == 3 || line[3] != '-' {
			return code, strings.Join(text, "\n"), nil
		}
	}
}

func (s *smtpConn) expect(want int) (string, error) {
	code, text, err := s.reply()
	if err == nil && code != want {
		err = &smtpError{code, text}
	}
	return text, err
}

func (s *smtpConn) cmd(want int, format string, args ...any) (string, error) {
	fmt.Fprintf(s.w, format+"\r\n", args...)
	if err := s.w.Flush(); err != nil {
		return "", err
	}
	return s.expect(want)
}

// sendResult says what became of one transaction.
type sendResult struct {
	accepted []string // recipients the server took responsibility for
	rejected int
	firstErr error         // first refusal of a recipient
	eod      time.Time     // when the final dot had been written
	latency  time.Duration // from the final dot to the (last) reply
}

// send runs one transaction. A refused recipient is not an error; a refused
// transaction is, and leaves the connection usable when it is an *smtpError.
func (s *smtpConn) send(from string, rcpts []string, msg []byte) (res sendResult, err error) {
	cmds := append([]string{"MAIL FROM:<" + from + ">"}, make([]string, len(rcpts))...)
	for i, r := range rcpts {
		cmds[i+1] = "RCPT TO:<" + r + ">"
	}
	var ok []string
	handle := func(i int) error {
		code, text, err := s.reply()
		switch {
		case err != nil:
			return err
		case i == 0 && code != 250:
			return &smtpError{code, "MAIL: " + text}
		case i > 0 && code/100 == 2:
			ok = append(ok, rcpts[i-1])
		case i > 0:
			res.rejected++
			if res.firstErr == nil {
				res.firstErr = &smtpError{code, "RCPT: " + text}
			}
		}
		return nil
	}
	const window = 100 // recipients in flight, well below any socket buffer
	for i := 0; i < len(cmds); {
		n := 1
		if s.pipeline {
			n = min(window, len(cmds)-i)
		}
		for j := range n {
			s.w.WriteString(cmds[i+j] + "\r\n")
		}
		if err := s.w.Flush(); err != nil {
			return res, err
		}
		var mailErr error
		for j := range n {
			if err := handle(i + j); err != nil {
				var refused *smtpError
				if !errors.As(err, &refused) {
					return res, err
				}
				mailErr = err
			}
		}
		if mailErr != nil {
			s.reset()
			return res, mailErr
		}
		i += n
	}
	if len(ok) == 0 {
		s.reset()
		return res, res.firstErr
	}
	if _, err := s.cmd(354, "DATA"); err != nil {
		return res, err
	}
	s.w.Write(msg)
	s.w.WriteString(".\r\n")
	if err := s.w.Flush(); err != nil {
		return res, err
	}
	res.eod = time.Now()
	replies := 1
	if s.lmtp {
		replies = len(ok)
	}
	for i := range replies {
		code, text, err := s.reply()
		if err != nil {
			return res, err
		}
		switch {
		case code == 250 && s.lmtp:
			res.accepted = append(res.accepted, ok[i])
		case code == 250:
			res.accepted = ok
		case s.lmtp:
			res.rejected++
			if res.firstErr == nil {
				res.firstErr = &smtpError{code, "DATA: " + text}
			}
		default:
			s.reset() // some servers keep the transaction
			return res, &smtpError{code, "DATA: " + text}
		}
	}
	res.latency = time.Since(res.eod)
	return res, nil
}

// reset ends a transaction that failed; a server that does not take it shows
// so at the next command.
func (s *smtpConn) reset() { _, _ = s.cmd(250, "RSET") }

// quit says goodbye; that the server hung up first is no matter.
func (s *smtpConn) quit() {
	_, _ = s.cmd(221, "QUIT")
	s.c.Close()
}
