-- By which words of itself an object is found, in each scope that reaches it: the word is a keyed hash of both (access_word.c).
CREATE TABLE access_word (home BIGINT NOT NULL, word BIGINT NOT NULL, sort_key BIGINT NOT NULL, object BIGINT NOT NULL, PRIMARY KEY (home, word, sort_key, object));
