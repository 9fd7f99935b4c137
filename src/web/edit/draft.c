/* draft: I1, one draft: its sections, what the check finds, its history; proposing it, and by
 * another person's eyes the release from a day on.
 */
#include "web/edit/edit_pages.h"

#include "data/tz.h"
#include "data/yaml.h"
#include "engine/identity/identity.h"
#include "web/question.h"

enum { REASON_MAX = 500, SHOWN_MAX = 100, JUDGE_BYTES_MAX = 64 * 1024 * 1024 };

static void judge(struct page *p) {
    struct edit *x = p->own;
    struct arena a;
    arena_init(&a, "draft judged", JUDGE_BYTES_MAX);
    (void)edit_judge(p, &a, &x->files, &x->findings);
    arena_done(&a);
}

int edit_judged_ask(struct page *p, struct err *e) {
    (void)e;
    p->look = edit_look;
    p->work = judge;
    return 0;
}

static void link_to(struct page *p, struct val *list, struct str title, const char *path,
                    int64_t n) {
    struct val *v = val_map(p->a);
    val_put_str(p->a, v, S("title"), title);
    val_put_str(p->a, v, S("href"), page_href(p, str_of(path)));
    val_put_str(p->a, v, S("count"), n < 0 ? S("") : staff_fill(p, S("{n} 项"), "n", n));
    val_push(p->a, list, v);
}

static void put_item(struct page *p, const struct release_draft *d, const struct release_file *f,
                     struct val *items) {
    struct str id = str_sub(f->path, 6, f->path.len - 11);
    struct val *yaml, *v = val_map(p->a), *sections = val_list(p->a);
    struct err ignored = { 0 };
    size_t n;
    const struct release_key *k = release_keys(S("item"), &n);
    if (yaml_parse(p->a, f->path, f->bytes, &yaml, &ignored)) return;
    for (size_t i = 0; i < n; i++) {
        const bool listed = edit_listed(k[i].name), limits = str_eq(k[i].name, S("limits"));
        if (k[i].kind != KEY_GROUP && !listed && !limits) continue;
        const char *path = arena_fmt(p->a, "/admin/draft/%lld/item/%.*s/%.*s", (long long)d->id,
                                     STR_ARG(id), STR_ARG(k[i].name))
                               .ptr;
        link_to(p, sections, page_text(p, k[i].title), path,
                listed ? (int64_t)val_count(val_get(yaml, k[i].name)) : -1);
    }
    val_put_str(p->a, v, S("name"), val_get_str(yaml, S("name")));
    val_put(p->a, v, S("sections"), sections);
    val_put_str(p->a, v, S("preview_href"),
                page_href(p, arena_fmt(p->a, "/admin/draft/%lld/preview/%.*s", (long long)d->id,
                                       STR_ARG(id))));
    val_push(p->a, items, v);
}

/* The forms of the system, each with how many pages it has. */
static void put_form(struct page *p, const struct release_draft *d, const struct release_file *f,
                     struct val *forms) {
    struct str id = str_sub(f->path, 6, f->path.len - 11);
    struct val *yaml;
    if (yaml_parse(p->a, f->path, f->bytes, &yaml, NULL)) return;
    const char *path = arena_fmt(p->a, "/admin/draft/%lld/form/%.*s", (long long)d->id, STR_ARG(id)).ptr;
    link_to(p, forms, id, path, (int64_t)val_count(val_get(yaml, S("pages"))));
}

static void put_findings(struct page *p, const struct edit *x) {
    struct val *list = val_list(p->a);
    for (size_t i = 0; i < x->findings.n && i < SHOWN_MAX; i++) {
        const struct release_finding *f = &x->findings.list[i];
        struct val *v = val_map(p->a);
        struct edit_where where;
        edit_where(p, x, f, &where);
        val_put_str(p->a, v, S("place"), where.place);
        val_put_str(p->a, v, S("text"), where.text);
        val_put_str(p->a, v, S("to_mend"), where.path.len ? page_href(p, where.path) : S(""));
        val_push(p->a, list, v);
    }
    val_put(p->a, p->view, S("findings"), list);
    val_put_bool(p->a, p->view, S("clean"), x->findings.n == 0);
}

static int put_history(struct store_tx *tx, struct page *p, int64_t id, struct err *e) {
    struct val *steps;
    int rc = release_draft_steps(tx, page_realm(p), id, &steps, e);
    for (size_t i = 0; !rc && i < val_count(steps); i++) {
        struct val *v = steps->u.list.item[i];
        struct str name = S("");
        const int64_t account = val_get_i64(v, S("account"), 0);
        if (account) rc = identity_account_name(tx, page_realm(p), account, &name, e);
        val_put_str(p->a, v, S("who"), account ? name : page_text(p, S("系统自动处理")));
        val_put_str(p->a, v, S("what"), edit_state(p, val_get_str(v, S("word"))));
        val_put_str(p->a, v, S("when"),
                    realm_time(page_realm(p), p->a, p->lang, val_get_i64(v, S("at_ms"), 0)));
    }
    if (!rc) val_put(p->a, p->view, S("history"), steps);
    return rc;
}

