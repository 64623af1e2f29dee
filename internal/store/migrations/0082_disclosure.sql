-- Guardians who ask what is held about them (internal/disclosure). A row goes when its link is opened, or is over.
CREATE TABLE disclosure (
	disclosure_id INTEGER PRIMARY KEY,
	mail_key      TEXT NOT NULL,      -- directory.MatchKey of the address that was given, whoever's it is
	asked_at      INTEGER NOT NULL,
	state         INTEGER NOT NULL,   -- 0 waiting for its letter, 1 a letter was sent, 2 the address is nobody's here
	link_hash     BLOB                -- SHA-256 of the token of the link; NULL: there is none
);
CREATE INDEX disclosure_waiting ON disclosure (disclosure_id) WHERE state = 0;
CREATE INDEX disclosure_key ON disclosure (mail_key, asked_at);
CREATE UNIQUE INDEX disclosure_link ON disclosure (link_hash);
