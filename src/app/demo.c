/* demo: the demo city out of a seed: units and accounts from the systems' sample tables, people and companies from sample.h, into the
 * registries by the engines' own commands. Invariant: nothing here writes a row itself; what a demo account can do, its role gave it.
 */
#include "app/demo.h"

#include <stdio.h>

#include "app/sample.h"
#include "data/csv.h"
#include "data/tz.h"
#include "engine/identity/identity.h"
#include "engine/record/record.h"
#include "os/os.h"

enum { BATCH = 100 };

struct sampling {
    int64_t release;
    struct release_files files;
};

static int read_release(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct sampling *x = job->arg;
    return release_files_get(tx, job->home, x->release, &x->files, e);
}

/* sample/NAME of a release as a table; NULL when the system has none. */
static int read_table(struct demo_work *w, const struct system *sys, struct str name, struct val **ret, struct err *e) {
    struct sampling x = { .release = sys->release };
    struct arena job;
    arena_init(&job, "demo sample", 64 * 1024 * 1024);
    int rc = app_job(w->app, STORE_READ, &job, read_release, &x, e);
    *ret = NULL;
    for (size_t i = 0; !rc && i < x.files.n; i++)
        if (str_eq(x.files.file[i].path, name)) rc = csv_table(w->a, arena_str(w->a, x.files.file[i].bytes), ret, e);
    arena_done(&job);
    return rc;
}

/* ---- units ---- */

static int put_units(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct demo_work *w = job->arg;
    return app_put_units(tx, w->app, w->rows, e);
}

/* ---- registries: rows of CSV to records, in batches ---- */

struct loading {
    struct demo_work *w;
    const struct record_type *type;
    const struct system *sys;
    const struct val *rows;
    size_t from, to;
    int64_t *ids; /* by row */
};

static int64_t id_of(const struct map *m, struct str key) {
    const int64_t *id = map_find(m, key);
    return id ? *id : 0;
}

/* What refers to another record by its identifier in the sample refers to it by record id in the registry. */
static void refer(struct loading *l, struct arena *a, struct val *values, struct str field) {
    struct str key = val_get_str(values, field);
    int64_t id = id_of(&l->w->people, key);
    if (id == 0) id = id_of(&l->w->companies, key);
    if (id) val_put_i64(a, values, field, id);
}

static int put_records(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct loading *l = job->arg;
    struct arena *a = store_arena(tx);
    struct act act;
    int rc = act_open(&act, tx, &l->w->app->realm, &l->w->app->worker, S("record.put"), e);
    for (size_t i = l->from; !rc && i < l->to; i++) {
        struct val *values = val_copy(a, val_item(l->rows, i));
        struct str legal = val_get_str(values, S("legal_person"));
        for (size_t k = 0; k < l->type->n_fields; k++)
            if (l->type->field[k].kind == RECORD_REF) refer(l, a, values, l->type->field[k].name);
        if (legal.len && record_field(l->type, S("legal_person_name"))) {
            const struct val *person = map_find(&l->w->person_rows, legal);
            val_put_str(a, values, S("legal_person_name"), val_get_str(person, S("name")));
        }
        rc = record_put(&act, l->type, l->sys, 0, values, l->type->source, &l->ids[i], e);
    }
    return rc ? rc : act_close(&act, S("record"), 0, 0, l->type->id, e);
}

static int load_type(struct demo_work *w, struct str type, const struct val *rows, struct str key, struct map *index, struct err *e) {
    struct arena job;
    struct loading l = { .w = w, .rows = rows };
    size_t n = val_count(rows);
    l.type = realm_find(&w->app->realm, SYSTEM_RECORD, type, &l.sys);
    if (!l.type) return 0; /* a city without this registry */
    l.ids = arena_array(w->a, n + 1, sizeof *l.ids);
    if (!l.ids) return err_set(e, ERR_MEMORY, NULL);
    arena_init(&job, "demo job", 64 * 1024 * 1024);
    int rc = 0;
    for (l.from = 0; !rc && l.from < n; l.from = l.to) {
        l.to = l.from + BATCH < n ? l.from + BATCH : n;
        rc = app_job(w->app, STORE_INTERACTIVE, &job, put_records, &l, e);
    }
    arena_done(&job);
    for (size_t i = 0; !rc && index && i < n; i++)
        if (!map_put(index, val_get_str(val_item(rows, i), key), &l.ids[i])) rc = err_set(e, ERR_MEMORY, NULL);
    return rc;
}

