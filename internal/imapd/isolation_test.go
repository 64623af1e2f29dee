package imapd_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"navette/internal/box"
	"navette/internal/testkit/stores"
)

// TestNobodyReachesWhatIsNotOpenToThem lets people loose on two shared boxes and on their own mailboxes while roles are
// given and taken away (DESIGN invariant 3, invariant 9). A model of rights, which knows the words of RFC 4314 and
// nothing of the program, says of each command whether it is carried out, and of each mailbox what is in it.
func TestNobodyReachesWhatIsNotOpenToThem(t *testing.T) {
	t.Parallel()
	stores.EachURL(t, nobodyReachesWhatIsNotOpen)
}

func nobodyReachesWhatIsNotOpen(t *testing.T, url string) {
	d := newDoorAt(t, url, 3)
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		w := newWorld(rt, d, round)
		rt.Repeat(map[string]func(*rapid.T){
			"share": w.share, "set a role": w.setACL, "select": w.selects, "read": w.reads, "mark": w.marks, "expunge": w.expunges,
			"copy": func(rt *rapid.T) { w.transfers(rt, false) }, "move": func(rt *rapid.T) { w.transfers(rt, true) },
			"append": w.appends, "look at rights": w.looks, "list": w.lists,
		})
		w.holds(rt)
	})
}

// world is what the model believes.
type world struct {
	d      *door
	people []*agent
	boxes  []*holder
	mails  int
}

// holder is an account with its mailboxes. login is a box's name, "" for a person.
type holder struct {
	account int64
	login   string
	roles   map[int]box.Role // by number of person
	folders map[string]*folder
}

// folder is a mailbox of the model.
type folder struct {
	of    *holder
	name  string
	next  int
	mails []mailHeld
}

type mailHeld struct {
	uid     int
	mark    string
	deleted bool
}

func (f *folder) put(mark string, deleted bool) {
	f.mails = append(f.mails, mailHeld{f.next, mark, deleted})
	f.next++
}

// agent is a person with a connection.
type agent struct {
	*client
	w        *world
	n        int
	own      *holder
	selected *folder
	readOnly bool // as it was selected
	tag      int
}

func newWorld(rt *rapid.T, d *door, round int) *world {
	w := &world{d: d}
	for i := range 2 {
		h := newHolder(0, fmt.Sprintf("box%d.%d", i, round), "INBOX", "Archives")
		h.account = d.open(h.login)
		w.boxes = append(w.boxes, h)
	}
	for n := range d.accounts {
		a := &agent{w: w, n: n, own: newHolder(d.accounts[n], "", fmt.Sprintf("Essai%d", round))}
		a.connect(rt)
		a.run("CREATE " + slices.Collect(maps.Keys(a.own.folders))[0])
		w.people = append(w.people, a)
	}
	return w
}

func newHolder(account int64, login string, names ...string) *holder {
	h := &holder{account: account, login: login, roles: map[int]box.Role{}, folders: map[string]*folder{}}
	for _, name := range names {
		h.folders[name] = &folder{of: h, name: name, next: 1}
	}
	return h
}

func (a *agent) connect(rt *rapid.T) {
	a.client, a.selected = a.w.d.enter(a.w.d.t, a.n), nil
	conn := a.conn
	rt.Cleanup(func() { conn.Close() })
}

// nameOf is a folder's name on the wire, for whoever may know it.
func (f *folder) nameOf() string {
	switch {
	case f.of.login == "":
		return f.name
	case f.name == "INBOX":
		return `"` + shared + f.of.login + `"`
	}
	return `"` + shared + f.of.login + "/" + f.name + `"`
}

// rights are what somebody may do with what an account holds.
func (a *agent) rights(h *holder) string {
	if h == a.own {
		return "lrswikxtea"
	}
	return map[box.Role]string{box.Reader: "lr", box.Member: "lrswikxte", box.Owner: "lrswikxtea"}[h.roles[a.n]]
}

// do sends a command and returns what is said, up to the answer, and the answer. Who has lost the box that they have
// selected hears BYE to every command; they come back, and the command counts as not sent.
func (a *agent) do(rt *rapid.T, command string) (said []string, answer string) {
	a.tag++
	tag := fmt.Sprintf("T%d ", a.tag)
	withdrawn := a.selected != nil && a.rights(a.selected.of) == "" && !strings.HasPrefix(command, "SELECT")
	a.send(tag + command + "\r\n")
	for {
		line := a.line()
		if withdrawn {
			if !strings.HasPrefix(line, "* BYE ") {
				rt.Fatalf("person %d, whose box is closed to them, hears %q to %s", a.n, line, command)
			}
			a.ended()
			a.connect(rt)
			rt.Skip("the box was closed")
		}
		if answer, is := strings.CutPrefix(line, tag); is {
			return said, answer
		}
		said = append(said, line)
	}
}

