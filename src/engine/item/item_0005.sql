-- What somebody has not got to its end is in the list of cases, by state: the case's own row has no index that changes with its state, so
-- that an update writes none (PostgreSQL's heap-only tuples).
DROP INDEX item_case_draft;
DROP INDEX item_case_of_person;
DROP INDEX item_case_of_company;
