/* cmd_more: audit, metrics, status, password, backup, restore, sample. */
#include <stdio.h>
#include <string.h>

#include "app/cmd.h"
#include "app/control.h"
#include "app/generated.h"
#include "app/sample.h"
#include "engine/audit/audit_kept.h"
#include "os/os.h"

/* A question whose answer is text. */
static int ask_text(int argc, char **argv, enum control_op op, struct str body) {
    struct err e = { 0 };
    int code = 0, rc = control_ask(argc, argv, op, body, control_print, NULL, &code, &e);
    return rc ? cmd_fail(cmd_data(argc, argv), &e) : code;
}

/* The heads are read here: a server need not be able to. */
int cmd_audit_verify(int argc, char **argv) {
    const char *file = cmd_option(argc, argv, "--head");
    struct arena a;
    struct str heads = S("");
    struct audit_kept *kept;
    struct err e = { 0 };
    arena_init(&a, "heads", (size_t)8 * AUDIT_KEPT_BYTES_MAX);
    int rc = file ? os_read_file(&a, file, AUDIT_KEPT_BYTES_MAX, &heads, &e) : 0;
    if (!rc && file && !str_trim(heads).len) rc = err_field(&e, ERR_REQUIRED, str_of(file), "a signed head");
    if (!rc && !(kept = arena_new(&a, struct audit_kept))) rc = err_set(&e, ERR_MEMORY, "heads");
    if (!rc) rc = audit_kept_read(&a, heads, kept, &e);
    int code = rc ? (cmd_fail(file ? file : "--head", &e), CMD_DATA) : ask_text(argc, argv, CONTROL_VERIFY, heads);
    arena_done(&a);
    return code;
}

int cmd_audit_head(int argc, char **argv) {
    return ask_text(argc, argv, CONTROL_HEAD, S(""));
}

int cmd_metrics(int argc, char **argv) {
    return ask_text(argc, argv, CONTROL_METRICS, S(""));
}

int cmd_status(int argc, char **argv) {
    return ask_text(argc, argv, CONTROL_STATUS, S(""));
}

int cmd_password(int argc, char **argv) {
    const char *login = cmd_operand(argc, argv, 0);
    struct err e = { 0 };
    int code = 0, rc = control_ask(argc, argv, CONTROL_PASSWORD, str_of(login), control_print, NULL, &code, &e);
    return rc ? cmd_fail(login, &e) : code;
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

static int copy_part(struct arena *a, const char *data, const char *file, const char *part, bool back, struct err *e) {
    const char *here = arena_fmt(a, "%s/%s", data, part).ptr, *there = arena_fmt(a, "%s.d/%s", file, part).ptr;
    return back ? copy_tree(a, there, here, e) : copy_tree(a, here, there, e);
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
    arena_init(&a, "backup", 64 * 1024 * 1024);
    if (!cmd_installed(cmd_data(argc, argv))) return CMD_FAILED;
    /* The keys before the rows: what they remember to have signed is in the rows by then. The blobs behind: the rows name none that
     * is not there. */
    int rc = copy_part(&a, cmd_data(argc, argv), file, "keys", false, &e);
    bool begun = !rc && (rc = os_file_new(&f, file, &e)) == 0;
    if (begun) {
        rc = control_ask(argc, argv, CONTROL_BACKUP, S(""), append, &f.fd, &code, &e);
        int end = os_file_end(&f, rc ? rc : code, &e);
        if (!rc && !code) rc = end;
    }
    if (!rc && !code) rc = copy_part(&a, cmd_data(argc, argv), file, "blobs", false, &e);
    if (!rc && !code) printf("written: %s and %s.d\n", file, file);
    arena_done(&a);
    return rc ? cmd_fail(file, &e) : code;
}

/* Into a new place, which appears when it is whole. */
int cmd_restore(int argc, char **argv) {
    const char *file = cmd_operand(argc, argv, 0), *url = cmd_option(argc, argv, "--store"), *libpq = cmd_option(argc, argv, "--libpq");
    struct arena a;
    struct making m;
    struct store *s = NULL;
    struct err e = { 0 };
    arena_init(&a, "restore", 64 * 1024 * 1024);
    int rc = os_kind(file) == OS_FILE ? 0 : err_field(&e, ERR_NOT_FOUND, str_of(file), "A backup is FILE and the folder FILE.d beside it");
    bool begun = !rc && (rc = making_begin(&a, cmd_data(argc, argv), &m, &e)) == 0;
    if (begun) {
        struct store_config c = { .url = url ? str_of(url) : arena_fmt(&a, "sqlite:%s/tongban.db", m.made), .migrations = migrations,
                                  .n_migrations = n_migrations, .libpq = libpq ? str_of(libpq) : S("") };
        rc = store_open(&c, &s, &e);
        if (!rc) rc = store_load(s, file, &e);
        if (!rc) rc = copy_part(&a, m.made, file, "keys", true, &e);
        if (!rc) rc = copy_part(&a, m.made, file, "blobs", true, &e);
        if (!rc) rc = os_write_file(arena_fmt(&a, "%s/installed", m.made).ptr, S("restored\n"), &e);
        store_close(s);
        rc = making_end(&m, &a, rc, &e);
    }
    if (!rc) printf("read: %s and %s.d\n", file, file);
    arena_done(&a);
    return rc ? cmd_fail(file, &e) : 0;
}

int cmd_sample(int argc, char **argv) {
    const char *out = cmd_option(argc, argv, "--out");
    const char *texts[] = { cmd_option(argc, argv, "--people"), cmd_option(argc, argv, "--companies"), cmd_option(argc, argv, "--seed") };
    int64_t n[] = { 1000, 200, 1 };
    struct arena a;
    struct sample_city city;
    struct err e = { 0 };
    for (size_t i = 0; i < 3; i++)
        if (texts[i] && (!str_to_i64(str_of(texts[i]), &n[i]) || n[i] < 0))
            return fprintf(stderr, "not a number: %s\n", texts[i]), CMD_USAGE;
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
    return rc ? cmd_fail(out, &e) : 0;
}
