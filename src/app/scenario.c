/* scenario: plays cases/NAME.yaml of a system through the engines' own commands.
 *
 *   title: what it shows
 *   clock: "2026-11-16T09:00:00+08:00"        # virtual time at the start
 *   steps:
 *     - {who: company, do: apply, item: ITEM}
 *     - {who: company, do: answer, page: premises, with: {area: "60"}}
 *     - {who: company, do: submit, expect: {state: submitted}, refused: ERR_REQUIRED}
 * who   a role (an account with a post of it) or a login name of the demo accounts; of a step that must be refused also a list: each tries
 * do    apply consent answer add change remove upload submit supplement withdraw rate decide hold resume wait set-papers, the verbs of
 *       engine/item/item_acts.h;
 *       of records: find read unmask clear put correct end (scenario_record.c); of tickets: scenario_queue.c;
 *       of cards: scenario_card.c; of results that are handed over: scenario_handover.c; of who stands in for whom: scenario_deputy.c
 * A step with `refused` must fail with that code, and leaves no trace but its audit entry.
 * Invariant: a step has the actor's own rights and no others.
 */
#include <stdio.h>
#include <string.h>

#include "app/demo.h"
#include "data/tz.h"
#include "engine/flow/flow.h"
#include "engine/identity/identity.h"
#include "engine/item/item.h"
#include "engine/notify/notify.h"
#include "engine/record/record.h"
#include "engine/paper/paper.h"
#include "engine/supervise/supervise.h"
#include "os/os.h"

struct step {
    struct scenario *s;
    const struct val *v;
    struct str verb, who;
    struct actor actor;
    const struct val *with; /* what is typed, in the transaction's arena */
    struct val *errors;
    struct item_file file; /* that a step gives */
    int64_t task;
    struct item_case c;
    struct scenario_hand hand; /* the step's own: a body may run again */
    size_t n_papers;
    bool late, paused, redress;
    struct str standing, due;
    struct val *cards; /* rules by which the case has a card, oldest first */
    struct val *pages, *open, *notices; /* asked now; elements of open tasks; sent, oldest first */
};

STORE_STMT(scenario_holder, STORE_READS,
           "SELECT account FROM identity_post WHERE home = ? AND role = ? AND until_ms > ? ORDER BY id LIMIT 1");

static int account_of(struct store_tx *tx, const struct realm *r, struct str who, int64_t *ret, struct err *e) {
    struct store_val v[] = { SV_I(r->home.v), SV_T(who), SV_I(store_now_ms(tx)) };
    int rc = identity_account_by_login(tx, r, who, ret, e);
    if (rc == ERR_NOT_FOUND) rc = store_one_i64(tx, &scenario_holder, v, 3, ret, e);
    return rc ? err_set(e, ERR_SYSTEM, "没有这个人或角色：%.*s", STR_ARG(who)) : 0;
}

/* A login name, or whoever holds the role; `company` acts for the company of its mandate. */
static int find_actor(struct step *x, struct store_tx *tx, struct err *e) {
    const struct realm *r = &x->s->app->realm;
    int64_t account;
    int rc = account_of(tx, r, x->who, &account, e);
    if (rc) return rc;
    rc = identity_actor_of(tx, r, account, &x->actor, e);
    x->actor.request_id = S("scenario");
    x->actor.peer = S("-");
    x->actor.lang = S("zh");
    struct val *mandates;
    if (!rc && str_eq(x->who, x->s->stands.len ? x->s->stands : S("company"))) {
        rc = identity_mandates(tx, r, &x->actor, &mandates, e);
        if (!rc) rc = identity_stand(tx, r, &x->actor, val_get_i64(val_item(mandates, 0), S("id"), 0), e);
    }
    return rc;
}

