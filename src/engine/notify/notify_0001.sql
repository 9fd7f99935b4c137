CREATE TABLE notify_message (home BIGINT NOT NULL, account BIGINT NOT NULL, id BIGINT NOT NULL, case_id BIGINT NOT NULL, notice TEXT NOT NULL, body BYTES NOT NULL, at_ms BIGINT NOT NULL, read_ms BIGINT NOT NULL, PRIMARY KEY (home, account, id));
CREATE INDEX notify_message_unread ON notify_message (home, account, read_ms);
