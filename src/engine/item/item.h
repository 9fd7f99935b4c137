/* item: service items (政务服务事项) and cases (办件), by GB/T 39046-2020 and GB/T 39554-2020.
 *
 * A case lives:      draft -> submitted -> accepted -> ended
 *   item_draft_open    (none -> draft)         item_draft_drop (draft -> none)
 *   item_submit        (draft -> submitted)     number drawn, process started, statutory clock noted
 *   move accept        (submitted -> accepted)  the clock runs from here
 *   move supplement    (-> supplement, clock paused) ; item_supplement_give (-> back)
 *   item_hold, item_resume (accepted, clock paused by hand and running again)
 *   item_withdraw      (submitted|accepted|supplement -> withdrawn)
 *   process end        (-> ended, with result granted | partly | refused | not-accepted | deemed-withdrawn)
 * and afterwards item_rate, once; a bad one opens another case (item_redress.c), submitted and accepted.
 *
 * Invariants
 *  1. A case pins one release; form, process, rules, codes, texts and papers are that release's for ever.
 *  2. Answers, opinions and names stand sealed under the applicant's key (company if acting for one, else person); the row shows codes only.
 *  3. The process (engine flow) decides what is open; the case row repeats its outcome (state) for lists, in the same transaction.
 *  4. Every change is an act; item_event is the case's log, from which the legal clock is computed and never stored as truth: due_ms
 *     in the row, `holds` and `stands` in the body are caches for lists, rewritten whenever an event is added.
 *  5. A part (one department's matter within a joint case) is seen by its own department only: pages and materials of others are not in
 *     its view.
 */
#ifndef ENGINE_ITEM_H
#define ENGINE_ITEM_H
#include "engine/act/act.h"
#include "engine/form/form.h"

/* outbox: sealed bytes (payload: their name in hex) that no row names any more; due when they may go. */
#define ITEM_FILE_LET_GO S("item.file-let-go")

struct item_material {
    struct str id, name, hint, form, source;
    const struct val *parts; /* part ids that may see it; NULL: all */
    const struct val *about;
    struct str kind, keeps;  /* what kind of document it is, and how long one given earlier is still taken (engine/clock); may be empty */
    const struct val *papers; /* names of licences that are taken for it; NULL: none */
    bool required;           /* when the decision of materials does not say otherwise */
    int64_t size_bytes_max;
};
struct item_part {
    struct str id, title, unit_kind, role, paper, refusal;
    int64_t valid_months;    /* of its licence; 0: no end */
    const struct val *about;
};
struct item_limit {
    struct str text;         /* "20 working days" as in the declaration */
    bool by_law;
};
/* What a search looks at, in lower case (item_find.c). */
struct item_text {
    struct str text;
    int weight;
    bool name, han; /* one of its names; is there a Han character in it? */
};
struct item_type {
    struct str id, name, form, flow, decide_parts, decide_materials, decide_obstacles, unit_kind,
        disputes; /* a record type, of which an element is said to be wrong by this item */
    bool for_person, for_company;
    bool redresses; /* its cases are opened by bad ratings, and by nothing else (item_redress.c) */
    struct item_part *part;
    size_t n_parts;
    struct item_material *material;
    size_t n_materials;
    struct str limit_law, limit_promise; /* grammar of engine/clock */
    struct str collect, collect_remind;  /* kind of the unit at whose window results wait, and after how long one is reminded; or empty */
    const struct form_page *check;       /* its questions that decide whether one may apply, and with what; may be none */
    const struct val *obstacles;         /* list of {id, title, basis, instead}: why it cannot be granted */
    const struct val *pauses;            /* list of {id, title, basis, hold, max}: the only reasons that stop the clock */
    const struct val *about;             /* items/NAME.yaml whole: the guide shows it */
    struct item_text *text;
    size_t n_texts;
};

/* `check` of the declaration (item_check.c): at most ITEM_CHECK_MAX questions of the item's form, none of which tells who somebody is. */
enum { ITEM_CHECK_MAX = 4 }; /* with the one for whom it is, five */
int item_check_compile(struct arena *a, struct str file, const struct val *yaml, const struct system *m, struct item_type *t,
                       struct err *e);
int item_compile(struct arena *a, struct str file, struct str id, const struct val *yaml, const struct system *m,
                 const struct item_type **ret, struct err *e);
