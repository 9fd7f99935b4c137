/* tpl_compile: a template's text to a flat list of operations (tpl_op.h).
 *
 * Invariants
 *  1. Literal text between two operations is one piece, copied into the arena: a render is a few memcpy and look-ups.
 *  2. A standalone tag (section, close, comment, partial, set delimiter alone on its line) takes its line with it;
 *     only a partial remembers the blanks before it, and only in text mode: in HTML indentation says nothing, and would
 *     change what a textarea holds.
 *  3. In HTML mode every literal byte passes tpl_place_literal, and every variable asks tpl_place_variable.
 */
#include "data/tpl_op.h"

#include "base/buf.h"
#include "data/write.h"

#include <string.h>

struct open_section {
    uint32_t op, line;
    struct str name;
    struct tpl_place place;
};

struct compiler {
    struct arena *arena;
    struct err *e;
    struct str name, text, open, close;
    const struct po *texts;
    enum tpl_mode mode;
    size_t at;
    uint32_t line;          /* of `at` */
    struct buf literal;
    bool literal_line_start;
    bool line_start;        /* nothing of this line has been put out yet */
    struct tpl_op *op;
    uint32_t n_op, cap_op;
    struct open_section nest[TPL_NEST_MAX];
    unsigned depth;
    struct tpl_place place;
};

struct tag {
    char type;              /* '#', '^', '/', '>', '!', '=', '&', '{', '_', or 'v' for a variable */
    struct str body;        /* trimmed, without the type */
    size_t start, end;      /* in the text, with delimiters */
};

static int fail(struct compiler *c, const char *why) {
    return err_line(c->e, ERR_SYNTAX, c->name, c->line, "%s", why);
}

static int fail_unless_null(struct compiler *c, const char *why) {
    return why ? fail(c, why) : 0;
}

static struct tpl_op *add_op(struct compiler *c, enum tpl_op_kind kind) {
    static struct tpl_op lost; /* never read: the arena has overflowed, which ends the compilation with an error */
    if (c->n_op == c->cap_op) {
        uint32_t cap = c->cap_op ? 2 * c->cap_op : 32;
        struct tpl_op *p = arena_array(c->arena, cap, sizeof *p);
        if (!p) return &lost;
        if (c->n_op) memcpy(p, c->op, c->n_op * sizeof *p);
        c->op = p;
        c->cap_op = cap;
    }
    struct tpl_op *op = &c->op[c->n_op++];
    op->kind = (uint8_t)kind;
    return op;
}

static void flush(struct compiler *c) {
    if (!c->literal.len) return;
    struct tpl_op *op = add_op(c, OP_TEXT);
    op->s = arena_str(c->arena, buf_str(&c->literal));
    op->line_start = c->literal_line_start;
    buf_clear(&c->literal);
}

/* Literal bytes as they shall come out. */
static int literal(struct compiler *c, struct str s) {
    if (!s.len) return 0;
    if (!c->literal.len) c->literal_line_start = c->line_start;
    buf_add(&c->literal, s);
    c->line_start = s.ptr[s.len - 1] == '\n';
    return c->mode == TPL_HTML ? fail_unless_null(c, tpl_place_literal(&c->place, s)) : 0;
}

static void count_lines(struct compiler *c, size_t to) {
    for (size_t i = c->at; i < to; i++)
        if (c->text.ptr[i] == '\n') c->line++;
    c->at = to;
}

/* Source text up to `to`, line by line, so that an error in HTML tells its own line. */
static int literal_to(struct compiler *c, size_t to) {
    while (c->at < to) {
        size_t end = str_find_char(c->text, '\n', c->at);
        end = end == SIZE_MAX || end >= to ? to : end + 1;
        int r = literal(c, str_sub(c->text, c->at, end - c->at));
        if (r < 0) return r;
        count_lines(c, end);
    }
    return 0;
}

