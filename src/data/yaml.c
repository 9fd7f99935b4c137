/* yaml: see yaml.h. libfyaml gives events; the tree is ours, built on an explicit stack.
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

#include <libfyaml.h>
#include <string.h>

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
};

static void fail(struct reader *r, uint32_t line, const char *what) {
    if (r->result == 0) r->result = err_line(r->e, ERR_SYNTAX, r->file, line, "%s", what);
}

static uint32_t line_of(struct fy_event *ev) {
    const struct fy_mark *m = fy_event_start_mark(ev);
    return m && m->line >= 0 ? (uint32_t)m->line + 1 : 1;
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

static enum fy_scalar_style style(struct fy_event *ev) {
    return ev->type == FYET_SCALAR && ev->scalar.value ? fy_token_scalar_style(ev->scalar.value) : FYSS_ANY;
}

/* libfyaml's marks lie within the quotes. */
static size_t begins(struct fy_event *ev) {
    const struct fy_mark *m = fy_event_start_mark(ev);
    const bool quotes = style(ev) == FYSS_SINGLE_QUOTED || style(ev) == FYSS_DOUBLE_QUOTED;
    return m ? m->input_pos - (quotes && m->input_pos) : 0;
}

static size_t ends(struct fy_event *ev) {
    const struct fy_mark *m = fy_event_end_mark(ev);
    return m ? m->input_pos + (style(ev) == FYSS_SINGLE_QUOTED || style(ev) == FYSS_DOUBLE_QUOTED) : begins(ev);
}

/* Where the value begins and, as far as it is known yet, ends. */
static void mark(struct reader *r, struct fy_event *ev, const struct level *in) {
    const size_t at = begins(ev);
    if (r->n_marks == r->cap_marks) {
        size_t cap = r->cap_marks ? 2 * r->cap_marks : 256;
        struct yaml_mark *p = arena_array(r->arena, cap, sizeof *p);
        if (!p) return;
        if (r->n_marks) memcpy(p, r->mark, r->n_marks * sizeof *p);
        r->mark = p;
        r->cap_marks = cap;
    }
    r->mark[r->n_marks++] = (struct yaml_mark){ .from = at, .to = ends(ev), .key = in && in->has_key ? in->key_from : at,
                                                .lines = style(ev) == FYSS_LITERAL || style(ev) == FYSS_FOLDED };
}

/* Puts a value where the tree waits for one. `as_key` is the value's text when it may serve as a key. */
static void place(struct reader *r, struct val *v, struct fy_event *ev, bool is_scalar, struct str as_key) {
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
        l->key_from = begins(ev);
        l->has_key = true;
    }
}

static void scalar(struct reader *r, struct fy_event *ev) {
    uint32_t line = line_of(ev);
    size_t len = 0;
    struct fy_token *token = ev->scalar.value;
    const char *text = token ? fy_token_get_text(token, &len) : "";
    if (!text || !str_utf8_valid(str_make(text, len))) { /* libfyaml 0.7.12 cuts a folded text with \L short */
        fail(r, line, "无法读懂这一行");
        return;
    }
    struct str s = arena_str(r->arena, str_make(text, len));
    bool is_plain = !token || fy_token_scalar_style(token) == FYSS_PLAIN;
    place(r, is_plain ? plain(r->arena, s) : val_str(r->arena, s), ev, true, s);
}

