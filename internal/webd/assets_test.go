package webd_test

import (
	"strings"
	"testing"
)

func TestAssetsComeInTheBestCodingThatTheClientTakes(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	for _, c := range []struct{ accept, coding, body string }{
		{"", "", script},
		{"gzip, deflate, br, zstd", "br", packed},
		{"gzip", "gzip", "not really gzip"},
		{"br;q=0, gzip", "gzip", "not really gzip"},
		{"br; q=0.000, gzip;q=0", "", script},
		{"br;q=0.5", "br", packed},
		{"*", "br", packed},
		{"*;q=0", "", script},
		{"identity, *;q=0", "", script},
		{"zstd", "", script},
	} {
		a := d.ask(t, "GET", "/assets/app-0a1b2c.js", "", "Accept-Encoding", c.accept)
		if a.Header.Get("Content-Encoding") != c.coding || a.body != c.body {
			t.Errorf("%q gives %q %q, want %q %q", c.accept, a.Header.Get("Content-Encoding"), a.body, c.coding, c.body)
		}
		if a.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("a cache would mix codings up: Vary is %q", a.Header.Get("Vary"))
		}
	}
}

func TestAssetsSayWhatTheyAre(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	for name, want := range map[string]string{
		"app-0a1b2c.js": "text/javascript; charset=utf-8", "style-0a1b2c.css": "text/css; charset=utf-8", "icon-0a1b2c.svg": "image/svg+xml",
	} {
		if a := d.ask(t, "GET", "/assets/"+name, ""); a.StatusCode != 200 || a.Header.Get("Content-Type") != want {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.Header.Get("Content-Type"))
		}
	}
	for _, name := range []string{"app-0a1b2c.js.br", "none.js"} {
		if a := d.ask(t, "GET", "/assets/"+name, ""); a.StatusCode != 404 {
			t.Errorf("%s: %d", name, a.StatusCode)
		}
	}
}

func TestAPageThatIsStillTheSameIsNotSentAgain(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	first := d.ask(t, "GET", "/connexion", "")
	tag := first.Header.Get("ETag")
	if again := d.ask(t, "GET", "/connexion", "", "If-None-Match", tag); again.StatusCode != 304 || again.body != "" {
		t.Errorf("with %s: %d %q", tag, again.StatusCode, again.body)
	}
	packedTag := d.ask(t, "GET", "/connexion", "", "Accept-Encoding", "br").Header.Get("ETag")
	if packedTag == tag || !strings.HasPrefix(packedTag, `"`) {
		t.Errorf("two codings have one tag: %s %s", tag, packedTag)
	}
	if head := d.ask(t, "HEAD", "/connexion", ""); head.StatusCode != 200 || head.body != "" {
		t.Errorf("HEAD: %d %q", head.StatusCode, head.body)
	}
}
