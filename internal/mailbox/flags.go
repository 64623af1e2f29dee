package mailbox

import (
	"slices"
	"strings"

	"navette/internal/failure"
)

// KeywordFlags are the registered keywords that are bits, by their lower-case name.
var KeywordFlags = map[string]Flags{
	"$forwarded": Forwarded,
	"$mdnsent":   MDNSent,
	"$junk":      Junk,
	"$notjunk":   NotJunk,
	"$phishing":  Phishing,
}

// normalKeywords drops bits that are no flags, sorts keywords, drops doubles, folds case (they are case-insensitive: RFC 9051 §2.3.2) and moves
// those that are bits into flags.
func normalKeywords(flags Flags, keywords []string) (Flags, []string, error) {
	flags &= emailFlags | Deleted
	if len(keywords) == 0 {
		return flags, nil, nil
	}
	out := make([]string, 0, len(keywords))
	for _, k := range keywords {
		k = strings.ToLower(k)
		if bit, ok := KeywordFlags[k]; ok {
			flags |= bit
			continue
		}
		if !validKeyword(k) {
			return 0, nil, failure.New(failure.Permanent, "keyword not allowed")
		}
		out = append(out, k)
	}
	slices.Sort(out)
	out = slices.Compact(out)
	if len(out) > MaxKeywords {
		return 0, nil, errTooManyKeywords()
	}
	if len(out) > 0 {
		flags |= HasKeywords
	}
	return flags, out, nil
}

func errTooManyKeywords() error {
	return failure.New(failure.Permanent, "at most %d keywords on one message", MaxKeywords)
}

// validKeyword follows JMAP's rule (RFC 8621 §4.1.1), which is IMAP's atom without ']'.
func validKeyword(k string) bool {
	if k == "" || len(k) > MaxKeyword {
		return false
	}
	for i := range len(k) {
		if c := k[i]; c <= ' ' || c > '~' || strings.IndexByte(`(){]%*"\`, c) >= 0 {
			return false
		}
	}
	return true
}

func joinKeywords(k []string) string { return strings.Join(k, " ") }

func splitKeywords(s string) []string { return strings.Fields(s) }

// apply combines an email's present flags (of one placement) with a change. The result's HasKeywords is right.
func (c *FlagChange) apply(flags Flags, keywords []string) (Flags, []string) {
	const settable = emailFlags | Deleted
	switch c.Mode {
	case AddFlags:
		flags |= c.Flags & settable
		keywords = union(keywords, c.Keywords)
	case RemoveFlags:
		flags &^= c.Flags & settable
		keywords = minus(keywords, c.Keywords)
	default:
		flags = c.Flags & settable
		keywords = c.Keywords
	}
	flags &^= HasKeywords
	if len(keywords) > 0 {
		flags |= HasKeywords
	}
	return flags, keywords
}

func union(a, b []string) []string {
	if len(b) == 0 {
		return a
	}
	out := append(slices.Clone(a), b...)
	slices.Sort(out)
	return slices.Compact(out)
}

func minus(a, b []string) []string {
	if len(a) == 0 || len(b) == 0 {
		return a
	}
	return slices.DeleteFunc(slices.Clone(a), func(k string) bool {
		_, found := slices.BinarySearch(b, k)
		return found
	})
}