static void open_level(struct reader *r, struct fy_event *ev, enum val_kind kind) {
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

/* libfyaml says where a block collection ends by what stands behind it; here it ends with its last value. */
static void close_level(struct reader *r, struct fy_event *ev) {
    if (!r->depth) return;
    const struct level *l = &r->level[--r->depth];
    if (!r->marking || l->mark >= r->n_marks || arena_overflowed(r->arena)) return;
    const struct fy_mark *from = fy_event_start_mark(ev), *to = fy_event_end_mark(ev);
    struct yaml_mark *m = &r->mark[l->mark];
    m->flow = from && to && to->input_pos > from->input_pos;
    if (m->flow) m->to = to->input_pos;
    else
        for (size_t i = l->mark + 1; i < r->n_marks; i++)
            if (r->mark[i].to > m->to) m->to = r->mark[i].to;
}

static void event(struct reader *r, struct fy_event *ev) {
    if (++r->nodes > YAML_NODES_MAX) {
        r->result = err_line(r->e, ERR_LIMIT, r->file, line_of(ev), "最多 %d 项", YAML_NODES_MAX);
        return;
    }
    if (fy_event_get_anchor_token(ev)) fail(r, line_of(ev), "不能使用锚点 &");
    if (fy_event_get_tag_token(ev)) fail(r, line_of(ev), "不能使用标签 !");
    if (r->result < 0) return;
    switch (ev->type) {
    case FYET_DOCUMENT_START:
        if (++r->documents > 1) fail(r, line_of(ev), "一个文件只能有一个文档");
        break;
    case FYET_ALIAS: fail(r, line_of(ev), "不能使用引用 *"); break;
    case FYET_SCALAR: scalar(r, ev); break;
    case FYET_SEQUENCE_START: open_level(r, ev, VAL_LIST); break;
    case FYET_MAPPING_START: open_level(r, ev, VAL_MAP); break;
    case FYET_SEQUENCE_END:
    case FYET_MAPPING_END: close_level(r, ev); break;
    default: break;
    }
}

static void library_error(struct reader *r, struct fy_diag *diag) {
    void *at = NULL;
    struct fy_diag_error *first = fy_diag_errors_iterate(diag, &at);
    uint32_t line = first && first->line > 0 ? (uint32_t)first->line : 1;
    if (r->result == 0)
        r->result = err_line(r->e, ERR_SYNTAX, r->file, line, "YAML 写法不对：%s", first && first->msg ? first->msg : "?");
}

/* libfyaml's limits are its own; a byte that YAML does not allow at all is refused here, with its line. */
static bool characters_ok(struct reader *r, struct str text) {
    uint32_t line = 1;
    for (size_t at = 0; at < text.len;) {
        int32_t c = str_utf8_next(text, &at);
        if (c == '\n') line++;
        if (c < 0 || (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f) {
            fail(r, line, "有不允许的字符（须为 UTF-8 文本）");
            return false;
        }
    }
    return true;
}

static void read_events(struct reader *r, struct fy_parser *parser, struct fy_diag *diag) {
    struct fy_event *ev;
    while (r->result == 0 && !arena_overflowed(r->arena) && (ev = fy_parser_parse(parser)) != NULL) {
        event(r, ev);
        fy_parser_event_free(parser, ev);
    }
    if (r->result == 0 && fy_parser_get_stream_error(parser)) library_error(r, diag);
}

static int parse(struct arena *a, struct str file_name, struct str text, struct val **ret, struct yaml_mark **marks, struct err *e) {
    struct reader r = { .arena = a, .file = file_name, .e = e, .marking = marks != NULL };
    if (text.len > YAML_BYTES_MAX) return err_line(e, ERR_LIMIT, file_name, 0, "%d 字节", YAML_BYTES_MAX);
    if (!characters_ok(&r, text)) return r.result;
    struct fy_diag_cfg diag_cfg;
    fy_diag_cfg_default(&diag_cfg);
    diag_cfg.fp = NULL;
    diag_cfg.colorize = false;
    diag_cfg.level = FYET_ERROR;
    struct fy_diag *diag = fy_diag_create(&diag_cfg);
    if (!diag) return err_set(e, ERR_MEMORY, "内存不足");
    fy_diag_set_collect_errors(diag, true);
    struct fy_parse_cfg cfg = { .search_path = "",
                                .flags = FYPCF_QUIET | FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE,
                                .diag = diag };
    struct fy_parser *parser = fy_parser_create(&cfg);
    if (parser && fy_parser_set_string(parser, text.ptr ? text.ptr : "", text.len) == 0) read_events(&r, parser, diag);
    else r.result = err_set(e, ERR_MEMORY, "内存不足");
    if (parser) fy_parser_destroy(parser);
    fy_diag_destroy(diag);
    if (r.result < 0) return r.result;
    if (arena_overflowed(a)) return err_set(e, ERR_MEMORY, "内存不足");
    *ret = r.root ? r.root : val_null(a);
    if (marks) *marks = r.mark;
    return *ret ? 0 : err_set(e, ERR_MEMORY, "内存不足");
}

int yaml_parse(struct arena *a, struct str file_name, struct str text, struct val **ret, struct err *e) {
    return parse(a, file_name, text, ret, NULL, e);
}

int yaml_parse_marks(struct arena *a, struct str file_name, struct str text, struct val **ret, struct yaml_mark **marks,
                     struct err *e) {
    return parse(a, file_name, text, ret, marks, e);
}
