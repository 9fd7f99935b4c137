/* flow: runs processes written in BPMN 2.0 (OMG formal/13-12-09, "the standard" below; ISO/IEC 19510). A process is
 * compiled once per release into an immutable model; a command loads one instance, changes it in memory until it
 * rests, and writes what changed, all in the caller's transaction.
 *
 * Invariants
 *  1. One command is one transaction. It ends with every token at rest: at a user task, a waiting service task, a
 *     timer, a join, a sub-process that has tokens inside, or an incident. Each such token has what it waits for, and
 *     nothing waits without a token.
 *  2. Commands on one instance are serialised by `version` of its row: a command that lost the race gives ERR_CONFLICT.
 *  3. History is only appended to, numbered 1, 2, ... per instance without gaps, and replays to the same tokens and
 *     the same state (flow_replay).
 *  4. No recursion through the graph: an agenda of operations runs until it is empty, at most FLOW_OPERATIONS_MAX of
 *     them per command; what is left then becomes an incident. So does a fault of the process (no condition true, a
 *     FEEL error, a deadlock): the command still succeeds, and flow_retry goes on after the cause is mended.
 *  5. Time is the job's time (store_now_ms), ids are the job's ids: a body that runs twice does the same twice.
 *  6. An instance is pinned to the release it was started with.
 *  7. While clocks stand (paused or suspended) no timer fires and each keeps its remaining time.
 *
 * States, and the function per edge
 *   instance  -> active (flow_start) -> completed (last token ended) | withdrawn (flow_cancel)
 *             active <-> suspended (flow_suspend, flow_resume): no task moves, clocks stand
 *             clocks running <-> paused (flow_pause, flow_unpause): tasks move, clocks stand
 *   task      -> ready -> reserved (FLOW_ACT_CLAIM, TRANSFER, DELEGATE, TAKE) -> ready (RELEASE)
 *             ready | reserved -> completed (COMPLETE, ANSWER, OBJECT) | obsolete (interrupted, terminated, RETURN, RECALL)
 *                               | withdrawn (flow_cancel)
 *             what each act asks and does: flow_acts.h
 *   token     see enum flow_token_state
 *
 * The engine reaches no other engine: conditions, decisions, services, limits and notices go through struct flow_env.
 * Extension attributes have the namespace urn:tongban:bpmn:1, here with prefix tb:
 *   userTask          tb:role  candidate role (required)         tb:unit  text, or =FEEL giving text
 *                     tb:limit "P3D", "5 个工作日", or =FEEL     tb:moves outcomes between blanks; "complete" if absent
 *                     tb:form  tb:title                           tb:result variable that takes the move
 *                     tb:returns  user tasks to which it may be given back: before it, with nothing but user tasks, rule
 *                     tasks and exclusive gateways between, so that no token but its own is concerned
 *   serviceTask       tb:act   word of the caller's table (required)   tb:with name=FEEL pairs between semicolons
 *                     tb:result
 *   businessRuleTask  tb:decision, tb:result (required)
 * A user task without tb:limit is due when the first timer that interrupts it is.
 * A completed user task also sets the variable `move`. Timer texts: ISO 8601 durations and instants with an offset
 * are read here; all else ("5 个工作日", "P1M", "2026-12-31") is the caller's limit().
 */
#ifndef ENGINE_FLOW_H
#define ENGINE_FLOW_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "data/val.h"
#include "store/store.h"

enum {
    FLOW_OPERATIONS_MAX = 2000, /* per command */
    FLOW_TOKENS_MAX = 500,      /* live, per instance */
    FLOW_ELEMENTS_MAX = 500,    /* per process */
    FLOW_EDGES_MAX = 1000,
    FLOW_DEPTH_MAX = 8,         /* nested sub-processes */
    FLOW_FINDINGS_MAX = 200,
    FLOW_VARS_BYTES_MAX = 65536, /* as JSON */
    FLOW_LIST_MAX = 5000        /* rows of a listing */
};
#define FLOW_NS_BPMN S("http://www.omg.org/spec/BPMN/20100524/MODEL")
#define FLOW_NS_TB S("urn:tongban:bpmn:1")

