/* item_log: the legal clock reads the whole log of a case, however long: an event behind many others counts. */
#include "engine/item/item_rows.h"

#include "app/city_fixture.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct work {
    const struct realm *r;
    int64_t case_id;
    size_t pairs;
    int rc;
    enum clock_state state;
};

static void push(struct arena *a, struct val *list, struct str kind, struct str reason, int64_t at_ms) {
    struct val *v = val_map(a);
    val_put_str(a, v, S("kind"), kind);
    val_put_str(a, v, S("reason"), reason);
    val_put_i64(a, v, S("at_ms"), at_ms);
    val_push(a, list, v);
}

/* Accepted, so many pauses that ended, and one that did not. */
static int clock_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct arena *a = store_arena(tx);
    struct item_case c;
    struct clock_result res;
    struct val *events = val_list(a);
    struct err why;
    int64_t at = CITY_START_MS;
    int rc = item_case_get(tx, w->r, NULL, w->case_id, &c, e);
    if (rc) return rc;
    struct str reason = val_get_str(val_item(c.type->pauses, 0), S("id"));
    push(a, events, S("accept"), S(""), at);
    for (size_t i = 0; i <= w->pairs; i++) {
        push(a, events, S("pause"), reason, at += 1000);
        if (i < w->pairs) push(a, events, S("resume"), reason, at += 1000);
    }
    w->rc = item_clock(w->r, &c, events, false, at + 1000, NULL, &res, &why);
    w->state = res.state;
    return 0;
}

static void test_the_clock_reads_the_whole_log(void **state) {
    CITY(c);
    struct work w = { .r = &c->app->realm };
    assert_int_equal(city_fixture_play(c, "  - {who: company, do: apply, item: restaurant}\n", &w.case_id, NULL), 0);
    const size_t sizes[] = { 1, 60, 64, 70, 500, 900 };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        w.pairs = sizes[i];
        assert_int_equal(city_fixture_read(c, clock_body, &w, NULL), 0);
        assert_int_equal(w.rc, 0);
        assert_int_equal(w.state, CLOCK_PAUSED);
    }
    w.pairs = CLOCK_PAUSES_MAX; /* and one more than it may hold is refused, not left out */
    assert_int_equal(city_fixture_read(c, clock_body, &w, NULL), 0);
    assert_int_equal(w.rc, ERR_LIMIT);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_the_clock_reads_the_whole_log) };
    return CITY_FIXTURE_RUN("item log", tests);
}
