/* json: strict JSON (RFC 8259) in; see data/write.h for JSON out. Parsed by jansson: duplicate keys, trailing bytes, bad UTF-8,
 * lone surrogates and more than 32 levels are errors. Numbers keep their literal where jansson lets us (integers exactly;
 * others by the shortest decimal that reads back the same).
 */
#ifndef DATA_JSON_H
#define DATA_JSON_H
#include "data/val.h"

enum { JSON_DEPTH_MAX = 32, JSON_NODES_MAX = 10000 };
/* `text` is copied. ERR_SYNTAX with line, ERR_LIMIT. max_nodes 0 means JSON_NODES_MAX. */
int json_parse(struct arena *a, struct str text, size_t max_nodes, struct val **ret, struct err *e);
#endif
