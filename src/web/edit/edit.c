/* edit: I1, a system's next version written in the browser: drafts, sections of an item, the
 * difference, the preview, the release by another person. The forms are made of the table of keys
 * that the check uses (release/release_keys.h); what is written is judged by that check.
 * Invariants: a draft is compiled on the pool, never in a transaction; nothing here is seen by a
 * case before the release.
 */
#include "web/edit/edit.h"

#include "web/edit/edit_pages.h"

enum { FORM_BYTES_MAX = 131072, JUDGE_BYTES_MAX = 64 * 1024 * 1024 };

#define LOOK(id, path, ask, act, say, power)                                                       \
    {                                                                                              \
        id, HTTP_GET, path, ask, act, say, power, 0, ROUTE_PAGE, ROUTE_RATE_PAGE,                  \
            ROUTE_AUDIT_NONE, ROUTE_DATA_PUBLIC                                                    \
    }
#define FILE_OF(id, path, act, say)                                                                \
    {                                                                                              \
        id, HTTP_GET, path, page_ask_none, act, say, "draft.read", 0, ROUTE_FILE, ROUTE_RATE_FORM, \
            ROUTE_AUDIT_NONE, ROUTE_DATA_PUBLIC                                                    \
    }
#define CHANGE(id, path, ask, act, say, power)                                                     \
    {                                                                                              \
        id, HTTP_POST, path, ask, act, say, power, FORM_BYTES_MAX, ROUTE_ACTION, ROUTE_RATE_FORM,  \
            ROUTE_AUDIT_ACT, ROUTE_DATA_PUBLIC                                                     \
    }
#define PDF_OF(id, path, ask)                                                                      \
    {                                                                                              \
        id, HTTP_GET, path, ask, page_act_none, edit_template_pdf_say, "draft.read", 0, ROUTE_FILE, \
            ROUTE_RATE_FORM, ROUTE_AUDIT_NONE, ROUTE_DATA_PUBLIC                                   \
    }
#define FORM "/admin/draft/{id}/form/{form}"
#define SECTION "/admin/draft/{id}/item/{item}/{section}"

/* clang-format off */
const struct route edit_routes[] = {
    LOOK("I1", "/admin/drafts", page_ask_none, edit_list_act, edit_list_say, "draft.read"),
    FILE_OF("I1-csv", "/admin/drafts/export", edit_file_act, list_file_say),
    CHANGE("I1", "/admin/drafts", page_ask_none, edit_begin_act, edit_list_say, "release.draft"),
    LOOK("I1-draft", "/admin/draft/{id}", edit_judged_ask, edit_draft_act, edit_draft_say, "draft.read"),
    CHANGE("I1-draft", "/admin/draft/{id}", edit_judged_ask, edit_move_act, edit_draft_say, "release.draft"),
    LOOK("I1-difference", "/admin/draft/{id}/difference", page_ask_none, edit_difference_act, edit_difference_say, "draft.read"),
    FILE_OF("I1-files", "/admin/draft/{id}/files", edit_export_act, edit_export_say),
    LOOK("I1-preview", "/admin/draft/{id}/preview/{item}", edit_preview_ask, edit_preview_act, edit_preview_say, "draft.read"),
    LOOK("I1-approve", "/admin/draft/{id}/approve", page_ask_none, edit_approve_act, edit_approve_say, "release.approve"),
    CHANGE("I1-approve", "/admin/draft/{id}/approve", edit_approve_ask, edit_approve_post_act, edit_approve_say, "release.approve"),
    LOOK("I6-draft", "/admin/draft/{id}/calendar", page_ask_none, edit_holidays_act, edit_holidays_say, "draft.read"),
    CHANGE("I6-draft", "/admin/draft/{id}/calendar", edit_holidays_ask, edit_holidays_post_act, edit_holidays_say, "release.draft"),
    LOOK("I6-moves", "/admin/draft/{id}/moves", page_ask_none, edit_moves_act, edit_moves_say, "draft.read"),
    LOOK("I13", "/admin/texts", edit_status_ask, edit_status_act, edit_status_say, "draft.read"),
    FILE_OF("I13-po", "/admin/texts/po", edit_po_act, edit_po_say),
    LOOK("I13-texts", "/admin/draft/{id}/texts", edit_texts_ask, edit_texts_act, edit_texts_say, "draft.read"),
    LOOK("I13-text", "/admin/draft/{id}/text", edit_texts_ask, edit_text_act, edit_text_say, "draft.read"),
    CHANGE("I13-text", "/admin/draft/{id}/text", edit_text_ask, edit_text_post_act, edit_text_say, "release.draft"),
    LOOK("I2", FORM, edit_form_ask, edit_form_act, edit_form_say, "release.draft"),
    CHANGE("I2", FORM, edit_form_post_ask, edit_form_post_act, edit_form_say, "release.draft"),
    LOOK("I2-page", FORM "/{page}", edit_form_ask, edit_form_act, edit_form_say, "release.draft"),
    CHANGE("I2-page", FORM "/{page}", edit_form_post_ask, edit_form_post_act, edit_form_say, "release.draft"),
    LOOK("I2-question", FORM "/{page}/{entry}", edit_form_ask, edit_form_act, edit_form_say, "release.draft"),
    CHANGE("I2-question", FORM "/{page}/{entry}", edit_form_post_ask, edit_form_post_act, edit_form_say, "release.draft"),
    LOOK("I5", "/admin/templates", page_ask_none, edit_active_list_act, edit_active_list_say, "draft.read"),
    FILE_OF("I5-csv", "/admin/templates/export", edit_active_file_act, list_file_say),
    LOOK("I5-active", "/admin/template", edit_active_ask, edit_active_act, edit_active_say, "draft.read"),
    PDF_OF("I5-active-pdf", "/admin/template/specimen.pdf", edit_active_pdf_ask),
    LOOK("I5-templates", "/admin/draft/{id}/templates", edit_templates_ask, edit_templates_act, edit_templates_say, "draft.read"),
    LOOK("I5-template", "/admin/draft/{id}/template", edit_template_ask, edit_template_act, edit_template_say, "draft.read"),
    CHANGE("I5-template", "/admin/draft/{id}/template", edit_template_post_ask, edit_template_post_act, edit_template_say, "release.draft"),
    PDF_OF("I5-pdf", "/admin/draft/{id}/template/specimen.pdf", edit_template_pdf_ask),
    LOOK("I1-section", SECTION, page_ask_none, edit_section_act, edit_section_say, "release.draft"),
    CHANGE("I1-section", SECTION, edit_section_ask, edit_section_post_act, edit_section_say, "release.draft"),
    LOOK("I1-entry", SECTION "/{entry}", page_ask_none, edit_section_act, edit_section_say, "release.draft"),
    CHANGE("I1-entry", SECTION "/{entry}", edit_section_ask, edit_section_post_act, edit_section_say, "release.draft"),
};
/* clang-format on */
const size_t edit_n_routes = sizeof edit_routes / sizeof *edit_routes;

