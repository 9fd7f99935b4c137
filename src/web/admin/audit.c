/* audit: I8 search of the audit log and its export. Pages go by entry number (keyset), newest first, so that new entries move
 * nothing. Invariant: an export is itself an entry of the log.
 */
#include "web/admin/admin_pages.h"

#include "data/tz.h"
#include "data/write.h"
#include "engine/audit/audit.h"
#include "engine/item/item.h"

enum { SHOWN_MAX = 50, EXPORT_MAX = 50000, EXPORT_BYTES_MAX = 16 * 1024 * 1024 };

static const char *const filter_fields[] = { "actor", "act", "kind", "case", "from", "to", NULL };

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

static void wrong(struct page *p, struct val *errors, const char *field, struct str text) {
    val_put_str(p->a, errors, str_of(field), page_text(p, text));
}

/* The filter as asked; what cannot be read is told at its field in `fault` and finds nothing. */
static int read_filter(struct store_tx *tx, struct page *p, struct audit_filter *f, bool *ok, struct err *e) {
    struct val *errors = val_map(p->a);
    struct str actor = str_trim(page_in(p, S("actor"))), number = str_trim(page_in(p, S("case")));
    struct str from = str_trim(page_in(p, S("from"))), to = str_trim(page_in(p, S("to")));
    int rc = 0;
    *f = (struct audit_filter){ .act = page_in(p, S("act")), .object_kind = page_in(p, S("kind")) };
    if (actor.len) rc = identity_account_by_login(tx, page_realm(p), actor, &f->actor, e);
    if (rc == ERR_NOT_FOUND) wrong(p, errors, "actor", S("没有这个登录名的账号")), rc = 0;
    if (!rc && number.len) rc = item_case_number_find(tx, page_realm(p), number, &f->case_id, e);
    if (rc == ERR_NOT_FOUND) wrong(p, errors, "case", S("没有这个编号的办件")), rc = 0;
    if (from.len && !day_start(p, from, 0, &f->from_ms)) wrong(p, errors, "from", S("请按 2026-11-21 的格式填写日期"));
    if (to.len && !day_start(p, to, 1, &f->to_ms)) wrong(p, errors, "to", S("请按 2026-11-21 的格式填写日期"));
    val_put(p->a, p->view, S("fault"), errors);
    *ok = val_count(errors) == 0;
    return rc;
}

/* The address with the same filter. */
static struct str with_filter(struct page *p, struct str path, int64_t before) {
    struct buf b;
    bool first = true;
    buf_init(&b, p->a, 256, 4096);
    buf_add(&b, path);
    for (const char *const *f = filter_fields; *f; f++) {
        struct str value = page_in(p, str_of(*f));
        if (value.len == 0) continue;
        buf_add(&b, first ? S("?") : S("&"));
        buf_add(&b, str_of(*f));
        buf_add_char(&b, '=');
        write_url_component(&b, value);
        first = false;
    }
    if (before) buf_add_fmt(&b, "%sbefore=%lld", first ? "?" : "&", (long long)before);
    return page_href(p, buf_str(&b));
}

static int row_view(struct store_tx *tx, struct page *p, const struct audit_row *row, struct val **ret, struct err *e) {
    struct val *v = val_map(p->a), *state = val_map(p->a);
    struct str name = S("");
    const struct audit_entry *x = &row->entry;
    int rc = x->actor ? identity_account_name(tx, page_realm(p), x->actor, &name, e) : 0;
    val_put_i64(p->a, v, S("number"), row->number);
    val_put_str(p->a, v, S("at"), realm_time(page_realm(p), p->a, p->lang, row->time_ms));
    val_put_str(p->a, v, S("actor"), name.len ? name : page_text(p, x->actor ? S("（已删除）") : S("未登录或系统")));
    val_put_str(p->a, v, S("role"), admin_role_title(p, x->role));
    val_put_str(p->a, v, S("act"), admin_act_title(p, x->act));
    val_put_str(p->a, v, S("kind"), admin_kind_title(p, x->object_kind));
    val_put_str(p->a, v, S("object"), x->object_id ? arena_i64(p->a, x->object_id) : S(""));
    val_put_str(p->a, v, S("detail"), str_eq(x->detail, S("-")) ? S("") : x->detail);
    val_put_str(p->a, v, S("source"), str_eq(x->source, S("-")) ? S("") : x->source);
    val_put_str(p->a, state, S("text"),
                row->outcome ? ARENA_CAT(p->a, page_text(p, S("被拒绝")), S(" "), row->error_name) : page_text(p, S("已办")));
    val_put_str(p->a, state, S("kind"), row->outcome ? S("seal") : S("ok"));
    val_put(p->a, v, S("state"), state);
    val_put_str(p->a, v, S("href"), page_href(p, arena_fmt(p->a, "/admin/audit/entry/%lld", (long long)row->number)));
    *ret = v;
    return rc;
}

