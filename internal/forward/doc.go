// Package forward copies somebody's mail to another address, where that is allowed. A copy always stays in the mailbox.
//
// # What is allowed
//
//   - An agent may forward to another address of ours, an agent's or a box's.
//
//   - Outside is off. An administrator may make an exception, with a reason and a last day; what the former system
//     forwarded outside is taken over for NoticeDays, of which the holder is told at once and again WarnDays before the
//     end, and then ends.
//
//   - A functional box is never forwarded outside: what families write to a school stays in the school.
//
//   - A message that names a guardian or pupil of the holder's schools in its header (From, Reply-To, To, Cc…) is not
//     forwarded outside, not even under an exception. GUARD lets Navette deliver a parent's own address to whom the
//     parent wrote; the provider of somebody's private mailbox is not who they wrote to. The message waits in the mailbox,
//     it is counted, and the holder is told once that such messages stay.
//
//   - What Navette itself tells a holder (a sign-in from elsewhere, the end of a forward, a report of non-delivery) stays
//     with the holder.
//
// # How it works
//
// Like internal/autoreply: Run looks at the accounts with a forward that got email since it last looked (seen_email
// against account_state.next_email_id). So no delivery waits for it or fails by it, the mailbox has its copy first, large
// mailings need nothing of their own, and a message is considered once: the mark moves in the transaction that accepts
// the copy, or with the decision to make none. A copy is a delivery of the same content under a prefix of its own.
//
// # Reverse-path
//
// Inside it stays the sender's: nothing can bounce there. Outside it becomes an address of the holder, with the tag
// « transfert »: SPF passes, since it is ours, and reports of non-delivery come to the holder, who is the one to do
// something, and not to a sender who never wrote there. What comes back so is not forwarded again, and a message that
// came with the null reverse-path leaves with it.
//
// # Loops
//
// Each copy bears a Delivered-To field (RFC 9228) with the primary address of the mailbox that it leaves. A message that
// bears one of an address of the mailbox, or of the target, has been there and goes no further; nor does one with more
// than maxHops of them. A chain that would come back is refused when it is made.
//
// # Table
//
//	forward   one row an account: where to, why, until when, up to where its email was looked at, how much
package forward
