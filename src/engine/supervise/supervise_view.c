/* supervise_view: cards and sums as people see them; see supervise.h. Invariant: a list shows no
 * card that opening would refuse; a board counts none of a unit that the reader does not reach.
 */
#include "engine/supervise/supervise_rows.h"

#include "engine/identity/identity.h"
#include "engine/item/item_facts.h"

static const struct {
    struct str id, title, tone;
} states[] = {
    { S_INIT("open"), S_INIT("待说明"), S_INIT("warn") },
    { S_INIT("explained"), S_INIT("已说明"), S_INIT("brand") },
    { S_INIT("disputed"), S_INIT("有异议"), S_INIT("brand") },
    { S_INIT("closed"), S_INIT("已办结"), S_INIT("ok") },
    { S_INIT("withdrawn"), S_INIT("已撤销"), S_INIT("") },
};
static const struct {
    struct str id, title, tone;
} colors[] = { { S_INIT("yellow"), S_INIT("黄牌"), S_INIT("warn") },
               { S_INIT("red"), S_INIT("红牌"), S_INIT("seal") } };
#define N(x) (sizeof x / sizeof *x)
enum { PATH_UNITS = 16 };

struct str supervise_state(size_t i, struct str *ret_title) {
    *ret_title = i < N(states) ? states[i].title : S("");
    return i < N(states) ? states[i].id : S("");
}

struct str supervise_color(size_t i, struct str *ret_title) {
    *ret_title = i < N(colors) ? colors[i].title : S("");
    return i < N(colors) ? colors[i].id : S("");
}

static void put_words(const struct realm *r, const struct supervise_card *c, struct str lang,
                      struct val *v, struct arena *a) {
    const struct system *m;
    const struct supervise_rule *rule = supervise_rule_find(r, c->system, c->rule, &m);
    for (size_t i = 0; i < N(states); i++) {
        if (!str_eq(states[i].id, c->state)) continue;
        val_put_str(a, v, S("state_text"), realm_text(r, lang, states[i].title));
        val_put_str(a, v, S("tone"), states[i].tone);
    }
    for (size_t i = 0; i < N(colors); i++) {
        if (!str_eq(colors[i].id, c->color)) continue;
        val_put_str(a, v, S("color_text"), realm_text(r, lang, colors[i].title));
        val_put_str(a, v, S("color_tone"), colors[i].tone);
    }
    val_put_str(a, v, S("title"), rule ? system_text(m, lang, rule->title) : c->rule);
    val_put_str(a, v, S("basis"), rule ? system_text(m, lang, rule->basis) : S(""));
}

static int card_view(struct store_tx *tx, const struct realm *r, const struct supervise_card *c,
                     struct str lang, struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct val *v = val_map(a);
    struct str unit = S(""), holder = S("");
    int rc = c->unit ? identity_unit_title(tx, r, c->unit, lang, &unit, e) : 0;
    if (!rc && c->account) rc = identity_account_name(tx, r, c->account, &holder, e);
    if (!rc) rc = item_facts_head(tx, r, c->case_id, lang, v, e);
    if (rc) return rc;
    val_put_i64(a, v, S("id"), c->id);
    val_put_i64(a, v, S("version"), c->version);
    val_put_str(a, v, S("color"), c->color);
    val_put_str(a, v, S("state"), c->state);
    val_put_str(a, v, S("unit"), unit);
    val_put_str(a, v, S("holder"), holder);
    val_put_i64(a, v, S("at_ms"), c->at_ms);
    val_put_i64(a, v, S("issued_ms"), c->issued_ms);
    put_words(r, c, lang, v, a);
    *ret = v;
    return 0;
}

/* ---- lists ---- */

static bool fits(const struct supervise_query *q, const struct supervise_card *c) {
    return (!q->state.len || str_eq(q->state, c->state)) &&
           (!q->color.len || str_eq(q->color, c->color)) &&
           (!q->item.len || str_eq(q->item, c->item)) &&
           (!q->rule.len || str_eq(q->rule, c->rule)) && (!q->account || q->account == c->account);
}

static int begin(struct store_tx *tx, const struct realm *r, const struct actor *who,
                 struct supervise_query *q, struct scope_walk *w, struct err *e) {
    struct scope_token t = { .home = r->home, .n = 1, .id = { who->account } };
    struct scope_order order = { .back = q->back,
                                 .facet = q->state.len   ? SCOPE_A
                                          : q->color.len ? SCOPE_B
                                                         : SCOPE_ANY,
                                 .value = q->state.len ? q->state : q->color };
    bool rest = q->item.len || q->rule.len || q->account || (q->state.len && q->color.len);
    int rc = access_may(r, who, q->mine ? S("card.explain") : S("card.list"),
                        q->mine ? &(struct scope_token){ 0 } : &t, e);
    if (!rc && q->unit) rc = identity_narrow(tx, r, q->unit, &t, e);
    if (rc) return rc;
    struct str list = q->mine ? S("card.own") : S("card");
    scope_walk_begin(w, &t, list, q->key, q->at, q->max, rest);
    w->order = order;
    q->total = SCOPE_UNCOUNTED;
    return q->counted && !rest && !access_conditional(&t)
               ? scope_count(tx, &t, list, &order, &q->total, e)
               : 0;
}

