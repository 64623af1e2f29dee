package imapd_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// picture is what a client believes of its mailbox from nothing but what the server says.
type picture struct {
	uids []int          // by sequence number; 0 where the client was told of a message but not of its UID
	flag map[int]string // by UID
}

var (
	existsLine   = regexp.MustCompile(`^\* (\d+) EXISTS$`)
	vanishedLine = regexp.MustCompile(`^\* VANISHED ([0-9:,]+)$`)
	expungeLine  = regexp.MustCompile(`^\* (\d+) EXPUNGE$`)
	fetchLine    = regexp.MustCompile(`^\* (\d+) FETCH \((?:UID (\d+) )?(?:FLAGS \(([^)]*)\))?`)
)

// hear takes in one untagged line, or says why it cannot be true. expunge tells whether the command in progress allows
// EXPUNGE (invariant 4).
func (p *picture) hear(line string, expunge bool) error {
	if x := expungeLine.FindStringSubmatch(line); x != nil {
		n, _ := strconv.Atoi(x[1])
		if !expunge {
			return fmt.Errorf("heard %q during a command that forbids it", line)
		}
		if n < 1 || n > len(p.uids) {
			return fmt.Errorf("heard %q with %d messages", line, len(p.uids))
		}
		delete(p.flag, p.uids[n-1])
		p.uids = slices.Delete(p.uids, n-1, n)
	}
	if x := vanishedLine.FindStringSubmatch(line); x != nil {
		if !expunge {
			return fmt.Errorf("heard %q during a command that forbids it", line)
		}
		return p.vanish(x[1])
	}
	if x := existsLine.FindStringSubmatch(line); x != nil {
		n, _ := strconv.Atoi(x[1])
		if n < len(p.uids) {
			return fmt.Errorf("heard %q with %d messages", line, len(p.uids))
		}
		p.uids = append(p.uids, make([]int, n-len(p.uids))...)
	}
	if x := fetchLine.FindStringSubmatch(line); x != nil {
		n, _ := strconv.Atoi(x[1])
		if n < 1 || n > len(p.uids) {
			return fmt.Errorf("heard %q with %d messages", line, len(p.uids))
		}
		if x[2] != "" {
			uid, _ := strconv.Atoi(x[2])
			if p.uids[n-1] != 0 && p.uids[n-1] != uid {
				return fmt.Errorf("heard %q of a message with UID %d", line, p.uids[n-1])
			}
			p.uids[n-1] = uid
		}
		if uid := p.uids[n-1]; uid != 0 && strings.Contains(line, "FLAGS (") {
			p.flag[uid] = x[3]
		}
	}
	return nil
}

// vanish takes out the messages that VANISHED names. One whose UID the client has not learnt is the first of those at
// the end.
func (p *picture) vanish(set string) error {
	for _, uid := range numbersOf(set) {
		at := slices.Index(p.uids, uid)
		if at < 0 {
			at = slices.Index(p.uids, 0)
		}
		if at < 0 {
			return fmt.Errorf("UID %d vanished, which was not there", uid)
		}
		delete(p.flag, uid)
		p.uids = slices.Delete(p.uids, at, at+1)
	}
	return nil
}

// numbersOf lists the numbers of a set on the wire.
func numbersOf(set string) (out []int) {
	for part := range strings.SplitSeq(set, ",") {
		first, last, more := strings.Cut(part, ":")
		from, _ := strconv.Atoi(first)
		to := from
		if more {
			to, _ = strconv.Atoi(last)
		}
		for n := from; n <= to; n++ {
			out = append(out, n)
		}
	}
	return out
}

// unlearnt is the sequence number of the first message whose UID the client does not know; 0 for none.
func (p *picture) unlearnt() int { return slices.Index(p.uids, 0) + 1 }
