package origin

import (
	"strings"

	"navette/internal/directory"
	"navette/internal/mail"
)

// judge looks at senders with what is known at an instant.
type judge struct {
	eye      eye
	ours     []domain
	borrowed []domain
	phrases  [][]string
	names    *index
}

// maxSenders bounds how many members of From are looked at: honest mail has one.
const maxSenders = 4

// mark looks at the header of a message. internet tells that it came from there; what a program of ours hands in under
// an address of ours comes from inside.
func (j *judge) mark(e *mail.Envelope, internet bool) Mark {
	seen := map[Sign]bool{}
	inside := len(e.From) > 0
	for _, from := range e.From[:min(len(e.From), maxSenders)] {
		if from.Kind != mail.Mailbox {
			continue
		}
		inside = j.sender(from, seen) && inside
	}
	if inside && !internet {
		return Mark{}
	}
	if j.repliesElsewhere(e) {
		seen[ReplyTo] = true
	}
	m := Mark{Outside: true}
	for _, t := range sentences() {
		if seen[t.sign] {
			m.Signs = append(m.Signs, t.sign)
		}
	}
	return m
}

// sender looks at one author; inside tells that the address is one of ours.
func (j *judge) sender(a mail.Address, seen map[Sign]bool) (inside bool) {
	ascii, shown := host(a.Host)
	if j.own(ascii) {
		seen[OwnAddress] = true
		return true
	}
	known := ministry(ascii)
	if !known && j.neighbour(shown) {
		seen[Domain] = true
	}
	if j.borrows(a.Mailbox, known) {
		seen[LocalPart] = true
	}
	j.name(a, known, seen)
	return false
}

func (j *judge) own(ascii string) bool {
	for _, d := range j.ours {
		if under(ascii, d.name) {
			return true
		}
	}
	return false
}

func (j *judge) neighbour(shown string) bool {
	for _, d := range j.borrowed {
		if d.resembles(j.eye, shown) {
			return true
		}
	}
	return false
}

// borrows reports a local part that holds the name of a domain of ours, or has the form of a school's box.
func (j *judge) borrows(local string, known bool) bool {
	if rest, ok := strings.CutPrefix(strings.ToLower(local), "ce."); ok && !known {
		if _, err := directory.ParseUAI(rest); err == nil {
			return true
		}
	}
	list := tokens(j.eye.sees(local))
	for _, d := range j.borrowed {
		if len(d.stem) > 1 && contains(list, d.stem) {
			return true
		}
	}
	return false
}

// name looks at the displayed name.
func (j *judge) name(a mail.Address, known bool, seen map[Sign]bool) {
	display := cut(a.DisplayName())
	if display == "" {
		return
	}
	sign, disguised := j.names.whose(j.eye, display)
	switch {
	case sign == ServiceName && known: // there is a collège Jean-Moulin in every académie
	case sign != "":
		seen[sign] = true
		seen[Disguised] = disguised
	case !known && j.official(display):
		seen[ServiceName] = true
	}
	if address := addressIn(display); address != "" && directory.MatchKey(address) != directory.MatchKey(a.Addr()) {
		seen[OtherAddress] = true
	}
}

// official reports a name that speaks for the institution: by a phrase, or by the name of a domain.
func (j *judge) official(display string) bool {
	list := words(j.eye.latin(display))
	for _, phrase := range j.phrases {
		if contains(list, phrase) {
			return true
		}
	}
	seen := strings.Fields(j.eye.sees(strings.Join(list, " ")))
	for _, d := range j.borrowed {
		if len(d.stem) > 1 && contains(seen, d.stem) {
			return true
		}
	}
	return false
}

// maxDisplay bounds how much of a name is looked at, in octets.
const maxDisplay = 256

func cut(s string) string {
	return strings.TrimSpace(strings.ToValidUTF8(s[:min(len(s), maxDisplay)], ""))
}

// addressIn gives the first address that stands in a displayed name, or "".
func addressIn(display string) string {
	for _, word := range strings.FieldsFunc(display, func(r rune) bool { return strings.ContainsRune(" <>()[]\"',;:", r) }) {
		if _, domain, found := strings.Cut(word, "@"); found && strings.Contains(domain, ".") && directory.MatchKey(word) != "" {
			return word
		}
	}
	return ""
}

// repliesElsewhere reports a Reply-To in a domain that is neither From's, nor above nor below it.
func (j *judge) repliesElsewhere(e *mail.Envelope) bool {
	for _, to := range e.ReplyTo[:min(len(e.ReplyTo), maxSenders)] {
		if to.Kind != mail.Mailbox || to.Host == "" {
			continue
		}
		answer, _ := host(to.Host)
		elsewhere := len(e.From) > 0
		for _, from := range e.From[:min(len(e.From), maxSenders)] {
			written, _ := host(from.Host)
			elsewhere = elsewhere && !under(answer, written) && !under(written, answer)
		}
		if elsewhere {
			return true
		}
	}
	return false
}
