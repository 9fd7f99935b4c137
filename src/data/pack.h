/* pack: a val as bytes for our own sealed rows, and back. CBOR (RFC 8949) in its preferred serialization (section 4.1) of these
 * kinds only: false, true, null, text, array, map with text keys, all of definite length; a number that is a 64-bit integer in its
 * shortest decimal form is a CBOR integer, any other number is a byte string that holds its literal, so that no digit is lost.
 * JSON stays the form at every door: a row is opened on each page, and reading JSON was a quarter of a case page.
 */
#ifndef DATA_PACK_H
#define DATA_PACK_H

#include "base/buf.h"
#include "data/val.h"

enum { PACK_DEPTH_MAX = 32, PACK_NODES_MAX = 10000 };

/* Appends `v`; HTML goes as text, NULL as null. What unpack_val would refuse (deeper than PACK_DEPTH_MAX) overflows the buffer. */
void pack_val(struct buf *b, const struct val *v);
/* The whole of `bytes` as one val. Texts are borrowed from `bytes`, the tree is `a`'s. ERR_SYNTAX for anything that pack_val does not
 * write (another kind, a longer head than needed, bad UTF-8, a key twice, bytes left over), ERR_LIMIT for depth and number of nodes. */
int unpack_val(struct arena *a, struct str bytes, struct val **ret, struct err *e);

#endif
