package webd_test

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"navette/internal/directory"
	"navette/internal/guard"
	"navette/internal/identity"
	"navette/internal/mailbox"
	"navette/internal/mailing"
	"navette/internal/notice"
	"navette/internal/reach"
	"navette/internal/store"
	"navette/internal/submission"
	"navette/internal/testkit/agents"
	"navette/internal/testkit/house"
	"navette/internal/testkit/school"
	"navette/internal/webd"
)

// Whom the letters of these tests go to: parents of the class 4E3, whom its teacher may know, one of 3B, whom she may
// not, and somebody who is nobody's parent.
const (
	anne   = "anne.rodriguez@example.net"
	paul   = "paul.dupont@example.net"
	hidden = "mere.de.3b@cabinet.example"
	lawyer = "maitre@cabinet.example"
)

// desk is a browser in which the teacher of 4E3 is signed in.
type desk struct {
	*browser
	letters                *submission.Service
	mailings               *mailing.Service
	teacher, head, faraway *school.Agent
}

type pepper struct{}

func (pepper) FormerDigest(key string) []byte {
	mac := hmac.New(sha256.New, []byte("a pepper of tests"))
	mac.Write([]byte(key))
	return mac.Sum(nil)
}

// newDesk puts the services together as node does, and signs the teacher in; change may be nil.
func newDesk(a *agents.Agents, change func(*webd.Limits)) *desk {
	a.Helper()
	s := school.New(a, a.House, "0759001B")
	class := s.Class("4E3")
	lea := class.Pupil("Léa", "DUPONT")
	lea.Guardian("Anne", anne)
	lea.Guardian("Paul", paul)
	other := s.Class("3B")
	other.Pupil("Zoé", "PETIT").Guardian("Inès", hidden)
	d := &desk{teacher: s.Teacher("Claire", "MARTIN", class), head: s.Head("Hélène", "PETIT"), faraway: school.New(a, a.House, "0750654D").Teacher("Rémi", "LOIN")}
	d.teacher.Becomes(directory.StateAppointed)
	if err := a.Identity.Activate(a.Context(), identity.By{Actor: "test"}, d.teacher.Account, agents.Password); err != nil {
		a.Fatal(err)
	}
	providers, err := guard.NewProviders(nil)
	if err != nil {
		a.Fatal(err)
	}
	quiet := slog.New(slog.DiscardHandler)
	teller := notice.New(notice.Config{Contents: a.House.Contents, Delivery: a.House.Delivery, Domain: house.Domain, Hostname: "mx." + house.Domain, Now: a.Now, Random: rand.Reader})
	d.mailings = mailing.New(mailing.Config{DB: a.DB, Contents: a.House.Contents, Delivery: a.House.Delivery, Teller: teller,
		Key: []byte("the installation's key"), Domain: house.Domain, Now: a.Now, Log: quiet})
	a.House.Delivery.OnMailings(d.mailings)
	letters := submission.New(a.DB, a.House.Contents, a.House.Delivery, submission.Config{Hostname: "mx." + house.Domain, Domains: []string{house.Domain},
		Now: a.Now, Random: rand.Reader, Standings: reach.New(reach.Config{DB: a.DB, Former: pepper{}, Now: a.Now}), Rules: guard.Rules{Providers: providers},
		Mailboxes: a.House.Mailboxes, Teller: teller, Help: "https://aide.example/gardien", Log: quiet})
	d.letters = letters
	door := newDoor(a.T, func(c *webd.Config) {
		c.Now = a.Now
		c.People = &webd.People{Sessions: a.Sessions, SignIn: a.Signin, Activations: a.Activation, Factors: a.Factors, Secrets: a.Identity, Letters: letters, Mailings: d.mailings}
		if change != nil {
			change(&c.Limits)
		}
	})
	d.browser = &browser{door: door, Agents: a, cookies: map[string]string{}}
	d.want("sign-in", d.call("POST", "session", webd.SignInRequest{Login: d.teacher.Login, Password: agents.Password}), 200, "")
	return d
}

func (d *desk) check(m webd.MessageRequest) webd.CheckAnswer {
	d.Helper()
	a := d.call("POST", "messages/check", m)
	d.want("check", a, 200, "")
	return decode[webd.CheckAnswer](d.T, a.body)
}

