package delivery

import (
	"testing"

	"pgregory.net/rapid"
)

// Every target lies in exactly one span, and no account stands twice in one.
func TestSpansCoverEachTargetOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		drawn := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) Target {
			return Target{Account: rapid.Int64Range(1, 30).Draw(rt, "account"), Mailbox: rapid.Int64Range(1, 4).Draw(rt, "mailbox")}
		}), 0, 60).Draw(rt, "targets")
		targets := distinct(drawn)
		size := rapid.IntRange(1, 10).Draw(rt, "size")
		covered := map[Target]int{}
		for _, sp := range spans(targets, size) {
			accounts := map[int64]bool{}
			n := 0
			for _, x := range targets {
				if x.Account < sp.FirstAccount || x.Account > sp.LastAccount || x.Mailbox < sp.FirstMailbox || x.Mailbox > sp.LastMailbox {
					continue
				}
				covered[x]++
				n++
				if accounts[x.Account] {
					rt.Fatalf("account %d stands twice in %+v", x.Account, sp)
				}
				accounts[x.Account] = true
			}
			if n == 0 || n > size {
				rt.Fatalf("%d targets in a span of at most %d", n, size)
			}
		}
		for _, x := range targets {
			if covered[x] != 1 {
				rt.Fatalf("%+v lies in %d spans", x, covered[x])
			}
		}
		seen := map[Target]bool{}
		for _, x := range drawn {
			seen[x] = true
		}
		if len(seen) != len(targets) {
			rt.Fatalf("%d distinct targets became %d", len(seen), len(targets))
		}
	})
}
