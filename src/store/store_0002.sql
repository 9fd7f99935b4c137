-- The latest job time of the node that is known to be on stable storage: a clock that is behind it was set back (ids.c).
ALTER TABLE store_node ADD COLUMN clock_ms BIGINT NOT NULL DEFAULT 0;
