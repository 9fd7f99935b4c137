/* template: I5, one message or paper: what it says, where it is used, what it may say, what people would get;
 * in a draft its texts in both languages, judged at their fields. Invariants: the file keeps its bytes but
 * for the texts that were changed; a placeholder that nobody fills is refused with those that there are; who
 * saw less than what stands now is told both texts.
 */
#include "data/yaml.h"
#include "data/yaml_write.h"
#include "engine/notify/notify.h"
#include "engine/paper/paper_layout.h"
#include "release/release_templates.h"
#include "web/edit/edit_pages.h"
#include "web/question.h"

enum { WORK_BYTES_MAX = 64 * 1024 * 1024, TEXT_MAX = 700, DRAFTS_MAX = 100, ALLOWED_MAX = 60 };

#define NOTICES_FILE S("notices.yaml")

static bool is_paper(const struct edit *x) {
    return str_eq(x->section, S("papers"));
}

static struct str paper_path(struct arena *a, struct str id) {
    return ARENA_CAT(a, S("papers/"), id, S(".xml"));
}

/* ---- which ---- */

static bool has_template(struct arena *a, const struct edit *x) {
    struct val *yaml;
    if (is_paper(x)) return edit_file(&x->files, paper_path(a, x->entry)).len > 0;
    if (!str_eq(x->section, S("notices"))) return false;
    return yaml_parse(a, NOTICES_FILE, edit_file(&x->files, NOTICES_FILE), &yaml, NULL) == 0 &&
           val_get(yaml, x->entry);
}

bool edit_template_of(struct arena *a, struct str of, struct edit *x) {
    struct val *yaml;
    x->entry = of;
    if (of.len) return str_cut(&x->entry, '/', &x->section) && x->entry.len && has_template(a, x);
    if (yaml_parse(a, NOTICES_FILE, edit_file(&x->files, NOTICES_FILE), &yaml, NULL) == 0 &&
        val_pairs(yaml)) {
        x->section = S("notices");
        x->entry = yaml->u.map.pair[0].key;
        return true;
    }
    for (size_t i = 0; i < x->files.n; i++) {
        struct str path = x->files.file[i].path;
        if (!str_starts(path, S("papers/")) || !str_ends(path, S(".xml"))) continue;
        x->section = S("papers");
        x->entry = str_sub(path, 7, path.len - 11);
        return true;
    }
    return false;
}

static struct str address(struct page *p, const struct edit *x, const char *tail) {
    struct str of = ARENA_CAT(p->a, S("?of="), x->section, S("/"), x->entry);
    if (x->draft.id) return ARENA_CAT(p->a, edit_path(p, x->draft.id, "/template"), str_of(tail), of);
    return ARENA_CAT(p->a, S("/admin/template"), str_of(tail), of, S("&system="), x->draft.system);
}

/* ---- its texts ---- */

/* A template as a form: keys, their values, and where it stands in the files. */
struct texts {
    struct val *root, *map; /* of a notice: the file's tree and its part; of a paper: t0, t1... */
    const struct release_key *key;
    size_t n;
    struct paper_words *words;
    struct str path, file, seen;
    struct edit_words english;
    bool odd; /* of a paper: some texts can only be changed in the file */
};

static int paper_keys(struct page *p, struct arena *a, struct texts *t, struct err *e) {
    struct release_key *key;
    struct paper *compiled;
    struct str text;
    size_t all = 0;
    int rc = paper_words(a, t->file, &t->words, &t->n, e);
    if (rc) return rc;
    key = arena_array(a, t->n + 1, sizeof *key);
    t->map = val_map(a);
    if (!key || !t->map) return err_set(e, ERR_MEMORY, NULL);
    for (size_t i = 0; i < t->n; i++) {
        const struct paper_words *w = &t->words[i];
        struct str title = page_text(p, w->what);
        if (!w->title) title = ARENA_CAT(a, title, S(" "), arena_i64(a, (int64_t)w->number));
        /* A paper is Chinese; its name is read in English too. */
        key[i] = (struct release_key){ .section = S("papers"),
                                       .name = arena_fmt(a, "t%zu", i),
                                       .kind = w->title ? KEY_TEXT : KEY_WORD,
                                       .needed = true,
                                       .title = title };
        val_put_str(a, t->map, key[i].name, w->text);
    }
    t->key = key;
    if (paper_compile(a, t->path, t->file, &compiled, NULL) == 0)
        while (paper_text_at(compiled, all, &text)) all++;
    t->odd = all > t->n;
    return 0;
}

