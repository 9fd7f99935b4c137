-- Tasks beside a step's own: 0 the step's own, 1 an opinion before it is decided, 2 another's word afterwards; who lent it or asked for
-- it; the task out of which it came. Read with the open tasks of their instance: no index of their own.
ALTER TABLE flow_task ADD COLUMN kind BIGINT NOT NULL DEFAULT 0;
ALTER TABLE flow_task ADD COLUMN owner_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE flow_task ADD COLUMN from_id BIGINT NOT NULL DEFAULT 0;
