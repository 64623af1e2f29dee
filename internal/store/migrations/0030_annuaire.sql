-- The directory that people search (internal/annuaire): each node keeps an index of it, and catches up by the number of
-- the directory's last change.

-- store_meta 'directory' as the transaction that wrote the row had it. Its row is locked to commit, so whoever has read
-- all rows up to a number misses none.
ALTER TABLE history ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
CREATE INDEX history_version ON history (version, account_id);

-- « Liste rouge »: whom the directory shows to nobody but those entitled. Since when and why is in the journal.
CREATE TABLE annuaire_hidden (
	account_id INTEGER PRIMARY KEY
);

-- How many entries were shown to an account, by the hour, on all nodes: what bulk extraction is known by.
CREATE TABLE annuaire_use (
	account_id INTEGER NOT NULL,      -- who searched
	hour       INTEGER NOT NULL,      -- hours since 1970 UTC
	shown      INTEGER NOT NULL,      -- entries that were new to them
	told       INTEGER NOT NULL,      -- 1: the journal says that they asked for too many
	PRIMARY KEY (account_id, hour)
) KEYED;
