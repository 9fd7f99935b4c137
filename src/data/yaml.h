/* yaml: YAML 1.2 core schema (libyaml) to val, with line numbers. Duplicate keys, anchors, aliases, tags, several
 * documents and more than 32 levels are errors: declarations stay plain. Plain scalars resolve: null true false
 * integers decimals; the rest, and all quoted ones, are text. Keys are text.
 */
#ifndef DATA_YAML_H
#define DATA_YAML_H
#include "data/val.h"
int yaml_parse(struct arena *a, struct str file_name, struct str text, struct val **ret, struct err *e);

/* Where a value stands in its text, in bytes. A block collection ends with its last value. */
struct yaml_mark {
    size_t from, to, key; /* key: where its key begins; in a list where the value does */
    bool flow;            /* a collection in {} or [] */
    bool lines;           /* a text behind | or >: `from` and `to` are of its lines */
};
/* The same, and the mark of every value in the order in which they begin: the root, its first value, what is in that... */
int yaml_parse_marks(struct arena *a, struct str file_name, struct str text, struct val **ret, struct yaml_mark **marks,
                     struct err *e);
#endif
