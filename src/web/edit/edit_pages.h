/* edit_pages (private to web/edit): what its chapters share.
 *
 * A section is what one page edits: a GROUP of the table of keys or `limits` (a form), or a list of
 * an item (materials, faq, pauses, obstacles, parts), whose entries have a form each.
 */
#ifndef WEB_EDIT_PAGES_H
#define WEB_EDIT_PAGES_H
#include "engine/code/code_set.h"
#include "engine/item/item.h"
#include "release/release_draft.h"
#include "release/release_texts.h"
#include "release/release_words.h"
#include "web/list/list.h"

/* A draft as it was looked at, in the request's arena: for work on the pool. */
struct edit {
    struct release_draft draft;
    struct release_files files, base;
    struct release_findings findings;
    struct str item, section, entry; /* of the address; may be empty */
    /* section.c: what is to be written, and what is wrong with it */
    struct release_file changed[2];
    size_t n_changed;
    struct str field[PAGE_FAULTS_MAX], fault[PAGE_FAULTS_MAX];
    size_t n_faults;
    bool conflict;
    struct val *view; /* preview.c, template_show.c */
    struct str pdf;   /* template_show.c */
    int64_t at_ms;    /* when it was looked at */
    struct val *uses; /* form_sent.c: where the draft would no longer hold; list of {place, text, path} */
    /* texts.c: what people read of it; where it compiled */
    bool compiled;
    struct release_text *text;
    size_t n_texts;
};

/* ---- edit.c ---- */
/* The draft of the address. For act. */
int edit_find(struct store_tx *tx, struct page *p, struct release_draft *ret, struct err *e);
/* The same with its files and those of its base, into p->own. For look. */
int edit_look(struct store_tx *tx, struct page *p, struct err *e);
/* Files copied into `a`, which outlives the job. */
int edit_keep(struct arena *a, const struct release_files *from, struct release_files *ret,
              struct err *e);
/* The files as they would be with x->changed. */
struct release_files edit_merged(struct arena *a, const struct edit *x);
/* Is this finding among these, wherever it stands now? */
bool edit_found(const struct release_findings *among, const struct release_finding *f);
struct str edit_file(const struct release_files *f, struct str path);
struct str edit_item_path(struct arena *a, struct str item);
/* Compiles the files with the active needs and checks them whole; NULL where they do not compile.
 * The findings are put where `f` says. */
const struct system *edit_judge(const struct page *p, struct arena *a,
                                const struct release_files *files, struct release_findings *f);
struct str edit_path(struct page *p, int64_t draft, const char *tail); /* "/admin/draft/7" + tail */
/* What a draft's state, and a step of its history, is called. */
struct str edit_state(const struct page *p, struct str state);
/* Title and crumbs of a page below a draft's. For say. */
void edit_title(struct page *p, struct str title, const struct release_draft *d);
/* With the part of it that the page is about, in the page's title alone. */
void edit_title_of(struct page *p, struct str title, struct str part,
                   const struct release_draft *d);
/* What texts are in English, as these files say it or the systems that they need. */
struct edit_words {
    struct po *own;
    const struct system *sys;
};
struct edit_words edit_words(const struct page *p, const struct release_files *f, struct str system,
                             struct arena *a);
struct str edit_english(const struct edit_words *w, struct str text); /* empty: there is none */

/* ---- where.c ---- */
/* A finding of the check for who edits: where (an item and its part; file and line of what no page
 * edits), what, and the path of the page that mends it; empty: none does. */
struct edit_where {
    struct str place, text, path;
};
void edit_where(struct page *p, const struct edit *x, const struct release_finding *f,
                struct edit_where *ret);
/* Its sentence, with the key that it names by what the form calls it. `k` may be NULL. */
struct str edit_said(struct page *p, const struct release_finding *f, const struct release_key *k);
/* Does a finding name this word, at its end? */
bool edit_names(struct str text, struct str word);

/* ---- texts.c ---- */
struct str edit_text_number(struct arena *a, struct str text); /* of a text in an address */

/* ---- values.c ---- */
/* Can the pages edit it? */
bool edit_editable(const struct release_key *k);
/* Is it said in two languages? */
bool edit_bilingual(const struct release_key *k);
/* How many characters it may have at most, twice as many in English. */
size_t edit_most(const struct release_key *k);
/* What was typed, trimmed, with line feeds where browsers send CR LF. */
struct str edit_lines(struct arena *a, struct str s);
/* What the form holds for a key: its value in YAML, NULL: absent. */
struct val *edit_value(struct page *p, const struct release_key *k, struct arena *a);
/* As a text: what the boxes show, and what is compared. */
struct str edit_text(struct arena *a, const struct val *v);
/* Adds the fields of one key to `fields`. `v` is its value, `english` what it is in English. */
void edit_field(struct page *p, struct val *fields, const struct release_key *k,
                const struct val *v, struct str english);
/* The keys of a section's form: its first row and how many. A GROUP's name, or the name of a map.
 */
