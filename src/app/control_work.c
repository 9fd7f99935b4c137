/* control_work: the table of questions and the work of each; see control.h. Invariant: nothing here knows whether a server or the
 * command line calls it.
 */
#include "app/control.h"

#include <string.h>

#include "app/cmd.h"
#include "engine/audit/audit_kept.h"
#include "engine/identity/identity.h"
#include "http/metrics.h"
#include "os/os.h"

static int put_buf(struct control_call *c, const struct buf *b, struct err *e) {
    return buf_ok(b) ? c->out(c->to, buf_str(b), e) : err_set(e, ERR_MEMORY, "answer");
}

static int metrics_text(struct control_call *c, struct err *e) {
    struct buf b;
    buf_init(&b, c->arena, 65536, 4 * 1024 * 1024);
    if (!c->app->metrics) return err_set(e, ERR_STATE, "no pages are served here");
    metrics_write(c->app->metrics, &b);
    return put_buf(c, &b, e);
}

static int status(struct control_call *c, struct err *e) {
    struct buf b;
    buf_init(&b, c->arena, 4096, 1024 * 1024);
    int rc = status_write(c->app, c->arena, &b, e);
    return rc ? rc : put_buf(c, &b, e);
}

static bool is_demo(const struct app *app, struct arena *a) {
    struct str mark;
    const char *path = arena_fmt(a, "%s/installed", app->data_dir).ptr;
    return path && os_read_file(a, path, 64, &mark, NULL) == 0 && str_eq(str_trim(mark), S("demo"));
}

static int load(struct control_call *c, struct err *e) {
    struct release_files files;
    struct str system = S(""), version, *needs;
    struct buf b;
    size_t n;
    int64_t id = 0;
    bool demo = is_demo(c->app, c->arena);
    buf_init(&b, c->arena, 1024, 1024 * 1024);
    int rc = release_unpack(c->arena, c->body, &files, e);
    if (!rc) rc = release_needs(c->arena, &files, &system, &version, &needs, &n, e);
    if (!rc) rc = app_load_files(c->app, c->who, &files, demo, &id, e);
    if (rc) return rc;
    buf_add_fmt(&b, "release %lld of %.*s is active\n", (long long)id, STR_ARG(system));
    if (demo) app_demo_list(c->app, system, &b);
    return put_buf(c, &b, e);
}

/* The account whose act it is, where one is named. */
struct asking {
    struct app *app;
    struct str login;
    struct actor who;
};

static int find_who(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct asking *x = job->arg;
    int64_t account;
    (void)job;
    int rc = identity_account_by_login(tx, &x->app->realm, x->login, &account, e);
    return rc ? rc : identity_actor_of(tx, &x->app->realm, account, &x->who, e);
}

