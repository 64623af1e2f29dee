package mail

import "strings"

const (
	maxReferences  = 40  // ids kept of one message
	firstReference = 8   // of them from the beginning: the roots of the conversation
	maxMessageID   = 998 // bytes of one id; longer ones are none (RFC 5322 §2.1.1)
)

// messageIDs gives the ids of a References, In-Reply-To or Message-ID value in order, without angle brackets. Text
// between them is passed over; without any brackets, one word with an "@" is an id.
func messageIDs(s string, yield func(id string) bool) {
	if strings.IndexByte(s, '<') < 0 {
		id := strings.TrimSpace(s)
		if strings.IndexByte(id, '@') > 0 && !strings.ContainsAny(id, " \t>,;") && len(id) <= maxMessageID {
			yield(id)
		}
		return
	}
	for {
		open := strings.IndexByte(s, '<')
		if open < 0 {
			return
		}
		s = s[open+1:]
		end := strings.IndexAny(s, "<>")
		if end < 0 {
			return
		}
		id := s[:end]
		if s[end] == '<' {
			continue // never closed: another one opens
		}
		if strings.ContainsAny(id, " \t\"") {
			id = squeezeID(id)
		}
		s = s[end+1:]
		if id != "" && len(id) <= maxMessageID && !yield(id) {
			return
		}
	}
}

// squeezeID removes spaces that folding left in an id, and the quotes of a local part that needs none (RFC 5322 §3.6.4 wants
// them seen as the same).
func squeezeID(id string) string {
	return strings.NewReplacer(" ", "", "\t", "", `"`, "").Replace(id)
}

func firstMessageID(s string) (id string) {
	messageIDs(s, func(found string) bool { id = found; return false })
	return id
}

// references joins References and In-Reply-To, each id once, the first ones and the last ones.
func references(refs, inReplyTo string) []string {
	if refs == "" && inReplyTo == "" {
		return nil
	}
	var out []string
	add := func(id string) bool {
		for _, have := range out {
			if have == id {
				return true
			}
		}
		if len(out) == maxReferences {
			out = append(out[:firstReference], out[firstReference+1:]...)
		}
		out = append(out, id)
		return true
	}
	messageIDs(refs, add)
	messageIDs(inReplyTo, add)
	return out
}
