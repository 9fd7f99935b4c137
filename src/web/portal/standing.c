/* standing: what belongs to a person in another standing than the present one: to himself while he acts for another, to a company or
 * a person that he may act for while he acts for himself or another. Such a thing is not shown (access.c: acting for another is acting
 * for him alone), but the way to it leads through B3 and back.
 * Invariant: nothing is told of a thing that is the reader's in no standing: the answer stays 404.
 */
#include "data/write.h"
#include "engine/identity/identity.h"
#include "engine/paper/paper.h"
#include "web/portal/portal.h"
#include "web/user.h"

/* Is the path's object this actor's own? */
static bool owns(struct store_tx *tx, struct page *p, const struct actor *as) {
    const struct realm *r = page_realm(p);
    struct scope_token t, own;
    struct paper_row row;
    int64_t id;
    struct err none = { 0 };
    if (access_may(r, as, S("case.read"), &t, &none)) return false;
    access_narrow(&t, as, S("person"), &own);
    if (portal_id(p, "case", &id, &none) == 0) return scope_reaches(tx, &own, S("case"), id, &none) == 0;
    if (portal_id(p, "paper", &id, &none) || paper_get(tx, r, id, &row, &none)) return false;
    if (!portal_paper_matter(tx, r, as, row.case_id)) return false;
    return (row.company ? row.company : row.person) == actor_owner(as);
}

bool portal_paper_matter(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id) {
    struct item_case c;
    struct err none = { 0 };
    if (!who->n_items) return true;
    return case_id && !item_case_get(tx, r, NULL, case_id, &c, &none) && actor_items(who, c.item);
}

int portal_standing_of(struct store_tx *tx, struct page *p, struct err *e) {
    struct actor as = *p->who;
    struct val *mandates;
    if (as.account == 0) return 0;
    int rc = identity_mandates(tx, page_realm(p), p->who, &mandates, e);
    for (size_t i = 0; !rc && i <= val_count(mandates); i++) { /* himself, then each for whom he acts */
        rc = identity_stand(tx, page_realm(p), &as, i ? val_get_i64(val_item(mandates, i - 1), S("id"), 0) : 0, e);
        if (rc || as.on_behalf == p->who->on_behalf || !owns(tx, p, &as)) continue;
        p->elsewhere = arena_fmt(p->req->arena, "/identity?for=%lld", (long long)as.on_behalf);
        break;
    }
    return rc;
}

static void other(struct page *p, struct val *list, int64_t id, struct str name) {
    struct val *v = val_map(p->a);
    struct buf b;
    buf_init(&b, p->a, 256, 16384);
    buf_add(&b, S("/identity?for="));
    buf_add_i64(&b, id);
    buf_add(&b, S("&back="));
    write_url_component(&b, p->req->path);
    val_put_str(p->a, v, S("name"), name);
    val_put_str(p->a, v, S("href"), page_href(p, buf_str(&b)));
    val_push(p->a, list, v);
}

int portal_standings_put(struct store_tx *tx, struct page *p, struct err *e) {
    struct val *mandates, *list = val_list(p->a);
    int rc = identity_mandates(tx, page_realm(p), p->who, &mandates, e);
    if (rc) return rc;
    if (p->who->on_behalf) other(p, list, 0, p->who->name);
    for (size_t i = 0; i < val_count(mandates); i++) {
        const struct val *m = val_item(mandates, i);
        int64_t id = val_get_i64(m, S("id"), 0);
        if (id != p->who->on_behalf) other(p, list, id, val_get_str(m, S("name")));
    }
    val_put(p->a, p->view, S("others"), list);
    return 0;
}
