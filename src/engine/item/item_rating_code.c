/* item_rating_code: rating on the spot (现场评价), by whoever has just fetched a result and need not have an account; see item.h.
 * Invariants
 *  1. A code is the case's number of a draft (item_resume.h) with 96 bits of a MAC over the case and the moment of its hand-over: it
 *     cannot be guessed, needs no table, and is worth nothing once the case was rated or its days are over.
 *  2. It opens one case's rating and tells of the case what it is about and its number, of nobody anything.
 *  3. No officer who hands over uses one while he is signed in, whoever's it is. The slip that he prints holds it: it shows that somebody
 *     had the slip, and not who.
 */
#include "engine/item/item_handover_impl.h"
#include "engine/item/item_resume.h"
#include "engine/item/item_rows.h"

enum { MARK_BYTES = 12, MARK_CHARS = 16, DAY_MS = 86400000 };

static int64_t handed_ms(const struct item_case *c) {
    const struct val *h = val_get(c->body, S("handover"));
    return str_eq(val_get_str(h, S("way")), S("window")) ? val_get_i64(h, S("at_ms"), 0) : 0;
}

static struct str mark_of(struct arena *a, const struct realm *r, const struct item_case *c) {
    struct digest d;
    const struct str parts[] = { S("rating\n"), arena_i64(a, r->home.v), S("\n"), arena_i64(a, c->id), S("\n"),
                                 arena_i64(a, handed_ms(c)) };
    mac(r->keys.suite, r->keys.token, parts, sizeof parts / sizeof *parts, &d);
    return crypto_base64url(a, str_make((const char *)d.v, MARK_BYTES));
}

struct str item_rating_code(struct arena *a, const struct realm *r, const struct item_case *c) {
    return handed_ms(c) ? ARENA_CAT(a, item_draft_number(a, c->id), S("."), mark_of(a, r, c)) : S("");
}

int item_rating_code_of(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id, struct str *ret,
                        struct err *e) {
    struct act look = { .tx = tx, .realm = r, .who = who };
    struct item_case c;
    access_asked(tx, S("case"), case_id, case_id);
    int rc = access_may(r, who, S("case.handover"), &look.scope, e);
    look.scope.reached = &look.reached;
    if (!rc) rc = item_handover_reach(&look, case_id, &c, e);
    if (rc) return rc;
    *ret = item_rating_code(store_arena(tx), r, &c);
    return ret->len ? 0 : err_set(e, ERR_STATE, "在窗口领取结果的才能当场评价");
}

static int open_code(struct act *act, struct str code, struct item_case *c, struct err *e) {
    struct arena *a = store_arena(act->tx);
    struct scope_token hands;
    struct str mark = code, number;
    int64_t id = 0;
    bool whole = str_cut(&mark, '.', &number) && mark.len == MARK_CHARS && item_draft_number_read(a, number, &id);
    int rc = whole ? item_case_get(act->tx, act->realm, NULL, id, c, e) : err_set(e, ERR_NOT_FOUND, NULL);
    if (!rc && (!handed_ms(c) || !str_eq_secret(mark, mark_of(a, act->realm, c)))) rc = err_set(e, ERR_NOT_FOUND, NULL);
    if (rc) return rc;
    access_asked(act->tx, S("case"), c->id, c->id);
    act->release = c->release;
    act->subject = c->person;
    if (store_now_ms(act->tx) > handed_ms(c) + (int64_t)ITEM_RATING_CODE_DAYS * DAY_MS)
        return err_set(e, ERR_STATE, "评价码过期了；登录后在“我的办件”里还可以评价");
    if (act->who->account && access_may(act->realm, act->who, S("case.handover"), &hands, NULL) == 0)
        return err_set(e, ERR_STATE, "评价由办事人自己填，工作人员不能代填");
    return 0;
}

int item_rating_code_open(struct store_tx *tx, const struct realm *r, const struct actor *who, struct str code, struct item_case *ret,
                          bool *rated, struct err *e) {
    struct act act = { .tx = tx, .realm = r, .who = who };
    struct scope_token any;
    struct val *g = NULL;
    int rc = access_may(r, who, S("case.rate_code"), &any, e);
    if (!rc) rc = open_code(&act, code, ret, e);
    if (!rc) rc = item_rating_get(tx, r, ret, &g, e);
    *rated = g != NULL;
    return rc;
}

int item_rate_by_code(struct store_tx *tx, const struct realm *r, const struct actor *who, struct str code, const struct item_rating *g,
                      struct val **errors, struct err *e) {
    struct act act;
    struct item_case c;
    int rc = act_open(&act, tx, r, who, S("case.rate_code"), e);
    if (!rc) rc = open_code(&act, code, &c, e);
    return rc ? rc : item_rate_case(&act, &c, g, errors, e);
}
