/* item_queue: the lists of tasks: in which of them a task stands, and how an officer sees them. A list shows no row that opening
 * would refuse, in whichever order and however narrowed.
 *
 * Invariants
 *  1. Every order and every matter is a range of an index (access.h): a page costs what it shows. What has no index of its own is
 *     left out row by row, up to SCOPE_LOOKED_MAX of them, and that there may be more is told.
 *  2. A facet only says where to look: each row is judged by what it is now.
 */
#include "engine/code/code_check.h"
#include "engine/deputy/deputy.h"
#include "engine/item/item_rows.h"

static const int64_t year_ms = (int64_t)365 * 86400000, day_ms = 86400000;

/* ---- where a task stands ---- */

/* The key grows as the due time shrinks. */
static int64_t urgent(int64_t due_ms) {
    return INT64_MAX - 1 - due_ms;
}

static struct scope_keys keys_of(struct arena *a, const struct item_case *c, const struct flow_task *t) {
    int64_t due = t->due_ms ? t->due_ms : c->due_ms;
    return (struct scope_keys){ .first = urgent(due ? due : t->made_ms + year_ms),
                                .second = t->made_ms,
                                .a = c->item,
                                .b = ARENA_CAT(a, c->item, S("/"), t->element) };
}

static struct str list_of(struct arena *a, struct str role) {
    return ARENA_CAT(a, S("task."), role);
}

int item_case_list_put(struct store_tx *tx, const struct realm *r, const struct item_case *c, int64_t scope, struct err *e) {
    const struct scope_keys keys = { .first = c->created_ms, .second = c->created_ms, .a = c->item, .b = c->state };
    return scope_place(tx, r->home, S("case"), scope, &keys, c->id, e);
}

int item_task_unit(struct store_tx *tx, const struct realm *r, const struct item_case *c, const struct flow_task *t, int64_t *ret_id,
                   struct str *ret_title, struct err *e) {
    if (t->unit.len || !c->unit)
        return identity_unit_find(tx, r, t->unit.len ? t->unit : c->type->unit_kind, c->division, ret_id, ret_title, e);
    if (ret_id) *ret_id = c->unit;
    return ret_title ? identity_unit_title(tx, r, c->unit, S("zh"), ret_title, e) : 0;
}

int item_task_lists_put(struct act *act, const struct item_case *c, const struct flow_task *t, struct err *e) {
    const struct realm *r = act->realm;
    struct store_tx *tx = act->tx;
    const struct scope_keys keys = keys_of(store_arena(tx), c, t);
    struct str list = list_of(store_arena(tx), t->role);
    int64_t unit, path[16];
    size_t n;
    int rc = item_task_unit(tx, r, c, t, &unit, NULL, e);
    if (rc == ERR_NOT_FOUND) return err_set(e, ERR_SYSTEM, "没有可办理的单位：%.*s", STR_ARG(t->unit));
    if (!rc) rc = identity_unit_path(tx, r, unit, path, 16, &n, e);
    if (!rc) rc = scope_place(tx, r->home, list, r->home.v, &keys, t->id, e);
    for (size_t i = 0; !rc && i < n; i++) {
        rc = scope_place(tx, r->home, list, path[i], &keys, t->id, e);
        if (!rc) rc = item_case_list_put(tx, r, c, path[i], e);
        if (!rc && unit != c->unit) rc = item_case_words_put(tx, r, c, path[i], e); /* that unit's it has since it was submitted */
    }
    return rc;
}

int item_task_lists_claimed(struct act *act, const struct item_case *c, const struct flow_task *t, struct err *e) {
    const struct scope_keys keys = keys_of(store_arena(act->tx), c, t);
    int rc = scope_drop(act->tx, act->realm->home, S("mine"), t->id, e);
    return rc || !t->assignee_id ? rc : scope_place(act->tx, act->realm->home, S("mine"), t->assignee_id, &keys, t->id, e);
}

int item_task_lists_move(struct act *act, const struct item_case *c, const struct flow_task *t, struct err *e) {
    int rc = scope_drop(act->tx, act->realm->home, list_of(store_arena(act->tx), t->role), t->id, e);
    if (!rc) rc = item_task_lists_put(act, c, t, e);
    return rc ? rc : item_task_lists_claimed(act, c, t, e);
}