const struct item_part *item_part(const struct item_type *t, struct str id);
const struct item_material *item_material(const struct item_type *t, struct str id);

/* What an engine command of a case works on. */
struct item_case {
    int64_t id, release, person, company, account, unit, division, version;
    int64_t created_ms, submitted_ms, accepted_ms, due_ms, ended_ms;
    struct str number, item, system_id, state, result, channel, was; /* was: the state that its followers know (item_follow.h) */
    const struct system *system;
    const struct item_type *type;
    const struct form *form;
    struct val *body;    /* opened: {consent, answers, prefill, parts, materials} */
    struct data_key key; /* of its owner, once the body was opened with it (item_key) */
    bool has_key;
    struct val *events;  /* its log, once a command asked for it to be kept (item_events_keep); lives as long as the transaction */
};
/* Loads within the scope of `token` (NULL: the caller is the engine itself). ERR_NOT_FOUND outside it, ERR_FORBIDDEN where the
 * conditions of the grants that reach it do not hold. */
int item_case_get(struct store_tx *tx, const struct realm *r, const struct scope_token *token, int64_t id, struct item_case *ret,
                  struct err *e);

/* Compiles flows/NAME.bpmn with the words, roles, forms, decisions and FEEL of `m`; the first finding is the error. */
struct flow_model;
int item_flow_compile(struct arena *a, struct str file, struct str bytes, struct system *m, struct flow_model **ret, struct err *e);
bool item_flow_word(struct str word); /* is it a word of service tasks? */

/* ---- applying (the applicant) ---- */
/* A new draft, or the newest open one of this applicant for this item. ERR_STATE if the item is not for this kind of applicant. */
int item_draft_open(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct system *m, const struct item_type *t,
                    int64_t *ret_case, struct err *e);
/* Answers given before signing in (item_check.c) into a draft, where it has none: nothing that stands is overwritten, and what is not
 * a right answer to a question of the item's `check` is left out. */
int item_check_lay(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id, const struct val *answers,
                   struct err *e);
/* The draft that item_draft_open would go on with; ERR_NOT_FOUND if there is none. */
int item_draft_find(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct item_type *t, struct item_case *ret,
                    struct err *e);
/* Throws a draft away: its answers, its files, its log. ERR_STATE once it was submitted. */
int item_draft_drop(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id, struct err *e);
/* One page's input, into a draft or, while a supplement is asked for, into the case. On ERR_INPUT `*errors` tells each field and nothing is saved.
 * ERR_CONFLICT if `_seen` of the input is not what stands, and neither is the input. */
int item_answers_put(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id, struct str page,
                     const struct val *input, struct val **errors, struct err *e);
/* "Save and continue later", and the draft saved while typing: keeps what is right of one page's input, leaves what is wrong as it was
 * before. No error for wrong input. */
int item_answers_keep(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id, struct str page,
                      const struct val *input, struct err *e);
/* One entry of a page that repeats: a new one (0) or one that stands. `keep`: what is right is saved, without error for what is wrong. Not
 * saved on ERR_INPUT. ERR_LIMIT (no more may be added), ERR_NOT_FOUND (it was removed), ERR_CONFLICT as above. */
int item_entry_put(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id,
                   struct str page, int64_t entry, bool keep, const struct val *input, struct val **errors,
                   struct err *e);
int item_entry_drop(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id,
                    struct str page, int64_t entry, struct err *e);
/* What stands on a page (or in an entry of it), for the form's field `_seen`: a later save that saw something else is told. */
struct str item_answers_seen(const struct realm *r, const struct item_case *c, const struct form_page *p,
                             const struct val *answers, int64_t entry, struct arena *a);
/* May the applicant change this page now: a draft's, or while a part that sees it asks for a supplement? */
bool item_page_open(struct store_tx *tx, const struct item_case *c, const struct form_page *p);
bool item_material_open(struct store_tx *tx, const struct item_case *c, const struct item_material *m);

