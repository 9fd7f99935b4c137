/* Token buckets: the rate allowed, the wait told, and bounded harm under a flood of made-up keys (T34). */
#include "http/rate.h"

#include "os/os.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

static struct arena arena;
static const int64_t second = 1000000000;

static unsigned allowed(struct rate *r, enum route_rate class, const char *key, int64_t from_ns, int64_t to_ns,
                        unsigned tries) {
    unsigned ok = 0, retry;
    for (unsigned i = 0; i < tries; i++)
        ok += rate_take(r, class, str_of(key), from_ns + (to_ns - from_ns) / tries * i, &retry);
    return ok;
}

static void a_burst_and_then_the_rate(void **state) {
    struct rate *r = rate_new(&arena);
    unsigned retry = 0;
    (void)state;
    assert_int_equal(allowed(r, ROUTE_RATE_LOGIN, "192.0.2.1", 0, 0, 100), 20);
    assert_false(rate_take(r, ROUTE_RATE_LOGIN, S("192.0.2.1"), 0, &retry));
    assert_int_equal(retry, 6);
    assert_false(rate_take(r, ROUTE_RATE_LOGIN, S("192.0.2.1"), 5 * second, &retry));
    assert_int_equal(retry, 1);
    assert_true(rate_take(r, ROUTE_RATE_LOGIN, S("192.0.2.1"), 6 * second, &retry));
    unsigned hour = allowed(r, ROUTE_RATE_LOGIN, "192.0.2.2", 0, 3600 * second, 7200);
    assert_in_range(hour, 600, 640); /* 10 a minute, within 10 % */
    assert_true(rate_take(r, ROUTE_RATE_LOGIN, S("192.0.2.3"), 0, &retry)); /* others are not touched */
    struct bound_seen page, login; /* nor other classes */
    rate_use(r, ROUTE_RATE_PAGE, &page);
    assert_true(page.limit == 200 && page.peak == 0 && page.over == 0);
    assert_true(rate_take(r, ROUTE_RATE_PAGE, S("192.0.2.1"), 0, &retry));
    rate_use(r, ROUTE_RATE_PAGE, &page);
    rate_use(r, ROUTE_RATE_LOGIN, &login);
    assert_true(page.peak == 1 && login.peak == 20 && login.limit == 20);
    assert_int_equal(login.over, 80 + 2 + 7200 - hour); /* as often as one was refused */
}

static void a_million_made_up_keys_change_little(void **state) {
    struct rate *r = rate_new(&arena);
    size_t used = arena.used_bytes;
    unsigned retry, freed = 0;
    char key[32];
    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        (void)snprintf(key, sizeof key, "bad%u", i);
        (void)allowed(r, ROUTE_RATE_LOGIN, key, 0, 0, 25);
    }
    for (unsigned i = 0; i < 1000000; i++) {
        (void)snprintf(key, sizeof key, "spoof%u", i);
        assert_true(rate_take(r, ROUTE_RATE_LOGIN, str_of(key), second, &retry));
    }
    assert_int_equal(arena.used_bytes, used);
    for (unsigned i = 0; i < 100; i++) { /* those who used up their burst are still known, but for a full set of them */
        (void)snprintf(key, sizeof key, "bad%u", i);
        freed += rate_take(r, ROUTE_RATE_LOGIN, str_of(key), second, &retry);
    }
    assert_true(freed <= 2);
}

static void a_network_of_ipv6_is_one_key(void **state) {
    (void)state;
    assert_true(str_eq(rate_peer(&arena, S("2001:db8::1")), rate_peer(&arena, S("2001:db8::ffff:2"))));
    assert_false(str_eq(rate_peer(&arena, S("2001:db8:0:1::1")), rate_peer(&arena, S("2001:db8::1"))));
    assert_true(str_eq(rate_peer(&arena, S("192.0.2.1")), S("192.0.2.1")));
    assert_false(str_eq(rate_peer(&arena, S("::ffff:192.0.2.1")), rate_peer(&arena, S("::ffff:192.0.2.2"))));
}