int item_task_lists_end(struct act *act, const struct item_case *c, const struct flow_task *t, struct err *e) {
    struct scope_keys keys = keys_of(store_arena(act->tx), c, t);
    struct home_id home = act->realm->home;
    int rc = scope_drop(act->tx, home, list_of(store_arena(act->tx), t->role), t->id, e);
    if (!rc) rc = scope_drop(act->tx, home, S("mine"), t->id, e);
    if (rc || t->state != FLOW_TASK_COMPLETED || !t->ended_by_id) return rc;
    keys.first = keys.second = t->ended_ms;
    return scope_place(act->tx, home, S("done"), t->ended_by_id, &keys, t->id, e);
}

/* ---- how an officer sees them ---- */

enum { SOURCES_MAX = 16 };

/* One list, its next row at hand. */
struct source {
    struct scope_walk w;
    int64_t id;
};

struct listing {
    const struct realm *r;
    const struct actor *who;
    struct scope_token list, read; /* the right to list and, for each row, to open */
    struct item_task_query *q;
    struct str lang;
    struct scope_order order;
    struct source *source[SOURCES_MAX];
    size_t n;
    struct deputy away[DEPUTY_OPEN_MAX]; /* for whom the reader stands in; of "deputy" alone */
    size_t n_away;
    int64_t from, to; /* first keys between which the rows stand, both excluded */
    bool exact;       /* the index alone finds the rows: they can be counted */
    bool dropping;    /* rows may be left out */
    struct val *rows;
};

/* Would this token let the task be seen? Asked only where more than reaching the row settles it, or where the list is no proof of it. */
static int allows(struct store_tx *tx, const struct scope_token *t, const struct flow_task *task, const struct item_case *c, bool always,
                  bool *may, struct err *e) {
    if (!*may || (!always && !access_conditional(t))) return 0;
    int rc = item_task_judge(tx, t, task, c, NULL, e);
    *may = rc == 0;
    return rc == ERR_NOT_FOUND || rc == ERR_FORBIDDEN ? 0 : rc;
}

static bool fits(const struct item_task_query *q, const struct item_case *c, const struct flow_task *t, const struct val *row) {
    struct str item = q->step, step = q->step;
    if (q->item.len && !str_eq(q->item, c->item)) return false;
    if (q->role.len && !str_eq(q->role, t->role)) return false;
    if (q->step.len && !(str_cut(&step, '/', &item) && str_eq(item, c->item) && str_eq(step, t->element))) return false;
    bool held = val_count(val_get(row, S("hold"))) > 0, stands = val_get_str(row, S("stands")).len > 0;
    if (str_eq(q->due, S("paused"))) return held || stands;
    bool runs = !held && (!stands || val_get_bool(row, S("own_limit"), false));
    return q->due.len == 0 || (runs && val_get_bool(row, q->due, false));
}

/* What an absent officer has in hand, in a matter for which the reader stands in. */
static bool stands_in(const struct listing *l, const struct item_case *c, const struct flow_task *t) {
    for (size_t i = 0; i < l->n_away; i++)
        if (l->away[i].principal == t->assignee_id && deputy_covers(&l->away[i], c->system->id, c->item)) return true;
    return false;
}

static int push_task(struct store_tx *tx, struct listing *l, int64_t id, int64_t key, struct err *e) {
    struct flow_task t;
    struct item_case c;
    struct val *row;
    struct arena *a = store_arena(tx);
    bool mine = str_eq(l->q->kind, S("mine")), theirs = str_eq(l->q->kind, S("deputy")), may = true;
    bool given = mine || theirs || str_eq(l->q->kind, S("taken")) || str_eq(l->q->kind, S("copied"));
    int rc = flow_task_get(tx, id, &t, e);
    if (!rc) rc = item_case_get(tx, l->r, NULL, t.case_id, &c, e);
    if (rc || (mine && t.assignee_id != l->who->account) || (theirs && !stands_in(l, &c, &t))) return rc;
    rc = allows(tx, &l->list, &t, &c, given, &may, e);
    if (!rc) rc = allows(tx, &l->read, &t, &c, given, &may, e);
    if (rc || !may) return rc;
    rc = item_task_row(tx, l->r, &c, &t, l->who->account, l->lang, &row, e);
    if (rc || !fits(l->q, &c, &t, row)) return rc;
    if (!c.company) /* a list leaves no entry: the name stands whole on the task's own page, which does */
        val_put_str(a, row, S("applicant"), code_mask(a, S("person-name"), val_get_str(row, S("applicant"))));
    val_put_i64(a, row, S("key"), key);
    val_push(a, l->rows, row);
    return 0;
}

