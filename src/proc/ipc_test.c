/* Tests of ipc and its hub: sizes and types are held on both sides, refusals travel, late and lost answers are told apart from
 * answered ones, and a link that comes back carries what waited.
 */
#include "proc/ipc.h"

#include "os/os.h"
#include "os/proc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

enum { T_ECHO = 1, T_REFUSE, T_LONG, T_BIG, T_PARTS, T_UNKNOWN };

static int do_echo(struct ipc_call *c, struct err *e) {
    (void)e;
    c->reply = ARENA_CAT(c->arena, c->request_id, S(":"), c->body);
    return 0;
}

static int do_refuse(struct ipc_call *c, struct err *e) {
    return err_field(e, ERR_STATE, c->body, "not now");
}

static int do_long(struct ipc_call *c, struct err *e) {
    (void)e;
    c->reply = arena_str(c->arena, S("longer than the table says"));
    return 0;
}

static int do_big(struct ipc_call *c, struct err *e) {
    (void)e;
    c->reply = c->body;
    return 0;
}

/* As many parts as the body's bytes, and a refusal where it says so. */
static int do_parts(struct ipc_call *c, struct err *e) {
    int rc = ipc_part(c, c->body, e);
    if (rc || str_eq(c->body, S("refuse"))) return rc ? rc : err_set(e, ERR_STATE, "after the parts");
    c->reply = S("end");
    return 0;
}

static const struct ipc_op ops[] = {
    { T_ECHO, "echo", 1, 64, 128, do_echo, 0 },
    { T_REFUSE, "refuse", 0, 64, 0, do_refuse, 0 },
    { T_LONG, "long", 0, 0, 4, do_long, 0 },
    { T_BIG, "big", 0, 8 << 20, 8 << 20, do_big, 0 },
    { T_PARTS, "parts", 0, 64, 3, do_parts, 4 },
};
static const struct ipc_table table = { "peer", ops, 5, 20 << 20 };
static const struct ipc_table *const tables[] = { &table };

struct fixture {
    struct arena arena;
    struct ipc_hub hub;
    int control[2], link;
    pthread_t server;
    int served;
    bool serving;
};

/* Answers on f->link until it ends; what it returned is in f->served. */
static void *serve(void *arg) {
    struct fixture *f = arg;
    struct arena a;
    bool open = true;
    arena_init(&a, "server", 20 << 20);
    f->served = 0;
    while (open && f->served == 0) f->served = ipc_answer(&table, f->link, &a, NULL, &open, NULL);
    proc_close(&f->link);
    arena_done(&a);
    return NULL;
}

static void new_link(struct fixture *f, bool answered) {
    int pair[2];
    assert_int_equal(proc_socketpair(false, pair, NULL), 0);
    assert_int_equal(ipc_control_send(f->control[0], IPC_LINK, "peer", pair[0], NULL), 0);
    proc_close(&pair[0]);
    f->link = pair[1];
    f->serving = answered;
    if (answered) assert_int_equal(pthread_create(&f->server, NULL, serve, f), 0);
}

static int setup(void **state) {
    static struct fixture f;
    f = (struct fixture){ .link = -1 };
    arena_init(&f.arena, "test", 32 << 20);
    assert_int_equal(proc_socketpair(true, f.control, NULL), 0);
    assert_int_equal(ipc_hub_start(&f.hub, &f.arena, f.control[1], tables, 1, NULL), 0);
    *state = &f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    ipc_hub_done(&f->hub);
    if (f->serving) (void)pthread_join(f->server, NULL);
    proc_close(&f->link);
    proc_close(&f->control[0]);
    proc_close(&f->control[1]);
    arena_done(&f->arena);
    return 0;
}

static struct ipc_request question(struct fixture *f, uint16_t type, struct str body, int64_t timeout_ms) {
    return (struct ipc_request){ .peer = "peer", .type = type, .body = body, .request_id = "00ff", .arena = &f->arena,
                                 .timeout_ms = timeout_ms };
}

static void answers_come_back(void **state) {
    struct fixture *f = *state;
    struct ipc_request r = question(f, T_ECHO, S("hello"), 20000);
    new_link(f, true);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ipc_ask(&f->hub, &r), 0);
        assert_true(str_eq(r.reply, S("00ff:hello")));
    }
    r = question(f, T_REFUSE, S("field"), 20000);
    assert_int_equal(ipc_ask(&f->hub, &r), ERR_STATE);
    assert_string_equal(r.err.field, "field");
    assert_string_equal(r.err.detail, "not now");
    r = question(f, T_LONG, S(""), 20000); /* its answer breaks the table: refused where it is made */
    assert_int_equal(ipc_ask(&f->hub, &r), ERR_DEFECT);
}

