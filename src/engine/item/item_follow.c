/* item_follow: see item_follow.h. The lists are scope rows "begun" and "followed", of the officer's account. */
#include "engine/item/item_follow.h"

#include "engine/code/code_check.h"
#include "engine/item/item_rows.h"
#include "engine/notify/notify.h"

static const struct str lists[] = { [ITEM_BEGUN] = S_INIT("begun"), [ITEM_FOLLOWED] = S_INIT("followed") };

/* ---- keeping ---- */

static struct scope_token own(const struct realm *r, const struct actor *who) {
    return (struct scope_token){ .home = r->home, .id = { who->account }, .n = 1 };
}

static int stands(struct store_tx *tx, const struct realm *r, const struct actor *who, enum item_kept list, int64_t case_id, bool *ret,
                  struct err *e) {
    const struct scope_token his = own(r, who);
    struct err none = { 0 };
    int rc = scope_reaches(tx, &his, lists[list], case_id, &none);
    *ret = rc == 0;
    if (rc && rc != ERR_NOT_FOUND) *e = none;
    return rc == ERR_NOT_FOUND ? 0 : rc;
}

int item_kept_put(struct act *act, const struct item_case *c, enum item_kept list, struct err *e) {
    const int64_t now = store_now_ms(act->tx);
    const struct scope_keys keys = { .first = now, .second = now, .a = c->item };
    bool there;
    int rc = stands(act->tx, act->realm, act->who, list, c->id, &there, e);
    return rc || there ? rc : scope_place(act->tx, act->realm->home, lists[list], act->who->account, &keys, c->id, e);
}

static int room(struct act *act, int64_t case_id, struct err *e) {
    int64_t ids[ITEM_FOLLOWERS_MAX];
    size_t n;
    int rc = scope_of(act->tx, act->realm->home, lists[ITEM_FOLLOWED], case_id, ids, ITEM_FOLLOWERS_MAX, &n, e);
    for (size_t i = 0; !rc && i < n; i++)
        if (ids[i] == act->who->account) return 0;
    return rc || n < ITEM_FOLLOWERS_MAX ? rc : err_set(e, ERR_LIMIT, "%d", ITEM_FOLLOWERS_MAX);
}

int item_follow_end(struct act *act, int64_t account, int64_t case_id, struct err *e) {
    return scope_leave(act->tx, act->realm->home, lists[ITEM_FOLLOWED], account, case_id, e);
}

int item_follow(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id, bool follow, struct err *e) {
    struct act act;
    struct item_case c;
    access_asked(tx, S("case"), case_id, case_id);
    int rc = act_open(&act, tx, r, who, S("case.follow"), e);
    if (!rc) rc = item_case_get(tx, r, &act.scope, case_id, &c, e);
    if (rc) return rc;
    act.release = c.release;
    act.subject = c.person;
    if (follow) rc = item_unbound(tx, r, &c, who, e);
    if (!rc && follow) rc = room(&act, case_id, e);
    if (!rc) rc = follow ? item_kept_put(&act, &c, ITEM_FOLLOWED, e) : item_follow_end(&act, who->account, case_id, e);
    return rc ? rc : act_close(&act, S("case"), case_id, case_id, follow ? S("follow") : S("leave"), e);
}

int item_follow_view(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id, bool *may, bool *follows,
                     struct err *e) {
    struct scope_token ignored;
    *follows = false;
    *may = access_may(r, who, S("case.follow"), &ignored, NULL) == 0;
    return *may ? stands(tx, r, who, ITEM_FOLLOWED, case_id, follows, e) : 0;
}

/* ---- telling ---- */

/* By the right to read the case as it stands now. */
static bool reads(struct store_tx *tx, const struct scope_token *read, const struct item_case *c) {
    struct scope_token t = *read;
    struct err ignored = { 0 };
    uint32_t reached = 0;
    t.reached = &reached;
    return scope_reaches(tx, &t, S("case"), c->id, &ignored) == 0 &&
           access_check(&t, t.who, item_case_object(store_arena(tx), c), store_arena(tx), &ignored) == 0;
}

/* May he know at this moment? An account that is shut, or is nobody's any more, may not. */
static bool may_know(struct act *act, const struct item_case *c, int64_t account) {
    struct scope_token read;
    struct actor him;
    struct str why = S("");
    struct err ignored = { 0 };
    return identity_actor_of(act->tx, act->realm, account, &him, &ignored) == 0 &&
           access_may(act->realm, &him, S("case.read"), &read, &ignored) == 0 && reads(act->tx, &read, c) &&
           item_bound(act->tx, act->realm, c, &him, &why, &ignored) == 0 && !why.len;
}

