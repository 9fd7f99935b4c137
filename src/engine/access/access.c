/* access: the two-step decision and the scope rows; see access.h. The rules themselves are compiled in access_rules.c.
 * Invariant: a token leaves access_may only with at least one grant, and holds no id that a grant did not give.
 */
#include "engine/access/access_rules.h"

#include "engine/access/access_word.h"
#include "engine/rule/rule.h"

#include <string.h>

/* ---- what is tried ---- */

_Static_assert(sizeof(struct access_attempt) <= STORE_NOTE_BYTES, "the store keeps that much");

static struct access_attempt *attempt_of(struct store_tx *tx) {
    return store_note(tx);
}

const struct access_attempt *access_attempt(struct store_tx *tx) {
    return attempt_of(tx);
}

static void keep(char *place, size_t size, struct str text) {
    size_t n = text.len < size ? text.len : size - 1;
    memcpy(place, text.ptr ? text.ptr : "", n);
    memset(place + n, 0, size - n);
}

void access_asked(struct store_tx *tx, struct str kind, int64_t object, int64_t case_id) {
    struct access_attempt *x = attempt_of(tx);
    const struct str noted = str_of(x->kind), whole = S("case");
    if (case_id) x->case_id = case_id;
    else if (object && str_eq(kind, whole)) x->case_id = object;
    if (object == 0 || (x->object && !str_eq(noted, whole) && !str_eq(noted, kind))) return;
    keep(x->kind, sizeof x->kind, kind);
    x->object = object;
}

void access_settled(struct store_tx *tx) {
    memset(attempt_of(tx), 0, sizeof(struct access_attempt));
}

void access_tried(struct store_tx *tx, struct str act) {
    struct access_attempt *x = attempt_of(tx);
    keep(x->act, sizeof x->act, act);
    if (x->object == 0) keep(x->kind, sizeof x->kind, access_act_kind(act));
}

struct actor access_worker(void) {
    static const struct actor_post post = { .role = S_INIT("worker") };
    return (struct actor){ .posts = &post, .n_posts = 1, .request_id = S("-"), .peer = S("-"), .lang = S("zh") };
}

bool access_role_of_program(struct str role) {
    return str_eq(role, S("worker")) || str_eq(role, S("supervision"));
}

/* ---- for whom ---- */

int64_t actor_owner(const struct actor *who) {
    return who->on_behalf ? who->on_behalf : who->person;
}

int64_t actor_company(const struct actor *who) {
    return who->for_person ? 0 : who->on_behalf;
}

int64_t actor_applicant(const struct actor *who) {
    return who->for_person && who->on_behalf ? who->on_behalf : who->person;
}

bool actor_items(const struct actor *who, struct str item) {
    if (!who->on_behalf || !who->n_items) return true;
    for (size_t i = 0; i < who->n_items; i++)
        if (str_eq(who->items[i], item)) return true;
    return false;
}

/* ---- the decision ---- */

static void add_id(struct scope_token *t, int64_t id) {
    const uint32_t bit = UINT32_C(1) << t->n_grants; /* of the grant that apply adds last */
    size_t i = 0;
    if (id == 0) return;
    while (i < t->n && t->id[i] != id) i++;
    if (i == ACCESS_SCOPE_IDS_MAX) {
        t->overflow = true;
        return;
    }
    if (i == t->n) t->id[t->n++] = id;
    t->by[i] |= bit;
}

bool access_holds(const struct actor *who, struct str role) {
    for (size_t i = 0; i < who->n_posts; i++)
        if (str_eq(who->posts[i].role, role)) return true;
    return false;
}

