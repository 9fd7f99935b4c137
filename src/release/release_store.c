/* release_store: releases as rows; see release.h. Invariant: the bytes of a stored file are never changed. */
#include "release/release.h"

#include "engine/clock/clock.h"
#include "engine/record/record.h"

STORE_STMT(release_others, STORE_READS,
           "SELECT id FROM release_system WHERE home = ? AND state = 'active' AND system <> ? ORDER BY id LIMIT ?");
STORE_STMT(release_insert, STORE_WRITES,
           "INSERT INTO release_system (home, id, system, version, digest, state, needs, loaded_ms, activated_ms) "
           "VALUES (?, ?, ?, ?, ?, 'draft', ?, ?, 0)");
STORE_STMT(release_file_insert, STORE_WRITES, "INSERT INTO release_file (home, release, path, bytes) VALUES (?, ?, ?, ?)");
STORE_STMT(release_by_digest, STORE_READS, "SELECT id FROM release_system WHERE home = ? AND digest = ?");
STORE_STMT(release_active_of, STORE_READS, "SELECT id FROM release_system WHERE home = ? AND system = ? AND state = 'active'");
STORE_STMT(release_one, STORE_READS, "SELECT system, version, state, needs FROM release_system WHERE home = ? AND id = ?");
STORE_STMT(release_file_list, STORE_READS, "SELECT path, bytes FROM release_file WHERE home = ? AND release = ? ORDER BY path");
STORE_STMT(release_retire, STORE_WRITES, "UPDATE release_system SET state = 'retired' WHERE home = ? AND system = ? AND state = 'active'");
STORE_STMT(release_set_active, STORE_WRITES,
           "UPDATE release_system SET state = 'active', activated_ms = ? WHERE home = ? AND id = ? AND state <> 'active'");
STORE_STMT(release_of_system, STORE_READS, "SELECT id, version, digest FROM release_system WHERE home = ? AND system = ? ORDER BY id");
STORE_STMT(release_rows, STORE_READS,
           "SELECT id, system, version, state, digest, loaded_ms, activated_ms, needs FROM release_system WHERE home = ? ORDER BY id LIMIT 10001");

#define PAGE(name, place) \
    STORE_STMT(name, STORE_READS, \
               "SELECT id, system, version, state, digest, loaded_ms, activated_ms FROM release_system WHERE home = ? " \
               "AND (CAST(? AS BIGINT) = 0 OR id = ?) AND (CAST(? AS TEXT) = '' OR system = ?) " \
               "AND (CAST(? AS TEXT) = '' OR state = ?) AND " place " LIMIT ?")
PAGE(release_page_new, "id < ? ORDER BY id DESC");
PAGE(release_page_old, "id > ? ORDER BY id");
PAGE(release_page_system, "(system > ? OR (system = ? AND id < ?)) ORDER BY system, id DESC");
PAGE(release_page_system_back, "(system < ? OR (system = ? AND id > ?)) ORDER BY system DESC, id");

int release_active_id(struct store_tx *tx, struct home_id home, struct str system, int64_t *ret, struct err *e) {
    struct store_val v[] = { SV_I(home.v), SV_T(system) };
    return store_one_i64(tx, &release_active_of, v, 2, ret, e);
}

static int insert_files(struct store_tx *tx, struct home_id home, int64_t id, const struct release_files *f, struct err *e) {
    int rc = 0;
    for (size_t i = 0; i < f->n && !rc; i++)
        rc = store_exec(tx, &release_file_insert, NULL, e, SV_I(home.v), SV_I(id), SV_T(f->file[i].path), SV_B(f->file[i].bytes));
    return rc;
}

/* "id,id,id" of the active releases of the systems that it needs. */
static int needed_ids(struct store_tx *tx, struct home_id home, const struct str *needs, size_t n, struct str *ret, struct err *e) {
    struct buf b;
    buf_init(&b, store_arena(tx), 64, 4096);
    for (size_t i = 0; i < n; i++) {
        int64_t id;
        int rc = release_active_id(tx, home, needs[i], &id, e);
        if (rc) return rc == ERR_NOT_FOUND ? err_set(e, ERR_STATE, "先启用它所需要的系统：%.*s", STR_ARG(needs[i])) : rc;
        if (i) buf_add_char(&b, ',');
        buf_add_i64(&b, id);
    }
    *ret = buf_str(&b);
    return 0;
}