func decode[T any](t *testing.T, text string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// queued gives who has copies in the queue to other domains.
func (d *desk) queued() (list []string) {
	d.Helper()
	err := d.DB.Read(d.Context(), func(tx *store.Tx) error {
		list = nil
		rows, err := tx.Query(d.Context(), `SELECT recipient FROM outbound ORDER BY recipient`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var r string
			if err := rows.Scan(&r); err != nil {
				return err
			}
			list = append(list, r)
		}
		return rows.Err()
	})
	if err != nil {
		d.Fatal(err)
	}
	return list
}

// sent gives the messages in the teacher's sent mail.
func (d *desk) sent() (out []string) {
	d.Helper()
	list, _, err := d.House.Mailboxes.List(d.Context(), d.teacher.Account)
	if err != nil {
		d.Fatal(err)
	}
	at := slices.IndexFunc(list, func(m mailbox.Mailbox) bool { return m.Role == "sent" })
	err = d.House.Mailboxes.Fetch(d.Context(), d.teacher.Account, list[at].ID, []mailbox.UIDRange{{First: 1, Last: 1 << 30}}, mailbox.NeedFacts,
		func(some []mailbox.Item) error {
			for _, it := range some {
				r, err := d.House.Contents.Open(d.Context(), &it.Message, 0)
				if err != nil {
					return err
				}
				b, err := io.ReadAll(r)
				r.Close()
				if err != nil {
					return err
				}
				out = append(out, string(b))
			}
			return nil
		})
	if err != nil {
		d.Fatal(err)
	}
	return out
}

// What a page asks before it sends: GUARD's table, in the language of the page, without any address.
func TestACheckTellsWhatWouldBecomeOfALetter(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		d := newDesk(a, nil)
		for _, c := range []struct {
			name    string
			m       webd.MessageRequest
			verdict string
			to      string // verdict and reason of the first in To
			concern string // reason, weight and remedies of the first
		}{
			{"a parent", webd.MessageRequest{To: []string{anne}}, "send", "deliver alone", ""},
			{"a parent, the head in Cc", webd.MessageRequest{To: []string{anne}, Cc: []string{d.head.Address}}, "send", "deliver school-informed", ""},
			{"a parent, another school in Cc", webd.MessageRequest{To: []string{anne}, Cc: []string{d.faraway.Address}}, "confirm", "confirm other-agents",
				"other-agents asked cci apart"},
			{"separated parents", webd.MessageRequest{To: []string{anne}, Cc: []string{paul}}, "refuse", "refuse together", "together refused cci apart"},
			{"a parent and a lawyer", webd.MessageRequest{To: []string{anne, lawyer}}, "refuse", "refuse outside", "outside refused cci apart"},
			{"apart", webd.MessageRequest{To: []string{anne, paul}, Apart: true}, "send", "separate asked-apart", "only-cci announced"},
			{"parents in Cci", webd.MessageRequest{Bcc: []string{anne, paul}}, "send", "", "only-cci announced"},
			{"a quoted header", webd.MessageRequest{To: []string{anne}, Text: "Bonjour.\n> De : Paul <" + paul + ">\n> À : vous\n"}, "confirm", "confirm quoted",
				"quoted asked scrub"},
		} {
			got := d.check(c.m)
			to, concern := "", ""
			if len(got.To) > 0 {
				to = strings.TrimSpace(got.To[0].Verdict + " " + got.To[0].Reason)
			}
			if len(got.Concerns) > 0 {
				concern = strings.Join(append([]string{got.Concerns[0].Reason, got.Concerns[0].Weight}, got.Concerns[0].Remedies...), " ")
			}
			if got.Verdict != c.verdict || to != c.to || concern != c.concern || len(got.To) != len(c.m.To) || len(got.Cc) != len(c.m.Cc) || len(got.Bcc) != len(c.m.Bcc) {
				t.Errorf("%s: %+v", c.name, got)
			}
		}
		if len(d.queued()) != 0 || len(d.sent()) != 0 {
			t.Errorf("a check sent something: %v %v", d.queued(), d.sent())
		}
	})
}

func TestTheTextsOfACheckAreInTheLanguageOfThePage(t *testing.T) {
	t.Parallel()
	d := newDesk(agents.OnSQLite(t), nil)
	m := webd.MessageRequest{To: []string{anne}, Cc: []string{paul}}
	french := d.check(m).Concerns[0].Text
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	english := decode[webd.CheckAnswer](t, d.ask(t, "POST", "/api/messages/check", string(text),
		d.page("Cookie", "__Host-navette="+d.cookies["__Host-navette"], "Accept-Language", "en-GB")...).body).Concerns[0].Text
	if !strings.Contains(french, "À (1), Cc (1)") || !strings.Contains(french, "Mettez-les en Cci") || strings.Contains(french, "Move") {
		t.Errorf("in French: %q", french)
	}
	if !strings.Contains(english, "To (1), Cc (1)") || !strings.Contains(english, "Move them to Bcc") || strings.Contains(english, "Mettez") {
		t.Errorf("in English: %q", english)
	}
}

