/* demo_cases: cases wherever a process can stand, made by playing the systems' own scenarios. Each scenario is played to its end, which
 * shows every standing on the way (state of the case, open tasks); then it is played again up to the last step of each standing that no
 * case has been left in (but for those behind a wait: weeks would go by for each). Invariant: what is seen in the demo city can be done
 * by hand in the same steps.
 */
#include "app/demo_year.h"
#include "data/tz.h"
#include "data/yaml.h"
#include "os/os.h"

enum { PLAYS_MAX = 256, STEP_MS = 7 * 60000, DAY_MS = 86400000, STANDING_DAYS = 60 };

/* A scenario to be played up to its n-th step, which leaves a case standing so. */
struct play {
    const struct val *yaml;
    size_t n;
    struct str standing;
};

struct plan {
    struct demo_work *w;
    struct play play[PLAYS_MAX];
    size_t n;
    int64_t now_ms; /* the machine's; where a year of cases follows, its beginning as long as whole scenarios are played */
    struct year *year; /* of cases beside them, or NULL: up to each morning */
    struct err *e;  /* of the year */
    int rc;
    bool begun;
    struct map left;  /* standings in which a case was left */
};

/* To nine in the morning of a coming day: of the next one, or later if there are more days than plays. */
static void next_morning(struct plan *p, size_t plays_left) {
    const struct tz *tz = p->w->app->realm.tz;
    int64_t now = os_now_ms(), days = plays_left ? (p->now_ms - now) / DAY_MS / (int64_t)plays_left : 1;
    struct civil_date day = tz_date(tz, now);
    struct civil_time nine = { .hour = 9, .minute = 5 };
    unsigned month, of_month;
    day.day += (int32_t)(days > 1 ? days : 1);
    while (civil_weekday(day) > 5) day.day++;
    civil_split(day, &nine.year, &month, &of_month);
    nine.month = (uint8_t)month, nine.day = (uint8_t)of_month;
    int64_t morning = tz_instant_ms(tz, &nine);
    if (morning >= p->now_ms - DAY_MS / 2) return;
    if (p->year && p->begun && !p->rc) p->rc = year_run(p->year, morning, p->e);
    now = os_now_ms();
    if (now < morning) os_clock_advance(morning - now);
}

static void play(struct plan *p, const struct val *yaml, size_t n, struct str *standing) {
    struct scenario s = { .app = p->w->app, .until_ms = p->now_ms - DAY_MS, .standing = standing, .standing_arena = p->w->a };
    struct err why = { 0 };
    if (os_now_ms() < p->now_ms - DAY_MS) s.step_ms = STEP_MS;
    (void)scenario_run(&s, yaml, n, &why); /* one that meets another's open draft may end early: also a case */
}

/* A draft is taken up again by the next who applies. */
static bool is_draft(struct str standing) {
    return str_find(standing, S(" draft"), 0) != SIZE_MAX;
}

/* How many steps are played: who is away, and who stands in, an office arranges for itself; of a scenario that is broken off there, somebody
 * would be left away. */
static size_t played(const struct val *steps) {
    size_t n = 0;
    while (n < val_count(steps) && !scenario_deputy_act(val_get_str(val_item(steps, n), S("do"))).len) n++;
    return n;
}

static int play_whole(struct plan *p, const struct release_file *f, struct err *e) {
    struct val *yaml;
    int rc = yaml_parse(p->w->a, f->path, f->bytes, &yaml, e);
    if (rc) return rc;
    const struct val *steps = val_get(yaml, S("steps"));
    size_t n = played(steps), first = p->n;
    struct str *at = arena_array(p->w->a, n, sizeof *at);
    if (!at) return err_set(e, ERR_MEMORY, NULL);
    next_morning(p, 0);
    play(p, yaml, n, at);
    for (size_t i = 0; i + 1 < n && p->n < PLAYS_MAX; i++) {
        size_t k = first;
        if (str_eq(val_get_str(val_item(steps, i), S("do")), S("wait"))) break;
        while (k < p->n && !str_eq(p->play[k].standing, at[i])) k++;
        if (at[i].len && k < p->n) p->play[k].n = i + 1;
        else if (at[i].len) p->play[p->n++] = (struct play){ yaml, i + 1, at[i] };
    }
    if (n && at[n - 1].len) map_put(&p->left, at[n - 1], p);
    return p->year ? year_learn(p->year, yaml, e) : 0;
}

/* Drafts come last. */
static void play_parts(struct plan *p) {
    size_t todo = 0;
    for (size_t i = 0; i < p->n; i++) {
        if (map_find(&p->left, p->play[i].standing)) continue;
        map_put(&p->left, p->play[i].standing, p);
        p->play[todo++] = p->play[i];
    }
    for (int drafts = 0; drafts < 2; drafts++)
        for (size_t i = 0; i < todo && !p->rc; i++)
            if (is_draft(p->play[i].standing) == drafts) {
                next_morning(p, todo - i);
                play(p, p->play[i].yaml, p->play[i].n, NULL);
            }
}

struct reading {
    struct home_id home;
    int64_t id;
    struct release_files files;
};

static int read_files(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct reading *r = job->arg;
    return release_files_get(tx, job->home, r->id, &r->files, e);
}

int64_t demo_days(const struct demo *d) {
    return DEMO_HISTORY_DAYS + (d->year ? DEMO_YEAR_DAYS : 0);
}

static int play_all(struct plan *p, struct err *e) {
    const struct system **all;
    size_t n = p->w->app->realm.systems.active(p->w->app->realm.systems.context, &all);
    struct arena a;
    int rc = 0;
    arena_init(&a, "demo cases", 64 * 1024 * 1024);
    for (size_t i = 0; !rc && i < n; i++) {
        struct reading r = { .home = p->w->app->realm.home, .id = all[i]->release };
        rc = app_job(p->w->app, STORE_READ, &a, read_files, &r, e);
        for (size_t k = 0; !rc && k < r.files.n; k++)
            if (str_starts(r.files.file[k].path, S("cases/"))) rc = play_whole(p, &r.files.file[k], e);
    }
    arena_done(&a);
    return rc;
}

/* The scenarios whole come before the year; cases left standing lie in its last days. */
int demo_cases(struct demo_work *w, struct err *e) {
    struct plan *p = arena_new(w->a, struct plan);
    int64_t now = os_now_ms() - os_clock_shifted_ms(), year = w->d->year ? (int64_t)DEMO_YEAR_DAYS * DAY_MS : 0;
    if (!p) return err_set(e, ERR_MEMORY, NULL);
    p->w = w;
    p->e = e;
    p->now_ms = now - year;
    map_init(&p->left, w->a);
    int rc = year ? year_new(w, w->d->year, &p->year, e) : 0;
    if (!rc) rc = play_all(p, e);
    if (!rc && year) rc = year_begin(p->year, p->now_ms, now, e);
    p->now_ms = now;
    p->begun = !rc;
    if (!rc && year) rc = year_run(p->year, now - (int64_t)STANDING_DAYS * DAY_MS, e);
    if (!rc) play_parts(p);
    if (!rc) rc = p->rc;
    if (!rc && year) rc = year_run(p->year, now, e);
    year_done(p->year);
    os_clock_shift(0);
    return rc;
}