int release_load(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct release_files *f, int64_t *ret_id,
                 struct err *e) {
    struct act act;
    struct digest d;
    struct str id, *needs, ids, version;
    size_t n;
    int rc = act_open(&act, tx, r, who, S("release.load"), e);
    if (!rc) rc = release_needs(store_arena(tx), f, &id, &version, &needs, &n, e);
    if (!rc) rc = needed_ids(tx, r->home, needs, n, &ids, e);
    if (rc) return rc;
    /* The same files on other needs are another release: what is pinned differs. */
    release_digest(f, &d);
    struct str parts[] = { str_make((const char *)d.v, DIGEST_BYTES), ids };
    hash_parts(SUITE_INTL, parts, 2, &d);
    struct str digest = str_make((const char *)d.v, DIGEST_BYTES);
    struct store_val key[] = { SV_I(r->home.v), SV_B(digest) };
    rc = store_one_i64(tx, &release_by_digest, key, 2, ret_id, e);
    if (rc == 0) return act_close(&act, S("release"), *ret_id, 0, S("same"), e);
    if (rc != ERR_NOT_FOUND) return rc;
    *ret_id = store_new_id(tx);
    rc = store_exec(tx, &release_insert, NULL, e, SV_I(r->home.v), SV_I(*ret_id), SV_T(id), SV_T(version), SV_B(digest), SV_T(ids),
                    SV_I(store_now_ms(tx)));
    if (!rc) rc = insert_files(tx, r->home, *ret_id, f, e);
    return rc ? rc : act_close(&act, S("release"), *ret_id, 0, id, e);
}

int release_by_word(struct store_tx *tx, struct home_id home, struct str system, struct str word, int64_t *ret, struct err *e) {
    enum { DIGITS_MIN = 8 };
    struct store_rows *rows;
    int64_t id = 0;
    size_t n = 0;
    int rc = store_query(tx, &release_of_system, &rows, e, SV_I(home.v), SV_T(system));
    if (rc) return rc;
    while (store_next(rows)) {
        struct buf hex;
        struct str digest = store_bytes(rows, 2);
        buf_init(&hex, store_arena(tx), 64, 64);
        buf_add_hex(&hex, digest.ptr, digest.len);
        bool by_digest = word.len >= DIGITS_MIN && str_starts(buf_str(&hex), word);
        if (by_digest || str_eq(store_text(rows, 1), word)) id = store_i64(rows, 0), n++;
    }
    rc = store_end(rows, e);
    if (rc) return rc;
    if (n == 0) return err_set(e, ERR_NOT_FOUND, NULL);
    if (n > 1) return err_set(e, ERR_STATE, "有 %zu 个这样的版本，请写内容摘要", n);
    *ret = id;
    return 0;
}

int release_files_get(struct store_tx *tx, struct home_id home, int64_t id, struct release_files *ret, struct err *e) {
    struct store_rows *rows;
    *ret = (struct release_files){ .file = arena_array(store_arena(tx), RELEASE_FILES_MAX, sizeof *ret->file) };
    if (!ret->file) return err_set(e, ERR_MEMORY, NULL);
    int rc = store_query(tx, &release_file_list, &rows, e, SV_I(home.v), SV_I(id));
    if (rc) return rc;
    while (store_next(rows))
        if (ret->n < RELEASE_FILES_MAX) ret->file[ret->n++] = (struct release_file){ store_text(rows, 0), store_bytes(rows, 1) };
    rc = store_end(rows, e);
    return rc ? rc : ret->n ? 0 : err_set(e, ERR_NOT_FOUND, NULL);
}

int release_needs_of(struct store_tx *tx, struct home_id home, int64_t id, struct str *system, int64_t *needs, size_t max, size_t *n,
                     struct err *e) {
    struct store_rows *rows;
    struct str ids = S(""), one;
    *n = 0;
    int rc = store_query(tx, &release_one, &rows, e, SV_I(home.v), SV_I(id));
    if (rc) return rc;
    bool found = store_next(rows);
    if (found) *system = store_text(rows, 0), ids = store_text(rows, 3);
    rc = store_end(rows, e);
    if (rc) return rc;
    while (found && str_cut(&ids, ',', &one))
        if (*n == max) return err_set(e, ERR_LIMIT, "%zu", max);
        else if (str_to_i64(one, &needs[*n])) ++*n;
    return found ? 0 : err_set(e, ERR_NOT_FOUND, NULL);
}

