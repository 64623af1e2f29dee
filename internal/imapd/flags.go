package imapd

import (
	"slices"
	"strings"

	"navette/internal/imap"
	"navette/internal/mailbox"
)

// flagNames are the flags that are bits, as the wire names them.
var flagNames = []struct {
	bit  mailbox.Flags
	name string
}{
	{mailbox.Seen, imap.FlagSeen}, {mailbox.Answered, imap.FlagAnswered}, {mailbox.Flagged, imap.FlagFlagged},
	{mailbox.Deleted, imap.FlagDeleted}, {mailbox.Draft, imap.FlagDraft},
	{mailbox.Forwarded, "$Forwarded"}, {mailbox.MDNSent, "$MDNSent"}, {mailbox.Junk, "$Junk"},
	{mailbox.NotJunk, "$NotJunk"}, {mailbox.Phishing, "$Phishing"},
}

// definedFlags are those that every mailbox has.
var definedFlags = func() []string {
	names := make([]string, len(flagNames))
	for i, f := range flagNames {
		names[i] = f.name
	}
	return names
}()

// namesOf lists the flags of a placement; buf is reused.
func namesOf(buf []string, flags mailbox.Flags, keywords []string) []string {
	buf = buf[:0]
	for _, f := range flagNames {
		if flags&f.bit != 0 {
			buf = append(buf, f.name)
		}
	}
	return append(buf, keywords...)
}

// parseFlags splits flags from the wire into bits and keywords. \Recent, which nobody can set, is passed over.
func parseFlags(names []string) (flags mailbox.Flags, keywords []string, err error) {
	for _, name := range names {
		if !strings.HasPrefix(name, `\`) {
			keywords = append(keywords, name)
			continue
		}
		if strings.EqualFold(name, `\Recent`) {
			continue
		}
		i := slices.IndexFunc(flagNames, func(f struct {
			bit  mailbox.Flags
			name string
		}) bool {
			return f.name == name
		})
		if i < 0 {
			return 0, nil, &imap.BadCommand{Text: "there is no system flag " + name}
		}
		flags |= flagNames[i].bit
	}
	return flags, keywords, nil
}

// maxKeywords is how many keywords of one mailbox a session remembers to have named.
const maxKeywords = 200

// announce names keywords in a FLAGS response before they are used for the first time (RFC 3501 §7.2.6).
func (s *session) announce(keywords []string) {
	fresh := false
	for _, k := range keywords {
		if len(s.box.keywords) < maxKeywords && !slices.Contains(s.box.keywords, k) {
			s.box.keywords = append(s.box.keywords, k)
			fresh = true
		}
	}
	if fresh {
		s.out.Flags(append(definedFlags[:len(definedFlags):len(definedFlags)], s.box.keywords...))
	}
}
