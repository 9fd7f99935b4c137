/* form: questions, pages and their checks. Pure: no store, no socket. One page asks one thing; answers are a map question -> text
 * (list of texts for `multi`); what the registries know is shown, not asked.
 *
 * Invariants
 *  1. A page whose `when` is not true is not asked, and its answers do not count (form_effective leaves them out).
 *  2. form_check_page accepts only answers to that page's questions, and normalises them (blanks trimmed, full-width digits to half); text
 *     holds only what people can read (data/plain.h), line ends in `long` alone; a choice sent twice counts once.
 *  3. The order of pages is the file's; "next" is the first page behind this one that is asked.
 *
 * forms/NAME.yaml
 *   pages:
 *     - id: premises
 *       title: 店开在哪里？
 *       when: 'part = "food"'          # FEEL over the answers so far; optional
 *       hint: ...
 *       questions:
 *         - {id: shop_name, title: 店铺名称, kind: text, required: true, max: 60, hint: 与营业执照一致}
 *         - {id: name, title: 姓名, kind: registry, from: applicant.name}
 * kinds are the rows of form_words.h.
 */
#ifndef ENGINE_FORM_H
#define ENGINE_FORM_H
#include "engine/realm/realm.h"

enum form_kind {
    FORM_KIND_NONE,
#define FORM_KIND(id, name) FORM_##id,
#include "engine/form/form_words.h"
#undef FORM_KIND
    FORM_KINDS
};

struct feel;
struct form_question {
    struct str id, title, hint, code, below, from, unit; /* below: only codes right under this code, or under that question's answer */
    enum form_kind kind;
    bool required;
    size_t length_max;        /* code points */
    int64_t least, most;      /* integers; INT64_MIN/MAX when open */
};
struct form_page {
    struct str id, title, hint, when_text;
    struct feel *when;   /* NULL: always asked */
    const struct val *parts;  /* list of part ids that may see it; NULL: all */
    struct form_question *question;
    size_t n_questions;
};
struct form {
    struct str id;
    struct form_page *page;
    size_t n_pages;
};

/* Unknown keys, kinds, code sets and bad FEEL are errors with file:line. `m` holds the code sets. */
int form_compile(struct arena *a, struct str file, struct str id, const struct val *yaml, const struct system *m, const struct form **ret,
                 struct err *e);
const struct form_page *form_page(const struct form *f, struct str id);
const struct form_question *form_question(const struct form *f, struct str id);
bool form_asked(const struct form_page *p, const struct val *answers, struct arena *a);
/* First asked page behind `after` (NULL: the first of all); NULL at the end. */
const struct form_page *form_next(const struct form *f, const struct form_page *after, const struct val *answers, struct arena *a);
const struct form_page *form_before(const struct form *f, const struct form_page *p, const struct val *answers, struct arena *a);
/* First asked page with a required answer missing; NULL when all is there. */
const struct form_page *form_open_page(const struct form *f, const struct val *answers, struct arena *a);

/* One page's input (fields by question id; several values of one name for `multi`) checked and laid over `answers`. On bad input the
 * return is ERR_INPUT and *errors a map question id -> {code, detail} for every wrong field; *ret then still holds what was typed. */
int form_check_page(const struct form_page *p, const struct system *m, const struct val *input, const struct val *answers,
                    struct arena *a, struct val **ret, struct val **errors, struct err *e);
/* Only the answers of pages that are asked. */
struct val *form_effective(const struct form *f, const struct val *answers, struct arena *a);

/* View of a page for its template: {id, title, hint, questions: [{id, title, hint, required, value, error, is_text.., options: [..]}]}.
 * `prefill` is {applicant: {name: ..}, company: {..}} with texts shown for `registry` questions; `sources` the same shape with where from. */
struct val *form_page_view(const struct form_page *p, const struct system *m, const struct val *answers, const struct val *prefill,
                           const struct val *errors, struct str lang, struct arena *a);
/* For "check answers" and the case page: a list of {id, title, rows: [{id, title, text, registry, source}]}. `part` limits to what that part may see (empty: all). */
struct val *form_summary(const struct form *f, const struct system *m, const struct val *answers, const struct val *prefill, struct str part,
                         struct str lang, struct arena *a);
/* What the registry questions say, to be frozen into the case: answers plus {question: text}. */
struct val *form_freeze(const struct form *f, const struct val *answers, const struct val *prefill, struct arena *a);
#endif
