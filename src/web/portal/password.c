/* password: B15 one's own password, set anew: by wish, or because the one that was given serves once (identity.h). Like signing in, in
 * three steps: the hash is found in a READ job, the present password verified and the new one hashed on the pool, the change is a
 * write. Invariant: wrong present passwords are counted, and lock.
 */
#include "engine/identity/identity.h"
#include "web/portal/portal.h"
#include "web/user.h"

struct renewing {
    struct str now, next; /* hashes */
    bool right;
};

int password_act(struct store_tx *tx, struct page *p, struct err *e) {
    (void)tx;
    (void)e;
    val_put_bool(p->a, p->view, S("renew"), p->who->renew);
    return 0;
}

int password_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0;
    portal_title(p, page_text(p, S("设置密码")));
    portal_form(p, S("保存新密码"), false, user_of(p)->actor.renew ? S("/sign-out") : S("/settings"));
    page_label(p, S("current"), page_text(p, S("现在的密码")));
    page_label(p, S("password"), page_text(p, S("新密码")));
    page_label(p, S("password-again"), page_text(p, S("再输一遍新密码")));
    val_put_str(p->a, p->view, S("back"), page_in(p, S("back")));
    p->template = S("portal/password");
    return 0;
}

static int find(struct store_tx *tx, struct page *p, struct err *e) {
    struct renewing *own = p->own;
    int rc = identity_password_find(tx, page_realm(p), p->who, &own->now, e);
    own->now = arena_str(p->req->arena, own->now);
    return rc == ERR_LOCKED ? page_fault(p, S("current"), rc, S("")) : rc;
}

static void verify(struct page *p) {
    struct renewing *own = p->own;
    own->right = password_verify(own->now, page_in(p, S("current")));
    if (own->right) (void)password_hash(p->req->arena, page_in(p, S("password")), &own->next, &p->err);
}

static int count_failure(struct store_tx *tx, struct page *p, struct err *e) {
    const struct renewing *own = p->own;
    return own->right || !own->now.len ? 0 : identity_password_failed(tx, page_realm(p), p->who, e);
}

int password_post_ask(struct page *p, struct err *e) {
    struct renewing *own = arena_new(p->req->arena, struct renewing);
    struct str now = page_in(p, S("current")), next = page_in(p, S("password"));
    if (!own) return err_set(e, ERR_MEMORY, NULL);
    if (now.len == 0) (void)page_fault(p, S("current"), ERR_REQUIRED, S("现在的密码"));
    else if (now.len > PASSWORD_BYTES_MAX) (void)page_fault(p, S("current"), ERR_TOO_LONG, S("256"));
    user_new_password(p, S("新密码"));
    if (next.len && str_eq(now, next)) (void)page_fault(p, S("password"), ERR_FORMAT, S("与现在的密码不同"));
    p->own = own;
    p->look = find;
    p->work = verify;
    p->refused_act = count_failure;
    return 0;
}

int password_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct renewing *own = p->own;
    if (!own->right) return page_fault(p, S("current"), ERR_PASSWORD, S(""));
    int rc = identity_password_set(tx, page_realm(p), p->who, own->next, e);
    if (!rc) p->location = portal_back(p, user_home(p, p->who));
    return rc;
}
