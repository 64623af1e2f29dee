package submission_test

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"io"
	"log/slog"
	"maps"
	"mime/quotedprintable"
	"slices"
	"strings"
	"testing"
	"time"

	"navette/internal/box"
	"navette/internal/delivery"
	"navette/internal/directory"
	"navette/internal/frame"
	"navette/internal/group"
	"navette/internal/guard"
	"navette/internal/identity"
	"navette/internal/limits"
	"navette/internal/mailbox"
	"navette/internal/mailing"
	"navette/internal/notice"
	"navette/internal/reach"
	"navette/internal/store"
	"navette/internal/submission"
	"navette/internal/testkit/clock"
	"navette/internal/testkit/house"
	"navette/internal/testkit/school"
	"navette/internal/testkit/stores"
)

// Parents of the examples, all of class 4E3, and people who are no parents.
const (
	anne   = "anne.rodriguez@example.net" // Léa's mother
	paul   = "paul@xn--exmple-cua.fr"     // Léa's father, separated
	karim  = "karim.b@gmail.com"          // Max's father
	rosa   = "rosa@laposte.net"           // Tim's only guardian
	old    = "ancienne@example.net"       // was Rosa's
	lawyer = "maitre@cabinet.example"

	president = "presidente@fcpe.example" // of an association of parents, whom no export knows
	elected   = "elu@perso.example"       // Zoé's father, elected to the board
)

// college is a school with a class, whose people write through submission: all services as the program puts them
// together.
type college struct {
	*house.House
	t       testing.TB
	clock   *clock.Clock
	service *submission.Service
	rules   guard.Rules
	windows []limits.Window
	boxes   *box.Service
	reach   *reach.Service
	teller  *notice.Service
	groups  *group.Service
	parents string // address of « Parents de 4E3 »
	staff   string // address of « Enseignants de 4E3 »

	school                                           *school.School
	teacher, other, head, secretary, parent, faraway *school.Agent
}

type pepper struct{}

func (pepper) FormerDigest(key string) []byte {
	mac := hmac.New(sha256.New, []byte("a pepper of tests"))
	mac.Write([]byte(key))
	return mac.Sum(nil)
}

func onColleges(t *testing.T, test func(c *college)) {
	t.Helper()
	stores.EachURL(t, func(t *testing.T, url string) { test(newCollege(t, url)) })
}

func newCollege(tb testing.TB, url string) *college {
	tb.Helper()
	c := &college{t: tb, clock: clock.New(time.Date(2026, 11, 24, 8, 30, 0, 0, time.UTC))}
	db := stores.OpenAt(tb, url, c.clock.Now)
	c.House = house.New(tb, db)
	quiet := slog.New(slog.DiscardHandler)
	c.teller = notice.New(notice.Config{Contents: c.Contents, Delivery: c.Delivery, Domain: house.Domain, Hostname: "mx." + house.Domain, Now: c.clock.Now, Random: rand.Reader})
	c.reach = reach.New(reach.Config{DB: db, Former: pepper{}, Now: c.clock.Now})
	c.boxes = box.New(box.Config{DB: db, Contents: c.Contents, Delivery: c.Delivery, Domain: house.Domain, Now: c.clock.Now, Log: quiet})
	c.groups = group.New(group.Config{DB: db, Reach: c.reach, Domain: house.Domain, Random: rand.Reader, Log: quiet})
	c.reach.OnGroups(c.groups)
	c.Delivery.OnGroups(c.groups)
	c.Delivery.OnMailings(mailing.New(mailing.Config{DB: db, Contents: c.Contents, Delivery: c.Delivery, Groups: members{c.groups}, Teller: c.teller,
		Key: []byte("the installation's key"), Domain: house.Domain, Now: c.clock.Now, Log: quiet}))
	providers, err := guard.NewProviders(nil)
	if err != nil {
		tb.Fatal(err)
	}
	c.rules = guard.Rules{Providers: providers}
	c.open()
	c.populate()
	return c
}

// open makes the service, by the present rules.
func (c *college) open() { c.openOn(c.Delivery) }

// openOn is open with somebody else to hand messages to.
func (c *college) openOn(to delivery.Accepter) {
	c.service = submission.New(c.DB, c.Contents, to, submission.Config{Hostname: "mx." + house.Domain, Domains: []string{house.Domain}, Now: c.clock.Now,
		Random: rand.Reader, Boxes: c.boxes, Standings: c.reach, Relays: c.reach, Rules: c.rules, Windows: c.windows, Mailboxes: c.Mailboxes, Teller: c.teller, Help: "https://aide.example/gardien"})
}

