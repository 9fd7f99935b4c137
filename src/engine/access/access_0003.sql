-- The rows of one object are asked for and changed by every act on it: spread, so that acts on neighbours do not meet (schema.c).
CREATE INDEX access_scope_at ON access_scope (home, object) SPREAD;
DROP INDEX access_scope_object;
DROP INDEX access_scope_of;
