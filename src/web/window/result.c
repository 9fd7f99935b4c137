/* result: D6, one case whose result is handed over: what there is, to whom, how it is acknowledged, or where it is sent; the delivery
 * receipt (送达回证), to be signed before and printed after; and what the second screen of a counter shows then. Invariants: who looks is
 * an entry that the applicant finds; nothing is ticked beforehand; the clerk offers a rating and is shown none.
 */
#include "engine/item/item_handover.h"
#include "web/question.h"
#include "web/window/window_pages.h"

enum { SCREEN_S = 5 };

static struct item_handover sent(struct page *p) {
    return (struct item_handover){ .way = str_eq(page_in(p, S("act")), S("post")) ? S("post") : S("window"),
                                   .things = val_get(p->in, S("things")),
                                   .receiver = page_in(p, S("receiver")),
                                   .name = page_in(p, S("name")),
                                   .citizen_id = page_in(p, S("citizen_id")),
                                   .ack = page_in(p, S("ack")),
                                   .code = page_in(p, S("code")),
                                   .carrier = page_in(p, S("carrier")),
                                   .tracking = page_in(p, S("tracking")),
                                   .address = page_in(p, S("address")) };
}

/* ---- the form ---- */

static void put_things(struct page *p, const struct val *things) {
    struct val *v = question_plain(p, S("things"), S("交出哪些"), S("交出哪份勾哪份")), *list = val_list(p->a);
    for (size_t i = 0; i < val_count(things); i++) {
        const struct val *t = val_item(things, i);
        struct str id = val_get_str(t, S("id"));
        struct val *c = staff_choice(p, list, S("things"), id, val_get_str(t, S("title")),
                                     question_again(p) && staff_picked(p, S("things"), id));
        val_put_str(p->a, c, S("note"), val_get_str(t, S("note")));
    }
    val_put(p->a, v, S("choices"), list);
    val_put(p->a, p->view, S("things"), v);
}

static void put_radios(struct page *p, const char *field, struct str label, const struct str (*of)[2], size_t n) {
    struct val *v = question_plain(p, str_of(field), label, S("")), *list = val_list(p->a);
    for (size_t i = 0; i < n; i++)
        (void)staff_choice(p, list, str_of(field), of[i][0], page_text(p, of[i][1]),
                           question_again(p) && str_eq(page_in(p, str_of(field)), of[i][0]));
    val_put(p->a, v, S("choices"), list);
    val_put(p->a, p->view, str_of(field), v);
}

static void push_text(struct page *p, struct val *list, const char *id, struct str label, struct str hint, const char *width) {
    struct val *v = question_plain(p, str_of(id), label, hint);
    val_put_str(p->a, v, S("width"), str_of(width));
    val_put_str(p->a, v, S("complete"), S("off"));
    val_push(p->a, list, v);
}

static void put_fields(struct page *p, const struct val *view) {
    static const struct str whom[][2] = { { S_INIT("self"), S_INIT("申请人本人，证件已核对") },
                                          { S_INIT("mandate"), S_INIT("有代办授权的人，证件已核对") },
                                          { S_INIT("letter"), S_INIT("别人凭授权委托书，双方证件已核对，委托书留下") } };
    static const struct str acks[][2] = { { S_INIT("signature"), S_INIT("领取人已在送达回证上签字") },
                                          { S_INIT("code"), S_INIT("申请人手机收到的验证码") } };
    const bool phone = val_get_str(view, S("phone")).len > 0;
    struct val *other = val_list(p->a), *post = val_list(p->a), *code = val_list(p->a);
    put_things(p, val_get(view, S("things")));
    put_radios(p, "receiver", S("谁来领取"), whom, sizeof whom / sizeof *whom);
    put_radios(p, "ack", S("怎样签收"), acks, phone ? 2 : 1);
    push_text(p, other, "name", S("领取人的姓名"), S(""), "11");
    push_text(p, other, "citizen_id", S("领取人的公民身份号码"), S("请看证件原件"), "18");
    if (phone) push_text(p, code, "code", S("短信验证码"), S("六位数字"), "8");
    push_text(p, post, "carrier", S("寄送单位"), S("如：邮政特快专递"), "20");
    push_text(p, post, "tracking", S("物流单号"), S(""), "20");
    push_text(p, post, "address", S("寄到哪里"), S("登记的地址；申请人要求寄到别处的，请改"), "");
    struct val *address = post->u.list.item[2];
    if (!question_again(p)) val_put_str(p->a, address, S("value"), val_get_str(view, S("address")));
    val_put(p->a, p->view, S("other"), other);
    val_put(p->a, p->view, S("code_field"), code);
    if (val_get_bool(view, S("may_post"), false)) val_put(p->a, p->view, S("post"), post);
    const struct str whose = question_again(p) ? page_in(p, S("receiver")) : S("");
    val_put_bool(p->a, p->view, S("other_open"), whose.len && !str_eq(whose, S("self")));
    val_put_bool(p->a, p->view, S("post_open"), question_again(p) && str_eq(page_in(p, S("act")), S("post")));
}

