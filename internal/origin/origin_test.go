package origin_test

import (
	"context"
	"fmt"
	"log/slog"
	"mime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"navette/internal/annuaire"
	"navette/internal/mail"
	"navette/internal/origin"
)

// faces is a directory of some names.
type faces []annuaire.Face

func (f faces) Faces(_ context.Context, _ annuaire.Edition, each func(annuaire.Face)) (annuaire.Edition, error) {
	for _, one := range f {
		each(one)
	}
	return annuaire.Edition{Version: 1}, nil
}

// people are the académie of these tests.
func people() faces {
	return faces{
		{Kind: annuaire.Person, Name: "Claire MARTIN"},
		{Kind: annuaire.Person, Name: "Jean-Baptiste LE GUÉN"},
		{Kind: annuaire.Person, Name: "Émile ŒUVRARD"},
		{Kind: annuaire.Person, Name: "Sophie BERNARD", Heads: true},
		{Kind: annuaire.Person, Name: "MADONNA"},
		{Kind: annuaire.Box, Name: "Collège Jacques-Prévert"},
		{Kind: annuaire.Box, Name: "Secrétariat"},
	}
}

func newService(t testing.TB, domains ...string) *origin.Service {
	t.Helper()
	s := origin.New(origin.Config{Directory: people(), Domains: domains, Name: "Académie de Paris", Log: slog.New(slog.DiscardHandler)})
	if err := s.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// envelope is the header of a message.
func envelope(from, replyTo string) *mail.Envelope {
	return &mail.Envelope{From: mail.ParseAddressList(from), ReplyTo: mail.ParseAddressList(replyTo)}
}

func TestWhatIsSeenOfASender(t *testing.T) {
	t.Parallel()
	s := newService(t, "ac-paris.fr", "ac-paris-ecoles.fr")
	for _, c := range []struct {
		who     string
		from    string
		replyTo string
		signs   string
	}{
		{"a parent", "Karim Benali <k.benali@gmail.com>", "", ""},
		{"a parent without a name", "k.benali@gmail.com", "", ""},
		{"a company", "Éditions du Cartable <contact@cartable.example>", "", ""},
		{"a newsletter that is answered where it comes from", "Le Monde <lettre@news.lemonde.example>", "courrier@lemonde.example", ""},
		{"nobody at all", "", "", ""},
		{"a mail program's nonsense", "<>, ;;, \"", "", ""},

		{"a parent who bears an agent's name", "Claire Martin <claire.martin@free.example>", "", "nom-agent"},
		{"an agent from home, surname first", "\"MARTIN, Claire\" <cm75@orange.example>", "", "nom-agent"},
		{"without accents, hyphens and in capitals", "JEAN BAPTISTE LE GUEN <jb@orange.example>", "", "nom-agent"},
		{"a ligature spelt out", "Emile Oeuvrard <e@orange.example>", "", "nom-agent"},
		{"with a civility", "Mme Claire MARTIN <x@y.example>", "", "nom-agent"},
		{"with the post behind it", "\"Claire MARTIN (professeure de lettres)\" <x@y.example>", "", "nom-agent"},
		{"with the school behind it", "\"Claire Martin - Collège Prévert\" <x@y.example>", "", "nom-agent"},
		{"through a service", "Claire Martin via Agenda <no-reply@agenda.example>", "", "nom-agent"},
		{"a head", "Sophie Bernard <direction.college@gmail.com>", "", "nom-direction"},
		{"the one forename more", "Claire Marie Martin <x@y.example>", "", ""},
		{"a letter makes another name", "Claire Martine <x@y.example>", "", ""},
		{"two people who share words with one", "Claire Dubois et Paul Martin <x@y.example>", "", ""},
		{"one word names nobody", "Madonna <x@y.example>", "", ""},
		{"one word of a box neither", "Secrétariat <x@clinique.example>", "", ""},

		{"a figure for a letter", "C1aire Martin <x@y.example>", "", "nom-agent nom-imite"},
		{"Cyrillic letters", "Сlаirе Мartin <x@y.example>", "", "nom-agent nom-imite"},
		{"mathematical letters", "𝐂𝐥𝐚𝐢𝐫𝐞 𝐌𝐚𝐫𝐭𝐢𝐧 <x@y.example>", "", "nom-agent nom-imite"},
		{"full width", "Ｃlaire Ｍartin <x@y.example>", "", "nom-agent nom-imite"},
		{"rn for m", "Claire rnartin <x@y.example>", "", "nom-agent nom-imite"},
		{"signs that nobody sees", "Cla\u200bire Mar\u00adtin <x@y.example>", "", "nom-agent"},

		{"a school's name", "Collège Jacques Prévert <prevert@gmail.com>", "", "nom-service"},
		{"the same school in another académie", "Collège Jacques Prévert <ce.0690001a@ac-lyon.fr>", "", ""},
		{"the rectorat", "Rectorat de Paris <rh@boite.example>", "", "nom-service"},
		{"the académie by its name", "Académie de Paris – Messagerie <a@b.example>", "", "nom-service"},
		{"an academy of billiards", "Académie de Billard de Paris <a@b.example>", "", ""},
		{"the webmail", "Webmail académique <a@b.example>", "", "nom-service"},
		{"our domain as a name", "AC-Paris <a@b.example>", "", "nom-service"},

		{"an address of ours as the name", "\"claire.martin@ac-paris.fr\" <a@b.example>", "", "nom-service nom-adresse"},
		{"one's own address as the name", "\"K.Benali@gmail.com\" <kbenali@gmail.com>", "", ""},
		{"another address as the name", "\"banque@banque.example\" <a@b.example>", "", "nom-adresse"},

		{"a letter less", "x@ac-pari.fr", "", "domaine-voisin"},
		{"a letter more", "x@ac-pariss.fr", "", "domaine-voisin"},
		{"a letter wrong", "x@ac-paric.fr", "", "domaine-voisin"},
		{"two letters changed", "x@ac-prais.fr", "", "domaine-voisin"},
		{"one for i", "x@ac-par1s.fr", "", "domaine-voisin"},
		{"l for i", "x@ac-parls.fr", "", "domaine-voisin"},
		{"a Cyrillic a, as IDNA", "x@xn--c-paris-2fg.fr", "", "domaine-voisin"},
		{"a Cyrillic a, as it is read", "x@аc-paris.fr", "", "domaine-voisin"},
		{"an accent", "x@ác-paris.fr", "", "domaine-voisin"},
		{"no hyphen", "x@acparis.fr", "", "domaine-voisin"},
		{"dots in its place", "x@ac.paris.fr", "", "domaine-voisin"},
		{"the hyphen for the dot", "x@ac-paris-fr.com", "", "domaine-voisin"},
		{"another ending", "x@ac-paris.com", "", "domaine-voisin"},
		{"a word behind it", "x@ac-paris-securite.fr", "", "domaine-voisin"},
		{"a word before it", "x@mon-ac-paris.fr", "", "domaine-voisin"},
		{"under another domain", "x@ac-paris.fr.connexion.example", "", "domaine-voisin"},
		{"as a label alone", "x@ac-paris.connexion.example", "", "domaine-voisin"},
		{"the ministry's", "x@education-gouv.fr", "", "domaine-voisin"},
		{"the Mac of Paris", "x@macparis.fr", "", ""},
		{"Paris", "x@paris.fr", "", ""},
		{"the ministry itself", "x@education.gouv.fr", "", ""},
		{"another académie", "x@ac-versailles.fr", "", ""},
		{"another académie's host", "x@mail.ac-reims.fr", "", ""},
		{"an académie overseas", "x@ac-noumea.nc", "", ""},
		{"not a domain", "x@-..-", "", ""},
		{"a literal", "x@[192.0.2.1]", "", ""},

		{"our domain before the @", "claire.martin.ac-paris.fr@gmail.com", "", "adresse-voisine"},
		{"with an underscore", "rectorat_ac-paris@outlook.example", "", "adresse-voisine"},
		{"a school's box elsewhere", "ce.0759001B@gmail.com", "", "adresse-voisine"},
		{"a school's box in its académie", "ce.0693045K@ac-lyon.fr", "", ""},
		{"ce. and a name", "ce.dupont@gmail.com", "", ""},

		{"our own address", "Claire MARTIN <claire.martin@ac-paris.fr>", "", "interne-sans-preuve"},
		{"our own address in capitals", "CLAIRE.MARTIN@AC-PARIS.FR", "", "interne-sans-preuve"},
		{"below our domain", "x@listes.ac-paris.fr", "", "interne-sans-preuve"},
		{"ours and another", "claire.martin@ac-paris.fr, x@y.example", "", "interne-sans-preuve"},

		{"answers elsewhere", "Karim Benali <k.benali@gmail.com>", "k@boite.example", "reponse-ailleurs"},
		{"answers of the académie elsewhere", "Claire MARTIN <claire.martin@ac-paris.fr>", "x@boite.example", "interne-sans-preuve reponse-ailleurs"},
		{"answers nowhere", "Karim Benali <k.benali@gmail.com>", "personne", ""},

		{"all at once", "\"Sоphie Bernard <s.bernard@ac-paris.fr>\" <s.bernard.ac-paris@ac-pariss.fr>", "x@y.example",
			"domaine-voisin adresse-voisine nom-direction nom-imite nom-adresse reponse-ailleurs"},
	} {
		m := s.Mark(envelope(c.from, c.replyTo), true)
		var got []string
		for _, sign := range m.Signs {
			got = append(got, string(sign))
		}
		if !m.Outside || strings.Join(got, " ") != c.signs {
			t.Errorf("%s, %s: outside %v, signs %q, want %q", c.who, c.from, m.Outside, strings.Join(got, " "), c.signs)
		}
	}
}

// A program of ours that hands in mail by LMTP writes under our addresses, or passes on what came from outside.
func TestWhatAProgramOfOursHandsInIsInsideUnderOurAddressesAlone(t *testing.T) {
	t.Parallel()
	s := newService(t, "ac-paris.fr")
	for from, want := range map[string]string{
		"iProf <iprof@ac-paris.fr>":              "",
		"iProf <iprof@ac-paris.fr>, x@y.example": "X-Navette-Origine: exterieur; interne-sans-preuve\r\n",
		"Claire Martin <x@y.example>":            "X-Navette-Origine: exterieur; nom-agent\r\n",
		"x@y.example":                            "X-Navette-Origine: exterieur\r\n",
		"":                                       "X-Navette-Origine: exterieur\r\n",
	} {
		if got := string(s.Field(envelope(from, ""), false)); got != want {
			t.Errorf("%q: %q, want %q", from, got, want)
		}
	}
}

func TestAMarkIsReadBackAsItWasWritten(t *testing.T) {
	t.Parallel()
	m := origin.Mark{Outside: true, Signs: []origin.Sign{origin.Domain, origin.HeadName, origin.ReplyTo}}
	prefix := "Return-Path: <x@y.example>\r\n" + string(m.Octets())
	if got := origin.Read([]byte(prefix)); got.Outside != m.Outside || !slices.Equal(got.Signs, m.Signs) {
		t.Errorf("read %+v", got)
	}
	for _, none := range []string{"", "Return-Path: <>\r\n", "X-Navette-Origine: interieur\r\n", "X-Navette-Origine:\r\n"} {
		if got := origin.Read([]byte(none)); got.Outside || got.Signs != nil || got.Octets() != nil {
			t.Errorf("%q: %+v", none, got)
		}
	}
	if got := origin.Read([]byte("x-navette-origine: exterieur ;inconnu; nom-agent\r\n")); !slices.Equal(got.Signs, []origin.Sign{origin.AgentName}) {
		t.Errorf("a later sign: %+v", got)
	}
}

// What is said is what was seen. Nobody is called a fraud, and no sentence is missing.
func TestTheSentencesSayWhatWasSeenAndAccuseNobody(t *testing.T) {
	t.Parallel()
	all := origin.Mark{Outside: true, Signs: []origin.Sign{origin.OwnAddress, origin.Domain, origin.LocalPart, origin.HeadName, origin.AgentName,
		origin.ServiceName, origin.Disguised, origin.OtherAddress, origin.ReplyTo}}
	for name, list := range map[string][]string{"French": all.French(), "English": all.English()} {
		if len(list) != 1+len(all.Signs) {
			t.Errorf("%s: %d sentences for %d signs", name, len(list), len(all.Signs))
		}
		for _, sentence := range list {
			for _, word := range []string{"fraud", "escro", "arnaque", "phish", "usurp", "faux", "pirate", "scam", "danger"} {
				if strings.Contains(strings.ToLower(sentence), word) {
					t.Errorf("%s accuses: %q", name, sentence)
				}
			}
		}
	}
	if len(origin.Mark{}.French())+len(origin.Mark{}.English()) != 0 {
		t.Error("mail from inside is spoken of")
	}
}

// However an agent's name is written, it is seen; and whatever a name is made of, if it is of nobody it is not.
func TestAnAgentsNameIsSeenHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	s := newService(t, "ac-paris.fr")
	similar := map[rune][]rune{'a': []rune("аáА"), 'e': []rune("еêЕ"), 'o': []rune("оο0"), 'i': []rune("іι1"), 'r': []rune("rR"), 'm': []rune("мm"), 'c': []rune("сC")}
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom([]string{"claire martin", "martin claire", "sophie bernard", "jean-baptiste le guen"}).Draw(rt, "name")
		written := strings.Map(func(r rune) rune {
			if like := similar[r]; like != nil && rapid.Bool().Draw(rt, "changed") {
				return rapid.SampledFrom(like).Draw(rt, "like")
			}
			return r
		}, name)
		if rapid.Bool().Draw(rt, "encoded") {
			written = mime.QEncoding.Encode("utf-8", written)
		}
		m := s.Mark(envelope(fmt.Sprintf("%s <x@y.example>", written), ""), true)
		if !slices.Contains(m.Signs, origin.AgentName) && !slices.Contains(m.Signs, origin.HeadName) {
			rt.Fatalf("%q is not seen: %v", written, m.Signs)
		}
	})
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.StringMatching(`[A-Z][b-k]{3,9} [T-Z][t-z]{3,9}`).Draw(rt, "stranger")
		if m := s.Mark(envelope(name+" <x@y.example>", ""), true); len(m.Signs) != 0 {
			rt.Fatalf("%q is %v", name, m.Signs)
		}
	})
}

