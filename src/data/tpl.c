/* tpl: runs a compiled template (tpl_op.h).
 *
 * Invariants
 *  1. Rendering takes no memory but the output buffer's; only nested partial indentation (text mode) is joined in its
 *     arena.
 *  2. The context stack holds at most one value per nested section: TPL_NEST_MAX per partial, TPL_PARTIAL_DEPTH_MAX
 *     partials. A partial deeper than that renders as nothing.
 *  3. Every loop is bounded by the view's lists and the operations; a full buffer ends the render.
 */
#include "data/tpl_op.h"

#include "data/write.h"

#include <string.h>

enum { CONTEXT_MAX = (TPL_NEST_MAX + 1) * (TPL_PARTIAL_DEPTH_MAX + 1) };

struct render {
    const struct val *context[CONTEXT_MAX];
    unsigned top; /* number of values; the last is the innermost */
    tpl_partial *partial;
    void *partial_context;
    struct buf *out;
};

struct loop {
    const struct val *list; /* NULL: once */
    size_t i;
};

static inline void put(struct buf *b, struct str s) {
    if (s.len <= b->cap - b->len && !b->overflow && s.len) {
        memcpy(b->ptr + b->len, s.ptr, s.len);
        b->len += s.len;
    } else buf_add(b, s);
}

static inline const struct val *member(const struct val *v, struct str key) {
    if (v->kind != VAL_MAP) return NULL;
    const struct val_pair *p = v->u.map.pair;
    for (size_t n = v->u.map.n; n; n--, p++)
        if (p->key.len == key.len && memcmp(p->key.ptr, key.ptr, key.len) == 0) return p->value;
    return NULL;
}

/* "list.0": beyond the specification, which leaves it open; {{#list.0}} asks whether there is anything to show. */
static const struct val *item(const struct val *list, struct str part) {
    uint64_t i;
    return str_to_u64(part, &i) ? val_item(list, (size_t)i) : NULL;
}

static const struct val *look_up(const struct render *r, const struct tpl_op *op) {
    if (!op->s.len) return r->context[r->top - 1];
    const struct val *v = NULL;
    for (unsigned i = r->top; i && !v; i--) v = member(r->context[i - 1], op->s);
    for (uint32_t i = 0; v && i < op->n_rest; i++)
        v = v->kind == VAL_LIST ? item(v, op->u.rest[i]) : member(v, op->u.rest[i]);
    return v;
}

/* RFC 3986 section 3.1: is there a scheme before the first / ? or #, and is it one of ours? */
static bool url_allowed(struct str s) {
    static const struct str schemes[] = { S_INIT("http"), S_INIT("https"), S_INIT("mailto"), S_INIT("tel") };
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (c == '/' || c == '?' || c == '#') return true;
        if (c != ':') continue;
        for (size_t k = 0; k < sizeof schemes / sizeof *schemes; k++)
            if (str_eq_nocase(str_sub(s, 0, i), schemes[k])) return true;
        return false;
    }
    return true;
}

/* Within a path / separates and stays; everything else that has a meaning in a URL is data. */
static void put_path(struct buf *b, struct str s) {
    struct str part;
    bool first = true, more = s.len && s.ptr[s.len - 1] == '/';
    while (str_cut(&s, '/', &part)) {
        if (!first) buf_add_char(b, '/');
        write_url_component(b, part);
        first = false;
    }
    if (more) buf_add_char(b, '/');
}

static void put_escaped(struct buf *b, struct str s, enum tpl_esc esc, bool is_html) {
    switch (esc) {
    case ESC_RAW: put(b, s); break;
    case ESC_TEXT:
    case ESC_OPTION:
    case ESC_FOREIGN:
        if (is_html) put(b, s);
        else if (esc == ESC_FOREIGN) write_html_foreign(b, s);
        else write_html_text(b, s);
        break;
    case ESC_ATTR: write_html_attr(b, s); break;
    case ESC_URL_START: write_html_attr(b, url_allowed(s) ? s : S("#")); break;
    case ESC_URL_PATH: put_path(b, s); break;
    case ESC_URL_QUERY: write_url_component(b, s); break;
    }
}

static void put_value(struct buf *b, const struct val *v, enum tpl_esc esc) {
    if (esc == ESC_OPTION) put(b, write_is_chinese(val_text(v)) ? S(" lang=\"zh-CN\">") : S(">"));
    if (!v) return;
    switch (v->kind) {
    case VAL_BOOL: put(b, v->u.b ? S("true") : S("false")); break;
    case VAL_NUM:
    case VAL_STR:
    case VAL_HTML: put_escaped(b, v->u.s, esc, v->kind == VAL_HTML); break;
    case VAL_NULL:
    case VAL_LIST:
    case VAL_MAP: break;
    }
}

