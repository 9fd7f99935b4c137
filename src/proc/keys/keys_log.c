/* keys_log: see keys_log.h.
 * Line: "head HOME SIZE ROOT TIME MAC\n" or "paper CASE TYPE DIGEST TIME MAC\n"; MAC = HMAC(key, previous MAC ||
 * line up to it).
 * Invariants
 *  1. State follows the file: it changes only after the append is durable. After a failed append the log is closed
 *     for good (`path` NULL), because what the file now holds is unknown.
 *  2. The size of a home's heads never falls, in the file or in the state.
 */
#include "proc/keys/keys_log.h"

#include <string.h>

#include "os/os.h"

enum { LINE_BYTES_MAX = 512 };

static void line_mac(const struct keys_log *l, struct str text, struct digest *ret) {
    struct str parts[2] = { str_make((const char *)l->mac.v, DIGEST_BYTES), text };
    mac(l->suite, l->mac_key, parts, 2, ret);
}

const struct keys_seen *keys_log_seen(const struct keys_log *l, int64_t home) {
    for (size_t i = 0; i < l->n; i++)
        if (l->seen[i].home == home) return &l->seen[i];
    return NULL;
}

int keys_log_check_head(const struct keys_log *l, int64_t home, uint64_t size, const struct digest *root,
                        struct err *e) {
    const struct keys_seen *s = keys_log_seen(l, home);
    if (!s) return l->n < KEYS_HOMES_MAX ? 0 : err_set(e, ERR_LIMIT, "%d", KEYS_HOMES_MAX);
    if (size < s->size) return err_set(e, ERR_CONFLICT, "a head of %llu was signed already", (unsigned long long)s->size);
    if (size == s->size && !digest_eq(root, &s->root)) return err_set(e, ERR_CONFLICT, "another root at that size");
    return 0;
}

static int remember(struct keys_log *l, int64_t home, uint64_t size, const struct digest *root, struct err *e) {
    int rc = keys_log_check_head(l, home, size, root, e);
    if (rc) return rc;
    const struct keys_seen *s = keys_log_seen(l, home);
    l->seen[s ? (size_t)(s - l->seen) : l->n++] = (struct keys_seen){ home, size, *root };
    return 0;
}

static bool word(struct str *rest, struct str *ret) {
    return str_cut(rest, ' ', ret) && ret->len > 0;
}

/* One line without its line feed, MAC and all. */
static int read_line(struct keys_log *l, struct str line, struct err *e) {
    struct digest told, wanted, root;
    struct str rest = line, kind, home, size, hex;
    int64_t home_id;
    uint64_t n;
    if (line.len < 66 || line.len > LINE_BYTES_MAX || line.ptr[line.len - 65] != ' ' ||
        !str_hex_to_bytes(str_sub(line, line.len - 64, 64), told.v, DIGEST_BYTES))
        return err_set(e, ERR_DAMAGED, "signed.log: malformed line");
    line_mac(l, str_sub(line, 0, line.len - 64), &wanted);
    if (!digest_eq(&told, &wanted)) return err_set(e, ERR_DAMAGED, "signed.log: altered line");
    l->mac = told;
    if (!word(&rest, &kind) || !str_eq(kind, S("head"))) return 0;
    if (!word(&rest, &home) || !word(&rest, &size) || !word(&rest, &hex) || !str_to_i64(home, &home_id) ||
        !str_to_u64(size, &n) || !str_hex_to_bytes(hex, root.v, DIGEST_BYTES))
        return err_set(e, ERR_DAMAGED, "signed.log: malformed head");
    return remember(l, home_id, n, &root, e);
}

static struct str with_mac(const struct keys_log *l, struct arena *a, struct str text, struct digest *ret) {
    struct buf b;
    line_mac(l, text, ret);
    buf_init(&b, a, text.len + 72, LINE_BYTES_MAX);
    buf_add(&b, text);
    buf_add_hex(&b, ret->v, DIGEST_BYTES);
    buf_add_char(&b, '\n');
    return buf_ok(&b) ? buf_str(&b) : S("");
}

static struct str head_text(struct arena *a, const struct keys_seen *s, int64_t time_ms) {
    struct buf b;
    buf_init(&b, a, 160, LINE_BYTES_MAX);
    buf_add_fmt(&b, "head %lld %llu ", (long long)s->home, (unsigned long long)s->size);
    buf_add_hex(&b, s->root.v, DIGEST_BYTES);
    buf_add_fmt(&b, " %lld ", (long long)time_ms);
    return buf_str(&b);
}

