/* control: questions over the socket of an app in this process: text, exit code, refusals, who it was in the audit log, many at once,
 * and an end that waits for nobody; on both stores.
 */
#include "app/control.h"

#include "app/city_fixture.h"
#include "engine/audit/audit.h"
#include "os/local.h"
#include "os/os.h"
#include "os/proc.h"
#include "proc/ipc.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#define FOLDER "systems/approval/residence-proof"

struct serving {
    struct arena arena;
    struct control_socket socket;
    struct control *control;
};

static void begin(const struct city *c, struct serving *s) {
    *s = (struct serving){ 0 };
    arena_init(&s->arena, "serving", 65536);
    assert_int_equal(control_listen(store_fixture_dir(c->fixture), &s->socket, NULL), 0);
    assert_int_equal(control_start(c->app, &s->socket, &s->arena, &s->control, NULL), 0);
}

static void end(struct serving *s) {
    control_stop(s->control);
    control_unlisten(&s->socket);
    arena_done(&s->arena);
}

static int gather(void *to, struct str bytes, struct err *e) {
    struct buf *b = to;
    buf_add(b, bytes);
    return buf_ok(b) ? 0 : err_set(e, ERR_LIMIT, "test");
}

/* One question on a connection of its own. */
static int ask(const struct city *c, enum control_op op, const char *id, struct str body, struct buf *out, int *exit_code, struct err *e) {
    struct arena a;
    struct ipc_request r = { .type = (uint16_t)op, .body = body, .arena = &a };
    int fd = -1;
    arena_init(&a, "ask", 4096);
    (void)snprintf(r.request_id, sizeof r.request_id, "%s", id);
    int rc = local_connect(store_fixture_dir(c->fixture), "control", &fd, e);
    if (!rc) rc = ipc_ask_on(&control_table, fd, &r, gather, out, e);
    *exit_code = !rc && r.reply.len == 1 ? r.reply.ptr[0] : -1;
    proc_close(&fd);
    arena_done(&a);
    return rc;
}

static bool says(const struct buf *b, const char *word) {
    return str_find(buf_str(b), str_of(word), 0) != SIZE_MAX;
}

/* The folder, packed, as a version of its own. */
static struct str packed(struct arena *a, const char *version) {
    struct release_files f;
    struct buf b;
    buf_init(&b, a, 65536, RELEASE_PACKED_BYTES_MAX);
    assert_int_equal(release_read_dir(a, FOLDER, &f, NULL), 0);
    for (size_t i = 0; i < f.n; i++) {
        struct str s = f.file[i].bytes, key = S("version: ");
        size_t at = str_find(s, key, 0);
        if (!str_eq(f.file[i].path, S("system.yaml"))) continue;
        size_t stop = str_find_char(s, '\n', at);
        f.file[i].bytes = ARENA_CAT(a, str_sub(s, 0, at), key, str_of(version), str_sub(s, stop, s.len));
    }
    assert_int_equal(release_pack(&f, &b, NULL), 0);
    return buf_str(&b);
}

struct found {
    struct audit_row rows[AUDIT_PAGE_MAX];
    size_t n;
};

static int find_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct found *f = job->arg;
    struct audit_filter filter = { .act = S("release.activate") };
    return audit_find(tx, job->home, &filter, 0, f->rows, AUDIT_PAGE_MAX, &f->n, e);
}

