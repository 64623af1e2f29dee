package webd_test

import (
	"net/url"
	"strings"
	"testing"
	"testing/fstest"

	"navette/internal/webd"
)

// Invariant 5, and issue 4: without signing in one reaches these pages, and nothing else.
func TestWithoutASessionOneReachesThePublicPagesOnly(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	for _, path := range []string{"/connexion", "/activation", "/mot-de-passe-oublie", "/aide", "/telephone", "/accessibilite", "/mentions-legales",
		"/droits-des-responsables"} {
		if a := d.ask(t, "GET", path, ""); a.StatusCode != 200 || !strings.Contains(a.body, "<title>portal") {
			t.Errorf("%s: %d %s", path, a.StatusCode, a.body)
		}
	}
	for path, to := range map[string]string{"/": "/connexion", "/securite": "/connexion?suite=/securite"} {
		if a := d.ask(t, "GET", path, ""); a.StatusCode != 303 || a.Header.Get("Location") != to {
			t.Errorf("%s: %d to %q, want 303 to %q", path, a.StatusCode, a.Header.Get("Location"), to)
		}
	}
	for _, path := range []string{"/nulle-part", "/index.html", "/portal.html", "/assets/", "/assets/../portal.html", "/admin/", "/mail/", "/.git/config", "/aide/"} {
		if a := d.ask(t, "GET", path, ""); a.StatusCode != 404 && a.StatusCode != 307 {
			t.Errorf("%s: %d %s", path, a.StatusCode, a.body)
		}
	}
	if a := d.ask(t, "GET", "/api/nothing", "", d.page()...); a.StatusCode != 401 {
		t.Errorf("an act that is not there: %d, want 401 as for one that is", a.StatusCode)
	}
}

// Invariant 4: whatever a request names, it is never sent there.
func TestNoRequestChoosesWhereItIsSent(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	production := newDoor(t, func(c *webd.Config) {
		c.Local, c.Origin = false, parse(t, "https://messagerie.ac-essai.example")
	})
	for _, path := range []string{"/?suite=https://evil.example", "/securite?suite=//evil.example", "//evil.example", "//evil.example/..", "/%5cevil.example", "/\t/evil.example",
		"/connexion?suite=https://evil.example", "/securite/..//evil.example"} {
		req := strings.ReplaceAll(path, "\t", "%09")
		for _, a := range []answer{d.ask(t, "GET", req, ""), production.ask(t, "GET", req, "", "Host", "messagerie.ac-essai.example")} {
			to, err := url.Parse(a.Header.Get("Location"))
			if err != nil || to.Host != "" && to.Host != "messagerie.ac-essai.example" || strings.Contains(to.RawQuery, "evil") {
				t.Errorf("%s is sent to %q", path, a.Header.Get("Location"))
			}
			if strings.HasPrefix(a.Header.Get("Location"), "//") || strings.HasPrefix(a.Header.Get("Location"), "/\\") {
				t.Errorf("%s is sent to another host: %q", path, a.Header.Get("Location"))
			}
		}
	}
}

func TestOnlyTheNamesOfTheServerAreAnswered(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	for host, want := range map[string]int{
		"localhost": 200, "LOCALHOST:20080": 200, "contenu.localhost:20080": 200, "127.0.0.1:1": 200, "[::1]:20080": 200, "[::1]": 200,
		"navette.evil.example": 421, "localhost.evil.example": 421, "127.0.0.1.evil.example": 421, "192.0.2.1": 421, "evillocalhost": 421,
	} {
		if a := d.ask(t, "GET", "/connexion", "", "Host", host); a.StatusCode != want {
			t.Errorf("Host %s: %d, want %d", host, a.StatusCode, want)
		}
	}
	production := newDoor(t, func(c *webd.Config) {
		c.Local, c.Origin = false, parse(t, "https://messagerie.ac-essai.example")
	})
	for host, want := range map[string]int{"messagerie.ac-essai.example": 308, "localhost": 421, "127.0.0.1": 421} {
		if a := production.ask(t, "GET", "/connexion", "", "Host", host); a.StatusCode != want {
			t.Errorf("Host %s in production: %d, want %d", host, a.StatusCode, want)
		}
	}
}

func TestThePageOfComponentsIsTheDemonstrationsAlone(t *testing.T) {
	t.Parallel()
	if a := newDoor(t, nil).ask(t, "GET", "/demo/composants", ""); a.StatusCode != 200 || !strings.Contains(a.body, "components") {
		t.Errorf("in a demonstration: %d %s", a.StatusCode, a.body)
	}
	production := newDoor(t, func(c *webd.Config) {
		c.Local, c.Origin, c.Proxies = false, parse(t, "https://x.example"), loopback()
	})
	if a := production.ask(t, "GET", "/demo/composants", "", "Host", "x.example"); a.StatusCode != 404 {
		t.Errorf("in production: %d", a.StatusCode)
	}
}

// A program that was built without Node.js still answers, and says what is missing.
func TestPagesThatWereNeverBuiltSaySo(t *testing.T) {
	t.Parallel()
	d := newDoor(t, func(c *webd.Config) { c.Pages = fstest.MapFS{"index.html": pages()["index.html"]} })
	if a := d.ask(t, "GET", "/connexion", ""); a.StatusCode != 200 || !strings.Contains(a.body, "placeholder") {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	if _, err := webd.New(webd.Config{Pages: fstest.MapFS{}, Origin: parse(t, "http://localhost")}); err == nil {
		t.Error("a door without any page opened")
	}
}

func TestWhatComesWithoutTLSIsSentToTheOrigin(t *testing.T) {
	t.Parallel()
	d := newDoor(t, func(c *webd.Config) { c.Local, c.Origin = false, parse(t, "https://messagerie.ac-essai.example") })
	a := d.ask(t, "GET", "/securite", "", "Host", "messagerie.ac-essai.example")
	if a.StatusCode != 308 || a.Header.Get("Location") != "https://messagerie.ac-essai.example/securite" {
		t.Errorf("%d to %q", a.StatusCode, a.Header.Get("Location"))
	}
	if a := d.ask(t, "POST", "/api/session", "{}", "Host", "messagerie.ac-essai.example"); a.StatusCode != 403 {
		t.Errorf("a secret that came in the clear: %d", a.StatusCode)
	}
	behind := newDoor(t, func(c *webd.Config) {
		c.Local, c.Origin, c.Proxies = false, parse(t, "https://messagerie.ac-essai.example"), loopback()
	})
	if a := behind.ask(t, "GET", "/connexion", "", "Host", "messagerie.ac-essai.example"); a.StatusCode != 200 {
		t.Errorf("from a proxy that takes TLS off: %d", a.StatusCode)
	}
	a = behind.ask(t, "GET", "/api/about", "", "Host", "messagerie.ac-essai.example", "Origin", "https://messagerie.ac-essai.example", "X-Navette-CSRF", "1")
	if a.StatusCode != 200 {
		t.Errorf("the origin of a page behind a proxy: %d %s", a.StatusCode, a.body)
	}
}