// wants holds the answer of a command against what the rights allow.
func (a *agent) wants(rt *rapid.T, command, want, answer string) {
	if !strings.HasPrefix(answer, want) {
		rt.Fatalf("person %d with %q hears %q to %s, want %q", a.n, a.wish(), answer, command, want)
	}
}

// wish tells the rights of a person, for messages.
func (a *agent) wish() map[string]string {
	out := map[string]string{}
	for _, h := range a.w.boxes {
		out[h.login] = a.rights(h)
	}
	return out
}

func (w *world) person(rt *rapid.T) *agent { return rapid.SampledFrom(w.people).Draw(rt, "person") }

// folderFor draws a mailbox that a person can name: their own, or one of a box.
func (w *world) folderFor(rt *rapid.T, a *agent) *folder {
	h := rapid.SampledFrom(append([]*holder{a.own}, w.boxes...)).Draw(rt, "account")
	return h.folders[rapid.SampledFrom(slices.Sorted(maps.Keys(h.folders))).Draw(rt, "mailbox")]
}

// inBox draws a person who has a mailbox selected, which they know all of.
func (w *world) inBox(rt *rapid.T) *agent {
	a := w.person(rt)
	if a.selected == nil {
		rt.Skip("nothing selected")
	}
	a.do(rt, "NOOP")
	return a
}

func (w *world) share(rt *rapid.T) {
	h, a := rapid.SampledFrom(w.boxes).Draw(rt, "box"), w.person(rt)
	role := rapid.SampledFrom([]box.Role{"", box.Reader, box.Member, box.Owner}).Draw(rt, "role")
	if role == h.roles[a.n] {
		return
	}
	w.d.share(h.account, a.n, role)
	h.roles[a.n] = role
}

// setACL has somebody give somebody a role. Only an owner may, and not so that none is left.
func (w *world) setACL(rt *rapid.T) {
	h, a, other := rapid.SampledFrom(w.boxes).Draw(rt, "box"), w.person(rt), w.person(rt)
	role := rapid.SampledFrom([]box.Role{"", box.Reader, box.Member, box.Owner}).Draw(rt, "role")
	rights := map[box.Role]string{"": `""`, box.Reader: "lr", box.Member: "lrswicd", box.Owner: "lrswikxtea"}[role]
	command := "SETACL " + h.folders["INBOX"].nameOf() + " " + w.d.login(other.n) + " " + rights
	_, answer := a.do(rt, command)
	owners := 0
	for n, r := range h.roles {
		if r == box.Owner && n != other.n {
			owners++
		}
	}
	switch held := a.rights(h); {
	case held == "":
		a.wants(rt, command, "NO [NONEXISTENT]", answer)
	case !strings.Contains(held, "a"):
		a.wants(rt, command, "NO [NOPERM]", answer)
	case role == h.roles[other.n]:
		a.wants(rt, command, "OK", answer)
	case owners == 0 && role != box.Owner:
		a.wants(rt, command, "NO [NOPERM]", answer)
	default:
		a.wants(rt, command, "OK", answer)
		h.roles[other.n] = role
	}
}

func (w *world) selects(rt *rapid.T) {
	a := w.person(rt)
	f := w.folderFor(rt, a)
	_, answer := a.do(rt, "SELECT "+f.nameOf())
	a.selected = nil
	switch held := a.rights(f.of); {
	case held == "":
		a.wants(rt, "SELECT", "NO [NONEXISTENT]", answer)
	case strings.Contains(held, "w"):
		a.wants(rt, "SELECT", "OK [READ-WRITE]", answer)
		a.selected, a.readOnly = f, false
	default:
		a.wants(rt, "SELECT", "OK [READ-ONLY]", answer)
		a.selected, a.readOnly = f, true
	}
}

var subjectLine = regexp.MustCompile(`^Subject: (.*)$`)

// reads looks at every message of the selected mailbox: it is what the model says, whoever brought it there.
func (w *world) reads(rt *rapid.T) {
	a := w.inBox(rt)
	said, answer := a.do(rt, "UID FETCH 1:* BODY.PEEK[HEADER.FIELDS (SUBJECT)]")
	a.wants(rt, "FETCH", "OK", answer)
	var got, want []string
	for _, line := range said {
		if m := subjectLine.FindStringSubmatch(line); m != nil {
			got = append(got, m[1])
		}
	}
	for _, m := range a.selected.mails {
		want = append(want, m.mark)
	}
	if !slices.Equal(got, want) {
		rt.Fatalf("person %d finds %v in %s, where %v is", a.n, got, a.selected.nameOf(), want)
	}
}

// change is what a command that changes the selected mailbox must answer: "" where it is carried out.
func (a *agent) change(needed string) string {
	for _, c := range needed {
		if !strings.ContainsRune(a.rights(a.selected.of), c) {
			return "NO [NOPERM]"
		}
	}
	if a.readOnly {
		return "NO [READ-ONLY]"
	}
	return ""
}

