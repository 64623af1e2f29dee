-- The journal's sequence, taken under its row lock: commit order is seq order, and each row knows the one before.
INSERT INTO store_meta (name, value) VALUES ('journal', 0);

-- What an account's state was when it was suspended, and becomes again when the suspension is lifted; an appointment
-- that ends meanwhile changes it to departed. The row exists exactly while account.state is suspended.
CREATE TABLE suspension (
	account_id INTEGER PRIMARY KEY,
	resumes    TEXT NOT NULL
);
