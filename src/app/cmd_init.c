/* cmd_init: a new installation: keys, store, systems; with --demo the demo city. Invariant: it is there whole, or not at all (cmd_make.c);
 * what is there already is somebody's data and is left alone.
 */
#include <stdio.h>

#include "app/cmd.h"
#include "app/demo.h"
#include "os/os.h"

enum { CSV_BYTES_MAX = 4 * 1024 * 1024 };

static int number_option(int argc, char **argv, const char *name, int64_t *ret, struct err *e) {
    const char *text = cmd_option(argc, argv, name);
    if (text && (!str_to_i64(str_of(text), ret) || *ret < 0)) return err_field(e, ERR_FORMAT, str_of(name), "a whole number");
    return 0;
}

/* What is made, in the folder that is not yet under its name. */
static int make(int argc, char **argv, struct arena *a, const struct making *m, struct err *e) {
    const char *systems = cmd_option(argc, argv, "--systems");
    const char *people = cmd_option(argc, argv, "--administrators"), *units = cmd_option(argc, argv, "--units");
    bool is_demo = cmd_flag(argc, argv, "--demo");
    struct str people_csv = S(""), units_csv = S("");
    struct app *app = NULL;
    struct buf accounts;
    if (!systems) systems = "systems";
    struct demo d = { .systems_dir = systems, .seed = 1, .people = 1000, .companies = 200, .cases = true, .says = true };
    int64_t seed = 1;
    int rc = number_option(argc, argv, "--people", &d.people, e);
    if (!rc) rc = number_option(argc, argv, "--companies", &d.companies, e);
    if (!rc) rc = number_option(argc, argv, "--cases", &d.year, e);
    if (!rc) rc = number_option(argc, argv, "--seed", &seed, e);
    d.seed = (uint64_t)seed;
    if (!rc && people) rc = os_read_file(a, people, CSV_BYTES_MAX, &people_csv, e);
    if (!rc && units) rc = os_read_file(a, units, CSV_BYTES_MAX, &units_csv, e);
    if (!rc && is_demo) os_clock_shift(-demo_days(&d) * 86400000);
    if (!rc) rc = cmd_open(argc, argv, m->made, &app, e);
    if (!rc) rc = app_load_systems(app, systems, e);
    if (!rc && is_demo) rc = app_make_demo(app, &d, e);
    size_t n = 1;
    for (int i = 0; !rc && n && i < 100; i++) rc = app_set_papers(app, &n, e);
    buf_init(&accounts, a, 1024, 32768);
    if (!rc && people) rc = app_begin_people(app, a, people_csv, units_csv, &accounts, e);
    if (!rc) rc = app_sequence(app, true, e);
    if (!rc && is_demo) app_demo_list(app, S(""), &accounts);
    app_close(app);
    if (!rc) rc = os_write_file(arena_fmt(a, "%s/installed", m->made).ptr, is_demo ? S("demo\n") : S("plain\n"), e);
    if (!rc && is_demo) printf("demo accounts, password %s:\n", DEMO_PASSWORD);
    else if (!rc) printf("the administrators and their passwords, which serve once and are shown only here:\n");
    if (!rc) printf("%.*s", STR_ARG(buf_str(&accounts)));
    return rc;
}

/* An installation in which nobody can sign in is of no use, and one with accounts that everybody knows is a demonstration. */
static int ask_for_people(void) {
    fprintf(stderr,
            "tongban init: say who the three administrators are, --administrators FILE; or --demo for the demo city; not both.\n"
            "FILE is a CSV, for example:\n"
            "  login,name,role\n"
            "  li.ming,李明,system-admin\n"
            "  wang.fang,王芳,security-admin\n"
            "  zhao.lei,赵磊,audit-admin\n"
            "Each gets a password that serves once, printed when it is made. --units FILE adds the government's units.\n");
    return CMD_USAGE;
}

int cmd_init(int argc, char **argv) {
    struct making m;
    struct err e = { 0 };
    struct arena a;
    bool people = cmd_option(argc, argv, "--administrators") != NULL;
    if (people == cmd_flag(argc, argv, "--demo") || (cmd_option(argc, argv, "--units") && !people)) return ask_for_people();
    arena_init(&a, "init", 16 * 1024 * 1024);
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
