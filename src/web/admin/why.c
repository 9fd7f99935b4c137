/* why: I7 why somebody may do something, or see something, or may not: account, post, role, rule, scope, condition. Invariant: yes or no
 * comes of what decides everywhere (access_may, item_case_get, item_task_judge, record_reached); nothing is decided here. What is asked
 * stands in the address, so a person is asked for by his account and not by his number.
 */
#include "engine/identity/identity.h"
#include "engine/item/item_explain.h"
#include "engine/record/record.h"
#include "web/admin/admin_pages.h"

enum what { NOTHING, CASE, TASK, PERSON };
struct asked {
    struct actor actor;
    struct str act;
    enum what what;
    int64_t id, case_id;
    struct flow_task *task; /* of the case that is asked for; or the one task */
    size_t n_tasks;
    bool judged;            /* an object is asked for, and the act is about such */
};

static struct str scope_text(struct page *p, struct str scope) {
    return page_text(p, str_eq(scope, S("own"))    ? S("本人及所代表的企业")
                        : str_eq(scope, S("unit")) ? S("岗位所在单位及下级")
                                                   : S("全部"));
}

static void wrong(struct page *p, const char *field, struct str text) {
    val_put_str(p->a, p->view, ARENA_CAT(p->a, str_of(field), S("_wrong")), page_text(p, text));
}

/* ---- what is asked for ---- */

static int64_t number_in(const struct page_place *at, const char *name) {
    int64_t id = 0;
    (void)str_to_i64(page_place_param(at, str_of(name)), &id);
    return id;
}

/* A page's address stands for its power, and for the case or the task that it shows. */
static bool read_page(struct page *p, struct str path, struct asked *x) {
    struct page_place at;
    if (!page_place(p, path, &at)) return false;
    x->act = str_of(at.route->power);
    if (number_in(&at, "case")) x->what = CASE, x->id = number_in(&at, "case");
    else if (str_starts(str_of(at.route->path), S("/desk/task/"))) x->what = TASK, x->id = number_in(&at, "id");
    return true;
}

static int read_object(struct store_tx *tx, struct page *p, struct str text, struct asked *x, struct err *e) {
    const struct realm *r = page_realm(p);
    struct actor other;
    int64_t account;
    if (text.len == 0) return 0;
    if (text.ptr[0] == '/') {
        if (!read_page(p, text, x)) wrong(p, "object", S("没有这个页面"));
        return 0;
    }
    int rc = item_case_number_find(tx, r, text, &x->id, e);
    if (!rc) x->what = CASE;
    if (rc != ERR_NOT_FOUND) return rc;
    rc = identity_login_ok(text) ? identity_account_by_login(tx, r, text, &account, e) : ERR_NOT_FOUND;
    if (!rc) rc = identity_actor_of(tx, r, account, &other, e);
    if (!rc && other.person) x->what = PERSON, x->id = other.person;
    if (rc && rc != ERR_NOT_FOUND) return rc;
    err_clear(e);
    if (x->what == NOTHING) wrong(p, "object", S("没有这个编号的办件，也没有这个登录名的人"));
    return 0;
}

/* The tasks, and whether the act is about what is asked for. */
static int know_object(struct store_tx *tx, struct page *p, struct asked *x, struct err *e) {
    const struct str kind = access_act_kind(x->act);
    const bool task = str_eq(kind, S("task"));
    int rc = 0;
    if (x->what == NOTHING) return 0;
    if (x->what == TASK) {
        x->task = arena_new(p->a, struct flow_task);
        if (!x->task) return err_set(e, ERR_MEMORY, NULL);
        rc = flow_task_get(tx, x->id, x->task, e);
        x->n_tasks = 1;
        x->case_id = rc ? 0 : x->task->case_id;
    } else if (x->what == CASE) {
        x->case_id = x->id;
        rc = flow_tasks_of(tx, x->id, &x->task, &x->n_tasks, e);
    }
    if (rc == ERR_NOT_FOUND) {
        err_clear(e);
        wrong(p, "object", S("没有这个编号的办件，也没有这个登录名的人"));
        return 0;
    }
    if (x->what == CASE && task) x->what = TASK;
    else if (x->what == TASK && str_eq(kind, S("case"))) x->what = CASE;
    x->judged = x->what == PERSON ? str_eq(kind, S("record")) : x->what == TASK ? task : str_eq(kind, S("case"));
    if (!rc && !x->judged) wrong(p, "object", S("这项行为不是对它做的，请换一项行为，或者不填对象"));
    return rc;
}

