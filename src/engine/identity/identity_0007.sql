CREATE TABLE identity_acting (home BIGINT NOT NULL, id BIGINT NOT NULL, principal BIGINT NOT NULL, for_person BIGINT NOT NULL, principal_name TEXT NOT NULL, account BIGINT NOT NULL, name TEXT NOT NULL, standing TEXT NOT NULL, items TEXT NOT NULL, state TEXT NOT NULL, from_ms BIGINT NOT NULL, until_ms BIGINT NOT NULL, made_ms BIGINT NOT NULL, made_by BIGINT NOT NULL, accepted_ms BIGINT NOT NULL, ended_ms BIGINT NOT NULL, ended_by BIGINT NOT NULL, PRIMARY KEY (home, id));
CREATE INDEX identity_acting_account ON identity_acting (home, account, id);
CREATE INDEX identity_acting_pair ON identity_acting (home, account, principal, id);
CREATE INDEX identity_acting_principal ON identity_acting (home, principal, id);
CREATE INDEX identity_mandate_company ON identity_mandate (home, company);
