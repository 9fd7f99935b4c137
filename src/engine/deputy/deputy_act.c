/* deputy_act: naming, answering, ending; see deputy.h.
 * Invariant: what is judged when somebody is named is judged in the transaction that writes it, so that two who name at once make no
 * chain and no second deputy of one matter.
 */
#include "engine/deputy/deputy.h"

#include "data/plain.h"
#include "engine/identity/identity.h"
#include "engine/notify/notify.h"

enum { PATH_UNITS = 16, MATTERS_BYTES_MAX = 4096 };

/* ---- matters and posts ---- */

/* The system of a matter, "item:ID" or "system:ID"; NULL: there is none such. */
static const struct system *system_of(const struct realm *r, struct str matter) {
    struct str kind, id = matter;
    const struct system *m = NULL;
    if (!str_cut(&id, ':', &kind) || !id.len) return NULL;
    if (str_eq(kind, S("system"))) return realm_system(r, id);
    return str_eq(kind, S("item")) && realm_find(r, SYSTEM_ITEM, id, &m) ? m : NULL;
}

/* May two of them mean the same? */
static bool meet(const struct realm *r, struct str a, struct str b) {
    const struct str kind = S("system:");
    bool whole = str_starts(a, kind) || str_starts(b, kind);
    return whole ? system_of(r, a) == system_of(r, b) : str_eq(a, b);
}

static bool lists_meet(const struct realm *r, struct str a, struct str b) {
    struct str one, other;
    if (!a.len || !b.len) return true;
    while (str_cut(&a, ' ', &one))
        for (struct str rest = b; str_cut(&rest, ' ', &other);)
            if (meet(r, one, other)) return true;
    return false;
}

static bool needs(const struct system *m, const struct system *other) {
    bool does = m == other;
    for (size_t i = 0; i < m->n_needs; i++) does |= str_eq(m->needs[i]->id, other->id);
    return does;
}

/* Has a post of this role tasks in these matters? A system's grant reaches what is of it, and of those that need it. */
static bool concerns(const struct realm *r, struct str role, struct str matters) {
    const struct system **all;
    for (size_t i = 0, n = r->systems.active(r->systems.context, &all); i < n; i++) {
        struct str rest = matters, one;
        if (!access_granted(all[i]->access, role, S("task.complete"))) continue;
        if (!matters.len) return true;
        while (str_cut(&rest, ' ', &one)) {
            const struct system *of = system_of(r, one);
            if (of && needs(of, all[i])) return true;
        }
    }
    return false;
}

/* Does he hold the post's role at its unit or above it: may he do what it may? */
static int stands_as(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct actor_post *post, bool *ret,
                     struct err *e) {
    int64_t path[PATH_UNITS];
    size_t n;
    int rc = identity_unit_path(tx, r, post->unit, path, PATH_UNITS, &n, e);
    *ret = false;
    for (size_t i = 0; !rc && i < who->n_posts; i++)
        for (size_t k = 0; k < n; k++) *ret |= who->posts[i].unit == path[k] && str_eq(who->posts[i].role, post->role);
    return rc;
}

/* `*ret`: how many posts of his have tasks in these matters; `*lacking`: how many of them the deputy lacks. */
static int compare(struct store_tx *tx, const struct realm *r, const struct actor *principal, const struct actor *to, struct str matters,
                   size_t *ret, size_t *lacking, struct err *e) {
    int rc = 0;
    *ret = *lacking = 0;
    for (size_t i = 0; !rc && i < principal->n_posts; i++) {
        bool has = false;
        if (!concerns(r, principal->posts[i].role, matters)) continue;
        rc = stands_as(tx, r, to, &principal->posts[i], &has, e);
        ++*ret;
        *lacking += !has;
    }
    return rc;
}

static bool listed(const struct val *list, int64_t account) {
    for (size_t i = 0; i < val_count(list); i++)
        if (val_get_i64(val_item(list, i), S("id"), 0) == account) return true;
    return false;
}

int deputy_candidates(struct store_tx *tx, const struct realm *r, int64_t principal, struct val **ret, struct err *e) {
    struct actor who;
    struct val *list;
    int rc = identity_actor_of(tx, r, principal, &who, e);
    *ret = val_list(store_arena(tx));
    for (size_t i = 0; !rc && i < who.n_posts; i++) {
        if (!concerns(r, who.posts[i].role, S(""))) continue;
        rc = identity_colleagues(tx, r, who.posts[i].role, who.posts[i].unit, &list, e);
        for (size_t k = 0; !rc && k < val_count(list); k++) {
            int64_t id = val_get_i64(val_item(list, k), S("id"), 0);
            if (id != principal && !listed(*ret, id)) val_push(store_arena(tx), *ret, list->u.list.item[k]);
        }
    }
    return rc;
}

