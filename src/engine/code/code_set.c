/* code_set: see code_set.h. Invariant: the rows stand in one array, so that `code` pointers and file order
 * are the same thing. */
#include "engine/code/code_set.h"

#include <string.h>

#include "base/map.h"
#include "data/csv.h"

struct code_set {
    struct code *row;
    size_t n, n_columns;
    struct str column[CODE_COLUMNS_MAX];
    struct map by_code; /* code -> its last row */
    struct code *top;   /* first row without parent */
};

struct loader {
    struct arena *arena;
    struct str file;
    struct code_set *set;
    size_t cap, at_code, at_title, at_parent, at_from, at_to;
    struct err *e;
};

static int fail(const struct loader *l, uint32_t line, const char *what, struct str which) {
    return err_line(l->e, ERR_SYSTEM, l->file, line, "%s%.*s", what, STR_ARG(which));
}

static int header(struct loader *l, struct str *field, size_t n, uint32_t line) {
    if (n > CODE_COLUMNS_MAX) return fail(l, line, "列数过多", S(""));
    l->set->n_columns = n;
    for (size_t i = 0; i < n; i++) l->set->column[i] = str_trim(field[i]);
    l->at_code = code_set_column(l->set, S("code"));
    l->at_title = code_set_column(l->set, S("title"));
    l->at_parent = code_set_column(l->set, S("parent"));
    l->at_from = code_set_column(l->set, S("from"));
    l->at_to = code_set_column(l->set, S("to"));
    if (l->at_code == SIZE_MAX) return fail(l, line, "缺少列：", S("code"));
    if (l->at_title == SIZE_MAX) return fail(l, line, "缺少列：", S("title"));
    return 0;
}

static bool day_of(const struct str *column, size_t at, int32_t open, struct civil_date *ret) {
    *ret = (struct civil_date){ open };
    return at == SIZE_MAX || column[at].len == 0 || civil_parse(column[at], ret);
}

static int grow(struct loader *l) {
    struct code_set *s = l->set;
    if (s->n < l->cap) return 0;
    if (s->n >= CODE_ROWS_MAX) return err_set(l->e, ERR_LIMIT, "%d", CODE_ROWS_MAX);
    l->cap = l->cap ? l->cap * 2 : 256;
    struct code *row = arena_array(l->arena, l->cap, sizeof *row);
    if (!row) return err_set(l->e, ERR_MEMORY, "code");
    if (s->n) memcpy(row, s->row, s->n * sizeof *row);
    s->row = row;
    return 0;
}

static int add(struct loader *l, struct str *field, size_t n, uint32_t line) {
    struct code_set *s = l->set;
    if (n != s->n_columns) return fail(l, line, "列数与表头不同", S(""));
    int r = grow(l);
    if (r) return r;
    struct code *c = &s->row[s->n];
    *c = (struct code){ .code = str_trim(field[l->at_code]),
                        .title = str_trim(field[l->at_title]),
                        .column = field,
                        .line = line };
    if (l->at_parent != SIZE_MAX) c->parent = str_trim(field[l->at_parent]);
    if (c->code.len == 0 || c->code.len > CODE_BYTES_MAX) return fail(l, line, "代码为空或太长：", c->code);
    if (c->title.len == 0) return fail(l, line, "缺少名称：", c->code);
    bool days = day_of(field, l->at_from, INT32_MIN, &c->from) && day_of(field, l->at_to, INT32_MAX, &c->to);
    if (!days || c->from.day > c->to.day) return fail(l, line, "起止日期不对：", c->code);
    s->n++;
    return 0;
}

