CREATE TABLE notify_contact (home BIGINT NOT NULL, account BIGINT NOT NULL, channel TEXT NOT NULL, body BYTES NOT NULL, PRIMARY KEY (home, account, channel));
CREATE TABLE notify_choice (home BIGINT NOT NULL, account BIGINT NOT NULL, body BYTES NOT NULL, PRIMARY KEY (home, account));
CREATE TABLE notify_delivery (home BIGINT NOT NULL, id BIGINT NOT NULL, account BIGINT NOT NULL, message BIGINT NOT NULL, channel TEXT NOT NULL, lane TEXT NOT NULL, state TEXT NOT NULL, body BYTES NOT NULL, made_ms BIGINT NOT NULL, expires_ms BIGINT NOT NULL, attempts BIGINT NOT NULL, handed_ms BIGINT NOT NULL, ended_ms BIGINT NOT NULL, provider TEXT NOT NULL, why TEXT NOT NULL, mac BYTES NOT NULL, PRIMARY KEY (home, id));
CREATE INDEX notify_delivery_message ON notify_delivery (home, message, id);
CREATE INDEX notify_delivery_state ON notify_delivery (home, state, id);
CREATE INDEX notify_delivery_channel ON notify_delivery (home, channel, id);
CREATE INDEX notify_delivery_provider ON notify_delivery (home, provider, id);