static int put_case(struct store_tx *tx, struct page *p, struct item_case *c, struct err *e) {
    struct val *view;
    int64_t id;
    int rc = staff_id(p, "case", &id, e);
    if (!rc) rc = item_handover_view(tx, page_realm(p), p->who, id, p->lang, &view, c, e);
    if (rc) return rc;
    const struct val *others = val_get(view, S("others"));
    for (size_t i = 0; i < val_count(others); i++)
        val_put_str(p->a, others->u.list.item[i], S("href"),
                    page_href(p, window_result_path(p, val_get_i64(val_item(others, i), S("id"), 0), S(""))));
    val_put(p->a, p->view, S("case"), view);
    val_put_str(p->a, p->view, S("number"), c->number);
    val_put_str(p->a, p->view, S("here"), window_result_path(p, id, S("")));
    val_put_str(p->a, p->view, S("receipt_href"), page_href(p, window_result_path(p, id, S("/receipt"))));
    return 0;
}

int result_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct item_case c;
    int rc = put_case(tx, p, &c, e);
    if (rc) return rc;
    put_fields(p, val_get(p->view, S("case")));
    val_put_bool(p->a, p->view, S("code_sent"), http_query(p->req, S("sent")).len > 0);
    return 0;
}

static int count_wrong(struct store_tx *tx, struct page *p, struct err *e) {
    const bool *wrong = p->own;
    int64_t id;
    int rc = *wrong ? staff_id(p, "case", &id, e) : 0;
    return rc || !*wrong ? rc : item_handover_failed(tx, page_realm(p), id, e);
}

int result_ask(struct page *p, struct err *e) {
    bool *wrong = arena_new(p->req->arena, bool);
    if (!wrong) return err_set(e, ERR_MEMORY, NULL);
    *wrong = false;
    p->own = wrong;
    p->refused_act = count_wrong;
    return 0;
}

int result_put_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct item_handover h = sent(p);
    struct val *errors = NULL;
    bool *wrong = p->own;
    int64_t id;
    int rc = staff_id(p, "case", &id, e);
    *wrong = false;
    if (rc) return rc;
    if (str_eq(page_in(p, S("act")), S("code"))) {
        rc = item_handover_code(tx, page_realm(p), p->who, id, e);
        if (!rc) p->location = window_result_path(p, id, S("?sent=1"));
        return rc;
    }
    rc = item_handover_put(tx, page_realm(p), p->who, id, &h, &errors, e);
    *wrong = rc == ERR_PASSWORD;
    if (*wrong || rc == ERR_LOCKED)
        return page_fault(p, S("code"), *wrong ? ERR_INPUT : rc,
                          *wrong ? page_text(p, S("验证码不对或已过期；连续输错 5 次将锁定 15 分钟")) : S(""));
    for (size_t i = 0; rc == ERR_INPUT && i < val_pairs(errors); i++) {
        const struct val_pair *f = &errors->u.map.pair[i];
        (void)page_fault(p, f->key, (int)val_get_i64(f->value, S("code"), ERR_INPUT), page_text(p, val_get_str(f->value, S("detail"))));
    }
    if (!rc) p->location = window_result_path(p, id, S("/receipt"));
    return rc;
}

int result_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0;
    staff_title(p, S("结果送达"), val_get_str(p->view, S("number")));
    staff_crumb(p, S("窗口叫号"), S("/window"));
    staff_crumb(p, S("结果送达"), S("/window/results"));
    staff_crumb(p, val_get_str(p->view, S("number")), S(""));
    page_form(p, val_get_str(p->view, S("here")));
    p->template = S("window/result");
    return 0;
}

/* ---- the delivery receipt ---- */

/* The address of the rating that goes with this hand-over; empty: it has none. */
static struct str rating_path(struct page *p, const struct item_case *c) {
    struct str code = item_rating_code(p->a, page_realm(p), c);
    return code.len ? ARENA_CAT(p->a, S("/r/"), code) : S("");
}

