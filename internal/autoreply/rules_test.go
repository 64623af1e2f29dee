package autoreply

import (
	"strings"
	"testing"
)

func TestWhoGetsAReplyAndWhoNever(t *testing.T) {
	t.Parallel()
	own := []string{"claire.martin@ac-paris.example", "cmartin@ac-paris.example"}
	const letter = "Return-Path: <parent@dehors.example>\r\nReceived: by x\r\nFrom: Un parent <parent@dehors.example>\r\n" +
		"To: Claire MARTIN <Claire.Martin@AC-Paris.example>\r\nSubject: Rendez-vous\r\nMessage-ID: <1@dehors.example>\r\n"
	with := func(fields ...string) string { return letter + strings.Join(fields, "\r\n") + "\r\n" }
	to := func(field string) string {
		return strings.Replace(letter, "To: Claire MARTIN <Claire.Martin@AC-Paris.example>", field, 1)
	}
	from := func(path string) string { return strings.Replace(letter, "parent@dehors.example", path, 1) }
	for _, c := range []struct {
		what, header string
		at           string // the address that answers, "" for none
	}{
		{"a person", letter, "claire.martin@ac-paris.example"},
		{"a person in copy", to("To: x@y.example\r\nCc: a@b.example,\r\n\tcmartin+rdv@ac-paris.example"), "cmartin@ac-paris.example"},
		{"says that no program sent it", with("Auto-Submitted: no"), "claire.martin@ac-paris.example"},
		{"another's precedence", with("Precedence: first-class"), "claire.martin@ac-paris.example"},

		{"null reverse-path", from(""), ""},
		{"no reverse-path", strings.TrimPrefix(letter, "Return-Path: <parent@dehors.example>\r\n"), ""},
		{"a forged one in the message", strings.TrimPrefix(letter, "Return-Path: <parent@dehors.example>\r\n") + "Return-Path: <>\r\n", ""},
		{"a second Return-Path counts for nothing", from("") + "Return-Path: <parent@dehors.example>\r\n", ""},
		{"a reply of another engine", with("Auto-Submitted: auto-replied"), ""},
		{"a program", with("Auto-Submitted:  auto-generated (cron)"), ""},
		{"a notice", with("auto-submitted: Auto-Notified; owner-email=\"x@y\""), ""},
		{"a list by its id", with("List-Id: <profs.ac-paris.example>"), ""},
		{"a list by its way out", with("LIST-UNSUBSCRIBE: <mailto:x@y>"), ""},
		{"bulk", with("Precedence: bulk"), ""},
		{"junk", with("Precedence: Junk"), ""},
		{"list", with("precedence: list"), ""},
		{"suppressed", with("X-Auto-Response-Suppress: DR, OOF, AutoReply"), ""},
		{"suppressed, all", with("X-Auto-Response-Suppress: All"), ""},
		{"a report", with("Content-Type: multipart/report; report-type=delivery-status"), ""},
		{"spam", with("X-Spam-Flag: YES"), ""},
		{"a hidden recipient", to("To: undisclosed-recipients:;"), ""},
		{"to somebody else", to("To: jean@ac-paris.example"), ""},
		{"oneself", from("cmartin@ac-paris.example"), ""},
		{"oneself with a tag", from("Claire.Martin+x@ac-paris.example"), ""},
		{"not an address", from("nobody"), ""},
	} {
		at, ok := read([]byte(c.header + "\r\n")).mayAnswer(own)
		if at != c.at || ok != (c.at != "") {
			t.Errorf("%s: answers at %q, want %q", c.what, at, c.at)
		}
	}
	for _, path := range []string{"MAILER-DAEMON@x.example", "postmaster@x.example", "no-reply@x.example", "noreply@x.example", "ne-pas-repondre@x.example",
		"do.not_reply@x.example", "owner-profs@x.example", "profs-owner@x.example", "profs-request@x.example", "bounce-123@x.example", "bounces+4=5@x.example",
		"profs-bounces@x.example", "SRS0=abc=de=x.example=jean@y.example", "prvs=123=jean@x.example", "listserv@x.example"} {
		if at, ok := read([]byte(from(path) + "\r\n")).mayAnswer(own); ok {
			t.Errorf("%s gets a reply from %s", path, at)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("Return-Path: <a@b.example>\r\nTo: c@d.example\r\n\r\n"))
	f.Fuzz(func(t *testing.T, header []byte) {
		m := read(header)
		if _, ok := m.mayAnswer(m.named); ok && (m.automatic || m.reversePath == "") {
			t.Errorf("answers %q", header)
		}
	})
}
