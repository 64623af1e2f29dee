package roster

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// maxLine is the longest line kept, in octets; a longer one is a wrong line.
const maxLine = 16 << 10

// physicalLine is one line of a file as its octets stand, without its end.
type physicalLine struct {
	number  int    // from 1
	octets  []byte // valid until the next call; cut at maxLine
	tooLong bool
}

// lineScanner reads lines ended by LF or CRLF in constant memory. A quoted field cannot hold an
// end of line: one forgotten quote then spoils one line, not the rest of the file.
type lineScanner struct {
	in     *bufio.Reader
	number int
}

func newLineScanner(r io.Reader) *lineScanner {
	return &lineScanner{in: bufio.NewReaderSize(r, maxLine)}
}

// next gives the next line, or io.EOF after the last one. A last line without an end counts.
func (s *lineScanner) next() (physicalLine, error) {
	octets, err := s.in.ReadSlice('\n')
	s.number++
	line := physicalLine{number: s.number}
	switch {
	case err == nil:
		line.octets = bytes.TrimSuffix(octets[:len(octets)-1], []byte("\r"))
	case errors.Is(err, io.EOF):
		if len(octets) == 0 {
			return line, io.EOF
		}
		line.octets = bytes.TrimSuffix(octets, []byte("\r"))
	case errors.Is(err, bufio.ErrBufferFull):
		line.octets, line.tooLong = octets, true
		line.octets = append([]byte(nil), octets...) // skipping overwrites the buffer
		if err := s.skipLine(); err != nil {
			return line, err
		}
	default:
		return line, err
	}
	return line, nil
}

// skipLine leaves the rest of a line that is too long.
func (s *lineScanner) skipLine() error {
	for {
		_, err := s.in.ReadSlice('\n')
		switch {
		case err == nil, errors.Is(err, io.EOF):
			return nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return err
		}
	}
}
