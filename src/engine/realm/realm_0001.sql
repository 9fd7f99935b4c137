CREATE TABLE realm_epoch (home BIGINT NOT NULL, kind BIGINT NOT NULL, slot BIGINT NOT NULL, value BIGINT NOT NULL, PRIMARY KEY (home, kind, slot));
