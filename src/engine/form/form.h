/* form: questions, pages and their checks. Pure: no store, no socket. One page asks one thing; answers are a map question -> text
 * (list of texts for `multi`); what the registries know is shown, not asked.
 *
 * Invariants
 *  1. A page whose `when` is not true is not asked, and its answers do not count (form_effective leaves them out).
 *  2. form_check_page accepts only answers to that page's questions, and normalises them (blanks trimmed, full-width digits to half); text
 *     holds only what people can read (data/plain.h), line ends in `long` alone; a choice sent twice counts once.
 *  3. The order of pages is the file's; "next" is the first page behind this one that is asked.
 *  4. A page that repeats is answered least..most times: its answer, under the page's own id, is a list of maps {entry, question: text}.
 *     `entry` numbers an entry for as long as it stands, so that two windows never change one another's; a list never holds the same twice.
 *  5. The answer to `address` is a map {division, road, number, room, text}: a code of its set with none below it, below the question's
 *     `below`, and what was typed; `text` is the whole as people read it, made by the check. It stands alone on its page, since finding
 *     the place takes several looks (form_address_view). What a registry says stands there until something was typed.
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
 *     - id: handlers
 *       title: 谁直接接触食品？
 *       repeat: {least: 0, most: 30, entry: 从业人员, records: staff.company}   # the last: one entry for each record of `staff` whose
 *       questions:                                                          # element `company` is the applicant's; `from` its elements
 *         - {id: name, title: 姓名, kind: text, required: true, from: name}
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
    struct str id, title, hint, code, below, from, unit,
        purpose, /* below: only codes right under this code, or under that question's answer */
        mask;    /* word of code_mask for officers who do not decide on the answer; empty: shown to all */
    enum form_kind kind;
    bool required, every;     /* every: the codes of all levels are offered, not one level's */
    size_t length_max;        /* code points */
    int64_t least, most;      /* integers; INT64_MIN/MAX when open */
};
struct form_page {
    struct str id, title, hint, when_text;
    struct feel *when;   /* NULL: always asked */
    const struct val *parts;  /* list of part ids that may see it; NULL: all */
    struct form_question *question;
    size_t n_questions;
    bool repeats;
    size_t least, most;     /* entries */
    struct str entry;       /* what one entry is called */
    struct str records, by; /* record type and its element that names the applicant; empty: nothing is known */
};
struct form {
    struct str id;
    struct form_page *page;
    size_t n_pages;
    const struct form *
        typed; /* the same, with what the registries know typed by the applicant: for who wants nothing taken from them */
    bool reads; /* does it show or take anything of a registry beside who applies? */
};
enum { FORM_ENTRIES_MAX = 100 };
struct record_type;
struct record_field;
/* The element of a registry that `applicant.NAME` or `company.NAME` means; false if there is none. */
bool form_source(const struct system *m, struct str path, const struct record_type **type,
                 const struct record_field **field);
/* Is it who applies (name and key), known from the sign-in itself? */
bool form_identifies(const struct system *m, struct str path);

/* A page that asks for the elements of a record, each as its registry says; for those who keep it. Codes of a very long set are typed.
 * `known`: the record is there, and its personal elements, which the keeper does not see, need not be said again. */
int form_of_record(struct arena *a, const struct system *m, const struct record_type *t, bool known, const struct form_page **ret,
                   struct err *e);

/* Does it take what it shows of a registry, told of before the first question? */
bool form_takes(const struct form_question *q);

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

/* One page's input (fields by question id; several values of one name for `multi`) checked and laid over `answers`. For a page that repeats: a list
 * of maps takes the place of its entries; anything else leaves them, and only their number and completeness are judged (at the page's id). On bad input the
 * return is ERR_INPUT and *errors a map question id -> {code, detail} for every wrong field; *ret then still holds what was typed. */
int form_check_page(const struct form_page *p, const struct system *m, const struct val *input, const struct val *answers,
                    struct arena *a, struct val **ret, struct val **errors, struct err *e);
/* ---- pages that repeat ---- */
/* An entry of the answers; NULL if there is none (any more). */
const struct val *form_entry(const struct form_page *p, const struct val *answers, int64_t entry);
/* One entry's input like form_check_page, for a new entry (0) or one that stands: ERR_NOT_FOUND if it does not, ERR_LIMIT with the number
 * if no more may be added. */
int form_check_entry(const struct form_page *p, const struct system *m, const struct val *input,
                     const struct val *answers, int64_t entry, struct arena *a, struct val **ret,
                     struct val **errors, struct err *e);
/* The answers without it. ERR_NOT_FOUND. */
int form_drop_entry(const struct form_page *p, const struct val *answers, int64_t entry, struct arena *a,
                    struct val **ret, struct err *e);
/* Is nothing required missing in it? */
bool form_entry_whole(const struct form_page *p, const struct val *entry);
bool form_entries_whole(const struct form_page *p,
                        const struct val *answers); /* and are there as many as there must be? */
/* Entries out of a registry's records (list of {element: text}), where the page has no answer yet. */
void form_take_records(const struct form_page *p, const struct val *records, struct arena *a,
                       struct val *answers);

/* Only the answers of pages that are asked. */
struct val *form_effective(const struct form *f, const struct val *answers, struct arena *a);

/* View of a page for its template: {id, title, hint, questions: [{id, title, hint, required, value, error, is_text.., options: [..]}]}.
 * `prefill` is {applicant: {name: ..}, company: {..}, is_masked} with texts shown for `registry` questions: with is_masked they are masked, and
 * none of them is taken for an answer; `sources` the same shape with where from. */
struct val *form_page_view(const struct form_page *p, const struct system *m, const struct val *answers, const struct val *prefill,
                           const struct val *errors, struct str lang, struct arena *a);
/* For "check answers" and the case page: a list of {id, title, rows: [{id, title, text, registry, source}], columns: [{id, title}],
 * entries: [{entry, whole, values: [{id, title, text}]}], none}; a page that repeats has columns and, if any, entries, the others rows.
 * `part` limits to what that part may see (empty: all). */
struct val *form_summary(const struct form *f, const struct system *m, const struct val *answers, const struct val *prefill, struct str part,
                         struct str lang, struct arena *a);
/* For who does not decide on them: in the pages of a summary, answers that have a mask are masked (`masked` is true beside them). */
void form_summary_mask(struct val *pages, struct arena *a);
/* One answer as people read it. */
struct str form_answer_text(const struct form_question *q, const struct system *m, const struct val *answers,
                            struct str lang, struct arena *a);
/* What the registry questions say, to be frozen into the case: answers plus {question: text}. */
struct val *form_freeze(const struct form *f, const struct val *answers, const struct val *prefill, struct arena *a);
#endif
