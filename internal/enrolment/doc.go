// Package enrolment keeps who attends which school, who answers for them and who teaches them, as the AAF exports tell.
//
// # An import
//
// An export is read whole before anything changes. Survey resolves each record against what is known (join key -> id and
// fingerprint, held in memory: some tens of octets a person) and puts what differs into a spool, a file without a name.
// Then the brakes are asked; then apply writes in short transactions: guardians, divisions, pupils school by school,
// staff, and last whom a complete export no longer names. A reader sees a pupil in the old classes or in the new ones,
// and never half a class emptied. Fingerprints are written with what they stand for, so an import that was killed is
// finished by running it again, and an unchanged export costs no write.
//
// # What holds
//
//  1. A locked school year never changes; only retention takes people out of it (Upkeep).
//  2. An address that stops being a guardian's or a pupil's of a school is in protected_former, as a keyed hash, in the
//     transaction that makes it so.
//  3. Staff are people of the HR file: an import makes no account. Who they are is decided by rules that need two
//     agreeing facts, or by a human, whose decision no import changes.
//  4. A complete export takes away only within the establishments that it names; a delta only marks as absent.
//  5. No log line, error, journal entry or report holds a name or an address of a pupil or a guardian: join keys,
//     establishments and counts.
//
// What a manager reads is French.
package enrolment
