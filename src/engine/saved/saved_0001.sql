CREATE TABLE saved_list (home BIGINT NOT NULL, id BIGINT NOT NULL, account BIGINT NOT NULL, person BIGINT NOT NULL, unit BIGINT NOT NULL, path TEXT NOT NULL, opens BIGINT NOT NULL, body BYTES NOT NULL, PRIMARY KEY (home, id));
CREATE INDEX saved_list_account ON saved_list (home, account, path, id);
CREATE INDEX saved_list_unit ON saved_list (home, unit, path, id);
