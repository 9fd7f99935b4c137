/* deputy: E10, who stands in for whom: what one gave, what one holds, those of a head's units; one of them, answered and ended; and taking
 * an absent colleague's task. Naming: deputy_new.c. Invariant: the reason is shown with one of them alone, to the two sides and the head.
 */
#include "engine/deputy/deputy.h"

#include "engine/identity/identity.h"
#include "engine/item/item.h"
#include "web/desk/desk_pages.h"
#include "web/list/list.h"

enum { PAGE_ROWS = 20, TAKEN_SHOWN = 20 };
#define HOME "/desk/deputies"

static const struct {
    const char *id;
    struct str kind, title;
} states[] = {
    { "offered", S_INIT("warn"), S_INIT("等同事接受") }, { "coming", S_INIT("brand"), S_INIT("还没开始") },
    { "active", S_INIT("ok"), S_INIT("正在代办") },      { "over", S_INIT(""), S_INIT("已到期") },
    { "declined", S_INIT(""), S_INIT("已谢绝") },        { "ended", S_INIT(""), S_INIT("已终止") },
};

/* "item:ID" or "system:ID" as people read it. */
struct str desk_matter_title(const struct page *p, struct str matter) {
    const struct realm *r = page_realm(p);
    struct str kind, id = matter;
    const struct system *m;
    if (!str_cut(&id, ':', &kind)) return matter;
    if (str_eq(kind, S("system"))) {
        m = realm_system(r, id);
        return m ? ARENA_CAT(p->a, system_text(m, p->lang, m->title), page_text(p, S("（全部事项）"))) : id;
    }
    const struct item_type *t = realm_find(r, SYSTEM_ITEM, id, &m);
    return t ? system_text(m, p->lang, t->name) : id;
}

static struct str matters_text(struct page *p, struct str matters) {
    struct buf b;
    struct str one;
    buf_init(&b, p->a, 128, 8192);
    if (!matters.len) return page_text(p, S("手上的全部任务"));
    while (str_cut(&matters, ' ', &one)) {
        if (buf_str(&b).len) buf_add(&b, page_text(p, S("、")));
        buf_add(&b, desk_matter_title(p, one));
    }
    return buf_str(&b);
}

static struct val *view_of(struct page *p, const struct deputy *d) {
    const struct realm *r = page_realm(p);
    struct val *v = val_map(p->a), *state = val_map(p->a);
    struct str is = deputy_state(d, p->now_ms);
    for (size_t i = 0; i < LIST_N(states); i++) {
        if (!str_eq(is, str_of(states[i].id))) continue;
        bool asked = i == 0 && d->deputy == p->who->account;
        val_put_str(p->a, state, S("kind"), states[i].kind);
        val_put_str(p->a, state, S("text"), page_text(p, asked ? S("等您接受") : states[i].title));
    }
    val_put(p->a, v, S("state"), state);
    val_put_i64(p->a, v, S("id"), d->id);
    val_put_str(p->a, v, S("principal"), d->principal_name);
    val_put_str(p->a, v, S("name"), d->name);
    val_put_str(p->a, v, S("matters"), matters_text(p, d->matters));
    val_put_str(p->a, v, S("from"), realm_day(r, p->a, p->lang, d->from_ms));
    val_put_str(p->a, v, S("until"), realm_day(r, p->a, p->lang, d->until_ms - 1));
    val_put_str(p->a, v, S("made"), realm_time(r, p->a, p->lang, d->made_ms));
    val_put_str(p->a, v, S("href"), page_href(p, arena_fmt(p->a, "/desk/deputy/%lld", (long long)d->id)));
    val_put_str(p->a, v, S("place"), list_place(p->a, d->until_ms, d->id));
    return v;
}

/* ---- the lists ---- */

static int fetch(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e);
static int choices(struct store_tx *tx, struct page *p, struct list_run *l, const struct list_filter *f, struct val *into, struct err *e) {
    (void)tx;
    (void)e;
    for (size_t i = 0; i < LIST_N(states); i++) list_choice(p, l, f, into, str_of(states[i].id), page_text(p, states[i].title));
    return 0;
}