static int find_task(struct step *x, struct store_tx *tx, struct str element, struct err *e) {
    struct flow_task *tasks;
    size_t n;
    int64_t holder = x->actor.account; /* of what is wanted of one alone: of what is taken, whose it is */
    struct str of = val_get_str(x->v, S("of"));
    int rc = flow_tasks_of(tx, x->s->case_id, &tasks, &n, e);
    if (!rc && of.len) rc = account_of(tx, &x->s->app->realm, of, &holder, e);
    if (rc) return rc;
    x->task = 0;
    for (size_t i = 0; i < n; i++)
        if (str_eq(tasks[i].element, element) && tasks[i].kind == FLOW_TASK_STEP) x->task = tasks[i].id;
    for (size_t i = 0; i < n; i++) { /* what is wanted of him alone; to be taken back: what he asked for, else what he did */
        bool open = tasks[i].state <= FLOW_TASK_RESERVED, recall = str_eq(x->verb, S("recall"));
        int64_t whose = !recall ? tasks[i].assignee_id : open ? tasks[i].owner_id : tasks[i].ended_by_id;
        if (recall && open && tasks[i].kind == FLOW_TASK_AFTER) continue; /* taken back by what it confirms */
        if (str_eq(tasks[i].element, element) && (open || recall) && whose == (recall ? x->actor.account : holder)) x->task = tasks[i].id;
    }
    return 0; /* a task that is not there is the engine's to refuse */
}

/* The number by which the person of a login is registered. */
static int key_of(struct store_tx *tx, const struct realm *r, struct str login, struct str *ret, struct err *e) {
    const struct record_type *t = realm_find(r, SYSTEM_RECORD, S("person"), NULL);
    struct actor who;
    struct record rec;
    int64_t account;
    int rc = identity_account_by_login(tx, r, login, &account, e);
    if (!rc) rc = identity_actor_of(tx, r, account, &who, e);
    if (!rc) rc = t ? record_get(tx, r, t, who.person, &rec, e) : ERR_NOT_FOUND;
    if (rc) return err_set(e, ERR_SYSTEM, "没有这个人的登记：%.*s", STR_ARG(login));
    *ret = val_get_str(rec.values, t->key);
    return 0;
}

/* What is typed: {of: LOGIN} is that person's number, also in the entries of a page that repeats. */
static int typed_with(struct store_tx *tx, const struct realm *r, struct val *v, struct err *e) {
    int rc = 0;
    for (size_t i = 0; v && v->kind == VAL_LIST && !rc && i < val_count(v); i++) rc = typed_with(tx, r, v->u.list.item[i], e);
    for (size_t i = 0; !rc && i < val_pairs(v); i++) {
        struct str login = val_get_str(v->u.map.pair[i].value, S("of")), key = S("");
        if (login.len) rc = key_of(tx, r, login, &key, e);
        if (!rc && login.len) v->u.map.pair[i].value = val_str(store_arena(tx), key);
    }
    return rc;
}

static int do_consent(struct step *x, struct store_tx *tx, struct err *e) {
    return item_consent_give(tx, &x->s->app->realm, &x->actor, x->s->case_id,
                             val_get_bool(x->v, S("agree"), true), e);
}

/* Opens the draft and agrees to what is taken of the registries; `agree: false` types it, `agree: later` leaves it open. */
static int do_apply(struct step *x, struct store_tx *tx, struct err *e) {
    const struct system *owner;
    const struct item_type *t = realm_find(&x->s->app->realm, SYSTEM_ITEM, val_get_str(x->v, S("item")), &owner);
    if (!t) return err_set(e, ERR_SYSTEM, "没有这个事项：%.*s", STR_ARG(val_get_str(x->v, S("item"))));
    int rc = item_draft_open(tx, &x->s->app->realm, &x->actor, owner, t, &x->s->case_id, e);
    if (rc || str_eq(val_get_str(x->v, S("agree")), S("later"))) return rc;
    rc = item_case_get(tx, &x->s->app->realm, NULL, x->s->case_id, &x->c, e);
    return rc || !item_consent_open(&x->c) ? rc : do_consent(x, tx, e);
}

static int do_entry(struct step *x, struct store_tx *tx, struct err *e) {
    const struct realm *r = &x->s->app->realm;
    struct str page = val_get_str(x->v, S("page"));
    int64_t entry = val_get_i64(x->v, S("entry"), 0);
    if (str_eq(x->verb, S("remove"))) return item_entry_drop(tx, r, &x->actor, x->s->case_id, page, entry, e);
    if (str_eq(x->verb, S("change")) == (entry == 0))
        return err_set(e, ERR_SYSTEM, "change 要有 entry，add 没有");
    return item_entry_put(tx, r, &x->actor, x->s->case_id, page, entry, false, x->with,
                          &x->errors, e);
}

