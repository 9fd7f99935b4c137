/* deputy_new: E10, naming who stands in: for oneself, or by the head for somebody of his units who is away, whom he looks up by unit and
 * name first. Invariant: who may be named, and what for, is listed by the engine's own words; what is sent is judged there again.
 */
#include "engine/deputy/deputy.h"

#include "engine/identity/identity.h"
#include "engine/item/item.h"
#include "web/desk/desk_pages.h"
#include "web/question.h"

#define HOME "/desk/deputies"

static bool for_another(const struct page *p) {
    return str_starts(str_of(p->route->id), S("E10-appoint"));
}

static struct val *field(struct page *p, const char *key, struct str id, struct str label, struct str hint) {
    struct val *v = question_plain(p, id, label, hint);
    val_put(p->a, p->view, str_of(key), v);
    return v;
}

/* ---- who is away: the head says which unit, then who ---- */

static int put_units(struct store_tx *tx, struct page *p, struct str chosen, struct err *e) {
    struct val *v = field(p, "unit_field", S("unit"), S("哪个单位"), S("")), *list = val_list(p->a);
    struct scope_token t;
    int rc = access_may(page_realm(p), p->who, S("deputy.appoint"), &t, e);
    for (size_t i = 0; !rc && i < t.n; i++) { /* his own, and those below it */
        struct val *units;
        struct str title, own = arena_i64(p->a, t.id[i]);
        rc = identity_unit_title(tx, page_realm(p), t.id[i], p->lang, &title, e);
        if (rc == ERR_NOT_FOUND) { /* a reach that is no unit's */
            rc = 0;
            continue;
        }
        if (!rc) (void)staff_choice(p, list, S("unit"), own, title, str_eq(own, chosen));
        if (!rc) rc = identity_units_below(tx, page_realm(p), t.id[i], p->lang, &units, e);
        for (size_t k = 0; !rc && k < val_count(units); k++) {
            struct str id = arena_i64(p->a, val_get_i64(val_item(units, k), S("id"), 0));
            (void)staff_choice(p, list, S("unit"), id, val_get_str(val_item(units, k), S("title")), str_eq(id, chosen));
        }
    }
    val_put(p->a, v, S("choices"), list);
    val_put_str(p->a, v, S("none"), page_text(p, S("请选择")));
    return rc;
}

static int put_staff(struct store_tx *tx, struct page *p, int64_t unit, struct err *e) {
    struct scope_token t;
    struct err none;
    int64_t path[16];
    size_t n;
    int rc = access_may(page_realm(p), p->who, S("deputy.appoint"), &t, e);
    if (!rc) rc = identity_unit_path(tx, page_realm(p), unit, path, 16, &n, e);
    if (rc || access_under(&t, path, n, &none)) return rc; /* not one of his: as if none were chosen */
    struct val *v = field(p, "of_field", S("of"), S("谁不在岗"), S("")), *list = val_list(p->a), *staff;
    rc = identity_staff_of(tx, page_realm(p), unit, &staff, e);
    for (size_t i = 0; !rc && i < val_count(staff); i++) {
        int64_t id = val_get_i64(val_item(staff, i), S("id"), 0);
        if (id == p->who->account) continue;
        (void)staff_choice(p, list, S("of"), arena_i64(p->a, id), val_get_str(val_item(staff, i), S("name")), false);
    }
    val_put(p->a, v, S("choices"), list);
    val_put_str(p->a, v, S("none"), page_text(p, S("请选择")));
    val_put_bool(p->a, p->view, S("nobody"), val_count(list) == 0);
    return rc;
}

/* ---- the form ---- */

