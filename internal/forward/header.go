package forward

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"navette/internal/directory"
	"navette/internal/forgery"
	"navette/internal/mail"
	"navette/internal/origin"
)

// tag is that of the reverse-path under which copies leave.
const tag = "transfert"

// maxHops is how many forwards a message may have gone through.
const maxHops = 10

// received is what the rules see of a message.
type received struct {
	reversePath string
	been        []string // Delivered-To, normalised
	named       []string // addresses in the fields that name people, normalised
	returned    bool     // a report about a copy that left
	told        bool     // what Navette tells the holder
}

// naming are the fields that name people.
func naming() []string {
	return []string{"from", "sender", "reply-to", "to", "cc", "bcc", "resent-from", "resent-sender", "resent-to", "resent-cc"}
}

// read gathers it from prefix and header. own are the addresses of the mailbox, postmaster is who writes what Navette
// tells.
func read(header []byte, own []string, postmaster string) received {
	var m received
	traced := false // the first Return-Path is ours; others are the sender's
	for f := range mail.HeaderFields(header) {
		name := strings.ToLower(f.Name)
		switch {
		case name == "return-path" && !traced:
			traced = true
			m.reversePath = strings.Trim(strings.TrimSpace(string(f.Value)), "<>")
		case name == "delivered-to":
			m.been = append(m.been, normal(strings.TrimSpace(string(f.Value))))
		case slices.Contains(naming(), name):
			for _, a := range mail.ParseAddressList(string(f.Value)) {
				l, err := directory.ParseLookup(a.Addr())
				if err != nil {
					continue
				}
				m.named = append(m.named, l.Key())
				m.told = m.told || name == "from" && l.Key() == postmaster
				m.returned = m.returned || name == "to" && strings.EqualFold(l.Tag, tag) && slices.Contains(own, l.Key())
			}
		}
	}
	m.returned = m.returned && m.reversePath == ""
	m.told = m.told && m.reversePath == ""
	return m
}

func normal(address string) string {
	n, err := directory.Normalize(address)
	if err != nil {
		return address
	}
	return n
}

// mayGo tells that a message has not been where it would go, nor where it is, and is not for the holder alone: own are
// the addresses of the mailbox.
func (m received) mayGo(own []string, target string) bool {
	if m.returned || m.told || len(m.been) > maxHops || slices.Contains(own, target) {
		return false
	}
	for _, address := range m.been {
		if address == target || slices.Contains(own, address) {
			return false
		}
	}
	return true
}

// onward is the prefix of a copy that leaves a mailbox, whose primary address is given: a trace of its own, then the
// prefix that the mailbox's copy has. Outside gets none of the fields with which we tell our own readers something; the
// proof of who wrote stays, for whoever asks us to look at it.
func onward(prefix []byte, reversePath, primary, hostname string, at time.Time, outside bool) []byte {
	b := fmt.Appendf(nil, "Return-Path: <%s>\r\nDelivered-To: %s\r\nReceived: by %s (transfert automatique);\r\n\t%s\r\n",
		reversePath, primary, hostname, at.Format("Mon, 02 Jan 2006 15:04:05 -0700"))
	for f := range mail.HeaderFields(prefix) {
		switch {
		case strings.EqualFold(f.Name, "Return-Path"), strings.EqualFold(f.Name, forgery.Author):
		case outside && strings.EqualFold(f.Name, origin.Field):
		default:
			b = append(b, prefix[f.Offset:f.Offset+f.Size]...)
		}
	}
	return b
}

// isDelivery tells that the prefix is that of a message which a delivery brought, and not of one that a client or the
// holder's own sending put there.
func isDelivery(prefix []byte) bool { return bytes.HasPrefix(prefix, []byte("Return-Path:")) }
