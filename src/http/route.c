/* route: see route.h. Order of preference: at each segment a literal before a parameter, from the left; a row of
 * another method never hides one that fits.
 *
 * Invariants: a path has at most SEGMENTS_MAX segments; a parameter never matches an empty segment; captured values
 * borrow the request's path.
 */
#include "http/route.h"

#include <string.h>

enum { SEGMENTS_MAX = 16, METHODS = 4 };

struct node {
    struct str segment; /* literal */
    struct node *literal, *next; /* children by segment; siblings */
    struct node *parameter;
    const struct route *row[METHODS];
};
struct route_tree {
    struct node root;
};
struct segments {
    struct str at[SEGMENTS_MAX];
    size_t n;
};

static size_t method_index(unsigned m) {
    return m == HTTP_GET || m == HTTP_HEAD ? 0 : m == HTTP_POST ? 1 : m == HTTP_PUT ? 2 : 3;
}

static unsigned method_bits(const struct route *r) {
    return r->method == HTTP_GET ? HTTP_GET | HTTP_HEAD : (unsigned)r->method;
}

static bool is_parameter(struct str s) {
    return s.len > 2 && s.ptr[0] == '{' && s.ptr[s.len - 1] == '}';
}

/* "/" has none; false if there are too many or one is empty (also behind a trailing slash). */
static bool split(struct str path, struct segments *ret) {
    struct str rest = str_sub(path, 1, path.len), one;
    ret->n = 0;
    if (path.len == 0 || path.ptr[0] != '/') return false;
    if (rest.len == 0) return true;
    while (str_cut(&rest, '/', &one)) {
        if (ret->n == SEGMENTS_MAX || one.len == 0) return false;
        ret->at[ret->n++] = one;
    }
    return true;
}

/* Takes the language off the front. */
static struct str take_lang(struct segments *s) {
    struct str lang = { NULL, 0 };
    if (s->n && (str_eq(s->at[0], S("zh")) || str_eq(s->at[0], S("en")))) {
        lang = s->at[0];
        memmove(s->at, s->at + 1, --s->n * sizeof s->at[0]);
    }
    return lang;
}

static bool split_request(struct str path, struct segments *s, struct str *lang) {
    if (path.len > 1 && path.len <= 4 && path.ptr[path.len - 1] == '/') path.len--; /* "/zh/" is the home page */
    if (!split(path, s)) return false;
    *lang = take_lang(s);
    return true;
}

static void capture(const struct route *row, const struct segments *s, struct http_req *r) {
    struct segments own;
    r->n_param = 0;
    if (!split(str_of(row->path), &own)) return;
    for (size_t i = 0; i < own.n && r->n_param < sizeof r->param / sizeof r->param[0]; i++)
        if (is_parameter(own.at[i]))
            r->param[r->n_param++] = (struct http_field){ str_sub(own.at[i], 1, own.at[i].len - 2), s->at[i] };
}

/* ---- plain ---- */

static bool fits(const struct segments *own, const struct segments *s) {
    if (own->n != s->n) return false;
    for (size_t i = 0; i < s->n; i++)
        if (!is_parameter(own->at[i]) && !str_eq(own->at[i], s->at[i])) return false;
    return true;
}

/* True if `a` is to be preferred: the first place where they differ in kind decides. */
static bool before(const struct segments *a, const struct segments *b) {
    for (size_t i = 0; i < a->n; i++)
        if (is_parameter(a->at[i]) != is_parameter(b->at[i])) return is_parameter(b->at[i]);
    return false;
}

struct route_match route_find(const struct route *rows, size_t n, struct http_req *r) {
    struct route_match m = { 0 };
    struct segments s, own, best = { .n = 0 };
    if (!split_request(r->path, &s, &m.lang)) return m;
    for (size_t i = 0; i < n; i++) {
        if (!split(str_of(rows[i].path), &own) || !fits(&own, &s)) continue;
        m.allowed |= method_bits(&rows[i]);
        if (!(method_bits(&rows[i]) & (unsigned)r->method) || (m.route && !before(&own, &best))) continue;
        m.route = &rows[i];
        best = own;
    }
    if (m.route) capture(m.route, &s, r);
    return m;
}

/* ---- tree ---- */

static struct node *child(struct arena *a, struct node *from, struct str segment) {
    struct node **slot = &from->parameter;
    if (!is_parameter(segment)) {
        for (slot = &from->literal; *slot && !str_eq((*slot)->segment, segment);) slot = &(*slot)->next;
    }
    if (!*slot && (*slot = arena_new(a, struct node))) (*slot)->segment = segment;
    return *slot;
}

int route_tree_make(struct arena *a, const struct route *rows, size_t n, struct route_tree **ret, struct err *e) {
    struct route_tree *t = arena_new(a, struct route_tree);
    for (size_t i = 0; t && i < n; i++) {
        struct segments s;
        struct node *at = &t->root;
        if (!split(str_of(rows[i].path), &s)) return err_field(e, ERR_SYSTEM, str_of(rows[i].id), "path");
        for (size_t k = 0; at && k < s.n; k++) at = child(a, at, s.at[k]);
        if (at && !at->row[method_index(rows[i].method)]) at->row[method_index(rows[i].method)] = &rows[i];
    }
    if (!t || arena_overflowed(a)) return err_set(e, ERR_MEMORY, "routes");
    *ret = t;
    return 0;
}