static int do_upload(struct step *x, struct store_tx *tx, struct err *e) {
    return item_material_put(tx, &x->s->app->realm, &x->actor, x->s->case_id, val_get_str(x->v, S("material")), &x->file, e);
}

static int do_decide(struct step *x, struct store_tx *tx, struct err *e) {
    const struct realm *r = &x->s->app->realm;
    int rc = find_task(x, tx, val_get_str(x->v, S("task")), e);
    if (rc) return rc;
    if (str_eq(x->verb, S("resume"))) return item_resume(tx, r, &x->actor, x->task, val_get_str(x->v, S("opinion")), e);
    if (str_eq(x->verb, S("hold")))
        return item_hold(tx, r, &x->actor, x->task, val_get_str(x->v, S("reason")), val_get_str(x->v, S("opinion")),
                         val_get_str(x->v, S("until")), e);
    struct item_task_order o = { .verb = x->verb, .task = x->task, .version = FLOW_ANY_VERSION, .element = val_get_str(x->v, S("back")),
                                 .text = val_get_str(x->v, S("opinion")), .move = val_get_str(x->v, S("move")),
                                 .basis = val_get_str(x->v, S("basis")), .given = x->with, .errors = &x->errors };
    struct str to = val_get_str(x->v, S("to"));
    if (str_eq(o.verb, S("decide"))) o.verb = S("countersign"); /* by whom: `to`, or nobody */
    if (to.len) rc = account_of(tx, r, to, &o.to, e);
    return rc ? rc : item_task_do(tx, r, &x->actor, &o, e);
}

static int do_deputy(struct step *x, struct store_tx *tx, struct err *e) {
    const struct realm *r = &x->s->app->realm;
    struct str to = val_get_str(x->v, S("to"));
    int64_t account = 0;
    int rc = to.len ? account_of(tx, r, to, &account, e) : 0;
    return rc ? rc : scenario_deputy(tx, r, &x->actor, account, x->verb, x->v, e);
}

static int act_step(struct step *x, struct store_tx *tx, struct err *e) {
    const struct realm *r = &x->s->app->realm;
    x->hand = x->s->hand;
    struct str number, text = val_get_str(x->v, S("opinion"));
    struct val *with = val_copy(store_arena(tx), val_get(x->v, S("with")));
    int rc = find_actor(x, tx, e);
    if (!rc) rc = typed_with(tx, r, with, e);
    if (rc) return rc;
    x->with = with;
    if (scenario_queue_act(x->verb).len) return scenario_queue(&x->hand, tx, r, &x->actor, x->verb, x->v, e);
    if (scenario_record_act(x->verb).len) return scenario_record(&x->hand, tx, r, &x->actor, x->verb, x->v, e);
    if (scenario_deputy_act(x->verb).len) return do_deputy(x, tx, e);
    if (scenario_card_act(x->verb).len) return scenario_card(tx, r, &x->actor, x->s->case_id, x->verb, x->v, e);
    if (x->s->case_id) access_asked(tx, S("case"), x->s->case_id, 0); /* as a page's address does */
    if (scenario_handover_act(x->verb).len)
        return scenario_handover(&x->hand, tx, r, &x->actor, x->s->case_id, x->verb, x->v, &x->errors, e);
    if (str_eq(x->verb, S("apply"))) return do_apply(x, tx, e);
    if (str_eq(x->verb, S("answer")))
        return item_answers_put(tx, r, &x->actor, x->s->case_id, val_get_str(x->v, S("page")), x->with, &x->errors, e);
    if (str_eq(x->verb, S("consent"))) return do_consent(x, tx, e);
    if (str_eq(x->verb, S("add")) || str_eq(x->verb, S("change")) || str_eq(x->verb, S("remove")))
        return do_entry(x, tx, e);
    if (str_eq(x->verb, S("upload")) || str_eq(x->verb, S("reuse"))) return do_upload(x, tx, e);
    if (str_eq(x->verb, S("submit"))) return item_submit(tx, r, &x->actor, x->s->case_id, true, &number, e);
    if (str_eq(x->verb, S("supplement"))) return item_supplement_give(tx, r, &x->actor, x->s->case_id, text, e);
    if (str_eq(x->verb, S("withdraw"))) return item_withdraw(tx, r, &x->actor, x->s->case_id, text, e);
    if (str_eq(x->verb, S("rate"))) {
        struct item_rating g = { .level = val_get_i64(x->v, S("level"), 0), .text = text };
        if (g.level >= 1 && g.level <= ITEM_RATING_LEVELS) g.reasons[g.level] = val_get(x->v, S("reasons"));
        return item_rate(tx, r, &x->actor, x->s->case_id, &g, &x->errors, e);
    }
    static const struct str with_task[] = {
        S_INIT("decide"), S_INIT("hold"), S_INIT("resume"),
#define ITEM_ACT(verb, power, flow, needs, tell, notice, words) S_INIT(verb),
#include "engine/item/item_acts.h"
#undef ITEM_ACT
    };
    for (size_t i = 0; i < sizeof with_task / sizeof *with_task; i++)
        if (str_eq(x->verb, with_task[i])) return do_decide(x, tx, e);
    return err_set(e, ERR_SYSTEM, "没有这个动作：%.*s", STR_ARG(x->verb));
}