/* The first part in `op->s`, the others in `op->u.rest`; "." is an empty first part. */
static int set_name(struct compiler *c, uint32_t at_op, struct str name) {
    struct str part, rest = name, parts[TPL_NAME_PARTS_MAX];
    uint32_t n = 0;
    if (!name.len) return fail(c, "标签里缺少名称");
    for (size_t i = 0; i < name.len; i++)
        if (strchr(" \t\r\n", name.ptr[i])) return fail(c, "名称里不能有空格");
    if (at_op >= c->n_op) return 0; /* the arena has overflowed */
    struct tpl_op *op = &c->op[at_op];
    if (str_eq(name, S("."))) return 0;
    while (str_cut(&rest, '.', &part)) {
        if (!part.len) return fail(c, "名称里的点前后须有文字");
        if (n == TPL_NAME_PARTS_MAX) return fail(c, "名称的层次太多");
        parts[n++] = arena_str(c->arena, part);
    }
    if (name.ptr[name.len - 1] == '.') return fail(c, "名称里的点前后须有文字");
    op->s = parts[0];
    op->n_rest = n - 1;
    if (n == 1) return 0;
    struct str *copy = arena_array(c->arena, n - 1, sizeof *copy);
    if (copy) memcpy(copy, parts + 1, (n - 1) * sizeof *copy);
    else op->n_rest = 0;
    op->u.rest = copy;
    return 0;
}

/* A new operation that is not text: what was literal so far comes first. Returns its number. */
static uint32_t begin_op(struct compiler *c, enum tpl_op_kind kind, bool standalone) {
    flush(c);
    struct tpl_op *op = add_op(c, kind);
    op->line_start = c->line_start && !standalone;
    if (!standalone) c->line_start = false;
    return c->n_op ? c->n_op - 1 : 0;
}

static int variable(struct compiler *c, struct str name, bool raw) {
    enum tpl_esc esc = raw || c->mode == TPL_PLAIN ? ESC_RAW : ESC_ATTR;
    if (c->mode == TPL_HTML) {
        if (raw) return fail(c, "网页模板不允许不转义的变量，请改用 {{名称}}");
        const char *why = tpl_place_variable(&c->place, &esc);
        if (why) return fail(c, why);
        if (esc == ESC_TEXT && c->texts && tpl_place_takes_elements(&c->place)) esc = ESC_FOREIGN;
        if (esc == ESC_TEXT && c->texts && tpl_place_begins_option(&c->place) && c->literal.len) {
            esc = ESC_OPTION;
            c->literal.len--; /* the > of its tag */
        }
    }
    uint32_t n = begin_op(c, OP_VAR, false);
    if (n < c->n_op) c->op[n].esc = (uint8_t)esc;
    return set_name(c, n, name);
}

static int translated_literal(struct compiler *c, struct str s) {
    if (!s.len) return 0;
    if (!c->literal.len) c->literal_line_start = c->line_start;
    c->line_start = false;
    enum tpl_esc esc = ESC_RAW;
    const char *why = c->mode == TPL_HTML ? tpl_place_variable(&c->place, &esc) : NULL;
    if (why) return fail(c, why);
    if (c->mode == TPL_HTML && tpl_place_is_url(&c->place)) return fail(c, "译文不能放在网址属性里");
    if (esc == ESC_RAW) buf_add(&c->literal, s);
    else if (esc == ESC_TEXT) write_html_text(&c->literal, s);
    else write_html_attr(&c->literal, s);
    return 0;
}

/* {{_ text}}: the translation, with {name} made variables. In text mode they come out unescaped: it is people's text.
 */
static int translation(struct compiler *c, struct str id) {
    if (!id.len) return fail(c, "标签里缺少文字");
    struct str s = po_get(c->texts, S(""), id);
    while (s.len) {
        size_t from = 0, n = 0;
        while ((from = str_find_char(s, '{', from)) != SIZE_MAX && !(n = po_placeholder(str_sub(s, from, SIZE_MAX))))
            from++;
        int r = translated_literal(c, str_sub(s, 0, from));
        if (r < 0 || from == SIZE_MAX) return r;
        r = variable(c, str_sub(s, from + 1, n - 2), c->mode != TPL_HTML);
        if (r < 0) return r;
        s = str_sub(s, from + n, SIZE_MAX);
    }
    return 0;
}