/* May the second screen of his counter show it? */
static int put_offer(struct store_tx *tx, struct page *p, struct err *e) {
    const struct queue_hall *h;
    const struct queue_counter *counter;
    int64_t ticket;
    int rc = queue_seat(tx, page_realm(p), p->who, &h, &counter, &ticket, e);
    val_put_bool(p->a, p->view, S("may_offer"), !rc && h && queue_may(tx, page_realm(p), p->who, h, S("counter.offer"), NULL) == 0);
    return rc;
}

int delivery_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct item_case c;
    int rc = put_case(tx, p, &c, e);
    const bool rated = val_get_bool(val_get(p->view, S("case")), S("rated"), false); /* perhaps at home, before it was fetched */
    struct str path = rc || rated ? S("") : rating_path(p, &c);
    if (path.len) {
        struct str address = ARENA_CAT(p->a, page_realm(p)->base_url, page_href(p, path));
        val_put(p->a, p->view, S("qr"), page_qr(p, address, page_text(p, S("扫码评价这次办理")), false));
        val_put_str(p->a, p->view, S("rate_address"), address); /* typed by who cannot scan */
        rc = put_offer(tx, p, e);
    }
    if (rc) return rc;
    val_put(p->a, p->view, S("guide"), item_brief_view(page_realm(p), c.system, c.type, p->lang, p->a));
    val_put_bool(p->a, p->view, S("offered"), http_query(p->req, S("offered")).len > 0);
    return 0;
}

int delivery_offer_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct queue_hall *h;
    const struct queue_counter *counter;
    struct str code;
    int64_t id, ticket;
    int rc = staff_id(p, "case", &id, e);
    if (!rc) rc = item_rating_code_of(tx, page_realm(p), p->who, id, &code, e);
    if (!rc) rc = queue_seat(tx, page_realm(p), p->who, &h, &counter, &ticket, e);
    if (!rc && !h) rc = err_set(e, ERR_STATE, "请先开窗口");
    if (!rc) rc = queue_offer(tx, page_realm(p), p->who, h, code, e);
    if (!rc) p->location = window_result_path(p, id, S("/receipt?offered=1"));
    return rc;
}

int delivery_say(struct page *p, struct err *e) {
    bool slip = page_in(p, S("slip")).len > 0;
    struct str receipt = ARENA_CAT(p->a, val_get_str(p->view, S("here")), S("/receipt"));
    (void)e;
    if (p->location.len) return 0;
    staff_title(p, S("送达回证"), val_get_str(p->view, S("number")));
    page_form(p, receipt);
    val_put_bool(p->a, p->view, S("slip"), slip);
    val_put_str(p->a, p->view, S("other_href"), page_href(p, ARENA_CAT(p->a, receipt, slip ? S("") : S("?slip=1"))));
    val_put_str(p->a, p->view, S("case_href"), page_href(p, val_get_str(p->view, S("here"))));
    val_put_str(p->a, p->view, S("next_href"), page_href(p, S("/window")));
    p->template = S("window/delivery");
    return 0;
}

/* ---- the second screen ---- */

int offered_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct queue_hall *h;
    struct str counter = http_param(p->req, S("counter")), code;
    struct item_case c;
    struct err none = { 0 };
    bool rated = false;
    int rc = window_hall(p, &h, e);
    if (!rc) rc = queue_offered(tx, page_realm(p), p->who, h, counter, &code, e);
    if (rc) return rc;
    val_put_str(p->a, p->view, S("hall"), system_text(h->system, p->lang, h->title));
    val_put_str(p->a, p->view, S("counter"), system_text(h->system, p->lang, queue_counter_find(h, counter)->title));
    int found = code.len ? item_rating_code_open(tx, page_realm(p), p->who, code, &c, &rated, &none) : ERR_NOT_FOUND;
    if (found && found != ERR_NOT_FOUND && found != ERR_STATE) return *e = none, found;
    if (found || rated) return 0;
    struct str path = ARENA_CAT(p->a, S("/r/"), code), at = ARENA_CAT(p->a, S("?at="), h->id, S("/"), counter);
    val_put_str(p->a, p->view, S("item"), system_text(c.system, p->lang, c.type->name));
    val_put_str(p->a, p->view, S("rate_href"), page_href(p, ARENA_CAT(p->a, path, at)));
    val_put(p->a, p->view, S("qr"),
            page_qr(p, ARENA_CAT(p->a, page_realm(p)->base_url, page_href(p, path)), page_text(p, S("扫码在手机上评价")), false));
    return 0;
}

int offered_say(struct page *p, struct err *e) {
    (void)e;
    staff_title(p, S("请您评价"), val_get_str(p->view, S("counter")));
    window_refresh(p, SCREEN_S, (struct str){ NULL, 0 });
    p->template = S("window/offered");
    return 0;
}
