/* users: I7 accounts: the list, one account with what it may do, a new one, lock and unlock.
 * Invariant: a password is hashed on the pool, never in a transaction, and never shown again.
 */
#include "web/admin/admin_pages.h"

#include "data/write.h"
#include "web/list/list.h"

enum { PAGE_ROWS = 25, NAME_CHARS_MAX = 50 };

struct hashed {
    struct str hash;
};

static void decorate(struct page *p, struct val *account) {
    bool locked = !str_eq(val_get_str(account, S("state")), S("active"));
    struct str path = arena_fmt(p->a, "/admin/users/%lld", (long long)val_get_i64(account, S("id"), 0));
    val_put_bool(p->a, account, S("locked"), locked);
    val_put_str(p->a, account, S("href"), page_href(p, path));
    val_put_str(p->a, account, S("lock_href"), page_href(p, ARENA_CAT(p->a, path, S("/lock"))));
    admin_name_posts(p, account);
}

bool admin_holds_power(struct page *p, const char *act) {
    struct scope_token ignored;
    struct err e;
    return access_may(page_realm(p), p->who, str_of(act), &ignored, &e) == 0;
}

/* ---- the list ---- */

static int fetch(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e) {
    struct identity_query q = { .prefix = list_value(l, "q"), .has = list_value(l, "has"), .state = list_value(l, "state"),
                                .role = list_value(l, "role"), .back = l->back, .at = l->place, .max = l->max, .counted = l->counted };
    if (list_value(l, "unit").len && !str_to_i64(list_value(l, "unit"), &q.unit)) q.unit = -1;
    int rc = identity_accounts(tx, page_realm(p), p->who, &q, &l->rows, e);
    for (size_t i = 0; !rc && i < val_count(l->rows); i++) {
        struct val *v = l->rows->u.list.item[i], *state = val_map(p->a);
        const struct val *posts;
        struct str names = S("");
        decorate(p, v);
        bool locked = val_get_bool(v, S("locked"), false);
        posts = val_get(v, S("posts"));
        for (size_t k = 0; k < val_count(posts); k++)
            names = ARENA_CAT(p->a, names, k ? page_text(p, S("、")) : S(""), val_get_str(val_item(posts, k), S("role_title")), S(" "),
                              val_get_str(val_item(posts, k), S("unit_title")));
        val_put_str(p->a, state, S("text"), page_text(p, locked ? S("已停用") : S("正常")));
        val_put_str(p->a, state, S("kind"), locked ? S("warn") : S("ok"));
        val_put(p->a, v, S("state"), state);
        val_put_str(p->a, v, S("post_names"), names.len ? names : page_text(p, S("没有岗位")));
        val_put_str(p->a, v, S("place"), val_get_str(v, S("login")));
    }
    l->total = q.total;
    l->cut = q.cut ? q.at : (struct str){ NULL, 0 };
    return rc;
}

void admin_role_filter(struct page *p, struct list_run *l, const struct list_filter *f, struct val *into) {
    const struct val *all = admin_role_choices(p, S(""));
    for (size_t i = 0; i < val_count(all); i++)
        list_choice(p, l, f, into, val_get_str(val_item(all, i), S("value")), val_get_str(val_item(all, i), S("title")));
}

int admin_unit_filter(struct store_tx *tx, struct page *p, struct list_run *l, const struct list_filter *f, struct val *into,
                      struct err *e) {
    struct val *units;
    int rc = identity_units(tx, page_realm(p), p->lang, &units, e);
    for (size_t i = 0; !rc && i < val_count(units); i++)
        list_choice(p, l, f, into, arena_i64(p->a, val_get_i64(val_item(units, i), S("id"), 0)),
                    val_get_str(val_item(units, i), S("title")));
    return rc;
}

static int choices(struct store_tx *tx, struct page *p, struct list_run *l, const struct list_filter *f, struct val *into,
                   struct err *e) {
    if (str_eq(str_of(f->name), S("state"))) {
        list_choice(p, l, f, into, S("active"), page_text(p, S("正常")));
        list_choice(p, l, f, into, S("off"), page_text(p, S("已停用")));
        return 0;
    }
    if (str_eq(str_of(f->name), S("role"))) {
        admin_role_filter(p, l, f, into);
        return 0;
    }
    return admin_unit_filter(tx, p, l, f, into, e);
}