/* ---- the compiled model: immutable, in the arena it was compiled into ---- */
enum flow_kind {
    FLOW_START, FLOW_END, FLOW_TERMINATE, FLOW_USER, FLOW_SERVICE, FLOW_RULE, FLOW_XOR, FLOW_AND, FLOW_OR, FLOW_TIMER,
    FLOW_BOUNDARY, FLOW_SUB, FLOW_KINDS
};
enum flow_timer_kind { FLOW_TIME_NONE, FLOW_TIME_DURATION, FLOW_TIME_DATE };
enum { FLOW_NONE = -1 };

struct flow_arg {
    struct str name, feel;
};
struct flow_box { /* BPMNDI, whole pixels */
    int32_t x, y, w, h;
};
struct flow_point {
    int32_t x, y;
};
struct flow_element {
    struct str id, name;   /* name: tb:title, else the name attribute */
    enum flow_kind kind;
    uint32_t line;
    int32_t index, parent; /* place in model->element; the sub-process around it, or FLOW_NONE */
    int32_t *in, *out;     /* edges, in document order */
    size_t n_in, n_out;
    int32_t default_edge;
    int32_t host;          /* BOUNDARY: what it is attached to */
    bool interrupting;
    int32_t *boundary;     /* activities: the boundary events on it */
    size_t n_boundary;
    int32_t inner;         /* SUB: its start event */
    struct str role, unit, limit, form, result, act, decision;
    struct str *moves;
    size_t n_moves;
    struct str *returns; /* earlier tasks to which it may be given back */
    size_t n_returns;
    struct flow_arg *with;
    size_t n_with;
    enum flow_timer_kind timer;
    struct str timer_text;
    bool drawn;
    struct flow_box box;
};
struct flow_edge {
    struct str id, name, condition; /* condition: FEEL text, or empty */
    uint32_t line;
    int32_t index, from, to;
    struct flow_point *point;
    size_t n_point;
};
struct flow_model {
    struct str file, process, title;
    struct flow_element *element;
    size_t n_element;
    struct flow_edge *edge;
    size_t n_edge;
    int32_t start;
    struct map ids; /* element id -> struct flow_element * */
};

struct flow_finding {
    uint32_t line;
    bool warning;        /* a doubt; errors keep a model from use */
    struct str id, text; /* element (may be empty); a sentence in Chinese */
};
struct flow_findings {
    struct flow_finding item[FLOW_FINDINGS_MAX];
    size_t n, n_errors; /* n_errors counts also what no longer fits */
};
/* What the release knows, for the check of names and texts in a process. Each may be NULL: then it is not checked.
 * Each returns 0, or a code with `e->detail` saying what is wrong. */
struct flow_check {
    void *context;
    int (*feel)(void *context, struct str text, struct err *e);
    int (*limit)(void *context, struct str text, struct err *e);
    int (*act)(void *context, struct str word, struct err *e);
    int (*decision)(void *context, struct str name, struct err *e);
    int (*role)(void *context, struct str name, struct err *e);
    int (*form)(void *context, struct str name, struct err *e);
};

/* Compiles one .bpmn file of one process. All findings of structure and names are gathered in `f` (caller's, cleared
 * here), each with its line. 0 and *ret when there is no error among them; ERR_SYSTEM with the first one's line;
 * ERR_SYNTAX or ERR_LIMIT of the XML; ERR_MEMORY. `check` may be NULL. `file` and `bytes` may go afterwards. */
int flow_compile(struct arena *a, struct str file, struct str bytes, const struct flow_check *check,
                 struct flow_model **ret, struct flow_findings *f, struct err *e);
/* The checks that need the whole graph (unreachable, dead end, conditions) and the names of `check`; flow_compile
 * calls it. For a release that changes around a compiled model it may be called again. Adds to `f`. */
void flow_model_check(const struct flow_model *m, struct arena *scratch, const struct flow_check *check,
                      struct flow_findings *f);
const struct flow_element *flow_element_find(const struct flow_model *m, struct str id); /* NULL if none */
const struct flow_edge *flow_edge_find(const struct flow_model *m, struct str id);
const struct flow_element *flow_model_elements(const struct flow_model *m, size_t *n);
const char *flow_kind_text(enum flow_kind kind);      /* "userTask"; "terminateEndEvent" */
struct str flow_kind_shown(enum flow_kind kind);      /* Chinese source text */

