package demo

import (
	"math/rand/v2"
	"strings"
)

// Names are drawn by origin, so that forename and surname go together as they do in a staff
// room, and mixed sometimes, as they are too. Only single names come from life; nobody is meant.

// origin is one family of names and how many in a thousand people have a surname of it.
type origin struct {
	weight    int
	women     []string
	men       []string
	surnames  []string
	mixedWith int // per cent of forenames that come from the first origin instead
}

func list(s string) []string { return strings.Split(s, ",") }

// onomastics is the whole stock of names.
type onomastics struct {
	origins []origin
	total   int
}

func newOnomastics() *onomastics {
	o := &onomastics{origins: []origin{
		{
			weight: 640,
			women: list("Claire,Nathalie,Isabelle,Sophie,Céline,Sandrine,Stéphanie,Émilie,Aurélie,Julie,Virginie,Laetitia,Anne,Hélène,Élodie," +
				"Camille,Marion,Pauline,Mathilde,Léa,Laura,Sarah,Manon,Chloé,Charlotte,Marie,Florence,Valérie,Véronique,Delphine,Caroline,Karine," +
				"Séverine,Béatrice,Agnès,Cécile,Amélie,Noémie,Élise,Lucie,Juliette,Alice,Jeanne,Clémence,Solène,Maëlle,Océane,Marine,Justine,Adèle," +
				"Anne-Sophie,Marie-Christine,Anne-Laure,Marie-Laure,Marie-Françoise,Anne-Marie,Marie-Hélène,Zoé,Loïse,Gaëlle,Maïté,Joëlle,Fanny," +
				"Bérénice,Capucine,Éléonore,Blandine,Clotilde,Margaux,Anaïs,Eugénie,Faustine,Violaine,Ségolène,Lætitia,Chloë,Daphné,Myriam,Odile,Solange"),
			men: list("Nicolas,Sébastien,Christophe,Julien,David,Laurent,Stéphane,Frédéric,Olivier,Thomas,Guillaume,Alexandre,Antoine,Pierre,Vincent," +
				"Maxime,Romain,Benjamin,Philippe,Éric,Pascal,Thierry,Bruno,François,Mathieu,Jérôme,Cédric,Arnaud,Fabrice,Rémi,Clément,Hugo,Lucas," +
				"Quentin,Adrien,Baptiste,Simon,Paul,Louis,Gabriel,Étienne,Grégoire,Raphaël,Xavier,Yves,Gilles,Hervé,Loïc,Yann,Gaël,Joël,Noël," +
				"Jean-Pierre,Jean-Baptiste,Jean-Luc,Jean-François,Pierre-Yves,François-Xavier,Charles-Henri,Jean,Marc,Denis,Benoît,Aurélien,Cyril,Damien," +
				"Fabien,Ludovic,Thibault,Valentin,Léo,Maël,Tristan,Corentin,Gaspard,Ambroise,Barnabé,Célestin,Théophile,Zacharie"),
			surnames: list("Martin,Bernard,Thomas,Petit,Robert,Richard,Durand,Dubois,Moreau,Laurent,Simon,Michel,Lefebvre,Leroy,Roux,David,Bertrand,Morel," +
				"Fournier,Girard,Bonnet,Dupont,Lambert,Fontaine,Rousseau,Vincent,Faure,André,Mercier,Blanc,Guérin,Boyer,Garnier,Chevalier,François,Legrand," +
				"Gauthier,Perrin,Robin,Clément,Morin,Nicolas,Henry,Roussel,Mathieu,Gautier,Masson,Marchand,Duval,Denis,Dumont,Lemaire,Noël,Meyer,Dufour," +
				"Meunier,Brun,Blanchard,Giraud,Joly,Rivière,Lucas,Brunet,Gaillard,Barbier,Arnaud,Gérard,Roche,Renard,Schmitt,Roy,Leroux,Colin,Vidal,Caron,Picard," +
				"Roger,Fabre,Aubert,Lemoine,Renaud,Dumas,Lacroix,Olivier,Philippe,Bourgeois,Benoît,Rey,Leclerc,Rolland,Leclercq,Guillaume,Lecomte,Dupuy,Guillot," +
				"Hubert,Berger,Carpentier,Dupuis,Moulin,Deschamps,Huet,Vasseur,Boucher,Fleury,Royer,Klein,Jacquet,Adam,Poirier,Marty,Aubry,Guyot,Carré," +
				"Renault,Charpentier,Ménard,Maillard,Baron,Bertin,Bailly,Hervé,Schneider,Le Gall,Collet,Léger,Bouvier,Julien,Prévost,Millet,Perrot,Le Roux,Cousin," +
				"Germain,Breton,Besson,Langlois,Rémy,Le Goff,Pelletier,Lévêque,Perrier,Leblanc,Barré,Lebrun,Marchal,Weber,Mallet,Hamon,Boulanger,Jacob,Monnier," +
				"Michaud,Guichard,Gillet,Étienne,Poulain,Tessier,Chevallier,Collin,Chauvin,Bouchet,Lemaître,Bénard,Maréchal,Humbert,Reynaud,Perret,Barthélemy," +
				"Cordier,Pichon,Lejeune,Lamy,Delaunay,Pasquier,Carlier,Laporte,Vauquelin,Œuvrard,Sœur,Desrosiers,Bellanger,Chatelain,Cœuret,Grandjean,Jolivet," +
				"de Vauclair,de La Hautière,du Plessis-Marly,d'Armanville,d'Hauterive,de Saint-Aubin,des Essarts,L'Hostis,Le Guénec,Le Bihan,Saint-Clair," +
				"Delacour,Delahaye,De Smet,Vandenbroucke,Kervella,Abgrall,Quéméneur,Etcheverry,Iribarne,Paoletti,Santoni,Zimmermann,Müller,Weiß," +
				"Petit-Jean,Lambert-Roux,Faure-Dumas,Roy-Delmas"),
		},
		{
			weight: 130, mixedWith: 20,
			women: list("Fatima,Samira,Nadia,Yasmina,Leïla,Aïcha,Khadija,Malika,Soraya,Inès,Nawel,Amina,Hafida,Fatima-Zahra,Lamia,Naïma,Sonia,Karima,Houda,Imane"),
			men:   list("Mohamed,Karim,Rachid,Mehdi,Samir,Yassine,Ahmed,Nabil,Hakim,Farid,Abd-El-Kader,M'Hamed,Sofiane,Bilal,Tarik,Younès,Ismaël,Réda,Walid,Amine"),
			surnames: list("Benali,Haddad,Belkacem,Mansouri,Bouzid,Cherif,Saïdi,Amrani,Ben Ali,Ben Salah,Aït Ouarab,Boudjemaa,El Idrissi,El Amrani,Ben-M'Barek," +
				"Khelifi,Ziani,Hamdi,Trabelsi,Bensaïd,Meziane,Ouali,Rahmani,Slimani,Taïeb,Zerrouki,Al Sayed,Bourguiba-Lanoë,Cohen,Lévy,Benhamou,Azoulay,Attal-Bénichou"),
		},
		{
			weight: 80, mixedWith: 35,
			women: list("Aminata,Fatoumata,Mariam,Awa,Oumou,Adjoa,Grâce,Bintou,Coumba,Rokhaya,Sira,Marie-Ange,Hawa,Ndeye,Assa"),
			men:   list("Mamadou,Ibrahima,Moussa,Ousmane,Cheikh,Abdoulaye,Kouassi,N'Golo,Souleymane,Bakary,Yao,Issa,Lamine,Modibo,Serigne"),
			surnames: list("Diallo,Traoré,Coulibaly,Diop,Ndiaye,Konaté,N'Guessan,Kouassi,M'Bemba,Camara,Keïta,Sissoko,Cissé,Fofana,Bâ,Sow,Touré,Mbaye,Ouédraogo," +
				"Adjovi,N'Diaye,Doumbia,Sylla,Tchoumi,Éboué-Nkono"),
		},
		{
			weight: 65, mixedWith: 45,
			women:    list("Maria,Carla,Inês,Lúcia,Elena,Paula,Graça,Chiara,Giulia,Rosa,Pilar,Lourdes"),
			men:      list("José,Manuel,António,Carlos,João,Paulo,Iñaki,Miguel,Marco,Luca,Andréa,Rui"),
			surnames: list("Da Silva,Garcia,Martinez,Lopez,Fernandes,Dos Santos,Pereira,Rodrigues,Ferreira,Gonçalves,García López,Núñez,Muñoz,Sanchez,Perez,Rossi,Ferrari,Bianchi,Conti,De Luca,Marques,Oliveira,Teixeira,Romano"),
		},
		{
			weight: 40, mixedWith: 50,
			women:    list("Thị Hồng,Ngọc Anh,Mai,Linh,Lan,Xiu,Yìlín,Sokha,Priya,Devi,Mei"),
			men:      list("Minh,Đức,Xuân,Tuấn,Wei,Xiǎo-Míng,Sopheap,Ravi,Anand,Bao,Quang"),
			surnames: list("Nguyễn,Trần,Lê,Phạm,Hoàng,Đặng,Vũ,Huỳnh,Li,Wu,Chen,Zhang,Sok,Chea,Ramassamy,Sivakumar,Nguyen,Tran,Kim,Lim"),
		},
		{
			weight: 45, mixedWith: 50,
			women: list("Katarzyna,Agnieszka,Ioana,Kateřina,Ivana,Nina,Elif,Ayşe,Zeynep,Anouche,Mirela,Ingrid,Åsa"),
			men:   list("Piotr,Łukasz,Ștefan,Andrei,Jakub,Nikola,Emre,Mehmet,Işık,Aram,Dragan,Søren,Jürgen"),
			surnames: list("Kowalski,Nowak,Łukasiewicz,Dvořák,Novotný,Ștefănescu,Popescu,Kovačević,Petrović,Yıldız,Öztürk,Demir,Kaya,Sarkissian,Hagopian,Sørensen,Lindström," +
				"Schäfer,O'Connor,Mac Kenzie,Van den Berghe,Wiśniewski"),
		},
	}}
	for _, family := range o.origins {
		o.total += family.weight
	}
	return o
}

// surname draws a family and one of its surnames, in the capitals of the civil registers.
func (o *onomastics) surname(r *rand.Rand) (family int, name string) {
	x := r.IntN(o.total)
	for family = range o.origins {
		if x -= o.origins[family].weight; x < 0 {
			break
		}
	}
	return family, strings.ToUpper(pickFront(r, o.origins[family].surnames))
}

// forename draws a forename that goes with a family.
func (o *onomastics) forename(r *rand.Rand, family int, woman bool) string {
	if chance(r, o.origins[family].mixedWith) {
		family = 0
	}
	if woman {
		return pickFront(r, o.origins[family].women)
	}
	return pickFront(r, o.origins[family].men)
}
