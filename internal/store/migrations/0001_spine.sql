-- One text for both engines; the dialect renders the words INTEGER, TEXT, BLOB and KEYED (see dialect.go).
-- Times are microseconds since 1970 UTC. Tables of a mailbox lead every key with account_id.

-- ---- the store itself ---------------------------------------------------------------------------------------------
CREATE TABLE store_meta (
	name  TEXT PRIMARY KEY,
	value INTEGER NOT NULL
);
INSERT INTO store_meta (name, value) VALUES ('epoch', 1), ('revocation', 0), ('directory', 0);

-- Ids are taken in blocks, durably, before they are used: known before the transaction, small, and never reused.
CREATE TABLE id_block (
	kind TEXT PRIMARY KEY,
	next INTEGER NOT NULL
);

-- ---- content, message, facts: what is stored once -----------------------------------------------------------------
CREATE TABLE content (
	content_id INTEGER PRIMARY KEY,
	size       INTEGER NOT NULL,  -- octets as accepted
	encoding   INTEGER NOT NULL,  -- 0 identity, 1 zstd
	sha256     BLOB NOT NULL,     -- of the octets as accepted: a checksum, not an identity
	created_at INTEGER NOT NULL,
	object     TEXT,              -- key in the blob store; NULL when the octets are inline
	data       BLOB               -- encoded octets when inline
);

CREATE TABLE facts (
	content_id    INTEGER PRIMARY KEY,
	facts         BLOB NOT NULL,    -- mail.Facts without its text
	text_complete INTEGER NOT NULL, -- of text: 1 the body is all there is, 2 the header is, 3 both
	text          BLOB NOT NULL     -- zstd of content.SearchText
);

CREATE TABLE message (
	message_id INTEGER PRIMARY KEY,
	content_id INTEGER NOT NULL,
	size       INTEGER NOT NULL,  -- octets of prefix and content joined
	created_at INTEGER NOT NULL,
	prefix     BLOB NOT NULL      -- header lines that stand before the content in this copy
);
CREATE INDEX message_content ON message (content_id);

CREATE TABLE gc_mark (
	kind      INTEGER NOT NULL,   -- 1 message, 2 content, 3 object
	id        INTEGER NOT NULL,
	marked_at INTEGER NOT NULL,
	object    TEXT NOT NULL,      -- the object's key for kind 3, else ''
	PRIMARY KEY (kind, id, object)
) KEYED;

-- ---- mailboxes ----------------------------------------------------------------------------------------------------
-- The row that LockAccounts locks, before any other row of the account.
CREATE TABLE account_state (
	account_id      INTEGER PRIMARY KEY,
	modseq          INTEGER NOT NULL, -- of the last change
	next_email_id   INTEGER NOT NULL,
	next_mailbox_id INTEGER NOT NULL,
	used_bytes      INTEGER NOT NULL, -- sum over emails of their message's size
	quota_bytes     INTEGER NOT NULL  -- 0: no limit
);

CREATE TABLE mailbox (
	account_id  INTEGER NOT NULL,
	mailbox_id  INTEGER NOT NULL,
	name        TEXT NOT NULL,        -- full path, UTF-8 NFC, '/' between levels; 'INBOX' is mailbox 1
	role        TEXT NOT NULL,        -- JMAP role (inbox, drafts, sent, trash, junk, archive) or ''
	subscribed  INTEGER NOT NULL,
	purge_floor INTEGER NOT NULL,     -- changes up to this modseq may be gone from the log
	PRIMARY KEY (account_id, mailbox_id)
) KEYED;
CREATE UNIQUE INDEX mailbox_name ON mailbox (account_id, name);

CREATE TABLE mailbox_state (
	account_id INTEGER NOT NULL,
	mailbox_id INTEGER NOT NULL,
	uidnext    INTEGER NOT NULL,
	modseq     INTEGER NOT NULL,      -- highest modseq of a change in it
	messages   INTEGER NOT NULL,
	unseen     INTEGER NOT NULL,
	deleted    INTEGER NOT NULL,      -- placements with \Deleted
	size       INTEGER NOT NULL,      -- sum of RFC822.SIZE
	PRIMARY KEY (account_id, mailbox_id)
) KEYED;

