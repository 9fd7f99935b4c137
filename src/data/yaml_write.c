/* yaml_write: see yaml_write.h.
 *
 * Invariants
 *  1. What is written is read again and held against what was meant before it is handed on; so no
 * edit can change what it does not name.
 *  2. A text is written plain only where no reader of YAML could take it for anything else;
 * otherwise in double quotes, on one line.
 */
#include "data/yaml_write.h"

#include "data/json.h"
#include "data/yaml.h"

static const struct str byte_order_mark = S_INIT("\xEF\xBB\xBF"); /* other programs begin a text with it */
enum { DEPTH_MAX = 32, KEY_BYTES_MAX = 500, TEXT_BYTES_MAX = 16 * 1024 * 1024, INDENT = 2 };

/* ---- one value ---- */

static bool resolves(struct str s) {
    static const char *const words[] = { "~",    "null",  "Null",  "NULL",  "true", "True",
                                         "TRUE", "false", "False", "FALSE", NULL };
    for (const char *const *w = words; *w; w++)
        if (str_eq(s, str_of(*w))) return true;
    return json_number(s);
}

/* Letters, digits and Chinese, with the few marks inside that mean nothing anywhere. */
static bool plain_ok(struct str s) {
    if (s.len == 0 || s.ptr[0] == ' ' || s.ptr[s.len - 1] == ' ' || resolves(s)) return false;
    for (size_t at = 0; at < s.len;) {
        const bool first = at == 0;
        const int32_t c = str_utf8_next(s, &at);
        const bool word =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        const bool inside = !first && (c == ' ' || c == '-' || c == '.' || c == '/' || c == '(' ||
                                       c == ')' || c == '+' || c == ';');
        const bool wide = (c >= 0x2014 && c <= 0x2026) || (c >= 0x3001 && c <= 0xd7ff) ||
                          (c >= 0xff01 && c <= 0xff5e) || c == 0xd7 || c == 0xb7;
        if (!word && !inside && !wide) return false;
    }
    return true;
}

static void quoted(struct buf *b, struct str s) {
    buf_add_char(b, '"');
    for (size_t at = 0; at < s.len;) {
        const int32_t c = str_utf8_next(s, &at);
        if (c == '"' || c == '\\') buf_add_char(b, '\\'), buf_add_char(b, (char)c);
        else if (c == '\n') buf_add(b, S("\\n"));
        else if (c == '\t') buf_add(b, S("\\t"));
        else if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 || c == 0xfeff ||
                 (c >= 0xfffe && c <= 0xffff))
            buf_add_fmt(b, "\\u%04x", (unsigned)c);
        else buf_add_utf8(b, (uint32_t)c);
    }
    buf_add_char(b, '"');
}

static void text(struct buf *b, struct str s) {
    if (plain_ok(s)) buf_add(b, s);
    else quoted(b, s);
}

static bool is_scalar(const struct val *v) {
    return !v || (v->kind != VAL_LIST && v->kind != VAL_MAP);
}

static void flow(struct buf *b, const struct val *v) {
    if (v && v->kind == VAL_BOOL) buf_add(b, v->u.b ? S("true") : S("false"));
    else if (!v || v->kind == VAL_NULL) buf_add(b, S("null"));
    else if (v->kind == VAL_NUM) buf_add(b, v->u.s);
    else if (is_scalar(v)) text(b, v->u.s);
    else {
        const bool map = v->kind == VAL_MAP;
        buf_add_char(b, map ? '{' : '[');
        for (size_t i = 0; i < val_count(v); i++) {
            if (i) buf_add(b, S(", "));
            if (map) text(b, v->u.map.pair[i].key), buf_add(b, S(": "));
            flow(b, map ? v->u.map.pair[i].value : v->u.list.item[i]);
        }
        buf_add_char(b, map ? '}' : ']');
    }
}

static void blanks(struct buf *b, size_t n) {
    while (n--) buf_add_char(b, ' ');
}

/* A collection of scalars stands on one line, as people write an entry of a list. */
static bool on_one_line(const struct val *v) {
    bool ok = true;
    for (size_t i = 0; !is_scalar(v) && i < val_count(v); i++)
        ok &= is_scalar(v->kind == VAL_MAP ? v->u.map.pair[i].value : v->u.list.item[i]);
    return ok;
}

