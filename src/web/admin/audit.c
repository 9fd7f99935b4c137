/* audit: I8 search of the audit log and its export, a list (web/list/list.h). Pages go by entry number, so that new entries
 * move nothing. Invariant: an export is itself an entry of the log.
 */
#include "web/admin/admin_pages.h"

#include "data/tz.h"
#include "engine/audit/audit.h"
#include "engine/item/item.h"
#include "web/list/list.h"

enum { PAGE_ROWS = 50 };

/* Start of the civil day in the realm's zone; false unless `text` is a date. */
static bool day_start(const struct page *p, struct str text, int plus_days, int64_t *ret) {
    struct civil_date d;
    struct civil_time t = { 0 };
    unsigned month, day;
    if (!civil_parse(text, &d)) return false;
    civil_split((struct civil_date){ d.day + plus_days }, &t.year, &month, &day);
    t.month = (uint8_t)month;
    t.day = (uint8_t)day;
    *ret = tz_instant_ms(page_realm(p)->tz, &t);
    return true;
}

/* The filter as asked; what cannot be read is told at its field and finds nothing. */
static int read_filter(struct store_tx *tx, struct page *p, struct list_run *l, struct audit_filter *f, struct err *e) {
    struct str actor = list_value(l, "actor"), number = list_value(l, "case"), from = list_value(l, "from"), to = list_value(l, "to");
    int rc = 0;
    *f = (struct audit_filter){ .act = list_value(l, "act"), .object_kind = list_value(l, "kind"), .back = l->back };
    if (actor.len) rc = identity_account_by_login(tx, page_realm(p), actor, &f->actor, e);
    if (rc == ERR_NOT_FOUND) list_wrong(p, l, "actor", S("没有这个登录名的账号")), rc = 0;
    if (!rc && number.len) rc = item_case_number_find(tx, page_realm(p), number, &f->case_id, e);
    if (rc == ERR_NOT_FOUND) list_wrong(p, l, "case", S("没有这个编号的办件")), rc = 0;
    if (from.len && !day_start(p, from, 0, &f->from_ms)) list_wrong(p, l, "from", S("请按 2026-11-21 的格式填写日期"));
    if (to.len && !day_start(p, to, 1, &f->to_ms)) list_wrong(p, l, "to", S("请按 2026-11-21 的格式填写日期"));
    return rc;
}

static struct str said(struct str text) {
    return str_eq(text, S("-")) ? S("") : text; /* "-" is how the log writes nothing */
}

static int row_view(struct store_tx *tx, struct page *p, const struct audit_row *row, struct val **ret, struct err *e) {
    struct val *v = val_map(p->a), *state = val_map(p->a);
    struct str name = S("");
    const struct audit_entry *x = &row->entry;
    int rc = x->actor ? identity_account_name(tx, page_realm(p), x->actor, &name, e) : 0;
    val_put_str(p->a, v, S("number"), arena_i64(p->a, row->number));
    val_put_str(p->a, v, S("at"), realm_time(page_realm(p), p->a, p->lang, row->time_ms));
    val_put_str(p->a, v, S("actor"), name.len ? name : page_text(p, x->actor ? S("（已删除）") : S("未登录或系统")));
    val_put_str(p->a, v, S("role"), admin_role_title(p, x->role));
    val_put_str(p->a, v, S("act"), admin_act_title(p, x->act));
    val_put_str(p->a, v, S("kind"), admin_kind_title(p, x->object_kind));
    val_put_str(p->a, v, S("object"), x->object_id ? arena_i64(p->a, x->object_id) : S(""));
    val_put_str(p->a, v, S("detail"), said(x->detail));
    val_put_str(p->a, v, S("source"), said(x->source));
    /* for the file: what programs tell apart by */
    struct buf iso;
    buf_init(&iso, p->a, 40, 80);
    tz_write_iso(&iso, page_realm(p)->tz, row->time_ms);
    val_put_str(p->a, v, S("time"), buf_str(&iso));
    val_put_str(p->a, v, S("actor_id"), arena_i64(p->a, x->actor));
    val_put_str(p->a, v, S("role_id"), said(x->role));
    val_put_str(p->a, v, S("act_id"), x->act);
    val_put_str(p->a, v, S("kind_id"), said(x->object_kind));
    val_put_str(p->a, v, S("case_id"), arena_i64(p->a, x->case_id));
    val_put_str(p->a, v, S("error"), said(row->error_name));
    val_put_str(p->a, v, S("request_id"), said(x->request_id));
    val_put_str(p->a, v, S("place"), arena_i64(p->a, row->number));
    val_put_str(p->a, state, S("text"),
                row->outcome ? ARENA_CAT(p->a, page_text(p, S("被拒绝")), S(" "), row->error_name) : page_text(p, S("已办")));
    val_put_str(p->a, state, S("kind"), row->outcome ? S("seal") : S("ok"));
    val_put(p->a, v, S("state"), state);
    val_put_str(p->a, v, S("href"), page_href(p, arena_fmt(p->a, "/admin/audit/entry/%lld", (long long)row->number)));
    *ret = v;
    return rc;
}