CREATE TABLE email (
	account_id  INTEGER NOT NULL,
	email_id    INTEGER NOT NULL,
	message_id  INTEGER NOT NULL,
	thread_id   INTEGER NOT NULL,
	received_at INTEGER NOT NULL,     -- INTERNALDATE
	flags       INTEGER NOT NULL,     -- mailbox.Flags without \Deleted
	keywords    TEXT NOT NULL,        -- other keywords, sorted, one space between
	PRIMARY KEY (account_id, email_id)
) KEYED;

CREATE TABLE placement (
	account_id INTEGER NOT NULL,
	mailbox_id INTEGER NOT NULL,
	uid        INTEGER NOT NULL,
	email_id   INTEGER NOT NULL,
	modseq     INTEGER NOT NULL,
	flags      INTEGER NOT NULL,      -- the email's flags, and \Deleted of this placement
	PRIMARY KEY (account_id, mailbox_id, uid)
) KEYED;
CREATE INDEX placement_email ON placement (account_id, email_id);

-- Message-ID (with the base subject, hashed together) -> thread, within the account.
CREATE TABLE thread_ref (
	account_id INTEGER NOT NULL,
	hash       INTEGER NOT NULL,
	thread_id  INTEGER NOT NULL,
	PRIMARY KEY (account_id, hash)
) KEYED;

CREATE TABLE held (
	account_id INTEGER NOT NULL,
	held_id    INTEGER NOT NULL,
	release_at INTEGER NOT NULL,
	mailbox_id INTEGER NOT NULL,
	message_id INTEGER NOT NULL,
	received_at INTEGER NOT NULL,
	PRIMARY KEY (account_id, held_id)
) KEYED;
CREATE INDEX held_due ON held (release_at);

-- The single log of changes; one row, one modseq.
CREATE TABLE change (
	account_id INTEGER NOT NULL,
	modseq     INTEGER NOT NULL,
	at         INTEGER NOT NULL,
	kind       INTEGER NOT NULL,      -- mailbox.ChangeKind
	mailbox_id INTEGER NOT NULL,      -- 0 where the change is of the email as a whole
	uid        INTEGER NOT NULL,
	email_id   INTEGER NOT NULL,
	flags      INTEGER NOT NULL,      -- flags before
	before     TEXT NOT NULL,         -- keywords or mailbox name before
	PRIMARY KEY (account_id, modseq)
) KEYED;

-- ---- delivery -----------------------------------------------------------------------------------------------------
CREATE TABLE delivery (
	delivery_id  INTEGER PRIMARY KEY,
	message_id   INTEGER NOT NULL,
	origin       TEXT NOT NULL,       -- delivery.Origin
	sender       INTEGER NOT NULL,    -- account that submitted, 0 for none
	reverse_path TEXT NOT NULL,
	accepted_at  INTEGER NOT NULL,
	recipients   INTEGER NOT NULL,    -- rows in delivery_recipient
	state        INTEGER NOT NULL     -- 0 placing, 1 done, 2 paused, 3 recalled
);
CREATE INDEX delivery_open ON delivery (delivery_id) WHERE state = 0;

CREATE TABLE delivery_recipient (
	delivery_id INTEGER NOT NULL,
	account_id  INTEGER NOT NULL,
	mailbox_id  INTEGER NOT NULL,
	placed      INTEGER NOT NULL,     -- 0 waiting, 1 placed
	PRIMARY KEY (delivery_id, account_id, mailbox_id)
) KEYED;

CREATE TABLE outbound (
	outbound_id  INTEGER PRIMARY KEY,
	delivery_id  INTEGER NOT NULL,
	message_id   INTEGER NOT NULL,
	reverse_path TEXT NOT NULL,
	recipient    TEXT NOT NULL,
	state        INTEGER NOT NULL,    -- 0 waiting, 1 sent, 2 failed
	attempts     INTEGER NOT NULL,
	next_at      INTEGER NOT NULL,
	expires_at   INTEGER NOT NULL,
	status       TEXT NOT NULL,       -- codes of the last reply: no words, hence no addresses
	lease_until  INTEGER NOT NULL,    -- a worker holds it until then; the value is also its token
	told         INTEGER NOT NULL DEFAULT 0 -- 1 when the sender was told that it waits
);
CREATE INDEX outbound_due ON outbound (next_at) WHERE state = 0;
CREATE INDEX outbound_message ON outbound (message_id);

-- ---- directory ----------------------------------------------------------------------------------------------------
CREATE TABLE establishment (
	uai        TEXT PRIMARY KEY,
	name       TEXT NOT NULL,
	nature     TEXT NOT NULL,
	department TEXT NOT NULL,
	city       TEXT NOT NULL,
	created_at INTEGER NOT NULL
);