/* ---- consent to the use of registry data (item_consent.c) ---- */
/* Is anything taken of a registry, and not decided about yet? Then nothing but who applies is shown or kept, and the case cannot be submitted. */
bool item_consent_open(const struct item_case *c);
/* Does the applicant type it himself? Then `form` of the case is the typed one. */
bool item_consent_typed(const struct item_case *c);
/* {decision "agree" "type" or empty, data: [{from, title, value (masked), masked, system, record, source, as_of, purpose, units: [title]}]}. */
int item_consent_view(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct str lang,
                      struct val **ret, struct err *e);
/* {agreed, typed, at}, NULL where nothing was asked. */
struct val *item_consent_given(const struct realm *r, const struct item_case *c, struct str lang,
                               struct arena *a);
/* The decision; may be changed while it is a draft. ERR_STATE afterwards, or if nothing is taken. */
int item_consent_give(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id,
                      bool agree, struct err *e);

/* Does the case ask for this material: by what was answered (where no decision speaks of materials, each may be given), or because a file
 * of it is there (`files`: item_materials_of)? Pages show such materials, and take files for no others. _place: the material of that id;
 * ERR_NOT_FOUND if it is not asked for. A draft's materials are decided anew for it, in `c`. */
bool item_material_asked(const struct item_case *c, struct str material, const struct val *files);
int item_material_place(struct store_tx *tx, const struct realm *r, struct item_case *c, struct str material,
                        const struct item_material **ret, struct err *e);
/* A file for a material: `blob` holds the bytes sealed with item_seal_file. In a draft, or while a supplement is asked. */
struct item_file {
    struct str name, media_type;
    int64_t size_bytes;
    uint8_t blob[32];
    struct str origin; /* where it was taken from (item_reuse_open); empty: it was sent */
};
int item_material_put(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id, struct str material,
                      const struct item_file *f, struct err *e);
/* ---- what one has given already (item_reuse.c) ---- */
/* What may be taken for a material: files of its kind that the same holder gave for a case, not older than it `keeps`, and
 * his licences of the `papers` it names that are in force: [{value, title, source, date}], at most ITEM_REUSE_MAX. */
enum { ITEM_REUSE_MAX = 5 };
int item_reuse_view(struct store_tx *tx, const struct realm *r, const struct item_case *c, const struct item_material *m,
                    struct str lang, struct val **ret, struct err *e);
/* One of them by its value, into `a`: all of `f` but the blob, and the bytes in clear, to be sealed for this case: the
 * original stays as it is. ERR_NOT_FOUND: it is not (any more) offered. */
int item_reuse_open(struct store_tx *tx, const struct realm *r, const struct item_case *c, const struct item_material *m,
                    struct str value, struct arena *a, struct item_file *f, struct str *ret_bytes, struct err *e);
/* Where a file was taken from, for people; empty where it was sent. */
struct str item_origin_text(const struct realm *r, struct str origin, struct str lang, struct arena *a);
/* All that the actor (or the company acted for) has given, newest first, behind id `at` (0: from the start): list of {id,
 * case_id, file_name, size, added_ms, item, name, number, kept_ms (until when it may be taken again; 0: not)}. */
int item_given_view(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t at, bool back, size_t max,
                    struct str lang, struct val **ret, size_t *ret_total, struct err *e);
int item_material_drop(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id, int64_t id, struct err *e);
/* For large files, which are sealed outside the job: the owner's key found in it, then the sealing, in any arena. */
int item_file_key(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct data_key *ret, struct err *e);
int item_file_seal(const struct realm *r, int64_t case_id, const struct data_key *key, struct str clear, struct arena *a, struct str *ret,
                   struct err *e);
int item_seal_file(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct str clear, struct str *ret, struct err *e);
int item_file_get(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct scope_token *token, int64_t case_id,
                  int64_t material_row, struct arena *a, struct str *ret, struct str *media_type, struct str *file_name, struct err *e);
/* Declares and submits. ERR_INPUT with the page or material that is missing. */
int item_submit(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id, bool declared, struct str *ret_number,
                struct err *e);
int item_supplement_give(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id, struct str note, struct err *e);
int item_withdraw(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id, struct str reason, struct err *e);
/* ---- what people say of how they were served: 政务服务好差评 (item_rating.c) ----
 * Levels and the reasons below each are the code set `satisfaction`, as the case's release has it. Whom it is about is told when it is
 * given and stays so: the officer who ended the last step, and his unit; the accepting unit where several units decided. */
