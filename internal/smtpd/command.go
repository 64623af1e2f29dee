package smtpd

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// command is one command line: a verb in upper case and what follows it, trimmed.
type command struct {
	verb string
	arg  string
}

// trimLine takes the end off a line. One that does not end with CRLF, or holds a CR or a NUL besides, is nothing
// that SMTP knows (RFC 5321 §2.3.8).
func trimLine(line []byte) (string, *reply) {
	body, ok := bytes.CutSuffix(line, []byte("\r\n"))
	if !ok || bytes.ContainsAny(body, "\r\n\x00") {
		return "", say(500, "5.5.2", "une commande se termine par CR LF", "a command ends with CR LF")
	}
	return string(body), nil
}

func parseCommand(line string) command {
	verb, arg, _ := strings.Cut(line, " ")
	return command{strings.ToUpper(verb), strings.TrimSpace(arg)}
}

// The longest paths, RFC 5321 §4.5.3.1.
const (
	maxLocal  = 64
	maxDomain = 255
)

// parsePath reads a path (RFC 5321 §4.1.2), as much of s as there is of it, and gives the mailbox as it is written,
// without angle brackets and source route; "" for the null path. rest is what follows.
func parsePath(s string) (mailbox, rest string, ok bool) {
	s, ok = strings.CutPrefix(strings.TrimLeft(s, " "), "<")
	if !ok {
		return "", "", false
	}
	if rest, ok = strings.CutPrefix(s, ">"); ok {
		return "", rest, true
	}
	if strings.HasPrefix(s, "@") { // a source route: to be accepted and ignored, RFC 5321 §C
		route, after, found := strings.Cut(s, ":")
		if !found || strings.ContainsAny(route, "<> ") {
			return "", "", false
		}
		s = after
	}
	n := mailboxLength(s)
	if n <= 0 || n >= len(s) || s[n] != '>' {
		return "", "", false
	}
	return s[:n], s[n+1:], true
}

// mailboxLength measures the mailbox that s begins with; 0 where it begins with none.
func mailboxLength(s string) int {
	local := localLength(s)
	if local == 0 || local > maxLocal || local >= len(s) || s[local] != '@' {
		return 0
	}
	domain := domainLength(s[local+1:])
	if domain == 0 || domain > maxDomain || !utf8.ValidString(s[:local+1+domain]) {
		return 0
	}
	return local + 1 + domain
}

// localLength measures a local part: a quoted string, or atoms and dots. Dots may stand where the grammar has none:
// such addresses exist.
func localLength(s string) int {
	if !strings.HasPrefix(s, `"`) {
		n := strings.IndexFunc(s, func(r rune) bool { return !isAtext(r) && r != '.' })
		return max(n, 0) // a local part ends before "@"
	}
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' && i > 1:
			return i + 1
		case c == '"' || c < ' ' || c == 0x7f:
			return 0
		case c == '\\':
			if i++; i == len(s) || s[i] < ' ' || s[i] == 0x7f {
				return 0
			}
		}
	}
	return 0
}

func domainLength(s string) int {
	if strings.HasPrefix(s, "[") {
		end := strings.IndexByte(s, ']')
		if end < 2 || strings.IndexFunc(s[1:end], func(r rune) bool { return !isAtext(r) && r != '.' && r != ':' }) >= 0 {
			return 0
		}
		return end + 1
	}
	n := strings.IndexFunc(s, func(r rune) bool { return !isAtext(r) && r != '.' })
	if n < 0 {
		n = len(s)
	}
	if n == 0 || s[0] == '.' || s[n-1] == '.' || strings.Contains(s[:n], "..") {
		return 0
	}
	return n
}

// isAtext follows RFC 5322 §3.2.3 and RFC 6531 §3.3.
func isAtext(r rune) bool {
	switch {
	case r >= utf8.RuneSelf:
		return r != utf8.RuneError && r > 0x9f // no C1 controls
	case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z':
		return true
	}
	return strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
}

// parameter is one of MAIL or RCPT; Key is in upper case.
type parameter struct{ key, value string }

// parseParameters reads esmtp-params (RFC 5321 §4.1.2): none of them may stand twice.
func parseParameters(s string) (list []parameter, ok bool) {
	if s != "" && s[0] != ' ' {
		return nil, false
	}
	for word := range strings.FieldsSeq(s) {
		key, value, has := strings.Cut(word, "=")
		if key == "" || has && value == "" || strings.IndexFunc(word, func(r rune) bool { return r < '!' || r > '~' }) >= 0 {
			return nil, false
		}
		key = strings.ToUpper(key)
		for _, p := range list {
			if p.key == key {
				return nil, false
			}
		}
		list = append(list, parameter{key, value})
	}
	return list, true
}

// isASCII reports that s has no octet above 127.
func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
