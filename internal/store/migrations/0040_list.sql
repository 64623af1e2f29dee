-- Distribution lists (internal/list): one row an account of kind list.
CREATE TABLE list (
	account_id INTEGER PRIMARY KEY,
	kind       TEXT NOT NULL,          -- static, rule
	expression TEXT NOT NULL,          -- of a rule: the canonical form (internal/audience); '' for static
	posting    TEXT NOT NULL,          -- who may write to it: owners, members, agents, anyone, moderated
	hidden     INTEGER NOT NULL,       -- 1: only owners see who its members are
	archive    INTEGER NOT NULL,       -- 1: each post is also kept in the list's own account
	leaving    INTEGER NOT NULL,       -- 1: a member may ask to leave
	max_size   INTEGER NOT NULL,       -- octets of a post; 0: no limit of its own
	waiting_id INTEGER NOT NULL,       -- mailbox of the list's account in which posts wait for an owner
	told_uid   INTEGER NOT NULL,       -- the last of those posts that the owners were told of
	told_at    INTEGER NOT NULL        -- when they were told last; 0: never
);

CREATE TABLE list_owner (
	account_id INTEGER NOT NULL,       -- of the list
	owner_id   INTEGER NOT NULL,       -- account of a person
	PRIMARY KEY (account_id, owner_id)
) KEYED;
CREATE INDEX list_owner_of ON list_owner (owner_id);

-- Members of static lists who have an account: people, boxes, other lists.
CREATE TABLE list_member (
	account_id INTEGER NOT NULL,       -- of the list
	member_id  INTEGER NOT NULL,
	PRIMARY KEY (account_id, member_id)
) KEYED;
CREATE INDEX list_member_of ON list_member (member_id);

-- Members of static lists outside: addresses of other domains.
CREATE TABLE list_outside (
	account_id INTEGER NOT NULL,       -- of the list
	address    TEXT NOT NULL,          -- directory.Normalize form
	PRIMARY KEY (account_id, address)
) KEYED;
