ALTER TABLE identity_session ADD COLUMN device TEXT NOT NULL DEFAULT '';
CREATE INDEX identity_session_recent ON identity_session (home, account, id);
