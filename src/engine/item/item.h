/* item: service items (政务服务事项) and cases (办件), by GB/T 39046-2020 and GB/T 39554-2020.
 *
 * A case lives:      draft -> submitted -> accepted -> ended
 *   item_draft_open    (none -> draft)
 *   item_submit        (draft -> submitted)     number drawn, process started, statutory clock noted
 *   move accept        (submitted -> accepted)  the clock runs from here
 *   move supplement    (-> supplement, clock paused) ; item_supplement_give (-> back)
 *   item_withdraw      (submitted|accepted|supplement -> withdrawn)
 *   process end        (-> ended, with result granted | partly | refused | not-accepted)
 * and afterwards item_rate, once.
 *
 * Invariants
 *  1. A case pins one release; form, process, rules, codes, texts and papers are that release's for ever.
 *  2. Answers, opinions and names stand sealed under the applicant's key (company if acting for one, else person); the row shows codes only.
 *  3. The process (engine flow) decides what is open; the case row repeats its outcome (state) for lists, in the same transaction.
 *  4. Every change is an act; item_event is the case's log, from which the legal clock is computed and never stored as truth: due_ms in the row
 *     is a cache for sorting, rewritten whenever an event is added.
 *  5. A part (one department's matter within a joint case) is seen by its own department only: pages and materials of others are not in
 *     its view.
 */
#ifndef ENGINE_ITEM_H
#define ENGINE_ITEM_H
#include "engine/act/act.h"
#include "engine/form/form.h"

struct item_material {
    struct str id, name, hint, form, source;
    const struct val *parts; /* part ids that may see it; NULL: all */
    const struct val *about;
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
struct item_type {
    struct str id, name, form, flow, decide_parts, decide_materials, unit_kind;
    bool for_person, for_company;
    struct item_part *part;
    size_t n_parts;
    struct item_material *material;
    size_t n_materials;
    struct str limit_law, limit_promise; /* grammar of engine/clock */
    const struct val *pauses;            /* list of {id, title, basis, max}: the only reasons that stop the clock */
    const struct val *about;             /* items/NAME.yaml whole: the guide shows it */
};

int item_compile(struct arena *a, struct str file, struct str id, const struct val *yaml, const struct system *m,
                 const struct item_type **ret, struct err *e);
const struct item_part *item_part(const struct item_type *t, struct str id);
const struct item_material *item_material(const struct item_type *t, struct str id);

/* What an engine command of a case works on. */
struct item_case {
    int64_t id, release, person, company, account, unit, division, version;
    int64_t created_ms, submitted_ms, accepted_ms, due_ms, ended_ms;
    struct str number, item, system_id, state, result, channel;
    const struct system *system;
    const struct item_type *type;
    const struct form *form;
    struct val *body; /* opened: {answers, prefill, parts, materials, applicant} */
    struct data_key key; /* of its owner, once the body was opened with it (item_key) */
    bool has_key;
};
/* Loads within the scope of `token` (NULL: the caller is the engine itself). ERR_NOT_FOUND outside it. */
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
/* One page's input. On ERR_INPUT `*errors` tells each field, and the draft keeps what was good and bad alike (nothing typed is lost). */
int item_answers_put(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id, struct str page,
                     const struct val *input, struct val **errors, struct err *e);
/* "Save and continue later", and the draft saved while typing: keeps what is right of one page's input, leaves what is wrong as it was
 * before. No error for wrong input. */
int item_answers_keep(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id, struct str page,
                      const struct val *input, struct err *e);
/* A file for a material: `blob` holds the bytes sealed with item_seal_file. In a draft, or while a supplement is asked. */
int item_material_put(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id, struct str material,
                      struct str file_name, struct str media_type, int64_t size_bytes, const uint8_t blob[32], struct err *e);
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
/* level 1 (very satisfied) .. 5 (GB/T 39046 A.8); once per case. */
int item_rate(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id, int level, struct str text, struct err *e);

/* ---- deciding (officers) ---- */
int item_task_claim(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t task, struct err *e);
int item_task_release(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t task, struct err *e);
/* `move` is one of the task's moves. Refusing and asking for a supplement need an opinion; refusing needs a basis. ERR_CONFLICT if
 * another officer was first. */
int item_task_complete(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t task, int64_t version, struct str move,
                       struct str opinion, struct str basis, struct err *e);
/* A paper's file is there: the process goes on. An act of the realm's own worker. */
int item_paper_done(struct store_tx *tx, const struct realm *r, const struct actor *worker, int64_t paper, const uint8_t blob[32],
                    struct err *e);
/* Fires due timers of at most `max` processes; *fired tells how many. */
int item_timers(struct store_tx *tx, const struct realm *r, const struct actor *worker, size_t max, size_t *fired, struct err *e);

/* ---- views: maps for templates; all text in the reader's language ---- */
struct val *item_guide_view(const struct realm *r, const struct system *m, const struct item_type *t, struct str lang, struct arena *a);
/* Items a search finds: by words in name, synonyms, organ; empty query: all. */
struct val *item_search_view(const struct realm *r, struct str query, struct str lang, struct arena *a);
/* Registry data about the applicant with sources, for registry questions: {applicant: {..}, company: {..}, sources: {..},
 * as_of: {..}}. */
int item_prefill(struct store_tx *tx, const struct realm *r, const struct system *m, int64_t person, int64_t company, struct val **ret,
                 struct err *e);
/* The applicant's or the officer's page of a case. `part` empty: everything (the applicant, the window); else one part's. */
int item_case_view(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct str part, struct str lang, struct val **ret,
                   struct err *e);
/* Cases in the token's scope, newest first. */
int item_cases_view(struct store_tx *tx, const struct realm *r, const struct scope_token *t, int64_t before_key, int64_t before_id,
                    size_t max, struct str lang, struct val **ret, struct err *e);
/* Those of the actor's own (or of the company acted for) that are not over, newest first, however many are over. */
int item_open_cases_view(struct store_tx *tx, const struct realm *r, const struct actor *who, size_t max, struct str lang, struct val **ret,
                         struct err *e);
/* Tasks open to the actor's roles and units, most urgent first: list of {id, title, case.., due.., claimed_by..}. kind: "open" | "mine" | "done". */
int item_tasks_view(struct store_tx *tx, const struct realm *r, const struct actor *who, struct str kind, size_t max, struct str lang,
                    struct val **ret, struct err *e);
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
/* Board of a case: {number, item, state_text, due, joint, parts: [row], common: [row]}, row {title, step, unit, by, since, until, late, ended, state, kind}:
 * who has each part and until when, nothing of what is in it. */
int item_board_view(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id, struct str lang, struct val **ret,
                    struct err *e);
/* A material's file as the task may see it, opened into `a`; an act: who looked is noted. ERR_NOT_FOUND for another part's. */
int item_task_file(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t task, int64_t material_row, struct arena *a,
                   struct str *ret, struct str *media_type, struct str *file_name, struct err *e);
/* Progress for whoever knows the number and the tail of the citizen id of the person who applied (for a company too: its own code is
 * public). ERR_NOT_FOUND for a wrong pair, without telling which. The view itself asks for no tail: it is for who proved it before. */
int item_progress_find(struct store_tx *tx, const struct realm *r, struct str number, struct str id_tail, int64_t *ret, struct err *e);
int item_progress_view(struct store_tx *tx, const struct realm *r, struct str number, struct str lang, struct val **ret, struct err *e);
#endif
