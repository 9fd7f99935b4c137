-- Of a rating: whom it is about, told when it was given (item_rating.c), and the redress (整改) that a bad one opened. Sums of a month, for boards.
ALTER TABLE item_rating ADD COLUMN item TEXT NOT NULL DEFAULT '';
ALTER TABLE item_rating ADD COLUMN unit BIGINT NOT NULL DEFAULT 0;
ALTER TABLE item_rating ADD COLUMN officer BIGINT NOT NULL DEFAULT 0;
ALTER TABLE item_rating ADD COLUMN redress BIGINT NOT NULL DEFAULT 0;
CREATE TABLE item_rating_sum (home BIGINT NOT NULL, month BIGINT NOT NULL, kind TEXT NOT NULL, object TEXT NOT NULL, unit BIGINT NOT NULL, level BIGINT NOT NULL, n BIGINT NOT NULL, PRIMARY KEY (home, month, kind, object, unit, level));
