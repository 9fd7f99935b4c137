/* cmd_more: audit, backup, restore, sample. */
#include <stdio.h>
#include <string.h>

#include "app/app.h"
#include "app/generated.h"
#include "app/sample.h"
#include "os/os.h"

static const char *data_of(int argc, char **argv) {
    const char *data = cmd_option(argc, argv, "--data");
    return data ? data : "var";
}

static void print_report(const struct audit_report *r) {
    printf("entries numbered:   %llu\nsigned heads:       %llu\nsealed up to entry: %llu\n", (unsigned long long)r->entries,
           (unsigned long long)r->heads, (unsigned long long)r->sealed);
    printf("unsealed window:    %llu numbered, %llu not yet numbered\n", (unsigned long long)r->unsealed, (unsigned long long)r->pending);
    for (size_t i = 0; i < r->n_faults; i++)
        printf("FAULT %s: entries %llu to %llu\n", audit_fault_name(r->fault[i].kind), (unsigned long long)r->fault[i].first,
               (unsigned long long)r->fault[i].last);
    printf(r->all_faults ? "%llu faults: the log is not sound\n" : "sound: %llu faults\n", (unsigned long long)r->all_faults);
}

int cmd_audit(int argc, char **argv) {
    const char *verb = cmd_operand(argc, argv, 0);
    struct app *app = NULL;
    struct err e = { 0 };
    struct audit_report report = { 0 };
    if (!verb || strcmp(verb, "verify") != 0) return fprintf(stderr, "tongban audit verify [--data DIR] [--store URL]\n"), 2;
    int rc = cmd_open(argc, argv, data_of(argc, argv), &app, &e);
    if (!rc) rc = audit_verify(app->store, app->realm.home, app->keys.head_spki, NULL, &report, &e);
    if (!rc) print_report(&report);
    app_close(app);
    return rc ? cmd_fail(&e) : report.all_faults != 0;
}

/* The installation's parts: <FILE> holds the rows, <FILE>.d the blobs and keys, without which the rows stay shut. */
static int copy_tree(struct arena *a, const char *from, const char *to, struct err *e) {
    enum { FILE_BYTES_MAX = 128 * 1024 * 1024 };
    struct str *names, bytes;
    size_t n;
    if (os_kind(from) == OS_NONE) return 0;
    int rc = os_mkdir(to, e);
    if (!rc) rc = os_list_dir(a, from, &names, &n, e);
    for (size_t i = 0; !rc && i < n; i++) {
        const char *f = arena_fmt(a, "%s/%.*s", from, STR_ARG(names[i])).ptr, *t = arena_fmt(a, "%s/%.*s", to, STR_ARG(names[i])).ptr;
        struct arena file;
        if (!f || !t) return err_set(e, ERR_MEMORY, NULL);
        if (os_kind(f) == OS_DIR) {
            rc = copy_tree(a, f, t, e);
            continue;
        }
        arena_init(&file, "copy", FILE_BYTES_MAX + 4096);
        rc = os_read_file(&file, f, FILE_BYTES_MAX, &bytes, e);
        if (!rc) rc = os_write_file(t, bytes, e);
        arena_done(&file);
    }
    return rc;
}

static int open_plain_store(int argc, char **argv, struct arena *a, struct store **ret, struct err *e) {
    const char *url = cmd_option(argc, argv, "--store");
    struct store_config c = { .url = url ? str_of(url) : arena_fmt(a, "sqlite:%s/tongban.db", data_of(argc, argv)),
                              .migrations = migrations, .n_migrations = n_migrations };
    return store_open(&c, ret, e);
}

static int back_or_forth(int argc, char **argv, bool back) {
    const char *file = cmd_operand(argc, argv, 0), *data = data_of(argc, argv);
    static const char *const parts[] = { "blobs", "keys" };
    struct arena a;
    struct store *s = NULL;
    struct err e = { 0 };
    if (!file) return fprintf(stderr, "tongban %s FILE [--data DIR] [--store URL]\n", back ? "backup" : "restore"), 2;
    arena_init(&a, "backup", 64 * 1024 * 1024);
    int rc = back ? 0 : os_mkdir(data, &e);
    if (!rc) rc = open_plain_store(argc, argv, &a, &s, &e);
    if (!rc) rc = back ? store_dump(s, file, &e) : store_load(s, file, &e);
    for (size_t i = 0; !rc && i < 2; i++) {
        const char *here = arena_fmt(&a, "%s/%s", data, parts[i]).ptr, *there = arena_fmt(&a, "%s.d/%s", file, parts[i]).ptr;
        rc = back ? copy_tree(&a, here, there, &e) : copy_tree(&a, there, here, &e);
    }
    const char *mark = arena_fmt(&a, "%s/installed", data).ptr;
    if (!rc && !back) rc = os_write_file(mark, S("restored\n"), &e);
    store_close(s);
    if (!rc) printf("%s %s and %s.d\n", back ? "written:" : "read:", file, file);
    arena_done(&a);
    return rc ? cmd_fail(&e) : 0;
}

int cmd_backup(int argc, char **argv) {
    return back_or_forth(argc, argv, true);
}

int cmd_restore(int argc, char **argv) {
    return back_or_forth(argc, argv, false);
}

int cmd_sample(int argc, char **argv) {
    const char *kind = cmd_operand(argc, argv, 0), *out = cmd_option(argc, argv, "--out");
    const char *texts[] = { cmd_option(argc, argv, "--people"), cmd_option(argc, argv, "--companies"), cmd_option(argc, argv, "--seed") };
    int64_t n[] = { 1000, 200, 1 };
    struct arena a;
    struct sample_city city;
    struct err e = { 0 };
    if (!kind || strcmp(kind, "population") != 0) /* tidy: a word of the command line, not a system */
        return fprintf(stderr, "tongban sample population [--people N] [--companies N] [--seed S] [--out DIR]\n"), 2;
    for (size_t i = 0; i < 3; i++)
        if (texts[i] && (!str_to_i64(str_of(texts[i]), &n[i]) || n[i] < 0)) return fprintf(stderr, "not a number: %s\n", texts[i]), 2;
    if (!out) out = ".";
    arena_init(&a, "sample", (size_t)4 * 1024 * 1024 * 1024);
    struct civil_date today = { (int32_t)(os_now_ms() / 86400000) };
    int rc = sample_make(&a, (uint64_t)n[2], (size_t)n[0], (size_t)n[1], today, &city, &e);
    const struct str tables[] = { city.people, city.companies, city.shareholders };
    static const char *const names[] = { "person.csv", "company.csv", "shareholder.csv" };
    if (!rc) rc = os_mkdir(out, &e);
    for (size_t i = 0; !rc && i < 3; i++) {
        const char *path = arena_fmt(&a, "%s/%s", out, names[i]).ptr;
        rc = path ? os_write_file(path, tables[i], &e) : err_set(&e, ERR_MEMORY, NULL);
        if (!rc) printf("%s\n", path);
    }
    arena_done(&a);
    return rc ? cmd_fail(&e) : 0;
}