static bool holds(struct page *p, const char *power) {
    struct scope_token ignored;
    return access_may(page_realm(p), p->who, str_of(power), &ignored, NULL) == 0;
}

static void put_state(struct page *p, const struct release_draft *d) {
    const bool open = str_eq(d->state, S("open")), proposed = str_eq(d->state, S("proposed"));
    struct val *state = val_map(p->a);
    val_put_str(p->a, state, S("text"), edit_state(p, d->state));
    val_put_str(p->a, state, S("kind"), open ? S("brand") : proposed ? S("warn") : S("ok"));
    val_put(p->a, p->view, S("state"), state);
    val_put_bool(p->a, p->view, S("may_edit"), open && holds(p, "release.draft"));
    val_put_bool(p->a, p->view, S("may_take_back"), proposed && holds(p, "release.draft"));
    val_put_bool(p->a, p->view, S("released"), str_eq(d->state, S("released")));
    if (d->due_ms)
        val_put_str(p->a, p->view, S("due"), realm_time(page_realm(p), p->a, p->lang, d->due_ms));
    if (proposed && holds(p, "release.approve"))
        val_put_str(p->a, p->view, S("approve_href"),
                    page_href(p, edit_path(p, d->id, "/approve")));
    val_put_str(p->a, p->view, S("difference_href"),
                page_href(p, edit_path(p, d->id, "/difference")));
    val_put_str(p->a, p->view, S("texts_href"), page_href(p, edit_path(p, d->id, "/texts")));
    val_put_str(p->a, p->view, S("templates_href"), page_href(p, edit_path(p, d->id, "/templates")));
    const bool holidays = edit_has_holidays(realm_system(page_realm(p), d->system));
    val_put_str(p->a, p->view, S("calendar_href"),
                holidays ? page_href(p, edit_path(p, d->id, "/calendar")) : S(""));
    val_put_str(p->a, p->view, S("moves_href"),
                holidays ? page_href(p, edit_path(p, d->id, "/moves")) : S(""));
    val_put_str(p->a, p->view, S("files_href"), page_href(p, edit_path(p, d->id, "/files")));
    val_put_str(p->a, p->view, S("systems_href"),
                page_href(p, ARENA_CAT(p->a, S("/admin/systems?system="), d->system)));
    val_put_str(p->a, p->view, S("version"), arena_i64(p->a, d->version));
}

int edit_draft_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct edit *x = p->own;
    struct release_draft *d = arena_new(p->req->arena, struct release_draft);
    struct val *items = val_list(p->a), *forms = val_list(p->a);
    int rc = d ? edit_find(tx, p, d, e) : err_set(e, ERR_MEMORY, NULL);
    if (rc) return rc;
    for (size_t i = 0; i < x->files.n; i++)
        if (str_starts(x->files.file[i].path, S("items/")))
            put_item(p, d, &x->files.file[i], items);
        else if (str_starts(x->files.file[i].path, S("forms/")))
            put_form(p, d, &x->files.file[i], forms);
    val_put(p->a, p->view, S("forms"), forms);
    val_put(p->a, p->view, S("items"), items);
    put_findings(p, x);
    put_state(p, d);
    return put_history(tx, p, d->id, e);
}

int edit_draft_say(struct page *p, struct err *e) {
    const struct edit *x = p->own;
    (void)e;
    if (p->location.len) return 0;
    edit_title(p, S("系统草稿"), &x->draft);
    page_form(p, edit_path(p, x->draft.id, ""));
    p->template = S("edit/draft");
    return 0;
}

int edit_move_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct edit *x = p->own;
    struct str what = page_in(p, S("do"));
    int64_t version = 0;
    enum release_draft_move move = str_eq(what, S("propose")) ? DRAFT_PROPOSE
                                   : str_eq(what, S("drop"))  ? DRAFT_DROP
                                                              : DRAFT_TAKE_BACK;
    if (!str_to_i64(page_in(p, S("version")), &version)) return err_set(e, ERR_SYNTAX, "version");
    /* What was judged is what is proposed: a draft that was written since is of another version. */
    if (move == DRAFT_PROPOSE && x->findings.n)
        return err_set(e, ERR_STATE, "%.*s",
                       STR_ARG(page_text(p, S("检查还有问题，改好以后才能提交审核"))));
    if (version != x->draft.version) return err_set(e, ERR_CONFLICT, NULL);
    int rc = release_draft_move(tx, page_realm(p), p->who, x->draft.id, version, move, S(""), e);
    if (!rc) p->location = move == DRAFT_DROP ? S("/admin/drafts") : edit_path(p, x->draft.id, "");
    return rc;
}

/* ---- the other person ---- */

