package imapd_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"navette/internal/box"
)

// asking is the service of boxes, counting what a door asks of it before it answers for a box.
type asking struct {
	*box.Service
	times *atomic.Int64
}

func (a asking) AccessOf(ctx context.Context, account int64) ([]box.Access, error) {
	a.times.Add(1)
	return a.Service.AccessOf(ctx, account)
}

func (a asking) RoleIn(ctx context.Context, account, of int64) (box.Role, bool, error) {
	a.times.Add(1)
	return a.Service.RoleIn(ctx, account, of)
}

// shared begins the names of shared boxes on the wire.
const shared = `Bo&AO4-tes partag&AOk-es/`

// open makes the box of a login and returns its account.
func (d *door) open(login string) int64 {
	d.t.Helper()
	if _, err := d.boxes.Create(d.t.Context(), by(), []box.Box{{Local: login, Display: "Service " + login, Reference: "test"}}); err != nil {
		d.t.Fatal(err)
	}
	id, err := d.boxes.Find(d.t.Context(), login)
	if err != nil {
		d.t.Fatal(err)
	}
	return id
}

// share gives the n-th account a role in a box; "" takes away what it has.
func (d *door) share(of int64, n int, role box.Role) {
	d.t.Helper()
	var err error
	if role == "" {
		err = d.boxes.RemoveMember(d.t.Context(), box.AsOperator(by()), of, d.accounts[n])
	} else {
		err = d.boxes.SetMember(d.t.Context(), box.AsOperator(by()), of, d.accounts[n], role)
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

// talkOf is talk about one box: in a conversation @ stands for the box's name on the wire and # for its account.
func (c *client) talkOf(login string, account int64, conversation string) {
	c.t.Helper()
	c.talk(strings.NewReplacer("@", shared+login, "#", fmt.Sprint(account)).Replace(conversation))
}

// Who works in their own mailboxes is not asked about boxes: their commands take as many queries as before there were any.
func TestOnesOwnMailboxesAskNothingOfBoxes(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	id := d.open("vie.scolaire")
	d.share(id, 0, box.Member)
	c := d.enter(t, 0)
	c.append("INBOX", letter("one", "1"))
	for _, command := range []string{"SELECT INBOX", "FETCH 1 (FLAGS ENVELOPE BODY[] EMAILID)", `STORE 1 +FLAGS (\Flagged)`, "SEARCH EMAILID e1", "COPY 1 Archives",
		"MOVE 1 Corbeille", "NOOP", "STATUS INBOX (MESSAGES)", `LIST "" INBOX`, `LIST "" "Arch%"`, `LSUB "" "INBOX/*"`, "CREATE Projet", "RENAME Projet Voyage",
		"UNSUBSCRIBE Voyage", "DELETE Voyage", "EXPUNGE", "GETQUOTAROOT INBOX", "EXAMINE Archives", "CLOSE", "NAMESPACE"} {
		c.run(command)
		if n := d.asked.Load(); n != 0 {
			t.Fatalf("%s asked %d times for boxes", command, n)
		}
	}
	for _, x := range []struct {
		command string
		times   int64
	}{{`LIST "" "*"`, 1}, {`SELECT "` + shared + `vie.scolaire"`, 1}, {"NOOP", 1}, {"FETCH 1:* FLAGS", 1}, {"STATUS INBOX (MESSAGES)", 1}, {"SELECT INBOX", 0}} {
		before := d.asked.Load()
		if strings.HasPrefix(x.command, "FETCH") {
			d.Deliver(t, []byte(letter("two", "2")), id)
			c.run("NOOP")
			before = d.asked.Load()
		}
		c.run(x.command)
		if n := d.asked.Load() - before; n != x.times {
			t.Errorf("%s asked %d times for boxes, want %d", x.command, n, x.times)
		}
	}
}
