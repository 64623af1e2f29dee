package aaf

import "slices"

// withoutObject is the code of a function, or of a post, that is « sans objet ».
const withoutObject = "-"

// staffRules are the attributes of PersEducNat beyond its identity.
func staffRules() map[string]rule {
	classes := lateRule(FieldClasses, func(l *late) *[]Division { return &l.classes })
	groups := lateRule(FieldGroups, func(l *late) *[]Division { return &l.groups })
	return map[string]rule{
		"ENTPersonStructRattach":   codeRule(FieldStructures, func(r *Record) *string { return &r.Staff.Structure }),
		"ENTPersonFonctions":       {field: FieldPosts, read: (*converter).posts},
		"ENTEnsFonctionDir":        listRule(FieldDirects, func(r *Record) *[]string { return &r.Staff.Directs }),
		"ENTAuxEnsClassesMatieres": teachingRule(FieldClasses, func(r *Record) *[]Teaching { return &r.Staff.Classes }),
		"ENTAuxEnsGroupesMatieres": teachingRule(FieldGroups, func(r *Record) *[]Teaching { return &r.Staff.Groups }),
		"ENTAuxEnsClasses":         classes, "ENTPersonClasses": classes,
		"ENTAuxEnsGroupes": groups, "ENTPersonGroupes": groups,
		"ENTAuxEnsClassesPrincipal": clearable(divisionRule(FieldPrincipal, func(r *Record) *[]Division { return &r.Staff.Principal })),
		"ENTAuxEnsCategoDiscipline": {field: FieldDiscipline, read: func(c *converter, v [][]byte) {
			if f := c.split(c.one(v), 2); f != nil { // code$libellé
				c.rec.Staff.Discipline = Labelled{Code: c.code(f[0]), Label: c.code(f[1])}
			}
		}},
		"ENTAuxEnsDisciplinesPoste": {field: FieldDiscipline, read: func(c *converter, v [][]byte) {
			if f := c.split(c.one(v), 2); f != nil && c.rec.Staff.Discipline.Code == "" { // libellé$code
				c.rec.Staff.Discipline = Labelled{Code: c.code(f[1]), Label: c.code(f[0])}
			}
		}},
		"ENTAuxEnsMatiereEnseignEtab":  {field: FieldTaught, read: (*converter).taught},
		"ENTPersonCategorieEnseignant": yesNoRule(FieldCategory, func(r *Record) *string { return &r.Staff.Category }),
		"PersEducNatPresenceDevantEleves": yesNoRule(FieldBeforePupils,
			func(r *Record) *string { return &r.Staff.BeforePupils }),
		"ENTPersonSTSId": textRule(FieldSTSID, func(r *Record) *string { return &r.Staff.STSID }),
	}
}

func yesNoRule(f Fields, into func(*Record) *string) rule {
	return rule{field: f, read: func(c *converter, v [][]byte) { *into(c.rec) = c.yesNo(c.one(v)) }}
}

// lateRule keeps divisions of which others may say more.
func lateRule(f Fields, into func(*late) *[]Division) rule {
	return rule{field: f, read: func(c *converter, values [][]byte) {
		list := into(&c.late)
		for _, v := range values {
			if d, ok := c.division(v); ok && !slices.Contains(*list, d) {
				*list = append(*list, d)
			}
		}
	}}
}

// teachingRule reads S$nom$codeMatière.
func teachingRule(f Fields, into func(*Record) *[]Teaching) rule {
	return rule{field: f, read: func(c *converter, values [][]byte) {
		list := into(c.rec)
		for _, v := range values {
			f := c.split(v, 3)
			if f == nil {
				continue
			}
			t := Teaching{Division: Division{Structure: c.code(f[0]), Name: c.code(f[1])}, Subject: c.code(f[2])}
			if t.Structure != "" && t.Name != "" && !slices.Contains(*list, t) {
				*list = append(*list, t)
			}
		}
	}}
}

// posts reads S$codeFonction$libFonction$codePoste$libPoste. A function « - » is none.
func (c *converter) posts(values [][]byte) {
	for _, v := range values {
		f := c.split(v, 2)
		if f == nil {
			continue
		}
		f = append(f, nil, nil, nil)
		p := Post{Structure: c.code(f[0]), Function: c.code(f[1]), Label: c.code(f[2]), Code: c.code(f[3]), CodeLabel: c.code(f[4])}
		if p.Code == withoutObject {
			p.Code, p.CodeLabel = "", ""
		}
		if p.Structure != "" && p.Function != "" && p.Function != withoutObject && !slices.Contains(c.rec.Staff.Posts, p) {
			c.rec.Staff.Posts = append(c.rec.Staff.Posts, p)
		}
	}
}

// taught reads S$libellé.
func (c *converter) taught(values [][]byte) {
	for _, v := range values {
		f := c.split(v, 2)
		if f == nil {
			continue
		}
		t := Taught{Structure: c.code(f[0]), Label: c.code(f[1])}
		if t.Label != "" && !slices.Contains(c.rec.Staff.Taught, t) {
			c.rec.Staff.Taught = append(c.rec.Staff.Taught, t)
		}
	}
}
