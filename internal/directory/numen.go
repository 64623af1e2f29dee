package directory

import "log/slog"

// NUMEN is the « numéro d'identification éducation nationale »: confidential, and the
// secret of the first connection. Whatever prints, logs or serialises it
// shows only that it was there; Reveal is the one way to the text. (fmt cannot ask
// an unexported field for its methods: keep a NUMEN in exported ones.)
type NUMEN string

const redacted = "NUMEN(masqué)"

// Reveal gives the text, for hashing and for nothing else.
func (n NUMEN) Reveal() string { return string(n) }

// String hides the text.
func (n NUMEN) String() string { return redacted }

// GoString hides the text from %#v.
func (n NUMEN) GoString() string { return redacted }

// LogValue hides the text from slog.
func (n NUMEN) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText hides the text from encoders.
func (n NUMEN) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// WellFormed reports the usual form: the two digits of a known académie of
// registration, the letter of the information system (the list of letters is
// not closed), two digits of the year of entry, five digits, three letters. What
// is not of this form deserves a warning, not a refusal.
func (n NUMEN) WellFormed() bool {
	s := string(n)
	if len(s) != 13 {
		return false
	}
	academie, ok := digits(s[0:2])
	if !ok || !knownAcademie(academie) {
		return false
	}
	_, ok = digits(s[3:10])
	return ok && capitals(s[2:3]) && capitals(s[10:13])
}

// knownAcademie follows the registration codes: 01 to 33 and 43.
func knownAcademie(code int) bool { return code >= 1 && code <= 33 || code == 43 }

func capitals(s string) bool {
	for i := range len(s) {
		if s[i] < 'A' || s[i] > 'Z' {
			return false
		}
	}
	return true
}