/* The tables of its record types: each is a definition of the store, named after the type, numbered by its version of the table. */
static int define_tables(struct store_tx *tx, const struct system *sys, struct err *e) {
    const struct map *types = &sys->part[SYSTEM_RECORD];
    int rc = 0;
    for (size_t i = 0; i < types->n && !rc; i++) {
        const struct record_type *t = types->entry[i].value;
        struct store_migration m = { arena_cstr(store_arena(tx), t->table), 1, arena_cstr(store_arena(tx), t->ddl) };
        rc = m.engine && m.sql ? store_define(tx, &m, e) : err_set(e, ERR_MEMORY, NULL);
    }
    return rc;
}

static int names_differ(const struct system *sys, const struct system *owner, struct err *e) {
    static const enum system_part parts[] = { SYSTEM_ITEM, SYSTEM_RECORD };
    for (size_t p = 0; p < sizeof parts / sizeof *parts; p++) {
        const struct map *names = &sys->part[parts[p]];
        for (size_t i = 0; i < names->n; i++)
            if (map_find(&owner->part[parts[p]], names->entry[i].key))
                return err_set(e, ERR_SYSTEM, "%.*s 已是系统 %.*s 的名称，请给文件改名", STR_ARG(names->entry[i].key), STR_ARG(owner->id));
    }
    return 0;
}

/* Addresses and case numbers name an item, tables a record type, without their system: another active system may not have the same. Which
 * are active the store says, in this transaction: another node may have activated one that this node has not taken up yet. Two at once
 * meet in the epoch's row, and the later looks again. */
static int names_free(struct store_tx *tx, const struct realm *r, const struct system *sys, struct err *e) {
    enum { OTHERS_MAX = 1000 };
    struct store_rows *rows;
    int64_t *other = arena_array(store_arena(tx), OTHERS_MAX, sizeof *other);
    size_t n = 0;
    if (!other) return err_set(e, ERR_MEMORY, NULL);
    int rc = store_query(tx, &release_others, &rows, e, SV_I(r->home.v), SV_T(sys->id), SV_I(OTHERS_MAX));
    if (rc) return rc;
    while (store_next(rows)) other[n++] = store_i64(rows, 0);
    rc = store_end(rows, e);
    if (!rc && n == OTHERS_MAX) rc = err_set(e, ERR_LIMIT, "%d", OTHERS_MAX);
    for (size_t i = 0; i < n && !rc; i++) {
        const struct system *owner = r->systems.by_release(r->systems.context, other[i]);
        rc = owner ? names_differ(sys, owner, e) : err_set(e, ERR_BUSY, "release %lld", (long long)other[i]);
    }
    return rc;
}

static bool same_days(const struct code_set *x, const struct code_set *y) {
    const size_t kind_x = x ? code_set_column(x, S("kind")) : SIZE_MAX, kind_y = y ? code_set_column(y, S("kind")) : SIZE_MAX;
    if (x == y) return true;
    if (!x || !y || code_set_count(x) != code_set_count(y) || kind_x != kind_y || kind_x == SIZE_MAX) return false;
    for (size_t i = 0; i < code_set_count(x); i++) {
        const struct code *a = code_set_row(x, i), *b = code_set_row(y, i);
        if (!str_eq(a->code, b->code) || !str_eq(a->column[kind_x], b->column[kind_y])) return false;
    }
    return true;
}

/* By another table of holidays limits end on other days: what is under way is counted again (app_recount.c). */
static int tell_holidays(struct act *act, const struct system *sys, int64_t before, struct err *e) {
    const struct systems *all = &act->realm->systems;
    const struct system *was = before && all->by_release ? all->by_release(all->context, before) : NULL;
    if (!was || same_days(map_find(&was->part[SYSTEM_CODE], CLOCK_HOLIDAYS), map_find(&sys->part[SYSTEM_CODE], CLOCK_HOLIDAYS)))
        return 0;
    return act_emit(act, RELEASE_HOLIDAYS, sys->release, arena_i64(store_arena(act->tx), before), e);
}

/* Records that stand are found by what is searched now (app_searched.c). */
static int tell_searched(struct act *act, const struct system *sys, int64_t before, struct err *e) {
    const struct systems *all = &act->realm->systems;
    const struct system *was = before && all->by_release ? all->by_release(all->context, before) : NULL;
    const struct map *types = &sys->part[SYSTEM_RECORD];
    bool alike = true;
    for (size_t i = 0; was && i < types->n; i++) {
        const struct record_type *t = types->entry[i].value, *old = map_find(&was->part[SYSTEM_RECORD], types->entry[i].key);
        alike = alike && (old ? record_searched_alike(old, t) : t->n_searched == 0);
    }
    return alike ? 0 : act_emit_at(act, RELEASE_SEARCHED, sys->release, S(""), store_now_ms(act->tx) + RELEASE_SEARCHED_MS, e);
}

