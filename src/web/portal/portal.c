/* portal: the table of the citizen's and company's pages, and what its chapters share; see portal.h.
 * Invariant: a view holds text in the reader's language; what a person typed stays text and is escaped by the template.
 */
#include "web/portal/portal.h"

#include <string.h>

#include "data/qr.h"
#include "os/os.h"
#include "web/layout/rail.h"
#include "web/list/list.h"
#include "web/user.h"

/* ---- the frame ---- */

static struct val *page_map(struct page *p) {
    struct val *page = (struct val *)val_get(p->view, S("page"));
    return page ? page : portal_put_map(p, S("page"));
}

struct val *portal_put_map(struct page *p, struct str key) {
    struct val *v = val_map(p->a);
    val_put(p->a, p->view, key, v);
    return v;
}

bool portal_again(const struct page *p) {
    return page_again(p);
}

void portal_title(struct page *p, struct str title) {
    struct str before = p->n_faults || (portal_again(p) && p->err.code) ? page_text(p, S("错误：")) : S("");
    val_put_str(p->a, page_map(p), S("title"), ARENA_CAT(p->a, before, title, S(" - "), page_text(p, S("通办"))));
    val_put_str(p->a, p->view, S("title"), title);
}

void portal_crumb(struct page *p, struct str title, struct str path) {
    struct val *page = page_map(p), *list = (struct val *)val_get(page, S("crumbs")), *one = val_map(p->a);
    if (!list) {
        list = val_list(p->a);
        val_put(p->a, page, S("crumbs"), list);
    }
    val_put_str(p->a, one, S("title"), title);
    val_put_str(p->a, one, S("href"), path.len ? page_href(p, path) : S(""));
    val_push(p->a, list, one);
}

void portal_form(struct page *p, struct str submit, bool later, struct str cancel) {
    struct val *form = portal_put_map(p, S("form"));
    val_put_str(p->a, form, S("submit"), page_text(p, submit));
    val_put_bool(p->a, form, S("later"), later);
    if (cancel.len) val_put_str(p->a, form, S("cancel_href"), page_href(p, cancel));
}

void portal_empty(struct page *p, struct str title, struct str text, struct str path, struct str link) {
    struct val *v = portal_put_map(p, S("empty"));
    val_put_str(p->a, v, S("title"), page_text(p, title));
    val_put_str(p->a, v, S("text"), page_text(p, text));
    val_put_str(p->a, v, S("href"), path.len ? page_href(p, path) : S(""));
    val_put_str(p->a, v, S("link"), page_text(p, link));
}

struct str portal_fill(struct page *p, struct str chinese, struct str name, struct str value) {
    struct val *args = val_map(p->a);
    val_put_str(p->a, args, name, value);
    return po_fill(p->a, page_text(p, chinese), args);
}

/* ---- finding ---- */

int portal_id(struct page *p, const char *name, int64_t *ret, struct err *e) {
    return str_to_i64(http_param(p->req, str_of(name)), ret) && *ret > 0 ? 0 : err_set(e, ERR_NOT_FOUND, NULL);
}

/* These pages show a case whole: they are the applicant's. Officers have theirs (web/desk), which show what their part may see. */
int portal_own(struct page *p, const char *power, struct scope_token *ret, struct err *e) {
    struct scope_token wide;
    int rc = access_may(page_realm(p), p->who, str_of(power), &wide, e);
    if (!rc) access_narrow(&wide, p->who, S("person"), ret);
    return rc;
}

bool portal_may(struct page *p, const char *power) {
    struct scope_token token;
    struct err no;
    return portal_own(p, power, &token, &no) == 0 && token.n_grants;
}

int portal_case(struct store_tx *tx, struct page *p, const char *power, struct item_case *ret, struct err *e) {
    struct scope_token token;
    int64_t id;
    int rc = portal_id(p, "case", &id, e);
    if (!rc) rc = portal_own(p, power, &token, e);
    return rc ? rc : item_case_get(tx, page_realm(p), &token, id, ret, e);
}

int portal_item(struct page *p, const struct system **m, const struct item_type **t, struct err *e) {
    *t = realm_find(page_realm(p), SYSTEM_ITEM, http_param(p->req, S("item")), m);
    return *t ? 0 : err_set(e, ERR_NOT_FOUND, NULL);
}