/* Adds what one grant gives this actor; false if it gives nothing. */
static bool apply(const struct access_grant *g, const struct actor *who, struct scope_token *t) {
    bool anyone = str_eq(g->role, S("anyone"));
    bool person = str_eq(g->role, S("person")) && (who->only ? access_of_draft(t->act) : who->account != 0);
    bool by_post = false;
    for (size_t i = 0; i < who->n_posts; i++) by_post |= str_eq(who->posts[i].role, g->role);
    if (!anyone && !person && !by_post) return false;
    if (t->n_grants == ACCESS_SCOPE_IDS_MAX) {
        t->overflow = true;
        return false;
    }
    for (size_t i = 0; g->scope == ACCESS_UNIT && i < who->n_posts; i++)
        if (str_eq(who->posts[i].role, g->role)) add_id(t, who->posts[i].unit);
    if (g->scope == ACCESS_OWN) {
        /* Acting for a company is acting for it alone: the person's own matters stay out of sight meanwhile. */
        add_id(t, who->on_behalf ? who->on_behalf : who->person);
        if (!who->on_behalf) add_id(t, who->account);
    }
    if (g->scope == ACCESS_ALL) t->all = true, t->by_all |= UINT32_C(1) << t->n_grants;
    t->grant[t->n_grants++] = g;
    return true;
}

void access_narrow(const struct scope_token *t, const struct actor *who, struct str role, struct scope_token *ret) {
    *ret = (struct scope_token){ .home = t->home, .act = t->act, .who = who };
    for (size_t i = 0; i < t->n_grants; i++)
        if (str_eq(t->grant[i]->role, role)) (void)apply(t->grant[i], who, ret);
}

struct str access_role_of(const struct scope_token *t) {
    return t->n_grants ? t->grant[0]->role : S("");
}

/* What is one's own is another's while one acts for him: as far as one's standing goes. */
static bool lets(const struct access_grant *g, bool stands) {
    return stands || g->scope != ACCESS_OWN;
}

int access_may_of(const struct realm *r, const struct actor *who, struct str act, const struct system *owner, struct scope_token *ret,
                  struct err *e) {
    const struct system **all;
    size_t n = r->systems.active(r->systems.context, &all);
    const bool stands = access_stands(r, who, act);
    *ret = (struct scope_token){ .home = r->home, .act = act, .who = who };
    for (size_t i = 0; i < n; i++) {
        const struct access_rules *rules = all[i]->access;
        if (owner && !str_eq(all[i]->id, owner->id)) continue;
        for (size_t k = 0; rules && k < rules->n_grants; k++)
            if (access_grant_names(&rules->grant[k], act) && lets(&rules->grant[k], stands)) (void)apply(&rules->grant[k], who, ret);
    }
    /* An empty installation: the worker may load and activate the first system, from which all other rights come. */
    static const struct access_grant first = { .role = S_INIT("worker"), .scope = ACCESS_ALL };
    if (n == 0 && str_starts(act, S("release."))) (void)apply(&first, who, ret);
    if (ret->overflow) return err_set(e, ERR_LIMIT, "%d", ACCESS_SCOPE_IDS_MAX);
    if (ret->n_grants) return 0;
    if (who->account == 0 || who->only) return err_set(e, ERR_LOGIN, NULL);
    return err_set(e, ERR_FORBIDDEN, "%.*s", STR_ARG(access_act_title(act)));
}

int access_may(const struct realm *r, const struct actor *who, struct str act, struct scope_token *ret, struct err *e) {
    return access_may_of(r, who, act, NULL, ret, e);
}

/* Levels of a 12-digit code end after 2, 4, 6, 9 and 12 digits. */
static const int64_t level[] = { 10000000000, 100000000, 1000000, 1000, 1 };
enum { LEVELS = sizeof level / sizeof *level };
_Static_assert(LEVELS + 1 == SCOPE_DIVISIONS_MAX, "one of each level, and the realm");

/* Is the division `below` the division `above`, or the same? */
static bool within(int64_t below, int64_t above) {
    if (above <= 0 || below <= 0) return false;
    for (size_t i = 0; i < LEVELS; i++)
        if (above % level[i] == 0) return above / level[i] == below / level[i];
    return false;
}

