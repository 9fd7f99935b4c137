-- Offered to whoever proves a phone: a keyed hash of its number, and how it is shown to the giver. Empty: named by the account.
ALTER TABLE identity_acting ADD COLUMN phone TEXT NOT NULL DEFAULT '';
ALTER TABLE identity_acting ADD COLUMN phone_shown TEXT NOT NULL DEFAULT '';
CREATE INDEX identity_acting_phone ON identity_acting (home, phone, id);
