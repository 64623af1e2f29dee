package imapd

import (
	"context"
	"slices"
	"strings"

	"navette/internal/mailbox"
)

// node is a name that LIST and LSUB show: a mailbox, or a level above some that is none.
type node struct {
	name       string
	account    int64
	mailbox    *mailbox.Mailbox // nil for a mere level
	subscribed bool
}

// use is a node's special-use attribute, "" for none.
func (n *node) use() string {
	if n.mailbox == nil {
		return ""
	}
	return useOf[n.mailbox.Role]
}

// tree returns what a session's owner finds: their own mailboxes, INBOX first, and those of shared boxes whose names
// the patterns can match.
func (s *session) tree(ctx context.Context, patterns []string) ([]node, error) {
	own, _, err := s.srv.cfg.Mailboxes.List(ctx, s.who.Account)
	if err != nil {
		return nil, err
	}
	nodes := make([]node, 0, len(own))
	for i := range own {
		nodes = append(nodes, node{name: own[i].Name, account: s.who.Account, mailbox: &own[i], subscribed: own[i].Subscribed})
	}
	if !matchAny(patterns, mailbox.SharedRoot) && !beginAny(patterns, sharedPrefix) {
		return nodes, nil
	}
	return s.addShared(ctx, patterns, nodes)
}

// addShared adds the shared boxes and the archives of lists to a tree: three queries each.
func (s *session) addShared(ctx context.Context, patterns []string, nodes []node) ([]node, error) {
	open, err := s.opens(ctx)
	if err != nil || len(open) == 0 {
		return nodes, err
	}
	hidden, err := s.srv.cfg.Mailboxes.Unsubscribed(ctx, s.who.Account)
	if err != nil {
		return nil, err
	}
	nodes = append(nodes, node{name: mailbox.SharedRoot})
	for _, o := range open {
		if root := sharedPrefix + o.login; !beginAny(patterns, root) && !matchAny(patterns, mailbox.SharedRoot) {
			continue
		}
		boxes, _, err := s.srv.cfg.Mailboxes.List(ctx, o.account)
		if err != nil {
			return nil, err
		}
		if o.posts {
			boxes = slices.DeleteFunc(boxes, func(m mailbox.Mailbox) bool { return m.Name != "INBOX" })
		}
		nodes = append(nodes, boxNodes(sharedPrefix+o.login, o.account, boxes, hidden)...)
	}
	return nodes, nil
}

// boxNodes are the names of a box. What lies below INBOX within it keeps a level of that name, so that each mailbox has
// one name and each name one mailbox.
func boxNodes(root string, account int64, boxes []mailbox.Mailbox, hidden map[mailbox.Place]bool) []node {
	nodes := make([]node, 0, len(boxes)+1)
	for i := range boxes {
		m := &boxes[i]
		nodes = append(nodes, node{name: nameIn(root, m.Name), account: account, mailbox: m,
			subscribed: !hidden[mailbox.Place{Account: account, Mailbox: m.ID}]})
	}
	if slices.ContainsFunc(boxes, func(m mailbox.Mailbox) bool { return strings.HasPrefix(m.Name, "INBOX/") }) {
		nodes = append(nodes, node{name: root + "/INBOX", account: account})
	}
	return nodes
}
