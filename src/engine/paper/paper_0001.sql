CREATE TABLE paper (home BIGINT NOT NULL, id BIGINT NOT NULL, case_id BIGINT NOT NULL, type TEXT NOT NULL, release BIGINT NOT NULL, title TEXT NOT NULL, organ TEXT NOT NULL, number TEXT NOT NULL, state TEXT NOT NULL, person BIGINT NOT NULL, company BIGINT NOT NULL, holder BIGINT NOT NULL, holder_masked TEXT NOT NULL, code TEXT NOT NULL, issued_ms BIGINT NOT NULL, valid_from_ms BIGINT NOT NULL, valid_until_ms BIGINT NOT NULL, wait BIGINT NOT NULL, reason TEXT NOT NULL, view BYTES NOT NULL, blob BYTES NOT NULL, mac BYTES NOT NULL, PRIMARY KEY (home, id));
CREATE INDEX paper_case ON paper (home, case_id, id);
CREATE INDEX paper_holder ON paper (home, holder, id);
CREATE UNIQUE INDEX paper_code ON paper (home, code);
