-- What the pages need to know of who signs in. Secrets stand here as hashes, or sealed under the pepper.
-- Times are microseconds since 1970 UTC.

-- A NUMEN opens for thirty days from the file that brought it.
ALTER TABLE numen ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
UPDATE numen SET since = COALESCE((SELECT created_at FROM account WHERE account.account_id = numen.account_id), 0);

-- Owners read what was done to their account.
CREATE INDEX journal_subject ON journal (subject, seq);

-- What an account was used for, which is no administrative act: read by its owner, kept for a year (internal/identity).
CREATE TABLE diary (
	account_id INTEGER NOT NULL,
	diary_id   INTEGER NOT NULL,
	at         INTEGER NOT NULL,
	what       TEXT NOT NULL,         -- signin, signin.refused…
	detail     TEXT NOT NULL,         -- how
	agent      TEXT NOT NULL,         -- the browser, in words
	network    TEXT NOT NULL,         -- 192.0.2.0/24, or an IPv6 /48
	PRIMARY KEY (account_id, diary_id)
) KEYED;

-- One-time codes that a head hands over in person (internal/activation): at most one an account.
CREATE TABLE sheet (
	account_id INTEGER PRIMARY KEY,
	code       TEXT NOT NULL,         -- HMAC under the pepper
	made_by    TEXT NOT NULL,         -- actor of the journal
	made_at    INTEGER NOT NULL,
	expires_at INTEGER NOT NULL
);

-- What somebody has proved so far in something of several steps (internal/ticket).
CREATE TABLE ticket (
	hash       TEXT PRIMARY KEY,      -- sha256:hex of the token
	account_id INTEGER NOT NULL,      -- 0: nobody's, and it looks no different from outside
	purpose    TEXT NOT NULL,
	epoch      INTEGER NOT NULL,      -- account.auth_epoch when it was issued; void under another
	data       BLOB NOT NULL,         -- JSON of the purpose's owner
	tries      INTEGER NOT NULL,      -- attempts so far
	expires_at INTEGER NOT NULL
);
CREATE INDEX ticket_account ON ticket (account_id, purpose);
CREATE INDEX ticket_expires ON ticket (expires_at);

-- Second factors (internal/factor).
CREATE TABLE factor (
	account_id INTEGER NOT NULL,
	factor_id  INTEGER NOT NULL,
	kind       TEXT NOT NULL,         -- passkey, totp, grid
	label      TEXT NOT NULL,
	handle     TEXT,                  -- of a passkey: its credential id, base64url
	data       BLOB NOT NULL,         -- passkey: JSON of the public credential; totp, grid: sealed
	step       INTEGER NOT NULL,      -- totp: the last time step that was used; grid: seed of the cells asked; else 0
	created_at INTEGER NOT NULL,
	used_at    INTEGER NOT NULL,      -- 0: never
	PRIMARY KEY (account_id, factor_id)
) KEYED;
CREATE UNIQUE INDEX factor_handle ON factor (handle) WHERE handle IS NOT NULL;

CREATE TABLE recovery_code (
	account_id INTEGER NOT NULL,
	code       TEXT NOT NULL,         -- HMAC under the pepper
	PRIMARY KEY (account_id, code)
) KEYED;

CREATE TABLE protection (
	account_id INTEGER PRIMARY KEY,
	second     INTEGER NOT NULL,      -- 1: it has a second factor, and the password alone is not enough
	due_at     INTEGER NOT NULL,      -- from then on it needs one; 0: never
	handle     TEXT NOT NULL,         -- user handle of its passkeys, random, base64url
	address    BLOB,                  -- recovery address, sealed
	codes_at   INTEGER NOT NULL       -- when recovery codes were made last; 0: never
);
CREATE UNIQUE INDEX protection_handle ON protection (handle);

-- Who is signed in at the pages (internal/session).
CREATE TABLE session (
	account_id INTEGER NOT NULL,
	session_id INTEGER NOT NULL,
	hash       TEXT NOT NULL,         -- sha256:hex of the token
	auth_epoch INTEGER NOT NULL,      -- it holds while the account's is the same
	device_id  INTEGER NOT NULL,      -- 0: a shared computer
	how        TEXT NOT NULL,         -- session.How
	agent      TEXT NOT NULL,         -- the browser, in words
	network    TEXT NOT NULL,         -- 192.0.2.0/24, or an IPv6 /48
	created_at INTEGER NOT NULL,
	seen_at    INTEGER NOT NULL,      -- to the minute
	proved_at  INTEGER NOT NULL,      -- when its owner last proved who they are
	expires_at INTEGER NOT NULL,      -- whatever happens
	PRIMARY KEY (account_id, session_id)
) KEYED;
CREATE UNIQUE INDEX session_hash ON session (hash);
CREATE INDEX session_seen ON session (seen_at);

CREATE TABLE device (
	account_id INTEGER NOT NULL,
	device_id  INTEGER NOT NULL,
	hash       TEXT NOT NULL,         -- sha256:hex of the token
	auth_epoch INTEGER NOT NULL,      -- remembered while the account's is the same
	agent      TEXT NOT NULL,
	first_at   INTEGER NOT NULL,
	seen_at    INTEGER NOT NULL,
	remembered INTEGER NOT NULL,      -- skips the second factor until then; 0: no
	PRIMARY KEY (account_id, device_id)
) KEYED;
CREATE UNIQUE INDEX device_hash ON device (hash);
CREATE INDEX device_seen ON device (seen_at);

-- Networks that an account was used from, as wide as an operator's: what stands for a country, of which there is no map.
CREATE TABLE place (
	account_id INTEGER NOT NULL,
	network    TEXT NOT NULL,         -- IPv4 /16, IPv6 /32
	seen_at    INTEGER NOT NULL,
	PRIMARY KEY (account_id, network)
) KEYED;
