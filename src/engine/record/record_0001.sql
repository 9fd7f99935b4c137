CREATE TABLE record_key (home BIGINT NOT NULL, owner BIGINT NOT NULL, wrapped BYTES NOT NULL, made_ms BIGINT NOT NULL, PRIMARY KEY (home, owner));
