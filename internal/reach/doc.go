// Package reach answers two questions about a sender on a day: to whom may they write among the people who are
// protected, and what is an address for them (contract of guard.Standing).
//
// # Who may write to protected people (GUARD.md)
//
//	direction, secretariat, CPE, Psy-EN, nurse   by a function that runs: everybody of the school
//	teacher                                      the pupils of their classes and groups of the current year, and who answers for
//	                                             them; as AAF knows them (teaching), while HR does not say that they have left
//	replacement                                  the same of another teacher, or of one class: by delegation of the head, with days
//	a box                                        who writes as ce.<UAI> writes to everybody of its school
//	an ENT                                       to the groups of its schools (Relay)
//
// # What an address is
//
// Addresses of the directory are agents, boxes, lists, computed groups. Others are protected where they are, in AAF, by
// mark or by the hash of a former one, a pupil's or somebody's who answers for one (whom AAF names as a contact too), of
// a school where the sender works. The same address is anything else for everybody else: External, and nothing tells it
// from others. An address of the directory that AAF also has of a guardian is an agent's: what a colleague is at home is
// nobody's business.
//
// # Invariants
//
//  1. How many queries answer, and what shape the answer has, depends on no address and on no sender (no oracle).
//  2. Everything is of one day and one snapshot: functions, delegations and boxes count from their first day to their
//     last; pupils of the school year that runs, and, for schools as a whole, of the one being prepared.
//  3. No log, error or journal entry names an address.
//
// # Tables
//
//	delegation                    who stands in for whom
//	ent, ent_network, ent_school  ENTs that may post
//
// Read: account, address, function, establishment, box, box_member, list_member, list_outside, and those of migration 0070.
package reach
