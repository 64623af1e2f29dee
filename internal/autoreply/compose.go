package autoreply

import (
	"bytes"
	"encoding/base32"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"strings"
)

const dateFormat = "Mon, 02 Jan 2006 15:04:05 -0700"

// compose writes a reply (RFC 3834 §3) from an address that the correspondent wrote to; from is "" where that must not
// be shown.
func (s *Service) compose(r Reply, m received, from string) (*bytes.Buffer, error) {
	var random [10]byte
	if _, err := io.ReadFull(s.cfg.Random, random[:]); err != nil {
		return nil, fmt.Errorf("draw the id of a reply: %w", err)
	}
	id := strings.ToLower(base32.HexEncoding.EncodeToString(random[:]))
	sender := "<" + from + ">"
	if from == "" {
		sender = "Messagerie <postmaster@" + s.cfg.Domain + ">"
	}
	subject := r.Subject
	if subject == "" {
		subject = "Réponse automatique : " + m.subject
	}
	b := &bytes.Buffer{}
	fmt.Fprintf(b, "From: %s\r\nTo: <%s>\r\n", sender, m.reversePath)
	fmt.Fprintf(b, "Subject: %s\r\n", strings.ReplaceAll(mime.QEncoding.Encode("utf-8", oneLine(subject)), "?= =?", "?=\r\n =?"))
	fmt.Fprintf(b, "Date: %s\r\nMessage-ID: <%s@%s>\r\n", s.cfg.Now().Format(dateFormat), id, s.cfg.Hostname)
	if m.messageID != "" && isPlain(m.messageID) {
		fmt.Fprintf(b, "In-Reply-To: <%s>\r\nReferences: <%s>\r\n", m.messageID, m.messageID)
	}
	b.WriteString("Auto-Submitted: auto-replied\r\nX-Auto-Response-Suppress: All\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
	q := quotedprintable.NewWriter(b)
	_, err := io.WriteString(q, strings.ReplaceAll(strings.TrimRight(r.Body, "\n")+"\n", "\n", "\r\n"))
	if err == nil {
		err = q.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("write a reply: %w", err)
	}
	return b, nil
}

// oneLine keeps a subject within its field, and within reason.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 200 {
		s = string(r[:200]) + "…"
	}
	return s
}

// isPlain reports visible ASCII without angle brackets: what a Message-ID may hold.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' || s[i] == '<' || s[i] == '>' {
			return false
		}
	}
	return true
}
