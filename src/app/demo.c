/* demo: the demo city out of a seed: units and accounts from the systems' sample tables, people and companies from sample.h, into the
 * registries by the engines' own commands. Invariant: nothing here writes a row itself; what a demo account can do, its role gave it.
 */
#include "app/demo.h"

#include <stdio.h>

#include "app/sample.h"
#include "data/csv.h"
#include "data/tz.h"
#include "engine/clock/clock.h"
#include "engine/identity/identity.h"
#include "engine/record/record.h"
#include "os/os.h"

enum { BATCH = 100 };

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

/* The people and companies of the sample: the same for the same numbers. */
static int make_sample(struct demo_work *w, const struct demo *d, struct civil_date day, struct val **shareholders, struct err *e) {
    struct sample_city city;
    struct val *people, *companies;
    int rc = sample_make(w->a, d->seed, (size_t)d->people, (size_t)d->companies, day, &city, e);
    if (!rc) rc = csv_table(w->a, city.people, &people, e);
    if (!rc) rc = csv_table(w->a, city.companies, &companies, e);
    if (!rc) rc = csv_table(w->a, city.shareholders, shareholders, e);
    if (rc) return rc;
    for (size_t i = 0; i < val_count(people); i++)
        (void)map_put(&w->person_rows, val_get_str(val_item(people, i), S("citizen_id")), people->u.list.item[i]);
    w->person_list = people;
    w->company_list = companies;
    return 0;
}

static int load_registries(struct demo_work *w, struct civil_date day, struct err *e) {
    struct val *shareholders;
    int rc = make_sample(w, w->d, day, &shareholders, e);
    if (!rc) rc = load_type(w, S("person"), w->person_list, S("citizen_id"), &w->people, e);
    if (!rc) rc = load_type(w, S("company"), w->company_list, S("uscc"), &w->companies, e);
    return rc ? rc : load_type(w, S("shareholder"), shareholders, S("company"), NULL, e);
}

/* ---- what the city was made of: for who comes to it later ---- */

static const char *made_of(struct demo_work *w) {
    return arena_fmt(w->a, "%s/demo", w->app->data_dir).ptr;
}

static int note_made(struct demo_work *w, struct civil_date day, struct err *e) {
    const char *path = made_of(w);
    struct str text = arena_fmt(w->a, "%lld %lld %llu %d\n", (long long)w->d->people, (long long)w->d->companies,
                                (unsigned long long)w->d->seed, (int)day.day);
    return path && text.len ? os_write_file(path, text, e) : err_set(e, ERR_MEMORY, NULL);
}

/* ERR_NOT_FOUND where the city does not say it: one that is older than this, or none made by a seed. */
static int recall_made(struct demo_work *w, struct err *e) {
    const char *path = made_of(w);
    struct str text = S(""), word;
    struct val *shareholders;
    int64_t n[4];
    size_t got = 0;
    if (!path || os_kind(path) != OS_FILE) return err_set(e, ERR_NOT_FOUND, NULL);
    int rc = os_read_file(w->a, path, 256, &text, e);
    text = str_trim(text);
    while (!rc && got < 4 && str_cut(&text, ' ', &word) && str_to_i64(word, &n[got])) got++;
    if (rc || got < 4) return rc ? rc : err_set(e, ERR_DAMAGED, "%s", path);
    struct demo d = { .people = n[0], .companies = n[1], .seed = (uint64_t)n[2] };
    return make_sample(w, &d, (struct civil_date){ (int32_t)n[3] }, &shareholders, e);
}

/* ---- accounts ---- */

bool demo_person_fits(const struct demo_work *w, const struct val *person, int64_t age) {
    struct civil_date born, last = clock_add_months(tz_date(w->app->realm.tz, os_now_ms()), (int32_t)-12 * (int32_t)age);
    if (!civil_parse(val_get_str(person, S("birth_date")), &born)) return false;
    return age ? born.day <= last.day : born.day < civil_of(2000, 1, 1).day && str_starts(val_get_str(person, S("division")), S("120101"));
}

bool demo_company_fits(const struct val *company) {
    return str_eq(val_get_str(company, S("status")), S("1"));
}

bool demo_place(const struct val *row, int64_t *ret_n, int64_t *ret_age) {
    struct str years = val_get_str(row, S("person")), place = S("");
    *ret_age = 0;
    (void)str_cut(&years, '@', &place);
    return (!years.len || str_to_i64(years, ret_age)) && str_to_i64(place, ret_n);
}