/* ---- the judgement, of the whole right or of one grant ---- */

static int judge(struct store_tx *tx, struct page *p, const struct asked *x, const struct scope_token *t, enum item_reach *ret,
                 struct err *e) {
    const struct realm *r = page_realm(p);
    struct err no = { 0 };
    if (x->what == CASE) return item_explain_case(tx, r, t, x->case_id, ret, e);
    if (x->what == PERSON) {
        int rc = record_reached(tx, r, t, S("person"), x->id, &no);
        *ret = rc == 0 ? ITEM_REACHED : rc == ERR_FORBIDDEN ? ITEM_CONDITION : ITEM_OUTSIDE;
        if (err_kind(rc) == ERR_KIND_CALLER || rc == 0) return 0;
        *e = no;
        return rc;
    }
    int rc = 0;
    *ret = ITEM_OTHER_ROLE;
    for (size_t i = 0; !rc && i < x->n_tasks && *ret != ITEM_REACHED; i++) { /* one that is reached, or how far it came */
        enum item_reach one;
        rc = item_explain_task(tx, r, t, &x->task[i], &one, e);
        if (!rc && (one == ITEM_REACHED || one > *ret || *ret == ITEM_OTHER_ROLE)) *ret = one;
    }
    return rc;
}

static struct str reach_text(struct page *p, const struct asked *x, enum item_reach reach) {
    switch (reach) {
    case ITEM_REACHED: return page_text(p, S("适用"));
    case ITEM_OUTSIDE: return page_text(p, x->what == PERSON ? S("这个人的登记不在范围以内") : S("不在范围以内"));
    case ITEM_OTHER_ROLE: return page_text(p, S("没有这个岗位的任务"));
    case ITEM_OTHER_SYSTEM: return page_text(p, S("这个系统的授权管不到这个事项"));
    case ITEM_CONDITION: return page_text(p, S("条件不成立"));
    }
    return S("");
}

static struct str posts_of(struct page *p, const struct actor *who, struct str role) {
    struct str text = S("");
    for (size_t i = 0; i < who->n_posts; i++)
        if (str_eq(who->posts[i].role, role))
            text = ARENA_CAT(p->a, text, text.len ? page_text(p, S("、")) : S(""),
                             realm_words(page_realm(p), p->lang, who->posts[i].unit_title));
    return text;
}

static int put_grants(struct store_tx *tx, struct page *p, const struct asked *x, struct err *e) {
    struct val *grants = access_explain(page_realm(p), &x->actor, x->act, p->a);
    int rc = 0;
    for (size_t i = 0; !rc && i < val_count(grants); i++) {
        struct val *v = grants->u.list.item[i];
        const struct str role = val_get_str(v, S("role"));
        const struct system *m = realm_system(page_realm(p), val_get_str(v, S("system_id")));
        struct scope_token t;
        struct err no;
        enum item_reach reach = ITEM_REACHED;
        bool gives = val_get_bool(v, S("gives"), false);
        if (gives && x->judged && access_may_by(page_realm(p), &x->actor, x->act, i, &t, &no) == 0) rc = judge(tx, p, x, &t, &reach, e);
        val_put_str(p->a, v, S("system"), m ? system_text(m, p->lang, m->title) : S(""));
        val_put_str(p->a, v, S("says"), gives ? reach_text(p, x, reach) : page_text(p, S("没有这个岗位")));
        val_put_bool(p->a, v, S("applies"), gives && reach == ITEM_REACHED);
        val_put_str(p->a, v, S("role_title"), admin_role_title(p, role));
        val_put_str(p->a, v, S("posts"), posts_of(p, &x->actor, role));
        val_put_str(p->a, v, S("scope_text"), scope_text(p, val_get_str(v, S("scope"))));
        val_put_str(p->a, v, S("place"), ARENA_CAT(p->a, S("systems/"), val_get_str(v, S("system_id")), S("/access.yaml:"),
                                                   arena_i64(p->a, val_get_i64(v, S("line"), 0))));
    }
    struct val *sorted = val_list(p->a); /* what the person holds stands first */
    for (int own = 1; own >= 0; own--)
        for (size_t i = 0; i < val_count(grants); i++)
            if (val_get_bool(val_item(grants, i), S("gives"), false) == own) val_push(p->a, sorted, grants->u.list.item[i]);
    val_put(p->a, p->view, S("grants"), sorted);
    return rc;
}

