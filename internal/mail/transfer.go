package mail

import "golang.org/x/text/transform"

// base64Value maps a byte to its six bits; above 63 it is not of the alphabet. '-' and '_' are those of RFC 4648 §5.
var base64Value = func() (t [256]byte) {
	for i := range t {
		t[i] = 0xff
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for i := range alphabet {
		t[alphabet[i]] = byte(i)
	}
	t['-'], t['_'] = 62, 63
	return t
}()

// hexValue maps a hexadecimal digit of either case to its value; above 15 it is none.
var hexValue = func() (t [256]byte) {
	for i := range t {
		t[i] = 0xff
	}
	for i := range 10 {
		t['0'+i] = byte(i)
	}
	for i := range 6 {
		t['a'+i], t['A'+i] = byte(10+i), byte(10+i)
	}
	return t
}()

// base64Decoder decodes base64 as far as there is any: what is not of the alphabet is skipped (RFC 2045 §6.8), padding
// may be missing or in the middle.
type base64Decoder struct {
	bits  uint32
	nbits uint
}

func (d *base64Decoder) Reset() { *d = base64Decoder{} }

func (d *base64Decoder) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		if nDst+3 > len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		if d.nbits == 0 && nSrc+4 <= len(src) {
			a, b, c, e := base64Value[src[nSrc]], base64Value[src[nSrc+1]], base64Value[src[nSrc+2]], base64Value[src[nSrc+3]]
			if a|b|c|e < 64 {
				dst[nDst], dst[nDst+1], dst[nDst+2] = a<<2|b>>4, b<<4|c>>2, c<<6|e
				nDst, nSrc = nDst+3, nSrc+4
				continue
			}
		}
		c := src[nSrc]
		nSrc++
		if c == '=' {
			d.Reset() // whole bytes are out already; what is left are padding bits
			continue
		}
		v := base64Value[c]
		if v >= 64 {
			continue
		}
		d.bits, d.nbits = d.bits<<6|uint32(v), d.nbits+6
		if d.nbits >= 8 {
			d.nbits -= 8
			dst[nDst] = byte(d.bits >> d.nbits)
			d.bits &= 1<<d.nbits - 1
			nDst++
		}
	}
	return nDst, nSrc, nil
}

func decodeBase64String(s string) []byte {
	out := make([]byte, len(s)/4*3+6)
	var d base64Decoder
	n, _, _ := d.Transform(out, []byte(s), true)
	return out[:n]
}

// qpLookahead bounds what quotedPrintable must see at once: spaces that may turn out to end a line.
const qpLookahead = 1000

// quotedPrintable decodes RFC 2045 §6.7: soft line breaks, spaces before a line end dropped, an "=" that is no escape
// kept.
type quotedPrintable struct{ transform.NopResetter }

func (quotedPrintable) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		if nDst == len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		if n := plainRun(src[nSrc:min(len(src), nSrc+len(dst)-nDst)]); n > 0 {
			copy(dst[nDst:], src[nSrc:nSrc+n])
			nDst, nSrc = nDst+n, nSrc+n
			continue
		}
		switch src[nSrc] {
		case '=':
			n, escape, ok := parseEscape(src[nSrc:], atEOF)
			if !ok {
				return nDst, nSrc, transform.ErrShortSrc
			}
			nSrc += n
			if n == 3 && escape >= 0 {
				dst[nDst] = byte(escape)
				nDst++
			} else if escape >= 0 {
				dst[nDst] = '='
				nDst++
			}
		case ' ', '\t':
			run := spaces(src[nSrc:])
			next := nSrc + run
			if next == len(src) && !atEOF && run < qpLookahead {
				return nDst, nSrc, transform.ErrShortSrc
			}
			if next == len(src) || src[next] == '\n' || src[next] == '\r' {
				if run < qpLookahead {
					nSrc = next
					continue
				}
			}
			n := copy(dst[nDst:], src[nSrc:next])
			nDst, nSrc = nDst+n, nSrc+n
		}
	}
	return nDst, nSrc, nil
}

// parseEscape reads what follows "=". It gives the bytes read and the byte meant: -1 for a soft line break; n == 1
// stands for a "=" that means itself. ok is false if more must be seen.
func parseEscape(s []byte, atEOF bool) (n, value int, ok bool) {
	if len(s) >= 3 && hexValue[s[1]] < 16 && hexValue[s[2]] < 16 {
		return 3, int(hexValue[s[1]]<<4 | hexValue[s[2]]), true
	}
	at := 1 + spaces(s[1:])
	switch {
	case at >= qpLookahead:
		return 1, '=', true
	case at == len(s) && atEOF:
		return at, -1, true
	case at == len(s), s[at] == '\r' && at+1 == len(s) && !atEOF:
		return 0, 0, false
	case s[at] == '\n':
		return at + 1, -1, true
	case s[at] == '\r' && (at+1 == len(s) || s[at+1] == '\n'):
		return min(at+2, len(s)), -1, true
	case len(s) == 2 && !atEOF && hexValue[s[1]] < 16:
		return 0, 0, false
	}
	return 1, '=', true
}

func spaces(s []byte) int {
	n := 0
	for n < len(s) && n < qpLookahead && (s[n] == ' ' || s[n] == '\t') {
		n++
	}
	return n
}

// plainRun counts the bytes that stand for themselves: up to an "=", or a space that may end a line.
func plainRun(s []byte) int {
	for i, c := range s {
		if c > ' ' && c != '=' {
			continue
		}
		if c == '=' || (c == ' ' || c == '\t') && (i+1 == len(s) || s[i+1] <= ' ') {
			return i
		}
	}
	return len(s)
}