/* Begins where the text stands, at column `at`; ends without a line feed. */
static void block(struct buf *b, const struct val *v, size_t at, bool top) {
    if (is_scalar(v) || val_count(v) == 0 || (!top && on_one_line(v))) {
        flow(b, v);
        return;
    }
    const bool map = v->kind == VAL_MAP;
    for (size_t i = 0; i < val_count(v); i++) {
        const struct val *one = map ? v->u.map.pair[i].value : v->u.list.item[i];
        if (i) buf_add_char(b, '\n'), blanks(b, at);
        if (!map) buf_add(b, S("- "));
        else text(b, v->u.map.pair[i].key), buf_add_char(b, ':');
        if (map && !is_scalar(one) && val_count(one) && !on_one_line(one))
            buf_add_char(b, '\n'), blanks(b, at + INDENT);
        else if (map) buf_add_char(b, ' ');
        block(b, one, at + INDENT, false);
    }
}

static int sayable(const struct val *v, int depth, struct err *e) {
    if (v && v->kind == VAL_STR && !str_utf8_valid(v->u.s)) return err_set(e, ERR_SYNTAX, "UTF-8");
    if (is_scalar(v)) return 0;
    if (depth >= DEPTH_MAX) return err_set(e, ERR_LIMIT, "%d", DEPTH_MAX);
    for (size_t i = 0; i < val_count(v); i++) {
        const bool map = v->kind == VAL_MAP;
        if (map && v->u.map.pair[i].key.len > KEY_BYTES_MAX)
            return err_set(e, ERR_LIMIT, "%d", KEY_BYTES_MAX);
        if (map && !str_utf8_valid(v->u.map.pair[i].key)) return err_set(e, ERR_SYNTAX, "UTF-8");
        int rc = sayable(map ? v->u.map.pair[i].value : v->u.list.item[i], depth + 1, e);
        if (rc) return rc;
    }
    return 0;
}

int yaml_write(struct buf *b, const struct val *v, struct err *e) {
    int rc = sayable(v, 0, e);
    if (rc) return rc;
    block(b, v, 0, true);
    buf_add_char(b, '\n');
    return buf_ok(b) ? 0 : err_set(e, ERR_LIMIT, "%zu", b->limit_bytes);
}

/* ---- within the old text ---- */

struct over {
    struct arena *a;
    struct str old;
    const struct yaml_mark *mark;
    struct buf out;
};
/* A value of the old text; `at` is the number of its mark. */
struct was {
    const struct val *v;
    size_t at;
};

static size_t values_in(const struct val *v) {
    size_t n = 1;
    for (size_t i = 0; !is_scalar(v) && i < val_count(v); i++)
        n += values_in(v->kind == VAL_MAP ? v->u.map.pair[i].value : v->u.list.item[i]);
    return n;
}

static struct was *children(struct over *o, struct was was) {
    const size_t n = val_count(was.v);
    struct was *list = arena_array(o->a, n + 1, sizeof *list);
    size_t at = was.at + 1;
    for (size_t i = 0; list && i < n; i++) {
        list[i] = (struct was){ was.v->kind == VAL_MAP ? was.v->u.map.pair[i].value
                                                       : was.v->u.list.item[i],
                                at };
        at += values_in(list[i].v);
    }
    return list;
}

static void copy(struct over *o, size_t from, size_t to) {
    if (to > from) buf_add(&o->out, str_sub(o->old, from, to - from));
}

static size_t column(const struct over *o, size_t at) {
    size_t n = 0;
    while (at > n && o->old.ptr[at - n - 1] != '\n') n++;
    return n;
}

static bool same_order(const struct val *a, const struct val *b) {
    if (!val_equal(a, b)) return false;
    for (size_t i = 0; !is_scalar(a) && i < val_count(a); i++) {
        const bool map = a->kind == VAL_MAP;
        if (map && !str_eq(a->u.map.pair[i].key, b->u.map.pair[i].key)) return false;
        if (!same_order(map ? a->u.map.pair[i].value : a->u.list.item[i],
                        map ? b->u.map.pair[i].value : b->u.list.item[i]))
            return false;
    }
    return true;
}

