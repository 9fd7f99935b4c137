-- What the second screen of a counter shows for a while: a code by which whoever stands there does something himself. The code proves itself; the row gives no right.
CREATE TABLE queue_offer (home BIGINT NOT NULL, hall TEXT NOT NULL, counter TEXT NOT NULL, what TEXT NOT NULL, account BIGINT NOT NULL, ticket BIGINT NOT NULL, until_ms BIGINT NOT NULL, PRIMARY KEY (home, hall, counter));
