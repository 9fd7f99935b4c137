/* qr: QR codes by libqrencode; one SVG path of horizontal runs on a white ground, so that it scans in the dark theme
 * too. Invariant: `modules` holds only 0 and 1, size * size of them.
 */
#include "data/qr.h"

#include "data/write.h"

#include <errno.h>
#include <qrencode.h>

enum { QUIET_ZONE = 4 };

int qr_make(struct arena *a, struct str text, struct qr *ret, struct err *e) {
    const char *cstr = arena_cstr(a, text);
    if (!text.len) return err_set(e, ERR_INPUT, "二维码内容为空");
    if (!cstr) return arena_overflowed(a) ? err_set(e, ERR_MEMORY, "内存不足") : err_set(e, ERR_INPUT, "二维码内容含有空字符");
    errno = 0;
    QRcode *code = QRcode_encodeString(cstr, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
    if (!code)
        return errno == ENOMEM ? err_set(e, ERR_MEMORY, "内存不足") : err_set(e, ERR_LIMIT, "二维码可容纳的长度（2331 字节）");
    unsigned size = (unsigned)code->width;
    uint8_t *modules = arena_array(a, size, size);
    for (size_t i = 0; modules && i < (size_t)size * size; i++) modules[i] = code->data[i] & 1;
    QRcode_free(code);
    if (!modules) return err_set(e, ERR_MEMORY, "内存不足");
    *ret = (struct qr){ size, modules };
    return 0;
}

/* "M3 4h5v1h-5z": one run of dark modules. Hundreds in a code, so without printf. */
static void run(struct buf *b, unsigned x, unsigned y, unsigned n) {
    buf_add_char(b, 'M');
    buf_add_u64(b, x);
    buf_add_char(b, ' ');
    buf_add_u64(b, y);
    buf_add_char(b, 'h');
    buf_add_u64(b, n);
    buf_add(b, S("v1h-"));
    buf_add_u64(b, n);
    buf_add_char(b, 'z');
}

void qr_svg(struct buf *b, const struct qr *q, struct str label) {
    unsigned side = q->size + 2 * QUIET_ZONE;
    buf_add_fmt(
        b,
        "<svg class=\"qr\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %u %u\" shape-rendering=\"crispEdges\"",
        side, side);
    buf_add(b, S(" role=\"img\" aria-label=\""));
    write_html_attr(b, label);
    buf_add_fmt(b, "\"><rect width=\"%u\" height=\"%u\" fill=\"#fff\"/><path fill=\"#000\" d=\"", side, side);
    for (unsigned y = 0; y < q->size; y++)
        for (unsigned x = 0; x < q->size;) {
            unsigned from = x;
            while (x < q->size && q->modules[y * q->size + x]) x++;
            if (x > from) run(b, from + QUIET_ZONE, y + QUIET_ZONE, x - from);
            else x++;
        }
    buf_add(b, S("\"/></svg>"));
}
