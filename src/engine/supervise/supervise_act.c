/* supervise_act: what the log says is gathered for the judge, what he says is done; and what people
 * do with a card. See supervise.h.
 *
 * Invariants: 1. A card and its act are one transaction; an occasion that has its card leaves no
 * act. 2. A look is no card: it only says when a case must be judged again, and is worked out anew
 * from its facts each time.
 */
#include "engine/supervise/supervise_rows.h"

#include "engine/audit/audit.h"
#include "engine/identity/identity.h"
#include "engine/item/item_facts.h"
#include "engine/notify/notify.h"

enum { PATH_MAX_UNITS = 16, HEADS_MAX = 8 };

/* ---- gathering ---- */

static struct val *rules_of(const struct realm *r, struct arena *a, int64_t *left) {
    static const char *const when[] = { "late", "soon", "count" };
    const struct system **all;
    size_t n = r->systems.active(r->systems.context, &all);
    struct val *list = val_list(a);
    *left = 0;
    for (size_t i = 0; i < n; i++) {
        const struct map *m = &all[i]->part[SYSTEM_CARD];
        for (size_t k = 0; k < m->n; k++) {
            const struct supervise_rule *rule = m->entry[k].value;
            struct val *v = val_map(a);
            val_put_str(a, v, S("system"), all[i]->id);
            val_put_str(a, v, S("id"), rule->id);
            val_put_str(a, v, S("color"), rule->color);
            val_put_str(a, v, S("when"), str_of(when[rule->when]));
            val_put_str(a, v, S("of"), rule->of);
            val_put_i64(a, v, S("n"), rule->n);
            val_put_bool(a, v, S("to_unit"), rule->to_unit);
            val_push(a, list, v);
            if (rule->when == SUPERVISE_SOON && rule->n > *left) *left = rule->n;
        }
    }
    return list;
}

static int put_case(struct store_tx *tx, const struct realm *r, int64_t id, int64_t left,
                    struct val *cases, struct err *e) {
    struct arena *a = store_arena(tx);
    struct val *v = val_map(a), *facts, *known;
    int64_t look_ms;
    for (size_t i = 0; i < val_count(cases); i++)
        if (val_get_i64(val_item(cases, i), S("id"), 0) == id) return 0;
    int rc = item_facts(tx, r, id, left, &facts, e);
    if (!rc) rc = supervise_look_get(tx, r, id, &look_ms, e);
    if (!rc) rc = supervise_rows_known(tx, r, id, &known, e);
    if (rc) return rc;
    val_put_i64(a, v, S("id"), id);
    val_put_i64(a, v, S("look_ms"), look_ms);
    val_put(a, v, S("known"), known);
    if (facts) val_put(a, v, S("facts"), facts);
    val_push(a, cases, v);
    return 0;
}

static void put_leaf(struct arena *a, struct val *v, const struct digest *leaf) {
    struct buf hex;
    buf_init(&hex, a, 2 * DIGEST_BYTES + 1, 2 * DIGEST_BYTES + 1);
    buf_add_hex(&hex, leaf->v, DIGEST_BYTES);
    val_put_str(a, v, S("leaf"), buf_str(&hex));
}

/* The entries behind `number`, and the leaf of that one. */
static int put_entries(struct store_tx *tx, const struct realm *r, int64_t number, struct val *q,
                       struct err *e) {
    struct arena *a = store_arena(tx);
    struct val *list = val_list(a);
    struct audit_row *row = arena_array(a, SUPERVISE_PAGE_MAX, sizeof *row);
    size_t n = 0;
    int rc = row ? 0 : err_set(e, ERR_MEMORY, NULL);
    if (!rc && number) rc = audit_seq_after(tx, r->home, number - 1, row, 1, &n, e);
    if (n && row->number == number) put_leaf(a, q, &row->leaf);
    if (!rc) rc = audit_seq_after(tx, r->home, number, row, SUPERVISE_PAGE_MAX, &n, e);
    for (size_t i = 0; !rc && i < n; i++) {
        struct val *v = val_map(a);
        bool card = row[i].outcome == AUDIT_OK && str_eq(row[i].entry.act, S("card.issue"));
        val_put_i64(a, v, S("number"), row[i].number);
        val_put_i64(a, v, S("case_id"), row[i].outcome == AUDIT_OK ? row[i].entry.case_id : 0);
        put_leaf(a, v, &row[i].leaf);
        if (card) val_put_str(a, v, S("occasion"), row[i].entry.detail);
        val_push(a, list, v);
    }
    val_put(a, q, S("entries"), list);
    val_put_i64(a, q, S("number"), number);
    return rc;
}

