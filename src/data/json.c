/* json: strict JSON (RFC 8259) to val.
 *
 * jansson judges the grammar, the UTF-8 and the duplicate keys; but it turns numbers into 64-bit integers and
 * doubles, knows no lines of values, and refuses U+0000 in keys. So the text is scanned once first, by our own
 * tokenizer: every number is checked against the grammar and handed to jansson as "0", every \u0000 as \u0001, and
 * the place and line of each value and key is remembered in order. After jansson said yes, its tree is walked in step
 * with these tokens.
 *
 * Invariants
 *  1. A tree is returned only for a text that jansson accepted as a whole; the scan can only refuse more (depth,
 *     nodes, numbers).
 *  2. Tokens are in document order: jansson keeps objects in insertion order, and duplicates are refused, so the walk
 *     meets exactly one token per value and key.
 *  3. Numbers keep every digit: the value's literal is the source's.
 *  4. Texts and literals point into one copy of the source in the arena; only texts with escapes are decoded anew.
 */
#include "data/json.h"

#include "base/buf.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

enum { TOKEN_BYTES_SCRATCH = 64 };

struct token {
    uint32_t at, len, line; /* a string without its quotes */
};

struct scan {
    struct str text; /* the copy in the arena */
    char *out;       /* what jansson reads: same lines */
    size_t out_len;
    struct token *token;
    size_t n_token, token_max;
    uint32_t line;
};

struct walk {
    struct arena *arena;
    const struct scan *scan;
    size_t at_token, nodes, nodes_max;
};

