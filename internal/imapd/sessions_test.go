package imapd_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"navette/internal/box"
	"navette/internal/testkit/stores"
)

// mirror is a client with its picture of the mailbox that it has selected.
type mirror struct {
	*client
	picture
	name string
	tag  int
}

func newMirror(c *client, name string) *mirror {
	return &mirror{client: c, name: name, picture: picture{flag: map[int]string{}}}
}

// do sends a command and takes in its answer, which may be NO.
func (m *mirror) do(t *rapid.T, command string) {
	m.tag++
	tag := fmt.Sprintf("T%d", m.tag)
	m.send(tag + " " + command + "\r\n")
	bySeq := strings.HasPrefix(command, "FETCH") || strings.HasPrefix(command, "STORE") || strings.HasPrefix(command, "SEARCH")
	for {
		line := m.line()
		if strings.HasPrefix(line, tag+" ") {
			if strings.HasPrefix(line, tag+" BAD") {
				t.Fatalf("%s: %s: %s", m.name, command, line)
			}
			return
		}
		if err := m.hear(line, !bySeq); err != nil {
			t.Fatalf("%s %v", m.name, err)
		}
	}
}

// learn asks for the UIDs and flags of messages that the client does not know.
func (m *mirror) learn(t *rapid.T) {
	if n := m.unlearnt(); n > 0 {
		m.do(t, fmt.Sprintf("FETCH %d:* (UID FLAGS)", n))
	}
}

// state lists UIDs and flags.
func (m *mirror) state() string {
	var b strings.Builder
	for _, uid := range m.uids {
		fmt.Fprintf(&b, "%d(%s) ", uid, m.flag[uid])
	}
	return b.String()
}

// TestSessionsStayConsistent lets several clients loose on one mailbox. Whatever they do, each one's picture, built from
// what it hears alone, is the mailbox once it has asked (invariants 4 and 5).
func TestSessionsStayConsistent(t *testing.T) {
	t.Parallel()
	stores.EachURL(t, func(t *testing.T, url string) {
		sessionsStayConsistent(t, newDoorAt(t, url, 1), "", []int{0, 0, 0})
	})
}

// The same holds of the members of a shared box: there is one state, which is each one's.
func TestMembersOfABoxStayConsistent(t *testing.T) {
	t.Parallel()
	stores.EachURL(t, func(t *testing.T, url string) {
		d := newDoorAt(t, url, 2)
		id := d.open("vie.scolaire")
		d.share(id, owner, box.Owner)
		d.share(id, member, box.Member)
		sessionsStayConsistent(t, d, shared+"vie.scolaire/", []int{owner, member, member})
	})
}

// sessionsStayConsistent has people work in mailboxes below root.
func sessionsStayConsistent(t *testing.T, d *door, root string, people []int) {
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		box, archives := fmt.Sprintf(`"%sEssai%d"`, root, round), `"`+root+`Archives"`
		owner := d.enter(t, people[0])
		rt.Cleanup(func() { owner.conn.Close() })
		owner.run("CREATE " + box)
		owner.append(box, "x")
		owner.append(box, "y")
		clients := make([]*mirror, len(people))
		for i, n := range people {
			clients[i] = newMirror(d.enter(t, n), fmt.Sprintf("client %d", i))
			rt.Cleanup(func() { clients[i].conn.Close() })
			clients[i].do(rt, "SELECT "+box)
		}
		pick := func(rt *rapid.T) (*mirror, int) {
			m := rapid.SampledFrom(clients).Draw(rt, "client")
			if len(m.uids) == 0 {
				rt.Skip("nothing there")
			}
			return m, rapid.IntRange(1, len(m.uids)).Draw(rt, "message")
		}
		flags := rapid.SampledFrom([]string{`\Seen`, `\Flagged`, `\Deleted`, `$Forwarded`, `dossier`})
		action := rapid.SampledFrom([]string{"FLAGS", "+FLAGS", "-FLAGS"})
		check := func(rt *rapid.T) {
			truth := newMirror(owner, "truth")
			truth.do(rt, "EXAMINE "+box)
			truth.learn(rt)
			for _, m := range clients {
				m.do(rt, "NOOP")
				m.learn(rt)
				if m.state() != truth.state() {
					rt.Fatalf("%s sees\n  %s\nand there is\n  %s", m.name, m.state(), truth.state())
				}
			}
		}
		rt.Repeat(map[string]func(*rapid.T){
			"append": func(rt *rapid.T) {
				m := rapid.SampledFrom(clients).Draw(rt, "client")
				m.do(rt, "APPEND "+box+" {1+}\r\nx")
			},
			"store": func(rt *rapid.T) {
				m, n := pick(rt)
				m.do(rt, fmt.Sprintf("STORE %d %s (%s)", n, action.Draw(rt, "action"), flags.Draw(rt, "flag")))
			},
			"store silently": func(rt *rapid.T) {
				m, n := pick(rt)
				what, flag := action.Draw(rt, "action"), flags.Draw(rt, "flag")
				m.learn(rt)
				m.suppose(what, flag, n)
				m.do(rt, fmt.Sprintf("STORE %d %s.SILENT (%s)", n, what, flag))
			},
			"fetch":   func(rt *rapid.T) { m, n := pick(rt); m.do(rt, fmt.Sprintf("FETCH %d FLAGS", n)) },
			"read":    func(rt *rapid.T) { m, n := pick(rt); m.do(rt, fmt.Sprintf("FETCH %d BODY[TEXT]", n)) },
			"expunge": func(rt *rapid.T) { m, _ := pick(rt); m.do(rt, "EXPUNGE") },
			"move": func(rt *rapid.T) {
				m, n := pick(rt)
				m.do(rt, fmt.Sprintf("MOVE %d %s", n, rapid.SampledFrom([]string{archives, box}).Draw(rt, "to")))
			},
			"copy":  func(rt *rapid.T) { m, n := pick(rt); m.do(rt, fmt.Sprintf("COPY %d %s", n, box)) },
			"noop":  func(rt *rapid.T) { rapid.SampledFrom(clients).Draw(rt, "client").do(rt, "NOOP") },
			"check": check,
		})
		check(rt)
	})
}

// suppose is what a client makes of its own STORE with .SILENT, of which the server says nothing. Where somebody else
// changed the message meanwhile, the server says so and the client believes it.
func (m *mirror) suppose(what, flag string, n int) {
	uid := m.uids[n-1]
	have := strings.Fields(m.flag[uid])
	switch what[0] {
	case '+':
		if !slices.Contains(have, flag) {
			have = append(have, flag)
		}
	case '-':
		have = slices.DeleteFunc(have, func(f string) bool { return f == flag })
	default:
		have = []string{flag}
	}
	order := []string{`\Seen`, `\Flagged`, `\Deleted`, `$Forwarded`, `dossier`}
	slices.SortFunc(have, func(a, b string) int { return slices.Index(order, a) - slices.Index(order, b) })
	m.flag[uid] = strings.Join(have, " ")
}
