package aaf

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"navette/internal/directory"
)

// structureRules are the attributes of EtabEducNat.
func structureRules() map[string]rule {
	city := codeRule(FieldCity, func(r *Record) *string { return &r.Structure.City })
	academy := regexp.MustCompile(academySuffix)
	return map[string]rule{
		"ENTStructureJointure": jointureRule(),
		"ENTStructureUAI":      {field: FieldUAI, read: (*converter).uai},
		"ENTEtablissementUAI": {field: FieldUAI, read: func(c *converter, v [][]byte) {
			if c.rec.Structure.UAI == "" {
				c.uai(v)
			}
		}},
		"ENTStructureNomCourant": {field: FieldName, read: func(c *converter, v [][]byte) {
			c.rec.Structure.Name = structureName(c.text(c.one(v)), academy)
		}},
		"ENTStructureTypeStruct":     codeRule(FieldType, func(r *Record) *string { return &r.Structure.Type }),
		"ENTStructureCodeTypeStruct": codeRule(FieldNature, func(r *Record) *string { return &r.Structure.Nature }),
		"ENTEtablissementContrat":    codeRule(FieldContract, func(r *Record) *string { return &r.Structure.Contract }),
		"ENTStructureSIREN":          codeRule(FieldSIREN, func(r *Record) *string { return &r.Structure.SIREN }),
		"l":                          city, "ENTStructureVille": city,
		"ENTStructureMailSI": {field: FieldMail, read: func(c *converter, v [][]byte) { c.rec.Structure.Mail = c.mail(c.one(v)) }},
		"ENTStructureEmail": {field: FieldMail, read: func(c *converter, v [][]byte) {
			if c.rec.Structure.Mail == "" { // the one of the information system comes first
				c.rec.Structure.Mail = c.mail(c.one(v))
			}
		}},
		"ENTEtablissementBassin": {field: FieldBassin, read: func(c *converter, v [][]byte) {
			c.rec.Structure.Bassin = c.code(c.split(c.one(v), 1)[0]) // code$libellé
		}},
		"ENTServAcCodeAcademie":             codeRule(FieldAcademy, func(r *Record) *string { return &r.Structure.Academy }),
		"ENTEtablissementStructRattachFctl": listRule(FieldAttached, func(r *Record) *[]string { return &r.Structure.Attached }),
		"ENTStructureClasses":               {field: FieldClasses, read: (*converter).structureClasses},
		"ENTStructureGroupes":               {field: FieldGroups, read: (*converter).structureGroups},
	}
}

// uai reads the UAI. A wrong key is kept, for real files hold some; a wrong form is none.
func (c *converter) uai(values [][]byte) {
	text := strings.ToUpper(c.text(c.one(values)))
	_, err := directory.ParseUAI(text)
	var wrong *directory.UAIError
	switch {
	case errors.As(err, &wrong) && wrong.Want == "":
		c.doubt("ce n'est pas une UAI", "not a UAI")
		return
	case err != nil:
		c.doubtOf(c.name, "la clé de l'UAI est fausse", "the check letter of the UAI is wrong")
	}
	c.rec.Structure.UAI = text
}

// academySuffix is what some names end with: « -ac-PARIS ».
const academySuffix = `(?i)[ -]*-ac-[\pL' -]+$`

// structureName makes « CLG JEAN EXEMPLE PARIS » of « CLG$JEAN EXEMPLE$PARIS ».
func structureName(s string, academy *regexp.Regexp) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(academy.ReplaceAllString(s, ""), "$", " ")), " ")
}

// structureClasses reads nom$description$MEF11[$MEF11…].
func (c *converter) structureClasses(values [][]byte) {
	for _, v := range values {
		f := c.split(v, 1)
		class := Class{Name: c.code(f[0])}
		if len(f) > 1 {
			class.Label = c.text(f[1])
			class.MEFs = c.list(f[2:])
		}
		known := slices.ContainsFunc(c.rec.Structure.Classes, func(k Class) bool { return k.Name == class.Name })
		if class.Name != "" && !known {
			c.rec.Structure.Classes = append(c.rec.Structure.Classes, class)
		}
	}
}

// structureGroups reads nom$description$classe[$classe…].
func (c *converter) structureGroups(values [][]byte) {
	for _, v := range values {
		f := c.split(v, 1)
		group := Group{Name: c.code(f[0])}
		if len(f) > 1 {
			group.Label = c.text(f[1])
			group.Classes = c.list(f[2:])
		}
		known := slices.ContainsFunc(c.rec.Structure.Groups, func(k Group) bool { return k.Name == group.Name })
		if group.Name != "" && !known {
			c.rec.Structure.Groups = append(c.rec.Structure.Groups, group)
		}
	}
}
