/* pack: see pack.h. One head (RFC 8949 section 3) is a major type of three bits and an argument; all else follows from it.
 * Invariants: 1. unpack_val reads no byte outside `bytes` and allocates nothing for a count that the bytes left cannot hold.
 * 2. unpack_val(pack_val(v)) equals v.
 */
#include "data/pack.h"

#include "data/json.h"

enum major { UINT, NINT, BYTES, TEXT, ARRAY, MAP, SIMPLE = 7 };
enum { ARG_8 = 24, ARG_16, ARG_32, ARG_64, FALSE_ = 20, TRUE_, NULL_ };

static void head(struct buf *b, enum major major, uint64_t arg) {
    unsigned bytes = arg < ARG_8 ? 0 : arg <= UINT8_MAX ? 1 : arg <= UINT16_MAX ? 2 : arg <= UINT32_MAX ? 4 : 8;
    unsigned info = bytes == 0 ? (unsigned)arg : bytes == 1 ? ARG_8 : bytes == 2 ? ARG_16 : bytes == 4 ? ARG_32 : ARG_64;
    buf_add_char(b, (char)(unsigned char)((unsigned)major << 5 | info));
    while (bytes) buf_add_char(b, (char)(unsigned char)(arg >> (8 * --bytes)));
}

static void add_text(struct buf *b, enum major major, struct str s) {
    head(b, major, s.len);
    buf_add(b, s);
}

/* Is the literal the one way that unpack_val writes this integer? */
static bool plain_integer(struct str s, int64_t *ret) {
    bool minus = s.len && s.ptr[0] == '-';
    struct str digits = str_sub(s, minus, s.len);
    if (digits.len == 0 || digits.ptr[0] == '+' || (digits.ptr[0] == '0' && s.len > 1)) return false;
    return str_to_i64(s, ret);
}

static void add_number(struct buf *b, struct str literal) {
    int64_t n;
    if (!plain_integer(literal, &n)) add_text(b, BYTES, literal);
    else if (n < 0) head(b, NINT, (uint64_t)(-1 - n));
    else head(b, UINT, (uint64_t)n);
}

static void add(struct buf *b, const struct val *v, unsigned depth) {
    if (depth > PACK_DEPTH_MAX) {
        b->overflow = true;
        return;
    }
    switch (v ? v->kind : VAL_NULL) {
    case VAL_NULL: head(b, SIMPLE, NULL_); break;
    case VAL_BOOL: head(b, SIMPLE, v->u.b ? TRUE_ : FALSE_); break;
    case VAL_NUM: add_number(b, v->u.s); break;
    case VAL_STR:
    case VAL_HTML: add_text(b, TEXT, v->u.s); break;
    case VAL_LIST:
        head(b, ARRAY, v->u.list.n);
        for (size_t i = 0; i < v->u.list.n; i++) add(b, v->u.list.item[i], depth + 1);
        break;
    case VAL_MAP:
        head(b, MAP, v->u.map.n);
        for (size_t i = 0; i < v->u.map.n; i++) {
            add_text(b, TEXT, v->u.map.pair[i].key);
            add(b, v->u.map.pair[i].value, depth + 1);
        }
        break;
    }
}

void pack_val(struct buf *b, const struct val *v) {
    add(b, v, 1);
}

struct unpack {
    struct arena *arena;
    struct str rest;
    size_t nodes;
    struct err *e;
};

static int broken(struct unpack *u) {
    return err_set(u->e, ERR_SYNTAX, "CBOR");
}

static int read_head(struct unpack *u, enum major *major, uint64_t *arg) {
    if (u->rest.len == 0) return broken(u);
    unsigned char first = (unsigned char)u->rest.ptr[0], info = first & 31;
    static const uint64_t least[] = { ARG_8, UINT8_MAX + 1, UINT16_MAX + 1, (uint64_t)UINT32_MAX + 1 };
    u->rest = str_sub(u->rest, 1, u->rest.len);
    *major = (enum major)(first >> 5);
    *arg = info;
    if (info < ARG_8) return 0;
    size_t bytes = info > ARG_64 ? SIZE_MAX : (size_t)1 << (info - ARG_8);
    if (u->rest.len < bytes) return broken(u);
    *arg = 0;
    for (size_t i = 0; i < bytes; i++) *arg = *arg << 8 | (unsigned char)u->rest.ptr[i];
    u->rest = str_sub(u->rest, bytes, u->rest.len);
    return *arg < least[info - ARG_8] ? broken(u) : 0;
}

