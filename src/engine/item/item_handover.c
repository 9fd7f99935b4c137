/* item_handover: what a case came to, handed over at a window or sent; see item_handover.h. What is shown of it is in
 * item_handover_view.c. Invariants beside those: each command is one act, with the applicant as its subject; the case's body tells since
 * when it waits (`collect`) and what was done (`handover`), its log has the same words for good.
 */
#include "engine/item/item_handover_impl.h"

#include "engine/code/code_check.h"
#include "engine/item/item_rows.h"
#include "engine/notify/notify_out.h"
#include "engine/paper/paper.h"
#include "engine/record/record.h"

#include "data/gram.h"

const struct str item_remind_topic = S_INIT("item.handover-remind");

STORE_STMT(item_handover_sum_first, STORE_WRITES,
           "INSERT INTO item_handover_sum (home, unit, day, account, way, n) VALUES (?, ?, ?, ?, ?, 0) "
           "ON CONFLICT (home, unit, day, account, way) DO NOTHING");
STORE_STMT(item_handover_sum_raise, STORE_WRITES,
           "UPDATE item_handover_sum SET n = n + 1 WHERE home = ? AND unit = ? AND day = ? AND account = ? AND way = ?");

enum { PATH_UNITS = 16, LOOKED_MAX = 100, TRACKING_MIN = 6, TRACKING_MAX = 30, REMIND_LEASE_MS = 60000 };
static const struct str code_tried = S_INIT("handover-code"), purpose = S_INIT("发放结果");

/* ---- waiting ---- */

static int waits_until(const struct realm *r, const struct item_type *t, int64_t from_ms, int64_t *ret, struct err *e) {
    const struct clock_event start = { .at_ms = from_ms, .kind = CLOCK_ACCEPT };
    const struct clock_rules rules = { 0 };
    struct clock_limit limit;
    struct clock_result res;
    int rc = clock_limit_parse(t->collect_remind, &limit, e);
    if (!rc) rc = clock_count(r->calendar, r->tz, limit, &rules, &start, 1, from_ms, NULL, &res, e);
    if (!rc) *ret = res.due_ms;
    return rc;
}

/* Where it is listed and found: at the units of its window, at the realm, and with the applicant's own. */
static int list_put(struct act *act, const struct item_case *c, int64_t unit, struct err *e) {
    const struct scope_keys keys = { .first = c->ended_ms, .second = c->ended_ms, .a = item_handover_state(0), .b = c->item };
    const struct realm *r = act->realm;
    int64_t path[PATH_UNITS + 2];
    size_t n = 0;
    int rc = identity_unit_path(act->tx, r, unit, path, PATH_UNITS, &n, e);
    path[n++] = r->home.v;
    for (size_t i = 0; !rc && i < n; i++) rc = item_names_put(act->tx, r, c, S("handover"), path[i], c->ended_ms, e);
    path[n++] = item_owner(c);
    for (size_t i = 0; !rc && i < n; i++) rc = scope_place(act->tx, r->home, S("handover"), path[i], &keys, c->id, e);
    return rc;
}

int item_handover_settle(struct act *act, struct item_case *c, struct err *e) {
    struct arena *a = store_arena(act->tx);
    struct val *papers, *since = val_map(a);
    int64_t unit, until = 0;
    bool over = c->ended_ms && c->type->collect.len && !val_get(c->body, S("collect")) && !val_get(c->body, S("handover"));
    int rc = over ? paper_of_case(act->tx, act->realm, c->id, &papers, e) : 0;
    if (rc || !over || val_count(papers) + val_many(val_get(c->body, S("received"))) == 0) return rc;
    rc = identity_unit_find(act->tx, act->realm, c->type->collect, c->division, &unit, NULL, e);
    if (rc == ERR_NOT_FOUND) unit = c->unit, rc = 0;
    if (!rc) rc = list_put(act, c, unit, e);
    if (!rc) rc = waits_until(act->realm, c->type, c->ended_ms, &until, e);
    if (!rc) rc = act_emit_at(act, item_remind_topic, c->id, S(""), until, e);
    val_put_i64(a, since, S("since_ms"), c->ended_ms);
    val_put(a, c->body, S("collect"), since);
    return rc;
}

bool item_handover_waits(const struct item_case *c) {
    return val_get(c->body, S("collect")) && !val_get(c->body, S("handover"));
}

