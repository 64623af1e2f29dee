package mail

import (
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/transform"
)

// utf7 reads UTF-7 (RFC 2152), which old Exchange servers sent. Nothing writes it.
type utf7 struct{}

func (utf7) NewDecoder() *encoding.Decoder { return &encoding.Decoder{Transformer: &utf7Decoder{}} }
func (utf7) NewEncoder() *encoding.Encoder { return encoding.Replacement.NewEncoder() }

// utf7Decoder keeps the bits of a shifted run between two calls.
type utf7Decoder struct {
	shifted bool
	started bool // the run has had a character: "+-" alone means "+"
	bits    uint32
	nbits   uint
	high    rune // first half of a surrogate pair, 0 if none
}

func (d *utf7Decoder) Reset() { *d = utf7Decoder{} }

func (d *utf7Decoder) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		if nDst+2*utf8.UTFMax > len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		c := src[nSrc]
		nSrc++
		if !d.shifted {
			if c == '+' {
				d.Reset()
				d.shifted = true
			} else {
				nDst += putByte(dst[nDst:], c)
			}
			continue
		}
		if v := base64Value[c]; v < 64 && c != '-' {
			d.started = true
			nDst += d.push(dst[nDst:], uint32(v))
			continue
		}
		if d.high != 0 {
			nDst += utf8.EncodeRune(dst[nDst:], utf8.RuneError)
		}
		started := d.started
		d.Reset()
		switch {
		case c == '-' && !started:
			nDst += putByte(dst[nDst:], '+')
		case c != '-':
			nDst += putByte(dst[nDst:], c)
		}
	}
	return nDst, nSrc, nil
}

func (d *utf7Decoder) push(dst []byte, six uint32) int {
	d.bits, d.nbits = d.bits<<6|six, d.nbits+6
	if d.nbits < 16 {
		return 0
	}
	d.nbits -= 16
	unit := rune(d.bits >> d.nbits & 0xffff)
	d.bits &= 1<<d.nbits - 1
	if d.high != 0 {
		r := utf16.DecodeRune(d.high, unit)
		d.high = 0
		return utf8.EncodeRune(dst, r)
	}
	if unit >= 0xd800 && unit < 0xdc00 {
		d.high = unit
		return 0
	}
	return utf8.EncodeRune(dst, unit)
}

// putByte writes a byte outside a shifted run; above 127 it is no UTF-7.
func putByte(dst []byte, c byte) int {
	if c >= utf8.RuneSelf {
		return utf8.EncodeRune(dst, utf8.RuneError)
	}
	dst[0] = c
	return 1
}
