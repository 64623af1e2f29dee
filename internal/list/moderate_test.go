package list_test

import (
	"strings"
	"testing"
	"time"

	"navette/internal/delivery"
	"navette/internal/failure"
	"navette/internal/list"
	"navette/internal/testkit/house"
)

// moderated is a list whose owner is agent 0, and whose members are 1 and 2.
func (f *fixture) moderated() int64 {
	l := f.static("profs", f.of(1, 2)...)
	l.Posting, l.Archive = list.Moderated, true
	return f.create(l)
}

func TestAPostWaitsUntilAnOwnerApprovesIt(t *testing.T) {
	t.Parallel()
	onEngines(t, 4, func(f *fixture) {
		ctx, id := f.t.Context(), f.moderated()
		f.agent(3, at("profs"))
		f.got("waiting", "0000")
		posts, err := f.Waiting(ctx, f.asOwner(), id)
		if err != nil || len(posts) != 1 || posts[0].From != "un@dehors.example" || posts[0].Subject != "Réunion" || posts[0].Size == 0 {
			f.t.Fatalf("waiting: %+v, %v", posts, err)
		}
		_, err = f.Waiting(ctx, f.as(1), id)
		f.refused("a member looks", err, failure.Denied, "propriétaires")
		f.refused("a member approves", f.Approve(ctx, f.as(1), id, posts[0].Number), failure.Denied, "propriétaires")

		f.done("approve", f.Approve(ctx, f.asOwner(), id, posts[0].Number))
		f.got("approved", "0110")
		got := f.copies(f.agents[1], "INBOX")[0]
		if !strings.HasPrefix(got, "Return-Path: <profs-owner@ac-paris.example>\r\nReceived: by mx\r\nList-Id: ") || !strings.HasSuffix(got, "\r\nPrecedence: list\r\n"+letter) {
			f.t.Errorf("a member has\n%s", got)
		}
		if archive, waiting := f.copies(id, "INBOX"), f.copies(id, "À modérer"); len(archive) != 1 || archive[0] != got || len(waiting) != 0 {
			f.t.Errorf("the archive has %d, %d wait", len(archive), len(waiting))
		}
		archived, err := f.Archived(ctx, f.asOwner(), id)
		if err != nil || len(archived) != 1 || archived[0].Subject != "Réunion" {
			f.t.Errorf("archived: %+v, %v", archived, err)
		}
		_, err = f.Archived(ctx, f.as(1), id)
		f.refused("a member lists the archive", err, failure.Denied, "propriétaires")
		if n := f.texts(`SELECT CAST(count(*) AS TEXT) FROM content`); n[0] != "1" {
			f.t.Errorf("the content is stored %s times", n[0])
		}
		f.refused("approve again", f.Approve(ctx, f.asOwner(), id, posts[0].Number), failure.NotFound, "n'attend")
		f.refused("reject what was sent", f.Reject(ctx, f.asOwner(), id, posts[0].Number), failure.NotFound, "n'attend")
		f.got("approved once", "0110")
	})
}

// Of two owners who approve at the same time, one does.
func TestTwoApprovalsAtOnceSendOnce(t *testing.T) {
	t.Parallel()
	onEngines(t, 4, func(f *fixture) {
		id := f.moderated()
		f.agent(3, at("profs"))
		answers := make(chan error)
		for range 2 {
			go func() { answers <- f.Approve(f.t.Context(), f.asOwner(), id, 1) }()
		}
		first, second := <-answers, <-answers
		if (first == nil) == (second == nil) {
			f.t.Errorf("the two got %v and %v", first, second)
		}
		f.got("approved by two", "0110")
	})
}

func TestTheAuthorOfARejectedPostIsTold(t *testing.T) {
	t.Parallel()
	onEngines(t, 4, func(f *fixture) {
		ctx, id := f.t.Context(), f.moderated()
		f.agent(3, at("profs"))
		f.outsider(at("profs"))
		f.done("reject an agent's", f.Reject(ctx, f.asOwner(), id, 1))
		f.done("reject an outsider's", f.Reject(ctx, f.asOwner(), id, 2))
		f.got("rejected", "0001")
		told := f.copies(f.agents[3], "INBOX")[0]
		for _, want := range []string{"Return-Path: <>\r\n", "<profs-owner@ac-paris.example>", "To: <" + house.Address(f.agents[3]) + ">", "Auto-Submitted: auto-generated", "profs@ac-paris.example"} {
			if !strings.Contains(told, want) {
				f.t.Errorf("the author is told\n%s\nwithout %q", told, want)
			}
		}
		if out, waiting := f.outside(), f.copies(id, "À modérer"); len(out)+len(waiting) != 0 {
			f.t.Errorf("outside %q, waiting %d", out, len(waiting))
		}
	})
}

func TestOwnersAreToldOnceOfWhatWaits(t *testing.T) {
	t.Parallel()
	onEngines(t, 4, func(f *fixture) {
		ctx, id := f.t.Context(), f.moderated()
		f.done("nothing waits", f.Upkeep(ctx))
		f.got("nothing waits", "0000")
		f.agent(3, at("profs"))
		f.outsider(at("profs"))
		for range 2 {
			f.done("upkeep", f.Upkeep(ctx))
		}
		f.got("told once of two", "1000")
		if told := f.copies(f.agents[0], "INBOX")[0]; !strings.Contains(told, ": 2 en tout") {
			f.t.Errorf("told\n%s", told)
		}
		f.outsider(at("profs"))
		f.now = f.now.Add(59 * time.Minute)
		f.done("upkeep", f.Upkeep(ctx))
		f.got("within the hour", "1000")
		f.now = f.now.Add(time.Minute)
		f.done("upkeep", f.Upkeep(ctx))
		f.got("told of a third", "2000")
		f.write(`UPDATE account SET state = 'departed' WHERE account_id = $1`, f.agents[0])
		f.outsider(at("profs"))
		f.now = f.now.Add(time.Hour)
		f.done("without owners", f.Upkeep(ctx))
		f.done("a new owner", f.AddOwner(ctx, list.AsOperator(by), id, f.agents[1]))
		f.done("upkeep", f.Upkeep(ctx))
		f.got("the new owner is told", "2100")
	})
}

// Whoever writes to a moderated list, a stranger too, fills no disk: when too much waits, senders keep their messages.
func TestTooMuchThatWaitsIsRefusedForNow(t *testing.T) {
	t.Parallel()
	onEngines(t, 4, func(f *fixture) {
		id := f.moderated()
		for _, full := range []string{"messages = 500", "messages = 1, size = 600000000"} {
			f.write(`UPDATE mailbox_state SET `+full+` WHERE account_id = $1 AND mailbox_id = (SELECT waiting_id FROM list WHERE account_id = $1)`, id)
			f.refused("RCPT when "+full, f.MayPost(f.t.Context(), id, delivery.Sender{ReversePath: "un@dehors.example"}), failure.Quota, "attendent")
			f.refused("a post when "+full, f.post(0, "un@dehors.example", at("profs")), failure.Quota, "attendent")
		}
		f.agent(0, at("profs")) // an owner's post waits for nobody
		f.got("an owner's", "0110")
	})
}
