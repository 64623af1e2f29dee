package guard_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/guard"
)

// The schools of the tests. Claire Martin teaches the class 4E3 of the collège.
const (
	college = "0751234A"
	lycee   = "0755678B"
)

// someone is an address with its standing towards the sender of a test.
type someone struct {
	address string
	guard.Standing
}

func agent(address string, schools ...string) someone {
	return someone{address, guard.Standing{Class: guard.Agent, Schools: schools}}
}

// family is a guardian or a pupil of the collège to whom the sender is entitled.
func family(address string, frames ...int64) someone {
	return someone{address, guard.Standing{Class: guard.Protected, Entitled: true, Schools: []string{college}, Frames: frames}}
}

func external(address string) someone { return someone{address, guard.Standing{}} }

func group(address string, holds guard.Holds, entitled bool) someone {
	return someone{address, guard.Standing{Class: guard.Group, Holds: holds, Entitled: entitled, Schools: []string{college}}}
}

// elected is the frame « parents élus de l'association », made by the head.
const elected = 3

var (
	claire    = someone{"claire.martin@ac-paris.example", guard.Standing{Class: guard.Agent, Own: true, Schools: []string{college}}}
	ownBox    = someone{"ce." + college + "@ac-paris.example", guard.Standing{Class: guard.Functional, Own: true, Schools: []string{college}}}
	head      = agent("nadia.benali@ac-paris.example", college)
	cpe       = agent("luc.petit@ac-paris.example", college)
	dsden     = agent("circonscription@ac-paris.example", "0750000Z", college, lycee) // the service that supervises both schools
	vieScol   = someone{"vie-scolaire." + college + "@ac-paris.example", guard.Standing{Class: guard.Functional, Schools: []string{college}}}
	colleague = agent("jean.roux@ac-paris.example", lycee)
	psyEN     = agent("ines.faure@ac-paris.example", "0759999Y")

	anne      = family("anne.rodriguez@orange.fr") // Léa's mother
	marc      = family("marc.durand@wanadoo.fr")   // Léa's father: they are separated
	lea       = family("lea.durand@laposte.net")   // herself
	karim     = family("k.haddad@cabinet-haddad.example")
	president = family("presidence@parents-college.example", elected)
	sonia     = family("sonia.leroy@gmail.com", elected)
	yann      = family("yann.lebreton@free.fr", elected)
	inBoth    = family("two.frames@free.fr", elected, 9)
	elsewhere = family("another.frame@free.fr", 9)

	// A teacher of the lycée who is Tom's father: an agent by his academic address, a guardian by the one that AAF has.
	fatherAtWork = agent("olivier.blanc@ac-paris.example", lycee)
	fatherAtHome = family("olivier.blanc@sfr.fr")

	// A guardian of the collège, of a class that is not Claire's.
	unknown = someone{"mere.de.5a@cabinet.example", guard.Standing{Class: guard.Protected, Schools: []string{college}}}
	// A guardian of another school is an external address for Claire.
	lawyer   = external("avocat@barreau.example")
	townHall = external("cantine@mairie.example")

	parents4E3  = group("parents.4e3."+college+"@ac-paris.example", guard.Guardians, true)
	pupils4E3   = group("eleves.4e3."+college+"@ac-paris.example", guard.Pupils, true)
	teachers4E3 = group("enseignants.4e3."+college+"@ac-paris.example", guard.Staff, true)
	parents5A   = group("parents.5a."+college+"@ac-paris.example", guard.Guardians, false)
	staffAfar   = group("personnels."+lycee+"@ac-paris.example", guard.Staff, false)
	list        = someone{"lettre@ac-paris.example", guard.Standing{Class: guard.Group}}
	listOutside = someone{"partenaires@ac-paris.example", guard.Standing{Class: guard.Group, Outside: true}}
)

// personal are n addresses that nobody knows, at personal providers.
func personal(n int) []someone {
	domains := []string{"gmail.com", "Orange.FR", "hotmail.fr", "free.fr", "yahoo.fr", "icloud.com"}
	var out []someone
	for i := range n {
		out = append(out, external(fmt.Sprintf("famille%d@%s", i, domains[i%len(domains)])))
	}
	return out
}

// letter is a message to be decided on.
type letter struct{ guard.Message }

type part func(*letter)

func in(field guard.Field, people []someone) part {
	return func(l *letter) {
		for _, p := range people {
			l.Recipients = append(l.Recipients, guard.Recipient{Address: p.address, Field: field, Standing: p.Standing})
		}
	}
}

