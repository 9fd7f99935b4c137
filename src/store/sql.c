/* sql: see sql.h. A tokenizer. Invariant: every call moves on, so a loop over it ends. */
#include "store/sql.h"

#include <string.h>

static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static size_t skip_blank(struct str sql, size_t at) {
    for (;;) {
        while (at < sql.len &&
               (sql.ptr[at] == ' ' || sql.ptr[at] == '\n' || sql.ptr[at] == '\t' || sql.ptr[at] == '\r'))
            at++;
        struct str rest = str_sub(sql, at, SIZE_MAX);
        size_t end;
        if (str_starts(rest, S("--"))) end = str_find(rest, S("\n"), 2), end = end == SIZE_MAX ? end : end + 1;
        else if (str_starts(rest, S("/*"))) end = str_find(rest, S("*/"), 2), end = end == SIZE_MAX ? end : end + 2;
        else return at;
        if (end == SIZE_MAX) return sql.len;
        at += end;
    }
}

struct sql_token sql_next(struct str sql, size_t *at) {
    static const char *const wide[] = { "<=", ">=", "<>", "!=", "||", "==", "->", "::" };
    size_t from = skip_blank(sql, *at), to = from + 1;
    enum sql_kind kind = SQL_MARK;
    if (from >= sql.len) {
        *at = sql.len;
        return (struct sql_token){ .kind = SQL_END, .at = sql.len };
    }
    char c = sql.ptr[from];
    if (is_word(c)) {
        kind = is_digit(c) ? SQL_NUMBER : SQL_WORD;
        while (to < sql.len && is_word(sql.ptr[to])) to++;
    } else if (c == '\'' || c == '"') {
        kind = c == '"' ? SQL_MARK : SQL_STRING;
        for (; to < sql.len; to++) {
            if (sql.ptr[to] != c) continue;
            if (to + 1 < sql.len && sql.ptr[to + 1] == c) to++;
            else break;
        }
        if (to < sql.len) to++;
    } else if (c == '?') {
        kind = SQL_PARAM;
    } else {
        for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
            if (str_starts(str_sub(sql, from, 2), str_of(wide[i]))) to = from + 2;
    }
    *at = to;
    return (struct sql_token){ kind, str_sub(sql, from, to - from), from };
}

bool sql_is(struct sql_token t, const char *text) {
    return t.kind != SQL_END && str_eq(t.text, str_of(text));
}

const char *sql_numbered(struct arena *a, const char *sql) {
    struct str in = str_of(sql);
    struct buf b;
    buf_init(&b, a, in.len + 64, in.len * 4 + 64);
    size_t at = 0, copied = 0;
    unsigned n = 0;
    for (struct sql_token t; (t = sql_next(in, &at)).kind != SQL_END;) {
        if (t.kind != SQL_PARAM) continue;
        buf_add(&b, str_sub(in, copied, t.at - copied));
        buf_add_char(&b, '$');
        buf_add_u64(&b, ++n);
        copied = at;
    }
    buf_add(&b, str_sub(in, copied, SIZE_MAX));
    return buf_ok(&b) ? arena_cstr(a, buf_str(&b)) : NULL;
}