int supervise_gather(struct store_tx *tx, const struct realm *r, int64_t number, struct val **ret,
                     struct err *e) {
    struct arena *a = store_arena(tx);
    struct val *q = val_map(a), *cases = val_list(a);
    int64_t due[SUPERVISE_LOOKS_MAX], left;
    size_t n_due;
    struct val *rules = rules_of(r, a, &left);
    int rc = put_entries(tx, r, number, q, e);
    if (!rc) rc = supervise_looks_due(tx, r, due, SUPERVISE_LOOKS_MAX, &n_due, e);
    for (size_t i = 0; !rc && i < n_due; i++) rc = put_case(tx, r, due[i], left, cases, e);
    const struct val *entries = val_get(q, S("entries"));
    for (size_t i = 0; !rc && i < val_count(entries); i++) {
        int64_t id = val_get_i64(val_item(entries, i), S("case_id"), 0);
        if (id) rc = put_case(tx, r, id, left, cases, e);
    }
    val_put(a, q, S("rules"), rules);
    val_put(a, q, S("cases"), cases);
    *ret = q;
    return rc;
}

/* ---- issuing ---- */

static struct val *card_object(const struct realm *r, const struct supervise_card *c,
                               struct arena *a) {
    const struct system *m = NULL;
    struct val *v = val_map(a), *systems = val_list(a);
    (void)realm_find(r, SYSTEM_ITEM, c->item, &m);
    val_push(a, systems, val_str(a, m ? m->id : c->system));
    for (size_t i = 0; m && i < m->n_needs; i++) val_push(a, systems, val_str(a, m->needs[i]->id));
    val_put(a, v, S("systems"), systems);
    val_put_str(a, v, S("state"), c->state);
    val_put_str(a, v, S("item"), c->item);
    val_put_i64(a, v, S("unit"), c->unit);
    return v;
}

static int place(struct store_tx *tx, const struct realm *r, const struct supervise_card *c,
                 struct err *e) {
    const struct scope_keys keys = {
        .first = c->issued_ms, .second = c->at_ms, .a = c->state, .b = c->color
    };
    int64_t path[PATH_MAX_UNITS];
    size_t n = 0;
    int rc = scope_place(tx, r->home, S("card"), r->home.v, &keys, c->id, e);
    if (!rc && c->unit) rc = identity_unit_path(tx, r, c->unit, path, PATH_MAX_UNITS, &n, e);
    for (size_t i = 0; !rc && i < n; i++)
        rc = scope_place(tx, r->home, S("card"), path[i], &keys, c->id, e);
    return rc || !c->account ? rc
                             : scope_place(tx, r->home, S("card.own"), c->account, &keys, c->id, e);
}

/* The notice goes to who answers for it: who has it, else the unit's heads. */
static int tell(struct act *act, const struct supervise_card *c, struct str notice, struct str text,
                struct err *e) {
    struct arena *a = store_arena(act->tx);
    const struct system *m;
    const struct supervise_rule *rule = supervise_rule_find(act->realm, c->system, c->rule, &m);
    struct val *v = val_map(a);
    int64_t to[HEADS_MAX] = { c->account };
    size_t n = 1;
    int rc = 0;
    if (!rule || !system_find(m, SYSTEM_NOTICE, notice)) return 0;
    if (!c->account)
        rc = identity_holders(act->tx, act->realm, S("unit-head"), c->unit, to, HEADS_MAX, &n, e);
    val_put_str(a, v, S("rule"), rule->title);
    val_put_str(a, v, S("basis"), rule->basis);
    val_put_str(a, v, S("text"), text);
    for (size_t i = 0; !rc && i < n; i++) rc = notify_send(act, m, notice, to[i], 0, v, e);
    return rc;
}

