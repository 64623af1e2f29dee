package directory

import "strings"

// MatchKey is the form by which an address of a guardian or a pupil is recognised (GUARD.md, « Who is protected »):
// Normalize, and for Gmail alone without the dots of its local part, and under its one domain. "" for what is no
// address. It is for recognising, never for sending.
func MatchKey(address string) string {
	l, err := ParseLookup(strings.TrimSpace(address))
	if err != nil {
		return ""
	}
	if l.Domain == "gmail.com" || l.Domain == "googlemail.com" {
		l.Local, l.Domain = strings.ReplaceAll(l.Local, ".", ""), "gmail.com"
	}
	return l.Key()
}