static int activate(struct control_call *c, struct err *e) {
    struct str rest = c->body, system = S(""), word = S("");
    struct asking x = { .app = c->app };
    struct arena rows; /* holds the actor until the act is done */
    struct buf b;
    int64_t id = 0;
    (void)str_cut(&rest, '\n', &system);
    (void)str_cut(&rest, '\n', &word);
    x.login = rest;
    arena_init(&rows, "activate", 1024 * 1024);
    int rc = x.login.len ? app_job(c->app, STORE_READ, &rows, find_who, &x, e) : 0;
    x.who.request_id = c->who->request_id;
    x.who.peer = c->who->peer;
    if (!rc) rc = app_activate_system(c->app, x.login.len ? &x.who : c->who, system, word, &id, e);
    arena_done(&rows);
    if (rc) return rc;
    buf_init(&b, c->arena, 256, 4096);
    buf_add_fmt(&b, "release %lld of %.*s is active\n", (long long)id, STR_ARG(system));
    return put_buf(c, &b, e);
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

static int export_system(struct control_call *c, struct err *e) {
    struct exporting x = { .system = c->body };
    struct arena rows;
    struct buf b;
    arena_init(&rows, "export", 64 * 1024 * 1024);
    int rc = app_job(c->app, STORE_READ, &rows, export_body, &x, e);
    if (!rc) {
        buf_init(&b, c->arena, 65536, RELEASE_PACKED_BYTES_MAX);
        rc = release_pack(&x.files, &b, e);
    }
    if (!rc) rc = put_buf(c, &b, e);
    arena_done(&rows);
    return rc;
}

/* Heads that cannot be held against this log are told before it is read: the fault is the file's, not the log's. */
static bool comparable(struct control_call *c, const struct audit_kept *kept, struct buf *b) {
    struct str key = c->app->keys.head_spki;
    bool all = true;
    for (size_t i = 0; i < kept->n; i++) {
        const struct audit_head *h = &kept->head[i];
        enum audit_kept_fault fault = audit_kept_judge(h, c->app->realm.home, key);
        if (fault == AUDIT_KEPT_OURS) continue;
        all = false;
        buf_add_fmt(b, "REFUSED head of entry %llu, key %08x: ", (unsigned long long)h->size, h->key_id);
        if (fault == AUDIT_KEPT_CHANGED) buf_add(b, S("it is not as it was signed; look whether the file was changed or copied badly\n"));
        else buf_add_fmt(b, "it is of another installation (this one signs with key %08x), or this one's keys were replaced\n",
                         audit_key_id(c->app->keys.suite, key));
    }
    if (!all) buf_add(b, S("nothing was verified\n"));
    return all;
}

static int heads_of(struct control_call *c, struct audit_kept **ret, struct err *e) {
    struct audit_kept *kept = arena_new(c->arena, struct audit_kept);
    if (!kept) return err_set(e, ERR_MEMORY, "heads");
    *ret = kept;
    return audit_kept_read(c->arena, c->body, kept, e);
}

static void put_report(const struct audit_report *r, struct buf *b) {
    bool back = false;
    buf_add_fmt(b, "entries numbered:   %llu\nsigned heads:       %llu\nsealed up to entry: %llu\n", (unsigned long long)r->entries,
                (unsigned long long)r->heads, (unsigned long long)r->sealed);
    buf_add_fmt(b, "unsealed window:    %llu numbered, %llu not yet numbered\n", (unsigned long long)r->unsealed,
                (unsigned long long)r->pending);
    buf_add_fmt(b, "kept heads:         %llu of %llu held (the newest that keys signed is one of them)\n", (unsigned long long)r->kept_held,
                (unsigned long long)r->kept);
    for (size_t i = 0; i < r->n_faults; i++) {
        back |= r->fault[i].kind == AUDIT_FAULT_ROLLBACK;
        buf_add_fmt(b, "FAULT %s: entries %llu to %llu\n", audit_fault_name(r->fault[i].kind), (unsigned long long)r->fault[i].first,
                    (unsigned long long)r->fault[i].last);
    }
    if (back) buf_add(b, S("rollback: a signed head tells of entries that are not, or not so, in this store: it was put back to an "
                           "earlier state, or rewritten\n"));
    buf_add_fmt(b, r->all_faults ? "%llu faults: the log is not sound\n" : "sound: %llu faults\n", (unsigned long long)r->all_faults);
}

static int verify(struct control_call *c, struct err *e) {
    struct audit_report r = { 0 };
    struct audit_kept *kept;
    struct buf b;
    buf_init(&b, c->arena, 1024, 1024 * 1024);
    int rc = heads_of(c, &kept, e);
    if (rc) return rc;
    bool can = comparable(c, kept, &b);
    if (can) rc = app_verify_log(c->app, c->arena, kept, &r, e);
    if (rc) return rc;
    if (can) put_report(&r, &b);
    c->exit_code = can ? r.all_faults != 0 : CMD_DATA;
    return put_buf(c, &b, e);
}

struct heading {
    struct arena *a;
    struct audit_head head;
};

static int head_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct heading *x = job->arg;
    int rc = audit_head_last(tx, job->home, &x->head, e);
    if (!rc) x->head.signature = arena_str(x->a, x->head.signature);
    return rc;
}