static void large_bodies_pass(void **state) {
    struct fixture *f = *state;
    new_link(f, true);
    size_t len = 8 << 20;
    char *big = arena_alloc(&f->arena, len);
    assert_non_null(big);
    for (size_t i = 0; i < len; i++) big[i] = (char)(i * 31 >> 8);
    struct ipc_request r = question(f, T_BIG, str_make(big, len), 60000);
    assert_int_equal(ipc_ask(&f->hub, &r), 0);
    assert_true(str_eq(r.reply, str_make(big, len)));
}

static void our_own_mistakes_do_not_leave(void **state) {
    struct fixture *f = *state;
    new_link(f, true);
    struct ipc_request r = question(f, T_UNKNOWN, S("x"), 20000);
    assert_int_equal(ipc_ask(&f->hub, &r), ERR_DEFECT);
    r = question(f, T_ECHO, S(""), 20000);
    assert_int_equal(ipc_ask(&f->hub, &r), ERR_DEFECT);
    r = question(f, T_LONG, S("1"), 20000);
    assert_int_equal(ipc_ask(&f->hub, &r), ERR_DEFECT);
    r = question(f, T_ECHO, S("x"), 20000);
    r.peer = "nobody";
    assert_int_equal(ipc_ask(&f->hub, &r), ERR_DEFECT);
    r.peer = "peer";
    assert_int_equal(ipc_ask(&f->hub, &r), 0); /* the link still stands */
}

static void late_is_an_error_and_the_link_lives(void **state) {
    struct fixture *f = *state;
    struct ipc_header h;
    char body[8];
    new_link(f, false);
    struct ipc_request r = question(f, T_ECHO, S("x"), 20);
    assert_int_equal(ipc_ask(&f->hub, &r), ERR_PEER);
    /* now comes the answer that nobody waits for, and behind it the one to the next question */
    assert_int_equal(recv(f->link, &h, sizeof h, MSG_WAITALL), sizeof h);
    assert_int_equal(recv(f->link, body, h.length, MSG_WAITALL), 1);
    h.kind = IPC_ANSWER;
    assert_int_equal(send(f->link, &h, sizeof h, 0), sizeof h);
    assert_int_equal(send(f->link, "x", 1, 0), 1);
    f->serving = true;
    assert_int_equal(pthread_create(&f->server, NULL, serve, f), 0);
    r = question(f, T_ECHO, S("y"), 20000);
    assert_int_equal(ipc_ask(&f->hub, &r), 0);
    assert_true(str_eq(r.reply, S("00ff:y")));
}

struct outcome {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int n, code;
};

static void note(struct ipc_request *r, void *context) {
    struct outcome *o = context;
    (void)pthread_mutex_lock(&o->lock);
    o->n++;
    o->code = r->code;
    (void)pthread_cond_signal(&o->changed);
    (void)pthread_mutex_unlock(&o->lock);
}

static void wait_for(struct outcome *o, int n) {
    (void)pthread_mutex_lock(&o->lock);
    while (o->n < n) (void)pthread_cond_wait(&o->changed, &o->lock);
    (void)pthread_mutex_unlock(&o->lock);
}

static void lost_links_are_told_and_replaced(void **state) {
    struct fixture *f = *state;
    struct outcome o = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };
    struct ipc_header h;
    new_link(f, false);
    struct ipc_request r = question(f, T_ECHO, S("x"), 20000);
    r.done = note;
    r.context = &o;
    ipc_send(&f->hub, &r);
    assert_int_equal(recv(f->link, &h, sizeof h, MSG_WAITALL), sizeof h);
    proc_close(&f->link); /* the peer dies with the question in its hands */
    wait_for(&o, 1);
    assert_int_equal(o.code, ERR_PEER);
    ipc_send(&f->hub, &r); /* no link: it waits for the next one */
    new_link(f, true);
    wait_for(&o, 2);
    assert_int_equal(o.code, 0);
}

static void bad_answers_end_the_link(void **state) {
    struct fixture *f = *state;
    static const struct ipc_header bad[] = {
        { .magic = 1, .type = T_ECHO, .kind = IPC_ANSWER },
        { .magic = IPC_MAGIC, .type = 99, .kind = IPC_ANSWER },
        { .magic = IPC_MAGIC, .type = T_ECHO, .kind = IPC_QUESTION },
        { .magic = IPC_MAGIC, .type = T_ECHO, .kind = 7 },
        { .magic = IPC_MAGIC, .type = T_ECHO, .kind = IPC_ANSWER, .length = 129 },
        { .magic = IPC_MAGIC, .type = T_ECHO, .kind = IPC_REFUSAL, .length = 3 },
        { .magic = IPC_MAGIC, .type = T_ECHO, .kind = IPC_PART, .length = 3 }, /* it has none */
        { .magic = IPC_MAGIC, .type = T_ECHO, .kind = IPC_ANSWER, .request_id = "A" },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char end;
        new_link(f, false);
        assert_int_equal(send(f->link, &bad[i], sizeof bad[i], 0), sizeof bad[i]);
        assert_int_equal(recv(f->link, &end, 1, MSG_WAITALL), 0); /* the hub closed it */
        proc_close(&f->link);
    }
}

