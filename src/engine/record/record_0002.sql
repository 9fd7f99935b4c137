CREATE TABLE record_look (home BIGINT NOT NULL, id BIGINT NOT NULL, type TEXT NOT NULL, record BIGINT NOT NULL, account BIGINT NOT NULL, session BIGINT NOT NULL, purpose TEXT NOT NULL, until_ms BIGINT NOT NULL, body BYTES NOT NULL, PRIMARY KEY (home, id));
CREATE INDEX record_look_of ON record_look (home, record, account, session, until_ms);
