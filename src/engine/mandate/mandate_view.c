/* mandate_view: what both sides see of a mandate: what it is for, whether a registry knows of a
 * tie between them, and what was done by it; see mandate.h. Invariant: nothing of a third person
 * is shown: of a tie only what the one is to the other.
 */
#include "engine/mandate/mandate.h"

#include "engine/item/item.h"
#include "engine/record/record.h"

struct val *mandate_standings(const struct realm *r, bool for_person, struct str lang,
                              struct arena *a) {
    const struct access_standing *all[ACCESS_STANDINGS_MAX];
    size_t n = access_standings(r, all, ACCESS_STANDINGS_MAX);
    struct val *list = val_list(a);
    for (size_t i = 0; i < n; i++) {
        struct val *v = val_map(a);
        if (all[i]->by_registry || !(for_person ? all[i]->of_person : all[i]->of_company)) continue;
        val_put_str(a, v, S("id"), all[i]->id);
        val_put_str(a, v, S("title"), realm_words(r, lang, all[i]->title));
        val_put_str(a, v, S("note"), realm_words(r, lang, all[i]->note));
        val_push(a, list, v);
    }
    return list;
}

struct val *mandate_items(const struct realm *r, bool for_person, struct str lang,
                          struct arena *a) {
    const struct system **all;
    struct val *list = val_list(a);
    for (size_t i = 0, n = r->systems.active(r->systems.context, &all); i < n; i++)
        for (size_t k = 0; k < all[i]->part[SYSTEM_ITEM].n; k++) {
            const struct item_type *t = all[i]->part[SYSTEM_ITEM].entry[k].value;
            struct val *v = val_map(a);
            if (!(for_person ? t->for_person : t->for_company)) continue;
            val_put_str(a, v, S("id"), t->id);
            val_put_str(a, v, S("title"), system_text(all[i], lang, t->name));
            val_push(a, list, v);
        }
    return list;
}

/* ---- ties ---- */

/* A record type whose two indexed references both are to people, and nothing else is referred to,
 * says how two people are tied: each element's title is what the one is to the other. */
static bool ties(const struct record_type *t, const struct record_field *of[2]) {
    size_t n = 0;
    for (size_t i = 0; i < t->n_fields; i++) {
        const struct record_field *f = &t->field[i];
        if (f->kind != RECORD_REF) continue;
        if (n == 2 || !str_eq(f->ref, S("person")) || f->index != RECORD_PLAIN) return false;
        of[n++] = f;
    }
    return n == 2;
}

/* What `other` is to `person` by one type, or nothing. */
static int tie_by(struct store_tx *tx, const struct realm *r, const struct record_type *t,
                  const struct record_field *of[2], int64_t person, int64_t other,
                  struct str *ret, struct err *e) {
    struct str key = arena_i64(store_arena(tx), person);
    for (size_t side = 0; side < 2; side++) {
        int64_t ids[MANDATE_TIES_MAX], who;
        size_t n;
        int rc = record_find(tx, r, t, of[side]->name, key, ids, MANDATE_TIES_MAX, &n, e);
        for (size_t i = 0; !rc && i < n; i++) {
            struct record rec;
            rc = record_get(tx, r, t, ids[i], &rec, e);
            if (rc || !str_eq(rec.state, S("active"))) continue;
            bool is = val_to_i64(val_get(rec.values, of[!side]->name), &who) && who == other;
            if (is) *ret = of[!side]->title;
        }
        if (rc || ret->len) return rc;
    }
    return 0;
}