/* ---- who may ---- */

int item_handover_reach(struct act *act, int64_t case_id, struct item_case *c, struct err *e) {
    int rc = item_case_get(act->tx, act->realm, NULL, case_id, c, e);
    if (!rc) rc = access_covers(&act->scope, c->division, e);
    if (!rc && !c->submitted_ms) rc = err_set(e, ERR_NOT_FOUND, NULL);
    if (!rc) rc = act_check(act, item_case_object(store_arena(act->tx), c), e);
    if (rc) return rc;
    act->release = c->release;
    act->subject = c->person;
    act->purpose = purpose;
    return c->ended_ms ? 0 : err_set(e, ERR_STATE, "这个办件还没有办结，现在是：%.*s",
                                     STR_ARG(item_word_text(act->realm, S("zh"), c->state)));
}

static int open_case(struct act *act, struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id,
                     struct item_case *c, struct err *e) {
    access_asked(tx, S("case"), case_id, case_id);
    int rc = act_open(act, tx, r, who, S("case.handover"), e);
    return rc ? rc : item_handover_reach(act, case_id, c, e);
}

/* ---- finding ---- */

/* "20261121-000009-4", or the address of its progress as a scanner types it. */
static struct str number_in(struct str typed) {
    size_t at = str_find(typed, S("number="), 0);
    if (at != SIZE_MAX) typed = str_sub(typed, at + 7, typed.len);
    return str_sub(typed, 0, str_find_char(typed, '&', 0));
}

static bool is_name(const struct item_case *c, struct str name) {
    return str_eq(name, val_text(val_path(c->body, S("prefill.applicant.name")))) ||
           (c->company && str_eq(name, val_text(val_path(c->body, S("prefill.company.name")))));
}

/* What waits for who is called so and has this phone: whatever waits longest. `more`: LOOKED_MAX have names that begin so, what a
 * job has memory for, and there are others. */
static int find_person(struct act *act, struct str name, struct str phone, int64_t *ret, bool *more, struct err *e) {
    struct arena *a = store_arena(act->tx);
    struct scope_walk *w = arena_new(a, struct scope_walk);
    struct str piece[GRAM_TYPED_MAX];
    bool all;
    size_t n = gram_typed(a, name, piece, &all);
    int64_t id = 0;
    *ret = 0, *more = false;
    if (!w) return err_set(e, ERR_MEMORY, NULL);
    if (n == 0) return 0;
    scope_walk_begin(w, &act->scope, S("handover"), 0, 0, LOOKED_MAX, true);
    w->order = (struct scope_order){ .back = true, .words_of = act->realm, .word = piece, .n_words = all ? 1 : n };
    int rc = scope_walk_next(act->tx, w, &id, e);
    for (size_t looked = 0; !rc && id && !*ret && looked < LOOKED_MAX; looked++) {
        struct item_case c;
        struct item_reached his = { .phone = S("") };
        rc = item_case_get(act->tx, act->realm, NULL, id, &c, e);
        if (!rc && is_name(&c, name) && item_handover_waits(&c)) rc = item_reached(act->tx, act->realm, &c, &his, e);
        if (!rc && his.phone.len && str_eq(his.phone, phone)) *ret = id;
        if (!rc) rc = scope_walk_next(act->tx, w, &id, e);
    }
    *more = !*ret && (id || w->cut);
    return rc;
}

static int find_by_name(struct act *act, const struct item_handover_asked *q, int64_t *ret, struct err *e) {
    struct str phone, name = str_trim(q->name);
    struct err wrong = { 0 };
    if (!name.len && !str_trim(q->phone).len) return err_field(e, ERR_REQUIRED, S("q"), "办件编号，或者姓名和手机号");
    if (!name.len) return err_field(e, ERR_REQUIRED, S("name"), "姓名");
    if (!str_trim(q->phone).len) return err_field(e, ERR_REQUIRED, S("phone"), "手机号");
    if (notify_phone(store_arena(act->tx), q->phone, &phone, &wrong)) return err_field(e, wrong.code, S("phone"), "%s", wrong.detail);
    bool more;
    int rc = find_person(act, name, phone, ret, &more, e);
    if (rc || *ret) return rc;
    if (more) return err_field(e, ERR_INPUT, S("name"), "姓名相近的待领结果太多，没有全部查看；请用办件编号找");
    return err_field(e, ERR_INPUT, S("name"), "没有等着他领取的结果；请核对姓名和手机号，或者用办件编号找");
}

