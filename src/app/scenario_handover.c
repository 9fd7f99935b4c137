/* scenario_handover: what a scenario does with what a case came to: handing it over at a window, sending it, rating on the spot
 * (docs/systems.md, cases/). Invariant: each step is the command that the page calls.
 */
#include <stdio.h>

#include "app/demo.h"
#include "engine/item/item_handover.h"
#include "engine/queue/queue.h"
#include "engine/record/record.h"
#include "engine/identity/identity.h"

static const struct {
    struct str verb, act;
} verbs[] = {
    { S_INIT("hand-over"), S_INIT("case.handover") },
    { S_INIT("send-result"), S_INIT("case.handover") },
    { S_INIT("rate-code"), S_INIT("case.rate_code") },
    { S_INIT("offer-rating"), S_INIT("counter.offer") },
};

struct str scenario_handover_act(struct str verb) {
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (str_eq(verbs[i].verb, verb)) return verbs[i].act;
    return S("");
}

struct str scenario_handover_state(const struct item_case *c) {
    const struct val *h = val_get(c->body, S("handover"));
    if (h) return item_handover_state(str_eq(val_get_str(h, S("way")), S("post")) ? 2 : 1);
    return item_handover_waits(c) ? item_handover_state(0) : S("");
}

/* Name and number of the person of a login. */
static int document_of(struct store_tx *tx, const struct realm *r, struct str login, struct item_handover *h, struct err *e) {
    const struct record_type *t = realm_find(r, SYSTEM_RECORD, S("person"), NULL);
    struct actor who;
    struct record rec;
    int64_t account;
    int rc = login.len ? identity_account_by_login(tx, r, login, &account, e) : ERR_NOT_FOUND;
    if (!rc) rc = identity_actor_of(tx, r, account, &who, e);
    if (!rc) rc = t ? record_get(tx, r, t, who.person, &rec, e) : ERR_NOT_FOUND;
    if (rc) return login.len ? rc : 0;
    h->name = val_get_str(rec.values, S("name"));
    h->citizen_id = val_get_str(rec.values, S("citizen_id"));
    return 0;
}

/* All that there is, as who may see it at the window. */
static int all_things(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id, struct val **ret,
                      struct err *e) {
    struct item_case c;
    struct val *view;
    *ret = val_list(store_arena(tx));
    int rc = item_handover_view(tx, r, who, case_id, S("zh"), &view, &c, e);
    const struct val *things = rc ? NULL : val_get(view, S("things"));
    for (size_t i = 0; i < val_count(things); i++)
        val_push(store_arena(tx), *ret, val_str(store_arena(tx), val_get_str(val_item(things, i), S("id"))));
    return rc;
}

static int hand(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id, struct str verb,
                const struct val *step, struct val **errors, struct err *e) {
    struct item_handover h = { .way = str_eq(verb, S("hand-over")) ? S("window") : S("post"),
                               .receiver = val_get_str(step, S("receiver")),
                               .ack = S("signature"),
                               .carrier = val_get_str(step, S("carrier")),
                               .tracking = val_get_str(step, S("tracking")),
                               .address = val_get_str(step, S("address")) };
    struct val *things;
    if (!h.receiver.len) h.receiver = S("self");
    int rc = all_things(tx, r, who, case_id, &things, e);
    if (!rc) rc = document_of(tx, r, val_get_str(step, S("of")), &h, e);
    h.things = things;
    return rc ? rc : item_handover_put(tx, r, who, case_id, &h, errors, e);
}

int scenario_handover(struct scenario_hand *x, struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id,
                      struct str verb, const struct val *step, struct val **errors, struct err *e) {
    const struct queue_hall *h;
    struct item_case c;
    access_tried(tx, scenario_handover_act(verb));
    if (str_eq(scenario_handover_act(verb), S("case.handover"))) return hand(tx, r, who, case_id, verb, step, errors, e);
    int rc = item_case_get(tx, r, NULL, case_id, &c, e);
    if (rc) return rc;
    struct str code = item_rating_code(store_arena(tx), r, &c);
    if (str_eq(verb, S("rate-code"))) {
        struct item_rating g = { .level = val_get_i64(step, S("level"), 0), .text = val_get_str(step, S("opinion")) };
        if (g.level >= 1 && g.level <= ITEM_RATING_LEVELS) g.reasons[g.level] = val_get(step, S("reasons"));
        return item_rate_by_code(tx, r, who, code, &g, errors, e);
    }
    h = queue_hall_find(r, str_of(x->hall));
    return h ? queue_offer(tx, r, who, h, code, e) : err_set(e, ERR_NOT_FOUND, NULL);
}