/* Yes or no: the whole right, as it is judged wherever it is used. */
static int put_answer(struct store_tx *tx, struct page *p, const struct asked *x, struct err *e) {
    struct scope_token t;
    struct err no = { 0 };
    enum item_reach reach = ITEM_REACHED;
    const bool open = str_eq(x->act, S("public"));
    bool given = open || access_may(page_realm(p), &x->actor, x->act, &t, &no) == 0;
    int rc = given && x->judged && !open ? judge(tx, p, x, &t, &reach, e) : 0;
    val_put_bool(p->a, p->view, S("asked"), true);
    val_put_bool(p->a, p->view, S("open"), open);
    val_put_bool(p->a, p->view, S("given"), given && reach == ITEM_REACHED);
    val_put_str(p->a, p->view, S("act_title"), open ? page_text(p, S("查看公开页面")) : admin_act_title(p, x->act));
    val_put_str(p->a, p->view, S("name"), x->actor.name);
    val_put_str(p->a, p->view, S("to"), x->judged ? str_trim(page_in(p, S("object"))) : S(""));
    return rc;
}

int admin_why_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct str login = str_trim(page_in(p, S("account"))), object = str_trim(page_in(p, S("object")));
    struct asked x = { .act = page_in(p, S("act")) };
    int64_t id;
    if (login.len == 0 || (x.act.len == 0 && object.len == 0)) return 0;
    int rc = identity_account_by_login(tx, page_realm(p), login, &id, e);
    if (rc == ERR_NOT_FOUND) {
        err_clear(e);
        wrong(p, "account", S("没有这个登录名的账号"));
        return 0;
    }
    if (!rc) rc = identity_actor_of(tx, page_realm(p), id, &x.actor, e);
    if (!rc) rc = staff_looked(tx, p, "access.explain", "account", id, 0, e);
    if (!rc) rc = read_object(tx, p, object, &x, e);
    if (!rc) rc = know_object(tx, p, &x, e);
    if (!rc && x.judged && x.case_id) rc = staff_looked(tx, p, "access.explain", "case", x.case_id, x.case_id, e);
    if (!rc && x.judged && x.what == PERSON) rc = staff_looked(tx, p, "access.explain", "record", x.id, 0, e);
    if (rc || val_get(p->view, S("object_wrong")) || x.act.len == 0) return rc;
    rc = put_answer(tx, p, &x, e);
    return rc ? rc : put_grants(tx, p, &x, e);
}

int admin_why_say(struct page *p, struct err *e) {
    (void)e;
    staff_title(p, S("权限说明"), page_in(p, S("account")));
    val_put_str(p->a, p->view, S("login"), page_in(p, S("account")));
    val_put_str(p->a, p->view, S("object"), page_in(p, S("object")));
    val_put(p->a, p->view, S("acts"), admin_act_choices(p, page_in(p, S("act"))));
    val_put_str(p->a, p->view, S("here"), page_href(p, S("/admin/why")));
    p->template = S("admin/why");
    return 0;
}
