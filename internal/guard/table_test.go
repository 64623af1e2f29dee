package guard_test

import (
	"slices"
	"testing"

	"navette/internal/guard"
)

// row is one of GUARD's table: what webmail does, and what SMTP submission does.
type row struct {
	name          string
	parts         []part
	webmail, smtp string
}

func (r row) run(t *testing.T) {
	t.Run(r.name, func(t *testing.T) {
		t.Parallel()
		l := write(t, r.parts...)
		demand(t, l, guard.Webmail, r.webmail)
		demand(t, l, guard.Submission, r.smtp)
	})
}

// both is a row with the same answer in both columns.
func both(name, want string, parts ...part) row { return row{name, parts, want, want} }

// The page's own examples (« les petits secrets de la copie cachée »).
func TestTheExamplesOfThePage(t *testing.T) {
	t.Parallel()
	class := append(personal(20), anne, marc, lea, karim)
	for _, r := range []row{
		both("À : un message adressé à un parent", "sent", to(anne)),
		both("Cc : un échange concernant un groupe de professionnels", "sent", to(head, cpe), cc(colleague, dsden, vieScol, psyEN)),
		both("À : le président de l'association des parents d'élèves, Cc : les parents élus", "sent", to(president), cc(sonia, yann)),
		both("Cci : l'ensemble des parents d'une même classe, À : votre propre adresse",
			"sent; apart: anne.rodriguez (cci-apart), marc.durand (cci-apart), lea.durand (cci-apart), k.haddad (cci-apart)", to(claire), cci(class...)),
		both("Cci : l'ensemble des parents d'une même classe, À : personne",
			"sent; announced: only-cci; apart: anne.rodriguez (cci-apart), marc.durand (cci-apart), lea.durand (cci-apart), k.haddad (cci-apart)", cci(class...)),
		both("Cci : « Parents du groupe 4E3 », À : votre propre adresse", "sent; in Cci, locked: parents.4e3."+college, to(claire), cci(parents4E3)),
	} {
		r.run(t)
	}
}

func TestOneProtectedPerson(t *testing.T) {
	t.Parallel()
	for _, r := range []row{
		both("alone in À", "sent", to(anne)),
		both("a pupil alone in À", "sent", to(lea)),
		both("in À, the sender in Cc", "sent", to(anne), cc(claire)),
		both("in À, the sender's own box in Cc", "sent", to(anne), cc(ownBox)),
		both("alone in Cc, the sender in À", "sent", to(claire), cc(anne)),
		both("in À, an agent of the pupil's school in Cc", "sent", to(anne), cc(cpe)),
		both("in À, head, CPE, the school's box and the supervising service in Cc", "sent", to(anne), cc(head, cpe, vieScol, dsden)),
		both("in À, the teachers of the class in Cc", "sent", to(anne), cc(teachers4E3)),
		both("in À, agents of the school in Cci", "sent", to(anne), cci(head, cpe)),
		{"in À, an agent of another school in Cc", []part{to(anne), cc(colleague)}, "asked: other-agents", "sent; told afterwards: other-agents"},
		{"in À, one agent of the school and one of another in Cc", []part{to(anne), cc(cpe, colleague)},
			"asked: other-agents", "sent; told afterwards: other-agents"},
		{"in À, an agent of the school beside in À", []part{to(anne, cpe)}, "asked: other-agents", "sent; told afterwards: other-agents"},
		{"in Cc, an agent of the school in À", []part{to(cpe), cc(anne)}, "asked: other-agents", "sent; told afterwards: other-agents"},
		{"in À, a list in Cc", []part{to(anne), cc(list)}, "asked: other-agents", "sent; told afterwards: other-agents"},
		{"in À, a list in Cci: its copies cannot be apart", []part{to(anne), cci(list)}, "asked: other-agents", "sent; told afterwards: other-agents"},
		both("in À, an agent of another school in Cci", "sent; apart: jean.roux (cci-apart)", to(anne), cci(colleague)),
		both("in À, an external in Cci", "sent; apart: avocat (cci-apart)", to(anne), cci(lawyer)),
		both("in À, another guardian in Cci", "sent; apart: marc.durand (cci-apart)", to(anne), cci(marc)),
		both("in À, an external in Cc", "refused: outside", to(anne), cc(lawyer)),
		both("in Cc, an external in À", "refused: outside", to(townHall), cc(anne)),
		both("in À, a list with members outside", "refused: outside", to(anne), cc(listOutside)),
		both("in À, that list in Cci", "refused: outside", to(anne), cci(listOutside)),
		both("in Resent-To, an external in À", "refused: outside", to(lawyer), other(anne)),
		both("named in To, and the copy goes to an external in Cci", "sent; apart: avocat (cci-apart)", shown(guard.To, anne), cci(lawyer)),
		both("named in the Subject of a message to an external", "refused: outside", to(lawyer), shown(guard.Words, anne)),
		both("in À, an external named in the Subject, who gets no copy", "sent", to(anne), shown(guard.Words, lawyer)),
		both("in À, an external in Cci who is named in the Subject", "sent; apart: avocat (cci-apart)", to(anne), in(guard.Words, []someone{lawyer})),
		both("named in Reply-To of a message to an external", "refused: outside", to(lawyer), shown(guard.Other, anne)),
		both("written twice, in capitals and with a tag", "sent", to(anne, alias(anne, "Anne.Rodriguez+4E3@ORANGE.fr"))),
	} {
		r.run(t)
	}
}

