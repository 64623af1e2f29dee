// Package proof signs the institution's own mail: one field, written by Navette at submission, says that an account whose
// holder HR has named on a document wrote this, or a functional box. Pages show it as « Agent vérifié » and « Boîte
// vérifiée »; whoever holds the file of a message can have it looked at (`navette verify`).
//
//	X-Navette-Agent: v=1; c=agent; a=4711; t=1788250000; k=9f86d081; b=BODY;
//		s=SIGNATURE
//
// # What is signed
//
// The field's own values (who, when, the key, the digest of the body), and From, Date, Message-ID and Subject, unfolded
// and with single spaces: what is the same in every copy of a message. Not To and Cc, which separate copies do not have,
// and nothing that relays add. The body's digest b takes every line end for CRLF and leaves out empty lines at the end,
// as a file that somebody saved has them. A message in which one of these fields stands twice proves nothing.
//
// # What it claims, and what not
//
// That the account a wrote it, while it was what c says. The name beside an address in From is its author's choice: a
// page that shows « Agent vérifié » shows the directory's name of account a with it. What an agent writes in the name of
// a box is the box's: nothing tells who wrote.
//
// # Where it may be believed
//
//   - In the prefix of a message only Navette writes, so there Verify is enough, without reading the body.
//   - Anywhere else (what a client put there by IMAP's APPEND, a file) the body may be another's: VerifyMessage.
//
// The doors take such fields out of what comes in (internal/forgery), so a message with it that comes back from outside
// is a message from outside.
//
// # Keys
//
// Ed25519, so that others may check with the public keys alone. They stand in a file beside the pepper, outside the
// database and its backups, one a line, the newest last; the newest signs, all verify. A key that somebody else has seen
// is taken out of the file: then nothing is proved by it any more.
package proof
