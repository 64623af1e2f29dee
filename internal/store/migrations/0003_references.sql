-- Who refers to a message, and which content an object belongs to: what the collection of garbage asks, and the check.
CREATE INDEX email_message ON email (message_id, account_id);
CREATE INDEX held_message ON held (message_id);
CREATE INDEX delivery_message ON delivery (message_id) WHERE state IN (0, 2);
CREATE UNIQUE INDEX content_object ON content (object) WHERE object IS NOT NULL;