static void a_session_counts_for_itself_once_it_proved_true(void **state) {
    struct rate *r = rate_new(&arena);
    const struct str session = S("session"), peer = S("192.0.2.1");
    (void)state;
    assert_true(str_eq(rate_key(r, ROUTE_RATE_PAGE, session, peer, 0), peer));
    rate_know(r, session, 0);
    assert_true(str_eq(rate_key(r, ROUTE_RATE_PAGE, session, peer, second), session));
    assert_true(str_eq(rate_key(r, ROUTE_RATE_PAGE, S("other"), peer, second), peer));
    assert_true(str_eq(rate_key(r, ROUTE_RATE_LOGIN, session, peer, second), peer)); /* passwords are tried by peers */
    assert_true(str_eq(rate_key(r, ROUTE_RATE_PAGE, session, peer, 3601 * second), peer));
    rate_know(r, session, 0);
    rate_forget(r, session);
    assert_true(str_eq(rate_key(r, ROUTE_RATE_PAGE, session, peer, second), peer));
}

/* 1,000 people of one office sign in within a minute; who guesses there is stopped after twenty. */
static void what_was_right_does_not_count(void **state) {
    struct rate *r = rate_new(&arena);
    const struct str office = S("192.0.2.1");
    unsigned retry;
    (void)state;
    for (int i = 0; i < 1000; i++) {
        assert_true(rate_take(r, ROUTE_RATE_LOGIN, office, i * second / 20, &retry));
        rate_give(r, ROUTE_RATE_LOGIN, office, i * second / 20);
    }
    assert_int_equal(allowed(r, ROUTE_RATE_LOGIN, "192.0.2.1", 50 * second, 50 * second, 100), 20);
    for (int i = 0; i < 3; i++) rate_give(r, ROUTE_RATE_LOGIN, office, 1000 * second); /* full is full */
    assert_int_equal(allowed(r, ROUTE_RATE_LOGIN, "192.0.2.1", 1000 * second, 1000 * second, 100), 20);
}

/* A city's sessions of an hour, more than there are buckets, take no room from what is counted against a guesser. */
static void many_known_sessions_hide_no_guesser(void **state) {
    struct rate *r = rate_new(&arena);
    unsigned retry, freed = 0, known = 0;
    char key[32];
    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        (void)snprintf(key, sizeof key, "bad%u", i);
        (void)allowed(r, ROUTE_RATE_LOGIN, key, 0, 0, 25);
    }
    for (unsigned i = 0; i < 200000; i++) {
        (void)snprintf(key, sizeof key, "session%u", i);
        rate_know(r, str_of(key), second);
    }
    for (unsigned i = 0; i < 100; i++) {
        (void)snprintf(key, sizeof key, "bad%u", i);
        freed += rate_take(r, ROUTE_RATE_LOGIN, str_of(key), second, &retry);
    }
    assert_int_equal(freed, 0);
    for (unsigned i = 0; i < 1000000; i++) { /* nor do made-up peers take it from the sessions */
        (void)snprintf(key, sizeof key, "spoof%u", i);
        (void)rate_take(r, ROUTE_RATE_PAGE, str_of(key), second, &retry);
    }
    for (unsigned i = 199000; i < 200000; i++) {
        (void)snprintf(key, sizeof key, "session%u", i);
        known += str_eq(rate_key(r, ROUTE_RATE_PAGE, str_of(key), S("peer"), second), str_of(key));
    }
    assert_true(known > 900);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_and_then_the_rate),
        cmocka_unit_test(a_million_made_up_keys_change_little), cmocka_unit_test(many_known_sessions_hide_no_guesser),
        cmocka_unit_test(a_session_counts_for_itself_once_it_proved_true),
        cmocka_unit_test(what_was_right_does_not_count),
        cmocka_unit_test(a_network_of_ipv6_is_one_key),
    };
    arena_init(&arena, "test", 64 * 1024 * 1024);
    int r = cmocka_run_group_tests(tests, NULL, NULL);
    arena_done(&arena);
    return r;
}