/* After all rows are read, for they move while the array grows. */
static int index_rows(struct loader *l) {
    struct code_set *s = l->set;
    map_init(&s->by_code, l->arena);
    for (size_t i = 0; i < s->n; i++) {
        struct code *c = &s->row[i], *before = map_find(&s->by_code, c->code);
        unsigned versions = 0;
        for (const struct code *o = before; o; o = o->other)
            if (++versions > 1000 || (o->from.day <= c->to.day && c->from.day <= o->to.day))
                return fail(l, c->line, "同一时间内代码重复：", c->code);
        c->other = before;
        if (!map_put(&s->by_code, c->code, c)) return err_set(l->e, ERR_MEMORY, "code");
    }
    return 0;
}

static int link_rows(struct loader *l) {
    struct code_set *s = l->set;
    for (size_t i = s->n; i-- > 0;) { /* backwards, so that lists come out in file order */
        struct code *c = &s->row[i], *up = c->parent.len ? map_find(&s->by_code, c->parent) : NULL;
        if (c->parent.len && !up) return fail(l, c->line, "没有这个上级代码：", c->parent);
        struct code **list = up ? &up->child : &s->top;
        c->sibling = *list;
        *list = c;
    }
    for (size_t i = 0; i < s->n; i++) {
        const struct code *c = &s->row[i];
        for (int depth = 0; c && c->parent.len; depth++, c = map_find(&s->by_code, c->parent))
            if (depth == CODE_DEPTH_MAX)
                return fail(l, s->row[i].line, "上级代码成环或层次过深：", s->row[i].code);
    }
    return 0;
}

int code_compile(struct arena *a, struct str file, struct str csv, struct code_set **ret, struct err *e) {
    struct code_set *s = arena_new(a, struct code_set);
    if (!s) return err_set(e, ERR_MEMORY, "code");
    struct loader l = { .arena = a, .file = file, .set = s, .e = e };
    struct csv in;
    csv_init(&in, a, csv);
    struct str *field;
    size_t n;
    uint32_t line;
    int r = csv_next(&in, &field, &n, &line, e);
    if (r == 0) return fail(&l, 1, "文件为空", S(""));
    if (r > 0) r = header(&l, field, n, line);
    while (r == 0 && (r = csv_next(&in, &field, &n, &line, e)) > 0) r = add(&l, field, n, line);
    if (!r) r = index_rows(&l);
    if (!r) r = link_rows(&l);
    if (!r && arena_overflowed(a)) r = err_set(e, ERR_MEMORY, "code");
    if (!r) *ret = s;
    return r;
}

const struct code *code_set_find(const struct code_set *s, struct str code) {
    return map_find(&s->by_code, code);
}

bool code_in_force(const struct code *c, struct civil_date day) {
    return c->from.day <= day.day && day.day <= c->to.day;
}

const struct code *code_set_at(const struct code_set *s, struct str code, struct civil_date day) {
    for (const struct code *c = code_set_find(s, code); c; c = c->other)
        if (code_in_force(c, day)) return c;
    return NULL;
}

struct str code_set_title(const struct code_set *s, struct str code) {
    const struct code *c = code_set_find(s, code);
    return c ? c->title : S("");
}

const struct code *code_set_list(const struct code_set *s, struct str parent) {
    if (parent.len == 0) return s->top;
    const struct code *c = code_set_find(s, parent);
    return c ? c->child : NULL;
}

bool code_set_within(const struct code_set *s, struct str code, struct str ancestor) {
    const struct code *c = code_set_find(s, code);
    for (int depth = 0; c && depth <= CODE_DEPTH_MAX; depth++) {
        if (str_eq(c->code, ancestor)) return true;
        c = c->parent.len ? code_set_find(s, c->parent) : NULL;
    }
    return false;
}

size_t code_set_count(const struct code_set *s) {
    return s->n;
}

const struct code *code_set_row(const struct code_set *s, size_t i) {
    return i < s->n ? &s->row[i] : NULL;
}

size_t code_set_column(const struct code_set *s, struct str name) {
    for (size_t i = 0; i < s->n_columns; i++)
        if (str_eq(s->column[i], name)) return i;
    return SIZE_MAX;
}
