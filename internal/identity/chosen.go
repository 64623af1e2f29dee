package identity

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/secure/precis"

	"navette/internal/directory"
	"navette/internal/failure"
)

const (
	minPassword = 12   // characters (CNIL, délibération 2022-100)
	maxPassword = 1024 // octets: a phrase of any sense fits
	// minOwn is how many letters and digits a password must have beside its owner's names and login.
	minOwn = 6
	// minDifferent is how many different characters it must have.
	minDifferent = 5
)

// normalPassword gives the form in which a password is hashed, so that é typed on one device equals é typed on
// another (RFC 8265 §4.2, OpaqueString).
func normalPassword(secret string) ([]byte, bool) {
	if secret == "" || len(secret) > maxPassword || !utf8.ValidString(secret) {
		return nil, false
	}
	b, err := precis.OpaqueString.Bytes([]byte(secret))
	return b, err == nil
}

// checkChosen refuses a password that is too short, or little more than its owner's login or name. Its texts are shown.
func checkChosen(secret, login, display string) error {
	b, ok := normalPassword(secret)
	if !ok {
		return failure.New(failure.Policy, "Le mot de passe contient un caractère qui ne peut pas être saisi partout. / The password holds a character that cannot be typed everywhere.")
	}
	if utf8.RuneCount(b) < minPassword {
		return failure.New(failure.Policy, "Le mot de passe doit avoir %d caractères au minimum ; une phrase convient. / The password needs at least %d characters; a phrase will do.", minPassword, minPassword)
	}
	different := map[rune]struct{}{}
	for _, r := range string(b) {
		different[r] = struct{}{}
	}
	if len(different) < minDifferent {
		return failure.New(failure.Policy, "Le mot de passe répète trop les mêmes caractères. / The password repeats the same characters too much.")
	}
	if isTheirName(string(b), login, display) {
		return failure.New(failure.Policy, "Le mot de passe ne doit pas être fait de votre nom ou de votre identifiant. / The password must not be made of your name or login.")
	}
	return nil
}

// isTheirName tells whether next to nothing is left of a password without its owner's login and names.
func isTheirName(secret, login, display string) bool {
	rest := directory.Slug(secret)
	if rest == "" {
		return false // of another script, or signs alone: no name of ours is in it
	}
	before := len(rest)
	for _, word := range append(strings.Split(directory.Slug(display), "-"), directory.Slug(login)) {
		if len(word) >= 3 {
			rest = strings.ReplaceAll(rest, word, "")
		}
	}
	return len(rest) < before && len(strings.ReplaceAll(rest, "-", "")) < minOwn
}