static int act_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    return act_step(job->arg, tx, e);
}

static int refused_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    return act_refused(tx, &x->s->app->realm, &x->actor, x->verb, job->err.code, e);
}

static int look_cards(struct step *x, struct store_tx *tx, struct err *e) {
    struct val *cards;
    x->cards = val_list(store_arena(tx));
    int rc = supervise_of_case(tx, &x->s->app->realm, x->s->case_id, &cards, e);
    for (size_t i = 0; !rc && i < val_count(cards); i++)
        val_push(store_arena(tx), x->cards, val_str(store_arena(tx), val_get_str(val_item(cards, i), S("rule"))));
    return rc;
}

/* What is asked, sent and open, for what a scenario expects of it. */
static int look_lists(struct step *x, struct store_tx *tx, struct err *e) {
    struct arena *a = store_arena(tx);
    struct flow_task *tasks;
    size_t n;
    x->pages = val_list(a);
    x->open = val_list(a);
    for (size_t i = 0; i < x->c.form->n_pages; i++)
        if (form_asked(&x->c.form->page[i], val_get(x->c.body, S("answers")), a))
            val_push(a, x->pages, val_str(a, x->c.form->page[i].id));
    int rc = flow_tasks_of(tx, x->s->case_id, &tasks, &n, e);
    for (size_t i = 0; !rc && i < n; i++)
        if (tasks[i].ended_ms == 0) val_push(a, x->open, val_str(a, tasks[i].element));
    if (!rc) rc = look_cards(x, tx, e);
    return rc ? rc : notify_of_case(tx, &x->s->app->realm, x->c.account, x->s->case_id, &x->notices, e);
}

/* The case by which a bad rating of this one is put right is in hand from here on. */
static int redress_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    return item_redress_of(tx, &x->s->app->realm, x->s->case_id, &x->s->case_id, e);
}

static int look_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    struct val *papers = NULL, *view = NULL; /* of a case that was thrown away there are none */
    int rc = item_case_get(tx, &x->s->app->realm, NULL, x->s->case_id, &x->c, e);
    if (!rc) rc = paper_of_case(tx, &x->s->app->realm, x->s->case_id, &papers, e);
    if (!rc) rc = item_case_view(tx, &x->s->app->realm, &x->c, S(""), S("zh"), &view, e);
    if (!rc) rc = look_lists(x, tx, e);
    int64_t redress = 0;
    if (!rc) rc = item_redress_of(tx, &x->s->app->realm, x->s->case_id, &redress, e);
    x->redress = redress != 0;
    if (rc == ERR_NOT_FOUND) rc = 0;
    (void)job;
    if (rc) return rc;
    const struct val *clock = val_get(view, S("clock"));
    x->n_papers = val_count(papers);
    x->late = val_get_bool(clock, S("late"), false);
    x->paused = val_get_bool(clock, S("paused"), false);
    struct buf due;
    buf_init(&due, store_arena(tx), 16, 16);
    if (x->c.due_ms) civil_write(&due, tz_date(x->s->app->realm.tz, x->c.due_ms - 1));
    x->due = buf_str(&due);
    return 0;
}

