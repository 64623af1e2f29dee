package mail

import (
	"html"
	"strings"
)

// htmlText gives the text of an HTML body: no markup, no scripts and styles, entities resolved, runs of spaces made one,
// a line for each block.
func htmlText(s string) string {
	w := htmlWalker{s: s, limit: len(s)}
	return w.run()
}

// htmlPreview gives the beginning of what the author wrote: at most limit bytes, without what is quoted.
func htmlPreview(s string, limit int) string {
	w := htmlWalker{s: s, limit: limit, skipQuotes: true}
	return w.run()
}

// htmlWalker goes once over HTML. It is no parser: it knows where tags end and which of them break lines.
type htmlWalker struct {
	s          string
	limit      int // stop when so many bytes are out
	skipQuotes bool
	quotes     int // open blockquotes
	out        []byte
	space      bool // a space is due before the next word
	stopped    bool
}

func (w *htmlWalker) run() string {
	w.out = make([]byte, 0, min(w.limit, len(w.s)/2+64))
	for len(w.s) > 0 && !w.stopped && len(w.out) < w.limit {
		open := strings.IndexByte(w.s, '<')
		if open < 0 {
			w.text(w.s)
			break
		}
		w.text(w.s[:open])
		w.s = w.s[open:]
		w.markup()
	}
	return string(w.out)
}

// text adds character data, its runs of spaces made one.
func (w *htmlWalker) text(s string) {
	if s == "" || (w.skipQuotes && w.quotes > 0) {
		return
	}
	if strings.IndexByte(s, '&') >= 0 {
		s = html.UnescapeString(s)
	}
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		size := 1
		if c > ' ' && c != 0xc2 {
			continue
		}
		if c == 0xc2 { // U+00A0 is a space for whoever reads or searches
			if i+1 >= len(s) || s[i+1] != 0xa0 {
				continue
			}
			size = 2
		}
		w.word(s[start:i])
		w.space = true
		start = i + size
		i = start - 1
	}
	w.word(s[start:])
}

func (w *htmlWalker) word(s string) {
	if s == "" {
		return
	}
	if w.space && len(w.out) > 0 && w.out[len(w.out)-1] != '\n' {
		w.out = append(w.out, ' ')
	}
	w.space = false
	w.out = append(w.out, s...)
}

func (w *htmlWalker) newline() {
	w.space = false
	if n := len(w.out); n > 0 && w.out[n-1] != '\n' {
		w.out = append(w.out, '\n')
	}
}

// markup passes over what begins with "<": a tag, a comment, or a "<" that means itself.
func (w *htmlWalker) markup() {
	if strings.HasPrefix(w.s, "<!--") {
		w.skipTo("-->")
		return
	}
	name, closing := tagName(w.s)
	if name == "" {
		if len(w.s) > 1 && (w.s[1] == '!' || w.s[1] == '?' || w.s[1] == '/') {
			w.skipTo(">")
			return
		}
		w.word("<")
		w.s = w.s[1:]
		return
	}
	tag := w.s[:tagEnd(w.s)]
	w.s = w.s[len(tag):]
	if w.skipQuotes && len(w.out) > 0 && strings.HasPrefix(name, "div") && beginsQuote(tag) {
		w.stopped = true
		return
	}
	switch name {
	case "script", "style", "title", "template":
		if !closing {
			w.skipElement(name)
		}
	case "blockquote":
		w.newline()
		if !closing {
			w.quotes++
		} else if w.quotes > 0 {
			w.quotes--
		}
	case "td", "th":
		w.space = true
	case "p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "hr", "pre", "dt", "dd",
		"section", "article", "header", "footer", "body", "address", "center", "caption":
		w.newline()
	}
}

func (w *htmlWalker) skipTo(end string) {
	i := strings.Index(w.s, end)
	if i < 0 {
		w.s = ""
		return
	}
	w.s = w.s[i+len(end):]
}

// skipElement passes over the content of an element whose text nobody reads.
func (w *htmlWalker) skipElement(name string) {
	for {
		i := strings.Index(w.s, "</")
		if i < 0 {
			w.s = ""
			return
		}
		w.s = w.s[i+2:]
		if hasPrefixFold(w.s, name) {
			w.s = w.s[len(name):]
			w.skipTo(">")
			return
		}
	}
}

// tagName gives the name of the tag that s starts with, in lower case; "" if it is no tag or one of no interest here.
func tagName(s string) (name string, closing bool) {
	at := 1
	if at < len(s) && s[at] == '/' {
		closing = true
		at++
	}
	start := at
	for at < len(s) && (s[at]|0x20 >= 'a' && s[at]|0x20 <= 'z' || at > start && s[at] >= '0' && s[at] <= '9') {
		at++
	}
	name = s[start:at]
	for i := 0; i < len(name); i++ {
		if name[i] < 'a' && name[i] >= 'A' {
			return strings.ToLower(name), closing
		}
	}
	return name, closing
}

// maxAttribute bounds the search for the quote that closes an attribute; beyond it the quote was a stray one.
const maxAttribute = 2048

// tagEnd counts the bytes of a tag; a ">" between quotes does not end it.
func tagEnd(s string) int {
	for at := 0; ; {
		i := strings.IndexAny(s[at:], `>"'`)
		if i < 0 {
			return len(s)
		}
		at += i + 1
		if s[at-1] == '>' {
			return at
		}
		if s[at-2] != '=' { // a quote opens a value only after "="
			continue
		}
		window := s[at:min(len(s), at+maxAttribute)]
		if i = strings.IndexByte(window, s[at-1]); i >= 0 {
			at += i + 1
		}
	}
}

// beginsQuote tells the elements that mail programs put around the message that is answered.
func beginsQuote(tag string) bool {
	for _, mark := range []string{"gmail_quote", "moz-cite-prefix", "divRplyFwdMsg", "yahoo_quoted", "appendonsend"} {
		if strings.Contains(tag, mark) {
			return true
		}
	}
	return false
}

// firstRunes gives the first n runes of s.
func firstRunes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
