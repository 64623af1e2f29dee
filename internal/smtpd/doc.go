// Package smtpd is the SMTP doors: reception from the Internet (RFC 5321), LMTP for local programs (RFC 2033) and
// submission by agents (RFC 6409, on 587 with STARTTLS and on 465).
//
// The protocol is written here on the RFCs, not on a library: what must be refused (a bare CR or LF, an end of data
// that only some servers see) is visible only to who reads the octets, and the same reader is the hot path of the
// whole program. Tests drive it with a client that we did not write.
//
// # The way of a connection
//
//	Server.Serve     accepts, counts the connection against the limits, one goroutine for each
//	conn.serve       reads a command, has it answered (commands are methods that return their reply), writes when
//	                 nothing more is buffered: that is PIPELINING (RFC 2920)
//	conn.data, bdat  give the message as an io.Reader that has refused what must be refused; it streams through
//	                 forgery.Filter into a content.Draft, or into the submission service
//
// # Invariants
//
//  1. 250 after the data is written only when delivery.Accept has returned nil; an unknown outcome is 451.
//  2. Data ends at CRLF.CRLF and nowhere else. A bare CR or LF in it refuses the message, and an end that another
//     server might have seen there also ends the connection: what follows is never read as a command.
//  3. The octets handed on are those that came, without the fields that only Navette may write (package forgery).
//  4. A connection holds a constant of memory, whatever is sent on it; recipients count towards their limit.
//  5. A recipient is accepted only in our domains, except from somebody authenticated (no open relay).
//  6. A principal is asked for anew at each step of a transaction: a suspension ends sending at once.
//  7. A computed group takes mail from agents whom the guard lets write to it, and from registered ENTs; from nobody
//     else, who are all told the same.
//  8. The log holds no address: keyed digests of recipients, and how many they are.
//
// # Lines
//
// Lines of up to Limits.LineLength octets are taken, although RFC 5321 §4.5.3.1.6 stops at 998: mail with longer
// lines is common (HTML in one line), it was refused nowhere on its way, and its reader would only miss it. Memory
// does not depend on it. What leaves for the Internet is the relay's to fold.
package smtpd
