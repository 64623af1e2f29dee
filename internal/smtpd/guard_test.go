package smtpd_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"navette/internal/directory"
	"navette/internal/group"
	"navette/internal/guard"
	"navette/internal/identity"
	"navette/internal/mailing"
	"navette/internal/origin"
	"navette/internal/reach"
	"navette/internal/smtpd"
	"navette/internal/store"
	"navette/internal/submission"
	"navette/internal/testkit/house"
	"navette/internal/testkit/school"
)

// Two parents of the class 4E3.
const (
	anne  = "anne.rodriguez@example.net"
	karim = "karim.b@example.net"
)

// college is a school with a class whose parents are a group, and its teacher, who may sign in.
type college struct {
	*world
	t       testing.TB
	reach   *reach.Service
	service *submission.Service
	teacher *school.Agent
	parents string // address of the group
	rules   guard.Rules
	log     *lines
}

// lines is what was logged.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

type noFormer struct{}

func (noFormer) FormerDigest(key string) []byte { return []byte(key) }

type members struct{ groups *group.Service }

func (m members) Members(ctx context.Context, id int64) (out []mailing.Member, err error) {
	list, err := m.groups.Members(ctx, id)
	for _, one := range list {
		out = append(out, mailing.Member(one))
	}
	return out, err
}

