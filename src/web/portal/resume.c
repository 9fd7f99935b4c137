/* resume: A12, going on with a draft on another device: its number and the phone of who began it, then the code that is sent there.
 * Invariants: the page of the code is the same whether one was sent or not; the phone is in no address and no cookie; what comes of it
 * is a session for this draft alone (routes.c gives it to these pages and to no others).
 */
#include "engine/item/item_resume.h"

#include "engine/identity/identity.h"
#include "engine/notify/notify_out.h"
#include "engine/record/record.h"
#include "http/cookie.h"
#include "web/portal/portal.h"
#include "web/user.h"

#include <string.h>

static const char PASS_COOKIE[] = "resume";

/* ---- number and phone ---- */

int resume_act(struct store_tx *tx, struct page *p, struct err *e) {
    (void)tx;
    (void)e;
    bool signed_in = user_of(p)->actor.account != 0, leaves = notify_gateway(page_realm(p), NOTIFY_SMS);
    val_put_bool(p->a, p->view, S("signed_in"), signed_in);
    val_put_bool(p->a, p->view, S("no_gateway"), !signed_in && !leaves);
    val_put_bool(p->a, p->view, S("asks"), !signed_in && leaves);
    return 0;
}

int resume_say(struct page *p, struct err *e) {
    (void)e;
    portal_title(p, page_text(p, S("接着填没有提交的申请")));
    portal_form(p, S("发送验证码"), false, S(""));
    page_label(p, S("number"), page_text(p, S("草稿编号")));
    page_label(p, S("phone"), page_text(p, S("手机号")));
    val_put_str(p->a, p->view, S("number"), page_in(p, S("number")));
    val_put_str(p->a, p->view, S("phone"), portal_again(p) ? page_in(p, S("phone")) : S(""));
    val_put_str(p->a, p->view, S("sign_in_href"), page_href(p, S("/sign-in?back=%2Fspace%2Fcases")));
    val_put_str(p->a, p->view, S("cases_href"), page_href(p, S("/space/cases")));
    p->template = S("portal/resume");
    return 0;
}

struct resuming {
    int64_t id;
    struct str pass, device;
    struct portal_token token;
    bool wrong;
};

static const struct str mistyped = S_INIT("编号是 14 个字母和数字，请照原样再输一次");

int resume_post_ask(struct page *p, struct err *e) {
    struct resuming *x = arena_new(p->req->arena, struct resuming);
    struct str phone;
    if (!x) return err_set(e, ERR_MEMORY, NULL);
    p->own = x;
    if (str_trim(page_in(p, S("number"))).len == 0) (void)page_fault(p, S("number"), ERR_REQUIRED, S("草稿编号"));
    else if (!item_draft_number_read(p->req->arena, page_in(p, S("number")), &x->id))
        (void)page_fault(p, S("number"), ERR_INPUT, page_text(p, mistyped));
    if (str_trim(page_in(p, S("phone"))).len == 0) (void)page_fault(p, S("phone"), ERR_REQUIRED, S("手机号"));
    else if (notify_phone(p->req->arena, page_in(p, S("phone")), &phone, NULL))
        (void)page_fault(p, S("phone"), ERR_FORMAT, page_text(p, S("11 位手机号")));
    return 0;
}

int resume_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct resuming *x = p->own;
    struct str pass;
    if (user_of(p)->actor.account) return err_set(e, ERR_STATE, "您已经登录，草稿在“我的办件”里");
    int rc = item_resume_ask(tx, page_realm(p), p->who, x->id, page_in(p, S("phone")), &pass, e);
    if (rc == ERR_LOCKED) return page_fault(p, S("number"), ERR_INPUT, page_text(p, S("验证码要得太多，请 15 分钟后再试")));
    if (rc) return rc;
    x->pass = arena_str(p->req->arena, pass);
    p->location = ARENA_CAT(p->a, S("/resume/"), item_draft_number(p->a, x->id));
    return 0;
}

int resume_post_say(struct page *p, struct err *e) {
    const struct resuming *x = p->own;
    (void)e;
    if (x && x->pass.len) page_cookie(p, str_of(PASS_COOKIE), x->pass, NOTIFY_CODE_MS / 1000);
    return 0;
}

/* ---- the code ---- */

