-- Pupils, the people who answer for them, classes, groups and who teaches them, as the AAF exports tell (internal/enrolment).
-- A school year is named by the calendar year of its September. Join keys (ENTPersonJointure, ENTStructureJointure) are
-- unique within a degree: 1 for écoles, 2 for collèges and lycées.

CREATE TABLE school_year (
	year        INTEGER PRIMARY KEY,
	state       INTEGER NOT NULL,     -- 0 being prepared, 1 current, 2 locked: nothing changes in it any more
	as_of       TEXT NOT NULL,        -- ISO 8601 day of the newest export that told of it
	approved_by TEXT NOT NULL,        -- who let it become the current one, or ''
	approved_at INTEGER NOT NULL      -- 0: not yet
);

-- What was imported, newest last: a file that is known changes nothing.
CREATE TABLE aaf_file (
	file_id     INTEGER PRIMARY KEY,
	year        INTEGER NOT NULL,
	degree      INTEGER NOT NULL,
	complete    INTEGER NOT NULL,     -- 1 a complete export, 0 a delta
	sha256      BLOB NOT NULL,        -- of the names and octets of all its parts, in order
	as_of       TEXT NOT NULL,        -- ISO 8601 day in its name, or of the import
	imported_at INTEGER NOT NULL,
	report      TEXT NOT NULL         -- JSON of counts: no name, no address
);

-- Join key -> establishment. The establishment itself is in establishment, by its UAI.
CREATE TABLE structure (
	degree      INTEGER NOT NULL,
	jointure    TEXT NOT NULL,
	uai         TEXT NOT NULL,
	name        TEXT NOT NULL,        -- name, nature and city as last given to establishment, which follows the
	nature      TEXT NOT NULL,        -- exports as long as it still says so: what was described by hand stays
	city        TEXT NOT NULL,
	fingerprint INTEGER NOT NULL,     -- of the record as last imported: an unchanged one costs no write
	PRIMARY KEY (degree, jointure)
) KEYED;

-- What is taught: code -> label, by the exports.
CREATE TABLE subject (
	degree      INTEGER NOT NULL,
	code        TEXT NOT NULL,
	label       TEXT NOT NULL,
	PRIMARY KEY (degree, code)
) KEYED;

-- A class or a teaching group of a school, in one year.
CREATE TABLE division (
	division_id INTEGER PRIMARY KEY,
	year        INTEGER NOT NULL,
	uai         TEXT NOT NULL,
	kind        INTEGER NOT NULL,     -- 1 class, 2 group
	name        TEXT NOT NULL,        -- as AAF writes it: « T S1 », « 4E3 »
	label       TEXT NOT NULL,        -- longer name, or ''
	gone        INTEGER NOT NULL      -- 1: the last complete export does not name it
);
CREATE UNIQUE INDEX division_name ON division (uai, year, kind, name);

CREATE TABLE pupil (
	pupil_id    INTEGER PRIMARY KEY,
	degree      INTEGER NOT NULL,
	jointure    TEXT NOT NULL,
	birth_name  TEXT NOT NULL,
	usage_name  TEXT NOT NULL,
	forename    TEXT NOT NULL,
	birth_date  TEXT NOT NULL,        -- ISO 8601 day, or ''
	mail        TEXT NOT NULL,        -- as AAF has it, or ''
	mail_key    TEXT NOT NULL,        -- directory.MatchKey of it, or ''
	absent_at   INTEGER NOT NULL,     -- when the exports stopped naming the pupil; 0 while they do
	fingerprint INTEGER NOT NULL      -- of the record as last imported; 0: to be written again
);
CREATE UNIQUE INDEX pupil_jointure ON pupil (degree, jointure);
CREATE INDEX pupil_mail ON pupil (mail_key) WHERE mail_key <> '';

-- Somebody who answers for a pupil. Which of them is a legal guardian is said by guardianship, pupil by pupil.
CREATE TABLE guardian (
	guardian_id INTEGER PRIMARY KEY,
	degree      INTEGER NOT NULL,
	jointure    TEXT NOT NULL,
	civility    TEXT NOT NULL,
	usage_name  TEXT NOT NULL,
	forename    TEXT NOT NULL,
	mail        TEXT NOT NULL,        -- as AAF has it, or ''
	mail_key    TEXT NOT NULL,        -- directory.MatchKey of it, or ''
	absent_at   INTEGER NOT NULL,     -- when the exports stopped naming them; 0 while they do
	fingerprint INTEGER NOT NULL      -- of the record as last imported; 0: to be written again
);
CREATE UNIQUE INDEX guardian_jointure ON guardian (degree, jointure);
CREATE INDEX guardian_mail ON guardian (mail_key) WHERE mail_key <> '';

