package roster_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"navette/internal/directory"
	"navette/internal/roster"
	"navette/internal/store"
	"navette/internal/testkit/stores"
)

// The shapes of names that HR files hold, by what is peculiar to them. Forms only: no list of people.
var (
	forenameKinds = []string{
		"Claire|MARIE|Jean|Zoé|Noël|Loïc|Gaëtane",                        // plain, accented
		"Jean-Baptiste|MARIE-FRANÇOISE|Marie - Claude|Fatima-Zahra",      // hyphenated: one forename
		"Anne Sophie Lise|Jean, Pierre|Mohamed Amine|Marie Claude, Anne", // several: the first counts
		"Lætitia|Cœur|Œdipe|ÆGIDIUS",                                     // ligatures
		"Thị Hồng Nhung|Ngọc Anh|Đức|Xuân|Ánh",                           // Vietnamese
		"محمد|فاطمة الزهراء|عبد الرحمن",                                  // Arabic script
		"Abd-El-Kader|Aïcha|N'Golo|M'Hamed|Teʻuira",                      // transcribed, apostrophes
		"O|A|É|X|Y",             // one letter
		"李|Ольга|Γιώργος|李 Min", // other scripts
		"",                      // one-word names
		"İpek|Işıl|Łucja|Søren|Zoltán|Kateřina|Ştefan|Ólafur|Günther|J\u0301an", // elsewhere in Latin
	}
	surnameKinds = []string{
		"MARTIN|DURAND|PETIT|LE GUÉN|DIALLO",
		"DE LA TOUR D'AUVERGNE|de Saint-Exupéry|D'ARTAGNAN|D’ORMESSON|DU PONT DE L'ÉTANG|VAN DEN BERGHE|VON WEIßENFELS",
		"ŒUVRARD|ÆGIDIUS|LECŒUR",
		"NGUYỄN|ĐẶNG|TRẦN THỊ|VŨ|Ý",
		"بن علي|الحاج|عبد الله",
		"BEN-M'BAREK|BEN ALI|EL-HAJJ|AÏT OUARAB|N'GUESSAN|AL SAYED",
		"O|É|LI|X Y|U",
		"SUKARNO|王|ИВАНОВА|Παπαδόπουλος",
		"ANDRIANAMPOINIMERINARIVOTSIMITOVIAMINANDRIANA|RAKOTOARISOA RANDRIANARIVELO ANDRIANTSITOHAINA RASOAMANARIVO",
		"DE-BEAUREPAIRE-DE-LOUVAGNY-SAINT-ANDRÉ-DES-EAUX-VIVES-DU-ROI-SOLEIL",
		"SØRENSEN|ŁUKASIEWICZ|KOVAČEVIĆ|ȘTEFĂNESCU|ÖZTÜRK|YILDIZ|MÜLLER",
		"BUSE|DMINISTRATEUR|OC|SI|ERT", // whose logins, or the forename Ce's addresses, would be a service's
	}
)

func TestTenThousandNamesFromTheRealWorldGetAddressesOfTheirOwn(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		f := newFixture(t, db)
		r := rand.New(rand.NewPCG(7, 11))
		pick := func(kinds []string) string {
			shapes := strings.Split(kinds[r.IntN(len(kinds))], "|")
			return shapes[r.IntN(len(shapes))]
		}
		const people = 10_000
		type name struct{ forenames, surname string }
		names := make(map[string]name, people)
		lines := make([]string, people)
		for i := range lines {
			n := name{pick(forenameKinds), pick(surnameKinds)}
			if r.IntN(4) == 0 {
				n.surname += []string{"-", " ", "'"}[r.IntN(3)] + pick(surnameKinds)
			}
			id := fmt.Sprintf("H-%05d", i)
			names[id] = n
			lines[i] = fmt.Sprintf("%s;;M.;%s;;%s;12/11/1971;%s", id, n.surname, n.forenames, teaches)
		}
		report, err := f.Import(t.Context(), strings.NewReader(file(lines...)), roster.Options{})
		if err != nil || report.Joiners != people || report.Rejected != 0 {
			t.Fatalf("%d joiners, %d rejected, %v", report.Joiners, report.Rejected, err)
		}
		seen := map[string]string{}
		for h, err := range f.Holders(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			for _, address := range []string{h.Address, h.Login + "@" + domain} {
				if other, given := seen[address]; given {
					t.Errorf("%s was given to %s and %s", address, other, h.HRID)
				}
				seen[address] = h.HRID
			}
			checkName(t, h, names[h.HRID].forenames, names[h.HRID].surname)
		}
		if len(seen) != 2*people {
			t.Errorf("%d addresses for %d people", len(seen), people)
		}
		f.want("aliases login@domain", f.query(`SELECT count(*) FROM address d JOIN account a ON a.account_id = d.account_id
			WHERE d.kind = 'alias' AND d.address = a.login || '@`+domain+`'`), fmt.Sprint(people))
	})
}

