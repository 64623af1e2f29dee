// Package imap is the wire format of IMAP4rev1 (RFC 3501) with the extensions
// that internal/imapd offers: a [Decoder] turns octets into typed commands and
// a [Writer] turns answers into octets. It does no I/O of its own beyond the
// bufio.Reader and bufio.Writer it is given, knows no mailbox and keeps no
// clock, so that every rule in it can be tried with a table or a fuzzer.
//
// # Shapes
//
// A command arrives as segments: a line, and after each line that ends in a
// literal marker the octets of that literal and then the next line. The
// Decoder reads one whole segment before it looks at it. Whatever is wrong in a
// segment, its end is therefore known, and the literal that would follow is
// known too: a malformed command costs a tagged BAD, not the connection.
//
// Mailbox names are UTF-8 on our side and modified UTF-7 (RFC 3501 §5.1.3) on
// the wire; the conversion happens here and nowhere else.
//
// Message numbers and UIDs are sets of ranges on both sides: [NumSet] is what a
// client wrote, [UIDRuns] is what a session knows of its mailbox.
//
// # Bounds
//
// A command holds at most [Limits].Command octets in memory, literals of
// strings included. The literals of APPEND are never held: they are read as
// streams, one message after the other.
package imap
