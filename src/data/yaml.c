/* yaml: see yaml.h. libyaml gives events; the tree is ours, built on an explicit stack.
 *
 * Invariants
 *  1. Only what JSON could say gets through: an anchor, alias, tag, second document or non-text key is an error with
 *     its line.
 *  2. A plain scalar becomes a number only in JSON's own grammar; 007, +1, 0x1F, 1_000 and .inf stay text, so that no
 *     code or identity number loses a digit. null and booleans are the core schema's (YAML 1.2.2 section 10.3.2).
 *  3. Depth, nodes and bytes are limited before memory is taken.
 */
#include "data/yaml.h"

#include "base/map.h"
#include "data/json.h"

#include <string.h>
#include <yaml.h>

enum { YAML_DEPTH_MAX = 32, YAML_NODES_MAX = 200000, YAML_BYTES_MAX = 16 * 1024 * 1024, YAML_KEYS_WALKED = 16 };

struct level {
    struct val *node;
    struct str key;      /* waiting for its value */
    uint32_t key_line;
    bool has_key;
    size_t key_from, mark; /* of the waiting key; of the collection itself */
    struct map *seen;    /* keys, once the map is larger than YAML_KEYS_WALKED */
};

struct reader {
    struct arena *arena;
    struct str file;
    struct err *e;
    struct level level[YAML_DEPTH_MAX];
    unsigned depth;
    size_t nodes;
    struct val *root;
    unsigned documents;
    int result;
    bool marking;
    struct yaml_mark *mark;
    size_t n_marks, cap_marks;
    struct str text;
    size_t at, at_byte; /* a place that was asked for, in characters and in bytes */
};

static void fail(struct reader *r, uint32_t line, const char *what) {
    if (r->result == 0) r->result = err_line(r->e, ERR_SYNTAX, r->file, line, "%s", what);
}

static uint32_t line_of(const yaml_event_t *ev) {
    return (uint32_t)ev->start_mark.line + 1;
}

static bool one_of(struct str s, const char *const *words) {
    for (; *words; words++)
        if (str_eq(s, str_of(*words))) return true;
    return false;
}

static struct val *plain(struct arena *a, struct str s) {
    static const char *const nulls[] = { "", "~", "null", "Null", "NULL", NULL };
    static const char *const trues[] = { "true", "True", "TRUE", NULL };
    static const char *const falses[] = { "false", "False", "FALSE", NULL };
    if (one_of(s, nulls)) return val_null(a);
    if (one_of(s, trues)) return val_bool(a, true);
    if (one_of(s, falses)) return val_bool(a, false);
    return json_number(s) ? val_num(a, s) : val_str(a, s);
}

static bool key_known(struct reader *r, struct level *l, struct str key) {
    const struct val *m = l->node;
    if (m->u.map.n < YAML_KEYS_WALKED) return val_get(m, key) != NULL;
    if (!l->seen) {
        l->seen = arena_new(r->arena, struct map);
        if (!l->seen) return false;
        map_init(l->seen, r->arena);
        for (size_t i = 0; i < m->u.map.n; i++) (void)map_put(l->seen, m->u.map.pair[i].key, l->node);
    }
    if (map_find(l->seen, key)) return true;
    (void)map_put(l->seen, key, l->node);
    return false;
}

/* Appends without val_put's search: key_known has looked. */
static void append_pair(struct reader *r, struct level *l, struct val *v) {
    struct val *m = l->node;
    if (m->u.map.n == m->u.map.cap) {
        size_t cap = m->u.map.cap ? 2 * m->u.map.cap : 4;
        struct val_pair *p = arena_array(r->arena, cap, sizeof *p);
        if (!p) return;
        if (m->u.map.n) memcpy(p, m->u.map.pair, m->u.map.n * sizeof *p);
        m->u.map.pair = p;
        m->u.map.cap = cap;
    }
    m->u.map.pair[m->u.map.n++] = (struct val_pair){ l->key, v, l->key_line };
}

/* libyaml counts characters. What is asked for is near what was asked for last. */
static size_t byte_of(struct reader *r, const yaml_mark_t *m) {
    for (; r->at < m->index && r->at_byte < r->text.len; r->at++)
        do r->at_byte++;
        while (r->at_byte < r->text.len && ((unsigned char)r->text.ptr[r->at_byte] & 0xc0) == 0x80);
    for (; r->at > m->index && r->at_byte > 0; r->at--)
        do r->at_byte--;
        while (r->at_byte > 0 && ((unsigned char)r->text.ptr[r->at_byte] & 0xc0) == 0x80);
    return r->at_byte;
}

