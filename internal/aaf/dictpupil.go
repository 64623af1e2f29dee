package aaf

import "slices"

// pupilRules are the attributes of Eleve beyond its identity.
func pupilRules() map[string]rule {
	mef := listRule(FieldMEFs, func(r *Record) *[]string { return &r.Pupil.MEFs })
	level := codeRule(FieldLevel, func(r *Record) *string { return &r.Pupil.Level })
	stream := codeRule(FieldStream, func(r *Record) *string { return &r.Pupil.Stream })
	classes := divisionRule(FieldClasses, func(r *Record) *[]Division { return &r.Pupil.Classes })
	groups := divisionRule(FieldGroups, func(r *Record) *[]Division { return &r.Pupil.Groups })
	return map[string]rule{
		"ENTEleveINE":               textRule(FieldINE, func(r *Record) *string { return &r.Pupil.INE }),
		"ENTPersonStructRattach":    listRule(FieldStructures, func(r *Record) *[]string { return &r.Pupil.Structures }),
		"ENTElevePersRelEleve":      {field: FieldLinks, read: (*converter).links},
		"ENTEleveAutoriteParentale": {field: FieldLinks, read: (*converter).parentalAuthority},
		"ENTEleveMEF":               clearable(mef),
		"ENTEleveNivFormation":      level, "ENTEleveNiveau": level,
		"ENTEleveFiliere": stream, "ENTEleveCycle": stream,
		"ENTEleveClasses": classes, "ENTPersonClasses": classes,
		"ENTEleveGroupes": groups, "ENTPersonGroupes": groups,
		"ENTEleveStatutEleve":       codeRule(FieldStatus, func(r *Record) *string { return &r.Pupil.Status }),
		"ENTEleveCodeEnseignements": clearable(listRule(FieldSubjects, func(r *Record) *[]string { return &r.Pupil.Subjects })),
		"ENTEleveDateEntreeClasses": passageRule(FieldEntries, func(r *Record) *[]Passage { return &r.Pupil.Entries }),
		"ENTEleveDateSortieClasses": passageRule(FieldExits, func(r *Record) *[]Passage { return &r.Pupil.Exits }),
		"ENTEleveDateEntreeStructRattach": {field: FieldEntered, read: func(c *converter, v [][]byte) {
			c.rec.Pupil.Entered = c.date(c.one(v))
		}},
		"ENTEleveDateSortieStructRattach": {field: FieldLeft, read: func(c *converter, v [][]byte) {
			c.rec.Pupil.Left = c.date(c.one(v))
		}},
	}
}

// divisionRule reads classes or groups.
func divisionRule(f Fields, into func(*Record) *[]Division) rule {
	return rule{field: f, read: func(c *converter, values [][]byte) {
		list := into(c.rec)
		for _, v := range values {
			if d, ok := c.division(v); ok && !slices.Contains(*list, d) {
				*list = append(*list, d)
			}
		}
	}}
}

// fieldsOf1D is how many fields a class or group has in 1D: the fourth is its key, the fifth its label.
const fieldsOf1D = 5

// division reads S$classe, or the five fields of 1D.
func (c *converter) division(v []byte) (Division, bool) {
	f := c.split(v, 2)
	if f == nil {
		return Division{}, false
	}
	d := Division{Structure: c.code(f[0]), Name: c.code(f[1])}
	if len(f) == fieldsOf1D {
		d.Name, d.ID = c.code(f[4]), c.code(f[3])
	}
	if d.Structure == "" || d.Name == "" {
		c.doubt("une valeur ne nomme pas l'établissement et la classe", "a value does not name structure and class")
		return Division{}, false
	}
	return d, true
}

// passageRule reads S$JJ/MM/AAAA$classe.
func passageRule(f Fields, into func(*Record) *[]Passage) rule {
	return rule{field: f, read: func(c *converter, values [][]byte) {
		list := into(c.rec)
		for _, v := range values {
			f := c.split(v, 3)
			if f == nil {
				continue
			}
			p := Passage{Division: Division{Structure: c.code(f[0]), Name: c.code(f[2])}, Day: c.date(f[1])}
			if p.Name != "" && !p.Day.IsZero() && !slices.Contains(*list, p) {
				*list = append(*list, p)
			}
		}
	}}
}

// links reads idResponsable$codeLien$financier$légal$contact$paiement. The last two may be missing.
func (c *converter) links(values [][]byte) {
	const guardian, code, financial, rank, contact, payment = 0, 1, 2, 3, 4, 5
	for _, v := range values {
		f := c.split(v, rank+1)
		if f == nil {
			continue
		}
		f = append(f, nil, nil)
		c.link(Link{
			Guardian: string(f[guardian]), Code: c.number(f[code]), Rank: c.number(f[rank]),
			Financial: string(f[financial]) == "1", Contact: string(f[contact]) == "1", Payment: string(f[payment]) == "1",
		})
	}
}

// parentalAuthority reads idResponsable$codeLien of 1D, where everybody listed holds it. In 2D the attribute is a former
// one, of keys alone, and ENTElevePersRelEleve says all.
func (c *converter) parentalAuthority(values [][]byte) {
	former := true
	for _, v := range values {
		f := c.split(v, 1)
		if len(f) < 2 {
			continue
		}
		former = false
		c.link(Link{Guardian: string(f[0]), Code: c.number(f[1]), Rank: 1})
	}
	c.spoilt = c.spoilt || former
}

// link adds a link. Somebody who is named twice is what either says.
func (c *converter) link(l Link) {
	p := c.rec.Pupil
	if !isKey([]byte(l.Guardian)) {
		c.doubt("une valeur ne nomme pas le responsable", "a value does not name the guardian")
		return
	}
	for i := range p.Links {
		if known := &p.Links[i]; known.Guardian == l.Guardian {
			if l.Legal() && !known.Legal() {
				known.Code, known.Rank = l.Code, l.Rank
			}
			known.Financial = known.Financial || l.Financial
			known.Contact = known.Contact || l.Contact
			known.Payment = known.Payment || l.Payment
			return
		}
	}
	p.Links = append(p.Links, l)
}