func (w *world) marks(rt *rapid.T) {
	a := w.inBox(rt)
	uid := rapid.IntRange(1, a.selected.next).Draw(rt, "uid")
	_, answer := a.do(rt, fmt.Sprintf(`UID STORE %d +FLAGS (\Deleted)`, uid))
	if refused := a.change("sw"); refused != "" {
		a.wants(rt, "STORE", refused, answer)
		return
	}
	a.wants(rt, "STORE", "OK", answer)
	for i := range a.selected.mails {
		if m := &a.selected.mails[i]; m.uid == uid {
			m.deleted = true
		}
	}
}

func (w *world) expunges(rt *rapid.T) {
	a := w.inBox(rt)
	_, answer := a.do(rt, "EXPUNGE")
	if refused := a.change("e"); refused != "" {
		a.wants(rt, "EXPUNGE", refused, answer)
		return
	}
	a.wants(rt, "EXPUNGE", "OK", answer)
	a.selected.mails = slices.DeleteFunc(a.selected.mails, func(m mailHeld) bool { return m.deleted })
}

// arrival is what a command that puts messages into a mailbox must answer.
func (a *agent) arrival(f *folder) string {
	switch held := a.rights(f.of); {
	case held == "":
		return "NO [NONEXISTENT]"
	case !strings.Contains(held, "i"):
		return "NO [NOPERM]"
	}
	return ""
}

func (w *world) transfers(rt *rapid.T, move bool) {
	a := w.inBox(rt)
	to := w.folderFor(rt, a)
	command := "UID COPY"
	refused := a.arrival(to)
	if move {
		command = "UID MOVE"
		if no := a.change("te"); no != "" {
			refused = no
		}
	}
	if len(a.selected.mails) == 0 {
		rt.Skip("nothing to move")
	}
	_, answer := a.do(rt, command+" 1:* "+to.nameOf())
	if refused != "" {
		a.wants(rt, command, refused, answer)
		return
	}
	a.wants(rt, command, "OK", answer)
	gone := slices.Clone(a.selected.mails)
	for _, m := range gone {
		to.put(m.mark, m.deleted)
	}
	if move {
		a.selected.mails = slices.DeleteFunc(a.selected.mails, func(m mailHeld) bool { return slices.Contains(gone, m) })
	}
}

func (w *world) appends(rt *rapid.T) {
	a := w.person(rt)
	f := w.folderFor(rt, a)
	w.mails++
	mark := fmt.Sprintf("mail %d of %d in %s", w.mails, a.n, f.of.login)
	text := "Subject: " + mark + "\r\n\r\nx\r\n"
	_, answer := a.do(rt, fmt.Sprintf("APPEND %s {%d+}\r\n%s", f.nameOf(), len(text), text))
	if refused := a.arrival(f); refused != "" {
		a.wants(rt, "APPEND", refused, answer)
		return
	}
	a.wants(rt, "APPEND", "OK", answer)
	f.put(mark, false)
}

// looks asks for one's rights and for the members of a box.
func (w *world) looks(rt *rapid.T) {
	a, h := w.person(rt), rapid.SampledFrom(w.boxes).Draw(rt, "box")
	name, held := h.folders["Archives"].nameOf(), a.rights(h)
	said, answer := a.do(rt, "MYRIGHTS "+name)
	switch {
	case held == "":
		a.wants(rt, "MYRIGHTS", "NO [NONEXISTENT]", answer)
	case strings.TrimSuffix(strings.Fields(said[0])[len(strings.Fields(said[0]))-1], `cd"`)+`"` != `"`+held+`"` && held != "lr":
		rt.Fatalf("person %d with %s has %v", a.n, held, said)
	}
	_, answer = a.do(rt, "GETACL "+name)
	want := "OK"
	switch {
	case held == "":
		want = "NO [NONEXISTENT]"
	case !strings.Contains(held, "a"):
		want = "NO [NOPERM]"
	}
	a.wants(rt, "GETACL", want, answer)
}

// lists holds that somebody is shown the boxes that are open to them, and no other.
func (w *world) lists(rt *rapid.T) {
	a := w.person(rt)
	said, _ := a.do(rt, `LIST "" "*" RETURN (STATUS (MESSAGES))`)
	text := strings.Join(said, "\n")
	for _, h := range w.boxes {
		if shown := strings.Contains(text, h.login); shown != (a.rights(h) != "") {
			rt.Fatalf("person %d with %q is shown %s: %v", a.n, a.rights(h), h.login, shown)
		}
	}
}

// holds looks, past the doors, at what each account has.
func (w *world) holds(rt *rapid.T) {
	for _, h := range w.boxes {
		for _, f := range h.folders {
			m, err := w.d.Mailboxes.ByName(w.d.t.Context(), h.account, f.name)
			if err != nil || int(m.Messages) != len(f.mails) {
				rt.Fatalf("%s has %d messages (%v), want %d", f.nameOf(), m.Messages, err, len(f.mails))
			}
		}
	}
}