CREATE TABLE person (
	person_id   INTEGER PRIMARY KEY,
	id_rh       TEXT NOT NULL UNIQUE,
	civility    TEXT NOT NULL,
	birth_name  TEXT NOT NULL,
	usage_name  TEXT NOT NULL,
	forenames   TEXT NOT NULL,
	birth_date  TEXT NOT NULL,        -- ISO 8601 date
	reference   TEXT NOT NULL,        -- HR document that guarantees the identity, or ''
	created_at  INTEGER NOT NULL,
	updated_at  INTEGER NOT NULL
);

CREATE TABLE function (
	person_id   INTEGER NOT NULL,
	function_id INTEGER NOT NULL,
	corps       TEXT NOT NULL,
	category    TEXT NOT NULL,
	function    TEXT NOT NULL,
	uai         TEXT NOT NULL,
	starts      TEXT NOT NULL,        -- ISO 8601 date
	ends        TEXT NOT NULL,        -- ISO 8601 date or ''
	reference   TEXT NOT NULL,
	ended_at    INTEGER NOT NULL,     -- when the feed stopped naming it; 0 while it does
	PRIMARY KEY (person_id, function_id)
) KEYED;
CREATE INDEX function_uai ON function (uai, person_id);

CREATE TABLE account (
	account_id   INTEGER PRIMARY KEY,
	person_id    INTEGER,             -- NULL for an account that is no person
	kind         TEXT NOT NULL,       -- person, functional
	login        TEXT NOT NULL UNIQUE,-- rows are never deleted: a login is never given twice
	state        TEXT NOT NULL,       -- appointed, active, suspended, departed
	display_name TEXT NOT NULL,
	auth_epoch   INTEGER NOT NULL,    -- grows when every credential and session given before must stop working
	created_at   INTEGER NOT NULL,
	updated_at   INTEGER NOT NULL
);
CREATE UNIQUE INDEX account_person ON account (person_id) WHERE person_id IS NOT NULL;

CREATE TABLE address (
	address    TEXT PRIMARY KEY,      -- directory.Normalize form; rows are never deleted nor given to another account
	account_id INTEGER NOT NULL,
	kind       TEXT NOT NULL,         -- primary, alias, former, closed
	issued_at  INTEGER NOT NULL,
	reference  TEXT NOT NULL          -- HR document or reason
);
CREATE INDEX address_account ON address (account_id);

CREATE TABLE roster_file (
	file_id     INTEGER PRIMARY KEY,
	sha256      BLOB NOT NULL,
	lines       INTEGER NOT NULL,
	imported_at INTEGER NOT NULL,
	report      TEXT NOT NULL         -- JSON of counts
);

-- ---- identity -----------------------------------------------------------------------------------------------------
CREATE TABLE credential (
	account_id    INTEGER NOT NULL,
	credential_id INTEGER NOT NULL,
	kind          TEXT NOT NULL,      -- password, application
	selector      TEXT,               -- of a generated secret: looked up by it
	hash          TEXT NOT NULL,      -- Argon2id in PHC form, or sha256:hex of a generated secret
	label         TEXT NOT NULL,
	created_at    INTEGER NOT NULL,
	PRIMARY KEY (account_id, credential_id)
) KEYED;
CREATE UNIQUE INDEX credential_selector ON credential (selector) WHERE selector IS NOT NULL;

-- The NUMEN is never here in the clear: sealed (AEAD) until the background job has hashed it, then only the hash,
-- and nothing once the account is activated.
CREATE TABLE numen (
	account_id INTEGER PRIMARY KEY,
	sealed     BLOB,
	hash       TEXT
);
CREATE INDEX numen_sealed ON numen (account_id) WHERE sealed IS NOT NULL;

-- seq is store_meta 'revocation', taken under its row lock: commit order is seq order.
CREATE TABLE revocation (
	seq        INTEGER PRIMARY KEY,
	account_id INTEGER NOT NULL,
	at         INTEGER NOT NULL
);

-- ---- audit --------------------------------------------------------------------------------------------------------
CREATE TABLE journal (
	seq     INTEGER PRIMARY KEY,
	at      INTEGER NOT NULL,
	actor   TEXT NOT NULL,
	action  TEXT NOT NULL,
	subject TEXT NOT NULL,
	reason  TEXT NOT NULL,
	detail  TEXT NOT NULL,
	hash    BLOB NOT NULL             -- SHA-256 over the previous hash and this row
);