/* Each further line of a literal gets the partial's indentation. */
static void put_indented(struct buf *b, struct str s, struct str indent) {
    while (s.len) {
        size_t end = str_find_char(s, '\n', 0);
        size_t n = end == SIZE_MAX ? s.len : end + 1;
        put(b, str_sub(s, 0, n));
        s = str_sub(s, n, SIZE_MAX);
        if (s.len) put(b, indent);
    }
}

static void run(struct render *r, const struct tpl *t, struct str indent, unsigned depth);

static void run_partial(struct render *r, const struct tpl_op *op, struct str indent, unsigned depth) {
    const struct tpl *t = r->partial && depth < TPL_PARTIAL_DEPTH_MAX ? r->partial(r->partial_context, op->s) : NULL;
    if (!t) return;
    struct str own = op->u.indent, all = own.len ? own : S("");
    if (own.len && indent.len) all = ARENA_CAT(r->out->arena, indent, own);
    else if (op->standalone && !own.len) all = indent;
    run(r, t, all, depth + 1);
}

/* Begins a section; false when it is skipped. */
static bool enter(struct render *r, const struct val *v, struct loop *loop) {
    if (!v || !val_truthy(v)) return false;
    *loop = (struct loop){ v->kind == VAL_LIST ? v : NULL, 0 };
    r->context[r->top++] = loop->list ? v->u.list.item[0] : v;
    return true;
}

static void run(struct render *r, const struct tpl *t, struct str indent, unsigned depth) {
    struct loop loops[TPL_NEST_MAX];
    unsigned n_loops = 0;
    for (uint32_t at = 0; at < t->n_op && !r->out->overflow; at++) {
        const struct tpl_op *op = &t->op[at];
        if (indent.len && op->line_start) put(r->out, indent);
        switch ((enum tpl_op_kind)op->kind) {
        case OP_TEXT:
            if (indent.len) put_indented(r->out, op->s, indent);
            else put(r->out, op->s);
            break;
        case OP_VAR: put_value(r->out, look_up(r, op), (enum tpl_esc)op->esc); break;
        case OP_SECTION:
            if (enter(r, look_up(r, op), &loops[n_loops])) n_loops++;
            else at = op->jump;
            break;
        case OP_INVERTED:
            if (val_truthy(look_up(r, op))) at = op->jump;
            break;
        case OP_END:
            if (!op->section) break;
            /* analyzer -Wanalyzer-use-of-uninitialized-value: compiling pairs every end with its section, which filled the loop */
            if (loops[n_loops - 1].list && ++loops[n_loops - 1].i < loops[n_loops - 1].list->u.list.n) {
                r->context[r->top - 1] = loops[n_loops - 1].list->u.list.item[loops[n_loops - 1].i];
                at = op->jump;
            } else {
                r->top--;
                n_loops--;
            }
            break;
        case OP_PARTIAL: run_partial(r, op, indent, depth); break;
        }
    }
    r->top -= n_loops; /* only when the buffer overflowed inside a section */
}

void tpl_render(const struct tpl *t, const struct val *view, tpl_partial *partial, void *context, struct buf *out) {
    static const struct val nothing = { .kind = VAL_NULL };
    struct render r;
    r.context[0] = view ? view : &nothing;
    r.top = 1;
    r.partial = partial;
    r.partial_context = context;
    r.out = out;
    if (t) run(&r, t, S(""), 0);
}

void tpl_names(const struct tpl *t, struct arena *a, tpl_name *see, void *context) {
    unsigned within = 0;
    for (uint32_t at = 0; t && at < t->n_op; at++) {
        const struct tpl_op *op = &t->op[at];
        struct str name = op->s;
        switch ((enum tpl_op_kind)op->kind) {
        case OP_TEXT: break;
        case OP_PARTIAL: see(context, name, true, within); break;
        case OP_END: within -= op->section; break;
        case OP_VAR:
        case OP_SECTION:
        case OP_INVERTED:
            for (uint32_t i = 0; i < op->n_rest; i++) name = ARENA_CAT(a, name, S("."), op->u.rest[i]);
            if (name.len) see(context, name, false, within);
            within += op->kind == OP_SECTION;
            break;
        }
    }
}
