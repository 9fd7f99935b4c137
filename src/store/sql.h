/* sql: just enough of SQL's words to translate our common subset, to read our migrations, and to refuse what is
 * outside it. Input is our own source and, in a backup, what claims to be (define.c). Conventions of the subset:
 * keywords in capitals, names in lower case.
 */
#ifndef STORE_SQL_H
#define STORE_SQL_H
#include "base/buf.h"
#include "base/err.h"
#include "store/store.h"

enum sql_kind { SQL_END, SQL_WORD, SQL_NUMBER, SQL_STRING, SQL_PARAM, SQL_MARK };
struct sql_token {
    enum sql_kind kind;
    struct str text; /* borrowed from the source */
    size_t at;       /* its offset there */
};

/* The next token at or after *at, blanks and comments skipped; SQL_END at the end. */
struct sql_token sql_next(struct str sql, size_t *at);
bool sql_is(struct sql_token t, const char *text);

/* PostgreSQL's form of a statement: `?` becomes $1, $2, ... NUL-terminated, in the arena; NULL on overflow. */
const char *sql_numbered(struct arena *a, const char *sql);

/* ---- migrations (schema.c) ---- */
enum { SQL_COLUMNS_MAX = 64, SQL_TABLES_MAX = 1024, SQL_INDEXES_MAX = 4096 };
struct sql_column {
    struct str name;
    enum store_type type;
};
struct sql_table {
    struct str name;
    const char *engine;
    size_t order;             /* of creation: a table refers only to earlier ones */
    struct sql_column column[SQL_COLUMNS_MAX];
    size_t n_columns;
    size_t n_made;            /* of them, those that it was made with: in every row of before, too */
    int key[SQL_COLUMNS_MAX]; /* columns of the primary key, in its order */
    size_t n_key;
};
struct sql_index {
    struct str name;
    const struct sql_table *table;
    bool unique;
};
struct sql_schema {
    struct sql_table *table[SQL_TABLES_MAX]; /* by name */
    size_t n;
    struct sql_index index[SQL_INDEXES_MAX]; /* those that stand, as made; a key's own is not among them */
    size_t n_indexes;
};
/* Reads migrations in the order given, and refuses with ERR_SYSTEM (name of the migration, what is wrong) whatever
 * an older program could not work with, is not in the subset, or has a key that `home` does not lead. Texts are borrowed. */
int sql_schema_read(struct arena *a, const struct store_migration *m, size_t n, struct sql_schema **ret, struct err *e);
/* The migration in the words of one store. */
int sql_migration(struct arena *a, const struct store_migration *m, bool postgres, const char **ret, struct err *e);

#endif
