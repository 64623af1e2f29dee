package reach_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"navette/internal/failure"
	"navette/internal/reach"
	"navette/internal/testkit/house"
)

func ent() reach.ENT {
	return reach.ENT{Name: "monlycee", Sender: "ENT.example", Schools: []string{"0759001B", "0750654d"},
		Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.17/28"), netip.MustParsePrefix("2001:db8:1::/48")}}
}

func TestARegisteredENTSpeaksForItsSchoolsFromItsNetworks(t *testing.T) {
	t.Parallel()
	worlds(t, func(w *world) {
		for range 2 { // a second time is in the place of the first
			if err := w.AddENT(t.Context(), dsi, ent(), house.Domain); err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range []struct {
			peer, path string
			is         bool
		}{
			{"192.0.2.30", "noreply@ent.example", true},
			{"::ffff:192.0.2.30", "noreply@ENT.example", true},
			{"2001:db8:1:2::3", "noreply@ent.example", true},
			{"192.0.2.32", "noreply@ent.example", false},
			{"192.0.2.30", "noreply@autre.example", false},
			{"192.0.2.30", "noreply@mx.ent.example", false},
			{"192.0.2.30", "", false},
		} {
			r, is, err := w.Relay(t.Context(), netip.MustParseAddr(c.peer), c.path)
			if is != c.is || err != nil || is && !slices.Equal(r.Whole, []string{"0750654D", "0759001B"}) || !is && r.Whole != nil || r.Account != 0 {
				t.Errorf("%s from %s: %t, %+v, %v", c.path, c.peer, is, r, err)
			}
		}
		if list, err := w.ENTs(t.Context()); err != nil || fmt.Sprint(list) != "[{monlycee ent.example [192.0.2.16/28 2001:db8:1::/48] [0750654D 0759001B]}]" {
			t.Errorf("%v, %v", list, err)
		}
		if err := w.RemoveENT(t.Context(), dsi, "monlycee"); err != nil {
			t.Fatal(err)
		}
		if _, is, err := w.Relay(t.Context(), netip.MustParseAddr("192.0.2.30"), "noreply@ent.example"); is || err != nil {
			t.Errorf("removed, and it speaks: %t, %v", is, err)
		}
		if err := w.RemoveENT(t.Context(), dsi, "monlycee"); !failure.Is(err, failure.NotFound) {
			t.Errorf("removed twice: %v", err)
		}
	})
}

func TestENTsThatAreRefused(t *testing.T) {
	t.Parallel()
	worlds(t, func(w *world) {
		for name, change := range map[string]func(e *reach.ENT){
			"a name":             func(e *reach.ENT) { e.Name = "Mon Lycée" },
			"a domain of ours":   func(e *reach.ENT) { e.Sender = house.Domain },
			"no domain":          func(e *reach.ENT) { e.Sender = "localhost" },
			"the whole Internet": func(e *reach.ENT) { e.Networks = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")} },
			"no network":         func(e *reach.ENT) { e.Networks = nil },
			"a wrong key":        func(e *reach.ENT) { e.Schools = []string{"0759001A"} },
			"no school":          func(e *reach.ENT) { e.Schools = nil },
		} {
			e := ent()
			change(&e)
			if err := w.AddENT(t.Context(), dsi, e, house.Domain); !failure.Is(err, failure.Policy) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
