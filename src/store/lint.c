/* lint: the common subset of SQL that every statement keeps to, so that it means the same in SQLite, PostgreSQL
 * and the engines that speak its protocol. Whatever is not in the list of words is refused; what a word may not do
 * is refused by name.
 *
 * Rules (each has a negative control in lint_test.c)
 *  1. One statement: SELECT, INSERT, UPDATE, DELETE or WITH; no ';'; parameters are '?'.
 *  2. `home` is compared for each table that is read, changed or deleted from, and leads the columns of each INSERT.
 *  3. No OFFSET (keyset paging), and LIMIT only with ORDER BY; no '*' but in COUNT(*); no JOIN by comma.
 *  4. RETURNING only with INSERT ... VALUES, which is one row. ON CONFLICT names its columns.
 *  5. Nothing whose meaning differs or is missing somewhere: LIKE, JSON operators, casts but to BIGINT and TEXT,
 *     AVG, LOWER, clocks, random, TRUE and FALSE, FOR UPDATE, FULL and RIGHT joins, quoted names, IS with anything
 *     but NULL.
 */
#include "store/sql.h"

#include <string.h>

static const char words[] = " SELECT FROM WHERE AND OR NOT NULL IS IN EXISTS BETWEEN CASE WHEN THEN ELSE END AS ON "
                            "JOIN LEFT INNER ORDER GROUP BY HAVING ASC "
                            "DESC LIMIT DISTINCT UNION ALL EXCEPT INTERSECT INSERT INTO VALUES UPDATE SET DELETE "
                            "CONFLICT DO NOTHING RETURNING WITH RECURSIVE "
                            "CAST BIGINT TEXT COUNT SUM MIN MAX COALESCE LENGTH SUBSTR ABS NULLIF OVER PARTITION "
                            "ROW_NUMBER RANK DENSE_RANK LAG LEAD "
                            "FIRST_VALUE LAST_VALUE ROWS PRECEDING FOLLOWING UNBOUNDED CURRENT ROW ";
static const char marks[] = " ( ) , . = <> < <= > >= + - * / % || ? ";

struct lint {
    const struct store_stmt *st;
    struct str sql;
    struct err *e;
    struct sql_token t, before, before2; /* the current token and the two before it */
    size_t tables, homes;
    struct str cte[8];
    size_t n_cte;
    bool insert, values, order, limit;
    bool from_list; /* in a FROM clause, behind a table's name: a comma would join */
    int depth, from_depth;
};

static int bad(struct lint *l, const char *what) {
    return err_set(l->e, ERR_SYSTEM, "%s: %s, at \"%.*s\"", l->st->name, what, STR_ARG(str_sub(l->sql, l->t.at, 30)));
}

static bool listed(const char *list, struct str word) {
    char find[40];
    if (word.len + 3 > sizeof find) return false;
    find[0] = ' ';
    memcpy(find + 1, word.ptr, word.len);
    find[word.len + 1] = ' ';
    find[word.len + 2] = 0;
    return strstr(list, find) != NULL;
}

static bool is_name(struct sql_token t) {
    return t.kind == SQL_WORD && t.text.ptr[0] >= 'a' && t.text.ptr[0] <= 'z';
}

static bool is_cte(const struct lint *l, struct str name) {
    for (size_t i = 0; i < l->n_cte; i++)
        if (str_eq(l->cte[i], name)) return true;
    return false;
}

static struct sql_token peek(const struct lint *l, size_t at) {
    return sql_next(l->sql, &at);
}

static int name(struct lint *l, size_t at) {
    struct sql_token next = peek(l, at);
    bool source = sql_is(l->before, "FROM") || sql_is(l->before, "JOIN") || sql_is(l->before, "UPDATE");
    if (sql_is(l->before, "WITH") || sql_is(l->before, "RECURSIVE") ||
        (sql_is(l->before, ",") && sql_is(next, "AS") && l->n_cte)) {
        struct sql_token after = peek(l, next.at + next.text.len);
        if (sql_is(l->before, ",") && !sql_is(after, "(")) return 0;
        if (l->n_cte == sizeof l->cte / sizeof *l->cte) return bad(l, "too many WITH");
        l->cte[l->n_cte++] = l->t.text;
        return 0;
    }
    if (source) {
        if (!is_cte(l, l->t.text)) l->tables++;
        l->from_list = sql_is(l->before, "FROM");
        l->from_depth = l->depth;
    }
    if (sql_is(l->before, "INTO")) {
        size_t in = next.at + next.text.len;
        if (!sql_is(next, "(") || !sql_is(peek(l, in), "home")) return bad(l, "INSERT names its columns, home first");
        return 0;
    }
    if (sql_is(l->t, "home") && sql_is(next, "=")) l->homes++;
    if (sql_is(next, "(") && !source) return bad(l, "a function outside the subset");
    return 0;
}