-- Who answers for whom, in one year.
CREATE TABLE guardianship (
	year        INTEGER NOT NULL,
	pupil_id    INTEGER NOT NULL,
	guardian_id INTEGER NOT NULL,
	link        INTEGER NOT NULL,     -- code of the link: 1..7 old, 10..90 new
	legal       INTEGER NOT NULL,     -- 1: a legal guardian (aaf.Link.Legal), 0: a contact or who pays
	contact     INTEGER NOT NULL,
	PRIMARY KEY (year, pupil_id, guardian_id)
) KEYED;
CREATE INDEX guardianship_guardian ON guardianship (guardian_id, year, pupil_id);

-- Which school a pupil attends, in one year.
CREATE TABLE enrolment (
	year        INTEGER NOT NULL,
	uai         TEXT NOT NULL,
	pupil_id    INTEGER NOT NULL,
	PRIMARY KEY (year, uai, pupil_id)
) KEYED;
CREATE INDEX enrolment_pupil ON enrolment (pupil_id, year, uai);

CREATE TABLE division_pupil (
	division_id INTEGER NOT NULL,
	pupil_id    INTEGER NOT NULL,
	PRIMARY KEY (division_id, pupil_id)
) KEYED;
CREATE INDEX division_pupil_of ON division_pupil (pupil_id, division_id);

-- Somebody who works in a school, as AAF knows them. They are a person of the HR file, never a second account.
CREATE TABLE staff (
	staff_id    INTEGER PRIMARY KEY,
	degree      INTEGER NOT NULL,
	jointure    TEXT NOT NULL,
	birth_name  TEXT NOT NULL,
	usage_name  TEXT NOT NULL,
	forename    TEXT NOT NULL,
	birth_date  TEXT NOT NULL,        -- ISO 8601 day, or ''
	mail        TEXT NOT NULL,        -- the academic address that AAF gives, normalised, or ''
	account_id  INTEGER NOT NULL,     -- of the person that they are; 0: not known, or doubtful
	matched     INTEGER NOT NULL,     -- 0 nobody found, 1 by the rules, 2 by hand, 3 doubtful: a human decides
	absent_at   INTEGER NOT NULL,
	fingerprint INTEGER NOT NULL      -- of the record as last imported; 0: to be written again
);
CREATE UNIQUE INDEX staff_jointure ON staff (degree, jointure);
CREATE INDEX staff_account ON staff (account_id) WHERE account_id <> 0;

-- Who teaches which class or group, in the year of the division; principal: professeur principal of it.
CREATE TABLE teaching (
	division_id INTEGER NOT NULL,
	staff_id    INTEGER NOT NULL,
	principal   INTEGER NOT NULL,
	subjects    TEXT NOT NULL,        -- labels, ' · ' between
	PRIMARY KEY (division_id, staff_id)
) KEYED;
CREATE INDEX teaching_staff ON teaching (staff_id, division_id);

-- What somebody does in a school, in one year, by AAF: codes of DOMAIN §1 (ENS, DIR, EDU…) and of the post.
CREATE TABLE staff_post (
	year        INTEGER NOT NULL,
	uai         TEXT NOT NULL,
	staff_id    INTEGER NOT NULL,
	function    TEXT NOT NULL,
	post        TEXT NOT NULL,
	post_label  TEXT NOT NULL,
	PRIMARY KEY (year, uai, staff_id, function, post)
) KEYED;
CREATE INDEX staff_post_of ON staff_post (staff_id, year);

-- Addresses that were a guardian's or a pupil's and are no longer: they stay protected for a set time, as keyed hashes.
CREATE TABLE protected_former (
	hash        BLOB NOT NULL,        -- HMAC-SHA-256 of the match key, under the installation's pepper
	uai         TEXT NOT NULL,        -- school whose it was
	until       TEXT NOT NULL,        -- ISO 8601 day on which it is forgotten
	PRIMARY KEY (hash, uai)
) KEYED;
CREATE INDEX protected_former_until ON protected_former (until);

-- Addresses that somebody marked as a guardian's or a pupil's by hand.
CREATE TABLE protected_mark (
	mail_key    TEXT NOT NULL,
	uai         TEXT NOT NULL,        -- school whose it is
	marked_at   INTEGER NOT NULL,
	PRIMARY KEY (mail_key, uai)
) KEYED;

-- Goes up with every transaction that changes a table of this file: for who keeps something computed from them.
INSERT INTO store_meta (name, value) VALUES ('enrolment', 0);
