-- audit: entries wait in audit_pending until the sequencer moves them, numbered, to audit_entry. Nothing updates an entry.
CREATE TABLE audit_pending (
    home BIGINT NOT NULL, time_ms BIGINT NOT NULL, id BIGINT NOT NULL,
    actor BIGINT NOT NULL, on_behalf BIGINT NOT NULL, post TEXT NOT NULL, act TEXT NOT NULL, purpose TEXT NOT NULL,
    object_kind TEXT NOT NULL, object_id BIGINT NOT NULL, case_id BIGINT NOT NULL, outcome BIGINT NOT NULL,
    error_name TEXT NOT NULL, request_id TEXT NOT NULL, source TEXT NOT NULL, detail TEXT NOT NULL,
    subject_person BIGINT NOT NULL, data_class TEXT NOT NULL, release_id TEXT NOT NULL,
    PRIMARY KEY (home, time_ms, id)
);
CREATE TABLE audit_entry (
    home BIGINT NOT NULL, seq BIGINT NOT NULL, time_ms BIGINT NOT NULL, id BIGINT NOT NULL,
    actor BIGINT NOT NULL, on_behalf BIGINT NOT NULL, post TEXT NOT NULL, act TEXT NOT NULL, purpose TEXT NOT NULL,
    object_kind TEXT NOT NULL, object_id BIGINT NOT NULL, case_id BIGINT NOT NULL, outcome BIGINT NOT NULL,
    error_name TEXT NOT NULL, request_id TEXT NOT NULL, source TEXT NOT NULL, detail TEXT NOT NULL,
    subject_person BIGINT NOT NULL, data_class TEXT NOT NULL, release_id TEXT NOT NULL,
    leaf BYTES NOT NULL,
    PRIMARY KEY (home, seq)
);
CREATE UNIQUE INDEX audit_entry_id ON audit_entry (home, id);
CREATE INDEX audit_entry_actor ON audit_entry (home, actor, seq);
CREATE INDEX audit_entry_act ON audit_entry (home, act, seq);
CREATE INDEX audit_entry_object ON audit_entry (home, object_id, seq);
CREATE INDEX audit_entry_case ON audit_entry (home, case_id, seq);
CREATE INDEX audit_entry_subject ON audit_entry (home, subject_person, seq);
-- one row per home: the right edge of the tree, complete subtrees from the smallest up, 32 bytes each
CREATE TABLE audit_tree (
    home BIGINT NOT NULL, suite BIGINT NOT NULL, size BIGINT NOT NULL, edge BYTES NOT NULL,
    PRIMARY KEY (home)
);
-- roots of complete blocks of 256 leaves: what a proof reads instead of all leaves
CREATE TABLE audit_block (
    home BIGINT NOT NULL, block BIGINT NOT NULL, root BYTES NOT NULL,
    PRIMARY KEY (home, block)
);
CREATE TABLE audit_head (
    home BIGINT NOT NULL, size BIGINT NOT NULL, root BYTES NOT NULL, time_ms BIGINT NOT NULL, suite BIGINT NOT NULL,
    key_id BIGINT NOT NULL, signature BYTES NOT NULL,
    PRIMARY KEY (home, size)
);