/* ---- what runs ---- */
enum flow_instance_state { FLOW_ACTIVE, FLOW_SUSPENDED, FLOW_COMPLETED, FLOW_WITHDRAWN };
struct flow_instance {
    int64_t id, case_id, release_id, version;
    struct str process;
    enum flow_instance_state state;
    int64_t started_ms, ended_ms;       /* 0: not yet */
    int64_t suspended_ms, paused_ms;    /* since when; 0: not */
    int64_t stopped_ms;                 /* since when clocks stand; 0: they run */
    int64_t incidents, history_n;
};
enum flow_token_state {
    FLOW_TOKEN_MOVING, /* only inside a command */
    FLOW_TOKEN_TASK, FLOW_TOKEN_SERVICE, FLOW_TOKEN_TIMER, FLOW_TOKEN_JOIN, FLOW_TOKEN_SCOPE,
    FLOW_TOKEN_INCIDENT,      /* on entering the element */
    FLOW_TOKEN_INCIDENT_LEAVE /* on leaving it */
};
/* What a command did to a row; VOID: came and went within it. */
enum flow_mark { FLOW_SAME, FLOW_NEW, FLOW_CHANGED, FLOW_GONE, FLOW_VOID };
struct flow_token {
    int64_t id, scope_id; /* scope: the token that sits at the sub-process around it; 0 at the top */
    const struct flow_element *element;
    const struct flow_edge *edge; /* by which it came; may be NULL */
    enum flow_token_state state;
    int64_t since_ms;
    struct str incident; /* code, blank, detail */
    enum flow_mark mark;
};
enum flow_task_state {
    FLOW_TASK_READY,
    FLOW_TASK_RESERVED,
    FLOW_TASK_COMPLETED,
    FLOW_TASK_OBSOLETE,
    FLOW_TASK_WITHDRAWN
};
enum flow_task_kind {
    FLOW_TASK_STEP,   /* the step's own: what decides it */
    FLOW_TASK_BEFORE, /* an opinion asked for before the step is decided */
    FLOW_TASK_AFTER   /* another's word after it was decided: `move` is what waits for it */
};
struct flow_task {
    int64_t id, instance_id, case_id, token_id, version;
    struct str element, title, role, unit, form, move;
    enum flow_task_state state;
    enum flow_task_kind kind;
    int64_t owner_id;                              /* who lent it or asked for it; 0: nobody */
    int64_t from_id;                               /* the task out of which it came without anything else happening; 0: none */
    int64_t assignee_id, ended_by_id;             /* 0: nobody */
    int64_t made_ms, claimed_ms, due_ms, ended_ms; /* 0: none */
    enum flow_mark mark;
};
struct flow_timer {
    int64_t id, instance_id, token_id;
    struct str element;
    int64_t due_ms, remaining_ms; /* remaining: while `standing` */
    bool standing;
    enum flow_mark mark;
};
struct flow_history {
    int64_t instance_id, seq, at_ms, actor_id, token_id, scope_id, task_id;
    struct str what;            /* one of flow_history_words */
    struct str element, detail; /* detail: edge on enter, move on complete, reason, incident */
};
/* start enter leave end cancel task timer incident retry suspend resume pause unpause completed withdraw, and the words of
 * flow_acts.h */
extern const char flow_history_words[];

const char *flow_instance_state_text(enum flow_instance_state s); /* "active" ... */
const char *flow_token_state_text(enum flow_token_state s);
const char *flow_task_state_text(enum flow_task_state s);

/* ---- what the caller gives ---- */
struct flow_at { /* where a callback is asked; borrowed for the call */
    struct store_tx *tx;
    struct arena *arena;
    const struct flow_model *model;
    const struct flow_instance *instance;
    const struct flow_element *element; /* NULL in `ended` */
    int64_t token_id, task_id, actor_id, now_ms;
};
enum { FLOW_DONE = 0, FLOW_WAIT = 1, FLOW_INCIDENT = 2 }; /* what a service answers */

