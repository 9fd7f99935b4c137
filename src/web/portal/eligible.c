/* eligible: A9, may I apply, and what do I have to bring? A few of the item's own questions before
 * signing in, then what its tables say. Invariants: nobody is asked who he is and nothing is kept:
 * the answers stand in the address, from which the application takes them; what is told is what the
 * same answers will lead to there.
 */
#include "data/write.h"
#include "web/portal/portal.h"
#include "web/question.h"
#include "web/user.h"

struct val *portal_checked(struct page *p, const struct item_type *t) {
    struct val *v = val_map(p->a);
    for (size_t i = 0; i < t->check->n_questions; i++) {
        const struct val *given = val_get(p->in, t->check->question[i].id);
        if (given) val_put(p->a, v, t->check->question[i].id, val_copy(p->a, given));
    }
    return v;
}

struct str portal_checked_query(struct page *p, const struct item_type *t,
                                const struct val *answers) {
    struct buf b;
    buf_init(&b, p->a, 256, 16384);
    for (size_t i = 0; i < t->check->n_questions; i++) {
        struct str id = t->check->question[i].id;
        const struct val *v = val_get(answers, id);
        size_t n = val_truthy(v) ? val_many(v) : 0;
        for (size_t k = 0; k < n; k++) {
            buf_add_char(&b, '&');
            buf_add(&b, id);
            buf_add_char(&b, '=');
            write_url_component(&b, val_text(val_nth(v, k)));
        }
    }
    return buf_str(&b);
}

static bool is_company(struct page *p) {
    return str_eq(page_in(p, S("who")), S("company"));
}

static struct str path_of(struct page *p, const struct item_type *t, const char *tail,
                          const struct val *answers) {
    struct str who = page_in(p, S("who"));
    return ARENA_CAT(p->a, S("/guide/"), t->id, str_of(tail), who.len ? S("?who=") : S("?"),
                     str_eq(who, S("person")) || is_company(p) ? who : S(""),
                     portal_checked_query(p, t, answers));
}

/* ---- the questions ---- */

static void add_who(struct page *p, struct val *options, const char *value, struct str title) {
    struct val *v = val_map(p->a);
    val_put_str(p->a, v, S("id"), val_count(options) ? S("who-company") : S("who"));
    val_put_str(p->a, v, S("value"), str_of(value));
    val_put_str(p->a, v, S("title"), page_text(p, title));
    val_put_bool(p->a, v, S("chosen"), str_eq(page_in(p, S("who")), str_of(value)));
    val_push(p->a, options, v);
}

static struct val *who_field(struct page *p) {
    struct val *q = val_map(p->a), *options = val_list(p->a);
    add_who(p, options, "person", S("我自己"));
    add_who(p, options, "company", S("企业或者其他组织"));
    val_put_str(p->a, q, S("id"), S("who"));
    val_put_str(p->a, q, S("title"), page_text(p, S("为谁办？")));
    val_put_bool(p->a, q, S("is_radios"), true);
    val_put(p->a, q, S("options"), options);
    return question_field(p, q, false);
}

int eligible_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct system *m;
    const struct item_type *t;
    struct val *fields = val_list(p->a);
    (void)tx;
    int rc = portal_item(p, &m, &t, e);
    if (rc) return rc;
    const struct val *view = form_page_view(t->check, m, p->in, NULL, NULL, p->lang, p->a),
                     *questions = val_get(view, S("questions"));
    val_push(p->a, fields, who_field(p));
    for (size_t i = 0; i < val_count(questions); i++)
        val_push(p->a, fields, question_field(p, val_item(questions, i), false));
    val_put(p->a, p->view, S("fields"), fields);
    struct str name = system_text(m, p->lang, t->name),
               guide = ARENA_CAT(p->a, S("/guide/"), t->id);
    val_put_str(p->a, p->view, S("item_name"), name);
    val_put_str(p->a, p->view, S("back_href"), page_href(p, guide));
    portal_title(p, portal_fill(p, S("{name}：我能不能办，要带什么"), S("name"), name));
    val_put_str(p->a, p->view, S("title"), page_text(p, S("我能不能办，要带什么？")));
    return 0;
}

int eligible_say(struct page *p, struct err *e) {
    (void)e;
    portal_form(p, S("看结果"), false, S(""));
    p->template = S("portal/eligible");
    return 0;
}