static int load_registries(struct demo_work *w, struct err *e) {
    struct sample_city city;
    struct val *people, *companies, *shareholders;
    struct civil_date today = tz_date(w->app->realm.tz, os_now_ms());
    int rc = sample_make(w->a, w->d->seed, (size_t)w->d->people, (size_t)w->d->companies, today, &city, e);
    if (!rc) rc = csv_table(w->a, city.people, &people, e);
    if (!rc) rc = csv_table(w->a, city.companies, &companies, e);
    if (!rc) rc = csv_table(w->a, city.shareholders, &shareholders, e);
    if (rc) return rc;
    for (size_t i = 0; i < val_count(people); i++)
        (void)map_put(&w->person_rows, val_get_str(val_item(people, i), S("citizen_id")), people->u.list.item[i]);
    w->person_list = people;
    w->company_list = companies;
    rc = load_type(w, S("person"), people, S("citizen_id"), &w->people, e);
    if (!rc) rc = load_type(w, S("company"), companies, S("uscc"), &w->companies, e);
    return rc ? rc : load_type(w, S("shareholder"), shareholders, S("company"), NULL, e);
}

/* ---- accounts ---- */

/* The n-th person old enough to act, from 1; the n-th company that exists and whose premises lie in a district that has a window. */
static const struct val *nth_adult(const struct demo_work *w, int64_t n) {
    for (size_t i = 0; i < val_count(w->person_list); i++) {
        const struct val *v = val_item(w->person_list, i);
        if (str_cmp(val_get_str(v, S("birth_date")), S("2000-01-01")) < 0 && str_starts(val_get_str(v, S("division")), S("120101")) && --n == 0)
            return v;
    }
    return NULL;
}

static const struct val *nth_company(const struct demo_work *w, int64_t n) {
    for (size_t i = 0; i < val_count(w->company_list); i++) {
        const struct val *v = val_item(w->company_list, i);
        if (str_eq(val_get_str(v, S("status")), S("1")) && --n == 0) return v;
    }
    return NULL;
}

struct account {
    struct demo_work *w;
    const struct val *row;
    struct str hash;
};

static int put_account(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct account *x = job->arg;
    struct demo_work *w = x->w;
    const struct realm *r = &w->app->realm;
    struct str login = val_get_str(x->row, S("login")), name = val_get_str(x->row, S("name")), role = val_get_str(x->row, S("role"));
    const struct val *company = NULL, *person = NULL;
    int64_t n, id, person_id = 0, unit = 0;
    if (identity_account_by_login(tx, r, login, &id, NULL) == 0) return 0;
    if (val_to_i64(val_get(x->row, S("person")), &n)) person = nth_adult(w, n);
    if (val_to_i64(val_get(x->row, S("company")), &n)) company = nth_company(w, n);
    if (company) person = map_find(&w->person_rows, val_get_str(company, S("legal_person")));
    if (person) person_id = id_of(&w->people, val_get_str(person, S("citizen_id"))), name = val_get_str(person, S("name"));
    int64_t company_id = company ? id_of(&w->companies, val_get_str(company, S("uscc"))) : 0;
    int rc = identity_account_create(tx, r, &w->app->worker, login, name, x->hash, person_id, true, &id, e);
    if (!rc && company_id)
        rc = identity_mandate_put(tx, r, &w->app->worker, id, company_id, val_get_str(company, S("name")),
                                  S("legal-representative"), e);
    if (!rc && role.len) rc = identity_unit_by_code_find(tx, r, val_get_str(x->row, S("unit")), &unit, e);
    if (!rc && role.len) rc = identity_post_grant(tx, r, &w->app->worker, id, role, unit, e);
    return rc;
}

