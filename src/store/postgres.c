/* postgres: the outgrown store. */
#include "store/store_impl.h"

static int pg_open(struct store *s, struct err *e) {
    (void)s;
    return err_set(e, ERR_STORE, "PostgreSQL");
}

static void pg_stop(struct store *s) {
    (void)s;
}

const struct store_driver store_postgres = { .open = pg_open, .stop = pg_stop };
