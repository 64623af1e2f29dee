package node

import (
	"fmt"
	"math/rand/v2"
	"mime"
	"slices"
	"strings"
)

// place is where a letter names somebody.
type place int

const (
	inTo place = iota
	inCc
	inBcc // the envelope alone, and perhaps a Bcc field
	inResent
	inReplyTo
	inWords // of a field that is for no addresses
	places
)

// mention is somebody whom a letter names.
type mention struct {
	*person
	where place
	copy  bool // the envelope names them too
}

// thread is a message from outside that somebody has in their inbox.
type thread struct {
	id, subject string
	author      *person
	visible     []*person // author, To and Cc
}

// letter is one attempt to send something.
type letter struct {
	number   int
	writer   *writer
	mentions []mention
	thread   *thread
	quotes   *person
	web      bool
}

// draw makes a letter of a writer at random.
func (w *town) draw(r *rand.Rand, number int, from *writer, threads []*thread) *letter {
	l := &letter{number: number, writer: from, web: r.IntN(4) == 0}
	if len(threads) > 0 && r.IntN(4) == 0 {
		l.thread = threads[r.IntN(len(threads))]
		for _, p := range l.thread.visible {
			if p != from.person && r.IntN(5) > 0 {
				l.mentions = append(l.mentions, mention{p, []place{inTo, inCc}[r.IntN(2)], true})
			}
		}
	}
	known := map[*person]bool{from.person: true}
	for _, m := range l.mentions {
		known[m.person] = true
	}
	for range 1 + r.IntN(1+r.IntN(7)) {
		p := w.people[r.IntN(len(w.people))]
		if known[p] || l.thread != nil && r.IntN(3) > 0 {
			continue
		}
		known[p] = true
		where := []place{inTo, inTo, inTo, inCc, inCc, inBcc, inBcc, inResent, inReplyTo, inWords}[r.IntN(10)]
		if l.web {
			where = []place{inTo, inCc, inBcc}[r.IntN(3)]
		}
		l.mentions = append(l.mentions, mention{p, where, l.web || where <= inBcc && r.IntN(12) > 0 || where == inBcc || where == inResent})
	}
	if len(l.recipients()) == 0 {
		p := w.people[r.IntN(len(w.people))]
		l.mentions = slices.DeleteFunc(l.mentions, func(m mention) bool { return m.person == p })
		l.mentions = append(l.mentions, mention{p, inTo, true})
	}
	if r.IntN(25) == 0 {
		l.quotes = w.guards[r.IntN(len(w.guards))]
	}
	return l
}

func (l *letter) recipients() (out []*person) {
	for _, m := range l.mentions {
		if m.copy {
			out = append(out, m.person)
		}
	}
	return out
}

// in gives the addresses in a place.
func (l *letter) in(where place) (out []string) {
	for _, m := range l.mentions {
		if m.where == where {
			out = append(out, m.address)
		}
	}
	return out
}

func (l *letter) subject() string {
	if l.thread != nil {
		return "Re: " + l.thread.subject
	}
	return fmt.Sprintf("Tour %d", l.number)
}

// mark stands in the body of every copy.
func (l *letter) mark() string { return fmt.Sprintf("[tour %d]", l.number) }

func (l *letter) text() string {
	text := l.mark() + "\r\nBonjour.\r\n"
	if l.quotes != nil {
		text += "\r\n> De : <" + l.quotes.address + ">\r\n> Bonjour\r\n"
	}
	return text
}

// octets writes a letter as a mail program might, or somebody who wants to slip something through.
func (l *letter) octets(r *rand.Rand) string {
	var b strings.Builder
	words := l.in(inWords)
	author, subject := "", l.subject()
	if len(words) > 0 && l.thread == nil && r.IntN(3) == 0 {
		author, words = `"`+words[0]+`" `, words[1:]
	} else if len(words) > 0 && l.thread == nil && r.IntN(2) == 0 {
		subject, words = mime.QEncoding.Encode("utf-8", subject+" à "+words[0]), words[1:]
	}
	fmt.Fprintf(&b, "From: %s<%s>\r\nSubject: %s\r\nMessage-ID: <tour.%d@pc.example>\r\n", author, l.writer.address, subject, l.number)
	for name, where := range map[string]place{"To": inTo, "Cc": inCc, "Bcc": inBcc, "Resent-To": inResent, "Reply-To": inReplyTo} {
		addresses := l.in(where)
		if where == inBcc && r.IntN(2) == 0 {
			continue
		}
		if n := len(addresses); n > 1 && r.IntN(4) == 0 { // a field twice
			b.WriteString(field(r, name, addresses[:n/2]))
			addresses = addresses[n/2:]
		}
		b.WriteString(field(r, name, addresses))
	}
	for i, address := range words {
		switch r.IntN(3) {
		case 0:
			fmt.Fprintf(&b, "X-Destinataires-%d: %s\r\n", i, address)
		case 1:
			fmt.Fprintf(&b, "Comments: %s\r\n", mime.BEncoding.Encode("utf-8", "pour é "+address))
		default:
			fmt.Fprintf(&b, "Keywords: a,\r\n %s\r\n", address)
		}
	}
	if l.thread != nil {
		fmt.Fprintf(&b, "In-Reply-To: <%s>\r\nReferences: <%s>\r\n", l.thread.id, l.thread.id)
	}
	return b.String() + "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + l.text()
}

// field writes addresses as a field: its name in any case, perhaps a group, folded anywhere.
func field(r *rand.Rand, name string, addresses []string) string {
	if len(addresses) == 0 {
		return ""
	}
	name = []string{name, strings.ToUpper(name), strings.ToLower(name), name + " "}[r.IntN(4)]
	list := make([]string, len(addresses))
	for i, a := range addresses {
		list[i] = written(r, a)
	}
	text := strings.Join(list, []string{", ", ",\r\n ", ",\r\n\t", " ,"}[r.IntN(4)])
	if r.IntN(6) == 0 {
		text = "=?utf-8?q?Familles_de_l=27=C3=A9cole?=: " + text + ";"
	}
	return name + ":" + []string{" ", "", "\r\n ", "  "}[r.IntN(4)] + text + "\r\n"
}

// written writes an address in one of the ways in which it may be written.
func written(r *rand.Rand, address string) string {
	local, domain, _ := strings.Cut(address, "@")
	switch r.IntN(11) {
	case 0:
		return "<" + address + ">"
	case 1:
		return "Anne Onyme <" + strings.ToUpper(address) + ">"
	case 2:
		return "=?UTF-8?B?Tm/DqQ==?= <" + address + ">"
	case 3:
		return mime.QEncoding.Encode("utf-8", "é "+address) + " <" + address + ">" // the address as a name
	case 4:
		return `"` + address + `" <` + address + `>`
	case 5:
		return `"` + local + `"@` + domain
	case 6:
		return strings.ReplaceAll(local, ".", " . ") + " (c) @ " + strings.ReplaceAll(domain, ".", " .\r\n ")
	case 7:
		return "<" + local + "+ecole@" + domain + ">"
	case 8:
		if domain == "gmail.com" {
			return "<" + strings.Join(strings.Split(strings.ReplaceAll(local, ".", ""), ""), ".") + "@GoogleMail.com>"
		}
	case 9:
		if domain == "xn--exmple-cua.fr" {
			return "Paul <" + local + "@exämple.fr>"
		}
	}
	return address
}
