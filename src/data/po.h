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
/* The translation of a text that is made already, by the entries whose placeholders are single letters: "没有这个角色：clerk" by
 * "没有这个角色：{A}". What fills a small letter is translated likewise; what fills a capital is somebody's word and stays. Of several
 * entries that fit, the one with the most text of its own; the text itself where none fits. */
struct str po_said(const struct po *po, struct arena *a, struct str text);
/* The length of a placeholder {name} at the start of `s`, or 0: letters, digits, _ . - and at most 64 of them. */
size_t po_placeholder(struct str s);
#endif
