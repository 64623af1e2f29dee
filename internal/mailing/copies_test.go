package mailing_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"navette/internal/delivery"
	"navette/internal/failure"
	"navette/internal/guard"
	"navette/internal/mailing"
	"navette/internal/testkit/house"
)

// « Groups of guardians: always separate copies »: own envelope, own reverse-path, To the sender, nobody else in any
// field; and the content once.
func TestACopyApartNamesNobodyButTheSender(t *testing.T) {
	t.Parallel()
	onEngines(t, 3, func(f *fixture) {
		f.groups[parents] = []mailing.Member{guardian("lea.mere@orange.example", 1), guardian("lea.pere@free.example", 1)}
		colleague := house.Address(f.agents[1])
		f.send([]string{colleague}, []string{"g1@" + house.Domain, "typed@dehors.example", house.Address(f.agents[2])})
		out := f.out()
		if len(out) != 3 {
			t.Fatalf("%d copies go out, want 3", len(out))
		}
		paths := map[string]bool{}
		for _, c := range append(out, outCopy{octets: f.inbox(f.agents[2])[0], to: house.Address(f.agents[2])}) {
			if diff := cmp.Diff([]string{"Secretariat <agent1@ac-paris.example>"}, header(c.octets, "To")); diff != "" {
				t.Errorf("To of a copy apart (-want +got)\n%s", diff)
			}
			path := header(c.octets, "Return-Path")
			if len(path) != 1 || !strings.HasPrefix(path[0], "<retour+") || paths[path[0]] {
				t.Errorf("Return-Path is %q", path)
			}
			paths[path[0]] = true
			if c.reversePath != "" && path[0] != "<"+c.reversePath+">" {
				t.Errorf("Return-Path %q under %q", path, c.reversePath)
			}
			for _, other := range []string{"lea.mere", "lea.pere", "typed", "agent2", "agent3", "g1@"} {
				if strings.Contains(c.octets, other) {
					t.Errorf("a copy names %q:\n%s", other, c.octets)
				}
			}
			if !strings.HasSuffix(c.octets, letter) {
				t.Errorf("the content did not come back: %q", c.octets)
			}
		}
		plain := f.inbox(f.agents[1])
		if want := trace + "To: " + colleague + "\r\n" + letter; len(plain) != 1 || plain[0] != want {
			t.Errorf("the copy as written is %q, want %q", plain, want)
		}
		if n := f.column(`SELECT count(*) FROM content`); n[0] != "1" {
			t.Errorf("%s contents are stored", n[0])
		}
		f.sound()
	})
}

