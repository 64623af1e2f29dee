package directory

import "fmt"

// uaiKeys is the check letter of a UAI by remainder modulo 23: the alphabet
// without I, O and Q, which are read for 1 and 0.
const uaiKeys = "ABCDEFGHJKLMNPRSTUVWXYZ"

// UAIError says why a text is no UAI. Its message is French: HR reads it.
type UAIError struct {
	Text string
	Want string // the whole UAI with the key that was expected; empty when the form is wrong
}

func (e *UAIError) Error() string {
	if e.Want == "" {
		return fmt.Sprintf("UAI %q : 7 chiffres et une lettre attendus", e.Text)
	}
	return fmt.Sprintf("UAI %q : clé %q attendue (%s)", e.Text, e.Want[7:], e.Want)
}

// UAIKey gives the check letter of the seven digits: n modulo 23 in a table of
// 23 letters.
func UAIKey(n int) byte { return uaiKeys[n%len(uaiKeys)] }

// MakeUAI gives the UAI of a seven-digit number, with its key.
func MakeUAI(n int) string { return fmt.Sprintf("%07d%c", n, UAIKey(n)) }

// ParseUAI checks the form and the key of a UAI (formerly RNE), and gives it in
// capitals. Errors are *UAIError. In an import a wrong key is a warning (real
// files hold anonymised and replacement-zone codes); typed by hand it is refused.
func ParseUAI(s string) (string, error) {
	if len(s) != 8 {
		return "", &UAIError{Text: s}
	}
	n, ok := digits(s[:7])
	letter := s[7] &^ 0x20
	if !ok || letter < 'A' || letter > 'Z' {
		return "", &UAIError{Text: s}
	}
	want := MakeUAI(n)
	if want[7] != letter {
		return "", &UAIError{Text: s, Want: want}
	}
	return want, nil
}
