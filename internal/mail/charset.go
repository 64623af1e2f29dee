package mail

import (
	"encoding/binary"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/transform"
)

// decodeCharset turns bytes into valid UTF-8. It never fails: an unknown charset, none, or US-ASCII with bytes above
// 127 is read as UTF-8 where the bytes are UTF-8, and as Windows-1252 where they are not. The Latin charsets that mail
// programs announce for everything give way to UTF-8 as well when the bytes are: Latin text hardly ever is, by chance.
func decodeCharset(charset string, b []byte) string {
	if isASCII(b) && !isStateful(charset) {
		return string(b)
	}
	if isLatin(charset) && utf8.Valid(b) {
		return string(b)
	}
	enc := lookupCharset(charset)
	if enc == nil {
		if utf8.Valid(b) {
			return string(b)
		}
		return decodeMixed(b)
	}
	decoded, _, err := transform.Bytes(enc.NewDecoder(), b)
	if err != nil {
		return decodeMixed(b)
	}
	return string(decoded)
}

// lookupCharset finds the decoder of a charset name; nil for UTF-8, US-ASCII and everything unknown, which
// [decodeMixed] reads.
func lookupCharset(charset string) encoding.Encoding {
	charset = strings.ToLower(strings.Trim(charset, " \t\"'"))
	switch charset {
	case "", "utf-8", "utf8", "us-ascii", "ascii", "unknown-8bit", "x-unknown":
		return nil
	case "utf-7", "unicode-1-1-utf-7":
		return utf7{}
	case "hz-gb-2312":
		return simplifiedchinese.HZGB2312
	case "cp932", "ms932", "x-ms-cp932":
		charset = "shift_jis"
	case "cp949", "ks_c_5601":
		charset = "euc-kr"
	}
	if strings.HasPrefix(charset, "cp125") {
		charset = "windows-" + charset[2:]
	}
	if enc, err := htmlindex.Get(charset); err == nil && enc != encoding.Replacement {
		if name, _ := htmlindex.Name(enc); name == "utf-8" {
			return nil
		}
		return enc
	}
	if enc, err := ianaindex.MIME.Encoding(charset); err == nil && enc != nil {
		return enc
	}
	return nil
}

// isStateful tells the charsets that write other letters with bytes below 128.
func isStateful(charset string) bool {
	if len(charset) < 4 {
		return false
	}
	switch strings.ToLower(charset) {
	case "", "utf-8", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252":
		return false
	}
	c := strings.ToLower(charset)
	return strings.HasPrefix(c, "iso-2022") || strings.HasPrefix(c, "hz") || strings.HasPrefix(c, "utf-7") ||
		strings.HasPrefix(c, "utf-16") || strings.HasPrefix(c, "utf-32") || strings.HasPrefix(c, "unicode") || c == "csiso2022jp"
}

func isLatin(charset string) bool {
	switch strings.ToLower(charset) {
	case "", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252", "latin1":
		return true
	}
	return false
}

// decodeMixed keeps what is UTF-8 and reads every other byte as Windows-1252, the charset of old French mail.
func decodeMixed(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	var out strings.Builder
	out.Grow(len(b) + len(b)/8)
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		if r == utf8.RuneError && size <= 1 {
			r = charmap.Windows1252.DecodeByte(b[0])
			size = 1
		}
		out.WriteRune(r)
		b = b[size:]
	}
	return out.String()
}

// mixedDecoder is decodeMixed for streams.
type mixedDecoder struct{ transform.NopResetter }

func (mixedDecoder) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		r, size := utf8.DecodeRune(src[nSrc:])
		if r == utf8.RuneError && size <= 1 {
			if !atEOF && !utf8.FullRune(src[nSrc:]) {
				return nDst, nSrc, transform.ErrShortSrc
			}
			r, size = charmap.Windows1252.DecodeByte(src[nSrc]), 1
		}
		if nDst+utf8.RuneLen(r) > len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += utf8.EncodeRune(dst[nDst:], r)
		nSrc += size
	}
	return nDst, nSrc, nil
}

// isASCII reads eight bytes at a time: it runs over every byte of every message.
func isASCII(b []byte) bool {
	for len(b) >= 8 {
		if binary.LittleEndian.Uint64(b)&0x8080808080808080 != 0 {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func isASCIIString(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