// alias is somebody under another spelling of their address.
func alias(of someone, address string) someone {
	of.address = address
	return of
}

func TestProtectedPeopleTogether(t *testing.T) {
	t.Parallel()
	for _, r := range []row{
		both("two parents of one child, separated, in À", "refused: together", to(anne, marc)),
		both("one in À, the other in Cc", "refused: together", to(anne), cc(marc)),
		both("a guardian and a pupil", "refused: together", to(anne), cc(lea)),
		both("two of them, and agents of the school in Cc", "refused: together", to(anne, marc), cc(head)),
		both("one in À, the other in Resent-To", "refused: together", to(anne), other(marc)),
		both("one in À, the other named without a copy", "refused: together", to(anne), shown(guard.Cc, marc)),
		both("two named without a copy, in a message to an agent of another school", "refused: together", to(colleague), shown(guard.To, anne, marc)),
		both("two named without a copy, in a message to nobody but oneself", "sent", to(claire), shown(guard.To, anne, marc)),
		both("two guardians who share one mailbox", "sent", to(anne, alias(anne, "anne.rodriguez+marc@orange.fr"))),
		both("one in À and Cc", "sent", to(anne), cc(anne)),
		both("a parent in her own language's domain, twice", "sent", to(family("a@exämple.fr")), cc(family("A@xn--exmple-cua.fr"))),
		both("by Gmail with and without dots", "sent", to(family("so.nia@gmail.com")), cc(family("sonia@googlemail.com"))),
		both("« Envoyer séparément »", "sent; announced: only-cci; apart: anne.rodriguez (asked-apart), marc.durand (asked-apart), avocat (asked-apart)",
			to(anne, marc), cc(lawyer), apart),
		both("« Envoyer séparément », with colleagues who go on seeing each other", "sent; apart: anne.rodriguez (asked-apart), marc.durand (asked-apart)",
			to(anne, marc), cc(head, cpe), apart),
		both("« Mettre en Cci »", "sent; announced: only-cci; apart: anne.rodriguez (cci-apart), marc.durand (cci-apart)", cci(anne, marc)),
		{"where the configuration separates", []part{to(anne, marc), cc(head), separates}, "refused: together",
			"sent; apart: anne.rodriguez (together), marc.durand (together); told afterwards: together"},
		{"the same with an external", []part{to(anne), cc(lawyer, head), separates}, "refused: outside",
			"sent; apart: anne.rodriguez (outside), avocat (outside); told afterwards: outside"},
	} {
		r.run(t)
	}
}

