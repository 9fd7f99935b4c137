/* item_facts: see item_facts.h. Invariant: nothing here reads what a person wrote; a clock that
 * stands tells no moment, since none is certain before it runs again. */
#include "engine/item/item_facts.h"

#include "data/tz.h"
#include "engine/item/item_rows.h"

bool item_event_known(struct str kind) {
    static const struct str kinds[] = { S_INIT("consent"),  S_INIT("submit"), S_INIT("accept"),
                                        S_INIT("pause"),    S_INIT("resume"), S_INIT("change"),
                                        S_INIT("task"),     S_INIT("lapse"),  S_INIT("finish"),
                                        S_INIT("withdraw"), S_INIT("rate"),   S_INIT("note"),
                                        S_INIT("recount"),  S_INIT("handover") };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (str_eq(kinds[i], kind)) return true;
    return item_act_words(kind).len > 0;
}

int item_words_key(struct store_tx *tx, const struct realm *r, int64_t case_id,
                   struct data_key *ret, struct err *e) {
    struct item_case c;
    int rc = item_case_get(tx, r, NULL, case_id, &c, e);
    return rc ? rc : item_key(tx, r, &c, ret, e);
}

/* The moment from which on no more than `n` working days remain before the day that ends at
 * `due_ms`. */
static int64_t left_ms(const struct realm *r, int64_t due_ms, int64_t n) {
    struct civil_date last = tz_date(r->tz, due_ms - 1), d = last;
    while (clock_workdays_between(r->calendar, (struct civil_date){ d.day - 1 }, last) <= n)
        d.day--;
    unsigned month, day;
    struct civil_time at = { .hour = 0 };
    civil_split(d, &at.year, &month, &day);
    at.month = (uint8_t)month, at.day = (uint8_t)day;
    return tz_instant_ms(r->tz, &at);
}

static void put_clock(const struct realm *r, struct val *v, int64_t due_ms, int64_t left,
                      struct arena *a) {
    struct val *list = val_list(a);
    for (int64_t i = 0; i <= left && i <= ITEM_FACTS_LEFT_MAX; i++)
        val_push(a, list, val_i64(a, left_ms(r, due_ms, i)));
    val_put_i64(a, v, S("due_ms"), due_ms);
    val_put(a, v, S("left"), list);
}

static int put_clocks(const struct realm *r, const struct item_case *c, const struct val *events,
                      int64_t now_ms, int64_t left, struct val *into, struct arena *a,
                      struct err *e) {
    static const struct str names[] = { S_INIT("promise"), S_INIT("law") };
    struct val *clocks = val_map(a);
    bool paused = false;
    for (int law = 0; law < 2; law++) {
        struct clock_result k;
        struct val *v = val_map(a);
        if (!(law ? c->type->limit_law : c->type->limit_promise).len) continue;
        int rc = item_clock(r, c, events, law, now_ms, NULL, &k, e);
        if (rc) return rc;
        paused |= k.state == CLOCK_PAUSED;
        if (k.state != CLOCK_RUNNING && k.state != CLOCK_FINISHED) continue;
        put_clock(r, v, k.due_ms, left, a);
        val_put(a, clocks, names[law], v);
    }
    val_put_bool(a, into, S("paused"), paused);
    val_put(a, into, S("clocks"), clocks);
    return 0;
}

static int put_task(struct store_tx *tx, const struct realm *r, const struct item_case *c,
                    const struct flow_task *t, int64_t left, struct val *list, struct err *e) {
    struct arena *a = store_arena(tx);
    struct val *v = val_map(a);
    int64_t unit = 0;
    int rc = item_task_unit(tx, r, c, t, &unit, NULL, e);
    if (rc && rc != ERR_NOT_FOUND) return rc;
    val_put_i64(a, v, S("id"), t->id);
    val_put_i64(a, v, S("unit"), unit);
    val_put_i64(a, v, S("account"), t->ended_by_id ? t->ended_by_id : t->assignee_id);
    val_put_i64(a, v, S("made_ms"), t->made_ms);
    val_put_i64(a, v, S("end_ms"), t->ended_ms);
    if (t->due_ms) put_clock(r, v, t->due_ms, left, a);
    val_push(a, list, v);
    return 0;
}

/* The unit for which it was done: of its task, else of a task that this officer had. */
static int64_t unit_of(const struct val *tasks, int64_t task, int64_t account) {
    int64_t unit = 0;
    for (size_t i = 0; i < val_count(tasks); i++) {
        const struct val *t = val_item(tasks, i);
        int64_t of = val_get_i64(t, S("unit"), 0);
        if (task && val_get_i64(t, S("id"), 0) == task) return of;
        if (account && val_get_i64(t, S("account"), 0) == account) unit = of;
    }
    return unit;
}

static void put_events(const struct val *events, const struct val *tasks, struct val *into,
                       struct arena *a) {
    struct val *list = val_list(a);
    for (size_t i = 0; i < val_count(events); i++) {
        const struct val *ev = val_item(events, i);
        int64_t unit = val_get_i64(ev, S("unit"), 0), account = val_get_i64(ev, S("account"), 0);
        struct val *v = val_map(a);
        val_put_str(a, v, S("kind"), val_get_str(ev, S("kind")));
        val_put_i64(a, v, S("at_ms"), val_get_i64(ev, S("at_ms"), 0));
        val_put_i64(a, v, S("unit"),
                    unit ? unit : unit_of(tasks, val_get_i64(ev, S("task"), 0), account));
        val_put_i64(a, v, S("account"), account);
        val_push(a, list, v);
    }
    val_put(a, into, S("events"), list);
}

