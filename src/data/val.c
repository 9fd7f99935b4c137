/* val: see val.h. Maps are small and read in order, so a key is found by walking. */
#include "data/val.h"

#include <string.h>

static struct val *make(struct arena *a, enum val_kind kind) {
    struct val *v = arena_new(a, struct val);
    if (v) v->kind = kind;
    return v;
}

static struct val *make_text(struct arena *a, enum val_kind kind, struct str s) {
    struct val *v = make(a, kind);
    if (v) v->u.s = s;
    return v;
}

struct val *val_null(struct arena *a) {
    return make(a, VAL_NULL);
}

struct val *val_bool(struct arena *a, bool b) {
    struct val *v = make(a, VAL_BOOL);
    if (v) v->u.b = b;
    return v;
}

struct val *val_i64(struct arena *a, int64_t n) {
    return make_text(a, VAL_NUM, arena_i64(a, n));
}

struct val *val_num(struct arena *a, struct str literal) {
    return make_text(a, VAL_NUM, literal);
}

struct val *val_str(struct arena *a, struct str s) {
    return make_text(a, VAL_STR, s);
}

struct val *val_html(struct arena *a, struct str s) {
    return make_text(a, VAL_HTML, s);
}

struct val *val_list(struct arena *a) {
    return make(a, VAL_LIST);
}

struct val *val_map(struct arena *a) {
    return make(a, VAL_MAP);
}

/* Room for one more element of `size` bytes in an array of n used of *cap; the array, moved or not, or NULL. */
static void *room(struct arena *a, void *array, size_t n, size_t *cap, size_t size) {
    if (n < *cap) return array;
    size_t more = *cap ? *cap * 2 : 4;
    void *p = arena_array(a, more, size);
    if (!p) return NULL;
    if (n) memcpy(p, array, n * size);
    *cap = more;
    return p;
}

void val_push(struct arena *a, struct val *list, struct val *item) {
    if (!list || !item || list->kind != VAL_LIST) return;
    struct val **p = room(a, list->u.list.item, list->u.list.n, &list->u.list.cap, sizeof *p);
    if (!p) return;
    list->u.list.item = p;
    p[list->u.list.n++] = item;
}

void val_put(struct arena *a, struct val *map, struct str key, struct val *value) {
    if (!map || !value || map->kind != VAL_MAP) return;
    for (size_t i = 0; i < map->u.map.n; i++)
        if (str_eq(map->u.map.pair[i].key, key)) {
            map->u.map.pair[i].value = value;
            return;
        }
    val_add(a, map, key, value);
}

void val_add(struct arena *a, struct val *map, struct str key, struct val *value) {
    if (!map || !value || map->kind != VAL_MAP) return;
    struct val_pair *p = room(a, map->u.map.pair, map->u.map.n, &map->u.map.cap, sizeof *p);
    if (!p) return;
    map->u.map.pair = p;
    p[map->u.map.n++] = (struct val_pair){ key, value, value->line };
}

void val_put_str(struct arena *a, struct val *map, struct str key, struct str s) {
    val_put(a, map, key, val_str(a, s));
}

void val_put_i64(struct arena *a, struct val *map, struct str key, int64_t v) {
    val_put(a, map, key, val_i64(a, v));
}

void val_put_bool(struct arena *a, struct val *map, struct str key, bool b) {
    val_put(a, map, key, val_bool(a, b));
}

struct val *val_copy(struct arena *a, const struct val *v) {
    if (!v) return NULL;
    struct val *c = make(a, v->kind);
    if (!c) return NULL;
    c->line = v->line;
    switch (v->kind) {
    case VAL_NULL: break;
    case VAL_BOOL: c->u.b = v->u.b; break;
    case VAL_NUM:
    case VAL_STR:
    case VAL_HTML: c->u.s = arena_str(a, v->u.s); break;
    case VAL_LIST:
        for (size_t i = 0; i < v->u.list.n; i++) val_push(a, c, val_copy(a, v->u.list.item[i]));
        break;
    case VAL_MAP:
        for (size_t i = 0; i < v->u.map.n; i++)
            val_put(a, c, arena_str(a, v->u.map.pair[i].key), val_copy(a, v->u.map.pair[i].value));
        break;
    }
    return c;
}

