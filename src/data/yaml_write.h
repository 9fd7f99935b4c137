/* yaml_write: a val as YAML, the inverse of yaml_parse: parse(write(x)) = x. yaml_write_over says
 * the new value within the old text: what did not change keeps its bytes, with the comments beside
 * and above it, and its place in the order.
 */
#ifndef DATA_YAML_WRITE_H
#define DATA_YAML_WRITE_H
#include "base/buf.h"
#include "data/val.h"
/* ERR_LIMIT: deeper than the parser reads, a key of more than 500 bytes, or more than `b` takes.
 * ERR_SYNTAX: text that is no UTF-8. */
int yaml_write(struct buf *b, const struct val *v, struct err *e);
/* `old` is a text that yaml_parse takes. Entries of a list are known again by being the same, by
 * their `id`, or by their place. What cannot be said within the old text is written whole, without
 * its comments. */
int yaml_write_over(struct arena *a, struct str old, const struct val *v, struct str *ret,
                    struct err *e);
#endif