struct str portal_case_path(struct page *p, int64_t id, struct str tail) {
    return arena_fmt(p->a, "/case/%lld%.*s", (long long)id, STR_ARG(tail));
}

/* ---- pieces of views ---- */

void portal_state(struct page *p, struct val *v, struct str tone, struct str text) {
    struct val *state = val_map(p->a);
    struct str kind = str_eq(tone, S("info")) ? S("brand") : str_eq(tone, S("plain")) ? S("") : tone;
    val_put_str(p->a, state, S("kind"), kind);
    val_put_str(p->a, state, S("text"), text);
    val_put(p->a, v, S("state"), state);
}

void portal_rail(struct page *p, const struct val *steps, bool own) {
    static const struct str words[RAIL_STATES] = { [RAIL_TODO] = S_INIT("todo"), [RAIL_MAYBE] = S_INIT("maybe"), [RAIL_OFF] = S_INIT("off"), [RAIL_DONE] = S_INIT("done"), [RAIL_CURRENT] = S_INIT("current"),
                                                    [RAIL_PAUSED] = S_INIT("paused"), [RAIL_WAITING] = S_INIT("waiting"),
                                                    [RAIL_REFUSED] = S_INIT("refused") };
    struct rail_step *step = arena_array(p->a, val_count(steps) + 1, sizeof *step);
    struct buf b;
    size_t n = 0;
    for (size_t i = 0; step && i < val_count(steps); i++) {
        const struct val *v = val_item(steps, i);
        step[n] = (struct rail_step){ .title = val_get_str(v, S("title")), .date = val_get_str(v, S("date")), .unit = val_get_str(v, S("unit")) };
        for (size_t k = 0; k < RAIL_STATES; k++)
            if (str_eq(words[k], val_get_str(v, S("state")))) step[n].state = (enum rail_state)k;
        if (own && step[n].state == RAIL_WAITING) step[n].says = page_text(p, S("等您补正"));
        n++;
    }
    buf_init(&b, p->a, 4096, PAGE_BYTES_MAX);
    rail_html(&b, str_eq(p->lang, S("en")) ? page_realm(p)->en : NULL, page_text(p, S("办理进度")), step, n);
    val_put(p->a, p->view, S("rail"), val_html(p->a, buf_str(&b)));
}

struct val *portal_qr(struct page *p, struct str path, struct str label) {
    bool shared = str_find(path, S("/guide/"), 0) != SIZE_MAX;
    return page_qr(p, ARENA_CAT(p->a, page_realm(p)->base_url, path), label, shared);
}

void portal_mark_cases(struct page *p, struct val *cases) {
    const bool fills = portal_may(p, "case.draft"), supplements = portal_may(p, "case.supplement");
    for (size_t i = 0; i < val_count(cases); i++) {
        struct val *v = cases->u.list.item[i];
        int64_t id = val_get_i64(v, S("id"), 0);
        portal_state(p, v, val_get_str(v, S("tone")), val_get_str(v, S("state_text")));
        bool fill = fills && val_get_bool(v, S("is_draft"), false);
        val_put_bool(p->a, v, S("can_fill"), fill);
        val_put_bool(p->a, v, S("can_supplement"), supplements && val_get_bool(v, S("can_supplement"), false));
        val_put_str(p->a, v, S("href"), page_href(p, portal_case_path(p, id, fill ? S("/fill") : S(""))));
        val_put_str(p->a, v, S("due"), val_get_str(v, S("due")));
    }
}

struct str portal_paper_state(struct page *p, struct str state, bool licence, struct str *tone) {
    static const struct {
        struct str state, text, tone;
    } words[] = {
        { S_INIT("setting"), S_INIT("制作中"), S_INIT("warn") },   { S_INIT("valid"), S_INIT("有效"), S_INIT("ok") },
        { S_INIT("expired"), S_INIT("已过期"), S_INIT("seal") },   { S_INIT("revoked"), S_INIT("已撤销"), S_INIT("seal") },
        { S_INIT("replaced"), S_INIT("已换发"), S_INIT("plain") },
    };
    bool issued = str_eq(state, S("valid")) || str_eq(state, S("expired"));
    if (!licence && issued) {
        *tone = S("info");
        return page_text(p, S("已签发"));
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_eq(words[i].state, state)) {
            *tone = words[i].tone;
            return page_text(p, words[i].text);
        }
    *tone = S("plain");
    return state;
}