enum { ITEM_RATING_LEVELS = 5, ITEM_RATING_BAD = 4, ITEM_RATING_TEXT_MAX = 500, ITEM_RATING_MONTHS = 12 };
struct item_rating {
    int64_t level;             /* 1 (very satisfied) .. 5 (GB/T 39046 A.8); from ITEM_RATING_BAD on it is bad */
    /* By level: codes right below it, one text or a list; NULL: none. Those of the level that is given are taken; whoever ticked some,
     * then chose another level, is not made to take them back. */
    const struct val *reasons[ITEM_RATING_LEVELS + 1];
    struct str text;
};
/* Once for a case that is over, and never changed. ERR_STATE; ERR_INPUT with *errors (may be NULL): `level`, `reasons-N` of the
 * level N (a bad one says why: a reason, or words), `text`. */
int item_rate(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id, const struct item_rating *g,
              struct val **errors, struct err *e);
/* The case by which a bad rating of this one is put right (item_redress.c); ERR_NOT_FOUND: it has none. That he may ask is the
 * caller's to have checked. */
int item_redress_of(struct store_tx *tx, const struct realm *r, int64_t case_id, int64_t *ret, struct err *e);
/* ---- for whoever may see what was said (rating.list; item_rating_view.c) ---- */
struct item_rating_query {
    struct str level, item, redress; /* level: 1 .. 5, or "bad"; redress: "open" "late" "over"; empty: all */
    int64_t unit;                    /* and those below it; 0: all within reach */
    int64_t month;                   /* days since 1970 of its first (realm_month); 0: of all times */
    bool back, counted;
    int64_t key, at;                 /* behind this one */
    size_t max, total;
    bool cut;
};
/* [{id, key, level, level_text, tone, reasons, at_ms, number, item, item_id, unit, officer, redress, redress_text, redress_number}]. */
int item_ratings(struct store_tx *tx, const struct realm *r, const struct actor *who, struct item_rating_query *q, struct str lang,
                 struct val **ret, struct err *e);
/* Of a month (0: this one): {unit, person, item: [{object, title, unit, unit_id, total, bad, permille (of good ones)}], trend: months to
 * it, oldest first: [{month, total, bad, permille}], and of all times: open, late (redresses, up to SCOPE_COUNT_MAX)}. */
int item_rating_board(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t month, struct str lang,
                      struct val **ret, struct err *e);
/* [{level, title, bad, reasons [{code, title}]}], as the case's release declares them. */
struct val *item_rating_levels(const struct item_case *c, struct str lang, struct arena *a);

/* ---- deciding (officers) ---- */
int item_task_claim(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t task, struct err *e);
int item_task_release(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t task, struct err *e);
/* `move` is one of the task's moves. Refusing and asking for a supplement need an opinion; refusing needs a basis. ERR_CONFLICT if
 * another officer was first. Of a step that asks its officer something, item_task_do. */
int item_task_complete(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t task, int64_t version, struct str move,
                       struct str opinion, struct str basis, struct err *e);
/* ---- what officers do with tasks besides (item_act.c, item_acts.h) ---- */
struct item_task_order {
    struct str verb;          /* of item_acts.h */
    int64_t task, version;    /* version as seen, or FLOW_ANY_VERSION */
    int64_t to;               /* account of a colleague */
    struct str element;       /* of return: to which step */
    struct str text;          /* the reason, the question, the opinion */
    struct str move, basis;   /* of countersign: the decision, whose opinion is `text` */
    const struct val *given;  /* of countersign: what the step's own form asks the officer (NULL: nothing was sent) */
    struct val **errors;      /* on ERR_INPUT: each field of that form (may be NULL) */
};
enum { ITEM_TASK_TEXT_MAX = 500 }; /* characters of an order's `text` */
/* ERR_SYNTAX for an unknown verb; ERR_REQUIRED, ERR_TOO_LONG, ERR_INPUT at `text`, `to` (who may not do this task), `element`; those of
 * flow_task_act. Who is asked for an opinion, is lent the task or gets it must be able to do it by his own rights. */
int item_task_do(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct item_task_order *o, struct err *e);
/* Colleagues who may be given a task: [{id, name, unit, deputy, until_ms (of who is away)}]. Within task.read; no act: nothing is told. */
int item_colleagues_view(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t task, struct val **ret,
                         struct err *e);