const struct release_key *edit_section(struct str section, size_t *n);
/* Is it a list of entries? Then `edit_section` gives the keys of an entry. */
bool edit_listed(struct str section);
/* The map that a section edits within an item's file; `entry` empty: the section itself. */
const struct val *edit_target(const struct val *item, struct str section, struct str entry);
/* What was seen of a section, to know it again. */
struct str edit_seen(struct arena *a, const struct val *target, size_t entries);

/* ---- sent.c: of a form that is made of `n` keys ---- */
/* Values into `map`, in the order of the keys; their English into x->changed. */
int edit_put_values(struct page *p, struct arena *a, struct edit *x, const struct release_key *key,
                    size_t n, const struct edit_words *words, struct val *map, struct err *e);
/* One of them, at its place among those that stand; NULL: the map is without it. */
void edit_set(struct arena *a, struct val *map, const struct release_key *key, size_t i, struct val *v);
/* What has a form of its own in a browser (a switch, a number, a kind), sent by one who has none: a fault of its field. */
void edit_judge_value(struct page *p, struct edit *x, const struct release_key *k);
struct str edit_asks(struct page *p, struct str finding); /* a finding, as a fault of a field says it */
/* A fault of a field; the first of each is kept, in `a`. */
void edit_fault(struct edit *x, struct arena *a, struct str field, struct str text);
void edit_put_findings(struct page *p, struct arena *a, struct edit *x,
                       const struct release_key *key, size_t n, const struct val *map,
                       const struct release_findings *before,
                       const struct release_findings *after);
/* x->changed, which was made in the arena of the work, into the request's. */
void edit_keep_changed(struct page *p, struct edit *x);
/* What was judged, into the draft: the faults to their fields, ERR_STATE where it is closed, ERR_CONFLICT where
 * somebody else saved meanwhile. `what`: how the draft's history tells it. */
int edit_write(struct store_tx *tx, struct page *p, struct str what, struct err *e);
/* Both texts, where somebody else saved it meanwhile. `target`: what stands, by the keys. */
void edit_put_conflict(struct page *p, const struct release_key *key, size_t n,
                       const struct val *target);

/* ---- templates.c, template.c, template_show.c: I5 ---- */
/* "notices/accepted" -> x->section, x->entry; where nothing is asked for, the first of the files. False: no
 * such template. */
bool edit_template_of(struct arena *a, struct str of, struct edit *x);
/* Where a template is used, in the reader's language, in p->req->arena: on the pool or in act. */
struct str edit_template_where(struct page *p, const struct system *m, struct str section,
                               struct str id);
/* What it is called, Chinese. */
struct str edit_template_title(const struct system *m, struct str section, struct str id);
/* Into x->view, on the pool: {where, ways, names [{name, what, sample}], messages [{lang, lang_name, title, text,
 * mail, sms, parts}]}; of a paper the PDF into x->pdf, where `pdf`. */
void edit_template_show(struct page *p, struct edit *x, bool pdf);

/* ---- holidays.c ---- */
struct clock_calendar;
struct str edit_holidays_path(struct arena *a); /* of the code set of holidays in a system's files */
/* The calendar of the files; NULL where they have none. */
int edit_calendar_of(struct arena *a, const struct release_files *f, struct clock_calendar **ret,
                     struct err *e);
bool edit_has_holidays(const struct system *sys);

/* ---- pages ---- */
route_ask edit_holidays_ask;
route_act edit_holidays_act, edit_holidays_post_act, edit_moves_act;
route_say edit_holidays_say, edit_moves_say;
/* texts.c: I13 */
route_ask edit_status_ask, edit_texts_ask, edit_text_ask;
route_act edit_status_act, edit_po_act, edit_texts_act, edit_text_act, edit_text_post_act;
route_say edit_status_say, edit_po_say, edit_texts_say, edit_text_say;
/* forms.c, form_sent.c: I2 */
void edit_form_show(struct page *p); /* on the pool: the page as applicants see it, into x->view */
route_ask edit_form_ask, edit_form_post_ask;
route_act edit_form_act, edit_form_post_act;
route_say edit_form_say;
/* I5 */
route_ask edit_active_ask, edit_active_pdf_ask, edit_templates_ask, edit_template_ask,
    edit_template_pdf_ask, edit_template_post_ask;
route_act edit_active_list_act, edit_active_file_act, edit_active_act, edit_templates_act,
    edit_template_act, edit_template_post_act;
route_say edit_active_list_say, edit_active_say, edit_templates_say, edit_template_say,
    edit_template_pdf_say;
route_ask edit_judged_ask, edit_section_ask, edit_preview_ask, edit_approve_ask;
route_act edit_list_act, edit_file_act, edit_begin_act, edit_draft_act, edit_move_act,
    edit_approve_act, edit_approve_post_act, edit_difference_act, edit_preview_act,
    edit_section_act, edit_section_post_act, edit_export_act;
route_say edit_list_say, edit_draft_say, edit_approve_say, edit_difference_say, edit_preview_say,
    edit_section_say, edit_export_say;
#endif