/* The file that is given: a real sealed blob of this case; of `reuse` the first that is offered. */
struct sealing {
    struct step *x;
    struct str sealed;
};

static int take_offered(struct step *x, struct store_tx *tx, const struct item_case *c, struct str *ret, struct err *e) {
    const struct realm *r = &x->s->app->realm;
    const struct item_material *m = item_material(c->type, val_get_str(x->v, S("material")));
    struct val *offered = NULL;
    int rc = m ? item_reuse_view(tx, r, c, m, S("zh"), &offered, e) : 0;
    struct str value = val_get_str(val_item(offered, 0), S("value"));
    return rc || value.len == 0 ? rc : item_reuse_open(tx, r, c, m, value, store_arena(tx), &x->file, ret, e);
}

static int seal_given(struct sealing *z, struct store_tx *tx, struct err *e) {
    struct item_case c;
    struct str bytes = S("%PDF-1.4 synthetic material of the demo city, not a document\n");
    int rc = item_case_get(tx, &z->x->s->app->realm, NULL, z->x->s->case_id, &c, e);
    z->x->file = (struct item_file){ .name = S("样件.pdf"), .media_type = S("application/pdf"), .size_bytes = 64 };
    if (!rc && str_eq(z->x->verb, S("reuse"))) {
        z->x->file = (struct item_file){ 0 }; /* nothing is offered: an empty file is refused */
        rc = take_offered(z->x, tx, &c, &bytes, e);
    }
    return rc ? rc : item_seal_file(tx, &z->x->s->app->realm, &c, bytes, &z->sealed, e);
}

static int seal_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    return seal_given(job->arg, tx, e);
}

static struct step step_of(struct scenario *s, const struct val *v) {
    return (struct step){ .s = s, .v = v, .verb = val_get_str(v, S("do")), .who = val_get_str(v, S("who")) };
}

bool scenario_gives_file(struct str verb) {
    return str_eq(verb, S("upload")) || str_eq(verb, S("reuse"));
}

int scenario_seal(struct scenario *s, struct store_tx *tx, const struct val *step, struct item_file *ret, struct str *ret_sealed,
                  struct err *e) {
    struct step x = step_of(s, step);
    struct sealing z = { .x = &x };
    int rc = seal_given(&z, tx, e);
    if (!rc) *ret = x.file, *ret_sealed = z.sealed;
    return rc;
}

int scenario_do(struct scenario *s, struct store_tx *tx, const struct val *step, const struct item_file *file, struct err *e) {
    struct step x = step_of(s, step);
    if (str_eq(x.verb, S("redress"))) return item_redress_of(tx, &s->app->realm, s->case_id, &s->case_id, e);
    if (file) x.file = *file;
    int rc = act_step(&x, tx, e);
    if (!rc) s->hand = x.hand;
    return rc;
}

static int expect(const struct step *x, struct err *e) {
    const struct val *want = val_get(x->v, S("expect"));
    char number[2][24];
    int64_t papers = val_get_i64(want, S("papers"), -1);
    (void)snprintf(number[0], sizeof number[0], "%lld", (long long)papers);
    (void)snprintf(number[1], sizeof number[1], "%zu", x->n_papers);
    int rc = scenario_want_text(want, "state", x->c.state, e);
    if (!rc) rc = scenario_want_text(want, "result", x->c.result, e);
    if (!rc && papers >= 0 && (size_t)papers != x->n_papers) rc = scenario_differs(e, "papers", str_of(number[0]), str_of(number[1]));
    if (!rc) rc = scenario_want_bool(want, "late", x->late, e);
    if (!rc) rc = scenario_want_bool(want, "paused", x->paused, e);
    if (!rc) rc = scenario_want_bool(want, "redress", x->redress, e);
    if (!rc) rc = scenario_want_text(want, "due", x->due, e);
    if (!rc) rc = scenario_want_text(want, "handover", scenario_handover_state(&x->c), e);
    if (!rc) rc = scenario_want_list(want, "parts", val_get(x->c.body, S("parts")), e);
    if (!rc) rc = scenario_want_list(want, "materials", val_get(x->c.body, S("materials")), e);
    if (!rc) rc = scenario_want_list(want, "obstacles", val_get(x->c.body, S("obstacles")), e);
    if (!rc) rc = scenario_want_list(want, "pages", x->pages, e);
    if (!rc) rc = scenario_want_list(want, "notices", x->notices, e);
    if (!rc) rc = scenario_want_list(want, "cards", x->cards, e);
    return rc ? rc : scenario_want_list(want, "open", x->open, e);
}