/* An open task as whoever may urge about it sees it: {id, case_id, number, item, title, by, since, until, late, urged,
 * open}: who has it and until when, nothing of what is in it. Within the reach of task.urge. */
int item_urge_view(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t task, struct str lang, struct val **ret,
                   struct err *e);
/* ---- another table of holidays (item_recount.c) ---- */
struct item_recount {
    const struct clock_calendar *before, *after;
    int64_t release; /* that brought it */
};
/* A page of cases that are under way, behind (key, at) (0, 0: from the start), newest first. For the system itself. */
int item_open_cases(struct store_tx *tx, const struct realm *r, int64_t key, int64_t at, int64_t *ids, int64_t *keys, size_t max,
                    size_t *n, struct err *e);
/* What the case's promised clock is by either calendar: nothing is written, nobody's data is told. 0: it has no clock yet. */
struct item_moved {
    struct str number, item;
    const struct system *system;
    int64_t was_ms, now_ms;
};
int item_recount_look(struct store_tx *tx, const struct realm *r, int64_t case_id, const struct item_recount *o,
                      struct item_moved *ret, struct err *e);
/* The limit of the case as the realm's calendar has it, those of its steps by the new one, with an event that says so; *moved false:
 * nothing changed, nothing was written. For the system itself, which may clock.hold. */
int item_recount(struct store_tx *tx, const struct realm *r, const struct actor *worker, int64_t case_id, const struct item_recount *o,
                 bool *moved, struct err *e);
/* The legal clock stopped and resumed by hand (item_hold.c), by whoever has the task before him and may clock.hold. `reason` is one of
 * the item's pauses with `hold: true`, `until` (YYYY-MM-DD) the day on which it is expected to run again, `note` what the applicant is
 * told. ERR_STATE: not accepted, already held, or decided; ERR_CODE, ERR_RANGE, ERR_REQUIRED at their field. */
int item_hold(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t task, struct str reason, struct str note,
              struct str until, struct err *e);
int item_resume(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t task, struct str note, struct err *e);
/* A paper's file is there: the process goes on. An act of the realm's own worker. */
int item_paper_done(struct store_tx *tx, const struct realm *r, const struct actor *worker, int64_t paper, const uint8_t blob[32],
                    struct err *e);
/* Fires one timer of a process that is due (flow_timers_due), each in a job of its own; *fired false: another was faster. */
int item_timer_fire(struct store_tx *tx, const struct realm *r, const struct actor *worker, int64_t timer, bool *fired, struct err *e);

/* What the system could not do by itself (item_job.c): timers and papers that failed and are tried again, soonest first, as {id, kind,
 * again_ms, attempts, why, step}. Power metrics.read. `kind`: of item_job_kinds, or all; `at_ms` and `at`: behind this one. */
struct item_job_query {
    struct str kind;
    int64_t at_ms, at;
    bool back;
    size_t max;
};
extern const struct str item_job_kinds[]; /* ends with an empty one */
struct str item_job_title(struct str kind); /* Chinese */
int item_jobs(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct item_job_query *q, struct val **ret,
              struct err *e);
/* An act, job.retry: it is tried at once. ERR_NOT_FOUND: it does not fail any more. */
int item_job_again(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id, struct err *e);

/* ---- views: maps for templates; all text in the reader's language ---- */
/* Everything that one reads before applying (item_guide.c). */
struct val *item_guide_view(const struct realm *r, const struct system *m, const struct item_type *t, struct str lang, struct arena *a);
/* The way by which whom a datum of a registry is about says that it is wrong (item_dispute.c): the item and the answer that names the
 * datum. `from` is a question's: applicant.NAME, company.NAME. False if its registry has none. */
bool item_dispute_find(const struct realm *r, const struct system *m, struct str from, struct str *ret_item, struct str *ret_question,
                       struct str *ret_element);
/* May one apply, and with what? By the item's own conditions and decision tables, from answers to its `check` (item_check.c). Beside
 * what item_guide_view says: {may, reasons: [{title, basis, instead}], parts: [{title, reason, basis..}], materials: exactly those asked
 * for}. `company`: who asks applies for one. */
int item_check_view(const struct realm *r, const struct system *m, const struct item_type *t, bool company, const struct val *answers,
                    struct str lang, struct arena *a, struct val **ret, struct err *e);