int edit_find(struct store_tx *tx, struct page *p, struct release_draft *ret, struct err *e) {
    int64_t id;
    int rc = staff_id(p, "id", &id, e);
    return rc ? rc : release_draft_find(tx, page_realm(p), id, ret, e);
}

int edit_keep(struct arena *a, const struct release_files *from, struct release_files *ret,
              struct err *e) {
    *ret = (struct release_files){ arena_array(a, RELEASE_FILES_MAX, sizeof *ret->file), from->n };
    if (!ret->file) return err_set(e, ERR_MEMORY, NULL);
    for (size_t i = 0; i < from->n; i++)
        ret->file[i] = (struct release_file){ arena_str(a, from->file[i].path),
                                              arena_str(a, from->file[i].bytes) };
    return arena_overflowed(a) ? err_set(e, ERR_MEMORY, NULL) : 0;
}

int edit_look(struct store_tx *tx, struct page *p, struct err *e) {
    struct arena *a = p->req->arena;
    struct edit *x = arena_new(a, struct edit);
    struct release_files files, base;
    if (!x) return err_set(e, ERR_MEMORY, NULL);
    int rc = edit_find(tx, p, &x->draft, e);
    if (!rc) rc = release_draft_files(tx, page_realm(p), &x->draft, &files, e);
    if (!rc) rc = edit_keep(a, &files, &x->files, e);
    if (!rc) rc = release_files_get(tx, page_realm(p)->home, x->draft.base, &base, e);
    if (!rc) rc = edit_keep(a, &base, &x->base, e);
    x->draft.system = arena_str(a, x->draft.system);
    x->draft.state = arena_str(a, x->draft.state);
    x->item = http_param(p->req, S("item"));
    x->section = http_param(p->req, S("section"));
    x->entry = http_param(p->req, S("entry"));
    x->findings.arena = a;
    x->at_ms = store_now_ms(tx);
    p->own = x;
    return rc;
}

