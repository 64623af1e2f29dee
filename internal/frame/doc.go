// Package frame keeps consent frames: guardians who agreed to be seen by each other in something that has a name and an
// end (« Parents élus de l'association … »). Inside one, GUARD lets their addresses stand in À and Cc, where it would
// otherwise send separate copies or refuse.
//
// # A frame's life
//
// The head of a school makes it, says what it is for and until which election, and proposes members: guardians found by
// a pupil's name, or an address that is typed. Each is asked by mail, with a link of their own: the page shows what is
// asked, who would see the address, until when; accept or refuse. Whoever agreed may withdraw by the same link as long
// as the frame lasts, and is out of it when the answer comes. Consent on paper is recorded by the head, with its day
// and where the paper is kept; the guardian is told by mail, with a link to withdraw.
//
// Whether a frame counts is asked each time mail is written: its last day, a withdrawal, or its closing act at once.
// Consent is to show one address. When a guardian's address changes in AAF, the new one is in no frame until they agree.
//
// # The link
//
// 128 bits, of which the database has the SHA-256. It stands in the fragment of the page's address, which browsers
// send to nobody, so no log and no Referer has it. It opens for LinkDays, and for those who agreed until the frame
// ends. Opening the page changes nothing, however often a mail filter does; answers are POST.
//
// # Tables
//
//	frame         what families are asked to agree to
//	frame_member  who was asked, and what they answered
//
// No log line, error or entry of the journal names a member's address: members are numbered.
package frame
