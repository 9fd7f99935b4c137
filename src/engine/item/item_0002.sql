CREATE TABLE item_presence (home BIGINT NOT NULL, task BIGINT NOT NULL, account BIGINT NOT NULL, since_ms BIGINT NOT NULL, until_ms BIGINT NOT NULL, PRIMARY KEY (home, task, account));
CREATE INDEX item_presence_until ON item_presence (home, until_ms);
