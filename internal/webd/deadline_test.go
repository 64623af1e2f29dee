package webd_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"navette/internal/webd"
)

// Whoever begins and does not go on, with a header, a body or the next request, is cut off: they hold no connection for ever.
func TestWhoKeepsTheServerWaitingIsCutOff(t *testing.T) {
	t.Parallel()
	d := newDoor(t, func(c *webd.Config) {
		c.Limits = webd.Limits{HeaderTime: 20 * time.Millisecond, BodyTime: 40 * time.Millisecond, IdleTime: 20 * time.Millisecond}
	})
	host := strings.TrimPrefix(d.url, "http://")
	half := fmt.Sprintf("POST /api/session HTTP/1.1\r\nHost: %s\r\nOrigin: %s\r\nX-Navette-CSRF: 1\r\nContent-Type: application/json\r\n", host, d.url)
	for what, sent := range map[string]string{
		"half a header":           half,
		"half a body":             half + "Content-Length: 100\r\n\r\n{\"login\":",
		"a request, and no other": fmt.Sprintf("GET /connexion HTTP/1.1\r\nHost: %s\r\n\r\n", host),
		"nothing":                 "",
	} {
		conn, err := net.Dial("tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, sent); err != nil {
			t.Error(err)
		}
		if err := conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil { // which a server without limits would outlast
			t.Error(err)
		}
		if _, err := io.ReadAll(conn); err != nil && strings.Contains(err.Error(), "timeout") {
			t.Errorf("%s: the server waits still: %v", what, err)
		}
		conn.Close()
	}
}
