CREATE INDEX item_case_of_person ON item_case (home, person, company, ended_ms, created_ms);
CREATE INDEX item_case_of_company ON item_case (home, company, ended_ms, created_ms);
