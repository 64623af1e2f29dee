package imapd

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"navette/internal/mail"
)

// letters are characters that fold, join, come apart or stay as they are.
var letters = []rune("aAzZ[@`{ 0é\u0301É\u0130ıſKΣσςﬁＡÅ\u212b\u00a0\u202f…’«»œŒß½²ªº\u0345ϓİǅ가각\u1100\u1161Ĳŀŉ\u0300\ufffd\u2011\u0323")

// The fast way and the long way agree on everything.
func TestFoldedTextIsThatOfMail(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.OneOf(rapid.SampledFrom(letters), rapid.Rune())).Draw(t, "text")
		if got, want := string(appendFolded(nil, text)), mail.Fold(text); got != want {
			t.Fatalf("%q: %q, not %q", text, got, want)
		}
	})
	for _, r := range letters {
		for _, q := range letters {
			text := "x" + string(r) + string(q) + strings.Repeat("Y", 9)
			if got, want := string(appendFolded(nil, text)), mail.Fold(text); got != want {
				t.Errorf("%q: %q, not %q", text, got, want)
			}
		}
	}
}

func FuzzFoldedText(f *testing.F) {
	f.Add("L'École…")
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "\ufffd") // as the texts of facts are
		if got, want := string(appendFolded(nil, text)), mail.Fold(text); got != want {
			t.Errorf("%q: %q, not %q", text, got, want)
		}
	})
}

func BenchmarkFoldText(b *testing.B) {
	text := strings.Repeat("L'élève a oublié son cahier ; merci de le déposer « à la loge » avant midi…\r\n", 250)
	b.SetBytes(int64(len(text)))
	var buf []byte
	for b.Loop() {
		buf = appendFolded(buf[:0], text)
	}
}
