package aaf

import (
	"regexp"
	"strconv"
	"strings"

	"navette/internal/directory"
)

// Name is what the name of a file tells (DOMAIN §1.3): « ENT_0759001B_Complet_20260901_Eleve_0000.xml ». The category is
// the one of the name, whatever its records say of themselves.
type Name struct {
	Issuer   string // what stands before Complet or Delta: « ENT_0759001B », « clean-FULL_ENTTSSERVICES »; or ""
	Complete bool   // Complet; false for Delta
	Date     directory.Date
	Category Category
	Sequence int // number of the chunk
}

// nameForm is the form of a name. Folders come before it, and the date may be missing.
const nameForm = `(?i)^(?:(.*)_)?(Complet|Delta)(?:_(\d{8}))?_(Eleve|PersEducNat|PersRelEleve|EtabEducNat|Matiere(?:EducNat)?|Mef(?:EducNat)?|MatEducNat)_(\d{1,6})\.xml$`

// names reads names of files.
type names struct {
	form *regexp.Regexp
}

func newNames() names { return names{form: regexp.MustCompile(nameForm)} }

// ParseName reads the name of a file, without its folder. ok is false for what is no part of an export.
func ParseName(name string) (n Name, ok bool) { return newNames().parse(name) }

func (f names) parse(name string) (Name, bool) {
	if strings.HasPrefix(name, ".") { // what other systems keep beside a file: « ._ENT_… »
		return Name{}, false
	}
	m := f.form.FindStringSubmatch(name)
	if m == nil {
		return Name{}, false
	}
	n := Name{Issuer: m[1], Complete: strings.EqualFold(m[2], "Complet"), Category: categoryOfName(m[4])}
	n.Sequence, _ = strconv.Atoi(m[5]) // up to six digits
	if m[3] != "" {
		var err error
		if n.Date, err = directory.ParseDate(m[3][:4] + "-" + m[3][4:6] + "-" + m[3][6:]); err != nil {
			return Name{}, false
		}
	}
	return n, true
}

// categoryOfName reads a category in any of its spellings, or gives 0.
func categoryOfName(s string) Category {
	switch strings.ToLower(s) {
	case "etabeducnat":
		return EtabEducNat
	case "matiereeducnat", "mateducnat", "matiere":
		return MatiereEducNat
	case "mefeducnat", "mef":
		return MefEducNat
	case "eleve":
		return Eleve
	case "persreleleve":
		return PersRelEleve
	case "perseducnat":
		return PersEducNat
	}
	return 0
}

// degreeOfName reads the degree in the name of an archive, a folder or a file: « ENT2DVA.20260901.tgz ». 0: it does not
// tell, or tells both.
func degreeOfName(name string) Degree {
	name = strings.ToUpper(name)
	first, second := strings.Contains(name, "ENT1D"), strings.Contains(name, "ENT2D")
	switch {
	case first && !second:
		return First
	case second && !first:
		return Second
	}
	return 0
}