int item_handover_find(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct item_handover_asked *q,
                       int64_t *ret_case, struct err *e) {
    struct str number = number_in(str_trim(q->typed));
    struct item_case c;
    struct act act;
    int rc = act_open(&act, tx, r, who, S("case.handover"), e);
    if (!rc) rc = number.len ? item_row_by_number(tx, r, number, ret_case, e) : find_by_name(&act, q, ret_case, e);
    if (!rc) access_asked(tx, S("case"), *ret_case, *ret_case); /* also where it is refused */
    if (!rc) rc = item_handover_reach(&act, *ret_case, &c, e);
    if (rc == ERR_NOT_FOUND || rc == ERR_FORBIDDEN)
        return err_field(e, ERR_INPUT, S("q"), "没有这个办件，或者不在本窗口的区域；请核对编号");
    if (rc == ERR_STATE) {
        const struct err why = *e;
        return err_field(e, ERR_INPUT, S("q"), "%s", why.detail);
    }
    return rc ? rc : act_close(&act, S("case"), c.id, c.id, S("found"), e);
}

/* ---- the code ---- */

static int64_t code_owner(const struct item_reached *x) {
    return x->account ? x->account : x->person;
}

int item_handover_code(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id, struct err *e) {
    struct item_case c;
    struct act act;
    struct item_reached his = { .phone = S("") };
    int rc = open_case(&act, tx, r, who, case_id, &c, e);
    if (!rc) rc = item_unbound(tx, r, &c, who, e);
    if (!rc && !notify_gateway(r, NOTIFY_SMS)) rc = err_set(e, ERR_STATE, "没有接通短信");
    if (!rc && val_get(c.body, S("handover"))) rc = err_set(e, ERR_STATE, "这个办件的结果已经送达");
    if (!rc) rc = item_reached(tx, r, &c, &his, e);
    if (!rc && !his.phone.len) rc = err_set(e, ERR_STATE, "申请人没有登记手机号，请用签字的办法");
    if (!rc) rc = notify_code_send(&act, code_owner(&his), c.id, his.phone, e);
    return rc ? rc : act_close(&act, S("case"), c.id, c.id, S("code sent"), e);
}

int item_handover_failed(struct store_tx *tx, const struct realm *r, int64_t case_id, struct err *e) {
    return identity_try_failed(tx, r, code_tried, arena_i64(store_arena(tx), case_id), NOTIFY_CODE_TRIES, e);
}

/* ---- judging what was sent ---- */

struct judging {
    struct act *act;
    struct item_case *c;
    const struct item_handover *h;
    struct val *wrong, *into; /* faults; what is kept of it */
    struct arena *a;
};

static void fault(struct judging *j, const char *field, int code, struct str detail) {
    struct val *v = val_map(j->a);
    if (val_get(j->wrong, str_of(field))) return;
    val_put_i64(j->a, v, S("code"), code);
    val_put_str(j->a, v, S("detail"), arena_str(j->a, detail));
    val_put(j->a, j->wrong, str_of(field), v);
}

static bool one_of(struct str s, struct str x, struct str y, struct str z) {
    return s.len && (str_eq(s, x) || str_eq(s, y) || str_eq(s, z));
}

static int judge_things(struct judging *j, struct err *e) {
    struct val *all, *list = val_list(j->a);
    size_t n = val_many(j->h->things), known = 0;
    int rc = item_handover_things(j->act->tx, j->act->realm, j->c, S("zh"), &all, e);
    for (size_t i = 0; !rc && i < val_count(all); i++) {
        const struct val *t = val_item(all, i);
        if (!val_says(j->h->things, val_get_str(t, S("id")))) continue;
        known++;
        val_push(j->a, list, val_str(j->a, val_get_str(t, S("id"))));
    }
    if (n == 0) fault(j, "things", ERR_REQUIRED, S("交出的证照、文书或者原件"));
    else if (!rc && known != n) fault(j, "things", ERR_CODE, S(""));
    val_put(j->a, j->into, S("things"), list);
    return rc;
}

/* A line of words that must be there. */
static void judge_line(struct judging *j, const char *field, struct str typed, struct str what, size_t most) {
    struct str s = str_trim(typed);
    if (!s.len) fault(j, field, ERR_REQUIRED, what);
    else if (str_utf8_count(s) > most) fault(j, field, ERR_TOO_LONG, arena_i64(j->a, (int64_t)most));
    val_put_str(j->a, j->into, str_of(field), s);
}