/* ---- who may name for whom ---- */

/* Somebody of the units that the token reaches. */
static int in_reach(struct store_tx *tx, const struct realm *r, const struct scope_token *t, const struct actor *principal, struct err *e) {
    int rc = ERR_NOT_FOUND;
    for (size_t i = 0; i < principal->n_posts && rc == ERR_NOT_FOUND; i++) {
        int64_t path[PATH_UNITS];
        size_t n;
        rc = identity_unit_path(tx, r, principal->posts[i].unit, path, PATH_UNITS, &n, e);
        if (!rc) rc = access_under(t, path, n, e);
    }
    return rc == ERR_NOT_FOUND ? err_set(e, ERR_NOT_FOUND, NULL) : rc;
}

int deputy_may_name(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t principal, struct err *e) {
    struct scope_token t;
    struct actor absent;
    bool own = principal == who->account;
    int rc = access_may(r, who, own ? S("deputy.name") : S("deputy.appoint"), &t, e);
    if (rc || own) return rc;
    rc = identity_actor_of(tx, r, principal, &absent, e);
    return rc ? rc : in_reach(tx, r, &t, &absent, e);
}

/* ---- what was asked for ---- */

static int64_t begin_ms(const struct realm *r, struct civil_date day) {
    struct civil_time t = { 0 };
    unsigned month, mday;
    civil_split(day, &t.year, &month, &mday);
    t.month = (uint8_t)month, t.day = (uint8_t)mday;
    return tz_instant_ms(r->tz, &t);
}

static int read_days(struct store_tx *tx, const struct realm *r, const struct deputy_offer *o, struct deputy *d, struct err *e) {
    int32_t today = tz_date(r->tz, store_now_ms(tx)).day;
    if (o->from.day < today) return err_field(e, ERR_INPUT, S("from"), "第一天不能早于今天");
    if (o->from.day > today + DEPUTY_AHEAD_DAYS_MAX) return err_field(e, ERR_INPUT, S("from"), "第一天太远了，请临近时再委托");
    if (o->until.day < o->from.day) return err_field(e, ERR_INPUT, S("until"), "最后一天不能早于第一天");
    if (o->until.day - o->from.day >= DEPUTY_DAYS_MAX) return err_field(e, ERR_INPUT, S("until"), "一次委托的天数太多了，到期以后可以再委托");
    d->from_ms = begin_ms(r, o->from);
    d->until_ms = begin_ms(r, (struct civil_date){ o->until.day + 1 });
    return 0;
}

static int read_matters(struct store_tx *tx, const struct realm *r, const struct deputy_offer *o, struct deputy *d, struct err *e) {
    struct buf b;
    buf_init(&b, store_arena(tx), 128, MATTERS_BYTES_MAX);
    if (o->n_matters > DEPUTY_MATTERS_MAX) return err_field(e, ERR_LIMIT, S("matters"), "%d", DEPUTY_MATTERS_MAX);
    for (size_t i = 0; i < o->n_matters; i++) {
        if (!system_of(r, o->matters[i])) return err_field(e, ERR_CODE, S("matters"), NULL);
        if (i) buf_add_char(&b, ' ');
        buf_add(&b, o->matters[i]);
    }
    d->matters = buf_str(&b);
    return buf_ok(&b) ? 0 : err_field(e, ERR_LIMIT, S("matters"), "%d", DEPUTY_MATTERS_MAX);
}

static int read_offer(struct store_tx *tx, const struct realm *r, const struct deputy_offer *o, struct deputy *d, struct err *e) {
    d->reason = str_trim(o->reason);
    if (o->to <= 0) return err_field(e, ERR_REQUIRED, S("to"), "代办的同事");
    int rc = read_days(tx, r, o, d, e);
    if (!rc) rc = read_matters(tx, r, o, d, e);
    if (rc) return rc;
    if (!d->reason.len) return err_field(e, ERR_REQUIRED, S("reason"), "原因");
    if (str_utf8_count(d->reason) > DEPUTY_REASON_CHARS_MAX) return err_field(e, ERR_TOO_LONG, S("reason"), "%d", DEPUTY_REASON_CHARS_MAX);
    return plain_text(d->reason, true) ? 0 : err_field(e, ERR_CHARACTERS, S("reason"), NULL);
}

/* Invariant 1. */
static int check_posts(struct store_tx *tx, const struct realm *r, const struct actor *principal, const struct actor *to,
                       const struct deputy *d, struct err *e) {
    size_t posts, lacking;
    int rc = compare(tx, r, principal, to, d->matters, &posts, &lacking, e);
    if (rc) return rc;
    if (!posts && d->matters.len) return err_field(e, ERR_INPUT, S("matters"), "所选的事项里没有不在岗的人要办的任务");
    if (!posts) return err_set(e, ERR_STATE, "没有办理任务的岗位，不用委托代办");
    return !lacking ? 0
                    : err_field(e, ERR_INPUT, S("to"),
                                "这位同事没有办理这些任务的全部岗位，不能代办：请另选一位，或者只委托他也能办的事项");
}

