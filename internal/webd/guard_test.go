package webd_test

import (
	"encoding/json"
	"net/netip"
	"strings"
	"testing"

	"navette/internal/limits"
	"navette/internal/webd"
)

// without returns the header of a page of ours with one line changed, or left out where value is "".
func without(d *door, name, value string) []string {
	words := d.page()
	for i := 0; i+1 < len(words); i += 2 {
		if words[i] == name {
			if value == "" {
				return append(words[:i:i], words[i+2:]...)
			}
			words[i+1] = value
		}
	}
	return words
}

// Invariant 3: what a page of another site can make a browser send changes nothing.
func TestARequestOfAnotherSiteIsRefused(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	for _, c := range []struct {
		name   string
		words  []string
		status int
		code   string
	}{
		{"our own page", d.page(), 401, "signed-out"}, // past the guard: nothing there for strangers
		{"another origin", without(d, "Origin", "https://evil.example"), 403, "other-origin"},
		{"another port", without(d, "Origin", "http://127.0.0.1:1"), 403, "other-origin"},
		{"another scheme", without(d, "Origin", strings.Replace(d.url, "http", "https", 1)), 403, "other-origin"},
		{"a sandboxed frame", without(d, "Origin", "null"), 403, "other-origin"},
		{"no origin", without(d, "Origin", ""), 403, "no-origin"},
		{"a sister site", without(d, "Sec-Fetch-Site", "same-site"), 403, "other-origin"},
		{"a link", without(d, "Sec-Fetch-Site", "none"), 403, "other-origin"},
		{"an old browser, without Sec-Fetch-Site", without(d, "Sec-Fetch-Site", ""), 401, "signed-out"},
		{"no CSRF header", without(d, "X-Navette-CSRF", ""), 403, "no-csrf-header"},
		{"a form", without(d, "Content-Type", "application/x-www-form-urlencoded"), 415, "not-json"},
		{"text that is JSON", without(d, "Content-Type", "text/plain"), 415, "not-json"},
		{"no type", without(d, "Content-Type", ""), 415, "not-json"},
	} {
		a := d.ask(t, "POST", "/api/nothing", "{}", c.words...)
		if a.StatusCode != c.status || codeOf(t, a) != c.code {
			t.Errorf("%s: %d %s, want %d %s", c.name, a.StatusCode, codeOf(t, a), c.status, c.code)
		}
	}
}

// Reading is guarded too: an answer must not become a script or a timing of another site.
func TestReadingNeedsAPageOfOursAsWell(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	for _, c := range []struct {
		name  string
		words []string
		want  int
	}{
		{"our own page", []string{"X-Navette-CSRF", "1", "Sec-Fetch-Site", "same-origin"}, 200},
		{"a script element elsewhere", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"a link", nil, 403},
	} {
		if a := d.ask(t, "GET", "/api/about", "", c.words...); a.StatusCode != c.want {
			t.Errorf("%s: %d, want %d", c.name, a.StatusCode, c.want)
		}
	}
}

// A browser that remembers a password of HTTP Basic sends it by itself, to whoever makes it ask.
func TestBasicIsRefusedFromPages(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	for _, origin := range []string{d.url, "https://evil.example"} {
		a := d.ask(t, "GET", "/api/about", "", "Origin", origin, "Authorization", "Basic Y21hcnRpbjpzZWNyZXQ=", "X-Navette-CSRF", "1")
		if a.StatusCode != 403 || codeOf(t, a) != "basic-from-page" {
			t.Errorf("Basic from %s: %d %s", origin, a.StatusCode, a.body)
		}
	}
}

func TestRequestsOfANetworkArePaced(t *testing.T) {
	t.Parallel()
	few := func(c *webd.Config) { c.Limits = webd.Limits{RequestsPerSecond: 0.001, RequestsAtOnce: 3} }
	d := newDoor(t, few)
	for i := range 3 {
		if a := d.ask(t, "GET", "/api/about", "", d.page()...); a.StatusCode != 200 {
			t.Fatalf("request %d: %d", i, a.StatusCode)
		}
	}
	if a := d.ask(t, "GET", "/api/about", "", d.page()...); a.StatusCode != 429 || a.Header.Get("Retry-After") == "" {
		t.Errorf("the fourth: %d, Retry-After %q", a.StatusCode, a.Header.Get("Retry-After"))
	}
	trusted := newDoor(t, func(c *webd.Config) {
		few(c)
		c.Trusted = limits.Networks{netip.MustParsePrefix("127.0.0.0/8")}
	})
	for i := range 5 {
		if a := trusted.ask(t, "GET", "/api/about", "", trusted.page()...); a.StatusCode != 200 {
			t.Errorf("request %d of a trusted network: %d", i, a.StatusCode)
		}
	}
}

// X-Forwarded-For is believed from our proxies alone: elsewhere it would give everybody a new network at will.
func TestThePeerBehindAProxyIsTheOneThatTheProxySaw(t *testing.T) {
	t.Parallel()
	var proxies limits.Networks
	count := func(d *door, forwarded string) int {
		return d.ask(t, "GET", "/api/about", "", d.page("X-Forwarded-For", forwarded)...).StatusCode
	}
	one := func(c *webd.Config) {
		c.Limits = webd.Limits{RequestsPerSecond: 0.001, RequestsAtOnce: 1}
		c.Proxies = proxies
	}
	d := newDoor(t, one)
	if a, b := count(d, "192.0.2.1"), count(d, "192.0.2.2"); a != 200 || b != 429 {
		t.Errorf("without proxies a client chose its own network: %d %d", a, b)
	}
	proxies = limits.Networks{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}
	d = newDoor(t, one)
	if a, b := count(d, "192.0.2.1"), count(d, "192.0.2.2"); a != 200 || b != 200 {
		t.Errorf("two clients of a proxy count as one: %d %d", a, b)
	}
	if a := count(d, "198.51.100.7, 192.0.2.1, 10.1.1.1"); a != 429 {
		t.Errorf("what a client wrote before the proxies' own words was believed: %d", a)
	}
}

// codeOf reads the code of a problem.
func codeOf(t *testing.T, a answer) string {
	t.Helper()
	var p struct {
		Code   string
		Status int
		Title  string
	}
	if a.Header.Get("Content-Type") != "application/problem+json" {
		return a.Header.Get("Content-Type")
	}
	if err := json.Unmarshal([]byte(a.body), &p); err != nil || p.Status != a.StatusCode || p.Title == "" {
		t.Errorf("not a problem (RFC 9457): %v %s", err, a.body)
	}
	return p.Code
}
