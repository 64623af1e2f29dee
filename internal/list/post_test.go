package list_test

import (
	"crypto/rand"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"navette/internal/autoreply"
	"navette/internal/delivery"
	"navette/internal/failure"
	"navette/internal/list"
	"navette/internal/store"
	"navette/internal/testkit/house"
)

func TestAPostReachesEachMemberOnceUnderTheListsFields(t *testing.T) {
	t.Parallel()
	onEngines(t, 5, func(f *fixture) {
		l := f.static("profs", append(f.of(1, 2, 3), list.Member{Outside: "Maire+Ecole@Mairie.example"})...)
		l.Display, l.Archive, l.Leaving = "Professeurs, collège É. Zola", true, true
		profs := f.create(l)
		second := f.create(f.static("conseil", append(f.of(2, 3, 4), list.Member{Outside: "maire+Ecole@mairie.example"}, list.Member{Outside: "autre@mairie.example"})...))

		f.outsider(at("profs"), house.Address(f.agents[1]), at("conseil"), "maire+Ecole@mairie.example", at("PROFS"))
		f.got("one message to somebody, two lists and somebody outside", "01111")

		own := f.copies(f.agents[1], "INBOX")[0]
		if want := "Return-Path: <un@dehors.example>\r\nReceived: by mx\r\n" + letter; own != want {
			t := f.t
			t.Errorf("who is named has\n%q\nwant\n%q", own, want)
		}
		want := "Return-Path: <profs-owner@ac-paris.example>\r\nReceived: by mx\r\n" +
			"List-Id: =?utf-8?b?UHJvZmVzc2V1cnMsIGNvbGzDqGdlIMOJLiBab2xh?=\r\n <profs.list.ac-paris.example>\r\n" +
			"List-Post: <mailto:profs@ac-paris.example>\r\nList-Owner: <mailto:profs-owner@ac-paris.example>\r\n" +
			"List-Unsubscribe: <mailto:profs-owner@ac-paris.example?subject=D%C3%A9sinscription>\r\nPrecedence: list\r\n" + letter
		for name, got := range map[string][]string{"a member": f.copies(f.agents[2], "INBOX"), "the archive": f.copies(profs, "INBOX")} {
			if len(got) != 1 || got[0] != want {
				f.t.Errorf("%s has\n%q\nwant\n%q", name, got, want)
			}
		}
		if got := f.copies(f.agents[4], "INBOX")[0]; !strings.Contains(got, "List-Id: Liste conseil\r\n <conseil.list.") {
			f.t.Errorf("who is in the second list alone has\n%s", got)
		}
		if got := f.copies(second, "INBOX"); len(got) != 0 {
			f.t.Errorf("a list that keeps no archive has %q", got)
		}
		if got, want := f.outside(), []string{"autre@mairie.example from conseil-owner@ac-paris.example", "maire+Ecole@mairie.example from un@dehors.example"}; !slices.Equal(got, want) {
			f.t.Errorf("outside: %q, want %q", got, want)
		}
		if n := f.texts(`SELECT CAST(count(*) AS TEXT) FROM content`); n[0] != "1" {
			f.t.Errorf("the content is stored %s times", n[0])
		}
	})
}

