-- The register of personal data breaches (internal/incident): each is kept, notified or not (RGPD art. 33 §5).
CREATE TABLE incident (
	incident_id INTEGER PRIMARY KEY,
	delivery_id INTEGER NOT NULL,     -- message by which addresses were exposed; 0: by something else
	reporter    INTEGER NOT NULL,     -- account that told of it; 0: an administrator
	what        TEXT NOT NULL,        -- in the reporter's words, without addresses
	happened_at INTEGER NOT NULL,
	aware_at    INTEGER NOT NULL,     -- when the académie became aware: the clock of 72 hours starts
	recorded_at INTEGER NOT NULL,
	exposed     INTEGER NOT NULL,     -- guardians and pupils whose addresses were seen
	others      INTEGER NOT NULL,     -- other people outside whose addresses were seen
	inside      INTEGER NOT NULL,     -- mailboxes of ours that received it
	outside     INTEGER NOT NULL,     -- addresses outside that did
	notified_at INTEGER NOT NULL,     -- when the authority was told; 0: not
	informed_at INTEGER NOT NULL,     -- when the people concerned were told; 0: not
	reason      TEXT NOT NULL,        -- why it was notified or not; '' until it is decided
	measures    TEXT NOT NULL,        -- what was done about it
	decided_by  TEXT NOT NULL,        -- actor; '' until it is decided
	decided_at  INTEGER NOT NULL,
	alarmed     INTEGER NOT NULL      -- 1: the end of the 72 hours was told of
);
CREATE UNIQUE INDEX incident_delivery ON incident (delivery_id) WHERE delivery_id <> 0;
CREATE INDEX incident_open ON incident (aware_at) WHERE decided_at = 0;

-- Who received it, of ours: whom recall and apologies concern. Forgotten with the rest of the entry.
CREATE TABLE incident_reader (
	incident_id INTEGER NOT NULL,
	reader_id   INTEGER NOT NULL,     -- account
	PRIMARY KEY (incident_id, reader_id)
) KEYED;