/* The n-th that fits, from 1. */
static const struct val *nth_adult(const struct demo_work *w, int64_t n, int64_t age) {
    for (size_t i = 0; i < val_count(w->person_list); i++)
        if (demo_person_fits(w, val_item(w->person_list, i), age) && --n == 0) return val_item(w->person_list, i);
    return NULL;
}

static const struct val *nth_company(const struct demo_work *w, int64_t n) {
    for (size_t i = 0; i < val_count(w->company_list); i++)
        if (demo_company_fits(val_item(w->company_list, i)) && --n == 0) return val_item(w->company_list, i);
    return NULL;
}

/* The record of the sample's person or company. */
static int record_of(struct store_tx *tx, const struct realm *r, struct str type, struct str key, const struct val *row, int64_t *ret,
                     struct err *e) {
    const struct record_type *t = realm_find(r, SYSTEM_RECORD, type, NULL);
    size_t n = 0;
    int rc = t ? record_find(tx, r, t, key, val_get_str(row, key), ret, 1, &n, e) : err_set(e, ERR_NOT_FOUND, NULL);
    return rc || n ? rc : err_set(e, ERR_NOT_FOUND, NULL);
}

/* Whom an account of the sample is: the n-th person, or who stands for the n-th company. */
static void whose(const struct demo_work *w, const struct val *row, const struct val **person, const struct val **company) {
    int64_t n, age;
    *person = demo_place(row, &n, &age) ? nth_adult(w, n, age) : NULL;
    *company = val_to_i64(val_get(row, S("company")), &n) ? nth_company(w, n) : NULL;
    if (*company) *person = map_find(&w->person_rows, val_get_str(*company, S("legal_person")));
}

static int put_account(struct store_tx *tx, struct demo_work *w, const struct val *row, struct err *e) {
    const struct realm *r = &w->app->realm;
    struct str login = val_get_str(row, S("login")), name = val_get_str(row, S("name")), role = val_get_str(row, S("role"));
    const struct val *company, *person;
    int64_t id, person_id = 0, company_id = 0, unit = 0;
    int rc = 0;
    if (identity_account_by_login(tx, r, login, &id, NULL) == 0) return 0;
    whose(w, row, &person, &company);
    if (!person && str_find_char(val_get_str(row, S("person")), '@', 0) != SIZE_MAX) return 0; /* a small city has nobody so old */
    if (person) rc = record_of(tx, r, S("person"), S("citizen_id"), person, &person_id, e), name = val_get_str(person, S("name"));
    bool kept = realm_find(r, SYSTEM_RECORD, S("company"), NULL) != NULL; /* or a city without this registry: nobody stands for one */
    if (!rc && company && kept) rc = record_of(tx, r, S("company"), S("uscc"), company, &company_id, e);
    if (!rc) rc = identity_account_create(tx, r, &w->app->worker, login, name, w->hash, person_id, true, &id, e);
    if (!rc && company_id)
        rc = identity_mandate_put(tx, r, &w->app->worker, id, company_id, val_get_str(company, S("name")),
                                  S("legal-representative"), e);
    if (!rc && role.len) rc = identity_unit_by_code_find(tx, r, val_get_str(row, S("unit")), &unit, e);
    if (!rc && role.len) rc = identity_post_grant(tx, r, &w->app->worker, id, role, unit, e);
    return rc;
}

static int put_accounts(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct demo_work *w = job->arg;
    int rc = 0;
    for (size_t i = 0; !rc && i < val_count(w->rows); i++) rc = put_account(tx, w, val_item(w->rows, i), e);
    return rc;
}

/* What one system brings is put whole or not at all. */
static int put_both(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct demo_work *w = job->arg;
    int rc = app_put_units(tx, w->app, w->sys->sample_units, e);
    w->rows = w->sys->sample_accounts;
    if (!rc) rc = put_accounts(tx, job, e);
    return rc ? rc : demo_mandates(tx, w->app, w->sys->sample_mandates, e);
}

static int put_mandates(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct demo_work *w = job->arg;
    return demo_mandates(tx, w->app, w->rows, e);
}

static int run(struct demo_work *w, store_body *body, struct err *e) {
    struct arena job;
    int rc = w->hash.len ? 0 : password_hash(w->a, S(DEMO_PASSWORD), &w->hash, e);
    arena_init(&job, "demo sample", 16 * 1024 * 1024);
    if (!rc) rc = app_job(w->app, STORE_INTERACTIVE, &job, body, w, e);
    arena_done(&job);
    return rc;
}

