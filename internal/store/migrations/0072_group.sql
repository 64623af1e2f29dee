-- Computed groups (internal/group), who stands in for whom, and ENTs that may post (internal/reach). Days are ISO 8601.

-- One row a group, issued once and for ever: next year's class of the same name is the same group. Its members are in no
-- table: they are computed from those of 0070 and from functions.
CREATE TABLE school_group (
	group_id  INTEGER PRIMARY KEY,
	kind      INTEGER NOT NULL,       -- group.Kind
	scope     INTEGER NOT NULL,       -- 0 a whole school, 1 a class, 2 a teaching group (as division.kind), 3 one pupil
	uai       TEXT NOT NULL,
	division  TEXT NOT NULL,          -- name of the class or teaching group, as AAF writes it; '' for other scopes
	pupil_id  INTEGER NOT NULL,       -- 0 but for one pupil
	local     TEXT NOT NULL,          -- of its address
	issued_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX school_group_of ON school_group (uai, scope, division, pupil_id, kind);
CREATE UNIQUE INDEX school_group_local ON school_group (local);
CREATE INDEX school_group_pupil ON school_group (pupil_id) WHERE pupil_id <> 0;

-- Who may write to the pupils and guardians of another teacher, or of one class or group, by decision of the head.
CREATE TABLE delegation (
	delegation_id INTEGER PRIMARY KEY,
	uai           TEXT NOT NULL,
	receiver_id   INTEGER NOT NULL,   -- account that may
	teacher_id    INTEGER NOT NULL,   -- account whose classes and groups at the school they are; 0: one division
	division_id   INTEGER NOT NULL,   -- that one; 0: those of a teacher
	starts        TEXT NOT NULL,      -- first day
	ends          TEXT NOT NULL,      -- last day
	given_by      TEXT NOT NULL,      -- actor
	given_at      INTEGER NOT NULL,
	withdrawn_at  INTEGER NOT NULL    -- 0 while it stands
);
CREATE INDEX delegation_receiver ON delegation (receiver_id);
CREATE INDEX delegation_uai ON delegation (uai);

-- ENTs whose servers may post to the groups of their schools, without signing in.
CREATE TABLE ent (
	name     TEXT PRIMARY KEY,
	sender   TEXT NOT NULL,           -- domain of their reverse-paths, normalised
	added_at INTEGER NOT NULL
);
CREATE TABLE ent_network (
	name     TEXT NOT NULL,           -- of the ENT
	network  TEXT NOT NULL,           -- CIDR
	PRIMARY KEY (name, network)
) KEYED;
CREATE TABLE ent_school (
	name     TEXT NOT NULL,           -- of the ENT
	uai      TEXT NOT NULL,
	PRIMARY KEY (name, uai)
) KEYED;
