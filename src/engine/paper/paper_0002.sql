CREATE INDEX paper_holder_state ON paper (home, holder, state, id);
