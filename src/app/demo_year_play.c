/* demo_year_play: what is played in a year and by whom; see demo_year.h. Invariant: what a play takes of its scenario is what was done in
 * it, never what was refused there.
 */
#include "app/demo_year.h"
#include "app/sample_data.h"
#include "engine/code/code_check.h"
#include "engine/identity/identity.h"
#include "os/os.h"

enum { PLAYS_MAX = 512, STEPS_MAX = 128, ACCOUNTS_PER_JOB = 100, NEAR_DAYS = 400, VAL_DEEP_MAX = 8 };

uint64_t year_draw(uint64_t seed, uint64_t a, uint64_t b) {
    uint64_t z = seed + a * UINT64_C(0x9e3779b97f4a7c15) + b * UINT64_C(0xd1b54a32d192ed03);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* ---- who applies ---- */

/* The sample account of somebody who has no post: he applies, for himself or for his company. */
static const struct val *applicant_row(const struct realm *r, struct str login) {
    const struct system **all;
    size_t n = r->systems.active(r->systems.context, &all);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < val_count(all[i]->sample_accounts); k++) {
            const struct val *row = val_item(all[i]->sample_accounts, k);
            if (str_eq(val_get_str(row, S("login")), login)) return val_get_str(row, S("role")).len ? NULL : row;
        }
    return NULL;
}

/* One account a person, and one company an account. */
static void join(struct year_plays *p, struct year_pool *pool, struct str citizen_id, const struct val *company) {
    struct year_member *m = map_find(&p->members, citizen_id);
    if (m && m->company != company) return;
    if (!map_find(&p->w->people, citizen_id)) return;
    if (!m) {
        m = arena_new(p->a, struct year_member);
        if (!m) return;
        *m = (struct year_member){ citizen_id, arena_fmt(p->a, "p%05zu", p->members.n + 1), company };
        if (!map_put(&p->members, citizen_id, m)) return;
    }
    pool->member[pool->n++] = *m;
}

static struct year_pool *pool_of(struct year_plays *p, struct str login) {
    const struct demo_work *w = p->w;
    struct year_pool *pool = map_find(&p->pools, login);
    const struct val *row = pool ? NULL : applicant_row(&w->app->realm, login);
    bool company = val_get_str(row, S("company")).len > 0;
    const struct val *list = company ? w->company_list : w->person_list;
    int64_t n, age = 0;
    if (pool || !row || (!company && !demo_place(row, &n, &age))) return pool;
    pool = arena_new(p->a, struct year_pool);
    if (!pool) return NULL;
    *pool = (struct year_pool){ .login = login, .company = company, .member = arena_array(p->a, val_count(list), sizeof *pool->member) };
    for (size_t i = 0; pool->member && i < val_count(list); i++) {
        const struct val *one = val_item(list, i);
        if (company && demo_company_fits(one)) join(p, pool, val_get_str(one, S("legal_person")), one);
        if (!company && demo_person_fits(w, one, age)) join(p, pool, val_get_str(one, S("citizen_id")), NULL);
    }
    return map_put(&p->pools, login, pool) ? pool : NULL;
}

static const struct year_member *cast(const struct year_pool *pool, uint64_t seed, uint64_t number) {
    return &pool->member[year_draw(seed, number, pool->login.len) % pool->n];
}

struct str year_lead_of(const struct year_play *play, uint64_t seed, uint64_t number) {
    return cast(play->lead, seed, number)->login;
}

struct accounts {
    struct year_plays *p;
    size_t from, to;
};

STORE_STMT(demo_year_accounts_of, STORE_READS, "SELECT COUNT(*) FROM identity_account WHERE home = ? AND person = ?");

static int put_account(struct store_tx *tx, struct year_plays *p, struct year_member *m, struct err *e) {
    const struct demo_work *w = p->w;
    const struct realm *r = &w->app->realm;
    const int64_t *person = map_find(&w->people, m->citizen_id);
    const struct val *row = map_find(&w->person_rows, m->citizen_id);
    const int64_t *company = m->company ? map_find(&w->companies, val_get_str(m->company, S("uscc"))) : NULL;
    struct store_val v[] = { SV_I(r->home.v), SV_I(*person) };
    int64_t id, others;
    int rc = store_one_i64(tx, &demo_year_accounts_of, v, 2, &others, e);
    if (rc || others) return rc; /* of the sample's own: his login is another, so whoever plays him is refused */
    rc = identity_account_create(tx, r, &w->app->worker, m->login, val_get_str(row, S("name")), w->hash, *person, true, &id, e);
    if (!rc && company)
        rc = identity_mandate_put(tx, r, &w->app->worker, id, *company, val_get_str(m->company, S("name")), S("legal-representative"), e);
    return rc;
}

