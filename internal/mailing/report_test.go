package mailing_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"navette/internal/delivery"
	"navette/internal/failure"
	"navette/internal/guard"
	"navette/internal/mailing"
	"navette/internal/testkit/house"
)

// bounce is a report of non-delivery as another server writes it, which names the address as they all do.
func bounce(address, status string) string {
	return "From: MAILER-DAEMON@orange.example\r\nSubject: Undelivered\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\n" +
		address + "\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; " + address +
		"\r\nAction: failed\r\nStatus: " + status + "\r\n\r\n--b--\r\n"
}

const vacation = "From: lea@orange.example\r\nSubject: Absente\r\nAuto-Submitted: auto-replied\r\n\r\nJe suis absente.\r\n"

// « One report for a mailing: reached, failed (by pupil), automatic replies folded into one line, not sixty bounces. »
func TestOneReportTellsOfAMailing(t *testing.T) {
	t.Parallel()
	onEngines(t, 1, func(f *fixture) {
		f.pupils(6)
		f.parentsOf(5)
		f.groups[parents] = append(f.groups[parents], mailing.Member{Person: 9, Holds: guard.Guardians, Pupils: []int64{6}})
		r := f.send(nil, []string{"g1@" + house.Domain, "typed@dehors.example"})
		out := f.out()
		f.concludes(out[0], 2, "5.1.1") // our own queue could not send it
		for _, c := range out[1:] {
			f.concludes(c, 1, "2.0.0")
		}
		for _, back := range []struct{ path, to, octets string }{
			{"", out[1].reversePath, bounce(out[1].to, "5.2.2")},
			{"", out[5].reversePath, bounce(out[5].to, "5.7.1")},
			{"", out[2].reversePath, vacation}, {"", out[3].reversePath, vacation}, {"", out[3].reversePath, vacation},
		} {
			if err := f.arrives(back.path, back.to, back.octets); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(f.inbox(f.agents[0])); n != 0 {
			t.Fatalf("the sender got %d messages before the report", n)
		}
		f.upkeep(2 * time.Minute)
		f.upkeep(time.Hour) // and no second one
		list := f.inbox(f.agents[0])
		if len(list) != 1 {
			t.Fatalf("the sender got %d messages, want one report", len(list))
		}
		said := text(t, list[0])
		for _, want := range []string{"Réunion", "Remises : 3", "Non remises : 3", "Sans adresse connue : 1", "Réponses automatiques, gardées ici : 2",
			"Responsable de Élève1 N. (4E3) — adresse inconnue", "Responsable de Élève2 N. (4E3) — boîte pleine", "typed@dehors.example — message refusé",
			"Sans adresse connue :\n  Responsable de Élève6 N. (4E3)"} {
			if !strings.Contains(said, want) {
				t.Errorf("the report does not say %q:\n%s", want, said)
			}
		}
		if strings.Contains(said, "orange.example") {
			t.Errorf("the report names a guardian's address:\n%s", said)
		}
		report, err := f.Report(t.Context(), f.agents[0], r.Mailing)
		if err != nil {
			t.Fatal(err)
		}
		want := mailing.Counts{Total: 7, Reached: 3, Failed: 3, Missing: 1, Answered: 2}
		if diff := cmp.Diff(want, report.Counts); diff != "" || len(report.People) != 4 {
			t.Errorf("counts (-want +got)\n%s\npeople %v", diff, report.People)
		}
		f.sound()
	})
}

// A group in which no address is known is told of too, beside whom the message was written to; and an owner who cannot
// be told holds up no other report.
func TestAReportComesWhateverBecomesOfOthers(t *testing.T) {
	t.Parallel()
	onEngines(t, 3, func(f *fixture) {
		f.pupils(1)
		f.groups[parents] = []mailing.Member{{Person: 9, Holds: guard.Guardians, Pupils: []int64{1}}}
		lost := f.send([]string{house.Address(f.agents[1])}, []string{"g1@" + house.Domain})
		f.exec(`UPDATE mailing SET owner = 999999 WHERE mailing_id = $1`, lost.Mailing)
		f.send([]string{house.Address(f.agents[1])}, []string{"g1@" + house.Domain})
		f.clock.Add(2 * time.Minute)
		if err := f.Upkeep(t.Context()); err == nil {
			t.Error("nobody was told that a report found no owner")
		}
		if list := f.inbox(f.agents[0]); len(list) != 1 || !strings.Contains(text(t, list[0]), "Sans adresse connue : 1") {
			t.Errorf("the sender has %q", list)
		}
		f.upkeep(8 * 24 * time.Hour)
		if open := f.column(`SELECT count(*) FROM mailing WHERE state < 2`); open[0] != "0" {
			t.Errorf("%s mailings are watched for ever", open[0])
		}
	})
}

// What is not settled after a day is told as it stands; what fails within three days is told once more, and nothing
// after.
func TestAReportComesAfterADayAndOnceMore(t *testing.T) {
	t.Parallel()
	onEngines(t, 1, func(f *fixture) {
		f.pupils(2)
		f.parentsOf(2)
		f.send(nil, []string{"g1@" + house.Domain})
		out := f.out()
		f.concludes(out[0], 1, "2.0.0")
		f.upkeep(23 * time.Hour)
		if n := len(f.inbox(f.agents[0])); n != 0 {
			t.Errorf("%d reports while one copy is under way", n)
		}
		f.upkeep(time.Hour)
		f.upkeep(time.Hour)
		list := f.inbox(f.agents[0])
		if len(list) != 1 || !strings.Contains(text(t, list[0]), "Encore en route : 1") {
			t.Fatalf("after a day: %q", list)
		}
		f.concludes(out[1], 2, "4.4.7")
		f.upkeep(24 * time.Hour)
		if n := len(f.inbox(f.agents[0])); n != 1 {
			t.Errorf("%d reports on the second day", n)
		}
		f.upkeep(24 * time.Hour)
		f.upkeep(24 * time.Hour)
		list = f.inbox(f.agents[0])
		if len(list) != 2 || !strings.Contains(text(t, list[1]), "Responsable de Élève2 N. (4E3) — son serveur n'a pas répondu") {
			t.Errorf("on the third day: %q", list)
		}
		if open := f.column(`SELECT count(*) FROM mailing WHERE state < 2`); open[0] != "0" {
			t.Errorf("%s mailings are watched for ever", open[0])
		}
	})
}

// An answer that a person writes to the reverse-path goes to the sender; what nobody was given leads nowhere.
func TestAnAnswerOfAPersonGoesToTheSender(t *testing.T) {
	t.Parallel()
	onEngines(t, 2, func(f *fixture) {
		f.parentsOf(1)
		f.send(nil, []string{"g1@" + house.Domain})
		path := f.out()[0].reversePath
		const answer = "From: parent0@orange.example\r\nSubject: Re\r\n\r\nMerci.\r\n"
		if err := f.arrives("parent0@orange.example", strings.ToUpper(path), answer); err != nil {
			t.Fatal(err)
		}
		if list := f.inbox(f.agents[0]); len(list) != 1 || !strings.HasSuffix(list[0], answer) {
			t.Errorf("the sender has %q", list)
		}
		for _, address := range []string{"retour@" + house.Domain, "retour+abc@" + house.Domain, strings.Replace(path, "+", "+0", 1)} {
			if _, err := f.Delivery.Resolve(t.Context(), address); !failure.Is(err, failure.Permanent) {
				t.Errorf("%s: %v", address, err)
			}
		}
		f.sound()
	})
}

// The bounce of each copy lands on its own row, and on no other's.
func TestEachBounceIsOfItsCopy(t *testing.T) {
	t.Parallel()
	onEngines(t, 1, func(f *fixture) {
		f.parentsOf(30)
		f.send(nil, []string{"g1@" + house.Domain})
		out := f.out()
		for i, c := range out {
			f.concludes(c, 1, "2.0.0")
			if i%3 == 0 {
				if err := f.arrives("", c.reversePath, bounce(c.to, fmt.Sprintf("5.1.%d", i))); err != nil {
					t.Fatal(err)
				}
			}
		}
		f.upkeep(2 * time.Minute)
		var want []string
		for i := range out {
			state, status := 2, ""
			if i%3 == 0 {
				state, status = 3, fmt.Sprintf("5.1.%d", i)
			}
			want = append(want, fmt.Sprintf("%d %d %s", i+1, state, status))
		}
		if diff := cmp.Diff(want, f.column(`SELECT pupils || ' ' || state || ' ' || status FROM mailing_copy ORDER BY seq`)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

func TestNobodyElseSeesAMailing(t *testing.T) {
	t.Parallel()
	onEngines(t, 3, func(f *fixture) {
		f.parentsOf(2)
		cleared, env := f.envelope(nil, []string{"g1@" + house.Domain})
		env.ReversePath = house.Address(f.agents[1]) // as a box that agent 1 stands for
		r, err := f.Delivery.Accept(t.Context(), cleared, env, f.Prepare(t, []byte(letter)), []byte(trace))
		if err != nil {
			t.Fatal(err)
		}
		for i, account := range f.agents {
			list, err := f.Mailings(t.Context(), account)
			_, reportErr := f.Report(t.Context(), account, r.Mailing)
			if seen := i < 2; err != nil || (len(list) == 1) != seen || (reportErr == nil) != seen {
				t.Errorf("account %d sees %v, %v", i, list, reportErr)
			}
		}
		for _, c := range f.out() {
			f.concludes(c, 1, "")
		}
		f.upkeep(time.Hour)
		if len(f.inbox(f.agents[1])) != 1 || len(f.inbox(f.agents[0])) != 0 {
			t.Error("the report is not in the inbox of what was written as")
		}
	})
}

// « Before sending, a list by pupil says who is reached, who has no address, whose last message bounced (printable). »
func TestBeforeSendingTheListSaysWhoIsReached(t *testing.T) {
	t.Parallel()
	onEngines(t, 1, func(f *fixture) {
		f.pupils(4)
		f.parentsOf(3)
		f.groups[parents] = append(f.groups[parents], guardian("PARENT2@orange.example", 4), mailing.Member{Person: 9, Holds: guard.Guardians, Pupils: []int64{4}})
		f.send(nil, []string{"g1@" + house.Domain})
		out := f.out()
		f.concludes(out[0], 2, "5.1.1")
		f.concludes(out[1], 2, "5.1.1")
		f.upkeep(time.Hour)
		f.groups[everybody] = f.groups[parents][1:2] // the second message to one of them arrives
		f.send(nil, []string{"g3@" + house.Domain})
		for _, c := range f.out() {
			f.concludes(c, 1, "")
		}
		f.upkeep(time.Hour)
		p, err := f.Preview(t.Context(), f.agents[0], parents)
		if err != nil {
			t.Fatal(err)
		}
		const want = "3 copies, 1 sans adresse connue, 1 dont le dernier message est revenu\n\n" +
			"Responsable de Élève1 N. (4E3) — dernier message revenu : adresse inconnue de son serveur\n" +
			"Responsable de Élève2 N. (4E3)\nResponsable de Élève3 N. (4E3)\nResponsable de Élève4 N. (4E3)\n" +
			"Responsable de Élève4 N. (4E3) — sans adresse connue\n"
		if diff := cmp.Diff(want, p.Print()); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

// Who got a copy is forgotten after a while; how many, and what they were told, is not.
func TestWhoGotACopyIsForgotten(t *testing.T) {
	t.Parallel()
	onEngines(t, 1, func(f *fixture) {
		f.parentsOf(2)
		r := f.send(nil, []string{"g1@" + house.Domain, "typed@dehors.example"})
		out := f.out()
		for _, c := range out {
			f.concludes(c, 1, "")
		}
		f.upkeep(time.Hour)
		f.upkeep(mailing.DefaultKeep - 2*time.Hour)
		if n := f.column(`SELECT count(*) FROM mailing_copy`); n[0] != "3" {
			t.Errorf("%s copies are known before the time is up", n[0])
		}
		f.upkeep(3 * time.Hour)
		if n := f.column(`SELECT count(*) FROM mailing_copy`); n[0] != "0" {
			t.Errorf("%s copies are still known", n[0])
		}
		report, err := f.Report(t.Context(), f.agents[0], r.Mailing)
		if err != nil || report.Reached != 3 || report.Subject != "" {
			t.Errorf("the report is %+v, %v", report, err)
		}
		if err := f.arrives("", out[0].reversePath, bounce("x", "5.1.1")); err != nil {
			t.Errorf("what comes back for it: %v", err)
		}
	})
}

var _ delivery.Groups = groups{}
