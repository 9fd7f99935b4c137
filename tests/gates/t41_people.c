/* t41_people: the principals of the gate and their sessions. Invariant: accounts and posts come
 * about by the engine's own commands, given by the realm's worker as the demo city's are; nothing
 * here writes a row.
 */
#include "t41.h"

#include "app/sample.h"
#include "data/csv.h"
#include "engine/identity/identity.h"
#include "engine/mandate/mandate.h"
#include "engine/record/record.h"
#include "os/os.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whom the demo city lacks: the same offices in another district, one above both, one without the
 * role, a second citizen, a second company, three who are named by others, a post that has ended, an account that is locked.
 * `person`: the n-th adult of the first district in the sample, `company`: its n-th company, from 1
 * (the demo city's own); 0 for none. */
struct extra {
    const char *login, *role, *unit;
    int person, company;
    bool ended, locked;
};
static const struct extra extras[] = {
    { .login = "neighbour", .person = 2 },
    { .login = "rival", .company = 8 },
    { .login = "viewer", .person = 5 },
    { .login = "agent-event", .person = 6 },
    { .login = "onlooker", .person = 7 },
    { .login = "window-far", .role = "window-clerk", .unit = "service-centre.120103" },
    { .login = "food-far", .role = "food-reviewer", .unit = "market-regulation.120103" },
    { .login = "police-far", .role = "police-officer", .unit = "police.120103" },
    { .login = "food-city", .role = "food-reviewer", .unit = "city" },
    { .login = "fire-far", .role = "fire-reviewer", .unit = "district.120103" },
    { .login = "registrar-near", .role = "population-registrar", .unit = "police.120101" },
    { .login = "registrar-city", .role = "population-registrar", .unit = "city" },
    { .login = "lapsed", .role = "food-reviewer", .unit = "market-regulation.120101",
      .ended = true },
    { .login = "locked", .role = "food-reviewer", .unit = "market-regulation.120101",
      .locked = true },
    { .login = "victim", .role = "sign-reviewer", .unit = "district.120103" },
};
static const char *const units[][4] = {
    { "service-centre.120103", "河西区政务服务中心（演示）", "district.120103", "120103" },
    { "police.120103", "公安河西分局户籍窗口（演示）", "district.120103", "120103" },
};

/* Who acts for whom by a mandate, beside the legal persons: those whom the demo city names (its finance officer has not answered yet),
 * and those who are named here: for a company to look on, for it in one matter alone, for a person to look on. */
struct member {
    const char *login, *giver, *standing, *item;
};
static const struct member members[] = {
    { .login = "agent" },
    { .login = "finance" },
    { .login = "daughter" },
    { "viewer", "company", "viewer", NULL },
    { "agent-event", "company", "agent", "outdoor-event" },
    { "onlooker", "neighbour", "viewer", NULL },
};

struct making {
    struct t41_city *t;
    const struct extra *x;
    const struct member *member;
    int64_t person, company;
    struct str company_name;
    struct actor who, giver;
    int64_t session;
    uint8_t token[IDENTITY_TOKEN_BYTES], turned[IDENTITY_TOKEN_BYTES];
};

static int unit_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct app *app = ((struct making *)job->arg)->t->city->app;
    const struct realm *r = &app->realm;
    int64_t id;
    int rc = 0;
    for (size_t i = 0; !rc && i < sizeof units / sizeof *units; i++)
        rc = identity_unit_put(tx, r, &app->worker, str_of(units[i][0]), str_of(units[i][1]), str_of(units[i][2]),
                               realm_division(str_of(units[i][3])), &id, e);
    return rc;
}

/* The record of the sample's row, found again by its key. */
static int record_of(struct store_tx *tx, const struct realm *r, struct str type, const char *key,
                     const struct val *row, struct record *ret, struct err *e) {
    const struct system *sys;
    const struct record_type *t = realm_find(r, SYSTEM_RECORD, type, &sys);
    int64_t id;
    size_t n = 0;
    int rc = record_find(tx, r, t, str_of(key), val_get_str(row, str_of(key)), &id, 1, &n, e);
    if (!rc && n == 0) rc = err_set(e, ERR_NOT_FOUND, "%s", key);
    return rc ? rc : record_get(tx, r, t, id, ret, e);
}

static const struct val *adult(const struct val *people, int n) {
    for (size_t i = 0; i < val_count(people); i++) {
        const struct val *v = val_item(people, i);
        if (str_cmp(val_get_str(v, S("birth_date")), S("2000-01-01")) < 0 &&
            str_starts(val_get_str(v, S("division")), S("120101")) && --n == 0)
            return v;
    }
    return NULL;
}