/* The units, or the accounts, of all systems: every system carries the people of its own roles. The shared system first: the others'
 * units stand below its units. */
static int put_samples(struct demo_work *w, bool accounts, struct err *e) {
    const struct system **all;
    size_t n = w->app->realm.systems.active(w->app->realm.systems.context, &all);
    int rc = 0;
    for (int pass = 0; !rc && pass < 2; pass++)
        for (size_t i = 0; !rc && i < n; i++) {
            if (str_eq(all[i]->id, S("common")) != (pass == 0)) continue;
            w->rows = accounts ? all[i]->sample_accounts : all[i]->sample_units;
            if (w->rows) rc = run(w, accounts ? put_accounts : put_units, e);
        }
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
    struct civil_date day = tz_date(app->realm.tz, os_now_ms());
    work_init(&w, app, &a);
    w.d = d;
    w.hash = d->hash;
    int rc = put_samples(&w, false, e);
    if (!rc) rc = load_registries(&w, day, e);
    if (!rc) rc = put_samples(&w, true, e);
    const struct system **all;
    size_t n = app->realm.systems.active(app->realm.systems.context, &all);
    for (size_t i = 0; !rc && i < n; i++) {
        w.rows = all[i]->sample_mandates;
        if (w.rows) rc = run(&w, put_mandates, e);
    }
    if (!rc) rc = note_made(&w, day, e);
    if (!rc && d->cases) rc = demo_cases(&w, e);
    arena_done(&a);
    return rc;
}

static bool names_somebody(const struct val *row) {
    return val_get_str(row, S("person")).len || val_get_str(row, S("company")).len;
}

static bool any_somebody(const struct val *rows) {
    for (size_t i = 0; i < val_count(rows); i++)
        if (names_somebody(val_item(rows, i))) return true;
    return false;
}

/* Are the people and companies there that the accounts name by number? */
static int judge_people(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct demo_work *w = job->arg;
    const struct realm *r = &w->app->realm;
    (void)e;
    for (size_t i = 0; i < val_count(w->rows); i++) {
        const struct val *row = val_item(w->rows, i), *person, *company;
        int64_t id;
        if (!names_somebody(row)) continue;
        whose(w, row, &person, &company);
        bool of_company = val_get_str(row, S("company")).len > 0;
        bool there = person && (company || !of_company) && record_of(tx, r, S("person"), S("citizen_id"), person, &id, NULL) == 0 &&
                     (!of_company || record_of(tx, r, S("company"), S("uscc"), company, &id, NULL) == 0);
        const char *column = of_company ? "company" : "person";
        if (!there)
            release_find(w->findings, RELEASE_ACCOUNTS, row->line, "%s：演示城市里没有这一位：%.*s", column,
                         STR_ARG(val_get_str(row, str_of(column))));
    }
    return 0;
}

int app_demo_judge(struct app *app, const struct system *sys, struct release_findings *f, struct err *e) {
    struct arena a, job;
    struct demo_work w;
    if (!any_somebody(sys->sample_accounts)) return 0;
    work_init(&w, app, &a);
    w.rows = sys->sample_accounts;
    w.findings = f;
    arena_init(&job, "demo judge", 16 * 1024 * 1024);
    int rc = recall_made(&w, e);
    if (rc == ERR_NOT_FOUND) rc = 0; /* then nobody of it can be found */
    if (!rc) rc = app_job(app, STORE_READ, &job, judge_people, &w, e);
    arena_done(&job);
    arena_done(&a);
    return rc;
}

int app_demo_system(struct app *app, struct str system, struct err *e) {
    struct arena a;
    struct demo_work w;
    work_init(&w, app, &a);
    w.sys = realm_system(&app->realm, system);
    int rc = w.sys ? 0 : err_set(e, ERR_NOT_FOUND, NULL);
    if (!rc && any_somebody(w.sys->sample_accounts)) rc = recall_made(&w, e);
    if (!rc) rc = run(&w, put_both, e);
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
    size_t n = app->realm.systems.active(app->realm.systems.context, &all);
    for (size_t i = 0; i < n; i++)
        if (!system.len || str_eq(all[i]->id, system)) list_rows(&app->realm, all[i]->sample_accounts, b);
}