static const struct list_column columns[] = { { "login", S_INIT("登录名"), "login", LIST_HEAD },
                                              { "name", S_INIT("姓名"), NULL, LIST_TEXT },
                                              { "state", S_INIT("状态"), NULL, LIST_TAG },
                                              { "post_names", S_INIT("岗位"), NULL, LIST_TEXT } };
static const struct list_order orders[] = { { "login", S_INIT("按登录名，从前往后"), S_INIT("按登录名，从后往前"), true } };
static const struct list_filter filters[] = { { "q", S_INIT("登录名以此开头"), LIST_WORDS },
                                              { "has", S_INIT("登录名或姓名包含"), LIST_WORDS },
                                              { "state", S_INIT("状态"), LIST_CHOICE },
                                              { "unit", S_INIT("单位"), LIST_CHOICE },
                                              { "role", S_INIT("岗位"), LIST_CHOICE } };
static const struct list users = { .name = "users", .caption = S_INIT("用户"),
                                   LIST_TABLES(columns, orders, filters), .page_rows = PAGE_ROWS, .fetch = fetch,
                                   .choices = choices };

int admin_users_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &users, S("/admin/users"), &l);
    int rc = list_show(tx, p, &l, e);
    if (!rc) rc = staff_looked(tx, p, "account.list", "account", 0, 0, e);
    val_put_bool(p->a, p->view, S("may_create"), admin_holds_power(p, "account.create"));
    return rc;
}

int admin_users_file_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &users, S("/admin/users"), &l);
    return list_file(tx, p, &l, "account.list", "account", e);
}

int admin_users_say(struct page *p, struct err *e) {
    (void)e;
    staff_title(p, S("用户"), S(""));
    val_put_str(p->a, p->view, S("new_href"), page_href(p, S("/admin/users/new")));
    p->template = S("admin/users");
    return 0;
}

/* Everything that the account may do now, each with a link to why. */
static int put_powers(struct store_tx *tx, struct page *p, const struct val *account, struct err *e) {
    struct val *list = val_list(p->a);
    struct actor actor;
    const struct val *all = admin_act_choices(p, S(""));
    int rc = identity_actor_of(tx, page_realm(p), val_get_i64(account, S("id"), 0), &actor, e);
    for (size_t i = 0; !rc && i < val_count(all); i++) {
        struct scope_token ignored;
        struct err no;
        const struct val *act = val_item(all, i);
        struct str name = val_get_str(act, S("value"));
        if (access_may(page_realm(p), &actor, name, &ignored, &no)) continue;
        struct val *v = val_map(p->a);
        struct buf b;
        buf_init(&b, p->a, 128, 2048);
        buf_add(&b, S("/admin/why?account="));
        write_url_component(&b, val_get_str(account, S("login")));
        buf_add(&b, S("&act="));
        write_url_component(&b, name);
        val_put_str(p->a, v, S("title"), val_get_str(act, S("title")));
        val_put_str(p->a, v, S("href"), page_href(p, buf_str(&b)));
        val_push(p->a, list, v);
    }
    val_put(p->a, p->view, S("powers"), list);
    return rc;
}

static int load(struct store_tx *tx, struct page *p, struct val **ret, struct err *e) {
    int64_t id;
    int rc = staff_id(p, "id", &id, e);
    if (!rc) rc = identity_account_view(tx, page_realm(p), p->who, id, ret, e);
    if (!rc) rc = staff_looked(tx, p, "account.list", "account", id, 0, e);
    if (rc) return rc;
    decorate(p, *ret);
    val_put(p->a, p->view, S("account"), *ret);
    return 0;
}

