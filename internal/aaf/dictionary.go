package aaf

import "bytes"

// dictionary says what the attributes of a category mean, those of 2D and those of 1D: no name means one thing in the
// one and another thing in the other (DOMAIN §1.5). What is not in it is read over.
func dictionary(c Category) map[string]rule {
	switch c {
	case EtabEducNat:
		return structureRules()
	case MatiereEducNat:
		return map[string]rule{
			"ENTMatJointure":    jointureRule(),
			"ENTLibelleMatiere": textRule(FieldLabel, func(r *Record) *string { return &r.Subject.Label }),
			"ENTMatiereRattach": codeRule(FieldParent, func(r *Record) *string { return &r.Subject.Parent }),
		}
	case MefEducNat:
		return map[string]rule{
			"ENTMefJointure":  jointureRule(),
			"ENTLibelleMef":   textRule(FieldLabel, func(r *Record) *string { return &r.Mef.Label }),
			"ENTMEFRattach":   codeRule(FieldParent, func(r *Record) *string { return &r.Mef.Parent }),
			"ENTMEFSTAT11":    codeRule(FieldSTAT11, func(r *Record) *string { return &r.Mef.STAT11 }),
			"ENTNivFormation": codeRule(FieldLevel, func(r *Record) *string { return &r.Mef.Level }),
			"ENTFiliere":      codeRule(FieldStream, func(r *Record) *string { return &r.Mef.Stream }),
		}
	case Eleve:
		return with(identityRules(func(r *Record) *Identity { return &r.Pupil.Identity }), pupilRules())
	case PersRelEleve:
		return with(identityRules(func(r *Record) *Identity { return &r.Guardian.Identity }), guardianRules())
	case PersEducNat:
		return with(identityRules(func(r *Record) *Identity { return &r.Staff.Identity }), staffRules())
	}
	return nil
}

// with adds rules to others.
func with(rules, more map[string]rule) map[string]rule {
	for name, r := range more {
		rules[name] = r
	}
	return rules
}

// textRule puts one value into a text.
func textRule(f Fields, into func(*Record) *string) rule {
	return rule{field: f, read: func(c *converter, v [][]byte) { *into(c.rec) = c.text(c.one(v)) }}
}

// codeRule puts one value that many records share into a text.
func codeRule(f Fields, into func(*Record) *string) rule {
	return rule{field: f, read: func(c *converter, v [][]byte) { *into(c.rec) = c.code(c.one(v)) }}
}

// listRule puts all values into a list.
func listRule(f Fields, into func(*Record) *[]string) rule {
	return rule{field: f, read: func(c *converter, v [][]byte) { *into(c.rec) = c.list(v) }}
}

// clearable is a rule whose empty value in a modifyRequest empties the field.
func clearable(r rule) rule {
	r.clears = true
	return r
}

// jointureRule reads the join key, which the identifier says too.
func jointureRule() rule {
	return rule{read: func(c *converter, v [][]byte) { c.late.jointure = string(c.one(v)) }}
}

// identityRules are the attributes of people.
func identityRules(of func(*Record) *Identity) map[string]rule {
	text := func(f Fields, into func(*Identity) *string) rule {
		return textRule(f, func(r *Record) *string { return into(of(r)) })
	}
	usage := text(FieldUsageName, func(i *Identity) *string { return &i.UsageName })
	forename := text(FieldForename, func(i *Identity) *string { return &i.Forename })
	title := rule{field: FieldCivility, read: func(c *converter, v [][]byte) { of(c.rec).Civility = civility(c.code(c.one(v))) }}
	mail := rule{field: FieldMail, read: func(c *converter, v [][]byte) { of(c.rec).Mail = c.mail(c.one(v)) }}
	return map[string]rule{
		"ENTPersonJointure":      jointureRule(),
		"ENTPersonNomPatro":      text(FieldBirthName, func(i *Identity) *string { return &i.BirthName }),
		"ENTPersonDateNaissance": {field: FieldBirth, read: func(c *converter, v [][]byte) { of(c.rec).Birth = c.date(c.one(v)) }},
		"ENTPersonAutresPrenoms": listRule(FieldForenames, func(r *Record) *[]string { return &of(r).Forenames }),

		"sn": usage, "ENTPersonNom": usage,
		"givenName": forename, "ENTPersonPrenom": forename,
		"personalTitle": title, "ENTPersonCivilite": title,
		"mail": mail, "ENTPersonMail": mail,
	}
}

// guardianRules are those of PersRelEleve beyond its identity.
func guardianRules() map[string]rule {
	pupils := listRule(FieldPupils, func(r *Record) *[]string { return &r.Guardian.Pupils })
	return map[string]rule{
		"ENTAuxPersRelEleveEleve": pupils, "ENTPersRelEleveEleve": pupils,
		"ENTPersonAdresseDiffusion": {field: FieldPassedOn, read: func(c *converter, v [][]byte) {
			c.rec.Guardian.PassedOn = c.yesNo(c.one(v)) == yes
		}},
	}
}

// degreeOfContent tells the degree by the names of attributes in some octets of a file, or gives 0.
func degreeOfContent(octets []byte) Degree {
	for _, d := range []struct {
		degree Degree
		names  []string
	}{
		{First, []string{"ENTPersonNom", "ENTPersonPrenom", "ENTStructureVille", "ENTStructureAdresse", "ENTEcoleSecteur"}},
		{Second, []string{"sn", "givenName", "street", "l", "postalCode"}},
	} {
		for _, name := range d.names {
			if bytes.Contains(octets, []byte(`name="`+name+`"`)) || bytes.Contains(octets, []byte(`name='`+name+`'`)) {
				return d.degree
			}
		}
	}
	return 0
}
