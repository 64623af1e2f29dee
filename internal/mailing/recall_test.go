package mailing_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"navette/internal/delivery"
	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/mailbox"
	"navette/internal/mailing"
	"navette/internal/testkit/house"
)

var by = identity.By{Actor: "secretaire", Reason: "mauvaise pièce jointe"}

// changes marks or moves what came into an account's inbox.
func (f *fixture) change(account int64, do string) {
	f.t.Helper()
	ctx, all := f.t.Context(), []mailbox.UIDRange{{First: 1, Last: 1<<32 - 1}}
	var err error
	switch do {
	case "read":
		_, err = f.Mailboxes.Store(ctx, account, mailbox.Inbox, all, mailbox.FlagChange{Mode: mailbox.AddFlags, Flags: mailbox.Seen, UnchangedSince: -1})
	case "flagged":
		_, err = f.Mailboxes.Store(ctx, account, mailbox.Inbox, all, mailbox.FlagChange{Mode: mailbox.AddFlags, Keywords: []string{"important"}, UnchangedSince: -1})
	case "copied":
		_, err = f.Mailboxes.Copy(ctx, account, mailbox.Inbox, all, "Archives")
	case "moved":
		_, err = f.Mailboxes.Move(ctx, account, mailbox.Inbox, all, "Archives")
	case "removed":
		if _, err = f.Mailboxes.Store(ctx, account, mailbox.Inbox, all, mailbox.FlagChange{Mode: mailbox.AddFlags, Flags: mailbox.Deleted, UnchangedSince: -1}); err == nil {
			_, err = f.Mailboxes.Expunge(ctx, account, mailbox.Inbox, nil)
		}
	}
	if err != nil {
		f.t.Fatal(err)
	}
}