static int put_people(struct store_tx *tx, struct page *p, int64_t principal, struct err *e) {
    const struct realm *r = page_realm(p);
    struct val *v = field(p, "to_field", S("to"), S("请谁代办"), S("只列出有同样岗位的同事；代办要由他接受")), *list = val_list(p->a), *people;
    int rc = deputy_candidates(tx, r, principal, &people, e);
    for (size_t i = 0; !rc && i < val_count(people); i++) {
        const struct val *c = val_item(people, i);
        struct str id = arena_i64(p->a, val_get_i64(c, S("id"), 0)), unit = realm_words(r, p->lang, val_get_str(c, S("unit")));
        (void)staff_choice(p, list, S("to"), id, ARENA_CAT(p->a, val_get_str(c, S("name")), S(" · "), unit),
                           question_again(p) && str_eq(page_in(p, S("to")), id));
    }
    val_put(p->a, v, S("choices"), list);
    val_put_str(p->a, v, S("none"), page_text(p, S("请选择")));
    val_put_bool(p->a, p->view, S("can"), val_count(list) > 0);
    return rc;
}

static void put_matter(struct page *p, struct val *list, struct str matter) {
    (void)staff_choice(p, list, S("matters"), matter, desk_matter_title(p, matter),
                       question_again(p) && staff_picked(p, S("matters"), matter));
}

/* The systems and items in which he has steps to do. */
static void put_matters(struct page *p, const struct actor *principal) {
    struct val *v = field(p, "matters_field", S("matters"), S("限于哪些事项"), S("一项也不选，就是手上的全部任务")), *list = val_list(p->a);
    const struct val *items = item_matters_view(page_realm(p), principal, p->lang, p->a);
    const struct system *last = NULL;
    for (size_t i = 0; i < val_count(items); i++) { /* they come system by system */
        struct str id = val_get_str(val_item(items, i), S("value"));
        const struct system *m = NULL, *next = NULL;
        (void)realm_find(page_realm(p), SYSTEM_ITEM, id, &m);
        if (i + 1 < val_count(items)) (void)realm_find(page_realm(p), SYSTEM_ITEM, val_get_str(val_item(items, i + 1), S("value")), &next);
        if (m && m != last && m == next) put_matter(p, list, ARENA_CAT(p->a, S("system:"), m->id));
        put_matter(p, list, ARENA_CAT(p->a, S("item:"), id));
        last = m;
    }
    val_put_str(p->a, v, S("optional"), page_text(p, S("（选填）")));
    val_put(p->a, v, S("choices"), list);
}

static void put_day(struct page *p, const char *key, struct str id, struct str label, struct str hint, struct civil_date shown) {
    static const char *const parts[] = { "year", "month", "day" };
    struct val *v = field(p, key, id, label, hint);
    int32_t year;
    unsigned month, day;
    civil_split(shown, &year, &month, &day);
    const struct str now[] = { arena_fmt(p->a, "%d", year), arena_fmt(p->a, "%u", month), arena_fmt(p->a, "%u", day) };
    for (size_t i = 0; i < 3; i++)
        val_put_str(p->a, v, str_of(parts[i]),
                    question_again(p) ? page_in(p, ARENA_CAT(p->a, id, S("-"), str_of(parts[i]))) : now[i]);
}

static void put_days(struct page *p) {
    struct civil_date today = tz_date(page_realm(p)->tz, p->now_ms);
    put_day(p, "from_field", S("from"), S("从哪一天起"), S("这一天 0 时起；不早于今天"), today);
    put_day(p, "until_field", S("until"), S("到哪一天为止"), staff_fill(p, S("含这一天；一次最多 {n} 天，可以提前终止"), "n", DEPUTY_DAYS_MAX), today);
}

static int put_form(struct store_tx *tx, struct page *p, int64_t principal, struct err *e) {
    struct actor absent = *p->who;
    int rc = deputy_may_name(tx, page_realm(p), p->who, principal, e);
    if (!rc && principal != p->who->account) rc = identity_actor_of(tx, page_realm(p), principal, &absent, e);
    if (!rc) rc = put_people(tx, p, principal, e);
    if (rc) return rc;
    put_days(p);
    put_matters(p, &absent);
    struct val *reason = field(p, "reason_field", S("reason"), S("原因"), S("如出差、休假、学习。双方和单位负责人看得到，不要写与工作无关的隐私"));
    val_put_str(p->a, reason, S("max"), arena_i64(p->a, DEPUTY_REASON_CHARS_MAX));
    val_put_str(p->a, reason, S("rows"), S("2"));
    val_put_str(p->a, p->view, S("principal"), absent.name);
    val_put_str(p->a, p->view, S("of"), for_another(p) ? arena_i64(p->a, principal) : S(""));
    val_put_bool(p->a, p->view, S("form_here"), true);
    return 0;
}

