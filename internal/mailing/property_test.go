package mailing_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/guard"
	"navette/internal/mailing"
	"navette/internal/testkit/house"
)

// spelled writes an address in a way that means the same mailbox.
func spelled(t *rapid.T, address string) string {
	switch rapid.IntRange(0, 3).Draw(t, "spelling") {
	case 1:
		return strings.ToUpper(address)
	case 2:
		return strings.Replace(address, "@", "+ecole@", 1)
	}
	return address
}

// Whoever is in whichever groups, named, and spelled in whichever way: each mailbox gets the message once, and what is
// apart names nobody but the sender (package invariants 1 and 5 of package delivery).
func TestEachMailboxGetsTheMessageOnceAndNamesNobody(t *testing.T) {
	t.Parallel()
	onEngines(t, 5, func(f *fixture) {
		var pool []string
		for i := range 6 {
			pool = append(pool, fmt.Sprintf("famille-martin%d@orange.example", i))
		}
		for _, account := range f.agents[1:] {
			pool = append(pool, house.Address(account))
		}
		members := []int64{parents, teachers, everybody}
		rapid.Check(t, func(r *rapid.T) {
			some := func(label string, most int) []string {
				return rapid.SliceOfN(rapid.Custom(func(r *rapid.T) string { return spelled(r, rapid.SampledFrom(pool).Draw(r, "address")) }), 0, most).Draw(r, label)
			}
			want := map[string]bool{}
			plain, apart := some("plain", 3), some("apart", 4)
			for _, group := range members {
				f.groups[group] = nil
				for i, address := range some("members", 5) {
					f.groups[group] = append(f.groups[group], guardian(address, int64(i+1)))
				}
				if rapid.Bool().Draw(r, "with staff") {
					f.groups[group] = append(f.groups[group], mailing.Member{Account: f.agents[1], Holds: guard.Staff})
				}
				if rapid.Bool().Draw(r, "written to") {
					apart = append(apart, fmt.Sprintf("g%d@%s", group, house.Domain))
					for _, m := range f.groups[group] {
						if m.Address == "" {
							m.Address = house.Address(m.Account)
						}
						want[directory.MatchKey(m.Address)] = true
					}
				}
			}
			for _, address := range slices.Concat(plain, apart) {
				if !strings.HasPrefix(address, "g") {
					want[directory.MatchKey(address)] = true
				}
			}
			plain, apart = onceEach(plain), onceEach(apart)
			f.clear()
			_, err := f.trySend(plain, apart)
			if len(want) == 0 {
				if len(plain)+len(apart) > 0 && !failure.Is(err, failure.Policy) {
					r.Fatalf("a message to nobody: %v", err)
				}
				return
			}
			if err != nil {
				r.Fatal(err)
			}
			got := map[string]int{}
			for box, list := range f.have() {
				for _, octets := range list {
					got[box]++
					f.namesNobody(r, octets, pool)
				}
			}
			for box := range want {
				if got[box] != 1 {
					r.Errorf("%s got %d copies", box, got[box])
				}
			}
			if extra := slices.DeleteFunc(slices.Sorted(maps.Keys(got)), func(box string) bool { return want[box] }); len(extra) > 0 {
				r.Errorf("nobody wrote to %v", extra)
			}
		})
		f.sound()
	})
}

// onceEach drops what means the same mailbox as something before: submission asks the guard once for each.
func onceEach(list []string) (out []string) {
	seen := map[string]bool{}
	for _, address := range list {
		if key := directory.MatchKey(address); !seen[key] {
			seen[key] = true
			out = append(out, address)
		}
	}
	return out
}

// clear takes away what came of an earlier message.
func (f *fixture) clear() {
	f.exec(`UPDATE outbound SET state = 1 WHERE state = 0`)
	for _, account := range f.agents {
		f.change(account, "removed")
	}
}

// have gives the messages of each mailbox, outside and here, by its match key.
func (f *fixture) have() map[string][]string {
	have := map[string][]string{}
	for _, c := range f.out() {
		have[directory.MatchKey(c.to)] = append(have[directory.MatchKey(c.to)], c.octets)
	}
	for _, account := range f.agents {
		have[house.Address(account)] = f.inbox(account)
	}
	return have
}

// namesNobody demands of a copy apart that no address of the pool stands anywhere in it.
func (f *fixture) namesNobody(r *rapid.T, octets string, pool []string) {
	path := header(octets, "Return-Path")
	if len(path) != 1 {
		r.Errorf("Return-Path: %q", path)
	}
	if !strings.HasPrefix(path[0], "<retour+") {
		return // as it was written
	}
	if to := header(octets, "To"); len(to) != 1 || to[0] != "Secretariat <agent1@ac-paris.example>" {
		r.Errorf("To: %q", to)
	}
	for _, address := range pool {
		local, _, _ := strings.Cut(address, "@")
		if strings.Contains(strings.ToLower(octets), local+"@") || strings.Contains(strings.ToLower(octets), local+"+") {
			r.Errorf("a copy apart names %s:\n%s", address, octets)
		}
	}
}