#define REST \
    { "matters", S_INIT("代办什么"), NULL, LIST_TEXT }, { "state", S_INIT("状态"), NULL, LIST_TAG }, \
        { "from", S_INIT("从哪一天"), NULL, LIST_TEXT }, { "until", S_INIT("到哪一天"), "until", LIST_WHEN }
static const struct list_column given_columns[] = { { "name", S_INIT("代办的同事"), NULL, LIST_HEAD }, REST };
static const struct list_column held_columns[] = { { "principal", S_INIT("不在岗的人"), NULL, LIST_HEAD }, REST };
static const struct list_column unit_columns[] = { { "principal", S_INIT("不在岗的人"), NULL, LIST_HEAD },
                                                   { "name", S_INIT("代办的同事"), NULL, LIST_TEXT }, REST };
static const struct list_order orders[] = { { "until", S_INIT("最晚结束的在前"), S_INIT("最早结束的在前"), false } };
static const struct list_filter filters[] = { { "state", S_INIT("状态"), LIST_CHOICE } };
#define LIST_OF(what, title) \
    { .name = "deputies-" #what, .caption = S_INIT(title), LIST_TABLES(what##_columns, orders, filters), .page_rows = PAGE_ROWS, \
      .fetch = fetch, .choices = choices }
static const struct list lists[] = { [DEPUTY_GIVEN] = LIST_OF(given, "代我办理的同事"),
                                     [DEPUTY_HELD] = LIST_OF(held, "我代办的同事"),
                                     [DEPUTY_UNIT] = LIST_OF(unit, "本单位的代办") };
static const struct {
    const char *path, *power;
    struct str title, empty, text;
} of[] = {
    [DEPUTY_GIVEN] = { HOME, "deputy.read", S_INIT("代我办理的同事"), S_INIT("还没有委托过同事代办"),
                       S_INIT("出差、休假以前，可以请有同样岗位的同事代您办理手上的任务。") },
    [DEPUTY_HELD] = { HOME "/held", "deputy.read", S_INIT("我代办的同事"), S_INIT("还没有同事请您代办"),
                      S_INIT("有同事委托时会给您发消息，您接受以后才算数。") },
    [DEPUTY_UNIT] = { HOME "/unit", "deputy.list", S_INIT("本单位的代办"), S_INIT("本单位还没有人委托代办"),
                      S_INIT("有人突然不在岗、没有来得及委托的，可以由您指定一位同事。") },
};

static int fetch(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e) {
    struct deputy_query q = { .of = (enum deputy_of)(l->of - lists), .state = list_value(l, "state"), .back = l->back, .max = l->max };
    struct deputy *all;
    size_t n = 0;
    int rc = list_place_read(l->place, &q.key, &q.at, e);
    if (!rc) rc = deputy_list(tx, page_realm(p), p->who, &q, &all, &n, e);
    l->rows = val_list(p->a);
    for (size_t i = 0; !rc && i < n; i++) val_push(p->a, l->rows, view_of(p, &all[i]));
    l->total = SCOPE_UNCOUNTED;
    l->cut = q.cut ? list_place(p->a, q.key, q.at) : (struct str){ NULL, 0 };
    return rc;
}

static enum deputy_of asked_of(const struct page *p) {
    struct str id = str_of(p->route->id);
    return str_starts(id, S("E10-held")) ? DEPUTY_HELD : str_starts(id, S("E10-unit")) ? DEPUTY_UNIT : DEPUTY_GIVEN;
}

static bool may(const struct page *p, const char *power) {
    struct scope_token ignored;
    return access_may(page_realm(p), p->who, str_of(power), &ignored, NULL) == 0;
}

static void put_tabs(struct page *p, enum deputy_of current) {
    for (int i = DEPUTY_GIVEN; i <= DEPUTY_UNIT; i++)
        if (may(p, of[i].power)) staff_link(p, "tabs", of[i].title, str_of(of[i].path), i == (int)current, -1);
}

