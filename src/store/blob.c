/* blob: files named by the SHA-256 of their (already sealed) bytes: DIR/ab/cdef...
 *
 * Invariants
 *  1. A file stands under its name only when its bytes are durable; after blobs_put has answered, so is the name.
 *  2. What is read is hashed; bytes that do not give the name are never handed out.
 *  3. A put over a damaged file mends it.
 *  4. A folder's own name is synced before anything in it is answered, by each process for itself: whoever made the folder may not
 *     have come so far, or its sync failed.
 */
#include <stdatomic.h>
#include <string.h>

#include "crypto/crypto.h"
#include "os/os.h"
#include "store/store.h"

enum { PATH_BYTES = 4096, DIR_BYTES_MAX = 3900 };

struct blobs {
    struct arena own;
    struct str dir;
    atomic_bool named[256]; /* by the first byte of an id: its folder's name is durable */
};

int blobs_open(const char *dir, struct blobs **ret, struct err *e) {
    struct arena own;
    if (strlen(dir) > DIR_BYTES_MAX) return err_set(e, ERR_INPUT, "the directory of blobs");
    int rc = os_mkdir(dir, e);
    if (rc < 0) return rc;
    arena_init(&own, "blobs", 64 * 1024);
    struct blobs *b = arena_new(&own, struct blobs);
    if (b) b->dir = arena_str(&own, str_of(dir));
    if (arena_overflowed(&own)) {
        arena_done(&own);
        return err_set(e, ERR_MEMORY, "blobs");
    }
    b->own = own;
    *ret = b;
    return 0;
}

void blobs_close(struct blobs *b) {
    if (!b) return;
    struct arena own = b->own;
    arena_done(&own);
}

/* The path of a blob; its directory ends at *cut. */
static void path_of(const struct blobs *b, const uint8_t id[32], char path[PATH_BYTES], size_t *cut) {
    static const char hex[] = "0123456789abcdef";
    size_t at = b->dir.len;
    memcpy(path, b->dir.ptr, at);
    path[at++] = '/';
    for (int i = 0; i < 32; i++) {
        path[at++] = hex[id[i] >> 4];
        path[at++] = hex[id[i] & 15];
        if (i == 0) *cut = at, path[at++] = '/';
    }
    path[at] = 0;
}

/* Whether the file is there and whole. Read piece by piece would need a hash in steps; a blob fits in memory. */
static bool is_whole(const char *path, struct str bytes) {
    struct arena a;
    struct str got;
    arena_init(&a, "blob check", bytes.len + 65536);
    bool same = os_kind(path) == OS_FILE && os_read_file(&a, path, bytes.len, &got, NULL) == 0 && str_eq(got, bytes);
    arena_done(&a);
    return same;
}

int blobs_put(struct blobs *b, struct str bytes, uint8_t ret_id[32], struct err *e) {
    struct digest d;
    char path[PATH_BYTES];
    size_t cut;
    hash(SUITE_INTL, bytes, &d);
    path_of(b, d.v, path, &cut);
    path[cut] = 0;
    int rc = os_mkdir(path, e);
    if (rc == 0 && !atomic_load(&b->named[d.v[0]])) {
        rc = os_sync_dir_of(path, e);
        if (rc == 0) atomic_store(&b->named[d.v[0]], true);
    }
    path[cut] = '/';
    if (rc < 0) return rc;
    if (is_whole(path, bytes)) {
        rc = os_sync_dir_of(path, e); /* the put before us may have died between rename and this */
    } else {
        rc = os_write_file(path, bytes, e);
        /* perhaps renamed, but not durable: the next put must write it again */
        if (rc < 0) (void)os_unlink(path, NULL);
    }
    if (rc == 0) memcpy(ret_id, d.v, 32);
    return rc;
}

int blobs_get(struct blobs *b, const uint8_t id[32], struct arena *a, size_t max_bytes, struct str *ret,
              struct err *e) {
    struct digest d;
    struct str got;
    char path[PATH_BYTES];
    size_t cut;
    path_of(b, id, path, &cut);
    int rc = os_read_file(a, path, max_bytes, &got, e);
    if (rc < 0) return rc;
    hash(SUITE_INTL, got, &d);
    if (memcmp(d.v, id, 32) != 0) return err_set(e, ERR_DAMAGED, "%s", path);
    *ret = got;
    return 0;
}

int blobs_drop(struct blobs *b, const uint8_t id[32], struct err *e) {
    char path[PATH_BYTES];
    size_t cut;
    path_of(b, id, path, &cut);
    if (os_kind(path) == OS_NONE) return 0;
    int rc = os_unlink(path, e);
    return rc < 0 ? rc : os_sync_dir_of(path, e);
}