static int do_system(struct step *x, struct err *e) {
    size_t n = 1;
    int rc = 0;
    if (str_eq(x->verb, S("wait"))) {
        int64_t ms = val_get_i64(x->v, S("days"), 0) * 86400000 + val_get_i64(x->v, S("hours"), 0) * 3600000 +
                     val_get_i64(x->v, S("minutes"), 0) * 60000;
        if (x->s->step_ms == 0 || (x->s->until_ms && os_now_ms() + ms > x->s->until_ms)) return 0;
        os_clock_advance(ms);
        int rc_timers = app_fire_timers(x->s->app, &n, e);
        return rc_timers ? rc_timers : app_remind(x->s->app, &n, e);
    }
    if (str_eq(x->verb, S("supervise"))) return scenario_supervise(x->s->app, e);
    for (int i = 0; i < 10 && n && !rc; i++) rc = app_set_papers(x->s->app, &n, e);
    return rc;
}

static int run_step_by(struct scenario *s, const struct val *v, struct str who, struct arena *job, struct arena *keep, struct err *e) {
    struct step x = step_of(s, v);
    x.who = who;
    struct store_job j = { .home = s->app->realm.home, .queue = STORE_INTERACTIVE, .arena = job, .body = act_body, .refused = refused_body,
                           .arg = &x };
    if (x.who.len == 0) {
        int rc = str_eq(x.verb, S("redress")) ? app_job(s->app, STORE_READ, keep, redress_body, &x, e) : do_system(&x, e);
        if (!rc && val_get(v, S("expect"))) rc = app_job(s->app, STORE_READ, keep, look_body, &x, e);
        return rc ? rc : expect(&x, e);
    }
    if (scenario_gives_file(x.verb)) {
        struct sealing z = { .x = &x };
        int rc = app_job(s->app, STORE_READ, keep, seal_body, &z, e);
        if (!rc) rc = blobs_put(s->app->realm.blobs, z.sealed, x.file.blob, e);
        if (rc) return rc;
    }
    enum store_outcome out = store_run(s->app->store, &j);
    struct str refused = val_get_str(v, S("refused"));
    if (out == STORE_OK && refused.len) return err_set(e, ERR_INPUT, "这一步应被拒绝（%.*s），却办成了", STR_ARG(refused));
    if (out != STORE_OK && !str_eq(refused, str_of(err_name(j.err.code)))) {
        *e = j.err;
        s->undone = true;
        return j.err.code ? j.err.code : ERR_STORE;
    }
    if (out == STORE_OK) s->hand = x.hand;
    if (!val_get(v, S("expect")) || scenario_record_act(x.verb).len || scenario_queue_act(x.verb).len) return 0;
    int rc = app_job(s->app, STORE_READ, keep, look_body, &x, e);
    return rc ? rc : expect(&x, e);
}

/* By each who is named: many only where it must be refused, so that none comes upon what another did. */
static int run_step(struct scenario *s, const struct val *v, struct arena *job, struct arena *keep, struct err *e) {
    const struct val *who = val_get(v, S("who"));
    bool list = who && who->kind == VAL_LIST;
    if (list && (!val_get(v, S("refused")) || !val_count(who)))
        return err_set(e, ERR_SYSTEM, "只有应被拒绝的一步可以有多个 who");
    int rc = who ? 0 : run_step_by(s, v, S(""), job, keep, e);
    for (size_t i = 0; !rc && i < val_many(who); i++) rc = run_step_by(s, v, val_text(val_nth(who, i)), job, keep, e);
    return rc;
}

