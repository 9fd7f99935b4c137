/* cmd_init: a new installation: keys, store, systems; with --demo the demo city. Refuses a directory that is in use: what is there is
 * somebody's data.
 */
#include <stdio.h>
#include <string.h>

#include "app/demo.h"
#include "os/os.h"

static int64_t number_option(int argc, char **argv, const char *name, int64_t otherwise) {
    const char *text = cmd_option(argc, argv, name);
    int64_t n;
    return text && str_to_i64(str_of(text), &n) ? n : otherwise;
}

int cmd_init(int argc, char **argv) {
    const char *data = cmd_option(argc, argv, "--data"), *systems = cmd_option(argc, argv, "--systems");
    struct app *app = NULL;
    struct err e = { 0 };
    struct arena a;
    if (!data) data = "var";
    if (!systems) systems = "systems";
    arena_init(&a, "init", 65536);
    const char *done = arena_fmt(&a, "%s/installed", data).ptr;
    if (done && os_kind(done) != OS_NONE) {
        fprintf(stderr, "%s is an installation already; nothing was changed\n", data);
        arena_done(&a);
        return 1;
    }
    if (cmd_flag(argc, argv, "--demo")) os_clock_shift(-(int64_t)DEMO_HISTORY_DAYS * 86400000);
    int rc = cmd_open(argc, argv, data, &app, &e);
    if (!rc) rc = app_load_systems(app, systems, &e);
    struct demo d = { .systems_dir = systems, .people = number_option(argc, argv, "--people", 1000),
                      .companies = number_option(argc, argv, "--companies", 200), .seed = (uint64_t)number_option(argc, argv, "--seed", 1),
                      .cases = true };
    if (!rc && cmd_flag(argc, argv, "--demo")) rc = app_make_demo(app, &d, &e);
    size_t n = 1;
    for (int i = 0; !rc && n && i < 100; i++) rc = app_set_papers(app, &n, &e);
    if (!rc) rc = app_sequence(app, true, &e);
    if (!rc && cmd_flag(argc, argv, "--demo")) {
        printf("demo accounts, password %s:\n", DEMO_PASSWORD);
        struct buf b;
        buf_init(&b, &a, 1024, 32768);
        app_demo_list(app, S(""), &b);
        printf("%.*s", STR_ARG(buf_str(&b)));
    }
    app_close(app);
    if (!rc) rc = os_write_file(done, cmd_flag(argc, argv, "--demo") ? S("demo\n") : S("plain\n"), &e);
    arena_done(&a);
    return rc ? cmd_fail(&e) : 0;
}
