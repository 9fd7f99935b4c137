/* item_tamper: a column of a paper or a case changed behind the program's back does not pass for what was written; each
 * column of the tables' own text, so that one added later is found here; on both stores. Rows whose MAC is of an earlier
 * version still verify. The same of the rows whose clear columns are bound to their sealed one: files, ratings, messages. */
#include "engine/item/item_rows.h"
#include "engine/notify/notify.h"
#include "engine/paper/paper.h"

#include "app/city_fixture.h"
#include "app/generated.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct work {
    const struct realm *r;
    const struct actor *who;
    const struct system *sys;
    int64_t case_id, id;
    const char *sql;
    struct paper_row paper;
    struct item_case found;
    struct str reason, mac;
    uint8_t digest[ROW_MAC_BYTES];
};

static int issue_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct act act;
    struct val *view = val_map(store_arena(tx));
    struct paper_new p = { .system = w->sys, .title = S("样证"), .organ = S("样机关"), .number = S("样-1"), .case_id = w->case_id,
                           .person = w->found.person, .company = w->found.company, .holder_masked = S("样*"), .valid_from_ms = 1,
                           .valid_until_ms = INT64_MAX / 2, .wait = 7, .view = view };
    p.type = w->sys->part[SYSTEM_PAPER].entry[0].key;
    int rc = act_open(&act, tx, w->r, w->who, S("paper.issue"), e);
    if (!rc) rc = paper_issue(&act, &p, &w->id, e);
    return rc ? rc : act_close(&act, S("paper"), w->id, w->case_id, S(""), e);
}
static int finish_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct act act;
    static const uint8_t blob[32] = { 9 };
    int rc = act_open(&act, tx, w->r, w->who, S("paper.issue"), e);
    if (!rc) rc = paper_finish(&act, w->id, blob, e);
    return rc ? rc : act_close(&act, S("paper"), w->id, w->case_id, S(""), e);
}
static int revoke_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct act act;
    int rc = act_open(&act, tx, w->r, w->who, S("paper.issue"), e);
    if (!rc) rc = paper_revoke(&act, w->id, S("伪造材料"), e);
    return rc ? rc : act_close(&act, S("paper"), w->id, w->case_id, S(""), e);
}
static int paper_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    (void)job;
    return paper_get(tx, w->r, w->id, &w->paper, e);
}
static int case_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    (void)job;
    return item_case_get(tx, w->r, NULL, w->id, &w->found, e);
}
static int sql_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    const struct work *w = job->arg;
    struct store_stmt st = { "item_tamper_test_break", w->sql, true };
    int64_t changed = 0;
    (void)job;
    int rc = store_exec(tx, &st, &changed, e, SV_I(w->id));
    if (!rc) assert_int_equal(changed, 1);
    return rc;
}

/* "name TYPE" of each column, from the migration that made the table; 0 behind the last. */
static bool column(const char *table, size_t i, char name[64], char type[16]) {
    char head[64];
    (void)snprintf(head, sizeof head, "CREATE TABLE %s (", table);
    for (size_t m = 0; m < n_migrations; m++) {
        const char *at = strstr(migrations[m].sql, head);
        if (!at) continue;
        at += strlen(head);
        for (; i && at; i--) at = (at = strchr(at, ',')) ? at + 1 : NULL;
        return at && sscanf(at, " %63s %15s", name, type) == 2 && strcmp(name, "PRIMARY") != 0;
    }
    return false;
}

static char sql_text[256];
static const char *breaking(const char *table, const char *name, const char *type, const char *bytes) {
    bool number = !strcmp(type, "BIGINT"), text = !strcmp(type, "TEXT");
    (void)snprintf(sql_text, sizeof sql_text, "UPDATE %s SET %s = %s%s WHERE home = 1 AND id = ?", table, name,
                   number || text       ? name
                   : strcmp(name, "mac") ? "mac"
                                         : bytes,
                   number ? " + 1" : text ? " || 'x'" : "");
    return sql_text;
}

static struct work work_of(const struct city *c) {
    static const char steps[] = "  - {who: citizen, do: apply, item: residence-proof}\n";
    struct work w = { .r = &c->app->realm, .who = &c->app->worker };
    struct err e = { 0 };
    assert_int_equal(city_fixture_play(c, steps, &w.case_id, &e), 0);
    w.id = w.case_id;
    assert_int_equal(city_fixture_read(c, case_body, &w, NULL), 0);
    w.sys = w.found.system;
    return w;
}