func (c *college) populate() {
	c.school = school.New(c.t, c.House, "0759001B")
	class := c.school.Class("4E3")
	lea := class.Pupil("Léa", "DUPONT")
	lea.Guardian("Anne", anne)
	lea.Guardian("Paul", paul)
	class.Pupil("Max", "BENALI").Guardian("Karim", karim)
	tim := class.Pupil("Tim", "ROY")
	tim.Guardian("Rosa", rosa)
	c.school.Former(pepper{}.FormerDigest(old), "2027-08-31")
	c.teacher, c.other = c.school.Teacher("Claire", "MARTIN", class), c.school.Teacher("Eva", "SIMON", c.school.Class("3B"))
	c.head, c.secretary = c.school.Head("Hélène", "PETIT"), c.school.Secretary("Sonia", "ROUX")
	c.parent = c.school.Teacher("Marc", "VIAL")
	tim.Guardian("Marc", c.parent.Address) // who teaches here, and gave his academic address
	c.faraway = school.New(c.t, c.House, "0750654D").Teacher("Rémi", "LOIN")
	c.consent(c.school.Class("3A").Pupil("Zoé", "DIALLO").Guardian("Issa", elected))
	if _, err := c.groups.Derive(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	c.parents, c.staff = c.groupOf(group.Parents), c.groupOf(group.Enseignants)
}

// consent makes the frame of the elected parents, in which the president and a guardian agreed to be seen.
func (c *college) consent(father *school.Guardian) {
	c.t.Helper()
	frames := frame.New(frame.Config{DB: c.DB, Contents: c.Contents, Delivery: c.Delivery, Domain: house.Domain, Hostname: "mx." + house.Domain,
		Origin: func() string { return "https://messagerie.ac-paris.example" }, Now: c.clock.Now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler)})
	c.reach.OnFrames(frames)
	head := frame.AsHead(identity.Owner{Account: c.head.Account, Login: c.head.Login})
	id, err := frames.Make(c.t.Context(), head, frame.Frame{UAI: "0759001B", Name: "Parents élus", Purpose: "Préparer les conseils.", Until: directory.Date{Year: 2027, Month: 10, Day: 15}})
	if err != nil {
		c.t.Fatal(err)
	}
	day := directory.Date{Year: 2026, Month: 11, Day: 2}
	for _, p := range []frame.Proposal{{Name: "Mme la présidente", Address: president}, {Guardian: father.ID}} {
		if _, err := frames.Paper(c.t.Context(), head, id, p, day, "classeur du conseil"); err != nil {
			c.t.Fatal(err)
		}
	}
	c.exec(`DELETE FROM outbound`) // what they are told of it
}

// members is who is in groups, as mailings need it.
type members struct{ groups *group.Service }

func (m members) Members(ctx context.Context, id int64) (out []mailing.Member, err error) {
	list, err := m.groups.Members(ctx, id)
	for _, one := range list {
		out = append(out, mailing.Member(one))
	}
	return out, err
}

// submits sends octets under an agent's own address.
func (c *college) submits(who *school.Agent, octets string, to ...string) error {
	return c.submitsUnder(who, who.Address, octets, to...)
}

func (c *college) submitsUnder(who *school.Agent, path, octets string, to ...string) error {
	_, err := c.service.Submit(c.t.Context(), submission.Message{Principal: principal(who), ReversePath: path, Recipients: to, ID: id, Protocol: "ESMTPSA"},
		strings.NewReader(octets))
	return err
}

func principal(who *school.Agent) identity.Principal {
	return identity.Principal{Account: who.Account, Scopes: identity.SubmitMail}
}

// letter is a message with some fields.
func letter(from string, fields ...string) string {
	return "From: " + from + "\r\n" + strings.Join(fields, "\r\n") + "\r\nSubject: Sortie\r\nDate: Tue, 24 Nov 2026 08:00:00 +0000\r\nMessage-ID: <1@pc>\r\n\r\nBonjour.\r\n"
}

// outside gives what waits for addresses outside, octet for octet, by recipient; two copies to one are an error.
func (c *college) outside() map[string]string {
	c.t.Helper()
	messages := map[string]int64{}
	octets := map[string]string{}
	err := c.DB.Read(c.t.Context(), func(tx *store.Tx) error {
		rows, err := tx.Query(c.t.Context(), `SELECT recipient, message_id FROM outbound ORDER BY outbound_id`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var to string
			var message int64
			if err := rows.Scan(&to, &message); err != nil {
				return err
			}
			if messages[to] != 0 {
				c.t.Errorf("%s gets two copies", to)
			}
			messages[to] = message
		}
		return rows.Err()
	})
	if err != nil {
		c.t.Fatal(err)
	}
	for to, message := range messages {
		octets[to] = c.octets(message)
	}
	return octets
}

