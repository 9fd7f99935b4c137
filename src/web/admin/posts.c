/* posts: I7 posts of an account, granted and ended by the security administrator.
 * Invariant: the rule of the three administrators is kept by the engine; here its sentence stands at the field.
 */
#include "web/admin/admin_pages.h"

#include "data/write.h"
#include "web/list/list.h"

enum { PAGE_ROWS = 25 };

static struct str posts_path(struct page *p, struct str login) {
    struct buf b;
    buf_init(&b, p->a, 128, 1024);
    buf_add(&b, S("/admin/posts?login="));
    write_url_component(&b, login);
    return buf_str(&b);
}

struct val *admin_role_choices(struct page *p, struct str chosen) {
    const struct system **all;
    const struct realm *r = page_realm(p);
    size_t n = r->systems.active(r->systems.context, &all);
    struct val *list = val_list(p->a);
    for (size_t i = 0; i < n; i++) {
        const struct access_role *roles;
        size_t n_roles = access_roles(all[i]->access, &roles);
        for (size_t k = 0; k < n_roles; k++) {
            if (access_role_of_program(roles[k].id)) continue;
            (void)staff_choice(p, list, S("role"), roles[k].id, system_text(all[i], p->lang, roles[k].title),
                               str_eq(roles[k].id, chosen));
        }
    }
    return list;
}

static int unit_choices(struct store_tx *tx, struct page *p, struct str chosen, struct err *e) {
    struct val *units, *list = val_list(p->a);
    int rc = identity_units(tx, page_realm(p), p->lang, &units, e);
    for (size_t i = 0; !rc && i < val_count(units); i++) {
        const struct val *u = val_item(units, i);
        struct str id = arena_i64(p->a, val_get_i64(u, S("id"), 0));
        (void)staff_choice(p, list, S("unit"), id, val_get_str(u, S("title")), str_eq(id, chosen));
    }
    val_put(p->a, p->view, S("units"), list);
    return rc;
}

/* The account of that login, with its posts; *ret NULL if there is none. */
static int account_of(struct store_tx *tx, struct page *p, struct str login, struct val **ret, struct err *e) {
    int64_t id;
    *ret = NULL;
    int rc = identity_account_by_login(tx, page_realm(p), login, &id, e);
    if (rc == ERR_NOT_FOUND) return 0;
    if (!rc) rc = identity_account_view(tx, page_realm(p), p->who, id, ret, e);
    if (!rc) rc = staff_looked(tx, p, "account.list", "account", id, 0, e);
    if (!rc) admin_name_posts(p, *ret);
    return rc;
}

/* ---- the list: posts in force, of one account once a login is asked for ---- */

static int fetch(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e) {
    struct identity_post_query q = { .role = list_value(l, "holds"), .back = l->back, .max = l->max, .counted = l->counted };
    struct str login = list_value(l, "login");
    int rc = 0;
    if (l->place.len && (!str_to_i64(l->place, &q.at) || q.at <= 0)) return err_set(e, ERR_NOT_FOUND, NULL);
    if (list_value(l, "in").len && !str_to_i64(list_value(l, "in"), &q.unit)) q.unit = -1;
    if (login.len) rc = identity_account_by_login(tx, page_realm(p), login, &q.account, e);
    if (rc == ERR_NOT_FOUND) {
        err_clear(e);
        list_wrong(p, l, "login", S("没有这个登录名的账号"));
        return 0;
    }
    if (!rc) rc = identity_posts(tx, page_realm(p), p->who, &q, &l->rows, e);
    for (size_t i = 0; !rc && i < val_count(l->rows); i++) {
        struct val *v = l->rows->u.list.item[i];
        struct str id = arena_i64(p->a, val_get_i64(v, S("id"), 0));
        struct buf b;
        buf_init(&b, p->a, 128, 1024);
        buf_add(&b, S("/admin/posts/"));
        write_url_component(&b, val_get_str(v, S("login")));
        buf_add_char(&b, '/');
        buf_add(&b, id);
        val_put_str(p->a, v, S("href"), page_href(p, buf_str(&b)));
        admin_name_post(p, v);
        val_put_str(p->a, v, S("since"), realm_time(page_realm(p), p->a, p->lang, val_get_i64(v, S("from_ms"), 0)));
        val_put_str(p->a, v, S("place"), id);
    }
    l->total = q.total;
    return rc;
}

static int choices(struct store_tx *tx, struct page *p, struct list_run *l, const struct list_filter *f, struct val *into,
                   struct err *e) {
    return str_eq(str_of(f->name), S("holds")) ? (admin_role_filter(p, l, f, into), 0) : admin_unit_filter(tx, p, l, f, into, e);
}

static const struct list_column columns[] = { { "role_title", S_INIT("岗位"), NULL, LIST_HEAD },
                                              { "role", S_INIT("岗位代码"), NULL, LIST_FILE },
                                              { "name", S_INIT("姓名"), NULL, LIST_TEXT },
                                              { "login", S_INIT("登录名"), NULL, LIST_UNDER },
                                              { "unit_title", S_INIT("单位"), NULL, LIST_TEXT },
                                              { "since", S_INIT("授予时间"), "since", LIST_WHEN } };