static void test_each_column_of_a_paper(void **state) {
    CITY(c);
    struct work w = work_of(c);
    char name[64], type[16];
    size_t n = 0;
    for (size_t i = 0; column("paper", i, name, type); i++) {
        if (!strcmp(name, "home")) continue; /* a row of another home is not found */
        assert_int_equal(city_fixture_run(c, issue_body, &w, NULL), 0);
        assert_int_equal(city_fixture_run(c, finish_body, &w, NULL), 0);
        assert_int_equal(city_fixture_read(c, paper_body, &w, NULL), 0);
        w.sql = breaking("paper", name, type, "view");
        assert_int_equal(city_fixture_plant(c, sql_body, &w, NULL), 0);
        if (!strcmp(name, "id")) w.id++;
        int rc = city_fixture_read(c, paper_body, &w, NULL);
        if (rc != ERR_DAMAGED) print_error("not seen: %s (%s)\n", w.sql, err_name(rc));
        assert_int_equal(rc, ERR_DAMAGED);
        n++;
    }
    assert_true(n >= 21);
}

static void test_each_column_of_a_case(void **state) {
    CITY(c);
    char name[64], type[16];
    size_t n = 0;
    for (size_t i = 0; column("item_case", i, name, type); i++) {
        if (!strcmp(name, "home")) continue;
        struct work w = work_of(c); /* the one draft of this applicant, until it does not open */
        w.sql = breaking("item_case", name, type, "body");
        assert_int_equal(city_fixture_plant(c, sql_body, &w, NULL), 0);
        if (!strcmp(name, "id")) w.id++;
        int rc = city_fixture_read(c, case_body, &w, NULL);
        if (rc != ERR_DAMAGED) print_error("not seen: %s (%s)\n", w.sql, err_name(rc));
        assert_int_equal(rc, ERR_DAMAGED);
        w.sql = "UPDATE item_case SET state = 'gone', account = 0 WHERE home = 1 AND id = ?"; /* no draft of theirs any more */
        assert_int_equal(city_fixture_plant(c, sql_body, &w, NULL), 0);
        n++;
    }
    assert_true(n >= 21);
}

STORE_STMT(item_tamper_test_mac, STORE_WRITES, "UPDATE paper SET mac = ? WHERE home = ? AND id = ?");
STORE_STMT(item_tamper_test_row, STORE_READS, "SELECT view, blob, mac FROM paper WHERE home = ? AND id = ?");

/* The MAC as version 1 made it. */
static int old_mac_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    const struct paper_row *p = &w->paper;
    struct arena *a = store_arena(tx);
    struct store_rows *rows;
    struct digest d;
    int rc = paper_get(tx, w->r, w->id, &w->paper, e);
    if (!rc) rc = store_query(tx, &item_tamper_test_row, &rows, e, SV_I(job->home.v), SV_I(w->id));
    if (rc) return rc;
    assert_true(store_next(rows));
    const struct str parts[] = {
        arena_fmt(a, "%lld %lld %lld %lld %lld %lld %lld %lld %lld %lld", (long long)job->home.v, (long long)p->id, (long long)p->case_id,
                  (long long)p->release, (long long)p->person, (long long)p->company, (long long)p->issued_ms,
                  (long long)p->valid_from_ms, (long long)p->valid_until_ms, (long long)p->wait),
        p->type, p->title, p->organ, p->number, p->state, p->holder_masked, p->code, store_bytes(rows, 0), store_bytes(rows, 1),
    };
    assert_int_equal(seal_row_version(store_bytes(rows, 2)), 2);
    rc = store_end(rows, e);
    seal_row(&w->r->keys, S("paper"), parts, sizeof parts / sizeof *parts, &d);
    return rc ? rc : store_exec(tx, &item_tamper_test_mac, NULL, e, SV_B(str_make((const char *)d.v, DIGEST_BYTES)),
                                SV_I(job->home.v), SV_I(w->id));
}
/* A row of today with its version taken off. */
static int strip_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    const struct work *w = job->arg;
    struct store_rows *rows;
    int rc = store_query(tx, &item_tamper_test_row, &rows, e, SV_I(job->home.v), SV_I(w->id));
    if (rc) return rc;
    assert_true(store_next(rows));
    struct str stored = store_bytes(rows, 2);
    rc = store_end(rows, e);
    assert_int_equal(seal_row_version(stored), 2);
    return rc ? rc : store_exec(tx, &item_tamper_test_mac, NULL, e, SV_B(str_sub(stored, 1, SIZE_MAX)), SV_I(job->home.v),
                                SV_I(w->id));
}

