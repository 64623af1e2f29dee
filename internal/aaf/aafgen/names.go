package aafgen

import "strings"

// stock is the names of a generation or two.
type stock struct {
	surnames, women, men, girls, boys []string
	streets, towns                    []string
	patrons                           []string // forenames and surnames of schools
}

func words(s string) []string { return strings.Split(s, ",") }

// newStock gives the names. All letters are of ISO-8859-15.
func newStock() stock {
	return stock{
		surnames: words("MARTIN,BERNARD,THOMAS,PETIT,ROBERT,RICHARD,DURAND,DUBOIS,MOREAU,LAURENT,SIMON,MICHEL,LEFEBVRE,LEROY,ROUX,DAVID,BERTRAND," +
			"DIALLO,NGUYEN,BENALI,TRAORÉ,DA SILVA,GARCIA,HADDAD,CAMARA,MOREL,FOURNIER,GIRARD,BONNET,DUPONT,LAMBERT,FONTAINE,ROUSSEAU,VINCENT," +
			"FAURE,ANDRÉ,MERCIER,BLANC,GUÉRIN,BOYER,GARNIER,CHEVALIER,FRANÇOIS,LEGRAND,GAUTHIER,PERRIN,ROBIN,CLÉMENT,MORIN,NICOLAS,HENRY,ROUSSEL," +
			"KONATÉ,FERNANDES,LOPEZ,TRAN,CHERIF,SAÏDI,COHEN,LÉVY,MASSON,MARCHAND,DUVAL,DENIS,DUMONT,LEMAIRE,NOËL,MEYER,DUFOUR,MEUNIER,BRUN," +
			"BLANCHARD,GIRAUD,JOLY,RIVIÈRE,LUCAS,BRUNET,GAILLARD,BARBIER,ARNAUD,GÉRARD,ROCHE,RENARD,SCHMITT,ROY,LEROUX,COLIN,VIDAL,CARON,PICARD," +
			"N'DIAYE,OUÉDRAOGO,EL AMRANI,AÏT OUARAB,KOWALSKI,POPESCU,DEMIR,KAYA,LI,CHEN,RAMASSAMY,SOW,TOURÉ,KEÏTA,CISSÉ,PEREIRA,RODRIGUES,ROSSI," +
			"FABRE,AUBERT,LEMOINE,RENAUD,DUMAS,LACROIX,OLIVIER,PHILIPPE,BOURGEOIS,PIERRE,BENOÎT,REY,LECLERC,ROLLAND,LECLERCQ,GUILLAUME,LECOMTE," +
			"ŒUVRARD,L'HOSTIS,LE GUÉNEC,DE LA HAUTIÈRE,D'ARMANVILLE,SAINT-CLAIR,PETIT-JEAN,MÜLLER,ETCHEVERRY,QUÉMÉNEUR,PAOLETTI,VANDENBROUCKE"),
		women: words("Nathalie,Isabelle,Sandrine,Stéphanie,Céline,Sophie,Aurélie,Émilie,Fatima,Karine,Virginie,Delphine,Laetitia,Séverine,Élodie,Julie," +
			"Amina,Samira,Aminata,Fatoumata,Maria,Claire,Hélène,Anne,Anne-Sophie,Marie-Laure,Cécile,Béatrice,Gaëlle,Joëlle,Agnès,Linh,Katarzyna,Zeynep,Nadia,Inès"),
		men: words("Nicolas,Christophe,David,Stéphane,Sébastien,Laurent,Frédéric,Olivier,Julien,Karim,Mohamed,Jérôme,Cédric,Éric,Pascal,Thierry,Bruno," +
			"François,Mathieu,Arnaud,Mamadou,Ibrahima,José,Carlos,Jean-Pierre,Jean-François,Benoît,Loïc,Noël,Gaël,Minh,Piotr,Emre,Rachid,Hervé,Rémi"),
		girls: words("Emma,Jade,Louise,Alice,Chloé,Inès,Léa,Manon,Lina,Rose,Anna,Mila,Camille,Zoé,Juliette,Sarah,Ambre,Agathe,Julia,Jeanne,Léna,Nina,Eva,Lou," +
			"Romane,Charlotte,Margaux,Maëlys,Éléna,Anaïs,Aïcha,Yasmine,Assia,Mariam,Awa,Noémie,Maïssa,Anouk,Capucine,Solène,Océane,Clémence,Marie-Lou,Ève"),
		boys: words("Gabriel,Raphaël,Léo,Louis,Lucas,Adam,Arthur,Hugo,Jules,Maël,Noah,Ethan,Paul,Nathan,Sacha,Tom,Gabin,Nolan,Théo,Mohamed,Aaron,Éden,Liam," +
			"Isaac,Rayan,Victor,Martin,Mathis,Axel,Robin,Enzo,Maxime,Timéo,Clément,Noé,Ibrahim,Ismaël,Yanis,Baptiste,Côme,Loïc,Anatole,Jean-Baptiste,Élie"),
		streets: words("RUE DES LILAS,AVENUE DE LA GARE,RUE DU MOULIN,PLACE DE L'EGLISE,BOULEVARD DES TILLEULS,IMPASSE DU CLOS,RUE DE L'ABREUVOIR,ALLEE DES CEDRES"),
		towns:   words("VILLEFICTIVE,SAINT-EXEMPLE,MONTESSAI,LES EPREUVES,BELLETRAME,PORT-MODELE,CHAMP-TEMOIN,L'EBAUCHE"),
		patrons: words("Mathilde Vauquelin,Octave Montjoly,Hortense Aubrive,Anselme Castelnef,Philippine Belleserre,Aristide Grandpré,Célestine Hautecour," +
			"Barnabé Lamarelle,Zélie Montsoreau,Théodule Verdelet,Joséphine Puymorin,Honoré Rochebelle,Augustine Sainterre,Firmin Tournemine"),
	}
}

// fold writes a name for a mail address: lower case ASCII letters and dots.
func fold(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		switch {
		case r >= 'a' && r <= 'z':
			b.WriteRune(r)
		case strings.ContainsRune("àâä", r):
			b.WriteByte('a')
		case strings.ContainsRune("éèêë", r):
			b.WriteByte('e')
		case strings.ContainsRune("îï", r):
			b.WriteByte('i')
		case strings.ContainsRune("ôö", r):
			b.WriteByte('o')
		case strings.ContainsRune("ùûü", r):
			b.WriteByte('u')
		case r == 'ç':
			b.WriteByte('c')
		case r == 'œ':
			b.WriteString("oe")
		case r == ' ', r == '-':
			b.WriteByte('-')
		}
	}
	return b.String()
}
