package e2e

import (
	"net"
	"net/http"
	"testing"
)

// Production shows its pages over TLS alone, to whoever names it rightly.
func TestServeShowsItsPagesOverTLSAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.start(t)
	client := &http.Client{
		Transport:     &http.Transport{TLSClientConfig: s.tls(), ForceAttemptHTTP2: true, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	_, port, err := net.SplitHostPort(s.address("https"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, url, host string
		status          int
		location        string
	}{
		{"a page in the clear", "http://" + s.address("http") + "/aide", "localhost:" + port, 308, "https://localhost:" + port + "/aide"},
		{"a page over TLS", "https://" + s.address("https") + "/aide", "localhost:" + port, 200, ""},
		{"a private page", "https://" + s.address("https") + "/securite", "localhost:" + port, 303, "/connexion?suite=/securite"},
		{"another name", "https://" + s.address("https") + "/aide", "evil.example", 421, ""},
		{"a page of the demo", "https://" + s.address("https") + "/demo/composants", "localhost:" + port, 404, ""},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = c.host
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != c.status || resp.Header.Get("Location") != c.location {
			t.Errorf("%s: %d to %q, want %d to %q", c.name, resp.StatusCode, resp.Header.Get("Location"), c.status, c.location)
		}
		if req.URL.Scheme == "https" && (resp.ProtoMajor != 2 || resp.Header.Get("Strict-Transport-Security") == "") {
			t.Errorf("%s: %s, HSTS %q", c.name, resp.Proto, resp.Header.Get("Strict-Transport-Security"))
		}
	}
}