static bool has_lines(const yaml_event_t *ev) {
    return ev->type == YAML_SCALAR_EVENT &&
           (ev->data.scalar.style == YAML_LITERAL_SCALAR_STYLE || ev->data.scalar.style == YAML_FOLDED_SCALAR_STYLE);
}

/* Where the value begins and, as far as it is known yet, ends. */
static void mark(struct reader *r, const yaml_event_t *ev, const struct level *in) {
    if (r->n_marks == r->cap_marks) {
        size_t cap = r->cap_marks ? 2 * r->cap_marks : 256;
        struct yaml_mark *p = arena_array(r->arena, cap, sizeof *p);
        if (!p) return;
        if (r->n_marks) memcpy(p, r->mark, r->n_marks * sizeof *p);
        r->mark = p;
        r->cap_marks = cap;
    }
    size_t from = byte_of(r, &ev->start_mark), to = byte_of(r, &ev->end_mark);
    if (has_lines(ev)) /* behind the line of its | or > */
        while (from < to && r->text.ptr[from++] != '\n') {}
    r->mark[r->n_marks++] =
        (struct yaml_mark){ .from = from, .to = to, .key = in && in->has_key ? in->key_from : from, .lines = has_lines(ev) };
}

/* Puts a value where the tree waits for one. `as_key` is the value's text when it may serve as a key. */
static void place(struct reader *r, struct val *v, const yaml_event_t *ev, bool is_scalar, struct str as_key) {
    uint32_t line = line_of(ev);
    if (!v) return; /* the arena overflowed; told at the end */
    v->line = line;
    struct level *l = r->depth ? &r->level[r->depth - 1] : NULL;
    if (r->marking && (!l || l->node->kind == VAL_LIST || l->has_key)) mark(r, ev, l);
    if (!l) {
        r->root = v;
        return;
    }
    if (l->node->kind == VAL_LIST) {
        val_push(r->arena, l->node, v);
    } else if (l->has_key) {
        append_pair(r, l, v);
        l->has_key = false;
    } else if (!is_scalar) {
        fail(r, line, "键必须是文字");
    } else if (key_known(r, l, as_key)) {
        fail(r, line, "同一层里有重复的键");
    } else {
        l->key = as_key;
        l->key_line = line;
        if (r->marking) l->key_from = byte_of(r, &ev->start_mark);
        l->has_key = true;
    }
}

static void scalar(struct reader *r, const yaml_event_t *ev) {
    struct str s = arena_str(r->arena, str_make((const char *)ev->data.scalar.value, ev->data.scalar.length));
    place(r, ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE ? plain(r->arena, s) : val_str(r->arena, s), ev, true, s);
}

static void open_level(struct reader *r, const yaml_event_t *ev, enum val_kind kind) {
    uint32_t line = line_of(ev);
    if (r->depth == YAML_DEPTH_MAX) {
        r->result = err_line(r->e, ERR_LIMIT, r->file, line, "最多 %d 层", YAML_DEPTH_MAX);
        return;
    }
    struct val *v = kind == VAL_MAP ? val_map(r->arena) : val_list(r->arena);
    place(r, v, ev, false, S(""));
    if (!v) return;
    r->level[r->depth++] = (struct level){ .node = v, .mark = r->n_marks ? r->n_marks - 1 : 0 };
}

/* libyaml says where a block collection ends by what stands behind it; here it ends with its last value. */
static void close_level(struct reader *r, const yaml_event_t *ev) {
    if (!r->depth) return;
    const struct level *l = &r->level[--r->depth];
    if (!r->marking || l->mark >= r->n_marks || arena_overflowed(r->arena)) return;
    struct yaml_mark *m = &r->mark[l->mark];
    m->flow = ev->end_mark.index > ev->start_mark.index;
    if (m->flow) m->to = byte_of(r, &ev->end_mark);
    else
        for (size_t i = l->mark + 1; i < r->n_marks; i++)
            if (r->mark[i].to > m->to) m->to = r->mark[i].to;
}

static bool is_anchored(const yaml_event_t *ev) {
    return ev->type == YAML_SCALAR_EVENT           ? ev->data.scalar.anchor != NULL
           : ev->type == YAML_SEQUENCE_START_EVENT ? ev->data.sequence_start.anchor != NULL
                                                   : ev->type == YAML_MAPPING_START_EVENT && ev->data.mapping_start.anchor != NULL;
}

static bool is_tagged(const yaml_event_t *ev) {
    return ev->type == YAML_SCALAR_EVENT           ? ev->data.scalar.tag != NULL
           : ev->type == YAML_SEQUENCE_START_EVENT ? ev->data.sequence_start.tag != NULL
                                                   : ev->type == YAML_MAPPING_START_EVENT && ev->data.mapping_start.tag != NULL;
}