static int account_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct making *m = job->arg;
    const struct app *app = m->t->city->app;
    const struct realm *r = &app->realm;
    struct arena *a = store_arena(tx);
    struct sample_city sample;
    struct val *rows;
    struct record found;
    int64_t person = 0, company = 0, id, unit;
    struct str company_name = S("");
    int rc = sample_make(a, CITY_SAMPLE_SEED, CITY_PEOPLE, CITY_COMPANIES,
                         tz_date(r->tz, CITY_START_MS), &sample, e);
    if (!rc && m->x->person) {
        rc = csv_table(a, sample.people, &rows, e);
        if (!rc)
            rc = record_of(tx, r, S("person"), "citizen_id", adult(rows, m->x->person), &found, e);
        person = found.id;
    }
    if (!rc && m->x->company) {
        rc = csv_table(a, sample.companies, &rows, e);
        if (!rc)
            rc = record_of(tx, r, S("company"), "uscc", val_item(rows, (size_t)m->x->company - 1),
                           &found, e);
        company = found.id;
        company_name = val_get_str(found.values, S("name"));
        if (!rc) (void)val_to_i64(val_get(found.values, S("legal_person")), &person);
    }
    if (!rc)
        rc = identity_account_create(tx, r, &app->worker, str_of(m->x->login), S("样门"), S("-"),
                                     person, true, &id, e);
    if (!rc && company)
        rc = identity_mandate_put(tx, r, &app->worker, id, company, company_name, S("legal-representative"),
                                  e);
    if (rc || !m->x->role) return rc;
    rc = identity_unit_by_code_find(tx, r, str_of(m->x->unit), &unit, e);
    return rc ? rc : identity_post_grant(tx, r, &app->worker, id, str_of(m->x->role), unit, e);
}

/* ---- mandates ---- */

/* What the member is offered, accepted. */
static int accept_all(struct store_tx *tx, const struct realm *r, const struct actor *holder, struct err *e) {
    const struct mandate_query offered = { .max = IDENTITY_MANDATES_MAX, .state = S("offered") };
    struct val *list;
    int rc = mandate_list(tx, r, holder, &offered, S("zh"), &list, e);
    for (size_t i = 0; !rc && i < val_count(list); i++)
        rc = mandate_answer(tx, r, holder, val_get_i64(val_item(list, i), S("id"), 0), true, e);
    return rc;
}

static int member_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct making *m = job->arg;
    const struct realm *r = &m->t->city->app->realm;
    struct str item = m->member->item ? str_of(m->member->item) : S("");
    struct record rec;
    int64_t id;
    int rc = record_get(tx, r, realm_find(r, SYSTEM_RECORD, S("person"), NULL), m->who.person, &rec, e);
    if (!rc && m->member->giver) {
        const struct mandate_offer o = { .name = val_get_str(rec.values, S("name")),
                                         .citizen_id = val_get_str(rec.values, S("citizen_id")),
                                         .standing = str_of(m->member->standing),
                                         .items = &item, .n_items = item.len > 0, .months = 36, .agreed = true };
        rc = mandate_give(tx, r, &m->giver, &o, &id, e);
    }
    return rc ? rc : accept_all(tx, r, &m->who, e);
}

static void make_members(struct t41_city *t) {
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        struct making m = { .t = t, .member = &members[i] };
        struct err e = { 0 };
        city_fixture_actor(t->city, members[i].login, &m.who);
        if (members[i].giver) city_fixture_actor(t->city, members[i].giver, &m.giver);
        if (city_fixture_run(t->city, member_body, &m, &e)) t41_stop(members[i].login, &e);
    }
}

/* ---- sessions ---- */

static int open_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct making *m = job->arg;
    const struct realm *r = &m->t->city->app->realm;
    struct identity_login login = { .account = m->who.account, .verified = true };
    struct actor nobody = { .request_id = S("gate"), .peer = S("-") };
    int rc = identity_login_finish(tx, r, &nobody, &login, m->token, &m->session, e);
    struct actor who = m->who;
    who.session = m->session;
    if (rc || !who.on_behalf) return rc;
    return identity_session_switch(tx, r, &who, who.on_behalf, m->turned, e);
}

struct str t41_sign_in(struct t41_city *t, const struct t41_principal *p, struct arena *a) {
    struct making m = { .t = t, .who = p->who };
    struct err e = { 0 };
    os_random(m.token, sizeof m.token);
    os_random(m.turned, sizeof m.turned);
    if (city_fixture_run(t->city, open_body, &m, &e)) t41_stop(p->name, &e);
    const uint8_t *token = p->who.on_behalf ? m.turned : m.token;
    return crypto_base64url(a, str_make((const char *)token, IDENTITY_TOKEN_BYTES));
}