/* Where the case stands: its item, its state and the elements of its open tasks, which come in order of their making. */
static int standing_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    struct flow_task *tasks;
    size_t n;
    int rc = item_case_get(tx, &x->s->app->realm, NULL, x->s->case_id, &x->c, e);
    if (!rc) rc = flow_tasks_of(tx, x->s->case_id, &tasks, &n, e);
    if (rc) return rc;
    struct str at = ARENA_CAT(job->arena, x->c.item, S(" "), x->c.state);
    for (size_t i = 0; i < n; i++)
        if (tasks[i].ended_ms == 0) at = ARENA_CAT(job->arena, at, S(" "), tasks[i].element);
    x->standing = at;
    return 0;
}

static int note_standing(struct scenario *s, struct arena *keep, struct str *ret, struct err *e) {
    struct step x = { .s = s };
    int rc = s->case_id ? app_job(s->app, STORE_READ, keep, standing_body, &x, e) : 0;
    *ret = arena_str(s->standing_arena, x.standing);
    return rc;
}

static void print_step(const struct scenario *s, size_t i, const struct val *v, int rc) {
    static const char *const keys[] = { "item", "page", "material", "task", "move", "to", "back", "opinion", "reason", "until", "level",
                                       "days", "hours", "minutes", "record", "by", "of", "purpose", "source", "hall", "line", "class",
                                       "counter", NULL };
    if (!s->print) return;
    const struct val *who = val_get(v, S("who"));
    int wide = 0;
    printf("  %2zu ", i + 1);
    for (size_t k = 0; k < val_many(who); k++) wide += printf("%s%.*s", k ? ", " : "", STR_ARG(val_text(val_nth(who, k))));
    printf("%*s %-10.*s", wide < 15 ? 15 - wide : 0, "", STR_ARG(val_get_str(v, S("do"))));
    for (const char *const *k = keys; *k; k++)
        if (val_get(v, str_of(*k))) printf(" %.*s", STR_ARG(val_text(val_get(v, str_of(*k)))));
    if (val_get(v, S("refused"))) printf(" -> refused %.*s", STR_ARG(val_get_str(v, S("refused"))));
    printf(rc ? "  FAILED\n" : "\n");
}

struct str scenario_fault(const struct scenario *s, const struct err *e, struct arena *a) {
    struct str said = str_of(e->detail), what = str_of(err_name(e->code));
    if (!s->undone) return said;
    if (e->field[0]) what = ARENA_CAT(a, what, S(" "), str_of(e->field));
    if (said.len) what = ARENA_CAT(a, what, S("："), said);
    if (!s->wanted.len) return arena_fmt(a, "这一步没有办成：%.*s", STR_ARG(what));
    return arena_fmt(a, "这一步应被拒绝（%.*s），却是：%.*s", STR_ARG(s->wanted), STR_ARG(what));
}

int scenario_run(struct scenario *s, const struct val *yaml, size_t n, struct err *e) {
    return scenario_play(s, yaml, n, 0, e);
}

int scenario_play(struct scenario *s, const struct val *yaml, size_t n, int64_t case_id, struct err *e) {
    const struct val *steps = val_get(yaml, S("steps"));
    struct arena job, keep;
    int rc = 0;
    arena_init(&job, "step", 64 * 1024 * 1024);
    arena_init(&keep, "look", 64 * 1024 * 1024);
    s->case_id = case_id;
    for (size_t i = 0; !rc && i < val_count(steps) && i < n; i++) {
        rc = run_step(s, val_item(steps, i), &job, &keep, e);
        if (rc) s->failed++, s->line = val_item(steps, i)->line, s->wanted = val_get_str(val_item(steps, i), S("refused"));
        else s->passed++;
        print_step(s, i, val_item(steps, i), rc);
        if (!rc && s->standing) rc = note_standing(s, &keep, &s->standing[i], e);
        if (s->step_ms) os_clock_advance(s->step_ms); /* people take time */
    }
    arena_done(&keep);
    arena_done(&job);
    return rc;
}
