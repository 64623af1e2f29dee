package mail

import (
	"bytes"

	"golang.org/x/text/transform"
)

// uuDecoder decodes uuencode: lines of a length and up to 45 bytes in groups of four, between "begin" and "end".
type uuDecoder struct{ begun, ended bool }

func (d *uuDecoder) Reset() { *d = uuDecoder{} }

// uuLine bounds a line: longer ones are no uuencode and are cut.
const uuLine = 200

func (d *uuDecoder) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		rest := src[nSrc:]
		size := bytes.IndexByte(rest[:min(len(rest), uuLine)], '\n') + 1
		if size == 0 {
			if !atEOF && len(rest) < uuLine {
				return nDst, nSrc, transform.ErrShortSrc
			}
			size = min(len(rest), uuLine)
		}
		if nDst+size+4 > len(dst) { // a line never decodes to more

			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += d.line(dst[nDst:], bytes.TrimRight(rest[:size], "\r\n"))
		nSrc += size
	}
	return nDst, nSrc, nil
}

func (d *uuDecoder) line(dst, line []byte) int {
	switch {
	case d.ended:
		return 0
	case !d.begun:
		d.begun = bytes.HasPrefix(line, []byte("begin "))
		return 0
	case string(line) == "end":
		d.ended = true
		return 0
	case len(line) < 2:
		return 0
	}
	length := int(uuValue(line[0]))
	n := 0
	for at := 1; at < len(line) && n < length; at += 4 {
		var v [4]byte
		for i := range v {
			if at+i < len(line) {
				v[i] = uuValue(line[at+i])
			}
		}
		n += copy(dst[n:min(length, n+3)], []byte{v[0]<<2 | v[1]>>4, v[1]<<4 | v[2]>>2, v[2]<<6 | v[3]})
	}
	return n
}

func uuValue(c byte) byte { return (c - ' ') & 0x3f }