static int read_text(struct unpack *u, uint64_t len, struct str *ret) {
    if (len > u->rest.len) return broken(u);
    *ret = str_sub(u->rest, 0, (size_t)len);
    u->rest = str_sub(u->rest, (size_t)len, u->rest.len);
    return str_utf8_valid(*ret) ? 0 : broken(u);
}

static int read_val(struct unpack *u, unsigned depth, struct val **ret);

static int read_pair(struct unpack *u, unsigned depth, struct val *map) {
    enum major major;
    uint64_t len;
    struct str key;
    struct val *value;
    int rc = read_head(u, &major, &len);
    if (!rc) rc = major == TEXT ? read_text(u, len, &key) : broken(u);
    if (!rc && val_get(map, key)) rc = broken(u);
    if (!rc) rc = read_val(u, depth, &value);
    if (!rc) val_add(u->arena, map, key, value);
    return rc;
}

static int read_many(struct unpack *u, enum major major, uint64_t n, unsigned depth, struct val **ret) {
    int rc = 0;
    struct val *v = *ret = major == MAP ? val_map(u->arena) : val_list(u->arena), *item;
    if (n > u->rest.len) return broken(u); /* an element takes a byte at least */
    for (uint64_t i = 0; i < n && !rc; i++) {
        if (major == MAP) rc = read_pair(u, depth + 1, v);
        else if (!(rc = read_val(u, depth + 1, &item))) val_push(u->arena, v, item);
    }
    return rc;
}

static int read_number(struct unpack *u, enum major major, uint64_t arg, struct val **ret) {
    struct str literal;
    int64_t n;
    if (major == BYTES) {
        int rc = read_text(u, arg, &literal);
        if (rc) return rc;
        if (!json_number(literal) || plain_integer(literal, &n)) return broken(u);
        *ret = val_num(u->arena, literal);
        return 0;
    }
    if (arg > INT64_MAX) return broken(u);
    *ret = val_i64(u->arena, major == NINT ? -1 - (int64_t)arg : (int64_t)arg);
    return 0;
}

static int read_val(struct unpack *u, unsigned depth, struct val **ret) {
    enum major major;
    uint64_t arg;
    struct str text;
    if (depth > PACK_DEPTH_MAX || ++u->nodes > PACK_NODES_MAX) return err_set(u->e, ERR_LIMIT, "%d", PACK_NODES_MAX);
    int rc = read_head(u, &major, &arg);
    if (rc) return rc;
    switch (major) {
    case UINT:
    case NINT:
    case BYTES: return read_number(u, major, arg, ret);
    case TEXT:
        rc = read_text(u, arg, &text);
        if (!rc) *ret = val_str(u->arena, text);
        return rc;
    case ARRAY:
    case MAP: return read_many(u, major, arg, depth, ret);
    case SIMPLE: break;
    }
    if (major != SIMPLE || arg < FALSE_ || arg > NULL_) return broken(u);
    *ret = arg == NULL_ ? val_null(u->arena) : val_bool(u->arena, arg == TRUE_);
    return 0;
}

int unpack_val(struct arena *a, struct str bytes, struct val **ret, struct err *e) {
    struct unpack u = { .arena = a, .rest = bytes, .e = e };
    struct val *v = NULL;
    int rc = read_val(&u, 1, &v);
    if (!rc && u.rest.len) rc = broken(&u);
    if (!rc && arena_overflowed(a)) rc = err_set(e, ERR_LIMIT, NULL);
    if (!rc) *ret = v;
    return rc;
}
