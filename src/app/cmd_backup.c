/* cmd_backup: a backup, its way back, and the drill that shows that it has one.
 *
 * Invariants: 1. A backup is the rows of one snapshot, the keys of before it and the blobs of after it: it holds all that the rows need.
 * 2. A drill is a restore as one would do it, into a folder that is thrown away; what it found is an entry of the log of the installation.
 */
#include <stdio.h>
#include <string.h>

#include "app/cmd.h"
#include "app/control.h"
#include "app/generated.h"
#include "engine/audit/audit_kept.h"
#include "os/os.h"
#include "store/dump.h"

enum { FILE_BYTES_MAX = 128 * 1024 * 1024 };

/* The installation's parts: <FILE> holds the rows, <FILE>.d the blobs and keys, without which the rows stay shut. */
static int copy_tree(struct arena *a, const char *from, const char *to, struct err *e) {
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


/* What tells one backup from every other: the digest at its end, and its size. */
static int identify(const char *file, uint64_t *size, uint8_t digest[DIGEST_BYTES], struct err *e) {
    int fd = -1;
    size_t n = 0;
    int rc = os_open_read(file, &fd, size, e);
    if (rc) return rc;
    if (*size >= DUMP_TAIL_BYTES) rc = os_read_at(fd, *size - DIGEST_BYTES, digest, DIGEST_BYTES, &n, e);
    os_close(fd);
    return rc ? rc : n == DIGEST_BYTES ? 0 : err_set(e, ERR_DAMAGED, "it is too short to be a backup");
}

static struct str base_of(const char *file) {
    struct str s = str_of(file);
    for (size_t at = s.len; at-- > 0;)
        if (s.ptr[at] == '/') return str_sub(s, at + 1, SIZE_MAX);
    return s;
}

/* The log of the installation says that it was done. Nothing of it is lost where that cannot be written: it is said, and no more. */
static void note(int argc, char **argv, struct arena *a, const char *what, const char *file, const char *result) {
    uint8_t digest[DIGEST_BYTES];
    uint64_t size;
    struct err e = { 0 };
    struct buf b;
    int code = 0, rc = identify(file, &size, digest, &e);
    buf_init(&b, a, 1024, 4096);
    buf_add_fmt(&b, "%s\n%s\n%llu\n", what, result, (unsigned long long)size);
    if (!rc) buf_add_hex(&b, digest, sizeof digest);
    buf_add_char(&b, '\n');
    buf_add(&b, base_of(file));
    if (!rc) rc = control_ask(argc, argv, CONTROL_BACKED, buf_str(&b), control_print, NULL, &code, &e);
    if (rc) fprintf(stderr, "%s: the log of the installation could not be told of it: %s %s\n", file, err_name(e.code), e.detail);
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
    if (!rc && !code) {
        printf("written: %s and %s.d\n", file, file);
        note(argc, argv, &a, "make", file, "done");
    }
    arena_done(&a);
    return rc ? cmd_fail(file, &e) : code;
}

/* ---- the way back ---- */

/* What a store gives, held against a file. */
struct comparing {
    int fd;
    uint64_t at;
    bool differs;
};

static int compare(void *to, struct str bytes, struct err *e) {
    struct comparing *c = to;
    char piece[4096];
    int rc = 0;
    for (size_t i = 0; !rc && i < bytes.len && !c->differs;) {
        size_t want = bytes.len - i < sizeof piece ? bytes.len - i : sizeof piece, got = 0;
        rc = os_read_at(c->fd, c->at, piece, want, &got, e);
        c->differs = !rc && (got != want || memcmp(piece, bytes.ptr + i, want) != 0);
        if (!c->differs) c->at += want, i += want;
    }
    return rc;
}

/* The store gives the bytes that it was made from, all of them and no others. */
static int same_rows(struct store *s, const char *file, bool *same, struct err *e) {
    struct comparing c = { .fd = -1 };
    uint64_t size;
    int rc = os_open_read(file, &c.fd, &size, e);
    if (rc) return rc;
    rc = store_dump_to(s, compare, &c, e);
    os_close(c.fd);
    *same = !c.differs && c.at == size;
    return rc;
}

struct place {
    const char *made;
    struct str store, libpq; /* empty: SQLite in `made` */
    bool *same;              /* NULL: not asked */
};

static int restore_into(struct arena *a, const char *file, const struct place *p, struct err *e) {
    struct store *s = NULL;
    struct store_config c = { .url = p->store.len ? p->store : arena_fmt(a, "sqlite:%s/tongban.db", p->made), .migrations = migrations,
                              .n_migrations = n_migrations, .libpq = p->libpq };
    int rc = store_open(&c, &s, e);
    if (!rc) rc = store_load(s, file, e);
    if (!rc && p->same) rc = same_rows(s, file, p->same, e);
    if (!rc) rc = copy_part(a, p->made, file, "keys", true, e);
    if (!rc) rc = copy_part(a, p->made, file, "blobs", true, e);
    if (!rc) rc = os_write_file(arena_fmt(a, "%s/installed", p->made).ptr, S("restored\n"), e);
    store_close(s);
    return rc;
}

static int there(const char *file, struct err *e) {
    return os_kind(file) == OS_FILE ? 0 : err_field(e, ERR_NOT_FOUND, str_of(file), "A backup is FILE and the folder FILE.d beside it");
}

/* Into a new place, which appears when it is whole. */
int cmd_restore(int argc, char **argv) {
    const char *file = cmd_operand(argc, argv, 0), *url = cmd_option(argc, argv, "--store"), *libpq = cmd_option(argc, argv, "--libpq");
    struct arena a;
    struct making m;
    struct err e = { 0 };
    arena_init(&a, "restore", 64 * 1024 * 1024);
    int rc = there(file, &e);
    bool begun = !rc && (rc = making_begin(&a, cmd_data(argc, argv), &m, &e)) == 0;
    if (begun) {
        const struct place p = { m.made, url ? str_of(url) : S(""), libpq ? str_of(libpq) : S(""), NULL };
        rc = restore_into(&a, file, &p, &e);
        rc = making_end(&m, &a, rc, &e);
    }
    if (!rc) printf("read: %s and %s.d\n", file, file);
    arena_done(&a);
    return rc ? cmd_fail(file, &e) : 0;
}

/* ---- the drill ---- */

struct drill {
    bool same, keys, sound;
    uint64_t files, bad_files, entries, faults;
};

/* Every blob is what its name says. */
static int check_blobs(struct arena *a, const char *dir, struct drill *d, struct err *e) {
    struct str *at, *name;
    size_t n, k;
    if (os_kind(dir) == OS_NONE) return 0;
    int rc = os_list_dir(a, dir, &at, &n, e);
    for (size_t i = 0; !rc && i < n; i++) {
        const char *below = arena_fmt(a, "%s/%.*s", dir, STR_ARG(at[i])).ptr;
        rc = os_list_dir(a, below, &name, &k, e);
        for (size_t x = 0; !rc && x < k; x++) {
            struct arena file;
            struct str bytes;
            struct digest h;
            struct buf hex;
            arena_init(&file, "blob", FILE_BYTES_MAX + 65536);
            rc = os_read_file(&file, arena_fmt(&file, "%s/%.*s", below, STR_ARG(name[x])).ptr, FILE_BYTES_MAX, &bytes, e);
            if (!rc) hash(SUITE_INTL, bytes, &h);
            buf_init(&hex, &file, 65, 65);
            if (!rc) buf_add_hex(&hex, h.v, sizeof h.v);
            d->files++;
            d->bad_files += !rc && !str_eq(buf_str(&hex), ARENA_CAT(&file, at[i], name[x]));
            arena_done(&file);
        }
    }
    return rc;
}

/* With its own keys, as an installation of its own, the log must be sound up to the newest head that they signed. */
static int check_log(struct arena *a, const char *made, struct drill *d, struct err *e) {
    struct app_config c = { .data_dir = made, .base_url = S("http://127.0.0.1") };
    struct audit_kept *kept = arena_new(a, struct audit_kept);
    struct audit_report r = { 0 };
    struct app *app = NULL;
    if (!kept) return err_set(e, ERR_MEMORY, "drill");
    int rc = app_open(&c, &app, e);
    d->keys = rc == 0;
    if (!rc) rc = app_verify_log(app, a, kept, &r, e);
    app_close(app);
    d->entries = r.entries;
    d->faults = r.all_faults;
    d->sound = !rc && r.all_faults == 0;
    return rc;
}

static const char *report(const char *file, const struct drill *d, int found, const struct err *e) {
    const char *result = !d->same ? "rows" : !d->keys ? "keys" : d->bad_files ? "files" : found ? "error" : !d->sound ? "log" : "passed";
    printf("rows:  %s\n", d->same ? "read back, they give the bytes of the backup" : "NOT the bytes of the backup");
    printf("keys:  %s\n", d->keys ? "they open what is sealed" : "MISSING or not of this backup: the rows stay shut");
    printf("files: %llu, %llu DAMAGED\n", (unsigned long long)d->files, (unsigned long long)d->bad_files);
    printf("log:   %llu entries, %llu faults\n", (unsigned long long)d->entries, (unsigned long long)d->faults);
    if (found) printf("error: %s %s %s\n", err_name(e->code), e->field, e->detail);
    printf("%s: %s\n", file, strcmp(result, "passed") == 0 ? "passed" : "FAILED");
    return result;
}

int cmd_drill(int argc, char **argv) {
    const char *file = cmd_operand(argc, argv, 0);
    struct arena a;
    struct making m;
    struct drill d = { 0 };
    struct err e = { 0 }, ignored = { 0 };
    const char *result = "";
    arena_init(&a, "drill", 256 * 1024 * 1024);
    if (!cmd_installed(cmd_data(argc, argv))) return CMD_FAILED;
    int rc = there(file, &e);
    if (!rc) rc = making_begin(&a, arena_fmt(&a, "%s.drill", file).ptr, &m, &e);
    if (!rc) {
        const struct place p = { m.made, S(""), S(""), &d.same };
        int found = restore_into(&a, file, &p, &e);
        if (!found) found = check_blobs(&a, arena_fmt(&a, "%s/blobs", m.made).ptr, &d, &e);
        if (!found) found = check_log(&a, m.made, &d, &e);
        (void)making_end(&m, &a, ERR_STATE, &ignored); /* it was a trial: nothing of it stays */
        result = report(file, &d, found, &e);
        note(argc, argv, &a, "verify", file, result);
    }
    arena_done(&a);
    return rc ? cmd_fail(file, &e) : strcmp(result, "passed") == 0 ? 0 : CMD_DATA;
}