func to(people ...someone) part    { return in(guard.To, people) }
func cc(people ...someone) part    { return in(guard.Cc, people) }
func cci(people ...someone) part   { return in(guard.Hidden, people) }
func other(people ...someone) part { return in(guard.Other, people) } // Resent-To

// shown are named by a field of the header, and not by the envelope.
func shown(field guard.Field, people ...someone) part {
	return func(l *letter) {
		for _, p := range people {
			l.Shown = append(l.Shown, guard.Recipient{Address: p.address, Field: field, Standing: p.Standing})
		}
	}
}

func keys(people []someone) map[string]bool {
	set := map[string]bool{}
	for _, p := range people {
		set[directory.MatchKey(p.address)] = true
	}
	return set
}

// answers: the letter answers one that a protected person wrote to these, themselves among them.
func answers(people ...someone) part {
	return func(l *letter) { l.Answered = &guard.Answered{ByProtected: true, Visible: keys(people)} }
}

// answersAgent: the letter answers one of a colleague's.
func answersAgent(people ...someone) part {
	return func(l *letter) { l.Answered = &guard.Answered{Visible: keys(people)} }
}

// hadByCci: the letter answers one in whose fields the sender was not named.
func hadByCci(people ...someone) part {
	return func(l *letter) { l.Answered = &guard.Answered{Hidden: true, Visible: keys(people)} }
}

func quoting(people ...someone) part {
	return func(l *letter) {
		for _, p := range people {
			l.Quoted = append(l.Quoted, directory.MatchKey(p.address))
		}
	}
}

func apart(l *letter)     { l.Apart = true }
func separates(l *letter) { l.Rules.Separates = true }

// write is Claire's letter; door may change who writes.
func write(t interface{ Fatal(...any) }, parts ...part) letter {
	providers, err := guard.NewProviders(nil)
	if err != nil {
		t.Fatal(err)
	}
	l := letter{guard.Message{Sender: 7, Schools: []string{college}, Rules: guard.Rules{Providers: providers}}}
	for _, add := range parts {
		add(&l)
	}
	return l
}

// through hands the letter in at a door. Programs, strangers and Navette have no account and no school.
func (l letter) through(door guard.Door) guard.Decisions {
	l.Door = door
	if door != guard.Submission && door != guard.Webmail {
		l.Sender, l.Schools = 0, nil
	}
	return guard.Decide(l.Message)
}

// outcome says in one line what becomes of a letter: how it is sent or why not, whose copies are separate, which fields
// are locked, what the sender is told afterwards or before.
func outcome(d guard.Decisions) string {
	var parts, separate, quiet, locked []string
	for _, one := range d.List() {
		name := strings.SplitN(one.Recipient.Address, "@", 2)[0]
		switch {
		case one.Locked():
			locked = append(locked, name)
		case one.Quiet:
			quiet = append(quiet, name)
		case one.Verdict == guard.Separate:
			separate = append(separate, name+" ("+one.Reason.String()+")")
		}
	}
	if _, err := d.Clear(true); err != nil {
		parts = append(parts, "refused: "+reasonOf(d, guard.Refuse))
	} else if _, err := d.Clear(false); err != nil {
		parts = append(parts, "asked: "+concernsOf(d, guard.Asked))
	} else {
		parts = append(parts, "sent")
	}
	for what, names := range map[string][]string{"apart: ": separate, "quietly apart: ": quiet, "in Cci, locked: ": locked} {
		if len(names) > 0 {
			parts = append(parts, what+strings.Join(names, ", "))
		}
	}
	if told := concernsOf(d, guard.Afterwards); told != "" {
		parts = append(parts, "told afterwards: "+told)
	}
	if told := concernsOf(d, guard.Announced); told != "" {
		parts = append(parts, "announced: "+told)
	}
	slices.Sort(parts[1:])
	return strings.Join(parts, "; ")
}

func reasonOf(d guard.Decisions, verdict guard.Verdict) string {
	for _, one := range d.List() {
		if one.Verdict == verdict {
			return one.Reason.String()
		}
	}
	return "nothing"
}

func concernsOf(d guard.Decisions, weight guard.Weight) string {
	var names []string
	for _, c := range d.Concerns() {
		if c.Weight == weight {
			names = append(names, c.Reason.String())
		}
	}
	return strings.Join(names, ", ")
}

// demand checks the outcome of a letter at a door.
func demand(t *testing.T, l letter, door guard.Door, want string) {
	t.Helper()
	if got := outcome(l.through(door)); got != want {
		t.Errorf("at door %d: %s\nexpected: %s", door, got, want)
	}
}

// textOf is the refusal, or "" where there is none.
func textOf(d guard.Decisions) string {
	_, err := d.Clear(true)
	return failure.TextOf(err, "")
}
