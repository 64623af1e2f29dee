package imapd_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"navette/internal/imapd"
)

// fill puts n messages into the first account's INBOX: a hundred letters, and copies of them.
func (d *door) fill(tb testing.TB, n int, body string) {
	tb.Helper()
	c := d.enter(tb, 0)
	c.run("SELECT INBOX")
	for i := range min(n, 100) {
		c.append("INBOX", letter(fmt.Sprintf("letter %d", i), body))
	}
	for have := 100; have < n; have *= 2 {
		c.run(fmt.Sprintf("COPY 1:%d INBOX", min(have, n-have)))
	}
	c.run("LOGOUT")
}

// residentKB is how much memory the process holds, in kB.
func residentKB(tb testing.TB) float64 {
	tb.Helper()
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		tb.Skip("no /proc/self/status")
	}
	_, rest, _ := strings.Cut(string(b), "VmRSS:")
	kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	if err != nil {
		tb.Fatal(err)
	}
	return kb
}

// BenchmarkIdleConnection tells what an idle connection costs, its client's socket in this process included: 10,000
// messages selected, after traffic.
func BenchmarkIdleConnection(b *testing.B) {
	for _, mode := range []string{"plain", "tls"} {
		b.Run(mode, func(b *testing.B) {
			const count = 1000
			d := newDoor(b, 1, func(l *imapd.Limits) { l.PerAccount, l.PerNetwork = 2*count, 2*count })
			d.fill(b, 10_000, "Bonjour")
			debug.FreeOSMemory()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			rss := residentKB(b)
			for range count {
				conn, err := net.Dial("tcp", d.plain)
				if mode == "tls" {
					conn, err = net.Dial("tcp", d.implicit)
				}
				if err != nil {
					b.Fatal(err)
				}
				b.Cleanup(func() { conn.Close() })
				c := &client{b, conn, bufio.NewReaderSize(conn, 512)}
				if mode == "tls" {
					c.conn = tls.Client(conn, &tls.Config{RootCAs: d.trust, ServerName: "127.0.0.1"})
					c.r = bufio.NewReaderSize(c.conn, 512)
				}
				c.line()
				c.run("LOGIN " + d.login(0) + " " + password)
				c.run("SELECT INBOX")
				c.run("FETCH 9900:* (UID FLAGS ENVELOPE)")
				c.send("I IDLE\r\n")
				c.line()
			}
			now := residentKB(b)
			runtime.GC()
			runtime.ReadMemStats(&after)
			b.ReportMetric((now-rss)/count, "RSS-kB/conn")
			b.ReportMetric(float64(after.HeapInuse-before.HeapInuse)/1024/count, "heap-kB/conn")
			b.ReportMetric((float64(after.StackInuse)-float64(before.StackInuse))/1024/count, "stack-kB/conn")
		})
	}
}

// BenchmarkFetchList is the list of a mail program: 1,000 messages.
func BenchmarkFetchList(b *testing.B) {
	d := newDoor(b, 1)
	d.fill(b, 1000, strings.Repeat("Bonjour a tous. ", 50))
	c := d.enter(b, 0)
	c.run("SELECT INBOX")
	for b.Loop() {
		c.run("FETCH 1:* (UID FLAGS ENVELOPE BODYSTRUCTURE RFC822.SIZE)")
	}
}

// BenchmarkFetchBody reads one message of 33 kB.
func BenchmarkFetchBody(b *testing.B) {
	d := newDoor(b, 1)
	d.fill(b, 100, strings.Repeat("Bonjour a tous. ", 2000))
	c := d.enter(b, 0)
	c.run("SELECT INBOX")
	for b.Loop() {
		c.run("FETCH 50 BODY.PEEK[]")
	}
}

// BenchmarkStore flags one message.
func BenchmarkStore(b *testing.B) {
	d := newDoor(b, 1)
	d.fill(b, 100, "x")
	c := d.enter(b, 0)
	c.run("SELECT INBOX")
	for b.Loop() {
		c.run(`STORE 50 +FLAGS (\Flagged)`)
		c.run(`STORE 50 -FLAGS (\Flagged)`)
	}
}

// BenchmarkSearchText looks for a word that is nowhere in 1,000 messages of 20 kB of French.
func BenchmarkSearchText(b *testing.B) {
	for what, body := range map[string]string{
		"french": strings.Repeat("L'élève a oublié son cahier ; merci de le déposer « à la loge » avant midi…\r\n", 250),
		"ascii":  strings.Repeat("The pupil has forgotten his book; please leave it at the lodge before noon.\r\n", 250),
	} {
		b.Run(what, func(b *testing.B) {
			d := newDoor(b, 1)
			c := d.enter(b, 0)
			c.run("SELECT INBOX")
			head, _, _ := bytes.Cut([]byte(letter("x", "")), []byte("\r\n\r\n"))
			message := string(head) + "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + body
			for range 1000 {
				c.append("INBOX", message)
			}
			for b.Loop() {
				c.run("SEARCH TEXT dormitory")
			}
		})
	}
}

// BenchmarkSyncSession is the load tool's session: log in, list 1,000 messages, read a hundred, flag and unflag ten.
func BenchmarkSyncSession(b *testing.B) {
	d := newDoor(b, 1)
	d.fill(b, 1000, strings.Repeat("Bonjour a tous. ", 250))
	for b.Loop() {
		c := d.enter(b, 0)
		c.run("SELECT INBOX")
		c.run("FETCH 1:* (UID FLAGS ENVELOPE BODYSTRUCTURE RFC822.SIZE)")
		for i := range 100 {
			c.run(fmt.Sprintf("FETCH %d BODY.PEEK[]", 1+i*7))
		}
		for i := range 10 {
			c.run(fmt.Sprintf(`STORE %d +FLAGS (\Flagged)`, 1+i*9))
			c.run(fmt.Sprintf(`STORE %d -FLAGS (\Flagged)`, 1+i*9))
		}
		c.run("LOGOUT")
		c.conn.Close()
	}
}
