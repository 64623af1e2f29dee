package webd_test

import (
	"strings"
	"testing"

	"navette/internal/webd"
)

// Invariant 1, and clickjacking: no answer of any kind may be framed, nor run code that is not a file of ours.
func TestEveryAnswerCarriesThePolicyOfItsKind(t *testing.T) {
	t.Parallel()
	const page = "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; " +
		"connect-src 'self'; frame-src 'self'; worker-src 'self'; manifest-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; " +
		"frame-ancestors 'none'; require-trusted-types-for 'script'"
	const data = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
	d := newDoor(t, nil)
	for _, c := range []struct {
		name, method, path, policy string
		words                      []string
	}{
		{"a public page", "GET", "/connexion", page, nil},
		{"a private page that redirects", "GET", "/securite", data, nil},
		{"a page that is not there", "GET", "/nulle-part", page, []string{"Accept", "text/html"}},
		{"the components", "GET", "/demo/composants", page, nil},
		{"a script", "GET", "/assets/app-0a1b2c.js", data, nil},
		{"a drawing", "GET", "/assets/icon-0a1b2c.svg", data, nil},
		{"an answer of the API", "GET", "/api/about", data, d.page()},
		{"a refusal of the API", "POST", "/api/about", data, nil},
		{"a wrong host", "GET", "/connexion", data, []string{"Host", "navette.evil.example"}},
		{"a wrong method", "POST", "/connexion", data, nil},
	} {
		a := d.ask(t, c.method, c.path, "", c.words...)
		for header, want := range map[string]string{
			"Content-Security-Policy": c.policy, "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := a.Header.Get(header); got != want {
				t.Errorf("%s (%d): %s is %q, want %q", c.name, a.StatusCode, header, got, want)
			}
		}
		if !strings.Contains(a.Header.Get("Permissions-Policy"), "camera=()") {
			t.Errorf("%s: the camera is not given away: %q", c.name, a.Header.Get("Permissions-Policy"))
		}
	}
}

// Invariant 2. A shared cache keeps nothing, and the browser of a shared computer no page of somebody who left.
func TestOnlyWhatBelongsToNobodyIsKept(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	for _, c := range []struct{ path, want string }{
		{"/assets/app-0a1b2c.js", "public, max-age=31536000, immutable"},
		{"/connexion", "no-cache"},
		{"/aide", "no-cache"},
		{"/", "no-store"},
		{"/securite", "no-store"},
		{"/api/about", "no-store"},
		{"/api/session", "no-store"},
		{"/assets/none.js", "no-store"},
	} {
		if got := d.ask(t, "GET", c.path, "", d.page()...).Header.Get("Cache-Control"); got != c.want {
			t.Errorf("%s: Cache-Control is %q, want %q", c.path, got, c.want)
		}
	}
}

// A demonstration must not make browsers ask for TLS at localhost, where other programs are tried out.
func TestOnlyProductionAsksBrowsersToComeBackOverTLS(t *testing.T) {
	t.Parallel()
	for _, hsts := range []bool{true, false} {
		d := newDoor(t, func(c *webd.Config) { c.HSTS = hsts })
		if got := d.ask(t, "GET", "/connexion", "").Header.Get("Strict-Transport-Security"); (got != "") != hsts {
			t.Errorf("HSTS %t gives %q", hsts, got)
		}
	}
}