const struct val *val_get(const struct val *map, struct str key) {
    if (!map || map->kind != VAL_MAP) return NULL;
    for (size_t i = 0; i < map->u.map.n; i++)
        if (str_eq(map->u.map.pair[i].key, key)) return map->u.map.pair[i].value;
    return NULL;
}

const struct val *val_path(const struct val *map, struct str dotted) {
    struct str step;
    while (map && str_cut(&dotted, '.', &step)) {
        uint64_t i;
        if (map->kind == VAL_LIST) map = str_to_u64(step, &i) ? val_item(map, (size_t)i) : NULL;
        else map = val_get(map, step);
    }
    return map;
}

struct str val_text(const struct val *v) {
    if (v && (v->kind == VAL_STR || v->kind == VAL_NUM || v->kind == VAL_HTML)) return v->u.s;
    return (struct str){ NULL, 0 };
}

struct str val_get_str(const struct val *map, struct str key) {
    return val_text(val_get(map, key));
}

bool val_to_i64(const struct val *v, int64_t *ret) {
    return v && (v->kind == VAL_NUM || v->kind == VAL_STR) && str_to_i64(v->u.s, ret);
}

int64_t val_get_i64(const struct val *map, struct str key, int64_t otherwise) {
    int64_t n;
    return val_to_i64(val_get(map, key), &n) ? n : otherwise;
}

bool val_get_bool(const struct val *map, struct str key, bool otherwise) {
    const struct val *v = val_get(map, key);
    return v && v->kind == VAL_BOOL ? v->u.b : otherwise;
}

size_t val_pairs(const struct val *v) {
    return v && v->kind == VAL_MAP ? v->u.map.n : 0;
}

size_t val_count(const struct val *v) {
    if (v && v->kind == VAL_LIST) return v->u.list.n;
    if (v && v->kind == VAL_MAP) return v->u.map.n;
    return 0;
}

const struct val *val_item(const struct val *list, size_t i) {
    return list && list->kind == VAL_LIST && i < list->u.list.n ? list->u.list.item[i] : NULL;
}

size_t val_many(const struct val *v) {
    return v && v->kind == VAL_LIST ? v->u.list.n : v != NULL;
}

const struct val *val_nth(const struct val *v, size_t i) {
    return v && v->kind == VAL_LIST ? val_item(v, i) : i ? NULL : v;
}

bool val_says(const struct val *v, struct str text) {
    for (size_t i = 0; i < val_many(v); i++)
        if (str_eq(val_text(val_nth(v, i)), text)) return true;
    return false;
}

bool val_truthy(const struct val *v) {
    if (!v) return false;
    switch (v->kind) {
    case VAL_NULL: return false;
    case VAL_BOOL: return v->u.b;
    case VAL_NUM: return true;
    case VAL_STR:
    case VAL_HTML: return v->u.s.len > 0;
    case VAL_LIST: return v->u.list.n > 0;
    case VAL_MAP: return true;
    }
    return false;
}

bool val_equal(const struct val *a, const struct val *b) {
    if (!a || !b) return a == b;
    if (a->kind != b->kind) return false;
    switch (a->kind) {
    case VAL_NULL: return true;
    case VAL_BOOL: return a->u.b == b->u.b;
    case VAL_NUM:
    case VAL_STR:
    case VAL_HTML: return str_eq(a->u.s, b->u.s);
    case VAL_LIST:
        if (a->u.list.n != b->u.list.n) return false;
        for (size_t i = 0; i < a->u.list.n; i++)
            if (!val_equal(a->u.list.item[i], b->u.list.item[i])) return false;
        return true;
    case VAL_MAP:
        if (a->u.map.n != b->u.map.n) return false;
        for (size_t i = 0; i < a->u.map.n; i++)
            if (!val_equal(a->u.map.pair[i].value, val_get(b, a->u.map.pair[i].key))) return false;
        return true;
    }
    return false;
}