/* What lists and the pages of a case say of it: {id, name, summary, organ, limit_promise, fee, phone, complaint_phone, remedy, place,
 * hours, for_person, for_company}. */
struct val *item_brief_view(const struct realm *r, const struct system *m, const struct item_type *t, struct str lang, struct arena *a);
/* For who has not applied (item_paper.c): the form as a paper with lines to write on, and its view; a view that fills any paper
 * of the item with the names of what stands there, for a specimen (`part`: whose result; `url`: in its code; `part`, `r`: or NULL). */
struct paper;
int item_form_paper(const struct system *m, const struct item_type *t, struct arena *a, const struct paper **ret,
                    struct val **view, struct err *e);
/* What a decision that was issued decided: its part in the reader's language (empty where it decides none), and whether it was granted.
 * Reads the case; nothing of it is told. */
struct paper_row;
int item_paper_decides(struct store_tx *tx, const struct realm *r, const struct paper_row *p, struct str lang, struct str *ret_part,
                       bool *ret_granted, struct err *e);
struct str item_sample_mark(void); /* what a specimen says across every page, in both languages */
struct val *item_sample_view(const struct realm *r, const struct system *m, const struct item_type *t, const struct item_part *part,
                             struct str url, struct arena *a);
/* Items by what people type (item_find.c), best first; an empty query: all. `*meant`: the words of the items nearest to it, where only
 * these find anything; else empty. */
struct item_hit {
    const struct system *system;
    const struct item_type *type;
    int words, score; /* how many of the query's words it has, and how well */
    size_t place;     /* among all items */
};
size_t item_find(const struct realm *r, struct str query, struct arena *a, struct item_hit **ret, struct str *meant);
/* Once for each item, when it is compiled: what a search looks at. */
int item_find_prepare(struct arena *a, const struct system *m, struct item_type *t, struct err *e);
/* What an item is under the facets of a search (item_facet.c). */
enum item_facet {
    ITEM_BY_TYPE, ITEM_BY_WHO, ITEM_BY_ORGAN, ITEM_BY_TOPIC, ITEM_BY_LEVEL, ITEM_BY_FORM, ITEM_BY_DIVISION, ITEM_FACETS
};
enum { ITEM_VALUES_MAX = 64 }; /* of one item under one facet */
struct str item_facet_name(enum item_facet f); /* in an address */
struct str item_facet_title(const struct realm *r, enum item_facet f, struct str lang);
size_t item_facet_values(const struct item_hit *h, enum item_facet f, struct str out[ITEM_VALUES_MAX]);
struct str item_facet_text(const struct realm *r, const struct item_hit *h, enum item_facet f, struct str value, struct str lang);
bool item_is(const struct item_hit *h, enum item_facet f, struct str value);
/* What the case may take of the registries, for registry questions: {applicant: {..}, company: {..}, sources: {..}, as_of: {..}}: after submission
 * what was frozen then. */
int item_known(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct val **ret,
               struct err *e);
/* All that the registries say about an applicant, in the same shape: for telling about it. */
int item_prefill(struct store_tx *tx, const struct realm *r, const struct system *m, int64_t person, int64_t company, struct val **ret,
                 struct err *e);
/* The applicant's or the officer's page of a case. `part` empty: everything (the applicant, the window); else one part's. */
int item_case_view(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct str part, struct str lang, struct val **ret,
                   struct err *e);
/* Of that only what is left to do before it can be submitted: {materials, parts, obstacles: [{title, basis, instead}]}. */
int item_draft_view(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct str lang, struct val **ret,
                    struct err *e);
/* Cases that the token may open: list of {id, key, number, item, state..}. */
struct item_place {
    int64_t key, id;
    bool cut; /* the search stopped there before as many as wanted were found (scope_walk) */
};
/* What people read for a state, a result or a move. */
enum item_word_kind { ITEM_STATE = 1, ITEM_RESULT = 2, ITEM_MOVE = 4 };
struct str item_word(enum item_word_kind is, size_t i); /* the i-th word of a kind; empty behind the last */
struct str item_word_text(const struct realm *r, struct str lang, struct str code);
struct item_case_query {
    struct str state, item; /* only these; empty: all */
    bool back;              /* oldest first */
    size_t max;
    struct item_place at;   /* as in item_task_query, as is total */
    size_t total;
};
int item_cases_view(struct store_tx *tx, const struct realm *r, const struct scope_token *t, struct item_case_query *q,
                    struct str lang, struct val **ret, struct err *e);
