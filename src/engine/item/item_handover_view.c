/* item_handover_view: what the window sees of a case that is handed over, the list of what waits, and what its log tells of it; see
 * item_handover.h. Invariant: a list tells no name whole; one case's look is an entry that the applicant finds.
 */
#include "engine/item/item_handover_impl.h"

#include "data/po.h"
#include "engine/code/code_check.h"
#include "engine/item/item_rows.h"
#include "engine/notify/notify_out.h"
#include "engine/paper/paper.h"
#include "engine/record/record.h"

STORE_STMT(item_handover_sum_of_all, STORE_READS,
           "SELECT account, way, n FROM item_handover_sum WHERE home = ? AND unit = ? AND day = ? ORDER BY account, way LIMIT ?");
STORE_STMT(item_handover_sum_of, STORE_READS,
           "SELECT account, way, n FROM item_handover_sum WHERE home = ? AND unit = ? AND day = ? AND account = ? ORDER BY way LIMIT ?");

enum { DAY_MS = 86400000, OTHERS_MAX = 10 };

static const struct {
    struct str state, text, tone;
} states[] = { { S_INIT("waits"), S_INIT("等待领取"), S_INIT("warn") },
               { S_INIT("fetched"), S_INIT("已领取"), S_INIT("ok") },
               { S_INIT("posted"), S_INIT("已寄出"), S_INIT("ok") } };
enum { STATES = sizeof states / sizeof *states };

struct str item_handover_state(size_t i) {
    return i < STATES ? states[i].state : S("");
}

struct str item_handover_state_text(const struct realm *r, struct str lang, struct str state) {
    for (size_t i = 0; i < STATES; i++)
        if (str_eq(states[i].state, state)) return realm_text(r, lang, states[i].text);
    return state;
}

/* What it is now; whatever the facet of its row says. */
static size_t standing(const struct item_case *c) {
    const struct val *done = val_get(c->body, S("handover"));
    return !done ? 0 : str_eq(val_get_str(done, S("way")), S("post")) ? 2 : 1;
}

/* ---- things ---- */

static void push(struct arena *a, struct val *list, struct str id, struct str title, struct str note) {
    struct val *v = val_map(a);
    val_put_str(a, v, S("id"), id);
    val_put_str(a, v, S("title"), title);
    val_put_str(a, v, S("note"), note);
    val_push(a, list, v);
}

int item_handover_things(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct str lang, struct val **ret,
                         struct err *e) {
    struct arena *a = store_arena(tx);
    struct val *papers;
    *ret = val_list(a);
    int rc = paper_of_case(tx, r, c->id, &papers, e);
    for (size_t i = 0; !rc && i < val_count(papers); i++) {
        const struct val *p = val_item(papers, i);
        if (!val_get_bool(p, S("is_valid"), false)) continue;
        push(a, *ret, arena_fmt(a, "paper-%lld", (long long)val_get_i64(p, S("id"), 0)),
             system_text(c->system, lang, val_get_str(p, S("title"))), val_get_str(p, S("number")));
    }
    for (size_t i = 0; !rc && i < c->type->n_materials; i++) {
        const struct item_material *m = &c->type->material[i];
        if (!item_received(c, m->id)) continue;
        push(a, *ret, ARENA_CAT(a, S("material-"), m->id), system_text(c->system, lang, m->name), realm_text(r, lang, S("退还收到的原件")));
    }
    return rc;
}

static bool in_list(const struct val *list, struct str id) {
    for (size_t i = 0; i < val_count(list); i++)
        if (str_eq(val_text(val_item(list, i)), id)) return true;
    return false;
}

/* Those that were handed over, as one line and as a list. */
static struct val *given(const struct val *all, const struct val *ids, struct arena *a) {
    struct val *list = val_list(a);
    for (size_t i = 0; i < val_count(all); i++)
        if (in_list(ids, val_get_str(val_item(all, i), S("id")))) val_push(a, list, all->u.list.item[i]);
    return list;
}

/* ---- words ---- */

static struct str relation(const struct realm *r, struct str receiver, struct str lang) {
    static const struct str words[][2] = { { S_INIT("self"), S_INIT("申请人本人") },
                                           { S_INIT("mandate"), S_INIT("有代办授权的人") },
                                           { S_INIT("letter"), S_INIT("凭授权委托书") } };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_eq(words[i][0], receiver)) return realm_text(r, lang, words[i][1]);
    return S("");
}

static struct str acknowledged(const struct realm *r, struct str ack, struct str lang) {
    if (!ack.len) return S("");
    return realm_text(r, lang, str_eq(ack, S("code")) ? S("短信验证码") : S("在送达回证上签字"));
}

