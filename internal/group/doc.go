// Package group is the groups that nobody keeps: « Parents de la 4e3 », « Enseignants du groupe 4ALL2 », « Personnels du
// collège Jean Exemple ». A group is a rule and an address; who is in it is computed from the tables of the AAF import and
// from functions, each time anew (DOMAIN §1.5 has the wording of the ENTs).
//
// # Which there are
//
//	a school        Parents, Élèves, Enseignants, Personnels, Professeurs principaux, Personnels de direction
//	a service       Personnels, Personnels de direction
//	a class         Parents, Élèves, Enseignants, Professeurs principaux
//	a group         Parents, Élèves, Enseignants
//	a pupil         Responsables, made when somebody who may write to them looks for the pupil (FindPupils)
//
// A row is issued once and for ever, by the name of the class: next year's 4E3 is the same group, with the same address,
// parents.4e3.0759001b@. No person, list or box can have such an address (directory.Reserved), and that of a pupil's
// guardians cannot be guessed.
//
// # Who is a member
//
// Of the school year that runs: pupils whom AAF names, of classes that it names; their legal guardians; staff whose account
// is open, by a function that runs, by teaching, or by a post that AAF names, unless HR says that they have left. Addresses
// of guardians and pupils leave this package for those who deliver (Members) alone: nobody is shown them.
//
// # Who may write to it
//
// To guardians and pupils who may write to each of them (package reach); to staff groups whoever works in the school, or
// in a service that answers for it; to both a registered ENT, to those of its schools.
//
// # Tables
//
//	school_group   one row a group; read: those of migration 0070, establishment, function, account, address
//
// # Invariants
//
//  1. An address of a group is never issued twice, nor one that the directory ever gave.
//  2. Membership is nowhere but in the answer to one question.
//  3. What a group holds is told to whoever may write to it, and to nobody else: counts too.
package group