func TestALetterIsSentOnceWhatIsAskedIsConfirmed(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		d := newDesk(a, nil)
		m := webd.MessageRequest{To: []string{anne}, Cc: []string{d.faraway.Address}, Subject: "Réunion de l’été", Text: "Bonjour,\nà bientôt."}
		unasked := d.call("POST", "messages", m)
		d.want("before it is confirmed", unasked, 409, "unconfirmed")
		if detail := decode[map[string]any](t, unasked.body)["detail"]; detail != d.check(m).Concerns[0].Text {
			t.Errorf("the problem says %q", detail)
		}
		if got := d.queued(); len(got) != 0 {
			t.Fatalf("sent before it was confirmed: %v", got)
		}
		m.Confirmed = true
		d.want("confirmed", d.call("POST", "messages", m), 200, "")
		if diff := cmp.Diff([]string{anne}, d.queued()); diff != "" {
			t.Errorf("(-expected +queued)\n%s", diff)
		}
		sent := d.sent()
		if len(sent) != 1 {
			t.Fatalf("%d copies in the sent mail", len(sent))
		}
		for _, want := range []string{"From: \"Claire MARTIN\" <" + d.teacher.Address + ">\r\n", "\r\nTo: <" + anne + ">\r\n", "\r\nCc: <" + d.faraway.Address + ">\r\n",
			"\r\nSubject: =?utf-8?q?R=C3=A9union_de_l=E2=80=99=C3=A9t=C3=A9?=\r\n", "\r\nMessage-ID: <", "\r\nDate: ", "\r\n\r\nBonjour,\r\n=C3=A0 bient=C3=B4t.\r\n"} {
			if !strings.Contains("\r\n"+sent[0], want) {
				t.Errorf("%q is not in\n%s", want, sent[0])
			}
		}
	})
}

func TestARefusedLetterIsNotSentAndItsRemediesAre(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		d := newDesk(a, nil)
		m := webd.MessageRequest{To: []string{anne}, Cc: []string{paul}, Subject: "Léa", Text: "Bonjour.", Confirmed: true}
		d.want("separated parents", d.call("POST", "messages", m), 422, "policy")
		if len(d.queued()) != 0 || len(d.sent()) != 0 {
			t.Fatal("it was sent or kept")
		}
		m.Apart = true
		d.want("apart", d.call("POST", "messages", m), 200, "")
		m = webd.MessageRequest{Bcc: []string{anne, paul}, Subject: "Léa", Text: "Bonjour."}
		announced := d.call("POST", "messages", m)
		d.want("in Cci", announced, 200, "")
		if c := decode[webd.SentAnswer](t, announced.body).Concerns; len(c) != 1 || c[0].Text != "Votre adresse a été placée dans À." {
			t.Errorf("announced %+v", c)
		}
		if diff := cmp.Diff([]string{anne, anne, paul, paul}, d.queued()); diff != "" {
			t.Errorf("(-expected +queued)\n%s", diff)
		}
		if kept := d.sent(); len(kept) != 2 || !strings.Contains(kept[1], "Bcc: <"+anne+">,\r\n <"+paul+">\r\n") {
			t.Errorf("the author does not find whom the letter went to: %q", kept)
		}
	})
}

