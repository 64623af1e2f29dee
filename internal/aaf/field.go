package aaf

// Fields is a set of fields of a record.
type Fields uint64

// The fields, named for those of Structure, Identity, Pupil, Guardian, Staff, Subject and Mef.
const (
	FieldUAI Fields = 1 << iota
	FieldName
	FieldType
	FieldNature
	FieldContract
	FieldSIREN
	FieldCity
	FieldBassin
	FieldAcademy
	FieldAttached
	FieldClasses // of a structure, a pupil, staff
	FieldGroups

	FieldCivility
	FieldBirthName
	FieldUsageName
	FieldForename
	FieldForenames
	FieldBirth
	FieldMail // of people and structures

	FieldINE
	FieldStructures // of a pupil; Structure of staff
	FieldLinks
	FieldMEFs
	FieldLevel
	FieldStream
	FieldSubjects
	FieldStatus
	FieldEntries
	FieldExits
	FieldEntered
	FieldLeft

	FieldPupils
	FieldPassedOn

	FieldPosts
	FieldDirects
	FieldPrincipal
	FieldDiscipline
	FieldTaught
	FieldCategory
	FieldBeforePupils
	FieldSTSID

	FieldLabel
	FieldParent
	FieldSTAT11
)

// Has reports that all of some fields are in the set.
func (f Fields) Has(some Fields) bool { return f&some == some }

// fieldsOfIdentity are what people have in common.
const fieldsOfIdentity = FieldCivility | FieldBirthName | FieldUsageName | FieldForename | FieldForenames | FieldBirth | FieldMail

// fieldsOf gives all fields of a category: what an Add speaks of.
func fieldsOf(c Category) Fields {
	switch c {
	case EtabEducNat:
		return FieldUAI | FieldName | FieldType | FieldNature | FieldContract | FieldSIREN | FieldCity | FieldBassin | FieldAcademy |
			FieldAttached | FieldClasses | FieldGroups | FieldMail
	case MatiereEducNat:
		return FieldLabel | FieldParent
	case MefEducNat:
		return FieldLabel | FieldParent | FieldSTAT11 | FieldLevel | FieldStream
	case Eleve:
		return fieldsOfIdentity | FieldINE | FieldStructures | FieldLinks | FieldClasses | FieldGroups | FieldMEFs | FieldLevel | FieldStream |
			FieldSubjects | FieldStatus | FieldEntries | FieldExits | FieldEntered | FieldLeft
	case PersRelEleve:
		return fieldsOfIdentity | FieldPupils | FieldPassedOn
	case PersEducNat:
		return fieldsOfIdentity | FieldStructures | FieldPosts | FieldDirects | FieldClasses | FieldGroups | FieldPrincipal | FieldDiscipline |
			FieldTaught | FieldCategory | FieldBeforePupils | FieldSTSID
	}
	return 0
}
