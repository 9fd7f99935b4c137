/* release_pack: a release's files as one text and back; see release.h. Invariant: what comes out of any bytes is what a folder could
 * have held: known paths of plain characters, each once, in order, within the limits.
 */
#include "base/buf.h"
#include "release/release.h"

static void put_u32(struct buf *b, size_t v) {
    for (int shift = 24; shift >= 0; shift -= 8) buf_add_char(b, (char)(v >> shift & 0xff));
}

static bool get_u32(struct str *s, size_t *ret) {
    if (s->len < 4) return false;
    *ret = 0;
    for (size_t i = 0; i < 4; i++) *ret = *ret << 8 | (unsigned char)s->ptr[i];
    *s = str_sub(*s, 4, s->len);
    return true;
}

static bool get_bytes(struct str *s, size_t len, struct str *ret) {
    if (s->len < len) return false;
    *ret = str_sub(*s, 0, len);
    *s = str_sub(*s, len, s->len);
    return true;
}

int release_pack(const struct release_files *f, struct buf *b, struct err *e) {
    put_u32(b, f->n);
    for (size_t i = 0; i < f->n; i++) {
        put_u32(b, f->file[i].path.len);
        put_u32(b, f->file[i].bytes.len);
        buf_add(b, f->file[i].path);
        buf_add(b, f->file[i].bytes);
    }
    return buf_ok(b) ? 0 : err_set(e, ERR_LIMIT, "%zu", b->limit_bytes);
}

static bool plain(struct str path) {
    for (size_t i = 0; i < path.len; i++) {
        char c = path.ptr[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!word && c != '-' && c != '_' && c != '.' && c != '/') return false;
    }
    return path.len && path.len <= RELEASE_PATH_BYTES_MAX;
}

int release_unpack(struct arena *a, struct str packed, struct release_files *ret, struct err *e) {
    struct str rest = packed;
    size_t n, total = 0, path_len, len;
    *ret = (struct release_files){ 0 };
    if (!get_u32(&rest, &n)) return err_set(e, ERR_SYNTAX, "files");
    if (n == 0 || n > RELEASE_FILES_MAX) return err_set(e, ERR_LIMIT, "%d", RELEASE_FILES_MAX);
    ret->file = arena_array(a, n, sizeof *ret->file);
    if (!ret->file) return err_set(e, ERR_MEMORY, NULL);
    for (; ret->n < n; ret->n++) {
        struct release_file *f = &ret->file[ret->n];
        if (!get_u32(&rest, &path_len) || !get_u32(&rest, &len) || !get_bytes(&rest, path_len, &f->path) ||
            !get_bytes(&rest, len, &f->bytes))
            return err_set(e, ERR_SYNTAX, "files");
        if (!plain(f->path) || !release_path_ok(f->path)) return err_set(e, ERR_SYSTEM, "系统目录里不能有这个文件");
        if (ret->n && str_cmp(ret->file[ret->n - 1].path, f->path) >= 0) return err_set(e, ERR_SYNTAX, "order of files");
        total += len;
        if (total > RELEASE_BYTES_MAX) return err_set(e, ERR_LIMIT, "%d", RELEASE_BYTES_MAX);
    }
    return rest.len ? err_set(e, ERR_SYNTAX, "bytes behind the files") : 0;
}