static int open_section(struct compiler *c, const struct tag *t, bool standalone) {
    if (c->depth == TPL_NEST_MAX) return err_line(c->e, ERR_LIMIT, c->name, c->line, "区块最多嵌套 %d 层", TPL_NEST_MAX);
    const char *why = c->mode == TPL_HTML ? tpl_place_open(&c->place) : NULL;
    if (why) return fail(c, why);
    uint32_t n = begin_op(c, t->type == '#' ? OP_SECTION : OP_INVERTED, standalone);
    c->nest[c->depth++] = (struct open_section){ n, c->line, t->body, c->place };
    return set_name(c, n, t->body);
}

static int close_section(struct compiler *c, const struct tag *t, bool standalone) {
    if (!c->depth) return fail(c, "没有可以结束的区块");
    struct open_section *s = &c->nest[c->depth - 1];
    if (!str_eq(s->name, t->body))
        return err_line(c->e, ERR_SYNTAX, c->name, c->line, "区块 %.*s（第 %u 行）没有结束", STR_ARG(s->name), s->line);
    const char *why = c->mode == TPL_HTML ? tpl_place_close(&s->place, &c->place) : NULL;
    if (why) return fail(c, why);
    uint32_t n = begin_op(c, OP_END, standalone);
    c->depth--;
    if (n >= c->n_op || s->op >= c->n_op) return 0;
    c->op[n].jump = s->op;
    c->op[n].section = c->op[s->op].kind == OP_SECTION;
    c->op[s->op].jump = n;
    return 0;
}

static int partial(struct compiler *c, const struct tag *t, bool standalone, struct str indent) {
    const char *why = c->mode == TPL_HTML ? tpl_place_partial(&c->place) : NULL;
    if (why) return fail(c, why);
    if (!t->body.len) return fail(c, "标签里缺少名称");
    uint32_t n = begin_op(c, OP_PARTIAL, standalone);
    if (n >= c->n_op) return 0;
    c->op[n].s = arena_str(c->arena, t->body);
    c->op[n].standalone = standalone;
    if (standalone && c->mode != TPL_HTML) c->op[n].u.indent = arena_str(c->arena, indent);
    return 0;
}

static int set_delimiters(struct compiler *c, struct str body) {
    size_t gap = 0;
    while (gap < body.len && !strchr(" \t\r\n", body.ptr[gap])) gap++;
    struct str open = str_sub(body, 0, gap), close = str_trim(str_sub(body, gap, SIZE_MAX));
    bool fine = open.len && close.len && str_find_char(body, '=', 0) == SIZE_MAX;
    for (size_t i = 0; fine && i < close.len; i++) fine = !strchr(" \t\r\n", close.ptr[i]);
    if (!fine) return fail(c, "分隔符写法不对，应为 {{=开 关=}}");
    c->open = open;
    c->close = close;
    return 0;
}

/* Reads the tag whose opening delimiter stands at `start`. */
static int read_tag(struct compiler *c, size_t start, struct tag *t) {
    size_t from = start + c->open.len;
    char first = from < c->text.len ? c->text.ptr[from] : 0;
    bool typed = first && strchr("#^/>!=&{", first);
    struct str after = str_sub(c->text, from, 2);
    bool text = after.len == 2 && after.ptr[0] == '_' && strchr(" \t\r\n", after.ptr[1]);
    size_t body = typed || text ? from + 1 : from;
    struct str closing[] = { first == '{' ? S("}") : first == '=' ? S("=") : S(""), c->close };
    struct str mark = closing[0].len ? ARENA_CAT(c->arena, closing[0], closing[1]) : c->close;
    size_t end = mark.len ? str_find(c->text, mark, body) : SIZE_MAX;
    if (end == SIZE_MAX) return fail(c, "标签没有结束");
    if (text && end + mark.len < c->text.len && c->text.ptr[end] == '}' && c->text.ptr[end + mark.len] == '}') {
        /* "{{_ ... {name}}}": the first brace belongs to the placeholder */
        struct str inside = str_sub(c->text, body, end - body);
        size_t brace = inside.len;
        while (brace && inside.ptr[brace - 1] != '{' && inside.ptr[brace - 1] != '}') brace--;
        if (brace && inside.ptr[brace - 1] == '{') end++;
    }
    *t = (struct tag){ text    ? '_'
                       : typed ? first
                               : 'v',
                       str_trim(str_sub(c->text, body, end - body)), start, end + mark.len };
    return 0;
}

