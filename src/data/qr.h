/* qr: QR codes (ISO/IEC 18004, libqrencode) as one SVG path or as modules for the press. Level M, quiet zone 4. */
#ifndef DATA_QR_H
#define DATA_QR_H
#include "base/buf.h"
#include "base/err.h"
struct qr {
    unsigned size;          /* modules on a side, without the quiet zone */
    const uint8_t *modules; /* size * size, row by row, 1 = dark; in the arena */
};
int qr_make(struct arena *a, struct str text, struct qr *ret, struct err *e);
/* <svg ... role="img" aria-label=label> with one path; `label` is escaped. */
void qr_svg(struct buf *b, const struct qr *q, struct str label);
#endif
