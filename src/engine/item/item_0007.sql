-- How many results were handed over or sent on a day, by whom: for the tally of a hall. What waits stands in the scope rows of the list "handover".
CREATE TABLE item_handover_sum (home BIGINT NOT NULL, unit BIGINT NOT NULL, day BIGINT NOT NULL, account BIGINT NOT NULL, way TEXT NOT NULL, n BIGINT NOT NULL, PRIMARY KEY (home, unit, day, account, way));
