-- Automatic replies (internal/autoreply): of who is away, or gone.
CREATE TABLE autoreply (
	account_id INTEGER PRIMARY KEY,
	starts_at  INTEGER NOT NULL,
	ends_at    INTEGER NOT NULL,     -- 0: until it is taken off
	subject    TEXT NOT NULL,
	body       TEXT NOT NULL,
	seen_email INTEGER NOT NULL      -- the last email that was considered
);
CREATE TABLE autoreply_sent (
	account_id    INTEGER NOT NULL,
	correspondent TEXT NOT NULL,     -- directory.Normalize form
	at            INTEGER NOT NULL,
	PRIMARY KEY (account_id, correspondent)
) KEYED;
CREATE INDEX autoreply_sent_at ON autoreply_sent (at);

-- Where an account stands that has no function any more (internal/career). Dates are ISO 8601.
CREATE TABLE career (
	account_id INTEGER PRIMARY KEY,
	state      TEXT NOT NULL,        -- grace, departed, closed
	last_day   TEXT NOT NULL,        -- of the last function
	departs_on TEXT NOT NULL,        -- sending closes
	closes_on  TEXT NOT NULL,        -- nothing is received any more; '' in grace
	reminded   INTEGER NOT NULL      -- the fewest days before closing that were reminded of; 0 for none
);

-- What an address was before its account was closed: it is that again when its holder returns.
CREATE TABLE address_closed (
	address TEXT PRIMARY KEY,
	kind    TEXT NOT NULL
);

-- People whom a head has vouched for and HR does not know yet.
CREATE TABLE provisional (
	person_id INTEGER PRIMARY KEY,
	sponsor   TEXT NOT NULL,         -- login of who vouches
	uai       TEXT NOT NULL,
	until     TEXT NOT NULL,         -- last day
	match     TEXT NOT NULL          -- birth date, names and school by which the HR line is known
);
CREATE INDEX provisional_match ON provisional (match);