int access_covers(const struct scope_token *t, int64_t division, struct err *e) {
    uint32_t by = 0;
    for (size_t i = 0; i < t->n_grants; i++) {
        const struct access_grant *g = t->grant[i];
        bool covers = g->scope == ACCESS_ALL;
        for (size_t k = 0; g->scope == ACCESS_UNIT && t->who && k < t->who->n_posts; k++)
            covers |= str_eq(t->who->posts[k].role, g->role) && within(division, t->who->posts[k].division);
        if (covers) by |= UINT32_C(1) << i;
    }
    if (t->reached) *t->reached = by;
    return by ? 0 : err_set(e, ERR_NOT_FOUND, NULL);
}

size_t scope_divisions(struct home_id home, int64_t division, int64_t ret[SCOPE_DIVISIONS_MAX]) {
    size_t n = 0;
    ret[n++] = home.v;
    for (size_t i = 0; division > 0 && i < LEVELS; i++) {
        const int64_t above = division / level[i] * level[i];
        if (above > 0 && above != ret[n - 1]) ret[n++] = above;
    }
    return n;
}

int access_divisions(const struct scope_token *t, struct scope_token *ret, struct err *e) {
    struct scope_token mine = *t;
    mine.n = 0;
    memset(mine.by, 0, sizeof mine.by);
    for (mine.n_grants = 0; mine.n_grants < t->n_grants; mine.n_grants++) { /* add_id notes the grant of that number */
        const struct access_grant *g = t->grant[mine.n_grants];
        for (size_t k = 0; g->scope == ACCESS_UNIT && t->who && k < t->who->n_posts; k++)
            if (str_eq(t->who->posts[k].role, g->role)) add_id(&mine, t->who->posts[k].division);
    }
    *ret = mine;
    return mine.overflow ? err_set(e, ERR_LIMIT, "%d", ACCESS_SCOPE_IDS_MAX) : 0;
}

int access_under(const struct scope_token *t, const int64_t *path, size_t n, struct err *e) {
    uint32_t by = t->all ? t->by_all : 0;
    for (size_t i = 0; i < t->n; i++)
        for (size_t k = 0; k < n; k++)
            if (t->id[i] == path[k]) by |= t->by[i];
    if (t->reached) *t->reached = by;
    return by ? 0 : err_set(e, ERR_NOT_FOUND, NULL);
}

static struct val *actor_view(struct arena *a, const struct actor *who) {
    struct val *v = val_map(a), *roles = val_list(a), *units = val_list(a);
    for (size_t i = 0; i < who->n_posts; i++) {
        val_push(a, roles, val_str(a, who->posts[i].role));
        val_push(a, units, val_i64(a, who->posts[i].unit));
    }
    val_put_i64(a, v, S("account"), who->account);
    val_put_i64(a, v, S("person"), who->person);
    val_put_i64(a, v, S("on_behalf"), who->on_behalf);
    val_put(a, v, S("roles"), roles);
    val_put(a, v, S("units"), units);
    return v;
}

/* What is one's own is bound by being one's own. */
static bool bound(const struct access_grant *g) {
    return g->scope != ACCESS_OWN;
}

static bool covers(const struct access_grant *g, const struct actor *who, const struct val *object) {
    const struct val *systems = val_get(object, S("systems")), *item = val_get(object, S("item"));
    if (!bound(g)) return !item || actor_items(who, val_text(item));
    for (size_t i = 0; i < val_count(systems); i++)
        if (str_eq(val_text(val_item(systems, i)), g->system)) return true;
    return false;
}

