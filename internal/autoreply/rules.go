package autoreply

import (
	"slices"
	"strings"

	"navette/internal/directory"
	"navette/internal/mail"
)

// received is what the rules see of a message.
type received struct {
	reversePath string
	messageID   string   // without angle brackets, "" for none
	subject     string   // decoded
	named       []string // addresses in To and Cc, normalised
	automatic   bool     // a program sent it, or a list
}

// read gathers it from the header, our own trace fields included.
func read(header []byte) received {
	var m received
	traced := false // the first Return-Path is ours; others are the sender's
	for f := range mail.HeaderFields(header) {
		name, value := strings.ToLower(f.Name), strings.ToLower(strings.TrimSpace(string(f.Value)))
		switch {
		case name == "return-path" && !traced:
			traced = true
			m.reversePath = strings.Trim(strings.TrimSpace(string(f.Value)), "<>")
		case name == "message-id":
			m.messageID = strings.Trim(strings.TrimSpace(string(f.Value)), "<>")
		case name == "subject":
			m.subject = f.Text()
		case name == "to", name == "cc":
			for _, a := range mail.ParseAddressList(string(f.Value)) {
				if normal, err := directory.Normalize(a.Addr()); err == nil {
					m.named = append(m.named, normal)
				}
			}
		case name == "auto-submitted": // RFC 3834 §5
			keyword, _, _ := strings.Cut(value, ";")
			m.automatic = m.automatic || strings.TrimSpace(keyword) != "no"
		case strings.HasPrefix(name, "list-"): // RFC 2369, RFC 2919
			m.automatic = true
		case name == "precedence":
			m.automatic = m.automatic || slices.Contains([]string{"bulk", "list", "junk"}, value)
		case name == "x-auto-response-suppress":
			m.automatic = m.automatic || strings.Contains(value, "all") || strings.Contains(value, "autoreply") || strings.Contains(value, "oof")
		case name == "content-type":
			m.automatic = m.automatic || strings.HasPrefix(value, "multipart/report")
		case name == "x-spam-flag":
			m.automatic = m.automatic || value == "yes"
		}
	}
	return m
}

// mayAnswer tells whether a message is answered, and at which of the account's own addresses it was written to
// (RFC 3834 §2): a person wrote, by name, to somebody who is not the writer.
func (m received) mayAnswer(own []string) (at string, ok bool) {
	from, err := directory.Normalize(m.reversePath)
	if err != nil || m.automatic || isMachine(from) || slices.Contains(own, from) {
		return "", false
	}
	for _, address := range m.named {
		if slices.Contains(own, address) {
			return address, true
		}
	}
	return "", false
}

// isMachine reports the reverse-paths behind which nobody reads (RFC 3834 §2, RFC 2142).
func isMachine(address string) bool {
	local, _, _ := strings.Cut(address, "@")
	switch {
	case strings.HasPrefix(local, "owner-"), strings.HasSuffix(local, "-owner"), strings.HasSuffix(local, "-request"),
		strings.HasPrefix(local, "bounce"), strings.HasSuffix(local, "-bounces"), strings.Contains(local, "bounces+"),
		strings.HasPrefix(local, "prvs="), strings.HasPrefix(local, "srs0="), strings.HasPrefix(local, "srs1="):
		return true
	}
	plain := strings.NewReplacer("-", "", "_", "", ".", "").Replace(local)
	return slices.Contains([]string{"mailerdaemon", "postmaster", "noreply", "donotreply", "nepasrepondre", "listserv", "majordomo", "daemon", "root", "nobody"}, plain)
}