/* Has the person of this name and number a mandate in force for whom the case is, in this matter, by which papers are read? */
static int stands_for(struct judging *j, struct str name, struct str number, bool *ret, struct err *e) {
    const struct realm *r = j->act->realm;
    const struct record_type *t = realm_find(r, SYSTEM_RECORD, S("person"), NULL);
    struct store_tx *tx = j->act->tx;
    struct record rec;
    struct actor him;
    int64_t id = 0, account = 0;
    size_t n = 0;
    *ret = false;
    int rc = t ? record_find(tx, r, t, S("citizen_id"), number, &id, 1, &n, e) : 0;
    if (rc || n == 0) return rc;
    rc = record_get(tx, r, t, id, &rec, e);
    if (rc || !str_eq(rec.state, S("active")) || !str_eq(val_get_str(rec.values, S("name")), name)) return rc;
    rc = identity_account_of_person(tx, r, id, &account, e);
    if (!rc) rc = identity_actor_of(tx, r, account, &him, e);
    if (!rc) rc = identity_stand(tx, r, &him, item_owner(j->c), e);
    if (rc == ERR_NOT_FOUND || rc == ERR_FORBIDDEN) return err_clear(e), 0;
    const struct access_standing *s = rc ? NULL : access_standing(r, him.standing);
    for (size_t i = 0; s && i < s->n_acts; i++) *ret |= str_eq(s->act[i], S("paper.read")) && actor_items(&him, j->c->item);
    return rc;
}

static int judge_other(struct judging *j, struct err *e) {
    const bool by_letter = str_eq(j->h->receiver, S("letter"));
    struct str number = code_clean(j->a, j->h->citizen_id);
    struct err wrong = { 0 };
    bool stands = false;
    judge_line(j, "name", j->h->name, S("领取人的姓名"), ITEM_HANDOVER_NAME_MAX);
    if (!number.len) fault(j, "citizen_id", ERR_REQUIRED, S("领取人的公民身份号码"));
    else if (code_check(S("citizen-id"), number, &wrong)) fault(j, "citizen_id", wrong.code, str_of(wrong.detail));
    val_put_str(j->a, j->into, S("citizen_id"), number);
    if (by_letter || val_get(j->wrong, S("name")) || val_get(j->wrong, S("citizen_id"))) return 0;
    int rc = stands_for(j, str_trim(j->h->name), number, &stands, e);
    if (!rc && !stands) fault(j, "citizen_id", ERR_INPUT, S("这个人没有在期限内的代办授权；请核对姓名和号码，或者凭授权委托书领取"));
    return rc;
}

/* Who began a company's case may act for it no more. */
static int judge_self(struct judging *j, struct err *e) {
    struct item_reached his;
    int rc = item_reached(j->act->tx, j->act->realm, j->c, &his, e);
    if (!rc && j->c->company && his.over)
        fault(j, "receiver", ERR_INPUT, S("提交的人已经不代表这个单位办事，请由有授权的人或者凭委托书领取"));
    val_put_str(j->a, j->into, S("name"), val_text(val_path(j->c->body, S("prefill.applicant.name"))));
    return rc;
}

static int judge_window(struct judging *j, struct err *e) {
    const struct item_handover *h = j->h;
    bool self = str_eq(h->receiver, S("self"));
    int rc = 0;
    if (!h->receiver.len) fault(j, "receiver", ERR_REQUIRED, S("谁来领取"));
    else if (!one_of(h->receiver, S("self"), S("mandate"), S("letter"))) fault(j, "receiver", ERR_CODE, S(""));
    else rc = self ? judge_self(j, e) : judge_other(j, e);
    if (!h->ack.len) fault(j, "ack", ERR_REQUIRED, S("怎样签收"));
    else if (!one_of(h->ack, S("signature"), S("code"), S(""))) fault(j, "ack", ERR_CODE, S(""));
    else if (str_eq(h->ack, S("code")) && !str_trim(h->code).len) fault(j, "code", ERR_REQUIRED, S("短信验证码"));
    val_put_str(j->a, j->into, S("receiver"), h->receiver);
    val_put_str(j->a, j->into, S("ack"), h->ack);
    return rc;
}