static int issue(struct store_tx *tx, const struct realm *r, const struct val *v, size_t *n,
                 struct err *e) {
    struct actor who = supervise_actor();
    struct act act;
    bool fresh = false;
    struct supervise_card c = { .id = store_new_id(tx),
                                .occasion = val_get_str(v, S("occasion")),
                                .system = val_get_str(v, S("system")),
                                .rule = val_get_str(v, S("rule")),
                                .color = val_get_str(v, S("color")),
                                .item = val_get_str(v, S("item")),
                                .state = S("open"),
                                .case_id = val_get_i64(v, S("case_id"), 0),
                                .task = val_get_i64(v, S("task"), 0),
                                .unit = val_get_i64(v, S("unit"), 0),
                                .account = val_get_i64(v, S("account"), 0),
                                .at_ms = val_get_i64(v, S("at_ms"), 0),
                                .issued_ms = store_now_ms(tx),
                                .changed_ms = store_now_ms(tx) };
    int rc = act_open(&act, tx, r, &who, S("card.issue"), e);
    if (!rc) rc = act_check(&act, card_object(r, &c, store_arena(tx)), e);
    if (!rc) rc = supervise_row_insert(tx, r, &c, &fresh, e);
    if (rc || !fresh) return rc;
    rc = place(tx, r, &c, e);
    if (!rc) rc = supervise_sum_add(tx, r, &c, SUPERVISE_ISSUED, e);
    if (!rc) rc = tell(&act, &c, S("card-issued"), S(""), e);
    if (!rc) rc = act_close(&act, S("card"), c.id, c.case_id, c.occasion, e);
    *n += rc == 0;
    return rc;
}

bool supervise_says(const struct val *answer) {
    return val_count(val_get(answer, S("cards"))) || val_count(val_get(answer, S("looks")));
}

int supervise_commit(struct store_tx *tx, const struct realm *r, const struct val *answer,
                     size_t *ret_n, struct err *e) {
    const struct val *cards = val_get(answer, S("cards")), *looks = val_get(answer, S("looks"));
    int rc = 0;
    *ret_n = 0;
    for (size_t i = 0; !rc && i < val_count(cards); i++)
        rc = issue(tx, r, val_item(cards, i), ret_n, e);
    for (size_t i = 0; !rc && i < val_count(looks); i++)
        rc = supervise_look_put(tx, r, val_get_i64(val_item(looks, i), S("case_id"), 0),
                                val_get_i64(val_item(looks, i), S("look_ms"), 0), e);
    return rc;
}

/* ---- what people do with a card ---- */

static const struct verb {
    struct str verb, power, to, notice;
    enum supervise_told told;
} verbs[] = {
    { S_INIT("explain"), S_INIT("card.explain"), S_INIT("explained"), S_INIT(""),
      SUPERVISE_ISSUED },
    { S_INIT("dispute"), S_INIT("card.explain"), S_INIT("disputed"), S_INIT(""), SUPERVISE_ISSUED },
    { S_INIT("close"), S_INIT("card.judge"), S_INIT("closed"), S_INIT("card-closed"),
      SUPERVISE_CLOSED },
    { S_INIT("withdraw"), S_INIT("card.judge"), S_INIT("withdrawn"), S_INIT("card-withdrawn"),
      SUPERVISE_WITHDRAWN },
};

static bool over(const struct supervise_card *c) {
    return str_eq(c->state, S("closed")) || str_eq(c->state, S("withdrawn"));
}

static bool answered(const struct supervise_card *c) {
    return !str_eq(c->state, S("open"));
}

