-- What senders are told of messages that have left (internal/submission): the first few of a day at once, the others
-- together when the day is over. Rows stay for two days.
CREATE TABLE remark (
	account_id INTEGER NOT NULL,     -- who sent
	remark_id  INTEGER NOT NULL,
	at         INTEGER NOT NULL,     -- when the message left
	subject    TEXT NOT NULL,        -- of the message, without addresses
	french     TEXT NOT NULL,        -- what to know, one thing a line: fields and counts, no address
	english    TEXT NOT NULL,
	told       INTEGER NOT NULL,     -- 1 once the sender was told
	PRIMARY KEY (account_id, remark_id)
) KEYED;
