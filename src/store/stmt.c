/* stmt: the table of all named statements, gathered by the linker from every file (STORE_STMT), for the tests that
 * lint them and prepare them on both stores, and for the operator's list. */
#include "store/store.h"

/* The linker names the bounds of a section whose name is an identifier. */
extern const struct store_stmt *const __start_store_stmts[];
extern const struct store_stmt *const __stop_store_stmts[];

const struct store_stmt *const *store_stmts(size_t *n) {
    *n = (size_t)(__stop_store_stmts - __start_store_stmts);
    return __start_store_stmts;
}