int access_check(const struct scope_token *t, const struct actor *who, const struct val *object, struct arena *a, struct err *e) {
    struct val *context = NULL;
    bool covered = false;
    const uint32_t by = t->reached && *t->reached ? *t->reached : UINT32_MAX;
    for (size_t i = 0; i < t->n_grants; i++) {
        if (!(by >> i & 1) || !covers(t->grant[i], who, object)) continue;
        covered = true;
        if (!t->grant[i]->when) return 0;
        if (!context) {
            context = val_map(a);
            val_put(a, context, S("actor"), actor_view(a, who));
            val_put(a, context, S("object"), object ? val_copy(a, object) : val_null(a));
        }
        struct val *v = NULL;
        struct err ignored;
        if (feel_eval(t->grant[i]->when, context, a, &v, &ignored) == 0 && v && v->kind == VAL_BOOL && v->u.b) return 0;
    }
    if (!covered) return err_set(e, ERR_NOT_FOUND, NULL);
    return err_set(e, ERR_FORBIDDEN, "%.*s", STR_ARG(access_act_title(t->act)));
}

int access_may_by(const struct realm *r, const struct actor *who, struct str act, size_t nth, struct scope_token *ret, struct err *e) {
    const struct system **all;
    const size_t n = r->systems.active(r->systems.context, &all);
    *ret = (struct scope_token){ .home = r->home, .act = act, .who = who };
    for (size_t i = 0, at = 0; i < n; i++)
        for (size_t k = 0; all[i]->access && k < all[i]->access->n_grants; k++) {
            const struct access_grant *g = &all[i]->access->grant[k];
            if (!access_grant_names(g, act) || at++ != nth) continue;
            return lets(g, access_stands(r, who, act)) && apply(g, who, ret) ? 0 : err_set(e, ERR_FORBIDDEN, NULL);
        }
    return err_set(e, ERR_NOT_FOUND, NULL);
}

/* One statement for each order and direction, with and without a facet: each is one range of one index. The key's own bound stands by
 * itself, since under an OR it would bound nothing: the rows before the place would all be read again. */
#define RANGE(name, facet, key, sign, way) \
    STORE_STMT(name, STORE_READS, \
               "SELECT object, " key " FROM access_scope WHERE home = ? AND list = ? AND scope = ?" facet " AND " key " " sign \
               "= ? AND (" key " " sign " ? OR object " sign " ?) ORDER BY " key " " way ", object " way " LIMIT ?")
RANGE(access_page_first, "", "sort_key", "<", "DESC");
RANGE(access_page_first_back, "", "sort_key", ">", "ASC");
RANGE(access_page_second, "", "second_key", "<", "DESC");
RANGE(access_page_second_back, "", "second_key", ">", "ASC");
RANGE(access_page_a_first, " AND facet_a = ?", "sort_key", "<", "DESC");
RANGE(access_page_a_first_back, " AND facet_a = ?", "sort_key", ">", "ASC");
RANGE(access_page_a_second, " AND facet_a = ?", "second_key", "<", "DESC");
RANGE(access_page_a_second_back, " AND facet_a = ?", "second_key", ">", "ASC");
RANGE(access_page_b_first, " AND facet_b = ?", "sort_key", "<", "DESC");
RANGE(access_page_b_first_back, " AND facet_b = ?", "sort_key", ">", "ASC");
RANGE(access_page_b_second, " AND facet_b = ?", "second_key", "<", "DESC");
RANGE(access_page_b_second_back, " AND facet_b = ?", "second_key", ">", "ASC");
static const struct store_stmt *const ranges[][2][2] = {
    { { &access_page_first, &access_page_first_back }, { &access_page_second, &access_page_second_back } },
    { { &access_page_a_first, &access_page_a_first_back }, { &access_page_a_second, &access_page_a_second_back } },
    { { &access_page_b_first, &access_page_b_first_back }, { &access_page_b_second, &access_page_b_second_back } },
};

/* One scope's page is one range of the primary key; several scopes are merged, newest first. Scope `all` reads the realm's own
 * scope row, which every object has under the id of its home. */
struct merging {
    int64_t *ids, *keys;
    uint32_t *by; /* NULL: not asked for */
    size_t max, n;
    bool back; /* the smallest first */
    bool old;  /* some rows are of before there were facets */
};

