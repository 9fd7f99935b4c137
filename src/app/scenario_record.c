/* scenario_record: what a scenario does with registries: find, read, unmask, clear, put, correct, end (docs/systems.md, cases/). The
 * record in hand is the one that was found or registered last. Invariant: each step is the command that the officer's page calls.
 */
#include <stdio.h>

#include "app/demo.h"
#include "engine/identity/identity.h"
#include "engine/record/record.h"

static const struct {
    struct str verb, act;
} verbs[] = {
    { S_INIT("find"), S_INIT("record.read") },     { S_INIT("read"), S_INIT("record.read") }, { S_INIT("unmask"), S_INIT("record.unmask") },
    { S_INIT("clear"), S_INIT("record.unmask") },  { S_INIT("put"), S_INIT("record.put") },   { S_INIT("correct"), S_INIT("record.put") },
    { S_INIT("end"), S_INIT("record.end") },
};

struct str scenario_record_act(struct str verb) {
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (str_eq(verbs[i].verb, verb)) return verbs[i].act;
    return S("");
}

/* The value by which a record is found: as written, or the key of a person's own record (`of`: a login). */
static int value_of(struct store_tx *tx, const struct realm *r, const struct record_registry *g, const struct val *step, struct str *by,
                    struct str *value, struct err *e) {
    struct record rec;
    struct actor who;
    int64_t account;
    *by = val_get_str(step, S("by"));
    *value = val_get_str(step, S("value"));
    struct str of = val_get_str(step, S("of"));
    if (of.len == 0) return 0;
    int rc = identity_account_by_login(tx, r, of, &account, e);
    if (!rc) rc = identity_actor_of(tx, r, account, &who, e);
    for (size_t i = 0; !rc && i < g->type->n_fields; i++) { /* a record about him, where he is not the record */
        if (!str_eq(g->type->field[i].ref, S("person")) || !g->type->field[i].index) continue;
        if (by->len && !str_eq(*by, g->type->field[i].name)) continue;
        *by = g->type->field[i].name;
        *value = arena_fmt(store_arena(tx), "%lld", (long long)who.person);
        return 0;
    }
    if (!rc) rc = record_get(tx, r, g->type, who.person, &rec, e);
    if (rc) return err_set(e, ERR_SYSTEM, "没有这个人的登记：%.*s", STR_ARG(of));
    *by = g->type->key;
    *value = val_get_str(rec.values, *by);
    return 0;
}

enum { FOUND_MAX = 20 };

/* By one element that names a record. */
static int find_by(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct record_registry *g,
                   const struct val *step, struct val **ret, struct err *e) {
    struct str by, value;
    int64_t next;
    int rc = value_of(tx, r, g, step, &by, &value, e);
    if (rc) return rc;
    const struct record_field *f = record_field(g->type, by);
    if (!f || !f->index) return err_set(e, ERR_SYSTEM, "不能按这个元素查找：%.*s", STR_ARG(by));
    struct str token = record_token(store_arena(tx), r, g->type, f, record_clean(store_arena(tx), f, value));
    return record_search(tx, r, who, g, f, token, 0, FOUND_MAX, ret, &next, e);
}

static int do_find(struct scenario_hand *h, struct store_tx *tx, const struct realm *r, const struct actor *who,
                   const struct record_registry *g, const struct val *step, struct err *e) {
    struct val *found;
    struct record_typed typed = { .typed = val_get_str(step, S("typed")), .max = FOUND_MAX };
    int rc = typed.typed.len ? record_find_typed(tx, r, who, g, &typed, &found, e) : find_by(tx, r, who, g, step, &found, e);
    if (rc) return rc;
    h->found = (int64_t)val_count(found);
    h->id = val_get_i64(val_item(found, 0), S("id"), 0);
    h->version = val_get_i64(val_item(found, 0), S("version"), 0);
    return 0;
}