static int put_accounts(struct store_tx *tx, struct store_job *job, struct err *e) {
    const struct accounts *x = job->arg;
    int rc = 0;
    for (size_t i = x->from; !rc && i < x->to; i++) rc = put_account(tx, x->p, x->p->members.entry[i].value, e);
    return rc;
}

int year_accounts(struct year_plays *p, struct err *e) {
    struct arena a;
    struct accounts x = { .p = p };
    int rc = 0;
    arena_init(&a, "accounts of a year", 64 * 1024 * 1024);
    for (; !rc && x.from < p->members.n; x.from = x.to) {
        x.to = x.from + ACCOUNTS_PER_JOB < p->members.n ? x.from + ACCOUNTS_PER_JOB : p->members.n;
        rc = app_job(p->w->app, STORE_INTERACTIVE, &a, put_accounts, &x, e);
    }
    arena_done(&a);
    return rc;
}

/* ---- what is played ---- */

/* Of what is done to a case; records and tickets are played by their scenarios alone. */
static bool is_of_case(const struct val *step) {
    struct str verb = val_get_str(step, S("do"));
    return !val_get_str(step, S("refused")).len && !scenario_record_act(verb).len && !scenario_queue_act(verb).len;
}

static struct year_play *begin_play(struct year_plays *p, const struct val *yaml, const struct val *step, struct err *e) {
    struct year_pool *lead = pool_of(p, val_get_str(step, S("who")));
    struct year_play *play = &p->play[p->n];
    if (!lead || !lead->n || p->n == p->cap) return NULL;
    *play = (struct year_play){ .lead = lead, .item = val_get_str(step, S("item")),
                                .step = arena_array(p->a, STEPS_MAX, sizeof *play->step) };
    if (!play->step) return (void)err_set(e, ERR_MEMORY, NULL), NULL;
    return civil_parse(str_sub(val_get_str(yaml, S("clock")), 0, 10), &play->day) ? play : NULL;
}

/* An applicant beside the one whose case it is: his standing ties him to that one, and nobody else has it. */
static bool has_another(struct year_plays *p, const struct year_play *play, struct str who) {
    return who.len && !str_eq(who, play->lead->login) && applicant_row(&p->w->app->realm, who);
}

int year_plays_learn(struct year_plays *p, const struct val *yaml, struct err *e) {
    const struct val *steps = val_get(yaml, S("steps"));
    struct year_play *play = NULL;
    int32_t waited = 0;
    if (!p->play) p->cap = PLAYS_MAX, p->play = arena_array(p->a, p->cap, sizeof *p->play);
    if (!p->play) return err_set(e, ERR_MEMORY, NULL);
    for (size_t i = 0; i <= val_count(steps); i++) {
        const struct val *step = val_item(steps, i);
        struct str verb = val_get_str(step, S("do")), who = val_get_str(step, S("who"));
        bool begins = str_eq(verb, S("apply")) && !val_get_str(step, S("refused")).len;
        if (play && (begins || !step)) p->n++, play = NULL;
        if (begins) play = begin_play(p, yaml, step, e), waited = 0;
        if (scenario_deputy_act(verb).len) play = NULL; /* an office arranges that for itself, not for one of many cases */
        if (!play || !step || !is_of_case(step) || play->n == STEPS_MAX) continue;
        if (has_another(p, play, who)) {
            play = NULL;
            continue;
        }
        play->step[play->n++] = (struct year_step){ .step = step, .waited_days = waited, .applicant = str_eq(who, play->lead->login),
                                                    .free = scenario_card_act(verb).len > 0 };
        if (str_eq(verb, S("wait"))) waited += (int32_t)val_get_i64(step, S("days"), 0);
    }
    return 0;
}

void year_weigh(struct year_plays *p) {
    for (size_t i = 0; i < p->n; i++) {
        int64_t same = 0;
        for (size_t k = 0; k < p->n; k++) same += str_eq(p->play[k].item, p->play[i].item);
        p->play[i].weight = (int64_t)p->play[i].lead->n * 1000 / same + 1;
    }
}

