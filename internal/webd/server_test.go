package webd_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"navette/internal/limits"
	"navette/internal/testkit/agents"
	"navette/internal/webd"
)

func loopback() limits.Networks { return limits.Networks{netip.MustParsePrefix("127.0.0.0/8")} }

func TestHTTP2IsSpokenOverTLSAndHTTP11Everywhere(t *testing.T) {
	t.Parallel()
	certified := httptest.NewTLSServer(http.NotFoundHandler()) // for its certificate
	defer certified.Close()
	d := newDoor(t, func(c *webd.Config) { c.TLS = &tls.Config{Certificates: certified.TLS.Certificates} })
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serve(t, d, ln, d.ServeTLS)
	client := certified.Client()
	client.Transport.(*http.Transport).ForceAttemptHTTP2 = true
	req, err := http.NewRequestWithContext(t.Context(), "GET", "https://"+ln.Addr().String()+"/connexion", nil)
	if err != nil {
		t.Fatal(err)
	}
	if a := send(t, client, req); a.StatusCode != 200 || a.ProtoMajor != 2 {
		t.Errorf("over TLS: %d %s", a.StatusCode, a.Proto)
	}
	if a := d.ask(t, "GET", "/connexion", ""); a.StatusCode != 200 || a.Proto != "HTTP/1.1" {
		t.Errorf("in the clear: %d %s", a.StatusCode, a.Proto)
	}
}

func TestConnectionsAreCountedInAllAndByNetwork(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		limits  webd.Limits
		trusted limits.Networks
		room    int
	}{
		{"in all", webd.Limits{Connections: 2}, loopback(), 2},
		{"by network", webd.Limits{ConnectionsPerNetwork: 1}, nil, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newDoor(t, func(cfg *webd.Config) { cfg.Limits, cfg.Trusted = c.limits, c.trusted })
			var open []net.Conn
			for range c.room {
				conn := dial(t, d)
				if !answers(conn) {
					t.Fatal("a connection that there is room for was closed")
				}
				open = append(open, conn)
			}
			if conn := dial(t, d); answers(conn) {
				t.Error("one too many was answered")
			}
			if d.ConnectionsRefused() == 0 {
				t.Error("the refusal was not counted")
			}
			open[0].Close()
			for !answers(dial(t, d)) { // the server notices in its own time
				if t.Context().Err() != nil {
					t.Fatal("a place that was left stays taken")
				}
			}
		})
	}
}

func dial(t *testing.T, d *door) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(d.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// answers tells whether a request on conn gets an answer.
func answers(conn net.Conn) bool {
	fmt.Fprint(conn, "GET /connexion HTTP/1.1\r\nHost: localhost\r\n\r\n")
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err == nil
}

func TestAHeaderThatIsTooLargeIsRefused(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	conn := dial(t, d)
	fmt.Fprintf(conn, "GET /connexion HTTP/1.1\r\nHost: localhost\r\nX-Long: %s\r\n\r\n", strings.Repeat("a", 64<<10))
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("64 kB of header: %d", resp.StatusCode)
	}
}

// Shutdown lets a request that has begun end, and takes no new one.
func TestShutdownLetsARequestEnd(t *testing.T) {
	t.Parallel()
	b := newBrowser(agents.OnSQLite(t))
	const body = `{"login":"cmartin","password":"wrong"}`
	conn := dial(t, b.door)
	fmt.Fprintf(conn, "POST /api/session HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nX-Navette-CSRF: 1\r\n"+
		"Content-Type: application/json\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", len(body))
	answers := bufio.NewReader(conn)
	if line, err := answers.ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") { // it is being handled
		t.Fatalf("%q %v", line, err)
	}
	if _, err := answers.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- b.Shutdown(context.Background()) }()
	for listening := true; listening; { // until nobody is taken any more
		c, err := net.Dial("tcp", strings.TrimPrefix(b.url, "http://"))
		if listening = err == nil; listening {
			c.Close()
		}
	}
	fmt.Fprint(conn, body)
	resp, err := http.ReadResponse(answers, nil)
	if err != nil {
		t.Fatalf("the request that had begun was cut: %v", err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("it got %d", resp.StatusCode)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// Invariant 6.
func TestTheLogHoldsNothingAboutAnybody(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	d.ask(t, "GET", "/connexion?login=claire.martin@ac-paris.example", "", "Cookie", "__Host-navette=topsecret", "Referer", d.url+"/claire", "User-Agent", "claire-phone")
	d.ask(t, "GET", "/claire.martin", "", "Accept", "text/html")
	d.ask(t, "CLAIRE", "/connexion", "")
	d.ask(t, "POST", "/api/claire", `{"login":"claire"}`, d.page()...)
	text := d.log.String()
	if strings.Count(text, "msg=request") != 4 || !strings.Contains(text, `route="GET /connexion"`) {
		t.Errorf("the log misses requests:\n%s", text)
	}
	for _, secret := range []string{"claire", "CLAIRE", "topsecret", "127.0.0.1"} {
		if strings.Contains(text, secret) {
			t.Errorf("the log holds %q:\n%s", secret, text)
		}
	}
}

func TestAnswersAreCounted(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	d.ask(t, "GET", "/connexion", "")
	d.ask(t, "GET", "/nulle-part", "")
	if d.Requests() != 2 || d.Refused() != 1 || d.Failures() != 0 {
		t.Errorf("%d requests, %d refused, %d failures", d.Requests(), d.Refused(), d.Failures())
	}
}
