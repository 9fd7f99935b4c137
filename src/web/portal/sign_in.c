/* sign_in: B2 sign-in and sign-out, B3 on whose behalf. Three steps, since hashing a password must hold no transaction: the account is
 * found in a READ job, the password verified on the pool, the session opened (or the failure counted) in a write.
 * Invariants: a new token at every sign-in and change of standing, drawn before the job; nothing tells an unknown name from a wrong
 * password; accounts of the demonstration do not exist where it is none.
 */
#include "engine/identity/identity.h"
#include "web/portal/portal.h"
#include "web/user.h"

#include <string.h>

struct signing {
    struct identity_login login;
    struct portal_token token, before; /* before: of the session that ended in this browser */
    bool has_before;
    struct str password;
};

/* Only our own pages; else the person's space. */
struct str portal_back(struct page *p, struct str otherwise) {
    struct str back = page_in(p, S("back"));
    bool ours = back.len && back.ptr[0] == '/' && (back.len == 1 || (back.ptr[1] != '/' && back.ptr[1] != '\\'));
    if (!ours || str_find(back, S("/sign-"), 0) != SIZE_MAX) return otherwise;
    return arena_str(p->req->arena, back);
}

/* ---- the form ---- */

int sign_in_ask(struct page *p, struct err *e) {
    (void)p;
    (void)e;
    return 0;
}

int sign_in_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct user *u = user_of(p);
    struct val *demo;
    if (u->actor.account && !portal_again(p)) p->location = portal_back(p, user_home(p, &u->actor));
    if (!page_demo(p)) return 0;
    int rc = identity_demo_accounts(tx, page_realm(p), p->lang, &demo, e);
    if (!rc) val_put(p->a, p->view, S("demo_accounts"), demo);
    return rc;
}

int sign_in_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0;
    portal_title(p, page_text(p, S("登录")));
    portal_form(p, S("登录"), false, S(""));
    bool alone = p->session_true && !user_of(p)->actor.account; /* a draft's session (resume.c) lives */
    val_put_bool(p->a, p->view, S("ended"), !alone && p->session.len && page_in(p, S("back")).len);
    val_put_bool(p->a, p->view, S("alone"), alone && page_in(p, S("back")).len);
    val_put_str(p->a, p->view, S("resume_href"), page_href(p, S("/resume")));
    val_put_bool(p->a, p->view, S("kept"), p->has_kept);
    page_label(p, S("login"), page_text(p, S("账号")));
    page_label(p, S("password"), page_text(p, S("密码")));
    val_put_str(p->a, p->view, S("back"), page_in(p, S("back")));
    val_put_str(p->a, p->view, S("login"), page_in(p, S("login")));
    p->template = S("portal/sign_in");
    return 0;
}

/* ---- signing in ---- */

static int find(struct store_tx *tx, struct page *p, struct err *e) {
    struct signing *s = p->own;
    struct str device = s->login.device;
    int rc = identity_login_find(tx, page_realm(p), page_in(p, S("login")), &s->login, e);
    s->login.device = device;
    if (rc) return rc;
    s->login.hash = arena_str(p->req->arena, s->login.hash);
    if (s->login.demo && !page_demo(p)) s->login.account = 0; /* the hash is verified all the same: time tells nothing */
    return 0;
}

static void verify(struct page *p) {
    struct signing *s = p->own;
    s->login.verified = password_verify(s->login.hash, s->password) && s->login.account != 0;
}

static int count_failure(struct store_tx *tx, struct page *p, struct err *e) {
    const struct signing *s = p->own;
    return s->login.locked || s->login.verified ? 0 : identity_login_failed(tx, page_realm(p), &s->login, e);
}

int sign_in_post_ask(struct page *p, struct err *e) {
    struct signing *s = arena_new(p->req->arena, struct signing);
    if (!s) return err_set(e, ERR_MEMORY, NULL);
    if (str_trim(page_in(p, S("login"))).len == 0) (void)page_fault(p, S("login"), ERR_REQUIRED, S("账号"));
    s->password = page_in(p, S("password"));
    if (s->password.len == 0) (void)page_fault(p, S("password"), ERR_REQUIRED, S("密码"));
    portal_token_draw(&s->token);
    s->login.device = portal_device(p);
    struct str before;
    s->has_before = p->session.len && crypto_base64url_decode(p->req->arena, p->session, &before) &&
                    before.len == sizeof s->before.v;
    if (s->has_before) memcpy(s->before.v, before.ptr, sizeof s->before.v);
    p->own = s;
    p->look = find;
    p->work = verify;
    p->refused_act = count_failure;
    return 0;
}

int sign_in_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct signing *s = p->own;
    int64_t session;
    struct actor who;
    int rc = identity_login_finish(tx, page_realm(p), p->who, &s->login, s->token.v, &session, e);
    if (rc == ERR_PASSWORD) return page_fault(p, S("password"), rc, S(""));
    if (rc == ERR_LOCKED || rc == ERR_STATE) return page_fault(p, S("login"), rc, arena_str(p->a, str_of(e->detail)));
    if (!rc) rc = identity_actor_of(tx, page_realm(p), s->login.account, &who, e);
    if (rc) return rc;
    who.session = session;
    who.request_id = p->who->request_id;
    who.peer = p->who->peer;
    rc = portal_device_tell(tx, p, &who, s->login.device, e);
    if (!rc && s->has_before) {
        rc = identity_session_resume(tx, page_realm(p), &who, s->before.v, s->token.v, e);
    }
    if (!rc) p->location = portal_back(p, user_home(p, &who));
    return rc;
}

