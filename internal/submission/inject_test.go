package submission_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"navette/internal/delivery"
	"navette/internal/failure"
	"navette/internal/guard"
	"navette/internal/identity"
	"navette/internal/reach"
	"navette/internal/submission"
	"navette/internal/testkit/house"
	"navette/internal/testkit/school"
)

// resolved gives where addresses lead.
func (c *college) resolved(addresses ...string) (out []delivery.Resolution) {
	c.t.Helper()
	for _, a := range addresses {
		to, err := c.Delivery.Resolve(c.t.Context(), a)
		if err != nil {
			c.t.Fatal(err)
		}
		out = append(out, to)
	}
	return out
}

// A registered ENT posts to the groups of its schools from its servers, under its domain; strangers, programs and the
// ENTs of other schools do not, and are all told the same.
func TestWhoPostsToGroupsWithoutSigningIn(t *testing.T) {
	t.Parallel()
	onColleges(t, func(c *college) {
		register := func(name, sender, network, uai string) {
			e := reach.ENT{Name: name, Sender: sender, Networks: []netip.Prefix{netip.MustParsePrefix(network)}, Schools: []string{uai}}
			if err := c.reach.AddENT(t.Context(), identity.By{Actor: "test"}, e, house.Domain); err != nil {
				t.Fatal(err)
			}
		}
		register("monlycee", "ent.example", "192.0.2.0/24", "0759001B")
		register("ailleurs", "autre-ent.example", "198.51.100.0/24", "0750654D")
		texts := map[string]bool{}
		for _, r := range []struct {
			name, peer, path string
			door             guard.Door
			may              bool
		}{
			{"the ENT of the school", "192.0.2.7", "nepasrepondre@ent.example", guard.Reception, true},
			{"the same by IPv4 in IPv6", "::ffff:192.0.2.7", "nepasrepondre@ENT.example", guard.Reception, true},
			{"from another network", "203.0.113.7", "nepasrepondre@ent.example", guard.Reception, false},
			{"under another domain", "192.0.2.7", "x@dehors.example", guard.Reception, false},
			{"under the null path", "192.0.2.7", "", guard.Reception, false},
			{"the ENT of another school", "198.51.100.7", "x@autre-ent.example", guard.Reception, false},
			{"a program on this machine", "", "iprof@ac-paris.example", guard.LMTP, false},
			{"a parent", "203.0.113.7", anne, guard.Reception, false},
			{"an agent's address, not signed in", "203.0.113.7", c.teacher.Address, guard.Reception, false},
		} {
			in := submission.Injection{Door: r.door, ReversePath: r.path, Prefix: []byte("Return-Path: <" + r.path + ">\r\n")}
			if r.peer != "" {
				in.Peer = netip.MustParseAddr(r.peer)
			}
			err := c.service.MayInject(t.Context(), in, c.parents)
			if (err == nil) != r.may || err != nil && !failure.Is(err, failure.Policy) {
				t.Errorf("%s, at RCPT: %v", r.name, err)
			}
			in.Recipients = []string{c.parents, c.head.Address}
			in.To = c.resolved(in.Recipients...)
			octets := letter("Vie scolaire <nepasrepondre@ent.example>", "To: Parents <"+c.parents+">", "Cc: "+c.head.Address)
			_, err = c.service.Inject(t.Context(), in, strings.NewReader(octets))
			if (err == nil) != r.may || err != nil && !failure.Is(err, failure.Policy) {
				t.Errorf("%s: %v", r.name, err)
			}
			if err != nil {
				texts[failure.TextOf(err, "")] = true
			}
			c.demandPosted(r.name, r.may)
		}
		if len(texts) != 1 {
			t.Errorf("the refusals differ: %v", texts)
		}
	})
}

// demandPosted looks at the copies of a letter to the parents of the class.
func (c *college) demandPosted(name string, posted bool) {
	c.t.Helper()
	copies := c.outside()
	if want := map[bool]int{true: 4}[posted]; len(copies) != want || len(whoSees(copies)) != 0 {
		c.t.Errorf("%s: outside: %q", name, copies)
	}
	for to, octets := range copies {
		if got := fields(octets, "To", "Cc", "From"); !slices.Equal(got, []string{"To: Vie scolaire <nepasrepondre@ent.example>", "From: Vie scolaire <nepasrepondre@ent.example>"}) {
			c.t.Errorf("%s: %s reads %q", name, to, got)
		}
		if !strings.HasSuffix(octets, "\r\n\r\nBonjour.\r\n") {
			c.t.Errorf("%s: %s gets %q", name, to, octets)
		}
	}
	c.exec(`DELETE FROM outbound`)
}

// At RCPT an agent is refused a group where it is certain: whoever may write as a box may yet write as it.
func TestAGroupThatNobodyMayWriteToIsRefusedBeforeTheMessage(t *testing.T) {
	t.Parallel()
	onColleges(t, func(c *college) {
		for name, r := range map[string]struct {
			who     *school.Agent
			address string
			refused bool
		}{
			"the teacher of the class":           {c.teacher, c.parents, false},
			"a teacher of another class":         {c.other, c.parents, true},
			"somebody of another school":         {c.faraway, c.staff, true},
			"a colleague, to the teachers":       {c.other, c.staff, false},
			"a member of the box, for all":       {c.head, c.parents, false},
			"a parent's address, for now":        {c.other, anne, false},
			"a colleague's address, in any case": {c.faraway, c.head.Address, false},
		} {
			err := c.service.CheckRecipient(t.Context(), principal(r.who), r.address, c.resolved(r.address)[0])
			if (err != nil) != r.refused || err != nil && !failure.Is(err, failure.Policy) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