func (c *college) octets(message int64) string {
	c.t.Helper()
	var got string
	err := c.DB.Read(c.t.Context(), func(tx *store.Tx) error {
		loaded, err := c.Contents.Load(c.t.Context(), tx, []int64{message}, false, false)
		if err != nil {
			return err
		}
		m := loaded[message]
		r, err := c.Contents.Open(c.t.Context(), &m, 0)
		if err != nil {
			return err
		}
		defer r.Close()
		b, err := io.ReadAll(r)
		got = string(b)
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return got
}

// mails gives what stands in a mailbox of an account, octet for octet; none where there is no such mailbox.
func (c *college) mails(account int64, name string) (out []string) {
	c.t.Helper()
	list, _, err := c.Mailboxes.List(c.t.Context(), account)
	if err != nil {
		c.t.Fatal(err)
	}
	at := slices.IndexFunc(list, func(m mailbox.Mailbox) bool { return m.Name == name || m.Role == name })
	if at < 0 {
		return nil
	}
	err = c.Mailboxes.Fetch(c.t.Context(), account, list[at].ID, []mailbox.UIDRange{{First: 1, Last: 1 << 30}}, mailbox.NeedFacts,
		func(some []mailbox.Item) error {
			for _, it := range some {
				out = append(out, c.octets(it.Message.ID))
			}
			return nil
		})
	if err != nil {
		c.t.Fatal(err)
	}
	return out
}

// receives delivers a message from outside to an agent.
func (c *college) receives(octets string, accounts ...int64) {
	c.t.Helper()
	var targets []delivery.Target
	for _, a := range accounts {
		targets = append(targets, delivery.Target{Account: a, Mailbox: mailbox.Inbox})
	}
	if _, err := c.Accept(c.t, []byte(octets), targets...); err != nil {
		c.t.Fatal(err)
	}
}

// fields gives the values of some fields of a message's header.
func fields(octets string, names ...string) (out []string) {
	header, _, _ := strings.Cut(octets, "\r\n\r\n")
	for _, line := range strings.Split(strings.ReplaceAll(header, "\r\n ", " "), "\r\n") {
		name, value, _ := strings.Cut(line, ":")
		for _, n := range names {
			if strings.EqualFold(n, name) {
				out = append(out, n+": "+strings.TrimSpace(value))
			}
		}
	}
	return out
}

// whoSees gives, of a set of copies, the addresses of the examples that each shows to its reader besides their own.
func whoSees(copies map[string]string) map[string][]string {
	out := map[string][]string{}
	for _, to := range slices.Sorted(maps.Keys(copies)) {
		for _, address := range []string{anne, paul, karim, rosa, old, lawyer, president, elected} {
			if address != to && strings.Contains(strings.ToLower(copies[to]), address) {
				out[to] = append(out[to], address)
			}
		}
	}
	return out
}

// decoded is the text of a message in quoted-printable.
func decoded(octets string) string {
	_, body, _ := strings.Cut(octets, "\r\n\r\n")
	b, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(body)))
	if err != nil {
		return body
	}
	return string(b)
}

func (c *college) exec(query string, args ...any) {
	c.t.Helper()
	err := c.DB.Write(c.t.Context(), store.Interactive, func(tx *store.Tx) error {
		_, err := tx.Exec(c.t.Context(), query, args...)
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *college) count(query string) (n int) {
	c.t.Helper()
	if err := c.DB.Read(c.t.Context(), func(tx *store.Tx) error { return tx.QueryRow(c.t.Context(), query).Scan(&n) }); err != nil {
		c.t.Fatal(err)
	}
	return n
}

// append puts octets into a mailbox, as IMAP does.
func (c *college) append(account int64, name, octets string) {
	c.t.Helper()
	_, err := c.Mailboxes.Append(c.t.Context(), account, name, []mailbox.NewEmail{{Content: c.Prepare(c.t, []byte(octets))}})
	if err != nil {
		c.t.Fatal(err)
	}
}

// groupOf gives the address of a group of class 4E3.
func (c *college) groupOf(k group.Kind) string {
	c.t.Helper()
	var local string
	err := c.DB.Read(c.t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(c.t.Context(), `SELECT local FROM school_group WHERE uai = '0759001B' AND kind = $1 AND division = '4E3' AND pupil_id = 0`, int(k)).Scan(&local)
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return local + "@" + house.Domain
}