static int put_accounts(struct demo_work *w, const struct val *rows, struct err *e) {
    struct arena job;
    struct account x = { .w = w };
    int rc = password_hash(w->a, S(DEMO_PASSWORD), &x.hash, e);
    arena_init(&job, "demo account", 4 * 1024 * 1024);
    for (size_t i = 0; !rc && i < val_count(rows); i++) {
        x.row = val_item(rows, i);
        /* A role that no active system declares belongs to a system that is not here. */
        struct str role = val_get_str(x.row, S("role"));
        if (role.len && !access_role_declared(&w->app->realm, role)) continue;
        rc = app_job(w->app, STORE_INTERACTIVE, &job, put_account, &x, e);
    }
    arena_done(&job);
    return rc;
}

/* The units, or the accounts, that one system's sample brings: every system carries the people of its own roles. */
static int put_sample(struct demo_work *w, const struct system *sys, bool accounts, struct err *e) {
    struct arena job;
    arena_init(&job, "demo job", 16 * 1024 * 1024);
    int rc = read_table(w, sys, accounts ? S("sample/accounts.csv") : S("sample/units.csv"), &w->rows, e);
    if (!rc && w->rows) rc = accounts ? put_accounts(w, w->rows, e) : app_job(w->app, STORE_INTERACTIVE, &job, put_units, w, e);
    arena_done(&job);
    return rc;
}

/* The shared system first: the others' units stand below its units. */
static int put_samples(struct demo_work *w, bool accounts, struct err *e) {
    const struct system **all;
    size_t n = w->app->realm.systems.active(w->app->realm.systems.context, &all);
    int rc = 0;
    for (int pass = 0; !rc && pass < 2; pass++)
        for (size_t i = 0; !rc && i < n; i++)
            if (str_eq(all[i]->id, S("common")) == (pass == 0)) rc = put_sample(w, all[i], accounts, e);
    return rc;
}

static void work_init(struct demo_work *w, struct app *app, struct arena *a) {
    *w = (struct demo_work){ .app = app, .a = a };
    arena_init(a, "demo", (size_t)512 * 1024 * 1024);
    map_init(&w->people, a);
    map_init(&w->companies, a);
    map_init(&w->person_rows, a);
}

int app_make_demo(struct app *app, const struct demo *d, struct err *e) {
    struct arena a;
    struct demo_work w;
    work_init(&w, app, &a);
    w.d = d;
    int rc = put_samples(&w, false, e);
    if (!rc) rc = load_registries(&w, e);
    if (!rc) rc = put_samples(&w, true, e);
    if (!rc && d->cases) rc = demo_cases(&w, e);
    arena_done(&a);
    return rc;
}

int app_demo_system(struct app *app, struct str system, struct err *e) {
    const struct system *sys = realm_system(&app->realm, system);
    struct arena a;
    struct demo_work w;
    if (!sys) return err_set(e, ERR_NOT_FOUND, NULL);
    work_init(&w, app, &a);
    int rc = put_sample(&w, sys, false, e);
    if (!rc) rc = put_sample(&w, sys, true, e);
    arena_done(&a);
    return rc;
}

/* In both languages, for who reads the terminal. */
static void list_rows(const struct realm *r, const struct val *rows, struct buf *b) {
    for (size_t i = 0; i < val_count(rows); i++) {
        struct str title = val_get_str(val_item(rows, i), S("title"));
        buf_add_fmt(b, "  %-10.*s %.*s  %.*s\n", STR_ARG(val_get_str(val_item(rows, i), S("login"))), STR_ARG(title),
                    STR_ARG(realm_words(r, S("en"), title)));
    }
}

void app_demo_list(struct app *app, struct str system, struct buf *b) {
    const struct system **all;
    struct arena a;
    struct demo_work w;
    size_t n = app->realm.systems.active(app->realm.systems.context, &all);
    work_init(&w, app, &a);
    for (size_t i = 0; i < n; i++)
        if ((!system.len || str_eq(all[i]->id, system)) && read_table(&w, all[i], S("sample/accounts.csv"), &w.rows, NULL) == 0)
            list_rows(&app->realm, w.rows, b);
    arena_done(&a);
}
