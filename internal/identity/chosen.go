package identity

import (
	"unicode/utf8"

	"golang.org/x/text/secure/precis"

	"navette/internal/failure"
	"navette/internal/password"
)

// maxPassword is the longest secret that is looked at, in octets.
const maxPassword = password.MaxLength

// normalPassword gives the form in which a password is hashed, so that é typed on one device equals é typed on
// another (RFC 8265 §4.2, OpaqueString).
func normalPassword(secret string) ([]byte, bool) {
	if secret == "" || len(secret) > maxPassword || !utf8.ValidString(secret) {
		return nil, false
	}
	b, err := precis.OpaqueString.Bytes([]byte(secret))
	return b, err == nil
}

// checkChosen refuses a password that cannot be typed everywhere, or is weak. Its texts are shown.
func checkChosen(secret string, o password.Owner) error {
	b, ok := normalPassword(secret)
	if !ok {
		return failure.New(failure.Policy, "Le mot de passe contient un caractère qui ne peut pas être saisi partout. / The password holds a character that cannot be typed everywhere.")
	}
	return password.Check(string(b), o)
}