/* What the reader of the page would see: each element named in `shows`. */
static int shows(const struct record *rec, const struct val *want, struct err *e) {
    for (size_t i = 0; i < val_pairs(want); i++) {
        const struct val_pair *p = &want->u.map.pair[i];
        if (!str_eq(val_text(p->value), val_get_str(rec->values, p->key)))
            return err_set(e, ERR_INPUT, "%.*s 应是 %.*s，实际是 %.*s", STR_ARG(p->key), STR_ARG(val_text(p->value)),
                           STR_ARG(val_get_str(rec->values, p->key)));
    }
    return 0;
}

static int look(struct scenario_hand *h, struct store_tx *tx, const struct realm *r, const struct actor *who,
                const struct record_registry *g, struct str verb, const struct val *step, struct err *e) {
    struct record rec;
    struct str purpose;
    int64_t until;
    bool masked = str_eq(verb, S("read"));
    int rc = masked ? record_look(tx, r, who, g, h->id, &rec, e) : record_clear(tx, r, who, g, h->id, &rec, &purpose, &until, e);
    if (!rc) h->version = rec.version;
    return rc ? rc : shows(&rec, val_path(step, S("expect.shows")), e);
}

static int change(struct scenario_hand *h, struct store_tx *tx, const struct realm *r, const struct actor *who,
                  const struct record_registry *g, struct str verb, const struct val *step, struct err *e) {
    struct record_change c = { .values = val_get(step, S("with")), .source = val_get_str(step, S("source")),
                               .why = val_get_str(step, S("opinion")) };
    int64_t id = 0;
    if (!str_eq(verb, S("put"))) c.id = h->id, c.version = val_get_i64(step, S("version"), h->version);
    int rc = str_eq(verb, S("end")) ? record_end(tx, r, who, g, &c, e) : record_keep(tx, r, who, g, &c, &id, e);
    if (!rc) h->id = c.id ? c.id : id, h->version = c.version + 1;
    return rc;
}

static int expect(const struct scenario_hand *h, struct store_tx *tx, const struct realm *r, const struct record_registry *g,
                  const struct val *want, struct err *e) {
    struct record rec;
    struct str state = val_get_str(want, S("state"));
    int64_t found = val_get_i64(want, S("found"), h->found), version = val_get_i64(want, S("version"), h->version);
    if (found != h->found)
        return err_set(e, ERR_INPUT, "%s 应是 %lld，实际是 %lld", "found", (long long)found, (long long)h->found);
    if (version != h->version)
        return err_set(e, ERR_INPUT, "%s 应是 %lld，实际是 %lld", "version", (long long)version, (long long)h->version);
    if (state.len == 0) return 0;
    int rc = record_get(tx, r, g->type, h->id, &rec, e);
    return rc || str_eq(rec.state, state) ? rc : err_set(e, ERR_INPUT, "state 应是 %.*s，实际是 %.*s", STR_ARG(state), STR_ARG(rec.state));
}

int scenario_record(struct scenario_hand *h, struct store_tx *tx, const struct realm *r, const struct actor *who, struct str verb,
                    const struct val *step, struct err *e) {
    struct str type = val_get_str(step, S("record")), act = scenario_record_act(verb);
    struct record_registry g;
    struct scope_token ignored;
    if (type.len) (void)snprintf(h->type, sizeof h->type, "%.*s", STR_ARG(type));
    if (!str_eq(verb, S("find")) && !str_eq(verb, S("put"))) access_asked(tx, S("record"), h->id, 0); /* as a page's address does */
    access_tried(tx, act);
    int rc = access_may(r, who, act, &ignored, e);
    if (!rc) rc = record_registry(r, who, act, str_of(h->type), &g, e);
    if (rc) return rc;
    if (str_eq(verb, S("find"))) rc = do_find(h, tx, r, who, &g, step, e);
    else if (str_eq(verb, S("unmask")))
        rc = record_unmask(tx, r, who, &g, h->id, val_get_str(step, S("purpose")), val_get_str(step, S("opinion")), e);
    else if (str_eq(verb, S("read")) || str_eq(verb, S("clear"))) rc = look(h, tx, r, who, &g, verb, step, e);
    else rc = change(h, tx, r, who, &g, verb, step, e);
    return rc ? rc : expect(h, tx, r, &g, val_get(step, S("expect")), e);
}
