/* cmd_system: system check | new | load | export. Check needs no installation; load and export work on one. */
#include "app/app.h"

#include <stdio.h>
#include <string.h>

#include "os/os.h"

/* Where all systems lie, seen from one: the nearest folder above named "systems", else "systems" here. */
static const char *root_of(struct arena *a, const char *path) {
    struct str s = str_of(path);
    for (size_t at = s.len; at-- > 0;)
        if (str_ends(str_sub(s, 0, at), S("systems")) && s.ptr[at] == '/') return arena_cstr(a, str_sub(s, 0, at));
    return "systems";
}

/* Compiles a folder and what it needs, in memory; the checked one is the last. */
static int check_one(struct arena *a, const char *path, struct release_findings *findings, struct err *e) {
    const char **order;
    const struct system *done[64] = { NULL };
    size_t n;
    int rc = app_list_needs(a, root_of(a, path), path, &order, &n, e);
    for (size_t i = 0; !rc && i < n && i < 64; i++) {
        struct release_files files;
        struct str id, version, *needs;
        size_t n_needs;
        const struct system **needed = NULL;
        findings->n = 0;
        rc = release_read_dir(a, order[i], &files, e);
        if (!rc) rc = release_needs(a, &files, &id, &version, &needs, &n_needs, e);
        if (!rc && !(needed = arena_array(a, n_needs + 1, sizeof *needed))) rc = err_set(e, ERR_MEMORY, NULL);
        for (size_t k = 0; !rc && k < n_needs; k++)
            for (size_t j = 0; j < i; j++)
                if (done[j] && str_eq(done[j]->id, needs[k])) needed[k] = done[j];
        if (rc) break;
        done[i] = release_compile(a, &files, (int64_t)i + 1, needed, n_needs, findings);
        if (!done[i]) {
            if (i + 1 < n) fprintf(stderr, "in %s, which it needs:\n", order[i]);
            break;
        }
        if (i + 1 == n) release_check(done[i], &files, findings);
    }
    return rc;
}

static int check(int argc, char **argv) {
    const char *path = cmd_operand(argc, argv, 1);
    int bad = 0, seen = 0;
    for (int i = 1; path; path = cmd_operand(argc, argv, ++i)) {
        struct arena a;
        struct err e = { 0 };
        arena_init(&a, "check", (size_t)512 * 1024 * 1024);
        struct release_findings findings = { .arena = &a };
        seen++;
        if (check_one(&a, path, &findings, &e)) bad += cmd_fail(&e);
        for (size_t k = 0; k < findings.n; k++)
            printf("%s/%.*s:%u: %.*s\n", path, STR_ARG(findings.list[k].file), findings.list[k].line, STR_ARG(findings.list[k].text));
        bad += findings.n > 0;
        if (!findings.n && !e.code) printf("%s: ok\n", path);
        arena_done(&a);
    }
    if (!seen) fprintf(stderr, "tongban system check PATH...\n");
    return bad || !seen;
}

/* A new system is a copy of one that works, with its own id: the shortest way to something that runs. */
static int new_system(int argc, char **argv) {
    const char *path = cmd_operand(argc, argv, 1), *from = cmd_option(argc, argv, "--from");
    struct arena a;
    struct release_files files;
    struct err e = { 0 };
    if (!path) return fprintf(stderr, "tongban system new PATH [--from PATH]\n"), 2;
    if (!from) from = "systems/approval/residence-proof";
    arena_init(&a, "new", 64 * 1024 * 1024);
    struct str whole = str_of(path), root = str_of(root_of(&a, path));
    struct str id = str_starts(whole, root) ? str_sub(whole, root.len + 1, whole.len) : whole;
    int rc = release_read_dir(&a, from, &files, &e);
    for (size_t i = 0; !rc && i < files.n; i++) {
        if (!str_eq(files.file[i].path, S("system.yaml"))) continue;
        size_t eol = str_find_char(files.file[i].bytes, '\n', 0);
        files.file[i].bytes = ARENA_CAT(&a, S("id: "), id, str_sub(files.file[i].bytes, eol, files.file[i].bytes.len));
    }
    if (!rc) rc = release_write_dir(&files, path, &e);
    if (!rc)
        printf("%s is a copy of %s under its own id.\nNow change titles, item, form, process and roles, then: tongban system check %s\n", path,
               from, path);
    arena_done(&a);
    return rc ? cmd_fail(&e) : 0;
}

static int load(int argc, char **argv, const char *data) {
    struct app *app = NULL;
    struct err e = { 0 };
    const char *path = cmd_operand(argc, argv, 1);
    int64_t id = 0;
    if (!path) return fprintf(stderr, "tongban system load PATH [--data DIR]\n"), 2;
    int rc = cmd_open(argc, argv, data, &app, &e);
    if (!rc) rc = app_load_system(app, path, &id, &e);
    if (!rc) rc = app_sequence(app, true, &e);
    if (!rc) printf("release %lld of %s is active\n", (long long)id, path);
    app_close(app);
    return rc ? cmd_fail(&e) : 0;
}

struct exporting {
    struct str system;
    int64_t id;
    struct release_files files;
};

static int export_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct exporting *x = job->arg;
    int rc = release_active_id(tx, job->home, x->system, &x->id, e);
    return rc ? rc : release_files_get(tx, job->home, x->id, &x->files, e);
}

static int export_system(int argc, char **argv, const char *data) {
    struct app *app = NULL;
    struct err e = { 0 };
    const char *id = cmd_operand(argc, argv, 1), *dir = cmd_operand(argc, argv, 2);
    struct arena a;
    if (!id || !dir) return fprintf(stderr, "tongban system export ID DIR [--data DIR]\n"), 2;
    arena_init(&a, "export", 64 * 1024 * 1024);
    struct exporting x = { .system = str_of(id) };
    int rc = cmd_open(argc, argv, data, &app, &e);
    if (!rc) rc = app_job(app, STORE_READ, &a, export_body, &x, &e);
    if (!rc) rc = release_write_dir(&x.files, dir, &e);
    if (!rc) printf("%s: release %lld, %zu files\n", dir, (long long)x.id, x.files.n);
    app_close(app);
    arena_done(&a);
    return rc ? cmd_fail(&e) : 0;
}

int cmd_system(int argc, char **argv) {
    const char *verb = cmd_operand(argc, argv, 0), *data = cmd_option(argc, argv, "--data");
    if (!data) data = "var";
    if (verb && strcmp(verb, "check") == 0) return check(argc, argv);
    if (verb && strcmp(verb, "new") == 0) return new_system(argc, argv);
    if (verb && strcmp(verb, "load") == 0) return load(argc, argv, data);
    if (verb && strcmp(verb, "export") == 0) return export_system(argc, argv, data);
    fprintf(stderr, "tongban system check PATH | new PATH | load PATH | export ID DIR\n");
    return 2;
}