// « Rappeler » takes back internal unread copies and says plainly that outside copies cannot come back. It leaves alone
// what somebody has touched: it is theirs.
func TestARecallTakesBackWhatNobodyHasTouched(t *testing.T) {
	t.Parallel()
	onEngines(t, 10, func(f *fixture) {
		f.parentsOf(3)
		var plain, apart []string
		for i, account := range f.agents[1:] {
			if i < 6 {
				plain = append(plain, house.Address(account))
			} else {
				apart = append(apart, house.Address(account))
			}
		}
		r := f.send(append(plain, "un@dehors.example"), append(apart, "g1@"+house.Domain))
		before := make([]mailbox.Mailbox, len(f.agents))
		for i, do := range []string{"", "", "read", "flagged", "copied", "moved", "removed", "", "read", "removed"} {
			f.change(f.agents[i], do)
			before[i] = f.box(f.agents[i])
		}
		out := f.out()
		f.concludes(out[0], 1, "2.0.0")                                                                                            // to un@dehors.example
		f.exec(`UPDATE outbound SET lease_until = $2 WHERE outbound_id = $1`, out[1].id, f.clock.Now().Add(time.Hour).UnixMicro()) // being sent
		got, err := f.Recall(t.Context(), by, f.agents[0], r.Delivery)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(mailing.Recalled{Taken: 2, Kept: 7, Cancelled: 2, Outside: 2}, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		for _, i := range []int{1, 7} {
			c, err := f.Mailboxes.ChangesSince(t.Context(), f.agents[i], mailbox.Inbox, before[i].Modseq)
			if err != nil || len(c.Removed) != 1 || len(f.inbox(f.agents[i])) != 0 {
				t.Errorf("agent %d: changes %+v, %v", i, c, err)
			}
		}
		for i, want := range map[int]int{2: 1, 3: 1, 4: 1, 5: 0, 8: 1} {
			if n := len(f.inbox(f.agents[i])); n != want {
				t.Errorf("agent %d, who had touched it, has %d messages", i, n)
			}
		}
		report, err := f.Report(t.Context(), f.agents[0], r.Mailing)
		if err != nil || len(report.People) != 3 {
			t.Errorf("the report names %+v, %v", report.People, err)
		}
		if rows := f.column(`SELECT actor || ' ' || subject || ' ' || detail FROM journal WHERE action = 'message.recall'`); len(rows) != 1 ||
			rows[0] != fmt.Sprintf(`secretaire delivery:%d {"cancelled":2,"outside":2}`, r.Delivery) {
			t.Errorf("the journal says %q", rows)
		}
		if again, err := f.Recall(t.Context(), by, f.agents[0], r.Delivery); err != nil || again.Taken != 0 || again.Cancelled != 0 {
			t.Errorf("recalled again: %+v, %v", again, err)
		}
		f.sound()
	})
}

func (f *fixture) box(account int64) mailbox.Mailbox {
	f.t.Helper()
	m, err := f.Mailboxes.ByName(f.t.Context(), account, "INBOX")
	if err != nil {
		f.t.Fatal(err)
	}
	return m
}

// The report on copies apart knows the number of the mailing alone: it takes back what went to everybody else, too.
func TestAMessageIsRecalledWholeByTheNumberOfItsMailing(t *testing.T) {
	t.Parallel()
	onEngines(t, 4, func(f *fixture) {
		f.parentsOf(2)
		other := f.send([]string{house.Address(f.agents[1])}, nil) // the same letter, sent at the same instant
		r := f.send([]string{house.Address(f.agents[1]), "un@dehors.example"}, []string{house.Address(f.agents[2]), "g1@" + house.Domain})
		got, err := f.Recall(t.Context(), by, f.agents[0], r.Mailing)
		if err != nil {
			f.t.Fatal(err)
		}
		if diff := cmp.Diff(mailing.Recalled{Taken: 2, Cancelled: 3}, got); diff != "" {
			f.t.Errorf("(-want +got)\n%s", diff)
		}
		if n := len(f.inbox(f.agents[1])); n != 1 {
			f.t.Errorf("of two messages the recipient has %d", n)
		}
		if got, err := f.Recall(t.Context(), by, f.agents[0], other.Delivery); err != nil || got.Taken != 1 {
			f.t.Errorf("the other message: %+v, %v", got, err)
		}
		f.sound()
	})
}

// What is recalled before it is placed, or queued, never is.
func TestARecallStopsWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	onEngines(t, 301, func(f *fixture) {
		f.parentsOf(700)
		var plain []string
		for _, account := range f.agents[1:] {
			plain = append(plain, house.Address(account))
		}
		r := f.send(plain, []string{"g1@" + house.Domain}) // the placer does not run
		got, err := f.Recall(t.Context(), by, f.agents[0], r.Delivery)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(mailing.Recalled{Taken: 300, Cancelled: 700}, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		f.Delivery.Start(t.Context())
		defer f.Delivery.Stop()
		if err := f.Placed(t.Context(), delivery.Receipt{Delivery: r.Mailing}); err != nil {
			t.Fatal(err)
		}
		if rows := f.column(`SELECT 'email' FROM email UNION ALL SELECT 'outbound' FROM outbound`); len(rows) != 0 {
			t.Errorf("%d copies were made all the same", len(rows))
		}
		f.upkeep(time.Hour)
		if n := len(f.inbox(f.agents[0])); n != 0 {
			t.Errorf("%d reports on what was taken back", n)
		}
		f.sound()
	})
}

func TestOnlyItsSenderRecallsAMessageAndNotForEver(t *testing.T) {
	t.Parallel()
	onEngines(t, 3, func(f *fixture) {
		r := f.send([]string{house.Address(f.agents[1])}, nil)
		for i, account := range []int64{f.agents[1], f.agents[2], 0} {
			if _, err := f.Recall(t.Context(), by, account, r.Delivery); !failure.Is(err, failure.NotFound) {
				t.Errorf("stranger %d: %v", i, err)
			}
		}
		f.clock.Add(mailing.RecallWithin + time.Minute)
		if _, err := f.Recall(t.Context(), by, f.agents[0], r.Delivery); !failure.Is(err, failure.Policy) {
			t.Errorf("after two weeks: %v", err)
		}
		if n := len(f.inbox(f.agents[1])); n != 1 {
			t.Errorf("the recipient has %d messages", n)
		}
		if _, err := f.Recall(t.Context(), identity.By{}, f.agents[0], r.Delivery); err == nil {
			t.Error("a recall without an actor happened")
		}
	})
}

// Whatever program sent it, a message stands once among what its sender sent, by the number by which it is taken back.
func TestWhatSomebodySentStandsOnceWithTheNumberToRecallItBy(t *testing.T) {
	t.Parallel()
	onEngines(t, 3, func(f *fixture) {
		f.parentsOf(4)
		f.groups[parents] = append(f.groups[parents], guardian(house.Address(f.agents[2]), 9), mailing.Member{Person: 9, Pupils: []int64{10}})
		both := f.send([]string{house.Address(f.agents[1]), "un@dehors.example"}, []string{"g1@" + house.Domain})
		apart := f.send(nil, []string{"g1@" + house.Domain})
		f.Deliver(t, []byte(letter), f.agents[0]) // from somebody else
		at := f.clock.Now()
		want := []mailing.Sent{{Delivery: apart.Delivery, Subject: "Réunion", At: at, Here: 1, Outside: 4}, {Delivery: both.Delivery, Subject: "Réunion", At: at, Here: 2, Outside: 5}}
		got, err := f.Sent(t.Context(), f.agents[0])
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		for _, one := range got {
			if _, err := f.Recall(t.Context(), by, f.agents[0], one.Delivery); err != nil {
				t.Errorf("delivery %d: %v", one.Delivery, err)
			}
		}
		if n := len(f.inbox(f.agents[1])) + len(f.inbox(f.agents[2])); n != 0 {
			t.Errorf("%d copies were left", n)
		}
		f.clock.Add(mailing.RecallWithin)
		if got, err := f.Sent(t.Context(), f.agents[0]); len(got) != 0 || err != nil {
			t.Errorf("after two weeks: %v, %v", got, err)
		}
		if got, err := f.Sent(t.Context(), f.agents[1]); len(got) != 0 || err != nil {
			t.Errorf("who sent nothing: %v, %v", got, err)
		}
	})
}
