-- Tables that releases declare: their text, since no binary carries it (define.c).
CREATE TABLE define_table (home BIGINT NOT NULL, engine TEXT NOT NULL, number BIGINT NOT NULL, sql TEXT NOT NULL, PRIMARY KEY (home, engine, number));