/* Those of the actor's own (or of whom he acts for, in his matters) that are not over, newest first, however many are over. */
int item_open_cases_view(struct store_tx *tx, const struct realm *r, const struct actor *who, size_t max, struct str lang, struct val **ret,
                         struct err *e);
/* For officers: cases within the reach of the actor's case.read by what people type (item_search.c): each word of it part of a number
 * (a day, a running number), of an applicant's name, in Han, pinyin or initials, or of an item as item_find takes it; and by facets.
 * Each row that is given notes who looked, with the applicant as subject; where there is none, the search is noted. */
enum item_search_facet {
    ITEM_SEARCH_STATE, ITEM_SEARCH_ITEM, ITEM_SEARCH_UNIT, ITEM_SEARCH_DIVISION, ITEM_SEARCH_TIME, ITEM_SEARCH_CHANNEL,
    ITEM_SEARCH_RESULT, ITEM_SEARCH_FACETS
};
enum { ITEM_SEARCH_TYPED_MAX = 100, ITEM_SEARCH_LOOKED_MAX = 200 };
struct item_search {
    struct str typed, chosen[ITEM_SEARCH_FACETS];
    bool back, sums;       /* back: oldest first; sums: facets and the total are wanted */
    size_t max;
    struct item_place at;  /* as in item_task_query */
    /* afterwards */
    size_t total;          /* SCOPE_UNCOUNTED: more than ITEM_SEARCH_LOOKED_MAX may be meant, and were not all looked at */
    struct str meant;      /* the nearest words of the items, in place of what was typed and found nothing; empty */
    struct val *matters;   /* items that a word which was taken for a name may mean as well: [{value, title}] */
    struct val *facets;    /* by enum item_search_facet: [[{value, title, count}]]; count -1 where not all were looked at */
};
int item_search(struct store_tx *tx, const struct realm *r, const struct actor *who, struct item_search *q, struct str lang,
                struct val **ret, struct err *e);
/* Tasks that the actor may list and open (item_queue.c): list of {id, key, title, case.., due.., claimed_by..}. Kinds: "open" | "mine" (in
 * one's hands) | "done" | "copied" (for information) | "deputy" (of whom one stands in for) | "taken" (by `standing`: engine/deputy). */
struct item_task_query {
    struct str kind, role; /* role: of this one only; empty: of all that the actor holds */
    struct str item, step; /* of this matter; of this step of one: "ITEM/ELEMENT" */
    struct str due;        /* "late" | "soon" | "paused" */
    int64_t unit, standing; /* unit: for it and those below; 0: all */
    bool received, back;   /* newest first in place of most urgent first (done: what was done last first); back: the other way round */
    size_t max;            /* rows, at most ITEM_ROWS_MAX */
    struct item_place at;  /* behind this row; afterwards the row looked at last, and whether the search stopped there */
    size_t total;          /* afterwards: how many there are; SCOPE_COUNT_MAX: at least that; SCOPE_UNCOUNTED */
};
enum { ITEM_ROWS_MAX = 128 };
int item_tasks_view(struct store_tx *tx, const struct realm *r, const struct actor *who, struct item_task_query *q, struct str lang,
                    struct val **ret, struct err *e);
/* By what the actor's tasks may be narrowed: [{value ITEM, title, steps [{value "ITEM/ELEMENT", title}]}], of the releases in force. */
struct val *item_matters_view(const struct realm *r, const struct actor *who, struct str lang, struct arena *a);
/* One task with its case, as its role may see it; notes who looked (an act with the applicant as subject). */
int item_task_view(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t task, struct str lang, struct val **ret,
                   struct err *e);
/* For officers (item_office.c). A case by its number, within the reach of the actor's case.read; ERR_NOT_FOUND outside it. */
int item_case_find(struct store_tx *tx, const struct realm *r, const struct actor *who, struct str number, int64_t *ret, struct err *e);
/* The id of a case by its number, for whoever may know that it exists but not what is in it (the audit log's search). ERR_NOT_FOUND. */
int item_case_number_find(struct store_tx *tx, const struct realm *r, struct str number, int64_t *ret, struct err *e);
/* The case as the actor's office may see it: the window everything, a department its own part. An act: who looked is noted. */
int item_case_office_view(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id, struct str lang, struct val **ret,
                          struct err *e);