int resume_code_act(struct store_tx *tx, struct page *p, struct err *e) {
    int64_t id;
    (void)tx;
    (void)e;
    struct str number = http_param(p->req, S("number"));
    bool asks = user_of(p)->actor.account == 0 && notify_gateway(page_realm(p), NOTIFY_SMS);
    bool whole = item_draft_number_read(p->a, number, &id);
    if ((!asks || !whole) && !portal_again(p)) p->location = S("/resume"); /* which says why not */
    val_put_str(p->a, p->view, S("number"), whole ? item_draft_number(p->a, id) : number);
    return 0;
}

int resume_code_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0;
    struct str number = val_get_str(p->view, S("number"));
    portal_title(p, page_text(p, S("输入短信里的验证码")));
    portal_form(p, S("接着填"), false, S(""));
    page_label(p, S("code"), page_text(p, S("验证码")));
    val_put_str(p->a, p->view, S("back_href"), page_href(p, ARENA_CAT(p->a, S("/resume?number="), number)));
    p->template = S("portal/resume_code");
    return 0;
}

static int count_wrong(struct store_tx *tx, struct page *p, struct err *e) {
    const struct resuming *x = p->own;
    return x->wrong ? item_resume_failed(tx, page_realm(p), x->id, e) : 0;
}

/* Of what this browser was given with the question: sent twice, the code opens one session, and either answer gives it to the browser. */
static void token_of_form(struct page *p, struct resuming *x) {
    const struct keyring *keys = &page_realm(p)->keys;
    const struct str parts[] = { S("resume token\n"), x->pass };
    struct digest d;
    _Static_assert(sizeof d.v == sizeof x->token.v, "one token");
    mac(keys->suite, keys->token, parts, sizeof parts / sizeof *parts, &d);
    memcpy(x->token.v, d.v, sizeof d.v);
}

int resume_code_ask(struct page *p, struct err *e) {
    struct resuming *x = arena_new(p->req->arena, struct resuming);
    if (!x) return err_set(e, ERR_MEMORY, NULL);
    p->own = x;
    p->refused_act = count_wrong;
    x->device = portal_device(p);
    x->pass = http_cookie(p->req, http_cookie_name(p->req, str_of(PASS_COOKIE)));
    token_of_form(p, x);
    if (!item_draft_number_read(p->req->arena, http_param(p->req, S("number")), &x->id))
        (void)page_fault(p, S("code"), ERR_INPUT, page_text(p, mistyped));
    if (str_trim(page_in(p, S("code"))).len == 0) (void)page_fault(p, S("code"), ERR_REQUIRED, S("验证码"));
    return 0;
}

int resume_code_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct resuming *x = p->own;
    const struct item_resume resume = { .id = x->id, .pass = x->pass, .code = page_in(p, S("code")), .device = x->device,
                                        .token = x->token.v };
    int64_t session;
    x->wrong = false;
    if (user_of(p)->actor.account) return err_set(e, ERR_STATE, "您已经登录，草稿在“我的办件”里");
    int rc = item_resume_open(tx, page_realm(p), p->who, &resume, &session, e);
    x->wrong = rc == ERR_PASSWORD;
    if (x->wrong)
        return page_fault(p, S("code"), ERR_INPUT, page_text(p, S("验证码不对或已过期；连续输错 5 次将锁定 15 分钟")));
    if (rc == ERR_LOCKED) return page_fault(p, S("code"), rc, S(""));
    if (!rc) p->location = portal_case_path(p, x->id, S("/fill"));
    return rc;
}

int resume_code_post_say(struct page *p, struct err *e) {
    const struct resuming *x = p->own;
    (void)e;
    portal_token_cookie(p, &x->token);
    page_cookie(p, str_of(PASS_COOKIE), S("none"), 0);
    return 0;
}

/* ---- what such a session is shown ---- */

bool portal_draft_alone(const struct page *p) {
    return user_of(p)->actor.only != 0;
}

void portal_mask_known(struct page *p, struct val *known) {
    static const struct {
        struct str root, type;
    } roots[] = { { S_INIT("applicant"), S_INIT("person") }, { S_INIT("company"), S_INIT("company") } };
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
        const struct record_type *t = realm_find(page_realm(p), SYSTEM_RECORD, roots[i].type, NULL);
        const struct val *values = val_get(known, roots[i].root);
        if (values) val_put(p->a, known, roots[i].root, t ? record_masked(p->a, t, values) : val_map(p->a));
    }
    val_put_bool(p->a, known, S("is_masked"), true); /* to be shown, and not to be taken over into an answer */
}
