// Package identity says who somebody is and whether they still may: passwords, generated secrets, the NUMEN, the state
// of an account, and revocation.
//
// Doors hold nothing but a Principal. They get one from Service.Verify, and keep it honest with Service.Watch (a
// connection that stays open) or Service.StillValid (before an act):
//
//	Verify(ctx, Credential) (Principal, error)   slow on purpose when the secret is new here, microseconds when not
//	Watch(Principal, func()) *Watch              the function runs once, as soon as the principal is worth nothing
//	StillValid(Principal) bool                   one look into memory
//
// # Tables
//
//	credential   one row a secret: the chosen password (Argon2id), application passwords (SHA-256 of 128 random bits)
//	numen        sealed or hashed until activation, then gone
//	revocation   one row each time that an account's principals die; nodes poll it
//	suspension   the state that an account returns to when its suspension is lifted
//	account      only the columns state, auth_epoch and updated_at; package roster makes the rows
//
// # Invariants
//
//  1. A Principal is made in one place (grant), from a row that was read after the credential came in: a suspension
//     that was committed before a log-in began is seen by it, whatever a cache holds.
//  2. Every change that must end what was given before adds one to account.auth_epoch and writes a revocation, in the
//     transaction of the change, with its line in the journal.
//  3. A node acts on its own changes when they commit, and on those of others at the next poll (PollEvery). A node that
//     cannot poll fails closed: see Service.Poll.
//  4. A refusal is the same, in words, in work and in counters, whether the account exists or not.
//  5. No secret, chosen, generated or NUMEN, is stored, logged or put into an error in the clear.
//  6. Locks are taken in the order account, revocation (store_meta), journal: the last statement of a change is
//     audit.Append.
//
// # What comes later
//
// SCRAM is an exchange of several messages: it will begin with a look-up of stored keys (a credential of its own kind)
// and end in the same grant. OAUTHBEARER, sessions and passkeys are further mechanisms with their own proof, and again
// the same grant. A second factor narrows, in scopesOf, what a chosen password opens.
package identity