/* Board of a case: {number, item, state_text, due, joint, parts: [row], common: [row]}, row {title, step, unit, by, since, until, late, ended,
 * state, kind, task (an officer's that is open; 0), mine}:
 * who has each part and until when, nothing of what is in it. */
int item_board_view(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id, struct str lang, struct val **ret,
                    struct err *e);
/* The process of a case with where it stands (item_diagram.c): {id, number, item, state_text, drawing (markup; absent where the process is
 * not drawn), steps: [{title, kind, part, state, tone, now, entered, left, by}]}, the same in both. Within the reach of case.read. */
int item_diagram_view(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id, struct str lang, struct val **ret,
                      struct err *e);
/* A material's file as the task may see it, opened into `a`; an act: who looked is noted. ERR_NOT_FOUND for another part's. */
int item_task_file(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t task, int64_t material_row, struct arena *a,
                   struct str *ret, struct str *media_type, struct str *file_name, struct err *e);
/* ---- pages that stand open (item_watch.c) ---- */
/* Who has a task open now: a lease of ITEM_PRESENCE_MS, renewed while the page is there. */
enum { ITEM_PRESENCE_MS = 120000 };
int item_presence_put(struct store_tx *tx, const struct realm *r, int64_t account, int64_t task, struct err *e);
int item_presence_end(struct store_tx *tx, const struct realm *r, int64_t account, int64_t task, struct err *e);
/* Names of the others who have it open, longest first; the reader's reach is the caller's to have checked. */
int item_presence_view(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t task, struct val **ret, struct err *e);

/* What a page watches: "queue", "queue.ROLE", "task.ID", "case.ID". ERR_NOT_FOUND beyond the actor's reach, ERR_SYNTAX. */
struct item_watch {
    enum { ITEM_WATCH_QUEUE = 1, ITEM_WATCH_CASE, ITEM_WATCH_TASK } kind;
    int64_t id, case_id;
    struct str role; /* borrowed from the topic */
};
int item_watch_open(struct store_tx *tx, const struct realm *r, const struct actor *who, struct str topic, struct item_watch *ret,
                    struct err *e);
/* The newest number of the log: where a page that is shown now begins to watch. */
int item_watch_last(struct store_tx *tx, const struct realm *r, int64_t *ret, struct err *e);
/* What happened after number `after`: at most `max` entries of the log are read; `*ret_last` is the last one's number. */
struct item_change {
    int64_t number, actor, case_id, task; /* task: somebody opened it; 0: the case changed */
    struct flow_task *tasks;              /* of the case, once a queue asked for them */
    size_t n_tasks;
    bool loaded;
    bool again; /* the same case changes once more in this piece: a queue, told how it stands now, is told then */
};
int item_changes_after(struct store_tx *tx, const struct realm *r, int64_t after, struct item_change *out, size_t max, size_t *n,
                       int64_t *ret_last, bool *ret_more, struct err *e);
/* May it concern this watch at all? Without the store. */
bool item_watch_concerns(const struct item_watch *w, const struct item_change *c, int64_t account);
/* What this receiver is told of it, by the rights he has now. A key is a task's id for a queue, else item_watch_key: what the page
 * already has counts for nothing new. */
struct item_news {
    bool presence;  /* ask item_presence_view */
    struct str key;
};
int item_watch_tell(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct item_watch *w, struct item_change *c,
                    struct item_news *out, size_t max, size_t *n, struct err *e);
struct str item_watch_key(struct arena *a, int64_t case_version, int64_t task_version);

/* Progress for whoever knows the number and the tail of the citizen id of the person who applied (for a company too: its own code is
 * public). ERR_NOT_FOUND for a wrong pair, without telling which. The view itself asks for no tail: it is for who proved it before. */
int item_progress_find(struct store_tx *tx, const struct realm *r, struct str number, struct str id_tail, int64_t *ret, struct err *e);
int item_progress_view(struct store_tx *tx, const struct realm *r, struct str number, struct str lang, struct val **ret, struct err *e);
#endif
