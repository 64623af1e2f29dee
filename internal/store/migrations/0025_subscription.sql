-- The mailboxes of shared boxes that a member has unsubscribed from (internal/mailbox). Subscriptions are each member's
-- own; whoever joins a box is subscribed to all of it, so that mail programs show it by themselves.
CREATE TABLE unsubscribed (
	account_id INTEGER NOT NULL,       -- of the member
	box_id     INTEGER NOT NULL,       -- account of the box
	mailbox_id INTEGER NOT NULL,       -- in the box; ids are never used twice, so a row of one that is gone says nothing
	PRIMARY KEY (account_id, box_id, mailbox_id)
) KEYED;
