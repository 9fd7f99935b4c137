-- The store's own tables. Idempotency: the key of a job, a digest of what was asked under it, and what was answered.
CREATE TABLE store_idem (
    home BIGINT NOT NULL,
    key BYTES NOT NULL,
    digest BYTES NOT NULL,
    result BYTES NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (home, key)
);
CREATE INDEX store_idem_age ON store_idem (home, at_ms);
-- Ids: ticks below `mark` may have been given out by this node (ids.c). Home 0: of the installation, not of a realm.
CREATE TABLE store_node (
    home BIGINT NOT NULL,
    node BIGINT NOT NULL,
    mark BIGINT NOT NULL,
    PRIMARY KEY (home, node)
);
-- Leases with fencing numbers (lease.c).
CREATE TABLE store_lease (
    home BIGINT NOT NULL,
    name TEXT NOT NULL,
    holder TEXT NOT NULL,
    fence BIGINT NOT NULL,
    until_ms BIGINT NOT NULL,
    PRIMARY KEY (home, name)
);
-- Full text (text.c): the tokens of each object, with which both stores' indexes are fed, and by which they are emptied.
CREATE TABLE store_text (
    home BIGINT NOT NULL,
    collection TEXT NOT NULL,
    object BIGINT NOT NULL,
    tokens TEXT NOT NULL,
    PRIMARY KEY (home, collection, object)
);
CREATE INDEX store_text_object ON store_text (home, object);
