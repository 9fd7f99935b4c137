ALTER TABLE access_scope ADD COLUMN second_key BIGINT NOT NULL DEFAULT 0;
ALTER TABLE access_scope ADD COLUMN facet_a TEXT NOT NULL DEFAULT '';
ALTER TABLE access_scope ADD COLUMN facet_b TEXT NOT NULL DEFAULT '';
CREATE INDEX access_scope_second ON access_scope (home, list, scope, second_key, object);
CREATE INDEX access_scope_a_first ON access_scope (home, list, scope, facet_a, sort_key, object);
CREATE INDEX access_scope_a_second ON access_scope (home, list, scope, facet_a, second_key, object);
CREATE INDEX access_scope_b_first ON access_scope (home, list, scope, facet_b, sort_key, object);
CREATE INDEX access_scope_b_second ON access_scope (home, list, scope, facet_b, second_key, object);
CREATE INDEX access_scope_of ON access_scope (home, list, object, facet_a, facet_b);
