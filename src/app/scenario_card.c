/* scenario_card: what a scenario does with cards of supervision (docs/systems.md, cases/). The card is the newest of the case by the rule
 * that the step names. Invariant: each step is the command that the page calls.
 */
#include "app/demo.h"
#include "engine/supervise/supervise.h"

static const struct {
    struct str verb, act, does;
} verbs[] = {
    { S_INIT("explain"), S_INIT("card.explain"), S_INIT("explain") },
    { S_INIT("dispute"), S_INIT("card.explain"), S_INIT("dispute") },
    { S_INIT("close-card"), S_INIT("card.judge"), S_INIT("close") },
    { S_INIT("withdraw-card"), S_INIT("card.judge"), S_INIT("withdraw") },
};

struct str scenario_card_act(struct str verb) {
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (str_eq(verbs[i].verb, verb)) return verbs[i].act;
    return S("");
}

int scenario_card(struct store_tx *tx, const struct realm *r, const struct actor *who,
                  int64_t case_id, struct str verb, const struct val *step, struct err *e) {
    struct str rule = val_get_str(step, S("card")), does = S("");
    struct val *cards;
    const struct val *card = NULL;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (str_eq(verbs[i].verb, verb)) does = verbs[i].does;
    int rc = supervise_of_case(tx, r, case_id, &cards, e);
    for (size_t i = 0; !rc && i < val_count(cards); i++)
        if (str_eq(val_get_str(val_item(cards, i), S("rule")), rule)) card = val_item(cards, i);
    access_asked(tx, S("card"), val_get_i64(card, S("id"), 0), case_id); /* as a page's address does */
    access_tried(tx, scenario_card_act(verb));
    if (!rc && !card) rc = err_set(e, ERR_NOT_FOUND, "%.*s", STR_ARG(rule));
    return rc ? rc
              : supervise_do(tx, r, who, val_get_i64(card, S("id"), 0),
                             val_get_i64(card, S("version"), 0), does,
                             val_get_str(step, S("opinion")), e);
}

int scenario_supervise(struct app *app, struct err *e) {
    bool more = true;
    size_t n;
    int rc = app_sequence(app, false, e);
    while (!rc && more) rc = app_supervise(app, &n, &more, e);
    return rc;
}
