package directory

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// MaxLocal is the longest local part of an address, in octets (RFC 5321 §4.5.3.1.1).
const MaxLocal = 64

// surnameRoom is what a long surname keeps, in octets, before the forename gives way instead.
const surnameRoom = 24

// ErrUnusableName says that a forename or a surname leaves nothing to make an
// address of, or something reserved. The caller puts the HR identifier in its place.
var ErrUnusableName = errors.New("nom inutilisable dans une adresse")

// LocalPart gives the local part of an agent's address: prénom.nom, of the first
// forename and the surname. n numbers homonyms: 0 gives the bare name, 1 gives
// jean.martin1, and so on. What would exceed MaxLocal octets is shortened at the
// surname's last hyphens, and only where there are none left, within the word;
// the forename gives way when the surname is down to surnameRoom.
//
// The error wraps ErrUnusableName when one of the two leaves no letter, or when the
// whole would fall in the reserved names.
func LocalPart(forenames, surname string, n int) (string, error) {
	first, last := Slug(FirstForename(forenames)), Slug(surname)
	if first == "" || last == "" {
		return "", fmt.Errorf("%w : prénom %q, nom %q", ErrUnusableName, first, last)
	}
	suffix := homonym(n)
	room := MaxLocal - len(".") - len(suffix)
	last = shorten(last, max(room-len(first), surnameRoom))
	first = shorten(first, room-len(last))
	local := first + "." + last + suffix
	if Reserved(local) {
		return "", fmt.Errorf("%w : %s est réservé", ErrUnusableName, local)
	}
	return local, nil
}

// Login gives the identifier an agent signs in with: the initial of the first
// forename and the surname, jmartin. n numbers homonyms, on a counter of its own.
// A login is also an address of its own (login@domain), hence the same length and,
// for the bare name, ErrUnusableName or a reserved name as in LocalPart.
func Login(forenames, surname string, n int) (string, error) {
	first, last := Slug(FirstForename(forenames)), Slug(surname)
	if first == "" || last == "" {
		return "", fmt.Errorf("%w : prénom %q, nom %q", ErrUnusableName, first, last)
	}
	suffix := homonym(n)
	return first[:1] + shorten(last, MaxLocal-1-len(suffix)) + suffix, nil
}

// homonym is the digit glued to the name: nothing for the first of the name.
func homonym(n int) string {
	if n <= 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// shorten cuts a slug to at most limit octets, at its last hyphen that fits if it has one.
func shorten(slug string, limit int) string {
	if len(slug) <= limit {
		return slug
	}
	// One octet more: a hyphen just after the limit is as good a place.
	if cut := strings.LastIndexByte(slug[:limit+1], '-'); cut > 0 {
		return slug[:cut]
	}
	return slug[:limit]
}

// FirstFree gives the first name of the series make(0), make(1), … that taken
// lets go, and its number. taken must answer for every name ever issued, so that
// no digit is given twice. Reserved names count as taken. from is where to start:
// a caller that knows that lower numbers are gone saves the questions.
func FirstFree(from int, make func(n int) (string, error), taken func(name string) bool) (string, int, error) {
	for n := from; ; n++ {
		name, err := make(n)
		if err != nil {
			return "", 0, err
		}
		if !Reserved(name) && !taken(name) {
			return name, n, nil
		}
	}
}

// ValidLocalPart reports the form of an agent's address: two slugs joined by one
// dot, at most MaxLocal octets.
//
//	^[a-z0-9]+(-[a-z0-9]+)*\.[a-z0-9]+(-[a-z0-9]+)*[0-9]*$
func ValidLocalPart(s string) bool {
	first, last, dot := strings.Cut(s, ".")
	return dot && len(s) <= MaxLocal && isSlug(first) && isSlug(last)
}

// isSlug reports a non-empty text that Slug would leave alone.
func isSlug(s string) bool {
	hyphen := true // as if one stood before: none may start
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			hyphen = false
		case c == '-' && !hyphen:
			hyphen = true
		default:
			return false
		}
	}
	return !hyphen
}