static int read_texts(struct page *p, struct arena *a, const struct edit *x, struct texts *t,
                      struct err *e) {
    int rc;
    *t = (struct texts){ .english = edit_words(p, &x->files, x->draft.system, a) };
    t->path = is_paper(x) ? paper_path(a, x->entry) : NOTICES_FILE;
    t->file = edit_file(&x->files, t->path);
    if (is_paper(x)) rc = paper_keys(p, a, t, e);
    else {
        rc = yaml_parse(a, t->path, t->file, &t->root, e);
        t->map = rc ? NULL : (struct val *)(uintptr_t)val_get(t->root, x->entry);
        t->key = release_keys(S("notices"), &t->n);
    }
    if (!rc && (!t->map || t->map->kind != VAL_MAP)) rc = err_set(e, ERR_NOT_FOUND, NULL);
    if (!rc) t->seen = edit_seen(a, t->map, 0);
    return rc;
}

/* ---- looked at ---- */

static int draft_look(struct store_tx *tx, struct page *p, struct err *e) {
    int rc = edit_look(tx, p, e);
    if (!rc && !edit_template_of(p->req->arena, page_in(p, S("of")), p->own))
        rc = err_set(e, ERR_NOT_FOUND, NULL);
    return rc;
}

/* The release that is active, as if it were a draft that nobody can change. Without a system, the first that
 * has templates. */
static int active_look(struct store_tx *tx, struct page *p, struct err *e) {
    const struct realm *r = page_realm(p);
    const struct system **all, *sys = realm_system(r, page_in(p, S("system")));
    struct arena *a = p->req->arena;
    struct edit *x = arena_new(a, struct edit);
    struct release_files files;
    const size_t n = r->systems.active(r->systems.context, &all);
    for (size_t i = 0; i < n && !sys && !page_in(p, S("system")).len; i++)
        if (all[i]->part[SYSTEM_NOTICE].n) sys = all[i];
    if (!x) return err_set(e, ERR_MEMORY, NULL);
    if (!sys) return err_set(e, ERR_NOT_FOUND, NULL);
    int rc = release_files_get(tx, r->home, sys->release, &files, e);
    if (!rc) rc = edit_keep(a, &files, &x->files, e);
    x->draft.system = arena_str(a, sys->id);
    x->findings.arena = a;
    x->at_ms = store_now_ms(tx);
    p->own = x;
    if (!rc && !edit_template_of(a, page_in(p, S("of")), x)) rc = err_set(e, ERR_NOT_FOUND, NULL);
    return rc;
}

static void show(struct page *p) {
    edit_template_show(p, p->own, false);
}

static void show_pdf(struct page *p) {
    edit_template_show(p, p->own, true);
}

/* A specimen is of a paper. */
static int pdf_look(struct store_tx *tx, struct page *p, route_act *look, struct err *e) {
    int rc = look(tx, p, e);
    struct edit *x = p->own;
    for (size_t i = 0; !rc && !page_in(p, S("of")).len && !is_paper(x) && i < x->files.n; i++)
        if (str_starts(x->files.file[i].path, S("papers/"))) {
            struct str path = x->files.file[i].path;
            x->section = S("papers");
            x->entry = str_sub(path, 7, path.len - 11);
        }
    return rc || is_paper(x) ? rc : err_set(e, ERR_NOT_FOUND, NULL);
}

static int draft_pdf_look(struct store_tx *tx, struct page *p, struct err *e) {
    return pdf_look(tx, p, draft_look, e);
}

static int active_pdf_look(struct store_tx *tx, struct page *p, struct err *e) {
    return pdf_look(tx, p, active_look, e);
}

static int ask(struct page *p, route_act *look, void (*work)(struct page *p)) {
    p->look = look;
    p->work = work;
    return 0;
}

int edit_template_ask(struct page *p, struct err *e) {
    (void)e;
    return ask(p, draft_look, show);
}

int edit_active_ask(struct page *p, struct err *e) {
    (void)e;
    return ask(p, active_look, show);
}

int edit_template_pdf_ask(struct page *p, struct err *e) {
    (void)e;
    return ask(p, draft_pdf_look, show_pdf);
}

