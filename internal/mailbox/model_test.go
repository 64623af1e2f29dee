package mailbox_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"navette/internal/mailbox"
)

// model is what an account's mailboxes must be, by the simplest means: maps, and counting anew each time.
type model struct {
	modseq    int64
	nextEmail int64
	nextBox   int64
	boxes     map[int64]*modelBox
	emails    map[int64]*modelEmail
	threads   map[string]int64 // Message-ID and base subject -> thread
}

type modelBox struct {
	id, modseq int64
	name, role string
	subscribed bool
	uidnext    uint32
	placed     map[uint32]*modelPlacement
}

type modelPlacement struct {
	email   *modelEmail
	deleted bool
	modseq  int64
}

type modelEmail struct {
	id, thread, size int64
	flags            mailbox.Flags // without Deleted and HasKeywords
	keywords         string        // sorted, one space between
	message          message
}

// newModel is a provisioned account.
func newModel() *model {
	m := &model{modseq: 1, nextEmail: 1, nextBox: 1, boxes: map[int64]*modelBox{}, emails: map[int64]*modelEmail{}, threads: map[string]int64{}}
	for _, f := range mailbox.Folders {
		m.addBox(f.Name, f.Role)
	}
	return m
}

func (m *model) next() int64 { m.modseq++; return m.modseq }

func (m *model) addBox(name, role string) *modelBox {
	b := &modelBox{id: m.nextBox, name: name, role: role, subscribed: true, uidnext: 1, modseq: m.modseq, placed: map[uint32]*modelPlacement{}}
	m.boxes[b.id] = b
	m.nextBox++
	return b
}

func (m *model) named(name string) *modelBox {
	for _, b := range m.boxes {
		if b.name == name {
			return b
		}
	}
	return nil
}

// create makes a mailbox and its missing parents.
func (m *model) create(name string) {
	for i, r := range name + "/" {
		if r == '/' && m.named(name[:min(i, len(name))]) == nil {
			m.next()
			m.addBox(name[:min(i, len(name))], "")
		}
	}
}

func (m *model) below(name string) []*modelBox {
	var out []*modelBox
	for _, b := range m.boxes {
		if b.name == name || strings.HasPrefix(b.name, name+"/") {
			out = append(out, b)
		}
	}
	slices.SortFunc(out, func(a, b *modelBox) int { return cmp.Compare(a.name, b.name) })
	return out
}

func (m *model) rename(from, to string) {
	if i := strings.LastIndexByte(to, '/'); i > 0 {
		m.create(to[:i])
	}
	for _, b := range m.below(from) {
		m.next()
		b.name = to + strings.TrimPrefix(b.name, from)
	}
}

func (m *model) remove(b *modelBox, uid uint32) {
	delete(b.placed, uid)
	b.modseq = m.next()
}

func (m *model) drop(b *modelBox) {
	for _, uid := range b.uids() {
		m.remove(b, uid)
	}
	m.next()
	delete(m.boxes, b.id)
}

func (m *model) place(b *modelBox, e *modelEmail, deleted bool) uint32 {
	uid := b.uidnext
	b.uidnext++
	b.modseq = m.next()
	b.placed[uid] = &modelPlacement{email: e, deleted: deleted, modseq: m.modseq}
	return uid
}

// add makes an email of a message that has a Message-ID and may refer to another.
func (m *model) add(b *modelBox, msg message, size int64, flags mailbox.Flags, keywords []string) uint32 {
	e := &modelEmail{id: m.nextEmail, size: size, flags: flags &^ mailbox.Deleted, keywords: strings.Join(keywords, " "), message: msg}
	m.nextEmail++
	e.thread = e.id
	known := false
	for _, k := range msg.threadKeys() {
		if t, ok := m.threads[k]; ok && (!known || t < e.thread) {
			e.thread, known = t, true
		}
	}
	for _, k := range msg.threadKeys() {
		if _, ok := m.threads[k]; !ok {
			m.threads[k] = e.thread
		}
	}
	m.emails[e.id] = e
	return m.place(b, e, flags&mailbox.Deleted != 0)
}

