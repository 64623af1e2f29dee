package imapd

import (
	"strings"

	"navette/internal/box"
	"navette/internal/failure"
	"navette/internal/imap"
)

// rights are what somebody may do with a mailbox, by the letters of RFC 4314 §2.1. The right p is none of them: anybody
// may write to the address of a box, through submission.
type rights string

// The rights of each role. A reader does not even mark what was read: the state of a box is one, its members' common
// knowledge of what has been dealt with. One's own mailboxes give every right.
const (
	noRights     rights = ""
	readerRights rights = "lr"
	memberRights rights = "lrswikxte"
	ownerRights  rights = "lrswikxtea"
)

// rightsOf are the rights that a role gives on every mailbox of a box.
func rightsOf(r box.Role) rights {
	switch r {
	case box.Owner:
		return ownerRights
	case box.Member:
		return memberRights
	case box.Reader:
		return readerRights
	}
	return noRights
}

// roleOf is the role that gives exactly these rights, in any order; "" and true for none at all. Where no role does,
// ok is false: rights are not given one by one.
func (r rights) role() (role box.Role, ok bool) {
	if r == noRights {
		return "", true
	}
	for _, role := range []box.Role{box.Reader, box.Member, box.Owner} {
		if given := rightsOf(role); len(given) == len(r) && given.include(r) {
			return role, true
		}
	}
	return "", false
}

// include tells whether each of needed is among the rights.
func (r rights) include(needed rights) bool {
	for _, c := range string(needed) {
		if !strings.ContainsRune(string(r), c) {
			return false
		}
	}
	return true
}

// need is the failure of a command that asks for rights which are not there (RFC 4314 §4).
func (r rights) need(needed rights) error {
	if r.include(needed) {
		return nil
	}
	if needed == "a" {
		return failure.New(failure.Policy, "Seul un propriétaire de la boîte peut cela (only an owner may)")
	}
	return failure.New(failure.Policy, "Vous consultez cette boîte en lecture seule (you may only read this shared box)")
}

// Obsolete rights that older clients know stand for some of the others (RFC 4314 §2.1.1).
const (
	createRight  rights = "kx" // c
	deleteRight  rights = "te" // d
	obsoleteBoth        = "cd"
)

// onWire is the rights as responses name them: with the obsolete ones.
func (r rights) onWire() string {
	if r.include(createRight) && r.include(deleteRight) {
		return string(r) + obsoleteBoth
	}
	return string(r)
}

// parseRights reads what a client writes: each right once, obsolete ones as what they stand for. A letter that is no
// right of ours makes the command BAD (RFC 4314 §3.1).
func parseRights(text string) (rights, error) {
	var out rights
	for _, c := range strings.NewReplacer("c", string(createRight), "d", string(deleteRight)).Replace(text) {
		switch {
		case !strings.ContainsRune(string(ownerRights), c):
			return "", &imap.BadCommand{Text: "there is no right " + string(c) + " here"}
		case !strings.ContainsRune(string(out), c):
			out += rights(c)
		}
	}
	return out, nil
}

// changed applies SETACL to the rights that an identifier has.
func (r rights) changed(action imap.StoreAction, by rights) rights {
	without := func() rights {
		return rights(strings.Map(func(c rune) rune {
			if strings.ContainsRune(string(by), c) {
				return -1
			}
			return c
		}, string(r)))
	}
	switch action {
	case imap.StoreAdd:
		return without() + by
	case imap.StoreRemove:
		return without()
	}
	return by
}
