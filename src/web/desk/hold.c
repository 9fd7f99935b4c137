/* hold: E7, the legal clock of a task day by day, and stopping or resuming it by hand. Invariant: who may is access's to say
 * (clock.hold), what for is the item's; this page only asks.
 */
#include "web/desk/desk_pages.h"

#include "data/tz.h"
#include "web/question.h"

enum { SUGGESTED_DAYS = 7 };

static struct val *put_field(struct page *p, const char *key, struct str id, struct str label, struct str hint) {
    struct val *v = question_plain(p, id, label, hint);
    val_put(p->a, p->view, str_of(key), v);
    return v;
}

/* A week from today stands in the boxes: an expected end is always asked, never guessed for good. */
static void put_until(struct page *p) {
    static const char *const parts[] = { "year", "month", "day" };
    struct val *v = put_field(p, "until_field", S("until"), S("预计恢复计时的日期"), S("告知申请人的日期；到期未恢复会在这里和队列里提示"));
    struct civil_date day = { tz_date(page_realm(p)->tz, p->now_ms).day + SUGGESTED_DAYS };
    int32_t year;
    unsigned month, mday;
    civil_split(day, &year, &month, &mday);
    const struct str shown[] = { arena_fmt(p->a, "%d", year), arena_fmt(p->a, "%u", month), arena_fmt(p->a, "%u", mday) };
    for (size_t i = 0; i < 3; i++)
        val_put_str(p->a, v, str_of(parts[i]), question_again(p) ? page_in(p, ARENA_CAT(p->a, S("until-"), str_of(parts[i]))) : shown[i]);
}

static void put_questions(struct page *p, const struct val *task) {
    const struct val *reasons = val_get(task, S("hold_reasons"));
    struct val *list = val_list(p->a), *v;
    for (size_t i = 0; i < val_count(reasons); i++) {
        const struct val *r = val_item(reasons, i);
        struct val *choice = staff_choice(p, list, S("reason"), val_get_str(r, S("id")), val_get_str(r, S("title")),
                                          question_again(p) && str_eq(page_in(p, S("reason")), val_get_str(r, S("id"))));
        val_put_str(p->a, choice, S("note"), val_get_str(r, S("basis")));
    }
    v = put_field(p, "reason_field", S("reason"), S("暂停的法定理由"), S(""));
    val_put(p->a, v, S("choices"), list);
    put_until(p);
}

int desk_clock_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct scope_token ignored;
    int rc = desk_task_act(tx, p, e);
    if (rc) return rc;
    const struct val *task = val_get(p->view, S("task"));
    bool may = access_may(page_realm(p), p->who, S("clock.hold"), &ignored, NULL) == 0;
    bool free = val_get_bool(task, S("open"), false) && !val_get_bool(task, S("taken"), false);
    bool held = val_count(val_get(task, S("hold"))) > 0;
    val_put_bool(p->a, p->view, S("can_resume"), may && free && held);
    val_put_bool(p->a, p->view, S("can_hold"), may && free && !held && val_count(val_get(task, S("hold_reasons"))));
    put_questions(p, task);
    struct val *note = put_field(p, "note_field", S("note"), S("说明"), S("会发消息告知申请人，并写入办件记录。不要写个人隐私"));
    val_put_str(p->a, note, S("max"), S("500"));
    val_put_str(p->a, note, S("rows"), S("3"));
    return 0;
}

int desk_clock_say(struct page *p, struct err *e) {
    const struct val *task = val_get(p->view, S("task"));
    struct str number = val_get_str(task, S("number"));
    struct str path = arena_fmt(p->a, "/desk/task/%lld", (long long)val_get_i64(task, S("id"), 0));
    (void)e;
    if (p->location.len) return 0;
    staff_title(p, S("期限计算"), number);
    staff_crumb(p, S("我的工作"), S("/desk"));
    staff_crumb(p, number, path);
    staff_crumb(p, S("期限计算"), S(""));
    page_form(p, ARENA_CAT(p->a, path, S("/clock")));
    p->template = S("desk/clock");
    return 0;
}

int desk_hold_ask(struct page *p, struct err *e) {
    struct str what = page_in(p, S("do"));
    return str_eq(what, S("hold")) || str_eq(what, S("resume")) ? 0 : err_set(e, ERR_SYNTAX, "do");
}

int desk_hold_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct str y = str_trim(page_in(p, S("until-year"))), m = str_trim(page_in(p, S("until-month"))),
               d = str_trim(page_in(p, S("until-day")));
    struct str until = y.len || m.len || d.len ? ARENA_CAT(p->a, y, S("/"), m, S("/"), d) : S("");
    struct str note = str_trim(page_in(p, S("note")));
    int64_t id;
    int rc = staff_id(p, "id", &id, e);
    if (!rc && str_eq(page_in(p, S("do")), S("resume"))) rc = item_resume(tx, page_realm(p), p->who, id, note, e);
    else if (!rc) rc = item_hold(tx, page_realm(p), p->who, id, page_in(p, S("reason")), note, until, e);
    if (!rc) p->location = arena_fmt(p->a, "/desk/task/%lld/clock", (long long)id);
    return staff_fault(p, rc, e);
}