static bool is_number_char(char c) {
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

static size_t digits(struct str s, size_t at) {
    while (at < s.len && s.ptr[at] >= '0' && s.ptr[at] <= '9') at++;
    return at;
}

bool json_number(struct str s) {
    size_t at = s.len && s.ptr[0] == '-' ? 1 : 0;
    size_t end = digits(s, at);
    if (end == at || (s.ptr[at] == '0' && end > at + 1)) return false;
    if (end < s.len && s.ptr[end] == '.') {
        at = end + 1;
        end = digits(s, at);
        if (end == at) return false;
    }
    if (end < s.len && (s.ptr[end] == 'e' || s.ptr[end] == 'E')) {
        at = end + 1;
        if (at < s.len && (s.ptr[at] == '+' || s.ptr[at] == '-')) at++;
        end = digits(s, at);
        if (end == at) return false;
    }
    return end == s.len;
}

static bool add_token(struct scan *s, size_t at, size_t len) {
    if (s->n_token == s->token_max) return false;
    s->token[s->n_token++] = (struct token){ (uint32_t)at, (uint32_t)len, s->line };
    return true;
}

/* Copies the string whose opening quote is at `at`; returns the position behind it (or the end, if it never closes). */
static size_t scan_string(struct scan *s, size_t at) {
    struct str t = s->text;
    s->out[s->out_len++] = '"';
    at++;
    while (at < t.len && t.ptr[at] != '"' && t.ptr[at] != '\n') {
        size_t n = 1;
        if (t.ptr[at] == '\\') n = str_starts(str_sub(t, at, 6), S("\\u0000")) ? 6 : 2;
        if (n > t.len - at) n = t.len - at;
        memcpy(s->out + s->out_len, t.ptr + at, n);
        s->out_len += n;
        at += n;
        if (n == 6) s->out[s->out_len - 1] = '1';
    }
    return at;
}

static size_t word_end(struct str t, size_t at) {
    while (at < t.len && t.ptr[at] >= 'a' && t.ptr[at] <= 'z') at++;
    return at;
}

static int too_many(const struct scan *s, struct err *e) {
    return err_line(e, ERR_LIMIT, S(""), s->line, "JSON 的数据项过多");
}

static int scan_text(struct scan *s, struct err *e) {
    struct str t = s->text;
    size_t depth = 0;
    for (size_t at = 0; at < t.len;) {
        char c = t.ptr[at];
        if (c == '"') {
            size_t end = scan_string(s, at);
            if (!add_token(s, at + 1, end - at - 1)) return too_many(s, e);
            at = end;
            if (at < t.len && t.ptr[at] == '"') s->out[s->out_len++] = t.ptr[at++];
        } else if (c == '-' || (c >= '0' && c <= '9')) {
            size_t end = at;
            while (end < t.len && is_number_char(t.ptr[end])) end++;
            struct str literal = str_sub(t, at, end - at);
            if (!json_number(literal)) return err_line(e, ERR_SYNTAX, S(""), s->line, "JSON 的数字写法不对");
            if (!add_token(s, at, end - at)) return too_many(s, e);
            s->out[s->out_len++] = '0';
            at = end;
        } else if (c >= 'a' && c <= 'z') {
            size_t end = word_end(t, at);
            if (!add_token(s, at, end - at)) return too_many(s, e);
            memcpy(s->out + s->out_len, t.ptr + at, end - at);
            s->out_len += end - at;
            at = end;
        } else {
            if (c == 0) return err_line(e, ERR_SYNTAX, S(""), s->line, "JSON 写法不对"); /* jansson takes it for the end */
            if ((c == '[' || c == '{') && ++depth > JSON_DEPTH_MAX)
                return err_line(e, ERR_LIMIT, S(""), s->line, "JSON 的层数（最多 %d 层）", JSON_DEPTH_MAX);
            if ((c == '[' || c == '{') && !add_token(s, at, 1)) return too_many(s, e);
            if ((c == ']' || c == '}') && depth) depth--;
            if (c == '\n') s->line++;
            s->out[s->out_len++] = c;
            at++;
        }
    }
    return 0;
}

static uint32_t hex4(const char *p) {
    uint64_t v = 0;
    return str_hex_to_u64(str_make(p, 4), &v) ? (uint32_t)v : 0xfffd;
}

/* The text of a string that jansson has accepted. Escapes only shrink, so the raw length is room enough. */
static struct str decode(struct arena *a, struct str raw) {
    if (!raw.len || !memchr(raw.ptr, '\\', raw.len)) return raw;
    struct buf b;
    buf_init(&b, a, raw.len, raw.len);
    for (size_t at = 0; at < raw.len;) {
        size_t slash = str_find_char(raw, '\\', at);
        if (slash == SIZE_MAX) slash = raw.len;
        buf_add(&b, str_sub(raw, at, slash - at));
        at = slash + 2;
        if (at > raw.len) break;
        static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
        char c = raw.ptr[at - 1];
        const char *known = memchr(from, c, sizeof from - 1);
        if (c != 'u') {
            buf_add_char(&b, known ? to[known - from] : c);
        } else if (raw.len - at >= 4) {
            uint32_t cp = hex4(raw.ptr + at);
            at += 4;
            if (cp >= 0xd800 && cp < 0xdc00 && raw.len - at >= 6) {
                cp = 0x10000 + ((cp - 0xd800) << 10) + (hex4(raw.ptr + at + 2) - 0xdc00);
                at += 6;
            }
            buf_add_utf8(&b, cp);
        }
    }
    return buf_str(&b);
}

static struct str token_text(const struct scan *s, const struct token *t) {
    return str_make(s->text.ptr + t->at, t->len);
}

static const struct token *next_token(struct walk *w) {
    static const struct token none = { 0, 0, 0 };
    return w->at_token < w->scan->n_token ? &w->scan->token[w->at_token++] : &none;
}

static struct val *convert(struct walk *w, const json_t *j);

static void convert_map(struct walk *w, const json_t *j, struct val *v) {
    size_t n = json_object_size(j);
    if (!n) return;
    struct val_pair *pair = arena_array(w->arena, n, sizeof *pair);
    if (!pair) return;
    v->u.map.pair = pair;
    v->u.map.cap = n;
    json_t *object = (json_t *)(uintptr_t)j; /* jansson's iterators take no const; nothing is changed */
    for (void *it = json_object_iter(object); it && v->u.map.n < n; it = json_object_iter_next(object, it)) {
        const struct token *key = next_token(w);
        struct val_pair p = { decode(w->arena, token_text(w->scan, key)), convert(w, json_object_iter_value(it)),
                              key->line };
        if (!p.value) return;
        pair[v->u.map.n++] = p;
    }
}

static void convert_list(struct walk *w, const json_t *j, struct val *v) {
    size_t n = json_array_size(j);
    if (!n) return;
    struct val **item = arena_array(w->arena, n, sizeof(struct val *));
    if (!item) return;
    v->u.list.item = item;
    v->u.list.cap = n;
    for (size_t i = 0; i < n; i++) {
        item[i] = convert(w, json_array_get(j, i));
        if (!item[i]) return;
        v->u.list.n = i + 1;
    }
}

/* NULL on overflow of the arena or past nodes_max. Recursion is bounded by JSON_DEPTH_MAX. */
static struct val *convert(struct walk *w, const json_t *j) {
    if (++w->nodes > w->nodes_max) return NULL;
    const struct token *t = next_token(w);
    struct val *v = val_null(w->arena);
    if (!v) return NULL;
    v->line = t->line;
    switch (json_typeof(j)) {
    case JSON_OBJECT: v->kind = VAL_MAP; convert_map(w, j, v); break;
    case JSON_ARRAY: v->kind = VAL_LIST; convert_list(w, j, v); break;
    case JSON_STRING: v->kind = VAL_STR; v->u.s = decode(w->arena, token_text(w->scan, t)); break;
    case JSON_INTEGER:
    case JSON_REAL: v->kind = VAL_NUM; v->u.s = token_text(w->scan, t); break;
    case JSON_TRUE: v->kind = VAL_BOOL; v->u.b = true; break;
    case JSON_FALSE: v->kind = VAL_BOOL; break;
    case JSON_NULL: break;
    }
    return v;
}

static const char *reason(const json_error_t *je) {
    switch (json_error_code(je)) {
    case json_error_out_of_memory: return "内存不足";
    case json_error_invalid_utf8: return "JSON 不是有效的 UTF-8 文本";
    case json_error_premature_end_of_input: return "JSON 没有写完";
    case json_error_end_of_input_expected: return "JSON 结束之后还有多余的内容";
    case json_error_duplicate_key: return "JSON 的同一个对象里有重复的名称";
    default: return "JSON 写法不对";
    }
}

static int parse(struct arena *a, struct scan *s, size_t max_nodes, struct val **ret, struct err *e) {
    int r = scan_text(s, e);
    if (r < 0) return r;
    json_error_t je;
    errno = 0; /* jansson calls most places where its memory ended a syntax error; malloc says what it was */
    json_t *root = json_loadb(s->out, s->out_len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &je);
    if (!root) {
        int code = errno == ENOMEM || json_error_code(&je) == json_error_out_of_memory ? ERR_MEMORY : ERR_SYNTAX;
        return err_line(e, code, S(""), je.line > 0 ? (uint32_t)je.line : 1, "%s", reason(&je));
    }
    struct walk w = { .arena = a, .scan = s, .nodes_max = max_nodes };
    struct val *v = convert(&w, root);
    json_decref(root);
    if (w.nodes > max_nodes) return too_many(s, e);
    if (!v || arena_overflowed(a)) return err_set(e, ERR_MEMORY, "内存不足");
    *ret = v;
    return 0;
}

int json_parse(struct arena *a, struct str text, size_t max_nodes, struct val **ret, struct err *e) {
    if (max_nodes == 0) max_nodes = JSON_NODES_MAX;
    if (text.len >= UINT32_MAX / 2) return err_set(e, ERR_LIMIT, "JSON 的长度");
    if (text.len == 0) return err_line(e, ERR_SYNTAX, S(""), 1, "JSON 没有写完");
    struct arena scratch;
    size_t tokens = max_nodes < text.len / 2 ? 2 * max_nodes + 1 : text.len; /* a key and a value each */
    arena_init(&scratch, "json-scratch", text.len + tokens * sizeof(struct token) + TOKEN_BYTES_SCRATCH);
    struct scan s = { .text = arena_str(a, text), .token_max = tokens, .line = 1 };
    s.out = arena_alloc(&scratch, text.len);
    s.token = arena_array(&scratch, tokens, sizeof *s.token);
    int r = s.out && s.token && s.text.ptr ? parse(a, &s, max_nodes, ret, e) : err_set(e, ERR_MEMORY, "内存不足");
    arena_done(&scratch);
    return r;
}
