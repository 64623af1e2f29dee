package career_test

import (
	"strings"
	"testing"
)

// hrFile is what HR sends on a day.
type hrFile struct {
	day   string
	lines []string
}

func on(day string, lines ...string) hrFile { return hrFile{day, lines} }

// The lines of Claire, as HR writes them. Each names who she is, and one function.
const (
	asPetit   = "1001;;Mme;PETIT;;Claire Anne;06/05/1982;"
	asMartin  = "1001;;Mme;PETIT;MARTIN;Claire Anne;06/05/1982;"
	asBorn83  = "1001;;Mme;PETIT;;Claire Anne;06/05/1983;"
	asCamille = "1001;;M.;PETIT;;Camille;06/05/1982;"
	asMarie   = "1001;;Mme;PETIT;;Marie-Claire Anne;06/05/1982;"

	college   = "Professeur certifié;ENS2D;ENS;0759001B;01/09/2026;;ARR-1"
	lycee     = "Professeur certifié;ENS2D;ENS;0759002C;01/09/2026;;ARR-2"
	promoted  = "Professeur agrégé;ENS2D;ENS;0759001B;01/09/2026;;ARR-3"
	longLeave = "Professeur certifié;ENS2D;CLM;0759001B;01/09/2026;;CLM-4" // congé de longue maladie
	moved     = "Professeur certifié;ENS2D;ENS;0759002C;01/09/2027;;MUT-5"
	contract  = "Professeur contractuel;ENS2D;ENS;0759001B;01/09/2026;31/08/2027;CTR-6"
	renewed   = "Professeur contractuel;ENS2D;ENS;0759001B;16/09/2027;31/08/2028;CTR-7"
	arrived   = "Professeur certifié;ENS2D;ENS;0759001B;01/09/2026;;MUT-INTER-8"
	head      = "Personnel de direction;DIEO;DIR;0759001B;01/09/2026;;ARR-9"
)

