package imapd

import (
	"context"
	"slices"
	"strings"

	"navette/internal/imap"
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
	nodes, err := s.tree(ctx, patterns)
	if err != nil {
		return reply{}, err
	}
	names := namesOfNodes(nodes)
	for i := range nodes {
		n := &nodes[i]
		if !matchAny(patterns, n.name) {
			continue
		}
		entry, listed := listEntry(c, n, nodes, names)
		if !listed {
			continue
		}
		s.out.List(entry)
		if len(c.ReturnStatus) > 0 && n.mailbox != nil {
			s.out.MailboxStatus(n.name, s.statusValues(c.ReturnStatus, n.account, n.mailbox))
		}
	}
	return ok("listed"), nil
}

// listEntry describes a node as LIST's options ask, and tells whether they select it.
func listEntry(c imap.List, n *node, nodes []node, names []string) (imap.ListEntry, bool) {
	selects := func(n *node) bool {
		return (!c.SelectSubscribed || n.subscribed) && (!c.SelectSpecialUse || n.use() != "")
	}
	e := imap.ListEntry{Name: n.name}
	listed := selects(n)
	if c.SelectRecursive {
		e.ChildInfo = slices.ContainsFunc(nodes, func(kid node) bool {
			return strings.HasPrefix(kid.name, n.name+"/") && selects(&kid)
		})
		listed = listed || e.ChildInfo
	}
	if n.mailbox == nil {
		e.Attributes = append(e.Attributes, `\Noselect`)
	}
	if n.subscribed && (c.SelectSubscribed || c.ReturnSubscribed) {
		e.Attributes = append(e.Attributes, `\Subscribed`)
	}
	// CHILDREN is asked for by those who extend LIST, and free for the others (RFC 3348).
	if !c.Extended || c.ReturnChildren {
		if hasChildren(names, n.name) {
			e.Attributes = append(e.Attributes, `\HasChildren`)
		} else {
			e.Attributes = append(e.Attributes, `\HasNoChildren`)
		}
	}
	if use := n.use(); use != "" && (!c.Extended || c.ReturnSpecialUse || c.SelectSpecialUse) {
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
	nodes, err := s.tree(ctx, patterns)
	if err != nil {
		return reply{}, err
	}
	for i := range nodes {
		n := &nodes[i]
		if !matchAny(patterns, n.name) {
			continue
		}
		if n.subscribed {
			s.out.Lsub(imap.ListEntry{Name: n.name})
			continue
		}
		if strings.HasSuffix(c.Pattern, "%") && slices.ContainsFunc(nodes, func(kid node) bool {
			return kid.subscribed && strings.HasPrefix(kid.name, n.name+"/")
		}) {
			s.out.Lsub(imap.ListEntry{Attributes: []string{`\Noselect`}, Name: n.name})
		}
	}
	return ok("listed"), nil
}

// namesOfNodes returns the names of nodes, sorted.
func namesOfNodes(nodes []node) []string {
	names := make([]string, len(nodes))
	for i := range nodes {
		names[i] = nodes[i].name
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

// beginAny tells whether some pattern may match a name that begins with head.
func beginAny(patterns []string, head string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { _, begins := match(p, head); return begins })
}

// matchPattern tells whether a mailbox name matches a pattern: * stands for anything, % for anything without the
// separator. INBOX has no case.
func matchPattern(pattern, name string) bool {
	whole, _ := match(pattern, name)
	return whole
}

// match tells whether a pattern matches a name, and whether some beginning of it does: then the pattern matches the name
// with something more behind it. The time is that of len(pattern) × len(name).
func match(pattern, name string) (whole, begins bool) {
	if first, _, _ := strings.Cut(pattern, "/"); strings.EqualFold(first, "INBOX") {
		pattern = "INBOX" + pattern[len(first):]
	}
	// reach[i] tells whether the pattern so far matches name[:i].
	reach := make([]bool, len(name)+1)
	reach[0] = true
	begins = name == ""
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
		begins = begins || reach[len(name)]
	}
	return reach[len(name)], begins
}