// « A household is never inferred: two guardians, two copies; the same shared mailbox, one. »
func TestAMailboxGetsOneCopyWithAllItsPupils(t *testing.T) {
	t.Parallel()
	onEngines(t, 2, func(f *fixture) {
		f.groups[parents] = []mailing.Member{
			guardian("famille.durand@gmail.com", 1), guardian("FamilleDurand+ecole@googlemail.com", 2), // one mailbox
			guardian("autre@orange.example", 1),
			guardian(house.Address(f.agents[1]), 3), {Account: f.agents[1], Holds: guard.Staff}, // a parent who is an agent
			{Person: 9, Holds: guard.Guardians, Pupils: []int64{4}}, // of whom no address is known
		}
		f.send(nil, []string{"g1@" + house.Domain, "autre@Orange.example"})
		var to []string
		for _, c := range f.out() {
			to = append(to, c.to)
		}
		if diff := cmp.Diff([]string{"autre@orange.example", "famille.durand@gmail.com"}, sorted(to)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if n := len(f.inbox(f.agents[1])); n != 1 {
			t.Errorf("the parent who is an agent has %d copies", n)
		}
		got := f.column(`SELECT kind || ':' || pupils || ':' || state || ':' || address FROM mailing_copy ORDER BY seq`)
		// No address of a member stays once the copy is queued: not even the one that the sender wrote too.
		if diff := cmp.Diff([]string{"2:1 2:1:", "2:1:1:", "2:3:1:", "2:4:4:"}, got); diff != "" {
			t.Errorf("copies (-want +got)\n%s", diff)
		}
	})
}

func TestWhoGetsTheMessageAsWrittenGetsNoCopyApart(t *testing.T) {
	t.Parallel()
	onEngines(t, 3, func(f *fixture) {
		f.groups[parents] = []mailing.Member{guardian("named@orange.example", 1), guardian("other@orange.example", 2), guardian(house.Address(f.agents[1]), 3)}
		f.groups[teachers] = []mailing.Member{{Account: f.agents[1], Holds: guard.Staff}, {Account: f.agents[2], Holds: guard.Staff}}
		f.send([]string{"Named@orange.example", "g2@" + house.Domain}, []string{"g1@" + house.Domain})
		var got []string
		for _, c := range f.out() {
			got = append(got, c.to)
		}
		if diff := cmp.Diff([]string{"Named@orange.example", "other@orange.example"}, sorted(got)); diff != "" {
			t.Errorf("outside (-want +got)\n%s", diff)
		}
		for _, account := range f.agents[1:] {
			if list := f.inbox(account); len(list) != 1 || !strings.Contains(list[0], "g2@") {
				t.Errorf("a teacher of the group that is shown has %q", list)
			}
		}
	})
}

func TestAGroupInWhichNobodyIsReachedIsRefused(t *testing.T) {
	t.Parallel()
	onEngines(t, 1, func(f *fixture) {
		f.groups[parents] = []mailing.Member{{Person: 9, Holds: guard.Guardians, Pupils: []int64{4}}}
		f.groups[teachers] = nil
		for _, group := range []string{"g1@", "g2@"} {
			if _, err := f.trySend(nil, []string{group + house.Domain}); !failure.Is(err, failure.Policy) {
				t.Errorf("%s: %v", group, err)
			}
		}
	})
}

// A copy apart of which the sender must not know (guard.Decision.Quiet) comes back as any message does, and is in no report.
func TestACopyInSilenceComesBackToTheSender(t *testing.T) {
	t.Parallel()
	onEngines(t, 1, func(f *fixture) {
		cleared, env := f.envelope(nil, []string{"un@orange.example"})
		env.Apart[0].Quiet = true
		r, err := f.Delivery.Accept(t.Context(), cleared, env, f.Prepare(t, []byte(letter)), []byte(trace))
		if err != nil {
			t.Fatal(err)
		}
		if out := f.out(); len(out) != 1 || out[0].reversePath != house.Address(f.agents[0]) {
			t.Errorf("goes out as %+v", out)
		}
		if list, err := f.Mailings(t.Context(), f.agents[0]); len(list) != 0 || err != nil {
			t.Errorf("the sender sees %v, %v", list, err)
		}
		if _, err := f.Report(t.Context(), f.agents[0], r.Mailing); !failure.Is(err, failure.NotFound) {
			t.Errorf("and its report: %v", err)
		}
	})
}

// What delivery takes is what the guard has cleared (package delivery, invariants 3 and 5).
func TestWhomTheGuardSendsApartGetsNoPlainCopy(t *testing.T) {
	t.Parallel()
	onEngines(t, 1, func(f *fixture) {
		cleared, env := f.envelope(nil, []string{"un@orange.example", "deux@orange.example"})
		env.Apart = env.Apart[:1]
		if _, err := f.Delivery.Accept(t.Context(), cleared, env, f.Prepare(t, []byte(letter)), nil); !failure.Is(err, failure.Permanent) {
			t.Errorf("one of two: %v", err)
		}
		cleared, err := guard.Decide(guard.Message{Door: guard.Submission, Sender: f.agents[0], Recipients: []guard.Recipient{
			{Address: "un@orange.example", Standing: guard.Standing{Class: guard.Protected, Entitled: true}}}}).Clear(true)
		if err != nil || cleared.Recipients()[0].Verdict != guard.Separate {
			t.Fatalf("the guard cleared %+v, %v: the test proves nothing", cleared.Recipients(), err)
		}
		if _, err := f.Delivery.Accept(t.Context(), cleared, delivery.Envelope{Remote: []string{"un@orange.example"}}, f.Prepare(t, []byte(letter)), nil); !failure.Is(err, failure.Permanent) {
			t.Errorf("together with others: %v", err)
		}
		cleared, env = f.envelope(nil, []string{"un@orange.example"})
		env.Alone = nil
		if _, err := f.Delivery.Accept(t.Context(), cleared, env, f.Prepare(t, []byte(letter)), nil); !failure.Is(err, failure.Permanent) {
			t.Errorf("no To: %v", err)
		}
		if n := f.column(`SELECT count(*) FROM message`); n[0] != "0" {
			t.Errorf("%s messages were accepted", n[0])
		}
	})
}

// parentsOf are n guardians of the group "parents", each of a pupil of their own.
func (f *fixture) parentsOf(n int) {
	members := make([]mailing.Member, n)
	for i := range members {
		members[i] = guardian(fmt.Sprintf("parent%d@orange.example", i), int64(i+1))
	}
	f.groups[parents] = members
}

// Many copies are queued in later transactions, by statements for hundreds at a time: whoever stops in between and
// begins again queues each once.
func TestManyCopiesAreQueuedOnceHoweverOftenWorkStops(t *testing.T) {
	t.Parallel()
	onEngines(t, 40, func(f *fixture) {
		f.parentsOf(1400)
		for i, account := range f.agents[1:] {
			f.groups[parents] = append(f.groups[parents], guardian(house.Address(account), int64(5000+i)))
		}
		r := f.send(nil, []string{"g1@" + house.Domain})
		if n := f.column(`SELECT count(*) FROM outbound`); n[0] != "0" {
			t.Fatalf("%s copies were queued at once", n[0])
		}
		for range 6 { // one transaction, or two, and then the program ends
			placer := delivery.New(f.DB, f.Contents, delivery.Config{Domains: []string{house.Domain}, Now: f.clock.Now, Log: discard()})
			placer.OnMailings(f.Service)
			done := make(chan struct{}, 100)
			placer.OnOutbound(func() { done <- struct{}{} })
			placer.Start(t.Context())
			<-done
			placer.Stop()
			if f.column(`SELECT state FROM delivery WHERE delivery_id = $1`, r.Mailing)[0] == "1" {
				break
			}
		}
		f.Delivery.Start(t.Context())
		defer f.Delivery.Stop()
		if err := f.Placed(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		to := f.column(`SELECT recipient FROM outbound`)
		if len(to) != 1400 || len(slices.Compact(sorted(to))) != 1400 {
			t.Errorf("%d copies, to %d mailboxes", len(to), len(slices.Compact(sorted(to))))
		}
		if paths := f.column(`SELECT DISTINCT reverse_path FROM outbound`); len(paths) != 1400 {
			t.Errorf("%d reverse-paths", len(paths))
		}
		for _, id := range f.column(`SELECT delivery_id FROM delivery WHERE state = 0`) {
			var open delivery.Receipt
			fmt.Sscan(id, &open.Delivery) //nolint:errcheck // a number
			if err := f.Placed(t.Context(), open); err != nil {
				t.Fatal(err)
			}
		}
		for _, account := range f.agents[1:] {
			if n := len(f.inbox(account)); n != 1 {
				t.Errorf("account %d has %d copies", account, n)
			}
		}
		if rest := f.column(`SELECT count(*) FROM mailing_copy WHERE state <> 1 OR address <> ''`); rest[0] != "0" {
			t.Errorf("%s copies are not queued, or keep their address", rest[0])
		}
		f.sound()
	})
}