int supervise_list(struct store_tx *tx, const struct realm *r, const struct actor *who,
                   struct supervise_query *q, struct str lang, struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct scope_walk *w = arena_new(a, struct scope_walk);
    struct supervise_card c;
    struct val *v;
    int64_t id = 0;
    *ret = val_list(a);
    int rc = w ? begin(tx, r, who, q, w, e) : err_set(e, ERR_MEMORY, NULL);
    if (!rc) rc = scope_walk_next(tx, w, &id, e);
    while (!rc && id && val_count(*ret) < q->max) {
        q->key = w->key, q->at = id;
        rc = supervise_row_get(tx, r, id, &c, e);
        if (!rc && fits(q, &c)) {
            rc = card_view(tx, r, &c, lang, &v, e);
            val_put_i64(a, v, S("key"), w->key);
            val_push(a, *ret, v);
        }
        if (!rc) rc = scope_walk_next(tx, w, &id, e);
    }
    q->cut = !rc && w->cut && !id;
    return rc;
}

/* ---- one ---- */

static int put_said(struct store_tx *tx, const struct realm *r, const struct supervise_card *c,
                    struct str lang, struct val *into, struct err *e) {
    static const struct str verbs[][2] = { { S_INIT("explain"), S_INIT("作了说明") },
                                           { S_INIT("dispute"), S_INIT("提出异议") },
                                           { S_INIT("close"), S_INIT("办结") },
                                           { S_INIT("withdraw"), S_INIT("撤销") } };
    struct arena *a = store_arena(tx);
    struct val *words;
    int rc = supervise_words(tx, r, c, &words, e);
    for (size_t i = 0; !rc && i < val_count(words); i++) {
        struct val *v = words->u.list.item[i];
        struct str by = S("");
        rc = identity_account_name(tx, r, val_get_i64(v, S("account"), 0), &by, e);
        val_put_str(a, v, S("who"), by);
        val_put_bool(a, v, S("typed"), true);
        for (size_t k = 0; k < N(verbs); k++)
            if (str_eq(val_get_str(v, S("verb")), verbs[k][0]))
                val_put_str(a, v, S("title"), realm_text(r, lang, verbs[k][1]));
    }
    val_put(a, into, S("words"), words);
    return rc;
}

int supervise_view(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id,
                   struct str lang, struct val **ret, struct err *e) {
    static const char *const verbs[] = { "explain", "dispute", "close", "withdraw" };
    struct arena *a = store_arena(tx);
    struct supervise_card c;
    struct val *may = val_map(a);
    struct act act;
    int rc = act_open(&act, tx, r, who, S("card.read"), e);
    if (!rc) rc = supervise_card_open(tx, r, who, id, &c, e);
    if (!rc) rc = card_view(tx, r, &c, lang, ret, e);
    if (!rc) rc = item_facts_view(tx, r, c.case_id, lang, *ret, e);
    if (!rc) rc = put_said(tx, r, &c, lang, *ret, e);
    if (rc) return rc;
    for (size_t i = 0; i < N(verbs); i++)
        val_put_bool(a, may, str_of(verbs[i]), supervise_offers(tx, r, who, id, str_of(verbs[i])));
    val_put(a, *ret, S("may"), may);
    act.reached = 0;
    return act_close(&act, S("card"), id, c.case_id, S(""), e);
}

/* ---- the board ---- */

static int put_rows(struct store_tx *tx, const struct realm *r, const struct scope_token *t,
                    int64_t month, const char *kind, struct str lang, struct val *into,
                    struct err *e) {
    struct arena *a = store_arena(tx);
    struct val *sums, *list = val_list(a);
    int rc = supervise_sums(tx, r, month, str_of(kind), &sums, e);
    for (size_t i = 0; !rc && i < val_count(sums); i++) {
        struct val *v = sums->u.list.item[i];
        int64_t path[PATH_UNITS], unit = val_get_i64(v, S("unit"), 0), id = 0;
        struct str object = val_get_str(v, S("object")), title = object, of = S("");
        const struct system *m;
        size_t n = 0;
        struct err ignored;
        if (unit) rc = identity_unit_path(tx, r, unit, path, PATH_UNITS, &n, e);
        if (rc || access_under(t, path, n, &ignored)) continue;
        if (unit) rc = identity_unit_title(tx, r, unit, lang, &of, e);
        const struct item_type *item = realm_find(r, SYSTEM_ITEM, object, &m);
        if (str_eq(str_of(kind), S("item")))
            title = item ? system_text(m, lang, item->name) : object;
        else if (str_eq(str_of(kind), S("unit"))) title = of;
        else if (!rc && str_to_i64(object, &id)) rc = identity_account_name(tx, r, id, &title, e);
        val_put_str(a, v, S("title"), title);
        val_put_i64(a, v, S("unit_id"), unit);
        val_put_str(a, v, S("unit"), of);
        val_push(a, list, v);
    }
    val_put(a, into, str_of(kind), list);
    return rc;
}

int supervise_board(struct store_tx *tx, const struct realm *r, const struct actor *who,
                    int64_t month, struct str lang, struct val **ret, struct err *e) {
    static const char *const kinds[] = { "unit", "person", "item" };
    struct scope_token t;
    int rc = access_may(r, who, S("card.list"), &t, e);
    *ret = val_map(store_arena(tx));
    if (!month) month = realm_month(r, store_now_ms(tx));
    for (size_t i = 0; !rc && i < N(kinds); i++)
        rc = put_rows(tx, r, &t, month, kinds[i], lang, *ret, e);
    return rc;
}