struct parts {
    char text[128];
    size_t n, most;
    int refuse_at;
};

static int take_part(void *context, struct str bytes, struct err *e) {
    struct parts *p = context;
    if (p->refuse_at && (int)p->n + 1 == p->refuse_at) return err_set(e, ERR_SPACE, "no more");
    if (bytes.len > p->most) p->most = bytes.len;
    (void)strncat(p->text, bytes.ptr, bytes.len);
    p->n++;
    return 0;
}

/* Without a hub, over a socket of one's own. */
static int ask_parts(struct str body, struct parts *p, struct str *reply, struct arena *a, struct err *e) {
    struct fixture f = { .link = -1 };
    struct ipc_request r = { .type = T_PARTS, .body = body, .arena = a };
    int pair[2];
    assert_int_equal(proc_socketpair(false, pair, NULL), 0);
    f.link = pair[1];
    assert_int_equal(pthread_create(&f.server, NULL, serve, &f), 0);
    int rc = ipc_ask_on(&table, pair[0], &r, take_part, p, e);
    *reply = r.reply;
    proc_close(&pair[0]);
    assert_int_equal(pthread_join(f.server, NULL), 0);
    return rc;
}

static void ids_are_carried_whole_or_not(void **state) {
    (void)state;
    static const struct {
        const char *in, *out;
    } rows[] = { { "0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef" },
                 { "cli-1", "cli-1" }, { "-", "-" }, { "", "" }, { "A", "" }, { "a b", "" }, { "a\n", "" },
                 { "0123456789abcdef0123456789abcdef0", "" } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ipc_request r = { .request_id = "old" };
        ipc_set_id(&r, str_of(rows[i].in));
        assert_string_equal(r.request_id, rows[i].out);
    }
}

static void parts_come_before_the_answer(void **state) {
    (void)state;
    struct arena a;
    struct str reply;
    struct err e = { 0 };
    struct parts p = { 0 };
    arena_init(&a, "asker", 1 << 16);
    assert_int_equal(ask_parts(S("abcdefghij"), &p, &reply, &a, &e), 0);
    assert_string_equal(p.text, "abcdefghij");
    assert_int_equal(p.n, 3);
    assert_int_equal(p.most, 4);
    assert_true(str_eq(reply, S("end")));
    p = (struct parts){ 0 };
    assert_int_equal(ask_parts(S("refuse"), &p, &reply, &a, &e), ERR_STATE);
    assert_string_equal(p.text, "refuse");
    assert_string_equal(e.detail, "after the parts");
    p = (struct parts){ .refuse_at = 2 }; /* our own side has enough */
    assert_int_equal(ask_parts(S("abcdefghij"), &p, &reply, &a, &e), ERR_SPACE);
    assert_string_equal(e.detail, "no more");
    p = (struct parts){ 0 };
    static char long_body[65];
    assert_int_equal(ask_parts(str_make(long_body, sizeof long_body), &p, &reply, &a, &e), ERR_LIMIT); /* does not leave */
    arena_done(&a);
}

static void bad_parts_are_found(void **state) {
    (void)state;
    static const struct ipc_header bad[] = {
        { .magic = IPC_MAGIC, .type = T_PARTS, .kind = IPC_PART, .length = 5, .number = 1 },
        { .magic = IPC_MAGIC, .type = T_PARTS, .kind = IPC_PART, .length = 0, .number = 1 },
        { .magic = IPC_MAGIC, .type = T_PARTS, .kind = IPC_ANSWER, .length = 0, .number = 2 },
        { .magic = 1, .type = T_PARTS, .kind = IPC_ANSWER },
    };
    static const int code[] = { ERR_LIMIT, ERR_LIMIT, ERR_SYNTAX, ERR_SYNTAX };
    struct arena a;
    arena_init(&a, "asker", 1 << 16);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct ipc_request r = { .type = T_PARTS, .body = S("x"), .arena = &a };
        struct parts p = { 0 };
        int pair[2];
        assert_int_equal(proc_socketpair(false, pair, NULL), 0);
        assert_int_equal(send(pair[1], &bad[i], sizeof bad[i], 0), sizeof bad[i]);
        assert_int_equal(ipc_ask_on(&table, pair[0], &r, take_part, &p, NULL), code[i]);
        proc_close(&pair[0]);
        proc_close(&pair[1]);
    }
    int pair[2]; /* and one who says nothing and goes */
    struct ipc_request r = { .type = T_PARTS, .body = S("x"), .arena = &a };
    assert_int_equal(proc_socketpair(false, pair, NULL), 0);
    assert_int_equal(shutdown(pair[1], SHUT_WR), 0);
    assert_int_equal(ipc_ask_on(&table, pair[0], &r, take_part, NULL, NULL), ERR_PEER);
    proc_close(&pair[0]);
    proc_close(&pair[1]);
    arena_done(&a);
}