/* Depth at most SEGMENTS_MAX; branches only where a literal and a parameter both fit. */
static void search(const struct node *at, const struct segments *s, size_t depth, enum http_method method,
                   struct route_match *m) {
    if (depth == s->n) {
        for (size_t i = 0; i < METHODS; i++)
            if (at->row[i]) m->allowed |= method_bits(at->row[i]);
        m->route = at->row[method_index(method)];
        return;
    }
    const struct node *next = at->literal;
    while (next && !str_eq(next->segment, s->at[depth])) next = next->next;
    if (next) search(next, s, depth + 1, method, m);
    if (!m->route && at->parameter) search(at->parameter, s, depth + 1, method, m);
}

struct route_match route_tree_find(const struct route_tree *t, struct http_req *r) {
    struct route_match m = { 0 };
    struct segments s;
    if (!split_request(r->path, &s, &m.lang)) return m;
    search(&t->root, &s, 0, r->method, &m);
    if (m.route) capture(m.route, &s, r);
    return m;
}

/* ---- the table's own rules ---- */

static const char *fault_of(const struct route *r) {
    struct segments s;
    size_t parameters = 0;
    bool reads = r->method == HTTP_GET;
    if (!r->id || !r->id[0]) return "id";
    if (!reads && r->method != HTTP_POST && r->method != HTTP_PUT && r->method != HTTP_DELETE) return "method";
    if (!r->path || !split(str_of(r->path), &s) || take_lang(&s).len) return "path";
    for (size_t i = 0; i < s.n; i++) {
        parameters += is_parameter(s.at[i]);
        for (size_t k = 0; k < i; k++)
            if (is_parameter(s.at[i]) && str_eq(s.at[i], s.at[k])) return "path: a parameter twice";
    }
    if (parameters > sizeof((struct http_req *)NULL)->param / sizeof((struct http_req *)NULL)->param[0])
        return "path: too many parameters";
    if (!r->ask || !r->act || !r->say) return "ask, act, say";
    if (!r->power || !r->power[0]) return "power";
    if (reads != (r->body_bytes_max == 0)) return "body_bytes_max";
    if (r->kind < ROUTE_PAGE || r->kind > ROUTE_STREAM) return "kind";
    if (r->rate < ROUTE_RATE_PAGE || r->rate > ROUTE_RATE_ASSET) return "rate";
    if (r->audit < ROUTE_AUDIT_NONE || r->audit > ROUTE_AUDIT_ACT) return "audit";
    if (r->data < ROUTE_DATA_PUBLIC || r->data > ROUTE_DATA_PERSONAL) return "data";
    if (!reads && r->audit != ROUTE_AUDIT_ACT) return "audit: what changes is audited";
    if (r->data == ROUTE_DATA_PERSONAL && r->audit == ROUTE_AUDIT_NONE)
        return "audit: reading personal data is audited";
    return NULL;
}

/* Same method and the same shape of path, so that the order of rows would decide. */
static bool clash(const struct route *a, const struct route *b) {
    struct str s = str_of(a->path), t = str_of(b->path), one, other;
    if (a->method != b->method) return false;
    for (;;) { /* segment by segment, to the first that differs: all rows are compared with each other at every start */
        bool more = str_cut(&s, '/', &one), and_more = str_cut(&t, '/', &other);
        if (!more || !and_more) return more == and_more;
        bool p = is_parameter(one), q = is_parameter(other);
        if (p != q || (!p && !str_eq(one, other))) return false;
    }
}

int route_check(const struct route *rows, size_t n, struct err *e) {
    for (size_t i = 0; i < n; i++) {
        const char *fault = fault_of(&rows[i]);
        struct str id = str_of(rows[i].id);
        if (fault) return err_field(e, ERR_SYSTEM, id, "%s", fault);
        for (size_t k = 0; k < i; k++) {
            if (rows[i].method == rows[k].method && strcmp(rows[i].id, rows[k].id) == 0)
                return err_field(e, ERR_SYSTEM, id, "id twice");
            if (clash(&rows[i], &rows[k])) return err_field(e, ERR_SYSTEM, id, "path like that of %s", rows[k].id);
        }
    }
    return 0;
}

struct str route_allow(struct arena *a, unsigned methods) {
    static const struct {
        unsigned bit;
        struct str name;
    } all[] = { { HTTP_GET, S_INIT("GET") }, { HTTP_HEAD, S_INIT("HEAD") }, { HTTP_POST, S_INIT("POST") },
                { HTTP_PUT, S_INIT("PUT") }, { HTTP_DELETE, S_INIT("DELETE") } };
    struct buf b;
    buf_init(&b, a, 48, 64);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (!(methods & all[i].bit)) continue;
        if (b.len) buf_add(&b, S(", "));
        buf_add(&b, all[i].name);
    }
    return buf_str(&b);
}
