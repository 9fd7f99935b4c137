CREATE TABLE identity_try (home BIGINT NOT NULL, what BYTES NOT NULL, fails BIGINT NOT NULL, first_ms BIGINT NOT NULL, until_ms BIGINT NOT NULL, PRIMARY KEY (home, what));
CREATE INDEX identity_try_first ON identity_try (home, first_ms);
