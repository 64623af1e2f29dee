-- Functional boxes and who may open them (internal/box). Dates are ISO 8601 days.
CREATE TABLE box (
	account_id   INTEGER PRIMARY KEY,  -- an account of kind functional
	uai          TEXT NOT NULL,        -- establishment whose head owns it, or ''
	orphan_since TEXT NOT NULL,        -- day since which it has no owner; '' while it has one
	told         INTEGER NOT NULL,     -- 1 when its members were told that it has none
	seen_email   INTEGER NOT NULL      -- the last email that box_ref knows
);
CREATE INDEX box_uai ON box (uai);

-- One row a reason for which somebody may open a box; their role is the highest of those that run.
CREATE TABLE box_member (
	account_id INTEGER NOT NULL,       -- of the box
	member_id  INTEGER NOT NULL,       -- account of the member
	source     TEXT NOT NULL,          -- function, interim, hand
	role       TEXT NOT NULL,          -- owner, member, reader
	since      TEXT NOT NULL,          -- first day
	until      TEXT NOT NULL,          -- last day, or ''
	PRIMARY KEY (account_id, member_id, source, role)
) KEYED;
CREATE INDEX box_member_of ON box_member (member_id);

-- Message-ID (hashed) -> email, within a box: what an answer answers.
CREATE TABLE box_ref (
	account_id INTEGER NOT NULL,
	hash       INTEGER NOT NULL,
	email_id   INTEGER NOT NULL,
	PRIMARY KEY (account_id, hash, email_id)
) KEYED;

-- Who answered which email of a box, and when.
CREATE TABLE box_answer (
	account_id INTEGER NOT NULL,       -- of the box
	email_id   INTEGER NOT NULL,       -- that was answered
	at         INTEGER NOT NULL,
	author_id  INTEGER NOT NULL,       -- account of the member who answered
	PRIMARY KEY (account_id, email_id, at, author_id)
) KEYED;

-- Boxes that were made before this table: those of establishments bear their UAI in their login.
INSERT INTO box (account_id, uai, orphan_since, told, seen_email)
	SELECT account_id, CASE WHEN login LIKE 'ce.________' THEN upper(substr(login, 4)) ELSE '' END, '', 0, 0
	FROM account WHERE kind = 'functional';