static int word(struct lint *l, size_t at) {
    struct sql_token next = peek(l, at);
    if (!listed(words, l->t.text)) return bad(l, "a word outside the subset");
    bool clause = listed(" WHERE ORDER GROUP SET JOIN LEFT INNER HAVING LIMIT UNION EXCEPT INTERSECT ", l->t.text);
    if (clause && l->depth == l->from_depth) l->from_list = false;
    if (sql_is(l->t, "INSERT")) l->insert = true;
    if (sql_is(l->t, "VALUES")) l->values = true;
    if (sql_is(l->t, "ORDER")) l->order = true;
    if (sql_is(l->t, "LIMIT")) l->limit = true;
    if (sql_is(l->t, "IS") && !sql_is(next, "NULL") && !sql_is(next, "NOT")) return bad(l, "IS goes with NULL only");
    if (sql_is(l->before, "IS") && sql_is(l->t, "NOT") && !sql_is(next, "NULL"))
        return bad(l, "IS NOT goes with NULL only");
    if (sql_is(l->t, "RETURNING") && !(l->insert && l->values)) return bad(l, "RETURNING is for INSERT ... VALUES");
    if (sql_is(l->t, "CONFLICT") && !sql_is(next, "(")) return bad(l, "ON CONFLICT names its columns");
    if ((sql_is(l->t, "BIGINT") || sql_is(l->t, "TEXT")) && !sql_is(l->before, "AS"))
        return bad(l, "a type outside CAST");
    return 0;
}

static int mark(struct lint *l) {
    if (sql_is(l->t, "(")) l->depth++;
    if (sql_is(l->t, ")") && --l->depth < l->from_depth) l->from_list = false;
    if (!listed(marks, l->t.text)) return bad(l, "a mark outside the subset");
    if (sql_is(l->t, ",") && l->from_list && l->depth == l->from_depth) return bad(l, "tables are joined by JOIN");
    bool all = sql_is(l->t, "*") &&
               (sql_is(l->before, "SELECT") || sql_is(l->before, ".") || sql_is(l->before, ",") ||
                sql_is(l->before, "DISTINCT") || (sql_is(l->before, "(") && !sql_is(l->before2, "COUNT")));
    return all ? bad(l, "columns are named") : 0;
}

static int token(struct lint *l, size_t at) {
    switch (l->t.kind) {
    case SQL_WORD: return is_name(l->t) ? name(l, at) : word(l, at);
    case SQL_MARK: return mark(l);
    case SQL_NUMBER:
        return l->before.kind == SQL_PARAM && l->before.at + 1 == l->t.at ? bad(l, "parameters are not numbered") : 0;
    case SQL_PARAM:
    case SQL_STRING:
    case SQL_END: return 0;
    }
    return 0;
}

static int whole(struct lint *l, struct sql_token first) {
    bool writes = sql_is(first, "INSERT") || sql_is(first, "UPDATE") || sql_is(first, "DELETE");
    if (sql_is(first, "WITH")) writes = l->st->writes;
    else if (!writes && !sql_is(first, "SELECT")) return bad(l, "not SELECT, INSERT, UPDATE, DELETE or WITH");
    if (writes != l->st->writes) return bad(l, writes ? "it writes: STORE_WRITES" : "it only reads: STORE_READS");
    if (l->limit && !l->order) return bad(l, "LIMIT without ORDER BY");
    if (l->homes < l->tables) return bad(l, "home is not compared for each table");
    return 0;
}

int store_lint(const struct store_stmt *st, struct err *e) {
    struct lint l = { .st = st, .sql = str_of(st->sql), .e = e };
    size_t at = 0;
    struct sql_token first = peek(&l, 0);
    for (;;) {
        l.before2 = l.before;
        l.before = l.t;
        l.t = sql_next(l.sql, &at);
        if (l.t.kind == SQL_END) break;
        int rc = token(&l, at);
        if (rc < 0) return rc;
    }
    return whole(&l, first);
}