void portal_mark_papers(struct page *p, struct val *papers) {
    for (size_t i = 0; i < val_count(papers); i++) {
        struct val *v = papers->u.list.item[i];
        bool licence = val_get_bool(v, S("is_licence"), false);
        struct str tone, text = portal_paper_state(p, val_get_str(v, S("state")), licence, &tone);
        bool file = !val_get_bool(v, S("is_setting"), false);
        int64_t until = val_get_i64(v, S("valid_until_ms"), 0);
        const struct systems *all = &page_realm(p)->systems;
        portal_state(p, v, tone, text);
        val_put_str(p->a, v, S("title"), system_text(all->by_release(all->context, val_get_i64(v, S("release"), 0)), p->lang,
                                                     val_get_str(v, S("title"))));
        val_put_str(p->a, v, S("organ"), realm_words(page_realm(p), p->lang, val_get_str(v, S("organ"))));
        val_put_str(p->a, v, S("issued"), realm_day(page_realm(p), p->a, p->lang, val_get_i64(v, S("issued_ms"), 0)));
        val_put_str(p->a, v, S("until"), licence ? realm_day(page_realm(p), p->a, p->lang, until) : S(""));
        struct str path = arena_fmt(p->a, "/paper/%lld/file.pdf", (long long)val_get_i64(v, S("id"), 0));
        val_put_str(p->a, v, S("file_href"), file ? page_href(p, path) : S(""));
        struct str shown = arena_fmt(p->a, "/paper/%lld", (long long)val_get_i64(v, S("id"), 0));
        bool shows = licence && val_get_bool(v, S("is_valid"), false);
        val_put_str(p->a, v, S("show_href"), shows ? page_href(p, shown) : S(""));
        val_put_str(p->a, v, S("verify_href"), page_href(p, ARENA_CAT(p->a, S("/v/"), val_get_str(v, S("code")))));
    }
}

/* ---- sessions ---- */

void portal_token_draw(struct portal_token *t) {
    os_random(t->v, sizeof t->v);
}

void portal_token_cookie(struct page *p, const struct portal_token *t) {
    page_cookie(p, str_of(PAGE_SESSION_COOKIE), crypto_base64url(p->req->arena, str_make((const char *)t->v, sizeof t->v)), -1);
}

/* ---- the table ---- */

