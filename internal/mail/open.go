package mail

import (
	"bufio"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/transform"
)

// OpenPart gives the body of a part with its transfer encoding taken off. message must stand at its beginning; if it is an
// io.ReaderAt, it is read by offset and does not move. Broken encodings give what can be decoded; the only errors are
// those of message.
func OpenPart(message io.Reader, p *Part) io.Reader {
	raw := OpenRaw(message, p.BodyOffset, p.BodySize)
	if isIdentity(p.Encoding) || len(p.Children) > 0 {
		return raw
	}
	buffered := bufio.NewReader(raw)
	head, _ := buffered.Peek(100)
	if decoder := p.decoderFor(head); decoder != nil {
		return transform.NewReader(buffered, decoder)
	}
	return buffered
}

// OpenRaw gives size bytes of a message from offset, as they are.
func OpenRaw(message io.Reader, offset, size int64) io.Reader {
	if at, ok := message.(io.ReaderAt); ok {
		return io.NewSectionReader(at, offset, size)
	}
	return io.LimitReader(&skipReader{r: message, skip: offset}, size)
}

// skipReader leaves out the first bytes of r.
type skipReader struct {
	r    io.Reader
	skip int64
}

func (s *skipReader) Read(p []byte) (int, error) {
	if s.skip > 0 {
		n, err := io.CopyN(io.Discard, s.r, s.skip)
		s.skip -= n
		if err != nil {
			return 0, err
		}
	}
	return s.r.Read(p)
}

// DecodeText turns the text that [OpenPart] gives of a part into UTF-8, by the rules of the search text: a charset that is
// unknown or not true is guessed from the beginning.
func DecodeText(p *Part, text io.Reader) io.Reader {
	head := bufio.NewReaderSize(text, 4096)
	seen, _ := head.Peek(4096)
	charset := p.textCharset(seen)
	var enc encoding.Encoding
	if !isLatin(charset) || isASCII(seen) || !validBeginning(seen) {
		enc = lookupCharset(charset)
	}
	if enc == nil {
		return transform.NewReader(head, mixedDecoder{})
	}
	return transform.NewReader(head, enc.NewDecoder())
}

// validBeginning is utf8.Valid for a text that may be cut within a character.
func validBeginning(b []byte) bool {
	for i := 0; i < utf8.UTFMax && len(b) > 0; i++ {
		if utf8.Valid(b) {
			return true
		}
		b = b[:len(b)-1]
	}
	return len(b) == 0
}
