package imapd

import (
	"context"
	"slices"
	"strings"

	"navette/internal/imap"
	"navette/internal/mailbox"
)

// maxPatterns is how many octets the patterns of one LIST may have: matching takes time in proportion.
const maxPatterns = 4 << 10

// useOf is the special-use attribute (RFC 6154) of each role (RFC 8621 §2).
var useOf = map[string]string{"drafts": `\Drafts`, "sent": `\Sent`, "trash": `\Trash`, "junk": `\Junk`, "archive": `\Archive`}

// list is LIST (RFC 3501 §6.3.8, RFC 5258).
func (s *session) list(ctx context.Context, c imap.List) (reply, error) {
	patterns, answer := patternsOf(c.Reference, c.Patterns)
	if patterns == nil {
		return answer, nil
	}
	if !c.Extended && c.Patterns[0] == "" {
		s.out.ListRoot()
		return ok("listed"), nil
	}
	boxes, _, err := s.srv.cfg.Mailboxes.List(ctx, s.who.Account)
	if err != nil {
		return reply{}, err
	}
	names := namesIn(boxes)
	for i := range boxes {
		m := &boxes[i]
		if !matchAny(patterns, m.Name) {
			continue
		}
		entry, listed := listEntry(c, m, boxes, names)
		if !listed {
			continue
		}
		s.out.List(entry)
		if len(c.ReturnStatus) > 0 {
			s.out.MailboxStatus(m.Name, s.statusValues(c.ReturnStatus, m))
		}
	}
	return ok("listed"), nil
}

// listEntry describes a mailbox as LIST's options ask, and tells whether they select it.
func listEntry(c imap.List, m *mailbox.Mailbox, boxes []mailbox.Mailbox, names []string) (imap.ListEntry, bool) {
	selects := func(m *mailbox.Mailbox) bool {
		return (!c.SelectSubscribed || m.Subscribed) && (!c.SelectSpecialUse || useOf[m.Role] != "")
	}
	e := imap.ListEntry{Name: m.Name}
	listed := selects(m)
	if c.SelectRecursive {
		e.ChildInfo = slices.ContainsFunc(boxes, func(kid mailbox.Mailbox) bool {
			return strings.HasPrefix(kid.Name, m.Name+"/") && selects(&kid)
		})
		listed = listed || e.ChildInfo
	}
	if m.Subscribed && (c.SelectSubscribed || c.ReturnSubscribed) {
		e.Attributes = append(e.Attributes, `\Subscribed`)
	}
	// CHILDREN is asked for by those who extend LIST, and free for the others (RFC 3348).
	if !c.Extended || c.ReturnChildren {
		if hasChildren(names, m.Name) {
			e.Attributes = append(e.Attributes, `\HasChildren`)
		} else {
			e.Attributes = append(e.Attributes, `\HasNoChildren`)
		}
	}
	if use := useOf[m.Role]; use != "" && (!c.Extended || c.ReturnSpecialUse || c.SelectSpecialUse) {
		e.Attributes = append(e.Attributes, use)
	}
	return e, listed
}

// lsub is LSUB (RFC 3501 §6.3.9). A pattern that ends in % also shows, as \Noselect, what is not subscribed itself but
// has subscribed mailboxes below.
func (s *session) lsub(ctx context.Context, c imap.Lsub) (reply, error) {
	patterns, answer := patternsOf(c.Reference, []string{c.Pattern})
	if patterns == nil {
		return answer, nil
	}
	boxes, _, err := s.srv.cfg.Mailboxes.List(ctx, s.who.Account)
	if err != nil {
		return reply{}, err
	}
	for i := range boxes {
		m := &boxes[i]
		if !matchAny(patterns, m.Name) {
			continue
		}
		if m.Subscribed {
			s.out.Lsub(imap.ListEntry{Name: m.Name})
			continue
		}
		if strings.HasSuffix(c.Pattern, "%") && slices.ContainsFunc(boxes, func(kid mailbox.Mailbox) bool {
			return kid.Subscribed && strings.HasPrefix(kid.Name, m.Name+"/")
		}) {
			s.out.Lsub(imap.ListEntry{Attributes: []string{`\Noselect`}, Name: m.Name})
		}
	}
	return ok("listed"), nil
}

// namesIn returns the names of mailboxes, sorted.
func namesIn(boxes []mailbox.Mailbox) []string {
	names := make([]string, len(boxes))
	for i := range boxes {
		names[i] = boxes[i].Name
	}
	slices.Sort(names)
	return names
}

// hasChildren tells whether some of the sorted names lie below name.
func hasChildren(names []string, name string) bool {
	i, _ := slices.BinarySearch(names, name+"/")
	return i < len(names) && strings.HasPrefix(names[i], name+"/")
}

// patternsOf joins the reference to each pattern (RFC 3501 §6.3.8); nil and an answer where they are too long.
func patternsOf(reference string, patterns []string) ([]string, reply) {
	out := make([]string, len(patterns))
	size := 0
	for i, p := range patterns {
		out[i] = reference + p
		if size += len(out[i]); size > maxPatterns {
			return nil, no(imap.CodeLimit, "the patterns are too long")
		}
	}
	return out, reply{}
}

func matchAny(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matchPattern(p, name) })
}

// matchPattern tells whether a mailbox name matches a pattern: * stands for anything, % for anything without the
// separator. INBOX has no case. The time is that of len(pattern) × len(name).
func matchPattern(pattern, name string) bool {
	if first, _, _ := strings.Cut(pattern, "/"); strings.EqualFold(first, "INBOX") {
		pattern = "INBOX" + pattern[len(first):]
	}
	// reach[i] tells whether the pattern so far matches name[:i].
	reach := make([]bool, len(name)+1)
	reach[0] = true
	for k := range len(pattern) {
		switch c := pattern[k]; c {
		case '*', '%':
			for i := 1; i <= len(name); i++ {
				if reach[i-1] && (c == '*' || name[i-1] != '/') {
					reach[i] = true
				}
			}
		default:
			for i := len(name); i > 0; i-- {
				reach[i] = reach[i-1] && name[i-1] == c
			}
			reach[0] = false
		}
	}
	return reach[len(name)]
}