static void judge_post(struct judging *j) {
    struct str tracking = code_clean(j->a, j->h->tracking);
    bool right = tracking.len >= TRACKING_MIN && tracking.len <= TRACKING_MAX;
    judge_line(j, "carrier", j->h->carrier, S("寄送单位"), ITEM_HANDOVER_NAME_MAX);
    judge_line(j, "address", j->h->address, S("寄到哪里"), ITEM_HANDOVER_TEXT_MAX);
    for (size_t i = 0; i < tracking.len; i++)
        right &= (tracking.ptr[i] >= '0' && tracking.ptr[i] <= '9') || (tracking.ptr[i] >= 'A' && tracking.ptr[i] <= 'Z');
    if (!tracking.len) fault(j, "tracking", ERR_REQUIRED, S("物流单号"));
    else if (!right) fault(j, "tracking", ERR_FORMAT, S("EX123456789CN"));
    val_put_str(j->a, j->into, S("tracking"), tracking);
}

/* Also of what the chosen way does not ask: a form that holds too much is not taken as if that part of it were not there. */
static void judge_lengths(struct judging *j) {
    const struct item_handover *h = j->h;
    const struct {
        const char *field;
        struct str text;
        int64_t most;
    } all[] = { { "name", h->name, ITEM_HANDOVER_NAME_MAX },       { "citizen_id", h->citizen_id, ITEM_HANDOVER_NAME_MAX },
                { "code", h->code, ITEM_HANDOVER_NAME_MAX },       { "carrier", h->carrier, ITEM_HANDOVER_NAME_MAX },
                { "tracking", h->tracking, ITEM_HANDOVER_NAME_MAX }, { "address", h->address, ITEM_HANDOVER_TEXT_MAX } };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if ((int64_t)str_utf8_count(all[i].text) > all[i].most) fault(j, all[i].field, ERR_TOO_LONG, arena_i64(j->a, all[i].most));
}

static int judge(struct judging *j, struct err *e) {
    int rc = judge_things(j, e);
    judge_lengths(j);
    if (str_eq(j->h->way, S("post"))) judge_post(j);
    else if (!rc) rc = judge_window(j, e);
    if (rc) return rc;
    return val_count(j->wrong) ? err_set(e, ERR_INPUT, NULL) : 0;
}

/* By the code that went to the applicant's phone. */
static int acknowledged(struct judging *j, struct err *e) {
    struct store_tx *tx = j->act->tx;
    const struct realm *r = j->act->realm;
    struct str of_case = arena_i64(j->a, j->c->id);
    struct item_reached his = { .phone = S("") };
    if (!str_eq(j->h->ack, S("code")) || str_eq(j->h->way, S("post"))) return 0;
    int rc = identity_try_open(tx, r, code_tried, of_case, e);
    if (!rc) rc = item_reached(tx, r, j->c, &his, e);
    if (!rc) rc = notify_code_use(tx, r, code_owner(&his), j->c->id, his.phone, j->h->code, e);
    return rc ? rc : identity_try_over(tx, r, code_tried, of_case, e);
}

/* ---- handing over ---- */

/* The unit of the post by which he does it; 0: none. */
static int64_t unit_of(const struct act *act) {
    struct str role = access_role_of(&act->scope);
    for (size_t i = 0; i < act->who->n_posts; i++)
        if (str_eq(act->who->posts[i].role, role)) return act->who->posts[i].unit;
    return 0;
}

static int sum_add(struct act *act, int64_t unit, struct str way, struct err *e) {
    const struct realm *r = act->realm;
    int64_t day = tz_date(r->tz, store_now_ms(act->tx)).day;
    int rc = store_exec(act->tx, &item_handover_sum_first, NULL, e, SV_I(r->home.v), SV_I(unit), SV_I(day), SV_I(act->who->account),
                        SV_T(way));
    return rc ? rc : store_exec(act->tx, &item_handover_sum_raise, NULL, e, SV_I(r->home.v), SV_I(unit), SV_I(day),
                                SV_I(act->who->account), SV_T(way));
}

