package smtpd_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"navette/internal/smtpd"
)

// prose is n octets of lines that compress about as French text does.
func prose(n int) string {
	words := strings.Fields(`le la les un une des de du conseil classe élève parents réunion lundi mardi jeudi prochain salle heures
		bulletin trimestre professeur principal direction académie rectorat circulaire inspection stage formation inscription
		merci bonjour cordialement veuillez trouver ci-joint document calendrier rentrée vacances examen baccalauréat brevet`)
	rng := rand.New(rand.NewPCG(1, uint64(n)))
	var b strings.Builder
	for line := 0; b.Len() < n; {
		w := words[rng.IntN(len(words))]
		if line += len(w) + 1; line > 72 {
			b.WriteString("\r\n")
			line = len(w) + 1
		}
		b.WriteString(w + " ")
	}
	return b.String() + "\r\n"
}

// BenchmarkIngest delivers messages of 33 kB over LMTP, one recipient each, on as many connections as parallel clients.
func BenchmarkIngest(b *testing.B) {
	for _, clients := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			w := newWorld(b, 200)
			addr, _ := w.door(b, smtpd.LMTP)
			message := "From: Parent <parent@dehors.example>\r\nTo: agent\r\nSubject: Absence\r\nMIME-Version: 1.0\r\n" +
				"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n" + "\r\n" + prose(33<<10) + ".\r\n"
			b.SetBytes(int64(len(message)))
			next := make(chan int, b.N)
			for i := range b.N {
				next <- i
			}
			close(next)
			before := w.DB.Stats()
			b.ResetTimer()
			done := make(chan error, clients)
			for range clients {
				c, _ := session(b, addr)
				go func() { done <- deliverAll(c, w, message, next) }()
			}
			for range clients {
				if err := <-done; err != nil {
					b.Fatal(err)
				}
			}
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
			b.ReportMetric(float64(w.DB.Stats().Commits-before.Commits)/float64(b.N), "commits/msg")
		})
	}
}

func deliverAll(c *raw, w *world, message string, next <-chan int) error {
	for i := range next {
		if _, err := fmt.Fprintf(c.c, "MAIL FROM:<parent@dehors.example>\r\nRCPT TO:<%s>\r\nDATA\r\n", w.addr(i%len(w.ids))); err != nil {
			return err
		}
		for _, want := range []int{250, 250, 354} {
			if code, text := c.reply(); code != want {
				return fmt.Errorf("%d %s", code, text)
			}
		}
		if _, err := io.WriteString(c.c, fmt.Sprintf("Message-ID: <%d@bench>\r\n", i)+message); err != nil {
			return err
		}
		if code, text := c.reply(); code != 250 {
			return fmt.Errorf("%d %s", code, text)
		}
	}
	return nil
}