func TestWhoMayWriteToAList(t *testing.T) {
	t.Parallel()
	const owner, member, other, nobody = 0, 1, 2, -1
	onEngines(t, 3, func(f *fixture) {
		f.create(f.static("profs", append(f.of(member), list.Member{Outside: "maire@mairie.example"})...))
		for _, c := range []struct {
			posting list.Posting
			sender  int
			path    string // of nobody
			want    string // sent, held, or words of the refusal
		}{
			{list.ByOwners, owner, "", "sent"}, {list.ByOwners, member, "", "ses propriétaires"}, {list.ByOwners, other, "", "ses propriétaires"},
			{list.ByOwners, nobody, "un@dehors.example", "its owners only"},
			{list.ByMembers, owner, "", "sent"}, {list.ByMembers, member, "", "sent"}, {list.ByMembers, other, "", "ses membres"},
			{list.ByMembers, nobody, "un@dehors.example", "ses membres"},
			{list.ByMembers, nobody, house.Address(f.agents[member]), "ses membres"}, // anybody can write that into a reverse-path
			{list.ByMembers, nobody, "Maire@mairie.example", "held"},
			{list.ByAgents, other, "", "sent"}, {list.ByAgents, nobody, "un@dehors.example", "aux agents"}, {list.ByAgents, nobody, house.Address(f.agents[owner]), "aux agents"},
			{list.ByAnyone, nobody, "un@dehors.example", "sent"}, {list.ByAnyone, nobody, "", "avis automatiques"},
			{list.Moderated, owner, "", "sent"}, {list.Moderated, member, "", "held"}, {list.Moderated, nobody, "un@dehors.example", "held"}, {list.Moderated, nobody, "", "avis automatiques"},
		} {
			what := string(c.posting) + " by " + c.path
			id, err := f.Find(f.t.Context(), "profs")
			f.done(what, err)
			f.done(what, f.Change(f.t.Context(), list.AsOperator(by), id, func(s *list.Settings) { s.Posting = c.posting }))
			before, heldBefore := len(f.copies(f.agents[member], "INBOX")), len(f.copies(id, "À modérer"))
			if c.sender == nobody {
				err = f.post(0, c.path, at("profs"))
			} else {
				err = f.post(f.agents[c.sender], house.Address(f.agents[c.sender]), at("profs"))
			}
			sent, held := len(f.copies(f.agents[member], "INBOX"))-before, len(f.copies(id, "À modérer"))-heldBefore
			switch {
			case c.want == "sent" && err == nil && sent == 1 && held == 0, c.want == "held" && err == nil && sent == 0 && held == 1:
			case failure.Is(err, failure.Policy) && strings.Contains(failure.TextOf(err, ""), c.want) && sent == 0 && held == 0:
			default:
				f.t.Errorf("%s, sender %d: sent %d, held %d, %v; want %s", what, c.sender, sent, held, err, c.want)
			}
		}
	})
}

// A door asks at RCPT; whatever happens until the end of the data, Accept asks again.
func TestARuleThatChangedSinceRCPTHolds(t *testing.T) {
	t.Parallel()
	onEngines(t, 2, func(f *fixture) {
		id := f.create(f.static("profs", f.of(1)...))
		r, err := f.Delivery.Resolve(f.t.Context(), at("profs"))
		f.done("resolve", err)
		f.done("change", f.Change(f.t.Context(), list.AsOperator(by), id, func(s *list.Settings) { s.Posting = list.ByOwners }))
		_, err = f.Accept(f.t, []byte(letter), r.Target)
		f.refused("a post that RCPT had taken", err, failure.Policy, "ses propriétaires")
		f.got("refused", "00")
	})
}

func TestAMessageIsRefusedForWhatItIs(t *testing.T) {
	t.Parallel()
	onEngines(t, 2, func(f *fixture) {
		l := f.static("profs", f.of(1)...)
		l.MaxSize = int64(len(letter))
		f.create(l)
		f.create(f.static("vide"))
		f.refused("too large", f.postWith(0, delivery.Envelope{ReversePath: "un@dehors.example"}, letter+"x", at("profs")), failure.Policy, "trop gros")
		f.refused("went round", f.postWith(0, delivery.Envelope{ReversePath: "un@dehors.example", ListIDs: []string{"x.example", "profs.list.ac-paris.example"}},
			letter, at("profs")), failure.Permanent, "mail loop")
		f.refused("no members", f.post(0, "un@dehors.example", at("vide")), failure.Policy, "aucun membre")
		f.got("refused", "00")
		f.done("another list's", f.postWith(0, delivery.Envelope{ReversePath: "un@dehors.example", ListIDs: []string{"vide.list.ac-paris.example"}}, letter, at("profs")))
		f.got("through another list", "01")
	})
}