static void event(struct reader *r, const yaml_event_t *ev) {
    if (++r->nodes > YAML_NODES_MAX) {
        r->result = err_line(r->e, ERR_LIMIT, r->file, line_of(ev), "最多 %d 项", YAML_NODES_MAX);
        return;
    }
    if (is_anchored(ev)) fail(r, line_of(ev), "不能使用锚点 &");
    if (is_tagged(ev)) fail(r, line_of(ev), "不能使用标签 !");
    if (r->result < 0) return;
    switch (ev->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (++r->documents > 1) fail(r, line_of(ev), "一个文件只能有一个文档");
        break;
    case YAML_ALIAS_EVENT: fail(r, line_of(ev), "不能使用引用 *"); break;
    case YAML_SCALAR_EVENT: scalar(r, ev); break;
    case YAML_SEQUENCE_START_EVENT: open_level(r, ev, VAL_LIST); break;
    case YAML_MAPPING_START_EVENT: open_level(r, ev, VAL_MAP); break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT: close_level(r, ev); break;
    default: break;
    }
}

static int library_error(const struct reader *r, const yaml_parser_t *parser) {
    uint32_t line = (uint32_t)parser->problem_mark.line + 1;
    if (parser->error == YAML_MEMORY_ERROR) return err_set(r->e, ERR_MEMORY, "yaml");
    if (parser->error == YAML_READER_ERROR) { /* which says a byte */
        line = 1;
        for (size_t i = 0; i < parser->problem_offset && i < r->text.len; i++) line += r->text.ptr[i] == '\n';
    }
    return err_line(r->e, ERR_SYNTAX, r->file, line, "YAML 写法不对：%s", parser->problem ? parser->problem : "?");
}

/* A byte that YAML does not allow at all is refused here, with its line; and what ends a line in YAML 1.1, where libyaml is, but is a
 * character like any other in 1.2: in quotes it can be written as \N, \L and \P. */
static bool characters_ok(struct reader *r, struct str text) {
    uint32_t line = 1;
    for (size_t at = 0; at < text.len;) {
        int32_t c = str_utf8_next(text, &at);
        if (c == '\n') line++;
        if (c < 0 || (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f || c == 0x85 || c == 0x2028 || c == 0x2029) {
            fail(r, line, "有不允许的字符（须为 UTF-8 文本）");
            return false;
        }
    }
    return true;
}

static void read_events(struct reader *r, yaml_parser_t *parser) {
    for (bool more = true; more && r->result == 0 && !arena_overflowed(r->arena);) {
        yaml_event_t ev;
        if (!yaml_parser_parse(parser, &ev)) {
            r->result = library_error(r, parser);
            break;
        }
        more = ev.type != YAML_STREAM_END_EVENT;
        event(r, &ev);
        yaml_event_delete(&ev);
    }
}

static int parse(struct arena *a, struct str file_name, struct str text, struct val **ret, struct yaml_mark **marks, struct err *e) {
    struct reader r = { .arena = a, .file = file_name, .e = e, .marking = marks != NULL, .text = text };
    yaml_parser_t parser;
    if (text.len > YAML_BYTES_MAX) return err_line(e, ERR_LIMIT, file_name, 0, "%d 字节", YAML_BYTES_MAX);
    if (!characters_ok(&r, text)) return r.result;
    if (!yaml_parser_initialize(&parser)) return err_set(e, ERR_MEMORY, "yaml");
    if (str_starts(text, S("\xEF\xBB\xBF"))) r.at_byte = 3; /* no character to libyaml */
    yaml_parser_set_input_string(&parser, (const unsigned char *)(text.ptr ? text.ptr : ""), text.len);
    read_events(&r, &parser);
    yaml_parser_delete(&parser);
    if (r.result < 0) return r.result;
    if (arena_overflowed(a)) return err_set(e, ERR_MEMORY, "yaml");
    *ret = r.root ? r.root : val_null(a);
    if (marks) *marks = r.mark;
    return *ret ? 0 : err_set(e, ERR_MEMORY, "yaml");
}

int yaml_parse(struct arena *a, struct str file_name, struct str text, struct val **ret, struct err *e) {
    return parse(a, file_name, text, ret, NULL, e);
}

int yaml_parse_marks(struct arena *a, struct str file_name, struct str text, struct val **ret, struct yaml_mark **marks,
                     struct err *e) {
    return parse(a, file_name, text, ret, marks, e);
}
