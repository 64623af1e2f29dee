package mail

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	previewRunes = 256
	previewInput = 64 << 10 // bytes of a text looked at
)

// previewOf gives the line that a list shows under the subject: what the author wrote first. Quotes, signatures and a
// greeting alone on its line are left out, unless nothing else is there.
func previewOf(p *Part, text string) string {
	text = cutUTF8(text, previewInput)
	switch p.ContentType() {
	case "text/html":
		text = htmlPreview(text, 4*previewRunes+200)
	case "text/plain", "text/enriched", "text/markdown":
	default:
		return ""
	}
	full := previewLines(text, true)
	if full == "" {
		full = previewLines(text, false)
	}
	return full
}

// previewLines joins the lines of a text; with choose, those that tell something.
func previewLines(text string, choose bool) string {
	out := make([]byte, 0, 2*previewRunes)
	first := true
	for text != "" && utf8.RuneCount(out) < previewRunes {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		trimmed := strings.TrimSpace(line)
		if trimmed == "" {
			continue
		}
		if choose {
			if endsMessage(line, trimmed) {
				break
			}
			if trimmed[0] == '>' || isAttribution(trimmed, text) {
				continue
			}
			if first && isGreeting(trimmed) {
				first = false
				continue
			}
		}
		first = false
		out = appendVisible(out, cutUTF8(strings.TrimLeft(trimmed, "> "), 8*previewRunes))
	}
	return strings.TrimSpace(firstRunes(string(out), previewRunes))
}

// appendVisible adds a line, its runs of spaces made one, without the invisible characters with which newsletters fill
// their previews.
func appendVisible(out []byte, line string) []byte {
	space := len(out) > 0
	for _, r := range line {
		switch {
		case r == ' ' || r == '\t' || r == '\u00a0':
			space = true
			continue
		case r > ' ' && r < 0x7f:
			if space && len(out) > 0 {
				out = append(out, ' ')
			}
			space = false
			out = append(out, byte(r))
			continue
		case unicode.IsSpace(r):
			space = true
			continue
		case r == '\u034f' || unicode.IsControl(r) || r > 0xff && unicode.Is(unicode.Cf, r) || r == '\u00ad':
			continue
		}
		if space && len(out) > 0 {
			out = append(out, ' ')
		}
		space = false
		out = utf8.AppendRune(out, r)
	}
	return out
}

// endsMessage tells the lines after which the author says nothing more: the signature mark (RFC 3676 §4.3), and what
// Outlook puts before the message that is answered.
func endsMessage(line, trimmed string) bool {
	switch {
	case trimmed == "--" && len(strings.TrimRight(line, "\r")) <= 3:
		return true
	case strings.HasPrefix(trimmed, "-----") && strings.HasSuffix(trimmed, "-----") && len(trimmed) > 10:
		return true
	case strings.HasPrefix(trimmed, "________________"):
		return true
	}
	return false
}

// isAttribution tells the line that introduces a quote, "Le 12 mars, Claire Martin a écrit :"; rest is the text after it, since
// mail programs wrap that line.
func isAttribution(line, rest string) bool {
	if endsAttribution(line) {
		return true
	}
	if !strings.HasPrefix(line, "Le ") && !strings.HasPrefix(line, "On ") {
		return false
	}
	next, _, _ := strings.Cut(rest, "\n")
	return endsAttribution(strings.TrimSpace(next))
}

func endsAttribution(line string) bool {
	if !strings.HasSuffix(line, ":") {
		return false
	}
	line = strings.TrimSpace(strings.ReplaceAll(line[:len(line)-1], "\u00a0", " "))
	return strings.HasSuffix(line, "a écrit") || strings.HasSuffix(line, "wrote") || strings.HasSuffix(line, "schrieb")
}

// isGreeting tells a first line that only greets: "Bonjour Madame Martin,".
func isGreeting(line string) bool {
	if len(line) > 80 || strings.Count(line, " ") > 6 || strings.HasSuffix(line, ".") || strings.HasSuffix(line, "?") {
		return false
	}
	word, _, _ := strings.Cut(strings.ToLower(line), " ")
	switch strings.Trim(word, ",!:;") {
	case "bonjour", "bonsoir", "madame", "monsieur", "mesdames", "messieurs", "cher", "chère", "chers", "chères", "salut",
		"coucou", "hello", "hi", "dear", "mme", "m.":
		return !strings.ContainsRune(strings.Trim(line, ",!"), '!')
	}
	return false
}
