/* cmd_more: audit, metrics, status, backup, restore, sample. */
#include <stdio.h>
#include <string.h>

#include "app/control.h"
#include "app/generated.h"
#include "app/sample.h"
#include "os/local.h"
#include "os/os.h"
#include "os/proc.h"

static const char *data_of(int argc, char **argv) {
    const char *data = cmd_option(argc, argv, "--data");
    return data ? data : "var";
}

/* A question without a body, whose answer is text. */
static int ask_text(int argc, char **argv, enum control_op op) {
    struct err e = { 0 };
    int code = 0, rc = control_ask(argc, argv, op, S(""), control_print, NULL, &code, &e);
    return rc ? cmd_fail(&e) : code;
}

int cmd_audit(int argc, char **argv) {
    const char *verb = cmd_operand(argc, argv, 0);
    if (!verb || strcmp(verb, "verify") != 0) return fprintf(stderr, "tongban audit verify [--data DIR] [--store URL]\n"), 2;
    return ask_text(argc, argv, CONTROL_VERIFY);
}

int cmd_metrics(int argc, char **argv) {
    return ask_text(argc, argv, CONTROL_METRICS);
}

int cmd_status(int argc, char **argv) {
    return ask_text(argc, argv, CONTROL_STATUS);
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

enum { PARTS = 2 };
static const char *const parts[PARTS] = { "blobs", "keys" };

static int copy_parts(struct arena *a, const char *data, const char *file, bool back, struct err *e) {
    int rc = 0;
    for (size_t i = 0; !rc && i < PARTS; i++) {
        const char *here = arena_fmt(a, "%s/%s", data, parts[i]).ptr, *there = arena_fmt(a, "%s.d/%s", file, parts[i]).ptr;
        rc = back ? copy_tree(a, here, there, e) : copy_tree(a, there, here, e);
    }
    return rc;
}

static int append(void *fd, struct str bytes, struct err *e) {
    return os_append(*(int *)fd, bytes, e);
}

int cmd_backup(int argc, char **argv) {
    const char *file = cmd_operand(argc, argv, 0);
    struct arena a;
    struct os_file f;
    struct err e = { 0 };
    int code = 0;
    if (!file) return fprintf(stderr, "tongban backup FILE [--data DIR] [--store URL]\n"), 2;
    arena_init(&a, "backup", 64 * 1024 * 1024);
    int rc = os_file_new(&f, file, &e);
    if (!rc) {
        rc = control_ask(argc, argv, CONTROL_BACKUP, S(""), append, &f.fd, &code, &e);
        int end = os_file_end(&f, rc ? rc : code, &e);
        if (!rc && !code) rc = end;
    }
    /* After the rows: what they name is there by then. */
    if (!rc && !code) rc = copy_parts(&a, data_of(argc, argv), file, true, &e);
    if (!rc && !code) printf("written: %s and %s.d\n", file, file);
    arena_done(&a);
    return rc ? cmd_fail(&e) : code;
}

/* Into a new place, which nobody serves. */
int cmd_restore(int argc, char **argv) {
    const char *file = cmd_operand(argc, argv, 0), *data = data_of(argc, argv), *url = cmd_option(argc, argv, "--store");
    const char *libpq = cmd_option(argc, argv, "--libpq");
    struct arena a;
    struct store *s = NULL;
    struct err e = { 0 };
    int lock = -1;
    if (!file) return fprintf(stderr, "tongban restore FILE [--data DIR] [--store URL]\n"), 2;
    arena_init(&a, "restore", 64 * 1024 * 1024);
    struct store_config c = { .url = url ? str_of(url) : arena_fmt(&a, "sqlite:%s/tongban.db", data), .migrations = migrations,
                              .n_migrations = n_migrations, .libpq = libpq ? str_of(libpq) : S("") };
    const char *mark = arena_fmt(&a, "%s/installed", data).ptr;
    int rc = os_mkdir(data, &e);
    if (!rc) rc = local_lock(data, &lock, &e);
    if (!rc) rc = store_open(&c, &s, &e);
    if (!rc) rc = store_load(s, file, &e);
    if (!rc) rc = copy_parts(&a, data, file, false, &e);
    if (!rc) rc = os_write_file(mark, S("restored\n"), &e);
    store_close(s);
    proc_close(&lock);
    if (!rc) printf("read: %s and %s.d\n", file, file);
    arena_done(&a);
    return rc ? cmd_fail(&e) : 0;
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
