// Package outbound works off the messages that are for other domains: the rows of the table outbound, which delivery
// writes when it accepts a message.
//
// # The way of a row
//
//	waiting   due at next_at; leased by a worker, which sends its message, and settled by what the next hop said:
//	sent      the next hop has taken it
//	failed    it never will, or time is up; the sender was told, in the same transaction
//
// # Invariants
//
//  1. A row is settled only by the worker that holds its lease. A worker that dies leaves rows whose lease ends, and
//     another takes them: a message may then reach its next hop twice, as ever in SMTP (RFC 1047), but is not lost.
//  2. A failure and its report are one transaction (delivery.Envelope.Within): exactly one report for each failed
//     recipient, whatever crashes. So it is with the notice that a message waits.
//  3. Nothing disappears: what cannot be reported, because it was itself a report or because its sender is gone, is
//     written into the journal.
//  4. Neither the table, nor a log, nor the journal holds words of the next hop, which like to name addresses; reports
//     to the sender show those words with every address but the recipient's taken out.
package outbound
