CREATE INDEX identity_unit_path_below ON identity_unit_path (home, ancestor, distance, unit);
CREATE INDEX identity_post_unit ON identity_post (home, unit, until_ms);