// checkName holds an address and a login to the rules, by ways that the naming code does not use.
func checkName(t *testing.T, h roster.Holder, forenames, surname string) {
	t.Helper()
	local := strings.TrimSuffix(h.Address, "@"+domain)
	if !directory.ValidLocalPart(local) || directory.Reserved(local) || directory.Reserved(h.Login) || len(h.Login) > directory.MaxLocal {
		t.Errorf("%q %q: address %s, login %s", forenames, surname, local, h.Login)
		return
	}
	first, last, _ := strings.Cut(strings.TrimRight(local, "0123456789"), ".")
	hr := strings.TrimRight(strings.ToLower(h.HRID), "0123456789") // « h- » and digits, which stand before any homonym's
	switch word := strings.FieldsFunc(forenames, func(r rune) bool { return r == ',' || r == ' ' && !strings.Contains(forenames, " - ") }); {
	case directory.Slug(forenames) == "" || directory.Slug(word[0]) == "":
		if !strings.HasPrefix(first, hr) {
			t.Errorf("%q %q: %s has no id_rh for the forename", forenames, surname, local)
		}
	case strings.Contains(forenames, ","): // the form of the registers: a forename may hold spaces
		if first != directory.Slug(strings.Split(forenames, ",")[0]) {
			t.Errorf("%q: %s", forenames, local)
		}
	case first != directory.Slug(word[0]):
		t.Errorf("%q %q: %s does not bear the first forename, whole", forenames, surname, local)
	}
	switch whole := directory.Slug(surname); {
	case whole == "":
		if !strings.HasPrefix(last+"-", hr) {
			t.Errorf("%q %q: %s has no id_rh for the surname", forenames, surname, local)
		}
	case len(first)+1+len(whole)+4 <= directory.MaxLocal: // room for a homonym's digits
		if last != whole {
			t.Errorf("%q %q: %s does not bear the surname, whole", forenames, surname, local)
		}
	case !strings.HasPrefix(whole, last):
		t.Errorf("%q %q: %s is no beginning of the surname", forenames, surname, local)
	case len(last) < len(whole) && whole[len(last)] != '-' && strings.Contains(whole[:len(last)], "-"):
		t.Errorf("%q %q: %s is cut within a word", forenames, surname, local)
	}
}

func TestDigitsOfHomonymsAreNeverUsedAgain(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		f := newFixture(t, db)
		other := func(id string) string { return strings.Replace(jean, "1002", id, 1) }
		f.imports(jean+teaches, other("2")+teaches, other("3")+teaches)
		// The second Jean Martin takes another name, the third leaves.
		f.imports(jean+teaches, strings.Replace(other("2"), "MARTIN", "LEROY", 1)+teaches)
		f.imports(jean+teaches, strings.Replace(other("2"), "MARTIN", "LEROY", 1)+teaches, other("4")+teaches)
		f.want("the fourth", f.addresses("4"), "alias jmartin3@ac-paris.example", "primary jean.martin3@ac-paris.example")
		f.want("the second", f.addresses("2"), "alias jmartin1@ac-paris.example", "former jean.martin1@ac-paris.example", "primary jean.leroy@ac-paris.example")
		f.want("the third", f.addresses("3"), "alias jmartin2@ac-paris.example", "primary jean.martin2@ac-paris.example")
	})
}
