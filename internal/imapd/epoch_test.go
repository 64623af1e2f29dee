package imapd_test

import (
	"strconv"
	"strings"
	"testing"
)

// After a restore, which raises the store's epoch, every mailbox shows another UIDVALIDITY in SELECT and STATUS.
func TestAnotherEpochShowsInEveryUIDVALIDITY(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c := d.enter(t, 0)
	boxes := []string{"INBOX", "Archives", "Brouillons", "Corbeille"}
	shown := func(box string) int {
		t.Helper()
		m := validityOf.FindStringSubmatch(strings.Join(c.run("SELECT "+box), "\n"))
		if m == nil {
			t.Fatalf("SELECT %s shows no UIDVALIDITY", box)
		}
		if got := c.run("STATUS " + box + " (UIDVALIDITY)")[0]; got != "* STATUS \""+box+"\" (UIDVALIDITY "+m[1]+")" {
			t.Errorf("SELECT shows %s and STATUS %s", m[1], got)
		}
		n, err := strconv.Atoi(m[1])
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := map[string]int{}
	for _, box := range boxes {
		before[box] = shown(box)
	}
	d.exec(`UPDATE store_meta SET value = value + 1 WHERE name = 'epoch'`)
	for _, box := range boxes {
		if now := shown(box); now <= before[box] {
			t.Errorf("%s: %d after %d", box, now, before[box])
		}
	}
}
