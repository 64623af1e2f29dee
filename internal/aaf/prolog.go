package aaf

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
)

// prologSize is how long the part of a file before its root may be, comments aside.
const prologSize = 4 << 10

// Byte order marks (Unicode §23.8).
const (
	bomUTF8    = "\xef\xbb\xbf"
	bomUTF16LE = "\xff\xfe"
	bomUTF16BE = "\xfe\xff"
)

// prolog reads what comes before the requests: a byte order mark, the XML declaration, the document type, comments, and
// the start tag of the root. The document type is looked at for entities, and resolved never.
func (f *framer) prolog() error {
	if f.off == 0 {
		if err := f.marks(); err != nil {
			return err
		}
	}
	f.skipSpace()
	rest := f.peek(prologSize)
	switch {
	case len(rest) == 0 && f.off == 0:
		return f.cut("le fichier est vide", "the file is empty")
	case len(rest) == 0:
		return f.cut("le fichier s'arrête avant sa fin", "the file ends before its end")
	case bytes.HasPrefix(rest, []byte("<!--")):
		return f.skipTo("-->")
	case bytes.HasPrefix(rest, []byte("<?")):
		return f.declaration(rest)
	case bytes.HasPrefix(rest, []byte("<!DOCTYPE")):
		return f.doctype(rest)
	case tagged(rest, rootStart):
		return f.root(rest)
	case begins(rest, "<!DOCTYPE"), begins(rest, "<!--"), begins(rest, rootStart):
		f.consume(len(rest))
		return f.cut("le fichier s'arrête avant sa fin", "the file ends before its end")
	case rest[0] != '<':
		return f.refuse(ErrNotXML, "ce n'est pas du XML", "not XML")
	}
	return f.refuse(ErrRoot, "l'élément racine n'est pas "+rootElement, "the root element is not "+rootElement)
}

// begins reports that the octets are the beginning of a mark: the file ends within it.
func begins(rest []byte, mark string) bool {
	return len(rest) < len(mark) && strings.HasPrefix(mark, string(rest))
}

// encodingForm is how an XML declaration names the encoding.
const encodingForm = `\sencoding\s*=\s*["']([^"']*)["']`

// marks reads a byte order mark.
func (f *framer) marks() error {
	rest := f.peek(4)
	switch {
	case bytes.HasPrefix(rest, []byte(bomUTF16LE)), bytes.HasPrefix(rest, []byte(bomUTF16BE)), bytes.IndexByte(rest[:min(4, len(rest))], 0) >= 0:
		return f.refuse(ErrEncoding, "le fichier est en UTF-16 ; l'enregistrer en UTF-8", "the file is in UTF-16; save it as UTF-8")
	case bytes.HasPrefix(rest, []byte(bomUTF8)):
		f.consume(len(bomUTF8))
		f.encoding = "utf-8"
	}
	return nil
}

// declaration reads <?xml …?>, or passes over another instruction.
func (f *framer) declaration(rest []byte) error {
	end := bytes.Index(rest, []byte("?>"))
	if end < 0 || !tagged(rest, "<?xml") {
		return f.skipTo("?>")
	}
	if m := regexp.MustCompile(encodingForm).FindSubmatch(rest[:end]); m != nil && f.encoding == "" { // a byte order mark knows better
		f.encoding = strings.ToLower(string(m[1]))
	}
	if _, known := tableOf(f.encoding); !known {
		return f.refuse(ErrEncoding, fmt.Sprintf("encodage inconnu : %.40q", f.encoding), "unknown encoding")
	}
	f.consume(end + 2)
	return nil
}

// doctype passes over <!DOCTYPE ficAlimMENESR SYSTEM "…">. One that declares anything itself is refused: entities are how
// a small file becomes a large one.
func (f *framer) doctype(rest []byte) error {
	quote := byte(0)
	for i, c := range rest {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '[':
			return f.refuse(ErrHostile, "le fichier déclare lui-même des entités ou une grammaire", "the file declares entities or a grammar of its own")
		case c == '>':
			f.consume(i + 1)
			return nil
		}
	}
	return f.endless(rest)
}

// endless is the failure of a tag of the prolog that does not end.
func (f *framer) endless(rest []byte) error {
	if len(rest) < prologSize {
		return f.cut("le fichier s'arrête avant sa fin", "the file ends before its end")
	}
	return f.refuse(ErrNotXML, "une balise du début ne se ferme pas", "a tag at the beginning does not end")
}

// root passes over the start tag of the root; one without content is a whole file.
func (f *framer) root(rest []byte) error {
	end := bytes.IndexByte(rest, '>')
	if end < 0 {
		return f.endless(rest)
	}
	f.consume(end + 1)
	f.state = inRoot
	if rest[end-1] == '/' {
		f.state = atEnd
	}
	return nil
}

// epilog wants nothing after the root but space and comments.
func (f *framer) epilog() error {
	for {
		f.skipSpace()
		rest := f.peek(minLookahead)
		switch {
		case len(rest) == 0 && isEnd(f.err):
			return f.err
		case len(rest) == 0:
			return f.cut("", "")
		case bytes.HasPrefix(rest, []byte("<!--")):
			if err := f.skipTo("-->"); err != nil {
				return err
			}
		case bytes.HasPrefix(rest, []byte("<?")):
			if err := f.skipTo("?>"); err != nil {
				return err
			}
		default:
			return f.refuse(ErrNotXML, "il y a quelque chose après la fin", "there is something after the end")
		}
	}
}
