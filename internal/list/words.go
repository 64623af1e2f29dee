package list

import (
	"encoding/base32"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"strings"
)

// french tells of a list's rules as its history does.
func (s Settings) french() string {
	parts := []string{"envoi : " + s.Posting.French()}
	if s.Expression != "" {
		parts = append(parts, "membres : "+s.Expression)
	}
	for _, flag := range []struct {
		on   bool
		text string
	}{{s.Hidden, "membres cachés"}, {s.Archive, "archivée"}, {s.Leaving, "on peut la quitter"}, {s.MaxSize > 0, fmt.Sprintf("%d octets au plus", s.MaxSize)}} {
		if flag.on {
			parts = append(parts, flag.text)
		}
	}
	return strings.Join(parts, " ; ")
}

// French is the posting rule as people read it.
func (p Posting) French() string {
	switch p {
	case ByOwners:
		return "propriétaires"
	case ByMembers:
		return "membres"
	case ByAgents:
		return "agents de l'académie"
	case ByAnyone:
		return "tous"
	case Moderated:
		return "tous, après accord d'un propriétaire"
	}
	return string(p)
}

// encoded puts a text into encoded words where it is not plain, one a line.
func encoded(text string) string {
	return strings.ReplaceAll(mime.BEncoding.Encode("utf-8", quoted(text)), "?= =?", "?=\r\n =?")
}

// quoted makes a quoted-string of an ASCII text that is no phrase (RFC 5322 §3.2.4).
func quoted(text string) string {
	ascii := strings.IndexFunc(text, func(r rune) bool { return r > '~' || r < ' ' }) < 0
	if !ascii || strings.IndexFunc(text, func(r rune) bool { return strings.ContainsRune(`()<>[]:;@\,."`, r) }) < 0 {
		return text
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

// short keeps a subject on one line, and within reason.
func short(subject string) string {
	subject = strings.Join(strings.Fields(subject), " ")
	if r := []rune(subject); len(r) > 100 {
		return string(r[:100]) + "…"
	}
	return subject
}

// notice composes a message of the list to people: plain text, lines ended by LF. It answers to nobody but the owners.
func (s *Service) notice(r *row, to, subject, text string) (string, error) {
	var random [10]byte
	if _, err := io.ReadFull(s.cfg.Random, random[:]); err != nil {
		return "", fmt.Errorf("draw the id of a notice: %w", err)
	}
	_, owners := s.addresses(r.local)
	var b strings.Builder
	fmt.Fprintf(&b, "From: %s\r\n <%s>\r\nTo: <%s>\r\nSubject: %s\r\n", encoded("Liste "+r.local), owners, to, encoded(subject))
	fmt.Fprintf(&b, "Date: %s\r\nMessage-ID: <%s@%s>\r\n", s.cfg.Now().Format("Mon, 02 Jan 2006 15:04:05 -0700"),
		strings.ToLower(base32.HexEncoding.EncodeToString(random[:])), s.cfg.Hostname)
	b.WriteString("Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n" +
		"Content-Transfer-Encoding: quoted-printable\r\n\r\n")
	q := quotedprintable.NewWriter(&b)
	_, err := io.WriteString(q, strings.ReplaceAll(text, "\n", "\r\n"))
	if err == nil {
		err = q.Close()
	}
	if err != nil {
		return "", fmt.Errorf("write a notice: %w", err)
	}
	return b.String(), nil
}
