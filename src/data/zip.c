/* zip: see zip.h. Invariant: `written` is how many bytes of the archive were given out, over all
 * buffers; every place in it is counted from there.
 */
#include "data/zip.h"

enum { BLOCK_MAX = 65535, VERSION = 20, FLAGS = 0x0808, DEFLATE = 8, DAY = 0x21 };
/* FLAGS: sizes stand behind the file, names are UTF-8. DAY: 1 January 1980, so that the same contents
 * are the same bytes. */

static uint32_t crc_of(uint32_t crc, struct str s) {
    static const uint32_t half[16] = { 0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
                                       0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
                                       0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                       0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c };
    crc = ~crc;
    for (size_t i = 0; i < s.len; i++) {
        crc ^= (unsigned char)s.ptr[i];
        crc = crc >> 4 ^ half[crc & 15];
        crc = crc >> 4 ^ half[crc & 15];
    }
    return ~crc;
}

static int put(struct zip *z, struct buf *b, struct str s, struct err *e) {
    buf_add(b, s);
    z->written += s.len;
    return z->written <= UINT32_MAX ? 0 : err_set(e, ERR_LIMIT, "4 GiB");
}

/* Numbers of 2 and 4 bytes, the least first: "24" and the values. */
static int put_numbers(struct zip *z, struct buf *b, const char *sizes, const uint32_t *v,
                       struct err *e) {
    char out[64];
    size_t n = 0;
    for (size_t i = 0; sizes[i]; i++)
        for (int k = 0; k < sizes[i] - '0'; k++) out[n++] = (char)(v[i] >> (8 * k) & 255);
    return put(z, b, str_make(out, n), e);
}

static int put_block(struct zip *z, struct buf *b, struct str s, bool last, struct err *e) {
    const uint32_t n = (uint32_t)s.len;
    char head[5] = { last, (char)(n & 255), (char)(n >> 8), (char)(~n & 255), (char)(~n >> 8 & 255) };
    int rc = put(z, b, str_make(head, sizeof head), e);
    if (!rc) rc = put(z, b, s, e);
    z->file[z->n - 1].packed += (uint32_t)sizeof head + n;
    return rc;
}

/* Closes the file at hand, if there is one: its sizes follow it. */
static int close_file(struct zip *z, struct buf *b, struct err *e) {
    if (z->n == 0) return 0;
    int rc = put_block(z, b, S(""), true, e);
    const uint32_t v[] = { 0x08074b50, z->file[z->n - 1].crc, z->file[z->n - 1].packed,
                           z->file[z->n - 1].size };
    return rc ? rc : put_numbers(z, b, "4444", v, e);
}

int zip_file(struct zip *z, struct buf *b, struct str name, struct err *e) {
    int rc = close_file(z, b, e);
    if (!rc && z->n == ZIP_FILES_MAX) rc = err_set(e, ERR_LIMIT, "%d", ZIP_FILES_MAX);
    if (rc) return rc;
    z->file[z->n].name = name;
    z->file[z->n++].at = (uint32_t)z->written;
    const uint32_t v[] = { 0x04034b50, VERSION, FLAGS, DEFLATE, 0, DAY, 0, 0, 0,
                           (uint32_t)name.len, 0 };
    rc = put_numbers(z, b, "42222244422", v, e);
    return rc ? rc : put(z, b, name, e);
}

int zip_add(struct zip *z, struct buf *b, struct str bytes, struct err *e) {
    int rc = 0;
    z->file[z->n - 1].crc = crc_of(z->file[z->n - 1].crc, bytes);
    z->file[z->n - 1].size += (uint32_t)bytes.len;
    for (size_t at = 0; !rc && at < bytes.len; at += BLOCK_MAX)
        rc = put_block(z, b, str_sub(bytes, at, BLOCK_MAX), false, e);
    return rc;
}

int zip_end(struct zip *z, struct buf *b, struct err *e) {
    int rc = close_file(z, b, e);
    const uint32_t begin = (uint32_t)z->written;
    for (size_t i = 0; !rc && i < z->n; i++) {
        const uint32_t v[] = { 0x02014b50, VERSION, VERSION, FLAGS, DEFLATE, 0, DAY,
                               z->file[i].crc, z->file[i].packed, z->file[i].size,
                               (uint32_t)z->file[i].name.len, 0, 0, 0, 0, 0, z->file[i].at };
        rc = put_numbers(z, b, "42222224442222244", v, e);
        if (!rc) rc = put(z, b, z->file[i].name, e);
    }
    const uint32_t n = (uint32_t)z->n, size = (uint32_t)z->written - begin;
    const uint32_t v[] = { 0x06054b50, 0, 0, n, n, size, begin, 0 };
    return rc ? rc : put_numbers(z, b, "42222442", v, e);
}
