/* rate: the questions of a rating, for C9 and here; A13, rating on the spot without signing in, by the code that came with what was
 * fetched at a window (engine/item/item_rating_code.c). Invariant: the page tells what the case is about and nothing of anybody.
 */
#include "engine/item/item_handover.h"
#include "web/portal/portal.h"
#include "web/question.h"
#include "web/staff.h"
#include "web/user.h"

enum { SCREEN_FORM_S = 120, SCREEN_DONE_S = 10 };

/* ---- what is asked, and what was answered ---- */

static struct str reasons_field(struct page *p, int64_t level) {
    return arena_fmt(p->a, "reasons-%d", (int)level);
}

static struct val *reasons_question(struct page *p, const struct val *level) {
    int64_t n = val_get_i64(level, S("level"), 0);
    struct val *args = val_map(p->a), *list = val_list(p->a);
    const struct val *reasons = val_get(level, S("reasons"));
    struct str id = reasons_field(p, n);
    val_put_str(p->a, args, S("level"), val_get_str(level, S("title")));
    struct str label = po_fill(p->a, page_text(p, S("为什么“{level}”？可以多选")), args);
    struct val *f = question_plain(p, id, S(""), val_get_bool(level, S("bad"), false) ? S("至少勾选一项，或者在下面写明") : S(""));
    page_label(p, id, label);
    val_put_str(p->a, f, S("error"), page_fault_text(p, id));
    val_put_str(p->a, f, S("label"), label);
    if (!page_fault_text(p, id).len) val_put_i64(p->a, f, S("when"), n); /* what is wrong is shown, whatever level is chosen */
    for (size_t i = 0; i < val_count(reasons); i++) {
        struct str code = val_get_str(val_item(reasons, i), S("code"));
        (void)staff_choice(p, list, id, code, val_get_str(val_item(reasons, i), S("title")), val_says(val_get(p->in, id), code));
    }
    val_put(p->a, f, S("choices"), list);
    return f;
}

void portal_put_levels(struct page *p, const struct item_case *c) {
    struct val *levels = item_rating_levels(c, p->lang, p->a), *choices = val_list(p->a), *groups = val_list(p->a);
    struct val *field = question_plain(p, S("level"), S("您对这次办理满意吗？"), S(""));
    for (size_t i = 0; i < val_count(levels); i++) {
        const struct val *level = val_item(levels, i);
        struct str value = arena_i64(p->a, val_get_i64(level, S("level"), 0));
        (void)staff_choice(p, choices, S("level"), value, val_get_str(level, S("title")), str_eq(page_in(p, S("level")), value));
        if (val_count(val_get(level, S("reasons")))) val_push(p->a, groups, reasons_question(p, level));
    }
    val_put_bool(p->a, field, S("inline"), true);
    val_put(p->a, field, S("choices"), choices);
    val_put(p->a, p->view, S("field"), field);
    val_put(p->a, p->view, S("groups"), groups);
    struct val *words = question_plain(p, S("text"), S("还想说什么？"), S(""));
    val_put_bool(p->a, words, S("optional"), true);
    val_put_str(p->a, words, S("max"), arena_i64(p->a, ITEM_RATING_TEXT_MAX));
    val_put_str(p->a, words, S("rows"), S("3"));
    val_put(p->a, p->view, S("words"), words);
}

struct item_rating portal_rating(struct page *p) {
    struct item_rating g = { .text = str_trim(page_in(p, S("text"))) };
    (void)str_to_i64(page_in(p, S("level")), &g.level);
    for (int64_t l = 1; l <= ITEM_RATING_LEVELS; l++) g.reasons[l] = val_get(p->in, reasons_field(p, l));
    return g;
}

void portal_rating_faults(struct page *p, int rc, const struct val *errors) {
    for (size_t i = 0; rc == ERR_INPUT && i < val_pairs(errors); i++) {
        const struct val_pair *f = &errors->u.map.pair[i];
        (void)page_fault(p, f->key, (int)val_get_i64(f->value, S("code"), ERR_INPUT), val_get_str(f->value, S("detail")));
    }
}

/* ---- A13 ---- */

/* The second screen of a counter at which it is filled in, "heping/1": where the page goes back to. */
static struct str screen_of(struct page *p) {
    struct str counter = page_in(p, S("at")), hall;
    struct page_place at;
    if (!counter.len || !str_cut(&counter, '/', &hall)) return S("");
    struct str path = ARENA_CAT(p->a, S("/hall/"), hall, S("/counter/"), counter);
    return page_place(p, path, &at) && str_eq(str_of(at.route->power), S("counter.show")) ? path : S("");
}

static struct str here(struct page *p) {
    struct str path = ARENA_CAT(p->req->arena, S("/r/"), http_param(p->req, S("rating")));
    return screen_of(p).len ? ARENA_CAT(p->req->arena, path, S("?at="), page_in(p, S("at"))) : path;
}

int rate_code_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct item_case c;
    bool rated;
    int rc = item_rating_code_open(tx, page_realm(p), p->who, http_param(p->req, S("rating")), &c, &rated, e);
    if (rc) return rc;
    struct val *v = val_map(p->a);
    val_put_str(p->a, v, S("item"), system_text(c.system, p->lang, c.type->name));
    val_put_str(p->a, v, S("number"), c.number);
    val_put(p->a, p->view, S("case"), v);
    val_put_bool(p->a, p->view, S("rated"), rated);
    if (!rated) portal_put_levels(p, &c);
    return 0;
}

int rate_code_say(struct page *p, struct err *e) {
    struct str screen = screen_of(p);
    bool rated = val_get_bool(p->view, S("rated"), false);
    (void)e;
    if (p->location.len) return 0;
    portal_title(p, page_text(p, rated ? S("评价收到了") : S("评价这次办理")));
    portal_form(p, S("提交评价"), false, screen);
    if (screen.len) val_put_str(p->a, p->view, S("at"), page_in(p, S("at")));
    if (screen.len && !portal_again(p)) { /* the next one must not find it */
        page_header(p, S("Refresh"), ARENA_CAT(p->req->arena, arena_i64(p->a, rated ? SCREEN_DONE_S : SCREEN_FORM_S), S("; url="),
                                               page_href(p, screen)));
        val_put_str(p->a, p->view, S("screen_href"), page_href(p, screen));
    }
    p->template = S("portal/rate_code");
    return 0;
}

int rate_code_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct item_rating g = portal_rating(p);
    struct val *errors = NULL;
    int rc = item_rate_by_code(tx, page_realm(p), p->who, http_param(p->req, S("rating")), &g, &errors, e);
    portal_rating_faults(p, rc, errors);
    if (!rc) p->location = here(p);
    return rc;
}
