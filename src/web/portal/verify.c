/* verify: what anybody may ask: is this paper genuine (V1, V2), how far is this matter (A12).
 * Invariants: no more is shown than the paper itself shows; a wrong number and a wrong tail answer alike, and count alike
 * against the number; a tail is judged in one place only, behind a challenge, and is in no address and no cookie.
 */
#include "data/write.h"
#include "engine/code/code_check.h"
#include "engine/identity/identity.h"
#include "engine/paper/paper.h"
#include "http/cookie.h"
#include "web/portal/portal.h"
#include "web/user.h"

#include <string.h>

enum { TAIL_CHARS = 4, TAIL_KEPT_S = 600, CODE_CHARS_MAX = 64 };
static const char PASS_COOKIE[] = "progress";

/* ---- V1 ---- */

/* Codes and numbers are written in groups with hyphens between; as typed, blanks, hyphens and small letters do not count. `groups` are the
 * lengths of the groups, the last one repeated; 0 ends them. */
static struct str clean_code(struct page *p, struct str typed, const size_t *groups) {
    struct buf b;
    size_t group = 0, in_group = 0;
    typed = code_clean(p->req->arena, typed);
    buf_init(&b, p->req->arena, CODE_CHARS_MAX, CODE_CHARS_MAX);
    for (size_t i = 0; i < typed.len; i++) {
        char c = typed.ptr[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))) continue;
        if (in_group == groups[group]) {
            buf_add_char(&b, '-');
            in_group = 0;
            if (groups[group + 1]) group++;
        }
        buf_add_char(&b, c);
        in_group++;
    }
    return buf_str(&b);
}

static const size_t paper_groups[] = { 4, 0 }, case_groups[] = { 8, 6, 1, 0 };

int verify_act(struct store_tx *tx, struct page *p, struct err *e) {
    (void)tx;
    (void)e;
    if (!val_get(p->in, S("code"))) return 0;
    struct str code = clean_code(p, page_in(p, S("code")), paper_groups);
    if (code.len) p->location = ARENA_CAT(p->req->arena, S("/v/"), code);
    else val_put_bool(p->a, p->view, S("missing"), true);
    return 0;
}

int verify_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0;
    if (val_get_bool(p->view, S("missing"), false)) {
        (void)page_fault(p, S("code"), ERR_REQUIRED, S("核验码"));
        p->status = 422;
    }
    portal_title(p, page_text(p, S("证照核验")));
    val_put_str(p->a, p->view, S("action"), page_href(p, S("/verify")));
    p->template = S("portal/verify");
    return 0;
}

/* ---- V2 ---- */

/* Scanned from its holder's screen: just now, or too late: then nothing else is told than the way by the printed code. */
static bool put_presented(struct page *p, const struct paper_row *row) {
    struct val *v = val_map(p->a);
    struct str mark = http_query(p->req, S("shown"));
    int64_t at = 0;
    if (mark.len == 0) return false;
    enum paper_presented is = paper_presented(p->a, page_realm(p), row, mark, p->now_ms, &at);
    if (is != PAPER_PRESENTED) {
        val_put_bool(p->a, p->view, S("over"), true);
        return true;
    }
    val_put_str(p->a, v, S("at"), realm_time(page_realm(p), p->a, p->lang, at));
    val_put_i64(p->a, v, S("left"), (PAPER_PRESENT_MS - (p->now_ms - at) + 999) / 1000);
    val_put(p->a, p->view, S("shown"), v);
    return false;
}

