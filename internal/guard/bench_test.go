package guard_test

import (
	"fmt"
	"testing"

	"navette/internal/guard"
)

// The largest messages: a thousand families in Cci beside one in À, a thousand in À, and a list of thirty thousand
// agents that a program hands in.
func BenchmarkDecide(b *testing.B) {
	many := func(n int, make func(i int) someone) (out []someone) {
		for i := range n {
			out = append(out, make(i))
		}
		return out
	}
	families := many(1000, func(i int) someone { return family(fmt.Sprintf("famille%d@example.net", i)) })
	agents := many(30_000, func(i int) someone { return agent(fmt.Sprintf("agent%d@ac-paris.example", i), lycee) })
	for _, c := range []struct {
		name  string
		door  guard.Door
		parts []part
	}{
		{"families in Cci", guard.Submission, []part{to(anne), cci(families...)}},
		{"families in À", guard.Submission, []part{to(families...), cci(lawyer)}},
		{"agents by LMTP", guard.LMTP, []part{shown(guard.To, anne), cc(agents...)}},
	} {
		b.Run(c.name, func(b *testing.B) {
			l := write(b, c.parts...)
			for b.Loop() {
				l.through(c.door)
			}
		})
	}
}
