/* cmd: what the commands share: options, errors, an app without a server. */
#include "app/app.h"

#include <stdio.h>
#include <string.h>

#include "os/os.h"

const char *cmd_option(int argc, char **argv, const char *name) {
    size_t n = strlen(name);
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], name, n) != 0) continue;
        if (argv[i][n] == '=') return argv[i] + n + 1;
        if (argv[i][n] == 0 && i + 1 < argc) return argv[i + 1];
    }
    return NULL;
}

bool cmd_flag(int argc, char **argv, const char *name) {
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], name) == 0) return true;
    return false;
}

/* Options with a value take the next word unless they are a flag of this list. */
static bool is_flag(const char *word) {
    static const char *const flags[] = { "--demo", "--single", "--strict", "--clock-is-right", NULL };
    for (const char *const *f = flags; *f; f++)
        if (strcmp(word, *f) == 0) return true;
    return false;
}

const char *cmd_operand(int argc, char **argv, int i) {
    for (int k = 1; k < argc; k++) {
        if (strncmp(argv[k], "--", 2) == 0) {
            if (!strchr(argv[k], '=') && !is_flag(argv[k])) k++;
            continue;
        }
        if (i-- == 0) return argv[k];
    }
    return NULL;
}

bool cmd_installed(const char *data) {
    struct arena a;
    arena_init(&a, "installed", 65536);
    const char *mark = arena_fmt(&a, "%s/installed", data).ptr;
    bool is = mark && os_kind(mark) == OS_FILE;
    if (!is) fprintf(stderr, "%s is no installation; make one with: tongban init --data %s --systems systems\n", data, data);
    arena_done(&a);
    return is;
}

int cmd_fail(const struct err *e) {
    struct arena a;
    arena_init(&a, "error", 8192);
    struct str text = err_text(e->code), hole = S("{detail}");
    size_t at = str_find(text, hole, 0);
    struct str whole = at == SIZE_MAX ? text
                                      : ARENA_CAT(&a, str_sub(text, 0, at), str_of(e->detail), str_sub(text, at + hole.len, text.len));
    if (e->line) fprintf(stderr, "%s:%u: ", e->field, e->line);
    fprintf(stderr, "%.*s (%s%s%s)\n", STR_ARG(whole), err_name(e->code), e->detail[0] && at == SIZE_MAX ? ": " : "",
            e->detail[0] && at == SIZE_MAX ? e->detail : "");
    arena_done(&a);
    return 1;
}

int cmd_node(int argc, char **argv, uint32_t *ret, struct err *e) {
    const char *text = cmd_option(argc, argv, "--node");
    uint64_t node = 0;
    if (text && (!str_to_u64(str_of(text), &node) || node > 1023)) return err_field(e, ERR_RANGE, S("--node"), "--node 0-1023");
    *ret = (uint32_t)node;
    return 0;
}

int cmd_open(int argc, char **argv, const char *data_dir, struct app **ret, struct err *e) {
    struct app_config c = { .data_dir = data_dir, .base_url = S("http://127.0.0.1:8080"), .demo = cmd_flag(argc, argv, "--demo") };
    const char *url = cmd_option(argc, argv, "--store"), *libpq = cmd_option(argc, argv, "--libpq");
    int rc = cmd_node(argc, argv, &c.node, e);
    if (url) c.store_url = str_of(url);
    if (libpq) c.libpq = str_of(libpq);
    return rc ? rc : app_open(&c, ret, e);
}