int verified_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct paper_row row;
    struct val *v = val_map(p->a);
    const struct realm *r = page_realm(p);
    struct str code = clean_code(p, http_param(p->req, S("code")), paper_groups), tone;
    struct err why = { 0 };
    int rc = code.len ? paper_by_code(tx, r, code, &row, &why) : ERR_NOT_FOUND;
    if (rc == ERR_NOT_FOUND) {
        val_put_str(p->a, p->view, S("unknown"), code);
        return 0;
    }
    if (rc) {
        *e = why;
        return rc;
    }
    if (put_presented(p, &row)) return 0;
    const struct system *m = r->systems.by_release(r->systems.context, row.release);
    bool licence = row.is == PAPER_IS_LICENCE, issued = str_eq(row.state, S("valid")) || (!licence && str_eq(row.state, S("expired")));
    struct str text = portal_paper_state(p, row.state, licence, &tone), part = S("");
    bool granted = false;
    rc = row.is == PAPER_IS_DECISION ? item_paper_decides(tx, r, &row, p->lang, &part, &granted, e) : 0;
    if (rc) return rc;
    portal_state(p, v, tone, text);
    val_put_str(p->a, v, S("title"), system_text(m, p->lang, row.title));
    val_put_str(p->a, v, S("number"), row.number);
    val_put_str(p->a, v, S("organ"), realm_words(r, p->lang, row.organ));
    val_put_str(p->a, v, S("holder"), row.holder_masked);
    val_put_str(p->a, v, S("issued"), realm_day(r, p->a, p->lang, row.issued_ms));
    val_put_str(p->a, v, S("from"), realm_day(r, p->a, p->lang, row.valid_from_ms));
    val_put_str(p->a, v, S("until"), realm_day(r, p->a, p->lang, row.valid_until_ms));
    val_put_str(p->a, v, S("code"), row.code);
    val_put_str(p->a, v, S("part"), part);
    val_put_bool(p->a, v, S("granted"), granted);
    val_put_bool(p->a, v, S("is_licence"), licence);
    val_put_bool(p->a, v, S("is_valid"), issued);
    val_put_bool(p->a, v, S("is_setting"), str_eq(row.state, S("setting")));
    val_put(p->a, p->view, S("paper"), v);
    val_put_str(p->a, p->view, S("now"), realm_time(r, p->a, p->lang, p->now_ms));
    return 0;
}

int verified_say(struct page *p, struct err *e) {
    (void)e;
    bool found = val_get(p->view, S("paper")) != NULL, over = val_get_bool(p->view, S("over"), false);
    if (!found) p->status = over ? 410 : 404;
    portal_title(p, page_text(p, found ? S("核验结果") : over ? S("出示码已过期") : S("没有这个核验码")));
    p->template = S("portal/verified");
    return 0;
}

/* ---- A12 ---- */

int progress_act(struct store_tx *tx, struct page *p, struct err *e) {
    (void)tx;
    (void)p;
    (void)e;
    return 0;
}

int progress_say(struct page *p, struct err *e) {
    (void)e;
    bool word = str_eq(page_in(p, S("kind")), S("word"));
    struct buf other;
    buf_init(&other, p->a, 256, 4096);
    buf_add(&other, word ? S("/progress?kind=sum&number=") : S("/progress?kind=word&number="));
    write_url_component(&other, page_in(p, S("number")));
    portal_title(p, page_text(p, S("查办理进度")));
    portal_form(p, S("查询"), false, S(""));
    page_label(p, S("number"), page_text(p, S("办件编号")));
    page_label(p, S("answer"), page_text(p, S("答题")));
    page_label(p, S("tail"), page_text(p, S("证件号末四位")));
    portal_challenge_put(p, word);
    val_put_str(p->a, p->view, S("kind"), word ? S("word") : S("sum"));
    val_put_str(p->a, p->view, S("other_href"), page_href(p, buf_str(&other)));
    val_put_str(p->a, p->view, S("number"), page_in(p, S("number")));
    val_put_str(p->a, p->view, S("tail"), portal_again(p) ? page_in(p, S("tail")) : S(""));
    val_put_str(p->a, p->view, S("sign_in_href"), page_href(p, S("/sign-in?back=%2Fspace%2Fcases")));
    p->template = S("portal/progress");
    return 0;
}

static bool tail_fits(struct str tail) {
    if (tail.len != TAIL_CHARS) return false;
    for (size_t i = 0; i < TAIL_CHARS; i++)
        if (!((tail.ptr[i] >= '0' && tail.ptr[i] <= '9') || (tail.ptr[i] >= 'A' && tail.ptr[i] <= 'Z'))) return false;
    return true;
}

static struct str upper(struct page *p, struct str s) {
    char *copy = arena_cstr(p->req->arena, s);
    for (char *c = copy; c && *c; c++)
        if (*c >= 'a' && *c <= 'z') *c = (char)(*c - 'a' + 'A');
    return str_of(copy);
}

/* What is looked up, and what its refusal costs. */
struct looking {
    struct str number, tail, nonce, pass;
    bool wrong; /* the pair: counts against the number */
};
static const struct str looked_up = S_INIT("case number"), challenged = S_INIT("challenge");

/* Proof, for TAIL_KEPT_S, that the tail of this number was known: the tail itself is kept nowhere. */
static struct str pass_of(struct page *p, struct str number, struct str expiry) {
    struct digest d;
    const struct str parts[] = { S("progress\n"), number, S("\n"), expiry };
    mac(page_realm(p)->keys.suite, page_realm(p)->keys.token, parts, sizeof parts / sizeof *parts, &d);
    return ARENA_CAT(p->req->arena, expiry, S("."), crypto_base64url(p->req->arena, str_make((const char *)d.v, DIGEST_BYTES)));
}