static int kin(struct store_tx *tx, const struct realm *r, const struct identity_mandate *m,
               struct str lang, struct str *ret, struct err *e) {
    const struct system **all;
    size_t n = r->systems.active(r->systems.context, &all);
    struct actor other;
    struct str found = S("");
    int rc = m->for_person ? identity_actor_of(tx, r, m->account, &other, e) : ERR_NOT_FOUND;
    *ret = S("");
    if (rc) return rc == ERR_NOT_FOUND ? 0 : rc;
    for (size_t i = 0; !rc && i < n; i++)
        for (size_t k = 0; !rc && !found.len && k < all[i]->part[SYSTEM_RECORD].n; k++) {
            const struct record_type *t = all[i]->part[SYSTEM_RECORD].entry[k].value;
            const struct record_field *of[2];
            if (!other.person || !ties(t, of)) continue;
            rc = tie_by(tx, r, t, of, m->principal, other.person, &found, e);
        }
    *ret = found.len ? realm_words(r, lang, found) : S("");
    return rc;
}

/* ---- lists ---- */

static struct str items_text(const struct realm *r, struct str items, struct str lang,
                             struct arena *a) {
    struct buf b;
    struct str one;
    buf_init(&b, a, 128, 8192);
    while (str_cut(&items, ' ', &one)) {
        if (one.len == 0) continue;
        if (buf_str(&b).len) buf_add(&b, realm_text(r, lang, S("、")));
        const struct system *m;
        const struct item_type *t = realm_find(r, SYSTEM_ITEM, one, &m);
        buf_add(&b, t ? system_text(m, lang, t->name) : one);
    }
    return buf_str(&b);
}

/* As people read it: the time is over, or has not come. */
static struct str standing_state(const struct identity_mandate *m, int64_t now_ms) {
    bool open = str_eq(m->state, S("active")) || str_eq(m->state, S("offered"));
    return open && m->until_ms && m->until_ms <= now_ms ? S("expired") : m->state;
}

/* `holder`: the actor holds it, or it is offered to him. */
static int row_view(struct store_tx *tx, const struct realm *r, bool holder,
                    const struct identity_mandate *m, struct str lang, struct val **ret,
                    struct err *e) {
    struct arena *a = store_arena(tx);
    const struct access_standing *s = access_standing(r, m->standing);
    struct str state = standing_state(m, store_now_ms(tx)), tie;
    bool offered = str_eq(state, S("offered")), open = offered || str_eq(state, S("active"));
    struct val *v = val_map(a);
    int rc = kin(tx, r, m, lang, &tie, e);
    val_put_i64(a, v, S("id"), m->id);
    val_put_str(a, v, S("principal"), m->principal_name);
    val_put_str(a, v, S("name"), m->name);
    val_put_str(a, v, S("phone"), m->account ? S("") : m->phone_shown);
    val_put_str(a, v, S("standing"), s ? realm_words(r, lang, s->title) : m->standing);
    val_put_str(a, v, S("note"), s ? realm_words(r, lang, s->note) : S(""));
    val_put_str(a, v, S("items"), items_text(r, m->items, lang, a));
    val_put_str(a, v, S("state"), state);
    val_put_str(a, v, S("kin"), tie);
    val_put_i64(a, v, S("made_ms"), m->made_ms);
    val_put_i64(a, v, S("accepted_ms"), m->accepted_ms);
    val_put_i64(a, v, S("until_ms"), m->until_ms);
    val_put_i64(a, v, S("ended_ms"), m->ended_ms);
    val_put_bool(a, v, S("holder"), holder);
    val_put_bool(a, v, S("by_registry"), s && s->by_registry);
    val_put_bool(a, v, S("may_accept"), offered && holder);
    val_put_bool(a, v, S("may_end"), open && !(s && s->by_registry));
    *ret = v;
    return rc;
}

/* What is offered to the actor's phone among what he holds, each in its place by id. `last` is that of a page that more follow, or NULL. */
static size_t merge(struct identity_mandate *all, size_t n, const struct identity_mandate *offers, size_t n_offers, bool back, int64_t at,
                    const struct identity_mandate *last) {
    const int64_t end = last ? last->id : back ? INT64_MAX : 0;
    for (size_t i = 0; i < n_offers; i++) {
        const int64_t id = offers[i].id;
        size_t to = n;
        if (back ? id <= at || id > end : id < end) continue;
        while (to > 0 && (back ? all[to - 1].id > id : all[to - 1].id < id)) all[to] = all[to - 1], to--;
        all[to] = offers[i], n++;
    }
    return n;
}

