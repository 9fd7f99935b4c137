/* item_rows: the rows of this engine, shared by its own files only. */
#ifndef ENGINE_ITEM_ROWS_H
#define ENGINE_ITEM_ROWS_H
#include "engine/clock/clock.h"
#include "engine/code/code_set.h"
#include "engine/flow/flow.h"
#include "engine/identity/identity.h"
#include "engine/item/item.h"

int64_t item_owner(const struct item_case *c); /* whose key seals it */
/* That key; kept from when the case was opened, so that a page asks for it once. */
int item_key(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct data_key *ret, struct err *e);
/* Writes a new row (version 1) or the next state of one; version counts up, ERR_CONFLICT if another was first. Seals body, makes MAC. */
int item_row_insert(struct store_tx *tx, const struct realm *r, struct item_case *c, struct err *e);
int item_row_update(struct store_tx *tx, const struct realm *r, struct item_case *c, struct err *e);
/* ERR_CONFLICT if it changed meanwhile. */
int item_row_delete(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct err *e);
/* The newest draft of this item that the account began for the person or the company, or he himself at a window before he had one; of the
 * SCOPE_PAGE_MAX newest drafts of theirs. */
int item_row_open_draft(struct store_tx *tx, const struct realm *r, const struct actor *who, struct str item, int64_t *ret, struct err *e);
int item_row_by_number(struct store_tx *tx, const struct realm *r, struct str number, int64_t *ret, struct err *e);
/* What he, or the company he acts for, has not got to its end yet, newest first: `max` at most, and at most SCOPE_PAGE_MAX. Rows of before
 * there were facets come in whatever state: who reads the case sees. */
int item_rows_open(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t *ids, size_t max, size_t *n,
                   struct err *e);
/* The same, one after the other, for who leaves some out. */
void item_rows_open_walk(struct scope_walk *w, const struct realm *r, const struct actor *who, size_t max);
int item_number_next(struct store_tx *tx, const struct realm *r, struct str *ret, struct err *e);

/* A case as conditions of grants see it: {state, system, item, account, owner, unit, division}; a task besides: {role}. */
struct val *item_case_object(struct arena *a, const struct item_case *c);

/* The applicant's commands: the act opened, the case within its reach, conditions checked. */
int item_open(struct act *act, struct store_tx *tx, const struct realm *r, const struct actor *who,
              struct str name, int64_t case_id, struct item_case *c, struct err *e);
int item_must_be(const struct item_case *c, struct str state, struct err *e); /* ERR_STATE with what to do */
/* The division of the matter: the answers `division` or `district` if the form asks for one, else where the applicant lives or sits. */
int64_t item_division_of(const struct val *answers, const struct val *prefill);
/* What was typed in place of a registry's word, where papers and pages look for the registry's. */
void item_lay_typed(const struct item_case *c, struct val *prefill, struct arena *a);

/* The case's log. Kinds: draft consent submit accept pause resume change task lapse finish withdraw rate note handover, and the verbs of
 * item_acts.h. */
struct item_event {
    struct str kind, part, reason;
    int64_t task, unit, account;
    const struct val *body; /* {title, move, opinion, basis, name}: sealed; may be NULL */
};
int item_event_add(struct store_tx *tx, const struct realm *r, struct item_case *c, const struct item_event *ev, struct err *e);
/* List of {at_ms, kind, part, reason, task, unit, account, title.., opinion..} oldest first. */
int item_events(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct val **ret, struct err *e);
/* Reads the log for a command that comes back to it: item_events then gives the same list, to which item_event_add adds. Whoever adds to
 * a case's log in one transaction does it through one struct item_case. */
int item_events_keep(struct store_tx *tx, const struct realm *r, struct item_case *c, struct err *e);
int item_event_add_keep(struct store_tx *tx, const struct realm *r, struct item_case *c, const struct item_event *ev, struct err *e);
/* The legal clock now, from the log. limit_law where `law`, else the promise (or law if none is promised). `trace` may be NULL. */
int item_clock(const struct realm *r, const struct item_case *c, const struct val *events, bool law, int64_t now_ms, struct arena *trace,
               struct clock_result *ret, struct err *e);
/* The clock day by day, for people; NULL before it began. */
struct val *item_clock_view(const struct realm *r, const struct item_case *c, const struct val *events, bool law, int64_t now_ms,
                            struct str lang, struct arena *a);
