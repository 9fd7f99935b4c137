/* health: what each fact means, and that what pages are told changes when it does. */
#include "web/health.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { NOW = 1794790800, MINUTE = 60000, HOUR = 60 * MINUTE };

/* Nothing to do anywhere. */
static struct health well(void) {
    struct health h = { .now_ms = INT64_C(1000) * NOW, .entries = 10, .head_size = 10, .disk_free = 90, .disk_all = 100,
                        .connections_max = 100, .leaves = true,
                        .year = 2026, .month = 11, .year_known = true, .next_known = true };
    h.up_ms = h.now_ms - 24 * (int64_t)HOUR;
    h.head_ms = h.backup_ms = h.drill_ms = h.now_ms - HOUR;
    for (size_t i = 0; i < HEALTH_PEERS; i++) h.peer[i] = (struct health_peer){ .wanted = true, .since_ms = h.up_ms };
    return h;
}

static enum health_level level(const struct health *h, const char *id) {
    const char *at;
    enum health_level l;
    for (size_t i = 0; health_check(h, i, &at, &l); i++)
        if (strcmp(at, id) == 0) return l;
    fail_msg("no check %s", id);
    return HEALTH_WELL;
}

#define IS(h, id, want) assert_int_equal(level(&(h), id), want)

static void test_all_is_well(void **state) {
    struct health h = well();
    const char *id;
    enum health_level l;
    size_t n, i;
    (void)state;
    for (i = 0; health_check(&h, i, &id, &l); i++)
        if (l != HEALTH_WELL) fail_msg("%s", id);
    assert_int_equal(i, 18);
    assert_int_equal(health_worst(&h, &n), HEALTH_WELL);
    assert_int_equal(n, i);
}

static void test_holidays(void **state) {
    struct health h = well();
    (void)state;
    h.next_known = false;
    IS(h, "calendar", HEALTH_WATCH);
    h.month = 10; /* nobody can know yet */
    IS(h, "calendar", HEALTH_WELL);
    h.year_known = false;
    IS(h, "calendar", HEALTH_ACT);
    h = well();
    h.recounts = 1, h.recounts_oldest_ms = h.now_ms - 5 * (int64_t)MINUTE;
    IS(h, "calendar", HEALTH_WELL);
    h.recounts_oldest_ms = h.now_ms - 11 * (int64_t)MINUTE;
    IS(h, "calendar", HEALTH_WATCH);
    h.recounts_oldest_ms = h.now_ms - 3 * (int64_t)HOUR;
    IS(h, "calendar", HEALTH_ACT);
}

static void test_each_fact_is_judged(void **state) {
    struct health h = well();
    size_t n;
    (void)state;
    h.peer[0].since_ms = 0; /* keys is gone */
    IS(h, "keys", HEALTH_ACT);
    assert_int_equal(health_worst(&h, &n), HEALTH_ACT);
    assert_int_equal(n, 1);
    h.peer[0].here = true; /* or never was a process of its own */
    IS(h, "keys", HEALTH_WELL);
    h.peer[2] = (struct health_peer){ 0 }; /* no gateway */
    IS(h, "courier", HEALTH_WELL);
    h.peer[1].waiting = 21;
    IS(h, "press", HEALTH_WATCH);
    h = well();
    h.up_ms = h.now_ms - MINUTE;
    IS(h, "process", HEALTH_WATCH);
    h.store_read_ms = 201;
    IS(h, "store", HEALTH_WATCH);
    h.store_queued = 1001;
    IS(h, "store", HEALTH_ACT);
    h.audit_oldest_ms = h.now_ms - MINUTE;
    IS(h, "sequencer", HEALTH_WATCH);
    h.audit_oldest_ms--;
    IS(h, "sequencer", HEALTH_ACT);
    h.entries = 11; /* the head is an hour old, and there is something to sign */
    IS(h, "log", HEALTH_ACT);
    h = well();
    h.unsealed = true;
    IS(h, "log", HEALTH_ACT);
    h.lane_oldest_ms[0] = h.now_ms + HOUR; /* due later */
    IS(h, "messages-urgent", HEALTH_WELL);
    h.lane_oldest_ms[0] = h.now_ms - 31000;
    IS(h, "messages-urgent", HEALTH_WATCH);
    h.lane_oldest_ms[2] = h.now_ms - HOUR;
    IS(h, "messages-bulk", HEALTH_WELL);
    h.failing = 1;
    IS(h, "timers", HEALTH_WATCH);
    h.timers_oldest_ms = h.now_ms - 11 * MINUTE;
    IS(h, "timers", HEALTH_ACT);
    h.backup_ms = h.now_ms - 27 * (int64_t)HOUR;
    IS(h, "backup", HEALTH_WATCH);
    h.backup_ms = h.now_ms - 200 * (int64_t)HOUR;
    IS(h, "backup", HEALTH_ACT);
    h.backup_ms = 0;
    IS(h, "backup", HEALTH_WATCH);
    h.drill_failed = true;
    IS(h, "drill", HEALTH_ACT);
    h.drill_ms = 0;
    IS(h, "drill", HEALTH_WATCH);
    h.disk_free = 19;
    IS(h, "disk", HEALTH_WATCH);
    h.disk_free = 4;
    IS(h, "disk", HEALTH_ACT);
    h.connections = 91;
    IS(h, "connections", HEALTH_ACT);
}

static void test_the_key_follows_what_is_judged(void **state) {
    struct health h = well();
    uint64_t key = health_key(&h);
    (void)state;
    h.store_queued = 3; /* a figure that means nothing is no news */
    assert_true(health_key(&h) == key);
    h.failing = 1;
    uint64_t one = health_key(&h);
    assert_true(one != key);
    h.failing = 2; /* the same level; another job */
    assert_true(health_key(&h) != one);
    h = well();
    h.peer[3].since_ms = 0;
    assert_true(health_key(&h) != key);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_all_is_well), cmocka_unit_test(test_holidays),
                                        cmocka_unit_test(test_each_fact_is_judged),
                                        cmocka_unit_test(test_the_key_follows_what_is_judged) };
    return cmocka_run_group_tests_name("health", tests, NULL, NULL);
}
