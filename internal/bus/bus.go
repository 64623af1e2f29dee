// Package bus carries hints: "account A changed, up to modseq M". A hint wakes whoever watches the account (IMAP IDLE,
// JMAP push), and is never data: the woken reader reads the state from the store.
//
// # Invariants
//
//  1. Publish never blocks, whatever its subscribers do: a writer that has just committed does not wait for readers.
//  2. Hints coalesce. A subscriber that was told a hundred times and looked once has missed nothing, because Modseq
//     is the highest it was told.
//  3. After Publish(a, m) returns, every subscription to a that was made before and not cancelled has Modseq() >= m,
//     and a token waits in its channel, unless the subscriber has taken one since.
//  4. Hints may be lost when a bus spans several nodes. A subscriber therefore subscribes first, then reads the state,
//     then waits; and a bus that lost its connection wakes everybody once it is back (WakeAll).
//
// Every implementation passes the suite in bustest.
package bus

// Bus is what doors wait on and the store's committer publishes to. Its methods may be called from any goroutine.
type Bus interface {
	// Publish tells the subscribers of account that it changed, up to modseq.
	Publish(account, modseq int64)

	// Subscribe has a token put into wake whenever account changes. wake must have room for one token, and may serve
	// several subscriptions, of one account or of many; a token that finds no room is dropped, since one is waiting.
	Subscribe(account int64, wake chan<- struct{}) *Subscription
}
