package imapd_test

import (
	"bufio"
	"crypto/rand"
	"fmt"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"navette/internal/identity"
	"navette/internal/imapd"
)

// BenchmarkLogin tells what a log-in costs the client, from its command to the answer, the connection being there: with
// an application password by LOGIN, and by SCRAM (the client's own 4,096 rounds of PBKDF2 included); p99 beside the mean.
func BenchmarkLogin(b *testing.B) {
	d := newDoor(b, 1)
	app := d.app(b, 0)
	b.Run("LOGIN", func(b *testing.B) {
		logIns(b, d, func(c *client) string {
			c.send("a LOGIN " + d.login(0) + " " + app + "\r\n")
			return c.line()
		})
	})
	b.Run("SCRAM-SHA-256", func(b *testing.B) {
		logIns(b, d, func(c *client) string { return c.scram("SCRAM-SHA-256", "n,,", nil, d.login(0), app, true) })
	})
}

// logIns times signIn on fresh connections.
func logIns(b *testing.B, d *door, signIn func(*client) string) {
	b.Helper()
	var took []time.Duration
	for b.Loop() {
		b.StopTimer()
		c := d.dial(b, d.plain)
		c.line()
		b.StartTimer()
		begin := time.Now()
		answer := signIn(c)
		took = append(took, time.Since(begin))
		b.StopTimer()
		if !like(answer, "… OK …") {
			b.Fatal(answer)
		}
		c.run("LOGOUT")
		c.conn.Close()
		b.StartTimer()
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}

// BenchmarkLoginInAStorm is BenchmarkLogin while eight clients guess as fast as they are let, each guess at another login
// with another secret. What the heap
// comes to is shown by BenchmarkGuessingStorm of package identity.
func BenchmarkLoginInAStorm(b *testing.B) {
	d := newDoor(b, 1, func(l *imapd.Limits) { l.FailedLogins, l.EarlyCommands = 1<<30, 1<<30 })
	app := d.app(b, 0)
	stop := make(chan struct{})
	var storm sync.WaitGroup
	var mu sync.Mutex
	guesses := 0
	for g := range 8 {
		from := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 1, byte(g), 1)}} // a network each
		conn, err := from.DialContext(b.Context(), "tcp", d.plain)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { conn.Close() })
		storm.Go(func() {
			c := &client{b, conn, bufio.NewReader(conn)}
			c.line()
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				secret, err := identity.Generate(rand.Reader)
				if err != nil {
					b.Error(err)
					return
				}
				c.send(fmt.Sprintf("a LOGIN inconnu-%d-%d %s\r\n", g, i, secret.Secret))
				if answer := c.line(); !like(answer, "a NO …") {
					b.Errorf("a guess: %s", answer)
					return
				}
				mu.Lock()
				guesses++
				mu.Unlock()
			}
		})
	}
	begin := time.Now()
	logIns(b, d, func(c *client) string {
		c.send("a LOGIN " + d.login(0) + " " + app + "\r\n")
		return c.line()
	})
	close(stop)
	storm.Wait()
	b.ReportMetric(float64(guesses)/time.Since(begin).Seconds(), "guesses/s")
}
