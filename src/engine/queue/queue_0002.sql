CREATE TABLE queue_booking (home BIGINT NOT NULL, id BIGINT NOT NULL, account BIGINT NOT NULL, hall TEXT NOT NULL, line TEXT NOT NULL, item TEXT NOT NULL, day BIGINT NOT NULL, at_ms BIGINT NOT NULL, until_ms BIGINT NOT NULL, place BIGINT NOT NULL, state TEXT NOT NULL, code TEXT NOT NULL, ticket BIGINT NOT NULL, made_ms BIGINT NOT NULL, version BIGINT NOT NULL, mac BYTES NOT NULL, PRIMARY KEY (home, id));
CREATE UNIQUE INDEX queue_booking_place ON queue_booking (home, hall, line, at_ms, place);
CREATE UNIQUE INDEX queue_booking_code ON queue_booking (home, hall, code);
CREATE INDEX queue_booking_account ON queue_booking (home, account, at_ms, id);
CREATE INDEX queue_booking_day ON queue_booking (home, hall, day, at_ms, id);
ALTER TABLE queue_ticket ADD COLUMN first_ms BIGINT NOT NULL DEFAULT 0;
