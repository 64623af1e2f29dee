package e2e

import (
	"fmt"
	"strings"
	"testing"
)

// listLetter is a message to a list, as a client composes it.
func listLetter(from account, to, mark string) string {
	return "From: " + from.address + "\r\nTo: " + to + "\r\nSubject: Ordre du jour " + mark + "\r\nDate: Mon, 23 Nov 2026 08:00:00 +0100\r\nMessage-ID: <" + mark +
		"@client.example>\r\n\r\nBonjour.\r\n"
}

// listNamed gives a name that no other list of this run has.
func listNamed(mark string) string { return strings.ToLower(strings.Map(plain, mark)) }

// holding counts the messages of an inbox that hold a mark.
func holding(t *testing.T, d *demo, a account, mark string) (n int) {
	t.Helper()
	for _, m := range list(t, signIn(t, d, a), inbox) {
		n += strings.Count(m.bytes, "Subject: Ordre du jour "+mark+"\r\n")
	}
	return n
}

func TestAListSendsToItsMembersAndRefusesOutsiders(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, d *demo) {
		m := marks(t)()
		owner, first, second, colleague := d.take(t), d.take(t), d.take(t), d.take(t)
		name := listNamed(m)
		address := name + "@ac-paris.example"
		navette(t, 0, "list", "create", name, "--display", "Groupe de travail", "--owner", owner.login, "--member", first.login+","+second.address+",maire@mairie.example",
			"--archive", "--reason", "essai", "--dir", d.dir)

		text := listLetter(first, address, m)
		swaks(t, d, "submission", swaksDone, append(signedIn(d, first, "PLAIN"), "--from", first.address, "--to", address+","+second.address, "--data", dataFile(t, text))...)
		trace := received(t, awaitMessage(t, signIn(t, d, first), inbox, m), text)
		for _, want := range []string{"Return-Path: <" + name + "-owner@ac-paris.example>\r\n", "List-Id: Groupe de travail\r\n <" + name + ".list.ac-paris.example>\r\n",
			"List-Post: <mailto:" + address + ">\r\n", "Precedence: list\r\n"} {
			if !strings.Contains(trace, want) {
				t.Errorf("a member's copy lacks %q in\n%s", want, trace)
			}
		}
		if trace := received(t, awaitMessage(t, signIn(t, d, second), inbox, m), text); strings.Contains(trace, "List-Id") {
			t.Errorf("who was named has the list's copy:\n%s", trace)
		}
		for _, a := range []account{first, second} {
			if n := holding(t, d, a, m); n != 1 {
				t.Errorf("%s has %d copies", a.address, n)
			}
		}
		await(t, "the copy for the member outside", func() bool { return len(parcelsWith(t, d, m)) == 1 })
		if p := parcelsWith(t, d, m)[0]; p.MailFrom != name+"-owner@ac-paris.example" || strings.Join(p.RcptTo, " ") != "maire@mairie.example" {
			t.Errorf("outside: from %s to %v", p.MailFrom, p.RcptTo)
		}

		for _, c := range []struct {
			door string
			code int
			args []string
		}{
			{"smtp", swaksNoRcpt, []string{"--from", outsider}},
			{"smtp", swaksNoRcpt, []string{"--from", first.address}}, // anybody can write that
			{"lmtp", swaksNoRcpt, []string{"--protocol", "LMTP", "--from", first.address}},
			{"submission", swaksNoRcpt, append(signedIn(d, colleague, "PLAIN"), "--from", colleague.address)},
		} {
			if out := swaks(t, d, c.door, c.code, append(c.args, "--to", address)...); !strings.Contains(out, " 550 5.7.1 cette liste n'est ouverte qu'a ses membres") {
				t.Errorf("%s answers\n%s", c.door, out)
			}
		}
		if lines := navette(t, 0, "list", "archive", name, "--dir", d.dir).stdout; strings.Count(lines, "\n") != 1 || !strings.Contains(lines, m) {
			t.Errorf("the archive holds\n%s", lines)
		}
	})
}

func TestAModeratedListSendsWhatItsOwnerApproves(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, d *demo) {
		mark := marks(t)
		good, bad := mark(), mark()
		owner, member := d.take(t), d.take(t)
		name := listNamed(good)
		address := name + "@ac-paris.example"
		navette(t, 0, "list", "create", name, "--display", "Projet", "--owner", owner.login, "--member", member.login, "--posting", "moderated", "--archive",
			"--reason", "essai", "--dir", d.dir)
		for _, m := range []string{good, bad} {
			swaks(t, d, "smtp", swaksDone, "--from", outsider, "--to", address, "--data", dataFile(t, listLetter(account{address: outsider}, address, m)))
		}
		waiting := navette(t, 0, "list", "waiting", name, "--dir", d.dir).stdout
		if !strings.HasPrefix(waiting, "1\t") || strings.Count(waiting, "\n") != 2 || !strings.Contains(waiting, outsider) {
			t.Fatalf("waiting:\n%s", waiting)
		}
		if n := holding(t, d, member, good); n != 0 {
			t.Errorf("%d copies before anybody approved", n)
		}
		navette(t, 0, "list", "approve", name, "1", "--reason", "utile", "--dir", d.dir)
		navette(t, 0, "list", "reject", name, "2", "--reason", "hors sujet", "--dir", d.dir)
		awaitMessage(t, signIn(t, d, member), inbox, good)
		refused(t, 1, "n'attend", "list", "approve", name, "1", "--reason", "encore", "--dir", d.dir)
		if n, rejected := holding(t, d, member, good), holding(t, d, member, bad); n != 1 || rejected != 0 {
			t.Errorf("the member has %d copies of one, %d of the other", n, rejected)
		}
		if lines := navette(t, 0, "list", "archive", name, "--dir", d.dir).stdout; strings.Count(lines, "\n") != 1 || !strings.Contains(lines, good) {
			t.Errorf("the archive holds\n%s", lines)
		}
	})
}

func TestAnAudienceIsExplainedWithCounts(t *testing.T) {
	t.Parallel()
	d := shared.get(t, "sqlite")
	out := navette(t, 0, "audience", "explain", "catégorie = enseignant et non fonction = DIR", "--dir", d.dir).stdout
	lines := strings.Split(out, "\n")
	if lines[0] != "catégorie = enseignant et fonction ≠ DIR" || !strings.HasPrefix(lines[1], "Les agents dont une fonction en cours") || !strings.Contains(out, "\npar établissement :\n") {
		t.Errorf("explained as\n%s", out)
	}
	var people int
	if _, err := fmt.Sscanf(lines[3], "%d personnes", &people); err != nil || people == 0 {
		t.Errorf("counted as %q", lines[3])
	}
	refused(t, 1, "vouliez-vous dire « fonction » ?", "audience", "explain", "fonctoin = DIR", "--dir", d.dir)
	if all := navette(t, 0, "list", "list", "--dir", d.dir).stdout; !strings.Contains(all, "chefs-etablissement@ac-paris.example\trule\tmembers\t") {
		t.Errorf("the demo's lists are\n%s", all)
	}
}
