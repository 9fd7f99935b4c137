-- A session that reaches one draft alone (item_resume.c): opened by the draft's number and a code to its phone. `person` where its
-- applicant has no account.
ALTER TABLE identity_session ADD COLUMN only_case BIGINT NOT NULL DEFAULT 0;
ALTER TABLE identity_session ADD COLUMN person BIGINT NOT NULL DEFAULT 0;
