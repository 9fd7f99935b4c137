CREATE INDEX identity_post_role_id ON identity_post (home, role, id);
CREATE INDEX identity_post_unit_id ON identity_post (home, unit, id);
