/* yaml: YAML 1.2 core schema (libfyaml) to val, with line numbers. Duplicate keys, anchors, aliases, tags, several
 * documents and more than 32 levels are errors: declarations stay plain. Plain scalars resolve: null true false
 * integers decimals; the rest, and all quoted ones, are text. Keys are text.
 */
#ifndef DATA_YAML_H
#define DATA_YAML_H
#include "data/val.h"
int yaml_parse(struct arena *a, struct str file_name, struct str text, struct val **ret, struct err *e);
#endif
