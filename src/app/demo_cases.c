/* demo_cases: cases in every state, made by playing the systems' own scenarios, each up to another step. Invariant: what is seen in
 * the demo city can be done by hand in the same steps.
 */
#include "app/demo.h"
#include "data/yaml.h"

static int play_file(struct demo_work *w, const struct release_file *f, struct err *e) {
    struct scenario s = { .app = w->app };
    struct val *yaml;
    int rc = yaml_parse(w->a, f->path, f->bytes, &yaml, e);
    size_t n = val_count(val_get(yaml, S("steps")));
    /* Stop after the last step, after the middle, and one before the end: ended, under way, nearly done. */
    const size_t stops[] = { n, n / 2, n > 2 ? n - 2 : n };
    for (size_t i = 0; !rc && i < 3; i++) {
        struct err why = { 0 };
        (void)scenario_run(&s, yaml, stops[i], &why); /* a scenario that meets another's open draft may end early: also a case */
    }
    return rc;
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
    struct arena a;
    int rc = 0;
    arena_init(&a, "demo cases", 64 * 1024 * 1024);
    for (size_t i = 0; !rc && i < n; i++) {
        struct reading r = { .home = w->app->realm.home, .id = all[i]->release };
        rc = app_job(w->app, STORE_READ, &a, read_files, &r, e);
        for (size_t k = 0; !rc && k < r.files.n; k++)
            if (str_starts(r.files.file[k].path, S("cases/"))) rc = play_file(w, &r.files.file[k], e);
    }
    arena_done(&a);
    return rc;
}