struct release_files edit_merged(struct arena *a, const struct edit *x) {
    struct release_files f = { arena_array(a, RELEASE_FILES_MAX, sizeof *f.file), 0 };
    bool placed[2] = { false, false };
    for (size_t i = 0; f.file && i < x->files.n; i++) {
        f.file[f.n] = x->files.file[i];
        for (size_t k = 0; k < x->n_changed; k++)
            if (str_eq(x->changed[k].path, f.file[f.n].path))
                f.file[f.n] = x->changed[k], placed[k] = true;
        f.n++;
    }
    for (size_t k = 0; f.file && k < x->n_changed; k++)
        if (!placed[k] && f.n < RELEASE_FILES_MAX) f.file[f.n++] = x->changed[k];
    return f;
}

bool edit_found(const struct release_findings *among, const struct release_finding *f) {
    for (size_t i = 0; i < among->n; i++)
        if (str_eq(among->list[i].file, f->file) && str_eq(among->list[i].text, f->text)) return true;
    return false;
}

struct str edit_file(const struct release_files *f, struct str path) {
    for (size_t i = 0; i < f->n; i++)
        if (str_eq(f->file[i].path, path)) return f->file[i].bytes;
    return S("");
}

struct str edit_item_path(struct arena *a, struct str item) {
    return ARENA_CAT(a, S("items/"), item, S(".yaml"));
}

const struct system *edit_judge(const struct page *p, struct arena *a,
                                const struct release_files *files, struct release_findings *f) {
    struct str id, version, *names;
    struct err e = { 0 };
    size_t n, have = 0;
    const struct system **needs, *sys = NULL;
    if (release_needs(a, files, &id, &version, &names, &n, &e)) {
        release_find(f, S("system.yaml"), e.line, "%s", e.detail);
        return NULL;
    }
    needs = arena_array(a, n + 1, sizeof *needs);
    while (needs && have < n && (needs[have] = realm_system(page_realm(p), names[have]))) have++;
    if (have < n)
        release_find(f, S("system.yaml"), 0, "没有它所需要的系统：%.*s", STR_ARG(names[have]));
    else if (needs) sys = release_compile(a, files, 0, needs, n, f);
    if (sys) release_check(sys, files, f);
    return sys;
}

struct str edit_path(struct page *p, int64_t draft, const char *tail) {
    return arena_fmt(p->a, "/admin/draft/%lld%s", (long long)draft, tail);
}

struct str edit_state(const struct page *p, struct str state) {
    static const struct {
        struct str word, title;
    } words[] = {
        { S_INIT("open"), S_INIT("起草中") },
        { S_INIT("proposed"), S_INIT("待审核") },
        { S_INIT("released"), S_INIT("已发布") },
        { S_INIT("dropped"), S_INIT("已放弃") },
        { S_INIT("begin"), S_INIT("开始起草") },
        { S_INIT("write"), S_INIT("修改") },
        { S_INIT("propose"), S_INIT("提交审核") },
        { S_INIT("take-back"), S_INIT("收回") },
        { S_INIT("return"), S_INIT("退回") },
        { S_INIT("release"), S_INIT("审核通过") },
        { S_INIT("activate"), S_INIT("启用") },
        { S_INIT("drop"), S_INIT("放弃") },
        { S_INIT("stale"), S_INIT("到期时现行版本已经变了，退回起草") },
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_eq(words[i].word, state)) return page_text(p, words[i].title);
    return state;
}

void edit_title_of(struct page *p, struct str title, struct str part,
                   const struct release_draft *d) {
    const struct system *sys = realm_system(page_realm(p), d->system);
    struct str name = sys ? system_text(sys, p->lang, sys->title) : d->system;
    staff_title(p, title, part.len ? ARENA_CAT(p->a, page_text(p, part), S(" · "), name) : name);
    staff_crumb(p, S("起草与发布"), S("/admin/drafts"));
    staff_crumb(p, name, edit_path(p, d->id, ""));
    val_put_str(p->a, p->view, S("system"), name);
    val_put_str(p->a, p->view, S("back_href"), page_href(p, edit_path(p, d->id, "")));
}

void edit_title(struct page *p, struct str title, const struct release_draft *d) {
    edit_title_of(p, title, S(""), d);
}

struct edit_words edit_words(const struct page *p, const struct release_files *f, struct str system,
                             struct arena *a) {
    struct edit_words w = { NULL, realm_system(page_realm(p), system) };
    struct str own = edit_file(f, S("texts/en.po"));
    struct err ignored = { 0 };
    if (own.len && po_parse(a, S("texts/en.po"), own, &w.own, &ignored)) w.own = NULL;
    return w;
}

struct str edit_english(const struct edit_words *w, struct str text) {
    if (text.len == 0) return text;
    if (w->own && po_has(w->own, S(""), text)) return po_get(w->own, S(""), text);
    struct str said = w->sys ? system_text(w->sys, S("en"), text) : text;
    return str_eq(said, text) ? S("") : said;
}
