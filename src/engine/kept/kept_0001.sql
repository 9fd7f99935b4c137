CREATE TABLE kept_form (home BIGINT NOT NULL, token BYTES NOT NULL, account BIGINT NOT NULL, person BIGINT NOT NULL, until_ms BIGINT NOT NULL, body BYTES NOT NULL, PRIMARY KEY (home, token));
CREATE INDEX kept_form_until ON kept_form (home, until_ms);
