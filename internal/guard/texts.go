package guard

import (
	"fmt"
	"strings"
)

// ofCopy says of a recipient that their copy is separate.
const ofCopy = "une copie à part, qui ne montre aucune autre adresse / a copy of its own, that shows no other address"

// say writes the text of a concern: which field, how many, what to do. It holds no address, and speaks of guardians
// only to whoever is entitled to all that it counts.
func say(c Concern, e exposure) string {
	w := wording{where: fieldsOf(e.who), whose: whoseAre(e), readers: e.readers}
	switch c.Weight {
	case Refused:
		return w.refusal(c.Reason)
	case Asked:
		return w.question(c.Reason)
	case Afterwards:
		return w.notice(c.Reason)
	default:
		return announcement(c.Reason)
	}
}

// words are a text in both languages.
type words struct{ fr, en string }

// wording is what texts are made of.
type wording struct {
	where   words // fields with counts
	whose   words // addresses
	readers int
}

// both puts the two languages together, each after the fields that it speaks of, if any.
func (w wording) both(fr, en string) string {
	if w.where.fr == "" {
		return fr + " / " + en
	}
	return w.where.fr + " : " + fr + " / " + w.where.en + ": " + en
}

func (w wording) refusal(r Reason) string {
	const doFR, doEN = ". Mettez-les en Cci ou envoyez séparément", ". Move them to Bcc or send separately"
	switch r {
	case GroupClosed:
		return w.both("ce groupe n’est ouvert qu’à ceux dont la fonction le permet", "this group is open to those only whose function allows it")
	case Outside:
		return w.both(fmt.Sprintf("ces %s seraient lues par %s"+doFR, w.whose.fr, counted(w.readers, "destinataire extérieur", "destinataires extérieurs")),
			fmt.Sprintf("these %s would be read by %s"+doEN, w.whose.en, counted(w.readers, "recipient outside", "recipients outside")))
	case Newcomer:
		return w.both(fmt.Sprintf("ces %s seraient lues par %s de l’échange"+doFR, w.whose.fr, counted(w.readers, "destinataire nouveau", "destinataires nouveaux")),
			fmt.Sprintf("these %s would be read by %s to this thread"+doEN, w.whose.en, counted(w.readers, "newcomer", "newcomers")))
	default: // Together, ManyPersonal
		return w.both(fmt.Sprintf("ces %s se verraient entre elles"+doFR, w.whose.fr), fmt.Sprintf("these %s would see each other"+doEN, w.whose.en))
	}
}

func (w wording) question(r Reason) string {
	switch r {
	case Quoted:
		return w.both("le texte cité montre des adresses de responsables légaux ou d’élèves. Retirez-les ou confirmez",
			"the quoted text shows addresses of guardians or pupils. Remove them or confirm")
	case HiddenReply:
		return w.both("vous aviez reçu ce message en Cci : votre réponse à tous le révélera. Confirmez",
			"you had this message by Bcc: your answer to all will tell. Confirm")
	default: // OtherAgents
		return w.both(fmt.Sprintf("ces %s seront lues par %s. Préférez Cci, ou confirmez", w.whose.fr, w.agentsFR()),
			fmt.Sprintf("these %s will be read by %s. Prefer Bcc, or confirm", w.whose.en, w.agentsEN()))
	}
}

func (w wording) notice(r Reason) string {
	switch r {
	case RepliedApart:
		return w.both("votre réponse à tous est partie en copies séparées : des responsables légaux se voyaient dans l’échange",
			"your answer to all was sent as separate copies: guardians could see each other in the thread")
	case Quoted:
		return w.both("le texte cité montrait des adresses de responsables légaux ou d’élèves : retirez-les la prochaine fois",
			"the quoted text showed addresses of guardians or pupils: remove them next time")
	case OtherAgents:
		return w.both(fmt.Sprintf("ces %s ont été lues par %s : préférez Cci la prochaine fois", w.whose.fr, w.agentsFR()),
			fmt.Sprintf("these %s were read by %s: prefer Bcc next time", w.whose.en, w.agentsEN()))
	default: // what was sent separately instead of being refused
		return w.both(fmt.Sprintf("votre message est parti en copies séparées, sans quoi ces %s auraient été lues par d’autres", w.whose.fr),
			fmt.Sprintf("your message was sent as separate copies, or others would have read these %s", w.whose.en))
	}
}

func announcement(r Reason) string {
	if r == OnlyCci {
		return "Votre adresse a été placée dans À. / Your address was placed in To."
	}
	return "Répondre à tous, séparément : chacun reçoit sa propre copie / Answer all, separately: everybody gets a copy of their own"
}

func (w wording) agentsFR() string { return counted(w.readers, "autre agent", "autres agents") }
func (w wording) agentsEN() string { return counted(w.readers, "other agent", "other agents") }

// counted is "1 agent", "2 agents".
func counted(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}

// whoseAre names the addresses that are exposed, as the sender may know them.
func whoseAre(e exposure) words {
	for _, p := range e.who {
		if p.role != protected || !p.Entitled {
			return words{"adresses personnelles", "personal addresses"}
		}
	}
	return words{"adresses de responsables légaux ou d’élèves", "addresses of guardians or pupils"}
}

// fieldsOf counts mailboxes by field, each where it is most visible: « À (2), Cc (1) ».
func fieldsOf(who []*person) words {
	var fr, en []string
	seen := map[string]bool{}
	for _, f := range []struct {
		field Field
		words
	}{{To, words{"À", "To"}}, {Cc, words{"Cc", "Cc"}}, {Other, words{"autres champs", "other fields"}}, {Words, words{"autres mots de l’en-tête", "other words of the header"}}} {
		n := 0
		for _, p := range who {
			if p.Field == f.field && !seen[p.key] {
				seen[p.key] = true
				n++
			}
		}
		if n > 0 {
			fr, en = append(fr, fmt.Sprintf("%s (%d)", f.fr, n)), append(en, fmt.Sprintf("%s (%d)", f.en, n))
		}
	}
	return words{strings.Join(fr, ", "), strings.Join(en, ", ")}
}