int sign_in_post_say(struct page *p, struct err *e) {
    const struct signing *s = p->own;
    (void)e;
    portal_token_cookie(p, &s->token);
    return 0;
}

/* ---- signing out ---- */

int sign_out_act(struct store_tx *tx, struct page *p, struct err *e) {
    (void)tx;
    (void)e;
    if (user_of(p)->actor.session == 0) p->location = S("/");
    return 0;
}

int sign_out_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0;
    portal_title(p, page_text(p, S("退出登录")));
    portal_form(p, S("退出登录"), false, S("/space"));
    p->template = S("portal/sign_out");
    return 0;
}

int sign_out_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    int rc = user_of(p)->actor.session ? identity_session_close(tx, page_realm(p), p->who, e) : 0;
    p->location = S("/");
    return rc;
}

int sign_out_post_say(struct page *p, struct err *e) {
    (void)e;
    page_cookie(p, str_of(PAGE_SESSION_COOKIE), S("none"), 0);
    return 0;
}

/* ---- B3 ---- */

static void add_self(struct page *p, struct val *list, struct str id, struct str title, struct str note, bool chosen) {
    struct val *v = val_map(p->a);
    val_put_str(p->a, v, S("choice_id"), val_count(list) ? ARENA_CAT(p->a, S("for-"), id) : S("for"));
    val_put_str(p->a, v, S("value"), id);
    val_put_str(p->a, v, S("title"), title);
    val_put_str(p->a, v, S("note"), note);
    val_put_bool(p->a, v, S("selected"), chosen);
    val_push(p->a, list, v);
}

int identity_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct user *u = user_of(p);
    struct val *mandates, *choices = val_list(p->a);
    int64_t wanted;
    bool asked = str_to_i64(page_in(p, S("for")), &wanted);
    if (!asked) wanted = u->actor.on_behalf;
    int rc = identity_mandates(tx, page_realm(p), p->who, &mandates, e);
    if (rc) return rc;
    val_put_bool(p->a, p->view, S("leads"), asked && !portal_again(p) && page_in(p, S("back")).len > 0);
    add_self(p, choices, S("0"), u->actor.name, page_text(p, S("本人，办理个人事项")), wanted == 0);
    for (size_t i = 0; i < val_count(mandates); i++) {
        const struct val *m = val_item(mandates, i);
        int64_t id = val_get_i64(m, S("id"), 0);
        const struct access_standing *s = access_standing(page_realm(p), val_get_str(m, S("kind")));
        struct str standing = s ? realm_words(page_realm(p), p->lang, s->title) : S("");
        add_self(p, choices, arena_i64(p->a, id), val_get_str(m, S("name")),
                 portal_fill(p, val_get_bool(m, S("for_person"), false) ? S("您受托代办，身份是{standing}") : S("您的身份是{standing}"),
                             S("standing"), standing), wanted == id);
    }
    val_put(p->a, p->view, S("choices"), choices);
    val_put_bool(p->a, p->view, S("alone"), val_count(mandates) == 0);
    return 0;
}

int identity_say(struct page *p, struct err *e) {
    struct val *field = portal_put_map(p, S("field"));
    static const char *const none[] = { "hint", "source", "error", "optional", "inline", "heading", NULL };
    (void)e;
    portal_title(p, page_text(p, S("您以谁的名义办事？")));
    portal_form(p, S("继续"), false, S("/space"));
    for (const char *const *k = none; *k; k++) val_put_str(p->a, field, str_of(*k), S(""));
    val_put_str(p->a, field, S("id"), S("for"));
    val_put_str(p->a, field, S("name"), S("for"));
    val_put_str(p->a, field, S("label"), page_text(p, S("您以谁的名义办事？")));
    val_put_bool(p->a, field, S("heading"), true);
    val_put(p->a, field, S("choices"), (struct val *)val_get(p->view, S("choices")));
    val_put_str(p->a, field, S("error"), page_fault_text(p, S("for")));
    val_put_str(p->a, p->view, S("back"), page_in(p, S("back")));
    p->template = S("portal/identity");
    return 0;
}

int identity_post_ask(struct page *p, struct err *e) {
    struct portal_token *t = arena_new(p->req->arena, struct portal_token);
    int64_t company;
    if (!t) return err_set(e, ERR_MEMORY, NULL);
    if (!str_to_i64(page_in(p, S("for")), &company)) return page_fault(p, S("for"), ERR_CODE, S(""));
    portal_token_draw(t);
    p->own = t;
    return 0;
}

int identity_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct portal_token *t = p->own;
    int64_t company = 0;
    (void)str_to_i64(page_in(p, S("for")), &company);
    int rc = identity_session_switch(tx, page_realm(p), p->who, company, t->v, e);
    if (!rc) p->location = portal_back(p, S("/space"));
    return rc;
}

int identity_post_say(struct page *p, struct err *e) {
    (void)e;
    portal_token_cookie(p, p->own);
    return 0;
}