static void test_rows_of_an_earlier_version(void **state) {
    CITY(c);
    struct work w = work_of(c);
    assert_int_equal(city_fixture_run(c, issue_body, &w, NULL), 0);
    assert_int_equal(city_fixture_run(c, finish_body, &w, NULL), 0);
    assert_int_equal(city_fixture_plant(c, old_mac_body, &w, NULL), 0);
    assert_int_equal(city_fixture_read(c, paper_body, &w, NULL), 0);
    assert_int_equal(city_fixture_run(c, revoke_body, &w, NULL), 0); /* written again: of today's version */
    assert_int_equal(city_fixture_read(c, paper_body, &w, NULL), 0);
    w.sql = "UPDATE paper SET reason = '' WHERE home = 1 AND id = ?";
    assert_int_equal(city_fixture_plant(c, sql_body, &w, NULL), 0);
    assert_int_equal(city_fixture_read(c, paper_body, &w, NULL), ERR_DAMAGED);
    assert_int_equal(city_fixture_run(c, issue_body, &w, NULL), 0);
    assert_int_equal(city_fixture_plant(c, old_mac_body, &w, NULL), 0);
    w.sql = "UPDATE paper SET holder = holder + 1 WHERE home = 1 AND id = ?"; /* follows from person and company: held against them */
    assert_int_equal(city_fixture_plant(c, sql_body, &w, NULL), 0);
    assert_int_equal(city_fixture_read(c, paper_body, &w, NULL), ERR_DAMAGED);
    assert_int_equal(city_fixture_run(c, issue_body, &w, NULL), 0);
    assert_int_equal(city_fixture_plant(c, strip_body, &w, NULL), 0);
    assert_int_equal(city_fixture_read(c, paper_body, &w, NULL), ERR_DAMAGED);
}

/* ---- rows whose clear columns are bound to the sealed one ---- */

enum { ENDS = 4242 };
struct tied {
    const struct realm *r;
    struct actor who;
    const char *table, *key, *sql; /* `key`: the column that finds the row */
    int64_t case_id, found;        /* what a look serves: rows, or a negative code */
    int64_t row;
};

static int look(struct store_tx *tx, const struct tied *b, int64_t *ret, struct err *e) {
    struct item_case c;
    struct val *list = NULL;
    int rc = item_case_get(tx, b->r, NULL, b->case_id, &c, e);
    if (rc) return rc;
    if (!strcmp(b->table, "item_material")) rc = item_materials_of(tx, b->r, &c, &list, e);
    else if (!strcmp(b->table, "item_rating")) rc = item_rating_get(tx, b->r, &c, &list, e);
    else rc = notify_inbox(tx, b->r, &b->who, S("zh"), &(struct notify_query){ .max = 100 }, &list, e);
    *ret = rc ? rc : list && list->kind == VAL_MAP ? 1 : (int64_t)val_count(list);
    return 0;
}
static int look_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct tied *b = job->arg;
    return look(tx, b, &b->found, e);
}
/* The change is seen by this transaction alone. */
static int change_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct tied *b = job->arg;
    struct store_stmt st = { "item_tamper_test_change", b->sql, true };
    struct err ignored;
    int64_t changed = 0;
    int rc = store_exec(tx, &st, &changed, e, SV_I(b->row));
    if (!rc) assert_true(changed >= 1);
    if (!rc) rc = look(tx, b, &b->found, &ignored);
    return rc ? rc : err_set(e, ERR_STATE, "%d", ENDS);
}

static void each_column_of(const struct city *c, struct tied b, const char *sealed, const char *free_column, size_t least) {
    char name[64], type[16];
    size_t n = 0;
    assert_int_equal(city_fixture_read(c, look_body, &b, NULL), 0);
    const int64_t had = b.found;
    assert_true(had > 0);
    for (size_t i = 0; column(b.table, i, name, type); i++, n++) {
        bool number = !strcmp(type, "BIGINT"), text = !strcmp(type, "TEXT");
        char other[64];
        (void)snprintf(other, sizeof other, "%s", number ? " + 1" : text ? " || 'x'" : "");
        if (!strcmp(name, sealed)) continue; /* what is sealed looks after itself */
        (void)snprintf(sql_text, sizeof sql_text, "UPDATE %s SET %s = %s%s WHERE home = 1 AND %s = ?", b.table, name,
                       number || text ? name : sealed, other, b.key);
        b.sql = sql_text;
        assert_int_equal(city_fixture_plant(c, change_body, &b, NULL), ERR_STATE);
        bool seen = b.found == ERR_DAMAGED || (b.found >= 0 && b.found < had);
        if (seen == !strcmp(name, free_column)) print_error("%s: %s\n", seen ? "seen" : "not seen", b.sql);
        assert_int_equal(seen, strcmp(name, free_column) != 0);
    }
    assert_true(n >= least);
}

static int row_of(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct tied *b = job->arg;
    struct item_case c;
    struct val *list;
    int rc = item_case_get(tx, b->r, NULL, b->case_id, &c, e);
    if (!rc) rc = item_materials_of(tx, b->r, &c, &list, e);
    if (!rc) b->row = val_get_i64(val_item(list, 0), S("id"), 0);
    return rc;
}