// FuzzMark: any sender gets one field of plain words, which is read back, and the case of an address changes nothing.
func FuzzMark(f *testing.F) {
	for _, from := range []string{"Claire Martin <x@y.example>", "\"a@b.c\" <x@xn--c-paris-2fg.fr>", "=?utf-8?q?=C3=A9?= <>", "g: a@b, c@d;", "\u202ex <x@ac-paris.fr>"} {
		f.Add(from, "x@y.example", true)
	}
	s := newService(f, "ac-paris.fr")
	f.Fuzz(func(t *testing.T, from, replyTo string, internet bool) {
		m := s.Mark(envelope(from, replyTo), internet)
		field := string(m.Octets())
		for i, r := range strings.TrimSuffix(field, "\r\n") {
			if r < ' ' || r > '~' {
				t.Fatalf("%q: octet %d of %q", from, i, field)
			}
		}
		if again := origin.Read([]byte(field)); again.Outside != m.Outside || !slices.Equal(again.Signs, m.Signs) {
			t.Fatalf("%q: wrote %+v, read %+v", from, m, again)
		}
		if internet && !m.Outside {
			t.Fatalf("%q came from the Internet and is inside", from)
		}
	})
}

// BenchmarkMark is what a message costs, and BenchmarkRefresh what 250,000 people take to be read.
func BenchmarkMark(b *testing.B) {
	s := newService(b, "ac-paris.fr")
	e := envelope("\"Jean-Baptiste Le Guen (Collège Prévert)\" <jb.leguen@orange.example>", "x@y.example")
	for b.Loop() {
		s.Mark(e, true)
	}
}

func BenchmarkRefresh(b *testing.B) {
	var all faces
	for i := range 250_000 {
		all = append(all, annuaire.Face{Kind: annuaire.Person, Name: fmt.Sprintf("Prénom%d NOM%d", i%500, i)})
	}
	s := origin.New(origin.Config{Directory: all, Domains: []string{"ac-paris.fr"}})
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Refresh(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