func TestWhatHappensInAWorkingLifeAsHRWouldSayIt(t *testing.T) {
	t.Parallel()
	const (
		own      = "alias cpetit@ac-paris.example | primary claire.petit@ac-paris.example"
		married  = "alias cpetit@ac-paris.example | former claire.petit@ac-paris.example | primary claire.martin@ac-paris.example"
		divorced = "alias cpetit@ac-paris.example | former claire.martin@ac-paris.example | primary claire.petit@ac-paris.example"
	)
	for _, c := range []struct {
		says      string
		files     []hrFile
		until     string // the day on which we look
		stands    string // state of the account, of the career, addresses that receive
		addresses string
		functions string // « code UAI corps open|ended », by number
	}{
		{"nommée en juin pour la rentrée", []hrFile{on("10/06/2026", asPetit+college)}, "11/06/2026",
			"appointed - 2 open", own, "ENS 0759001B Professeur certifié open"},
		{"partage son service entre deux établissements", []hrFile{on("01/09/2026", asPetit+college, asPetit+lycee)}, "02/09/2026",
			"appointed - 2 open", own, "ENS 0759001B Professeur certifié open | ENS 0759002C Professeur certifié open"},
		{"mutée au lycée : même adresse", []hrFile{on("01/09/2026", asPetit+college), on("01/09/2027", asPetit+moved)}, "01/06/2028",
			"appointed - 2 open", own, "ENS 0759001B Professeur certifié ended | ENS 0759002C Professeur certifié open"},
		{"reçue à l'agrégation : le même poste", []hrFile{on("01/09/2026", asPetit+college), on("01/09/2027", asPetit+promoted)}, "02/09/2027",
			"appointed - 2 open", own, "ENS 0759001B Professeur agrégé open"},
		{"devient principale tout en enseignant", []hrFile{on("01/09/2026", asPetit+college), on("10/10/2026", asPetit+college, asPetit+head)}, "11/10/2026",
			"appointed - 2 open", own, "ENS 0759001B Professeur certifié open | DIR 0759001B Personnel de direction open"},
		{"se marie : nouvelle adresse, l'ancienne reçoit sans être montrée", []hrFile{on("01/09/2026", asPetit+college), on("01/03/2027", asMartin+college)}, "02/03/2027",
			"appointed - 3 open", married, "ENS 0759001B Professeur certifié open"},
		{"se marie puis divorce : retrouve sa propre adresse", []hrFile{on("01/09/2026", asPetit+college), on("01/03/2027", asMartin+college), on("01/03/2029", asPetit+college)}, "02/03/2029",
			"appointed - 3 open", divorced, "ENS 0759001B Professeur certifié open"},
		{"change de prénom et de civilité", []hrFile{on("01/09/2026", asPetit+college), on("01/03/2027", asCamille+college)}, "02/03/2027",
			"appointed - 3 open", "alias cpetit@ac-paris.example | former claire.petit@ac-paris.example | primary camille.petit@ac-paris.example", "ENS 0759001B Professeur certifié open"},
		{"son premier prénom était composé", []hrFile{on("01/09/2026", asPetit+college), on("01/03/2027", asMarie+college)}, "02/03/2027",
			"appointed - 3 open", "alias cpetit@ac-paris.example | former claire.petit@ac-paris.example | primary marie-claire.petit@ac-paris.example", "ENS 0759001B Professeur certifié open"},
		{"sa date de naissance était fausse", []hrFile{on("01/09/2026", asPetit+college), on("01/03/2027", asBorn83+college)}, "02/03/2027",
			"appointed - 2 open", own, "ENS 0759001B Professeur certifié open"},
		{"en congé de longue maladie trois ans", []hrFile{on("01/09/2026", asPetit+college), on("01/10/2026", asPetit+longLeave)}, "01/10/2029",
			"appointed - 2 open", own, "ENS 0759001B Professeur certifié ended | CLM 0759001B Professeur certifié open"},
		{"contractuelle, son contrat est fini", []hrFile{on("01/09/2026", asPetit+contract)}, "15/10/2027",
			"appointed grace 2 open", own, "ENS 0759001B Professeur contractuel open"},
		{"contractuelle, renouvelée à la mi-septembre, saisie fin octobre", []hrFile{on("01/09/2026", asPetit+contract), on("28/10/2027", asPetit+renewed)}, "01/12/2027",
			"appointed - 2 open", own, "ENS 0759001B Professeur contractuel ended | ENS 0759001B Professeur contractuel open"},
		{"contractuelle, pas renouvelée", []hrFile{on("01/09/2026", asPetit+contract)}, "30/11/2027",
			"departed departed 2 open", own, "ENS 0759001B Professeur contractuel open"},
		{"arrive d'une autre académie avec un NUMEN d'ailleurs", []hrFile{on("01/09/2026", strings.Replace(asPetit, ";;", ";09E9501234ABC;", 1)+arrived)}, "02/09/2026",
			"appointed - 2 open", own, "ENS 0759001B Professeur certifié open"},
		{"quitte l'académie en juillet", []hrFile{on("01/09/2026", asPetit+college), on("01/07/2027", jean+lycee)}, "01/08/2027",
			"departed departed 2 open", own, "ENS 0759001B Professeur certifié ended"},
		{"partie, close, revient après dix ans", []hrFile{on("01/09/2026", asPetit+college), on("01/07/2027", jean+lycee),
			on("01/09/2037", jean+lycee, asPetit+strings.Replace(moved, "2027", "2037", 1))}, "02/09/2037",
			"appointed - 2 open", own, "ENS 0759001B Professeur certifié ended | ENS 0759002C Professeur certifié open"},
	} {
		t.Run(c.says, func(t *testing.T) {
			t.Parallel()
			lives(t, c.files[0].day, func(l *life) {
				for _, f := range c.files {
					l.onQuickly(f.day)
					l.file(f.lines...)
				}
				l.onQuickly(c.until)
				l.is(c.says, "1001", c.stands)
				if got := l.addresses(l.account("1001")); got != c.addresses {
					l.t.Errorf("addresses %s\nwant %s", got, c.addresses)
				}
				if got := l.scan(`SELECT f.function || ' ' || f.uai || ' ' || f.corps || CASE f.ended_at WHEN 0 THEN ' open' ELSE ' ended' END
					FROM function f JOIN person p ON p.person_id = f.person_id WHERE p.id_rh = '1001' ORDER BY f.function_id`); got != c.functions {
					l.t.Errorf("functions %s\nwant %s", got, c.functions)
				}
			})
		})
	}
}

// onQuickly passes to the morning of a day as a server does that runs on the first of each month, and on that day.
func (l *life) onQuickly(day string) {
	l.t.Helper()
	for to := dayOf(l.t, day); l.now.Before(to); {
		l.now = l.now.AddDate(0, 0, 31-l.now.Day()+1)
		if l.now.After(to) {
			l.now = to
		}
		if _, err := l.career.Advance(l.t.Context()); err != nil {
			l.t.Fatal(err)
		}
	}
}