/* Puts the whole file aside and begins one that holds the state; or begins the first. */
static int begin(struct keys_log *l, struct arena *a, struct str old, struct err *e) {
    struct buf b;
    struct digest next = { { 0 } };
    if (old.len) {
        const char *aside = NULL;
        do aside = arena_cstr(a, arena_fmt(a, "%s.%u", l->path, ++l->part));
        while (aside && os_kind(aside) != OS_NONE && l->part < 100000);
        if (!aside) return err_set(e, ERR_MEMORY, "signed.log");
        int rc = os_write_file(aside, old, e);
        if (rc) return rc;
    }
    buf_init(&b, a, 4096, KEYS_HOMES_MAX * LINE_BYTES_MAX);
    l->mac = next;
    for (size_t i = 0; i < l->n; i++) {
        buf_add(&b, with_mac(l, a, head_text(a, &l->seen[i], os_now_ms()), &next));
        l->mac = next;
    }
    if (!buf_ok(&b)) return err_set(e, ERR_MEMORY, "signed.log");
    l->bytes = buf_str(&b).len;
    return os_write_file(l->path, buf_str(&b), e);
}

static int read_all(struct keys_log *l, struct arena *a, struct err *e) {
    struct str text, rest, line;
    int rc = os_read_file(a, l->path, (size_t)4 * KEYS_LOG_BYTES_MAX, &text, e);
    if (rc == ERR_NOT_FOUND) return begin(l, a, S(""), e);
    if (rc) return rc;
    size_t whole = 0;
    for (size_t at; (at = str_find_char(text, '\n', whole)) != SIZE_MAX; whole = at + 1) {
        line = str_sub(text, whole, at - whole);
        rc = read_line(l, line, e);
        if (rc) return rc == ERR_DAMAGED ? rc : err_set(e, ERR_DAMAGED, "signed.log: a head went back");
    }
    rest = str_sub(text, 0, whole);
    l->bytes = whole;
    if (whole > KEYS_LOG_BYTES_MAX) return begin(l, a, rest, e);
    return whole < text.len ? os_write_file(l->path, rest, e) : 0; /* the torn last line goes */
}

int keys_log_open(struct keys_log *l, const char *path, enum suite s, const uint8_t mac_key[KEY_BYTES],
                  struct err *e) {
    struct arena a;
    memset(l, 0, sizeof *l);
    l->suite = s;
    l->path = path;
    memcpy(l->mac_key, mac_key, KEY_BYTES);
    arena_init(&a, "signed.log", (size_t)8 * KEYS_LOG_BYTES_MAX);
    int rc = read_all(l, &a, e);
    arena_done(&a);
    return rc;
}

static int append(struct keys_log *l, struct arena *a, struct str text, struct err *e) {
    struct digest next;
    if (!l->path) return err_set(e, ERR_IO, "signed.log");
    struct str line = with_mac(l, a, text, &next);
    if (!line.len) return err_set(e, ERR_TOO_LONG, "%d", LINE_BYTES_MAX);
    int rc = os_append_durable(l->path, line, e);
    if (rc) {
        l->path = NULL;
        return rc;
    }
    l->mac = next;
    l->bytes += line.len;
    return 0;
}

/* Between two lines: a file that has grown too long is put aside. */
static int turn_over(struct keys_log *l, struct err *e) {
    struct arena a;
    struct str text;
    if (l->bytes <= KEYS_LOG_BYTES_MAX || !l->path) return 0;
    arena_init(&a, "signed.log", (size_t)8 * KEYS_LOG_BYTES_MAX);
    int rc = os_read_file(&a, l->path, (size_t)4 * KEYS_LOG_BYTES_MAX, &text, e);
    if (rc == 0) rc = begin(l, &a, text, e);
    arena_done(&a);
    return rc;
}

int keys_log_head(struct keys_log *l, int64_t home, uint64_t size, const struct digest *root, int64_t time_ms,
                  struct err *e) {
    struct arena a;
    struct keys_seen s = { home, size, *root };
    int rc = keys_log_check_head(l, home, size, root, e);
    if (rc == 0) rc = turn_over(l, e);
    if (rc) return rc;
    arena_init(&a, "signed.log line", 8192);
    rc = append(l, &a, head_text(&a, &s, time_ms), e);
    arena_done(&a);
    return rc ? rc : remember(l, home, size, root, e);
}

int keys_log_paper(struct keys_log *l, int64_t case_id, struct str type, const struct digest *digest, int64_t time_ms,
                   struct err *e) {
    struct arena a;
    struct buf b;
    int rc = turn_over(l, e);
    if (rc) return rc;
    arena_init(&a, "signed.log line", 8192);
    buf_init(&b, &a, 256, LINE_BYTES_MAX);
    buf_add_fmt(&b, "paper %lld %.*s ", (long long)case_id, STR_ARG(type));
    buf_add_hex(&b, digest->v, DIGEST_BYTES);
    buf_add_fmt(&b, " %lld ", (long long)time_ms);
    rc = append(l, &a, buf_str(&b), e);
    arena_done(&a);
    return rc;
}