int edit_active_pdf_ask(struct page *p, struct err *e) {
    (void)e;
    return ask(p, active_pdf_look, show_pdf);
}

int edit_template_pdf_say(struct page *p, struct err *e) {
    const struct edit *x = p->own;
    struct http_reply *r = arena_new(p->req->arena, struct http_reply);
    if (!r) return err_set(e, ERR_MEMORY, NULL);
    *r = (struct http_reply){ .status = 200, .media_type = S("application/pdf"), .body = x->pdf };
    p->reply = r;
    return 0;
}

/* ---- shown ---- */

static bool holds(struct page *p, const char *power) {
    struct scope_token ignored;
    return access_may(page_realm(p), p->who, str_of(power), &ignored, NULL) == 0;
}

static void put_shown(struct page *p, const struct edit *x) {
    static const char *const keys[] = { "where", "names", "messages" };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const struct val *v = val_get(x->view, str_of(keys[i]));
        if (v) val_put(p->a, p->view, str_of(keys[i]), val_copy(p->a, v));
    }
    val_put_bool(p->a, p->view, S("compiled"), x->compiled);
    val_put_bool(p->a, p->view, S("paper"), is_paper(x));
    val_put_str(p->a, p->view, S("of"), ARENA_CAT(p->a, x->section, S("/"), x->entry));
    val_put_str(p->a, p->view, S("pdf_href"),
                is_paper(x) ? page_href(p, address(p, x, "/specimen.pdf")) : S(""));
}

/* Chinese above English, as they stand. */
static void put_texts(struct page *p, const struct texts *t) {
    struct val *rows = val_list(p->a);
    for (size_t i = 0; i < t->n; i++) {
        struct str text = edit_text(p->a, val_get(t->map, t->key[i].name));
        struct val *v = val_map(p->a);
        if (!text.len || !edit_editable(&t->key[i])) continue;
        if (t->key[i].kind == KEY_FLAG) text = page_text(p, S("是"));
        val_put_str(p->a, v, S("label"), page_text(p, t->key[i].title));
        val_put_str(p->a, v, S("now"), text);
        val_put_str(p->a, v, S("english"),
                    edit_bilingual(&t->key[i]) ? edit_english(&t->english, text) : S(""));
        val_push(p->a, rows, v);
    }
    val_put(p->a, p->view, S("texts"), rows);
    val_put_bool(p->a, p->view, S("odd"), t->odd);
}

static void put_form(struct page *p, const struct texts *t) {
    struct val *fields = val_list(p->a), *hidden = val_list(p->a);
    for (size_t i = 0; i < t->n; i++) {
        const struct release_key *k = &t->key[i];
        if (!edit_editable(k)) continue;
        const struct val *v = val_get(t->map, k->name);
        edit_field(p, fields, k, v,
                   edit_bilingual(k) ? edit_english(&t->english, edit_text(p->a, v)) : S(""));
        if (k->kind == KEY_WORD)
            val_put_str(p->a, fields->u.list.item[val_count(fields) - 1], S("box_lang"), S("zh-CN"));
    }
    staff_field(p, hidden, S("seen"), question_again(p) ? page_in(p, S("seen")) : t->seen);
    val_put(p->a, p->view, S("fields"), fields);
    val_put(p->a, p->view, S("hidden"), hidden);
}

int edit_template_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct edit *x = p->own;
    struct texts t;
    int rc = read_texts(p, p->a, x, &t, e);
    (void)tx;
    if (rc) return rc;
    const bool may = holds(p, "release.draft") && str_eq(x->draft.state, S("open"));
    if (x->conflict) t.seen = edit_seen(p->a, t.map, 0);
    put_shown(p, x);
    if (may) put_form(p, &t);
    else put_texts(p, &t);
    if (may && x->conflict) {
        struct val *hidden = val_list(p->a);
        staff_field(p, hidden, S("seen"), t.seen);
        val_put(p->a, p->view, S("hidden"), hidden);
        edit_put_conflict(p, t.key, t.n, t.map);
    }
    val_put_bool(p->a, p->view, S("odd"), t.odd);
    val_put_bool(p->a, p->view, S("may_edit"), may);
    return 0;
}

static struct str title_of(struct page *p, const struct edit *x) {
    const struct system *sys = realm_system(page_realm(p), x->draft.system);
    return sys ? system_text(sys, p->lang, edit_template_title(sys, x->section, x->entry)) : x->entry;
}