/* Which old entry each new one is; SIZE_MAX: none. */
static size_t *known_again(struct over *o, const struct val *v, const struct val *was) {
    const size_t n = val_count(v), m = val_count(was);
    size_t *of = arena_array(o->a, n + 1, sizeof *of);
    bool *taken = arena_array(o->a, m + 1, sizeof *taken);
    if (!of || !taken) return NULL;
    for (size_t j = 0; j < n; j++) of[j] = SIZE_MAX;
    for (int pass = 0; pass < 3; pass++)
        for (size_t j = 0; j < n; j++)
            for (size_t i = 0; i < m && of[j] == SIZE_MAX; i++) {
                bool same;
                if (v->kind == VAL_MAP) same = str_eq(v->u.map.pair[j].key, was->u.map.pair[i].key);
                else if (pass == 0) same = same_order(v->u.list.item[j], was->u.list.item[i]);
                else if (pass == 1) {
                    struct str id = val_get_str(v->u.list.item[j], S("id"));
                    same = id.len && str_eq(id, val_get_str(was->u.list.item[i], S("id")));
                } else same = n == m && i == j;
                if (!same || taken[i]) continue;
                of[j] = i;
                taken[i] = true;
            }
    return of;
}

static void value(struct over *o, const struct val *v, struct was was);

/* Neighbours that stay neighbours keep what is between them: line feeds, comments. */
static void flow_over(struct over *o, const struct val *v, struct was was) {
    const struct was *old = children(o, was);
    const size_t *of = known_again(o, v, was.v), n_old = val_count(was.v), n = val_count(v);
    const struct yaml_mark *all = &o->mark[was.at], *before = NULL;
    const bool map = v->kind == VAL_MAP;
    for (size_t j = 0; old && of && j < n; j++) {
        const struct val *one = map ? v->u.map.pair[j].value : v->u.list.item[j];
        const struct yaml_mark *m = of[j] == SIZE_MAX ? NULL : &o->mark[old[of[j]].at];
        if (j == 0 && m && of[j] == 0) copy(o, all->from, m->key);
        else if (j == 0) buf_add_char(&o->out, map ? '{' : '[');
        else if (m && before && of[j] == of[j - 1] + 1) copy(o, before->to, m->key);
        else buf_add(&o->out, S(", "));
        if (map && m && m->from > m->key && m->to > m->from) copy(o, m->key, m->from);
        else if (map) text(&o->out, v->u.map.pair[j].key), buf_add(&o->out, S(": "));
        if (m && m->to > m->from) value(o, one, old[of[j]]);
        else flow(&o->out, one);
        before = m;
    }
    if (before && of[n - 1] + 1 == n_old) copy(o, before->to, all->to);
    else buf_add_char(&o->out, map ? '}' : ']');
}

/* Where the line of what stands at `at` begins, with the comments and empty lines right above it.
 * What is behind the value before, up to its line's end, is that value's. */
static size_t head_of(const struct over *o, size_t at, size_t before) {
    size_t head = before;
    while (head < at && (head == 0 || o->old.ptr[head - 1] != '\n')) head++;
    return head;
}

static void new_line(struct over *o, size_t indent) {
    if (o->out.len && o->out.ptr[o->out.len - 1] != '\n') buf_add_char(&o->out, '\n');
    blanks(&o->out, indent);
}

/* One entry of a block collection, from its key or dash on. */
static void entry(struct over *o, const struct val *v, size_t j, const struct was *was,
                  size_t indent) {
    const bool map = v->kind == VAL_MAP;
    const struct val *one = map ? v->u.map.pair[j].value : v->u.list.item[j];
    const struct yaml_mark *m = was ? &o->mark[was->at] : NULL;
    if (m && m->lines && !same_order(one, was->v))
        m = NULL; /* what is behind | or > is another text: its mark is not ours to keep */
    if (m && map && m->to > m->from && m->from > m->key &&
        (same_order(one, was->v) || is_scalar(one) == is_scalar(was->v))) {
        copy(o, m->key, m->from);
        value(o, one, *was);
        return;
    }
    if (map) text(&o->out, v->u.map.pair[j].key), buf_add_char(&o->out, ':');
    else buf_add_char(&o->out, '-');
    if (m && !map && m->to > m->from && column(o, m->from) == indent + INDENT) {
        buf_add_char(&o->out, ' ');
        value(o, one, *was);
        return;
    }
    const bool below = map && !is_scalar(one) && val_count(one) && !on_one_line(one);
    if (below) new_line(o, indent + INDENT);
    else buf_add_char(&o->out, ' ');
    block(&o->out, one, indent + INDENT, false);
}

