/* zip: writes a ZIP archive (APPNOTE 6.3) piece by piece into buffers that are sent as they fill: what
 * a file's size and checksum are stands behind it. Contents are deflate streams of stored blocks
 * (RFC 1951, 3.2.4): not smaller, but nothing is kept, and every reader takes them.
 *
 *   zip_file, zip_add any number of times, for each file; zip_end once
 */
#ifndef DATA_ZIP_H
#define DATA_ZIP_H
#include "base/buf.h"
#include "base/err.h"

enum { ZIP_FILES_MAX = 8 };
struct zip { /* zero to begin with; the names must stay */
    struct {
        struct str name;
        uint32_t crc, packed, size, at;
    } file[ZIP_FILES_MAX];
    size_t n;
    uint64_t written; /* ERR_LIMIT past 4 GiB, which is what the format's short form holds */
};
int zip_file(struct zip *z, struct buf *b, struct str name, struct err *e);
int zip_add(struct zip *z, struct buf *b, struct str bytes, struct err *e);
int zip_end(struct zip *z, struct buf *b, struct err *e);
#endif
