/* code_set: a code set (GB/T 7027 sense) from a system's codes/NAME.csv, versioned by date:
 * `code,title,parent,from,to` and any further columns. A code may have several rows, for times that do not
 * overlap; `from` and `to` are days, both included, empty = open.
 *
 * Invariants
 *  1. Immutable after code_compile; lives in its arena. Order of rows is the order of the file.
 *  2. Every parent is a code of the same set; there is no cycle and at most CODE_DEPTH_MAX levels.
 *  3. Titles are Chinese; another language's title is po_get(texts, "", title).
 */
#ifndef ENGINE_CODE_SET_H
#define ENGINE_CODE_SET_H

#include "base/arena.h"
#include "base/err.h"
#include "data/tz.h"

enum { CODE_ROWS_MAX = 200000, CODE_DEPTH_MAX = 12, CODE_COLUMNS_MAX = 16, CODE_BYTES_MAX = 64 };

struct code {
    struct str code, title, parent; /* parent: empty at the top */
    struct civil_date from, to;     /* INT32_MIN, INT32_MAX: open */
    const struct str *column;       /* all columns of the row, by code_set_column */
    const struct code *other;       /* the same code at another time, or NULL */
    struct code *child, *sibling;   /* first child; next with the same parent */
    uint32_t line;
};

struct code_set; /* compiled */

/* ERR_SYSTEM with file and line: a missing column, an empty title, a repeated code at the same time, an
 * unknown parent, a cycle. */
int code_compile(struct arena *a, struct str file, struct str csv, struct code_set **ret, struct err *e);
/* The last row of that code (the newest where the file is in order of time), or NULL. */
const struct code *code_set_find(const struct code_set *s, struct str code);
/* The row in force on that day, or NULL. */
const struct code *code_set_at(const struct code_set *s, struct str code, struct civil_date day);
/* Title of code_set_find, or the empty str. */
struct str code_set_title(const struct code_set *s, struct str code);
/* First of the rows below `parent` (empty: the top ones), in file order; go on by ->sibling. Rows of every
 * time: filter by code_in_force. */
const struct code *code_set_list(const struct code_set *s, struct str parent);
bool code_in_force(const struct code *c, struct civil_date day);
/* Whether `code` is `ancestor` or stands somewhere below it. */
bool code_set_within(const struct code_set *s, struct str code, struct str ancestor);
/* Number of rows; the i-th row in file order, or NULL. */
size_t code_set_count(const struct code_set *s);
const struct code *code_set_row(const struct code_set *s, size_t i);
/* Index of a further column by its header, or SIZE_MAX. */
size_t code_set_column(const struct code_set *s, struct str name);

#endif
