package submission_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"navette/internal/box"
	"navette/internal/content"
	"navette/internal/delivery"
	"navette/internal/failure"
	"navette/internal/guard"
	"navette/internal/identity"
	"navette/internal/mailbox"
	"navette/internal/store"
	"navette/internal/submission"
	"navette/internal/testkit/house"
	"navette/internal/testkit/stores"
)

// The addresses of the school's box, and one outside.
const (
	schoolBox   = "ce.0759001b@ac-paris.example"
	schoolAlias = "college@ac-paris.example"
	outside     = "parent@dehors.example"
)

// office is a world with a box: its sender is a member, the colleague its owner, and there are a reader and a stranger.
type office struct {
	*world
	boxes            *box.Service
	box              int64
	reader, stranger int64
}

func newOffice(t testing.TB, db *store.DB) *office {
	t.Helper()
	s := &office{world: newWorldOn(t, db)}
	more := s.Accounts(t, 2)
	s.reader, s.stranger = more[0], more[1]
	s.boxes = box.New(box.Config{DB: db, Contents: s.Contents, Delivery: s.Delivery, Domain: house.Domain, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	by := identity.By{Actor: "test", Reason: "test"}
	if _, err := s.boxes.Create(t.Context(), by, []box.Box{{Local: "ce.0759001B", Aliases: []string{"college"}, Display: "Collège"}}); err != nil {
		t.Fatal(err)
	}
	var err error
	if s.box, err = s.boxes.Find(t.Context(), "0759001b"); err != nil {
		t.Fatal(err)
	}
	list := []box.Appointment{{Box: s.box, Member: s.accounts[0], Role: box.Member}, {Box: s.box, Member: s.accounts[1], Role: box.Owner},
		{Box: s.box, Member: s.reader, Role: box.Reader}}
	if err := s.boxes.Appoint(t.Context(), by, list); err != nil {
		t.Fatal(err)
	}
	s.exec(`UPDATE account SET display_name = 'Hélène Petit' WHERE account_id = $1`, s.accounts[0])
	s.serve(&spy{s.Delivery, s.world})
	return s
}

// serve has the service hand messages to somebody.
func (s *office) serve(to delivery.Accepter) {
	cfg := s.config()
	cfg.Boxes = s.boxes
	s.service = submission.New(s.DB, s.Contents, to, cfg)
}

func (s *office) exec(query string, args ...any) {
	s.t.Helper()
	err := s.DB.Write(s.t.Context(), store.Interactive, func(tx *store.Tx) error {
		_, err := tx.Exec(s.t.Context(), query, args...)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// sendAs submits under an account and a reverse-path.
func (s *office) sendAs(account int64, path, octets string, to ...string) error {
	_, err := s.service.Submit(s.t.Context(), submission.Message{Principal: identity.Principal{Account: account, Scopes: identity.SubmitMail},
		ReversePath: path, Recipients: to, ID: id, Protocol: "ESMTPSA"}, strings.NewReader(octets))
	return err
}

// copies gives all that stands in a mailbox of an account, octet for octet, the oldest first.
func (s *office) copies(account int64, role string) (out []string, items []mailbox.Item) {
	s.t.Helper()
	list, _, err := s.Mailboxes.List(s.t.Context(), account)
	if err != nil {
		s.t.Fatal(err)
	}
	at := slices.IndexFunc(list, func(m mailbox.Mailbox) bool { return m.Role == role })
	err = s.Mailboxes.Fetch(s.t.Context(), account, list[at].ID, []mailbox.UIDRange{{First: 1, Last: 1 << 30}}, mailbox.NeedFacts,
		func(some []mailbox.Item) error {
			for _, it := range some {
				out, items = append(out, s.octets(&it.Message)), append(items, it)
			}
			return nil
		})
	if err != nil {
		s.t.Fatal(err)
	}
	return out, items
}

func (s *office) octets(m *content.Message) string {
	s.t.Helper()
	r, err := s.Contents.Open(s.t.Context(), m, 0)
	if err != nil {
		s.t.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(b)
}

// queued gives what waits for an address outside, octet for octet.
func (s *office) queued() (reversePath, octets string) {
	s.t.Helper()
	var message int64
	var loaded map[int64]content.Message
	err := s.DB.Read(s.t.Context(), func(tx *store.Tx) error {
		err := tx.QueryRow(s.t.Context(), `SELECT message_id, reverse_path FROM outbound ORDER BY outbound_id DESC LIMIT 1`).Scan(&message, &reversePath)
		if err != nil {
			return err
		}
		loaded, err = s.Contents.Load(s.t.Context(), tx, []int64{message}, false, false)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	m := loaded[message]
	return reversePath, s.octets(&m)
}

// prefixes gives the prefix of every message that there is.
func (s *office) prefixes() (out []string) {
	s.t.Helper()
	err := s.DB.Read(s.t.Context(), func(tx *store.Tx) error {
		out = nil
		rows, err := tx.Query(s.t.Context(), `SELECT prefix FROM message`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var b []byte
			if err := rows.Scan(&b); err != nil {
				return err
			}
			out = append(out, string(b))
		}
		return rows.Err()
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

// trace is the prefix of what leaves under a path.
func trace(path string) string {
	return "Return-Path: <" + path + ">\r\nReceived: by mx.ac-paris.example with ESMTPSA id " + id + ";\r\n\tTue, 01 Sep 2026 08:30:00 +0200\r\n"
}

// Invariant 6, of what is written in a page: From has the box's name, and no copy but the box's has the author's.
func TestALetterAsABoxBearsTheNameOfTheBox(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		s := newOffice(t, db)
		author := s.principal
		author.Display = "Helene Petit"
		for from, want := range map[string]string{schoolBox: "=?utf-8?q?Coll=C3=A8ge?= <" + schoolBox + ">", schoolAlias: "=?utf-8?q?Coll=C3=A8ge?= <" + schoolAlias + ">",
			"": `"Helene Petit" <` + s.sender + ">", alias: `"Helene Petit" <` + alias + ">"} {
			if _, err := s.service.Send(t.Context(), author, submission.Letter{From: from, To: []string{outside}, Subject: "Sortie", Text: "Bonjour.\n"}); err != nil {
				t.Fatal(err)
			}
			_, got := s.queued()
			if !slices.Equal(fields(got, "From"), []string{"From: " + want}) {
				t.Errorf("as %q: %q", from, fields(got, "From"))
			}
			if strings.HasPrefix(want, "=") && strings.Contains(got, "Petit") {
				t.Errorf("as %q the author is named: %q", from, got)
			}
		}
	})
}

// Invariant 6, on the octets of every copy: inside, outside, to a member who is written to personally, and to the box.
func TestTheAuthorStandsInTheBoxsCopyAndInNoOther(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		s := newOffice(t, db)
		octets := "From: Collège <" + schoolBox + ">\r\nTo: " + s.colleague + ", " + outside + "\r\nSubject: Conseil de classe\r\n" + complete + "\r\nBonjour.\r\n"
		forged := "X-Navette-Auteur: Quelqu'un D'autre (autre)\r\nx-navette-auteur : encore\r\n"
		err := s.sendAs(s.accounts[0], s.sender, forged+octets, s.colleague, house.Address(s.stranger), schoolBox, outside)
		if err != nil {
			t.Fatal(err)
		}
		for who, account := range map[string]int64{"a member, personally": s.accounts[1], "a stranger": s.stranger, "the box": s.box} {
			if got, _ := s.copies(account, "inbox"); !slices.Equal(got, []string{trace(schoolBox) + octets}) {
				t.Errorf("%s received %q", who, got)
			}
		}
		if path, got := s.queued(); path != schoolBox || got != trace(schoolBox)+octets {
			t.Errorf("outside goes %q, under %s", got, path)
		}
		author := fmt.Sprintf("X-Navette-Auteur: =?utf-8?q?H=C3=A9l=C3=A8ne_Petit?= (agent%d)\r\n", s.accounts[0])
		sent, items := s.copies(s.box, "sent")
		if !slices.Equal(sent, []string{author + octets}) || items[0].Flags != mailbox.Seen {
			t.Errorf("the box keeps %q, with flags %d", sent, items[0].Flags)
		}
		named := 0
		for _, prefix := range s.prefixes() {
			if strings.Contains(strings.ToLower(prefix), "auteur") {
				named++
			}
		}
		if named != 1 {
			t.Errorf("%d messages name the author", named)
		}
		for _, account := range []int64{s.accounts[0], s.accounts[1]} {
			if got, _ := s.copies(account, "sent"); len(got) != 0 {
				t.Errorf("account %d has sent %q", account, got)
			}
		}
	})
}

func TestNothingElseOfAMessageNamesItsAuthor(t *testing.T) {
	t.Parallel()
	s := newOffice(t, stores.SQLite(t))
	from, rest := "From: "+schoolAlias+"\r\n", "To: x@dehors.example\r\n"+complete+"\r\nx\r\n"
	for name, c := range map[string]struct{ path, wantPath, fields string }{
		"the author's path becomes the box's":      {s.sender, schoolBox, ""},
		"the alias's path too":                     {schoolAlias, schoolBox, ""},
		"the null path stays":                      {"", "", ""},
		"a Sender who is the author goes":          {schoolBox, schoolBox, "Sender: Moi\r\n <" + s.sender + ">\r\n"},
		"a Sender under the author's alias goes":   {schoolBox, schoolBox, "sender : " + strings.ToUpper(alias) + "\r\n"},
		"a Sender who is the author, as a comment": {schoolBox, schoolBox, "Sender: (Hélène) " + s.sender + "\r\n"},
	} {
		if err := s.sendAs(s.accounts[0], c.path, from+c.fields+rest, outside); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if path, got := s.queued(); path != c.wantPath || got != trace(c.wantPath)+from+rest {
			t.Errorf("%s: %q under %q", name, got, path)
		}
	}
	if err := s.sendAs(s.accounts[0], schoolBox, "From: "+schoolBox+"\r\nSender: "+schoolAlias+"\r\n"+rest, outside); err != nil {
		t.Errorf("a Sender of the box: %v", err)
	}
	if _, got := s.queued(); !strings.Contains(got, "Sender: "+schoolAlias) {
		t.Errorf("a Sender of the box is gone: %q", got)
	}
}

func TestWhoMayNotWriteAsABoxIsToldWhy(t *testing.T) {
	t.Parallel()
	s := newOffice(t, stores.SQLite(t))
	s.exec(`INSERT INTO address (address, account_id, kind, issued_at, reference) VALUES ('ancien.college@ac-paris.example', $1, 'former', 0, '')`, s.box)
	rest := "To: x@dehors.example\r\n" + complete + "\r\nx\r\n"
	own := func(account int64) string { return house.Address(account) }
	for name, c := range map[string]struct {
		account      int64
		path, fields string
		text         string
	}{
		"a reader":                               {s.reader, "", "From: " + schoolBox + "\r\n", "sans pouvoir écrire"},
		"a reader, at MAIL":                      {s.reader, schoolBox, "From: " + own(s.reader) + "\r\n", "sans pouvoir écrire"},
		"a stranger":                             {s.stranger, "", "From: " + schoolBox + "\r\n", own(s.stranger)},
		"a stranger, at MAIL":                    {s.stranger, schoolBox, "From: " + own(s.stranger) + "\r\n", own(s.stranger)},
		"another person's address":               {s.accounts[0], "", "From: " + s.colleague + "\r\n", s.sender},
		"an address that the box has no more":    {s.accounts[0], "", "From: ancien.college@ac-paris.example\r\n", s.sender},
		"the box and oneself":                    {s.accounts[0], "", "From: " + schoolBox + ", " + s.sender + "\r\nSender: " + schoolBox + "\r\n", schoolBox},
		"as the box, from another":               {s.accounts[0], "", "From: " + schoolBox + "\r\nSender: " + s.colleague + "\r\n", schoolBox},
		"as the box, resent by oneself":          {s.accounts[0], "", "From: " + schoolBox + "\r\nResent-From: " + s.sender + "\r\n", schoolBox},
		"as oneself, with the box's path":        {s.accounts[0], schoolBox, "From: " + s.sender + "\r\n", s.sender},
		"as the box, under a path of nobody's":   {s.accounts[0], outside, "From: " + schoolBox + "\r\n", s.sender},
		"as the box, and two Senders of oneself": {s.accounts[0], "", "From: " + schoolBox + "\r\n" + strings.Repeat("Sender: "+s.sender+"\r\n", 2), "répété"},
	} {
		err := s.sendAs(c.account, c.path, c.fields+rest, outside)
		if !failure.Is(err, failure.Policy) && !failure.Is(err, failure.Permanent) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := count(s.world, `SELECT count(*) FROM delivery`); n != 0 {
		t.Errorf("%d messages left", n)
	}
	if err := s.sendAs(s.accounts[1], "", "From: "+schoolBox+"\r\n"+rest, outside); err != nil {
		t.Errorf("the owner: %v", err)
	}
}

func TestAnAnswerAsTheBoxIsSeenByAllItsMembers(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		s := newOffice(t, db)
		s.Deliver(t, []byte("From: "+outside+"\r\nTo: "+schoolBox+"\r\nSubject: Absence\r\nMessage-ID: <a1@dehors>\r\n\r\nx\r\n"), s.box)
		s.Deliver(t, []byte("From: "+outside+"\r\nTo: "+schoolBox+"\r\nSubject: Cantine\r\nMessage-ID: <b2@dehors>\r\n\r\nx\r\n"), s.box, s.accounts[0])
		_, items := s.copies(s.box, "inbox")
		absence, cantine := items[0].Email, items[1].Email
		answer := func(account int64, subject, fields string) {
			t.Helper()
			octets := "From: " + schoolBox + "\r\nTo: " + outside + "\r\nSubject: " + subject + "\r\nDate: Tue, 01 Sep 2026 08:00:00 +0200\r\n" + fields + "\r\nx\r\n"
			if err := s.sendAs(account, schoolBox, octets, outside); err != nil {
				t.Fatal(err)
			}
		}
		answer(s.accounts[0], "Re: Absence", "In-Reply-To: <a1@dehors>\r\nReferences: <b2@dehors> <a1@dehors>\r\n")
		s.isAnswered("the parent alone, not what it refers to besides", absence, true, cantine, false)
		answer(s.accounts[1], "Tout autre objet", "In-Reply-To: <a1@dehors>\r\nMessage-ID: <c3@college>\r\n")
		answer(s.accounts[1], "Re: Cantine", "In-Reply-To: <inconnu@dehors>\r\n")
		answer(s.accounts[1], "Cantine", "")
		s.isAnswered("an answer to something else, and no answer", absence, true, cantine, false)

		by, err := s.boxes.AnsweredBy(t.Context(), s.box, []int64{absence, cantine})
		if err != nil {
			t.Fatal(err)
		}
		var who []string
		for _, a := range by[absence] {
			who = append(who, a.Name)
			if a.At.IsZero() || time.Since(a.At) < 0 {
				t.Errorf("answered at %s", a.At)
			}
		}
		if want := []string{"Hélène Petit", fmt.Sprintf("agent%d", s.accounts[1])}; !slices.Equal(who, want) || len(by[cantine]) != 0 {
			t.Errorf("answered by %v, want %v; the other by %v", who, want, by[cantine])
		}

		answer(s.accounts[0], "Re: Tout autre objet", "References: <a1@dehors> <c3@college> <d4@ailleurs>\r\n")
		_, sent := s.copies(s.box, "sent")
		if sent[1].Flags&mailbox.Answered == 0 || sent[0].Flags&mailbox.Answered != 0 {
			t.Error("the nearest message that the box holds is the one that is answered")
		}
		if _, personal := s.copies(s.accounts[0], "inbox"); personal[0].Flags != 0 {
			t.Error("what happens in the box shows in a personal mailbox")
		}
	})
}

// isAnswered checks the flags of two emails in the box's inbox, and that the flags of a placement follow.
func (s *office) isAnswered(when string, first int64, firstIs bool, second int64, secondIs bool) {
	s.t.Helper()
	_, items := s.copies(s.box, "inbox")
	got := map[int64]bool{items[0].Email: items[0].Flags&mailbox.Answered != 0, items[1].Email: items[1].Flags&mailbox.Answered != 0}
	if got[first] != firstIs || got[second] != secondIs {
		s.t.Errorf("%s: answered %v", when, got)
	}
}

func TestTheBoxsCopyComesWithTheMessageOrNotAtAll(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		s := newOffice(t, db)
		octets := "From: " + schoolBox + "\r\nTo: x@dehors.example\r\n" + complete + "\r\n" + strings.Repeat("Bonjour.\r\n", 200)

		s.exec(`UPDATE account_state SET quota_bytes = 100 WHERE account_id = $1`, s.box)
		if err := s.sendAs(s.accounts[0], schoolBox, octets, s.colleague, outside); !failure.Is(err, failure.Quota) {
			t.Errorf("a full box: %v", err)
		}
		s.exec(`UPDATE account_state SET quota_bytes = 0 WHERE account_id = $1`, s.box)

		s.serve(&interrupted{s.Delivery, func() {
			err := s.boxes.RemoveMember(t.Context(), box.AsOwner(s.accounts[1], "départ"), s.box, s.accounts[0])
			if err != nil {
				t.Error(err)
			}
		}})
		if err := s.sendAs(s.accounts[0], schoolBox, octets, s.colleague, outside); !failure.Is(err, failure.Policy) {
			t.Errorf("taken off while the message came: %v", err)
		}
		if n := count(s.world, `SELECT (SELECT count(*) FROM email) + (SELECT count(*) FROM outbound) + (SELECT count(*) FROM box_answer)`); n != 0 {
			t.Errorf("%d rows of what was refused", n)
		}
	})
}

// interrupted lets something happen just before a message is accepted.
type interrupted struct {
	delivery.Accepter
	before func()
}

func (i *interrupted) Accept(ctx context.Context, c guard.Cleared, env delivery.Envelope, body *content.Prepared, prefix []byte) (delivery.Receipt, error) {
	i.before()
	return i.Accepter.Accept(ctx, c, env, body, prefix)
}

// More recipients than the acceptance places itself: the box's copy does not wait for them.
func TestTheBoxsCopyOfALargeMailingIsThereAtOnce(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		s := newOffice(t, db)
		var to []string
		for _, account := range s.Accounts(t, delivery.PlaceNow+1) {
			to = append(to, house.Address(account))
		}
		octets := "From: " + schoolBox + "\r\n" + complete + "\r\n" + strings.Repeat("Bonjour.\r\n", 10_000)
		if err := s.sendAs(s.accounts[0], schoolBox, octets, to...); err != nil {
			t.Fatal(err)
		}
		sent, _ := s.copies(s.box, "sent")
		if len(sent) != 1 || !strings.HasSuffix(sent[0], octets[len(octets)-50_000:]) {
			t.Errorf("%d copies", len(sent))
		}
		if n := count(s.world, `SELECT count(*) FROM content`); n != 1 {
			t.Errorf("the content is stored %d times", n)
		}
	})
}

// Each message locks the boxes that send and receive it, whichever comes first: in one order, so none waits for another
// that waits for it.
func TestBoxesThatWriteToEachOtherWaitForNobody(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		s := newOffice(t, db)
		by := identity.By{Actor: "test", Reason: "test"}
		if _, err := s.boxes.Create(t.Context(), by, []box.Box{{Local: "dos3", Display: "Division"}}); err != nil {
			t.Fatal(err)
		}
		other, err := s.boxes.Find(t.Context(), "dos3")
		if err == nil {
			err = s.boxes.Appoint(t.Context(), by, []box.Appointment{{Box: other, Member: s.accounts[1], Role: box.Member}})
		}
		if err != nil {
			t.Fatal(err)
		}
		const messages = 25
		before := db.Stats().Retries
		addresses := []string{schoolBox, "dos3@" + house.Domain}
		var wg sync.WaitGroup
		for i, from := range addresses {
			for range messages {
				wg.Go(func() {
					octets := "From: " + from + "\r\nTo: " + addresses[1-i] + "\r\n" + complete + "\r\nx\r\n"
					if err := s.sendAs(s.accounts[1], from, octets, addresses[1-i], s.colleague); err != nil {
						t.Error(err)
					}
				})
			}
		}
		wg.Wait()
		if after := db.Stats().Retries; after != before {
			t.Errorf("%d transactions ran again", after-before)
		}
		for _, account := range []int64{s.box, other} {
			sent, _ := s.copies(account, "sent")
			received, _ := s.copies(account, "inbox")
			if len(sent) != messages || len(received) != messages {
				t.Errorf("box %d sent %d and received %d, want %d", account, len(sent), len(received), messages)
			}
		}
	})
}

// A box is one account, so what one member has read is read for all.
func TestABoxHasOneReadState(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		s := newOffice(t, db)
		s.Deliver(t, []byte("From: "+outside+"\r\nSubject: Absence\r\n\r\nx\r\n"), s.box)
		opens := func(account int64) int64 {
			t.Helper()
			list, err := s.boxes.AccessOf(t.Context(), account)
			if err != nil || len(list) != 1 {
				t.Fatalf("account %d opens %v, %v", account, list, err)
			}
			return list[0].Box
		}
		first, second := opens(s.accounts[0]), opens(s.accounts[1])
		if _, err := s.Mailboxes.Store(t.Context(), first, mailbox.Inbox, []mailbox.UIDRange{{First: 1, Last: 1}},
			mailbox.FlagChange{Mode: mailbox.AddFlags, Flags: mailbox.Seen, UnchangedSince: -1}); err != nil {
			t.Fatal(err)
		}
		if _, items := s.copies(second, "inbox"); items[0].Flags&mailbox.Seen == 0 {
			t.Error("what one member read is unread for the other")
		}
	})
}
