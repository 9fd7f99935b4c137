/* library: a shared library that is loaded when it is first wanted, because only one process role, or only some installations, have a use
 * for it: the others start without it, and what faces the net does not hold its code. Its functions are called through a table of pointers
 * whose types are taken from the library's own header, one row for each:
 *
 *   #define ZIP_FUNCTIONS(X) X(open) X(close)
 *   #define X(f) __typeof__(zip_##f) *f;
 *   struct zip_lib { ZIP_FUNCTIONS(X) };
 *   #undef X
 *   #define X(f) { "zip_" #f, offsetof(struct zip_lib, f), false },
 *   static const struct library_entry entries[] = { ZIP_FUNCTIONS(X) };
 *
 * Invariant: what was loaded stays loaded until the process ends, so a pointer of the table is good for as long; loading again is cheap.
 */
#ifndef OS_LIBRARY_H
#define OS_LIBRARY_H

#include <stddef.h>

#include "base/err.h"

struct library_entry {
    const char *name; /* of the function in the library */
    size_t at;        /* where in the table its pointer stands */
    bool wished;      /* older ones may lack it: then NULL */
};

/* Loads `file` (a name as the loader finds it, or a path) and fills `table`. ERR_IO tells which package to install; then the table is
 * not to be used. To be called before sandbox_enter where the fence has no path to libraries. */
int library_load(const char *file, const char *package, const struct library_entry *entry, size_t n, void *table, struct err *e);

#endif
