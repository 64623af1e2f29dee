-- What mail programs sign in with: application passwords, SCRAM, tokens (internal/identity).
-- Times are microseconds since 1970 UTC.

ALTER TABLE credential ADD COLUMN scram BLOB;     -- of a generated secret: StoredKey, ServerKey (RFC 5802 §3), 32 octets each
ALTER TABLE credential ADD COLUMN used_at INTEGER NOT NULL DEFAULT 0; -- last use, to the hour; 0: never

-- The one salt of all SCRAM keys of this installation: see identity/scram.go for why it is one.
CREATE TABLE scram_salt (
	one  INTEGER PRIMARY KEY,         -- 1: there is one row
	salt BLOB NOT NULL                -- told to everybody who asks; under another, no stored key is worth anything
);

CREATE TABLE access_token (
	account_id INTEGER NOT NULL,
	token_id   INTEGER NOT NULL,
	selector   TEXT NOT NULL,         -- looked up by it
	hash       TEXT NOT NULL,         -- sha256:hex of the whole token
	scope      TEXT NOT NULL,         -- mail
	client     TEXT NOT NULL,         -- the program it was issued to, as its owner is shown it
	auth_epoch INTEGER NOT NULL,      -- it holds while the account's is the same
	created_at INTEGER NOT NULL,
	expires_at INTEGER NOT NULL,
	used_at    INTEGER NOT NULL,      -- last use, to the hour; 0: never
	PRIMARY KEY (account_id, token_id)
) KEYED;
CREATE UNIQUE INDEX access_token_selector ON access_token (selector);
CREATE INDEX access_token_expires ON access_token (expires_at);
