/* po_write: one translation put into the text of a .po, beside the others, which keep their bytes.
 */
#ifndef DATA_PO_WRITE_H
#define DATA_PO_WRITE_H
#include "data/po.h"
/* The text in which `id` (without context) is `said`: in place of what it was, or behind all
 * others. ERR_SYNTAX: it is no UTF-8, or the old text holds the entry in a way that is not ours to
 * change (fuzzy, plural). */
int po_put(struct arena *a, struct str text, struct str id, struct str said, struct str *ret,
           struct err *e);
#endif