int eligible_ask(struct page *p, struct err *e) {
    (void)e;
    question_join_dates(p);
    return 0;
}

/* Right answers become the address of the result; nothing is stored. */
int eligible_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct system *m;
    const struct item_type *t;
    struct val *answers, *errors;
    struct err wrong;
    (void)tx;
    int rc = portal_item(p, &m, &t, e);
    if (rc) return rc;
    if (!is_company(p) && !str_eq(page_in(p, S("who")), S("person")))
        (void)page_fault(p, S("who"), ERR_REQUIRED, page_text(p, S("为谁办")));
    rc = form_check_page(t->check, m, p->in, NULL, p->a, &answers, &errors, &wrong);
    if (rc && rc != ERR_INPUT) return rc;
    for (size_t i = 0; i < val_pairs(errors); i++) {
        const struct val *one = errors->u.map.pair[i].value;
        (void)page_fault(p, errors->u.map.pair[i].key, (int)val_get_i64(one, S("code"), ERR_INPUT),
                         system_text(m, p->lang, val_get_str(one, S("detail"))));
    }
    p->location = path_of(p, t, "/check/result", answers);
    return 0;
}

/* ---- the result ---- */

static void put_said(struct page *p, const struct system *m, const struct item_type *t,
                     const struct val *answers) {
    struct val *rows = val_list(p->a);
    for (size_t i = 0; i <= t->check->n_questions; i++) {
        const struct form_question *q = i ? &t->check->question[i - 1] : NULL;
        struct val *v = val_map(p->a);
        struct str who = page_text(p, is_company(p) ? S("企业或者其他组织") : S("我自己"));
        struct str text = q ? form_answer_text(q, m, answers, p->lang, p->a) : who;
        val_put_str(p->a, v, S("label"),
                    q ? system_text(m, p->lang, q->title) : page_text(p, S("为谁办？")));
        val_put_str(p->a, v, S("text"), text);
        val_push(p->a, rows, v);
    }
    val_put(p->a, p->view, S("said"), rows);
}

int eligible_result_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct system *m;
    const struct item_type *t;
    struct val *answers, *errors, *view;
    struct err wrong;
    (void)tx;
    int rc = portal_item(p, &m, &t, e);
    if (rc) return rc;
    rc = form_check_page(t->check, m, portal_checked(p, t), NULL, p->a, &answers, &errors, &wrong);
    if (rc || (!is_company(p) &&
               !str_eq(page_in(p, S("who")), S("person")))) { /* typed into the address by hand */
        p->location = path_of(p, t, "/check", portal_checked(p, t));
        return 0;
    }
    rc = item_check_view(page_realm(p), m, t, is_company(p), answers, p->lang, p->a, &view, e);
    if (rc) return rc;
    portal_paper_hrefs(p, (struct val *)val_get(view, S("materials")), t->id);
    val_put(p->a, p->view, S("item"), view);
    put_said(p, m, t, answers);
    val_put_str(p->a, p->view, S("change_href"), page_href(p, path_of(p, t, "/check", answers)));
    struct str query = portal_checked_query(p, t, answers);
    query = ARENA_CAT(p->a, S("/apply/"), t->id, query.len ? S("?") : S(""),
                      str_sub(query, query.len ? 1 : 0, query.len));
    val_put_str(p->a, p->view, S("start_href"), page_href(p, query));
    bool other = is_company(p) ? !t->for_company : !t->for_person;
    struct buf identity;
    buf_init(&identity, p->a, 256, 16384);
    buf_add(&identity, page_href(p, S("/identity?back=")));
    write_url_component(&identity, page_href(p, query));
    val_put_bool(p->a, p->view, S("other"), other);
    val_put_str(p->a, p->view, S("identity_href"), buf_str(&identity));
    val_put_str(p->a, p->view, S("guide_href"), page_href(p, ARENA_CAT(p->a, S("/guide/"), t->id)));
    bool may = val_get_bool(view, S("may"), false);
    portal_crumb(p, page_text(p, S("首页")), S("/"));
    portal_crumb(p, val_get_str(view, S("name")), ARENA_CAT(p->a, S("/guide/"), t->id));
    portal_crumb(p, page_text(p, S("我能不能办")), S(""));
    portal_title(p, page_text(p, may ? S("按您的情况，可以申请") : S("按您的情况，不能申请")));
    return 0;
}

int eligible_result_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0;
    p->template = S("portal/eligible_result");
    return 0;
}
