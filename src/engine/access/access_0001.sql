CREATE TABLE access_scope (home BIGINT NOT NULL, list TEXT NOT NULL, scope BIGINT NOT NULL, sort_key BIGINT NOT NULL, object BIGINT NOT NULL, PRIMARY KEY (home, list, scope, sort_key, object));
CREATE INDEX access_scope_object ON access_scope (home, list, object, scope);
