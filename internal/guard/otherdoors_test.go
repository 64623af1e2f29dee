package guard_test

import (
	"strings"
	"testing"

	"navette/internal/guard"
)

// Applications have nobody who could answer a question, and nobody who could be told afterwards. They are no people who
// could learn what an address is either: whoever is a guardian or a pupil is protected.
func TestWhatApplicationsInjectByLMTP(t *testing.T) {
	t.Parallel()
	relay := parents5A
	relay.Entitled = true // a registered ENT relay
	for _, r := range []struct {
		name  string
		parts []part
		want  string
	}{
		{"a receipt to a parent", []part{to(anne)}, "sent"},
		{"a parent, her school's agents in Cc", []part{to(anne), cc(head)}, "sent"},
		{"a parent, agents of another school in Cc", []part{to(anne), cc(colleague)}, "sent"},
		{"two parents in À", []part{to(anne, marc)}, "refused: together"},
		{"a parent and an external", []part{to(unknown), cc(lawyer)}, "refused: outside"},
		{"two parents whom nobody is entitled to", []part{to(unknown), cc(alias(unknown, "autre@cabinet.example"))}, "refused: together"},
		{"five personal addresses", []part{to(personal(5)...)}, "refused: many-personal"},
		{"the same where submission separates", []part{to(anne, marc), separates}, "refused: together"},
		{"the elected parents inside their frame", []part{to(president), cc(sonia)}, "sent"},
		{"a mailing to parents in Cci", []part{cci(anne, marc)}, "sent; apart: anne.rodriguez (cci-apart), marc.durand (cci-apart)"},
		{"professionals", []part{to(head), cc(colleague, lawyer)}, "sent"},
		{"a group of parents", []part{to(parents5A)}, "refused: group-closed"},
		{"a group of parents, by a registered relay", []part{to(relay)}, "sent; in Cci, locked: parents.5a." + college},
		{"a group of staff", []part{to(staffAfar)}, "refused: group-closed"},
		{"a list, which answered at RCPT", []part{to(list)}, "sent"},
	} {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			demand(t, write(t, r.parts...), guard.LMTP, r.want)
		})
	}
}

// What comes from outside stays as it came, but for the copies of a group's members; computed groups are closed to
// strangers.
func TestWhatComesFromTheInternet(t *testing.T) {
	t.Parallel()
	for _, r := range []struct {
		name  string
		parts []part
		want  string
	}{
		{"a parent writes to a teacher, the other parents in Cc", []part{cci(head), shown(guard.To, anne), shown(guard.Cc, marc, sonia)}, "sent"},
		{"to many", []part{to(head, cpe), cc(colleague), cci(vieScol)}, "sent"},
		{"to a list, which answered at RCPT", []part{cci(list, listOutside)}, "sent"},
		{"to the parents of a class", []part{cci(parents5A)}, "refused: group-closed"},
		{"to the pupils of a class", []part{cci(group("eleves@ac-paris.example", guard.Pupils, false))}, "refused: group-closed"},
		{"to the parents of a class, by the server of their ENT", []part{cci(parents4E3)}, "sent; in Cci, locked: parents.4e3." + college},
		{"to the staff of a school, and an agent", []part{cci(head, staffAfar)}, "refused: group-closed"},
	} {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			l := write(t, r.parts...)
			demand(t, l, guard.Reception, r.want)
			if d := l.through(guard.Reception); textOf(d) == "" && d.Rewrites() != strings.Contains(r.want, "locked") || d.ToSender() {
				t.Errorf("the header is changed: %v, To becomes the sender: %v", d.Rewrites(), d.ToSender())
			}
		})
	}
}

// Navette's own messages go by the same table; computed groups are closed to it as to anybody, and it puts nobody into To.
func TestWhatNavetteSendsItself(t *testing.T) {
	t.Parallel()
	for _, r := range []struct {
		name  string
		parts []part
		want  string
	}{
		{"an automatic answer to a parent", []part{to(anne)}, "sent"},
		{"a notice to an agent", []part{to(head)}, "sent"},
		{"a notice to boxes that have lost their owners", []part{cci(vieScol, ownBox)}, "sent"},
		{"a post that an owner approved", []part{to(list)}, "sent"},
		{"to the staff of a school", []part{to(staffAfar)}, "refused: group-closed"},
		{"to the parents of a class", []part{to(parents5A)}, "refused: group-closed"},
		{"to the parents of a class, for somebody entitled", []part{to(parents4E3)}, "sent; in Cci, locked: parents.4e3." + college},
		{"two parents at once", []part{to(anne, marc)}, "refused: together"},
		{"a parent and an external", []part{to(unknown, lawyer)}, "refused: outside"},
	} {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			l := write(t, r.parts...)
			demand(t, l, guard.System, r.want)
			if l.through(guard.System).ToSender() {
				t.Error("To becomes the sender")
			}
		})
	}
}

// What plain copies show is what remains when the separate ones are taken out.
func TestWhatPlainCopiesShow(t *testing.T) {
	t.Parallel()
	d := write(t, to(anne, head), cc(cpe, marc, parents4E3), other(vieScol), cci(colleague), shown(guard.Cc, unknown, dsden), apart).through(guard.Submission)
	if !d.Rewrites() {
		t.Error("plain copies keep the header as it came")
	}
	for address, want := range map[string]bool{
		head.address: true, "Luc.Petit+x@AC-paris.example": true, vieScol.address: true, dsden.address: true,
		anne.address: false, marc.address: false, parents4E3.address: false, unknown.address: false, colleague.address: false,
		"somebody@nobody-told-of.example": false, "": false, "no address": false,
	} {
		if got := d.Shows(address); got != want {
			t.Errorf("%q is shown: %v", address, got)
		}
	}
	if d := write(t, to(anne), cc(head)).through(guard.Submission); d.Rewrites() {
		t.Error("a message without separate copies is changed")
	}
	if d := write(t, to(lawyer), shown(guard.Cc, unknown)).through(guard.Submission); !d.Rewrites() || d.Shows(unknown.address) {
		t.Error("a guardian whom the sender may not know is shown to a lawyer")
	}
}

// A program that forgets to say which providers are personal still knows the classes.
func TestTheListOfProvidersShipsAndCanBeChanged(t *testing.T) {
	t.Parallel()
	p, err := guard.NewProviders([]string{"Exämple.FR", "-free.fr"})
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]bool{
		"a@gmail.com": true, "a@orange.fr": true, "a@laposte.net": true, "a@xn--exmple-cua.fr": true, "a@free.fr": false,
		"a@barreau.example": false, "a@sub.gmail.com": false, "gmail.com": false, "": false,
	} {
		if p.Has(key) != want {
			t.Errorf("%q is at a personal provider: %v", key, !want)
		}
	}
	if _, err := guard.NewProviders([]string{"a b"}); err == nil {
		t.Error("nonsense is taken for a domain")
	}
}

// The list is what it says it is: a normalised domain a line, each once.
func TestTheShippedListIsNormalised(t *testing.T) {
	t.Parallel()
	all, err := guard.NewProviders(nil)
	if err != nil {
		t.Fatal(err)
	}
	var again []string
	for domain := range all {
		again = append(again, domain)
	}
	normal, err := guard.NewProviders(again)
	if err != nil || len(normal) != len(all) || len(all) < 100 {
		t.Errorf("%d domains, %d when normalised: %v", len(all), len(normal), err)
	}
}
