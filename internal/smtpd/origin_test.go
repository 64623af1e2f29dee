package smtpd_test

import (
	"log/slog"
	"strings"
	"testing"

	"navette/internal/origin"
	"navette/internal/smtpd"
	"navette/internal/testkit/house"
)

// What comes from outside bears our mark and no other: a forged one goes, whatever it says.
func TestMailFromOutsideIsMarkedAtTheDoor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what string
		role smtpd.Role
		from string
		want string // "" for no field
	}{
		{"a parent by SMTP", smtpd.Reception, "parent@dehors.example", "X-Navette-Origine: exterieur"},
		{"our address by SMTP", smtpd.Reception, "agent@" + house.Domain, "X-Navette-Origine: exterieur; interne-sans-preuve"},
		{"a neighbour's domain by SMTP", smtpd.Reception, "agent@ac-pari.example", "X-Navette-Origine: exterieur; domaine-voisin"},
		{"a parent by LMTP", smtpd.LMTP, "parent@dehors.example", "X-Navette-Origine: exterieur"},
		{"our application by LMTP", smtpd.LMTP, "iprof@" + house.Domain, ""},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 1)
			addr, _ := w.door(t, c.role, func(cfg *smtpd.Config) {
				cfg.Origin = origin.New(origin.Config{Domains: []string{house.Domain}, Log: slog.New(slog.DiscardHandler)})
			})
			message := "X-Navette-Origine: interieur\r\nFrom: <" + c.from + ">\r\nSubject: x\r\nX-Navette-Origine: exterieur; nom-agent\r\n\r\nx\r\n"
			conn, _ := session(t, addr)
			conn.begin("x@dehors.example", w.addr(0))
			conn.ask(354, "DATA")
			conn.send(message + ".\r\n")
			conn.want(250)
			got := w.inbox(t, 0)[0]
			var fields []string
			for _, line := range strings.Split(got, "\r\n") {
				if strings.HasPrefix(line, "X-Navette-") {
					fields = append(fields, line)
				}
			}
			if strings.Join(fields, "\n") != c.want {
				t.Errorf("fields %q, want %q", fields, c.want)
			}
			if before, _, _ := strings.Cut(got, "From:"); c.want != "" && !strings.Contains(before, c.want) {
				t.Errorf("the mark does not stand before the content: %q", got)
			}
		})
	}
}
