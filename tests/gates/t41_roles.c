/* t41_roles: is there somebody for each role and each standing that the loaded systems declare? Invariant: what there is to hold is read
 * from the systems' own rules, who holds it from the principals; a role that is nobody's is one that the engine refuses to give.
 */
#include "t41.h"

#include "engine/identity/identity.h"

#include <stdio.h>
#include <string.h>

#define UNHELD "unheld-role"
#define UNSTOOD "unheld-standing"

/* One role, or one standing for a company or for a person. */
struct held {
    struct str id;
    bool standing, for_person;
};

struct counting {
    struct t41_city *t;
    const struct t41_principal *without; /* as if he did not ask: for the controls */
    struct held *missing;
    size_t n_missing, n, n_nobodys;
    struct str role;
    struct actor giver;
};

enum { MISSING_MAX = 64 };

static bool holds(const struct t41_principal *p, const struct held *h) {
    if (p->dead || !p->cookie.len) return false;
    if (!h->standing) return access_holds(&p->who, h->id);
    return p->who.on_behalf && str_eq(p->who.standing, h->id) && p->who.for_person == h->for_person;
}

/* The engine is asked to give it to somebody: ERR_CODE at the role where nobody may hold it. */
static int grant_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct counting *c = job->arg;
    const struct realm *r = &c->t->city->app->realm;
    int64_t account, unit;
    int rc = identity_account_by_login(tx, r, S("victim"), &account, e);
    if (!rc) rc = identity_unit_by_code_find(tx, r, S("city"), &unit, e);
    if (!rc) rc = identity_post_grant(tx, r, &c->giver, account, c->role, unit, e);
    return rc ? rc : err_set(e, ERR_STATE, "it could be given"); /* leaves nothing */
}

static bool is_nobodys(struct counting *c, struct str role) {
    struct err e = { 0 };
    c->role = role;
    return city_fixture_run(c->t->city, grant_body, c, &e) == ERR_CODE && !strcmp(e.field, "role");
}

static void look(struct counting *c, struct held h) {
    c->n++;
    for (size_t i = 0; i < c->t->n_principals; i++)
        if (&c->t->principal[i] != c->without && holds(&c->t->principal[i], &h)) return;
    if (!h.standing && is_nobodys(c, h.id)) {
        c->n_nobodys++;
        return;
    }
    if (c->n_missing < MISSING_MAX) c->missing[c->n_missing++] = h;
}

static size_t count(struct counting *c, const struct t41_principal *without) {
    const struct realm *r = &c->t->city->app->realm;
    const struct system **all;
    size_t n = r->systems.active(r->systems.context, &all);
    c->without = without;
    c->n = c->n_missing = c->n_nobodys = 0;
    for (size_t i = 0; i < n; i++) {
        const struct access_role *role;
        const struct access_standing *standing;
        size_t n_roles = access_roles(all[i]->access, &role), n_standings = access_standings_of(all[i]->access, &standing);
        for (size_t k = 0; k < n_roles; k++) look(c, (struct held){ .id = role[k].id });
        for (size_t k = 0; k < n_standings; k++) {
            if (standing[k].of_company) look(c, (struct held){ standing[k].id, true, false });
            if (standing[k].of_person) look(c, (struct held){ standing[k].id, true, true });
        }
    }
    return c->n_missing;
}

static bool misses(const struct counting *c, const char *id) {
    for (size_t i = 0; i < c->n_missing; i++)
        if (str_eq(c->missing[i].id, str_of(id))) return true;
    return false;
}

/* Whoever is the only one of his role or standing is missed where he does not ask. */
static unsigned count_alone(struct counting *c, unsigned *unmissed) {
    unsigned alone = 0;
    for (size_t p = 0; p < c->t->n_principals; p++) {
        const struct t41_principal *who = &c->t->principal[p];
        struct held his[8];
        size_t n = 0;
        for (size_t k = 0; k < who->who.n_posts && n < 7; k++) his[n++] = (struct held){ .id = who->who.posts[k].role };
        if (who->who.on_behalf) his[n++] = (struct held){ who->who.standing, true, who->who.for_person };
        bool only = false;
        for (size_t k = 0; k < n; k++) {
            size_t holders = 0;
            for (size_t i = 0; i < c->t->n_principals; i++) holders += holds(&c->t->principal[i], &his[k]);
            only |= holds(who, &his[k]) && holders == 1;
        }
        if (!only) continue;
        alone++;
        if (count(c, who) == 0) *unmissed += 1, (void)printf("control: nobody misses %s\n", who->name);
    }
    return alone;
}

unsigned t41_roles_judge(struct t41_city *t, unsigned *passed) {
    struct held missing[MISSING_MAX];
    struct counting c = { .t = t, .missing = missing };
    unsigned unmissed = 0;
    city_fixture_actor(t->city, "security", &c.giver);
    unsigned failed = (unsigned)count(&c, NULL);
    for (size_t i = 0; i < failed; i++)
        (void)printf("no principal for the %s %.*s%s\n", missing[i].standing ? "standing" : "role", STR_ARG(missing[i].id),
                     !missing[i].standing ? "" : missing[i].for_person ? ", for a person" : ", for a company");
    const size_t held = c.n, nobodys = c.n_nobodys;
    unsigned alone = count_alone(&c, &unmissed);
    /* A role and a standing that a system's next release declares. */
    city_fixture_change(t->city, "systems/approval/birth", "access.yaml", "roles:\n", "roles:\n  " UNHELD ": {title: 无人}\n");
    city_fixture_change(t->city, "systems/common", "access.yaml", "standings:\n",
                        "standings:\n  " UNSTOOD ": {title: 无人, of: [person], may: [case.read]}\n");
    bool found = count(&c, NULL) == failed + 2 && misses(&c, UNHELD) && misses(&c, UNSTOOD);
    bool sound = found && !unmissed && alone > 0;
    (void)printf("roles: %zu roles and standings, %u without a principal, %zu that nobody may hold; controls: %u who stand alone, %u of "
                 "them not missed, a new role and a new standing %s\n",
                 held, failed, nobodys, alone, unmissed, found ? "missed" : "NOT MISSED");
    *passed += (unsigned)held - failed + sound;
    return failed + !sound;
}