static void bad_questions_end_the_link(void **state) {
    (void)state;
    static const struct {
        struct ipc_header h;
        int code;
    } bad[] = {
        { { .magic = 1, .type = T_ECHO, .length = 1 }, ERR_SYNTAX },
        { { .magic = IPC_MAGIC, .type = 99, .length = 1 }, ERR_SYNTAX },
        { { .magic = IPC_MAGIC, .type = T_ECHO, .kind = IPC_ANSWER, .length = 1 }, ERR_SYNTAX },
        { { .magic = IPC_MAGIC, .type = T_ECHO, .length = 0 }, ERR_LIMIT },
        { { .magic = IPC_MAGIC, .type = T_ECHO, .length = 65 }, ERR_LIMIT },
        { { .magic = IPC_MAGIC, .type = T_ECHO, .length = 1, .request_id = "a\nb" }, ERR_SYNTAX },
    };
    struct arena a;
    arena_init(&a, "server", 1 << 16);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int pair[2];
        bool open;
        struct err e;
        assert_int_equal(proc_socketpair(false, pair, NULL), 0);
        assert_int_equal(send(pair[0], &bad[i].h, sizeof bad[i].h, 0), sizeof bad[i].h);
        assert_int_equal(ipc_answer(&table, pair[1], &a, NULL, &open, &e), bad[i].code);
        proc_close(&pair[0]);
        assert_int_equal(ipc_answer(&table, pair[1], &a, NULL, &open, &e), 0);
        assert_false(open);
        proc_close(&pair[1]);
    }
    arena_done(&a);
}

static void refusals_are_checked(void **state) {
    (void)state;
    struct err e = { .code = ERR_STATE }, got;
    assert_int_equal(ipc_refusal(str_make((char *)&e, sizeof e), &got), ERR_STATE);
    assert_int_equal(ipc_refusal(str_make((char *)&e, sizeof e - 1), &got), ERR_PEER);
    e.code = 0;
    assert_int_equal(ipc_refusal(str_make((char *)&e, sizeof e), &got), ERR_PEER);
    e.code = -(int)ERR_INDEX_END;
    assert_int_equal(ipc_refusal(str_make((char *)&e, sizeof e), &got), ERR_PEER);
    e.code = ERR_STATE;
    memset(e.detail, 0xff, sizeof e.detail);
    assert_int_equal(ipc_refusal(str_make((char *)&e, sizeof e), &got), ERR_PEER);
}

static void stops(void **state) {
    struct fixture *f = *state;
    struct outcome o = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };
    struct ipc_request r = question(f, T_ECHO, S("x"), 600000);
    r.done = note;
    r.context = &o;
    assert_false(ipc_hub_stopping(&f->hub));
    ipc_send(&f->hub, &r);
    assert_int_equal(ipc_control_send(f->control[0], IPC_STOP, NULL, -1, NULL), 0);
    ipc_hub_wait_stop(&f->hub);
    assert_true(ipc_hub_stopping(&f->hub));
    ipc_hub_done(&f->hub); /* what waited is told */
    assert_int_equal(o.n, 1);
    assert_int_equal(o.code, ERR_PEER);
}

static void a_dead_parent_stops_the_hub(void **state) {
    struct fixture *f = *state;
    proc_close(&f->control[0]);
    ipc_hub_wait_stop(&f->hub);
    assert_true(ipc_hub_stopping(&f->hub));
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(answers_come_back), TEST(large_bodies_pass), TEST(our_own_mistakes_do_not_leave),
        TEST(late_is_an_error_and_the_link_lives), TEST(lost_links_are_told_and_replaced), TEST(bad_answers_end_the_link),
        cmocka_unit_test(bad_questions_end_the_link), cmocka_unit_test(refusals_are_checked), TEST(stops),
        TEST(a_dead_parent_stops_the_hub), cmocka_unit_test(parts_come_before_the_answer), cmocka_unit_test(bad_parts_are_found),
        cmocka_unit_test(ids_are_carried_whole_or_not),
    };
    return cmocka_run_group_tests_name("ipc", tests, NULL, NULL);
}
