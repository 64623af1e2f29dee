package imapd_test

import (
	"slices"
	"strings"
	"testing"

	"navette/internal/list"
)

// archived makes an archived list that the first account owns and the others are in, and returns its account.
func (d *door) archived(login string) int64 {
	d.t.Helper()
	var members []list.Member
	for _, a := range d.accounts[1:] {
		members = append(members, list.Member{Account: a})
	}
	id, err := d.lists.Create(d.t.Context(), by(), list.List{Local: login, Kind: list.Static, Owners: d.accounts[:1], Members: members,
		Settings: list.Settings{Display: "Liste " + login, Posting: list.Moderated, Archive: true}})
	if err != nil {
		d.t.Fatal(err)
	}
	return id
}

func TestMembersReadTheArchiveOfTheirListAndNothingElseOfIt(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 3)
	id := d.archived("cpe.paris")
	box := d.open("vie.scolaire")
	d.share(box, 1, "member")
	d.Deliver(t, []byte(letter("posted", "1")), id)

	owner, member := d.enter(t, 0), d.enter(t, 1)
	names := func(c *client) (out []string) {
		for _, line := range c.run(`LIST "" "` + shared + `*"`) {
			if _, name, found := strings.Cut(line, shared); found {
				out = append(out, strings.Trim(name, `"`))
			}
		}
		return out
	}
	if got := names(member); !slices.Contains(got, "cpe.paris") || !slices.Contains(got, "vie.scolaire") || slices.ContainsFunc(got, func(n string) bool { return strings.HasPrefix(n, "cpe.paris/") }) {
		t.Errorf("a member sees %q", got)
	}
	if got := names(owner); !slices.Contains(got, "cpe.paris") || !slices.Contains(got, "cpe.paris/&AMA- mod&AOk-rer") {
		t.Errorf("an owner sees %q", got)
	}
	for _, c := range []*client{owner, member} {
		c.talk(`C: a MYRIGHTS "` + shared + `cpe.paris"
			S: * MYRIGHTS "` + shared + `cpe.paris" "lr"
			S: a OK …`)
		c.run(`SELECT "` + shared + `cpe.paris"`)
		if got := strings.Join(c.run("FETCH 1 BODY[HEADER.FIELDS (SUBJECT)]"), "\n"); !strings.Contains(got, "posted") {
			t.Errorf("the post reads %q", got)
		}
		for _, command := range []string{`STORE 1 +FLAGS (\Seen)`, "EXPUNGE", `MOVE 1 INBOX`, `CREATE "` + shared + `cpe.paris/x"`, `GETACL "` + shared + `cpe.paris"`} {
			c.talk("C: b " + command + "\nS: b NO …")
		}
	}
	member.talk(`C: c SELECT "` + shared + `cpe.paris/&AMA- mod&AOk-rer"
		S: * OK [CLOSED] …
		S: c NO …`)
	owner.run(`SELECT "` + shared + `cpe.paris/&AMA- mod&AOk-rer"`)
}

func TestWhoLeavesAListReadsItsArchiveNoMore(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 2)
	id := d.archived("cpe.paris")
	d.Deliver(t, []byte(letter("posted", "1")), id)
	c := d.enter(t, 1)
	c.run(`SELECT "` + shared + `cpe.paris"`)
	if _, err := d.lists.RemoveMembers(t.Context(), list.AsOperator(by()), id, []list.Member{{Account: d.accounts[1]}}); err != nil {
		t.Fatal(err)
	}
	c.talk("C: a FETCH 1 BODY[]\nS: * BYE Cette boite ne vous est plus ouverte (the selected mailbox is no longer shared with you)")
	c.ended()
}