int edit_template_say(struct page *p, struct err *e) {
    const struct edit *x = p->own;
    struct str list = edit_path(p, x->draft.id, "/templates");
    (void)e;
    if (p->location.len) return 0;
    edit_title_of(p, S("通知和文书模板"), title_of(p, x), &x->draft);
    staff_crumb(p, S("通知和文书模板"), list);
    staff_crumb(p, title_of(p, x), S(""));
    val_put_str(p->a, p->view, S("named"), title_of(p, x));
    val_put_str(p->a, p->view, S("back_href"), page_href(p, list));
    val_put_str(p->a, p->view, S("difference_href"),
                page_href(p, edit_path(p, x->draft.id, "/difference")));
    page_form(p, address(p, x, ""));
    p->template = S("edit/template");
    return 0;
}

/* The drafts of its system that are open, to go on in one of them. */
static int put_drafts(struct store_tx *tx, struct page *p, const struct edit *x, struct err *e) {
    struct val *all, *list = val_list(p->a);
    int rc = release_draft_list(tx, page_realm(p), 0, false, DRAFTS_MAX, &all, e);
    for (size_t i = 0; !rc && i < val_count(all); i++) {
        const struct val *d = val_item(all, i);
        struct edit in = *x;
        struct val *v = val_map(p->a);
        if (!str_eq(val_get_str(d, S("system")), x->draft.system) ||
            !str_eq(val_get_str(d, S("state")), S("open")))
            continue;
        in.draft.id = val_get_i64(d, S("id"), 0);
        val_put_str(p->a, v, S("when"),
                    realm_time(page_realm(p), p->a, p->lang, val_get_i64(d, S("changed_ms"), 0)));
        val_put_str(p->a, v, S("href"), page_href(p, address(p, &in, "")));
        val_push(p->a, list, v);
    }
    val_put(p->a, p->view, S("drafts"), list);
    return rc;
}

int edit_active_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct edit *x = p->own;
    struct texts t;
    int rc = read_texts(p, p->a, x, &t, e);
    if (rc) return rc;
    put_shown(p, x);
    put_texts(p, &t);
    val_put_bool(p->a, p->view, S("may_begin"), holds(p, "release.draft"));
    val_put_str(p->a, p->view, S("begin_system"), x->draft.system);
    return put_drafts(tx, p, x, e);
}

int edit_active_say(struct page *p, struct err *e) {
    const struct edit *x = p->own;
    const struct system *sys = realm_system(page_realm(p), x->draft.system);
    (void)e;
    staff_title(p, S("通知和文书模板"), title_of(p, x));
    staff_crumb(p, S("通知和文书模板"), S("/admin/templates"));
    staff_crumb(p, title_of(p, x), S(""));
    val_put_str(p->a, p->view, S("system"), sys ? system_text(sys, p->lang, sys->title) : x->draft.system);
    val_put_str(p->a, p->view, S("named"), title_of(p, x));
    val_put_str(p->a, p->view, S("back_href"), page_href(p, S("/admin/templates")));
    page_form(p, S("/admin/drafts"));
    p->template = S("edit/template");
    return 0;
}

/* ---- written ---- */

struct writing {
    struct page *p;
    struct edit *x;
    struct arena *a;
    struct texts t;
    struct release_name *name;
    size_t n_names;
};

static int read_names(struct writing *w, const struct system *m, struct err *e) {
    w->name = arena_array(w->a, RELEASE_NOTICE_NAMES_MAX, sizeof *w->name);
    if (!w->name) return err_set(e, ERR_MEMORY, NULL);
    if (is_paper(w->x)) return release_paper_names(w->a, m, w->x->entry, &w->name, &w->n_names, e);
    w->n_names = release_notice_names(m, w->x->entry, w->name);
    return 0;
}

static struct str allowed(const struct writing *w) {
    struct str all = page_text(w->p, S("。可以用的占位符："));
    for (size_t i = 0; i < w->n_names && i < ALLOWED_MAX; i++)
        all = ARENA_CAT(w->a, all, i ? S(" ") : S(""), S("{{"), w->name[i].name, S("}}"));
    return all;
}