int item_facts(struct store_tx *tx, const struct realm *r, int64_t case_id, int64_t left,
               struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct item_case c;
    struct val *events, *v = val_map(a), *tasks = val_list(a);
    struct flow_task *task;
    size_t n;
    *ret = NULL;
    int rc = item_case_get(tx, r, NULL, case_id, &c, e);
    if (rc == ERR_NOT_FOUND) return 0; /* a draft that was thrown away */
    if (rc || str_eq(c.state, S("draft"))) return rc;
    rc = item_events(tx, r, &c, &events, e);
    if (!rc) rc = flow_tasks_of(tx, case_id, &task, &n, e);
    for (size_t i = 0; !rc && i < n; i++)
        if (!str_eq(task[i].role, S("applicant")))
            rc = put_task(tx, r, &c, &task[i], left, tasks, e);
    if (!rc) rc = put_clocks(r, &c, events, store_now_ms(tx), left, v, a, e);
    if (rc) return rc;
    val_put_i64(a, v, S("id"), c.id);
    val_put_str(a, v, S("item"), c.item);
    val_put(a, v, S("systems"), val_copy(a, val_get(item_case_object(a, &c), S("systems"))));
    val_put_i64(a, v, S("unit"), c.unit);
    val_put_i64(a, v, S("begun_ms"), c.accepted_ms);
    val_put_i64(a, v, S("end_ms"), c.ended_ms);
    val_put(a, v, S("tasks"), tasks);
    put_events(events, tasks, v, a);
    *ret = v;
    return 0;
}

/* ---- for people ---- */

static void put_head(const struct item_case *c, struct str lang, struct val *into,
                     struct arena *a) {
    val_put_str(a, into, S("number"), c->number);
    val_put_str(a, into, S("item"), system_text(c->system, lang, c->type->name));
}

int item_facts_head(struct store_tx *tx, const struct realm *r, int64_t case_id, struct str lang,
                    struct val *into, struct err *e) {
    struct item_case c;
    int rc = item_case_get(tx, r, NULL, case_id, &c, e);
    if (!rc) put_head(&c, lang, into, store_arena(tx));
    return rc;
}

static int put_step(struct store_tx *tx, const struct realm *r, const struct item_case *c,
                    const struct flow_task *t, struct str lang, struct val *list, struct err *e) {
    struct arena *a = store_arena(tx);
    struct val *v = val_map(a);
    struct str by = S(""), unit = S("");
    int64_t who = t->ended_by_id ? t->ended_by_id : t->assignee_id,
            until = t->ended_ms ? t->ended_ms : store_now_ms(tx);
    bool applicant = str_eq(t->role, S("applicant"));
    int rc = who && !applicant ? identity_account_name(tx, r, who, &by, e) : 0;
    if (rc) return rc;
    if (!applicant) (void)item_task_unit(tx, r, c, t, NULL, &unit, NULL);
    val_put_str(a, v, S("title"), system_text(c->system, lang, t->title));
    val_put_str(a, v, S("unit"), applicant ? realm_text(r, lang, S("申请人")) : realm_words(r, lang, unit));
    val_put_str(a, v, S("by"), by);
    val_put_str(a, v, S("since"), realm_time(r, a, lang, t->made_ms));
    val_put_str(a, v, S("until"), t->due_ms ? realm_day(r, a, lang, t->due_ms - 1) : S(""));
    val_put_str(a, v, S("ended"), realm_time(r, a, lang, t->ended_ms));
    val_put_bool(a, v, S("late"), t->due_ms && t->due_ms <= until && !applicant);
    val_push(a, list, v);
    return 0;
}

int item_facts_view(struct store_tx *tx, const struct realm *r, int64_t case_id, struct str lang,
                    struct val *into, struct err *e) {
    struct arena *a = store_arena(tx);
    struct item_case c;
    struct val *events, *steps = val_list(a);
    struct flow_task *task;
    size_t n = 0;
    int rc = item_case_get(tx, r, NULL, case_id, &c, e);
    if (!rc) rc = item_events(tx, r, &c, &events, e);
    if (!rc) rc = flow_tasks_of(tx, case_id, &task, &n, e);
    for (size_t i = 0; !rc && i < n; i++) rc = put_step(tx, r, &c, &task[i], lang, steps, e);
    if (rc) return rc;
    put_head(&c, lang, into, a);
    val_put_str(a, into, S("case_state"),
                item_word_text(r, lang, item_state_shown(&c)));
    val_put_str(a, into, S("stands"), item_stands_text(r, &c, lang, a));
    val_put(a, into, S("clock"), item_clock_view(r, &c, events, false, store_now_ms(tx), lang, a));
    val_put(a, into, S("clock_law"),
            item_clock_view(r, &c, events, true, store_now_ms(tx), lang, a));
    val_put(a, into, S("steps"), steps);
    return 0;
}