/* Is the tag alone on its line? Then *line_from is where the line begins, *line_end where the next one does. */
static bool is_standalone(const struct compiler *c, const struct tag *t, size_t *line_from, size_t *line_end) {
    if (!strchr("#^/>!=", t->type)) return false;
    size_t from = t->start, end = t->end;
    while (from && (c->text.ptr[from - 1] == ' ' || c->text.ptr[from - 1] == '\t')) from--;
    if (from && c->text.ptr[from - 1] != '\n') return false;
    while (end < c->text.len && (c->text.ptr[end] == ' ' || c->text.ptr[end] == '\t')) end++;
    if (end < c->text.len && c->text.ptr[end] == '\r') end++;
    if (end < c->text.len && c->text.ptr[end] != '\n') return false;
    *line_from = from;
    *line_end = end < c->text.len ? end + 1 : end;
    return true;
}

static int apply(struct compiler *c, const struct tag *t, bool standalone, struct str indent) {
    switch (t->type) {
    case '#':
    case '^': return open_section(c, t, standalone);
    case '/': return close_section(c, t, standalone);
    case '>': return partial(c, t, standalone, indent);
    case '!': return 0;
    case '=': return set_delimiters(c, t->body);
    case '_': return translation(c, t->body);
    default: return variable(c, t->body, t->type == '&' || t->type == '{');
    }
}

static int compile(struct compiler *c) {
    for (;;) {
        size_t start = str_find(c->text, c->open, c->at);
        if (start == SIZE_MAX) return literal_to(c, c->text.len);
        size_t saved_at = c->at;
        uint32_t saved_line = c->line;
        struct tag t = { 0 };
        count_lines(c, start); /* a tag's error is told at the tag */
        int r = read_tag(c, start, &t);
        if (r < 0) return r;
        c->at = saved_at;
        c->line = saved_line;
        size_t line_from = t.start, after = t.end;
        bool standalone = is_standalone(c, &t, &line_from, &after);
        r = literal_to(c, line_from);
        if (r < 0) return r;
        count_lines(c, t.start);
        r = apply(c, &t, standalone, str_sub(c->text, line_from, t.start - line_from));
        if (r < 0) return r;
        count_lines(c, after);
        if (arena_overflowed(c->arena)) return 0;
    }
}

int tpl_compile(struct arena *a, struct str name, struct str text, enum tpl_mode mode, const struct po *texts,
                struct tpl **ret, struct err *e) {
    struct compiler c = { .arena = a,
                          .e = e,
                          .name = name,
                          .text = text,
                          .open = S("{{"),
                          .close = S("}}"),
                          .texts = texts,
                          .mode = mode,
                          .line = 1,
                          .line_start = true };
    if (text.len > TPL_BYTES_MAX) return err_line(e, ERR_LIMIT, name, 0, "%d 字节", TPL_BYTES_MAX);
    buf_init(&c.literal, a, 512, 4 * TPL_BYTES_MAX);
    int r = compile(&c);
    if (r < 0) return r;
    if (arena_overflowed(a) || !buf_ok(&c.literal)) return err_set(e, ERR_MEMORY, "内存不足");
    if (c.depth) {
        struct open_section *s = &c.nest[c.depth - 1];
        return err_line(e, ERR_SYNTAX, name, s->line, "区块 %.*s 没有结束", STR_ARG(s->name));
    }
    const char *why = mode == TPL_HTML ? tpl_place_partial(&c.place) : NULL;
    if (why) return fail(&c, why);
    flush(&c);
    struct tpl *t = arena_new(a, struct tpl);
    if (!t || arena_overflowed(a)) return err_set(e, ERR_MEMORY, "内存不足");
    *t = (struct tpl){ arena_str(a, name), c.op, c.n_op };
    *ret = t;
    return 0;
}