static int mandate_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct making *m = job->arg;
    struct val *mandates;
    int rc = identity_mandates(tx, &m->t->city->app->realm, &m->who, &mandates, e);
    m->company = rc ? 0 : val_get_i64(val_item(mandates, 0), S("id"), 0);
    return rc || !m->company ? rc : identity_stand(tx, &m->t->city->app->realm, &m->who, m->company, e);
}

static struct actor by_himself(const struct actor *who) {
    struct actor one = *who;
    one.on_behalf = 0;
    one.on_behalf_name = one.standing = S("");
    return one;
}

/* `login` with a session under the name `name`; `acts`: for whom its first mandate names. */
static struct t41_principal *add(struct t41_city *t, const char *name, const char *login,
                                 bool acts) {
    struct t41_principal *p = &t->principal[t->n_principals++];
    struct making m = { .t = t };
    struct err e = { 0 };
    *p = (struct t41_principal){ .name = name, .entry = 1 };
    if (!login) {
        p->dead = true;
        return p;
    }
    city_fixture_actor(t->city, login, &p->who);
    p->who = by_himself(&p->who);
    m.who = p->who;
    if (acts && (city_fixture_read(t->city, mandate_body, &m, &e) || !m.company))
        t41_stop(name, &e);
    if (acts) p->who = m.who;
    p->cookie = t41_sign_in(t, p, &t->a);
    return p;
}

/* ---- sessions that end ---- */

/* What the last principal's session dies of: its post is ended, its account locked, or it signs
 * out. */
static int end_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct making *m = job->arg;
    const struct realm *r = &m->t->city->app->realm;
    const struct t41_principal *p = &m->t->principal[m->t->n_principals - 1];
    uint8_t token[IDENTITY_TOKEN_BYTES];
    struct str bytes;
    struct actor own;
    bool touch;
    if (m->x && m->x->locked) return identity_account_lock(tx, r, &m->who, p->who.account, true, e);
    if (m->x) return identity_post_end(tx, r, &m->who, p->who.posts[0].id, e);
    if (!crypto_base64url_decode(store_arena(tx), p->cookie, &bytes))
        return err_set(e, ERR_DEFECT, "cookie");
    memcpy(token, bytes.ptr, sizeof token);
    int rc = identity_session_find(tx, r, token, &own, &touch, e);
    own.request_id = S("gate");
    own.peer = S("-");
    return rc ? rc : identity_session_close(tx, r, &own, e);
}

static void end(struct t41_city *t, const struct extra *x) {
    struct making m = { .t = t, .x = x };
    struct err e = { 0 };
    if (x) city_fixture_actor(t->city, x->locked ? "system" : "security", &m.who);
    if (city_fixture_run(t->city, end_body, &m, &e)) t41_stop("end", &e);
}

void t41_people_make(struct t41_city *t) {
    struct making m = { .t = t };
    struct err e = { 0 };
    if (city_fixture_run(t->city, unit_body, &m, &e)) t41_stop("units", &e);
    for (size_t i = 0; i < sizeof extras / sizeof *extras; i++) {
        m.x = &extras[i];
        if (city_fixture_run(t->city, account_body, &m, &e)) t41_stop(extras[i].login, &e);
    }
    make_members(t);
    add(t, "expired", "company", true)->dead = true;
    add(t, "expired-food", "food", false)->dead = true;
    os_clock_advance(IDENTITY_IDLE_MS + 1);
}

void t41_sessions_make(struct t41_city *t) {
    static const char *const offices[] = { "window", "police",   "food",  "fire",        "sign",
                                           "system", "security", "audit", "population2", "entity",
                                           "hall",   "kiosk",    "editor", "supervisor", "head",
                                           "maternity", "household", "card", "medical", "vaccine",
                                           "registrar", "seal", "tax", "social", "fund", "bank", "elder",
                                           "eventpolice", "eventfire", "eventurban", "eventhealth" };
    (void)add(t, "nobody", NULL, false);
    add(t, "signed-out", "fire", false)->dead = true;
    end(t, NULL);
    (void)add(t, "citizen", "citizen", false);
    (void)add(t, "neighbour", "neighbour", false);
    (void)add(t, "company", "company", true);
    (void)add(t, "company-self", "company", false);
    (void)add(t, "rival", "rival", true);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        add(t, members[i].login, members[i].login, true)->entry = (int)i + 2; /* the legal person has the first */
    for (size_t i = 0; i < sizeof offices / sizeof *offices; i++)
        (void)add(t, offices[i], offices[i], false);
    for (size_t i = 0; i < sizeof extras / sizeof *extras; i++) {
        if (!extras[i].role || !strcmp(extras[i].login, "victim")) continue;
        struct t41_principal *p = add(t, extras[i].login, extras[i].login, false);
        p->dead = extras[i].locked;
        if (extras[i].locked || extras[i].ended) end(t, &extras[i]);
        if (extras[i].ended) p->who.n_posts = 0;
    }
}
