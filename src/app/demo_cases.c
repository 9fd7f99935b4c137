/* demo_cases: cases wherever a process can stand, made by playing the systems' own scenarios. Each scenario is played to its end, which
 * shows every standing on the way (state of the case, open tasks); then it is played again up to the last step of each standing that no
 * case has been left in (but for those behind a wait: weeks would go by for each). Invariant: what is seen in the demo city can be done
 * by hand in the same steps.
 */
#include "app/demo.h"
#include "data/tz.h"
#include "data/yaml.h"
#include "os/os.h"

enum { PLAYS_MAX = 256, STEP_MS = 7 * 60000, DAY_MS = 86400000 };

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
    int64_t now_ms; /* the machine's */
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
    if (morning < p->now_ms - DAY_MS / 2) os_clock_advance(morning - now);
}

static void play(struct plan *p, const struct val *yaml, size_t n, struct str *standing) {
    struct scenario s = { .app = p->w->app, .until_ms = p->now_ms - DAY_MS, .standing = standing, .standing_arena = p->w->a };
    struct err why = { 0 };
    if (os_now_ms() < p->now_ms - DAY_MS) s.step_ms = STEP_MS;
    (void)scenario_run(&s, yaml, n, &why); /* one that meets another's open draft may end early: also a case */
}

static int play_whole(struct plan *p, const struct release_file *f, struct err *e) {
    struct val *yaml;
    int rc = yaml_parse(p->w->a, f->path, f->bytes, &yaml, e);
    if (rc) return rc;
    const struct val *steps = val_get(yaml, S("steps"));
    size_t n = val_count(steps), first = p->n;
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
    return 0;
}

/* A draft is taken up again by the next who applies, so drafts come last. */
static void play_parts(struct plan *p) {
    size_t todo = 0;
    for (size_t i = 0; i < p->n; i++) {
        if (map_find(&p->left, p->play[i].standing)) continue;
        map_put(&p->left, p->play[i].standing, p);
        p->play[todo++] = p->play[i];
    }
    for (int drafts = 0; drafts < 2; drafts++)
        for (size_t i = 0; i < todo; i++)
            if ((str_find(p->play[i].standing, S(" draft"), 0) != SIZE_MAX) == drafts) {
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

int demo_cases(struct demo_work *w, struct err *e) {
    const struct system **all;
    size_t n = w->app->realm.systems.active(w->app->realm.systems.context, &all);
    struct plan *p = arena_new(w->a, struct plan);
    struct arena a;
    int rc = 0;
    if (!p) return err_set(e, ERR_MEMORY, NULL);
    p->w = w;
    p->now_ms = os_now_ms() - os_clock_shifted_ms();
    map_init(&p->left, w->a);
    arena_init(&a, "demo cases", 64 * 1024 * 1024);
    for (size_t i = 0; !rc && i < n; i++) {
        struct reading r = { .home = w->app->realm.home, .id = all[i]->release };
        rc = app_job(w->app, STORE_READ, &a, read_files, &r, e);
        for (size_t k = 0; !rc && k < r.files.n; k++)
            if (str_starts(r.files.file[k].path, S("cases/"))) rc = play_whole(p, &r.files.file[k], e);
    }
    if (!rc) play_parts(p);
    os_clock_shift(0);
    arena_done(&a);
    return rc;
}
