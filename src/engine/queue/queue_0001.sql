CREATE TABLE queue_ticket (home BIGINT NOT NULL, id BIGINT NOT NULL, hall TEXT NOT NULL, day BIGINT NOT NULL, drawn TEXT NOT NULL, number BIGINT NOT NULL, line TEXT NOT NULL, class TEXT NOT NULL, state TEXT NOT NULL, counter TEXT NOT NULL, account BIGINT NOT NULL, place_ms BIGINT NOT NULL, taken_ms BIGINT NOT NULL, called_ms BIGINT NOT NULL, begun_ms BIGINT NOT NULL, ended_ms BIGINT NOT NULL, calls BIGINT NOT NULL, missed BIGINT NOT NULL, version BIGINT NOT NULL, code TEXT NOT NULL, mac BYTES NOT NULL, PRIMARY KEY (home, id));
CREATE UNIQUE INDEX queue_ticket_number ON queue_ticket (home, hall, day, drawn, number);
CREATE UNIQUE INDEX queue_ticket_code ON queue_ticket (home, code);
CREATE INDEX queue_ticket_place ON queue_ticket (home, hall, day, state, line, place_ms, id);
CREATE INDEX queue_ticket_day ON queue_ticket (home, hall, day, id);
CREATE TABLE queue_line (home BIGINT NOT NULL, hall TEXT NOT NULL, day BIGINT NOT NULL, line TEXT NOT NULL, last BIGINT NOT NULL, served BIGINT NOT NULL, served_ms BIGINT NOT NULL, stopped BIGINT NOT NULL, PRIMARY KEY (home, hall, day, line));
CREATE TABLE queue_counter (home BIGINT NOT NULL, hall TEXT NOT NULL, counter TEXT NOT NULL, day BIGINT NOT NULL, account BIGINT NOT NULL, ticket BIGINT NOT NULL, since_ms BIGINT NOT NULL, version BIGINT NOT NULL, mac BYTES NOT NULL, PRIMARY KEY (home, hall, counter));
CREATE INDEX queue_counter_account ON queue_counter (home, account);
CREATE TABLE queue_event (home BIGINT NOT NULL, ticket BIGINT NOT NULL, id BIGINT NOT NULL, kind TEXT NOT NULL, line TEXT NOT NULL, counter TEXT NOT NULL, account BIGINT NOT NULL, at_ms BIGINT NOT NULL, mac BYTES NOT NULL, PRIMARY KEY (home, ticket, id));