struct str item_handover_text(const struct realm *r, const struct val *ev, struct str lang, struct arena *a) {
    const bool posted = str_eq(val_get_str(ev, S("reason")), S("post"));
    struct val *v = val_map(a);
    struct str pattern = posted ? S("由{carrier}寄出，物流单号 {tracking}") : S("领取人：{name}（{relation}）；签收：{ack}");
    val_put_str(a, v, S("carrier"), val_get_str(ev, S("carrier")));
    val_put_str(a, v, S("tracking"), val_get_str(ev, S("tracking")));
    val_put_str(a, v, S("name"), val_get_str(ev, S("fetched_by")));
    val_put_str(a, v, S("relation"), relation(r, val_get_str(ev, S("receiver")), lang));
    val_put_str(a, v, S("ack"), acknowledged(r, val_get_str(ev, S("ack")), lang));
    return po_fill(a, realm_text(r, lang, pattern), v);
}

/* ---- one case ---- */

static int handed_view(struct store_tx *tx, const struct realm *r, const struct item_case *c, const struct val *all, struct str lang,
                       struct val *into, struct err *e) {
    struct arena *a = store_arena(tx);
    const struct val *h = val_get(c->body, S("handover"));
    struct val *v = val_map(a);
    struct str by = S(""), id = val_get_str(h, S("citizen_id"));
    if (!h) return 0;
    int rc = identity_account_name(tx, r, val_get_i64(h, S("by"), 0), &by, e);
    val_put_str(a, v, S("way"), val_get_str(h, S("way")));
    val_put_bool(a, v, S("posted"), standing(c) == 2);
    val_put_str(a, v, S("state_text"), item_handover_state_text(r, lang, states[standing(c)].state));
    val_put_str(a, v, S("at"), realm_time(r, a, lang, val_get_i64(h, S("at_ms"), 0)));
    val_put_str(a, v, S("by"), by);
    val_put_str(a, v, S("to"), val_get_str(h, S("name")));
    val_put_str(a, v, S("id_masked"), id.len ? code_mask(a, S("citizen-id"), id) : S(""));
    val_put_str(a, v, S("relation"), relation(r, val_get_str(h, S("receiver")), lang));
    val_put_str(a, v, S("ack"), acknowledged(r, val_get_str(h, S("ack")), lang));
    val_put_bool(a, v, S("is_signed"), str_eq(val_get_str(h, S("ack")), S("signature")));
    static const char *const same[] = { "carrier", "tracking", "address", NULL };
    for (const char *const *k = same; *k; k++) val_put_str(a, v, str_of(*k), val_get_str(h, str_of(*k)));
    val_put(a, v, S("things"), given(all, val_get(h, S("things")), a));
    val_put(a, into, S("handed"), v);
    return rc;
}

/* What else waits for the same applicant. */
static int others_view(struct act *act, const struct item_case *c, struct str lang, struct val **ret, struct err *e) {
    struct store_tx *tx = act->tx;
    const struct realm *r = act->realm;
    struct arena *a = store_arena(tx);
    const struct scope_token own = { .home = r->home, .id = { item_owner(c) }, .n = 1 };
    const struct scope_order waiting = { .back = true, .facet = SCOPE_A, .value = states[0].state };
    int64_t ids[OTHERS_MAX], keys[OTHERS_MAX];
    size_t n = 0;
    *ret = val_list(a);
    int rc = scope_page(tx, &own, S("handover"), &waiting, 0, 0, ids, keys, OTHERS_MAX, &n, e);
    for (size_t i = 0; !rc && i < n; i++) {
        struct item_case other;
        if (ids[i] == c->id) continue;
        rc = item_case_get(tx, r, NULL, ids[i], &other, e);
        if (rc || !item_handover_waits(&other) || access_covers(&act->scope, other.division, NULL)) continue;
        if (act_check(act, item_case_object(a, &other), NULL)) continue;
        val_push(a, *ret, item_head_view(r, &other, lang, a));
    }
    return rc;
}

/* Where it would be sent: as registered. */
static struct str address_of(const struct item_case *c) {
    struct str own = val_text(val_path(c->body, c->company ? S("prefill.company.address") : S("prefill.applicant.address")));
    return own.len ? own : val_text(val_path(c->body, S("prefill.applicant.address")));
}

static int whom_view(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct val *v, struct err *e) {
    struct arena *a = store_arena(tx);
    struct str id = val_text(val_path(c->body, S("prefill.applicant.citizen_id")));
    struct item_reached his = { .phone = S("") };
    int rc = item_reached(tx, r, c, &his, e);
    val_put_str(a, v, S("person"), val_text(val_path(c->body, S("prefill.applicant.name"))));
    val_put_str(a, v, S("id_masked"), id.len ? code_mask(a, S("citizen-id"), id) : S(""));
    val_put_bool(a, v, S("over"), c->company && his.over);
    val_put_str(a, v, S("phone"), his.phone.len && notify_gateway(r, NOTIFY_SMS) ? code_mask(a, S("mobile"), his.phone) : S(""));
    return rc;
}