static bool passes(struct page *p, struct str number, int64_t now_ms) {
    struct str pass = http_cookie(p->req, http_cookie_name(p->req, str_of(PASS_COOKIE)));
    struct str expiry = str_sub(pass, 0, str_find_char(pass, '.', 0));
    int64_t until;
    return str_to_i64(expiry, &until) && until > now_ms && str_eq_secret(pass, pass_of(p, number, expiry));
}

static int count_refusal(struct store_tx *tx, struct page *p, struct err *e) {
    const struct looking *x = p->own;
    int rc = identity_try_failed(tx, page_realm(p), challenged, x->nonce, 1, e);
    return rc || !x->wrong ? rc : identity_try_failed(tx, page_realm(p), looked_up, x->number, IDENTITY_TRIES, e);
}

int progress_post_ask(struct page *p, struct err *e) {
    struct looking *x = arena_new(p->req->arena, struct looking);
    if (!x) return err_set(e, ERR_MEMORY, NULL);
    x->number = clean_code(p, page_in(p, S("number")), case_groups);
    x->tail = upper(p, str_trim(page_in(p, S("tail"))));
    if (x->number.len == 0) (void)page_fault(p, S("number"), ERR_REQUIRED, S("办件编号"));
    if (!tail_fits(x->tail)) (void)page_fault(p, S("tail"), ERR_FORMAT, S("证件号的末四位"));
    if (!portal_challenge_right(p, &x->nonce)) (void)page_fault(p, S("answer"), ERR_INPUT, S("请回答这道题，答对了才能查询"));
    p->own = x;
    p->refused_act = count_refusal;
    return 0;
}

int progress_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct looking *x = p->own;
    const struct realm *r = page_realm(p);
    struct act act;
    int64_t id;
    x->wrong = false;
    int rc = act_open(&act, tx, r, p->who, S("case.look_up"), e);
    if (!rc && identity_try_open(tx, r, challenged, x->nonce, e))
        return page_fault(p, S("answer"), ERR_INPUT, S("这道题已经用过，请回答新的一道"));
    if (!rc) rc = identity_try_failed(tx, r, challenged, x->nonce, 1, e);
    if (!rc) rc = identity_try_open(tx, r, looked_up, x->number, e);
    if (rc == ERR_LOCKED) return page_fault(p, S("number"), rc, S(""));
    if (!rc) rc = item_progress_find(tx, r, x->number, x->tail, &id, e);
    x->wrong = rc == ERR_NOT_FOUND;
    if (x->wrong) return page_fault(p, S("number"), ERR_INPUT, S("编号和证件号末四位对不上，请核对后再试"));
    if (!rc) rc = identity_try_over(tx, r, looked_up, x->number, e);
    if (rc) return rc;
    x->pass = pass_of(p, x->number, arena_i64(p->req->arena, store_now_ms(tx) + TAIL_KEPT_S * INT64_C(1000)));
    p->location = ARENA_CAT(p->a, S("/progress/"), x->number);
    return act_close(&act, S("case"), id, id, S(""), e);
}

int progress_post_say(struct page *p, struct err *e) {
    const struct looking *x = p->own;
    (void)e;
    if (x && x->pass.len) page_cookie(p, str_of(PASS_COOKIE), x->pass, TAIL_KEPT_S);
    return 0;
}

int progress_shown_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct str number = http_param(p->req, S("number"));
    struct val *view;
    int rc = passes(p, number, p->now_ms) ? item_progress_view(tx, page_realm(p), number, p->lang, &view, e) : ERR_NOT_FOUND;
    if (rc == ERR_NOT_FOUND) {
        p->location = ARENA_CAT(p->a, S("/progress?number="), clean_code(p, number, case_groups));
        return 0;
    }
    if (rc) return rc;
    portal_state(p, view, val_get_str(view, S("tone")), val_get_str(view, S("state_text")));
    portal_rail(p, val_get(view, S("rail")), false);
    val_put(p->a, p->view, S("case"), view);
    return 0;
}

int progress_shown_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0;
    portal_title(p, portal_fill(p, S("办件 {number} 的进度"), S("number"),
                                val_get_str(val_get(p->view, S("case")), S("number"))));
    p->template = S("portal/progress_shown");
    return 0;
}