int release_activate(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct system *sys, struct err *e) {
    struct act act;
    int64_t changed = 0, active = 0;
    access_asked(tx, S("release"), sys->release, 0);
    int rc = act_open(&act, tx, r, who, S("release.activate"), e);
    if (rc) return rc;
    rc = release_active_id(tx, r->home, sys->id, &active, e);
    if (rc == 0 && active == sys->release) return act_close(&act, S("release"), active, 0, S("same"), e);
    if (rc && rc != ERR_NOT_FOUND) return rc;
    rc = names_free(tx, r, sys, e);
    if (!rc) rc = define_tables(tx, sys, e);
    if (!rc) rc = store_exec(tx, &release_retire, NULL, e, SV_I(r->home.v), SV_T(sys->id));
    if (!rc) rc = store_exec(tx, &release_set_active, &changed, e, SV_I(store_now_ms(tx)), SV_I(r->home.v), SV_I(sys->release));
    if (!rc && changed == 0) rc = err_set(e, ERR_STATE, "没有这个版本");
    if (!rc) rc = realm_epoch_raise(tx, r->home, REALM_EPOCH_RELEASE, e);
    if (!rc) rc = tell_holidays(&act, sys, active, e);
    if (!rc) rc = tell_searched(&act, sys, active, e);
    return rc ? rc : act_close(&act, S("release"), sys->release, 0, sys->id, e);
}

static int read_rows(struct arena *a, struct store_rows *rows, struct val **ret, struct err *e) {
    *ret = val_list(a);
    while (store_next(rows)) {
        struct val *v = val_map(a);
        struct buf hex;
        buf_init(&hex, a, 64, 64);
        struct str digest = store_bytes(rows, 4);
        buf_add_hex(&hex, digest.ptr, digest.len);
        val_put_i64(a, v, S("id"), store_i64(rows, 0));
        val_put_str(a, v, S("system"), store_text(rows, 1));
        val_put_str(a, v, S("version"), store_text(rows, 2));
        val_put_str(a, v, S("state"), store_text(rows, 3));
        val_put_str(a, v, S("digest"), buf_str(&hex));
        val_put_i64(a, v, S("loaded_ms"), store_i64(rows, 5));
        val_put_i64(a, v, S("activated_ms"), store_i64(rows, 6));
        val_push(a, *ret, v);
    }
    return store_end(rows, e);
}

int release_list(struct store_tx *tx, const struct realm *r, struct val **ret, struct err *e) {
    enum { LISTED_MAX = 10000 }; /* one less than the statement reads */
    struct store_rows *rows;
    int rc = store_query(tx, &release_rows, &rows, e, SV_I(r->home.v));
    if (!rc) rc = read_rows(store_arena(tx), rows, ret, e);
    return rc ? rc : val_count(*ret) > LISTED_MAX ? err_set(e, ERR_LIMIT, "%d", LISTED_MAX) : 0;
}

int release_page(struct store_tx *tx, const struct realm *r, const struct release_query *q, struct val **ret, struct err *e) {
    static const struct store_stmt *const all[2][2] = { { &release_page_new, &release_page_old },
                                                        { &release_page_system, &release_page_system_back } };
    const struct str at = q->at ? q->at_system : q->back ? S("\xF4\x8F\xBF\xBF") : S(""); /* behind every system, or before */
    const int64_t id = q->at ? q->at : q->back ? 0 : INT64_MAX;
    struct store_val v[12];
    struct store_rows *rows;
    size_t n = 0;
    v[n++] = SV_I(r->home.v);
    v[n++] = SV_I(q->only), v[n++] = SV_I(q->only);
    v[n++] = SV_T(q->system), v[n++] = SV_T(q->system);
    v[n++] = SV_T(q->state), v[n++] = SV_T(q->state);
    if (q->by_system) v[n++] = SV_T(at), v[n++] = SV_T(at);
    v[n++] = SV_I(id);
    v[n++] = SV_I(q->max);
    int rc = store_query_n(tx, all[q->by_system][q->back], v, n, &rows, e);
    return rc ? rc : read_rows(store_arena(tx), rows, ret, e);
}
