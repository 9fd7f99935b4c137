CREATE TABLE supervise_card (home BIGINT NOT NULL, id BIGINT NOT NULL, occasion TEXT NOT NULL, system TEXT NOT NULL, rule TEXT NOT NULL, color TEXT NOT NULL, case_id BIGINT NOT NULL, task BIGINT NOT NULL, unit BIGINT NOT NULL, account BIGINT NOT NULL, item TEXT NOT NULL, state TEXT NOT NULL, at_ms BIGINT NOT NULL, issued_ms BIGINT NOT NULL, changed_ms BIGINT NOT NULL, version BIGINT NOT NULL, mac BYTES NOT NULL, PRIMARY KEY (home, id));
CREATE UNIQUE INDEX supervise_card_occasion ON supervise_card (home, occasion);
CREATE INDEX supervise_card_case ON supervise_card (home, case_id, id);
CREATE TABLE supervise_word (home BIGINT NOT NULL, card BIGINT NOT NULL, id BIGINT NOT NULL, verb TEXT NOT NULL, account BIGINT NOT NULL, at_ms BIGINT NOT NULL, body BYTES NOT NULL, PRIMARY KEY (home, card, id));
CREATE TABLE supervise_sum (home BIGINT NOT NULL, month BIGINT NOT NULL, kind TEXT NOT NULL, object TEXT NOT NULL, unit BIGINT NOT NULL, yellow BIGINT NOT NULL, red BIGINT NOT NULL, open BIGINT NOT NULL, withdrawn BIGINT NOT NULL, PRIMARY KEY (home, month, kind, object, unit));
CREATE TABLE supervise_look (home BIGINT NOT NULL, case_id BIGINT NOT NULL, at_ms BIGINT NOT NULL, PRIMARY KEY (home, case_id));
CREATE INDEX supervise_look_due ON supervise_look (home, at_ms, case_id);
