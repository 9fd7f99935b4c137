/* cmd_case: case run PATH: the scenarios of a system, in a city of its own with a virtual clock, on a store that is made for them and
 * thrown away. Prints each step; ends with `N passed, N failed`, counted in scenarios.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/cmd.h"
#include "app/demo.h"
#include "data/tz.h"
#include "data/yaml.h"
#include "os/os.h"

static int64_t start_of(const struct val *yaml) {
    struct str s = val_get_str(yaml, S("clock"));
    struct civil_date d;
    int64_t hour = 9, minute = 0;
    if (s.len < 16 || !civil_parse(str_sub(s, 0, 10), &d)) return 1763946000000;
    (void)str_to_i64(str_sub(s, 11, 2), &hour);
    (void)str_to_i64(str_sub(s, 14, 2), &minute);
    return ((int64_t)d.day * 24 + hour - 8) * 3600000 + minute * 60000; /* written with +08:00 */
}

/* One scenario in a fresh city. */
struct running {
    const char *path, *systems, *store_url, *libpq;
    struct str lang, hash;
};

static int run_one(const struct running *r, const struct release_file *f, struct err *e) {
    char dir[] = "/tmp/tongban-case-XXXXXX";
    struct arena a;
    struct app *app = NULL;
    struct val *yaml;
    const char **order, *where = r->path;
    size_t n;
    arena_init(&a, "scenario", 64 * 1024 * 1024);
    int rc = mkdtemp(dir) ? 0 : err_set(e, ERR_IO, "%s", dir);
    if (!rc) rc = yaml_parse(&a, f->path, f->bytes, &yaml, e);
    if (!rc) {
        printf("%s: %.*s\n", r->path, STR_ARG(val_get_str(yaml, S("title"))));
        /* A realm of its own: on a store that others use too, nothing of theirs is seen or touched. */
        int64_t home = os_now_ms() % 1000000000 + 2;
        os_seed(7, start_of(yaml));
        struct app_config c = { .home = home, .data_dir = dir, .store_url = str_of(r->store_url), .libpq = str_of(r->libpq), .demo = true,
                                .clock_is_right = true, .base_url = S("http://127.0.0.1:8080") };
        rc = app_open(&c, &app, e);
    }
    if (!rc) rc = app_list_needs(&a, r->systems, r->path, &order, &n, e);
    for (size_t i = 0; !rc && i < n; i++) where = order[i], rc = app_load_system(app, where, NULL, e);
    struct demo d = { .systems_dir = r->systems, .people = 400, .companies = 80, .seed = 20261121, .hash = r->hash };
    if (!rc) rc = app_make_demo(app, &d, e);
    struct scenario s = { .app = app, .systems_dir = r->systems, .print = true, .step_ms = 60000 };
    if (!rc) rc = scenario_run(&s, yaml, SIZE_MAX, e);
    if (!rc) rc = app_sequence(app, true, e);
    if (s.failed) cmd_finding(r->lang, r->path, f->path, s.line, scenario_fault(&s, e, &a));
    else if (rc) (void)cmd_fault(r->lang, where, e);
    app_close(app);
    os_real();
    (void)os_remove_tree(dir, NULL);
    arena_done(&a);
    return rc;
}

int cmd_case_run(int argc, char **argv) {
    const char *path = cmd_operand(argc, argv, 0), *store = cmd_option(argc, argv, "--store"), *libpq = cmd_option(argc, argv, "--libpq");
    const char *only = cmd_option(argc, argv, "--only");
    struct arena a;
    struct str lang, hash = { 0 }; /* the same for the accounts of all these cities, which end with their scenario */
    struct err said = { 0 };
    unsigned passed = 0, failed = 0;
    if (cmd_lang(argc, argv, &lang, &said)) return cmd_fail("--lang", &said), CMD_USAGE;
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    arena_init(&a, "cases", (size_t)256 * 1024 * 1024);
    for (int p = 0; path; path = cmd_operand(argc, argv, ++p)) {
        struct release_files files;
        struct err e = { 0 };
        int rc = hash.len ? 0 : password_hash(&a, S(DEMO_PASSWORD), &hash, &e);
        if (rc || release_read_dir(&a, path, &files, &e)) {
            failed += (unsigned)cmd_fault(lang, path, &e);
            continue;
        }
        struct running r = { path, cmd_systems_of(&a, path), store ? store : "", libpq ? libpq : "", lang, hash };
        for (size_t i = 0; i < files.n; i++) {
            if (!str_starts(files.file[i].path, S("cases/"))) continue;
            if (only && str_find(files.file[i].path, str_of(only), 0) == SIZE_MAX) continue;
            err_clear(&e);
            if (run_one(&r, &files.file[i], &e)) failed++;
            else passed++;
        }
    }
    printf("%u passed, %u failed\n", passed, failed);
    arena_done(&a);
    return failed != 0;
}
