/* item_redress: what comes of a bad rating (差评整改): a case of its own, of the item that a system declares for it (`redresses`), with
 * that item's process, clock, notices and pages; see item.h.
 *
 * Invariants
 *  1. It is opened in the transaction of the rating, by an act of the system itself (case.redress), for whose case was rated, and goes
 *     to the unit that decided: a step that names no unit is that unit's.
 *  2. It knows of the rated case what the rating is about: number, matter, level, reasons, words; of the applicant the name alone.
 *  3. A rating of a redress opens no other: who is still not content has the remedies that its guide tells.
 */
#include "engine/item/item_rows.h"

enum { PATH_UNITS = 16 };

static const struct item_type *redressing(const struct realm *r, const struct system **ret) {
    const struct system **all;
    size_t n = r->systems.active(r->systems.context, &all);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < all[i]->part[SYSTEM_ITEM].n; k++) {
            const struct item_type *t = all[i]->part[SYSTEM_ITEM].entry[k].value;
            if (!t->redresses) continue;
            *ret = all[i];
            return t;
        }
    return NULL;
}

static void put_name(struct arena *a, struct val *prefill, const struct item_case *rated, const char *whose) {
    const struct val *of = val_get(val_get(rated->body, S("prefill")), str_of(whose));
    struct val *v = val_map(a);
    if (!of) return;
    val_put_str(a, v, S("name"), val_get_str(of, S("name")));
    val_put(a, prefill, str_of(whose), v);
}

/* What the item's form asks of this, answered. */
static struct val *answers_of(const struct item_case *rated, const struct form *f, const struct item_rating *g, const struct val *reasons,
                              struct arena *a) {
    struct val *all = val_map(a), *answers = val_map(a);
    val_put_str(a, all, S("number"), rated->number);
    val_put_str(a, all, S("matter"), rated->type->name);
    val_put_str(a, all, S("level"), arena_i64(a, g->level));
    val_put(a, all, S("reasons"), val_copy(a, reasons));
    val_put_str(a, all, S("words"), g->text);
    for (size_t i = 0; i < val_pairs(all); i++)
        if (form_question(f, all->u.map.pair[i].key)) val_put(a, answers, all->u.map.pair[i].key, all->u.map.pair[i].value);
    return answers;
}

/* Where it is counted while it is open, by when it is due: its unit's and those above. */
static int open_list_put(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct err *e) {
    const struct scope_keys keys = { .first = c->due_ms, .second = c->created_ms, .a = S("open"), .b = c->item };
    int64_t path[PATH_UNITS];
    size_t n = 0;
    int rc = identity_unit_path(tx, r, c->unit, path, PATH_UNITS, &n, e);
    if (!rc) rc = scope_place(tx, r->home, S("redress"), r->home.v, &keys, c->id, e);
    for (size_t i = 0; !rc && i < n; i++) rc = scope_place(tx, r->home, S("redress"), path[i], &keys, c->id, e);
    return rc;
}

int item_redress_settle(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct err *e) {
    if (!c->type->redresses || !c->ended_ms) return 0;
    return scope_facets(tx, r->home, S("redress"), c->id, S("over"), c->item, e);
}

static struct item_case case_of(struct store_tx *tx, const struct item_case *rated, const struct system *m, const struct item_type *t,
                                int64_t unit) {
    struct arena *a = store_arena(tx);
    struct item_case c = { .id = store_new_id(tx), .release = m->release, .account = rated->account, .person = rated->person,
                           .company = rated->company, .unit = unit, .division = rated->division, .number = S(""), .system_id = m->id,
                           .item = t->id, .state = S("submitted"), .result = S(""), .channel = rated->channel,
                           .created_ms = store_now_ms(tx), .submitted_ms = store_now_ms(tx), .system = m, .type = t,
                           .form = system_find(m, SYSTEM_FORM, t->form), .body = val_map(a), .key = rated->key,
                           .has_key = rated->has_key };
    struct val *prefill = val_map(a);
    put_name(a, prefill, rated, "applicant");
    put_name(a, prefill, rated, "company");
    val_put(a, c.body, S("prefill"), prefill);
    val_put(a, c.body, S("parts"), val_list(a));
    return c;
}

int item_redress_open(struct store_tx *tx, const struct realm *r, const struct actor *by, const struct item_case *rated, int64_t unit,
                      const struct item_rating *g, const struct val *reasons, int64_t *ret, struct err *e) {
    const struct system *m;
    const struct item_type *t = rated->type->redresses || !unit ? NULL : redressing(r, &m);
    struct actor who = access_worker();
    struct act act;
    *ret = 0;
    if (!t) return 0;
    who.request_id = by->request_id;
    int rc = act_open(&act, tx, r, &who, S("case.redress"), e);
    if (rc) return rc;
    struct item_case c = case_of(tx, rated, m, t, unit);
    val_put(store_arena(tx), c.body, S("answers"), answers_of(rated, c.form, g, reasons, store_arena(tx)));
    rc = act_check(&act, item_case_object(store_arena(tx), &c), e);
    if (!rc) rc = item_number_next(tx, r, &c.number, e);
    if (!rc) rc = item_row_insert(tx, r, &c, e);
    if (!rc) rc = item_case_list_put(tx, r, &c, item_owner(&c), e);
    if (!rc) rc = item_submitted_put(tx, r, &c, e);
    if (!rc) rc = item_event_add(tx, r, &c, &(struct item_event){ .kind = S("rate"), .account = by->account }, e);
    if (!rc) rc = item_flow_begin(&act, &c, e);
    if (!rc) rc = open_list_put(tx, r, &c, e);
    *ret = c.id;
    act.release = c.release;
    act.subject = c.person;
    return rc ? rc : act_close(&act, S("case"), c.id, c.id, c.number, e);
}

const struct val *item_redress_answers(const struct realm *r, const struct item_case *c, struct str lang, struct arena *a) {
    const struct val *answers = val_get(c->body, S("answers"));
    struct str matter = val_get_str(answers, S("matter"));
    if (!c->type->redresses || matter.len == 0) return answers;
    struct val *v = val_copy(a, answers);
    val_put_str(a, v, S("matter"), realm_words(r, lang, matter));
    return v;
}

int item_redress_view(struct store_tx *tx, const struct realm *r, int64_t id, struct str lang, struct val *into, struct err *e) {
    struct item_case c;
    int rc = item_case_get(tx, r, NULL, id, &c, e);
    if (!rc) val_put(store_arena(tx), into, S("redress"), item_head_view(r, &c, lang, store_arena(tx)));
    return rc;
}

int item_redress_of(struct store_tx *tx, const struct realm *r, int64_t case_id, int64_t *ret, struct err *e) {
    struct item_case c;
    struct val *g;
    int rc = item_case_get(tx, r, NULL, case_id, &c, e);
    if (!rc) rc = item_rating_get(tx, r, &c, &g, e);
    if (rc) return rc;
    int64_t id = val_get_i64(g, S("redress"), 0);
    if (!id) return err_set(e, ERR_NOT_FOUND, NULL);
    *ret = id;
    return 0;
}