/* ---- a step as one case takes it ---- */

struct taking {
    const struct year_plays *p;
    const struct year_play *play;
    const struct year_step *at;
    uint64_t seed, number;
    int32_t shift; /* days from the scenario's to ours */
    struct arena *a;
};

static struct str shifted(const struct taking *t, struct str s) {
    struct civil_date d;
    struct buf b;
    if (s.len < 10 || !civil_parse(str_sub(s, 0, 10), &d)) return s;
    if (d.day > t->play->day.day + NEAR_DAYS || d.day < t->play->day.day - NEAR_DAYS) return s; /* not of this matter: a birthday */
    d.day += t->shift;
    buf_init(&b, t->a, 16, 16);
    civil_write(&b, d);
    return ARENA_CAT(t->a, buf_str(&b), str_sub(s, 10, s.len - 10)); /* and the time of that day */
}

/* Numbers that an officer gives, each once: as the one in the scenario, but for the part that counts on. */
static struct str counted(const struct taking *t, struct str s) {
    struct code_citizen c;
    if (code_uscc(s, NULL) == 0) {
        struct str first = ARENA_CAT(t->a, str_sub(s, 0, 9), arena_fmt(t->a, "B%07llu", (unsigned long long)t->number));
        char last[1] = { code_uscc_char(first) };
        return ARENA_CAT(t->a, first, str_make(last, 1));
    }
    if (code_citizen_id(s, &c, NULL) == 0) {
        struct civil_date born = { c.birth.day + t->shift - (int32_t)(t->number / 500 % 14) };
        int32_t year;
        unsigned month, day;
        civil_split(born, &year, &month, &day);
        struct str first = ARENA_CAT(t->a, str_sub(s, 0, 6), arena_fmt(t->a, "%04d%02u%02u%03u", (int)year, month, day,
                                     (unsigned)(t->number % 500 * 2 + (c.sex == CODE_SEX_MALE))));
        char last[1] = { code_citizen_id_char(first) };
        return ARENA_CAT(t->a, first, str_make(last, 1));
    }
    return s;
}

/* What is made up in a scenario says so by this word; behind it goes a name of our own. */
static struct str named(const struct taking *t, struct str s) {
    const struct str made_up = S("津样");
    size_t at = str_find(s, made_up, 0);
    if (at == SIZE_MAX) return s;
    at += made_up.len;
    return ARENA_CAT(t->a, str_sub(s, 0, at), str_of(sample_brand[t->number % SAMPLE_BRANDS]),
                     str_of(sample_brand[t->number / SAMPLE_BRANDS % SAMPLE_BRANDS]), str_sub(s, at, s.len - at));
}

/* The account that has the part of this login. */
static struct str played_by(const struct taking *t, struct str login) {
    const struct year_pool *pool = map_find(&t->p->pools, login);
    return pool && pool->n ? cast(pool, t->seed, t->number)->login : login;
}

static void take(const struct taking *t, struct val *v, unsigned deep) {
    if (!v || deep > VAL_DEEP_MAX) return;
    if (v->kind == VAL_LIST)
        for (size_t i = 0; i < val_count(v); i++) take(t, v->u.list.item[i], deep + 1);
    for (size_t i = 0; i < val_pairs(v); i++) {
        struct val_pair *pair = &v->u.map.pair[i];
        if (pair->value->kind != VAL_STR) {
            take(t, pair->value, deep + 1);
            continue;
        }
        struct str s = val_text(pair->value);
        if (str_eq(pair->key, S("who")) || str_eq(pair->key, S("of")) || str_eq(pair->key, S("to"))) s = played_by(t, s);
        else if (deep || str_eq(pair->key, S("until")) || str_eq(pair->key, S("at")))
            s = named(t, shifted(t, t->at->applicant ? s : counted(t, s)));
        pair->value = val_str(t->a, s);
    }
}

struct val *year_step_of(const struct year_plays *p, const struct year_play *play, size_t i, uint64_t seed, uint64_t number,
                         struct arena *a) {
    struct civil_date today = tz_date(p->w->app->realm.tz, os_now_ms());
    struct taking t = { p, play, &play->step[i], seed, number, today.day - play->day.day - play->step[i].waited_days, a };
    struct val *v = val_copy(a, play->step[i].step);
    take(&t, v, 0);
    return v;
}