/* Pure callbacks (condition, value, decide, limit) return 0 or a negative code: of kind CALLER it becomes an incident
 * with the detail, of kind WORLD or OURS, ERR_CONFLICT and ERR_DUPLICATE it fails the command. Hooks that return a
 * negative code fail the command. Values given back live in at->arena. */
struct flow_env {
    void *context;
    const struct flow_model *(*model)(void *context, int64_t release_id, struct str process); /* NULL: unknown */
    int (*condition)(void *context, const struct flow_at *at, struct str feel, const struct val *vars, bool *ret,
                     struct err *e);
    int (*value)(void *context, const struct flow_at *at, struct str feel, const struct val *vars, struct val **ret,
                 struct err *e);
    int (*decide)(void *context, const struct flow_at *at, struct str decision, const struct val *vars,
                  struct val **ret, struct err *e);
    /* FLOW_DONE with *ret (may be NULL; a map is merged into the variables, or the value put under tb:result) |
     * FLOW_WAIT: it ends by flow_service_done(at->token_id) | FLOW_INCIDENT with e->detail, having written nothing |
     * negative: fails the command. */
    int (*service)(void *context, const struct flow_at *at, struct str word, const struct val *args,
                   const struct val *vars, struct val **ret, struct err *e);
    int (*limit)(void *context, const struct flow_at *at, struct str text, int64_t from_ms, int64_t *due_ms,
                 struct err *e);
    /* Hooks, in the same transaction; each may be NULL. */
    int (*task_made)(void *context, const struct flow_at *at, const struct flow_task *task, struct err *e);
    int (*task_ended)(void *context, const struct flow_at *at, const struct flow_task *task, struct err *e);
    int (*ended)(void *context, const struct flow_at *at, struct err *e); /* the instance is completed or withdrawn */
    int (*note)(void *context, const struct flow_at *at, const struct flow_history *row, struct err *e);
};

/* ---- commands. Each runs in the body of a writing job, for the job's home. actor_id 0 is the system itself. ----
 * Common errors: ERR_NOT_FOUND (no such instance, task, token), ERR_CONFLICT (changed since it was read), ERR_STATE
 * (suspended, or ended), ERR_SYSTEM (the model is not to be had), ERR_LIMIT (variables too large), those of the store
 * and of hooks. */
struct flow_begin {
    int64_t case_id, release_id, actor_id;
    struct str process;
    const struct val *vars; /* a map, or NULL; copied */
};
int flow_start(struct store_tx *tx, const struct flow_env *env, const struct flow_begin *b, int64_t *ret_instance,
               struct err *e);
int flow_cancel(struct store_tx *tx, const struct flow_env *env, int64_t instance_id, int64_t actor_id,
                struct str reason, struct err *e);
int flow_suspend(struct store_tx *tx, const struct flow_env *env, int64_t instance_id, int64_t actor_id,
                 struct str reason, struct err *e);
int flow_resume(struct store_tx *tx, const struct flow_env *env, int64_t instance_id, int64_t actor_id, struct err *e);
int flow_pause(struct store_tx *tx, const struct flow_env *env, int64_t instance_id, int64_t actor_id,
               struct str reason, struct err *e);
int flow_unpause(struct store_tx *tx, const struct flow_env *env, int64_t instance_id, int64_t actor_id, struct err *e);
/* Again from where the incidents of the instance stand. ERR_STATE if it has none. */
int flow_retry(struct store_tx *tx, const struct flow_env *env, int64_t instance_id, int64_t actor_id, struct err *e);

/* ---- what a person does with a task (flow_acts.h) ----
 * `seen`: the task, read before; how it stands now is read again. `version`: of the task as the person saw it, or FLOW_ANY_VERSION. Who
 * may do it by right is the caller's to check before. */
