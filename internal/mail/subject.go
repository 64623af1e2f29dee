package mail

import "strings"

// baseSubject reduces a decoded subject to what a conversation shares (RFC 5256 §2.1). Its case is kept; whoever
// compares folds it.
func baseSubject(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	for {
		s = trimTrailer(s)
		for {
			next := trimLeader(s)
			if next == s {
				if blob := skipBlob(s); blob > 0 && blob < len(s) {
					next = strings.TrimLeft(s[blob:], " ")
				}
			}
			if next == s || (next == "" && s != "" && !isLeader(s)) {
				break
			}
			s = next
		}
		inner, ok := trimForwarded(s)
		if !ok {
			return s
		}
		s = inner
	}
}

// trimTrailer removes "(fwd)" and spaces at the end: subj-trailer.
func trimTrailer(s string) string {
	for {
		s = strings.TrimRight(s, " ")
		if len(s) < 5 || !strings.EqualFold(s[len(s)-5:], "(fwd)") {
			return s
		}
		s = s[:len(s)-5]
	}
}

// trimLeader removes one subj-leader: "[list] Re[2]: ", or spaces.
func trimLeader(s string) string {
	if n := leaderSize(s); n > 0 {
		return strings.TrimLeft(s[n:], " ")
	}
	return strings.TrimLeft(s, " ")
}

func isLeader(s string) bool { return leaderSize(s) > 0 }

// leaderSize counts *subj-blob subj-refwd.
func leaderSize(s string) int {
	at := 0
	for {
		n := skipBlob(s[at:])
		if n == 0 {
			break
		}
		at += n
	}
	switch rest := s[at:]; {
	case hasPrefixFold(rest, "fwd"):
		at += 3
	case hasPrefixFold(rest, "re"), hasPrefixFold(rest, "fw"):
		at += 2
	default:
		return 0
	}
	for at < len(s) && s[at] == ' ' {
		at++
	}
	at += skipBlob(s[at:])
	if at < len(s) && s[at] == ':' {
		return at + 1
	}
	return 0
}

// skipBlob counts "[anything without brackets]" and the spaces after it: subj-blob.
func skipBlob(s string) int {
	if !strings.HasPrefix(s, "[") {
		return 0
	}
	end := strings.IndexAny(s[1:], "[]")
	if end < 0 || s[1+end] != ']' {
		return 0
	}
	at := end + 2
	for at < len(s) && s[at] == ' ' {
		at++
	}
	return at
}

// trimForwarded takes what stands in "[fwd: … ]".
func trimForwarded(s string) (string, bool) {
	if hasPrefixFold(s, "[fwd:") && strings.HasSuffix(s, "]") {
		return strings.TrimSpace(s[5 : len(s)-1]), true
	}
	return s, false
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}