int edit_approve_ask(struct page *p, struct err *e) {
    (void)e;
    question_join_dates(p);
    p->look = edit_look;
    p->work = judge;
    return 0;
}

int edit_approve_act(struct store_tx *tx, struct page *p, struct err *e) {
    static const char *const boxes[] = { "year", "month", "day" };
    struct release_draft *d = arena_new(p->req->arena, struct release_draft);
    bool wrote = false;
    int32_t year;
    unsigned month, day;
    int rc = d ? edit_find(tx, p, d, e) : err_set(e, ERR_MEMORY, NULL);
    if (!rc) rc = release_draft_wrote(tx, page_realm(p), d->id, p->who->account, &wrote, e);
    if (rc) return rc;
    struct val *f = question_plain(p, S("from"), S("从哪天起启用"),
                                   S("今天就是审核通过后马上启用；以后的日子从当天零点起"));
    civil_split(tz_date(page_realm(p)->tz, p->now_ms), &year, &month, &day);
    const struct str today[] = { arena_fmt(p->a, "%d", year), arena_fmt(p->a, "%u", month),
                                 arena_fmt(p->a, "%u", day) };
    for (size_t i = 0; i < 3; i++)
        val_put_str(p->a, f, str_of(boxes[i]),
                    question_again(p) ? page_in(p, ARENA_CAT(p->a, S("from-"), str_of(boxes[i])))
                                      : today[i]);
    val_put(p->a, p->view, S("from_field"), f);
    struct val *why =
        question_plain(p, S("reason"), S("退回的理由"), S("退回时必须写，起草的人会看到"));
    val_put_str(p->a, why, S("rows"), S("3"));
    val_put_bool(p->a, why, S("optional"), true);
    val_put(p->a, p->view, S("reason_field"), why);
    val_put_bool(p->a, p->view, S("own_draft"), wrote);
    val_put_bool(p->a, p->view, S("proposed"), str_eq(d->state, S("proposed")));
    put_state(p, d);
    d->system = arena_str(p->req->arena, d->system);
    d->state = S("");
    val_put_i64(p->a, p->view, S("draft"), d->id);
    val_put_str(p->a, p->view, S("draft_system"), d->system);
    return put_history(tx, p, d->id, e);
}

int edit_approve_say(struct page *p, struct err *e) {
    struct release_draft d = { .id = val_get_i64(p->view, S("draft"), 0),
                               .system = val_get_str(p->view, S("draft_system")) };
    (void)e;
    if (p->location.len) return 0;
    edit_title(p, S("审核新版本"), &d);
    staff_crumb(p, S("审核新版本"), S(""));
    page_form(p, edit_path(p, d.id, "/approve"));
    p->template = S("edit/approve");
    return 0;
}

/* The day's first moment, or now where it is today; a fault for a day that has passed. */
static int due_of(struct page *p, int64_t *ret) {
    const struct tz *tz = page_realm(p)->tz;
    struct civil_date day, today = tz_date(tz, p->now_ms);
    if (!civil_parse(page_in(p, S("from")), &day))
        return page_fault(p, S("from"), ERR_FORMAT, page_text(p, S("年、月、日")));
    if (day.day < today.day)
        return page_fault(p, S("from"), ERR_RANGE, page_text(p, S("今天或者以后")));
    int32_t year;
    unsigned month, mday;
    civil_split(day, &year, &month, &mday);
    const struct civil_time begins = { .year = year,
                                       .month = (uint8_t)month,
                                       .day = (uint8_t)mday };
    *ret = day.day == today.day ? p->now_ms : tz_instant_ms(tz, &begins);
    return 0;
}

int edit_approve_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct edit *x = p->own;
    const bool back = str_eq(page_in(p, S("do")), S("return"));
    struct str reason = str_trim(page_in(p, S("reason")));
    int64_t version = 0, due = 0;
    int rc = 0;
    if (!str_to_i64(page_in(p, S("version")), &version)) return err_set(e, ERR_SYNTAX, "version");
    if (version != x->draft.version) return err_set(e, ERR_CONFLICT, NULL);
    if (str_utf8_count(reason) > REASON_MAX)
        return page_fault(p, S("reason"), ERR_TOO_LONG, arena_i64(p->req->arena, REASON_MAX));
    if (back && !reason.len)
        return page_fault(p, S("reason"), ERR_REQUIRED, page_text(p, S("退回的理由")));
    if (!back) rc = due_of(p, &due);
    if (!rc && !back && x->findings.n)
        rc = err_set(e, ERR_STATE, "%.*s", STR_ARG(page_text(p, S("检查还有问题，请退回修改"))));
    if (rc) return rc;
    if (back)
        rc = release_draft_move(tx, page_realm(p), p->who, x->draft.id, version, DRAFT_RETURN,
                                reason, e);
    else rc = release_draft_release(tx, page_realm(p), p->who, x->draft.id, version, due, e);
    if (!rc) p->location = edit_path(p, x->draft.id, "");
    return rc;
}