int admin_user_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct val *account;
    int rc = load(tx, p, &account, e);
    if (!rc) rc = put_powers(tx, p, account, e);
    if (rc) return rc;
    val_put_bool(p->a, p->view, S("may_lock"),
                 admin_holds_power(p, "account.lock") && val_get_i64(account, S("id"), 0) != p->who->account);
    if (admin_holds_power(p, "post.grant")) {
        struct buf b;
        buf_init(&b, p->a, 128, 1024);
        buf_add(&b, S("/admin/posts?login="));
        write_url_component(&b, val_get_str(account, S("login")));
        val_put_str(p->a, p->view, S("posts_href"), page_href(p, buf_str(&b)));
    }
    return 0;
}

int admin_user_say(struct page *p, struct err *e) {
    struct str login = val_get_str(val_get(p->view, S("account")), S("login"));
    (void)e;
    staff_title(p, S("账号"), login);
    staff_crumb(p, S("用户"), S("/admin/users"));
    staff_crumb(p, login, S(""));
    p->template = S("admin/user");
    return 0;
}

/* ---- a new account ---- */

/* On the pool, only after `may` has passed in the look before it. */
static void hash_password(struct page *p) {
    struct hashed *own = p->own;
    (void)password_hash(p->req->arena, page_in(p, S("password")), &own->hash, &p->err);
}

int admin_new_ask(struct page *p, struct err *e) {
    struct str login = str_trim(page_in(p, S("login"))), name = str_trim(page_in(p, S("name")));
    struct hashed *own = arena_new(p->req->arena, struct hashed);
    if (!own) return err_set(e, ERR_MEMORY, NULL);
    if (login.len == 0) (void)page_fault(p, S("login"), ERR_REQUIRED, S("登录名"));
    else if (!identity_login_ok(login))
        (void)page_fault(p, S("login"), ERR_FORMAT, S("3 到 32 个小写字母、数字、点、横线或下划线"));
    if (name.len == 0) (void)page_fault(p, S("name"), ERR_REQUIRED, S("姓名"));
    else if (str_utf8_count(name) > NAME_CHARS_MAX) (void)page_fault(p, S("name"), ERR_TOO_LONG, S("50"));
    user_new_password(p, S("初始密码"));
    p->own = own;
    p->look = page_act_none;
    p->work = hash_password;
    return 0;
}

int admin_new_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct hashed *own = p->own;
    int64_t id = 0;
    int rc = identity_account_create(tx, page_realm(p), p->who, str_trim(page_in(p, S("login"))),
                                     str_trim(page_in(p, S("name"))), own->hash, 0, false, &id, e);
    if (!rc) p->location = arena_fmt(p->a, "/admin/users/%lld", (long long)id);
    return staff_fault(p, rc, e);
}

int admin_new_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0;
    staff_title(p, S("新建用户"), S(""));
    page_label(p, S("login"), page_text(p, S("登录名")));
    page_label(p, S("name"), page_text(p, S("姓名")));
    page_label(p, S("password"), page_text(p, S("初始密码")));
    page_label(p, S("password-again"), page_text(p, S("再输一遍密码")));
    staff_crumb(p, S("用户"), S("/admin/users"));
    staff_crumb(p, S("新建用户"), S(""));
    p->template = S("admin/new");
    return 0;
}

/* ---- lock and unlock ---- */

int admin_lock_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct val *account;
    return load(tx, p, &account, e);
}

int admin_lock_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    int64_t id;
    int rc = staff_id(p, "id", &id, e);
    if (!rc) rc = identity_account_lock(tx, page_realm(p), p->who, id, !str_eq(page_in(p, S("to")), S("active")), e);
    if (!rc) p->location = arena_fmt(p->a, "/admin/users/%lld", (long long)id);
    return rc;
}

int admin_lock_say(struct page *p, struct err *e) {
    const struct val *account = val_get(p->view, S("account"));
    struct str login = val_get_str(account, S("login"));
    (void)e;
    if (p->location.len) return 0;
    staff_title(p, val_get_bool(account, S("locked"), false) ? S("启用账号") : S("停用账号"), login);
    staff_crumb(p, S("用户"), S("/admin/users"));
    staff_crumb(p, login, arena_fmt(p->a, "/admin/users/%lld", (long long)val_get_i64(account, S("id"), 0)));
    staff_crumb(p, val_get_bool(account, S("locked"), false) ? S("启用账号") : S("停用账号"), S(""));
    p->template = S("admin/lock");
    return 0;
}