static const struct list_order orders[] = { { "since", S_INIT("新授予的在前；点岗位可以撤销"), S_INIT("早授予的在前；点岗位可以撤销"), false } };
/* Not `role` and `unit`: those are asked for by the form that grants. */
static const struct list_filter filters[] = { { "login", S_INIT("登录名"), LIST_WORDS },
                                              { "holds", S_INIT("岗位"), LIST_CHOICE },
                                              { "in", S_INIT("单位"), LIST_CHOICE } };
static const struct list in_force = { .name = "posts", .caption = S_INIT("岗位授权"),
                                      LIST_TABLES(columns, orders, filters), .page_rows = PAGE_ROWS, .fetch = fetch,
                                   .choices = choices };

int admin_posts_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    struct val *account = NULL;
    list_read(p, &in_force, S("/admin/posts"), &l);
    int rc = list_show(tx, p, &l, e);
    if (!rc && list_value(&l, "login").len && !list_faulty(&l)) rc = account_of(tx, p, list_value(&l, "login"), &account, e);
    else if (!rc) rc = staff_looked(tx, p, "account.list", "account", 0, 0, e);
    if (!rc && account) rc = unit_choices(tx, p, page_in(p, S("unit")), e);
    if (rc || !account) return rc;
    val_put(p->a, p->view, S("account"), account);
    val_put(p->a, p->view, S("roles"), admin_role_choices(p, page_in(p, S("role"))));
    return 0;
}

int admin_posts_file_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &in_force, S("/admin/posts"), &l);
    return list_file(tx, p, &l, "account.list", "account", e);
}

int admin_posts_say(struct page *p, struct err *e) {
    struct str login = str_trim(page_in(p, S("login")));
    (void)e;
    if (p->location.len) return 0;
    staff_title(p, S("岗位授权"), login);
    val_put_str(p->a, p->view, S("login"), login);
    page_form(p, S("/admin/posts"));
    page_label(p, S("login"), page_text(p, S("登录名")));
    page_label(p, S("role"), page_text(p, S("岗位")));
    page_label(p, S("unit"), page_text(p, S("单位")));
    p->template = S("admin/posts");
    return 0;
}

int admin_posts_ask(struct page *p, struct err *e) {
    int64_t unit;
    (void)e;
    if (str_trim(page_in(p, S("login"))).len == 0) (void)page_fault(p, S("login"), ERR_REQUIRED, S("登录名"));
    if (page_in(p, S("role")).len == 0) (void)page_fault(p, S("role"), ERR_CODE, S(""));
    if (!str_to_i64(page_in(p, S("unit")), &unit)) (void)page_fault(p, S("unit"), ERR_CODE, S(""));
    return 0;
}

int admin_posts_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct str login = str_trim(page_in(p, S("login")));
    int64_t account, unit = 0;
    (void)str_to_i64(page_in(p, S("unit")), &unit);
    int rc = identity_account_by_login(tx, page_realm(p), login, &account, e);
    if (rc == ERR_NOT_FOUND) return page_fault(p, S("login"), ERR_INPUT, S("没有这个登录名的账号"));
    if (!rc) rc = identity_post_grant(tx, page_realm(p), p->who, account, page_in(p, S("role")), unit, e);
    if (!rc) p->location = posts_path(p, login);
    return staff_fault(p, rc, e);
}

/* ---- ending one ---- */

/* The post that the address names: of that login's account, or not found. */
static int post_of(struct store_tx *tx, struct page *p, int64_t *ret_id, struct val **ret_account, struct val **ret, struct err *e) {
    int rc = staff_id(p, "id", ret_id, e);
    if (!rc) rc = account_of(tx, p, http_param(p->req, S("login")), ret_account, e);
    if (rc) return rc;
    const struct val *posts = val_get(*ret_account, S("posts"));
    for (size_t i = 0; i < val_count(posts); i++)
        if (val_get_i64(val_item(posts, i), S("id"), 0) == *ret_id) {
            *ret = posts->u.list.item[i];
            return 0;
        }
    access_asked(tx, S("post"), *ret_id, 0); /* looking at the account settled what was asked for */
    return err_set(e, ERR_NOT_FOUND, NULL);
}

int admin_end_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct val *account, *post;
    int64_t id;
    int rc = post_of(tx, p, &id, &account, &post, e);
    if (rc) return rc;
    val_put(p->a, p->view, S("post"), post);
    val_put(p->a, p->view, S("account"), account);
    return 0;
}

int admin_end_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct val *account, *post;
    int64_t id;
    int rc = post_of(tx, p, &id, &account, &post, e);
    if (!rc) rc = identity_post_end(tx, page_realm(p), p->who, id, e);
    if (!rc) p->location = posts_path(p, http_param(p->req, S("login")));
    return rc;
}

int admin_end_say(struct page *p, struct err *e) {
    struct str login = http_param(p->req, S("login"));
    (void)e;
    if (p->location.len) return 0;
    staff_title(p, S("撤销岗位"), login);
    staff_crumb(p, S("岗位授权"), posts_path(p, login));
    staff_crumb(p, S("撤销岗位"), S(""));
    val_put_str(p->a, p->view, S("back"), page_href(p, posts_path(p, login)));
    p->template = S("admin/end");
    return 0;
}