int desk_deputies_act(struct store_tx *tx, struct page *p, struct err *e) {
    enum deputy_of which = asked_of(p);
    struct list_run l;
    list_read(p, &lists[which], str_of(of[which].path), &l);
    put_tabs(p, which);
    bool names = which == DEPUTY_UNIT ? may(p, "deputy.appoint") : which == DEPUTY_GIVEN && may(p, "deputy.name");
    if (names) val_put_str(p->a, p->view, S("new_href"), page_href(p, which == DEPUTY_UNIT ? S(HOME "/unit/new") : S(HOME "/new")));
    return list_show(tx, p, &l, e);
}

int desk_deputies_file_act(struct store_tx *tx, struct page *p, struct err *e) {
    enum deputy_of which = asked_of(p);
    bool unit = which == DEPUTY_UNIT;
    struct list_run l;
    list_read(p, &lists[which], str_of(of[which].path), &l);
    return list_file(tx, p, &l, unit ? "deputy.list" : NULL, unit ? "deputy" : NULL, e);
}

int desk_deputies_say(struct page *p, struct err *e) {
    enum deputy_of which = asked_of(p);
    (void)e;
    staff_title(p, of[which].title, S(""));
    val_put_bool(p->a, p->view, S("given"), which == DEPUTY_GIVEN);
    val_put_bool(p->a, p->view, S("held"), which == DEPUTY_HELD);
    val_put_bool(p->a, p->view, S("unit"), which == DEPUTY_UNIT);
    if (!list_some(p) && !val_get(p->view, S("empty"))) {
        struct val *v = val_map(p->a);
        val_put_str(p->a, v, S("title"), page_text(p, of[which].empty));
        val_put_str(p->a, v, S("text"), page_text(p, of[which].text));
        val_put_str(p->a, v, S("href"), S(""));
        val_put(p->a, p->view, S("empty"), v);
    }
    p->template = S("desk/deputies");
    return 0;
}

/* ---- one of them ---- */

static int put_name(struct store_tx *tx, struct page *p, struct val *v, const char *key, int64_t account, struct err *e) {
    struct str name = S("");
    int rc = account ? identity_account_name(tx, page_realm(p), account, &name, e) : 0;
    val_put_str(p->a, v, str_of(key), name);
    return rc;
}

/* What was taken by it: what the reader may open of that. */
static int put_taken(struct store_tx *tx, struct page *p, const struct deputy *d, struct err *e) {
    struct item_task_query q = { .kind = S("taken"), .standing = d->id, .received = true, .max = TAKEN_SHOWN };
    struct val *rows = NULL;
    if (!may(p, "task.list")) return 0;
    int rc = item_tasks_view(tx, page_realm(p), p->who, &q, p->lang, &rows, e);
    for (size_t i = 0; !rc && i < val_count(rows); i++) {
        struct val *row = rows->u.list.item[i];
        int64_t id = val_get_i64(row, S("id"), 0);
        val_put_str(p->a, row, S("href"), page_href(p, arena_fmt(p->a, "/desk/task/%lld", (long long)id)));
        val_put_str(p->a, row, S("who"), val_get_str(row, val_get_str(row, S("ended")).len ? S("ended_by") : S("claimed_by")));
    }
    if (!rc) val_put(p->a, p->view, S("taken"), rows);
    return rc;
}

static int one(struct store_tx *tx, struct page *p, struct deputy *d, struct err *e) {
    const struct realm *r = page_realm(p);
    int64_t id;
    int rc = staff_id(p, "deputy", &id, e);
    if (!rc) rc = deputy_get(tx, r, p->who, id, d, e);
    if (rc) return rc;
    struct val *v = view_of(p, d);
    bool side = d->principal == p->who->account || d->deputy == p->who->account;
    val_put_str(p->a, v, S("reason"), d->reason);
    val_put_str(p->a, v, S("answered"), realm_time(r, p->a, p->lang, d->answered_ms));
    val_put_str(p->a, v, S("ended"), realm_time(r, p->a, p->lang, d->ended_ms));
    val_put_bool(p->a, v, S("may_answer"), deputy_may_answer(d, p->who, p->now_ms));
    val_put_bool(p->a, v, S("may_end"), deputy_may_end(d, p->now_ms) && may(p, side ? "deputy.end" : "deputy.appoint"));
    val_put_bool(p->a, v, S("mine"), d->deputy == p->who->account && deputy_holds(d, p->now_ms));
    val_put_str(p->a, v, S("queue_href"), page_href(p, S("/desk/for")));
    val_put_str(p->a, v, S("end_href"), page_href(p, arena_fmt(p->a, "/desk/deputy/%lld/end", (long long)id)));
    val_put(p->a, p->view, S("deputy"), v);
    rc = put_name(tx, p, v, "by", d->made_by != d->principal ? d->made_by : 0, e);
    return rc ? rc : put_name(tx, p, v, "ended_by", d->ended_by, e);
}