func newCollege(t testing.TB) *college {
	t.Helper()
	c := &college{world: newWorld(t, 2), t: t, log: &lines{}}
	s := school.New(t, c.House, "0759001B")
	class := s.Class("4E3")
	class.Pupil("Léa", "DUPONT").Guardian("Anne", anne)
	class.Pupil("Max", "BENALI").Guardian("Karim", karim)
	c.teacher = s.Teacher("Claire", "MARTIN", class).Becomes(directory.StateAppointed)
	by := identity.By{Actor: "test", Reason: "test"}
	if err := c.identity.Activate(t.Context(), by, c.teacher.Account, password); err != nil {
		t.Fatal(err)
	}
	c.reach = reach.New(reach.Config{DB: c.DB, Former: noFormer{}, Now: time.Now})
	quiet := slog.New(slog.DiscardHandler)
	groups := group.New(group.Config{DB: c.DB, Reach: c.reach, Domain: house.Domain, Random: rand.Reader, Log: quiet})
	if _, err := groups.Derive(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.reach.OnGroups(groups)
	c.Delivery.OnGroups(groups)
	c.Delivery.OnMailings(mailing.New(mailing.Config{DB: c.DB, Contents: c.Contents, Delivery: c.Delivery, Groups: members{groups}, Key: []byte("a key"),
		Domain: house.Domain, Now: time.Now, Log: quiet}))
	c.rules.Providers = must(guard.NewProviders(nil))
	c.service = submission.New(c.DB, c.Contents, c.Delivery, submission.Config{Hostname: hostname, Domains: []string{house.Domain}, Now: time.Now, Random: rand.Reader,
		Standings: c.reach, Relays: c.reach, Rules: c.rules, Mailboxes: c.Mailboxes, Help: "https://aide.example/gardien"})
	err := c.DB.Read(t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT local FROM school_group WHERE kind = $1 AND division = '4E3' AND pupil_id = 0`, int(group.Parents)).Scan(&c.parents)
	})
	if err != nil {
		t.Fatal(err)
	}
	c.parents += "@" + house.Domain
	return c
}

// open opens a door with all that the program gives it.
func (c *college) open(role smtpd.Role) string {
	c.t.Helper()
	addr, _ := c.door(c.t, role, func(cfg *smtpd.Config) {
		cfg.PlainAuth = role == smtpd.Submission
		cfg.Submission, cfg.Groups, cfg.Domains, cfg.Rules = c.service, c.service, []string{house.Domain}, c.rules
		cfg.Origin = origin.New(origin.Config{Domains: cfg.Domains, Log: slog.New(slog.DiscardHandler)})
		cfg.Log = slog.New(slog.NewTextHandler(c.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		cfg.Digest = func(address string) string { return "d" + strings.Repeat("x", len(address)%7) }
	})
	return addr
}

// queued counts the copies that wait for addresses outside.
func (c *college) queued() int { return c.count(c.t, `SELECT count(*) FROM outbound`) }

func TestGroupsAreOpenToRegisteredRelaysAndToNobodyElseWhoDoesNotSignIn(t *testing.T) {
	t.Parallel()
	c := newCollege(t)
	e := reach.ENT{Name: "monlycee", Sender: "ent.example", Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/16")}, Schools: []string{"0759001B"}}
	if err := c.reach.AddENT(t.Context(), identity.By{Actor: "test"}, e, house.Domain); err != nil {
		t.Fatal(err)
	}
	reception, lmtp := c.open(smtpd.Reception), c.open(smtpd.LMTP)
	refusal := map[string]bool{}
	for _, r := range []struct{ name, addr, path string }{
		{"a stranger", reception, "x@dehors.example"}, {"a parent", reception, anne}, {"nobody", reception, ""}, {"a program", lmtp, "iprof@" + house.Domain},
	} {
		s, _ := session(t, r.addr)
		s.begin(r.path, c.addr(0))
		text := s.ask(550, "RCPT TO:<"+c.parents+">")
		if !strings.HasPrefix(text, "5.7.1 ce groupe ") {
			t.Errorf("%s is told %q", r.name, text)
		}
		refusal[text] = true
		s.ask(354, "DATA")
		s.send("From: x@dehors.example\r\n\r\nx\r\n.\r\n")
		s.want(250) // to whom it may go it goes
	}
	if len(refusal) != 1 || c.queued() != 0 {
		t.Errorf("the refusals are %v, %d copies wait", refusal, c.queued())
	}
	s, _ := session(t, reception)
	s.begin("nepasrepondre@ent.example", c.parents, c.addr(1))
	s.ask(354, "DATA")
	s.send("From: ENT <nepasrepondre@ent.example>\r\nTo: " + c.parents + "\r\nX-Navette-Agent: oui\r\nX-Navette-Origine: interieur\r\n\r\nBonjour\r\n.\r\n")
	s.want(250)
	if n := c.queued(); n != 2 {
		t.Errorf("%d copies wait for two parents", n)
	}
	if got := c.inbox(t, 1)[0]; strings.Count(got, "\r\nX-Navette-Origine: exterieur\r\n") != 1 {
		t.Errorf("the colleague does not learn that it comes from outside: %q", got)
	}
	if got := c.inbox(t, 1); len(got) != 1 || strings.Contains(got[0], "X-Navette-Agent") || strings.Contains(got[0], anne) {
		t.Errorf("the colleague reads %q", got)
	}
	if strings.Contains(c.log.String(), anne) || strings.Contains(c.log.String(), c.addr(0)) {
		t.Errorf("the log holds an address: %s", c.log)
	}
	if !strings.Contains(c.log.String(), "to=[d") {
		t.Errorf("the log has no digest of recipients: %s", c.log)
	}
}

// A program of ours that shows five personal addresses is refused by LMTP; mail from outside is its sender's business,
// whichever way it comes.
func TestWhatAProgramOfOursShowsIsLookedAt(t *testing.T) {
	t.Parallel()
	c := newCollege(t)
	reception, lmtp := c.open(smtpd.Reception), c.open(smtpd.LMTP)
	five := "To: a@gmail.com, b@free.fr, c@orange.fr\r\nCc: d@laposte.net, e@gmail.com\r\n"
	for _, r := range []struct {
		name, addr, fields string
		code               int
		where              string // of a refusal
	}{
		{"five in what a program writes", lmtp, "From: iprof@" + house.Domain + "\r\n" + five, 550, "A (3), Cc (2)"},
		{"four", lmtp, "From: iprof@" + house.Domain + "\r\n" + strings.Replace(five, ", e@gmail.com", "", 1), 250, ""},
		{"a colleague among them", lmtp, "From: iprof@" + house.Domain + "\r\n" + strings.Replace(five, "e@gmail.com", c.addr(0), 1), 250, ""},
		{"a parent alone", lmtp, "From: iprof@" + house.Domain + "\r\nTo: " + anne + "\r\n", 250, ""},
		{"a parent, her school's teacher in Cc", lmtp, "From: iprof@" + house.Domain + "\r\nTo: " + anne + "\r\nCc: " + c.teacher.Address + "\r\n", 250, ""},
		{"two parents and a colleague", lmtp, "From: iprof@" + house.Domain + "\r\nTo: " + anne + ", " + karim + ", maire@mairie.example\r\nCc: " + karim + ", a@b.example\r\n", 550, "A (2)"},
		{"in what a relay brings from outside", lmtp, "From: " + anne + "\r\n" + five, 250, ""},
		{"by SMTP", reception, "From: iprof@" + house.Domain + "\r\n" + five, 250, ""},
	} {
		s, _ := session(t, r.addr)
		s.begin("x@dehors.example", c.addr(0))
		s.ask(354, "DATA")
		s.send(r.fields + "\r\nx\r\n.\r\n")
		if text := s.want(r.code); r.code == 550 && (!strings.HasPrefix(text, "5.7.1 "+r.where+" : ces adresses personnelles") || strings.Contains(text, "@")) {
			t.Errorf("%s: told %q", r.name, text)
		}
	}
}

// What a mail program shows of a refusal: which field, how many, what to do, where the message waits and where to read
// more, French before English, in lines of plain ASCII that no client cuts, and no address.
func TestARefusalByTheGuardIsReadableInAMailProgram(t *testing.T) {
	t.Parallel()
	c := newCollege(t)
	s, _ := session(t, c.open(smtpd.Submission))
	s.ask(235, "AUTH PLAIN "+plain("", c.teacher.Address, password))
	s.begin(c.teacher.Address, anne, karim)
	s.ask(354, "DATA")
	s.send("From: " + c.teacher.Address + "\r\nTo: " + anne + "\r\nCc: " + karim + "\r\n\r\nx\r\n.\r\n")
	text := s.want(550)
	for i, part := range []string{"5.7.1 A (1), Cc (1) : ", "/ To (1), Cc (1)", "\"Brouillons - a corriger\"", "https://aide.example/gardien"} {
		if !strings.Contains(text, part) || i == 0 && !strings.HasPrefix(text, part) {
			t.Errorf("%q is not in %q", part, text)
		}
	}
	for line := range strings.SplitSeq(text, "\n") {
		if len(line) > 500 || strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r > '~' }) || !strings.HasPrefix(line, "5.7.1 ") {
			t.Errorf("a line of the reply: %q", line)
		}
	}
	if strings.Contains(text, "example.net") || strings.Contains(c.log.String(), "example.net") || c.queued() != 0 {
		t.Errorf("an address shows in %q or %q, or %d copies wait", text, c.log, c.queued())
	}
	waiting, err := c.service.ToCorrect(t.Context(), c.teacher.Account)
	if err != nil || len(waiting) != 1 {
		t.Errorf("waiting: %+v, %v", waiting, err)
	}
}