static int open_source(struct store_tx *tx, struct listing *l, const struct scope_token *t, struct str list, struct err *e) {
    struct source *s = arena_new(store_arena(tx), struct source);
    size_t count;
    if (!s) return err_set(e, ERR_MEMORY, NULL);
    if (l->n == SOURCES_MAX) return err_set(e, ERR_LIMIT, "%d", SOURCES_MAX);
    int64_t key = l->q->at.key, id = l->q->at.id;
    if (!key && !id && (l->from || l->to)) key = l->from, id = l->order.back ? INT64_MAX : INT64_MIN;
    scope_walk_begin(&s->w, t, list, key, id, l->q->max, l->dropping);
    s->w.order = l->order;
    l->source[l->n++] = s;
    int rc = scope_walk_next(tx, &s->w, &s->id, e);
    if (rc || !l->exact) return rc;
    rc = scope_count(tx, t, list, &l->order, &count, e);
    if (count > SCOPE_COUNT_MAX) l->exact = false;
    l->q->total = l->q->total + count < SCOPE_COUNT_MAX ? l->q->total + count : SCOPE_COUNT_MAX;
    return rc;
}

static struct source *first_of(struct listing *l) {
    struct source *best = NULL;
    for (size_t i = 0; i < l->n; i++) {
        struct source *s = l->source[i];
        if (!s->id) continue;
        bool above = best && (s->w.key != best->w.key ? s->w.key > best->w.key : s->id > best->id);
        if (!best || above != l->order.back) best = s; /* above the best so far, or below where the smallest is first */
    }
    return best;
}

static int walk(struct store_tx *tx, struct listing *l, struct err *e) {
    struct item_task_query *q = l->q;
    int rc = 0;
    for (struct source *s; !rc && val_count(l->rows) < q->max && !q->at.cut && (s = first_of(l));) {
        if (l->to && (l->order.back ? s->w.key >= l->to : s->w.key <= l->to)) break;
        q->at.key = s->w.key, q->at.id = s->id;
        rc = push_task(tx, l, s->id, s->w.key, e);
        if (!rc) rc = scope_walk_next(tx, &s->w, &s->id, e);
        q->at.cut = s->w.cut && !s->id;
    }
    return rc;
}

/* What is late, or soon, stands together where the most urgent are first. */
static void bound(struct listing *l, int64_t now_ms) {
    const struct realm *r = l->r;
    bool late = str_eq(l->q->due, S("late")), soon = str_eq(l->q->due, S("soon"));
    bool urgent_first = str_eq(l->q->kind, S("open")) || str_eq(l->q->kind, S("mine")) || str_eq(l->q->kind, S("deputy"));
    if (l->order.second || !urgent_first || (!late && !soon)) return;
    int64_t end = now_ms;
    for (int i = 0; soon && i < 40 && clock_workdays_between(r->calendar, tz_date(r->tz, now_ms), tz_date(r->tz, end)) <= 2; i++)
        end += day_ms;
    int64_t high = late ? INT64_MAX : urgent(now_ms), low = urgent(late ? now_ms : end + day_ms) - 1;
    l->from = l->order.back ? low : high, l->to = l->order.back ? high : low;
}

/* In the hands of those who are away. */
static int open_away(struct store_tx *tx, struct listing *l, struct err *e) {
    int rc = deputy_principals(tx, l->r, l->who->account, l->away, &l->n_away, e);
    for (size_t i = 0; !rc && i < l->n_away; i++) {
        const struct scope_token his = { .home = l->r->home, .id = { l->away[i].principal }, .n = 1 };
        bool seen = false;
        for (size_t k = 0; k < i; k++) seen |= l->away[k].principal == l->away[i].principal;
        if (!seen) rc = open_source(tx, l, &his, S("mine"), e);
    }
    return rc;
}