static bool stands_before(const struct merging *m, size_t at, int64_t id, int64_t key) {
    if (m->keys[at] != key) return (m->keys[at] > key) != m->back;
    return m->ids[at] != id && (m->ids[at] > id) != m->back;
}

static void merge(struct merging *m, int64_t id, int64_t key, uint32_t by) {
    size_t at = m->n; /* from the end: the rows of one scope come in order */
    while (at && !stands_before(m, at - 1, id, key)) at--;
    if (at == m->max) return;
    if (at < m->n && m->ids[at] == id) {
        if (m->by) m->by[at] |= by;
        return;
    }
    if (m->n < m->max) m->n++;
    for (size_t k = m->n - 1; k > at; k--) {
        m->ids[k] = m->ids[k - 1], m->keys[k] = m->keys[k - 1];
        if (m->by) m->by[k] = m->by[k - 1];
    }
    m->ids[at] = id, m->keys[at] = key;
    if (m->by) m->by[at] = by;
}

struct place {
    int64_t scope, key, object;
    uint32_t by;
};

/* One range for each value of the facet: begun together, then merged. A row of before there were facets has an empty one: it may be what
 * is asked for, and who asked looks. */
static int scope_ranges(struct store_tx *tx, struct home_id home, struct str list, const struct scope_order *o, const struct place *at,
                        struct merging *m, struct err *e) {
    const struct store_stmt *st = ranges[o->facet][o->second][o->back];
    struct store_rows *rows[SCOPE_OR_MAX + 2];
    const struct access_word_place from = { at->scope, at->key, at->object, m->max };
    const size_t n = o->n_words ? o->n_words : o->facet == SCOPE_ANY ? 1 : o->n_or + 2;
    size_t begun = 0;
    int rc = o->n_or > SCOPE_OR_MAX || o->n_words > SCOPE_OR_MAX ? err_set(e, ERR_LIMIT, "%d", SCOPE_OR_MAX) : 0;
    while (!rc && begun < n) {
        struct str value = begun == 0 ? o->value : begun <= o->n_or ? o->or_value[begun - 1] : S("");
        rc = o->n_words ? access_word_begin(tx, o, list, &from, begun, &rows[begun], e)
           : o->facet ? store_query(tx, st, &rows[begun], e, SV_I(home.v), SV_T(list), SV_I(at->scope), SV_T(value), SV_I(at->key),
                                    SV_I(at->key), SV_I(at->object), SV_I(m->max))
                      : store_query(tx, st, &rows[begun], e, SV_I(home.v), SV_T(list), SV_I(at->scope), SV_I(at->key), SV_I(at->key),
                                    SV_I(at->object), SV_I(m->max));
        if (!rc) begun++;
    }
    for (size_t i = 0; i < begun; i++) {
        while (!rc && store_next(rows[i])) {
            m->old |= !o->n_words && o->facet && i == n - 1;
            merge(m, store_i64(rows[i], 0), store_i64(rows[i], 1), at->by);
        }
        int end = store_end(rows[i], rc ? NULL : e);
        if (!rc) rc = end;
    }
    return rc;
}

/* With `by`, every scope is read, also those that scope `all` covers: each may reach a row by a grant of its own. */
static int page_of(struct store_tx *tx, const struct scope_token *t, struct str list, const struct scope_order *o, int64_t key,
                   int64_t object, struct merging *m, struct err *e) {
    int rc = 0;
    m->back = o->back;
    if (key == 0 && object == 0) key = object = o->back ? INT64_MIN : INT64_MAX;
    for (size_t s = t->all && !m->by ? t->n : 0; !rc && s < t->n + t->all; s++) {
        const struct place at = { s < t->n ? t->id[s] : t->home.v, key, object, s < t->n ? t->by[s] : t->by_all };
        rc = scope_ranges(tx, t->home, list, o, &at, m, e);
    }
    return rc;
}