// store is STORE, and what it answers.
func (m *model) store(b *modelBox, uids []uint32, c mailbox.FlagChange) (items []seen, modified []uint32) {
	before := map[uint32]int64{}
	for uid, p := range b.placed {
		before[uid] = p.modseq
	}
	for _, uid := range uids {
		p := b.placed[uid]
		if p == nil {
			continue
		}
		if c.UnchangedSince >= 0 && before[uid] > c.UnchangedSince {
			modified = append(modified, uid)
			continue
		}
		flags, keywords := p.flags(), strings.Fields(p.email.keywords)
		switch c.Mode {
		case mailbox.AddFlags:
			flags |= c.Flags
			keywords = append(keywords, c.Keywords...)
		case mailbox.RemoveFlags:
			flags &^= c.Flags
			keywords = slices.DeleteFunc(keywords, func(k string) bool { return slices.Contains(c.Keywords, k) })
		case mailbox.ReplaceFlags:
			flags, keywords = c.Flags, slices.Clone(c.Keywords)
		}
		slices.Sort(keywords)
		m.set(b, p, flags, strings.Join(slices.Compact(keywords), " "))
		items = append(items, p.seen(uid))
	}
	return items, modified
}

func (m *model) set(b *modelBox, p *modelPlacement, flags mailbox.Flags, keywords string) {
	if deleted := flags&mailbox.Deleted != 0; deleted != p.deleted {
		p.deleted = deleted
		p.modseq = m.next()
		b.modseq = m.modseq
	}
	flags &^= mailbox.Deleted | mailbox.HasKeywords
	if e := p.email; flags != e.flags || keywords != e.keywords {
		e.flags, e.keywords = flags, keywords
		m.next()
		for _, b := range m.boxes {
			for _, other := range b.placed {
				if other.email == e {
					other.modseq, b.modseq = m.modseq, m.modseq
				}
			}
		}
	}
}

func (b *modelBox) uids() []uint32 { return slices.Sorted(maps.Keys(b.placed)) }

// flags are all of a placement but HasKeywords.
func (p *modelPlacement) flags() mailbox.Flags {
	if p.deleted {
		return p.email.flags | mailbox.Deleted
	}
	return p.email.flags
}

// seen is what a client sees of one placement.
type seen struct {
	UID      uint32
	Email    int64
	Modseq   int64
	Flags    mailbox.Flags
	Keywords string
	Thread   int64
}

func (p *modelPlacement) seen(uid uint32) seen {
	return seen{uid, p.email.id, p.modseq, p.flags(), p.email.keywords, p.email.thread}
}

func seenItem(it mailbox.Item) seen {
	return seen{it.UID, it.Email, it.Modseq, it.Flags &^ mailbox.HasKeywords, strings.Join(it.Keywords, " "), it.Thread}
}

func (b *modelBox) seen() []seen {
	out := []seen{}
	for _, uid := range b.uids() {
		out = append(out, b.placed[uid].seen(uid))
	}
	return out
}

// counters are what List must show of the mailbox.
func (b *modelBox) counters() mailbox.Mailbox {
	m := mailbox.Mailbox{ID: b.id, Name: b.name, Role: b.role, Subscribed: b.subscribed, UIDNext: b.uidnext, Modseq: b.modseq}
	for _, p := range b.placed {
		m.Messages++
		m.Size += p.email.size
		if p.email.flags&mailbox.Seen == 0 {
			m.Unseen++
		}
		if p.deleted {
			m.Deleted++
		}
	}
	return m
}

func (m *model) usedBytes() (used int64) {
	counted := map[int64]bool{}
	for _, b := range m.boxes {
		for _, p := range b.placed {
			if !counted[p.email.id] {
				counted[p.email.id] = true
				used += p.email.size
			}
		}
	}
	return used
}

// message is a mail of the tests: an id, a subject that makes a thread with it, and what it answers ("" for nothing).
type message struct {
	id, subject, answers string
	padding              int
}

func (m message) octets() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "From: a@ac-paris.example\r\nSubject: %s\r\nMessage-ID: <%s>\r\n", m.subject, m.id)
	if m.answers != "" {
		fmt.Fprintf(&b, "In-Reply-To: <%s>\r\n", m.answers)
	}
	fmt.Fprintf(&b, "\r\n%s\r\n", strings.Repeat("x", m.padding))
	return []byte(b.String())
}

func (m message) threadKeys() []string {
	keys := []string{m.id + "\x00" + m.subject}
	if m.answers != "" {
		keys = append(keys, m.answers+"\x00"+m.subject)
	}
	return keys
}
