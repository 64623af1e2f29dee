// Package store is the database of a cell: SQLite or PostgreSQL behind one portable SQL, chosen by a URL.
//
// # Layout
//
// migrations/ holds the tables and says what each row is. Who may write them:
//
//	store_meta, id_block                   here (NextMeta, NewIDs)
//	content, facts, message, gc_mark       internal/content
//	account_state                          LockAccounts here; counters by mailbox and delivery under that lock
//	mailbox … change, held, thread_ref     internal/mailbox, internal/delivery (placements)
//	unsubscribed                           internal/mailbox
//	delivery, delivery_recipient           internal/delivery
//	remark                                 internal/submission
//	outbound                               internal/outbound
//	establishment, person, function        internal/roster
//	account, address, roster_file          internal/roster, internal/identity (state and auth_epoch)
//	person_alias, provisional              internal/roster, internal/career
//	roster_count                           internal/roster
//	box, box_member, box_ref, box_answer   internal/box
//	career, address_closed                 internal/career
//	history                                internal/history
//	autoreply, autoreply_sent              internal/autoreply
//	mailing, mailing_copy                  internal/mailing
//	forward                                internal/forward
//	frame, frame_member                    internal/frame
//	incident, incident_reader              internal/incident
//	disclosure                             internal/disclosure
//	list, list_owner                       internal/list
//	list_member, list_outside              internal/list
//	annuaire_hidden, annuaire_use          internal/annuaire
//	school_year … protected_mark           internal/enrolment
//	delegation, ent, ent_network           internal/reach
//	ent_school                             internal/reach
//	school_group                           internal/group
//	credential, numen, revocation          internal/identity
//	suspension, access_token, scram_salt   internal/identity
//	diary                                  internal/identity (written by session)
//	sheet                                  internal/activation
//	ticket                                 internal/ticket
//	factor, recovery_code, protection      internal/factor
//	session, device, place                 internal/session, internal/identity (auth_epoch)
//	journal                                internal/audit
//
// # Invariants
//
//  1. When Write returns nil, what its closure did is durable. When it returns failure.CommitUnknown, it may or may
//     not be: the caller looks by an id that it took before (NewIDs), and never acknowledges on the strength of it.
//  2. A closure may run more than once (serialization failure, deadlock, busy): it has no effect outside its Tx but
//     by assigning variables from the start, does no I/O of another kind, and calls neither Write nor NewIDs: SQLite has
//     one writer, which would wait for itself.
//  3. LockAccounts comes before any other row of those accounts is written; modseq and uidnext are taken only under
//     it, and it is held to commit: commit order is modseq order.
//  4. Read runs its closure in one snapshot, and blocks no writer.
//  5. No transaction is open while a caller waits for anything but the database: a closure gets no socket.
//  6. Ids from NewIDs are never given twice, by no process, whatever crashes.
package store