enum { FLOW_ANY_VERSION = -1, FLOW_ASKED_MAX = 8 };
enum flow_act {
#define FLOW_ACT(id, word, standings, who, when, needs, function) FLOW_ACT_##id,
#include "engine/flow/flow_acts.h"
#undef FLOW_ACT
    FLOW_ACTS
};
struct flow_order {
    enum flow_act act;
    int64_t to;             /* TO; of COMPLETE: whose word is wanted before it goes on (0: nobody's) */
    struct str move, element;
    const struct val *vars; /* of COMPLETE: a map that is merged first, or NULL */
};
/* ERR_CONFLICT: it changed since `version`, another holds it, or it was completed already. ERR_STATE: it does not stand so that this act
 * could be; it was withdrawn or became obsolete; the moment of a timer that interrupts it has come, whether or not somebody fired it yet;
 * COMPLETE while opinions are out; RECALL when somebody acted upon it since, or more than gateways and rules came after it. ERR_INPUT at
 * `to`, `move` or `element`. ERR_LIMIT: FLOW_ASKED_MAX opinions are out.
 *   TAKE gives the actor what `to` holds, in his place; not an opinion that the actor asked for, or that his own step waits for.
 *   ASK makes a task for another beside this one, which waits for it; ANSWER gives the opinion, brings what was lent back to its owner,
 *   or confirms a decision, which then goes on as it was decided; OBJECT gives it back to who decided.
 *   RETURN takes the token to an earlier task; RECALL takes back what was lent or asked, or one's own decision: that step is then open
 *   anew, its timers begin anew, and the variable of its result is null. Whoever did the step before gets it: `to` of RETURN. */
int flow_task_act(struct store_tx *tx, const struct flow_env *env, const struct flow_task *seen, int64_t version, int64_t actor_id,
                  const struct flow_order *order, struct err *e);
/* CLAIM; RELEASE; COMPLETE with nobody's word wanted. */
int flow_task_claim(struct store_tx *tx, const struct flow_env *env, const struct flow_task *seen, int64_t version,
                    int64_t actor_id, struct err *e);
int flow_task_unclaim(struct store_tx *tx, const struct flow_env *env, const struct flow_task *seen, int64_t version,
                      int64_t actor_id, struct err *e);
int flow_task_complete(struct store_tx *tx, const struct flow_env *env, const struct flow_task *seen, int64_t version,
                       int64_t actor_id, struct str move, const struct val *vars, struct err *e);
/* Answers FLOW_WAIT. ERR_CONFLICT when the token is gone or no longer waits: the answer came twice or too late. */
int flow_service_done(struct store_tx *tx, const struct flow_env *env, int64_t token_id, const struct val *result,
                      struct err *e);
int flow_service_failed(struct store_tx *tx, const struct flow_env *env, int64_t token_id, struct str detail,
                        struct err *e);
/* Timers due at `now_ms` or before, earliest first (then by id): at most `max`. Fire each in a job of its own. What could not be fired and
 * was put off stands behind those that nobody tried yet, and takes a quarter of the places at most while such ones wait. */
struct flow_due_timer {
    int64_t id, attempts; /* attempts: that failed */
};
int flow_timers_due(struct store_tx *tx, int64_t now_ms, struct flow_due_timer *due, size_t max, size_t *n, struct err *e);
/* It could not be fired: `why` is kept, and it is not looked at before `again_ms`. Fine where it is gone, or was changed since. */
int flow_timer_put_off(struct store_tx *tx, const struct flow_due_timer *t, int64_t again_ms, struct str why, struct err *e);
/* Timers that were put off, by when they are tried again; behind `at_ms` and `at` (0: from the start). */
struct flow_failing_query {
    int64_t at_ms, at;
    bool back;
    size_t max;
};
struct flow_failing {
    int64_t id, case_id, due_ms, again_ms, attempts;
    struct str process, element, why;
};
int flow_timers_failing(struct store_tx *tx, const struct flow_failing_query *q, struct flow_failing **ret, size_t *n, struct err *e);
/* It is tried again at once. ERR_NOT_FOUND: it is gone, or does not fail. */
int flow_timer_again(struct store_tx *tx, int64_t timer_id, struct err *e);
/* How many are due and were not tried yet, since when the oldest is (0: none), how many were put off; each counted to `most` at most. */
struct flow_timer_counts {
    int64_t due, oldest_ms, failing;
};
int flow_timers_count(struct store_tx *tx, int64_t most, struct flow_timer_counts *ret, struct err *e);
/* The case whose process has this timer; ERR_NOT_FOUND when it is gone. */
int flow_timer_case(struct store_tx *tx, int64_t timer_id, int64_t *ret_case, struct err *e);
/* Every timer of the instance that waits by a limit (no plain duration, no expression), asked for anew: `again` gives its due time for
 * a limit's text that began to run at from_ms. *moved: how many are due at another time now. */
