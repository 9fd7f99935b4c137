-- deputy: who stands in for an officer who is away. The reason is sealed under the key of whose absence it is; what stands in clear beside it
-- is bound to the seal.
CREATE TABLE deputy (home BIGINT NOT NULL, id BIGINT NOT NULL, principal BIGINT NOT NULL, deputy BIGINT NOT NULL, person BIGINT NOT NULL, principal_name TEXT NOT NULL, name TEXT NOT NULL, matters TEXT NOT NULL, state TEXT NOT NULL, from_ms BIGINT NOT NULL, until_ms BIGINT NOT NULL, made_ms BIGINT NOT NULL, made_by BIGINT NOT NULL, answered_ms BIGINT NOT NULL, ended_ms BIGINT NOT NULL, ended_by BIGINT NOT NULL, reason BYTES NOT NULL, PRIMARY KEY (home, id));
CREATE INDEX deputy_principal ON deputy (home, principal, until_ms, id);
CREATE INDEX deputy_deputy ON deputy (home, deputy, until_ms, id);
