CREATE TABLE release_system (home BIGINT NOT NULL, id BIGINT NOT NULL, system TEXT NOT NULL, version TEXT NOT NULL, digest BYTES NOT NULL, state TEXT NOT NULL, needs TEXT NOT NULL, loaded_ms BIGINT NOT NULL, activated_ms BIGINT NOT NULL, PRIMARY KEY (home, id));
CREATE UNIQUE INDEX release_system_digest ON release_system (home, digest);
CREATE INDEX release_system_state ON release_system (home, system, state);
CREATE TABLE release_file (home BIGINT NOT NULL, release BIGINT NOT NULL, path TEXT NOT NULL, bytes BYTES NOT NULL, PRIMARY KEY (home, release, path));