typedef int flow_due_again(void *context, struct str text, int64_t from_ms, int64_t was_ms, int64_t *due_ms, struct err *e);
int flow_timers_again(struct store_tx *tx, const struct flow_env *env, int64_t instance_id, flow_due_again *again, void *context,
                      size_t *moved, struct err *e);
/* *fired false, and 0, when it is gone (another timer was faster), stands, or is not due yet. */
int flow_timer_fire(struct store_tx *tx, const struct flow_env *env, int64_t timer_id, bool *fired, struct err *e);

/* ---- reading (also in READ jobs); rows live in the job's arena ---- */
int flow_instance_get(struct store_tx *tx, int64_t instance_id, struct flow_instance *ret, struct err *e);
int flow_instances_of(struct store_tx *tx, int64_t case_id, struct flow_instance **ret, size_t *n, struct err *e);
int flow_vars_get(struct store_tx *tx, int64_t instance_id, struct val **ret, struct err *e);
int flow_task_get(struct store_tx *tx, int64_t task_id, struct flow_task *ret, struct err *e);
/* Another due time for an open task: its limit stood still for a legal reason, which is the caller's to know. */
int flow_task_due_put(struct store_tx *tx, int64_t task_id, int64_t due_ms, struct err *e);
/* All tasks of the case's instances, oldest first, ended ones too. */
int flow_tasks_of(struct store_tx *tx, int64_t case_id, struct flow_task **ret, size_t *n, struct err *e);
int flow_tokens_of(struct store_tx *tx, const struct flow_model *m, int64_t instance_id, struct flow_token **ret,
                   size_t *n, struct err *e);
int flow_timers_of(struct store_tx *tx, int64_t instance_id, struct flow_timer **ret, size_t *n, struct err *e);
/* Of a case's instances (flow_instances_of); by instance, then number. */
int flow_history_of(struct store_tx *tx, const struct flow_instance *i, size_t n_instance, struct flow_history **ret, size_t *n,
                    struct err *e);

/* Replays one instance's history and compares it with its tokens and its state. 0, or ERR_DAMAGED with what differs.
 * Pure. */
int flow_replay(struct arena *scratch, const struct flow_history *h, size_t n_history,
                const struct flow_instance *instance, const struct flow_token *t, size_t n_token, struct err *e);

/* ---- showing ---- */
/* Ahead: not begun. Maybe: not begun, and from where the process stands it can go on to a later task past this one. Off: no way leads there
 * any more. */
enum flow_step_state { FLOW_STEP_AHEAD, FLOW_STEP_MAYBE, FLOW_STEP_OFF, FLOW_STEP_NOW, FLOW_STEP_DONE, FLOW_STEP_INCIDENT };
struct flow_step {
    const struct flow_element *element;
    enum flow_step_state state;
    int64_t entered_ms, left_ms, actor_id; /* of the last visit; 0: none */
    unsigned visits;
};
/* Every element but gateways, in order of the flow from the start (a sub-process before what is in it), with where it
 * stands; the text beside the drawing. NULL on arena overflow. */
struct flow_step *flow_steps(struct arena *a, const struct flow_model *m, const struct flow_history *h,
                             size_t n_history, const struct flow_token *t, size_t n_token, size_t *n);
/* The BPMNDI drawing as one <svg> for use inside a page: solid grounds, a <title> per shape, classes flow-now,
 * flow-done, flow-incident beside colours that differ in outline too. `title` names the figure; `text` translates
 * names and may be NULL. Appends nothing and returns false when the model has no drawing. `steps` may be NULL: a bare
 * model. */
struct flow_drawing {
    struct str title;
    const struct flow_step *step;
    size_t n_step;
    void *context;
    struct str (*text)(void *context, struct str source);
};
bool flow_svg(struct buf *out, const struct flow_model *m, const struct flow_drawing *d);

#endif
