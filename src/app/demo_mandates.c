/* demo_mandates: who acts for whom in the demo city, from the systems' sample tables, by the
 * commands that people have; see demo.h. Invariant: what exists already is left alone.
 */
#include "app/demo.h"

#include "engine/mandate/mandate.h"
#include "engine/record/record.h"

/* The child of the one, in the registry that ties people. */
static int put_kin(struct store_tx *tx, const struct app *app, int64_t child, int64_t parent,
                   struct err *e) {
    struct arena *a = store_arena(tx);
    const struct system *m;
    const struct record_type *t = realm_find(&app->realm, SYSTEM_RECORD, S("kinship"), &m);
    struct val *v = val_map(a);
    struct act act;
    int64_t id, found;
    size_t n;
    if (!t) return 0;
    int rc = record_find(tx, &app->realm, t, S("person"), arena_i64(a, child), &found, 1, &n, e);
    if (rc || n) return rc;
    val_put_i64(a, v, S("person"), child);
    val_put_i64(a, v, S("kin"), parent);
    val_put_str(a, v, S("relation"), S("50"));
    rc = act_open(&act, tx, &app->realm, &app->worker, S("record.put"), e);
    if (!rc) rc = record_put(&act, t, m, 0, v, t->source, &id, e);
    return rc ? rc : act_close(&act, S("record"), id, 0, t->id, e);
}

/* The account of a login as it gives: for the company that it stands for, else for itself. */
static int giver_of(struct store_tx *tx, const struct realm *r, struct str login, struct actor *ret,
                    struct err *e) {
    struct val *mandates;
    int64_t account;
    int rc = identity_account_by_login(tx, r, login, &account, e);
    if (!rc) rc = identity_actor_of(tx, r, account, ret, e);
    if (!rc) rc = identity_mandates(tx, r, ret, &mandates, e);
    ret->request_id = S("-");
    ret->peer = S("-");
    ret->lang = S("zh");
    const struct val *first = rc ? NULL : val_item(mandates, 0);
    bool company = first && !val_get_bool(first, S("for_person"), false);
    return rc || !company ? rc : identity_stand(tx, r, ret, val_get_i64(first, S("id"), 0), e);
}

/* Is the account made to stand for a company? Where no registry of companies is, it stands for none, and gives nothing of one. */
static bool made_for_company(const struct realm *r, struct str login) {
    const struct system **all;
    size_t n = r->systems.active(r->systems.context, &all);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < val_count(all[i]->sample_accounts); k++) {
            const struct val *row = val_item(all[i]->sample_accounts, k);
            if (str_eq(val_get_str(row, S("login")), login)) return val_get_str(row, S("company")).len > 0;
        }
    return false;
}

static int put_one(struct store_tx *tx, const struct app *app, const struct val *row,
                   struct err *e) {
    const struct realm *r = &app->realm;
    const struct record_type *person = realm_find(r, SYSTEM_RECORD, S("person"), NULL);
    struct actor giver, holder;
    struct record rec;
    int64_t id;
    int rc = person ? giver_of(tx, r, val_get_str(row, S("giver")), &giver, e) : ERR_NOT_FOUND;
    if (!rc) rc = giver_of(tx, r, val_get_str(row, S("holder")), &holder, e);
    bool less = !rc && !actor_company(&giver) && made_for_company(r, val_get_str(row, S("giver")));
    if (rc || less || !actor_owner(&giver) || !holder.person)
        return rc == ERR_NOT_FOUND ? 0 : rc; /* a small city has not everybody */
    rc = record_get(tx, r, person, holder.person, &rec, e);
    if (!rc && str_eq(val_get_str(row, S("kin")), S("child")))
        rc = put_kin(tx, app, holder.person, giver.person, e);
    if (rc) return rc;
    struct mandate_offer o = { .name = val_get_str(rec.values, S("name")),
                               .citizen_id = val_get_str(rec.values, S("citizen_id")),
                               .standing = val_get_str(row, S("standing")),
                               .months = 36,
                               .agreed = true };
    rc = mandate_give(tx, r, &giver, &o, &id, e);
    /* Who is named comes from the registry: all that can be wrong is that he has it already. */
    if (rc == ERR_INPUT && str_eq(str_of(e->field), S("citizen_id"))) return 0;
    if (!rc && str_eq(val_get_str(row, S("accepted")), S("yes")))
        rc = mandate_answer(tx, r, &holder, id, true, e);
    return rc;
}

int demo_mandates(struct store_tx *tx, const struct app *app, const struct val *rows,
                  struct err *e) {
    int rc = 0;
    for (size_t i = 0; !rc && i < val_count(rows); i++) rc = put_one(tx, app, val_item(rows, i), e);
    return rc;
}
