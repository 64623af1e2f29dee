// Package disclosure tells guardians and pupils what is held about them, and why (RGPD art. 15), without an account.
//
// # The way of a question
//
// Somebody gives an address on a public page (Ask). The answer is the same whosever it is, and takes one write: a letter
// with a link goes out afterwards (Work), to the address as it is held, where it is held at all. The link opens once
// (Open), for a day: what is held is read at that moment, and told to whoever reads the mailbox, which is all that is known
// of who they are.
//
// # What it tells
//
// Names, addresses, pupils and schools as AAF has them, who looks after them, marks made by hand, former addresses that are
// still protected, consent frames, and how many separate copies of messages the mailbox got lately. It names nobody else:
// not the other guardian of a pupil, not who wrote.
//
// # Invariants
//
//  1. Neither the answer of Ask, nor its cost, nor the log tells whether an address is held.
//  2. A link opens once, and only for what is held under the address that its letter was sent to.
//  3. An address gets one letter an hour at most, however often it is asked for.
//  4. Which pupil, school and division it is, pupils and the legal guardians that the exports still name read alone.
//
// # Tables
//
//	disclosure  questions until they are answered
//
// It reads those of enrolment, frame and mailing.
package disclosure