func TestInsideAFrameThoseWhoConsentedSeeEachOther(t *testing.T) {
	t.Parallel()
	invited := external("presidence@federation.example")
	invited.Frames = []int64{elected}
	for _, r := range []row{
		both("the president in À, the elected parents in Cc", "sent", to(president), cc(sonia, yann)),
		both("all in À", "sent", to(president, sonia, yann)),
		both("one of them alone", "sent", to(sonia)),
		both("with the head and the CPE in Cc", "sent", to(president), cc(sonia, head, cpe)),
		both("with an external president who is of the frame", "sent", to(invited), cc(sonia, yann)),
		both("with one who is of two frames", "sent", to(president), cc(inBoth)),
		both("with a parent who did not consent", "refused: together", to(president), cc(sonia, anne)),
		both("with a parent of another frame", "refused: together", to(president), cc(elsewhere)),
		both("by two frames with one parent in both", "refused: together", to(president), cc(inBoth, elsewhere)),
		both("with an external", "refused: outside", to(president), cc(sonia, lawyer)),
		{"with an agent of another school in Cc", []part{to(president), cc(sonia, colleague)}, "asked: other-agents", "sent; told afterwards: other-agents"},
		both("with a parent who did not consent in Cci", "sent; apart: anne.rodriguez (cci-apart)", to(president), cc(sonia), cci(anne)),
	} {
		r.run(t)
	}
}

func TestGroupsOfFamiliesAreAlwaysInCci(t *testing.T) {
	t.Parallel()
	parents := "parents.4e3." + college
	for _, r := range []row{
		both("in Cci", "sent; announced: only-cci; in Cci, locked: "+parents, cci(parents4E3)),
		both("in À", "sent; announced: only-cci; in Cci, locked: "+parents, to(parents4E3)),
		both("in Cc, the head in À", "sent; in Cci, locked: "+parents, to(head), cc(parents4E3)),
		both("parents and pupils together", "sent; announced: only-cci; in Cci, locked: "+parents+", eleves.4e3."+college, to(parents4E3), cc(pupils4E3)),
		both("beside one parent in À", "sent; in Cci, locked: "+parents, to(anne, parents4E3)),
		both("beside externals", "sent; in Cci, locked: "+parents, to(parents4E3), cc(lawyer, townHall)),
		both("beside two parents in À", "refused: together; in Cci, locked: "+parents, to(parents4E3, anne, marc)),
		both("of a class that is not one's own", "refused: group-closed; announced: only-cci", to(parents5A)),
		both("of a class that is not one's own, in Cci", "refused: group-closed", to(head), cci(parents5A)),
		both("of the staff of another school", "refused: group-closed", to(staffAfar)),
		both("of teachers of the class", "sent", to(teachers4E3)),
		both("a list has answered for itself", "sent", to(list), cc(listOutside)),
	} {
		r.run(t)
	}
}

func TestPersonalAddressesInNumbersAreTakenForFamilies(t *testing.T) {
	t.Parallel()
	five, four := personal(5), personal(4)
	for _, r := range []row{
		both("five in À, typed by hand", "refused: many-personal", to(five...)),
		both("across À and Cc", "refused: many-personal", to(five[:2]...), cc(five[2:]...)),
		both("four", "sent", to(four...)),
		both("four, and externals at other domains", "sent", to(four...), cc(lawyer, townHall)),
		both("four, one of them twice", "sent", to(four...), cc(alias(four[0], "FAMILLE0+x@googlemail.com"))),
		both("four and one in Cci", "sent", to(four...), cci(five[4])),
		both("five in Cci", "sent", to(claire), cci(five...)),
		both("five named without a copy, to an agent", "refused: many-personal", to(head), shown(guard.To, five...)),
		both("one that the directory says to be presumed", "refused: many-personal", to(four...), cc(someone{"x@unlisted.example", guard.Standing{Class: guard.Presumed}})),
		both("« Envoyer séparément »", "sent; announced: only-cci; apart: famille0 (asked-apart), famille1 (asked-apart), famille2 (asked-apart), famille3 (asked-apart), famille4 (asked-apart)",
			to(five...), apart),
		{"where the configuration separates", []part{to(five...), cc(head), separates}, "refused: many-personal",
			"sent; apart: famille0 (many-personal), famille1 (many-personal), famille2 (many-personal), famille3 (many-personal), famille4 (many-personal); told afterwards: many-personal"},
	} {
		r.run(t)
	}
}

