package directory

import (
	"strings"

	"pgregory.net/rapid"
)

// The shapes of names that HR files of an académie hold. Forms only: no list of people.
var (
	forenameShapes = strings.Split(`Claire|MARIE-FRANÇOISE|Jean-Baptiste|Anne Sophie Lise|Léa, Jeanne|Zoé|Noël|Maël|Maïlys|Chloë|François-Xavier|`+
		`Loïc|Gaëtane|Lætitia|Cœur|Mohamed Amine|Abd-El-Kader|Fatima-Zahra|Aïcha|Khadija|Oumou|Mamadou Lamine|N'Golo|M'Hamed|Ngọc Anh|Thị Hồng Nhung|`+
		`Đức|Xuân|Yìlín|Xiǎo-Míng|Søren|Åse|Jürgen|Günther|İpek|Işıl|Çağla|José María|João|Iñaki|Zoltán|Łucja|Kateřina|Ştefan|Giedrė|Ólafur|Dwayne|`+
		`Mary-Ann|O|A|É|X|Jean Pierre Marie Joseph|Marie - Claude|Teʻuira|Hina`, "|")
	surnameShapes = strings.Split(`MARTIN|DUPOND|LE GUÉN|LE DUPOND|DE LA TOUR D'AUVERGNE|de Saint-Exupéry|D'ARTAGNAN|D’ORMESSON|DU PONT DE L'ÉTANG|JACOB DE CORDEMOY|`+
		`PETIT ÉPOUSE GRAND|GARCÍA LÓPEZ|DOS SANTOS FERREIRA|DA SILVA|VAN DEN BERGHE|VON WEIßENFELS|MÜLLER|NUÑEZ|ŒUVRARD|ÆGIDIUS|SØRENSEN|ŁUKASIEWICZ|DVOŘÁK|KOVAČEVIĆ|`+
		`NGUYỄN|ĐẶNG|TRẦN THỊ|YILDIZ|YILDIRIM|ÖZTÜRK|BEN-M'BAREK|BEN ALI|EL-HAJJ|AL SAYED|AÏT OUARAB|BENABDALLAH|N'GUESSAN|M'BAPPÉ-TYPE|DIALLO|O'CONNOR|MAC KENZIE|`+
		`LI|WU|O|É|X Y|ANDRIANAMPOINIMERINA|RAKOTOARISOA RANDRIANARIVELO|ȘTEFĂNESCU|GRÖNBERG-ÅKESSON|DE-BEAUREPAIRE-DE-LOUVAGNY-SAINT-ANDRÉ-DES-EAUX-VIVES|L'HERMITE|`+
		`SAINT-JUST|LAMBERT-DIT-LEBLANC|HOÀNG|PHẠM|VŨ`, "|")
)

// realWorldName draws a surname or a forename of the shapes above, or two of them joined.
func realWorldName() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		one := rapid.SampledFrom(append(append([]string{}, surnameShapes...), forenameShapes...))
		name := one.Draw(t, "name")
		if rapid.Bool().Draw(t, "double") {
			name += rapid.SampledFrom([]string{"-", " ", "'", " - "}).Draw(t, "joint") + one.Draw(t, "second")
		}
		switch rapid.IntRange(0, 2).Draw(t, "case") {
		case 0:
			return strings.ToUpper(name)
		case 1:
			return strings.ToLower(name)
		}
		return name
	})
}