int desk_deputy_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct deputy d;
    int rc = one(tx, p, &d, e);
    return rc ? rc : put_taken(tx, p, &d, e);
}

static struct str title_of(struct page *p) {
    const struct val *d = val_get(p->view, S("deputy"));
    struct val *args = val_map(p->a);
    val_put_str(p->a, args, S("name"), val_get_str(d, S("name")));
    val_put_str(p->a, args, S("principal"), val_get_str(d, S("principal")));
    return po_fill(p->a, page_text(p, S("{name}代{principal}办理")), args);
}

static void frame(struct page *p, struct str last) {
    staff_crumb(p, S("我的工作"), S("/desk"));
    staff_crumb(p, S("委托代办"), S(HOME));
    staff_crumb(p, last, S(""));
}

int desk_deputy_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0;
    staff_title(p, title_of(p), S(""));
    frame(p, title_of(p));
    page_label(p, S("answer"), page_text(p, S("接受还是谢绝")));
    page_form(p, S(""));
    p->template = S("desk/deputy");
    return 0;
}

int desk_deputy_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct str answer = page_in(p, S("answer"));
    struct deputy d;
    int64_t id;
    bool yes = str_eq(answer, S("accept"));
    int rc = staff_id(p, "deputy", &id, e);
    if (!rc) rc = deputy_get(tx, page_realm(p), p->who, id, &d, e);
    if (!rc && d.deputy != p->who->account) rc = err_set(e, ERR_NOT_FOUND, NULL);
    if (!rc && !yes && !str_eq(answer, S("decline"))) return page_fault(p, S("answer"), ERR_REQUIRED, page_text(p, S("接受还是谢绝")));
    if (!rc) rc = deputy_answer(tx, page_realm(p), p->who, id, yes, e);
    if (!rc) p->location = arena_fmt(p->a, "/desk/deputy/%lld", (long long)id);
    return rc;
}

int desk_deputy_end_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct deputy d;
    int rc = one(tx, p, &d, e);
    if (!rc && !val_get_bool(val_get(p->view, S("deputy")), S("may_end"), false))
        p->location = arena_fmt(p->a, "/desk/deputy/%lld", (long long)d.id);
    return rc;
}

int desk_deputy_end_say(struct page *p, struct err *e) {
    const struct val *d = val_get(p->view, S("deputy"));
    (void)e;
    if (p->location.len) return 0;
    staff_title(p, S("终止代办"), S(""));
    frame(p, S("终止代办"));
    page_form(p, S(""));
    val_put_str(p->a, p->view, S("back_href"), val_get_str(d, S("href")));
    p->template = S("desk/deputy_end");
    return 0;
}

int desk_deputy_end_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    int64_t id;
    int rc = staff_id(p, "deputy", &id, e);
    if (!rc) rc = deputy_end(tx, page_realm(p), p->who, id, e);
    if (!rc) p->location = arena_fmt(p->a, "/desk/deputy/%lld", (long long)id);
    return rc;
}

/* ---- taking ---- */

int desk_take_ask(struct page *p, struct err *e) {
    int64_t version;
    return str_to_i64(page_in(p, S("version")), &version) ? 0 : err_set(e, ERR_SYNTAX, "version");
}

int desk_take_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct item_task_order o = { .verb = S("take") };
    int rc = staff_id(p, "id", &o.task, e);
    (void)str_to_i64(page_in(p, S("version")), &o.version);
    if (!rc) rc = item_task_do(tx, page_realm(p), p->who, &o, e);
    if (!rc) p->location = arena_fmt(p->a, "/desk/task/%lld", (long long)o.task);
    return rc;
}
