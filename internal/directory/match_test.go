package directory_test

import (
	"testing"

	"navette/internal/directory"
)

func TestAnAddressIsRecognisedHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ written, want string }{
		{"Anne.Rodriguez@Example.NET", "anne.rodriguez@example.net"},
		{"anne.rodriguez+ecole@example.net", "anne.rodriguez@example.net"},
		{" anne.rodriguez@example.net ", "anne.rodriguez@example.net"},
		{`"anne.rodriguez"@example.net`, "anne.rodriguez@example.net"},
		{"anne@exämple.net", "anne@xn--exmple-cua.net"},
		{"a.n.n.e@gmail.com", "anne@gmail.com"},
		{"A.N.N.E+x@GoogleMail.com", "anne@gmail.com"},
		{"a.n.n.e@example.net", "a.n.n.e@example.net"}, // dots count elsewhere
		{"anne", ""},
		{"", ""},
	} {
		if got := directory.MatchKey(c.written); got != c.want {
			t.Errorf("%q is recognised as %q, expected %q", c.written, got, c.want)
		}
	}
}
