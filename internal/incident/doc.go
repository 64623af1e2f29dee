// Package incident is the register of personal data breaches: « J'ai exposé des adresses ».
//
// # An entry
//
// Whoever sent a message that showed addresses to people who should not have them tells of it; what can be counted is
// counted from the message as it was delivered: the guardians and pupils whose addresses its To and Cc show, other people
// outside, the mailboxes of ours and the addresses outside that received it. An administrator records what happened by
// other ways, with numbers given by hand.
//
// The clock of 72 hours (RGPD art. 33 §1) starts when the académie becomes aware, which is when the entry is made unless an
// earlier hour is given. Every breach is kept (art. 33 §5); whether it is notified is somebody's decision, with a reason
// either way. What is not decided twelve hours before the end is told of in the log, and counted by the metrics.
//
// # What it holds
//
// Counts, accounts of ours, and words in which nobody may write an address: the register is printed and exported. It is
// kept for KeepYears after the decision.
//
// # Tables
//
//	incident         one row a breach
//	incident_reader  accounts that received the message
//
// It reads deliveries, and mailing: copies apart showed nobody's address, and count as no reader.
package incident
