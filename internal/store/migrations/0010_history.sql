-- Every change of a person, an account, an address or a function (internal/history): rows are only added.
CREATE TABLE history (
	account_id INTEGER NOT NULL,
	history_id INTEGER NOT NULL,
	at         INTEGER NOT NULL,
	kind       TEXT NOT NULL,        -- history.Kind
	subject    TEXT NOT NULL,        -- the address that it is about, or ''
	before     TEXT NOT NULL,        -- as a person reads it
	after      TEXT NOT NULL,
	reference  TEXT NOT NULL,        -- the document that says so
	actor      TEXT NOT NULL,
	source     TEXT NOT NULL,        -- file and line
	PRIMARY KEY (account_id, history_id)
) KEYED;

-- Further HR identifiers of a person: of records that turned out to be the same person's.
CREATE TABLE person_alias (
	id_rh     TEXT PRIMARY KEY,
	person_id INTEGER NOT NULL
);

-- How many lines each imported file had for a category or an establishment: what the brakes compare with.
CREATE TABLE roster_count (
	file_id INTEGER NOT NULL,
	kind    TEXT NOT NULL,           -- category, uai
	name    TEXT NOT NULL,
	lines   INTEGER NOT NULL,
	forced  INTEGER NOT NULL,        -- 1: somebody said that the fall to this number is right
	PRIMARY KEY (file_id, kind, name)
) KEYED;
CREATE INDEX roster_file_at ON roster_file (imported_at);

-- Eight bits of an HMAC of the NUMEN under the pepper: whether a file brings another one, without a slow hash a line
-- (internal/identity/late.go). The row goes, and this with it, when the account is activated.
ALTER TABLE numen ADD COLUMN tag INTEGER;