static int put_count(struct store_tx *tx, struct page *p, struct list_run *l, const struct audit_filter *f, struct err *e) {
    struct audit_counted c;
    int rc = audit_count(tx, page_realm(p)->home, f, &c, e);
    l->total = c.n;
    l->whole = !c.more;
    l->least = c.more;
    return rc;
}

static int fetch(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e) {
    struct audit_row *rows = arena_array(p->a, AUDIT_PAGE_MAX, sizeof *rows);
    struct audit_filter f;
    size_t n = 0;
    int64_t place = 0;
    if (!rows) return err_set(e, ERR_MEMORY, NULL);
    if (l->place.len && (!str_to_i64(l->place, &place) || place <= 0)) return err_set(e, ERR_NOT_FOUND, NULL);
    int rc = read_filter(tx, p, l, &f, e);
    if (!rc && !list_faulty(l)) rc = audit_find(tx, page_realm(p)->home, &f, place, rows, l->max, &n, e);
    if (!rc && l->counted && !list_faulty(l)) rc = put_count(tx, p, l, &f, e);
    for (size_t i = 0; !rc && i < n; i++) {
        struct val *v;
        rc = row_view(tx, p, &rows[i], &v, e);
        val_push(p->a, l->rows, v);
    }
    return rc;
}

static int choices(struct store_tx *tx, struct page *p, struct list_run *l, const struct list_filter *f, struct val *into,
                   struct err *e) {
    const struct val *all = str_eq(str_of(f->name), S("act")) ? admin_act_choices(p, S("")) : admin_kind_choices(p, S(""));
    (void)tx;
    (void)e;
    for (size_t i = 0; i < val_count(all); i++)
        list_choice(p, l, f, into, val_get_str(val_item(all, i), S("value")), val_get_str(val_item(all, i), S("title")));
    return 0;
}

static const struct list_column columns[] = {
    { "number", S_INIT("编号"), "number", LIST_HEAD }, { "at", S_INIT("时间"), NULL, LIST_WHEN },
    { "time", S_INIT("时间（ISO 8601）"), NULL, LIST_FILE }, { "actor", S_INIT("谁"), NULL, LIST_TEXT },
    { "role", S_INIT("岗位"), NULL, LIST_UNDER },      { "actor_id", S_INIT("账号编号"), NULL, LIST_FILE },
    { "role_id", S_INIT("岗位代码"), NULL, LIST_FILE }, { "act", S_INIT("做什么"), NULL, LIST_TEXT },
    { "act_id", S_INIT("行为代码"), NULL, LIST_FILE }, { "kind", S_INIT("对象"), NULL, LIST_TEXT },
    { "object", S_INIT("对象编号"), NULL, LIST_UNDER }, { "kind_id", S_INIT("对象代码"), NULL, LIST_FILE },
    { "case_id", S_INIT("办件内部编号"), NULL, LIST_FILE }, { "state", S_INIT("结果"), NULL, LIST_TAG },
    { "error", S_INIT("错误代码"), NULL, LIST_FILE },  { "detail", S_INIT("说明"), NULL, LIST_TEXT },
    { "source", S_INIT("来源"), NULL, LIST_TEXT },     { "request_id", S_INIT("请求编号"), NULL, LIST_FILE },
};
static const struct list_order orders[] = { { "number", S_INIT("新的在前；点编号看这一条的证明"), S_INIT("旧的在前；点编号看这一条的证明"), false } };
static const struct list_filter filters[] = {
    { "actor", S_INIT("谁（登录名）"), LIST_WORDS },      { "act", S_INIT("做什么"), LIST_CHOICE },
    { "kind", S_INIT("对象"), LIST_CHOICE },              { "case", S_INIT("哪个办件（编号）"), LIST_WORDS },
    { "from", S_INIT("从哪天"), LIST_DAY },               { "to", S_INIT("到哪天"), LIST_DAY },
};
static const struct list entries = { .name = "audit", .caption = S_INIT("审计日志"),
                                     LIST_TABLES(columns, orders, filters), .page_rows = PAGE_ROWS, .fetch = fetch,
                                     .choices = choices };

int admin_audit_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &entries, S("/admin/audit"), &l);
    int rc = list_show(tx, p, &l, e);
    return rc ? rc : staff_looked(tx, p, "audit.search", "audit", 0, 0, e);
}

int admin_audit_say(struct page *p, struct err *e) {
    (void)e;
    staff_title(p, S("审计日志"), S(""));
    p->template = S("admin/audit");
    return 0;
}

int admin_audit_file_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &entries, S("/admin/audit"), &l);
    return list_file(tx, p, &l, "audit.search", "audit", e);
}