/* The pause for which the clock of the case stands now, {reason, part, at_ms}; NULL: it runs, or has not begun, or is over. */
const struct val *item_stands(const struct item_case *c);
/* The same in words, "计时暂停：等待申请人补正，2026年11月18日 09:00 起"; empty where it does not stand. */
struct str item_stands_text(const struct realm *r, const struct item_case *c, struct str lang, struct arena *a);
/* Recomputes due_ms and the body's `holds` and `stands` from the log into the case (not written). */
int item_clock_cache(struct store_tx *tx, const struct realm *r, struct item_case *c, struct err *e);

int item_materials_of(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct val **ret, struct err *e);
int item_material_insert(struct store_tx *tx, const struct realm *r, const struct item_case *c, const struct actor *who, struct str material,
                         const struct item_file *f, int64_t *ret_id, struct err *e);
/* The log and the materials of a case that is thrown away; one file that is taken out. Their sealed bytes are let go (ITEM_FILE_LET_GO). */
int item_log_clear(struct act *act, int64_t case_id, struct err *e);
int item_material_delete(struct act *act, int64_t case_id, int64_t id, struct err *e);
int item_material_blob(struct store_tx *tx, const struct realm *r, const struct item_case *c, int64_t id, uint8_t blob[32],
                       struct str *material, struct str *media_type, struct str *file_name, struct err *e);
/* item_redress.c: within a rating's transaction; *ret 0: nothing was opened. */
int item_redress_open(struct store_tx *tx, const struct realm *r, const struct actor *by, const struct item_case *rated, int64_t unit,
                      const struct item_rating *g, const struct val *reasons, int64_t *ret, struct err *e);
/* After the process rested: one that is over is counted as such. */
int item_redress_settle(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct err *e);
/* Puts `redress`: the head of that case, as lists show it. */
/* The answers of a case as the reader reads them: of a redress the rated matter has its name in his language. */
const struct val *item_redress_answers(const struct realm *r, const struct item_case *c, struct str lang, struct arena *a);
int item_redress_view(struct store_tx *tx, const struct realm *r, int64_t id, struct str lang, struct val *into, struct err *e);
struct str item_state_shown(const struct item_case *c); /* the word for where it stands: its result once it has ended */
/* A case as lists show it (item_view.c). */
struct val *item_head_view(const struct realm *r, const struct item_case *c, struct str lang, struct arena *a);
/* Rows and words by which a submitted case is found: its unit's lists and those above, and the search. */
int item_submitted_put(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct err *e);
/* Whom a case that is over is about: see item.h, ratings. */
int item_decided_by(struct store_tx *tx, const struct realm *r, const struct item_case *c, int64_t *unit, int64_t *officer,
                    struct err *e);
/* item_rating.c: {level, at_ms, account, item, unit, officer, redress (a case; 0: none), reasons [code], text}; NULL: none. _view: the reasons' titles, and
 * level_text and at beside. */
int item_rating_get(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct val **ret, struct err *e);
int item_rating_view(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct str lang, struct val **ret,
                     struct err *e);

/* What item_submit and item_consent_give do, within an open act of whoever may: the row is the caller's to write after the second. */
int item_submit_case(struct act *act, struct item_case *c, bool declared, struct str *ret_number, struct err *e);
int item_consent_lay(struct store_tx *tx, const struct realm *r, const struct actor *who, struct item_case *c, bool agree,
                     struct err *e);
/* Was the material received on paper at a window (item_intake.c)? */
bool item_received(const struct item_case *c, struct str material);
/* What is wrong stays what it was before (item_answer.c). */
void item_answers_right(struct arena *a, struct val *into, const struct val *errors, const struct val *before);

