/* csv: RFC 4180 in: UTF-8 with or without BOM, CRLF or LF, quoted fields with line breaks. Bounded: columns, field
 * and file size. */
#ifndef DATA_CSV_H
#define DATA_CSV_H
#include "data/val.h"
struct csv {
    struct str text;
    size_t at;
    uint32_t line;
    struct arena *arena;
};
enum { CSV_COLUMNS_MAX = 256, CSV_FIELD_BYTES_MAX = 65536, CSV_BYTES_MAX = 64 * 1024 * 1024 };
void csv_init(struct csv *c, struct arena *a, struct str text);
/* Next record: 1 and fields (in the arena), 0 at the end, negative error with line. Blank lines are skipped. */
int csv_next(struct csv *c, struct str **fields, size_t *n, uint32_t *line, struct err *e);
/* Whole file with a header row: a list of maps column -> text (VAL_STR), each with its line. */
int csv_table(struct arena *a, struct str text, struct val **ret, struct err *e);
#endif
