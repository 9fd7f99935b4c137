CREATE TABLE upkeep_notice (
    home BIGINT NOT NULL,
    id BIGINT NOT NULL,
    from_ms BIGINT NOT NULL,
    until_ms BIGINT NOT NULL,
    zh TEXT NOT NULL,
    en TEXT NOT NULL,
    made_ms BIGINT NOT NULL,
    account BIGINT NOT NULL,
    ended_ms BIGINT NOT NULL,
    PRIMARY KEY (home, id)
);
CREATE INDEX upkeep_notice_now ON upkeep_notice (home, ended_ms, until_ms, id);
