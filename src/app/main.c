/* main: the commands of tongban, one row each; `tongban help` is printed from the same rows.
 * TO ADD A COMMAND: 1. a row here, 2. cmd_NAME.c beside, 3. a line in docs/guides/operator.md.
 */
#include "app/app.h"

#include <stdio.h>
#include <string.h>

#include "app/roles.h"

struct command {
    const char *name, *usage, *help;
    int (*run)(int argc, char **argv);
};
static const struct command commands[] = {
    { "serve",
      "[--data DIR] [--listen ADDRESS:PORT] [--store URL] [--node N] [--single] [--clock-is-right]", "serves the city", cmd_serve },
    { "init", "[--data DIR] [--systems DIR] [--store URL] [--demo]", "makes a new installation; with --demo, the demo city", cmd_init },
    { "system", "check PATH | new PATH | load PATH [--data DIR] | activate SYSTEM VERSION-OR-DIGEST [--as LOGIN] |"
      " export ID DIR [--data DIR]", "systems: the government as data", cmd_system },
    { "status", "[--data DIR]", "what a running server does: roles, store, queues, systems", cmd_status },
    { "metrics", "[--data DIR]", "a running server's figures as OpenMetrics text", cmd_metrics },
    { "case", "run PATH [--store URL]", "runs the scenarios of a system and prints each step", cmd_case },
    { "audit", "verify [--data DIR] [--store URL]", "finds any altered, removed, reordered or rewritten entry", cmd_audit },
    { "backup", "FILE [--data DIR] [--store URL]", "a backup in one snapshot, taken while serving", cmd_backup },
    { "restore", "FILE [--data DIR] [--store URL]", "a backup back into an empty store of either kind", cmd_restore },
    { "routes", "", "every page and call: id, method, path, kind, power; columns by tabs", cmd_routes },
    { "sample", "population [--people N] [--companies N] [--seed S] [--out DIR]", "synthetic people and companies as CSV", cmd_sample },
};

static int help(void) {
    printf("tongban: the open platform on which a city government runs\n\n");
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        printf("  tongban %s %s\n      %s\n", commands[i].name, commands[i].usage, commands[i].help);
    printf("  tongban help\n      this page\n");
    return 0;
}

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], ROLE_ARGUMENT) == 0) return role_enter(app_roles, app_n_roles, argc, argv);
    if (!crypto_self_test()) {
        fprintf(stderr, "tongban: the cryptographic self-test failed; refusing to run\n");
        return 70;
    }
    if (argc < 2 || strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0) return help();
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(argv[1], commands[i].name) == 0) return commands[i].run(argc - 1, argv + 1);
    fprintf(stderr, "tongban: there is no command '%s'; see: tongban help\n", argv[1]);
    return 2;
}