static struct tied rated(const struct city *c) {
    struct tied b = { .r = &c->app->realm };
    struct err e = { 0 };
    assert_int_equal(city_fixture_play(c, "  - {who: citizen, do: apply, item: residence-proof}\n"
                                          "  - {who: citizen, do: answer, page: registered, with: {purpose: '1'}}\n"
                                          "  - {who: citizen, do: submit}\n"
                                          "  - {who: police, do: decide, task: confirm, move: approve}\n"
                                          "  - {do: set-papers}\n"
                                          "  - {who: citizen, do: rate, level: 2}\n", &b.case_id, &e), 0);
    city_fixture_actor(c, "citizen", &b.who);
    return b;
}

static void test_each_column_of_a_file(void **state) {
    CITY(c);
    struct tied b = { .r = &c->app->realm, .table = "item_material", .key = "id" };
    struct err e = { 0 };
    assert_int_equal(city_fixture_play(c, CITY_SHOP_APPLY CITY_SHOP_FILE("floor-plan"), &b.case_id, &e), 0);
    assert_int_equal(city_fixture_read(c, row_of, &b, NULL), 0);
    each_column_of(c, b, "file_name", "-", 10);
}

static void test_each_column_of_a_rating(void **state) {
    CITY(c);
    struct tied b = rated(c);
    b.table = "item_rating", b.key = "case_id", b.row = b.case_id;
    each_column_of(c, b, "body", "-", 6);
}

static void test_each_column_of_a_message(void **state) {
    CITY(c);
    struct tied b = rated(c);
    b.table = "notify_message", b.key = "account", b.row = b.who.account;
    each_column_of(c, b, "body", "read_ms", 8);
}

STORE_STMT(item_tamper_test_file, STORE_READS, "SELECT material, media_type, blob FROM item_material WHERE home = ? AND id = ?");
STORE_STMT(item_tamper_test_name, STORE_WRITES, "UPDATE item_material SET file_name = ? WHERE home = ? AND id = ?");

/* A file's name sealed as it was before its place held size, time and account. */
static int old_name_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct tied *b = job->arg;
    struct arena *a = store_arena(tx);
    struct store_rows *rows;
    struct item_case c;
    struct data_key key;
    struct buf hex;
    int rc = item_case_get(tx, b->r, NULL, b->case_id, &c, e);
    if (!rc) rc = item_key(tx, b->r, &c, &key, e);
    if (!rc) rc = store_query(tx, &item_tamper_test_file, &rows, e, SV_I(job->home.v), SV_I(b->row));
    if (rc) return rc;
    assert_true(store_next(rows));
    struct str material = store_text(rows, 0), media_type = store_text(rows, 1), blob = store_bytes(rows, 2);
    rc = store_end(rows, e);
    buf_init(&hex, a, 65, 65);
    buf_add_hex(&hex, blob.ptr, blob.len);
    struct str place = arena_fmt(a, "item_material/%lld/%lld/%lld/%.*s/%.*s/%.*s", (long long)job->home.v, (long long)c.id,
                                 (long long)b->row, STR_ARG(material), STR_ARG(media_type), STR_ARG(buf_str(&hex)));
    return rc ? rc : store_exec(tx, &item_tamper_test_name, NULL, e, SV_B(seal(a, &b->r->keys, &key, place, S("旧名.pdf"))),
                                SV_I(job->home.v), SV_I(b->row));
}

static void test_a_file_of_an_earlier_version(void **state) {
    CITY(c);
    struct tied b = { .r = &c->app->realm, .table = "item_material", .key = "id" };
    struct err e = { 0 };
    assert_int_equal(city_fixture_play(c, CITY_SHOP_APPLY CITY_SHOP_FILE("floor-plan"), &b.case_id, &e), 0);
    assert_int_equal(city_fixture_read(c, row_of, &b, NULL), 0);
    assert_int_equal(city_fixture_plant(c, old_name_body, &b, NULL), 0);
    assert_int_equal(city_fixture_read(c, look_body, &b, NULL), 0);
    assert_true(b.found > 0);
    b.sql = "UPDATE item_material SET material = material || 'x' WHERE home = 1 AND id = ?"; /* what its place held then */
    assert_int_equal(city_fixture_plant(c, change_body, &b, NULL), ERR_STATE);
    assert_int_equal(b.found, ERR_DAMAGED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_column_of_a_file), /* these first: papers that do not open any more hold others up */
        cmocka_unit_test(test_each_column_of_a_rating),
        cmocka_unit_test(test_each_column_of_a_message),
        cmocka_unit_test(test_a_file_of_an_earlier_version),
        cmocka_unit_test(test_each_column_of_a_paper),
        cmocka_unit_test(test_each_column_of_a_case),
        cmocka_unit_test(test_rows_of_an_earlier_version),
    };
    return CITY_FIXTURE_RUN("tamper", tests);
}