func TestALetterThatCannotBeSentSaysWhichFieldIsWrong(t *testing.T) {
	t.Parallel()
	d := newDesk(agents.OnSQLite(t), nil)
	for _, c := range []struct {
		name   string
		m      webd.MessageRequest
		status int
		code   string
		says   string
	}{
		{"nobody", webd.MessageRequest{Text: "Bonjour"}, 422, "invalid", "aucun destinataire"},
		{"no address", webd.MessageRequest{Cc: []string{"anne"}}, 422, "invalid", "champ Cc"},
		{"a line break", webd.MessageRequest{To: []string{"a@example.net>\r\nBcc: <b@example.net"}}, 422, "invalid", "champ À"},
		{"brackets", webd.MessageRequest{Bcc: []string{"<a@example.net>"}}, 422, "invalid", "champ Cci"},
		{"a reference with a line break", webd.MessageRequest{To: []string{lawyer}, InReplyTo: "a@b>\r\nX: y"}, 422, "invalid", "référence"},
		{"in somebody else's name", webd.MessageRequest{From: d.head.Address, To: []string{lawyer}}, 422, "policy", "votre propre adresse"},
		{"to nobody of ours", webd.MessageRequest{To: []string{"personne@" + house.Domain}}, 422, "invalid", ""},
	} {
		for _, path := range []string{"messages/check", "messages"} {
			a := d.call("POST", path, c.m)
			d.want(c.name+" at "+path, a, c.status, c.code)
			if !strings.Contains(a.body, c.says) {
				t.Errorf("%s at %s: %s", c.name, path, a.body)
			}
		}
	}
	text := strings.Repeat("a", 3<<20)
	d.want("too long", d.call("POST", "messages", webd.MessageRequest{To: []string{lawyer}, Text: text}), 413, "too-large")
	d.want("long, as quoted threads are", d.call("POST", "messages", webd.MessageRequest{To: []string{lawyer}, Text: text[:1<<20]}), 200, "")
}

// A dry run is no oracle: for a guardian whom the teacher may not know, it answers octet for octet as for anybody else.
func TestACheckDoesNotTellWhoIsAGuardian(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		d := newDesk(a, nil)
		for _, m := range []webd.MessageRequest{
			{To: []string{"X"}}, {To: []string{"X", lawyer}}, {To: []string{anne}, Cc: []string{"X"}}, {To: []string{"X"}, Cc: []string{d.faraway.Address}},
			{Bcc: []string{"X", lawyer}}, {To: []string{lawyer}, Text: "> De : <X>\n"}, {To: []string{"X"}, Bcc: []string{lawyer}, Apart: true},
		} {
			guardian, stranger := d.call("POST", "messages/check", naming(m, hidden)), d.call("POST", "messages/check", naming(m, "pere.de.5c@cabinet.example"))
			if guardian.body != stranger.body || guardian.StatusCode != 200 {
				t.Errorf("%+v\na guardian: %s\nanybody:    %s", m, guardian.body, stranger.body)
			}
		}
	})
}

// naming puts an address in the place of X.
func naming(m webd.MessageRequest, address string) webd.MessageRequest {
	put := func(list []string) (out []string) {
		for _, r := range list {
			out = append(out, strings.ReplaceAll(r, "X", address))
		}
		return out
	}
	m.To, m.Cc, m.Bcc, m.Text = put(m.To), put(m.Cc), put(m.Bcc), strings.ReplaceAll(m.Text, "<X>", "<"+address+">")
	return m
}

func TestChecksAreBoundedByTheirRecipients(t *testing.T) {
	t.Parallel()
	d := newDesk(agents.OnSQLite(t), func(l *webd.Limits) { l.ChecksPerSecond, l.ChecksAtOnce = 0.001, 10 })
	m := webd.MessageRequest{To: []string{lawyer, anne, paul, "a@example.net"}}
	d.want("the first", d.call("POST", "messages/check", m), 200, "")
	d.want("the second", d.call("POST", "messages/check", m), 200, "")
	third := d.call("POST", "messages/check", m)
	d.want("the third", third, 429, "too-many")
	if seconds, err := strconv.Atoi(third.Header.Get("Retry-After")); err != nil || seconds <= 0 {
		t.Error("it does not say when to ask again")
	}
	d.want("sending is bounded by other limits", d.call("POST", "messages", webd.MessageRequest{To: []string{lawyer}, Text: "Bonjour."}), 200, "")
}

// Invariant 6: neither answers nor the log name whom a letter is for.
func TestTheLogOfLettersNamesNobody(t *testing.T) {
	t.Parallel()
	d := newDesk(agents.OnSQLite(t), nil)
	for _, m := range []webd.MessageRequest{{To: []string{anne, paul}}, {To: []string{anne}}, {Bcc: []string{anne, paul}}, {To: []string{anne + " "}}} {
		for _, path := range []string{"messages/check", "messages"} {
			if a := d.call("POST", path, m); strings.Contains(a.body, "@") {
				t.Errorf("answered %s", a.body)
			}
		}
	}
	if log := d.log.String(); strings.Contains(log, "@") || !strings.Contains(log, "/api/messages/check") {
		t.Errorf("logged %s", log)
	}
}