/* item_flow.c: the case and its process. Each within an open act. */
int item_flow_begin(struct act *act, struct item_case *c, struct err *e);
int item_flow_supplemented(struct act *act, struct item_case *c, struct str note, struct err *e);
int item_flow_withdraw(struct act *act, struct item_case *c, struct str reason, struct err *e);
bool item_task_of_applicant(const struct flow_task *t); /* waits for him, not for an officer */
/* What the process engine asks of us. */
struct item_flow_context {
    struct act *act;
    struct item_case *c;
};
int item_flow_settle(struct act *act, struct item_case *c, struct err *e);
/* The word record.correct: FLOW_DONE or an error (item_dispute.c). */
int item_dispute_settle(struct item_flow_context *x, const struct val *args, struct err *e);
void item_flow_env(struct item_flow_context *context, struct flow_env *ret);
struct str item_step_part(const struct item_case *c, struct str element);
/* Who has the role, in the reader's language, by the system or one that it needs; empty: neither declares it. */
struct str item_role_title(const struct system *m, struct str role, struct str lang);
/* The first moment at which something asked of the applicant is due, of what the part may know (empty: of all); 0: none. */
int item_asked_until(struct store_tx *tx, const struct item_case *c, struct str part, int64_t *ret_ms, struct err *e);
/* The newest opinion (with its basis) given for a part; empty if none. */
struct str item_last_opinion(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct str part);
struct str item_step_pauses(const struct item_case *c, struct str element); /* reason for which the step itself stops the clock */
bool item_step_singly(const struct item_case *c, struct str element); /* each case is looked at by itself: none is decided with others */
/* A message to the applicant, where the system declares the notice; `more` (may be NULL) beside what every notice knows. */
int item_flow_tell(struct act *act, struct item_case *c, struct str notice, const struct val *more, struct err *e);
int item_flow_tell_one(struct act *act, struct item_case *c, int64_t account, struct str notice, const struct val *more, struct err *e);

/* item_recuse.c: who is bound to the applicant. `*ret`: why, in Chinese; empty where he is not. item_unbound: ERR_STATE where he is. */
int item_bound(struct store_tx *tx, const struct realm *r, const struct item_case *c, const struct actor *who, struct str *ret,
               struct err *e);
int item_unbound(struct store_tx *tx, const struct realm *r, const struct item_case *c, const struct actor *who, struct err *e);
bool item_declared(const struct item_case *c, int64_t account); /* by himself: told from the case alone */
void item_declare(struct arena *a, struct item_case *c, int64_t account);

/* item_act.c: what officers do with tasks besides deciding; item_task.c: deciding, `to` (0: nobody) whose word is wanted afterwards. */
int item_task_decide(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct item_task_order *o, struct err *e);
/* May this account be given the task? Its name; ERR_REQUIRED, ERR_INPUT at `to`. */
int item_colleague(struct store_tx *tx, const struct realm *r, const struct flow_task *t, const struct item_case *c, int64_t to,
                   struct str *ret_name, struct err *e);
/* A notice to another officer than who acts: it knows besides {step, by, text}. */
int item_act_tell(struct act *act, struct item_case *c, const struct flow_task *t, int64_t account, struct str notice, struct str text,
                  struct err *e);
bool item_inner_event(struct str kind);          /* what officers do among themselves: not the applicant's to see */
bool item_inner_told(const struct val *ev);      /* but that a decision was undone he is told, without the words */
/* The words of a decision, {title, move, opinion, basis, name}, out of an event that has them. */
struct val *item_decision_body(struct arena *a, const struct val *ev);
struct str item_act_words(struct str verb);  /* Chinese; empty for none of ours */
/* {verb: may it be done now by this officer}; besides `decide`, and `waits` (for opinions). `heir`: what the task's decision led to is
 * untouched; `bound`: he must not deal with the case; `stands_in`: for who holds it. */
struct val *item_act_offers(const struct realm *r, const struct actor *who, const struct flow_task *t, size_t asked, bool heir,
                            bool bound, bool stands_in, const struct flow_element *el, struct arena *a);
/* item_place.c: in whose place the officer has this task now: empty where it is his by himself; the case's events are kept. The same as
 * `for` of an event's body. "A for B", as people read such an event; `whose` is B, empty: by himself. */
struct str item_taken_for(const struct item_case *c, const struct flow_task *t, int64_t account);
void item_put_place(struct arena *a, struct val *body, const struct item_case *c, const struct flow_task *t, int64_t account);
struct str item_place_words(const struct realm *r, const struct val *ev, struct str whose, struct str lang, struct arena *a);
/* Of colleagues {id}, who is away now: {deputy, until_ms}. `away` of a task's view: {principal, name, until}; does the reader stand in? */
int item_absences_put(struct store_tx *tx, const struct realm *r, const struct item_case *c, const struct val *list, struct err *e);
int item_away_put(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct item_case *c, const struct flow_task *t,
                  struct str lang, struct val *v, bool *stands_in, struct err *e);
/* Who stands in for the account is told as well; `more` is what the account was told. */
int item_deputy_tell(struct act *act, struct item_case *c, const struct flow_task *t, int64_t account, struct val *more, struct err *e);
/* What decisions, papers and registries read by name: the answers, what officers wrote down, what was decided (case.decide). */
struct val *item_flow_vars(const struct item_case *c, struct arena *a);