static int head(struct control_call *c, struct err *e) {
    struct heading x = { .a = c->arena };
    struct arena rows;
    struct buf b;
    arena_init(&rows, "head", 1024 * 1024);
    int rc = app_job(c->app, STORE_READ, &rows, head_body, &x, e);
    arena_done(&rows);
    if (rc) return rc;
    buf_init(&b, c->arena, AUDIT_KEPT_LINE_BYTES_MAX, AUDIT_KEPT_LINE_BYTES_MAX);
    audit_kept_write(&b, &x.head);
    return put_buf(c, &b, e);
}

static int password(struct control_call *c, struct err *e) {
    struct buf b;
    struct str drawn = S("");
    int rc = app_reset_password(c->app, c->who, c->arena, c->body, &drawn, e);
    if (rc) return rc;
    buf_init(&b, c->arena, 256, 1024);
    buf_add_fmt(&b, "%.*s: password %.*s serves once; a new one is asked for at sign-in\n", STR_ARG(c->body), STR_ARG(drawn));
    return put_buf(c, &b, e);
}

static int backup(struct control_call *c, struct err *e) {
    return store_dump_to(c->store, c->out, c->to, e);
}

/* ---- what was done with a backup, beside this process ---- */

struct backed {
    struct control_call *c;
    struct str act, result, name;
    int64_t id, bytes;
};

static int backed_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    const struct backed *x = job->arg;
    struct act act;
    int rc = act_open(&act, tx, &x->c->app->realm, x->c->who, x->act, e);
    struct str detail = arena_fmt(job->arena, "%lld %.*s %.*s", (long long)x->bytes, STR_ARG(x->result), STR_ARG(x->name));
    return rc ? rc : act_close(&act, S("backup"), x->id, 0, detail, e);
}

static bool plain(struct str s) {
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] < ' ' || s.ptr[i] == 0x7f) return false;
    return s.len > 0;
}

/* A digest's first eight bytes name the backup: so a drill is found to be of the backup that was made. */
static int backed(struct control_call *c, struct err *e) {
    struct backed x = { .c = c };
    struct str rest = c->body, what = S(""), bytes = S(""), hex = S("");
    struct arena a;
    uint64_t id = 0;
    (void)str_cut(&rest, '\n', &what);
    (void)str_cut(&rest, '\n', &x.result);
    (void)str_cut(&rest, '\n', &bytes);
    (void)str_cut(&rest, '\n', &hex);
    x.name = rest;
    bool ok = hex.len == 2 * DIGEST_BYTES && str_to_i64(bytes, &x.bytes) && plain(x.name) && plain(x.result);
    for (size_t i = 0; ok && i < 16; i++) {
        const char *digit = memchr("0123456789abcdef", hex.ptr[i], 16);
        ok = digit != NULL;
        if (ok) id = id << 4 | (uint64_t)(digit - "0123456789abcdef");
    }
    if (!ok || str_find_char(x.result, ' ', 0) != SIZE_MAX) return err_set(e, ERR_SYNTAX, "backup");
    x.act = str_eq(what, S("verify")) ? S("backup.verify") : S("backup.make");
    x.id = (int64_t)(id >> 1) | 1;
    arena_init(&a, "backed", 1024 * 1024);
    int rc = app_act(c->app, c->who, &a, backed_body, &x, e);
    arena_done(&a);
    return rc;
}

static const struct row {
    enum control_op op;
    bool server, rows_only;
    int (*work)(struct control_call *c, struct err *e);
} rows[] = {
#define CONTROL_ROW(op, name, least, most, server, rows_only, function) { op, server, rows_only, function },
#include "app/control_words.h"
#undef CONTROL_ROW
};

static const struct row *row_of(enum control_op op) {
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].op == op) return &rows[i];
    return NULL;
}

int control_work(enum control_op op, struct control_call *c, struct err *e) {
    const struct row *r = row_of(op);
    return r ? r->work(c, e) : err_set(e, ERR_SYSTEM, "%d", (int)op);
}

bool control_needs_server(enum control_op op) {
    const struct row *r = row_of(op);
    return r && r->server;
}

bool control_needs_rows_only(enum control_op op) {
    const struct row *r = row_of(op);
    return r && r->rows_only;
}