static int tell(struct judging *j, bool posted, struct err *e) {
    struct val *v = val_map(j->a);
    val_put(j->a, v, S("day"), notify_day(j->a, store_now_ms(j->act->tx)));
    val_put_str(j->a, v, S("name"), code_mask(j->a, S("person-name"), val_get_str(j->into, S("name"))));
    val_put_str(j->a, v, S("carrier"), val_get_str(j->into, S("carrier")));
    val_put_str(j->a, v, S("tracking"), val_get_str(j->into, S("tracking")));
    return item_flow_tell(j->act, j->c, posted ? S("result-posted") : S("result-fetched"), v, e);
}

static int record_it(struct judging *j, bool posted, struct err *e) {
    struct act *act = j->act;
    struct item_case *c = j->c;
    struct str way = posted ? S("post") : S("window");
    int64_t unit = unit_of(act);
    struct val *told = val_copy(j->a, j->into);
    const struct item_event ev = { .kind = S("handover"), .reason = way, .unit = unit, .account = act->who->account, .body = told };
    val_put_str(j->a, told, S("fetched_by"), val_get_str(j->into, S("name")));
    val_put_str(j->a, told, S("name"), act->who->name); /* as of every event: who did it */
    val_put_i64(j->a, j->into, S("at_ms"), store_now_ms(act->tx));
    val_put_i64(j->a, j->into, S("by"), act->who->account);
    val_put_str(j->a, j->into, S("way"), way);
    val_put(j->a, c->body, S("handover"), j->into);
    int rc = item_event_add(act->tx, act->realm, c, &ev, e);
    if (!rc) rc = scope_facets(act->tx, act->realm->home, S("handover"), c->id, item_handover_state(posted ? 2 : 1), c->item, e);
    if (!rc) rc = sum_add(act, unit, way, e);
    if (!rc) rc = item_row_update(act->tx, act->realm, c, e);
    return rc ? rc : tell(j, posted, e);
}

int item_handover_put(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id, const struct item_handover *h,
                      struct val **errors, struct err *e) {
    struct arena *a = store_arena(tx);
    struct item_case c;
    struct act act;
    const bool posted = str_eq(h->way, S("post"));
    struct judging j = { .act = &act, .c = &c, .h = h, .wrong = val_map(a), .into = val_map(a), .a = a };
    if (errors) *errors = j.wrong;
    int rc = open_case(&act, tx, r, who, case_id, &c, e);
    if (!rc) rc = item_unbound(tx, r, &c, who, e);
    if (!rc && val_get(c.body, S("handover"))) rc = err_set(e, ERR_STATE, "这个办件的结果已经送达，不能再发一次");
    if (!rc && !posted && !str_eq(h->way, S("window"))) rc = err_set(e, ERR_SYNTAX, "way");
    if (!rc && posted && !val_get_bool(c.type->about, S("express"), false)) rc = err_set(e, ERR_STATE, "这个事项的结果不寄送，请到窗口领取");
    if (!rc) rc = judge(&j, e);
    if (!rc) rc = acknowledged(&j, e);
    if (!rc) rc = record_it(&j, posted, e);
    return rc ? rc : act_close(&act, S("case"), c.id, c.id, posted ? S("posted") : h->receiver, e);
}

/* ---- the reminder ---- */

int item_handover_remind(struct store_tx *tx, const struct realm *r, const struct actor *worker, struct act_message *m, bool *ret_sent,
                         struct err *e) {
    struct arena *a = store_arena(tx);
    struct item_case c;
    struct act act;
    *ret_sent = false;
    int rc = act_message_claim(tx, r->home, m, REMIND_LEASE_MS, e);
    if (!rc) rc = item_case_get(tx, r, NULL, m->object, &c, e);
    if (!rc && item_handover_waits(&c)) {
        struct val *since = val_copy(a, val_get(c.body, S("collect"))), *v = val_map(a);
        val_put_i64(a, since, S("reminded_ms"), store_now_ms(tx));
        val_put(a, c.body, S("collect"), since);
        val_put(a, v, S("day"), notify_day(a, c.ended_ms));
        val_put_str(a, v, S("place"), val_get_str(c.type->about, S("place")));
        rc = act_open(&act, tx, r, worker, S("handover.remind"), e);
        if (!rc) rc = item_flow_tell(&act, &c, S("result-waits"), v, e);
        if (!rc) rc = item_row_update(tx, r, &c, e);
        act.subject = c.person;
        if (!rc) rc = act_close(&act, S("case"), c.id, c.id, S("reminded"), e);
        *ret_sent = rc == 0;
    }
    return rc ? rc : act_message_done(tx, r->home, m->id, e);
}