/* item_step.c: what officers write down at a step. */
const struct form *item_step_form(const struct item_case *c, struct str element); /* NULL: the step asks for nothing */
typedef void item_given_form(void *to, const struct form *f);
void item_given_each(const struct item_case *c, item_given_form *f, void *to); /* every form of the process's steps, once */
/* Checks it, if the step has a form and the move goes on, and lays it into the case's body (not written); `vars`: what of it the process
 * may know, or NULL. ERR_INPUT with `errors` (may be NULL) as form_check_page gives them. */
int item_given_take(struct item_case *c, struct str element, struct str move, const struct val *input, struct arena *a,
                    struct val **vars, struct val **errors, struct err *e);
void item_given_show(const struct item_case *c, struct str part, struct str lang, struct val *pages, struct arena *a);
void item_given_ask(const struct item_case *c, const struct flow_task *t, struct str lang, struct val *v, struct arena *a);

/* item_record.c: the service words case.decide, record.put, record.end. */
int item_word_decide(struct item_flow_context *x, const struct flow_at *at, const struct val *args, struct val **ret, struct err *e);
int item_word_put(struct item_flow_context *x, const struct val *args, struct err *e);
int item_word_end(struct item_flow_context *x, const struct val *args, struct err *e);
int64_t item_entered(const struct item_case *c, struct str id); /* the record that the case last made under this id of `records`; 0: none */
void item_decided_show(const struct realm *r, const struct item_case *c, struct str part, struct str lang, struct val *pages,
                       struct arena *a);
int item_records_compile(struct arena *a, struct str file, const struct val *records, const struct system *m, struct err *e);
/* item_known as the registries stand now, whatever the case was submitted with. */
int item_known_now(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct val **ret, struct err *e);

/* item_queue.c: the lists in which a task stands: the open ones of its role, those somebody claimed, those somebody did. Keys: how urgent
 * it is and when it came; facets: the matter, and the step of it. */
int item_task_lists_put(struct act *act, const struct item_case *c, const struct flow_task *t, struct err *e);
int item_task_lists_end(struct act *act, const struct item_case *c, const struct flow_task *t, struct err *e);
/* Claimed by its assignee, or (where it has none) given back. */
int item_task_lists_claimed(struct act *act, const struct item_case *c, const struct flow_task *t, struct err *e);
/* Its place anew, after its due time changed. */
int item_task_lists_move(struct act *act, const struct item_case *c, const struct flow_task *t, struct err *e);
/* A case's rows: newest first, by matter and state. */
int item_case_list_put(struct store_tx *tx, const struct realm *r, const struct item_case *c, int64_t scope, struct err *e);
/* The words by which officers of that scope find it (item_search.c): of its number and of the applicant's names. */
int item_case_words_put(struct store_tx *tx, const struct realm *r, const struct item_case *c, int64_t scope, struct err *e);
/* Those of the names alone, in another list. */
int item_names_put(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct str list, int64_t scope, int64_t key,
                   struct err *e);
/* Where a code to the applicant goes (item_resume.c): the phone that the account showed to be its own, else the population registry's;
 * empty where there is neither, or none that takes messages. */
int item_phone_of(struct store_tx *tx, const struct realm *r, int64_t account, int64_t person, struct str *ret, struct err *e);
/* Who submitted it himself, and how he is reached: his own account (0: none), though another may have filled it in for him, and his own
 * phone (empty: none). Of a company's case whose agent acts for it no more (over): nobody. */
struct item_reached {
    int64_t account, person;
    struct str phone;
    bool over;
};
int item_reached(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct item_reached *ret, struct err *e);
/* What item_rate and item_rate_by_code do, within an open act of whoever may, which it closes. */
int item_rate_case(struct act *act, struct item_case *c, const struct item_rating *g, struct val **errors, struct err *e);
/* item_handover.c: as soon as the case is over, where its item says so; does it wait to be fetched? Its event in words. */
int item_handover_settle(struct act *act, struct item_case *c, struct err *e);
struct str item_handover_text(const struct realm *r, const struct val *ev, struct str lang, struct arena *a);
/* The unit that deals with a task: of the kind that its step names, in the matter's division; of a step that names none, the case's
 * own. `ret_id`, `ret_title` may be NULL. ERR_NOT_FOUND. */
int item_task_unit(struct store_tx *tx, const struct realm *r, const struct item_case *c, const struct flow_task *t, int64_t *ret_id,
                   struct str *ret_title, struct err *e);
