package submission

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"navette/internal/directory"
	"navette/internal/mail"
)

// hidden is the addresses that some copies of a message must not show, however a field writes them.
type hidden struct {
	keys    map[string]bool // directory.MatchKey
	domains map[string]bool // of keys
	forms   []string        // what is looked for as it stands, in lower case
	ends    []string        // the domains in all their forms: a text without any needs no closer look
}

// hide makes the set of some addresses; what is no address is left out.
func hide(addresses []string) hidden {
	h := hidden{keys: map[string]bool{}, domains: map[string]bool{}}
	for _, address := range addresses {
		key := directory.MatchKey(address)
		if key == "" || h.keys[key] {
			continue
		}
		h.keys[key] = true
		h.form(key)
		h.form(strings.ToLower(strings.TrimSpace(address)))
		if l, err := directory.ParseLookup(address); err == nil {
			h.form(l.Key())
		}
		_, domain, _ := strings.Cut(key, "@")
		h.domains[domain] = true
	}
	return h
}

// form notes one way of writing an address, the same with a domain that people can read, and the one of reverse-paths that
// hold an address within another (local=domain).
func (h *hidden) form(address string) {
	at := strings.LastIndexByte(address, '@')
	local, domain := address[:at], address[at+1:]
	forms := []string{address, local + "=" + domain}
	h.ends = append(h.ends, domain)
	if readable, err := idna.ToUnicode(domain); err == nil && readable != domain {
		forms = append(forms, local+"@"+readable)
		h.ends = append(h.ends, norm.NFC.String(readable))
	}
	if domain == "gmail.com" {
		h.ends = append(h.ends, "googlemail.com")
	}
	for _, f := range forms {
		h.forms = append(h.forms, norm.NFC.String(f))
	}
}

// in tells whether a raw value of a field names one of them: as it stands, folded, with comments and quotes between, in
// encoded words (RFC 2047), percent-encoded (RFC 2231), or within something longer, as a Message-ID is. It would rather
// find too many: « marianne@… » names « anne@… ».
func (h hidden) in(value string) bool {
	if len(h.keys) == 0 || !strings.ContainsAny(value, "@=%") {
		return false
	}
	for _, reading := range readings(value) {
		contained := func(form string) bool { return strings.Contains(reading, form) }
		if slices.ContainsFunc(h.forms, contained) {
			return true
		}
		if !slices.ContainsFunc(h.ends, contained) {
			continue
		}
		for address := range addressesIn(reading, h.domains) {
			if h.keys[directory.MatchKey(address)] {
				return true
			}
		}
	}
	return false
}

// readings are the ways in which a value may be read, in lower case.
func readings(value string) []string {
	unfolded := strings.NewReplacer("\r", "", "\n", "").Replace(value)
	out := []string{unfolded, mail.DecodeHeader(value)}
	for _, undo := range []func(string) string{unescape, tighten, squeeze} {
		for _, one := range out[:len(out):len(out)] {
			if undone := undo(one); undone != one {
				out = append(out, undone)
			}
		}
	}
	for i, one := range out {
		out[i] = norm.NFC.String(strings.ToLower(one))
	}
	return out
}

// continued is what stands between two pieces of a parameter (RFC 2231 §3), up to the value.
var continued = regexp.MustCompile(`"?\s*;\s*[A-Za-z0-9_-]+\*[0-9]+\*?\s*=\s*"?`)

// unescape joins the pieces of parameters and undoes percent-encoding.
func unescape(value string) string {
	if !strings.ContainsAny(value, "%;") {
		return value
	}
	value = continued.ReplaceAllString(value, "")
	var b strings.Builder
	for i := 0; i < len(value); i++ {
		if value[i] == '%' && i+2 < len(value) {
			if s, err := url.PathUnescape(value[i : i+3]); err == nil {
				b.WriteString(s)
				i += 2
				continue
			}
		}
		b.WriteByte(value[i])
	}
	return strings.ToValidUTF8(b.String(), "?")
}

// tighten takes out what the obsolete syntax (RFC 5322 §4.4) lets stand within an address: comments, quotes, and
// space beside "@" and dots.
func tighten(value string) string {
	var b strings.Builder
	depth := 0
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case c == '\\' && i+1 < len(value):
			i++
			if depth == 0 {
				b.WriteByte(value[i])
			}
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		case depth == 0 && c != '"':
			b.WriteByte(c)
		}
	}
	return beside.ReplaceAllString(b.String(), "$1")
}

// squeeze leaves no space: folds may stand within a Message-ID.
func squeeze(value string) string { return strings.Join(strings.Fields(value), "") }

var beside = regexp.MustCompile(`\s*([@.])\s*`)

// The longest parts of an address that are looked for, in octets; RFC 5321 §4.5.3.1 allows fewer.
const (
	longestLocal  = 128
	longestDomain = 255
)

// addressesIn gives what may be addresses in a text, of some domains only, or of all where domains is nil: around each
// "@" the longest run, and what is left of it when words in front and labels behind are left out.
func addressesIn(text string, domains map[string]bool) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for at := range len(text) {
			if text[at] != '@' {
				continue
			}
			local := text[localStart(text, at):at]
			domain := text[at+1 : domainEnd(text, at+1)]
			for ; domain != ""; domain = shorter(domain) {
				if domains != nil && !domains[matchDomain(domain)] {
					continue
				}
				for rest := local; rest != ""; rest = nextWord(rest) {
					if !yield(rest + "@" + domain) {
						return
					}
					if domains == nil {
						break
					}
				}
				if domains == nil {
					break
				}
			}
		}
	}
}

// matchDomain is the domain under which MatchKey compares.
func matchDomain(domain string) string {
	_, domain, _ = strings.Cut(directory.MatchKey("x@"+domain), "@")
	return domain
}

func localStart(text string, at int) int {
	start := at
	for start > 0 && at-start < longestLocal && isLocalOctet(text[start-1]) {
		start--
	}
	return start
}

func domainEnd(text string, at int) int {
	end := at
	for end < len(text) && end-at < longestDomain && isDomainOctet(text[end]) {
		end++
	}
	return at + len(strings.TrimRight(text[at:end], ".-"))
}

func isLocalOctet(c byte) bool {
	return c >= utf8.RuneSelf || isDomainOctet(c) || strings.IndexByte("!#$%&'*+/=?^_`{|}~", c) >= 0
}

func isDomainOctet(c byte) bool {
	return c >= utf8.RuneSelf || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '.' || c == '-'
}

// shorter leaves out the last label of a domain.
func shorter(domain string) string {
	return strings.TrimRight(domain[:max(strings.LastIndexByte(domain, '.'), 0)], ".-")
}

// nextWord leaves out the first word of a local part.
func nextWord(local string) string {
	for i := 1; i < len(local); i++ {
		if !isWordOctet(local[i-1]) && isWordOctet(local[i]) {
			return local[i:]
		}
	}
	return ""
}

func isWordOctet(c byte) bool {
	return isDomainOctet(c) && c != '.' && c != '-' || c == '_'
}
