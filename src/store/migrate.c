/* migrate: brings the database to the schema of this binary, before anything is served.
 *
 * Invariants
 *  1. A migration and its record are one transaction.
 *  2. What was applied is never changed: its recorded hash must be that of the text in this binary.
 *  3. A record that this binary does not know is of a newer one, and is left alone: migrations only add
 *     (schema.c), so a binary runs on its successor's schema.
 */
#include "os/os.h"
#include "store/sql.h"
#include "store/store_impl.h"

static const char record_sqlite[] =
    "CREATE TABLE IF NOT EXISTS store_migration (home INTEGER NOT NULL, engine TEXT NOT NULL, number INTEGER NOT NULL, "
    "hash INTEGER NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY (home, engine, number)) STRICT, WITHOUT ROWID;";
static const char record_postgres[] =
    "CREATE TABLE IF NOT EXISTS store_migration (home bigint NOT NULL, engine text COLLATE \"C\" NOT NULL, number "
    "bigint NOT NULL, "
    "hash bigint NOT NULL, at_ms bigint NOT NULL, PRIMARY KEY (home, engine, number));";

STORE_STMT(store_migration_find, STORE_READS,
           "SELECT hash FROM store_migration WHERE home = 0 AND engine = ? AND number = ?");
STORE_STMT(store_migration_add, STORE_WRITES,
           "INSERT INTO store_migration (home, engine, number, hash, at_ms) VALUES (0, ?, ?, ?, ?)");

/* An accident's guard, not an adversary's: FNV-1a. */
static int64_t hash_of(const struct store_migration *m) {
    return (int64_t)(str_hash(str_of(m->sql)) >> 1);
}

static int apply(struct store_tx *tx, const struct store_migration *m, struct err *e) {
    struct store *s = tx->store;
    int64_t hash = 0;
    struct store_val key[] = { SV_T(str_of(m->engine)), SV_I(m->number) };
    int rc = store_one_i64(tx, &store_migration_find, key, 2, &hash, e);
    if (rc == 0 && hash != hash_of(m))
        return err_set(e, ERR_SYSTEM, "%s_%04d.sql was changed after it had been applied; add a new one", m->engine,
                       m->number);
    if (rc != ERR_NOT_FOUND) return rc;
    const char *sql;
    rc = sql_migration(tx->arena, m, s->postgres, &sql, e);
    if (rc == 0) rc = s->driver->script(s, sql, e);
    if (rc == 0)
        rc = store_exec(tx, &store_migration_add, NULL, e, key[0], key[1], SV_I(hash_of(m)), SV_I(tx->job->now_ms));
    return rc;
}

/* One migration, or without one what the store is told of the tables: a transaction of its own. */
static int apply_alone(struct store *s, struct arena *a, const struct store_migration *m, struct err *e) {
    struct store_job job = { .arena = a, .now_ms = os_now_ms() };
    struct store_tx tx;
    store_tx_init(&tx, s, NULL, &job, false);
    int rc = s->driver->begin_alone(s, &tx, e);
    if (rc < 0) return rc;
    rc = m ? apply(&tx, m, e) : store_stat_tell(&tx, e);
    int end = s->driver->end_alone(s, &tx, rc == 0, rc ? NULL : e);
    return rc ? rc : end;
}

static int apply_all(struct store *s, struct arena *a, struct err *e) {
    struct sql_schema *schema;
    int rc = sql_schema_read(a, s->migrations, s->n_migrations, &schema, e);
    if (rc == 0) rc = s->driver->script(s, s->postgres ? record_postgres : record_sqlite, e);
    for (size_t i = 0; rc == 0 && i < s->n_migrations; i++) rc = apply_alone(s, a, &s->migrations[i], e);
    if (rc == 0) rc = apply_alone(s, a, NULL, e);
    if (rc == 0) rc = s->driver->script(s, store_text_ddl(s->postgres), e);
    return rc;
}

int store_migrate(struct store *s, struct err *e) {
    struct arena a;
    arena_init(&a, "migrate", 256 * 1024 * 1024);
    int rc = apply_all(s, &a, e);
    arena_done(&a);
    return rc;
}