int scope_page(struct store_tx *tx, const struct scope_token *t, struct str list, const struct scope_order *o, int64_t before_key,
               int64_t before_object, int64_t *ids, int64_t *keys, size_t max, size_t *n, struct err *e) {
    struct merging m = { .ids = ids, .keys = keys, .max = max };
    int rc = page_of(tx, t, list, o, before_key, before_object, &m, e);
    *n = m.n;
    return rc;
}

int scope_count(struct store_tx *tx, const struct scope_token *t, struct str list, const struct scope_order *o, size_t *ret,
                struct err *e) {
    struct arena *a = store_arena(tx);
    struct merging m = { .max = SCOPE_COUNT_MAX };
    m.ids = arena_array(a, m.max, sizeof *m.ids);
    m.keys = arena_array(a, m.max, sizeof *m.keys);
    int rc = m.ids && m.keys ? page_of(tx, t, list, o, 0, 0, &m, e) : err_set(e, ERR_MEMORY, NULL);
    *ret = m.old ? SCOPE_UNCOUNTED : m.n;
    return rc;
}

/* ---- lists under conditions ---- */

bool access_conditional(const struct scope_token *t) {
    for (size_t i = 0; i < t->n_grants; i++)
        if (t->grant[i]->when || bound(t->grant[i])) return true;
    return t->who && t->who->on_behalf && t->who->n_items; /* a matter may be none of those that he acts in */
}

bool access_settles(const struct realm *r, const struct scope_token *t, struct str role) {
    const struct system **all;
    struct str by = { NULL, 0 };
    size_t n = r->systems.active(r->systems.context, &all), declared = 0;
    bool given = false;
    for (size_t i = 0; i < n; i++) {
        const struct access_role *roles;
        size_t k = all[i]->access ? access_roles(all[i]->access, &roles) : 0;
        for (size_t j = 0; j < k; j++)
            if (str_eq(roles[j].id, role)) by = all[i]->id, declared++;
    }
    for (size_t i = 0; i < t->n_grants; i++) {
        if (!str_eq(t->grant[i]->role, role)) continue;
        if (t->grant[i]->when) return false;
        given |= str_eq(t->grant[i]->system, by);
    }
    return declared == 1 && given;
}

void scope_walk_begin(struct scope_walk *w, const struct scope_token *t, struct str list, int64_t key, int64_t object, size_t max,
                      bool filtered) {
    *w = (struct scope_walk){ .token = *t, .list = list, .key = key, .object = object, .conditional = t->who && access_conditional(t) };
    w->filtered = filtered || w->conditional;
    w->token.reached = &w->reached;
    w->page = max < SCOPE_PAGE_MAX ? max : SCOPE_PAGE_MAX;
}

static int refill(struct store_tx *tx, struct scope_walk *w, struct err *e) {
    struct merging m = { .ids = w->ids, .keys = w->keys, .by = w->conditional ? w->by : NULL, .max = w->page };
    w->at = w->n = 0;
    if (w->looked >= SCOPE_LOOKED_MAX) {
        w->cut = true;
        return 0;
    }
    int rc = page_of(tx, &w->token, w->list, &w->order, w->key, w->object, &m, e);
    w->n = m.n;
    return rc;
}

int scope_walk_next(struct store_tx *tx, struct scope_walk *w, int64_t *ret, struct err *e) {
    *ret = 0;
    /* A page that was not full was the last; without anything to drop one page is all that is wanted. */
    bool more = w->looked == 0 || (w->filtered && w->n == w->page);
    if (w->at == w->n && more) {
        int rc = refill(tx, w, e);
        if (rc) return rc;
    }
    if (w->at == w->n) return 0;
    w->reached = w->conditional ? w->by[w->at] : 0;
    w->key = w->keys[w->at], w->object = w->ids[w->at];
    w->at++, w->looked++;
    *ret = w->object;
    return 0;
}

bool scope_walk_check(const struct scope_walk *w, const struct val *object, struct arena *a) {
    struct err ignored;
    return !w->conditional || access_check(&w->token, w->token.who, object, a, &ignored) == 0;
}