static void test_answers(void **state) {
    CITY(c);
    struct serving s;
    struct arena a;
    struct buf out;
    struct err e = { 0 };
    int code;
    static struct found found;
    begin(c, &s);
    arena_init(&a, "test", 64 << 20);
    buf_init(&out, &a, 65536, 32 << 20);
    assert_int_equal(ask(c, CONTROL_STATUS, "t-1", S(""), &out, &code, &e), 0);
    assert_int_equal(code, 0);
    assert_true(says(&out, "approval/restaurant") && says(&out, c->postgres ? "PostgreSQL" : "SQLite") && says(&out, "epochs:"));
    assert_int_equal(ask(c, CONTROL_METRICS, "t-2", S(""), &out, &code, &e), ERR_STATE); /* no pages in this process */
    assert_int_equal(ask(c, CONTROL_EXPORT, "t-3", S("no/such"), &out, &code, &e), ERR_NOT_FOUND);
    assert_int_equal(ask(c, CONTROL_LOAD, "t-4", S("\0\0\0\1"), &out, &code, &e), ERR_SYNTAX);
    buf_clear(&out);
    struct str files = packed(&a, "7.0.0");
    assert_int_equal(ask(c, CONTROL_LOAD, "cli-00ff", files, &out, &code, &e), 0);
    assert_true(says(&out, "is active"));
    assert_true(str_eq(realm_system(&c->app->realm, S("approval/residence-proof"))->version, S("7.0.0")));
    buf_clear(&out);
    assert_int_equal(ask(c, CONTROL_EXPORT, "t-5", S("approval/residence-proof"), &out, &code, &e), 0);
    assert_true(str_eq(buf_str(&out), files)); /* in parts, byte for byte */
    assert_int_equal(app_sequence(c->app, true, NULL), 0);
    assert_int_equal(city_fixture_read(c, find_body, &found, NULL), 0);
    assert_true(found.n > 0 && str_eq(found.rows[0].entry.request_id, S("cli-00ff")));
    assert_true(str_starts(found.rows[0].entry.source, S("control uid ")));
    buf_clear(&out);
    assert_int_equal(ask(c, CONTROL_VERIFY, "t-6", S(""), &out, &code, &e), 0);
    assert_int_equal(code, 0);
    assert_true(says(&out, "sound: 0 faults"));
    buf_clear(&out);
    assert_int_equal(ask(c, CONTROL_BACKUP, "t-7", S(""), &out, &code, &e), 0);
    assert_true(str_starts(buf_str(&out), S("TONGBAN DUMP 1\n")));
    arena_done(&a);
    end(&s);
}

struct asker {
    const struct city *c;
    int i, failed;
};

static void *ask_much(void *arg) {
    struct asker *w = arg;
    struct arena a;
    struct buf out;
    struct err e = { 0 };
    int code;
    char version[] = "8.0.0";
    arena_init(&a, "asker", 64 << 20);
    buf_init(&out, &a, 65536, 32 << 20);
    version[2] = (char)('0' + w->i);
    struct str files = packed(&a, version);
    for (int n = 0; n < 3; n++) {
        buf_clear(&out);
        w->failed |= ask(w->c, CONTROL_STATUS, "t-s", S(""), &out, &code, &e);
        /* loads meet: each is one release more, or the one that is active was another's a moment before */
        int rc = ask(w->c, CONTROL_LOAD, "t-l", files, &out, &code, &e);
        if (rc && rc != ERR_STATE && rc != ERR_CONFLICT) w->failed |= rc;
    }
    arena_done(&a);
    return NULL;
}

static void test_many_at_once(void **state) {
    CITY(c);
    enum { ASKERS = 2 * CONTROL_CLIENTS };
    struct serving s;
    pthread_t thread[ASKERS];
    struct asker asker[ASKERS];
    begin(c, &s);
    for (int i = 0; i < ASKERS; i++) {
        asker[i] = (struct asker){ c, i % 4, 0 };
        assert_int_equal(pthread_create(&thread[i], NULL, ask_much, &asker[i]), 0);
    }
    for (int i = 0; i < ASKERS; i++) {
        assert_int_equal(pthread_join(thread[i], NULL), 0);
        assert_int_equal(asker[i].failed, 0);
    }
    end(&s);
}

/* Peers that say nothing hold every place; the end does not wait for them. */
static void test_the_end_waits_for_nobody(void **state) {
    CITY(c);
    struct serving s;
    int fd[CONTROL_CLIENTS + 2];
    char none;
    begin(c, &s);
    for (size_t i = 0; i < sizeof fd / sizeof *fd; i++)
        assert_int_equal(local_connect(store_fixture_dir(c->fixture), "control", &fd[i], NULL), 0);
    int64_t start = os_mono_ns();
    struct control_socket second;
    assert_int_equal(control_listen(store_fixture_dir(c->fixture), &second, NULL), ERR_BUSY);
    end(&s);
    assert_true(os_mono_ns() - start < INT64_C(10) * 1000000000);
    for (size_t i = 0; i < sizeof fd / sizeof *fd; i++) {
        assert_true(recv(fd[i], &none, 1, 0) <= 0);
        proc_close(&fd[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_answers), cmocka_unit_test(test_many_at_once),
                                        cmocka_unit_test(test_the_end_waits_for_nobody) };
    return CITY_FIXTURE_RUN("control", tests);
}
