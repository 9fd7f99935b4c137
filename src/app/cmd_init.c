/* cmd_init: a new installation: keys, store, systems; with --demo the demo city. Invariant: it is there whole, or not at all (cmd_make.c);
 * what is there already is somebody's data and is left alone.
 */
#include <stdio.h>

#include "app/cmd.h"
#include "app/demo.h"
#include "os/os.h"

static int number_option(int argc, char **argv, const char *name, int64_t *ret, struct err *e) {
    const char *text = cmd_option(argc, argv, name);
    if (text && (!str_to_i64(str_of(text), ret) || *ret < 0)) return err_field(e, ERR_FORMAT, str_of(name), "a whole number");
    return 0;
}

/* What is made, in the folder that is not yet under its name. */
static int make(int argc, char **argv, struct arena *a, const struct making *m, struct err *e) {
    const char *systems = cmd_option(argc, argv, "--systems");
    bool is_demo = cmd_flag(argc, argv, "--demo");
    struct app *app = NULL;
    struct buf accounts;
    if (!systems) systems = "systems";
    struct demo d = { .systems_dir = systems, .seed = 1, .people = 1000, .companies = 200, .cases = true };
    int64_t seed = 1;
    int rc = number_option(argc, argv, "--people", &d.people, e);
    if (!rc) rc = number_option(argc, argv, "--companies", &d.companies, e);
    if (!rc) rc = number_option(argc, argv, "--seed", &seed, e);
    d.seed = (uint64_t)seed;
    if (!rc && is_demo) os_clock_shift(-(int64_t)DEMO_HISTORY_DAYS * 86400000);
    if (!rc) rc = cmd_open(argc, argv, m->made, &app, e);
    if (!rc) rc = app_load_systems(app, systems, e);
    if (!rc && is_demo) rc = app_make_demo(app, &d, e);
    size_t n = 1;
    for (int i = 0; !rc && n && i < 100; i++) rc = app_set_papers(app, &n, e);
    if (!rc) rc = app_sequence(app, true, e);
    buf_init(&accounts, a, 1024, 32768);
    if (!rc && is_demo) app_demo_list(app, S(""), &accounts);
    app_close(app);
    if (!rc) rc = os_write_file(arena_fmt(a, "%s/installed", m->made).ptr, is_demo ? S("demo\n") : S("plain\n"), e);
    if (!rc && is_demo) printf("demo accounts, password %s:\n%.*s", DEMO_PASSWORD, STR_ARG(buf_str(&accounts)));
    return rc;
}

int cmd_init(int argc, char **argv) {
    struct making m;
    struct err e = { 0 };
    struct arena a;
    arena_init(&a, "init", 1024 * 1024);
    int rc = making_begin(&a, cmd_data(argc, argv), &m, &e);
    if (!rc) {
        rc = make(argc, argv, &a, &m, &e);
        rc = making_end(&m, &a, rc, &e);
    }
    if (rc) (void)cmd_fail(cmd_data(argc, argv), &e);
    if (rc && cmd_option(argc, argv, "--store"))
        fprintf(stderr, "the database may hold a part of it: make it empty (dropdb, createdb) before you try again\n");
    arena_done(&a);
    return rc ? CMD_FAILED : CMD_DONE;
}
