-- Timers that could not be fired are put off, each longer than the time before: those behind them are not held up. What is put off stands
-- outside the order of what is due, and comes back by a time of its own.
ALTER TABLE flow_timer ADD COLUMN failed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE flow_timer ADD COLUMN attempts BIGINT NOT NULL DEFAULT 0;
ALTER TABLE flow_timer ADD COLUMN again_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE flow_timer ADD COLUMN why TEXT NOT NULL DEFAULT '';
CREATE INDEX flow_timer_fresh ON flow_timer (home, standing, failed, due_ms, id);
CREATE INDEX flow_timer_failed ON flow_timer (home, failed, again_ms, id);
DROP INDEX flow_timer_due;
