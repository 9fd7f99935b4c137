/* upkeep: I12 a time at which the installation is worked on: announced on every page, then nothing can be sent, until it is over.
 * Invariant: what is shown here is read from the store, not from what this node announces: the reader sees what he has done.
 */
#include "engine/upkeep/upkeep.h"

#include "data/tz.h"
#include "web/admin/admin_pages.h"
#include "web/question.h"

struct wanted {
    struct upkeep u;
    int64_t end;
};

/* "2026-11-22 22:00", the day in any of the forms that people write. */
static bool read_time(struct page *p, struct str text, int64_t *ret) {
    struct str rest = str_trim(text), day = S(""), hour = S("");
    struct civil_date d;
    int64_t h, m;
    (void)str_cut(&rest, ' ', &day);
    rest = str_trim(rest);
    (void)str_cut(&rest, ':', &hour);
    if (!civil_parse(day, &d) || !str_to_i64(hour, &h) || !str_to_i64(rest, &m) || rest.len != 2 || h < 0 || h > 23 || m < 0 || m > 59)
        return false;
    struct civil_time t = { .hour = (uint8_t)h, .minute = (uint8_t)m };
    unsigned month, dom;
    civil_split(d, &t.year, &month, &dom);
    t.month = (uint8_t)month, t.day = (uint8_t)dom;
    *ret = tz_instant_ms(page_realm(p)->tz, &t);
    return true;
}

static int64_t time_of(struct page *p, const char *field, struct str title) {
    struct str text = page_in(p, str_of(field));
    int64_t ms = 0;
    if (str_trim(text).len == 0) (void)page_fault(p, str_of(field), ERR_REQUIRED, title);
    else if (!read_time(p, text, &ms)) (void)page_fault(p, str_of(field), ERR_FORMAT, S("2026-11-22 22:00"));
    return ms;
}

static struct str text_of(struct page *p, const char *field, struct str title) {
    struct str text = str_trim(page_in(p, str_of(field)));
    if (text.len == 0) (void)page_fault(p, str_of(field), ERR_REQUIRED, title);
    else if (str_utf8_count(text) > UPKEEP_CHARS_MAX)
        (void)page_fault(p, str_of(field), ERR_TOO_LONG, arena_i64(p->req->arena, UPKEEP_CHARS_MAX));
    return text;
}

int admin_upkeep_ask(struct page *p, struct err *e) {
    struct wanted *own = arena_new(p->req->arena, struct wanted);
    if (!own) return err_set(e, ERR_MEMORY, NULL);
    p->own = own;
    if (str_eq(page_in(p, S("do")), S("end"))) return str_to_i64(page_in(p, S("id")), &own->end) ? 0 : err_set(e, ERR_NOT_FOUND, NULL);
    own->u.from_ms = time_of(p, "from", S("开始时间"));
    own->u.until_ms = time_of(p, "until", S("结束时间"));
    own->u.zh = text_of(p, "zh", S("中文通知"));
    own->u.en = text_of(p, "en", S("英文通知"));
    own->u.staff = question_ticked(p, "staff");
    return 0;
}

int admin_upkeep_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct upkeep u;
    int rc = upkeep_now(tx, page_realm(p), &u, e);
    if (rc || u.id == 0) return rc;
    struct val *v = val_map(p->a);
    val_put_i64(p->a, v, S("id"), u.id);
    val_put_bool(p->a, v, S("on"), u.from_ms <= p->now_ms);
    val_put_str(p->a, v, S("from"), realm_time(page_realm(p), p->a, p->lang, u.from_ms));
    val_put_str(p->a, v, S("until"), realm_time(page_realm(p), p->a, p->lang, u.until_ms));
    val_put_str(p->a, v, S("passes"), page_text(p, u.staff ? S("系统管理员和全体工作人员") : S("系统管理员")));
    val_put_str(p->a, v, S("zh"), u.zh);
    val_put_str(p->a, v, S("en"), u.en);
    val_put(p->a, p->view, S("now"), v);
    return 0;
}

int admin_upkeep_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct wanted *own = p->own;
    int rc = own->end ? upkeep_end(tx, page_realm(p), p->who, own->end, e) : upkeep_put(tx, page_realm(p), p->who, &own->u, e);
    if (!rc) p->location = S("/admin/upkeep");
    return staff_fault(p, rc, e);
}

int admin_upkeep_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0;
    staff_title(p, S("维护"), S(""));
    page_form(p, S("/admin/upkeep"));
    question_box(p, "staff", S("谁照常办理"), S("工作人员照常办理"),
                 S("有岗位的人不受限制，公众只能查看；数据库能写、只是不想让公众提交时选它"), page_again(p) && page_in(p, S("staff")).len > 0);
    page_label(p, S("from"), page_text(p, S("开始时间")));
    page_label(p, S("until"), page_text(p, S("结束时间")));
    page_label(p, S("zh"), page_text(p, S("中文通知")));
    page_label(p, S("en"), page_text(p, S("英文通知")));
    p->template = S("admin/upkeep");
    return 0;
}
