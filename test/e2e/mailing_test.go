package e2e

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// sentBy is what the pages are told of a message that was sent, and of what became of it.
type sentBy struct {
	Delivery string `json:"delivery"`
}

// mailingLine is a mailing as the pages list it.
type mailingLine struct {
	ID                     string
	Subject                string
	Total, Failed, Missing int
}

// guardiansOf gives the addresses of guardians of a school, by guardians.csv.
func guardiansOf(t *testing.T, d *demo, uai string) map[string]bool {
	t.Helper()
	file, err := os.Open(d.path("guardians.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, row := range rows[1:] {
		if row[1] == uai {
			found[strings.ToLower(row[0])] = true
		}
	}
	return found
}

// groupLine is a group as the pages list it.
type groupLine struct {
	ID                  int64
	Address, UAI, Holds string
	Members             int
}

// parentsGroup is the group of a head's school that holds the most guardians.
func parentsGroup(t *testing.T, p *page, uai string) (best groupLine) {
	t.Helper()
	var all []groupLine
	await(t, "the groups of the school", func() bool {
		p.call("GET", "groups", nil, http.StatusOK, &all)
		return len(all) > 0
	})
	for _, g := range all {
		if g.UAI == uai && g.Holds == "guardians" && g.Members > best.Members {
			best = g
		}
	}
	if best.ID == 0 {
		t.Fatalf("no group of guardians among %d", len(all))
	}
	return best
}

// A head writes to all parents of the school and a colleague: a copy each on the wire, which names the head alone, under
// a reverse-path of its own; what comes back there is told by pupil; and the colleague's copy is taken back before the
// eyes of a mail program.
func TestParentsGetCopiesApartAndAMessageIsTakenBack(t *testing.T) {
	t.Parallel()
	d := ownDemo(t, options{agents: 120})
	head := d.accounts[slices.IndexFunc(d.accounts, func(a account) bool { return a.role == "head" })]
	colleague := d.accounts[slices.IndexFunc(d.accounts, func(a account) bool { return a.role == "agent" && a.address != head.address })]
	reader, m := signIn(t, d, colleague), marks(t)()
	p := browse(t, d, head)
	group, guardians := parentsGroup(t, p, head.uai), guardiansOf(t, d, head.uai)

	var sent sentBy
	p.call("POST", "messages", map[string]any{"to": []string{colleague.address}, "bcc": []string{group.Address}, "subject": "Sortie " + m, "text": "Bonjour."}, http.StatusOK, &sent)
	var parcels []parcel
	await(t, "a copy for each parent", func() bool {
		parcels = parcelsWith(t, d, m)
		return len(parcels) >= len(guardians)
	})
	for _, one := range parcels {
		if len(one.RcptTo) != 1 || !guardians[strings.ToLower(one.RcptTo[0])] || !strings.HasPrefix(one.MailFrom, "retour+") {
			t.Errorf("from %s to %q", one.MailFrom, one.RcptTo)
		}
		for address := range guardians {
			if strings.Contains(strings.ToLower(one.bytes), address) {
				t.Errorf("a copy names a guardian:\n%s", one.bytes)
			}
		}
		if strings.Contains(one.bytes, colleague.address) || !strings.Contains(one.bytes, "\r\nTo: ") || !strings.Contains(one.bytes, head.address) {
			t.Errorf("a copy reads:\n%s", one.bytes)
		}
	}
	if got := slices.Compact(recipients(parcels)); len(got) != len(parcels) {
		t.Errorf("%d copies for %d mailboxes", len(parcels), len(got))
	}

	bounce := "From: MAILER-DAEMON@famille.example\r\nSubject: Undelivered\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n" +
		"--b\r\n\r\n" + parcels[0].RcptTo[0] + "\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; " +
		parcels[0].RcptTo[0] + "\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
	swaks(t, d, "smtp", 0, "--from", "<>", "--to", parcels[0].MailFrom, "--data", dataFile(t, bounce))
	var lines []mailingLine
	p.call("GET", "mailings", nil, http.StatusOK, &lines)
	if len(lines) != 1 || lines[0].Subject != "Sortie "+m || lines[0].Total < len(parcels) {
		t.Fatalf("mailings: %+v", lines)
	}
	var report struct {
		People []struct{ Name, State, Status string }
	}
	p.call("GET", "mailings/"+lines[0].ID, nil, http.StatusOK, &report)
	if i := slices.IndexFunc(report.People, func(p struct{ Name, State, Status string }) bool { return p.State == "failed" }); i < 0 ||
		!strings.HasPrefix(report.People[i].Name, "Responsable de ") || report.People[i].Status != "5.1.1" {
		t.Errorf("the report names %+v", report.People)
	}

	of := func() int {
		return len(slices.DeleteFunc(list(t, reader, "INBOX"), func(l message) bool { return !strings.Contains(l.bytes, m) }))
	}
	if of() != 1 {
		t.Fatal("the colleague has not got the message")
	}
	var recalled struct{ Taken, Kept, Cancelled, Outside int }
	p.call("POST", "deliveries/"+sent.Delivery+"/recall", nil, http.StatusOK, &recalled)
	if recalled.Taken != 1 || recalled.Outside != len(parcels) {
		t.Errorf("recalled: %+v", recalled)
	}
	if of() != 0 {
		t.Error("the colleague still has the message")
	}
	verified(t, d.dir)
}

// Invariant 1, while many copies are queued: the program dies between two transactions, and each copy goes out once.
func TestKilledWhileCopiesAreQueuedItLosesAndDoublesNone(t *testing.T) {
	t.Parallel()
	const copies = 620
	d := ownDemo(t, options{agents: 120})
	sender, m := d.accounts[slices.IndexFunc(d.accounts, func(a account) bool { return a.role == "head" })], marks(t)()
	if err := d.stop(); err != nil {
		t.Fatal(err)
	}
	dying := reopen(t, d, options{binary: mortal(t), env: []string{"NAVETTE_FAULT=delivery.between-copies:1"}})
	to := make([]string, copies)
	for i := range to {
		to[i] = fmt.Sprintf("famille%d@famille.example", i)
	}
	browse(t, dying, sender).call("POST", "messages", map[string]any{"bcc": to, "subject": "Lettre " + m, "text": "Bonjour.", "apart": true}, http.StatusOK, nil)
	await(t, "death between two chunks", func() bool { return isClosed(dying.ended) })
	if s := dying.cmd.ProcessState.Sys().(syscall.WaitStatus); s.Signal() != syscall.SIGKILL {
		t.Fatalf("it ended with %v\n%s", dying.err, tail(dying.stderr.String()))
	}
	d = reopen(t, d, options{})
	var parcels []parcel
	await(t, "every copy", func() bool {
		parcels = parcelsWith(t, d, m)
		return len(parcels) >= copies
	})
	if got := slices.Compact(recipients(parcels)); len(got) != copies || len(parcels) != copies {
		t.Errorf("%d copies for %d mailboxes, want %d", len(parcels), len(got), copies)
	}
	verified(t, d.dir)
}
