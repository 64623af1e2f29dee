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
//	credential   one row a secret: the chosen password (Argon2id), application passwords (SHA-256 of 128 random bits, and SCRAM keys)
//	access_token one row a token of a mail program (SHA-256); over at its hour, and with the epoch in which it was issued
//	scram_salt   the salt of this installation's SCRAM keys
//	numen        sealed or hashed until activation, then gone
//	revocation   one row each time that an account's principals die; nodes poll it
//	diary        what accounts were used for, for their owners to read
//	session, device   of package session: only the column auth_epoch, when an epoch begins that they outlive (Keep)
//	suspension   the state that an account returns to when its suspension is lifted
//	account      only the columns state, auth_epoch and updated_at; package roster makes the rows
//
// # Invariants
//
//  1. A Principal is made in one place (grant.go), from a row that was read after the credential came in: a suspension
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
// # Mail programs
//
// Doors for mail (IMAP, submission) take three things, and the pages none of them:
//
//   - An application password, one a device: 128 random bits in the form selector.secret, found by its selector and
//     checked by one SHA-256, in microseconds. It proves itself by PLAIN, LOGIN or SCRAM, waits for no guesser but those
//     of its own network, and ends when its owner revokes it.
//   - An access token (token.go), shown as a bearer by OAUTHBEARER or XOAUTH2.
//   - The chosen password, by PLAIN or LOGIN, as long as the account has no second factor (protection.second, which
//     package factor keeps): a mail program asks for no factor, so from then on the password alone would go round it.
//     Who shows the right one is told to make an application password.
//
// SCRAM takes no chosen password. What is stored for SCRAM is PBKDF2-SHA-256 at the 4,096 rounds that clients bear: a
// thief of the database would try passwords against it some thousand times as fast as against Argon2id, and without its
// memory, and would take that door. Of 128 random bits nobody tries anything. The price: a program that prefers SCRAM
// whenever it is offered must be told PLAIN where it is given the chosen password. The refusal says so, to everybody
// alike. Why all keys have one salt stands in scram.go.
//
// A SCRAM exchange is package sasl's; Verify sees its end alone, a Proof, with the look-up that comes after it
// (invariant 1).
//
// # Guessing
//
// The counters of throttle.go are a node's own, in memory, and begin anew when it does. They are not shared on purpose: a
// counter in the database would make every wrong guess of a stranger a write there, which is the storm's aim, and would
// tell by its row what was tried. N nodes let a guesser try N times as often, and each of them no faster than its hashes;
// what is short enough to be guessed counts its attempts in the database beside that (package ticket). A limit for ever
// would shut owners out, so there is none.
//
// # The pages
//
// What proves people there is kept by packages above this one: factor, session, activation, signin. They change an
// account by Alter, guess in turns by Try, keep short codes by Digest and secrets by Seal, and get principals by Admit.
//
// # What comes later
//
// Who issues tokens: single sign-on calls IssueToken from its authorization endpoints.
package identity
