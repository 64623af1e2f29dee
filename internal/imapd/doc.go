// Package imapd is the IMAP door: IMAP4rev1 (RFC 3501) with the extensions that capability.go lists, on the wire
// format of package imap and the services identity, box, mailbox, content and bus. It keeps nothing but connections.
//
// # A connection
//
// One goroutine owns a session and everything in it; others only wake it or end it, through its wire. A session knows
// of its mailbox the UIDs, as runs, and the modseq up to which it has told its client everything: flags are read from
// the change log when they are told. Where a client has been silent for a moment its goroutine hands over to a fresh
// one, whose stack is small, and its buffers go back to the pool.
//
// # Shared boxes
//
// A functional box (internal/box) is an account of its own. Below the level « Boîtes partagées », the shared namespace
// (RFC 2342), each member finds it by its login: that name is the box's INBOX, and its other mailboxes lie below it. A
// name leads to a place, which is an account, a name there and the rights that the session's owner has (place.go); a
// selection keeps the account and reads the rights anew for each command (access.go). Flags are the email's, and the
// email is the box's, so there is one read state for all members. Rights follow from roles (rights.go), which owners
// give with SETACL (acl.go):
//
//	reader   lr           reads; what they read is not marked, since the mark would be everybody's
//	member   lrswikxte    works with the mail as with their own
//	owner    lrswikxtea   and says who else may
//
// COPY and MOVE between accounts make a new email there (mailbox.CopyAcross), in one transaction with the removal.
//
// Who wrote as the box stands in the prefix of the copy that the server keeps, which no client writes. Within a content
// the same field proves nothing: octets of an APPEND are kept as they come, and a member may bring any.
//
// # Invariants
//
//  1. No transaction, lock or cursor is open while something is written to a socket: services hand over batches that
//     are whole.
//  2. A client that stops reading holds nobody but itself, and not for ever: every write has a deadline.
//  3. Commands are answered in the order in which they came.
//  4. An EXPUNGE response is sent only where RFC 3501 §7.4.1 allows it: never without a command in progress (IDLE is
//     one), never during FETCH, STORE and SEARCH by sequence number. Until then the message keeps its number.
//  5. A client is told of every change after the state that it knows, its own STORE with .SILENT excepted. One of
//     QRESYNC is shown no mod-sequence as its own while a removal below it waits to be told (resume.go).
//  6. A revoked principal's connections say BYE and are closed within one second, whatever they are doing.
//  7. What a client may make us hold is bounded: commands, literals, messages of one APPEND, connections, idle time.
//  8. Octets of messages are streamed as they are stored, never gathered.
//  9. What is another account's is answered only after its box was found open to the session's owner for this command:
//     whoever has lost it gets no word more of it, and BYE where it is selected. One's own mailboxes cost no query.
//
// # What comes later
//
// IMAP4rev2 and UTF8=ACCEPT change how names and strings are written: in imap.Writer, switched on by ENABLE beside
// condStore. NOTIFY is catchUp for more than one mailbox.
package imapd
