/* scenario_deputy: what a scenario does about who stands in for whom (docs/systems.md, cases/). Of several the one is meant that ends last
 * among those that the step could be done to. Invariant: each step is the command that the page calls.
 */
#include "app/demo.h"
#include "engine/deputy/deputy.h"
#include "engine/identity/identity.h"

enum { LOOKED_MAX = 20 };

static const struct {
    struct str verb, act;
} verbs[] = {
    { S_INIT("name-deputy"), S_INIT("deputy.name") },
    { S_INIT("appoint-deputy"), S_INIT("deputy.appoint") },
    { S_INIT("accept-deputy"), S_INIT("deputy.answer") },
    { S_INIT("decline-deputy"), S_INIT("deputy.answer") },
    { S_INIT("end-deputy"), S_INIT("deputy.end") },
};

struct str scenario_deputy_act(struct str verb) {
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (str_eq(verbs[i].verb, verb)) return verbs[i].act;
    return S("");
}

static int name(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t to, const struct val *step, struct err *e) {
    struct arena *a = store_arena(tx);
    const struct val *list = val_get(step, S("matters"));
    struct str *matters = arena_array(a, val_count(list) + 1, sizeof *matters), of = val_get_str(step, S("of"));
    int64_t absent = 0, id;
    if (!matters) return err_set(e, ERR_MEMORY, NULL);
    for (size_t i = 0; i < val_count(list); i++) matters[i] = val_text(val_item(list, i));
    struct civil_date today = tz_date(r->tz, store_now_ms(tx));
    const struct civil_date last = { today.day + (int32_t)val_get_i64(step, S("days"), 1) - 1 };
    int rc = of.len ? identity_account_by_login(tx, r, of, &absent, e) : 0;
    const struct deputy_offer o = { .principal = absent, .to = to, .from = today, .until = last, .matters = matters,
                                    .n_matters = val_count(list), .reason = val_get_str(step, S("opinion")) };
    return rc ? rc : deputy_name(tx, r, who, &o, &id, e);
}

/* What one was asked, else what one asked for. */
static int64_t find(struct store_tx *tx, const struct realm *r, const struct actor *who, bool answer) {
    static const enum deputy_of lists[] = { DEPUTY_HELD, DEPUTY_GIVEN };
    struct err none;
    bool open = false;
    int64_t found = 0;
    for (size_t k = 0; k < sizeof lists / sizeof *lists && !open; k++) {
        struct deputy_query q = { .of = lists[k], .max = LOOKED_MAX };
        struct deputy *all;
        size_t n;
        if (deputy_list(tx, r, who, &q, &all, &n, &none)) continue; /* that he may not is the command's to tell */
        for (size_t i = 0; i < n && !open; i++) {
            open = answer ? deputy_may_answer(&all[i], who, store_now_ms(tx)) : deputy_may_end(&all[i], store_now_ms(tx));
            if (open || !found) found = all[i].id;
        }
    }
    return found;
}

int scenario_deputy(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t to, struct str verb,
                    const struct val *step, struct err *e) {
    if (str_eq(verb, S("name-deputy")) || str_eq(verb, S("appoint-deputy"))) return name(tx, r, who, to, step, e);
    bool answer = str_eq(scenario_deputy_act(verb), S("deputy.answer"));
    int64_t id = find(tx, r, who, answer);
    return answer ? deputy_answer(tx, r, who, id, str_eq(verb, S("accept-deputy")), e) : deputy_end(tx, r, who, id, e);
}
