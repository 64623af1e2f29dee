// Package mail turns the exact bytes of a message (RFC 5322, MIME) into facts: its envelope, its MIME tree with
// byte offsets, a preview, its references and the text that a search looks through. It is pure: it reads an
// io.Reader or is written to, and knows neither store nor clock.
//
// What holds everywhere in this package:
//
//  1. Any bytes give facts. An error only ever comes from the reader, or from a damaged facts blob.
//  2. The message is never changed. Every offset counts bytes from the start of the message as it was given, so a
//     part can be cut out of the stored bytes and is what its author signed.
//  3. The result does not depend on how the bytes were cut into writes.
//  4. Memory and work are bounded by [Limits], whatever the message claims to be.
//
// A line ends at LF; the CR before it belongs to the line end. A CR elsewhere is an ordinary byte. Both a lone CR
// and a lone LF are reported by [Facts.BareNewline].
package mail
