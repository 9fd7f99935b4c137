/* access_place: the scope rows of one object: where it stands, and whether a token reaches it; see access.h. Lists are read in access.c.
 */
#include "engine/access/access.h"

STORE_STMT(access_scope_insert, STORE_WRITES,
           "INSERT INTO access_scope (home, list, scope, sort_key, object, second_key, facet_a, facet_b) "
           "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (home, list, scope, sort_key, object) DO NOTHING");
/* By the object alone: an expression instead of `list` keeps the planners from walking along a list for it, where acts on other objects
 * of the list would meet (access_0003.sql). An object has few rows, whatever the lists. */
#define OF_OBJECT " WHERE home = ? AND list || '' = ? AND object = ?"
STORE_STMT(access_scope_facets, STORE_WRITES,
           "UPDATE access_scope SET facet_a = ?, facet_b = ?" OF_OBJECT " AND (facet_a <> ? OR facet_b <> ?)");
STORE_STMT(access_scope_delete, STORE_WRITES, "DELETE FROM access_scope" OF_OBJECT);
STORE_STMT(access_scope_has, STORE_READS, "SELECT scope FROM access_scope" OF_OBJECT " AND scope = ? ORDER BY scope LIMIT 1");
STORE_STMT(access_scope_leave, STORE_WRITES, "DELETE FROM access_scope" OF_OBJECT " AND scope = ?");
STORE_STMT(access_scope_of, STORE_READS, "SELECT DISTINCT scope FROM access_scope" OF_OBJECT " ORDER BY scope LIMIT ?");

int scope_place(struct store_tx *tx, struct home_id home, struct str list, int64_t scope_id, const struct scope_keys *k,
                int64_t object, struct err *e) {
    return store_exec(tx, &access_scope_insert, NULL, e, SV_I(home.v), SV_T(list), SV_I(scope_id), SV_I(k->first), SV_I(object),
                      SV_I(k->second), SV_T(k->a), SV_T(k->b));
}

int scope_put(struct store_tx *tx, struct home_id home, struct str list, int64_t scope_id, int64_t sort_key, int64_t object,
              struct err *e) {
    return scope_place(tx, home, list, scope_id, &(struct scope_keys){ .first = sort_key, .second = sort_key }, object, e);
}

int scope_facets(struct store_tx *tx, struct home_id home, struct str list, int64_t object, struct str a, struct str b,
                 struct err *e) {
    return store_exec(tx, &access_scope_facets, NULL, e, SV_T(a), SV_T(b), SV_I(home.v), SV_T(list), SV_I(object), SV_T(a), SV_T(b));
}

int scope_drop(struct store_tx *tx, struct home_id home, struct str list, int64_t object, struct err *e) {
    return store_exec(tx, &access_scope_delete, NULL, e, SV_I(home.v), SV_T(list), SV_I(object));
}

int scope_leave(struct store_tx *tx, struct home_id home, struct str list, int64_t scope_id, int64_t object, struct err *e) {
    return store_exec(tx, &access_scope_leave, NULL, e, SV_I(home.v), SV_T(list), SV_I(object), SV_I(scope_id));
}

int scope_of(struct store_tx *tx, struct home_id home, struct str list, int64_t object, int64_t *ids, size_t max, size_t *n,
             struct err *e) {
    struct store_rows *rows;
    *n = 0;
    int rc = store_query(tx, &access_scope_of, &rows, e, SV_I(home.v), SV_T(list), SV_I(object), SV_I((int64_t)max));
    if (rc) return rc;
    while (store_next(rows))
        if (*n < max) ids[(*n)++] = store_i64(rows, 0);
    return store_end(rows, e);
}

int scope_reaches(struct store_tx *tx, const struct scope_token *t, struct str list, int64_t object, struct err *e) {
    uint32_t by = 0;
    /* The kind of a list is its name up to the dot: "task.police" holds tasks. */
    access_asked(tx, str_sub(list, 0, str_find_char(list, '.', 0)), object, 0);
    if (t->who && t->who->only && t->who->only != object) return err_set(e, ERR_NOT_FOUND, NULL);
    /* Scope `all` is the realm's own row, as in scope_page: what an applicant has not submitted yet has none. */
    for (size_t i = 0; i < t->n + t->all; i++) {
        int64_t found;
        struct store_val v[] = { SV_I(t->home.v), SV_T(list), SV_I(object), SV_I(i < t->n ? t->id[i] : t->home.v) };
        int rc = store_one_i64(tx, &access_scope_has, v, 4, &found, e);
        if (rc && rc != ERR_NOT_FOUND) return rc;
        if (rc == 0 && !t->reached) return 0; /* no conditions follow: the first row settles it */
        if (rc == 0) by |= i < t->n ? t->by[i] : t->by_all;
    }
    if (t->reached) *t->reached = by;
    return by ? 0 : err_set(e, ERR_NOT_FOUND, NULL);
}
