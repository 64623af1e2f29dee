package aafgen

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"

	"navette/internal/aaf"
)

// Encoder writes records as the XML of an export, with the attributes that Navette has no use for, as real ones have
// them. Errors stay until Close.
type Encoder struct {
	out    *bufio.Writer
	degree aaf.Degree
	escape *strings.Replacer
}

// NewEncoder begins a file: in UTF-8, or in ISO-8859-15 when latin is set.
func NewEncoder(w io.Writer, degree aaf.Degree, latin bool) *Encoder {
	declared := "UTF-8"
	if latin {
		declared = "ISO-8859-15"
		w = encoding.ReplaceUnsupported(charmap.ISO8859_15.NewEncoder()).Writer(w)
	}
	e := &Encoder{out: bufio.NewWriterSize(w, 64<<10), degree: degree, escape: strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")}
	e.line(`<?xml version="1.0" encoding="`, declared, `"?>`)
	e.line(`<!DOCTYPE ficAlimMENESR SYSTEM "ficAlimMENESR.dtd">`)
	e.line("<ficAlimMENESR>")
	e.line(`<!-- versionAF="AAF-VE2401" -->`)
	return e
}

// Close ends the file.
func (e *Encoder) Close() error {
	e.line("</ficAlimMENESR>")
	return e.out.Flush()
}

func (e *Encoder) line(parts ...string) {
	for _, p := range parts {
		e.out.WriteString(p)
	}
	e.out.WriteByte('\n')
}

// Write writes one record. Of a Modify it writes the fields that are set.
func (e *Encoder) Write(r *aaf.Record) {
	name, category := categoryAttribute(r.Category)
	e.line("<", r.Action.String(), ">")
	e.line(`<operationalAttributes><attr name="`, name, `"><value>`, category, `</value></attr></operationalAttributes>`)
	e.line("<identifier><id>", r.Key, "</id></identifier>")
	switch r.Action {
	case aaf.Add:
		e.line("<attributes>")
		e.body(r, "attr")
		e.line("</attributes>")
	case aaf.Modify:
		e.line("<modifications>")
		e.body(r, "modification")
		e.line("</modifications>")
	case aaf.Delete:
	}
	e.line("</", r.Action.String(), ">")
}

// categoryAttribute is how a record says of which category it is.
func categoryAttribute(c aaf.Category) (name, value string) {
	switch c {
	case aaf.EtabEducNat:
		return "categorieStructure", c.String()
	case aaf.MatiereEducNat:
		return "categorieMatiere", "MatEducNat"
	case aaf.MefEducNat:
		return "categorieMef", c.String()
	}
	return "categoriePersonne", c.String()
}

// body writes the attributes of a record.
func (e *Encoder) body(r *aaf.Record, element string) {
	a := attributes{e, element, r.Set, r.Action == aaf.Add}
	switch r.Category {
	case aaf.EtabEducNat:
		a.structure(r.Key, r.Structure)
	case aaf.MatiereEducNat:
		a.noise("ENTMatJointure", r.Key)
		a.put(aaf.FieldLabel, "ENTLibelleMatiere", r.Subject.Label)
		a.put(aaf.FieldParent, "ENTMatiereRattach", r.Subject.Parent)
	case aaf.MefEducNat:
		a.noise("ENTMefJointure", r.Key)
		a.put(aaf.FieldLabel, "ENTLibelleMef", r.Mef.Label)
		a.put(aaf.FieldParent, "ENTMEFRattach", r.Mef.Parent)
		a.put(aaf.FieldSTAT11, "ENTMEFSTAT11", r.Mef.STAT11)
		a.put(aaf.FieldLevel, "ENTNivFormation", r.Mef.Level)
		a.put(aaf.FieldStream, "ENTFiliere", r.Mef.Stream)
	case aaf.Eleve:
		a.identity(r.Key, &r.Pupil.Identity)
		a.pupil(r.Pupil)
	case aaf.PersRelEleve:
		a.identity(r.Key, &r.Guardian.Identity)
		a.guardian(r.Guardian)
	case aaf.PersEducNat:
		a.identity(r.Key, &r.Staff.Identity)
		a.staff(r.Staff)
	}
}

// attributes writes those of one record.
type attributes struct {
	*Encoder
	element string
	set     aaf.Fields
	all     bool // an Add: every attribute, and what Navette reads over
}

// put writes an attribute of a field, where the record speaks of it.
func (a *attributes) put(f aaf.Fields, name string, values ...string) {
	if a.all || a.set.Has(f) {
		a.attribute(name, values)
	}
}

// noise writes an attribute that no field is made of.
func (a *attributes) noise(name string, values ...string) {
	if a.all {
		a.attribute(name, values)
	}
}

// attribute writes an attribute. One without values has an empty one, as the DTD wants.
func (a *attributes) attribute(name string, values []string) {
	w := a.out
	w.WriteByte('<')
	w.WriteString(a.element)
	w.WriteString(` name="`)
	w.WriteString(name)
	w.WriteByte('"')
	if a.element != "attr" {
		w.WriteString(` operation="replace"`)
	}
	w.WriteByte('>')
	empty := true
	for _, v := range values {
		if v == "" {
			continue
		}
		empty = false
		w.WriteString("<value>")
		a.escape.WriteString(w, v) //nolint:errcheck // stays until Flush
		w.WriteString("</value>")
	}
	if empty {
		w.WriteString("<value/>")
	}
	a.line("</", a.element, ">")
}

// name gives an attribute the name that it has in the degree.
func (a *attributes) name(second, first string) string {
	if a.degree == aaf.First {
		return first
	}
	return second
}

// identity writes what people have in common.
func (a *attributes) identity(key string, id *aaf.Identity) {
	a.noise("ENTPersonJointure", key)
	a.put(aaf.FieldBirth, "ENTPersonDateNaissance", id.Birth.French())
	a.put(aaf.FieldBirthName, "ENTPersonNomPatro", id.BirthName)
	a.put(aaf.FieldUsageName, a.name("sn", "ENTPersonNom"), id.UsageName)
	a.put(aaf.FieldForename, a.name("givenName", "ENTPersonPrenom"), id.Forename)
	a.put(aaf.FieldForenames, "ENTPersonAutresPrenoms", id.Forenames...)
	a.put(aaf.FieldCivility, a.name("personalTitle", "ENTPersonCivilite"), id.Civility)
	a.put(aaf.FieldMail, a.name("mail", "ENTPersonMail"), id.Mail)
}

// structure writes an establishment. Its name ends with the académie, as many do.
func (a *attributes) structure(key string, s *aaf.Structure) {
	name := s.Name
	if name != "" {
		name = strings.Replace(name, " ", "$", 1) + "-ac-PARIS"
	}
	a.noise("ENTStructureJointure", key)
	a.put(aaf.FieldUAI, "ENTStructureUAI", s.UAI)
	a.put(aaf.FieldSIREN, "ENTStructureSIREN", s.SIREN)
	a.put(aaf.FieldName, "ENTStructureNomCourant", name)
	a.put(aaf.FieldType, "ENTStructureTypeStruct", s.Type)
	a.put(aaf.FieldNature, "ENTStructureCodeTypeStruct", s.Nature)
	a.put(aaf.FieldCity, a.name("l", "ENTStructureVille"), s.City)
	a.put(aaf.FieldMail, "ENTStructureMailSI", s.Mail)
	a.put(aaf.FieldAcademy, "ENTServAcCodeAcademie", s.Academy)
	a.noise("ENTServAcAcademie", "PARIS")
	a.noise(a.name("street", "ENTStructureAdresse"), "1 RUE DE L'ECOLE")
	a.noise(a.name("postalCode", "ENTStructureCodePostal"), "75019")
	a.noise(a.name("telephoneNumber", "ENTStructureTelephone"), "+33 1 99 00 00 01")
	if a.degree == aaf.First {
		return
	}
	a.put(aaf.FieldContract, "ENTEtablissementContrat", s.Contract)
	a.put(aaf.FieldAttached, "ENTEtablissementStructRattachFctl", s.Attached...)
	if s.Bassin != "" {
		a.put(aaf.FieldBassin, "ENTEtablissementBassin", s.Bassin+"$BASSIN "+s.Bassin)
	}
	classes, groups := make([]string, len(s.Classes)), make([]string, len(s.Groups))
	for i, c := range s.Classes {
		classes[i] = strings.Join(append([]string{c.Name, c.Label}, c.MEFs...), "$")
	}
	for i, g := range s.Groups {
		groups[i] = strings.Join(append([]string{g.Name, g.Label}, g.Classes...), "$")
	}
	a.put(aaf.FieldClasses, "ENTStructureClasses", classes...)
	a.put(aaf.FieldGroups, "ENTStructureGroupes", groups...)
}

// divisions writes classes or groups, in 1D with their five fields.
func (a *attributes) divisions(list []aaf.Division) []string {
	values := make([]string, len(list))
	for i, d := range list {
		values[i] = d.Structure + "$" + d.Name
		if a.degree == aaf.First {
			values[i] = fmt.Sprintf("%s$E$ORDINAIRE$%s$%s", d.Structure, d.ID, d.Name)
		}
	}
	return values
}

// pupil writes what is a pupil's own.
func (a *attributes) pupil(p *aaf.Pupil) {
	a.put(aaf.FieldINE, "ENTEleveINE", p.INE)
	a.put(aaf.FieldStructures, "ENTPersonStructRattach", p.Structures...)
	a.put(aaf.FieldClasses, a.name("ENTEleveClasses", "ENTPersonClasses"), a.divisions(p.Classes)...)
	a.put(aaf.FieldGroups, a.name("ENTEleveGroupes", "ENTPersonGroupes"), a.divisions(p.Groups)...)
	a.put(aaf.FieldLevel, a.name("ENTEleveNivFormation", "ENTEleveNiveau"), p.Level)
	a.put(aaf.FieldStream, a.name("ENTEleveFiliere", "ENTEleveCycle"), p.Stream)
	a.put(aaf.FieldEntries, "ENTEleveDateEntreeClasses", passages(p.Entries)...)
	a.put(aaf.FieldExits, "ENTEleveDateSortieClasses", passages(p.Exits)...)
	var links, parents []string
	for _, l := range p.Links {
		parents = append(parents, l.Guardian)
		if a.degree == aaf.First {
			links = append(links, fmt.Sprintf("%s$%d", l.Guardian, l.Code))
			continue
		}
		links = append(links, fmt.Sprintf("%s$%d$%d$%d$%d$%d", l.Guardian, l.Code, bit(l.Financial), l.Rank, bit(l.Contact), bit(l.Payment)))
	}
	if a.degree == aaf.First {
		a.put(aaf.FieldLinks, "ENTEleveAutoriteParentale", links...)
		a.noise("ENTEleveRestaurantScolaire", "O")
		return
	}
	a.noise("ENTEleveAutoriteParentale", parents...) // of former times
	a.noise("ENTEleveParents", parents...)
	a.put(aaf.FieldLinks, "ENTElevePersRelEleve", links...)
	a.put(aaf.FieldMEFs, "ENTEleveMEF", p.MEFs...)
	a.put(aaf.FieldStatus, "ENTEleveStatutEleve", p.Status)
	a.put(aaf.FieldSubjects, "ENTEleveCodeEnseignements", append(p.Subjects, p.Subjects...)...) // twice, as they come
	a.put(aaf.FieldEntered, "ENTEleveDateEntreeStructRattach", p.Entered.French())
	a.put(aaf.FieldLeft, "ENTEleveDateSortieStructRattach", p.Left.French())
	a.noise("ENTEleveLibelleMEF", p.Level)
	a.noise("ENTEleveBoursier", "N")
	a.noise("ENTEleveRegime", "DEMI-PENSIONNAIRE DANS L'ETABLISSEMENT")
	a.noise("ENTEleveTransport", "N")
	a.home()
}

// passages writes days with classes.
func passages(list []aaf.Passage) []string {
	values := make([]string, len(list))
	for i, p := range list {
		values[i] = p.Structure + "$" + p.Day.French() + "$" + p.Name
	}
	return values
}

// home writes where somebody lives, which Navette does not want to know.
func (a *attributes) home() {
	a.noise("ENTPersonAdresse", "12 RUE DES LILAS$BAT B$$")
	a.noise("ENTPersonCodePostal", "75019")
	a.noise("ENTPersonVille", "VILLEFICTIVE")
	a.noise("ENTPersonPays", "FRANCE")
	a.noise(a.name("homePhone", "ENTPersonTelPerso"), "+33 1 99 00 00 01")
}

// guardian writes what is a guardian's own.
func (a *attributes) guardian(g *aaf.Guardian) {
	a.put(aaf.FieldPassedOn, "ENTPersonAdresseDiffusion", yesNo(g.PassedOn))
	a.put(aaf.FieldPupils, a.name("ENTAuxPersRelEleveEleve", "ENTPersRelEleveEleve"), g.Pupils...)
	a.noise(a.name("mobile", "ENTPersRelEleveTelMobile"), "+33 6 99 00 00 02")
	a.noise("ENTPersonMobileSMS")
	a.home()
}

// staff writes what is a member of staff's own. Somebody without a post has one « sans objet ».
func (a *attributes) staff(s *aaf.Staff) {
	posts := make([]string, 0, 1)
	for _, p := range s.Posts {
		posts = append(posts, strings.Join([]string{p.Structure, p.Function, p.Label, orDash(p.Code), orDash(p.CodeLabel)}, "$"))
	}
	if len(posts) == 0 && s.Structure != "" {
		posts = append(posts, s.Structure+"$-$SANS OBJET$-$-")
	}
	a.put(aaf.FieldStructures, "ENTPersonStructRattach", s.Structure)
	a.put(aaf.FieldPosts, "ENTPersonFonctions", posts...)
	a.put(aaf.FieldDirects, "ENTEnsFonctionDir", s.Directs...)
	a.put(aaf.FieldCategory, "ENTPersonCategorieEnseignant", s.Category)
	a.put(aaf.FieldBeforePupils, "PersEducNatPresenceDevantEleves", s.BeforePupils)
	a.put(aaf.FieldSTSID, "ENTPersonSTSId", s.STSID)
	if a.degree == aaf.First {
		a.put(aaf.FieldClasses, "ENTPersonClasses", a.taughtDivisions(s.Classes)...)
		a.put(aaf.FieldGroups, "ENTPersonGroupes", a.taughtDivisions(s.Groups)...)
		return
	}
	a.put(aaf.FieldClasses, "ENTAuxEnsClassesMatieres", teachings(s.Classes)...)
	a.put(aaf.FieldGroups, "ENTAuxEnsGroupesMatieres", teachings(s.Groups)...)
	a.noise("ENTAuxEnsClasses", a.taughtDivisions(s.Classes)...)
	a.noise("ENTAuxEnsGroupes", a.taughtDivisions(s.Groups)...)
	a.put(aaf.FieldPrincipal, "ENTAuxEnsClassesPrincipal", a.divisions(s.Principal)...)
	taught := make([]string, len(s.Taught))
	for i, t := range s.Taught {
		taught[i] = t.Structure + "$" + t.Label
	}
	a.put(aaf.FieldTaught, "ENTAuxEnsMatiereEnseignEtab", taught...)
	if s.Discipline.Code != "" {
		a.put(aaf.FieldDiscipline, "ENTAuxEnsCategoDiscipline", s.Discipline.Code+"$"+s.Discipline.Label)
		a.noise("ENTAuxEnsDisciplinesPoste", s.Discipline.Label+"$"+s.Discipline.Code) // the other way round
	}
}

// teachings writes the classes or groups that are taught with a subject.
func teachings(list []aaf.Teaching) []string {
	values := make([]string, 0, len(list))
	for _, t := range list {
		if t.Subject != "" {
			values = append(values, t.Structure+"$"+t.Name+"$"+t.Subject)
		}
	}
	return values
}

func (a *attributes) taughtDivisions(list []aaf.Teaching) []string {
	divisions := make([]aaf.Division, len(list))
	for i, t := range list {
		divisions[i] = t.Division
	}
	return a.divisions(divisions)
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

func yesNo(b bool) string {
	if b {
		return "O"
	}
	return "N"
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