int mandate_list(struct store_tx *tx, const struct realm *r, const struct actor *who,
                 const struct mandate_query *q, struct str lang, struct val **ret, struct err *e) {
    enum { PAGE_MAX = 128 };
    struct scope_token t;
    struct arena *a = store_arena(tx);
    struct identity_mandate *all = arena_array(a, PAGE_MAX + MANDATE_PHONES_MAX, sizeof *all),
                            offers[MANDATE_PHONES_MAX];
    size_t n, n_offers = 0;
    int64_t at = q->at;
    *ret = val_list(a);
    if (!all) return err_set(e, ERR_MEMORY, NULL);
    int rc = access_may(r, who, S("mandate.read"), &t, e);
    if (!rc && q->given && !mandate_may_give(r, who)) return 0;
    for (bool more = true; !rc && more && val_count(*ret) < q->max;) {
        rc = identity_mandates_page(tx, r, q->given, q->given ? actor_owner(who) : who->account,
                                    at, q->back, all, PAGE_MAX, &n, e);
        more = n == PAGE_MAX;
        if (!rc && !q->given)
            rc = mandate_offered(tx, r, who, q->back ? 0 : at, offers, MANDATE_PHONES_MAX, &n_offers, e);
        if (!rc) n = merge(all, n, offers, n_offers, q->back, at, more ? &all[n - 1] : NULL);
        for (size_t i = 0; !rc && i < n && val_count(*ret) < q->max; i++) {
            struct val *v;
            at = all[i].id;
            if (q->state.len && !str_eq(q->state, standing_state(&all[i], store_now_ms(tx))))
                continue;
            rc = row_view(tx, r, all[i].account == who->account || (!q->given && !all[i].account),
                          &all[i], lang, &v, e);
            if (!rc) val_push(a, *ret, v);
        }
    }
    return rc;
}

int mandate_view(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id,
                 struct str lang, struct val **ret, struct identity_mandate *row, struct err *e) {
    struct scope_token t;
    access_asked(tx, S("mandate"), id, 0);
    int rc = access_may(r, who, S("mandate.read"), &t, e);
    if (!rc) rc = identity_mandate_get(tx, r, id, row, e);
    if (rc) return rc;
    bool giver = row->principal == actor_owner(who) && mandate_may_give(r, who), named;
    rc = mandate_named(tx, r, who, row, &named, e);
    if (rc) return rc;
    named |= row->account == who->account;
    return named || giver ? row_view(tx, r, named, row, lang, ret, e) : err_set(e, ERR_NOT_FOUND, NULL);
}

int mandate_acts(struct store_tx *tx, const struct realm *r, const struct identity_mandate *m,
                 int64_t before, struct audit_row *rows, size_t max, size_t *n, int64_t *ret_next,
                 struct err *e) {
    struct arena *a = store_arena(tx);
    struct audit_row *page = arena_array(a, AUDIT_PAGE_MAX, sizeof *page);
    struct audit_filter f = { .actor = m->account, .from_ms = m->accepted_ms };
    enum { PAGES_MAX = 5 };
    *n = 0;
    *ret_next = 0;
    if (!page) return err_set(e, ERR_MEMORY, NULL);
    if (m->accepted_ms == 0) return 0;
    if (m->ended_ms) f.to_ms = m->ended_ms + 1;
    for (size_t turn = 0; turn < PAGES_MAX; turn++) {
        size_t got, i = 0;
        int rc = audit_find(tx, r->home, &f, before, page, AUDIT_PAGE_MAX, &got, e);
        if (rc) return rc;
        for (; i < got && *n < max; i++) {
            before = page[i].number;
            if (page[i].entry.on_behalf == m->principal) rows[(*n)++] = page[i];
        }
        if (i < got) *ret_next = before;
        else if (got == AUDIT_PAGE_MAX && turn + 1 == PAGES_MAX) *ret_next = before;
        if (*ret_next || got < AUDIT_PAGE_MAX) break;
    }
    return 0;
}