/* A task as a list shows it (item_desk.c). */
int item_task_row(struct store_tx *tx, const struct realm *r, const struct item_case *c, const struct flow_task *t, int64_t me,
                  struct str lang, struct val **ret, struct err *e);

/* item_hold.c: holds of the clock by hand; a hold is its event of the log. */
const struct val *item_pause(const struct item_type *t, struct str id); /* its declaration, or NULL */
const struct val *item_hold_of_part(const struct item_case *c, struct str part);
const struct val *item_hold_of_task(const struct item_case *c, int64_t task);
void item_holds_cache(struct arena *a, struct item_case *c, const struct val *events);
/* Its step's own limit by this calendar, with the holds taken out; 0: it has none. And another due time for it. */
int item_task_due(struct act *act, const struct item_case *c, const struct flow_task *t, const struct clock_calendar *days, int64_t *ret,
                  struct err *e);
int item_task_due_move(struct act *act, const struct item_case *c, const struct flow_task *t, int64_t due_ms, struct err *e);
/* From which day to which, of an event `recount`; empty where only a step's limit moved (item_recount.c). */
struct str item_recount_text(const struct realm *r, const struct val *ev, struct str lang, struct arena *a);
/* Its task ends: so does the hold, if one stands. */
int item_hold_end(struct act *act, struct item_case *c, const struct flow_task *t, struct err *e);
/* [{title, basis, part_title, note, by, since, until, overdue}] as `part` may see them; the same of one task under `hold` (or
 * false); what a task may be held for: [{id, title, basis, max}]. */
struct val *item_holds_view(const struct realm *r, const struct item_case *c, struct str part, int64_t now_ms, struct str lang,
                            struct arena *a);
void item_hold_put(const struct realm *r, const struct item_case *c, const struct flow_task *t, int64_t now_ms, struct str lang,
                   struct val *v, struct arena *a);
struct val *item_hold_reasons(const struct item_case *c, struct str element, struct str lang, struct arena *a);

/* Do the posts that hold the task's role reach it by the token, open by its queue, else by its case, and do the conditions hold? 0,
 * ERR_NOT_FOUND, ERR_FORBIDDEN. `ret` (may be NULL, may be `t`): what of the token those posts gave. */
int item_task_judge(struct store_tx *tx, const struct scope_token *t, const struct flow_task *task, const struct item_case *c,
                    struct scope_token *ret, struct err *e);
/* Opens the act, finds the task within the actor's reach, loads its case, checks the conditions. ERR_NOT_FOUND out of reach. */
int item_task_open(struct act *act, struct store_tx *tx, const struct realm *r, const struct actor *who, struct str name, int64_t task_id,
                   struct flow_task *t, struct item_case *c, struct err *e);
/* events of a case's view anew, for officers: with what they did among themselves (item_inner_event). */
int item_inner_events_put(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct str part, struct str lang,
                          struct val *view, struct err *e);
/* clock_law into a case's view: what officers see beside the promised time. */
int item_law_clock_put(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct str lang, struct val *view,
                       struct err *e);
/* A code's title in the reader's language; empty if it has none. */
struct str item_code_text(const struct system *m, struct str set, struct str code, struct str lang);

/* Parts, materials and obstacles of the answers, by the item's decisions; into c->body. */
int item_decide(struct arena *a, struct item_case *c, struct err *e);
/* The part that an officer of `role` may see in a step; empty is everything. */
struct str item_part_seen(const struct item_case *c, struct str step_part, struct str role);
/* In an officer's view of the case: what he does not decide on is masked, where its form says so. */
void item_mask_answers(const struct item_case *c, struct str part, const struct val *view, struct arena *a);
/* What stands against it, in c->body: [{title, basis, instead}]. */
struct val *item_obstacles_view(const struct item_case *c, struct str lang, struct arena *a);
/* For a guide, whether a material is asked for: required (always), else told with when [text, any of which is enough], else depends (the
 * tables do not tell), else not. */
void item_when_put(const struct realm *r, const struct system *m, const struct item_type *t, const struct item_material *material,
                   struct str lang, struct val *v, struct arena *a);
/* A file of the case, opened. Who may have it is the caller's to check before. */
int item_file_open(struct store_tx *tx, const struct realm *r, const struct item_case *c, const uint8_t blob[32], struct arena *a,
                   struct str *ret, struct err *e);
bool item_sees(const struct val *parts, struct str part); /* a page's or material's list of parts (NULL: all) against one */
struct str item_word_tone(struct str code); /* of a state, a result or a move (item_state.c) */
#endif
