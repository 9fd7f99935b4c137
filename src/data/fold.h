/* fold: letter case by Unicode (utf8proc's simple mappings; ß becomes SS in upper case, as the full mapping has it). */
#ifndef DATA_FOLD_H
#define DATA_FOLD_H
#include "base/arena.h"
struct str fold_upper(struct arena *a, struct str s); /* malformed bytes are kept as they are; empty str on overflow */
struct str fold_lower(struct arena *a, struct str s);
#endif