static void judge_text(struct writing *w, struct str field, struct str text, size_t most, bool titled) {
    struct arena *keep = w->p->req->arena;
    if (str_utf8_count(text) > most)
        edit_fault(w->x, keep, field,
                   page_error_text(w->p, ERR_TOO_LONG, arena_i64(w->a, (int64_t)most)));
    struct str fault = release_template_fault(w->a, text, w->name, w->n_names, titled);
    if (!fault.len) return;
    fault = page_said(w->p, fault);
    edit_fault(w->x, keep, field, edit_asks(w->p, titled ? fault : ARENA_CAT(w->a, fault, allowed(w))));
}

/* Each text that was typed, before the whole is judged. */
static void judge_texts(struct writing *w) {
    for (size_t i = 0; i < w->t.n; i++) {
        const struct release_key *k = &w->t.key[i];
        struct str text = str_trim(page_in(w->p, k->name));
        const bool titled = str_eq(k->name, S("title")), worded = k->kind == KEY_WORD;
        const size_t most = k->kind == KEY_TEXT ? edit_most(k) : TEXT_MAX;
        if (!edit_bilingual(k) && !worded) continue;
        if (k->needed && !text.len)
            edit_fault(w->x, w->p->req->arena, k->name,
                       page_error_text(w->p, ERR_REQUIRED, page_text(w->p, k->title)));
        judge_text(w, k->name, text, most, titled);
        struct str en = ARENA_CAT(w->a, k->name, S("-en"));
        if (edit_bilingual(k)) judge_text(w, en, str_trim(page_in(w->p, en)), 2 * most, titled);
    }
}

static int put_file(struct writing *w, struct err *e) {
    struct texts *t = &w->t;
    struct str text;
    int rc;
    if (is_paper(w->x)) {
        struct str *said = arena_array(w->a, t->n + 1, sizeof *said);
        if (!said) return err_set(e, ERR_MEMORY, NULL);
        for (size_t i = 0; i < t->n; i++) said[i] = val_get_str(t->map, t->key[i].name);
        rc = paper_reword(w->a, t->file, t->words, said, t->n, &text, e);
    } else rc = yaml_write_over(w->a, t->file, t->root, &text, e);
    if (!rc && !str_eq(text, t->file))
        w->x->changed[w->x->n_changed++] = (struct release_file){ t->path, text };
    return rc;
}

static int apply(struct writing *w, struct err *e) {
    struct edit *x = w->x;
    struct release_findings before = { .arena = w->a }, after = { .arena = w->a };
    const struct system *m = edit_judge(w->p, w->a, &x->files, &before);
    int rc = read_texts(w->p, w->a, x, &w->t, e);
    if (rc) return rc;
    x->conflict = !str_eq(page_in(w->p, S("seen")), w->t.seen);
    if (x->conflict) return err_set(e, ERR_CONFLICT, NULL);
    if (!m) m = realm_system(page_realm(w->p), x->draft.system);
    if (m) rc = read_names(w, m, e);
    if (rc) return rc;
    judge_texts(w);
    if (x->n_faults) return 0;
    rc = edit_put_values(w->p, w->a, x, w->t.key, w->t.n, &w->t.english, w->t.map, e);
    if (!rc) rc = put_file(w, e);
    if (rc) return rc;
    const struct release_files files = edit_merged(w->a, x);
    (void)edit_judge(w->p, w->a, &files, &after);
    edit_put_findings(w->p, w->a, x, w->t.key, w->t.n, w->t.map, &before, &after);
    edit_keep_changed(w->p, x);
    return arena_overflowed(w->a) ? err_set(e, ERR_MEMORY, NULL) : 0;
}

static void put(struct page *p) {
    struct arena a;
    struct writing w = { .p = p, .x = p->own, .a = &a };
    struct err e = { 0 };
    arena_init(&a, "template judged", WORK_BYTES_MAX);
    int rc = apply(&w, &e);
    arena_done(&a);
    if (rc || w.x->n_faults) show(p); /* the form comes again */
    if (rc) p->err = e, p->err.code = rc;
}

int edit_template_post_ask(struct page *p, struct err *e) {
    (void)e;
    return ask(p, draft_look, put);
}

int edit_template_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct edit *x = p->own;
    const int rc = edit_write(tx, p, ARENA_CAT(p->a, x->section, S(" / "), x->entry), e);
    if (!rc) p->location = address(p, x, "");
    return rc;
}