func TestToBecomesTheSenderWhereNobodyIsNamed(t *testing.T) {
	t.Parallel()
	for _, r := range []row{
		both("only Cci", "sent; announced: only-cci", cci(head, cpe)),
		both("only Cci, to an external", "sent; announced: only-cci", cci(lawyer)),
		both("only a group in À", "sent; announced: only-cci; in Cci, locked: parents.4e3."+college, to(parents4E3)),
		both("somebody in Cc", "sent", cc(head)),
		both("the sender in À", "sent", to(claire), cci(head)),
		both("the sender named in À without a copy", "sent", shown(guard.To, claire), cci(head)),
		both("a list in À", "sent", to(list), cci(head)),
		both("another field names somebody", "sent; announced: only-cci", other(head)),
	} {
		r.run(t)
		t.Run(r.name+", in the header", func(t *testing.T) {
			t.Parallel()
			d := write(t, r.parts...).through(guard.Submission)
			if announced := concernsOf(d, guard.Announced) != ""; d.ToSender() != announced {
				t.Errorf("To becomes the sender: %v, announced: %v", d.ToSender(), announced)
			}
		})
	}
}

func TestAnsweringAThread(t *testing.T) {
	t.Parallel()
	thread := []someone{anne, marc, karim, claire, head}
	withStranger := append(slices.Clone(thread), lawyer)
	separate := "apart: anne.rodriguez (replied-apart), marc.durand (replied-apart)"
	for _, r := range []row{
		{"to all of a thread that a parent started, other parents visible", []part{to(anne), cc(marc), answers(thread...)},
			"sent; announced: replied-apart, only-cci; " + separate, "sent; announced: only-cci; " + separate + "; told afterwards: replied-apart"},
		{"to some of them and the head", []part{to(anne), cc(marc, head), answers(thread...)},
			"sent; announced: replied-apart; " + separate, "sent; " + separate + "; told afterwards: replied-apart"},
		{"the same with capitals and tags", []part{to(alias(anne, "ANNE.RODRIGUEZ+4e3@orange.fr")), cc(marc, head), answers(thread...)},
			"sent; announced: replied-apart; apart: ANNE.RODRIGUEZ+4e3 (replied-apart), marc.durand (replied-apart)",
			"sent; apart: ANNE.RODRIGUEZ+4e3 (replied-apart), marc.durand (replied-apart); told afterwards: replied-apart"},
		both("to the parent alone", "sent", to(anne), answers(thread...)),
		both("to the parent, the head in Cc", "sent", to(anne), cc(head), answers(thread...)),
		both("to the parent and an agent of another school whom she wrote to", "sent", to(anne), cc(colleague), answers(anne, colleague)),
		both("with a new parent", "refused: newcomer", to(anne), cc(lea), answers(anne, claire)),
		both("with a new agent", "refused: newcomer", to(anne), cc(marc, cpe), answers(thread...)),
		both("with a newcomer in Cci", "refused: newcomer", to(anne), cc(marc), cci(cpe), answers(thread...)),
		both("with a newcomer named without a copy", "refused: newcomer", to(anne), cc(marc), shown(guard.Cc, cpe), answers(thread...)),
		{"with an external who was in it", []part{to(anne), cc(lawyer), answers(withStranger...)},
			"sent; announced: replied-apart, only-cci; apart: anne.rodriguez (replied-apart), avocat (replied-apart)",
			"sent; announced: only-cci; apart: anne.rodriguez (replied-apart), avocat (replied-apart); told afterwards: replied-apart"},
		both("of an agent's with parents visible: nobody's consent", "refused: together", to(anne, marc), answersAgent(thread...)),
		{"a newcomer of another school, one parent", []part{to(anne), cc(colleague), answers(thread...)},
			"asked: other-agents", "sent; told afterwards: other-agents"},
	} {
		r.run(t)
	}
}

func TestSomebodyWhoWasInCciAnswersAll(t *testing.T) {
	t.Parallel()
	for _, r := range []row{
		{"all", []part{to(head), cc(cpe), hadByCci(head, cpe)}, "asked: hidden-reply", "sent"},
		{"all, strangers too", []part{to(head), cc(lawyer), hadByCci(head, lawyer)}, "asked: hidden-reply", "sent"},
		both("the author alone", "sent", to(head), hadByCci(head, cpe)),
		both("the author, with a newcomer", "sent", to(head), cc(colleague), hadByCci(head, cpe)),
		both("two parents among all", "refused: together", to(anne), cc(marc), hadByCci(anne, marc)),
		{"a parent among all, whom it shows to another school",
			[]part{to(anne), cc(colleague, head), hadByCci(anne, colleague, head)}, "asked: other-agents, hidden-reply", "sent; told afterwards: other-agents"},
	} {
		r.run(t)
	}
}