int item_handover_view(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id, struct str lang,
                       struct val **ret, struct item_case *c, struct err *e) {
    struct arena *a = store_arena(tx);
    struct val *things, *others, *rating = NULL;
    struct act act;
    access_asked(tx, S("case"), case_id, case_id);
    int rc = act_open(&act, tx, r, who, S("case.handover"), e);
    if (!rc) rc = item_handover_reach(&act, case_id, c, e);
    if (!rc) rc = item_handover_things(tx, r, c, lang, &things, e);
    if (!rc) rc = others_view(&act, c, lang, &others, e);
    if (!rc) rc = item_rating_get(tx, r, c, &rating, e);
    if (rc) return rc;
    struct val *v = *ret = item_head_view(r, c, lang, a);
    rc = whom_view(tx, r, c, v, e);
    if (!rc) rc = handed_view(tx, r, c, things, lang, v, e);
    val_put(a, v, S("things"), things);
    val_put(a, v, S("others"), others);
    val_put_bool(a, v, S("rated"), rating != NULL);
    val_put_bool(a, v, S("may_post"), val_get_bool(c->type->about, S("express"), false));
    val_put_str(a, v, S("address"), address_of(c));
    val_put_i64(a, v, S("days"), (store_now_ms(tx) - c->ended_ms) / DAY_MS);
    return rc ? rc : act_close(&act, S("case"), c->id, c->id, S("shown"), e);
}

/* ---- many ---- */

static struct val *row_of(struct store_tx *tx, const struct realm *r, const struct item_case *c, int64_t key, struct str lang) {
    struct arena *a = store_arena(tx);
    struct val *v = item_head_view(r, c, lang, a);
    const size_t is = standing(c);
    if (!c->company) val_put_str(a, v, S("applicant"), code_mask(a, S("person-name"), val_get_str(v, S("applicant"))));
    val_put_i64(a, v, S("key"), key);
    val_put_i64(a, v, S("since_ms"), c->ended_ms);
    val_put_i64(a, v, S("days"), (store_now_ms(tx) - c->ended_ms) / DAY_MS);
    val_put_i64(a, v, S("reminded_ms"), val_get_i64(val_get(c->body, S("collect")), S("reminded_ms"), 0));
    val_put_str(a, v, S("state"), states[is].state);
    val_put_str(a, v, S("state_text"), realm_text(r, lang, states[is].text));
    val_put_str(a, v, S("tone"), states[is].tone);
    return v;
}

int item_handovers(struct store_tx *tx, const struct realm *r, const struct actor *who, struct item_handover_query *q, struct str lang,
                   struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct scope_walk *w = arena_new(a, struct scope_walk);
    struct scope_token t;
    struct scope_order order = { .back = !q->back, .facet = q->state.len ? SCOPE_A : q->item.len ? SCOPE_B : SCOPE_ANY };
    const bool both = q->state.len && q->item.len;
    int64_t id = 0;
    order.value = q->state.len ? q->state : q->item;
    *ret = val_list(a);
    q->total = SCOPE_UNCOUNTED;
    int rc = w ? access_may(r, who, S("case.handover"), &t, e) : err_set(e, ERR_MEMORY, NULL);
    if (rc) return rc;
    scope_walk_begin(w, &t, S("handover"), q->at.key, q->at.id, q->max, order.facet != SCOPE_ANY);
    w->order = order;
    while (!rc && val_count(*ret) < q->max) {
        struct item_case c;
        rc = scope_walk_next(tx, w, &id, e);
        if (rc || id == 0) break;
        rc = item_case_get(tx, r, NULL, id, &c, e);
        if (rc || !scope_walk_check(w, item_case_object(a, &c), a) || access_covers(&t, c.division, NULL)) continue;
        if ((q->state.len && !str_eq(q->state, states[standing(&c)].state)) || (q->item.len && !str_eq(q->item, c.item))) continue;
        val_push(a, *ret, row_of(tx, r, &c, w->key, lang));
    }
    q->at = (struct item_place){ w->key, w->object, w->cut };
    if (!rc && !w->conditional && !both) rc = scope_count(tx, &t, S("handover"), &order, &q->total, e);
    return rc;
}

int item_handed_on(struct store_tx *tx, const struct realm *r, int64_t unit, int64_t day, int64_t account, struct item_handed *out,
                   size_t *n, struct err *e) {
    struct store_rows *rows;
    *n = 0;
    int rc = account ? store_query(tx, &item_handover_sum_of, &rows, e, SV_I(r->home.v), SV_I(unit), SV_I(day), SV_I(account),
                                   SV_I(ITEM_HANDED_MAX + 1))
                     : store_query(tx, &item_handover_sum_of_all, &rows, e, SV_I(r->home.v), SV_I(unit), SV_I(day),
                                   SV_I(ITEM_HANDED_MAX + 1));
    bool over = false;
    while (!rc && store_next(rows)) {
        over |= *n == ITEM_HANDED_MAX;
        if (over) continue;
        out[(*n)++] = (struct item_handed){ .account = store_i64(rows, 0), .way = arena_str(store_arena(tx), store_text(rows, 1)),
                                            .n = store_i64(rows, 2) };
    }
    if (!rc) rc = store_end(rows, e);
    return !rc && over ? err_set(e, ERR_LIMIT, "%d", ITEM_HANDED_MAX) : rc;
}