int admin_audit_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct audit_row *rows = arena_array(p->a, SHOWN_MAX + 1, sizeof *rows);
    struct audit_filter f;
    struct val *list = val_list(p->a);
    size_t n = 0;
    int64_t before = 0;
    bool ok;
    if (!rows) return err_set(e, ERR_MEMORY, NULL);
    (void)str_to_i64(page_in(p, S("before")), &before);
    int rc = read_filter(tx, p, &f, &ok, e);
    if (!rc && ok) rc = audit_find(tx, page_realm(p)->home, &f, before > 0 ? before : 0, rows, SHOWN_MAX + 1, &n, e);
    if (!rc) rc = staff_looked(tx, p, "audit.search", "audit", 0, f.case_id, e);
    for (size_t i = 0; !rc && i < n && i < SHOWN_MAX; i++) {
        struct val *v;
        rc = row_view(tx, p, &rows[i], &v, e);
        val_push(p->a, list, v);
    }
    val_put(p->a, p->view, S("rows"), list);
    if (n > SHOWN_MAX)
        val_put_str(p->a, p->view, S("next_href"), with_filter(p, S("/admin/audit"), rows[SHOWN_MAX - 1].number));
    if (before > 0) val_put_str(p->a, p->view, S("first_href"), with_filter(p, S("/admin/audit"), 0));
    val_put_bool(p->a, p->view, S("paged"), n > SHOWN_MAX || before > 0);
    if (n) val_put_str(p->a, p->view, S("export_href"), with_filter(p, S("/admin/audit/export"), 0));
    return rc;
}

int admin_audit_say(struct page *p, struct err *e) {
    (void)e;
    staff_title(p, S("审计日志"), S(""));
    for (const char *const *f = filter_fields; *f; f++)
        val_put_str(p->a, p->view, ARENA_CAT(p->a, S("f_"), str_of(*f)), page_in(p, str_of(*f)));
    if (val_count(val_get(p->view, S("fault")))) p->status = 422;
    val_put(p->a, p->view, S("acts"), admin_act_choices(p, page_in(p, S("act"))));
    val_put(p->a, p->view, S("kinds"), admin_kind_choices(p, page_in(p, S("kind"))));
    val_put_str(p->a, p->view, S("here"), page_href(p, S("/admin/audit")));
    p->template = S("admin/audit");
    return 0;
}

/* ---- export ---- */

static void csv_row(struct page *p, struct buf *b, const struct audit_row *row) {
    const struct audit_entry *x = &row->entry;
    const struct str fields[] = {
        arena_i64(p->a, row->number),
        S(""),
        arena_i64(p->a, x->actor),
        x->role,
        x->act,
        x->object_kind,
        arena_i64(p->a, x->object_id),
        arena_i64(p->a, x->case_id),
        row->outcome ? S("refused") : S("done"),
        row->error_name,
        x->request_id,
        x->source,
        x->detail,
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (i) buf_add_char(b, ',');
        if (i == 1) tz_write_iso(b, page_realm(p)->tz, row->time_ms);
        else write_csv_field(b, str_eq(fields[i], S("-")) ? S("") : fields[i]); /* "-" is how the log writes nothing */
    }
    buf_add(b, S("\r\n"));
}

int admin_export_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct str *csv = arena_new(p->req->arena, struct str);
    struct audit_row *rows = arena_array(p->a, AUDIT_PAGE_MAX, sizeof *rows);
    struct audit_filter f;
    struct act act;
    struct buf b;
    size_t n = 1, total = 0;
    int64_t before = 0;
    bool ok;
    if (!csv || !rows) return err_set(e, ERR_MEMORY, NULL);
    p->a->limit_bytes = 4 * (size_t)EXPORT_BYTES_MAX; /* the request's end puts it back */
    int rc = act_open(&act, tx, page_realm(p), p->who, S("audit.search"), e);
    if (!rc) rc = read_filter(tx, p, &f, &ok, e);
    if (!rc && !ok) rc = err_set(e, ERR_INPUT, "filter");
    buf_init(&b, p->a, 256 * 1024, EXPORT_BYTES_MAX);
    /* The mark lets spreadsheets read UTF-8. */
    buf_add(
        &b,
        S("\xEF\xBB\xBFnumber,time,actor,role,act,object_kind,object_id,case_id,outcome,error,request_id,source,detail\r\n"));
    while (!rc && n) {
        rc = audit_find(tx, page_realm(p)->home, &f, before, rows, AUDIT_PAGE_MAX, &n, e);
        for (size_t i = 0; !rc && i < n; i++) csv_row(p, &b, &rows[i]);
        if (n) before = rows[n - 1].number;
        total += n;
        if (!rc && total > EXPORT_MAX) rc = err_set(e, ERR_LIMIT, "%d", EXPORT_MAX); /* never a part that passes for the whole */
    }
    if (!rc && !buf_ok(&b)) rc = err_set(e, ERR_LIMIT, "16 MiB");
    *csv = buf_str(&b);
    p->own = csv;
    return rc ? rc : act_close(&act, S("audit"), 0, f.case_id, arena_fmt(p->a, "export %zu", total), e);
}

int admin_export_say(struct page *p, struct err *e) {
    struct http_reply *reply = arena_new(p->req->arena, struct http_reply);
    const struct str *csv = p->own;
    if (!reply) return err_set(e, ERR_MEMORY, NULL);
    page_header(p, S("Content-Disposition"), S("attachment; filename=\"audit.csv\""));
    *reply = (struct http_reply){ .status = 200, .media_type = S("text/csv; charset=utf-8"), .body = *csv };
    p->reply = reply;
    return 0;
}
