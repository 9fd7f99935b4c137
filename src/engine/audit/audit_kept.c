/* audit_kept: see audit_kept.h. Invariant: what is read is not believed: a head counts only after audit_kept_judge. */
#include "engine/audit/audit_kept.h"

#include <string.h>

#include "data/json.h"

void audit_kept_write(struct buf *b, const struct audit_head *h) {
    buf_add_fmt(b, "{\"home\":%lld,\"size\":%llu,\"root\":\"", (long long)h->home.v, (unsigned long long)h->size);
    buf_add_hex(b, h->root.v, DIGEST_BYTES);
    buf_add_fmt(b, "\",\"time_ms\":%lld,\"suite\":%d,\"key_id\":%lu,\"signature\":\"", (long long)h->time_ms, (int)h->suite,
                (unsigned long)h->key_id);
    buf_add_hex(b, h->signature.ptr, h->signature.len);
    buf_add(b, S("\"}\n"));
}

static bool whole(const struct val *v, const char *name, int64_t most, int64_t *ret) {
    return val_to_i64(val_get(v, str_of(name)), ret) && *ret > 0 && *ret <= most;
}

static int read_head(struct arena *a, struct str line, struct audit_head *ret, struct err *e) {
    struct val *v;
    int64_t home, size, time_ms, suite, key;
    int rc = json_parse(a, line, 64, &v, e);
    if (rc) return rc;
    struct str root = val_get_str(v, S("root")), hex = val_get_str(v, S("signature"));
    uint8_t *signature = arena_alloc(a, hex.len / 2 + 1);
    if (!signature) return err_set(e, ERR_MEMORY, "head");
    *ret = (struct audit_head){ .size = 0 };
    if (!whole(v, "home", INT64_MAX, &home) || !whole(v, "size", INT64_MAX, &size) || !whole(v, "time_ms", INT64_MAX, &time_ms) ||
        !whole(v, "suite", SUITE_GM, &suite) || !whole(v, "key_id", UINT32_MAX, &key) || root.len != (size_t)2 * DIGEST_BYTES ||
        !str_hex_to_bytes(root, ret->root.v, DIGEST_BYTES) || !hex.len || hex.len % 2 ||
        !str_hex_to_bytes(hex, signature, hex.len / 2))
        return err_set(e, ERR_SYNTAX, "home, size, root, time_ms, suite, key_id, signature");
    ret->home.v = home;
    ret->size = (uint64_t)size;
    ret->time_ms = time_ms;
    ret->suite = (enum suite)suite;
    ret->key_id = (uint32_t)key;
    ret->signature = str_make((const char *)signature, hex.len / 2);
    return 0;
}

int audit_kept_add(struct audit_kept *k, const struct audit_head *h, struct err *e) {
    size_t at = k->n;
    if (k->n > AUDIT_KEPT_MAX) return err_set(e, ERR_LIMIT, "%d", AUDIT_KEPT_MAX);
    while (at > 0 && k->head[at - 1].size > h->size) at--;
    memmove(&k->head[at + 1], &k->head[at], (k->n - at) * sizeof *h);
    k->head[at] = *h;
    k->n++;
    return 0;
}

int audit_kept_read(struct arena *a, struct str text, struct audit_kept *ret, struct err *e) {
    struct audit_head h;
    uint32_t number = 0;
    ret->n = 0;
    while (text.len) {
        size_t end = str_find_char(text, '\n', 0);
        struct str line = str_trim(str_sub(text, 0, end < text.len ? end : text.len));
        text = end < text.len ? str_sub(text, end + 1, SIZE_MAX) : S("");
        number++;
        if (!line.len) continue;
        int rc = ret->n == AUDIT_KEPT_MAX             ? err_set(e, ERR_LIMIT, "%d", AUDIT_KEPT_MAX)
                 : line.len > AUDIT_KEPT_LINE_BYTES_MAX ? err_set(e, ERR_LIMIT, "%d", AUDIT_KEPT_LINE_BYTES_MAX)
                                                        : read_head(a, line, &h, e);
        if (rc && e) e->line = number;
        if (!rc) rc = audit_kept_add(ret, &h, e);
        if (rc) return rc;
    }
    return 0;
}

enum audit_kept_fault audit_kept_judge(const struct audit_head *h, struct home_id home, struct str public_spki_der) {
    if (h->home.v != home.v || h->key_id != audit_key_id(h->suite, public_spki_der)) return AUDIT_KEPT_FOREIGN;
    return h->size > 0 && audit_head_genuine(h, public_spki_der) ? AUDIT_KEPT_OURS : AUDIT_KEPT_CHANGED;
}