static void block_over(struct over *o, const struct val *v, struct was was) {
    const struct was *old = children(o, was);
    const size_t *of = known_again(o, v, was.v), n_old = val_count(was.v);
    const size_t indent = column(o, o->mark[was.at].from);
    for (size_t j = 0; old && of && j < val_count(v); j++) {
        const size_t i = of[j];
        const struct was *from = i == SIZE_MAX ? NULL : &old[i];
        if (j) new_line(o, 0);
        if (from && i > 0 && (j > 0 || indent == 0)) { /* the comments above it come along */
            size_t begins = v->kind == VAL_MAP ? o->mark[from->at].key : o->mark[from->at].from;
            size_t line = begins - column(o, begins),
                   head = head_of(o, line, o->mark[old[i - 1].at].to);
            copy(o, head, line);
        }
        if (j) blanks(&o->out, indent);
        entry(o, v, j, from, indent);
        if (!from || i + 1 == n_old || (o->out.len && o->out.ptr[o->out.len - 1] == '\n')) continue;
        size_t to = o->mark[from->at].to, end = head_of(o, o->old.len, to);
        while (end > to && o->old.ptr[end - 1] == '\n') end--;
        copy(o, to, end); /* the comment behind it */
    }
}

static void value(struct over *o, const struct val *v, struct was was) {
    const struct yaml_mark *m = &o->mark[was.at];
    if (same_order(v, was.v)) copy(o, m->from, m->to);
    else if (!is_scalar(v) && v->kind == was.v->kind && val_count(v) && val_count(was.v)) {
        if (m->flow) flow_over(o, v, was);
        else block_over(o, v, was);
    } else flow(&o->out, v);
}

static bool says(struct arena *a, struct str text, const struct val *v) {
    struct val *back;
    struct err ignored = { 0 };
    return yaml_parse(a, S("yaml"), text, &back, &ignored) == 0 && same_order(back, v);
}

int yaml_write_over(struct arena *a, struct str old, const struct val *v, struct str *ret,
                    struct err *e) {
    const struct str whole = old;
    if (str_starts(old, byte_order_mark)) old = str_sub(old, byte_order_mark.len, old.len); /* it stands in no column */
    struct over o = { .a = a, .old = old };
    struct yaml_mark *marks = NULL;
    struct val *was;
    int rc = sayable(v, 0, e);
    if (!rc) rc = yaml_parse_marks(a, S("yaml"), old, &was, &marks, e);
    if (rc) return rc;
    buf_init(&o.out, a, old.len + 256, TEXT_BYTES_MAX);
    o.mark = marks;
    if (marks && !is_scalar(was) && was->kind == v->kind && val_count(was)) {
        copy(&o, 0, marks[0].from);
        value(&o, v, (struct was){ was, 0 });
        if (marks[0].to && marks[0].to < old.len && o.out.len && o.old.ptr[marks[0].to - 1] == '\n')
            new_line(&o, 0);
        copy(&o, marks[0].to, old.len);
        *ret = buf_str(&o.out);
        if (buf_ok(&o.out) && says(a, *ret, v)) {
            if (old.len < whole.len) *ret = arena_fmt(a, "%.*s%.*s", STR_ARG(byte_order_mark), STR_ARG(*ret));
            return arena_overflowed(a) ? err_set(e, ERR_MEMORY, "YAML") : 0;
        }
    }
    buf_init(&o.out, a, old.len + 256, TEXT_BYTES_MAX);
    rc = yaml_write(&o.out, v, e);
    *ret = buf_str(&o.out);
    if (!rc && !says(a, *ret, v))
        rc = err_set(e, arena_overflowed(a) ? ERR_MEMORY : ERR_SYNTAX, "YAML");
    return rc;
}
