// Package password says which chosen passwords are strong enough (CNIL, délibération 2022-100: by entropy, not by classes of
// characters).
//
// A password has at least MinLength characters and no other rule of form. It is refused when a guesser finds it early:
// when zxcvbn gives it less than MinScore, when it is made of its owner's names or login, or when what remains of it
// without digits and signs is one of the common passwords of common.txt.
package password

import (
	_ "embed"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/trustelem/zxcvbn"

	"navette/internal/directory"
	"navette/internal/failure"
)

// What a password must have at least, and may have at most.
const (
	MinLength = 12 // characters
	MinScore  = 3  // of zxcvbn: more than 10^8 guesses
	// MaxLength is the longest password, in octets: a phrase of any sense fits, in any script.
	MaxLength = 1024
)

const (
	// measured is how many characters zxcvbn reads: it takes the square of them in time, and says nothing new of more.
	measured = 72
	// minOwn is how many letters and digits a password must have beside its owner's names and login.
	minOwn = 6
	// minPart is how many letters a part of a common password has that is as common.
	minPart = 8
	// minDifferent is how many different characters it must have.
	minDifferent = 5
)

// common is the list that ships with the program.
//
//go:embed common.txt
var common string

// Owner is whose password it is to be.
type Owner struct {
	Login   string
	Display string
	NUMEN   directory.NUMEN // "" where it is not known
}

// Check refuses a weak password with failure.Policy and a text that is shown. normal is in the form that is hashed.
func Check(normal string, o Owner) error {
	switch {
	case utf8.RuneCountInString(normal) < MinLength:
		return failure.New(failure.Policy, "Le mot de passe doit avoir %d caractères au minimum ; une phrase convient. / The password needs at least %d characters; a phrase will do.", MinLength, MinLength)
	case fewDifferent(normal):
		return failure.New(failure.Policy, "Le mot de passe répète trop les mêmes caractères. / The password repeats the same characters too much.")
	case isTheirName(normal, o), holdsNumen(normal, o.NUMEN):
		return failure.New(failure.Policy, "Le mot de passe ne doit pas être fait de votre nom, de votre identifiant ou de votre NUMEN. / The password must not be made of your name, login or NUMEN.")
	case isCommon(normal), score(normal, o) < MinScore:
		return failure.New(failure.Policy, "Ce mot de passe est trop facile à deviner : essayez plusieurs mots qui n'ont rien à voir entre eux. / This password is too easy to guess: try several words that have nothing to do with each other.")
	}
	return nil
}

func fewDifferent(secret string) bool {
	different := map[rune]struct{}{}
	for _, r := range secret {
		different[r] = struct{}{}
	}
	return len(different) < minDifferent
}

// isTheirName tells whether next to nothing is left of a password without its owner's login and names.
func isTheirName(secret string, o Owner) bool {
	rest := directory.Slug(secret)
	if rest == "" {
		return false // of another script, or signs alone: no name of ours is in it
	}
	before := len(rest)
	for _, word := range append(strings.Split(directory.Slug(o.Display), "-"), directory.Slug(o.Login)) {
		if len(word) >= 3 {
			rest = strings.ReplaceAll(rest, word, "")
		}
	}
	return len(rest) < before && len(strings.ReplaceAll(rest, "-", "")) < minOwn
}

// holdsNumen tells whether the NUMEN stands in a password, wherever.
func holdsNumen(secret string, n directory.NUMEN) bool {
	numen := strings.ToUpper(strings.Join(strings.Fields(n.Reveal()), ""))
	return numen != "" && strings.Contains(strings.ToUpper(strings.Join(strings.Fields(secret), "")), numen)
}

// score is zxcvbn's, 0 to 4. Spaces are left out: they separate words, and a guesser tries them first.
func score(secret string, o Owner) int {
	runes := []rune(secret)
	if len(runes) > measured {
		runes = runes[:measured]
	}
	own := append(strings.Fields(strings.ToLower(o.Display)), strings.ToLower(o.Login), "navette", "messagerie", "education", "academie")
	return zxcvbn.PasswordStrength(string(runes), own).Score
}

// isCommon tells whether a password is one of the list, once or several times, with digits and signs around it or in the
// place of letters.
func isCommon(secret string) bool {
	for _, letters := range []string{lettersOf(secret, false), lettersOf(secret, true)} {
		if letters == "" {
			continue
		}
		for _, word := range words() {
			if strings.ReplaceAll(letters, word, "") == "" || len(letters) >= minPart && strings.Contains(word, letters) {
				return true
			}
		}
	}
	return false
}

// lettersOf gives the letters of a password in lower case, without accents; with leet, letters for the digits and signs that
// stand for them.
func lettersOf(secret string, leet bool) string {
	plain := strings.ToLower(secret)
	if leet {
		plain = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i").Replace(plain)
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsLower(r) {
			return r
		}
		return -1
	}, strings.ReplaceAll(directory.Slug(plain), "-", ""))
}

// words gives the list, without its comments.
func words() []string {
	var list []string
	for line := range strings.Lines(common) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			list = append(list, line)
		}
	}
	return list
}