func TestForwardsAreEvidenceAndQuotesTowardsFamiliesAreNot(t *testing.T) {
	t.Parallel()
	parents := "parents.4e3." + college
	for _, r := range []row{
		both("forwarded to the head", "sent", to(head), quoting(anne, marc)),
		both("forwarded to the CPE and the supervising service", "sent", to(cpe), cc(dsden), quoting(anne, marc)),
		{"to another parent", []part{to(karim), quoting(anne, marc)}, "asked: quoted", "sent; told afterwards: quoted"},
		{"outside", []part{to(lawyer), quoting(anne)}, "asked: quoted", "sent; told afterwards: quoted"},
		{"to a list with members outside", []part{to(listOutside), quoting(anne)}, "asked: quoted", "sent; told afterwards: quoted"},
		{"to a group of parents", []part{to(head), cc(parents4E3), quoting(anne)},
			"asked: quoted; in Cci, locked: " + parents, "sent; in Cci, locked: " + parents + "; told afterwards: quoted"},
		{"to families in Cci: the copies stay apart", []part{to(head), cci(karim), quoting(anne)},
			"asked: quoted; apart: k.haddad (cci-apart)", "sent; apart: k.haddad (cci-apart); told afterwards: quoted"},
		both("to the one who is quoted", "sent", to(anne), quoting(anne)),
		both("to the one who is quoted, who wrote with another parent in Cc", "sent", to(anne), quoting(anne, marc), answers(anne, marc, claire)),
	} {
		r.run(t)
	}
}

// A parent who is a colleague is one or the other by the address that is written.
func TestAColleagueWhoIsAParent(t *testing.T) {
	t.Parallel()
	for _, r := range []row{
		both("by the academic address, among agents", "sent", to(head), cc(cpe, fatherAtWork)),
		both("by the academic address, beside an external", "sent", to(fatherAtWork), cc(lawyer)),
		{"by the academic address, beside a parent: an agent of another school", []part{to(anne), cc(fatherAtWork)},
			"asked: other-agents", "sent; told afterwards: other-agents"},
		both("by the address that the school has, beside a parent", "refused: together", to(anne, fatherAtHome)),
		both("by the address that the school has, alone", "sent", to(fatherAtHome)),
		both("through the group of the class", "sent; in Cci, locked: parents.4e3."+college, to(fatherAtWork), cc(parents4E3)),
		{"both of his addresses", []part{to(fatherAtHome), cc(fatherAtWork)}, "asked: other-agents", "sent; told afterwards: other-agents"},
	} {
		r.run(t)
	}
}

// Claire is entitled to no guardian of the classes 5, and to none of other schools: for her they are external addresses.
func TestWhomTheSenderMayNotKnow(t *testing.T) {
	t.Parallel()
	gmail := alias(unknown, "mere.de.5b@gmail.com")
	for _, r := range []row{
		both("alone", "sent", to(unknown)),
		both("in Cci", "sent; announced: only-cci", cci(unknown, lawyer)),
		both("with agents of the school in Cc", "sent", to(unknown), cc(head)),
		both("with a parent whom she may know", "refused: outside", to(anne), cc(unknown)),
		both("five at personal providers", "refused: many-personal", append([]part{to(gmail)}, cc(personal(4)...))...),
		both("with an external", "sent; quietly apart: mere.de.5a", to(unknown), cc(lawyer)),
		both("with an external in Cci", "sent; quietly apart: mere.de.5a", to(unknown), cci(lawyer)),
		both("two of them", "sent; quietly apart: mere.de.5a, mere.de.5b", to(unknown, gmail)),
		both("with an agent of another school", "sent; quietly apart: mere.de.5a", to(unknown), cc(colleague)),
		both("named without a copy", "sent", to(lawyer), shown(guard.Cc, unknown)),
		both("named in the Subject of a message to an external", "sent; announced: only-cci; quietly apart: mere.de.5a",
			cci(lawyer), in(guard.Words, []someone{unknown})),
		both("named in the Subject of a message to a parent", "sent", to(anne), shown(guard.Words, unknown)),
		both("where the sender asks for separate copies", "sent; announced: only-cci; apart: mere.de.5a (asked-apart), avocat (asked-apart)",
			to(unknown), cc(lawyer), apart),
	} {
		r.run(t)
	}
}
