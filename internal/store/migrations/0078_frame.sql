-- Consent frames (internal/frame): families who agreed to be seen by each other, and by the school, in what concerns them.
CREATE TABLE frame (
	frame_id  INTEGER PRIMARY KEY,
	uai       TEXT NOT NULL,          -- school whose it is
	name      TEXT NOT NULL,          -- « Parents élus au conseil d'administration »
	purpose   TEXT NOT NULL,          -- what it is for, as those who are asked read it
	until     TEXT NOT NULL,          -- ISO 8601, the last day: the next election
	made_at   INTEGER NOT NULL,
	closed_at INTEGER NOT NULL        -- 0: not closed before its day
);
CREATE INDEX frame_school ON frame (uai, until);

CREATE TABLE frame_member (
	frame_id    INTEGER NOT NULL,
	member_id   INTEGER NOT NULL,     -- 1, 2, … in the frame
	guardian_id INTEGER NOT NULL,     -- 0: somebody whom AAF does not name
	name        TEXT NOT NULL,        -- as the head knows them
	mail        TEXT NOT NULL,        -- address that they are asked to show; '' once the frame is long over
	mail_key    TEXT NOT NULL,        -- directory.MatchKey of it, or ''
	state       INTEGER NOT NULL,     -- frame.State
	asked_at    INTEGER NOT NULL,
	answered_at INTEGER NOT NULL,     -- 0: not yet
	paper       TEXT NOT NULL,        -- of a consent on paper: ISO 8601 day, a space, where it is kept; else ''
	link_hash   BLOB,                 -- SHA-256 of the token of the link; NULL: there is none
	link_until  INTEGER NOT NULL,     -- when the link ends
	PRIMARY KEY (frame_id, member_id)
) KEYED;
CREATE UNIQUE INDEX frame_member_mail ON frame_member (frame_id, mail_key) WHERE mail_key <> '';
CREATE INDEX frame_member_key ON frame_member (mail_key, frame_id) WHERE mail_key <> '';
CREATE UNIQUE INDEX frame_member_link ON frame_member (link_hash);
