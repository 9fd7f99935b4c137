/* json: strict JSON (RFC 8259) in; see data/write.h for JSON out. Parsed by jansson: duplicate keys, trailing bytes,
 * bad UTF-8, lone surrogates and more than 32 levels are errors. Numbers keep their literal exactly, of any size;
 * U+0000 may stand in texts and keys; every value and key has its line.
 */
#ifndef DATA_JSON_H
#define DATA_JSON_H
#include "data/val.h"

enum { JSON_DEPTH_MAX = 32, JSON_NODES_MAX = 10000 };
/* `text` is copied. ERR_SYNTAX with line, ERR_LIMIT. max_nodes 0 means JSON_NODES_MAX. */
int json_parse(struct arena *a, struct str text, size_t max_nodes, struct val **ret, struct err *e);
/* Is the whole of `s` a number of RFC 8259 section 6: [ minus ] int [ frac ] [ exp ]? */
bool json_number(struct str s);
#endif
