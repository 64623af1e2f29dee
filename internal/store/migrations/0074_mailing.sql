-- Messages of which some copies are apart (internal/mailing): each names nobody but the sender, and comes back to a
-- reverse-path of its own.

CREATE TABLE mailing (
	mailing_id     INTEGER PRIMARY KEY,  -- delivery_id of the delivery as which the message was accepted
	owner          INTEGER NOT NULL,     -- account that is told: the sender's, or the box that they wrote as
	author         INTEGER NOT NULL,     -- account that submitted
	subject        TEXT NOT NULL,        -- what the report calls it; '' once its copies are forgotten
	accepted_at    INTEGER NOT NULL,
	first_message  INTEGER NOT NULL,     -- ids of the copy with seq 0; a copy's are these and its seq
	first_delivery INTEGER NOT NULL,
	first_outbound INTEGER NOT NULL,
	seqs           INTEGER NOT NULL,     -- how many numbers its copies take
	state          INTEGER NOT NULL,     -- 0 under way, 1 reported and watched on, 2 closed
	look_at        INTEGER NOT NULL,     -- when it is looked at next, while it is not closed
	told           INTEGER NOT NULL,     -- failures in the last report
	total          INTEGER NOT NULL,     -- the counts below are those of the last look, and stay when copies are forgotten
	reached        INTEGER NOT NULL,
	failed         INTEGER NOT NULL,
	missing        INTEGER NOT NULL,     -- no address is known
	answered       INTEGER NOT NULL,     -- automatic answers
	recalled       INTEGER NOT NULL,
	forgotten      INTEGER NOT NULL DEFAULT 0 -- 1: who got it is no longer known
);
CREATE INDEX mailing_due ON mailing (look_at) WHERE state < 2;
CREATE INDEX mailing_owner ON mailing (owner, mailing_id);
CREATE INDEX mailing_author ON mailing (author, mailing_id);
CREATE INDEX mailing_accepted ON mailing (accepted_at) WHERE forgotten = 0;

-- One copy, or somebody of a group who gets none because no address is known.
CREATE TABLE mailing_copy (
	mailing_id INTEGER NOT NULL,
	seq        INTEGER NOT NULL,
	kind       INTEGER NOT NULL,     -- 1 an address that the sender wrote, 2 guardian, 3 pupil, 4 staff, 5 in silence: never told of
	person     INTEGER NOT NULL,     -- guardian_id or pupil_id; 0
	pupils     TEXT NOT NULL,        -- pupil_ids on whose account they get it, one space between
	target     INTEGER NOT NULL,     -- account that gets it; 0: outside
	mailbox_id INTEGER NOT NULL,
	address    TEXT NOT NULL,        -- outside; of whom the sender did not write themselves, only until the copy is queued
	mark       INTEGER NOT NULL,     -- keyed hash of the mailbox that it went to, 0: none; what bounced is known again by it
	state      INTEGER NOT NULL,     -- 0 waiting, 1 queued, 2 sent, 3 failed, 4 no address, 5 recalled
	answered   INTEGER NOT NULL,     -- 1 an automatic answer came back
	status     TEXT NOT NULL,        -- enhanced status code of a failure (RFC 3463), or ''
	PRIMARY KEY (mailing_id, seq)
) KEYED;
CREATE INDEX mailing_copy_mark ON mailing_copy (mark, mailing_id) WHERE mark <> 0;

-- What somebody sent lately, to take it back.
CREATE INDEX delivery_sender ON delivery (sender, delivery_id) WHERE sender <> 0;