static int open_lists(struct store_tx *tx, struct listing *l, struct err *e) {
    const struct scope_token own = { .home = l->r->home, .id = { l->who->account }, .n = 1 };
    const struct actor *who = l->who;
    const struct scope_token standing = { .home = l->r->home, .id = { l->q->standing }, .n = 1 };
    int rc = 0;
    if (str_eq(l->q->kind, S("deputy"))) return open_away(tx, l, e);
    if (str_eq(l->q->kind, S("taken"))) return open_source(tx, l, &standing, l->q->kind, e);
    if (!str_eq(l->q->kind, S("open"))) return open_source(tx, l, &own, l->q->kind, e);
    for (size_t p = 0; !rc && p < who->n_posts; p++) {
        struct scope_token mine;
        bool seen = l->q->role.len && !str_eq(l->q->role, who->posts[p].role);
        for (size_t k = 0; k < p; k++) seen |= str_eq(who->posts[k].role, who->posts[p].role);
        if (seen) continue;
        access_narrow(&l->list, who, who->posts[p].role, &mine);
        mine.who = NULL; /* push_task judges both rights */
        if (l->q->unit) rc = identity_narrow(tx, l->r, l->q->unit, &mine, e);
        if (!rc) rc = open_source(tx, l, &mine, list_of(store_arena(tx), who->posts[p].role), e);
    }
    return rc;
}

int item_tasks_view(struct store_tx *tx, const struct realm *r, const struct actor *who, struct item_task_query *q, struct str lang,
                    struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct listing *l = arena_new(a, struct listing);
    if (!l) return err_set(e, ERR_MEMORY, NULL);
    *l = (struct listing){ .r = r, .who = who, .q = q, .lang = lang, .rows = val_list(a) };
    *ret = l->rows;
    q->at.cut = false;
    q->total = 0;
    if (q->max > ITEM_ROWS_MAX) q->max = ITEM_ROWS_MAX;
    int rc = access_may(r, who, S("task.list"), &l->list, e);
    if (rc) return rc;
    if (access_may(r, who, S("task.read"), &l->read, e)) return 0; /* who may open none is shown none */
    l->order = (struct scope_order){ .second = q->received, .back = q->back };
    l->order.facet = q->step.len ? SCOPE_B : q->item.len ? SCOPE_A : SCOPE_ANY;
    l->order.value = q->step.len ? q->step : q->item;
    l->exact = q->due.len == 0 && str_eq(q->kind, S("open"));
    for (size_t i = 0; l->exact && i < who->n_posts; i++) {
        if (q->role.len && !str_eq(q->role, who->posts[i].role)) continue;
        l->exact = access_settles(r, &l->list, who->posts[i].role) && access_settles(r, &l->read, who->posts[i].role);
    }
    l->dropping = !l->exact || l->order.facet != SCOPE_ANY;
    bound(l, store_now_ms(tx));
    rc = open_lists(tx, l, e);
    if (!rc) rc = walk(tx, l, e);
    if (!l->exact) q->total = SCOPE_UNCOUNTED;
    return rc;
}

struct val *item_matters_view(const struct realm *r, const struct actor *who, struct str lang, struct arena *a) {
    const struct system **all;
    size_t n = r->systems.active(r->systems.context, &all);
    struct val *list = val_list(a);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < all[i]->part[SYSTEM_ITEM].n; k++) {
            const struct item_type *t = all[i]->part[SYSTEM_ITEM].entry[k].value;
            const struct flow_model *m = system_find(all[i], SYSTEM_FLOW, t->flow);
            struct val *v = val_map(a), *steps = val_list(a);
            for (size_t s = 0; m && s < m->n_element; s++) {
                const struct flow_element *el = &m->element[s];
                if (el->kind != FLOW_USER || !access_holds(who, el->role)) continue;
                struct val *step = val_map(a);
                val_put_str(a, step, S("value"), ARENA_CAT(a, t->id, S("/"), el->id));
                val_put_str(a, step, S("title"), system_text(all[i], lang, el->name));
                val_push(a, steps, step);
            }
            if (val_count(steps) == 0) continue;
            val_put_str(a, v, S("value"), t->id);
            val_put_str(a, v, S("title"), system_text(all[i], lang, t->name));
            val_put(a, v, S("steps"), steps);
            val_push(a, list, v);
        }
    return list;
}