/* One's own card, or one that a grant of `t` reaches. */
static int reach(struct store_tx *tx, const struct realm *r, const struct actor *who,
                 struct scope_token *t, bool own, int64_t id, struct supervise_card *c,
                 struct err *e) {
    uint32_t reached = 0;
    struct err ignored;
    access_asked(tx, S("card"), id, 0);
    int rc = supervise_row_get(tx, r, id, c, e);
    if (rc || (own && c->account && c->account == who->account)) return rc;
    t->reached = &reached;
    rc = scope_reaches(tx, t, S("card"), id, &ignored);
    if (!rc)
        rc = access_check(t, who, card_object(r, c, store_arena(tx)), store_arena(tx), &ignored);
    t->reached = NULL;
    return rc == ERR_NOT_FOUND || rc == ERR_FORBIDDEN ? err_set(e, ERR_NOT_FOUND, NULL)
           : rc                                       ? err_set(e, rc, NULL)
                                                      : 0;
}

int supervise_card_open(struct store_tx *tx, const struct realm *r, const struct actor *who,
                        int64_t id, struct supervise_card *ret, struct err *e) {
    struct scope_token t;
    int rc = access_may(r, who, S("card.read"), &t, e);
    return rc ? rc : reach(tx, r, who, &t, true, id, ret, e);
}

/* May this be done with it now, by him? 0 or why not. */
static int stands(const struct verb *v, const struct supervise_card *c, const struct actor *who,
                  struct err *e) {
    bool own = str_eq(v->power, S("card.explain"));
    if (over(c)) return err_set(e, ERR_STATE, "这张牌已经处理完毕");
    if (own && answered(c)) return err_set(e, ERR_STATE, "这张牌已经作过说明");
    if (!own && c->account == who->account)
        return err_set(e, ERR_FORBIDDEN, "不能处理发给自己的牌");
    return 0;
}

bool supervise_offers(struct store_tx *tx, const struct realm *r, const struct actor *who,
                      int64_t id, struct str verb) {
    struct scope_token t;
    struct supervise_card c;
    struct err ignored;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (str_eq(verbs[i].verb, verb))
            return access_may(r, who, verbs[i].power, &t, &ignored) == 0 &&
                   reach(tx, r, who, &t, str_eq(verbs[i].power, S("card.explain")), id, &c,
                         &ignored) == 0 &&
                   stands(&verbs[i], &c, who, &ignored) == 0;
    return false;
}

static int check_text(struct str text, struct err *e) {
    if (str_trim(text).len == 0) return err_field(e, ERR_REQUIRED, S("text"), "说明");
    if (str_utf8_count(text) > SUPERVISE_TEXT_MAX)
        return err_field(e, ERR_TOO_LONG, S("text"), "%d", SUPERVISE_TEXT_MAX);
    return 0;
}

int supervise_do(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id,
                 int64_t version, struct str verb, struct str text, struct err *e) {
    const struct verb *v = NULL;
    struct supervise_card c;
    struct act act;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (str_eq(verbs[i].verb, verb)) v = &verbs[i];
    if (!v) return err_set(e, ERR_SYNTAX, "%.*s", STR_ARG(verb));
    int rc = act_open(&act, tx, r, who, v->power, e);
    if (!rc) rc = reach(tx, r, who, &act.scope, str_eq(v->power, S("card.explain")), id, &c, e);
    if (!rc) rc = stands(v, &c, who, e);
    if (!rc) rc = check_text(text, e);
    if (!rc && c.version != version) rc = err_set(e, ERR_CONFLICT, "监察牌");
    if (rc) return rc;
    c.state = v->to;
    rc = supervise_row_update(tx, r, &c, e);
    if (!rc) rc = scope_facets(tx, r->home, S("card"), id, c.state, c.color, e);
    if (!rc && c.account) rc = scope_facets(tx, r->home, S("card.own"), id, c.state, c.color, e);
    if (!rc) rc = supervise_word_add(tx, r, &c, verb, who->account, text, e);
    if (!rc && v->told != SUPERVISE_ISSUED) rc = supervise_sum_add(tx, r, &c, v->told, e);
    if (!rc && v->notice.len) rc = tell(&act, &c, v->notice, text, e);
    return rc ? rc : act_close(&act, S("card"), id, c.case_id, verb, e);
}