#define PAGE(id, path, name, power, data) \
    { id, HTTP_GET, path, page_ask_none, name##_act, name##_say, power, 0, ROUTE_PAGE, ROUTE_RATE_PAGE, ROUTE_AUDIT_NONE, data }
#define LIST_FILE_OF(id, path, act, power) \
    { id, HTTP_GET, path, page_ask_none, act, list_file_say, power, 0, ROUTE_FILE, ROUTE_RATE_FORM, ROUTE_AUDIT_NONE, ROUTE_DATA_OWN }
#define FORM(id, path, ask, name, say, power, data) \
    { id, HTTP_POST, path, ask, name##_act, say, power, FORM_BYTES_MAX, ROUTE_ACTION, ROUTE_RATE_FORM, ROUTE_AUDIT_ACT, data }

enum { FORM_BYTES_MAX = 256 * 1024, UPLOAD_BYTES_MAX = 24 * 1024 * 1024 };

const struct route portal_routes[] = {
    PAGE("A1", "/", home, "page.public", ROUTE_DATA_OWN),
    PAGE("A2", "/search", search, "search.items", ROUTE_DATA_PUBLIC),
    PAGE("A8", "/guide/{item}", guide, "page.public", ROUTE_DATA_PUBLIC),
    { "A8f", HTTP_GET, "/guide/{item}/form.pdf", guide_form_ask, page_act_none, guide_paper_say, "page.public", 0, ROUTE_FILE,
      ROUTE_RATE_PAGE, ROUTE_AUDIT_NONE, ROUTE_DATA_PUBLIC },
    { "A8s", HTTP_GET, "/guide/{item}/sample.pdf", guide_sample_ask, page_act_none, guide_paper_say, "page.public", 0, ROUTE_FILE,
      ROUTE_RATE_PAGE, ROUTE_AUDIT_NONE, ROUTE_DATA_PUBLIC },
    PAGE("A9", "/guide/{item}/check", eligible, "page.public", ROUTE_DATA_PUBLIC),
    { "A9", HTTP_POST, "/guide/{item}/check", eligible_ask, eligible_post_act, page_say_none, "page.public", FORM_BYTES_MAX, ROUTE_ACTION,
      ROUTE_RATE_FORM, ROUTE_AUDIT_ACT, ROUTE_DATA_PUBLIC },
    PAGE("A9r", "/guide/{item}/check/result", eligible_result, "page.public", ROUTE_DATA_PUBLIC),
    PAGE("A12", "/progress", progress, "case.look_up", ROUTE_DATA_PUBLIC),
    { "A12", HTTP_POST, "/progress", progress_post_ask, progress_post_act, progress_post_say, "case.look_up", FORM_BYTES_MAX, ROUTE_ACTION,
      ROUTE_RATE_LOGIN, ROUTE_AUDIT_ACT, ROUTE_DATA_CASE },
    { "A12b", HTTP_GET, "/progress/{number}", page_ask_none, progress_shown_act, progress_shown_say, "case.look_up", 0, ROUTE_PAGE,
      ROUTE_RATE_LOGIN, ROUTE_AUDIT_NONE, ROUTE_DATA_PUBLIC },
    PAGE("A12c", "/resume", resume, "case.resume", ROUTE_DATA_PUBLIC),
    { "A12c", HTTP_POST, "/resume", resume_post_ask, resume_post_act, resume_post_say, "case.resume", FORM_BYTES_MAX, ROUTE_ACTION,
      ROUTE_RATE_FORM, ROUTE_AUDIT_ACT, ROUTE_DATA_PERSONAL },
    PAGE("A12d", "/resume/{number}", resume_code, "case.resume", ROUTE_DATA_PUBLIC),
    { "A12d", HTTP_POST, "/resume/{number}", resume_code_ask, resume_code_post_act, resume_code_post_say, "case.resume", FORM_BYTES_MAX,
      ROUTE_ACTION, ROUTE_RATE_LOGIN, ROUTE_AUDIT_ACT, ROUTE_DATA_PERSONAL },
    PAGE("A13", "/r/{rating}", rate_code, "case.rate_code", ROUTE_DATA_PUBLIC),
    FORM("A13", "/r/{rating}", page_ask_none, rate_code_post, rate_code_say, "case.rate_code", ROUTE_DATA_CASE),
    { "A22", HTTP_GET, "/settings", settings_ask, settings_act, settings_say, "page.public", 0, ROUTE_PAGE, ROUTE_RATE_PAGE, ROUTE_AUDIT_NONE,
      ROUTE_DATA_PUBLIC },
    { "B2", HTTP_GET, "/sign-in", sign_in_ask, sign_in_act, sign_in_say, "page.public", 0, ROUTE_PAGE, ROUTE_RATE_PAGE, ROUTE_AUDIT_NONE,
      ROUTE_DATA_PUBLIC },
    { "B2", HTTP_POST, "/sign-in", sign_in_post_ask, sign_in_post_act, sign_in_post_say, "session.open", FORM_BYTES_MAX, ROUTE_ACTION,
      ROUTE_RATE_LOGIN, ROUTE_AUDIT_ACT, ROUTE_DATA_PERSONAL },
    PAGE("B2b", "/sign-out", sign_out, "page.public", ROUTE_DATA_PUBLIC),
    FORM("B2b", "/sign-out", page_ask_none, sign_out_post, sign_out_post_say, "session.close", ROUTE_DATA_OWN),
    PAGE("B3", "/identity", identity, "session.switch", ROUTE_DATA_OWN),
    FORM("B3", "/identity", identity_post_ask, identity_post, identity_post_say, "session.switch", ROUTE_DATA_OWN),
    PAGE("B15", "/password", password, "account.password", ROUTE_DATA_OWN),
    { "B15", HTTP_POST, "/password", password_post_ask, password_post_act, page_say_none, "account.password", FORM_BYTES_MAX, ROUTE_ACTION,
      ROUTE_RATE_LOGIN, ROUTE_AUDIT_ACT, ROUTE_DATA_OWN },
    PAGE("B1", "/apply/{item}", start, "page.public", ROUTE_DATA_PUBLIC),
    FORM("B1", "/apply/{item}", page_ask_none, start_post, page_say_none, "case.draft", ROUTE_DATA_OWN),
    PAGE("B4", "/case/{case}/consent", consent, "case.consent", ROUTE_DATA_OWN),
    FORM("B4", "/case/{case}/consent", page_ask_none, consent_post, page_say_none, "case.consent", ROUTE_DATA_OWN),
    PAGE("B5", "/case/{case}/fill", tasks, "case.draft", ROUTE_DATA_OWN),
    PAGE("B6", "/case/{case}/fill/{page}", question, "case.draft", ROUTE_DATA_OWN),
    FORM("B6", "/case/{case}/fill/{page}", question_ask, question_post, page_say_none, "case.draft", ROUTE_DATA_OWN),
    FORM("B6d", "/case/{case}/fill/{page}/draft", draft_ask, draft_post, draft_say, "case.draft", ROUTE_DATA_OWN),
    PAGE("B7", "/case/{case}/fill/{page}/entry/{entry}", entry, "case.draft", ROUTE_DATA_OWN),
    FORM("B7", "/case/{case}/fill/{page}/entry/{entry}", question_ask, entry_post, page_say_none, "case.draft", ROUTE_DATA_OWN),
    PAGE("B7r", "/case/{case}/fill/{page}/entry/{entry}/remove", entry_remove, "case.draft", ROUTE_DATA_OWN),
    FORM("B7r", "/case/{case}/fill/{page}/entry/{entry}/remove", page_ask_none, entry_remove_post, page_say_none,
         "case.draft", ROUTE_DATA_OWN),
    PAGE("B8", "/case/{case}/material/{material}", material, "case.draft", ROUTE_DATA_OWN),
    { "B8", HTTP_POST, "/case/{case}/material/{material}", material_ask, material_post_act, page_say_none, "case.draft", UPLOAD_BYTES_MAX,
      ROUTE_ACTION, ROUTE_RATE_UPLOAD, ROUTE_AUDIT_ACT, ROUTE_DATA_OWN },
    { "B8f", HTTP_GET, "/case/{case}/file/{file}", page_ask_none, file_act, file_say, "case.read", 0, ROUTE_FILE, ROUTE_RATE_PAGE,
      ROUTE_AUDIT_NONE, ROUTE_DATA_OWN },
    PAGE("B11", "/case/{case}/check", check, "case.draft", ROUTE_DATA_OWN),
    FORM("B11", "/case/{case}/check", page_ask_none, check_post, page_say_none, "case.submit", ROUTE_DATA_OWN),
    PAGE("B13", "/case/{case}/done", done, "case.read", ROUTE_DATA_OWN),
    { "B13r", HTTP_GET, "/case/{case}/receipt.pdf", receipt_ask, page_act_none, receipt_say, "case.read", 0, ROUTE_FILE, ROUTE_RATE_PAGE,
      ROUTE_AUDIT_NONE, ROUTE_DATA_OWN },
    PAGE("B14", "/case/{case}/supplement", supplement, "case.supplement", ROUTE_DATA_OWN),
    FORM("B14", "/case/{case}/supplement", page_ask_none, supplement_post, page_say_none, "case.supplement", ROUTE_DATA_OWN),
    PAGE("B14b", "/case/{case}/withdraw", withdraw, "case.withdraw", ROUTE_DATA_OWN),
    FORM("B14b", "/case/{case}/withdraw", page_ask_none, withdraw_post, page_say_none, "case.withdraw", ROUTE_DATA_OWN),
    PAGE("C1", "/space", space, "space.read", ROUTE_DATA_OWN),
    PAGE("C2", "/space/cases", cases, "space.read", ROUTE_DATA_OWN),
    LIST_FILE_OF("C2-csv", "/space/cases/export", cases_file_act, "space.read"),
    PAGE("C3", "/case/{case}", case, "case.read", ROUTE_DATA_OWN),
    PAGE("C4", "/space/licences", licences, "space.read", ROUTE_DATA_OWN),
    LIST_FILE_OF("C4-csv", "/space/licences/export", licences_file_act, "space.read"),
    PAGE("C6", "/space/materials", materials, "space.read", ROUTE_DATA_OWN),
    LIST_FILE_OF("C6-csv", "/space/materials/export", materials_file_act, "space.read"),
    PAGE("C7", "/space/appointments", appointments, "booking.read", ROUTE_DATA_OWN),
    LIST_FILE_OF("C7-csv", "/space/appointments/export", appointments_file_act, "booking.read"),
    PAGE("C7a", "/space/appointment/{booking}", appointment, "booking.read", ROUTE_DATA_OWN),
    FORM("C7a", "/space/appointment/{booking}", page_ask_none, appointment_post, appointment_say, "booking.make", ROUTE_DATA_OWN),
    PAGE("C8", "/space/messages", messages, "message.read", ROUTE_DATA_OWN),
    LIST_FILE_OF("C8-csv", "/space/messages/export", messages_file_act, "message.read"),
    FORM("C8", "/space/messages", page_ask_none, messages_post, page_say_none, "message.mark", ROUTE_DATA_OWN),
    PAGE("C9", "/case/{case}/rate", rate, "case.rate", ROUTE_DATA_OWN),
    FORM("C9", "/case/{case}/rate", page_ask_none, rate_post, page_say_none, "case.rate", ROUTE_DATA_OWN),
    PAGE("C10", "/space/mandates", mandates, "mandate.read", ROUTE_DATA_OWN),
    LIST_FILE_OF("C10-csv", "/space/mandates/export", mandates_file_act, "mandate.read"),
    PAGE("C10h", "/space/mandates/held", mandates_held, "mandate.read", ROUTE_DATA_OWN),
    LIST_FILE_OF("C10h-csv", "/space/mandates/held/export", mandates_held_file_act, "mandate.read"),
    PAGE("C10n", "/space/mandates/new", mandate_new, "mandate.give", ROUTE_DATA_OWN),
    FORM("C10n", "/space/mandates/new", mandate_new_ask, mandate_new_post, page_say_none, "mandate.give", ROUTE_DATA_OWN),
    PAGE("C10m", "/space/mandate/{mandate}", mandate, "mandate.read", ROUTE_DATA_OWN),
    FORM("C10m", "/space/mandate/{mandate}", page_ask_none, mandate_post, page_say_none, "mandate.answer", ROUTE_DATA_OWN),
    PAGE("C10e", "/space/mandate/{mandate}/end", mandate_end, "mandate.end", ROUTE_DATA_OWN),
    FORM("C10e", "/space/mandate/{mandate}/end", page_ask_none, mandate_end_post, page_say_none, "mandate.end", ROUTE_DATA_OWN),
    PAGE("C13", "/space/devices", devices, "space.read", ROUTE_DATA_OWN),
    FORM("C13", "/space/devices", page_ask_none, devices_post, page_say_none, "session.close", ROUTE_DATA_OWN),
    PAGE("C15", "/space/data", data, "space.read", ROUTE_DATA_OWN),
    PAGE("C11", "/space/access-log", access_log, "access_log.read", ROUTE_DATA_OWN),
    PAGE("C12", "/space/contacts", contacts, "space.read", ROUTE_DATA_OWN),
    { "C12", HTTP_POST, "/space/contacts", contacts_ask, contacts_post_act, contacts_say, "contact.put", FORM_BYTES_MAX, ROUTE_ACTION,
      ROUTE_RATE_LOGIN, ROUTE_AUDIT_ACT, ROUTE_DATA_OWN },
    PAGE("C5s", "/paper/{paper}", show, "paper.read", ROUTE_DATA_OWN),
    { "C5", HTTP_GET, "/paper/{paper}/file.pdf", page_ask_none, paper_act, paper_say, "paper.read", 0, ROUTE_FILE, ROUTE_RATE_PAGE,
      ROUTE_AUDIT_READ, ROUTE_DATA_PERSONAL },
    PAGE("V1", "/verify", verify, "paper.verify", ROUTE_DATA_PUBLIC),
    PAGE("V2", "/v/{code}", verified, "paper.verify", ROUTE_DATA_PUBLIC),
};
const size_t portal_n_routes = sizeof portal_routes / sizeof *portal_routes;
