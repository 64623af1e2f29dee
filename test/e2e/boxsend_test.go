package e2e

import (
	"strings"
	"testing"
)

// A member writes as the box, with a program that gives their own address as the reverse-path. Nobody who receives it
// learns who wrote, not even a member who is written to personally; the box's copy tells all members, and what was
// answered is answered for all.
func TestTheAuthorIsInTheBoxsCopyAlone(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, d *demo) {
		mark := marks(t)
		b, marie, paul := newBox(t, d, mark()), d.take(t), d.take(t)
		b.admit(t, marie, "member")
		b.admit(t, paul, "owner")
		c := signIn(t, d, paul)
		asked, m := b.arrive(t, c, mark, 1)[0], mark()
		octets := "From: Service <" + b.address() + ">\r\nTo: " + paul.address + ", un@dehors.example\r\nSubject: Suite " + m + "\r\n" +
			"Date: Mon, 23 Nov 2026 08:00:00 +0100\r\nMessage-ID: <" + m + "@client.example>\r\nIn-Reply-To: <" + asked + "@dehors.example>\r\n\r\nfin\r\n"
		swaks(t, d, "submission", swaksDone, append(signedIn(d, marie, "PLAIN"), "--from", marie.address, "--to", paul.address+",un@dehors.example",
			"--data", dataFile(t, "Sender: "+marie.address+"\r\nX-Navette-Auteur: autre\r\n"+octets))...)

		var parcels []parcel
		await(t, "the message in the outbox", func() bool {
			parcels = parcelsWith(t, d, m)
			return len(parcels) == 1
		})
		received := awaitMessage(t, c, inbox, m).bytes
		for who, got := range map[string]string{"outside": parcels[0].bytes, "a member, personally": received} {
			trace, found := strings.CutSuffix(got, octets)
			if !found || strings.Contains(trace, "Auteur") || strings.Contains(trace, marie.login) || strings.Contains(trace, marie.address) {
				t.Errorf("%s: %q", who, got)
			}
		}
		if parcels[0].MailFrom != b.address() || !strings.HasPrefix(received, "Return-Path: <"+b.address()+">\r\n") {
			t.Errorf("the reverse-path is %q outside; inside it begins %.80q", parcels[0].MailFrom, received)
		}
		sent := awaitMessage(t, c, b.folder("Envoyés"), m)
		author, found := strings.CutSuffix(sent.bytes, "\r\n"+octets)
		if !found || !strings.HasPrefix(author, "X-Navette-Auteur: ") || !strings.HasSuffix(author, " ("+marie.login+")") || sent.flags != `\Seen` {
			t.Errorf("the box keeps, with flags %q\n%q", sent.flags, sent.bytes)
		}
		if got := awaitMessage(t, c, b.folder(""), asked).flags; !strings.Contains(got, `\Answered`) {
			t.Errorf("what was answered has the flags %q", got)
		}
	})
}

// In a demo each head owns the box of their school, the secretaries of it are members, and the DSI asks and changes
// beside the running server.
func TestTheBoxesOfADemoFollowItsPeople(t *testing.T) {
	t.Parallel()
	d := ownDemo(t, options{agents: 120})
	of := map[string]string{"head": "propriétaire par sa fonction", "secretary": "membre"}
	seen := map[string]int{}
	for _, a := range d.accounts {
		if want := of[a.role]; want != "" {
			seen[a.role]++
			lines := navette(t, 0, "box", "members", a.uai, "--dir", d.dir).stdout
			if !strings.Contains(lines, a.login+"\t") || !strings.Contains(lines, "\t"+want+", depuis le ") {
				t.Errorf("%s is %s of %s, whose box says\n%s", a.login, a.role, a.uai, lines)
			}
		}
	}
	if seen["head"] == 0 || seen["secretary"] == 0 {
		t.Errorf("the demo has %v", seen)
	}
	all, orphans := navette(t, 0, "box", "list", "--dir", d.dir).stdout, navette(t, 0, "box", "orphans", "--dir", d.dir).stdout
	if n := strings.Count(all, "SANS PROPRIÉTAIRE"); n != strings.Count(orphans, "\n") || strings.Count(all, "\n") < 8 {
		t.Errorf("%d boxes without an owner of\n%s\nand the alarms are\n%s", n, all, orphans)
	}
	refused(t, 1, "aucune boîte fonctionnelle", "box", "show", "ce.0000000a", "--dir", d.dir)
	refused(t, 1, "nominatif", "box", "add", "dsi", "assistance", "--reason", "essai", "--dir", d.dir)
	if r := navetteWith(t, 1, "Une-Phrase-Assez-Longue-7\n", "account", "password", "dsi", "--dir", d.dir); !strings.Contains(r.stderr, "n'a pas de mot de passe") {
		t.Errorf("a password for a box: %q", r.stderr)
	}
	refused(t, 2, "--role", "box", "add", "dsi", d.accounts[0].login, "--role", "admin", "--reason", "essai", "--dir", d.dir)
	refused(t, 2, "--reason", "box", "remove", "dsi", d.accounts[0].login, "--dir", d.dir)
	refused(t, 1, "clé", "establishment", "set", "0759001A", "--name", "Lycée", "--nature", "306", "--reason", "essai", "--dir", d.dir)
}
