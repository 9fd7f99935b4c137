/* po: GNU gettext .po texts, read by us, without process-global locale. msgid is the Chinese source, msgctxt optional.
 * Fuzzy and untranslated entries are absent. Placeholders are named: {n}. Plural entries (msgid_plural) are kept by
 * index and chosen by the caller (English: 0 when n = 1, else 1).
 */
#ifndef DATA_PO_H
#define DATA_PO_H
#include "base/map.h"
#include "data/val.h"
struct po; /* immutable after parsing; lives in its arena */
int po_parse(struct arena *a, struct str file_name, struct str text, struct po **ret, struct err *e);
/* The translation, or `id` itself when there is none (or `po` is NULL). ctx may be empty. */
struct str po_get(const struct po *po, struct str ctx, struct str id);
struct str po_get_plural(const struct po *po, struct str ctx, struct str id, int64_t n);
bool po_has(const struct po *po, struct str ctx, struct str id);
/* Fills {name} from a map; unknown names stay as they are. */
struct str po_fill(struct arena *a, struct str text, const struct val *args);
/* The length of a placeholder {name} at the start of `s`, or 0: letters, digits, _ . - and at most 64 of them. */
size_t po_placeholder(struct str s);
#endif
