/* csv: RFC 4180, strictly: a quote inside an unquoted field, text behind a closing quote, a lone CR or a NUL is an
 * error with its line. A record is read twice: once to find its end and count, once to copy its fields into one piece
 * of the arena.
 *
 * Invariants
 *  1. c->at stands at the beginning of a record; c->line is its line.
 *  2. Fields are copies: they live as long as the arena, whatever happens to the text.
 */
#include "data/csv.h"

#include "base/map.h"

#include <string.h>

struct record {
    size_t from, end, next; /* bytes of the record, and where the next begins */
    size_t fields;
    uint32_t lines;         /* line breaks, quoted ones too */
};

static int fail(uint32_t line, struct err *e, const char *why) {
    return err_line(e, ERR_SYNTAX, S(""), line, "%s", why);
}

void csv_init(struct csv *c, struct arena *a, struct str text) {
    if (str_starts(text, S("\xef\xbb\xbf"))) text = str_sub(text, 3, SIZE_MAX);
    *c = (struct csv){ .text = text, .line = 1, .arena = a };
}

/* The end of the field at `at`: the comma, line break or end behind it. */
static int field_end(const struct csv *c, size_t at, struct record *r, size_t *ret, struct err *e) {
    struct str t = c->text;
    size_t from = at;
    if (at < t.len && t.ptr[at] == '"') {
        for (at++;; at++) {
            if (at >= t.len) return fail(c->line, e, "双引号没有结束");
            if (t.ptr[at] == '\n') r->lines++;
            if (t.ptr[at] != '"') continue;
            if (at + 1 < t.len && t.ptr[at + 1] == '"') at++;
            else break;
        }
        at++;
        if (at < t.len && !strchr(",\r\n", t.ptr[at])) return fail(c->line + r->lines, e, "双引号之后须为逗号或换行");
    } else {
        while (at < t.len && t.ptr[at] != ',' && t.ptr[at] != '\n' && t.ptr[at] != '\r' && t.ptr[at] != '"') at++;
        if (at < t.len && t.ptr[at] == '"') return fail(c->line + r->lines, e, "含双引号的内容须整个放在双引号里");
    }
    struct str raw = str_sub(t, from, at - from);
    if (raw.len > CSV_FIELD_BYTES_MAX) return err_line(e, ERR_LIMIT, S(""), c->line, "%d 字节", CSV_FIELD_BYTES_MAX);
    if (!str_utf8_valid(raw) || (raw.len && memchr(raw.ptr, 0, raw.len)))
        return fail(c->line + r->lines, e, "不是 UTF-8 文本，请另存为 UTF-8 编码的 CSV");
    *ret = at;
    return 0;
}

static int find_record(const struct csv *c, struct record *r, struct err *e) {
    struct str t = c->text;
    size_t at = c->at;
    *r = (struct record){ .from = at };
    for (;;) {
        int code = field_end(c, at, r, &at, e);
        if (code < 0) return code;
        if (++r->fields > CSV_COLUMNS_MAX) return err_line(e, ERR_LIMIT, S(""), c->line, "%d 列", CSV_COLUMNS_MAX);
        if (at == t.len || t.ptr[at] != ',') break;
        at++;
    }
    r->end = at;
    if (at < t.len && t.ptr[at] == '\r') at++;
    if (at < t.len && t.ptr[at] == '\n') at++, r->lines++;
    else if (at < t.len || r->end != at) return fail(c->line + r->lines, e, "换行须为 LF 或 CRLF");
    r->next = at;
    return 0;
}

/* Copies one field to *to and moves on behind its comma. */
static struct str copy_field(struct str t, size_t *at, size_t end, char **to) {
    char *start = *to;
    if (*at < end && t.ptr[*at] == '"') {
        for (++*at; t.ptr[*at] != '"' || (*at + 1 < end && t.ptr[*at + 1] == '"'); ++*at) {
            if (t.ptr[*at] == '"') ++*at;
            *(*to)++ = t.ptr[*at];
        }
        ++*at;
    } else {
        const char *comma = *at < end ? memchr(t.ptr + *at, ',', end - *at) : NULL;
        size_t n = comma ? (size_t)(comma - t.ptr) - *at : end - *at;
        if (n) memcpy(*to, t.ptr + *at, n);
        *to += n;
        *at += n;
    }
    ++*at;
    return str_make(start, (size_t)(*to - start));
}

int csv_next(struct csv *c, struct str **fields, size_t *n, uint32_t *line, struct err *e) {
    struct record r;
    if (c->text.len > CSV_BYTES_MAX) return err_line(e, ERR_LIMIT, S(""), 0, "%d 字节", CSV_BYTES_MAX);
    do {
        if (c->at >= c->text.len) return 0;
        int code = find_record(c, &r, e);
        if (code < 0) return code;
        *line = c->line;
        c->at = r.next;
        c->line += r.lines;
    } while (r.end == r.from);
    struct str *f = arena_array(c->arena, r.fields, sizeof *f);
    char *text = arena_alloc(c->arena, r.end - r.from);
    if (!f || !text) return err_set(e, ERR_MEMORY, "内存不足");
    size_t at = r.from;
    for (size_t i = 0; i < r.fields; i++) f[i] = copy_field(c->text, &at, r.end, &text);
    *fields = f;
    *n = r.fields;
    return 1;
}

static int check_header(struct arena *a, const struct str *head, size_t n, uint32_t line, struct err *e) {
    struct map seen;
    map_init(&seen, a);
    for (size_t i = 0; i < n; i++) {
        if (!head[i].len) return err_line(e, ERR_SYNTAX, S(""), line, "第 %zu 列没有列名", i + 1);
        if (map_find(&seen, head[i])) return err_line(e, ERR_SYNTAX, head[i], line, "列名重复：%.*s", STR_ARG(head[i]));
        (void)map_put(&seen, head[i], &seen);
    }
    return 0;
}

static struct val *row(struct arena *a, const struct str *head, const struct str *fields, size_t n, uint32_t line) {
    struct val *v = val_map(a);
    struct val_pair *pair = arena_array(a, n, sizeof *pair);
    struct val *text = arena_array(a, n, sizeof *text);
    if (!v || !pair || !text) return NULL;
    for (size_t i = 0; i < n; i++) {
        text[i] = (struct val){ .kind = VAL_STR, .line = line, .u.s = fields[i] };
        pair[i] = (struct val_pair){ head[i], &text[i], line };
    }
    v->line = line;
    v->u.map.pair = pair;
    v->u.map.n = v->u.map.cap = n;
    return v;
}

int csv_table(struct arena *a, struct str text, struct val **ret, struct err *e) {
    struct csv c;
    struct str *head = NULL, *fields = NULL;
    size_t n_head = 0, n = 0;
    uint32_t line = 0;
    csv_init(&c, a, text);
    int code = csv_next(&c, &head, &n_head, &line, e);
    if (code < 0) return code;
    if (code == 0) return fail(1, e, "缺少列名行");
    if ((code = check_header(a, head, n_head, line, e)) < 0) return code;
    struct val *list = val_list(a);
    while ((code = csv_next(&c, &fields, &n, &line, e)) == 1) {
        if (n != n_head) return err_line(e, ERR_SYNTAX, S(""), line, "这一行有 %zu 列，列名有 %zu 列", n, n_head);
        val_push(a, list, row(a, head, fields, n, line));
    }
    if (code < 0) return code;
    if (arena_overflowed(a)) return err_set(e, ERR_MEMORY, "内存不足");
    *ret = list;
    return 0;
}