/* Invariants 2 and 3. */
static int check_others(struct store_tx *tx, const struct realm *r, const struct deputy *d, struct err *e) {
    struct deputy all[DEPUTY_OPEN_MAX + 1];
    size_t n;
    int rc = deputy_rows_between(tx, r, true, d->deputy, d->from_ms, d->until_ms, all, &n, e);
    if (!rc && n) return err_field(e, ERR_INPUT, S("to"), "这位同事这段时间自己也委托了别人代办，请另选一位");
    if (!rc) rc = deputy_rows_between(tx, r, false, d->principal, d->from_ms, d->until_ms, all, &n, e);
    if (!rc && n) return err_field(e, ERR_INPUT, S("from"), "不在岗的人这段时间正在代别人办理，请先终止或者谢绝那一项");
    if (!rc) rc = deputy_rows_between(tx, r, true, d->principal, d->from_ms, d->until_ms, all, &n, e);
    for (size_t i = 0; !rc && i < n; i++)
        if (lists_meet(r, d->matters, all[i].matters))
            return err_field(e, ERR_INPUT, S("matters"), "这段时间里，这些事项已经委托了别人代办，要改请先终止那一项");
    if (!rc && n >= DEPUTY_OPEN_MAX) return err_field(e, ERR_INPUT, S("to"), "这段时间里委托的同事已经太多了，请先终止不需要的");
    if (!rc) rc = deputy_rows_between(tx, r, false, d->deputy, d->from_ms, d->until_ms, all, &n, e);
    return !rc && n >= DEPUTY_OPEN_MAX ? err_field(e, ERR_INPUT, S("to"), "请这位同事代办的人已经太多了，请另选一位") : rc;
}

/* ---- messages ---- */

static int tell(struct act *act, const char *notice, const struct deputy *d, int64_t account, struct err *e) {
    struct arena *a = store_arena(act->tx);
    const struct system *sys;
    struct val *v = val_map(a);
    if (account == act->who->account || !realm_find(act->realm, SYSTEM_NOTICE, str_of(notice), &sys)) return 0;
    val_put_str(a, v, S("principal"), d->principal_name);
    val_put_str(a, v, S("name"), d->name);
    val_put_str(a, v, S("by"), act->who->name);
    val_put(a, v, S("from"), notify_day(a, d->from_ms));
    val_put(a, v, S("until"), notify_day(a, d->until_ms - 1));
    return notify_send(act, sys, str_of(notice), account, 0, v, e);
}

static int tell_both(struct act *act, const char *notice, const struct deputy *d, struct err *e) {
    int rc = tell(act, notice, d, d->principal, e);
    return rc ? rc : tell(act, notice, d, d->deputy, e);
}

/* ---- where it is listed ---- */

/* In the lists of his units and of those above, as who keeps them sees them. */
static int list_put(struct act *act, const struct actor *principal, const struct deputy *d, struct err *e) {
    const struct home_id home = act->realm->home;
    const struct scope_keys keys = { .first = d->until_ms, .second = d->until_ms };
    int rc = scope_place(act->tx, home, S("deputy"), home.v, &keys, d->id, e);
    for (size_t i = 0; !rc && i < principal->n_posts; i++) {
        int64_t path[PATH_UNITS];
        size_t n = 0;
        rc = identity_unit_path(act->tx, act->realm, principal->posts[i].unit, path, PATH_UNITS, &n, e);
        for (size_t k = 0; !rc && k < n; k++) rc = scope_place(act->tx, home, S("deputy"), path[k], &keys, d->id, e);
    }
    return rc;
}

/* ---- the commands ---- */

static int name_for(struct act *act, const struct actor *principal, const struct deputy_offer *o, struct deputy *d, struct err *e) {
    struct store_tx *tx = act->tx;
    struct actor to;
    struct val *list;
    int rc = read_offer(tx, act->realm, o, d, e);
    if (!rc) rc = deputy_candidates(tx, act->realm, d->principal, &list, e);
    if (!rc && !val_count(list)) {
        size_t posts, lacking;
        rc = compare(tx, act->realm, principal, principal, S(""), &posts, &lacking, e);
        if (!rc && !posts) rc = err_set(e, ERR_STATE, "没有办理任务的岗位，不用委托代办");
    }
    if (!rc && o->to == act->who->account) /* two decide it */
        rc = err_field(e, ERR_INPUT, S("to"), "不能指定自己代办，请选择其他同事");
    if (!rc && !listed(list, o->to)) rc = err_field(e, ERR_INPUT, S("to"), "这位同事没有办理这些任务的岗位，请选择列出的同事");
    if (!rc) rc = identity_actor_of(tx, act->realm, o->to, &to, e);
    if (rc) return rc;
    d->deputy = o->to;
    d->name = to.name;
    rc = check_posts(tx, act->realm, principal, &to, d, e);
    return rc ? rc : check_others(tx, act->realm, d, e);
}

