package node

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"navette/internal/directory"
	"navette/internal/frame"
	"navette/internal/identity"
	"navette/internal/outbound"
	"navette/internal/store"
	"navette/internal/testkit/house"
	"navette/internal/testkit/school"
)

// person is somebody whom letters of the test go to, or name.
type person struct {
	address string
	key     string // directory.MatchKey
	account int64  // of an agent or a box; 0 outside
	works   []string
	child   class // of whom they are a guardian, or which a pupil attends; of a group, whose members' it is
	group   []*person
	home    bool // at a personal provider
	elected bool // agreed to be seen by the other elected parents
}

// class is a class of a school; division is "" where it is not known.
type class struct{ uai, division string }

func (p *person) protected() bool { return p.child.uai != "" && p.group == nil }

// writer is somebody who sends: an agent, or a box by one of its members.
type writer struct {
	*person        // as From has it
	login   string // of who signs in
	classes []class
	schools []string // whose families they may all write to
	box     *person  // that they are a member of, nil for none; of a box, its member who writes
}

// owns tells that an address is the writer's own, or their own functional box.
func (w *writer) owns(p *person) bool { return p == w.person || p == w.box }

// entitled tells whether a writer may write to somebody, and know what they are (GUARD.md, « Who may write »).
func (w *writer) entitled(to *person) bool {
	for _, uai := range w.schools {
		if uai == to.child.uai {
			return true
		}
	}
	for _, c := range w.classes {
		if c == to.child {
			return true
		}
	}
	return false
}

// near tells whether somebody is protected of a school where the writer works.
func (w *writer) near(to *person) bool {
	return to.protected() && (w.worksAt(to.child.uai) || w.entitled(to))
}

func (p *person) worksAt(uai string) bool {
	for _, at := range p.works {
		if at == uai {
			return true
		}
	}
	return false
}

// The schools of the test.
const (
	collegeUAI = "0759001B"
	lyceeUAI   = "0750654D"
)

const leakPassword = "un cheval sur le toit"

// town is the whole program on one database, with two schools, their families, and some strangers.
type town struct {
	*testing.T
	house   *House
	server  *Server
	log     *safeBuffer
	relay   *relay
	people  []*person
	writers []*writer
	guards  []*person // the protected among people
}