int item_follow_tell(struct act *act, struct item_case *c, struct err *e) {
    struct arena *a = store_arena(act->tx);
    int64_t ids[ITEM_FOLLOWERS_MAX];
    size_t n = 0;
    if (str_eq(c->was, c->state)) return 0;
    int rc = scope_of(act->tx, act->realm->home, lists[ITEM_FOLLOWED], c->id, ids, ITEM_FOLLOWERS_MAX, &n, e);
    c->was = c->state;
    if (rc || n == 0) return rc;
    struct val *more = val_map(a);
    val_put(a, more, S("state"), notify_words(a, act->realm, item_word_text(act->realm, S("zh"), item_state_shown(c))));
    for (size_t i = 0; !rc && i < n; i++)
        if (ids[i] != act->who->account && may_know(act, c, ids[i]))
            rc = item_flow_tell_one(act, c, ids[i], S("case-followed"), more, e);
    return rc;
}

/* ---- the lists ---- */

struct listing {
    const struct realm *r;
    const struct actor *who;
    enum item_kept list;
    struct scope_token read, intake;
    bool may_read, may_take; /* is there such a token at all? */
    struct str lang;
    struct val *rows;
};

/* Could he take it in at his window, where what he took in is his to look up? As item_intake_get. */
static bool takes(struct store_tx *tx, const struct listing *l, const struct item_case *c) {
    struct scope_token t = l->intake;
    struct err ignored = { 0 };
    uint32_t reached = 0;
    t.reached = &reached;
    return l->may_take && access_covers(&t, c->division, &ignored) == 0 &&
           access_check(&t, l->who, item_case_object(store_arena(tx), c), store_arena(tx), &ignored) == 0;
}

static int push(struct store_tx *tx, const struct listing *l, const struct scope_walk *w, int64_t id, struct err *e) {
    struct arena *a = store_arena(tx);
    struct item_case c;
    int rc = item_case_get(tx, l->r, NULL, id, &c, e);
    if (rc) return rc;
    const bool opens = l->may_read && reads(tx, &l->read, &c);
    if (!opens && (l->list != ITEM_BEGUN || !takes(tx, l, &c))) return 0; /* not his to know any more */
    struct val *v = item_head_view(l->r, &c, l->lang, a);
    if (!c.company) val_put_str(a, v, S("applicant"), code_mask(a, S("person-name"), val_get_str(v, S("applicant"))));
    val_put_i64(a, v, S("key"), w->key);
    val_put_str(a, v, S("kept"), realm_time(l->r, a, l->lang, w->key));
    val_put_bool(a, v, S("opens"), opens);
    val_push(a, l->rows, v);
    return 0;
}

int item_kept_view(struct store_tx *tx, const struct realm *r, const struct actor *who, enum item_kept list, struct item_case_query *q,
                   struct str lang, struct val **ret, struct err *e) {
    struct scope_walk *w = arena_new(store_arena(tx), struct scope_walk);
    struct listing *l = arena_new(store_arena(tx), struct listing);
    const struct scope_token his = own(r, who);
    int64_t id = 0;
    int rc = 0;
    q->total = SCOPE_UNCOUNTED; /* what he may know no more is left out */
    if (!w || !l) return err_set(e, ERR_MEMORY, NULL);
    *l = (struct listing){ .r = r, .who = who, .list = list, .lang = lang, .rows = val_list(store_arena(tx)) };
    *ret = l->rows;
    l->may_read = access_may(r, who, S("case.read"), &l->read, NULL) == 0;
    l->may_take = access_may(r, who, S("case.intake"), &l->intake, NULL) == 0;
    scope_walk_begin(w, &his, lists[list], q->at.key, q->at.id, q->max, true);
    w->order = (struct scope_order){ .back = q->back, .facet = q->item.len ? SCOPE_A : SCOPE_ANY, .value = q->item };
    while (!rc && val_count(*ret) < q->max) {
        rc = scope_walk_next(tx, w, &id, e);
        if (rc || id == 0) break;
        rc = push(tx, l, w, id, e);
    }
    q->at = (struct item_place){ w->key, w->object, w->cut };
    return rc;
}
