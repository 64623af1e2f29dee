package origin

import (
	"slices"
	"strings"

	"navette/internal/mail"
)

// Field is the name of the field in a message's prefix.
const Field = "X-Navette-Origine"

// outside is the first word of the field's value.
const outside = "exterieur"

// Sign is something about a sender that a reader should look at. Its text is what the field has.
type Sign string

// The signs, in the order in which they are told.
const (
	OwnAddress   Sign = "interne-sans-preuve" // From is an address of ours, and the message came from the Internet
	Domain       Sign = "domaine-voisin"      // the domain resembles one of ours
	LocalPart    Sign = "adresse-voisine"     // what stands before the @ borrows our domain, or the form of our boxes
	HeadName     Sign = "nom-direction"       // the displayed name is that of somebody who directs an establishment
	AgentName    Sign = "nom-agent"           // … of an agent
	ServiceName  Sign = "nom-service"         // … of a box, or speaks in the name of the académie
	Disguised    Sign = "nom-imite"           // … of one of them, written with letters that only look the same
	OtherAddress Sign = "nom-adresse"         // the displayed name is an address, and another than the sender's
	ReplyTo      Sign = "reponse-ailleurs"    // answers go to another domain
)

// texts are the sentences of a sign, French and English.
type texts struct {
	sign            Sign
	french, english string
}

// sentences lists every sign in its order.
func sentences() []texts {
	return []texts{
		{OwnAddress, "L'adresse affichée est de l'académie, mais le message est arrivé d'Internet : rien ne prouve qui l'a envoyé.",
			"The address shown is one of the académie's, but the message came from the Internet: nothing proves who sent it."},
		{Domain, "Le domaine de l'adresse ressemble à celui de l'académie et n'est pas le sien.",
			"The domain of the address resembles the académie's and is not."},
		{LocalPart, "L'adresse imite la forme d'une adresse de l'académie et n'en est pas une.",
			"The address imitates the form of one of the académie's and is none."},
		{HeadName, "Le nom affiché est aussi celui d'une personne qui dirige un établissement de l'académie ; l'adresse n'est pas de l'académie.",
			"The name shown is also that of somebody who directs a school of the académie; the address is not of the académie."},
		{AgentName, "Le nom affiché est aussi celui d'un agent de l'académie ; l'adresse n'est pas de l'académie.",
			"The name shown is also that of an agent of the académie; the address is not of the académie."},
		{ServiceName, "Le nom affiché évoque un service ou un établissement de l'académie ; l'adresse n'est pas de l'académie.",
			"The name shown suggests a service or a school of the académie; the address is not of the académie."},
		{Disguised, "Le nom affiché est écrit avec des lettres qui ressemblent à celles d'un nom connu ici.",
			"The name shown is written with letters that look like those of a name known here."},
		{OtherAddress, "Le nom affiché est une adresse, différente de celle qui écrit.",
			"The name shown is an address, and not the one that writes."},
		{ReplyTo, "La réponse partira vers un autre domaine que celui qui écrit.",
			"An answer will go to another domain than the one that writes."},
	}
}

// Mark is what was seen of a sender. The zero Mark is of a message from inside.
type Mark struct {
	Outside bool
	Signs   []Sign // in the order of the constants, each once
}

// Octets is the field with its line end, nil for the zero Mark.
func (m Mark) Octets() []byte {
	if !m.Outside {
		return nil
	}
	b := []byte(Field + ": " + outside)
	for _, s := range m.Signs {
		b = append(append(b, "; "...), s...)
	}
	return append(b, "\r\n"...)
}

// French says what was seen, one sentence each, beginning with where the message came from.
func (m Mark) French() []string {
	return m.tell("Message de l'extérieur de l'académie.", func(t texts) string { return t.french })
}

// English is French in English.
func (m Mark) English() []string {
	return m.tell("Message from outside the académie.", func(t texts) string { return t.english })
}

func (m Mark) tell(first string, of func(texts) string) []string {
	if !m.Outside {
		return nil
	}
	out := []string{first}
	for _, t := range sentences() {
		if slices.Contains(m.Signs, t.sign) {
			out = append(out, of(t))
		}
	}
	return out
}

// Read gives the mark in a message's prefix, the zero one where it has none. Signs that it does not know are left out.
func Read(prefix []byte) Mark {
	for f := range mail.HeaderFields(prefix) {
		if !strings.EqualFold(f.Name, Field) {
			continue
		}
		words := strings.Split(string(f.Value), ";")
		if strings.TrimSpace(words[0]) != outside {
			return Mark{}
		}
		m := Mark{Outside: true}
		for _, t := range sentences() {
			if slices.ContainsFunc(words[1:], func(w string) bool { return strings.TrimSpace(w) == string(t.sign) }) {
				m.Signs = append(m.Signs, t.sign)
			}
		}
		return m
	}
	return Mark{}
}