func newTown(t *testing.T, url string) *town {
	t.Helper()
	dir := t.TempDir()
	c, err := DemoConfig(dir)
	if err != nil {
		t.Fatal(err)
	}
	c.Database = url
	w := &town{T: t, log: &safeBuffer{}, relay: &relay{}}
	log := slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if w.house, err = open(t.Context(), c, log, false); err != nil {
		t.Fatal(err)
	}
	w.populate()
	local := "127.0.0.1:0"
	w.server, err = Start(t.Context(), w.house, Plan{Transport: w.relay, LoopbackPlain: true, Version: "test", Addresses: map[string]string{
		DoorSMTP: local, DoorSubmission: local, DoorHTTP: local, DoorLMTP: filepath.Join(dir, "lmtp")}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.server.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// populate makes the schools, and lets the agents sign in.
func (w *town) populate() {
	h := &house.House{DB: w.house.DB}
	college, lycee := school.New(w, h, collegeUAI), school.New(w, h, lyceeUAI)
	c4, c3, l2 := college.Class("4E3"), college.Class("3B"), lycee.Class("2A")
	in4, in3, in2 := class{collegeUAI, "4E3"}, class{collegeUAI, "3B"}, class{lyceeUAI, "2A"}
	claire := college.Teacher("Claire", "MARTIN", c4)
	eva := college.Teacher("Eva", "SIMON", c3)
	head := college.Head("Hélène", "PETIT")
	secretary := college.Secretary("Sonia", "ROUX").Opens(college, "member")
	father := college.Teacher("Olivier", "BLANC", c3)
	remi := lycee.Teacher("Rémi", "LOIN", l2)

	lea := c4.Pupil("Léa", "DUPONT")
	w.family(lea, in4, "anne.rodriguez@example.net", "paul@xn--exmple-cua.fr")
	w.family(c4.Pupil("Max", "BENALI"), in4, "karim.b@gmail.com", "")
	w.family(c4.Pupil("Tim", "ROY"), in4, "rosa@laposte.net", "olivier.blanc@sfr.fr")
	w.pupil(c4.Pupil("Zoé", "ROY"), in4, "zoe.roy@laposte.net")
	w.family(c3.Pupil("Noé", "LE"), in3, "ines@cabinet-le.example", "omar@free.fr")
	w.family(l2.Pupil("Luc", "BON"), in2, "luc.bon.pere@orange.fr", "mere@bon.example")
	w.elect(c4.Pupil("Ana", "PAZ"), in4, "elue.paz@example.net", "elu.paz@free.fr")
	college.Mark("ancienne@example.net")
	w.outside("ancienne@example.net", class{uai: collegeUAI})
	for _, address := range []string{"maitre@barreau.example", "cantine@mairie.example", "a@gmail.com", "b@free.fr", "c@orange.fr", "d@hotmail.fr", "e@yahoo.fr", "f@laposte.net"} {
		w.outside(address, class{})
	}
	w.groups(c4, in4)
	box := w.box(college)
	for _, a := range []struct {
		*school.Agent
		uai     string
		classes []class
		schools []string
	}{{claire, collegeUAI, []class{in4}, nil}, {eva, collegeUAI, []class{in3}, nil}, {head, collegeUAI, nil, []string{collegeUAI}},
		{secretary, collegeUAI, nil, []string{collegeUAI}}, {father, collegeUAI, []class{in3}, nil}, {remi, lyceeUAI, []class{in2}, nil}} {
		p := w.add(&person{address: a.Address, account: a.Account, works: []string{a.uai}})
		from := &writer{person: p, login: a.Login, classes: a.classes, schools: a.schools}
		if len(a.schools) > 0 {
			from.box = box
		}
		w.writers = append(w.writers, from)
		if err := w.house.Identity.SetPassword(w.Context(), identity.By{Actor: "test", Reason: "test"}, a.Account, leakPassword); err != nil {
			w.Fatal(err)
		}
	}
	member := w.people[slices.IndexFunc(w.people, func(p *person) bool { return p.account == secretary.Account })]
	w.writers = append(w.writers, &writer{person: box, login: secretary.Login, schools: []string{collegeUAI}, box: member})
}

func (w *town) add(p *person) *person {
	p.key = directory.MatchKey(p.address)
	_, domain, _ := strings.Cut(p.key, "@")
	p.home = slices.Contains([]string{"gmail.com", "free.fr", "orange.fr", "hotmail.fr", "yahoo.fr", "laposte.net", "sfr.fr"}, domain)
	w.people = append(w.people, p)
	if p.protected() {
		w.guards = append(w.guards, p)
	}
	return p
}

func (w *town) outside(address string, child class) *person {
	return w.add(&person{address: address, child: child})
}

func (w *town) family(p *school.Pupil, child class, first, second string) {
	for _, address := range []string{first, second} {
		if address != "" {
			p.Guardian("Parent", address)
			w.outside(address, child)
		}
	}
}

// elect makes two guardians who agreed on paper to be seen by each other.
func (w *town) elect(p *school.Pupil, child class, addresses ...string) {
	operator := frame.Actor{By: identity.By{Actor: "test", Reason: "test"}, Operator: true}
	today := directory.DateOf(time.Now())
	id, err := w.house.Frames.Make(w.Context(), operator, frame.Frame{UAI: child.uai, Name: "Parents élus", Purpose: "L’association", Until: today.AddDays(90)})
	for _, address := range addresses {
		if err == nil {
			_, err = w.house.Frames.Paper(w.Context(), operator, id, frame.Proposal{Guardian: p.Guardian("Elu", address).ID}, today, "classeur")
		}
		w.outside(address, child).elected = true
	}
	if err != nil {
		w.Fatal(err)
	}
}

func (w *town) pupil(p *school.Pupil, child class, address string) {
	p.Writes(address)
	w.outside(address, child)
}

func (w *town) box(s *school.School) *person {
	return w.add(&person{address: "ce." + strings.ToLower(s.UAI) + "@" + house.Domain, account: s.Box, works: []string{s.UAI}})
}

// groups gives the class its group of guardians.
func (w *town) groups(d *school.Division, child class) {
	if _, err := w.house.Groups.Derive(w.Context()); err != nil {
		w.Fatal(err)
	}
	var members []*person
	for _, p := range w.people {
		if p.child == child && p.address != "zoe.roy@laposte.net" { // a pupil
			members = append(members, p)
		}
	}
	address := "parents." + strings.ToLower(d.Name+"."+d.School.UAI) + "@" + house.Domain
	if _, found, err := w.house.Groups.ByAddress(w.Context(), address); err != nil || !found {
		w.Fatalf("group %s: %v, %v", address, found, err)
	}
	w.add(&person{address: address, child: child, group: members})
}

// client opens a conversation with a door of SMTP, signed in where login is not "".
func (w *town) client(door, login string) (*smtp.Client, error) {
	network, address := "tcp", "127.0.0.1:"+strconv.Itoa(w.server.Ports[door])
	if door == DoorLMTP {
		network, address = "unix", filepath.Join(w.house.Config.DataDir, "lmtp")
	}
	conn, err := (&net.Dialer{}).DialContext(w.Context(), network, address)
	if err != nil {
		return nil, err
	}
	w.Cleanup(func() { conn.Close() })
	if door == DoorLMTP {
		return smtp.NewClientLMTP(conn), nil
	}
	c := smtp.NewClient(conn)
	if login == "" {
		return c, nil
	}
	err = c.Auth(sasl.NewPlainClient("", login, leakPassword))
	return c, err
}

// texts gives a column of text of a query.
func (w *town) texts(query string) (out []string) {
	w.Helper()
	err := w.house.DB.Read(w.Context(), func(tx *store.Tx) error {
		out = nil
		rows, err := tx.Query(w.Context(), query)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var text string
			if err := rows.Scan(&text); err != nil {
				return err
			}
			out = append(out, text)
		}
		return rows.Err()
	})
	if err != nil {
		w.Fatal(err)
	}
	return out
}

// safeBuffer is a log that several goroutines write.
type safeBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// parcel is what the relay was given for one recipient.
type parcel struct{ reversePath, recipient, octets string }

// relay takes what leaves, and refuses now and then, naming somebody else as relays do.
type relay struct {
	mu      sync.Mutex
	parcels []parcel
}

var _ outbound.Transport = (*relay)(nil)

func (r *relay) Send(ctx context.Context, p outbound.Parcel) []outbound.Outcome {
	out := make([]outbound.Outcome, len(p.Recipients))
	octets, err := p.Open(ctx)
	if err != nil {
		for i := range out {
			out[i] = outbound.Outcome{Verdict: outbound.Deferred, Enhanced: "4.3.0", Text: "cannot read", Cause: err}
		}
		return out
	}
	defer octets.Close()
	all, err := io.ReadAll(octets)
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, to := range p.Recipients {
		r.parcels = append(r.parcels, parcel{p.ReversePath, to, string(all)})
		out[i] = outbound.Outcome{Verdict: outbound.Sent, Code: 250, Enhanced: "2.0.0", Text: "ok"}
		if (int(p.ID)+i)%9 == 0 || err != nil {
			out[i] = outbound.Outcome{Verdict: outbound.Failed, Code: 550, Enhanced: "5.1.1", Text: "<" + to + "> moved to anne.rodriguez@example.net"}
		}
	}
	return out
}

// some gives a few of the parcels that came last.
func (r *relay) some(n int) []parcel {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.parcels[max(0, len(r.parcels)-n):])
}

// all gives every parcel.
func (r *relay) all() []parcel {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.parcels)
}
