-- Automatic forwarding (internal/forward): one row an account whose mail is copied to another address.
CREATE TABLE forward (
	account_id INTEGER PRIMARY KEY,
	target     TEXT NOT NULL,        -- address, normalised
	outside    INTEGER NOT NULL,     -- 1: in a domain that is not ours
	basis      TEXT NOT NULL,        -- own: by the holder; exception: by an administrator; inventory: from the former system
	set_at     INTEGER NOT NULL,
	until      TEXT NOT NULL,        -- ISO 8601, the last day; '' for none: inside only
	told_days  INTEGER NOT NULL,     -- of the warnings before the end, the fewest days that the holder was told of
	seen_email INTEGER NOT NULL,     -- the last email that was considered
	forwarded  INTEGER NOT NULL,     -- how many were copied
	withheld   INTEGER NOT NULL,     -- how many stayed because they name a protected person
	last_at    INTEGER NOT NULL      -- when one was copied last; 0: never
);
CREATE INDEX forward_until ON forward (until) WHERE until <> '';