int desk_deputy_new_act(struct store_tx *tx, struct page *p, struct err *e) {
    int64_t of, unit = 0;
    val_put_bool(p->a, p->view, S("own"), !for_another(p));
    if (!for_another(p)) return put_form(tx, p, p->who->account, e);
    if (str_to_i64(page_in(p, S("of")), &of) && of > 0) return put_form(tx, p, of, e);
    bool asked = str_to_i64(page_in(p, S("unit")), &unit) && unit > 0;
    int rc = put_units(tx, p, asked ? arena_i64(p->a, unit) : S(""), e);
    val_put_str(p->a, p->view, S("here"), page_href(p, S(HOME "/unit/new")));
    return rc || !asked ? rc : put_staff(tx, p, unit, e);
}

int desk_deputy_new_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0;
    struct str title = for_another(p) ? S("指定代办的同事") : S("委托同事代办");
    staff_title(p, title, S(""));
    staff_crumb(p, S("我的工作"), S("/desk"));
    staff_crumb(p, S("委托代办"), for_another(p) ? S(HOME "/unit") : S(HOME));
    staff_crumb(p, title, S(""));
    page_form(p, S(""));
    p->template = S("desk/deputy_new");
    return 0;
}

static void ask_day(struct page *p, struct str id, struct str label, struct civil_date *ret) {
    struct str said = page_in(p, id);
    if (!said.len) (void)page_fault(p, id, ERR_REQUIRED, page_text(p, label));
    else if (!civil_parse(said, ret)) (void)page_fault(p, id, ERR_FORMAT, S("2026-12-01"));
}

struct naming {
    struct civil_date from, until;
};

int desk_deputy_new_ask(struct page *p, struct err *e) {
    struct naming *n = arena_new(p->req->arena, struct naming);
    struct str reason = str_trim(page_in(p, S("reason")));
    if (!n) return err_set(e, ERR_MEMORY, NULL);
    p->own = n;
    question_join_dates(p);
    if (!page_in(p, S("to")).len) (void)page_fault(p, S("to"), ERR_REQUIRED, page_text(p, S("请谁代办")));
    else if (!desk_to_ok(p)) (void)page_fault(p, S("to"), ERR_CODE, S(""));
    ask_day(p, S("from"), S("从哪一天起"), &n->from);
    ask_day(p, S("until"), S("到哪一天为止"), &n->until);
    if (!reason.len) (void)page_fault(p, S("reason"), ERR_REQUIRED, page_text(p, S("原因")));
    else if (str_utf8_count(reason) > DEPUTY_REASON_CHARS_MAX)
        (void)page_fault(p, S("reason"), ERR_TOO_LONG, arena_fmt(p->req->arena, "%d", DEPUTY_REASON_CHARS_MAX));
    return 0;
}

int desk_deputy_new_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct naming *n = p->own;
    const struct val *picked = val_get(p->in, S("matters"));
    struct str *matters = arena_array(p->a, DEPUTY_MATTERS_MAX + 1, sizeof *matters);
    struct deputy_offer o = { .from = n->from, .until = n->until, .reason = page_in(p, S("reason")), .matters = matters };
    int64_t id;
    if (!matters) return err_set(e, ERR_MEMORY, NULL);
    for (size_t i = 0; i < val_many(picked) && o.n_matters <= DEPUTY_MATTERS_MAX; i++)
        if (val_text(val_nth(picked, i)).len) matters[o.n_matters++] = val_text(val_nth(picked, i));
    (void)str_to_i64(page_in(p, S("to")), &o.to);
    if (for_another(p) && (!str_to_i64(page_in(p, S("of")), &o.principal) || o.principal <= 0)) return err_set(e, ERR_NOT_FOUND, NULL);
    int rc = deputy_name(tx, page_realm(p), p->who, &o, &id, e);
    if (!rc) p->location = arena_fmt(p->a, "/desk/deputy/%lld", (long long)id);
    return staff_fault(p, rc, e);
}
