CREATE TABLE act_outbox (home BIGINT NOT NULL, id BIGINT NOT NULL, topic TEXT NOT NULL, object BIGINT NOT NULL, payload TEXT NOT NULL, due_ms BIGINT NOT NULL, attempts BIGINT NOT NULL, done_ms BIGINT NOT NULL, why TEXT NOT NULL, PRIMARY KEY (home, id));
CREATE INDEX act_outbox_due ON act_outbox (home, topic, done_ms, due_ms, id);