func TestListsWithinListsReachEverybodyOnce(t *testing.T) {
	t.Parallel()
	onEngines(t, 5, func(f *fixture) {
		inner := f.static("dedans", f.of(2, 3)...)
		inner.Posting = list.ByOwners // whoever writes to the outer list writes by its rule
		in := f.create(inner)
		out := f.create(f.static("dehors", append(f.of(1, 2), list.Member{Account: in})...))
		f.outsider(at("dehors"))
		f.got("a list in a list", "01110")
		f.done("nest the other way", ignore(f.AddMembers(f.t.Context(), list.AsOperator(by), in, []list.Member{{Account: out}})))
		f.agent(0, at("dedans"))
		f.got("two lists in each other", "02220")
		_, err := f.AddMembers(f.t.Context(), list.AsOperator(by), in, []list.Member{{Account: in}})
		f.refused("a list in itself", err, failure.Policy, "d'elle-même")
	})
}

func ignore[T any](_ T, err error) error { return err }

func TestWhoHasLeftGetsNothing(t *testing.T) {
	t.Parallel()
	onEngines(t, 4, func(f *fixture) {
		f.create(f.static("profs", f.of(1, 2, 3)...))
		f.write(`UPDATE account SET state = 'departed' WHERE account_id = $1`, f.agents[1])
		f.write(`UPDATE account SET state = 'suspended' WHERE account_id = $1`, f.agents[2])
		f.outsider(at("profs"))
		f.got("one has departed, one is suspended", "0011")
	})
}

func TestMailForTheOwnersReachesThem(t *testing.T) {
	t.Parallel()
	onEngines(t, 3, func(f *fixture) {
		l := f.static("profs", f.of(2)...)
		l.Owners, l.Posting = f.agents[:2], list.ByOwners
		id := f.create(l)
		f.outsider(at("profs-owner"))
		f.done("a report of non-delivery", f.post(0, "", at("profs-owner")))
		f.got("mail and a report", "220")
		if got := f.copies(f.agents[0], "INBOX")[0]; strings.Contains(got, "List-") {
			f.t.Errorf("the owners' mail bears fields of the list:\n%s", got)
		}
		f.write(`UPDATE account SET state = 'departed' WHERE account_id IN ($1, $2)`, f.agents[0], f.agents[1])
		f.outsider(at("profs-owner"))
		if n := len(f.copies(id, "INBOX")); n != 1 {
			f.t.Errorf("without owners the list's own account holds %d messages", n)
		}
	})
}

// Nobody answers a list: neither to the letter of one who is away, nor in a circle.
func TestAutomaticRepliesNeverAnswerAList(t *testing.T) {
	t.Parallel()
	onEngines(t, 2, func(f *fixture) {
		ctx := f.t.Context()
		l := f.static("profs", f.of(1)...)
		f.create(l)
		replies := autoreply.New(autoreply.Config{DB: f.DB, Contents: f.Contents, Delivery: f.Delivery, Domain: house.Domain, Hostname: "mx.ac-paris.example",
			Now: func() time.Time { return f.now }, Random: rand.Reader, Log: slog.New(slog.DiscardHandler)})
		err := f.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
			return autoreply.Set(ctx, tx, autoreply.Reply{Account: f.agents[1], From: f.now.Add(-time.Hour), Body: "Absente."})
		})
		f.done("set a reply", err)
		to := strings.Replace(letter, "profs@ac-paris.example", house.Address(f.agents[1]), 1)
		f.done("through the list, to somebody by name", f.postWith(0, delivery.Envelope{ReversePath: "un@dehors.example"}, to, at("profs")))
		f.done("with the list as the sender", f.postWith(0, delivery.Envelope{ReversePath: at("profs")}, to, house.Address(f.agents[1])))
		f.done("with its owners as the sender", f.postWith(0, delivery.Envelope{ReversePath: at("profs-owner")}, to, house.Address(f.agents[1])))
		if n, err := replies.Run(ctx); n != 0 || err != nil {
			f.t.Errorf("%d replies, %v", n, err)
		}
		f.done("a person", f.postWith(0, delivery.Envelope{ReversePath: "un@dehors.example"}, to, house.Address(f.agents[1])))
		if n, err := replies.Run(ctx); n != 1 || err != nil {
			f.t.Errorf("%d replies to a person, %v", n, err)
		}
	})
}