int deputy_name(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct deputy_offer *o, int64_t *ret_id,
                struct err *e) {
    struct act act;
    struct actor principal;
    bool own = !o->principal || o->principal == who->account;
    struct deputy d = { .principal = own ? who->account : o->principal, .state = S("offered") };
    access_asked(tx, S("deputy"), 0, 0);
    int rc = act_open(&act, tx, r, who, own ? S("deputy.name") : S("deputy.appoint"), e);
    if (!rc) rc = identity_actor_of(tx, r, d.principal, &principal, e);
    if (!rc && !own) rc = in_reach(tx, r, &act.scope, &principal, e);
    if (rc) return rc;
    d.principal_name = principal.name;
    d.person = principal.person;
    rc = name_for(&act, &principal, o, &d, e);
    if (!rc) rc = deputy_row_insert(&act, &d, e);
    if (!rc) rc = list_put(&act, &principal, &d, e);
    if (!rc) rc = tell(&act, "deputy-offered", &d, d.deputy, e);
    if (!rc) rc = tell(&act, "deputy-appointed", &d, d.principal, e);
    if (rc) return rc;
    *ret_id = d.id;
    struct str detail = arena_fmt(store_arena(tx), "%lld for %lld", (long long)d.deputy, (long long)d.principal);
    return act_close(&act, S("deputy"), d.id, 0, detail, e);
}

int deputy_answer(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id, bool accept, struct err *e) {
    struct act act;
    struct deputy d;
    struct actor principal;
    access_asked(tx, S("deputy"), id, 0);
    int rc = act_open(&act, tx, r, who, S("deputy.answer"), e);
    if (!rc) rc = deputy_row_get(tx, r, id, &d, e);
    if (!rc && d.deputy != who->account) rc = err_set(e, ERR_NOT_FOUND, NULL);
    if (!rc && d.until_ms <= store_now_ms(tx)) rc = err_set(e, ERR_CONFLICT, "委托的时间已经过了");
    if (!rc && accept) rc = identity_actor_of(tx, r, d.principal, &principal, e);
    if (!rc && accept) rc = check_posts(tx, r, &principal, who, &d, e);
    if (rc == ERR_INPUT) rc = err_set(e, ERR_STATE, "您现在没有办理这些任务的全部岗位，不能接受，请谢绝");
    if (!rc) rc = deputy_row_answer(&act, &d, accept, e);
    if (!rc) rc = tell_both(&act, accept ? "deputy-accepted" : "deputy-declined", &d, e);
    return rc ? rc : act_close(&act, S("deputy"), id, 0, accept ? S("accepted") : S("declined"), e);
}

/* Either side's; else of the units that the right `wider` reaches, which then is the `token`'s (may be NULL). */
static int reach(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id, struct str wider,
                 struct scope_token *token, struct deputy *d, struct err *e) {
    struct scope_token t;
    int rc = deputy_row_get(tx, r, id, d, e);
    if (rc || d->principal == who->account || d->deputy == who->account) return rc;
    if (access_may(r, who, wider, &t, e)) return err_set(e, ERR_NOT_FOUND, NULL);
    rc = scope_reaches(tx, &t, S("deputy"), id, e);
    if (!rc && token) *token = t;
    return rc;
}

int deputy_end(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id, struct err *e) {
    struct act act;
    struct deputy d;
    access_asked(tx, S("deputy"), id, 0);
    int rc = act_open(&act, tx, r, who, S("deputy.end"), e);
    if (!rc) rc = reach(tx, r, who, id, S("deputy.appoint"), &act.scope, &d, e);
    if (!rc && !deputy_may_end(&d, store_now_ms(tx))) rc = err_set(e, ERR_CONFLICT, "这项委托已经结束");
    if (!rc) rc = deputy_row_end(&act, &d, e);
    if (!rc) rc = tell_both(&act, "deputy-ended", &d, e);
    if (rc) return rc;
    return act_close(&act, S("deputy"), id, 0,
                     who->account == d.principal ? S("by absent") : who->account == d.deputy ? S("by deputy") : S("by head"), e);
}

int deputy_get(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id, struct deputy *ret, struct err *e) {
    struct scope_token t;
    access_asked(tx, S("deputy"), id, 0);
    int rc = access_may(r, who, S("deputy.read"), &t, e);
    return rc ? rc : reach(tx, r, who, id, S("deputy.list"), NULL, ret, e);
}
